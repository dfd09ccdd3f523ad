"""Headlines say what the numbers of a figure show, and no more than that."""

from __future__ import annotations

import pytest

from kit import headlines
from kit.findings import Finding


def number(low: int, high: int | None = None) -> Finding:
    """Give a finding of that number or range."""
    high = low if high is None else high
    return Finding("n", "n", low if low == high else None, low, high, "agencies", "", ())


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([("California", 109), ("Texas", 14), ("Georgia", 13)], "Texas has the most agencies outside California: 14"),
        ([("Texas", 14), ("Georgia", 13)], "Texas has the most agencies: 14"),
        (
            [("California", 9), ("Connecticut", 1), ("Georgia", 1)],
            "Connecticut and Georgia have the most agencies outside California: one each",
        ),
        (
            [("California", 9), ("Iowa", 1), ("Ohio", 1), ("Utah", 1)],
            "No state has more than 1 agency outside California",
        ),
        ([("California", 9)], "All agencies that are certain are in California"),
    ],
)
def test_the_state_with_most_is_told(found, says):
    """The owner's own state is set aside, and of several with one number none is said to have most."""
    assert headlines.by_state([(name, number(count)) for name, count in found], "California") == says


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (
            [(99, 182), (2, 9), (0, 20)],
            "One list names 99 to 182 agencies outside California; no other has more than 20",
        ),
        ([(4, 9), (2, 6)], "4 to 9 agencies outside California are on the list that reaches furthest"),
        ([(1, 1)], "1 agency outside California is on the list that reaches furthest"),
        (
            [(0, 3), (0, 20)],
            "No agency is certainly outside California; on no list are there more than 20 that could be",
        ),
    ],
)
def test_how_far_lists_reach_is_told_by_what_is_sure(away, says):
    """A list is said to reach furthest beyond all others only where its low end is above their high ends."""
    assert headlines.in_and_out([("A list", number(9), number(*ends)) for ends in away], "California") == says


def test_a_half_is_a_half_of_the_most_there_can_be():
    """A kind is more than half only where its low end is more than half of the high end of all."""
    kinds = [("Sheriffs", number(2)), ("City and county police", number(5, 6))]
    assert headlines.by_kind(kinds, number(9)).startswith("City and county police are more than half of the agencies")
    assert headlines.by_kind(kinds, number(9, 10)).startswith("City and county police are the largest group of")


def test_changes_are_told_from_then_to_now():
    """What is gone and new, what fell or grew most, a list that grew or stayed."""
    assert headlines.change({"dropped": number(182), "added": number(1)}) == (
        "182 agencies are gone from the list, 1 is new"
    )
    rows = [("Sheriffs", number(62), number(15)), ("Tribal police", number(1), number(3))]
    assert headlines.moved(rows) == "Sheriffs fell most, from 62 to 15"
    assert headlines.moved(rows[1:]) == "Tribal police grew most, from 1 to 3"
    assert headlines.moved([("Sheriffs", number(2), number(2))]) == "The numbers are the same at both dates"
    assert headlines.over_time([("2020", number(295)), ("2025", number(149))]) == (
        "The list went from 295 agencies to 149"
    )
    assert headlines.over_time([("2020", number(9)), ("2025", number(9))]) == (
        "The list of 2025 names 9 agencies, as the first did"
    )


def test_a_count_that_moves_with_the_definition_is_told_by_its_ends():
    """From the narrowest to the widest, or that it does not move."""
    found = [("statute", number(0, 3)), ("any", number(25, 36))]
    assert headlines.by_definition(found).startswith("From 0 to 36 of the agencies")
    assert (
        headlines.by_definition([("any", number(1))]) == "By every definition, 1 of the agencies is of sanctuary places"
    )


def test_who_is_on_most_lists_is_told_where_few_are():
    """A name that is alone ahead is told; many or long names are counted."""
    names = [("NCRIC", number(4)), ("CBP - NTC", number(1)), ("HIDTA", number(1))]
    assert headlines.on_most(names) == "NCRIC gets the data of four of these owners, more than any other"
    assert headlines.on_most([(name, number(2)) for name, _ in names]) == (
        "Three agencies get the data of two of these owners, none of more"
    )
    assert headlines.on_most([("N" * 60, number(2)), names[1]]) == (
        "One agency gets the data of two of these owners, none of more"
    )
    assert headlines.on_most(names[1:]) == "CBP - NTC and HIDTA get the data of one of these owners"
    assert headlines.by_owners([("4 owners", number(225)), ("1 owner", number(91))]) == (
        "225 agencies get the data of 4 owners, none of more"
    )


def test_one_is_not_plural():
    """A number of one has its own words."""
    assert headlines.one_way([("A list", number(1), number(9))]) == "1 agency gets the data and sends none: A list"
    assert headlines.near(number(1), "Exampleville") == "1 neighbor of Exampleville is in the lists"
    assert (
        headlines.reach(number(1), "Exampleville police")
        == "Agencies in at least 1 state got the data of the Exampleville police"
    )
    assert headlines.by_county([("Orange County", number(27))]) == (
        "Orange County has the most agencies that get the data: 27"
    )
