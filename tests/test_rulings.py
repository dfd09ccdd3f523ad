"""What reporters rule comes first, says who and why, and is never lost."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from kit import agencies, rulings
from kit.agencies import resolve_lists, resolve_name
from kit.decisions import FEDERAL_GROUPS, KINDS, decide
from kit.errors import DataError
from kit.rulings import COLUMNS, keep, news, ruling_of, without_name
from kit.sharing import read_table, write_table
from kit.story import WORDS

OLD = "orange-county-sheriff-2020-02-06-vigilant"
NEW = "orange-county-sheriff-2025-03-11-vigilant"
UNION = "Union City Police Department"


def ruling(name: str, decision: str, when: str = "2026-01-02", list_id: str = "") -> rulings.Ruling:
    line = (name, decision, list_id, "A. Reporter", when, "the chief confirmed by phone")
    return ruling_of(dict(zip(COLUMNS, line, strict=True)), "sheet.csv, row 2")


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Give the path of a table of rulings of the test's own, still empty."""
    path = tmp_path / "rulings" / "agencies.csv"
    write_table(pd.DataFrame(columns=list(COLUMNS)), path)
    monkeypatch.setattr(rulings, "DATA", tmp_path)
    agencies.forget()
    yield path
    monkeypatch.undo()
    agencies.forget()


@pytest.fixture
def rule(table):
    """Give what keeps rulings, each a name and a decision, perhaps with a day and a list."""
    assert table.exists()

    def kept(*given: tuple[str, ...]) -> None:
        keep(news([ruling(*one) for one in given]).new)
        agencies.forget()

    return kept


@pytest.fixture(scope="session")
def orange(lists):
    """Give the two Vigilant lists of Orange County's sheriff, the older first."""
    return [one for one in lists if one.list_id in {OLD, NEW}]


@pytest.fixture(scope="session")
def unruled(orange):
    """Give their rows as they are with no ruling."""
    return resolve_lists(orange)


def differing(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that are not as they were."""
    was, now = (rows.astype("object").fillna("") for rows in (before, after))
    return after[(was != now).any(axis=1)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ca", "CA"),
        ("California", "CA"),
        ("us", "US"),
        ("norwalk,  ct", "Norwalk, CT"),
        ("Jefferson County, TX", "Jefferson County, TX"),
        ("East Baton Rouge Parish, Louisiana", "East Baton Rouge Parish, LA"),
        ("Not an Agency", "not an agency"),
        ('Same as "Union City Police Department (CA)"', "same as Union City Police Department (CA)"),
        ("not same as ICE", "not the same as ICE"),
        ("Kind: County Sheriff", "kind: county_sheriff"),
        ("kind=immigration enforcement", "kind: immigration_enforcement"),
        ("UNKNOWN", "unknown"),
        ("undo", "undo"),
    ],
)
def test_a_decision_is_read_however_it_is_typed(said, kept):
    """Case, spaces and quotation marks do not matter; what is kept reads back as itself."""
    assert decide(said).text == kept
    assert decide(kept) == decide(said)


def test_every_kind_that_may_be_ruled_has_its_words_on_a_page():
    """A page calls no kind and no federal group by its code."""
    assert {*KINDS, *FEDERAL_GROUPS} <= set(WORDS)


@pytest.mark.parametrize(
    ("said", "what", "do"),
    [
        ("Californa?", "is not a decision", "a state (CA"),
        ("unknwon", "is not a decision", 'Did you mean "unknown"'),
        ("kind: sherif", "is not a kind", "county_sheriff"),
        ("Exampleville, CA", 'No place "Exampleville" is known in California', "write the state alone: CA"),
        ("same as", "is not a decision", "same as NAME"),
        (", CA, TX", "No place", ""),
    ],
)
def test_what_is_no_decision_is_refused_in_three_lines(said, what, do):
    """What is wrong and what may be written."""
    with pytest.raises(DataError) as error:
        decide(said)
    assert what in error.value.what
    assert do in error.value.do


@pytest.mark.parametrize("column", ["name", "decision", "who", "when", "why"])
def test_a_ruling_without_who_when_or_why_is_none(table, column):
    """A hand-made row that lacks one of them is refused by its row number."""
    line = {**ruling(UNION, "PA").line, column: " "}
    write_table(pd.DataFrame([ruling(UNION, "CA").line, line]), table)
    with pytest.raises(DataError) as error:
        resolve_name(UNION)
    assert column in error.value.what
    assert error.value.where == "data/rulings/agencies.csv, row 3"


def test_a_ruling_comes_before_all_other_evidence(rule):
    """The state, certain, on whose word, since when and why."""
    assert resolve_name(UNION).status == "ambiguous"
    rule((UNION, "PA"))
    found = resolve_name(UNION)
    assert (found.state, found.status, found.candidates) == ("PA", "certain", ("PA",))
    assert found.basis == "ruling of A. Reporter, 2026-01-02: the chief confirmed by phone"
    assert resolve_name(f"{UNION} (CA)").state == "CA"
    assert without_name([f"{UNION} (CA)"]) == [UNION]


def test_case_and_white_space_do_not_matter(rule):
    """A name is matched however it is spaced and cased."""
    rule(("UNION  CITY police department", "PA"))
    assert resolve_name(UNION).state == "PA"
    assert without_name([UNION]) == []


@pytest.mark.parametrize(
    ("decision", "place", "county"),
    [
        ("Norwalk, CT", "Norwalk", "Fairfield County"),
        ("Jefferson County, TX", "Jefferson County", "Jefferson County"),
    ],
)
def test_a_ruling_may_name_the_place(rule, decision, place, county):
    """The agency stands in that city or county, and can be mapped by county."""
    rule(("Exampleville Police Department", decision))
    found = resolve_name("Exampleville Police Department")
    assert (found.place, found.county, found.status) == (place, county, "certain")
    assert len(found.county_geoid) == 5


def test_a_ruling_on_the_state_keeps_kind_and_federal_group(rule):
    """HSI in New Orleans, ruled to be in Texas, is still immigration enforcement."""
    name = "DHS - HSI - New Orleans"
    before = resolve_name(name)
    rule((name, "TX"))
    after = resolve_name(name)
    assert (after.kind, after.group, after.state) == (before.kind, before.group, "TX")


def test_a_ruling_on_the_kind_leaves_the_place(rule):
    """A wrong name for the Border Patrol is ruled to be immigration enforcement, where it was."""
    name = "United States Border Control - Grand Forks Sector MN"
    before = resolve_name(name)
    rule((name, "kind: immigration_enforcement"), (UNION, "kind: campus_police"))
    after = resolve_name(name)
    assert (after.kind, after.group) == ("federal", "immigration_enforcement")
    assert (after.state, after.status, after.candidates) == (before.state, before.status, before.candidates)
    assert "its kind by ruling of A. Reporter" in after.basis
    assert (resolve_name(UNION).kind, resolve_name(UNION).status) == ("campus_police", "ambiguous")


def test_unknown_leaves_a_name_as_it_is(rule):
    """The range stays honest; the basis says that somebody tried."""
    before = resolve_name(UNION)
    rule((UNION, "unknown"))
    after = resolve_name(UNION)
    assert replace(after, basis="") == replace(before, basis="")
    assert "left open by ruling of A. Reporter" in after.basis


def test_what_is_no_agency_is_counted_nowhere(rule, orange, unruled):
    """Its rows stay in the table, and are not counted."""
    rule((UNION, "not an agency"))
    rows = resolve_lists(orange)
    found = rows[rows["partner"] == UNION]
    assert len(rows) == len(unruled)
    assert set(found["counted"]) == {"no"}
    assert set(found["state"]) == {""}
    assert set(found["status"]) == {"certain"}
    assert set(differing(unruled, rows)["partner"]) == {UNION}


def test_a_ruling_changes_its_own_rows_and_no_others(rule, orange, unruled):
    """All lists with and without a ruling: every other row is the same to the letter."""
    rule((UNION, "PA"), ("Brentwood Police Department", "MO"))
    changed = differing(unruled, resolve_lists(orange))
    assert set(changed["partner"]) == {UNION, "Brentwood Police Department"}
    assert set(changed["status"]) == {"certain"}
    assert len(changed) == int(unruled["partner"].isin([UNION, "Brentwood Police Department"]).sum())


def test_undone_rulings_leave_no_trace_in_the_numbers(rule, table, orange, unruled):
    """An undo is a further row: the history stays, the rows are as they were."""
    rule((UNION, "PA"), (UNION, "kind: campus_police"), (f"{UNION} (CA)", f"same as {UNION}"))
    assert not differing(unruled, resolve_lists(orange)).empty
    rule((UNION, "undo", "2026-01-03"), (f"{UNION} (CA)", "undo", "2026-01-03"))
    assert differing(unruled, resolve_lists(orange)).empty
    assert list(read_table(table)["decision"])[:2] == ["PA", "kind: campus_police"]
    assert len(read_table(table)) == 5


@pytest.mark.parametrize(("one", "other"), [(UNION, f"{UNION} (CA)"), (f"{UNION} (CA)", UNION)])
def test_two_accounts_of_one_agency_count_once(rule, orange, unruled, one, other):
    """Whichever is ruled to be the other: one of the two counts, and both stand where one certainly is."""
    rule((one, f"same as {other}"))
    rows = resolve_lists(orange)
    pair = rows[rows["partner"].isin([one, other]) & (rows["list_id"] == OLD) & (rows["direction"] == "shares_with")]
    assert dict(zip(pair["partner"], pair["counted"], strict=True)) == {one: "no", other: "yes"}
    assert set(pair["state"]) == {"CA"}
    assert set(pair["status"]) == {"certain"}
    alone = rows[(rows["partner"] == f"{UNION} (CA)") & (rows["list_id"] == NEW)]
    assert set(alone["counted"]) == {"yes"}
    assert set(differing(unruled, rows)["partner"]) <= {one, other}
    shared = rows[(rows["list_id"] == OLD) & (rows["direction"] == "shares_with") & (rows["data"] == "detections")]
    assert len(shared) == 295
    assert int((shared["counted"] == "yes").sum()) == 294


def test_an_agency_that_only_its_further_account_lists_still_counts(rule, orange):
    """A name joined to one that the list does not have is counted there."""
    rule((UNION, "same as Norwalk Police Department"))
    rows = resolve_lists(orange)
    assert "Norwalk Police Department" in set(rows["partner"])
    for _, section in rows.groupby(["list_id", "direction", "data"]):
        there = section[section["partner"].isin([UNION, "Norwalk Police Department"])]
        assert int((there["counted"] == "yes").sum()) == min(1, len(there))


def test_accounts_ruled_to_be_one_are_one_in_what_changed(rule, orange):
    """An agency that goes by another name in the newer list is renamed, and not dropped."""
    old, new = orange
    change = rulings.compare(old, new).set_index("partner")["change"]
    assert change[UNION] == "dropped"
    rule((UNION, f"same as {UNION} (CA)"))
    change = rulings.compare(old, new).set_index("partner")["change"]
    assert UNION not in change.index
    assert change[f"{UNION} (CA)"] == "still there"


def test_a_wrong_link_is_split_by_a_ruling(rule, orange, unruled):
    """An account taken for a renamed one is dropped and added again, and proves nothing of the other's state."""
    old, new = orange
    change = rulings.compare(old, new)
    renamed = change[change["change"] == "renamed"]
    was, now = renamed.iloc[0]["partner_before"], renamed.iloc[0]["partner"]
    rule((now, f"not the same as {was}"))
    change = rulings.compare(old, new)
    assert list(change.loc[change["partner"].isin([was, now]), "change"]) == ["dropped", "added"]
    changed = differing(unruled, resolve_lists(orange))
    assert set(changed["partner"]) <= {was, now}


def test_a_wrong_merge_is_split_by_a_later_ruling(rule):
    """Either name may be the one that is ruled on; what was known of it before comes back."""
    before = resolve_name(UNION)
    rule((UNION, f"same as {UNION} (CA)"))
    assert resolve_name(UNION).state == "CA"
    rule((f"{UNION} (CA)", f"not the same as {UNION}", "2026-02-01"))
    assert resolve_name(UNION) == before


def test_a_ruling_for_one_list_holds_in_that_list_alone(rule, orange, unruled):
    """The same name in another list is decided by evidence; within its list it comes before one for all."""
    rule((UNION, "PA", "2026-01-02", OLD), ("Norwalk Police Department", "OH", "2026-01-02", OLD))
    rows = resolve_lists(orange)
    assert set(rows.loc[rows["partner"] == UNION, "state"]) == {"PA"}
    assert set(differing(unruled, rows)["list_id"]) == {OLD}
    rule(("Norwalk Police Department", "IA", "2026-03-01"))
    norwalk = resolve_lists(orange).query("partner == 'Norwalk Police Department'")
    assert dict(zip(norwalk["list_id"], norwalk["state"], strict=True)) == {OLD: "OH", NEW: "IA"}
    assert resolve_name("Norwalk Police Department").state == "IA"


def test_of_two_rulings_the_later_is_in_force_and_it_is_said(rule):
    """By day, not by row; what it replaces is named with who ruled it."""
    rule((UNION, "PA", "2026-02-01"))
    found = news([ruling(UNION, "CA", "2026-03-01")])
    assert found.conflicts == (f'"{UNION}": "CA" takes the place of "PA" (A. Reporter, 2026-02-01).',)
    earlier = news([ruling(UNION, "NJ", "2026-01-01")])
    assert earlier.conflicts == (f'"{UNION}": "NJ" of 2026-01-01 stands behind "PA" of 2026-02-01.',)
    keep(earlier.new)
    agencies.forget()
    assert resolve_name(UNION).state == "PA"


def test_the_same_ruling_again_changes_nothing(rule, table):
    """Given once more it is known; after an undo of a later day it stays undone."""
    rule((UNION, "PA"))
    before = table.read_bytes()
    again = news([ruling(UNION.upper(), "pa")])
    assert (len(again.new), len(again.known)) == (0, 1)
    assert table.read_bytes() == before
    rule((UNION, "undo", "2026-01-03"))
    assert len(news([ruling(UNION, "PA")]).known) == 1
    assert len(news([ruling(UNION, "PA", "2026-01-04")]).new) == 1


def test_rulings_that_lead_in_a_circle_are_refused(rule):
    """Of two that name each other the later holds; a longer circle is an error and keeps nothing."""
    rule(("A PD", "same as B PD"), ("B PD", "same as A PD", "2026-01-03"))
    assert rulings.accounts("B PD") == ("A PD", "B PD")
    rule(("A PD", "same as C PD", "2026-01-04"))
    assert rulings.accounts("B PD")[0] == "C PD"
    with pytest.raises(DataError, match="round in a circle"):
        news([ruling("C PD", "same as B PD", "2026-01-05")])


def test_a_name_that_looks_like_a_formula_comes_back(rule, table):
    """It is quoted in the table and matches all the same."""
    rule(("=HYPERLINK(1) Police Department", "CA"))
    assert "\n'=HYPERLINK" in table.read_text(encoding="utf-8")
    assert resolve_name("=HYPERLINK(1) Police Department").state == "CA"


def test_a_table_written_by_hand_without_lists_is_read(rule, table):
    """The column list_id may be missing: each ruling is then for all lists; the next one kept adds it."""
    line = ruling(UNION, "PA").line
    write_table(pd.DataFrame([{column: line[column] for column in COLUMNS if column != "list_id"}]), table)
    agencies.forget()
    assert resolve_name(UNION).state == "PA"
    rule(("Brentwood Police Department", "MO"))
    assert list(read_table(table, COLUMNS)["list_id"]) == ["", ""]
