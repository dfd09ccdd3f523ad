"""Where things lie: points in counties, neighbors, distances, areas, outlines of cities; county codes of other years.

Joins go by the counties of 2016 (`places.VINTAGE`), and say so. Boundaries are simplified: where a border runs
closer than BORDER_KM, a join names the counties on both sides. Distances are geodesic (WGS 84), areas equal-area.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from kit.errors import DataError, PlaceError
from kit.places import (
    VINTAGE,
    County,
    Place,
    all_places,
    county_by_geoid,
    county_shapes,
    find_state,
    places_named,
)
from kit.sharing import DATA, as_rows, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely
    from numpy.typing import NDArray
    from pyproj import Geod
    from shapely.geometry.base import BaseGeometry

KM_PER_MILE = 1.609344
"""The international mile."""

BORDER_KM = 0.5
"""How far a simplified border may lie from the true one: so much, the boundaries were simplified by."""

FARTHEST_KM = 10.0
"""How far off a coast or border a point may lie and still be joined to the nearest county."""

COUNTY_COLUMNS = ("county_geoid", "county", "county_state", "county_vintage", "county_km", "county_tie")

_CROSSWALK_COLUMNS = ("from_geoid", "from_name", "to_geoid", "to_name", "do")
_GEOGRAPHIC, _EQUAL_AREA = "EPSG:4326", "EPSG:5070"
# Shorter than any degree of latitude, so that a search by degrees misses nothing.
_KM_PER_DEGREE = 110.0
_PLACE_FILE = re.compile(r"cb_(?P<year>\d{4})_(?P<state>\d\d|us)_place_500k\.zip")
# A city's point and its outline are from different sources; farther apart they are two places of one name.
_SAME_PLACE_KM = 5.0

Border = Literal["line", "corner", "listed"]


class Neighbor(NamedTuple):
    """An adjoining county; `border` is `line`, `corner` (they meet at a point) or `listed`.

    `listed` ones do not touch in the boundary files, but the Census Bureau's county adjacency file has
    them: mostly they meet in water.
    """

    county: County
    border: Border


@dataclass(frozen=True)
class Nearby:
    """A place, from center to center, or a county, from border to border, and how far it is."""

    place: Place | County
    km: float

    @property
    def miles(self) -> float:
        """The distance in miles."""
        return self.km / KM_PER_MILE


class PlaceShape(NamedTuple):
    """A city's outline (`basis` is `boundary`) or, where no file of outlines is there, its point (`point`).

    EPSG:4326; `source` names the file and its year, or the gazetteer.
    """

    geometry: BaseGeometry
    basis: Literal["boundary", "point"]
    source: str


# --- county codes of other years -------------------------------------------------------------


def recode_counties(geoids: Iterable[str]) -> list[str]:
    """Give the county of 2016 for each county code of another year, one out a code in.

    Codes are never used again, so the code itself says of what years it is. Several may come to one county
    (02063 and 02066 are 02261): add up their counts. DataError where a code has no one county in 2016
    (Connecticut's planning regions) or is none. Source: `data/boundaries/crosswalk.csv`.
    """
    return [_recoded(geoid) for geoid in geoids]


def _recoded(geoid: str) -> str:
    if county_by_geoid(geoid):
        return geoid
    later = {row["to_geoid"] for row in _crosswalk() if row["from_geoid"] == geoid}
    earlier = {row["from_geoid"] for row in _crosswalk() if row["to_geoid"] == geoid}
    for found in (later, earlier):
        if len(found) == 1 and county_by_geoid(one := next(iter(found))):
            return one
    for row in _crosswalk():
        if geoid and geoid in (row["from_geoid"], row["to_geoid"]):
            name = row["from_name"] if geoid == row["from_geoid"] else row["to_name"]
            what = f"{geoid} ({name}) has no one county of {VINTAGE} to be joined to."
            raise DataError(what, "data/boundaries/crosswalk.csv", row["do"])
    do = "Write all five digits, a zero in front too: 06001. The codes are in data/boundaries/counties.csv."
    raise DataError(f'"{geoid}" is not a county code.', "the county codes", do)


@cache
def _crosswalk() -> tuple[dict[str, str], ...]:
    return tuple(as_rows(read_table(DATA / "boundaries" / "crosswalk.csv", _CROSSWALK_COLUMNS)))


# --- joins -----------------------------------------------------------------------------------


def with_county(points: gpd.GeoDataFrame, farthest_km: float = FARTHEST_KM) -> gpd.GeoDataFrame:
    """Join each point to its county of 2016, one row out a row in, in the order and CRS given.

    Adds COUNTY_COLUMNS: `county_km` is 0 inside a county, else how far the nearest is; `county_tie` has the
    other counties, semicolons between, that are not BORDER_KM farther than the one given: too close to tell.
    They are empty, and `county_km` missing, where no county is within `farthest_km` or there is no point.
    DataError where no CRS is set, or a geometry is no point.
    """
    import pandas as pd
    import shapely

    if points.crs is None:
        do = 'Say it: points.set_crs("EPSG:4326") for longitude and latitude.'
        raise DataError("The points do not say their coordinate system.", "their crs", do)
    spots = points.geometry.to_crs(_GEOGRAPHIC).to_numpy()
    there = ~(shapely.is_missing(spots) | shapely.is_empty(spots))
    if not all(spot.geom_type == "Point" for spot in spots[there]):
        raise DataError("A geometry is not a point.", "the points", "Take each shape's representative_point().")
    known = iter(_counties_at(spots[there], farthest_km))
    found = [next(known) if one else [] for one in there]
    joined = pd.DataFrame([_county_row(near) for near in found], columns=list(COUNTY_COLUMNS), index=points.index)
    return points.assign(**joined.astype({"county_km": "Float64"}))


def _county_row(near: list[tuple[float, str]]) -> tuple[str, str, str, str, float | None, str]:
    if not near or not (county := county_by_geoid(near[0][1])):
        return "", "", "", "", None, ""
    ties = [geoid for km, geoid in near[1:] if km - near[0][0] <= BORDER_KM]
    return county.geoid, county.full_name, county.state, VINTAGE, round(near[0][0], 3), ";".join(ties)


def _counties_at(spots: NDArray[np.object_], farthest_km: float) -> list[list[tuple[float, str]]]:
    """Give for each point the counties near it by distance, those that hold it (or touch it) at zero."""
    import numpy as np
    import shapely

    geoids, shapes, tree = _county_tree()
    inside: list[set[int]] = [set() for _ in spots]
    for point, county in zip(*tree.query(spots, predicate="intersects"), strict=True):
        inside[point].add(int(county))
    reach = np.where([bool(held) for held in inside], BORDER_KM, farthest_km + BORDER_KM)
    degrees = reach / _KM_PER_DEGREE / np.cos(np.radians(np.minimum(np.abs(shapely.get_y(spots)) + 1, 89)))
    near: list[list[tuple[float, str]]] = [[] for _ in spots]
    for point, county in zip(*tree.query(spots, predicate="dwithin", distance=degrees), strict=True):
        km = 0.0 if county in inside[point] else gap_km(spots[point], shapes[county])
        if km <= reach[point]:
            near[point].append((km, geoids[county]))
    near = [sorted(found) for found in near]
    return [found if found and found[0][0] <= farthest_km else [] for found in near]


@cache
def _county_tree() -> tuple[list[str], NDArray[np.object_], shapely.STRtree]:
    import shapely

    frame = county_shapes()
    shapes = frame.geometry.to_numpy()
    return frame["geoid"].tolist(), shapes, shapely.STRtree(shapes)


# --- neighbors and distances -----------------------------------------------------------------


def neighbors(geoid: str) -> tuple[Neighbor, ...]:
    """Give the counties that adjoin a county, across state lines too, by code.

    PlaceError where there is no such county in 2016. Source: `data/boundaries/adjacency.csv`.
    """
    _county(geoid)
    return tuple(Neighbor(_county(other), border) for other, border in _adjacency().get(geoid, ()))


@cache
def _adjacency() -> dict[str, list[tuple[str, Border]]]:
    borders: dict[str, Border] = {border: border for border in get_args(Border)}
    found: dict[str, list[tuple[str, Border]]] = {}
    for row in as_rows(read_table(DATA / "boundaries" / "adjacency.csv", ("geoid", "neighbor_geoid", "border"))):
        one, other, border = row["geoid"], row["neighbor_geoid"], borders[row["border"]]
        found.setdefault(one, []).append((other, border))
        found.setdefault(other, []).append((one, border))
    return {geoid: sorted(others) for geoid, others in found.items()}


def _county(geoid: str) -> County:
    if county := county_by_geoid(geoid):
        return county
    raise PlaceError(
        f'"{geoid}" is not the code of a county of {VINTAGE}.', "Place", "Give five digits, such as 06001."
    )


def counties_within(geoid: str, km: float) -> tuple[Nearby, ...]:
    """Give the other counties whose border lies within a distance of a county's own, the nearest first.

    So it finds the county over a bay, too. Distances are of simplified borders: right to BORDER_KM or so.
    """
    import numpy as np

    _county(geoid)
    geoids, shapes, tree = _county_tree()
    own = shapes[geoids.index(geoid)]
    top = min(max(abs(own.bounds[1]), abs(own.bounds[3])) + km / _KM_PER_DEGREE, 89.0)
    reach = km / _KM_PER_DEGREE / np.cos(np.radians(top))
    near = (int(other) for other in tree.query(own, predicate="dwithin", distance=reach))
    found = [Nearby(_county(geoids[other]), gap_km(own, shapes[other])) for other in near if geoids[other] != geoid]
    return tuple(sorted((one for one in found if one.km <= km), key=lambda one: (one.km, one.place.name)))


def places_within(place: Place, km: float) -> tuple[Nearby, ...]:
    """Give the places of the gazetteer within a distance of a place, across state lines, the nearest first.

    PlaceError where the place has no point. For miles: `places_within(place, 25 * KM_PER_MILE)`.
    """
    import numpy as np

    lon, lat = _point(place)
    others, at = _with_points()
    band = np.flatnonzero(np.abs(at[:, 1] - lat) <= km / _KM_PER_DEGREE)
    at = at[band]
    far = _geod().inv(np.full(len(at), lon), np.full(len(at), lat), at[:, 0], at[:, 1])[2] / 1000
    found = [
        Nearby(others[number], round(float(its), 3)) for number, its in zip(band, far, strict=True) if its <= km + 1
    ]
    kept = (one for one in found if one.km <= km and one.place != place)
    return tuple(sorted(kept, key=lambda one: (one.km, one.place.name)))


@cache
def _with_points() -> tuple[list[Place], NDArray[np.float64]]:
    """Give the places that have a point, and these (longitude and latitude)."""
    import numpy as np

    there = [place for place in all_places() if place.lon is not None]
    return there, np.array([(place.lon, place.lat) for place in there], dtype=float)


def distance_km(one: Place, other: Place) -> float:
    """Measure the geodesic distance between two places; PlaceError where one has no point."""
    return float(_geod().inv(*_point(one), *_point(other))[2]) / 1000


def gap_km(one: BaseGeometry, other: BaseGeometry) -> float:
    """Measure how far two shapes (EPSG:4326) are apart, 0 where they touch.

    The nearest points are found in a plane that is true at their latitude; their distance is geodesic.
    """
    import numpy as np
    import shapely

    latitude = one.centroid.y
    ends = np.zeros((2, 2))
    for _ in range(2):
        plane = np.array([np.cos(np.radians(latitude)), 1.0])
        line = shapely.shortest_line(*(shapely.transform(shape, lambda at: at * plane) for shape in (one, other)))  # noqa: B023
        ends = shapely.get_coordinates(line) / plane
        latitude = float(ends[:, 1].mean())
    return float(_geod().inv(*ends[0], *ends[1])[2]) / 1000


def _point(place: Place) -> tuple[float, float]:
    if place.lon is None or place.lat is None:
        where = f"{place.name}, {place.county}, {place.state}"
        raise PlaceError(f"No point is known for {place.name}.", where, "Measure from its county: counties_within.")
    return place.lon, place.lat


@cache
def _geod() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")


# --- areas, and shapes over 180 degrees ------------------------------------------------------


def area_km2(shapes: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.Series:
    """Measure the area of each shape in square kilometers, water inside its border too; DataError without a CRS.

    In EPSG:5070, an equal-area projection: it bends Alaska, Hawaii and the islands, but keeps their areas.
    """
    if shapes.crs is None:
        do = 'Say it: shapes.set_crs("EPSG:4326") for longitude and latitude.'
        raise DataError("The shapes do not say their coordinate system.", "their crs", do)
    return shapes.to_crs(_EQUAL_AREA).area / 1e6


def unbroken(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give shapes (EPSG:4326) with longitudes east of Greenwich counted on below -180 where both kinds are.

    So Alaska, whose Aleutians cross 180 degrees, is 58 degrees wide and not 360: for bounds and flat maps.
    """
    import numpy as np
    import shapely

    west, _, east, _ = shapes.total_bounds
    if east - west <= 180:
        return shapes

    def shifted(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.where(at[:, 0] > 0, at[:, 0] - 360, at[:, 0]), at[:, 1]])

    return shapes.set_geometry(shapely.transform(shapes.geometry.to_numpy(), shifted), crs=shapes.crs)


# --- outlines of cities ----------------------------------------------------------------------


def place_shapes(state: str, path: Path | None = None) -> gpd.GeoDataFrame | None:
    """Give the outlines of a state's cities and census-designated places, None where no file of them is here.

    Columns geoid, name, full_name, state, vintage, source; EPSG:4326. Takes the newest file that
    `kit fetch census-boundaries --layer place` has kept, the state's own before the country's, or the one at
    `path` (columns STATEFP, GEOID, NAME). DataError where that is no such file.
    """
    chosen = path or _kept_file(find_state(state).geoid)
    return _outlines(chosen, find_state(state).geoid) if chosen else None


def _kept_file(fips: str) -> Path | None:
    files = ((_PLACE_FILE.fullmatch(path.name), path) for path in (DATA / "cache" / "census-boundaries").glob("*.zip"))
    mine = [(name["year"], name["state"], path) for name, path in files if name and name["state"] in {fips, "us"}]
    # "us" comes after all digits: of one year, the state's own file is wanted.
    return max(mine, key=lambda one: (one[0], one[1] != "us"))[2] if mine else None


@cache
def _outlines(path: Path, fips: str) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    try:
        frame = gpd.read_file(path)
        frame = frame[frame["STATEFP"] == fips].to_crs(_GEOGRAPHIC)
        columns = {"geoid": frame["GEOID"], "name": frame["NAME"], "full_name": frame.get("NAMELSAD", frame["NAME"])}
    except (DataSourceError, KeyError, ValueError) as cause:
        do = "Fetch it again: kit fetch census-boundaries --layer place --again"
        raise DataError("The file of city outlines cannot be read.", f"{path.name}: {cause}", do) from cause
    year = re.search(r"(?:19|20)\d\d", path.name)
    said = {"state": find_state(fips).code, "vintage": year[0] if year else "", "source": path.name}
    made = gpd.GeoDataFrame({**columns, **said}, geometry=frame.geometry, crs=_GEOGRAPHIC)
    return made.sort_values("geoid", ignore_index=True)


def place_shape(place: Place, path: Path | None = None) -> PlaceShape:
    """Give a city's outline where a file has it, else its point, and say which; PlaceError where it has neither.

    The outline is that with the place's Census code; where the kit has no code, the only one of its name
    that is not more than 5 km from its point.
    """
    from shapely import Point

    outlines = place_shapes(place.state, path)
    rows: list[Any] = [] if outlines is None else list(outlines.itertuples())
    mine = [row for row in rows if _is_of(row, place)]
    if len(mine) == 1:
        return PlaceShape(mine[0].geometry, "boundary", f"Census Bureau, {mine[0].source}")
    return PlaceShape(Point(*_point(place)), "point", "data/gazetteer/places.csv")


def _is_of(outline: Any, place: Place) -> bool:  # noqa: ANN401  (a row of place_shapes)
    from shapely import Point

    if place.geoid:
        return bool(outline.geoid == place.geoid)
    named = place in places_named(outline.name, place.state)
    return named and gap_km(Point(*_point(place)), outline.geometry) <= _SAME_PLACE_KM
