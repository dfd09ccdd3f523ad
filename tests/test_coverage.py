"""Who covers a place, who is near, and what the lists do not know."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from kit.agencies import resolve_lists
from kit.coverage import STACK, coverage, near, out_of_state, place_stack, residents
from kit.names import STATE_NAMES
from kit.places import places_named
from kit.records import SHARING_COLUMNS
from tests.made_lists import a_list, held, pairs_of_the_news_observer

OC_2025 = "orange-county-sheriff-2025-03-11-vigilant"


def place(name, state="CA"):
    return places_named(name, state)[0]


def stack(*args):
    return place_stack(*args).set_index("kind")


@pytest.fixture(scope="module")
def newsobserver(record_file):
    """Give the News & Observer's pairs of April 2024 as a list, with its resolved rows."""
    one = pairs_of_the_news_observer(record_file)
    return one, resolve_lists([one])


def test_the_stack_of_oakland(rows, lists):
    """City police and the county's sheriff stand in the lists; BART may cover it; nothing is said to be `no`."""
    found = stack(place("Oakland"), rows, lists)
    assert list(found.index) == list(STACK)
    assert found["answer"].to_dict() == {
        **dict.fromkeys(STACK, "not in these lists"),
        **dict.fromkeys(["police", "sheriff", "state", "regional"], "yes"),
    }
    police = rows[rows["row_id"].isin(found.loc["police", "row_ids"])]
    assert set(police["partner"].str.upper()) == {"OAKLAND CA PD"}
    assert [name for name in found.loc["transit", "may_be"] if "BAY AREA RAPID TRANSIT" in name.upper()]


def test_the_police_of_another_place_do_not_cover_it(rows, lists):
    """Norwalk in the lists is Connecticut's: Norwalk, California, is in none; nor does another city's port cover it."""
    found = stack(place("Norwalk"), rows, lists, "2025-03-11")
    assert found.loc["police", "answer"] == "not in these lists"
    assert found.loc["port", "answer"] == "not in these lists"


def test_no_needs_a_whole_and_empty_list_of_that_agency():
    """Anaheim's own list says that it shares with nobody: no; with text left unread, or for its neighbor: not known."""
    empty = pd.DataFrame(columns=list(SHARING_COLUMNS))
    said = {"list_id": "anaheim", "owner": "Anaheim CA PD", "owner_state": "CA", "date": "2025-01-01"}
    none = held(empty, **said, counts="shares_with network 0; receives_from network 0", left_out="nothing")
    part = held(empty, **said, counts="shares_with network 0", left_out="p2: a page that could not be read (why)")
    other = a_list(["Fresno CA PD"])
    rows = resolve_lists([other])
    answers = [stack(place(name), rows, [other, one])["answer"]["police"] for name, one in
               (("Anaheim", none), ("Anaheim", part), ("Irvine", none), ("Fresno", none))]  # fmt: skip
    assert answers == ["no", "not in these lists", "not in these lists", "yes"]


def test_a_state_without_lists_is_not_known_everywhere(rows, lists):
    """A town in Wyoming: every kind `not in these lists`, none `no`."""
    assert set(stack(place("Cheyenne", "WY"), rows, lists)["answer"]) == {"not in these lists"}


def test_out_of_state_links_in_the_news_observers_pairs(newsobserver):
    """El Cajon first, then the Sequoias college district, Menifee and Seaside: a few off two simpler counts.

    One is by the state codes that names print; the other (94, 71, 31 and 22) has national units, too, which are
    in no other state.
    """
    one, rows = newsobserver
    printed = one.rows["partner"].str.extract(rf"\S[ (]({'|'.join(STATE_NAMES)})\b", expand=False).fillna("CA")
    plain = one.rows[one.rows["owner"].str.contains(r"\bCA\b") & (printed != "CA")]["owner"].value_counts()
    found = out_of_state(rows, [one], "CA")
    most = found[found["sure"]]["owner"].value_counts()
    assert [re.split(" (?:Community|CA)", name)[0] for name in most.index[:4]] == [
        "El Cajon",
        "Sequoias",
        "Menifee",
        "Seaside",
    ]
    for name, simple in zip(most.index, (94, 71, 31, 22), strict=False):
        assert abs(most[name] - plain[name]) <= 4
        assert abs(most[name] - simple) <= 4
    for state, about in (("WA", 222), ("IL", 108)):
        found = out_of_state(rows, [one], state)
        codes = found["partner"].str.extract(rf"\S[ (]({'|'.join(STATE_NAMES)})\b", expand=False)
        # The simple count is by codes inside a name; the others print their state in front or spell it.
        by_code = found["sure"] & codes.notna() & (codes != state)
        assert by_code.sum() <= about <= found["sure"].sum() + 1
        others = found[found["sure"] & ~by_code]
        assert others["basis"].str.contains("name").all()
        assert len(others) <= 15


def test_coverage_counts_each_agency_once(rows, lists):
    """An agency under the names of two vendors is one; the owners are the four whose lists are held."""
    known = coverage(rows, lists, "CA")
    assert set(known.owners) == {
        "Irvine Police Department",
        "Orange County Sheriffs Department",
        "Buena Park CA PD",
        "Costa Mesa CA PD",
    }
    anaheim = known.named[(known.named["place"] == "Anaheim") & (known.named["kind"] == "municipal_police")]
    assert len(anaheim) == 1
    assert set(anaheim["systems"].iloc[0].split(";")) >= {"flock", "vigilant"}
    assert not set(known.named["row_id"]) & set(known.maybe["row_id"])
    assert known.limits
    portal = coverage(rows[rows["list_id"].str.contains("portal")], lists, "CA")
    assert any("from whom the owner gets data" in line for line in portal.limits)


def test_residents_of_cities_on_a_list(rows):
    """Anaheim, Irvine and Santa Ana once each, though a name stands twice; the state's own figure is the census's."""
    listed = rows[(rows["list_id"] == OC_2025) & (rows["direction"] == "shares_with")]
    three = listed[listed["place"].isin(["Anaheim", "Irvine", "Santa Ana"]) & (listed["kind"] == "municipal_police")]
    found = residents(pd.concat([three, three]), "CA")
    assert sorted(found.places) == ["Anaheim", "Irvine", "Santa Ana"]
    assert found.low == found.high == sum(place(name).population for name in found.places)
    assert found.of == 39_538_223
    county = residents(listed, "CA", "06059")
    assert 0 < county.low <= county.high < county.of < 3_200_000
    assert "Anaheim" in county.places
    assert residents(listed, "WY", "56021").of is None


def test_near_costa_mesa(rows, lists):
    """Adjoining counties that share are those the map shows; cities come by distance; each row names its agency."""
    found = near(place("Costa Mesa"), rows, lists, 15)
    counties = found[found["kind"] == "adjoining county"]
    assert set(counties["place"]) <= {
        "Los Angeles County",
        "Riverside County",
        "San Bernardino County",
        "San Diego County",
    }
    assert "Riverside County" in set(counties["place"])
    cities = found[found["kind"] == "city"]
    assert {"Newport Beach", "Huntington Beach", "Irvine", "Santa Ana"} <= set(cities["place"])
    assert not {"Costa Mesa", "Anaheim"} & set(cities["place"])
    assert list(cities["km"]) == sorted(cities["km"])
    assert (cities["km"] <= 15).all()
    assert (found["gives"] | found["gets"]).all()
