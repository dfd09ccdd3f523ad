"""Opens a table (CSV and its kind, XLSX, XLS, ODS) into sheets with plain rows of text.

A row keeps the number that a spreadsheet shows beside it, so that an editor can go back to it:
`A1!17` is row 17 of the sheet A1, `r17` row 17 of a file that has no sheets. Text may be UTF-8 or
UTF-16 with or without its mark, Windows-1252, or a mix of lines in both; the mark between its cells
may be any that stands equally often in its lines.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.record import LONGEST_NAME, clean
from kit.records.workbooks import is_workbook, open_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

MOST_ROWS = 1_500_000
"""Rows read of one file; the largest list known has 37,099."""

_MOST_COLUMNS = 16_384  # as in a spreadsheet
_MOST_BYTES = 300_000_000  # of a text; a million pairs of agencies have 60,000,000
_LONGEST_LINE = 16_000_000  # letters
_SAMPLE_LINES = 200
_SAMPLE_LETTERS = 4_000_000
_USUAL_MARKS = ",\t;|\x1f\x01"
_NO_MARK = "\x1e"  # stands in no text, so that a line stays one cell
_EVEN = 0.6  # share of lines that a mark must cut into equally many
_NOT_TEXT = 0.05  # share of control characters from which a file is no text
_BLANK = "\t\n\r\f\v\x1a\x1f\x01"
_MANY_LINES = 4  # from which prose with as many marks in each line is no longer likely
_QUOTED_LINES = 2  # a cell with more line breaks may be a quotation mark that nobody closed

_BYTE_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not UTF-8 as Windows-1252: the rest of the file may be either."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252", _windows_1252)
csv.field_size_limit(_LONGEST_LINE)

_TOO_MANY_ROWS = f"The table has more than {MOST_ROWS:,} rows."
_SPLIT = "Split it, and read each part."
_QUOTES = "Open the file in a spreadsheet, look at that row for a stray quotation mark, and save it as CSV."


@dataclass(frozen=True)
class Sheet:
    """One sheet; `name` is empty for a file of text, `mark` the one that stands between its cells."""

    name: str
    read: Callable[[], Iterator[tuple[int, Sequence[str]]]]
    hidden: bool = False
    mark: str = ""

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Give each row that is not empty, with its number; RecordError where there are too many, or too long ones."""
        for number, cells in self.read():
            if number > MOST_ROWS:
                raise RecordError(_TOO_MANY_ROWS, self.at(number), _SPLIT)
            if len(cells) > _MOST_COLUMNS:
                what = f"The row has {len(cells):,} cells."
                raise RecordError(what, self.at(number), "This is no list of agencies, or a damaged one.")
            if "".join(cells).strip():
                yield number, cells

    def in_one_column(self) -> Sheet:
        """Give the sheet with each row in one cell, for names with a mark in them that no quotation marks hold."""

        def joined() -> Iterator[tuple[int, list[str]]]:
            return ((number, [self.mark.join(cells)]) for number, cells in self.read())

        return replace(self, mark="", read=joined)

    def at(self, row: int) -> str:
        """Name the place of a row: `A1!17`, or `r17` in a file without sheets."""
        return f"{self.name}!{row}" if self.name else f"r{row}"

    def column(self, index: int) -> str:
        """Name the place of a column, as a spreadsheet letters it: `A1 column C`."""
        return f"{self.name} column {letters(index)}".strip()


def open_sheets(path: Path, head: bytes) -> list[Sheet]:
    """Open a table; RecordError where it is locked, damaged, too large or none."""
    if is_workbook(path, head):
        return [Sheet(tidy(one.name), one.rows, one.hidden) for one in open_workbook(path)]
    encoding = text_encoding(head)
    if not encoding:
        raise RecordError("The file is not a table of text.", str(path), "Save it as CSV or XLSX.")
    _check_length(path)
    mark, width = _cell_mark(_first_lines(path, encoding))
    return [Sheet("", partial(_text_rows, path, encoding, mark, width), mark=mark)]


def head_of(path: Path) -> bytes:
    """Give the first bytes of a file, by which it is told what it is."""
    with path.open("rb") as file:
        return file.read(4096)


def text_encoding(head: bytes) -> str:
    """Give the encoding of a text by its first bytes; empty where it is no text."""
    for byte_mark, encoding in _BYTE_MARKS:
        if head.startswith(byte_mark):
            return encoding
    if b"%PDF-" in head[:1024]:
        return ""
    encoding = "utf-8"
    if len(head) > 3 and max(head[0::2].count(0), head[1::2].count(0)) > len(head) // 5:
        encoding = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    text = head.decode(encoding, _on_error(encoding))
    unseen = sum(1 for letter in text if (letter < " " and letter not in _BLANK) or letter == "\ufffd")
    return encoding if unseen <= _NOT_TEXT * len(text) else ""


def decoded(path: Path, encoding: str, most: int) -> str:
    """Give the text of a file, or its first so many bytes."""
    with path.open("rb") as file:
        return file.read(most).decode(encoding, _on_error(encoding))


@lru_cache(maxsize=1 << 16)
def tidy(text: str) -> str:
    """Give a cell's text as one visible line; quick for the plain and the repeated."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST_NAME:
        return " ".join(text.split())
    return clean(text[: LONGEST_NAME * 10])


def letters(index: int) -> str:
    """Give the letters that a spreadsheet shows above a column: 0 is A, 26 is AA."""
    return (letters(index // 26 - 1) if index > 25 else "") + chr(65 + index % 26)


def _on_error(encoding: str) -> str:
    return "windows-1252" if encoding.startswith("utf-8") else "replace"


def _check_length(path: Path) -> None:
    """Refuse a text that is too long, before its rows are read."""
    if path.stat().st_size > _MOST_BYTES:
        raise RecordError(f"The file has more than {_MOST_BYTES // 1_000_000} MB.", str(path), _SPLIT)
    with path.open("rb") as file:
        if sum(block.count(b"\n") for block in iter(partial(file.read, 1 << 20), b"")) > MOST_ROWS:
            raise RecordError(_TOO_MANY_ROWS, str(path), _SPLIT)


def _first_lines(path: Path, encoding: str) -> list[str]:
    """Give the lines by which the mark between the cells is found."""
    lines: list[str] = []
    letters = 0
    for line in islice(_lines(path, encoding), _SAMPLE_LINES):
        lines.append(line)
        letters += len(line)
        if letters > _SAMPLE_LETTERS:
            break
    return lines


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Give the lines of a text with their ends; RecordError where one is endless."""
    with path.open(encoding=encoding, errors=_on_error(encoding), newline="") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) >= _LONGEST_LINE:
                what = f"A line has more than {_LONGEST_LINE:,} letters."
                raise RecordError(what, f"{path}, line {number}", "This is no list of agencies, or a damaged one.")
            yield line


def _cell_mark(lines: Sequence[str]) -> tuple[str, int]:
    """Find the mark between the cells, the one that cuts most lines into equally many, and how many."""
    there = set("".join(lines))
    others = {letter for letter in there if not (letter.isalnum() or letter.isspace() or letter in "\"'.-()&/_")}
    share, _, width, mark = max(
        (*_evenness(lines, mark), mark) for mark in (*_USUAL_MARKS, *sorted(others)[:30]) if mark in there | {","}
    )
    return (mark, width) if share >= _EVEN else ("", 1)


def _evenness(lines: Sequence[str], mark: str) -> tuple[float, bool, int]:
    """Give the share of rows that a mark cuts alike, whether it is a usual one, and into how many cells.

    Titles above the first row so cut do not count. Where a usual mark cuts the column names, it is enough
    that rows are cut at all.
    """
    widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row] or [1]
    width, _ = max(Counter(widths).items(), key=lambda one: (one[0] > 1, one[1], one[0]))
    below = widths[widths.index(width) :]
    share = below.count(width) / len(below) if width > 1 and len(below) > len(widths) / 3 else 0.0
    if share < _EVEN and mark in _USUAL_MARKS and widths[0] > 2:
        share, width = sum(1 for one in widths if one > 1) / len(widths), widths[0]
    return round(share, 1), mark in _USUAL_MARKS, width


def _text_rows(path: Path, encoding: str, mark: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a text; RecordError where a quotation mark swallows rows."""
    reader = csv.reader(_lines(path, encoding), delimiter=mark or _NO_MARK)
    line = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if reader.line_num - line > _QUOTED_LINES:
                _check_quotes(cells, mark, width, f"{path}, row {number}")
            line = reader.line_num
            yield number, cells
    except csv.Error as cause:
        raise RecordError(f"The row cannot be read: {cause}.", f"{path}, line {reader.line_num}", _QUOTES) from cause


def _check_quotes(cells: Sequence[str], mark: str, width: int, where: str) -> None:
    """Refuse a row in which a cell holds lines most of which look like rows themselves."""
    for cell in cells:
        inner = [line for line in re.split(r"\r\n|\r|\n", cell)[1:-1] if line.strip()]
        few = len(inner) < _MANY_LINES
        like_rows = sum(1 for line in inner if not mark or _cuts(line, mark, bare=few) == width - 1)
        if like_rows > len(inner) / 2:
            raise RecordError("A quotation mark is opened and not closed.", where, _QUOTES)


def _cuts(line: str, mark: str, *, bare: bool) -> int:
    """Count the marks of a line; with `bare`, not those of prose, which have a space behind them."""
    return line.count(mark) - (line.count(f"{mark} ") if bare else 0)
