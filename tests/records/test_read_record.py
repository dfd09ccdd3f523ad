"""Which reader reads a file, and what a reporter is told where none can."""

from __future__ import annotations

import pytest

from kit.errors import RecordError
from kit.records import read_record
from kit.records.record import LONGEST_NAME, clean, flags_of


def told(error: pytest.ExceptionInfo[RecordError]) -> list[str]:
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (b"hello", "not a record that the kit can read"),
        (b"%PDF-1.7\nnothing more", "damaged or cut off"),
    ],
)
def test_a_file_that_is_no_record_gets_three_lines(tmp_path, content, says):
    """What happened, which file, what to do; whatever the file calls itself."""
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    with pytest.raises(RecordError) as error:
        read_record(path)
    assert len(told(error)) == 3
    assert says in told(error)[0]
    assert str(path) in told(error)[1]


def test_a_missing_file_and_a_folder_get_three_lines(tmp_path):
    """A wrong name is the commonest mistake."""
    for path in (tmp_path, tmp_path / "no such.pdf"):
        with pytest.raises(RecordError) as error:
            read_record(path)
        assert len(told(error)) == 3


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_report_cut_off_gives_rows_or_three_lines(tmp_path, record_file, tenth):
    """A download that broke off is never read as if it were whole."""
    whole = record_file("orange-county-sheriff-2025-03-11-vigilant.pdf").read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(whole[: len(whole) * tenth // 10])
    with pytest.raises(RecordError) as error:
        read_record(path)
    assert len(told(error)) == 3


def test_the_content_decides_not_the_name(tmp_path, record_file):
    """A PDF called .txt is read all the same."""
    path = tmp_path / "notes.txt"
    path.write_bytes(record_file("orange-county-sheriff-2025-03-11-vigilant.pdf").read_bytes())
    assert len(read_record(path).rows) == 306


@pytest.mark.parametrize(
    ("dirty", "neat"),
    [
        ("Exampleville  Police\nDepartment", "Exampleville Police Department"),
        ("Example\u202eville\u200b PD\x00", "Exampleville PD"),
        ("Can\u0303on City PD", "Cañon City PD"),
        ("  x  ", "x"),
        ("a" * 10_000, "a" * LONGEST_NAME),
    ],
)
def test_a_strangers_name_is_one_visible_line(dirty, neat):
    """NFC, no control, bidi or zero-width characters, white space single, length capped."""
    assert clean(dirty) == neat


def test_markers_are_words():
    """`Testa Police` is no test and `Deadwood` is not dead."""
    assert flags_of("Inactive Exampleville PD") == ("inactive",)
    assert flags_of("Test Demo 1234") == ("test",)
    assert flags_of("(Dead/Old) Exampleville PD") == ("junk",)
    assert flags_of("Testaville PD") == ()
    assert flags_of("Deadwood PD") == ()
