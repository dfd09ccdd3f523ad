"""The News & Observer's table of pairs, April 2024: data of `src_agency` can be searched by `external_agency`."""

from __future__ import annotations

import csv
import tracemalloc

import pytest

from kit.records import Record, read_record
from kit.records.record import flags_of

NAME = "../newsobserver/agency_access20240426.csv"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_every_pair_is_a_row(record):
    """37,099 pairs of 224 owners and 4,619 partners."""
    assert record.counts() == {("shares_with", "network"): 37_099}
    assert len({row.owner for row in record.rows}) == 224
    assert len({row.partner for row in record.rows}) == 4_619
    assert not record.left_out


def test_it_says_what_it_is(record):
    """A table of Flock sharing with many owners and no date."""
    assert (record.family, record.system, record.owner, record.date) == ("edges", "flock", "", "")
    first = record.rows[0]
    assert (first.owner, first.partner, first.page) == ("Sylvania OH PD", "Adrian MI PD", "r2")
    assert record.rows[-1].page == "r37100"
    assert record.notes == ("The table bears no date.", "Columns not taken: src_agency_id, external_agency_id.")


def test_a_person_among_the_agencies_is_masked(record):
    """One account bears a private person's name."""
    masked = {row.partner for row in record.rows if "person" in row.flags}
    assert masked == {"[person, masked]"}


def test_the_markers_fit_no_real_agency(record_file):
    """Of 5,152 names 53 are marked: tests, duplicates, accounts not in use, the vendors' own."""
    with record_file("../newsobserver/agency20240426.csv").open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    marked = {name: flags_of(name) for name in names if flags_of(name)}
    assert len(marked) == 53
    assert marked["Flock Safety - Sales"] == ("junk",)
    assert marked["DNU- Walker County AL SO"] == ("junk",)
    assert marked["Tonia LE Training"] == ("test",)
    for name in ("Little Flock AR PD", "Old Fort NC PD", "Pilot Mountain NC PD", "Flower Mound TX PD"):
        assert name not in marked


def test_a_long_list_needs_little_memory(tmp_path):
    """100,000 pairs stay under 60 MB, so that a million fit into a gibibyte several times."""
    path = tmp_path / "edges.csv"
    lines = (f"Agency {number % 500} CA PD,Place {number % 4000} TX PD\n" for number in range(100_000))
    path.write_text("source,target\n" + "".join(lines), encoding="utf-8")
    tracemalloc.start()
    record = read_record(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(record.rows) == 100_000
    assert record.rows[0].partner is record.rows[4000].partner
    assert peak < 60_000_000
