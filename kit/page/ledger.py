"""findings.json and sharing.csv -> the numbers of a page, the rows behind each, the records they are from."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import TYPE_CHECKING, Any

from kit.ap import ap_date
from kit.errors import RunError
from kit.page.files import checklist, for_programs, ranges, table
from kit.page.markup import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

NEEDED = ("row_id", "list_id", "partner", "direction", "data", "page")
"""Columns of sharing.csv that the page cannot do without; the others may be missing."""

_AGAIN = "Run the place again: kit report PLACE"
_FEW = 6
_DIRECTIONS = {"shares_with": "shared with", "receives_from": "received from"}
_DATA = {"detections": "detections", "hotlist": "hot list", "network": "network"}


# Unit of a finding that is the size of a section of a record, not a number of a story. Its rows, and those of a
# finding of more than that, are in the list itself; the page's table holds the others, or it would be of megabytes.
_SECTION = "rows"
_MOST = 400
# Rows of the page's table in all: of many more lists than six it would be heavy.
_ROWS = 2_000
# What a state's folder has of its places; other pages have no such files.
_PLACES = ("agencies.geojson", "counties.geojson")
# Columns of sharing.csv that weigh a fifth of it and that no number is checked by.
_IN_THE_FOLDER = {"place_geoid", "county_geoid", "lat", "lon"}
_SHORT = 4
# Rows of a table that say the same before it is said once for all.
_OFTEN = 20
# Links of an entry to rows of one record; where there would be more, one link stands for all of them.
_LINKS = 4
_RANGES = 12
# Where one text that was left out of a record ends and the next begins: at its page, or its sheet and row.
_NEXT_LEFT_OUT = re.compile(r";\s+(?=(?:p\d+|[^;:!]+!\d+): )")


@dataclass(frozen=True)
class Source:
    """A record that the page's rows are from; `label` is short and stands for one record alone."""

    id: str
    anchor: str
    label: str
    heading: str
    sha256: str
    facts: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row of a record, in words; `anchor` counts through the page (0 if not shown), `number` through the record.

    `cells` are agency, page, where it is placed, how sure, why and flags.
    """

    anchor: int
    id: str
    number: int
    source: Source
    direction: str
    data: str
    cells: tuple[str, ...]

    @property
    def page(self) -> str:
        """The page of the record, or sheet and row."""
        return self.cells[1]


@dataclass(frozen=True)
class Group:
    """Rows of one record and direction that a page says in one table; `data` is empty where each row says its own."""

    source: Source
    direction: str
    data: str
    rows: tuple[Row, ...]

    @property
    def flags(self) -> bool:
        """Tell whether a row has a flag."""
        return any(row.cells[-1] for row in self.rows)

    @property
    def sheet(self) -> str:
        """The sheet that all rows are of, where its name is too long to stand with each; else empty."""
        sheet = self.rows[0].page.rpartition("!")[0]
        return sheet if len(sheet) > _SHORT and all(row.page.rpartition("!")[0] == sheet for row in self.rows) else ""

    @property
    def usual(self) -> tuple[str, str]:
        """What most rows say of how sure their placing is, and why: said once, so that the others stand out."""
        return self._usual(3), self._usual(4)

    @property
    def lines(self) -> Iterator[tuple[Row, list[str]]]:
        """Each row with its cells as its table has them: what is usual left out, and what is empty at the end."""
        sheet, flags, usual = self.sheet, self.flags, self.usual
        for row in self.rows:
            name, page, placed, *why = row.cells[:5]
            page = f"row {page.rpartition('!')[2]}" if sheet else page
            doubts = ["" if said == most else said for said, most in zip(why, usual, strict=True)]
            cells = [name, *([] if self.data else [row.data]), page, placed, *doubts, *(row.cells[5:] if flags else [])]
            while not cells[-1]:
                cells.pop()
            yield row, cells

    def _usual(self, cell: int) -> str:
        said = Counter(row.cells[cell] for row in self.rows)
        ((most, times),) = said.most_common(1)
        return most if "" not in said and times >= _OFTEN and times * 2 > len(self.rows) else ""


@dataclass(frozen=True)
class Span:
    """Rows of one record, as a link to the first: `12–15, 17`; `anchor` is 0 where not all are shown on the page.

    `308 rows from 2 to 638` is for rows that follow one another on the page, and not in the record, and for many that
    are not shown.
    `count` is how many rows they are.
    """

    anchor: int
    text: str
    count: int


@dataclass(frozen=True)
class Entry:
    """A finding as the ledger prints it."""

    id: str
    text: str
    unit: str
    says: str
    caveats: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)
    behind: tuple[tuple[Source, tuple[Span, ...]], ...]


@dataclass(frozen=True)
class Ledger:
    """The findings of a page with what they rest on.

    `files` are the page's downloads: the numbers as a list to tick and the rows that they count, as CSV, the findings
    as JSON, and what the folder has as GeoJSON.
    """

    place: str
    title: str
    as_of: str
    sources: tuple[Source, ...]
    entries: tuple[Entry, ...]
    headline: tuple[Entry, ...]
    groups: tuple[Group, ...]
    not_shown: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    files: dict[str, bytes] = field(repr=False)


def read_ledger(folder: Path) -> Ledger:
    """Read findings.json and sharing.csv of a place; RunError where one is missing, broken or at odds."""
    said = read_findings(folder)
    sources = {source.id: source for source in _sources(said["lists"], folder)}
    lines, columns = read_rows(folder)
    used = {str(row_id) for finding in said["findings"] for row_id in finding["rows"]}
    if missing := used - lines.keys():
        what = f"A finding counts the row {min(missing)}, which is not in sharing.csv."
        raise RunError(what, _where(folder, "findings.json"), _AGAIN)
    short = _short(said)
    shown = _shown(short)
    kept = {row_id for row_ids in short for row_id in row_ids}
    rows = _rows([line for row_id, line in lines.items() if row_id in used], sources, shown, folder)
    by_id = {row.id: row for row in rows}
    entries = {_text(finding["id"]): _entry(finding, by_id) for finding in said["findings"]}
    return Ledger(
        place=_text(said["place"]),
        title=_text(said.get("title")),
        as_of=ap_day(_text(said["as_of"])),
        sources=tuple(sources.values()),
        entries=tuple(entries.values()),
        headline=tuple(entries[name] for name in said.get("headline") or () if name in entries),
        groups=tuple(_groups(row for row in rows if row.anchor)),
        not_shown=_lines(said.get("not_shown")),
        versions=tuple(sorted((_text(k), _text(v)) for k, v in (said.get("versions") or {}).items())),
        files={
            "ledger.csv": checklist(entries.values()),
            "rows.csv": table(
                (lines[row.id] for row in rows if row.id in kept), [one for one in columns if one not in _IN_THE_FOLDER]
            ),
            "findings.json": for_programs(said),
            **{name: (folder / name).read_bytes() for name in _PLACES if (folder / name).is_file()},
        },
    )


def _short(said: Mapping[str, Any]) -> list[set[str]]:
    """Give the rows of each finding that is no size of a section and has not too many: of headlines, then of few rows.

    They are in the page as CSV.
    """
    first = set(said.get("headline") or ())
    short = [one for one in said["findings"] if one.get("unit") != _SECTION and len(one["rows"]) <= _MOST]
    short.sort(key=lambda one: (one["id"] not in first, len(one["rows"])))
    return [{str(row_id) for row_id in one["rows"]} for one in short]


def _shown(short: Iterable[set[str]]) -> set[str]:
    """Choose the rows that the page's table has: those of one finding after another, up to its limit."""
    shown = set[str]()
    for rows in short:
        if len(shown | rows) <= _ROWS:
            shown |= rows
    return shown


def ap_day(iso: str) -> str:
    """Write a date as running text has it; what is no ISO date stays as it is."""
    try:
        return ap_date(iso) if iso else ""
    except ValueError:
        return iso


def _where(folder: Path, name: str) -> str:
    return str(folder / name)


def read_text(folder: Path, name: str) -> str:
    """Read a file of a place's folder; RunError where it is missing or is no UTF-8 text."""
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError as cause:
        raise RunError(f"The page cannot be written: {name} is missing.", _where(folder, name), _AGAIN) from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise RunError(f"{name} cannot be read as text.", _where(folder, name), _AGAIN) from cause


def read_findings(folder: Path) -> dict[str, Any]:
    """Read findings.json and check what the page needs of it."""
    try:
        said: dict[str, Any] = json.loads(read_text(folder, "findings.json"))
    except ValueError as cause:
        raise RunError("findings.json is not whole: it is no JSON.", _where(folder, "findings.json"), _AGAIN) from cause
    lacking = [key for key in ("place", "as_of", "lists", "findings") if not isinstance(said, dict) or key not in said]
    if lacking:
        raise RunError(f"findings.json has no {lacking[0]}.", _where(folder, "findings.json"), _AGAIN)
    for number, finding in enumerate(said["findings"], start=1):
        if not (isinstance(finding, dict) and finding.get("id") and isinstance(finding.get("rows"), list)):
            what = f"Finding {number} of findings.json has no id, or no rows."
            raise RunError(what, _where(folder, "findings.json"), _AGAIN)
    twice = [name for name, times in Counter(_text(finding["id"]) for finding in said["findings"]).items() if times > 1]
    if twice:
        raise RunError(f'Two findings are called "{twice[0]}".', _where(folder, "findings.json"), _AGAIN)
    return said


def read_rows(folder: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Read sharing.csv: its rows by row_id, and its columns."""
    lines = csv.DictReader(io.StringIO(read_text(folder, "sharing.csv"), newline=""))
    columns = list(lines.fieldnames or ())
    if missing := [name for name in NEEDED if name not in columns]:
        raise RunError(f"sharing.csv has no column {missing[0]}.", _where(folder, "sharing.csv"), _AGAIN)
    csv.field_size_limit(10_000_000)
    try:
        return {line["row_id"]: {name: line[name] or "" for name in columns} for line in lines}, columns
    except csv.Error as cause:
        what = f"sharing.csv is not whole: {cause}."
        raise RunError(what, f"{_where(folder, 'sharing.csv')}, line {lines.line_num}", _AGAIN) from cause


def _sources(lists: Sequence[dict[str, Any]], folder: Path) -> Iterator[Source]:
    """Give the records; a label is the record's date, with its owner where two have one date."""
    if not all(isinstance(one, dict) and one.get("id") for one in lists):
        raise RunError("A list of findings.json has no id.", _where(folder, "findings.json"), _AGAIN)
    dates = Counter(_text(one.get("date")) for one in lists)
    for number, one in enumerate(lists, start=1):
        date, owner = _text(one.get("date")), _text(one.get("owner"))
        alone = date and dates[date] == 1
        facts = [
            ("Record", _text(one.get("title"))),
            ("Date on the record", ap_day(date) or "none"),
            ("System", _text(one.get("system")).capitalize()),
            ("Request", _text(one.get("request"))),
            ("Where to get it", _text(one.get("source"))),
            ("Pages", _text(one.get("pages"))),
            ("sha256 of the file", _text(one.get("sha256"))),
        ]
        yield Source(
            id=str(one["id"]),
            anchor=f"l-{number}",
            label=date if alone else f"{owner or one['id']} {date}".strip(),
            heading=heading(one),
            sha256=_text(one.get("sha256")),
            facts=tuple((name, value) for name, value in facts if value),
            left_out=_left_out(one.get("left_out")),
            notes=_lines(one.get("notes")),
        )


def heading(one: Mapping[str, Any]) -> str:
    """Name a list of findings.json: its owner as printed, and its date."""
    return f"{_text(one.get('owner')) or one['id']}, {ap_day(_text(one.get('date'))) or 'no date'}"


def _left_out(said: object) -> tuple[str, ...]:
    """Give what was left out of a record, one text a line, where it is told in one."""
    return tuple(line for text in _lines(said) for line in _NEXT_LEFT_OUT.split(text) if line != "nothing")


def _rows(lines: Iterable[dict[str, str]], sources: dict[str, Source], shown: set[str], folder: Path) -> list[Row]:
    """Put the rows in the order of the records, their sections and the rows in each; count those that are shown."""
    order = {name: number for number, name in enumerate(sources)}
    placed = []
    for line in lines:
        number = line["row_id"].rpartition(":")[2]
        if line["list_id"] not in sources or not number.isdecimal():
            what = f"The row {line['row_id']} is of no list in findings.json, or has no number."
            raise RunError(what, _where(folder, "sharing.csv"), _AGAIN)
        section = (line["direction"] != "shares_with", line["direction"], line["data"])
        placed.append((order[line["list_id"]], section, int(number), line))
    placed.sort(key=lambda one: one[:3])
    anchors = count(1)
    return [
        _row(next(anchors) if line["row_id"] in shown else 0, number, sources[line["list_id"]], line)
        for *_, number, line in placed
    ]


def _row(anchor: int, number: int, source: Source, line: dict[str, str]) -> Row:
    """Give a row in words."""
    said = words_of(line)
    data = _DATA.get(said["data"], said["data"])
    return Row(
        anchor,
        line["row_id"],
        number,
        source,
        _DIRECTIONS.get(said["direction"], said["direction"]),
        f"{data}: {said['hotlist']}" if said["hotlist"] else data,
        (
            said["partner"],
            said["page"],
            placed_in(said),
            said["status"],
            said["basis"],
            ", ".join(said["flags"].split(";")),
        ),
    )


def words_of(line: Mapping[str, str]) -> dict[str, str]:
    """Give a line of sharing.csv as text to show; a column that is not there is empty."""
    return defaultdict(str, {name: visible(_unquoted(value)) for name, value in line.items()})


def _groups(rows: Iterable[Row]) -> Iterator[Group]:
    """Put rows together that are of one record, direction and kind of data; a hot list's name stays with its row."""

    def told(row: Row) -> tuple[str, str, str]:
        return row.source.anchor, row.direction, "" if ": " in row.data else row.data

    for (_, direction, data), together in groupby(rows, key=told):
        group = tuple(together)
        yield Group(group[0].source, direction, data, group)


def placed_in(said: Mapping[str, str]) -> str:
    """Say where a row's agency is: city or county and state, or the states that it may be in."""
    if said["state"] == "US":
        return "United States"
    if said["state"]:
        where = dict.fromkeys((said["place"], said["county"], said["state"]))
        return ", ".join(one for one in where if one)
    candidates = [one for one in said["candidates"].split(";") if one]
    if len(candidates) > _FEW:
        return f"open: {len(candidates)} states"
    return f"open: {' or '.join(candidates)}" if candidates else "open"


def _entry(finding: dict[str, Any], by_id: dict[str, Row]) -> Entry:
    counted = {str(row_id) for row_id in finding["rows"]}
    rows = [row for row_id, row in by_id.items() if row_id in counted]
    behind = [(source, tuple(_spans(list(part)))) for source, part in groupby(rows, key=lambda row: row.source)]
    return Entry(
        id=_text(finding["id"]),
        text=number_of(finding),
        unit=_one(_text(finding.get("unit"))) if number_of(finding) == "1" else _text(finding.get("unit")),
        says=_says(_text(finding.get("sentence")), _text(finding.get("label"))),
        caveats=_lines(finding.get("caveats")),
        rows=tuple(rows),
        behind=tuple(behind),
    )


def _says(sentence: str, label: str) -> str:
    """Give the sentence; where that is but number and label, the label: the number stands beside."""
    title = label[:1].upper() + label[1:]
    return title if not sentence or sentence.startswith(f"{title}: ") else sentence


def number_of(finding: Mapping[str, Any]) -> str:
    """Give the finding's number in figures, with commas."""
    if finding.get("text"):
        return _text(finding["text"])
    ends = [finding["value"]] if finding.get("value") is not None else [finding.get("low"), finding.get("high")]
    return " to ".join(f"{end:,}" if isinstance(end, int) else "?" for end in ends)


def _one(unit: str) -> str:
    """Give the word for one of a unit: agency, row."""
    return f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")


def _spans(rows: list[Row]) -> Iterator[Span]:
    """Press rows of one record together: those that follow one another on the page are one link."""
    runs = [[row for _, row in run] for _, run in groupby(enumerate(rows), key=lambda one: one[1].anchor - one[0])]
    shown = all(row.anchor for row in rows)
    few = len(runs) <= _LINKS
    for together in runs if shown and few else [rows]:
        numbers = list(ranges((row.number for row in together), "–"))
        # A record may give two sections in turns: what stands together on the page is far apart in it. The page needs
        # each number of rows that it shows, to find them.
        long = (few or not shown) and len(numbers) > _RANGES
        ends = [row.number for row in together]
        text = f"{len(together):,} rows from {min(ends)} to {max(ends)}" if long else ", ".join(numbers)
        yield Span(together[0].anchor if shown else 0, text, len(together))


def _text(value: object) -> str:
    return "" if value is None else visible(str(value))


def _lines(value: object) -> tuple[str, ...]:
    """Give sentences that are told as one text or as many; what is told in parts is joined."""
    if not value:
        return ()
    told = value if isinstance(value, list) else [value]
    parts = (": ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in told)
    return tuple(visible(one) for one in parts if one)


def _unquoted(cell: str) -> str:
    """Take off the quote that keeps a spreadsheet from running a name."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\t\r") else cell
