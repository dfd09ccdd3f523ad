"""Orange County sheriff, VehicleManager Agency Data Sharing Report of March 11, 2025."""

from __future__ import annotations

import pytest

from kit.records import Record, read_record
from kit.sharing import load_lists

NAME = "orange-county-sheriff-2025-03-11-vigilant.pdf"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_every_section_has_the_count_taken_by_eye(record):
    """149 shared, 138 received, no hot list shared, 19 hot list pairs received."""
    assert record.date == "2025-03-11"
    assert record.title == "VehicleManager Agency Data Sharing Report"
    assert record.counts() == {
        ("shares_with", "detections"): 149,
        ("receives_from", "detections"): 138,
        ("shares_with", "hotlist"): 0,
        ("receives_from", "hotlist"): 19,
    }
    assert not record.left_out
    assert not record.notes


def test_columns_that_touch_are_two_cells(record):
    """On page 3 a name of the left column ends where one of the right column starts."""
    partners = [row.partner for row in record.rows if row.page == "p3"]
    at = partners.index("Riverside County District Attorneys Office (CA)")
    assert partners[at + 1] == "Riverside County Sheriffs Department (CA)"


def test_the_table_keeps_city_and_state(record):
    """City and state stand as printed; what the record calls N/A is empty."""
    table = {row.partner: (row.partner_city, row.partner_state) for row in record.rows if row.partner_state}
    assert table["Norwalk Police Department"] == ("Norwalk", "CT")
    assert table["Villa Park Police Department"] == ("Villa Park", "IL")
    assert table["San Rafael Police Department"] == ("san rafael", "CA")
    assert len(table) == 137
    demo = next(row for row in record.rows if row.partner == "L6A UbiHub Demo")
    assert (demo.partner_city, demo.partner_state) == ("", "")


def test_markers_are_flags(record):
    """13 shared names are marked inactive; the demo account is flagged, and both stay rows."""
    table = record.table()
    shared = table[(table["direction"] == "shares_with") & (table["data"] == "detections")]
    assert shared["flags"].str.contains("inactive").sum() == 13
    assert table.loc[table["partner"] == "L6A UbiHub Demo", "flags"].tolist() == ["test"]


def test_the_list_in_the_kit_is_what_the_reader_gives(record):
    """`data/lists` holds what `kit read` makes of the record today, to the byte of each cell."""
    kept = next(one for one in load_lists() if one.list_id == record.list_id)
    assert kept.sha256 == record.sha256
    assert kept.rows.to_dict("records") == record.table().to_dict("records")
