"""Joins, neighbors, distances and areas, each held against a second way to know it."""

from __future__ import annotations

import math
import re
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely import Point

from kit import geography
from kit.errors import DataError, PlaceError
from kit.geography import (
    BORDER_KM,
    COUNTY_COLUMNS,
    KM_PER_MILE,
    area_km2,
    counties_within,
    distance_km,
    gap_km,
    neighbors,
    place_shape,
    place_shapes,
    places_within,
    recode_counties,
    unbroken,
    with_county,
)
from kit.places import all_places, county_by_geoid, county_shapes, find_place, state_shapes
from kit.sharing import DATA, as_rows, read_table

WGS84 = Geod(ellps="WGS84")


def points(*at: tuple[float, float], crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    """Give points (longitude, latitude) with a name each."""
    return gpd.GeoDataFrame({"name": range(len(at))}, geometry=[Point(*one) for one in at], crs=crs)


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure on a sphere: within 0.6% of the ellipsoid."""
    (lon, lat), (lon_2, lat_2) = (tuple(map(math.radians, end)) for end in (one, other))
    half = math.sin((lat_2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat_2) * math.sin((lon_2 - lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


# --- county codes of other years -------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "county"),
    [
        ("06001", "Alameda County"),
        ("46113", "Oglala Lakota County"),
        ("02270", "Kusilvak Census Area"),
        ("51515", "Bedford County"),
        ("51560", "Alleghany County"),
        ("02063", "Valdez-Cordova Census Area"),
        ("02066", "Valdez-Cordova Census Area"),
        ("02261", "Valdez-Cordova Census Area"),
        ("09001", "Fairfield County"),
    ],
)
def test_a_county_code_of_another_year_comes_to_the_county_of_2016(given, county):
    """Renamed and merged counties lead to one, the parts of a later split to the whole, one out a code in."""
    assert county_by_geoid(recode_counties([given])[0]).full_name == county


@pytest.mark.parametrize("given", ["09110", "09190", "02201", "02280", "02232"])
def test_a_county_code_that_has_no_one_county_is_refused(given):
    """Connecticut's planning regions are no counties: the error says which region and what table to take."""
    with pytest.raises(DataError, match=given) as error:
        recode_counties(["06001", given])
    assert re.search(r"by town|or later", error.value.do)
    assert len(str(error.value).splitlines()) == 3


@pytest.mark.parametrize("given", ["6001", "", "99999", "Alameda"])
def test_what_is_no_county_code_is_refused(given):
    """A code that has lost its zero is not guessed at."""
    with pytest.raises(DataError, match="is not a county code"):
        recode_counties([given])


def test_the_crosswalk_agrees_with_the_boundaries():
    """Codes from before 2016 are not in the boundaries, what they became is; for later changes the other way round."""
    for row in as_rows(read_table(DATA / "boundaries" / "crosswalk.csv")):
        old, new = county_by_geoid(row["from_geoid"]), county_by_geoid(row["to_geoid"])
        later = row["effective"] > "2016"
        assert bool(old) == (later and bool(row["from_geoid"])), row
        assert bool(new) == (not later and bool(row["to_geoid"])), row
        if found := old or new:
            assert found.full_name == (row["from_name"] if old else row["to_name"])
        assert row["verified"] == "yes"
        assert row["source_url"].startswith("https://")
        assert int(row["to_vintage"]) == int(row["from_vintage"]) + 1 == int(row["effective"][:4])


# --- joins -----------------------------------------------------------------------------------


def test_a_join_gives_one_row_a_row_in_the_order_and_crs_given():
    """A point inside, one on a corner of four states, one off the coast, one at sea, none: five rows."""
    given = points((-122.2712, 37.8044), (-109.045223, 36.999084), (-122.55, 37.75), (-140.0, 30.0), (0, 0))
    given = given.set_index(pd.Index(["in", "corner", "coast", "sea", "none"]))
    given.loc["none", "geometry"] = None
    joined = with_county(given.to_crs("EPSG:3310"))
    assert joined.crs == "EPSG:3310"
    assert list(joined.index) == list(given.index)
    assert list(joined["name"]) == list(given["name"])
    assert list(joined["county_geoid"])[0::2] == ["06001", "06075", ""]
    assert joined.loc["corner", "county_geoid"] in {"04001", "08083", "35045", "49037"}
    others = {joined.loc["corner", "county_geoid"], *joined.loc["corner", "county_tie"].split(";")}
    assert others == {"04001", "08083", "35045", "49037"}
    assert joined.loc["in", "county_km"] == 0
    assert 2 < joined.loc["coast", "county_km"] < 4
    assert joined.loc["coast", "county_vintage"] == "2016"
    assert joined["county_geoid"].eq("").to_dict() == {"in": 0, "corner": 0, "coast": 0, "sea": 1, "none": 1}
    assert joined["county_km"].isna().sum() == 2


def test_a_point_on_a_border_is_a_tie():
    """A point on the very line between Los Angeles and Orange is in one and names the other."""
    shapes = county_shapes("CA").set_index("geoid").geometry
    border = shapes["06037"].intersection(shapes["06059"])
    on_it = Point(shapely.get_coordinates(border)[len(shapely.get_coordinates(border)) // 2])
    row = with_county(gpd.GeoDataFrame(geometry=[on_it], crs="EPSG:4326")).iloc[0]
    assert {row["county_geoid"], row["county_tie"]} == {"06037", "06059"}
    assert row["county_km"] == 0


def test_points_without_crs_and_shapes_that_are_no_points_are_refused():
    """Nothing is assumed about coordinates."""
    with pytest.raises(DataError, match="coordinate system"):
        with_county(points((-122.27, 37.80), crs=None))
    with pytest.raises(DataError, match="not a point"):
        with_county(county_shapes("DE"))
    assert list(with_county(points()).columns) == ["name", "geometry", *COUNTY_COLUMNS]


def test_places_of_geonames_join_to_their_county():
    """Of places whose county the unsimplified boundaries gave, 99.9% join to it; for the rest it is named as a tie."""
    places = [place for place in all_places() if place.population is not None and place.lon is not None]
    at = points(*((place.lon, place.lat) for place in places)).assign(truth=[place.county_geoid for place in places])
    joined = with_county(at)
    assert len(joined) == len(places) > 22_000
    wrong = joined[joined["county_geoid"] != joined["truth"]]
    assert len(wrong) / len(joined) < 0.001
    named = [truth in tie.split(";") for truth, tie in zip(wrong["truth"], wrong["county_tie"], strict=True)]
    assert np.mean(named) > 0.5
    assert (joined["county_tie"] != "").mean() < 0.05


def test_a_join_is_what_a_spatial_join_gives():
    """For points well inside, the join is geopandas' own."""
    inside = county_shapes("CO")[["geoid", "geometry"]]
    at = inside.set_geometry(inside.representative_point())
    theirs = gpd.sjoin(at.drop(columns="geoid"), inside, predicate="within")["geoid"]
    assert list(with_county(at)["county_geoid"]) == list(theirs)


# --- neighbors and distances -----------------------------------------------------------------


def names(geoid: str, *borders: str) -> set[str]:
    return {one.county.full_name for one in neighbors(geoid) if not borders or one.border in borders}


def test_neighbors_of_san_francisco():
    """As the Census Bureau's county adjacency file has them: Contra Costa only over water."""
    assert names("06075") == {"Alameda County", "Contra Costa County", "Marin County", "San Mateo County"}
    assert names("06075", "listed") == {"Contra Costa County"}


def test_neighbors_cross_state_lines_and_meet_at_corners():
    """Apache County, Arizona, touches Montezuma County, Colorado, at the Four Corners alone."""
    assert names("04001", "corner") == {"Montezuma County"}
    assert {one.county.state for one in neighbors("04001")} == {"AZ", "CO", "NM", "UT"}
    assert names("51610") == {"Arlington County", "Fairfax County"}
    assert names("15003") == set()


def test_an_unknown_county_has_no_neighbors():
    """A planning region of 2022 is not silently without neighbors."""
    for find in (neighbors, lambda geoid: counties_within(geoid, 10)):
        with pytest.raises(PlaceError, match="2016"):
            find("09110")


def test_neighbors_are_those_that_the_shapes_say():
    """By a second method: shapes that touch are neighbors, line or corner; both sides name each other."""
    shapes = county_shapes("CO").set_index("geoid").geometry
    for geoid, shape in shapes.items():
        touching = {other for other in shapes.index if other != geoid and shapes[other].intersects(shape)}
        told = {one.county.geoid for one in neighbors(str(geoid)) if one.border != "listed"}
        assert {other for other in told if other.startswith("08")} == touching
        for one in neighbors(str(geoid)):
            assert str(geoid) in {back.county.geoid for back in neighbors(one.county.geoid)}


def test_counties_within_a_distance_find_those_over_a_bay():
    """San Francisco's neighbors by border and over the bay are those that a flat map of the region gives."""
    found = {one.place.name: one.km for one in counties_within("06075", 25)}
    assert {"Alameda", "Marin", "San Mateo", "Contra Costa"} <= set(found)
    assert found["Marin"] == found["San Mateo"] == 0
    planar = county_shapes("CA").to_crs("EPSG:26910").set_index("geoid").geometry
    everyone = {geoid: planar["06075"].distance(shape) / 1000 for geoid, shape in planar.items() if geoid != "06075"}
    expected = {county_by_geoid(str(geoid)).name: km for geoid, km in everyone.items() if km <= 25}
    assert found == pytest.approx(expected, rel=0.002, abs=0.001)


def test_alaska_is_measured_truly():
    """At 60 to 70 degrees north too, against an equidistant projection about one of the two."""
    shapes = county_shapes("AK").set_index("geoid").geometry
    for one, other in (("02020", "02170"), ("02110", "02220"), ("02185", "02090"), ("02016", "02150")):
        from_here = shapes[one].representative_point()
        line = shapely.shortest_line(shapes[one], shapes[other])
        here = line.centroid if line.length else from_here
        plane = f"+proj=aeqd +lat_0={here.y} +lon_0={here.x} +datum=WGS84"
        projected = shapes[[one, other]].to_crs(plane)
        expected = projected[one].distance(projected[other]) / 1000
        assert gap_km(shapes[one], shapes[other]) == pytest.approx(expected, rel=0.02, abs=0.01)


def test_distances_are_geodesic():
    """Oakland to San Francisco is about 13 km, New York to Los Angeles 3,944 km; a sphere agrees to 0.6%."""
    oakland, new_york = find_place("Oakland, CA"), find_place("New York, NY")
    for other in (find_place("San Francisco, CA"), find_place("Los Angeles, CA"), find_place("Adak, AK")):
        for one in (oakland, new_york):
            sphere = great_circle_km((one.lon, one.lat), (other.lon, other.lat))
            assert distance_km(one, other) == pytest.approx(sphere, rel=0.006)
    assert distance_km(oakland, find_place("San Francisco, CA")) == pytest.approx(13.4, abs=0.5)
    assert distance_km(oakland, oakland) == 0


def test_places_within_a_distance_are_counted_right():
    """Within 10 miles of Oakland: the same places as by the sphere, nearest first, in kilometers and miles."""
    oakland = find_place("Oakland, CA")
    near = places_within(oakland, 10 * KM_PER_MILE)
    sphere = {
        place: great_circle_km((oakland.lon, oakland.lat), (place.lon, place.lat))
        for place in all_places()
        if place.lon is not None and place != oakland
    }
    found = {one.place for one in near}
    assert {place for place, km in sphere.items() if km <= 16.0934 * 0.994} <= found
    assert found <= {place for place, km in sphere.items() if km <= 16.0934 * 1.006}
    assert [one.km for one in near] == sorted(one.km for one in near)
    assert near[-1].miles <= 10
    assert {"Emeryville", "Alameda", "Berkeley", "San Francisco"} <= {one.place.name for one in near}


def test_places_within_cross_state_lines():
    """Around Kansas City, Mo., there are places of Kansas."""
    found = places_within(find_place("Kansas City, MO"), 15)
    assert {one.place.state for one in found} == {"KS", "MO"}


def test_a_place_without_a_point_is_not_measured():
    """A township that is known by its county alone has no distance."""
    township = find_place("Upper Uwchlan Township, PA")
    with pytest.raises(PlaceError, match="No point is known"):
        places_within(township, 10)


# --- areas, Alaska, Hawaii -------------------------------------------------------------------


def test_areas_are_those_on_the_ellipsoid():
    """Alaska, Hawaii and islands over 180 degrees too: equal-area and geodesic areas agree to 0.1%."""
    shapes = state_shapes().set_index("state")
    flat = area_km2(shapes)
    for state in ("AK", "HI", "CA", "DC", "PR", "GU"):
        fine = shapely.segmentize(shapes.geometry[state], 0.01)
        assert flat[state] == pytest.approx(abs(WGS84.geometry_area_perimeter(fine)[0]) / 1e6, rel=0.001)
    with pytest.raises(DataError, match="coordinate system"):
        area_km2(shapes.set_crs(None, allow_override=True))


def test_counties_are_as_large_as_the_census_says():
    """No county is smaller than its published land by more than simplifying costs; Colorado's fit to 1.5%."""
    colorado = county_shapes("CO").set_index("geoid")
    ratio = area_km2(colorado) / (colorado["land_m2"].astype(float) / 1e6)
    assert ratio.between(0.985, 1.05).all()


@pytest.mark.parametrize(
    "shapes", [county_shapes("AK"), state_shapes().query("state == 'AK'")], ids=["counties", "state"]
)
def test_alaska_is_in_one_piece(shapes):
    """Its bounds run from the Aleutians at -187.6 to the panhandle at -130, not around the world; areas stay."""
    west, south, east, north = shapes.total_bounds
    assert east - west > 350
    whole = unbroken(shapes)
    west, south, east, north = whole.total_bounds
    assert (west, south, east, north) == pytest.approx((-187.54, 51.21, -129.99, 71.38), abs=0.1)
    assert list(whole.index) == list(shapes.index)
    assert area_km2(whole).sum() == pytest.approx(area_km2(shapes).sum())


@pytest.mark.parametrize("state", ["HI", "CA", "ME"])
def test_other_states_stay_as_they_are(state):
    """Hawaii, though it reaches to -178 with its far islands, does not cross 180."""
    assert unbroken(county_shapes(state)).total_bounds.tolist() == county_shapes(state).total_bounds.tolist()


# --- outlines of cities ----------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path, monkeypatch) -> object:
    """Give a way to put a Census place file into a cache of fetched files, which is empty."""
    monkeypatch.setattr(geography, "DATA", tmp_path)
    folder = tmp_path / "cache" / "census-boundaries"
    folder.mkdir(parents=True)

    def keep(name: str, *cities: tuple[str, str, str, shapely.Geometry]) -> None:
        columns = {"STATEFP": [city[0][:2] for city in cities], "GEOID": [city[0] for city in cities]}
        named = {"NAME": [city[1] for city in cities], "NAMELSAD": [city[2] for city in cities]}
        frame = gpd.GeoDataFrame({**columns, **named}, geometry=[city[3] for city in cities], crs="EPSG:4269")
        shapefile = tmp_path / name.removesuffix(".zip")
        shapefile.mkdir()
        frame.to_file(shapefile / f"{shapefile.name}.shp")
        shutil.make_archive(str(folder / shapefile.name), "zip", shapefile)

    return keep


def around(text: str, km: float = 3) -> shapely.Geometry:
    place = find_place(text)
    return Point(place.lon, place.lat).buffer(km / 111)


def test_a_city_has_its_outline_where_a_file_was_fetched(cache):
    """By Census code in California; in Texas, where the kit has no codes, by name and nearness; else its point."""
    oakland, dallas = find_place("Oakland, CA"), find_place("Dallas, TX")
    assert place_shape(oakland).basis == "point"
    assert place_shapes("CA") is None
    cache("cb_2019_06_place_500k.zip", ("0653000", "Oakland", "Oakland city", around("Oakland, CA")))
    far = Point(-100.0, 30.0).buffer(0.01)
    cache(
        "cb_2021_us_place_500k.zip",
        ("4819000", "Dallas", "Dallas city", around("Dallas, TX")),
        ("4819001", "Dallas", "Dallas CDP", far),
        ("0653000", "Oakland", "Oakland city", around("Oakland, CA", 4)),
    )
    assert place_shape(dallas).basis == "boundary"
    assert place_shape(dallas).geometry.contains(Point(dallas.lon, dallas.lat))
    newest = place_shape(oakland)
    assert "cb_2021_us_place_500k.zip" in newest.source
    assert area_km2(gpd.GeoSeries([newest.geometry], crs=4326))[0] == pytest.approx(
        math.pi * 16 * math.cos(0.66), rel=0.03
    )
    found = place_shapes("TX")
    assert list(found["geoid"]) == ["4819000", "4819001"]
    assert set(found["vintage"]) == {"2021"}
    assert found.crs == "EPSG:4326"
    assert place_shape(find_place("Plano, TX")).basis == "point"


def test_a_file_that_is_no_place_file_is_refused(tmp_path):
    """A file without the Census Bureau's columns, and one that is no map at all."""
    wrong = tmp_path / "wrong.geojson"
    points((-97.0, 32.0)).to_file(wrong)
    with pytest.raises(DataError, match="cannot be read"):
        place_shapes("TX", wrong)
    (tmp_path / "cb_2020_48_place_500k.zip").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        place_shapes("TX", tmp_path / "cb_2020_48_place_500k.zip")


def test_a_tie_is_as_wide_as_the_borders_are_unsure():
    """The width comes from the simplification that made the boundaries."""
    script = (DATA / "make" / "boundaries.py").read_text(encoding="utf-8")
    assert float(re.search(r"^TOLERANCE = (\d+)", script, re.MULTILINE)[1]) == BORDER_KM * 1000
