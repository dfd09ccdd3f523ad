"""The gazetteer: a place that is missing here makes a name elsewhere look unique, and a number wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

MAKE = Path("data/make/gazetteer.py")
FOLDER = Path("data/gazetteer")
NOT_INSTALLED = 3
PLACE_COLUMNS = [
    *("place_id", "name", "state", "county", "county_geoid", "lat", "lon"),
    *("population", "alternates", "sources", "standing"),
]


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    """All places, every column as text."""
    return pd.read_csv(FOLDER / "places.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    """All states, every column as text."""
    return pd.read_csv(FOLDER / "states.csv", dtype=str, keep_default_na=False)


def states_with(places: pd.DataFrame, name: str) -> set[str]:
    """Find the states that have a place of that name or alternate name."""
    alternates = places["alternates"].str.split("|").map(lambda names: name in names)
    return set(places.loc[(places["name"] == name) | alternates, "state"])


def test_columns_and_order(places: pd.DataFrame) -> None:
    """The table has the columns that others rely on, ids are unique, and rows are sorted."""
    assert list(places.columns) == PLACE_COLUMNS
    assert places["place_id"].is_unique
    order = list(zip(places["state"], places["name"], places["place_id"], strict=True))
    assert order == sorted(order)


def test_values_are_what_they_say(places: pd.DataFrame) -> None:
    """Codes are text of five digits, coordinates have five decimals, populations are integers or empty."""
    assert places["county_geoid"].str.fullmatch(r"\d{5}").all()
    assert places["lat"].str.fullmatch(r"-?\d+\.\d{5}").all()
    assert places["lon"].str.fullmatch(r"-?\d+\.\d{5}").all()
    assert places["population"].str.fullmatch(r"([1-9]\d*)?").all()
    assert set(places["sources"]) == {"geonames", "zipcodes", "geonames|zipcodes"}
    assert set(places["standing"]) == {"main", "accepted", "other"}
    assert places["alternates"].map(str.isascii).all()


def test_counties_exist(places: pd.DataFrame) -> None:
    """Every county code is one of the boundary file, with the name and the state that it has there."""
    counties = gpd.read_file("data/boundaries/counties.fgb", ignore_geometry=True).set_index("geoid")
    theirs = counties.loc[places["county_geoid"]]
    assert (theirs["full_name"].to_numpy() == places["county"].to_numpy()).all()
    assert (theirs["state"].to_numpy() == places["state"].to_numpy()).all()


@pytest.mark.parametrize("name", ["Norwalk", "Villa Park", "Register", "Springfield", "Falls Church", "St. Louis"])
def test_no_place_twice(places: pd.DataFrame, name: str) -> None:
    """A place that both sources have is one row: no name twice in one county."""
    found = places[places["name"] == name]
    assert not found.duplicated(["state", "county_geoid"]).any()


def test_hardly_any_place_twice(places: pd.DataFrame) -> None:
    """Only places of one county that lie far apart share name and county: five pairs of GeoNames' own."""
    again = places[places.duplicated(["name", "state", "county_geoid"])]
    assert set(again["name"]) == {"LeChee", "Vincent", "Madawaska", "Shrewsbury", "Red Hill"}


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        ("Norwalk", {"CA", "CT", "IA", "OH", "WI"}),
        ("Villa Park", {"CA", "IL"}),
        ("Federal Way", {"WA"}),
        ("Kansas City", {"KS", "MO"}),
        ("Ontario", {"CA", "OH", "OR"}),
        ("Saint Louis", {"MI", "MO"}),
        ("St. Louis", {"MI", "MO"}),
        ("McLean", {"IL", "NE", "NY", "TX", "VA"}),
        ("Canon City", {"CO"}),
        ("La Canada Flintridge", {"CA"}),
        ("Laie", {"HI"}),
        ("Industry", {"CA", "PA"}),
        ("New York", {"NY"}),
    ],
)
def test_known_twins(places: pd.DataFrame, name: str, at_least: set[str]) -> None:
    """Names that exist in several states do so here, whichever way they are spelled."""
    assert states_with(places, name) >= at_least


def test_springfield_is_everywhere(places: pd.DataFrame) -> None:
    """Springfield exists in at least 20 states as a place of its own, not counting hamlets."""
    main = places[places["standing"] == "main"]
    assert len(states_with(main, "Springfield")) >= 20


def test_register_is_in_georgia_alone(places: pd.DataFrame) -> None:
    """A small place that ZIP codes alone name is there, and no false twin."""
    assert states_with(places, "Register") == {"GA"}


def test_falls_church_is_a_county_of_its_own(places: pd.DataFrame) -> None:
    """Falls Church, 5 square kilometers, is in 51610 and not in Fairfax County around it."""
    row = places.set_index(["name", "state"]).loc[[("Falls Church", "VA")]]
    assert row["county_geoid"].tolist() == ["51610"]


def test_mail_is_no_place(places: pd.DataFrame) -> None:
    """Military mail and mail sorting names are left out."""
    assert not places["state"].isin(["AA", "AE", "AP"]).any()
    assert not places["name"].isin(["Apo", "Fpo", "Parcel Return Service", "Shared Firm Zip"]).any()


def test_states_add_up(states: pd.DataFrame) -> None:
    """The 50 states and DC have the 331,449,281 residents of the 2020 Census; territories have none here."""
    counted = states[states["population_2020"] != ""]
    assert len(counted) == 51
    assert counted["population_2020"].astype(int).sum() == 331_449_281
    assert set(states.loc[states["population_2020"] == "", "state"]) == {"AS", "GU", "MP", "PR", "VI"}


def test_census_places_lead_to_places(places: pd.DataFrame) -> None:
    """Each match of a Census place is a place of that state, and nearly all cities and towns have one."""
    census = pd.read_csv(FOLDER / "place_geoids.csv", dtype=str, keep_default_na=False)
    assert set(census["state"]) == {"CA", "CO", "IL", "WA"}
    assert census["place_geoid"].is_monotonic_increasing
    assert set(census["vintage"]) == {"2019"}
    matched = census[census["place_id"] != ""]
    assert (places.set_index("place_id").loc[matched["place_id"], "state"].to_numpy() == matched["state"]).all()
    towns = census[~census["namelsad"].str.endswith("CDP")]
    assert (towns["place_id"] != "").mean() > 0.99


def test_the_script_makes_the_same_bytes(tmp_path: Path) -> None:
    """Who runs the script again gets the committed files byte for byte."""
    run = subprocess.run([sys.executable, MAKE, tmp_path], capture_output=True, text=True, check=False)
    if run.returncode == NOT_INSTALLED:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stderr
    for name in ("places.csv", "states.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
