"""Maps: counted from findings, whole to the farthest island, the same bytes twice, sealed."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import folium
import geopandas as gpd
import pytest
import shapely
from shapely.geometry import box

from kit.citymap import city_map
from kit.coverage import near
from kit.errors import DataError
from kit.findings import Ledger
from kit.geography import unbroken
from kit.graphic import Graphic
from kit.interactive import atlas, seal
from kit.land import drawn
from kit.maps import _counties, _country, classes, county_map, reach_map, sign_of
from kit.page.sealed import packed, sealed_document
from kit.places import county_shapes, find_place, find_state, state_shapes
from kit.sheet import CARD, SIZES, WEB

CALIFORNIA = find_state("CA")
OAKLAND = find_place("Oakland, CA")
WORDS = {"subtitle": "Agencies, March 11, 2025.", "source": "Orange County Sheriff's Department"}

check_texts = runpy.run_path(str(Path(__file__).with_name("test_charts.py")))["check_texts"]


@pytest.fixture
def ledger(lists, rows) -> Ledger:
    return Ledger("California", lists, rows)


@pytest.fixture
def here(shared):
    return shared[(shared["state"] == "CA") & (shared["status"] == "certain") & (shared["date"] == "2025-03-11")]


@pytest.fixture
def counties(ledger, here):
    return {geoid: ledger.count(geoid, geoid, rows) for geoid, rows in here.groupby("county_geoid") if geoid}


@pytest.fixture
def states(ledger, shared):
    old = shared[(shared["date"] == "2020-02-06") & (shared["status"] == "certain") & (shared["state"] != "US")]
    return {code: ledger.count(code, code, rows) for code, rows in old.groupby("state")}


@pytest.fixture(scope="session")
def around(lists, rows):
    return near(OAKLAND, rows, lists)


def map_of(code: str, counts, points) -> Graphic:
    """Draw the counties of a state."""
    return county_map(f"counties-{code}", "Where agencies get the data", find_state(code), counts, points, **WORDS)


# --- what a map counts -------------------------------------------------------------------------


def test_one_outlier_does_not_flatten_the_classes():
    """Natural breaks leave the small counts apart."""
    bounds = classes([1, 1, 2, 3, 3, 5, 8, 9, 13, 15, 400])
    assert bounds[-1] == 400
    assert bounds[-2] <= 15
    assert classes([]) == []
    assert classes([0, 4, 4]) == [4]


def test_a_county_map_counts_what_the_findings_count(counties, here):
    """The table behind the map has every county of the findings."""
    made = map_of("CA", counties, here.dropna(subset=["lat"]))
    assert "Orange County 25" in made.alt
    assert len(made.behind.rows) == len(counties)


def test_a_reach_map_has_alaska_and_hawaii(states):
    """States with no agency are drawn too; the table has those with one; the same bytes twice."""
    made, again = (reach_map("reach", "How far", states, **WORDS) for _ in range(2))
    assert "California 109" in made.alt
    assert made.svg == again.svg
    assert {"AK", "HI", "DC"} <= set(_country().shapes)


def test_the_largest_numbers_stand_on_their_states(states):
    """A number is set where the state has room for all of it."""
    numbers = [text.get_text() for text in reach_map("reach", "How far", states, **WORDS).sheet(WEB).axes.texts]
    assert "109" in numbers


def test_immigration_enforcement_and_bridges_have_signs_of_their_own():
    """Told by shape as well as by color."""
    assert sign_of("federal", "immigration_enforcement") == "immigration"
    assert sign_of("federal", "other_federal") == "agency"
    assert sign_of("fusion_center", "") == sign_of("task_force", "") == "bridge"


# --- to the farthest island --------------------------------------------------------------------


def test_alaska_is_whole():
    """The Aleutians on both sides of 180 degrees are drawn, on the state's map and on the country's."""
    land = _counties("AK")
    west, _, east, _ = county_shapes("AK").to_crs(land.crs).total_bounds
    assert land.bounds[2] - land.bounds[0] > 0.99 * (east - west) > 3_400_000
    whole = state_shapes().query("state == 'AK'").to_crs("EPSG:3338").total_bounds
    inset = _country().shapes["AK"].bounds
    shape = (inset[2] - inset[0]) / (inset[3] - inset[1])
    assert shape == pytest.approx((whole[2] - whole[0]) / (whole[3] - whole[1]), rel=0.02)


def test_hawaii_is_fine_and_its_eight_islands_are_there():
    """The far northwestern islands do not decide how fine the others are."""
    land = _counties("HI")
    assert land.bounds[2] - land.bounds[0] < 700_000
    islands = [part for shape in land.shapes.values() for part in shapely.get_parts(shape) if part.area > 5e7]
    assert len(islands) == 8
    assert shapely.get_num_coordinates(list(land.shapes.values())).sum() > 500
    assert len(shapely.get_parts(_country().shapes["HI"])) >= 7


@pytest.mark.parametrize("code", ["RI", "DC", "VA", "TX"])
def test_no_county_is_lost(code):
    """Small states, independent cities: every county is on the map, and neighbors do not overlap."""
    land = _counties(code)
    assert set(land.shapes) == set(county_shapes(code)["geoid"])
    shapes = gpd.GeoSeries(list(land.shapes.values()), crs=land.crs)
    assert shapes.area.sum() == pytest.approx(shapes.union_all().area, rel=1e-6)
    assert shapes.area.min() > 0


def test_specks_far_off_do_not_blur_the_rest():
    """Detail is set by what is seen."""
    coast = shapely.Point(0, 0).buffer(10, quad_segs=90)
    far = shapely.box(1_000, 0, 1_000.1, 0.1)
    made = drawn(gpd.GeoDataFrame(geometry=[shapely.union(coast, far)], crs="EPSG:5070")).geometry.iloc[0]
    assert made.bounds == pytest.approx(coast.bounds, abs=0.02)
    assert shapely.get_num_coordinates(made) > 60


# --- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_no_text_of_a_map_is_clipped_or_covered(counties, here, states, around, size):
    """County map, reach and city: each text inside the picture, over no other, 11 pixels or more."""
    check_texts(map_of("CA", counties, here.dropna(subset=["lat"])).sheet(size))
    check_texts(map_of("AK", {}, here.iloc[:0]).sheet(size))
    check_texts(reach_map("reach", "How far the data went", states, **WORDS).sheet(size))
    check_texts(city_map("city", "Who shares around Oakland", OAKLAND, around, **WORDS).sheet(size))


def test_maps_are_read_back_as_they_were(counties, here, states, around, tmp_path):
    """NAME.figure.json is enough to draw the map again, to the byte."""
    for made in (
        map_of("CA", counties, here.dropna(subset=["lat"])),
        reach_map("reach", "How far", states, **WORDS),
        city_map("city", "Oakland", OAKLAND, around, **WORDS),
    ):
        made.save(tmp_path)
        assert Graphic.read(tmp_path / f"{made.name}.figure.json").at(CARD) == made.at(CARD)


# --- a city ------------------------------------------------------------------------------------


def test_a_city_map_names_its_neighbors(around):
    """Every agency near is in the table; counties are those that adjoin and share; the basis is said."""
    made = city_map("city", "Who shares around Oakland", OAKLAND, around, **WORDS)
    assert [row[0] for row in made.behind.rows] == list(around["agency"])
    assert made.data["home"] == "06001"
    assert "06013" in made.data["counties"]
    assert "Oakland is drawn as a point" in made.subtitle
    assert len(made.data["cities"]) == len(around[around["kind"] == "city"].drop_duplicates(["place", "km"]))
    texts = [text.get_text() for text in made.sheet(WEB).axes.texts]
    assert {"Oakland", "Berkeley", "Contra Costa County"} <= set(texts)


def test_a_city_map_draws_the_outline_where_it_is_kept(around, monkeypatch, tmp_path):
    """With a file of outlines the city is an area, and the subtitle names the file."""
    path = tmp_path / "cb_2023_06_place_500k.zip"
    outline = {"STATEFP": ["06"], "GEOID": [OAKLAND.geoid], "NAME": ["Oakland"]}
    shape = gpd.GeoDataFrame(outline, geometry=[box(-122.33, 37.7, -122.12, 37.88)], crs="EPSG:4269")
    shape.to_file(tmp_path / "place.shp")
    import zipfile  # noqa: PLC0415  (for this test alone)

    with zipfile.ZipFile(path, "w") as archive:
        for part in tmp_path.glob("place.*"):
            archive.write(part, f"{path.stem}{part.suffix}")
    monkeypatch.setattr("kit.geography._kept_file", lambda _: path)
    made = city_map("city", "Oakland", OAKLAND, around, **WORDS)
    assert path.name in made.subtitle
    assert json.loads(made.data["outline"])["type"] == "Polygon"
    check_texts(made.sheet(WEB))


def test_a_city_with_no_neighbor_in_the_lists_is_drawn(around):
    """Nothing near is said, not hidden."""
    made = city_map("city", "Oakland", OAKLAND, around.iloc[:0], **WORDS)
    assert "None of them stands in the lists" in made.alt
    check_texts(made.sheet(WEB))


# --- interactive -------------------------------------------------------------------------------


def test_the_interactive_map_asks_for_nothing(counties, here):
    """No address of another computer is loaded, names are data, and the bytes are the same twice."""
    attack = "</script><script>alert(1)</script> `${alert(2)}` {{ 7 * 7 }} {% raw %}"
    points = here.dropna(subset=["lat"]).assign(agency=attack)
    made = [atlas(CALIFORNIA, counties, points, "A map") for _ in range(2)]
    assert made[0].html == made[1].html
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", made[0].html)
    assert "alert(1)</script>" not in made[0].html
    assert said(made[0])["names"] == [attack]
    assert 'sandbox="allow-scripts"' in made[0]._repr_html_()


def said(made) -> dict:
    """Give what the script of a map is told."""
    return json.loads(re.findall(r"drawAgencies\(map_\w+, (\{.*\})\);", made.html)[0])


def test_every_row_is_on_the_map_once(rows, counties):
    """Each row of a place counts, by its list and its direction; nothing is added."""
    points = rows[(rows["state"] == "CA") & (rows["status"] == "certain")].dropna(subset=["lat"])
    told = said(atlas(CALIFORNIA, counties, points, "A map"))
    assert sum(len(place[4]) for place in told["places"]) == len(points)
    assert {told["names"][row[0]] for place in told["places"] for row in place[4]} == set(points["agency"])
    assert len(told["lists"]) == points[["owner", "date"]].drop_duplicates().shape[0]
    assert set(told["ways"]) == {"Gets the data", "Gives data"}
    assert {place[2] for place in told["places"]} == {"agency", "immigration", "bridge"}


def test_the_map_of_a_large_state_stays_light(rows, counties):
    """All lists, both directions and the library itself: 153 KB packed at most."""
    points = rows[(rows["state"] == "CA") & (rows["status"] == "certain")].dropna(subset=["lat"])
    owners = {"Orange County Sheriffs Department": (33.7, -117.9)}
    document, _, _ = sealed_document(atlas(CALIFORNIA, counties, points, "A map", owners=owners).html, "A map")
    assert len(packed(document)) <= 153_000


def test_the_map_of_alaska_is_unbroken(shared):
    """One piece west of 180 degrees, points too."""
    points = shared.iloc[:1].assign(lat=52.9, lon=173.2)
    told = said(atlas(find_state("AK"), {}, points, "Alaska"))
    (_, west), (_, east) = told["bounds"]
    assert west < -187
    assert east < -129
    assert east - west == pytest.approx(float(unbroken(county_shapes("AK")).bounds.maxx.max()) - west, abs=0.5)
    assert told["places"][0][1] == pytest.approx(173.2 - 360)


TILES = "https://tiles.example/{z}/{x}/{y}.png"


def test_tiles_are_the_reporters_choice_and_said(counties, here):
    """Where tiles are asked for, the map and what stands under it say from whom."""
    made = atlas(CALIFORNIA, counties, here.dropna(subset=["lat"]), "A map", tiles=TILES, credit="Example Maps")
    assert TILES in made.html
    assert "tiles.example" in made._repr_html_().split("</iframe>")[1]
    assert "tiles.example, which sees who looks at it. Example Maps" in said(made)["notes"][1]


@pytest.mark.parametrize("made", [folium.Map(), folium.Map(tiles=None)], ids=["default", "scripts"])
def test_a_map_of_folium_s_own_is_refused(made):
    """It would tell other computers who is reading."""
    with pytest.raises(DataError, match="another computer"):
        seal(made, "A map")


def test_tiles_that_nobody_asked_for_are_refused():
    """A tile layer that a cell adds is found, too."""
    made = folium.Map(tiles=TILES, attr="Example")
    made.default_js, made.default_css = [], []
    with pytest.raises(DataError, match=r"tiles\.example"):
        seal(made, "A map")
