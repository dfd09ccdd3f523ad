"""Findings -> charts: each says its finding in the headline, labels its marks, and has a table behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from kit.findings import Finding, Table
from kit.graphic import Graphic, plots
from kit.sheet import BLUE, GREY, INK, OCHRE, PAPER, QUIET, RED, RULE, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from kit.sheet import Sheet

# The largest part of a picture's width that labels take.
_LABELS = 0.42
_LEADING = 1.2
_GAP = 8.0
_MOST_LINES = 3
# Lines of a label.
_LONGEST = 4
# A row is at most so many pixels higher than its label needs: much more where a given height is to be filled.
_MORE, _MORE_OF_NO_HEIGHT = 44.0, 11.0


class Words(TypedDict):
    """What every chart must say: what is counted and when, and from which record."""

    subtitle: str
    source: str


def bars(
    name: str,
    headline: str,
    findings: Sequence[tuple[str, Finding]],
    *,
    unit: str = "Agencies",
    marked: Sequence[str] = (),
    **words: Unpack[Words],
) -> Graphic:
    """Draw one bar a finding, in the order given, with the number at its end.

    A finding that is a range is drawn to its low end, and on to its high end in a lighter shade.
    `marked` names the bars that stand out in color.
    """
    return _chart("bars", "Bar chart", (name, headline), ("", unit), findings, {"marked": [*marked]}, **words)


def ranges(
    name: str,
    headline: str,
    findings: Sequence[tuple[str, Finding]],
    *,
    unit: str = "Agencies",
    marked: Sequence[str] = (),
    **words: Unpack[Words],
) -> Graphic:
    """Draw one line a finding from its low to its high end, or a dot: how a number moves with a definition."""
    return _chart("ranges", "Range chart", (name, headline), ("", unit), findings, {"marked": [*marked]}, **words)


def two_ways(
    name: str,
    headline: str,
    findings: Sequence[tuple[str, Finding, Finding]],
    *,
    heads: tuple[str, str] = ("Gives data", "Gets the data"),
    **words: Unpack[Words],
) -> Graphic:
    """Draw two findings a row, to the left and the right of one axis: two directions, or one way against the other."""
    return _chart("two ways", "Bar chart to two sides", (name, headline), ("", *heads), findings, {}, **words)


def then_now(
    name: str,
    headline: str,
    findings: Sequence[tuple[str, Finding, Finding]],
    *,
    heads: tuple[str, str],
    **words: Unpack[Words],
) -> Graphic:
    """Draw two dots a row, joined by a line: what was at the first date of `heads` and what is at the second."""
    return _chart("then and now", "Chart of change", (name, headline), ("", *heads), findings, {}, **words)


def on_lists(
    name: str,
    headline: str,
    findings: Sequence[tuple[str | Finding, ...]],
    *,
    heads: Sequence[str],
    **words: Unpack[Words],
) -> Graphic:
    """Draw who stands on which list: a row a name, a dot under each list of `heads` that has it.

    A cell is a finding (0 is not named, a range may be named) or words, such as `not in the record`.
    """
    return _chart("on lists", "Table of dots", (name, headline), ("", *heads), findings, {}, **words)


def _chart(  # noqa: PLR0913, PLR0917  (what a chart is)
    kind: str,
    called: str,
    named: tuple[str, str],
    heads: tuple[str, ...],
    rows: Sequence[tuple[str | Finding, ...]],
    data: dict[str, Any],
    *,
    subtitle: str,
    source: str,
) -> Graphic:
    """Make the graphic: its alt text says every number of the table behind."""
    name, headline = named
    behind = Table(headline, heads, tuple(tuple(row) for row in rows))
    alt = f"{called}. {headline} {subtitle} {'; '.join(_said(row, heads) for row in behind.rows)}."
    return Graphic(kind, name, headline, subtitle, source, alt, behind, data)


def _said(row: Sequence[str | Finding], heads: Sequence[str]) -> str:
    """Say a row: its label and its numbers, with their heads where there are several."""
    label, *cells = (cell.text if isinstance(cell, Finding) else cell for cell in row)
    if len(cells) == 1:
        return f"{label} {cells[0]}"
    return f"{label}: {', '.join(f'{head} {cell}' for head, cell in zip(heads[1:], cells, strict=True))}"


# --- rows, which all charts have ---------------------------------------------------------------


class _Row(NamedTuple):
    """A row of a chart: its cells, its middle and its height."""

    cells: tuple[Any, ...]
    y: float
    high: float


class _Rows:
    """The rows of a chart, with their labels to the left: those that fit, the rest are in the table."""

    def __init__(self, sheet: Sheet, graphic: Graphic) -> None:
        """Measure the labels; nothing is drawn yet."""
        self.sheet, self.table = sheet, graphic.behind.rows
        px, most = sheet.size.text, (sheet.right - sheet.left) * _LABELS
        self._labels = [wrapped(str(row[0]), px, most, most=_LONGEST) for row in self.table]
        widest = max((width_of(line, px) for lines in self._labels for line in lines), default=0.0)
        self.start = sheet.left + widest + _GAP

    def set(self) -> list[_Row]:
        """Set the labels below the sheet's top, and give the rows that fit."""
        sheet, px = self.sheet, self.sheet.size.text
        least = [len(lines) * px * _LEADING + 4 for lines in self._labels]
        note = px * _LEADING + 4
        fit = len(least)
        while fit and sum(least[:fit]) + (note if fit < len(least) else 0) > sheet.room:
            fit -= 1
        spare = sheet.room - sum(least[:fit]) - (note if fit < len(least) else 0)
        more = min(spare / max(fit, 1), _MORE if sheet.size.height else _MORE_OF_NO_HEIGHT)
        rows = [self._row(number, least[number] + more) for number in range(fit)]
        if fit < len(least):
            sheet.text(sheet.left, sheet.top + note / 2, f"and {len(least) - fit} more", color=QUIET)
            sheet.top += note
        return rows

    def _row(self, number: int, high: float) -> _Row:
        sheet, lines = self.sheet, self._labels[number]
        y, step = sheet.top + high / 2, sheet.size.text * _LEADING
        for at, line in enumerate(lines):
            sheet.text(sheet.left, y + (at - (len(lines) - 1) / 2) * step, line)
        sheet.top += high
        return _Row(self.table[number], y, high)

    def widest(self, column: int) -> float:
        """Measure the widest number of a column, with its gap."""
        return max((width_of(row[column].text, self.sheet.size.text) for row in self.table), default=0.0) + _GAP  # type: ignore[union-attr]

    def most(self, *columns: int) -> int:
        """Give the highest number of some columns, at least 1."""
        return max([row[column].high for row in self.table for column in columns], default=1) or 1  # type: ignore[union-attr]


def _bar(  # noqa: PLR0913, PLR0917  (where, what, how)
    sheet: Sheet, row: _Row, found: Finding, x: float, scale: float, color: str
) -> float:
    """Draw a finding as a bar, to the right of x or, with a scale below 0, to its left; give where it ends."""
    high = min(row.high * 0.68, 34.0)
    low, end = x + found.low * scale, x + found.high * scale
    sheet.box(min(x, low), row.y - high / 2, abs(low - x), high, color)
    if found.high > found.low:
        sheet.box(min(low, end), row.y - high / 2, abs(end - low), high, _lighter(color))
    return end


def _lighter(color: str) -> str:
    """Mix a color with white, as the part of a number is drawn that is not certain."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * 0.42):02x}" for part in parts)


def _color(graphic: Graphic, row: _Row) -> str:
    return RED if row.cells[0] in graphic.data["marked"] else BLUE


# --- the kinds ---------------------------------------------------------------------------------


@plots("bars")
def _plot_bars(sheet: Sheet, graphic: Graphic) -> None:
    rows = _Rows(sheet, graphic)
    if any(row[1].value is None for row in rows.table):  # type: ignore[union-attr]
        sheet.key([("box", BLUE, "Certain"), ("box", _lighter(BLUE), "Not certain")])
    scale = (sheet.right - rows.widest(1) - rows.start) / rows.most(1)
    for row in rows.set():
        end = _bar(sheet, row, row.cells[1], rows.start, scale, _color(graphic, row))
        sheet.text(end + _GAP * 0.7, row.y, row.cells[1].text)


@plots("ranges")
def _plot_ranges(sheet: Sheet, graphic: Graphic) -> None:
    rows, top = _Rows(sheet, graphic), sheet.top
    scale = (sheet.right - rows.widest(1) - rows.start - _GAP * 2) / rows.most(1)
    start = rows.start + _GAP
    drawn = rows.set()
    sheet.line([start, start], [top, sheet.top], RULE)
    for row in drawn:
        found, color = row.cells[1], _color(graphic, row)
        ends = [start + found.low * scale, start + found.high * scale]
        sheet.line([start, ends[0]], [row.y, row.y], RULE)
        sheet.line(ends, [row.y, row.y], color, 4)
        sheet.dot(ends, [row.y, row.y], color, wide=10)
        sheet.text(ends[1] + _GAP * 1.2, row.y, found.text)


@plots("two ways")
def _plot_two_ways(sheet: Sheet, graphic: Graphic) -> None:
    rows, (left, right) = _Rows(sheet, graphic), graphic.behind.heads[1:]
    sheet.key([("box", OCHRE, left), ("box", BLUE, right)])
    before, after = rows.widest(1), rows.widest(2)
    most = [max(rows.most(column), 1) for column in (1, 2)]
    scale = (sheet.right - after - before - rows.start) / sum(most)
    axis, top = rows.start + before + most[0] * scale, sheet.top
    for row in rows.set():
        ends = (_bar(sheet, row, row.cells[1], axis, -scale, OCHRE), _bar(sheet, row, row.cells[2], axis, scale, BLUE))
        sheet.text(ends[0] - _GAP * 0.7, row.y, row.cells[1].text, align="right")
        sheet.text(ends[1] + _GAP * 0.7, row.y, row.cells[2].text)
    sheet.line([axis, axis], [top, sheet.top], INK)


@plots("then and now")
def _plot_then_now(sheet: Sheet, graphic: Graphic) -> None:
    rows, (then, now) = _Rows(sheet, graphic), graphic.behind.heads[1:]
    sheet.key([("o", GREY, then), ("o", BLUE, now)])
    edge = max(rows.widest(1), rows.widest(2)) + _GAP
    start = rows.start + edge
    scale = (sheet.right - edge - start) / rows.most(1, 2)
    for row in rows.set():
        _dumbbell(sheet, row, start, scale)


def _dumbbell(sheet: Sheet, row: _Row, start: float, scale: float) -> None:
    """Draw the change of a row; the numbers stand outside of the dots, so that they never meet."""
    then, now = row.cells[1:]
    sheet.line([start + then.low * scale, start + now.low * scale], [row.y, row.y], RULE, 5)
    for found, color in ((then, GREY), (now, BLUE)):
        sheet.line([start + found.low * scale, start + found.high * scale], [row.y, row.y], color, 3)
        sheet.dot([start + found.low * scale], [row.y], color, wide=12)
    first, last = (then, now) if (then.low, then.high) <= (now.low, now.high) else (now, then)
    far = max(then.high, now.high) * scale
    sheet.text(start + far + _GAP * 1.4, row.y, last.text)
    if first.text != last.text:
        sheet.text(start + min(then.low, now.low) * scale - _GAP * 1.4, row.y, first.text, align="right")


_SIGNS = {
    "listed": ("o", BLUE, 13.0),
    "may be listed": ("o", PAPER, 13.0),
    "not listed": ("o", GREY, 5.0),
    "other": ("_", QUIET, 9.0),
}


@plots("on lists")
def _plot_on_lists(sheet: Sheet, graphic: Graphic) -> None:
    rows = _Rows(sheet, graphic)
    there = [_sign(cell) for row in rows.table for cell in row[1:]]
    said = {"other": next((str(cell) for row in rows.table for cell in row[1:] if isinstance(cell, str)), "")}
    sheet.key((sign, color, said.get(name, name)) for name, (sign, color, _) in _SIGNS.items() if name in there)
    middle = _columns(sheet, graphic.behind.heads[1:], rows.start)
    for row in rows.set():
        sheet.line([sheet.left, sheet.right], [row.y - row.high / 2] * 2, RULE, 0.7)
        for x, cell in zip(middle, row.cells[1:], strict=True):
            sign, color, wide = _SIGNS[_sign(cell)]
            sheet.dot([x], [row.y], color, sign=sign, wide=wide)


def _columns(sheet: Sheet, heads: Sequence[str], start: float) -> list[float]:
    """Set the heads of columns of one width, by numbers where they are too long; give the middle of each."""
    px, step = sheet.size.small, (sheet.right - start) / max(len(heads), 1)
    longest = max((width_of(word, px) for head in heads for word in head.split()), default=0.0)
    lines = [wrapped(head, px, step - 6, most=99) for head in heads]
    if longest > step - 6 or max(map(len, lines), default=0) > _MOST_LINES:
        numbered = [f"{number}\u00a0 {head}" for number, head in enumerate(heads, start=1)]
        # A picture of a fixed height has no room for a line each.
        told = [";  ".join(numbered)] if sheet.size.height else numbered
        for said in (line for one in told for line in wrapped(one, px, sheet.right - sheet.left, most=len(heads))):
            sheet.text(sheet.left, sheet.top + px * _LEADING / 2, said, px)
            sheet.top += px * _LEADING
        lines = [[str(number)] for number in range(1, len(heads) + 1)]
        sheet.top += 6
    deep = max(map(len, lines), default=0)
    middle = [start + step * (number + 0.5) for number in range(len(heads))]
    for x, over in zip(middle, lines, strict=True):
        for at, line in enumerate(reversed(over)):
            sheet.text(x, sheet.top + (deep - at - 0.5) * px * _LEADING, line, px, align="center")
    sheet.top += deep * px * _LEADING + 4
    return middle


def _sign(cell: str | Finding) -> str:
    if isinstance(cell, str):
        return "other"
    return "listed" if cell.low else "may be listed" if cell.high else "not listed"
