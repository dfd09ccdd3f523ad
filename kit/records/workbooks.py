"""Opens a spreadsheet's workbook (XLSX, XLS, ODS), but only after a look at what it would unpack to.

A workbook comes from a stranger. A few kilobytes can unpack to gigabytes, put one cell in the last
row of the last column, or repeat one text a million times; the library that reads workbooks would
take the memory, and Python with it. So the packed files are first read through, a piece at a time,
and a workbook that asks for too much is refused. Formulas are not run (the value that stands in the
file is read), macros are not looked at, links to other files are not followed.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import IO, TYPE_CHECKING, NoReturn
from zipfile import BadZipFile, ZipFile

from kit.errors import RecordError
from kit.records.apart import apart
from kit.records.record import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet
    from xlrd.sheet import Cell as XlsCell
    from xlrd.sheet import Sheet as XlsSheet

# What a workbook may hold. The largest list known unpacks to 2 MB; these bounds keep reading under 1 GiB.
_UNPACKED = 300_000_000  # bytes
_RATIO, _RATIO_FROM = 200, 50_000_000  # packed by more than this, once it is this large
_CELLS = 8_000_000  # cells between the first and the last that are used
_LETTERS = 150_000_000  # letters in all cells together
_ONE_PIECE = 32_000_000  # bytes of one row, or of one text
_XLS = 20_000_000  # bytes; XLS is not packed

_MANY = 1 << 40

_BLOCK = 1 << 20
_OVERLAP = 512  # longer than a tag that is looked for, so that none is missed between two blocks

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REF = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})(\d{1,7})["']([^<>]*)>""", re.IGNORECASE)
_COLUMN = re.compile(rb'r="([A-Za-z]{1,3})\d')
_ROW = re.compile(rb'r="[A-Za-z]{0,3}(\d{1,7})"')
_ODD = re.compile(rb"r(?:='|=\s|\s+=)")
_SHARED = re.compile(rb"""=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v\s*>\s*(\d{1,9})""")
_STRING_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_ROW_END = re.compile(rb"</(?:\w+:)?row\b")
_ODS_START = re.compile(rb"<(?:[\w-]+:)?(?:covered-)?table-(?=row\b|cell\b)")
_ODS_EMPTY = re.compile(rb"cell\b[^<>]*/>")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([^"']*)["']""")

_MARKS = re.compile(rb"xl/|opendocument\.spreadsheet|\[Content_Types\]")

# What Python's zipfile raises for a file that is damaged, locked or packed in a way that it does not know.
_ZIP_FAULTS = (
    BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)

_LOCKED = ("The workbook is locked with a password.", "Ask the agency for a copy without one.")
_DAMAGED = ("The workbook is damaged or cut off.", "Download it again, or ask for it again.")
_TOO_MUCH = "Ask for the list alone, as a CSV file; or open it in a spreadsheet and save the sheet as CSV."


@dataclass(frozen=True)
class Opened:
    """A sheet of a workbook: its name, whether a spreadsheet would hide it, and what reads its rows."""

    name: str
    hidden: bool
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def is_workbook(path: Path, head: bytes) -> bool:
    """Tell by content whether this is a workbook, be it whole or not."""
    if head.startswith(_OLE):
        raw = _raw(path, _XLS)
        return any(word.encode("utf-16-le") in raw for word in ("Workbook", "Book", "EncryptedPackage"))
    if not head.startswith(b"PK"):
        return False
    names = _names(path)
    if not names:
        return _MARKS.search(head) is not None
    return "xl/workbook.xml" in names or {"mimetype", "content.xml"} <= names


def mentions(path: Path, words: bytes) -> bool:
    """Tell whether a workbook holds some words, without opening it as one: quick also where it is large."""
    if not _is_zip(path):
        raw = _raw(path, _XLS).lower()
        return words.lower() in raw or words.lower().decode().encode("utf-16-le") in raw
    try:
        with ZipFile(path) as packed:
            if sum(info.file_size for info in packed.infolist()) > _UNPACKED:
                return False
            for info in packed.infolist():
                if info.filename.endswith(".xml"):
                    with packed.open(info) as file:
                        if any(words.lower() in block.lower() for block in _blocks(file)):
                            return True
    except _ZIP_FAULTS:
        return False
    return False


def open_workbook(path: Path) -> list[Opened]:
    """Open the sheets of a workbook in their order; RecordError where it is locked, damaged or too large."""
    _check(path)
    if not _is_zip(path):
        return _open_xls(path)
    _try(path, stamp_of(path))
    return _open_packed(path)


# A workbook is opened more than once, to be known and to be read.
@lru_cache(maxsize=8)
def _try(path: Path, _stamp: tuple[int, int]) -> None:
    """Have the sheets loaded elsewhere first; RecordError where that takes too much."""
    import python_calamine  # noqa: F401  (loaded once, not in each process of its own)

    apart(str(path), _load, path)


def _load(path: Path) -> None:
    """Load all sheets, and hold them as their reader does; what calamine refuses does no harm."""
    from python_calamine import CalamineError, CalamineWorkbook

    with suppress(CalamineError):
        book = CalamineWorkbook.from_path(str(path))
        _ = [book.get_sheet_by_name(name) for name in book.sheet_names]


def _open_packed(path: Path) -> list[Opened]:
    """Open an XLSX or ODS workbook."""
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        kept = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        return [
            Opened(one.name, one.visible != SheetVisibleEnum.Visible, partial(_rows, book.get_sheet_by_name(one.name)))
            for one in kept
        ]
    except PasswordError as cause:
        _refuse(path, _LOCKED, cause)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as cause:  # noqa: BLE001  (a panic of the library is no Exception)
        _refuse(path, _DAMAGED, cause)


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a sheet as text, each with the number that a spreadsheet shows beside it."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, before + [cell if isinstance(cell, str) else _text(cell) for cell in cells]


def _open_xls(path: Path) -> list[Opened]:
    """Open an XLS workbook, in plain Python: one that is damaged in the middle is an error, and no crash."""
    import xlrd

    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), ragged_rows=True)
        return [Opened(one.name, bool(one.visibility), partial(_xls_rows, one)) for one in book.sheets()]
    except Exception as cause:  # noqa: BLE001  (a damaged file fails in many ways)
        _refuse(path, _LOCKED if "encrypted" in str(cause) else _DAMAGED, cause)


def _xls_rows(sheet: XlsSheet) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of an XLS sheet alike."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XLDateError, xldate_as_datetime

    def text(cell: XlsCell) -> str:
        if cell.ctype == XL_CELL_ERROR:
            return ""
        if cell.ctype == XL_CELL_DATE:
            try:
                return _text(xldate_as_datetime(cell.value, sheet.book.datemode))
            except (XLDateError, ValueError, OverflowError):
                return ""
        return _text(bool(cell.value) if cell.ctype == XL_CELL_BOOLEAN else cell.value)

    for index in range(sheet.nrows):
        yield index + 1, [text(cell) for cell in sheet.row(index)]


def _text(cell: str | float | bool | time | date | datetime | timedelta) -> str:  # noqa: FBT001
    """Give a cell as a spreadsheet shows it: no `.0` behind a whole number, ISO dates."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    return str(cell)


def _refuse(path: Path, lines: tuple[str, str], cause: BaseException | None = None) -> NoReturn:
    raise RecordError(lines[0], str(path), lines[1]) from cause


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _raw(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _names(path: Path) -> set[str]:
    """Give the names of the packed files; none where the list of them is cut off."""
    try:
        with ZipFile(path) as packed:
            return set(packed.namelist())
    except _ZIP_FAULTS:
        return set()


def _check(path: Path) -> None:
    """Refuse a workbook that is locked, not whole, or asks for more than a list of agencies ever does."""
    if not _is_zip(path):
        _check_xls(path)
        return
    try:
        with ZipFile(path) as packed:
            _check_size(packed, path)
            _check_parts(packed, path)
    except _ZIP_FAULTS as cause:
        _refuse(path, _DAMAGED, cause)


def _check_xls(path: Path) -> None:
    if path.stat().st_size > _XLS:
        _refuse(path, (f"The workbook has more than {_XLS // 1_000_000} MB.", _TOO_MUCH))
    if "EncryptedPackage".encode("utf-16-le") in _raw(path, _XLS):
        _refuse(path, _LOCKED)


def _check_size(packed: ZipFile, path: Path) -> None:
    """Look at the list of packed files alone: locked, or too large when unpacked."""
    infos = packed.infolist()
    if any(info.flag_bits & 1 for info in infos):
        _refuse(path, _LOCKED)
    if any(info.filename == "xl/workbook.bin" for info in infos):
        _refuse(path, ("The workbook is an XLSB file.", "Open it in a spreadsheet and save it as XLSX or CSV."))
    unpacked, size = sum(info.file_size for info in infos), path.stat().st_size
    if unpacked > _UNPACKED or (unpacked > _RATIO_FROM and unpacked > _RATIO * size):
        _refuse(path, (f"The workbook unpacks from {size:,} to {unpacked:,} bytes.", _TOO_MUCH))


def _check_parts(packed: ZipFile, path: Path) -> None:
    """Read the packed files through: each must be whole, and all cells together must fit."""
    parts = [info for info in packed.infolist() if info.filename.lower().endswith(".xml")]
    parts.sort(key=lambda info: "sharedstrings" not in info.filename.lower())
    strings: list[int] = []
    cells = letters = 0
    for info in parts:
        with packed.open(info) as file:
            if "sharedstrings" in info.filename.lower():
                strings += (len(piece) for pieces in _pieces(file, _STRING_END) for piece in pieces)
                continue
            more = _ods_extent(file) if info.filename == "content.xml" else _xlsx_extent(file, strings)
        cells, letters = cells + more[0], letters + more[1]
        if cells > _CELLS or letters > _LETTERS:
            _refuse(path, ("The workbook spreads over more cells than a list of agencies.", _TOO_MUCH))


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Give a file a block at a time, each with the end of the one before it."""
    tail = b""
    while block := file.read(_BLOCK):
        yield tail + block
        tail = block[-_OVERLAP:]


def _pieces(file: IO[bytes], end: re.Pattern[bytes]) -> Iterator[list[bytes]]:
    """Give what stands between one end mark and the next, many at a time."""
    rest = b""
    while block := file.read(_BLOCK):
        *whole, rest = end.split(rest + block)
        yield whole
        if len(rest) > _ONE_PIECE:
            raise BadZipFile
    yield [rest]


def _xlsx_extent(file: IO[bytes], strings: list[int]) -> tuple[int, int]:
    """Count the cells that a sheet spreads over, and the letters that its cells point to: at most so many."""
    down = across = letters = refs = cells = 0
    for block in _blocks(file):
        columns, rows = set(_COLUMN.findall(block)), _ROW.findall(block)
        across = max([across, *map(_column_number, columns)])
        down = max([down, *map(int, rows)])
        refs += len(rows)
        cells += block.count(b"<c ") + block.count(b":c ") + block.count(b"<c>") + block.count(b":c>")
        letters += sum(strings[at] for at in map(int, _SHARED.findall(block)) if at < len(strings))
        cells += _MANY if _ODD.search(block) else 0
    if cells <= refs and down * across <= _CELLS:
        return down * across, letters
    file.seek(0)
    return _exact_extent(file), letters


def _exact_extent(file: IO[bytes]) -> int:
    """Count the cells that a sheet spreads over where its cells are empty, or do not say where they stand."""
    rows = down = across = 0
    for pieces in _pieces(file, _ROW_END):
        rows += len(pieces)
        across = max([across, *(piece.count(b"<c") + piece.count(b":c") for piece in pieces)])
        for column, row, rest in _REF.findall(b"".join(pieces)):
            if not rest.endswith(b"/"):
                down, across = max(down, int(row)), max(across, _column_number(column))
    return max(rows, down) * across


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _ods_extent(file: IO[bytes]) -> tuple[int, int]:
    """Count the cells and letters of an ODS file, whose rows and cells say how often they stand."""
    down = across = letters = empty_rows = 0
    times, width, empty, inside = 0, 0, 0, 0
    for tag in (tag for pieces in _pieces(file, _ODS_START) for tag in pieces):
        repeated = int(found[1]) if (found := _REPEATED.search(tag)) else 1
        if tag.startswith(b"row"):
            down += (empty_rows + times) if width else 0
            empty_rows = 0 if width else empty_rows + times
            across, letters = max(across, width), letters + inside * times
            times, width, empty, inside = repeated, 0, 0, 0
        elif tag.startswith(b"cell") and _ODS_EMPTY.match(tag):
            empty += repeated
        elif tag.startswith(b"cell"):
            width, empty, inside = width + empty + repeated, 0, inside + repeated * len(tag)
    down += (empty_rows + times) if width else 0
    return down * max(across, width), letters + inside * times
