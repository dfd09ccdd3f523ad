"""Orange County sheriff, Flock network export of Dec. 30, 2025."""

from __future__ import annotations

from collections import Counter

import pytest

from kit.records import Record, read_record

NAME = "orange-county-sheriff-2025-12-30-flock-networks.xlsx"
SHEET = "SharedNetworks_2025_December_30"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_every_direction_has_the_count_taken_by_eye(record):
    """391 organizations: 330 share with the sheriff, 308 receive from it, 247 do both."""
    assert record.counts() == {("shares_with", "network"): 308, ("receives_from", "network"): 330}
    ways = Counter(row.page for row in record.rows)
    assert len(ways) == 391
    assert sum(count == 2 for count in ways.values()) == 247
    assert not record.left_out


def test_it_says_what_the_export_does_not(record):
    """The owner is not in the export, the date stands in the name of its sheet."""
    assert (record.family, record.system, record.owner) == ("flock-networks", "flock", "")
    assert record.date == "2025-12-30"
    assert len(record.notes) == 1
    assert "does not say whose it is" in record.notes[0]
    assert "(OCSD)" in record.notes[0]


def test_a_row_tells_its_sheet_and_row(record):
    """An editor finds each name again, first and last."""
    assert record.rows[0].page == f"{SHEET}!2"
    assert record.rows[-1].page == f"{SHEET}!392"
    assert record.rows[-1].partner == "Brisbane CA PD"
    brisbane = [row.direction for row in record.rows if row.page == f"{SHEET}!392"]
    assert brisbane == ["shares_with"]


def test_an_organization_with_a_comma_is_one(record):
    """Its name stands in a cell of its own and is not cut."""
    names = [row.partner for row in record.rows]
    assert names.count("University of California, Berkeley") == 2


def test_entries_that_are_no_agencies_are_kept_and_flagged(record):
    """A masked person and address, two home owners' associations and the firm that runs one."""
    table = record.table()
    flagged = table[table["flags"] != ""].drop_duplicates("partner")
    assert dict(zip(flagged["partner"], flagged["flags"], strict=True)) == {
        "[street address]": "person",
        "[private person] Resident (CA)": "person",
        "Regent Association Services": "junk",
        "Cobblestone HOA (CA)": "junk",
        "Herron Bay Spyglass Hills Homeowners Association (CA)": "junk",
    }


def test_the_networks_are_counted_beside_the_rows(record):
    """Thirteen networks of the owner, each with how many organizations have it."""
    facts = dict(record.facts)
    assert facts["Network shared: John Wayne Airport (CA)"] == "with 31 organizations"
    assert facts["Network shared: City of Yorba Linda CA (OCSD)"] == "with 305 organizations"
    assert sum(name.startswith("Network shared: ") for name in facts) == 13


EXPORT = (
    "Organization Name,Networks Shared With Me,Networks I'm Sharing\n"
    'Exampleville TX PD,"Exampleville TX PD,West Ranch, Exampleville (TX),Park Interior , Park Exterior",Home GA PD\n'
    "Elsewhere GA SO ,,Home GA PD\n"
    "Nowhere GA PD,,\n"
    ",Lost Network,\n"
    "Organization Name,Networks Shared With Me,Networks I'm Sharing\n"
    "Unquoted GA PD,One,Home GA PD,Two\n"
)


@pytest.fixture
def export(tmp_path) -> Record:
    """Give an export as CSV with what can be wrong in one."""
    path = tmp_path / "networks.txt"
    path.write_text(EXPORT, encoding="utf-16")
    return read_record(path)


def test_an_export_as_csv_is_read_alike(export):
    """The column names tell it, in any encoding and under any file name."""
    assert [(row.partner, row.direction, row.page) for row in export.rows] == [
        ("Exampleville TX PD", "receives_from", "r2"),
        ("Exampleville TX PD", "shares_with", "r2"),
        ("Elsewhere GA SO", "shares_with", "r3"),
    ]
    assert "shares networks named Home GA PD" in export.notes[0]
    assert "The export bears no date." in export.notes


def test_a_comma_inside_a_network_is_told_from_one_between_two(export):
    """A bare comma parts two networks, a comma with a space behind it does not."""
    assert dict(export.facts) == {
        "Network shared: Home GA PD": "with 2 organizations",
        "Networks received": "4, from 1 organizations",
    }


def test_each_row_of_an_export_is_a_row_or_left_out(export):
    """No organization, no network, the column names again, a comma that no quotation mark holds."""
    assert {item.page: item.reason.split(":")[0] for item in export.left_out} == {
        "r4": "no network in either direction",
        "r5": "no organization in the row",
        "r6": "the column names again",
        "r7": "more cells than there are column names",
    }
