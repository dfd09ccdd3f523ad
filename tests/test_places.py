"""States, counties and cities are found by the names that people give them."""

from __future__ import annotations

import pytest

from kit.errors import PlaceError
from kit.names import STATE_NAMES
from kit.places import (
    counties_named,
    county_by_geoid,
    county_shapes,
    find_state,
    places_named,
    state_shapes,
    states,
)


def test_the_states_are_51_and_named_as_in_names():
    """The 50 states and the District of Columbia, the same in code and table."""
    assert {state.code: state.name for state in states()} == STATE_NAMES
    assert len({state.geoid for state in states()}) == 51


@pytest.mark.parametrize("text", ["CA", "ca", "California", "CALIFORNIA", "06", " california "])
def test_a_state_is_found_however_it_is_written(text):
    """Postal code, name in any case, or two-digit code with its zero."""
    assert find_state(text).code == "CA"


@pytest.mark.parametrize(("text", "hint"), [("Californa", '"California"'), ("6", ""), ("", ""), ("Oakland, CA", "")])
def test_an_unknown_state_is_refused_with_the_nearest(text, hint):
    """`6` is no state: `06` is."""
    with pytest.raises(PlaceError) as error:
        find_state(text)
    assert len(str(error.value).splitlines()) == 3
    assert hint in error.value.do


def test_names_that_many_states_have():
    """Norwalk, Villa Park and Orange County are in more than one state; Register is in one."""
    assert {"CA", "CT", "IA", "OH", "WI"} <= {place.state for place in places_named("Norwalk")}
    assert {"CA", "IL"} <= {place.state for place in places_named("Villa Park")}
    assert {place.state for place in places_named("Register")} == {"GA"}
    assert {"CA", "FL", "NY", "TX"} <= {county.state for county in counties_named("Orange")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Louis", "Saint Louis"),
        ("Mt. Vernon", "Mount Vernon"),
        ("Ft. Worth", "Fort Worth"),
        ("LEES SUMMIT", "Lee's Summit"),
    ],
)
def test_spellings_of_one_name_find_the_same_places(one, other):
    """Saint and St., Mount and Mt., Fort and Ft., and a missing apostrophe are no other name."""
    assert places_named(one) == places_named(other)
    assert places_named(one)


def test_a_place_knows_its_county_and_census_code():
    """Oakland is in Alameda County; its Census code is 0653000."""
    oakland = places_named("Oakland", "CA")[0]
    assert (oakland.county, oakland.county_geoid, oakland.geoid) == ("Alameda County", "06001", "0653000")
    assert oakland.incorporated == "yes"


def test_counties_by_what_stands_for_one():
    """A parish, an independent city and a city that is a county are found by their names."""
    assert [county.geoid for county in counties_named("West Baton Rouge")] == ["22121"]
    assert [county.geoid for county in counties_named("Carson City")] == ["32510"]
    assert county_by_geoid("51610").full_name == "Falls Church city"
    assert county_by_geoid("99999") is None


def test_shapes_load_with_their_codes():
    """California has 58 counties; every shape is valid, in EPSG:4326 and says its vintage."""
    counties = county_shapes("CA")
    assert len(counties) == 58
    assert counties.crs.to_epsg() == 4326
    assert counties.geometry.is_valid.all()
    assert set(counties["vintage"]) == {"2016"}
    assert len(state_shapes()) >= 51
