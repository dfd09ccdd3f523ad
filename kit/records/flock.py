"""A Flock network export: which organizations share their networks with the owner, and which get the owner's.

What an export is. A table (XLSX or CSV) with a row an organization and three columns: Organization Name,
Networks Shared With Me, Networks I'm Sharing. "Me" is the owner, whom the export does not name. A cell of
networks holds their names with commas between, and a name may hold a comma too; so a row is an organization
in one direction, and the networks are counted among the facts. An organization with networks in both cells
gives two rows.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.persons import entry, private_column
from kit.records.record import Direction, LeftOut, Record, Row, sha256_of
from kit.records.sheets import head_of, open_sheets, text_encoding, tidy
from kit.records.words import date_in, plain
from kit.records.workbooks import is_workbook, mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kit.records.sheets import Sheet

TITLE = "Flock network exports (XLSX, CSV)"

_ORGANIZATION = {"organization name", "organization", "organisation name", "agency name"}
_DIRECTIONS: dict[str, Direction] = {
    "networks shared with me": "receives_from",
    "networks im sharing": "shares_with",
}
_TITLE_ROWS = 20
_MOST_NETWORKS = 300  # kept as facts; the owner's own are a handful
_NO_NETWORK = {"", "-", "–", "none", "n/a", "null"}
# Between two networks stands a bare comma; a comma inside a name has a space behind it, and none before it.
_BETWEEN = re.compile(r",(?! )|(?<= ),")


@dataclass(frozen=True)
class _Export:
    """A sheet of an export: the row of its column names, and where its three columns are."""

    sheet: Sheet
    head: int
    names: tuple[str, ...]
    organization: int
    networks: dict[int, Direction]


@dataclass
class _Beside:
    """What gathers beside the rows: what is left out, and how often each network stands in a cell."""

    left_out: list[LeftOut] = field(default_factory=list)
    networks: dict[Direction, Counter[str]] = field(
        default_factory=lambda: {"shares_with": Counter(), "receives_from": Counter()}
    )
    dates: set[str] = field(default_factory=set)


def reads(path: Path, head: bytes) -> bool:
    """Tell whether a table has an export's column names."""
    if is_workbook(path, head):
        return mentions(path, b"Networks") and any(_exports(path))
    return b"%PDF-" not in head[:1024] and bool(text_encoding(head)) and any(_exports(path))


def read(path: Path) -> Record:
    """Read an export to its last row; RecordError where it is damaged or names no organization."""
    beside = _Beside()
    exports = list(_exports(path))
    rows = tuple(row for export in exports for row in _rows(export, beside))
    if not rows:
        raise RecordError("The export names no organization.", str(path), "Ask for the export again.")
    date = max(beside.dates, default="")
    return Record(
        family="flock-networks",
        system="flock",
        owner="",
        date=date,
        title="Flock network export",
        pages=len(exports),
        sha256=sha256_of(path),
        rows=rows,
        left_out=tuple(beside.left_out),
        notes=tuple(_notes(beside.networks["shares_with"], date)),
        facts=tuple(_facts(rows, beside.networks)),
    )


def _exports(path: Path) -> Iterator[_Export]:
    """Find the sheets that have an export's column names among their first rows."""
    for sheet in open_sheets(path, head_of(path)):
        for count, (number, cells) in enumerate(sheet.rows()):
            names = tuple(map(tidy, cells))
            heads = [plain(name) for name in names]
            networks = {index: _DIRECTIONS[head] for index, head in enumerate(heads) if head in _DIRECTIONS}
            organization = next((index for index, head in enumerate(heads) if head in _ORGANIZATION), None)
            if networks and organization is not None:
                yield _Export(sheet, number, names, organization, networks)
            if networks or count > _TITLE_ROWS:
                break


def _rows(export: _Export, beside: _Beside) -> Iterator[Row]:
    """Give a row an organization and direction; what is none is left out with a reason."""
    sheet = export.sheet
    beside.dates.add(date_in(sheet.name))
    for index, name in enumerate(export.names):
        if index != export.organization and index not in export.networks:
            why = private_column(name, ())
            reason = f"holds {why}: not taken, not shown" if why else "is no part of the list"
            beside.left_out.append(LeftOut(sheet.column(index), f'column "{name}"', reason, 0))
    for number, cells in sheet.rows():
        if number == export.head:
            continue
        at = sheet.at(number)
        name, flags = entry(cells[export.organization] if export.organization < len(cells) else "")
        found = _networks(export, cells)
        if why := _why_no_row(export, number, name, found, cells):
            text = " | ".join(entry(cells[i])[0] for i in (export.organization, *export.networks) if i < len(cells))
            beside.left_out.append(LeftOut(at, text[:300], why))
            beside.dates.add(date_in(text) if number < export.head else "")
            continue
        for direction, networks in found.items():
            beside.networks[direction].update(networks)
            yield Row(name, direction, "network", at, flags=flags)


def _networks(export: _Export, cells: Sequence[str]) -> dict[Direction, list[str]]:
    """Give the networks of a row by direction; a direction without any is left away."""
    found = {}
    for index, direction in export.networks.items():
        text = cells[index] if index < len(cells) else ""
        if tidy(text).casefold() not in _NO_NETWORK:
            found[direction] = [entry(name)[0] for name in _BETWEEN.split(text) if name.strip()]
    return found


def _why_no_row(
    export: _Export, number: int, name: str, found: dict[Direction, list[str]], cells: Sequence[str]
) -> str:
    """Say why a row of the sheet is no row of the list; empty where it is one."""
    if number < export.head:
        return "stands above the column names"
    if name == export.names[export.organization]:
        return "the column names again"
    if export.sheet.mark and any(cells[len(export.names) :]):
        return "more cells than there are column names: networks not in quotation marks?"
    if not name:
        return "no organization in the row"
    return "" if found else "no network in either direction"


def _notes(own: Counter[str], date: str) -> Iterator[str]:
    """Say what an export lacks, and what may tell the owner."""
    named = ", ".join(name for name, _ in own.most_common(3))
    yield f"The export does not say whose it is{f'; it shares networks named {named}' if named else ''}."
    if not date:
        yield "The export bears no date."


def _facts(rows: Sequence[Row], networks: dict[Direction, Counter[str]]) -> Iterator[tuple[str, str]]:
    """Give with how many organizations each network of the owner is shared, and how many come to it."""
    for name, count in networks["shares_with"].most_common(_MOST_NETWORKS):
        yield f"Network shared: {name}", f"with {count:,} organizations"
    received = sum(1 for row in rows if row.direction == "receives_from")
    yield "Networks received", f"{len(networks['receives_from']):,}, from {received:,} organizations"
