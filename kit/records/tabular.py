"""Any table with a column of agencies: a clerk's spreadsheet, an edge list, answers A1 to A4.

What the layouts are. A table has a line of column names, perhaps below a title, and an agency a row; the
partner's column is told by its heading or its cells, or named by the reporter. An edge list has a column
for the agency whose data it is as well. The answers to a records request under California's Public Records
Act come as a sheet, or a column, for each of the questions A1 (shares with), A2 (receives from), A3 (shares
hot lists with) and A4 (receives hot lists from); other sheets hold the request and its figures.

Every row that is not empty is a row of the record or is left out with a reason. Columns with plates, VINs,
user names or people are not taken, and what stands in them is not shown.
"""

from __future__ import annotations

import gc
import re
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from kit.errors import RecordError
from kit.records.columns import Columns, Table, find_table, is_label, marked, no_such_column
from kit.records.persons import entry
from kit.records.record import LONGEST_NAME, Data, Direction, LeftOut, Record, Row, sha256_of
from kit.records.sheets import Sheet, head_of, open_sheets, text_encoding, tidy
from kit.records.words import data_in, date_in, directions_in, plain, question_in
from kit.records.workbooks import is_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

TITLE = "tables with a column of agencies (CSV, TSV, XLSX, XLS, ODS), edge lists, answers A1 to A4"

_NOT_STATED = frozenset(("n/a", "na", "-", "none", "unknown", "null"))
_NONE = re.compile(r"^\W*(none|n/a|not applicable|no agencies|no responsive records)\W*$", re.IGNORECASE)
_NOTE = re.compile(
    r"""^( (grand\ |sub)?totals?\b(?=.*\d) | totals?$ | count: | page\ \d | sources?: | notes?: | \*
         | (report\ )?(generated|printed|exported|prepared)\ (on|by|at)\b | last\ updated\b | as\ of\b )""",
    re.IGNORECASE | re.VERBOSE,
)
_SAYS_NONE = "says that there is none"
_NUMBER = re.compile(r"^[\d,.\s%$]+$")
_SENTENCE = 15  # words; the longest name known has 12
_PROSE = re.compile(
    r"\b(the|is|are|was|were|be|has|have|does|not|this|that|these|with|which|to|for|by|as|its|our|we)\b", re.IGNORECASE
)
# A name that is whole by itself: what stands in the cells behind it is none of it.
_WHOLE = re.compile(
    r"\b(PD|SO|Police|Sheriff\w*|Dep(t|artment)|Office|Patrol|Marshal\w*|DPS|Safety|Force)\b", re.IGNORECASE
)
_NOTHING = ("", "", "")
_MOST_SHOWN = LONGEST_NAME // 4 + 1  # cells of a row, parted by three letters, fill what is shown of it
_LONGEST_REQUEST = 2_000  # rows
_MOST_NAMES = 300_000
_MOST_LETTERS = 12_000_000  # of all names, each taken once
_TOO_MANY = f"The list has more than {_MOST_NAMES:,} names; the United States have some 18,000 police agencies."
_TOO_LONG = f"The names in the list have more than {_MOST_LETTERS:,} letters; they are no names of agencies."
_CODE = re.compile(r"^[A-Z]\d{1,2}\b")
_FLOCK_HEADS = {"src agency", "external agency"}  # The News & Observer's table of Flock sharing, 2024

Kind: TypeAlias = "tuple[Direction, Data]"


@dataclass(frozen=True)
class _List:
    """One list of a table, and what is said or assumed of all its rows."""

    table: Table
    columns: Columns
    ways: tuple[Direction, ...]
    data: Data

    @cached_property
    def kinds(self) -> list[Kind]:
        """The sections of a row that does not say otherwise."""
        return [(way, self.data) for way in self.ways]

    @cached_property
    def says_all(self) -> bool:
        """Whether all that is said of a row, but its partner and owner, is said of the list."""
        one = self.columns
        return not one.marks and {one.direction, one.data, one.hotlist, one.city, one.state} == {None}

    @cached_property
    def heading(self) -> str | None:
        """The name of the partner's column, if it has one."""
        names = self.table.names
        return names[self.columns.partner] if self.columns.partner < len(names) else None

    @cached_property
    def width(self) -> float:
        """The cells of a row from which more may be pieces of a name with a mark in it."""
        width = len(self.table.names)
        return width if self.table.sheet.mark and width > self.columns.partner + 1 else inf


class _Names(dict[str, tuple[str, tuple[str, ...], str]]):
    """What is listed -> the name in it, its flags, and why it is none; each is looked at once."""

    letters = 0

    def __missing__(self, listed: str) -> tuple[str, tuple[str, ...], str]:
        """Look at what is listed for the first time."""
        name, flags = entry(listed)
        self.letters += len(name)
        found = self[listed] = (name, flags, _why_no_name(name))
        return found

    def check(self, at: str) -> None:
        """Refuse a list of more names than there can be; RecordError with the place of the row."""
        if len(self) > _MOST_NAMES or self.letters > _MOST_LETTERS:
            raise RecordError(_TOO_MANY if len(self) > _MOST_NAMES else _TOO_LONG, at, "Ask for the list alone.")


@dataclass
class _Beside:
    """What gathers beside the rows while a table is read."""

    left_out: list[LeftOut] = field(default_factory=list)
    empty: list[Kind] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    dates: set[str] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)


def reads(path: Path, head: bytes) -> bool:
    """Tell whether this is a workbook, or a text that can be a table."""
    if is_workbook(path, head):
        return True
    encoding = text_encoding(head)
    if not encoding or b"%PDF-" in head or head.decode(encoding, "ignore").lstrip("\ufeff \r\n\t")[:1] in {"<", "{"}:
        return False
    sheet = open_sheets(path, head)[0]
    return find_table(sheet) is not None or (bool(sheet.mark) and len(list(islice(sheet.rows(), 2))) > 1)


def read(path: Path) -> Record:
    """Read a table to its last row; RecordError where no column of agencies is found."""
    return read_column(path, "")


def read_column(path: Path, column: str) -> Record:
    """Read a table whose partner's column is named by its heading, letter or number."""
    sheets = open_sheets(path, head_of(path))
    answers = [sheet for sheet in sheets if question_in(sheet.name)]
    found = ((sheet, find_table(sheet, column)) for sheet in answers or sheets)
    tables = [table or _whole(sheet) for sheet, table in found if table or sheet in answers]
    if not tables:
        raise _no_list(sheets, column, path)
    is_answer = bool(answers) or any(one.asked for table in tables for one in table.lists)
    system = "mixed" if is_answer else _system(tables)
    beside = _Beside()
    with _no_search_for_cycles():
        rows = tuple(row for table in tables for row in _table_rows(table, system, beside))
    for sheet in sheets:
        if all(sheet.name != table.sheet.name for table in tables):
            _unlisted(sheet, beside)
    if not rows and not beside.empty:
        raise RecordError("The table names no agency below its column names.", str(path), "Ask for the record again.")
    owners = {row.owner for row in rows}
    owner = owners.pop() if len(owners) == 1 else ""
    family = "a1-a4" if is_answer else "edges" if owners else "table"
    return Record(
        family=family,
        system=system,
        owner=owner,
        date=max(beside.dates, default=""),
        title=_TITLES[family],
        pages=len(sheets),
        sha256=sha256_of(path),
        rows=rows,
        left_out=tuple(beside.left_out),
        notes=tuple(_notes(tables, beside, path, whose=bool(owner or owners))),
        empty_sections=tuple(beside.empty),
        facts=tuple(beside.facts),
    )


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Let many rows be made: they hold no cycles, and to look for some in them takes as long as making them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


_TITLES = {"a1-a4": "Answers A1 to A4", "edges": "Table of pairs of agencies", "table": "Table of agencies"}


def _whole(sheet: Sheet) -> Table:
    """Take the first column of a sheet that is named after a question, whatever stands in it."""
    return Table(sheet, 0, (), "", (Columns(0),), (), ())


def _no_list(sheets: Sequence[Sheet], column: str, path: Path) -> RecordError:
    """Give the error for a table in which no column of agencies is found."""
    first = next((cells for sheet in sheets for _, cells in sheet.rows()), ())
    heads = [name for cell in first[:30] if is_label(name := tidy(cell))]
    if not first:
        return RecordError("The table is empty.", str(path), "Ask for the record again; nothing can be read from it.")
    if column:
        return no_such_column(column, heads, str(path))
    return RecordError(
        "No column of agencies was found in the table.",
        f"{path}: its column names are {' | '.join(heads) or 'none that the kit knows'}",
        "Name the column: kit read FILE --column NAME (its heading, letter or number).",
    )


def _system(tables: Sequence[Table]) -> str:
    """Give the vendor's system where headings, titles or sheet names name it."""
    if any({plain(name) for name in table.names} >= _FLOCK_HEADS for table in tables):
        return "flock"
    words = plain(" ".join(f"{' '.join(table.names)} {table.above} {table.sheet.name}" for table in tables))
    named = [system for system in ("flock", "vigilant") if re.search(rf"\b{system}\b", words)]
    return "mixed" if len(named) > 1 else named[0] if named else "unknown"


def _table_rows(table: Table, system: str, beside: _Beside) -> Iterator[Row]:
    """Give the rows of each list in a table, and account for what is none."""
    sheet = table.sheet
    beside.dates |= {date_in(sheet.name), date_in(table.above)}
    for number, cells in sheet.rows():
        if number >= table.head:
            break
        beside.left_out.append(LeftOut(sheet.at(number), _shown(table, cells), "stands above the column names"))
    for index, why in table.private:
        name = f'column "{table.names[index]}"' if index < len(table.names) and table.names[index] else "a column"
        beside.left_out.append(LeftOut(sheet.column(index), name, f"holds {why}: not taken, not shown", 0))
    for columns in table.lists:
        yield from _list_rows(_list(table, columns, system, beside), beside)
    if len(table.lists) > 1:
        for number, cells in sheet.rows():
            if number > table.head and not any(_cell(cells, one.partner) for one in table.lists):
                beside.left_out.append(LeftOut(sheet.at(number), _shown(table, cells), "no agency in the row"))


def _list(table: Table, columns: Columns, system: str, beside: _Beside) -> _List:
    """Decide which way the data goes and which data it is: by heading, sheet or title, else assumed."""
    around = (table.sheet.name, table.above)
    if asked := question_in(table.sheet.name):
        return _List(table, columns, (asked[0],), asked[1])
    ways = columns.says or next(filter(None, map(directions_in, around)), ())
    data = columns.about or next(filter(None, map(data_in, around)), "network" if system == "flock" else None)
    if not ways and not columns.marks and columns.direction is None and columns.owner is None:
        beside.assumed.append(
            "The table does not say which way the data goes: taken as agencies that the owner shares with."
        )
    if columns.hotlist is not None and columns.data is None:
        data = "hotlist"
    if not data and columns.data is None:
        beside.assumed.append("The table does not say which data is shared: taken as plate detections.")
    return _List(table, columns, ways or ("shares_with",), data or "detections")


def _list_rows(one: _List, beside: _Beside) -> Iterator[Row]:
    """Give the rows of one list; what is no row is left out with a reason."""
    table, columns, made, before = one.table, one.columns, 0, len(beside.left_out)
    sheet, alone = table.sheet, len(table.lists) == 1
    name_of, owner_of, bare, names = _name_of(table, columns), _text_at(columns.owner), one.says_all, _Names()
    for number, cells in sheet.rows():
        raw = name_of(cells)
        name, flags, no_name = names[raw]
        if number <= table.head or not (name or alone):
            continue
        at, owner = sheet.at(number), names[owner_of(cells)][0]
        names.check(at)
        if columns.asked and (asked := question_in(name)):
            one = replace(one, ways=(asked[0],), data=asked[1])
        kinds = one.kinds if bare else _kinds(cells, one)
        why = _why_no_row(name, owner, cells, one) or no_name
        if why := why or ("" if kinds else "does not say which way the data goes"):
            beside.left_out.append(LeftOut(at, _shown(table, cells) if alone else name, why))
            continue
        if len(raw) > LONGEST_NAME:
            beside.cut.append(at)
        hotlist, city, state = _NOTHING if bare else _around(cells, columns)
        made += len(kinds)
        for way, data in kinds:
            yield Row(name, way, data, at, hotlist, city, state, "", flags, owner)
    is_answer = columns.asked or question_in(sheet.name)
    if not made and (is_answer or any(item.reason == _SAYS_NONE for item in beside.left_out[before:])):
        beside.empty += [(way, one.data) for way in one.ways]


def _name_of(table: Table, columns: Columns) -> Callable[[Sequence[str]], str]:
    """Give what finds the partner in a row; in the last column of a text, with what a mark inside the name cut off."""
    mark, index = table.sheet.mark, columns.partner
    if mark and index == len(table.names) - 1:
        return lambda cells: mark.join(cells[index:])
    return _text_at(index)


def _text_at(index: int | None) -> Callable[[Sequence[str]], str]:
    """Give what finds a cell in a row: nothing where the row ends before it, or the table has no such column."""
    return lambda cells: cells[index] if index is not None and index < len(cells) else ""


def _kinds(cells: Sequence[str], one: _List) -> Sequence[Kind]:
    """Give the sections that a row belongs to: one, or two where the data goes both ways; none where it says none."""
    columns, data = one.columns, one.data
    data = data_in(_cell(cells, columns.data)) or data
    if columns.marks:
        return [(way, about or data) for index, way, about in columns.marks if marked(_cell(cells, index))]
    ways = one.ways if columns.direction is None else directions_in(_cell(cells, columns.direction))
    return [(way, data) for way in ways]


def _around(cells: Sequence[str], columns: Columns) -> tuple[str, str, str]:
    """Give the hot list, city and state of a row, as far as the table has them."""
    return _cell(cells, columns.hotlist), _stated(cells, columns.city), _stated(cells, columns.state)


def _why_no_row(name: str, owner: str, cells: Sequence[str], one: _List) -> str:
    """Say why a row of the table is no row of the list though it may have a name; empty where it is one."""
    if name == one.heading:
        return "the column names again"
    if len(cells) > one.width and any(cells[len(one.table.names) :]) and not _WHOLE.search(name):
        return "more cells than there are column names: a name with a mark in it, not in quotation marks?"
    if name and not owner and one.columns.owner is not None:
        return "no owner in the row"
    return "the question" if one.columns.asked and question_in(name) else ""


def _why_no_name(name: str) -> str:
    """Say why a text is no name of an agency; empty where it may be one."""
    if not name:
        return "no agency in the row"
    if _NONE.match(name):
        return _SAYS_NONE
    if _NUMBER.match(name):
        return "a number, no name"
    if _NOTE.match(name) or (name.count(" ") >= _SENTENCE and len(_PROSE.findall(name)) > 1):
        return "a note or a total, no name"
    return ""


def _cell(cells: Sequence[str], index: int | None) -> str:
    """Give a cell's text; empty where the row ends before it, or the table has no such column."""
    return "" if index is None or index >= len(cells) else tidy(cells[index])


def _stated(cells: Sequence[str], index: int | None) -> str:
    text = _cell(cells, index)
    return "" if text.casefold() in _NOT_STATED else text


def _shown(table: Table, cells: Sequence[str]) -> str:
    """Give a row's text without the columns about people, and with persons masked."""
    private = {index for index, _ in table.private}
    shown = (entry(cell)[0] for index, cell in enumerate(cells) if index not in private)
    return " | ".join(islice(filter(None, shown), _MOST_SHOWN))[:LONGEST_NAME]


def _unlisted(sheet: Sheet, beside: _Beside) -> None:
    """Account for a sheet without a list: the request and its figures are shown, anything else is not."""
    rows = [(number, [tidy(cell) for cell in cells if tidy(cell)]) for number, cells in sheet.rows()]
    if len(rows) > _LONGEST_REQUEST or not any(_CODE.match(cells[0]) for _, cells in rows):
        if rows:
            why = "the sheet has no list of agencies; what stands in it is not shown"
            beside.left_out.append(
                LeftOut(f"{sheet.name}!{rows[0][0]}-{rows[-1][0]}", f"{len(rows):,} rows", why, len(rows))
            )
        return
    for number, cells in rows:
        text = " | ".join(entry(cell)[0] for cell in cells)
        is_figure = len(cells) > 1 and _NUMBER.match(cells[-1]) is not None
        why = "a figure, kept among the facts" if is_figure else "the request's words, no list"
        beside.left_out.append(LeftOut(sheet.at(number), text[:LONGEST_NAME], why))
        beside.dates.add(date_in(text))
        if is_figure:
            beside.facts.append((" ".join(cells[:-1]), cells[-1]))


def _notes(tables: Sequence[Table], beside: _Beside, path: Path, *, whose: bool) -> Iterator[str]:
    """Say what the table lacks, what was assumed, and what was not taken."""
    if not whose:
        yield "The table does not say whose it is."
    if not max(beside.dates, default=""):
        yield "The table bears no date."
    yield from dict.fromkeys(beside.assumed)
    if beside.cut:
        yield f"Names longer than {LONGEST_NAME} letters are cut: {', '.join(beside.cut[:10])}."
    if _is_cut_off(tables[-1], path):
        yield "The last row is shorter than the others and has no end: the file may be cut off."
    for table in tables:
        sheet = table.sheet
        if not table.names:
            yield f"No column names were found; {sheet.column(table.lists[0].partner)} was taken."
        if sheet.hidden:
            yield f"The workbook hides the sheet {sheet.name}; it was read too."
        if table.not_taken:
            heads = [
                table.names[i] if i < len(table.names) and table.names[i] else sheet.column(i) for i in table.not_taken
            ]
            yield f"Columns not taken: {', '.join(heads[:20])}."
        if any("plates" in why or "VINs" in why for _, why in table.private):
            yield "A table with plates may be a log of searches, not a list of agencies that data is shared with."


def _is_cut_off(table: Table, path: Path) -> bool:
    """Tell whether a text ends inside a row."""
    if not table.sheet.mark or not table.names:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        ended = file.read().rstrip(b"\0")[-1:] in {b"\n", b"\r"}
    if ended:
        return False
    last = deque(table.sheet.rows(), maxlen=1)
    return len(last[0][1]) < len(table.names)
