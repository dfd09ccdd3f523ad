"""Costa Mesa police, Flock transparency portal of Jan. 25, 2026."""

from __future__ import annotations

import pytest

from kit.records import Record, read_record

NAME = "costa-mesa-2026-01-25-flock-portal.html"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_the_list_has_the_count_taken_by_eye(record):
    """350 organizations with access; cut at every comma there would be 351."""
    assert record.counts() == {("shares_with", "network"): 350}
    assert "University of California, Berkeley" in {row.partner for row in record.rows}
    assert (record.owner, record.date) == ("Costa Mesa CA PD", "2026-01-25")
    assert not record.left_out


def test_its_facts_are_its_own(record):
    """A year of retention, 46 cameras."""
    facts = dict(record.facts)
    assert facts["Data retention (in days)"] == "365 days"
    assert facts["Number of LPR and other cameras"] == "46"
    assert facts["Full ALPR Policy"].endswith("showdocument?id=40449")


def test_entries_not_in_use_are_kept_and_flagged(record):
    """`DNU` is `do not use`; a test account is a test account."""
    table = record.table()
    flagged = table[table["flags"] != ""]
    assert dict(zip(flagged["partner"], flagged["flags"], strict=True)) == {
        "DNU - Glendale PD CA (Condor)": "junk",
        "DNU - Santa Clara University Campus Safety (Raven)": "junk",
        "Duplicate - do not use -Port of Los Angeles CA PD": "junk",
        "Test Demo 1234": "test",
    }
