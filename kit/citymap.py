"""A city with its neighbors -> a still map: adjoining counties and cities that share, with names that do not meet."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from kit.findings import Table
from kit.geography import neighbors, place_shape, places_within
from kit.graphic import Graphic, plots
from kit.land import GEOGRAPHIC, Land, areas, drawn, framed, projected
from kit.maps import NONE
from kit.places import Place, county_by_geoid, county_shapes
from kit.sheet import BLUE, INK, OCHRE, QUIET, RED, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Unpack

    import pandas as pd
    from numpy.typing import NDArray

    from kit.charts import Words
    from kit.land import Frame
    from kit.sheet import Sheet

_MOST_SAID = 8

WAYS = {
    "gets": ("o", RED, "Gets data"),
    "gives": ("s", BLUE, "Gives data"),
    "both": ("D", OCHRE, "Gives and gets data"),
}
"""How the map marks who gives data and who gets it: the shape, the color and the words."""

_HERE, _CITY = ("*", INK), "#f3e2a9"
_SHARES = "#c7e9b4"


def city_map(name: str, headline: str, place: Place, near: pd.DataFrame, **words: Unpack[Words]) -> Graphic:
    """Draw a city with the adjoining counties and the cities that share, as `kit.coverage.near` gives them.

    The city is drawn as its outline where a file of outlines is here (`kit fetch census-boundaries --layer place`),
    else as a point; the subtitle says which. PlaceError where the place has no point.
    """
    from shapely import to_geojson

    shape = place_shape(place)
    is_outline = shape.basis == "boundary"
    how = f"an outline ({shape.source})" if is_outline else "a point: no file of city outlines is here"
    subtitle = f"{words['subtitle']} {place.name} is drawn as {how}."
    cities = near[near["kind"] == "city"]
    behind = Table(headline, ("Agency", "Where", "What"), tuple(_near_rows(near)))
    data = {
        "name": place.name,
        "at": [place.lon, place.lat],
        "outline": to_geojson(shape.geometry.simplify(0.0005)) if is_outline else "",
        "state": place.state,
        "home": place.county_geoid,
        "counties": sorted(_adjoining(place, near)),
        "cities": _near_cities(place, cities),
    }
    alt = f"Map of {place.name} and its neighbors. {headline} {subtitle} {_said(behind)}."
    return Graphic(
        "city map", name, headline, subtitle=subtitle, source=words["source"], alt=alt, behind=behind, data=data
    )


def _said(table: Table) -> str:
    """Say the first rows of the table, for an alt text."""
    listed = [f"{agency} {what}" for agency, _, what in table.rows[:_MOST_SAID]]
    more = len(table.rows) - len(listed)
    return "; ".join([*listed, *([f"{more} more in the table"] if more else [])]) or "None of them stands in the lists"


def _near_rows(near: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for agency, where, kind, gives, gets in zip(
        *(near[column] for column in ("agency", "place", "kind", "gives", "gets")), strict=True
    ):
        yield agency, f"{where} ({kind})", WAYS[_way(gives=gives, gets=gets)][2].lower()


def _way(*, gives: bool, gets: bool) -> str:
    return "both" if gives and gets else "gives" if gives else "gets"


def _adjoining(place: Place, near: pd.DataFrame) -> Iterator[str]:
    """Give the codes of the adjoining counties that share."""
    counties = near[near["kind"] == "adjoining county"]
    named = set(zip(counties["place"], counties["state"], strict=True))
    for one in neighbors(place.county_geoid):
        if (one.county.full_name, one.county.state) in named:
            yield one.county.geoid


def _near_cities(place: Place, cities: pd.DataFrame) -> list[list[Any]]:
    """Give name, point and way of each city, the nearest first; a city with several agencies once."""
    if cities.empty:
        return []
    points = {
        (one.place.name, one.place.state, one.km): (one.place.lon, one.place.lat)
        for one in places_within(place, float(cities["km"].max()) + 0.01)
        if isinstance(one.place, Place)
    }
    ways = cities.groupby(["km", "place", "state"], sort=True)[["gives", "gets"]].any()
    return [
        [name, *points[name, state, km], _way(gives=gives, gets=gets)]
        for (km, name, state), (gives, gets) in zip(ways.index, ways.to_numpy().tolist(), strict=True)
        if (name, state, km) in points
    ]


@plots("city map", beside=True)
def _plot_city(sheet: Sheet, graphic: Graphic) -> None:
    said = graphic.data
    crs = f"+proj=laea +lat_0={said['at'][1]:.3f} +lon_0={said['at'][0]:.3f} +datum=WGS84 +units=m"
    cities = projected([said["at"], *(city[1:3] for city in said["cities"])], crs)
    land = _around(said["home"], crs, _window(cities))
    _city_key(sheet, said)
    frame = framed(sheet, land.bounds)
    shades = {geoid: _SHARES if geoid in said["counties"] else NONE for geoid in land.shapes}
    areas(sheet, frame, land, shades)
    if said["outline"]:
        areas(sheet, frame, Land({"": _outline(said["outline"], crs)}, land.bounds, crs), {"": _CITY}, edge=INK)
    at = frame.at(cities)
    labels = _Labels(sheet, frame, land)
    labels.keep(at, 10)
    for way, (sign, color, _) in WAYS.items():
        some = at[[False, *(city[3] == way for city in said["cities"])]]
        sheet.dot(some[:, 0], some[:, 1], color, sign=sign, wide=9 if sign != "D" else 8)
    if not said["outline"]:
        sheet.dot(at[:1, 0], at[:1, 1], _HERE[1], sign=_HERE[0], wide=18)
    labels.put(at[0], said["name"], sheet.size.text, 11, bold=True)
    for geoid, shape in land.shapes.items():
        labels.inside(shape, _county_name(geoid), sheet.size.small)
    for (name, *_), where in zip(said["cities"], at[1:], strict=True):
        labels.put(where, name, sheet.size.small, 7)


def _city_key(sheet: Sheet, said: Mapping[str, Any]) -> None:
    """Set the key, of what there is on the map."""
    items = [("box", _CITY, said["name"]) if said["outline"] else (*_HERE, said["name"])]
    items += [sign for way, sign in WAYS.items() if any(city[3] == way for city in said["cities"])]
    if said["counties"]:
        items.append(("box", _SHARES, "Adjoining county that shares"))
    sheet.key(items)


def _county_name(geoid: str) -> str:
    county = county_by_geoid(geoid)
    return county.full_name if county else ""


def _window(points: NDArray[Any]) -> tuple[float, float, float, float]:
    """Give bounds (meters) around points: no narrower than 30 km, from as high as wide to seven tenths of that."""
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    wide, high = max((east - west) * 1.3, 30_000.0), max((north - south) * 1.2, 21_000.0)
    wide, high = max(wide, high), max(high, wide * 0.7)
    x, y = (west + east) / 2, (south + north) / 2
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


@cache
def _around(home: str, crs: str, bounds: tuple[float, float, float, float]) -> Land:
    """Give the counties in a window around a county, cut at its edges."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    codes = {geoid[:2] for geoid in (home, *(one.county.geoid for one in neighbors(home)))}
    near = gpd.GeoSeries([shapely.box(*bounds)], crs=crs).to_crs(GEOGRAPHIC).total_bounds
    west, south, east, north = near
    shapes = pd.concat([county_shapes(code).cx[west:east, south:north] for code in sorted(codes)]).to_crs(crs)
    shapes = shapes.set_geometry(shapes.geometry.clip_by_rect(*bounds))
    shapes = drawn(shapes[~shapes.geometry.is_empty])
    return Land(dict(zip(shapes["geoid"], shapes.geometry, strict=True)), bounds, crs)


def _outline(geojson: str, crs: str) -> Any:  # noqa: ANN401  (any geometry)
    import geopandas as gpd
    from shapely import from_geojson

    return gpd.GeoSeries([from_geojson(geojson)], crs=GEOGRAPHIC).to_crs(crs).iloc[0]


class _Labels:
    """Names on a map, each where it covers no other and no sign; one for which there is no room is left out."""

    def __init__(self, sheet: Sheet, frame: Frame, land: Land) -> None:
        """Start with an empty map."""
        import numpy as np

        west, south, east, north = land.bounds
        (left, top), (right, bottom) = frame.at(np.array([(west, north), (east, south)]))
        self.sheet, self.frame, self.edges = sheet, frame, (left, top, right, bottom)
        self.taken: list[tuple[float, float, float, float]] = []

    def keep(self, points: NDArray[Any], wide: float) -> None:
        """Keep the place of signs free."""
        self.taken += [(x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2) for x, y in points]

    def put(self, at: Sequence[float], name: str, px: float, gap: float, *, bold: bool = False) -> None:
        """Set a name beside a point: right, left, above, below or at a corner."""
        x, y, wide, high = at[0], at[1], width_of(name, px, bold=bold), px * 1.15
        right, left, middle = x + gap, x - gap - wide, x - wide / 2
        above, below, level = y - gap - high, y + gap, y - high / 2
        sides = [(right, level), (left, level), (middle, above), (middle, below)]
        corners = [(right, above), (right, below), (left, above), (left, below)]
        if spot := self._free_spot([*sides, *corners], wide, high):
            self.sheet.text(spot[0], spot[1] + high / 2, name, px, bold=bold)

    def inside(self, shape: Any, name: str, px: float) -> None:  # noqa: ANN401  (any geometry)
        """Set a name inside an area, as near to its middle as there is room."""
        import numpy as np
        import shapely

        wide, high = width_of(name, px), px * 1.15
        x, y = (np.linspace(*ends, 15) for ends in zip(shape.bounds[:2], shape.bounds[2:], strict=True))
        spots = np.array([(a, b) for a in x for b in y])
        reach = np.array([wide, high]) / 2 / self.frame.scale
        (west, south), (east, north) = (spots - reach).T, (spots + reach).T
        boxes = shapely.box(west, south, east, north)
        fit = spots[shapely.contains(shape, boxes)]
        middle = shapely.get_coordinates(shape.representative_point())
        near = fit[np.argsort(((fit - middle) ** 2).sum(axis=1), kind="stable")]
        if spot := self._free_spot((self.frame.at(near) - (wide / 2, high / 2)).tolist(), wide, high):
            self.sheet.text(spot[0], spot[1] + high / 2, name, px, color=QUIET)

    def _free_spot(self, spots: Iterable[Sequence[float]], wide: float, high: float) -> Sequence[float] | None:
        """Give the first upper left corner with room for so much, and take it."""
        for spot in spots:
            box = (spot[0] - 1, spot[1], spot[0] + wide + 1, spot[1] + high)
            if self._is_free(box):
                self.taken.append(box)
                return spot
        return None

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = self.edges
        if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
            return False
        return not any(box[0] < x2 and x1 < box[2] and box[1] < y2 and y1 < box[3] for x1, y1, x2, y2 in self.taken)
