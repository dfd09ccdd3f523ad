"""The lists as printed: kept whole, compared over time, written so that nothing in them runs."""

from __future__ import annotations

import pandas as pd
import pytest

from kit import sharing
from kit.errors import DataError
from kit.records import Record, Row
from kit.sharing import compare, keep, load_lists, read_table, write_table


@pytest.fixture
def orange(lists):
    """Give the two Vigilant lists of Orange County's sheriff, the older first."""
    return [one for one in lists if one.owner.startswith("Orange County") and one.system == "vigilant"]


def changes(lists):
    return compare(lists[0], lists[1])["change"].value_counts().to_dict()


def test_two_dates_of_one_owner(orange):
    """Compared as text 197 names went and 51 came; after renames it is 182 and 36."""
    old, new = (set(one.section("shares_with")["partner"]) for one in orange)
    assert (len(old - new), len(new - old)) == (197, 51)
    assert changes(orange) == {
        "dropped": 182,
        "still there": 98,
        "added": 36,
        "marked inactive": 11,
        "renamed": 4,
    }


def test_every_row_of_both_lists_has_one_change(orange):
    """Nothing is lost or counted twice in a comparison."""
    change = compare(orange[0], orange[1])
    for one, column in ((orange[0], "row_id_before"), (orange[1], "row_id")):
        told = change.loc[change[column] != "", column]
        assert sorted(told) == sorted(one.section("shares_with")["row_id"])


def test_an_account_of_another_state_is_not_a_renamed_one(orange):
    """Union City without a state is dropped, though Union City (CA) stays."""
    change = compare(orange[0], orange[1]).set_index("partner")["change"]
    assert change["Union City Police Department"] == "dropped"
    assert change["Union City Police Department (CA)"] == "still there"


def record(*partners: str, owner: str = "Exampleville Police Department", sha256: str = "a" * 64) -> Record:
    rows = tuple(Row(name, "shares_with", "detections", f"p{n}") for n, name in enumerate(partners, 1))
    return Record("vigilant", "vigilant", owner, "2026-01-02", "A report", 1, sha256, rows)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Give an empty data folder of the test's own."""
    monkeypatch.setattr(sharing, "DATA", tmp_path)
    return tmp_path


def test_a_kept_record_is_a_list_and_a_source(data, tmp_path):
    """The file goes unchanged into data/records, the rows into data/lists, the line into sources.csv."""
    file = tmp_path / "from the agency.PDF"
    file.write_bytes(b"%PDF-")
    assert keep(record("Exampletown PD", "Sampleton PD"), file, owner_state="CA", request="request 1")
    assert (data / "records" / "exampleville-2026-01-02-vigilant.pdf").read_bytes() == b"%PDF-"
    kept = load_lists(data / "lists")[0]
    assert list(kept.rows["partner"]) == ["Exampletown PD", "Sampleton PD"]
    assert list(kept.rows["row_id"]) == [
        "exampleville-2026-01-02-vigilant:1",
        "exampleville-2026-01-02-vigilant:2",
    ]
    assert (kept.owner_state, kept.request, kept.left_out) == ("CA", "request 1", "nothing")


def test_a_record_added_twice_changes_nothing(data, tmp_path):
    """The same file is known by its sha256; another one under the same id is refused."""
    file = tmp_path / "r.pdf"
    file.write_bytes(b"x")
    assert keep(record("Exampletown PD"), file, owner_state="CA")
    before = (data / "lists" / "sources.csv").read_bytes()
    assert not keep(record("Exampletown PD"), file, owner_state="CA")
    with pytest.raises(DataError, match="Another record is kept"):
        keep(record("Sampleton PD", sha256="b" * 64), file, owner_state="CA")
    assert (data / "lists" / "sources.csv").read_bytes() == before


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "-"])
def test_no_formula_runs_and_the_name_comes_back(tmp_path, name):
    """A cell that a spreadsheet would run is quoted in the file, and read back as printed."""
    write_table(pd.DataFrame({"partner": [name]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[-1].lstrip('"')[0] == "'"
    assert read_table(tmp_path / "x.csv")["partner"].tolist() == [name]


def test_numbers_stay_numbers(tmp_path):
    """A longitude is no formula."""
    write_table(pd.DataFrame({"lon": ["-117.5"]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "lon\n-117.5\n"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,b\n"1,2\n3,4,5,6'])
def test_a_damaged_table_gets_three_lines(tmp_path, content):
    """A file that is no CSV says so and what to do."""
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(DataError) as error:
        read_table(tmp_path / "x.csv", ["name"])
    assert len(str(error.value).splitlines()) == 3


def test_a_missing_column_is_named(tmp_path):
    """The columns that are there are said too."""
    (tmp_path / "x.csv").write_text("agency\nx\n")
    with pytest.raises(DataError, match="no column name") as error:
        read_table(tmp_path / "x.csv", ["name"])
    assert "agency" in error.value.where
