"""A page gets of the lists what concerns it: no number is another for it, and what does not concern it is not seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kit import agencies, coverage, manifest, pathways, rulings, scope
from kit.agencies import may_be_in
from kit.errors import DataError
from kit.places import find_place, find_state, states
from kit.rulings import compare
from kit.scope import digest, lists_about
from kit.sharing import read_table, write_table

ROOT = Path(__file__).resolve().parent.parent
STATES = ("CA", "WA", "AZ", "TX", "WY")


def told(frame):
    """Give the rows of a frame, in no order."""
    return sorted(map(str, frame.itertuples(index=False, name=None)))


@pytest.mark.parametrize("code", STATES)
def test_no_count_of_a_state_is_another(code, rows, lists):
    """Who is there, who may be, and what changed there, is the same by the whole lists."""
    here = find_state(code)
    some, narrow = lists_about(here)
    for way in (lambda t: t[(t["status"] == "certain") & (t["state"] == code)], lambda t: t[may_be_in(t, code)]):
        assert told(way(narrow)) == told(way(rows))
        for date in ("", "2025-06-01"):
            assert told(way(pathways.plates_at(narrow, date))) == told(way(pathways.plates_at(rows, date)))
    where = rows.set_index("row_id")[["state", "status"]]
    whole = {one.list_id: one for one in lists}
    for new in some:
        for old in (one for one in some if (one.owner, one.system) == (new.owner, new.system) and one.date < new.date):
            by_these, by_all = compare(old, new), compare(whole[old.list_id], whole[new.list_id])
            here_alone = []
            for change in (by_these, by_all):
                at = change.join(where, on=change["row_id"].where(change["row_id"] != "", change["row_id_before"]))
                here_alone.append(told(at[(at["status"] == "certain") & (at["state"] == code)]))
            assert here_alone[0] == here_alone[1]


@pytest.mark.parametrize("name", ["Oakland, CA", "Chicago, IL", "Portland, OR", "Las Vegas, NV"])
def test_no_way_and_no_neighbor_of_a_city_is_lost(name, rows, lists):
    """Ways, neighbors across the state line, and the agencies that cover it, are the same by the whole lists."""
    here = find_place(name)
    some, narrow = lists_about(here)
    assert told(pathways.ways(narrow, some, here)) == told(pathways.ways(rows, lists, here))
    assert told(coverage.near(here, narrow, some)) == told(coverage.near(here, rows, lists))
    assert told(coverage.place_stack(here, narrow, some).drop(columns="may_be")) == told(
        coverage.place_stack(here, rows, lists).drop(columns="may_be")
    )


def test_a_list_of_the_state_is_whole(lists):
    """California has all six, to the last row."""
    some, narrow = lists_about(find_state("CA"))
    assert [one.list_id for one in some] == [one.list_id for one in lists]
    assert len(narrow) == sum(len(one.rows) for one in lists)


def test_an_owner_and_a_list_are_asked_for_by_name(lists):
    """All lists of an owner; one list by its id; nothing else is called so."""
    own, rows = lists_about("Orange County Sheriffs Department")
    assert [one.list_id for one in own] == [one.list_id for one in lists if "orange-county-sheriff" in one.list_id]
    (one,), rows = lists_about("irvine-2025-02-11-a1-a4")
    assert set(rows["list_id"]) == {one.list_id}
    with pytest.raises(DataError, match="No list here is called"):
        lists_about("irvine-2025-02-12-a1-a4")


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """Give a way to keep other lists in the place of those of the kit."""
    data = tmp_path / "data"
    for folder in ("lists", "rulings"):
        shutil.copytree(ROOT / "data" / folder, data / folder)
    monkeypatch.setattr(scope, "DATA", data)

    def edit(list_id, change):
        path = data / "lists" / f"{list_id}.csv"
        write_table(change(read_table(path)), path)

    return edit


def digests():
    return {state.code: digest(f"about {state.code}") for state in states()}


def differing(before):
    return {code for code, now in digests().items() if now != before[code]}


PORTAL = "buena-park-ca-2026-01-25-flock-portal"


def added(name):
    """Give a change that adds a partner at the end of a list."""

    def add(table):
        last = table.iloc[-1].to_dict()
        number = int(last["row_id"].rpartition(":")[2]) + 1
        line = last | {
            "partner": name,
            "row_id": f"{last['list_id']}:{number}",
            "partner_city": "",
            "partner_state": "",
        }
        return pd.concat([table, pd.DataFrame([line])], ignore_index=True)

    return add


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("Fresno County Probation Department", {"CA"}),
        ("Tucson Police Department (AZ)", {"CA", "AZ"}),
        ("Dallas Police Department (TX)", {"CA", "TX"}),
    ],
)
def test_one_changed_list_touches_the_states_of_its_change(edited, name, touched):
    """A name that is new on a list is seen by its owner's state and by its own."""
    before = digests()
    edited(PORTAL, added(name))
    assert differing(before) == touched


def test_a_name_that_may_be_anywhere_touches_the_states_it_may_be_in(edited):
    """What is open is told where it may be."""
    before = digests()
    edited(PORTAL, added("Lincoln Police Department"))
    touched = differing(before)
    assert {"CA", "NE"} < touched
    assert len(touched) < len(before)


def test_a_newer_list_without_a_state_ends_the_older_one_there(edited):
    """An agency that the newest list does not name any more is not told by the older list."""
    list_id = "orange-county-sheriff-2025-03-11-vigilant"
    _, rows = lists_about(find_state("TX"))
    assert not pathways.plates_at(rows)["list_id"].eq("orange-county-sheriff-2020-02-06-vigilant").any()
    edited(list_id, lambda table: table[~table["partner"].str.contains("TX|Texas")])
    _, rows = lists_about(find_state("TX"))
    assert not pathways.plates_at(rows)["list_id"].eq("orange-county-sheriff-2020-02-06-vigilant").any()


@pytest.mark.usefixtures("edited")
def test_a_ruling_touches_the_places_of_its_name(tmp_path, monkeypatch):
    """Where a name may be is told anew; a state that it never could be in stays as it is."""
    before, (_, rows) = digests(), lists_about()
    open_in = {
        code
        for codes in rows.loc[rows["partner"] == "NORWALK POLICE DEPARTMENT", "candidates"]
        for code in codes.split(";")
    }
    path = tmp_path / "data" / "rulings" / "agencies.csv"
    line = ["Norwalk Police Department", "CT", "", "A. Editor", "2026-01-02", "Asked its chief"]
    table = read_table(path)
    write_table(pd.concat([table, pd.DataFrame([line], columns=table.columns)]), path)
    monkeypatch.setattr(rulings, "DATA", tmp_path / "data")
    agencies.forget()
    try:
        assert differing(before) == open_in
        assert {"CA", "CT", "OH"} < open_in
    finally:
        monkeypatch.undo()
        agencies.forget()


def test_a_page_holds_as_long_as_what_it_asked_for_does(edited, tmp_path, monkeypatch):
    """The manifest keeps question and answer; where lists changed elsewhere, the page is up to date."""
    folder = tmp_path / "texas"
    folder.mkdir()
    monkeypatch.setenv("KIT_FOLDER", str(folder))
    lists_about(find_state("TX"))
    notebook = ROOT / "notebooks" / "state.ipynb"
    manifest.write_manifest(folder, notebook, {"state": "TX"}, "tables lists")
    assert json.loads((folder / manifest.NAME).read_text())["lists"].keys() == {"about TX"}
    assert manifest.is_current(folder, "tables lists")
    assert manifest.is_current(folder, "tables other-lists")
    assert not manifest.is_current(folder, "other-tables lists")
    edited(PORTAL, added("Dallas Police Department (TX)"))
    assert not manifest.is_current(folder, "tables other-lists")


def test_a_page_that_asked_nothing_depends_on_all_lists(tmp_path):
    """What a notebook read in ways of its own is not known."""
    manifest.write_manifest(tmp_path, ROOT / "notebooks" / "state.ipynb", {}, "tables lists")
    assert manifest.is_current(tmp_path, "tables lists")
    assert not manifest.is_current(tmp_path, "tables other-lists")
