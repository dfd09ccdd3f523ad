"""The boundary files: what maps and joins rely on."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

MAKE = Path("data/make/boundaries.py")
ADJACENCY = Path("data/boundaries/adjacency.csv")
COUNTIES = Path("data/boundaries/counties.fgb")
STATES = Path("data/boundaries/states.fgb")
NOT_INSTALLED = 3
EQUAL_AREA = "EPSG:5070"
METER = 0.00001
"""A meter in degrees, roughly."""
UNSIMPLIFIED_KM2 = 9_354_936
"""Area of all counties in the Census file, in EPSG:5070."""


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    """All counties."""
    return gpd.read_file(COUNTIES)


@pytest.fixture(scope="module")
def states() -> gpd.GeoDataFrame:
    """All states."""
    return gpd.read_file(STATES)


def test_every_county_is_there(counties: gpd.GeoDataFrame) -> None:
    """The file has the 3,233 counties of 2016, sorted, each code once, codes as text."""
    assert len(counties) == 3233
    assert counties["geoid"].is_monotonic_increasing
    assert counties["geoid"].is_unique
    assert counties["geoid"].str.fullmatch(r"\d{5}").all()
    assert (counties["geoid"].str[:2] == counties["state_fips"]).all()
    assert set(counties["vintage"]) == {"2016"}


def test_every_state_is_there(states: gpd.GeoDataFrame) -> None:
    """The file has 50 states, DC and five territories, sorted by code."""
    assert len(states) == 56
    assert states["geoid"].is_monotonic_increasing
    assert states.set_index("state").loc["CA", "name"] == "California"
    assert set(states["vintage"]) == {"2016"}


@pytest.mark.parametrize("path", [COUNTIES, STATES])
def test_shapes_are_valid(path: Path) -> None:
    """No shape is invalid or empty, and all are longitude and latitude."""
    frame = gpd.read_file(path)
    assert frame.crs == "EPSG:4326"
    assert frame.is_valid.all()
    assert not frame.is_empty.any()


@pytest.mark.parametrize(
    ("geoid", "full_name"),
    [
        ("01001", "Autauga County"),
        ("02110", "Juneau City and Borough"),
        ("02020", "Anchorage Municipality"),
        ("11001", "District of Columbia"),
        ("22033", "East Baton Rouge Parish"),
        ("24510", "Baltimore city"),
        ("32510", "Carson City"),
        ("51610", "Falls Church city"),
        ("72097", "Mayagüez Municipio"),
    ],
)
def test_names_in_full(counties: gpd.GeoDataFrame, geoid: str, full_name: str) -> None:
    """A county's full name is the one that the Census Bureau gives it, accents kept."""
    assert counties.set_index("geoid").loc[geoid, "full_name"] == full_name


def test_neighbors_share_edges(counties: gpd.GeoDataFrame, states: gpd.GeoDataFrame) -> None:
    """Counties neither overlap nor leave slivers between them, and states do not either."""
    assert shapely.coverage_is_valid(counties.geometry.to_numpy(), gap_width=METER)
    assert shapely.coverage_is_valid(states.geometry.to_numpy(), gap_width=METER)


def test_los_angeles_borders_orange(counties: gpd.GeoDataFrame) -> None:
    """Two neighbors have a border line in common, not just a few points."""
    shapes = counties.to_crs(EQUAL_AREA).set_index("geoid").geometry
    border = shapes["06037"].intersection(shapes["06059"])
    assert border.length > 40_000
    assert border.area == 0


def test_states_are_their_counties(counties: gpd.GeoDataFrame, states: gpd.GeoDataFrame) -> None:
    """State borders are county borders: every vertex of a state is a vertex of one of its counties."""
    for state in ("CA", "VA", "AK"):
        own = shapely.get_coordinates(counties.loc[counties["state"] == state].geometry.to_numpy())
        whole = shapely.get_coordinates(states.loc[states["state"] == state].geometry.to_numpy())
        assert set(map(tuple, whole)) <= set(map(tuple, own))


def test_no_area_is_lost(counties: gpd.GeoDataFrame) -> None:
    """Simplified counties together are as large as unsimplified ones, to 0.01%: no gaps, no overlaps."""
    area = counties.to_crs(EQUAL_AREA).area.sum() / 1e6
    assert area == pytest.approx(UNSIMPLIFIED_KM2, rel=0.0001)


def test_land_is_as_large_as_the_census_says(counties: gpd.GeoDataFrame) -> None:
    """Landlocked states keep their size: simplified area is within 0.2% of land and water as published.

    Kansas, 213,100 square kilometers; Colorado, 269,601 (Census Bureau, State Area Measurements).
    """
    area = counties.to_crs(EQUAL_AREA).dissolve("state", method="coverage").area / 1e6
    assert area["KS"] == pytest.approx(213_100, rel=0.002)
    assert area["CO"] == pytest.approx(269_601, rel=0.002)


def test_the_aleutians_do_not_cross_the_map(counties: gpd.GeoDataFrame) -> None:
    """The islands on both sides of 180 degrees stay there: no part of a shape spans the world."""
    bounds = counties.explode().bounds
    assert (bounds["maxx"] - bounds["minx"]).max() < 30
    west = counties.set_index("geoid").geometry["02016"].bounds
    assert west[0] < -179 < 179 < west[2] < 180


def test_one_state_reads_in_milliseconds() -> None:
    """A state's counties come without reading the others': under 100 ms where it takes about 8."""
    gpd.read_file(COUNTIES, rows=1)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        california = gpd.read_file(COUNTIES, where="state = 'CA'")
        took.append(time.perf_counter() - start)
    assert len(california) == 58
    assert min(took) < 0.1


def test_files_are_small() -> None:
    """Both files together stay under 6 MB, so that the repository stays light."""
    assert COUNTIES.stat().st_size + STATES.stat().st_size < 6_000_000


def test_places_fall_in_their_county(counties: gpd.GeoDataFrame) -> None:
    """At least 99.5% of GeoNames' places lie in the county that the unsimplified boundaries put them in."""
    places = pd.read_csv("data/gazetteer/places.csv", dtype={"county_geoid": str})
    places = places[places["place_id"].str.startswith("gn:")]
    tree = shapely.STRtree(np.asarray(shapely.points(places["lon"], places["lat"])))
    county, place = tree.query(counties.geometry.to_numpy(), predicate="intersects")
    right = counties["geoid"].to_numpy()[county] == places["county_geoid"].to_numpy()[place]
    assert len(np.unique(place[right])) / len(places) >= 0.995


def test_the_script_makes_the_same_bytes(tmp_path: Path) -> None:
    """Who runs the script again gets the committed files byte for byte."""
    run = subprocess.run([sys.executable, MAKE, tmp_path], capture_output=True, text=True, check=False)
    if run.returncode == NOT_INSTALLED:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    for path in (COUNTIES, STATES, Path("data/boundaries/counties.csv")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.fixture(scope="module")
def adjacency() -> pd.DataFrame:
    """All pairs of adjoining counties."""
    return pd.read_csv(ADJACENCY, dtype=str)


def test_each_pair_of_neighbors_stands_once(counties: gpd.GeoDataFrame, adjacency: pd.DataFrame) -> None:
    """The lower code comes first, pairs are sorted, and every code is a county."""
    pairs = list(zip(adjacency["geoid"], adjacency["neighbor_geoid"], strict=True))
    assert pairs == sorted(set(pairs))
    assert all(one < other for one, other in pairs)
    assert {code for pair in pairs for code in pair} <= set(counties["geoid"])
    assert adjacency["border"].value_counts().to_dict() == {"line": 8972, "corner": 337, "listed": 177}


def test_neighbors_are_those_of_the_simplified_boundaries(counties: gpd.GeoDataFrame, adjacency: pd.DataFrame) -> None:
    """Made of the unsimplified ones, the table agrees with what is drawn but for one corner of Kansas and Nebraska."""
    shapes, codes = counties.geometry.to_numpy(), counties["geoid"].to_numpy()
    ones, others = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    drawn = set(zip(codes[ones[ones < others]], codes[others[ones < others]], strict=True))
    touching = adjacency[adjacency["border"] != "listed"]
    assert drawn ^ set(zip(touching["geoid"], touching["neighbor_geoid"], strict=True)) == {("20157", "31095")}


def test_listed_neighbors_meet_in_water(counties: gpd.GeoDataFrame, adjacency: pd.DataFrame) -> None:
    """Milwaukee and Muskegon meet in Lake Michigan; no county lists one farther off than that lake is wide."""
    shapes = counties.to_crs(EQUAL_AREA).set_index("geoid").geometry
    listed = adjacency[adjacency["border"] == "listed"]
    pairs = dict(zip(zip(listed["geoid"], listed["neighbor_geoid"], strict=True), listed.index, strict=True))
    assert ("26121", "55079") in pairs
    assert max(shapes[one].distance(shapes[other]) for one, other in pairs) < 150_000


def test_the_script_makes_the_same_neighbors(tmp_path: Path) -> None:
    """Who runs the script again gets the committed table byte for byte."""
    script = MAKE.with_name("adjacency.py")
    run = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, check=False)
    if run.returncode == NOT_INSTALLED:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    assert (tmp_path / ADJACENCY.name).read_bytes() == ADJACENCY.read_bytes()
