"""GeoJSON of a state: agencies as points, counties as areas, each with its number and the finding behind."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from shapely.geometry import Point, shape

from kit.coverage import owner_points
from kit.findings import Finding
from kit.geodata import AGENCIES, COUNTIES, write_geojson
from kit.places import county_shapes, find_state


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def test_agencies_and_counties_have_their_numbers(shared, tmp_path):
    """An agency once, at its place, with the lists that name it; a county without a number has none, not zero."""
    here = shared[(shared["status"] == "certain") & (shared["state"] == "CA")].dropna(subset=["lat"])
    counts = {"06059": Finding("county.06059", "n", None, 2, 5, "agencies", "", ())}
    write_geojson(tmp_path, find_state("CA"), counts, here)
    points = read(tmp_path / AGENCIES)
    assert len(points) == len(here.drop_duplicates(["agency", "lat", "lon"]))
    said = next(one for one in points if one["properties"]["name"] == "Irvine Police Department")
    assert said["properties"]["finding"] == "county.06059"
    assert said["properties"]["gets_data_of"]
    lon, lat = said["geometry"]["coordinates"]
    assert (round(lat), round(lon)) == (34, -118)
    areas = {one["properties"]["geoid"]: one["properties"] for one in read(tmp_path / COUNTIES)}
    assert (areas["06059"]["low"], areas["06059"]["high"]) == (2, 5)
    assert areas["06003"]["high"] is None
    assert len(areas) == 58


def test_owners_of_lists_stand_at_their_place(lists):
    """A city's police at the city, a sheriff in the middle of the county; an owner of neither has no point."""
    points = owner_points(lists)
    assert points["Irvine Police Department"] == pytest.approx((33.67, -117.82), abs=0.01)
    assert (
        county_shapes("CA")
        .set_index("geoid")
        .geometry["06059"]
        .contains(Point(points["Orange County Sheriffs Department"][::-1]))
    )
    assert owner_points([replace(lists[0], owner="Exampleville Board of Nothing", owner_state="")]) == {}


@pytest.mark.parametrize("code", ["AK", "VA", "RI", "HI"])
def test_no_county_is_lost_by_fewer_details(code, shared, tmp_path):
    """Small cities and islands keep an area, and the file stays light; the same bytes twice."""
    for _ in range(2):
        write_geojson(tmp_path, find_state(code), {}, shared.head(0))
        text = (tmp_path / COUNTIES).read_text(encoding="utf-8")
    areas = read(tmp_path / COUNTIES)
    assert all(shape(one["geometry"]).area > 0 for one in areas)
    assert len(areas) == len(county_shapes(code))
    assert len(text) < 150_000
