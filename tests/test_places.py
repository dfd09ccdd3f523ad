"""States, counties and cities are found by the names that people give them."""

from __future__ import annotations

import pytest

from kit.errors import PlaceError
from kit.names import STATE_NAMES
from kit.places import (
    all_places,
    counties_named,
    county_by_geoid,
    county_shapes,
    find_place,
    find_state,
    places_named,
    state_shapes,
    states,
)
from kit.sharing import DATA, as_rows, read_table


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


@pytest.mark.parametrize(
    ("text", "name", "county", "slug"),
    [
        ("Oakland, CA", "Oakland", "Alameda County", "oakland-ca"),
        ("Oakland, California", "Oakland", "Alameda County", "oakland-ca"),
        ("oakland ca", "Oakland", "Alameda County", "oakland-ca"),
        ("0653000", "Oakland", "Alameda County", "oakland-ca"),
        ("oakland-ca", "Oakland", "Alameda County", "oakland-ca"),
        ("City of Oakland, CA", "Oakland", "Alameda County", "oakland-ca"),
        ("kansas city missouri", "Kansas City", "Jackson County", "kansas-city-mo"),
        ("Charles Town, West Virginia", "Charles Town", "Jefferson County", "charles-town-wv"),
        ("Washington, D.C.", "Washington", "District of Columbia", "washington-dc"),
        ("Cañon City, CO", "Cañon City", "Fremont County", "canon-city-co"),
        ("Bethel, Clermont County, OH", "Bethel", "Clermont County", "bethel-clermont-county-oh"),
        ("bethel clermont county oh", "Bethel", "Clermont County", "bethel-clermont-county-oh"),
        ("Minneapolis, Minnesota", "Minneapolis", "Hennepin County", "minneapolis-mn"),
    ],
)
def test_a_city_is_found_however_it_is_written(text, name, county, slug):
    """Name and state in any case, with or without comma, Census code, county where two share a name, folder name."""
    place = find_place(text)
    assert (place.name, place.county, place.slug) == (name, county, slug)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Springfield", "Springfield, Hampden County, MA"),
        ("Bethel, OH", "Bethel, Madison County, OH"),
        ("Washington Township, NJ", "Washington Township, Morris County, NJ"),
        ("Okland, CA", 'Did you mean "Oakland"?'),
        ("West Virginia", "is a state, not a city"),
        ("9999999", "CA, CO, IL, WA"),
        ("Exampleville, CA", "California"),
        ("", "is not a place"),
    ],
)
def test_a_city_that_is_none_or_several_is_refused_with_a_way_on(text, says):
    """An error in three lines, with the candidates or the nearest name."""
    with pytest.raises(PlaceError) as error:
        find_place(text)
    assert len(str(error.value).splitlines()) == 3
    assert says in str(error.value)


def test_the_way_on_that_an_ambiguous_name_gives_leads_to_a_place():
    """What the error says to type is found; so are the folder names of the first places of every state."""
    with pytest.raises(PlaceError) as error:
        find_place("Bethel, OH")
    assert find_place(error.value.do.split('"')[1]).name == "Bethel"
    for state in states():
        place = next(place for place in all_places() if place.state == state.code and place.standing == "main")
        assert find_place(place.slug) == place


@pytest.mark.parametrize(
    ("words", "state", "county"),
    [
        ("Athens-Clarke", "GA", "Clarke County"),
        ("Athens-Clarke County", "GA", "Clarke County"),
        ("Nashville-Davidson", "TN", "Davidson County"),
        ("Louisville/Jefferson", "KY", "Jefferson County"),
        ("Louisville-Jefferson County", "KY", "Jefferson County"),
        ("Augusta-Richmond", "GA", "Richmond County"),
        ("Macon-Bibb", "GA", "Bibb County"),
        ("Butte-Silver Bow", "MT", "Silver Bow County"),
        ("Lexington-Fayette", "KY", "Fayette County"),
        ("Indianapolis", "IN", "Marion County"),
        ("Carson City", "NV", "Carson City"),
        ("Juneau", "AK", "Juneau City and Borough"),
        ("Juneau City and Borough", "AK", "Juneau City and Borough"),
        ("Anchorage Municipality", "AK", "Anchorage Municipality"),
        ("Baltimore City", "MD", "Baltimore city"),
        ("St. Louis City", "MO", "St. Louis city"),
        ("City and County of Denver", "CO", "Denver County"),
        ("Town of Greenwich", "CT", "Fairfield County"),
        ("West Hartford", "CT", "Hartford County"),
        ("Township of Brick", "NJ", "Ocean County"),
        ("San Juan", "PR", "San Juan Municipio"),
        ("Ste. Genevieve", "MO", "Ste. Genevieve County"),
    ],
)
def test_a_government_is_found_by_its_full_name(words, state, county):
    """Consolidated governments, independent cities and New England towns lead to one place in their county."""
    assert {place.county for place in places_named(words, state)} == {county}


@pytest.mark.parametrize(
    ("city", "state", "city_geoid", "county_geoid"),
    [
        ("Baltimore", "MD", "24510", "24005"),
        ("St. Louis", "MO", "29510", "29189"),
        ("Fairfax", "VA", "51600", "51059"),
        ("Richmond", "VA", "51760", "51159"),
        ("Roanoke", "VA", "51770", "51161"),
        ("Franklin", "VA", "51620", "51067"),
    ],
)
def test_a_city_is_told_from_the_county_of_its_name(city, state, city_geoid, county_geoid):
    """`Baltimore County` is the county, `Baltimore city` and `City of Baltimore` the city; the place is in the city."""

    def codes(words: str) -> list[str]:
        return [county.geoid for county in counties_named(words) if county.state == state]

    assert sorted(codes(city)) == sorted([city_geoid, county_geoid])
    assert codes(f"{city} County") == [county_geoid]
    assert codes(f"{city} City") == codes(f"City of {city}") == [city_geoid]
    place = find_place(f"{city}, {state}")
    assert place.county_geoid == city_geoid
    assert place.is_county


def test_cities_that_are_their_county():
    """Virginia has 38 independent cities; San Francisco and Athens are consolidated, Oakland and Fresno are not."""
    assert len({place.county_geoid for place in all_places() if place.state == "VA" and place.is_county}) == 38
    assert [county.geoid for county in counties_named("City of Richmond")] == ["51760"]
    assert all(
        find_place(text).is_county for text in ("San Francisco, CA", "Athens, GA", "Juneau, AK", "Carson City, NV")
    )
    assert not any(find_place(text).is_county for text in ("Oakland, CA", "Fresno, CA", "Orange, CA"))
    assert [county.geoid for county in counties_named("City and County of Honolulu")] == ["15003"]


def test_every_consolidated_government_is_a_place_in_its_county():
    """Each row of the table leads to a place; a wrong code or name would make a city lose its county."""
    rows = read_table(DATA / "gazetteer" / "city_counties.csv")
    for row in as_rows(rows):
        assert row["county_geoid"] in {place.county_geoid for place in places_named(row["place"], row["state"])}
    assert len(rows) == 31


def test_a_township_of_the_fbi_list_comes_last():
    """Tittabawassee Township is known to the FBI alone; its bare name never hides a city, and it is not `main`."""
    (place,) = places_named("Tittabawassee Township")
    assert (place.state, place.county, place.standing, place.lat) == ("MI", "Saginaw County", "other", None)
    assert places_named("Tittabawassee") == (place,)
    assert "other" not in {place.standing for place in places_named("Hampton")}
    assert {"MI", "PA"} <= {place.state for place in places_named("Hampton Township")}


def test_a_township_has_a_point_only_where_the_list_gives_it_one():
    """Three townships of Chester County share a point, which is the county's middle: none of them has it."""
    found = [one for name in ("Upper Uwchlan", "West Nottingham") for one in places_named(f"{name} Township", "PA")]
    assert [(place.county, place.lat) for place in found] == [("Chester County", None)] * 2
