"""The tables that a page has inside as files: the rows behind its numbers, and the numbers as a list to tick."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kit.page.ledger import Entry

CHECKLIST = ("checked", "id", "number", "unit", "sentence", "rows", "record", "page", "sha256")
"""Columns of the list to tick: `checked` is empty; the last four name each record behind the number, in one order."""

_APART = "; "
_MOST = 8
"""Pages, or ranges of them, that a cell names; where there are more it has the first and the last."""
_PAGE = re.compile(r"(.*?)(\d+)")


def table(lines: Iterable[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    """Write lines as CSV in which no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(line[name]) for name in columns] for line in lines)
    return out.getvalue().encode()


def checklist(entries: Iterable[Entry]) -> bytes:
    """Write the numbers of a page as CSV that an editor can tick, one a line; the columns are CHECKLIST."""
    return table(map(_line, entries), CHECKLIST)


def for_programs(said: Mapping[str, Any]) -> bytes:
    """Write findings.json with the rows of a finding as ranges: `LIST:1-63` is `LIST:1` to `LIST:63`, in their order.

    The rows one by one are most of what the file weighs; those that the low end counts still come first.
    """
    findings = [{**finding, "rows": list(_runs(finding["rows"]))} for finding in said["findings"]]
    return json.dumps({**said, "findings": findings}, ensure_ascii=False, separators=(",", ":")).encode()


def _runs(row_ids: Iterable[str]) -> Iterator[str]:
    """Give ids that follow one another in a list as one, from the first to the last."""
    apart = ((name, int(number)) for name, _, number in (str(row_id).rpartition(":") for row_id in row_ids))
    for (name, _), run in groupby(enumerate(apart), key=lambda one: (one[1][0], one[1][1] - one[0])):
        numbers = [number for _, (_, number) in run]
        yield f"{name}:{next(ranges(numbers))}"


def ranges(numbers: Iterable[int], dash: str = "-") -> Iterator[str]:
    """Give numbers in words, those that follow one another as a range: `1-3`, `5`."""
    for _, run in groupby(enumerate(numbers), key=lambda one: one[1] - one[0]):
        together = [number for _, number in run]
        yield f"{together[0]}{dash}{together[-1]}" if len(together) > 1 else f"{together[0]}"


def _line(entry: Entry) -> dict[str, str]:
    parts = [(source, list(rows)) for source, rows in groupby(entry.rows, key=lambda row: row.source)]
    behind = [f"{source.id}:{', '.join(ranges(row.number for row in rows))}" for source, rows in parts]
    return {
        "checked": "",
        "id": entry.id,
        "number": entry.text,
        "unit": entry.unit,
        "sentence": entry.says,
        "rows": _APART.join(behind),
        "record": _APART.join(source.heading for source, _ in parts),
        "page": _APART.join(pages_of([row.page for row in rows]) for _, rows in parts),
        "sha256": _APART.join(source.sha256 for source, _ in parts),
    }


def pages_of(pages: Sequence[str]) -> str:
    """Give the pages of a record once each, those that follow one another as a range: `p1-3, p5`, `A1!17`."""
    apart = [found.groups() if (found := _PAGE.fullmatch(page)) else (page, "") for page in dict.fromkeys(pages)]
    told = [
        f"{kind}{part}"
        for (kind, is_numbered), run in groupby(apart, key=lambda one: (one[0], bool(one[1])))
        for part in (ranges(int(number) for _, number in run) if is_numbered else [""])
    ]
    return ", ".join(told) if len(told) <= _MOST else f"{pages[0]} to {pages[-1]}"


def _harmless(cell: str) -> str:
    """Put a quote before what a spreadsheet would run."""
    number = cell.lstrip("+-").replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell[:1] in tuple("=+-@\t\r") and not number else cell
