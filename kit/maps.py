"""Findings -> still maps: a state's counties, the reach of a list over the country."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kit.findings import Finding, Table
from kit.geography import unbroken
from kit.graphic import Graphic, plots
from kit.land import Land, areas, border, drawn, framed, projected
from kit.places import county_by_geoid, county_shapes, state_shapes, states
from kit.sheet import INK, OCHRE, PAPER, QUIET, RED, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Unpack

    import geopandas as gpd
    import pandas as pd

    from kit.charts import Words
    from kit.land import Frame
    from kit.places import State
    from kit.sheet import Sheet

NONE = "#e8e8e8"
"""The shade of a county or state where no agency is known."""

SIGNS = {
    "agency": ("o", RED, "Agency, at its city"),
    "immigration": ("D", INK, "Immigration enforcement"),
    "bridge": ("^", OCHRE, "Task force, HIDTA or fusion center"),
}
"""How maps mark agencies: the shape, the color and the words of each class."""

# ColorBrewer's YlGnBu, five steps: safe for color-blind readers and in gray print.
_SHADES = ("#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
_EQUAL_AREA = "EPSG:5070"
# State, equal-area projection, and where it is set into the map, in parts of it (left, bottom, width, height).
_INSETS = (("AK", "EPSG:3338", (0.0, 0.0, 0.25, 0.27)), ("HI", "EPSG:26963", (0.26, 0.0, 0.13, 0.13)))
# Of Hawaii the eight large islands are drawn: those to the northwest are specks, and a thousand miles long.
_HAWAII = (-161, 18.8, -154, 23)
# On so many states the number itself stands, where there is room.
_MOST_LABELS = 12
_BRIDGES = {"fusion_center", "task_force"}


def classes(values: Sequence[int]) -> list[int]:
    """Give the upper bound of each class of counts, by natural breaks: one outlier does not flatten the rest."""
    different = sorted({value for value in values if value > 0})
    if len(different) <= len(_SHADES):
        return different
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it would be faster with numba; there are 60 values
        from mapclassify import FisherJenks

        return [int(bound) for bound in FisherJenks(sorted(v for v in values if v > 0), k=len(_SHADES)).bins]


def shade(value: int, bounds: Sequence[int]) -> str:
    """Give the color of a count; with few classes the shades lie far apart."""
    if value <= 0:
        return NONE
    step = next((i for i, bound in enumerate(bounds) if value <= bound), len(bounds) - 1)
    return _SHADES[2 if len(bounds) == 1 else round(step * (len(_SHADES) - 1) / (len(bounds) - 1))]


def classes_said(values: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Give the color and the words of each class, by the counts that are in it, and of none first."""
    bounds = classes(values)
    yield NONE, "None known"
    for under, bound in pairwise([0, *bounds]):
        there = [value for value in values if under < value <= bound]
        text = f"{min(there):,}" if min(there) == max(there) else f"{min(there):,} to {max(there):,}"
        yield shade(bound, bounds), text


def sign_of(kind: str, group: str) -> str:
    """Give the class of SIGNS that an agency of a kind and group is marked by."""
    return "immigration" if group == "immigration_enforcement" else "bridge" if kind in _BRIDGES else "agency"


# --- a state's counties ------------------------------------------------------------------------


def county_map(
    name: str,
    headline: str,
    state: State,
    counts: Mapping[str, Finding],
    points: pd.DataFrame,
    **words: Unpack[Words],
) -> Graphic:
    """Draw a state's counties shaded by a finding each (keys: county GEOIDs) with the agencies as points.

    `points` needs lat and lon (EPSG:4326 degrees); with kind and group too, immigration enforcement and bridges
    have signs of their own. Drawn in an equal-area projection of the state's own.
    """
    known = {geoid: county for geoid in counts if (county := county_by_geoid(geoid)) and county.state == state.code}
    behind = _behind(headline, "County", [(one.full_name, counts[geoid]) for geoid, one in known.items()])
    alt = f"County map of {state.name}. {headline} {words['subtitle']} {_said(behind)}"
    codes = {one.full_name: geoid for geoid, one in known.items()}
    data = {"state": state.code, "counts": _highs(counts), "codes": codes, "points": _places(points)}
    return Graphic("county map", name, headline, **words, alt=alt, behind=behind, data=data)


@plots("county map", beside=True)
def _plot_counties(sheet: Sheet, graphic: Graphic) -> None:
    said = graphic.data
    land, counts = _counties(said["state"]), said["counts"]
    signs = {sign for *_, sign in said["points"]}
    _key(sheet, [counts.get(geoid, 0) for geoid in land.shapes], signs)
    frame = framed(sheet, land.bounds)
    bounds = classes([*counts.values()])
    areas(sheet, frame, land, {geoid: shade(counts.get(geoid, 0), bounds) for geoid in land.shapes})
    border(sheet, frame, land)
    _marks(sheet, frame, land.crs, said["points"])


@cache
def _counties(code: str) -> Land:
    """Give a state's counties as they are drawn, in an equal-area plane of its own."""
    shapes = county_shapes(code)
    west, south, east, north = unbroken(shapes).total_bounds
    # The datum of the points, too: to look for the way between two would take longer than to draw the map.
    own = f"+proj=laea +lat_0={(south + north) / 2:.2f} +lon_0={(west + east) / 2:.2f} +datum=WGS84 +units=m"
    return _land(drawn(shapes.to_crs(own)), "geoid", own)


def _land(shapes: gpd.GeoDataFrame, code: str, crs: str) -> Land:
    west, south, east, north = map(float, shapes.total_bounds)
    return Land(dict(zip(shapes[code], shapes.geometry, strict=True)), (west, south, east, north), crs)


# --- the reach of a list over the country ------------------------------------------------------


def reach_map(name: str, headline: str, counts: Mapping[str, Finding], **words: Unpack[Words]) -> Graphic:
    """Draw the states shaded by a finding each (keys: postal codes), Alaska and Hawaii set in."""
    named = {state.code: state.name for state in states()}
    behind = _behind(headline, "State", [(named[code], found) for code, found in counts.items() if code in named])
    alt = f"Map of the United States. {headline} {words['subtitle']} {_said(behind)}"
    data = {"counts": _highs(counts), "codes": {named[code]: code for code in counts if code in named}}
    return Graphic("reach map", name, headline, **words, alt=alt, behind=behind, data=data)


@plots("reach map", beside=True)
def _plot_reach(sheet: Sheet, graphic: Graphic) -> None:
    land, counts = _country(), graphic.data["counts"]
    known = {code: count for code, count in counts.items() if code in land.shapes}
    _key(sheet, [known.get(code, 0) for code in land.shapes], ())
    frame = framed(sheet, land.bounds)
    bounds = classes([*known.values()])
    colors = {code: shade(known.get(code, 0), bounds) for code in land.shapes}
    areas(sheet, frame, land, colors, edge=QUIET)
    for name, found in graphic.behind.rows[:_MOST_LABELS]:
        code = graphic.data["codes"][name]
        _number(sheet, frame, land.shapes[code], found.text, colors[code])  # type: ignore[union-attr]


@cache
def _country() -> Land:
    """Give the states in one plane, Alaska and Hawaii moved and made smaller."""
    import shapely
    from shapely.affinity import scale, translate

    all_states = state_shapes()
    all_states = all_states[all_states["state"].isin([state.code for state in states()])]
    lower = _land(drawn(all_states[~all_states["state"].isin(["AK", "HI"])].to_crs(_EQUAL_AREA)), "state", _EQUAL_AREA)
    west, south, east, north = lower.bounds
    shapes = dict(lower.shapes)
    for code, crs, (left, bottom, wide, high) in _INSETS:
        one = all_states[all_states["state"] == code]
        one = one.set_geometry(one.geometry.clip_by_rect(*_HAWAII)) if code == "HI" else one
        shape = drawn(one.to_crs(crs)).geometry.iloc[0]
        x, y, right, top = shape.bounds
        factor = min((east - west) * wide / (right - x), (north - south) * high / (top - y))
        to = (west + left * (east - west) - x, south + bottom * (north - south) - y)
        shapes[code] = translate(scale(shape, factor, factor, origin=(x, y)), *to)
    west, south, east, north = map(float, shapely.total_bounds(list(shapes.values())))
    return Land(shapes, (west, south, east, north), _EQUAL_AREA)


def _number(sheet: Sheet, frame: Frame, shape: Any, said: str, color: str) -> None:  # noqa: ANN401  (any geometry)
    """Set a number into an area, if there is room for all of it."""
    import numpy as np
    import shapely

    px = sheet.size.small
    inside = max(shapely.get_parts(shape), key=lambda part: part.area)
    middle = shapely.maximum_inscribed_circle(inside, 2 / frame.scale).coords[0]
    wide, high = width_of(said, px) / frame.scale, px * 1.1 / frame.scale
    x, y = middle[0], middle[1]
    if inside.contains(shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)):
        ((left, top),) = frame.at(np.array([(x, y)]))
        sheet.text(left, top, said, px, align="center", color=PAPER if color in _SHADES[3:] else INK)


# --- what all still maps have ------------------------------------------------------------------


def _places(points: pd.DataFrame) -> list[list[Any]]:
    """Give longitude, latitude and sign of each place where an agency is, once."""
    blank = [""] * len(points)
    kinds, groups = points.get("kind", blank), points.get("group", blank)
    found = {
        (round(float(lon), 4), round(float(lat), 4), sign_of(kind, group))
        for lon, lat, kind, group in zip(points["lon"], points["lat"], kinds, groups, strict=True)
    }
    return [list(one) for one in sorted(found)]


def _marks(sheet: Sheet, frame: Frame, crs: str, places: Sequence[Sequence[Any]]) -> None:
    """Draw the agencies, those with a sign of their own on top."""
    for name, (sign, color, _) in SIGNS.items():
        at = frame.at(projected([place[:2] for place in places if place[2] == name], crs))
        sheet.dot(at[:, 0], at[:, 1], color, sign=sign, wide=6 if sign == "o" else 8)


def _key(sheet: Sheet, values: Sequence[int], signs: Iterable[str]) -> None:
    """Set the key: the classes by the counts that are in them, and the signs that are drawn."""
    sheet.key(
        [
            *(("box", color, words) for color, words in classes_said(values)),
            *(sign for name, sign in SIGNS.items() if name in signs),
        ]
    )


def _highs(counts: Mapping[str, Finding]) -> dict[str, int]:
    return {code: found.high for code, found in sorted(counts.items())}


def _behind(headline: str, head: str, found: Sequence[tuple[str, Finding]]) -> Table:
    rows = sorted(found, key=lambda row: (-row[1].high, row[0]))
    return Table(headline, (head, "Agencies"), tuple(rows))


def _said(table: Table) -> str:
    """Say the first rows of a table, for an alt text."""
    most = [f"{row[0]} {row[1].text}" for row in table.rows[:8] if isinstance(row[1], Finding)]
    more = f"; {len(table.rows) - 8} more in the table" if len(table.rows) > 8 else ""
    return f"{'; '.join(most)}{more}." if most else "None is known."
