"""The words around the numbers say what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.places import find_state
from kit.story import (
    ABSENCE,
    ACCESS,
    ONE_LIST,
    RANGE,
    WORDS,
    about,
    ask_for,
    caveats,
    cited,
    full_name,
    left_out,
    not_shown,
)


def test_a_list_is_named_by_owner_and_date(lists):
    """Whose it is, and the date that it bears."""
    assert about(lists[0]) == "Orange County Sheriff's Department, list of Feb. 6, 2020"


@pytest.mark.parametrize(
    ("printed", "full"),
    [
        ("Orange County Sheriffs Department", "Orange County Sheriff's Department"),
        ("Costa Mesa CA PD", "Costa Mesa Police Department"),
        ("Iberville Parish LA SO", "Iberville Parish Sheriff's Office"),
        ("Union City Police Department (CA)", "Union City Police Department"),
        ("Exampleville Police Department", "Exampleville Police Department"),
    ],
)
def test_an_owner_is_named_in_full(printed, full):
    """Without the vendor's short forms and without the state that its name carries."""
    assert full_name(printed) == full


def test_caveats_are_chosen_by_the_rows(shared):
    """A range, inactive accounts: each has its caveat, and none stands where the data does not call for it."""
    new, old = (shared[shared["date"] == date] for date in ("2025-03-11", "2020-02-06"))
    assert caveats(old) == ()
    assert caveats(old, ranged=True) == (RANGE,)
    assert len(caveats(new)) == 1
    assert "inactive" in caveats(new)[0]


def test_a_page_says_what_it_does_not_show(lists):
    """Absence, access, and whose lists stand behind it, whatever the state."""
    for code in ("CA", "WY"):
        said = not_shown(lists, find_state(code)).lines
        assert {ABSENCE, ACCESS, ONE_LIST} <= set(said)
    assert "No list here is from an agency in Wyoming" in not_shown(lists, find_state("WY")).lines[0]


def test_a_state_without_lists_is_told_what_to_ask_for():
    """The documents are named as the vendors name them."""
    asked = " ".join(ask_for(find_state("WY")).lines)
    for words in ("Wyoming", "Agency Data Sharing Report", "Flock Safety", "transparency portal"):
        assert words in asked


def test_what_was_left_out_is_told_text_by_text(lists):
    """Where in the record, and the text with its reason: also where the text has semicolons of its own."""
    irvine = next(one for one in lists if one.list_id.startswith("irvine"))
    told = left_out(irvine)
    assert len(told) > 10
    assert told[0][0] == "Request!1"
    assert told[0][1].endswith("(the request's words, no list)")
    assert all(where for where, _ in told)
    assert left_out(lists[0]) == []
    assert left_out(replace(lists[0], left_out="a table with no place")) == [("", "a table with no place")]


def test_a_source_line_names_each_owner_once(lists):
    """With the dates of its lists, in the order of the names."""
    assert cited(one for one in lists if one.system == "vigilant") == (
        "Lists of Orange County Sheriff's Department (Feb. 6, 2020 and March 11, 2025)"
    )


def test_every_kind_has_words():
    """No code of a column is shown to a reader."""
    kinds = (
        "municipal_police county_sheriff state_agency federal fusion_center task_force prosecutor campus_police"
        " transit_airport_port constable_marshal tribal military non_law_enforcement other"
    )
    assert set(kinds.split(" ")) <= set(WORDS)
