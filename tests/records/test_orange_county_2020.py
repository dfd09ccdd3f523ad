"""Orange County sheriff, LEARN Agency Data Sharing Report of Feb. 6, 2020 (MuckRock request 86943)."""

from __future__ import annotations

import pytest

from kit.records import Record, read_record
from kit.sharing import load_lists

NAME = "orange-county-sheriff-2020-02-06-vigilant.pdf"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_it_says_whose_it_is_and_when(record):
    """Owner, date, title and id come from the record's own words."""
    assert record.owner == "Orange County Sheriffs Department"
    assert record.date == "2020-02-06"
    assert record.title == "LEARN Agency Data Sharing Report"
    assert record.list_id == "orange-county-sheriff-2020-02-06-vigilant"
    assert record.pages == 14


def test_every_section_has_the_count_taken_by_eye(record):
    """295 shared, 311 received, no hot list shared, 29 hot list pairs received."""
    assert record.counts() == {
        ("shares_with", "detections"): 295,
        ("receives_from", "detections"): 311,
        ("shares_with", "hotlist"): 0,
        ("receives_from", "hotlist"): 29,
    }
    assert not record.left_out
    assert not record.notes


def test_names_on_two_lines_are_one_name(record):
    """A wrapped name is joined in either column and in both cells of a hot list pair."""
    partners = {row.partner for row in record.rows}
    assert "Winnebago County Sheriff (Machesney Park Division)" in partners
    assert "South Carolina Law Enforcement Division (SC)" in partners
    assert "New York State Office of the Attorney General" in partners
    assert not partners & {"(CA)", "(SC)", "Force", "General", "Enforcement", "Division)", "Park Division)"}
    pairs = {(row.partner, row.hotlist) for row in record.rows if row.data == "hotlist"}
    assert (
        "San Joaquin County Sheriffs Department (CA)",
        "LEARN_San Joaquin County Sheriffs Department (CA)",
    ) in pairs


def test_rows_stand_in_the_order_of_the_record(record):
    """Two columns are read row by row; the first page goes down both."""
    shared = [row for row in record.rows if row.direction == "shares_with"]
    assert [row.partner for row in shared[:4]] == [
        "100th Judicial District Attorney Traffic Enforcement",
        "17th Judicial Circuit Drug Task Force",
        "21st Drug Task Force",
        "24th Judicial District Drug Task Force",
    ]
    assert shared[-1].partner == "Yolo County Sheriffs Department"
    assert shared[0].page == "p1"
    assert shared[-1].page == "p6"


def test_the_federal_names_are_there(record):
    """The rows that stories hang on are read as printed, among them ICE itself as a giver."""
    shared = {row.partner for row in record.rows if row.direction == "shares_with"}
    received = {row.partner for row in record.rows if row.direction == "receives_from" and row.data == "detections"}
    assert {
        "CBP - NTC",
        "DHS - HSI (Newark NJ)",
        "DHS - HSI - New Orleans",
        "San Diego Sector Border Patrol (CA)",
    } <= shared
    assert "ICE" in received
    assert "ICE" not in shared
    assert ("Montgomery Police Department", "HSI MASTER") in {(r.partner, r.hotlist) for r in record.rows}


def test_the_list_in_the_kit_is_what_the_reader_gives(record):
    """`data/lists` holds what `kit read` makes of the record today, to the byte of each cell."""
    kept = next(one for one in load_lists() if one.list_id == record.list_id)
    assert kept.sha256 == record.sha256
    assert kept.rows.to_dict("records") == record.table().to_dict("records")
