"""Findings -> maps: still ones for print, interactive ones that need no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
from dataclasses import dataclass, field
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.charts import INK, QUIET, RED, WIDTH, Graphic, drawing, finish
from kit.errors import DataError
from kit.findings import Finding, Table
from kit.places import State, county_shapes, state_shapes, states

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import folium
    import geopandas as gpd
    import pandas as pd
    from branca.element import Element

_NONE = "#f2f2f2"
# ColorBrewer's YlGnBu, five steps: safe for color-blind readers and in gray print.
_SHADES = ("#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
_LEAFLET = Path(__file__).parent / "vendor" / "leaflet"
_EQUAL_AREA = "EPSG:5070"
# No tiles lie under the boundaries: around them is paper.
_PAPER = ".leaflet-container{background:#fff}"
# State, equal-area projection, and where it is set into the map (left, bottom, width, height).
_INSETS = (("AK", "EPSG:3338", (0.0, 0.0, 0.25, 0.27)), ("HI", "EPSG:26963", (0.26, 0.0, 0.13, 0.13)))
# The finest detail drawn is this part of a map's longer side.
_LINES = 1200


def classes(values: Sequence[int]) -> list[int]:
    """Give the upper bound of each class of counts, by natural breaks: one outlier does not flatten the rest."""
    different = sorted({value for value in values if value > 0})
    if len(different) <= len(_SHADES):
        return different
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it would be faster with numba; there are 60 values
        from mapclassify import FisherJenks

        return [int(bound) for bound in FisherJenks(sorted(v for v in values if v > 0), k=len(_SHADES)).bins]


def county_map(  # noqa: PLR0913
    name: str,
    headline: str,
    state: State,
    counts: Mapping[str, Finding],
    points: pd.DataFrame,
    *,
    subtitle: str,
    source: str,
) -> Graphic:
    """Draw a state's counties shaded by a finding each (keys: county GEOIDs) with the agencies as points.

    `points` needs lat and lon (EPSG:4326 degrees); drawn in an equal-area projection of the state's own.
    """
    shapes = county_shapes(state.code)
    center = shapes.union_all().representative_point()
    own = f"+proj=laea +lat_0={center.y:.2f} +lon_0={center.x:.2f} +datum=NAD83 +units=m"
    shapes = _drawn(shapes.to_crs(own))
    values = shapes["geoid"].map(lambda geoid: counts[geoid].high if geoid in counts else 0)
    bounds = classes(list(values))
    figure, axes = _canvas(shapes)
    shapes.plot(ax=axes, color=[_shade(value, bounds) for value in values], edgecolor="white", linewidth=0.6)
    shapes.dissolve().boundary.plot(ax=axes, color=QUIET, linewidth=0.6)
    if len(points):
        at = _points(points).to_crs(own)
        axes.scatter(at.geometry.x, at.geometry.y, s=11, color=RED, edgecolor="white", linewidth=0.5, zorder=3)
    _key(figure, axes, list(values), points="An agency's city" if len(points) else "")
    named = dict(zip(shapes["geoid"], shapes["full_name"], strict=True))
    behind = _behind(headline, "County", [(named[geoid], found) for geoid, found in counts.items() if geoid in named])
    alt = f"County map of {state.name}. {headline} {subtitle} {_said(behind)}"
    return finish(figure, name, headline, subtitle=subtitle, source=source, alt=alt, behind=behind)


def reach_map(name: str, headline: str, counts: Mapping[str, Finding], *, subtitle: str, source: str) -> Graphic:
    """Draw the states shaded by a finding each (keys: postal codes), Alaska and Hawaii set in."""
    shapes = state_shapes()
    shapes = shapes[shapes["state"].isin([state.code for state in states()])]
    shapes = shapes.set_geometry(shapes.geometry.clip_by_rect(-180, 18.8, 0, 72))
    values = {code: found.high for code, found in counts.items()}
    bounds = classes(list(values.values()))
    lower = _drawn(shapes[~shapes["state"].isin(["AK", "HI"])].to_crs(_EQUAL_AREA))
    figure, axes = _canvas(lower)
    _shaded(lower, axes, values, bounds)
    for code, crs, box in _INSETS:
        inset = axes.inset_axes(box)
        inset.set_axis_off()
        _shaded(_drawn(shapes[shapes["state"] == code].to_crs(crs)), inset, values, bounds)
    _key(figure, axes, list(values.values()))
    named = dict(zip(shapes["state"], shapes["name"], strict=True))
    behind = _behind(headline, "State", [(named[code], found) for code, found in counts.items() if code in named])
    alt = f"Map of the United States. {headline} {subtitle} {_said(behind)}"
    return finish(figure, name, headline, subtitle=subtitle, source=source, alt=alt, behind=behind)


def _drawn(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out of boundaries what is finer than a map's line; neighbors keep their border in common."""
    import shapely

    west, south, east, north = shapes.total_bounds
    finest = max(east - west, north - south) / _LINES
    lines = shapely.coverage_simplify(shapes.geometry.values, finest)
    return shapes.set_geometry([_without_specks(shape, finest) for shape in lines])


def _without_specks(shape: Any, finest: float) -> Any:  # noqa: ANN401  (any geometry)
    """Leave out islands too small to see, never the whole of a shape."""
    from shapely.geometry import MultiPolygon

    parts = list(getattr(shape, "geoms", [shape]))
    seen = [part for part in parts if part.area > (2 * finest) ** 2]
    return MultiPolygon(seen or [max(parts, key=lambda part: part.area)])


def _shaded(shapes: gpd.GeoDataFrame, axes: Any, values: Mapping[str, int], bounds: list[int]) -> None:  # noqa: ANN401
    colors = [_shade(values.get(code, 0), bounds) for code in shapes["state"]]
    shapes.plot(ax=axes, color=colors, edgecolor=QUIET, linewidth=0.4)


def _shade(value: int, bounds: Sequence[int]) -> str:
    """Give the color of a count; with few classes the shades lie far apart."""
    if value <= 0:
        return _NONE
    step = next((i for i, bound in enumerate(bounds) if value <= bound), len(bounds) - 1)
    return _SHADES[_spread(step, len(bounds))]


def _spread(step: int, count: int) -> int:
    return 2 if count == 1 else round(step * (len(_SHADES) - 1) / (count - 1))


def _key(figure: Any, axes: Any, values: Sequence[int], *, points: str = "") -> None:  # noqa: ANN401
    """Set the key below the map: the classes, by the counts that are in them."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    bounds = classes(values)
    handles: list[Any] = [Patch(facecolor=_NONE, edgecolor=QUIET, linewidth=0.4, label="None known")]
    handles += [Patch(facecolor=_shade(bound, bounds), label=text) for bound, text in _classes_said(values, bounds)]
    if points:
        handles.append(Line2D([], [], marker="o", color="none", markerfacecolor=RED, markersize=5, label=points))
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=len(handles),
        frameon=False,
        fontsize=9,
        handlelength=1.2,
        columnspacing=1.2,
    )
    axes.set_axis_off()


def _classes_said(values: Sequence[int], bounds: Sequence[int]) -> Iterator[tuple[int, str]]:
    for under, bound in pairwise([0, *bounds]):
        there = [value for value in values if under < value <= bound]
        yield bound, f"{min(there):,}" if min(there) == max(there) else f"{min(there):,} to {max(there):,}"


def _canvas(shapes: gpd.GeoDataFrame) -> tuple[Any, Any]:
    """Open a figure with the proportions of the shapes, no taller than it is wide."""
    west, south, east, north = shapes.total_bounds
    tall = min(1.0, (north - south) / (east - west))
    figure, axes = drawing().subplots(figsize=(WIDTH, WIDTH * tall + 0.3), layout="constrained")
    axes.set_aspect("equal")
    axes.margins(0.01)
    return figure, axes


def _points(points: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    where = gpd.points_from_xy(points["lon"].astype(float), points["lat"].astype(float))
    return gpd.GeoDataFrame(points, geometry=where, crs="EPSG:4326")


def _behind(headline: str, head: str, found: Sequence[tuple[str, Finding]]) -> Table:
    rows = sorted(found, key=lambda row: (-row[1].high, row[0]))
    return Table(headline, (head, "Agencies"), tuple(rows))


def _said(table: Table) -> str:
    """Say the first rows of a table, for an alt text."""
    most = [f"{row[0]} {row[1].text}" for row in table.rows[:8] if isinstance(row[1], Finding)]
    more = f"; {len(table.rows) - 8} more in the table" if len(table.rows) > 8 else ""
    return f"{'; '.join(most)}{more}." if most else "None is known."


# --- interactive -----------------------------------------------------------------------------


@dataclass(frozen=True)
class SealedMap:
    """A folium map as one document that asks no other computer for anything."""

    title: str
    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        frame = 'class="map" sandbox="allow-scripts" width="100%" height="480" loading="lazy"'
        return f'<iframe {frame} title="{escape(self.title)}" srcdoc="{escape(self.html)}"></iframe>'


def atlas(state: State, counts: Mapping[str, Finding], points: pd.DataFrame, title: str) -> SealedMap:
    """Make the interactive map of a state: counties shaded, agencies as points with their names.

    `points` needs agency, lat and lon; names go in as data and come out as text.
    """
    import folium

    shapes = _drawn(county_shapes(state.code))
    shapes = shapes.set_geometry(shapes.geometry.set_precision(1e-4))
    bounds = classes([found.high for found in counts.values()])
    base = folium.Map(tiles=None, zoom_snap=0.25, attributionControl=False)
    base.default_js, base.default_css = [], []
    counted = [counts[geoid].high if geoid in counts else 0 for geoid in shapes["geoid"]]
    said = [f"{full}: {value or 'none known'}" for full, value in zip(shapes["full_name"], counted, strict=True)]
    colors = [_shade(value, bounds) for value in counted]
    layer = shapes[["geometry"]].assign(says=[escape(text) for text in said], color=colors)
    folium.GeoJson(
        json.loads(layer.to_json(drop_id=True)),
        name="Counties, by number of agencies",
        style_function=_county_style,
        tooltip=folium.GeoJsonTooltip(fields=["says"], labels=False, sticky=True),
        smooth_factor=0,
    ).add_to(base)
    if len(points):
        _agency_points(points).add_to(base)
    folium.LayerControl(collapsed=False).add_to(base)
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    if east - west > 180:
        west, east = -180.0, -129.0
    base.fit_bounds([[south, west], [north, east]])
    return seal(base, title)


def _county_style(feature: dict[str, Any]) -> dict[str, Any]:
    return {"fillColor": feature["properties"]["color"], "fillOpacity": 0.9, "color": "#ffffff", "weight": 1}


def _agency_points(points: pd.DataFrame) -> folium.GeoJson:
    """Make the layer of agencies: one point a place, with all the names there."""
    import folium

    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(there["lon"].iloc[0]), float(there["lat"].iloc[0])]},
            "properties": {"says": "<br>".join(escape(text) for text in dict.fromkeys(there["agency"]))},
        }
        for _, there in points.groupby(["lat", "lon"], sort=True)
    ]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name="Agencies, at their city",
        marker=folium.CircleMarker(radius=5, color="#ffffff", weight=1, fill_color=RED, fill_opacity=1),
        tooltip=folium.GeoJsonTooltip(fields=["says"], labels=False),
        popup=folium.GeoJsonPopup(fields=["says"], labels=False),
    )


def seal(made: folium.Map, title: str) -> SealedMap:
    """Put Leaflet itself into a folium map, and give its parts ids that are the same every time."""
    from branca.element import Element

    root: Any = made.get_root()
    for number, part in enumerate(_parts(root)):
        part._id = f"{number:04x}"  # noqa: SLF001  (branca takes it from the system's random source)
    root.header.add_child(Element(f"<style>{_leaflet()['css']}{_PAPER}</style>"), name="leaflet_css")
    root.header.add_child(Element(f"<script>{_leaflet()['js']}</script>"), name="leaflet_js")
    html = re.sub(
        r"<meta name=\"viewport\".*?/>",
        '<meta name="viewport" content="width=device-width">',
        root.render(),
        flags=re.DOTALL,
    )
    html = html.replace("<html>", '<html lang="en">', 1).replace("<head>", f"<head><title>{escape(title)}</title>", 1)
    if strange := re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*", html):
        msg = f"The map would load from another computer: {strange.group()[:100]}"
        raise DataError(msg, title, "Leave out the folium part that needs it.")
    return SealedMap(title, html)


def _parts(element: Element) -> Iterator[Element]:
    """Walk a branca tree from the root down, in the order in which it was built."""
    yield element
    for child in element._children.values():  # noqa: SLF001
        yield from _parts(child)


@cache
def _leaflet() -> dict[str, str]:
    """Read Leaflet with its pictures inside; DataError where a file is not the one that was checked in."""
    for line in (_LEAFLET / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        if hashlib.sha256((_LEAFLET / name).read_bytes()).hexdigest() != digest:
            msg = "A file of the map library is not the one that came with the kit."
            raise DataError(msg, f"kit/vendor/leaflet/{name}", "Get it back: git restore kit/vendor")
    css = re.sub(r"url\((images/[\w.-]+)\)", _as_data, (_LEAFLET / "leaflet.css").read_text(encoding="utf-8"))
    js = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8").split("//# sourceMappingURL")[0]
    return {"css": css, "js": js}


def _as_data(found: re.Match[str]) -> str:
    picture = (_LEAFLET / found[1]).read_bytes()
    return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"


__all__ = ["INK", "SealedMap", "atlas", "classes", "county_map", "reach_map", "seal"]
