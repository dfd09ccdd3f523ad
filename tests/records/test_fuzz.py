"""Files, names and tables that nobody thought of, the same ones each time.

A file broken anywhere gives rows or a refusal in three lines; a name gives an answer that does not
contradict itself; a table written is the table read. Pages that are pictures are not read here: that is
slow, and has tests of its own.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.agencies import AGENCY_COLUMNS, COUNTRY, resolve, resolve_name
from kit.errors import DataError, RecordError
from kit.names import STATE_NAMES, read_name
from kit.places import county_names
from kit.records import Record, ocr, read_record
from kit.records.record import LONGEST_NAME, clean
from kit.sharing import read_table, write_table
from tests import bad_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_RUNS = re.compile(r"[=+\-@\t\r](?![\d.]+$)")


def tries(count: int) -> Callable[..., Any]:
    """Try so many, the same each time, however slow the machine is."""
    shared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=shared)


# --- what is tried ---

# Text as it may stand in a file: any letters, and those that cause trouble more often than chance would have it.
letters = st.characters(exclude_categories=["Cs"])
trouble = st.sampled_from([*"\0\t\n\r\x1b'\",;|=+-@&<>{}$`\\ ", "\u202e", "\u200b", "\u0301", "\u2028", "\ufeff"])
texts = st.text(letters | trouble, max_size=40)
# Letters that join with others, stand between those that would, or are halves of one.
joining = st.text(
    st.sampled_from("an\t\n \u0301\u0327\u200b\u200d\u202e\u1100\u1161\u11a8\ufb01\ud800\udc00"), max_size=400
)
words = st.sampled_from(
    [
        *STATE_NAMES,
        *STATE_NAMES.values(),
        *bad_files.PLACES[:9],
        *("Norwalk", "Orange", "St. Louis", "Springfield", "University", "FBI", "ICE", "HIDTA", "Task Force"),
        *("Police Department", "PD", "SO", "Sheriffs Office", "County", "Parish", "Township", "of", "State"),
        *("21st Judicial", "District", "Attorney", "Inactive", "(", ")", "-", ","),
    ]
)
agencies = st.lists(words | texts, max_size=6).map(" ".join)

# How a file is broken: where (a share of it), what is taken out, and what is put in.
pieces = st.binary(max_size=8) | st.sampled_from(
    [
        b"\0",
        b"\xff" * 4,
        b"<",
        b"]]>",
        b'"',
        b"\n",
        b"&#x202e;",
        b" 0 R",
        b"endobj",
        b"999999999",
        b"-1",
        b">>",
        b"/Kids",
    ]
)
breaks = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 200), pieces), min_size=1, max_size=6)


def broken(whole: bytes, where: list[tuple[float, int, bytes]]) -> bytes:
    """Break a file."""
    for share, out, put in where:
        at = int(share * len(whole))
        whole = whole[:at] + put + whole[at + out :]
    return whole


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Take a page that is a picture for an empty one."""
    monkeypatch.setattr(ocr, "read_picture", lambda picture: ocr.Reading(*picture.size, ()))


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Give the one file that all tries are saved in."""
    return tmp_path_factory.mktemp("fuzz") / "record"


def read(file: Path, content: bytes) -> Record | None:
    """Read a file: a record whose names are short and visible, or a refusal in three lines."""
    file.write_bytes(content)
    try:
        record = read_record(file)
    except RecordError as error:
        lines = str(error).splitlines()
        assert len(lines) == 3, lines
        assert all(line.strip() for line in lines)
        return None
    for row in record.rows:
        assert row.partner
        for text in (row.partner, row.owner, row.hotlist, row.partner_city, row.partner_state, row.read_as):
            assert is_clean(text), text
    assert all(is_visible(f"{item.page}{item.text}{item.reason}") for item in record.left_out)
    assert all(map(is_visible, (record.owner, record.title, record.date, *record.notes, *sum(record.facts, ()))))
    return record


def is_visible(text: str) -> bool:
    """Tell whether a text is one line of characters that are seen."""
    return not any(unicodedata.category(sign) in UNSEEN for sign in text)


def is_clean(text: str) -> bool:
    """Tell whether a text is as `clean` leaves it."""
    return is_visible(text) and text == " ".join(text.split()) and len(text) <= LONGEST_NAME


# --- files ---


@cache
def sheet_xml() -> bytes:
    """Give the XML of a sheet of agencies."""
    return bad_files.sheet(bad_files._rows())


KINDS: dict[str, tuple[Callable[[], bytes], Callable[[bytes], bytes]]] = {
    "pdf": (bad_files.pdf_base, bytes),
    "xlsx": (bad_files.xlsx_base, bytes),
    "csv": (bad_files.csv_base, bytes),
    "html": (bad_files.html_base, bytes),
    "sheet in an xlsx": (sheet_xml, bad_files.xlsx),
    "page of a pdf": (lambda: bad_files.report()[0], lambda page: bad_files.pdf(bad_files.document([page]))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_broken_anywhere_gives_rows_or_three_lines(kind, file):
    """Never a traceback, and no name that is not clean."""
    whole, wrapped = KINDS[kind]

    @tries(120)
    @given(breaks)
    def check(where: list[tuple[float, int, bytes]]) -> None:
        read(file, wrapped(broken(whole(), where)))

    check()


@tries(150)
@given(content=st.binary(max_size=300))
def test_any_bytes_give_rows_or_three_lines(file, content):
    """Whatever it is."""
    read(file, content)


@tries(100)
@given(rows=st.lists(st.lists(texts, max_size=5), max_size=12), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_table_gives_rows_or_three_lines(file, rows, end):
    """With a heading or without, even or ragged."""
    read(file, bad_files.csv_of(rows, end))


@tries(120)
@given(names=st.lists(agencies, min_size=1, max_size=12))
def test_each_row_of_a_table_is_a_row_or_is_left_out(file, names):
    """Rows in are rows out and rows left out, whatever the names are."""
    record = read(file, bad_files.table([*bad_files.NAMES[:12], *names]))
    if record:
        assert len(record.rows) + len(record.left_out) == 12 + len(names)


@tries(60)
@given(names=st.lists(agencies, min_size=1, max_size=12))
def test_a_workbook_says_what_the_same_csv_says(file, names):
    """The names of a list do not depend on the kind of the file."""
    names = [*bad_files.NAMES[:12], *filter(None, map(clean, names))]
    as_text = read(file, bad_files.table(names))
    as_book = read(file, bad_files.xlsx(bad_files.sheet(bad_files._rows(names))))
    assert bool(as_text) == bool(as_book)
    if as_text and as_book:
        assert [row.partner for row in as_text.rows] == [row.partner for row in as_book.rows]


@tries(150)
@given(names=st.lists(agencies, max_size=12), markup=st.lists(texts | st.sampled_from(["<b>", "</div>", "<!--"])))
def test_any_portal_gives_rows_or_three_lines(file, names, markup):
    """Whatever the names are and whatever stands around them."""
    read(file, bad_files.portal(names, body="".join(markup)))
    read(file, bad_files.portal([*bad_files.CITIES[:9], *names]))


# --- names ---


@tries(1000)
@given(text=joining | st.text(max_size=400))
def test_cleaning_a_clean_name_changes_nothing(text):
    """One visible line, not too long; even from halves of letters."""
    once = clean(text)
    assert is_clean(once)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@tries(500)
@given(name=agencies)
def test_any_name_is_read(name):
    """Its state, if it has one, is a state."""
    said = read_name(name)
    assert said.text == name
    assert said.state in {"", *STATE_NAMES}
    assert bool(said.state) == bool(said.said)


@tries(300)
@given(name=agencies | st.sampled_from(sorted(county_names())), city=st.just("") | agencies, state=st.just("") | words)
def test_an_answer_does_not_contradict_itself(name, city, state):
    """Certain is one state, ambiguous is several or those to choose from, unresolved is none."""
    agency = resolve_name(name, city, state)
    assert set(agency.candidates) <= {*STATE_NAMES, COUNTRY, *PLACES_BEYOND}
    assert agency.basis
    if agency.status in {"certain", "likely"}:
        assert agency.candidates == (agency.state,)
    else:
        assert agency.state == ""
        assert bool(agency.candidates) == (agency.status == "ambiguous")
    if agency.place_geoid:
        assert agency.place
        assert agency.state
    assert (agency.lat is None) == (agency.lon is None)


PLACES_BEYOND = {"PR", "GU", "VI", "AS", "MP"}
"""Territories: a candidate may be one."""


@tries(60)
@given(names=st.lists(agencies, max_size=8))
def test_a_row_in_is_a_row_out(names):
    """In the same order."""
    table = resolve(pd.DataFrame({"name": names}, dtype="str"))
    assert tuple(table.columns) == AGENCY_COLUMNS
    assert table["name"].tolist() == names


# --- tables ---


@tries(250)
@given(rows=st.lists(st.tuples(texts, texts, agencies), min_size=1, max_size=8))
def test_a_table_written_is_the_table_read(tmp_path_factory, rows):
    """To the letter; and no cell of the file starts like a formula."""
    path = tmp_path_factory.getbasetemp() / "fuzz-table.csv"
    table = pd.DataFrame(rows, columns=["row_id", "partner", "note"], dtype="str")
    write_table(table, path)
    with path.open(encoding="utf-8", newline="") as file:
        assert not [cell for cells in csv.reader(file) for cell in cells if _RUNS.match(cell)]
    pd.testing.assert_frame_equal(read_table(path), table)


@tries(150)
@given(content=st.binary(max_size=200) | texts.map(str.encode))
def test_any_bytes_are_a_table_or_three_lines(tmp_path_factory, content):
    """A table that is given to the kit is read as text, or refused."""
    path = tmp_path_factory.getbasetemp() / "fuzz-bytes.csv"
    path.write_bytes(content)
    try:
        read_table(path, ["name"])
    except DataError as error:
        assert len(str(error).splitlines()) == 3  # noqa: PT017  (both ways out are right)
