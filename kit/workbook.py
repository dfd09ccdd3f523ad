"""Tables -> an XLSX workbook that a reporter fills in; every word in it is text, and no formula runs.

All columns are formatted as text, so that a date or a name that is typed in stays as it was typed.
The bytes depend on the tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONGEST_CELL = 32_767
"""Letters that a spreadsheet takes in one cell."""

# A workbook says when it was made; the same table must give the same bytes.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (the format knows no time zone)


@dataclass(frozen=True)
class Sheet:
    """One sheet: column names with their widths in letters, rows of text and whole numbers, columns to fill in."""

    name: str
    columns: dict[str, int]
    rows: Sequence[Sequence[str | int]]
    to_fill: frozenset[str] = frozenset()


def write_workbook(sheets: Sequence[Sheet], path: Path) -> None:
    """Write an XLSX workbook aside and move it into place."""
    from xlsxwriter import Workbook

    aside = path.with_name(f".{path.name}.part")
    with Workbook(str(aside)) as book:
        book.set_properties({"created": _MADE})
        text = {"num_format": "@", "valign": "top", "text_wrap": True}
        cell, head = book.add_format(text), book.add_format({**text, "bold": True})
        to_fill = book.add_format({**text, "bold": True, "bg_color": "#FFE699"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 1)
            for column, (name, width) in enumerate(sheet.columns.items()):
                page.set_column(column, column, width, cell)
                page.write_string(0, column, name, to_fill if name in sheet.to_fill else head)
            for line, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        page.write_number(line, column, value)
                    else:
                        page.write_string(line, column, _seen(value), cell)
    aside.replace(path)


def _seen(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")[:LONGEST_CELL]
