"""How the sections of a Vigilant report stand on its pages: pieces of text -> rows of cells.

Partners stand in two columns filled row by row; or, since 2022, in a table Agency | City | State with
centered cells; hot lists in pairs Agency | Hot List. A name may run over two lines: inside a name the
lines stand closer than two rows do. Columns can touch with no space between them, so a cell is told by
where it starts, never by a gap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kit.records.textlayer import Piece

# In letter heights: lines of one name stand 1.6 apart; rows 2.6, and 2.0 in the table.
_NEW_ROW = 2.1
_NEW_TABLE_ROW = 1.76
# In letter heights: how far tops or centers may differ and still be one line of print.
_LEVEL = 0.45
_ROW = 0.6
# In points: columns start further apart than that, wherever a page lies on the scanner.
_APART = 60.0
# Share of the pieces of the fullest column that another has at least.
_FEW = 0.15
# In letter heights: how far from where its column starts the first letter of a cell may stand.
_NEAR = 2.5
_EXACT = 0.2
# Letters of the report's type are so many times as high as wide, taken over a piece of so many letters.
_HIGH_AS_WIDE = 1.95
_LONG = 10
_STATE = re.compile(r"[A-Z][A-Za-z]|N/?A|-")
# What a name ends on, where its last line was pushed to the next page.
_TAIL = re.compile(
    r"(\(?[A-Z]{2}\)|(Police |Sheriffs |Attorneys )?(Department|Dept|Office|Division|Authority)\)?( \([A-Z]{2}\))?)"
)


@dataclass(frozen=True)
class Cell:
    """A name of one line or more."""

    page: int
    top: float
    bottom: float
    text: str

    @property
    def center(self) -> float:
        """Half-way between its top and its bottom."""
        return (self.top + self.bottom) / 2

    def joined(self, other: Cell) -> Cell:
        """Add a line that stands below."""
        bottom = other.bottom if other.page == self.page else self.bottom
        return replace(self, bottom=bottom, text=f"{self.text} {other.text}")


def partners(pieces: Sequence[Piece]) -> Iterator[Cell]:
    """Read columns, mostly two, row by row."""
    height = letter_height(pieces)
    columns = _columns(pieces, _starts([piece.left for piece in pieces]), height)
    cells = [(cell.page, -cell.top, at, cell) for at, column in enumerate(columns) for cell in column]
    place = _places(pieces)
    ordered = sorted(cells, key=lambda entry: (place[entry[0]], *entry[1:3]))
    group: list[tuple[int, float, int, Cell]] = []
    for entry in ordered:
        if group and (entry[0] != group[0][0] or entry[1] - group[0][1] > _LEVEL * height):
            yield from _from_left(group)
            group = []
        group.append(entry)
    yield from _from_left(group)


def _from_left(group: Iterable[tuple[int, float, int, Cell]]) -> Iterator[Cell]:
    yield from (entry[3] for entry in sorted(group, key=lambda entry: entry[2]))


def pairs(pieces: Sequence[Piece]) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Pair each hot list with the agency on its line; either may stand alone."""
    height = letter_height(pieces)
    agencies, lists = _pair_columns(pieces, height)
    on_page: dict[int, list[Cell]] = defaultdict(list)
    for cell in lists:
        on_page[cell.page].append(cell)
    used: set[Cell] = set()
    for agency in agencies:
        beside = [c for c in on_page[agency.page] if abs(c.top - agency.top) < _ROW * height]
        used.update(beside)
        yield agency, replace(beside[0], text=" ".join(c.text for c in beside)) if beside else None
    yield from ((None, cell) for cell in lists if cell not in used)


def table(pieces: Sequence[Piece], heads: dict[str, float]) -> Iterator[dict[str, Cell]]:
    """Read a table of centered cells: cells whose middles or tops are level are one row."""
    height = letter_height(pieces)
    columns: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        columns[min(heads, key=lambda head: abs(heads[head] - piece.middle))].append(piece)
    # The code of a state never runs over two lines.
    new_row = {head: 0.0 if head == "state" else _NEW_TABLE_ROW * height for head in columns}
    cells = [(head, cell) for head, column in columns.items() for cell in _cells(column, new_row[head])]
    place = _places(pieces)
    rows: list[dict[str, Cell]] = []
    for head, cell in sorted(cells, key=lambda entry: (place[entry[1].page], -entry[1].center)):
        row = next((row for row in rows[-3:] if head not in row and _level(row, cell, height)), None)
        if row is None:
            rows.append(row := {})
        row[head] = cell
    yield from rows


def _level(row: dict[str, Cell], cell: Cell, height: float) -> bool:
    """Tell whether a cell stands in a row."""
    return any(
        other.page == cell.page
        and (abs(other.center - cell.center) < _ROW * height or abs(other.top - cell.top) < _LEVEL * height)
        for other in row.values()
    )


def table_heads(pieces: Sequence[Piece]) -> dict[str, float]:
    """Find the columns of a table whose heads are not there: states, and what stands left of them."""
    states = [piece.middle for piece in pieces if _STATE.fullmatch(piece.text)]
    others = [piece.middle for piece in pieces if not _STATE.fullmatch(piece.text)]
    edge = _edge(others)
    if len(states) < 2 or len(states) < len(pieces) / 5 or edge is None:
        return {}
    agency = median([middle for middle in others if middle < edge])
    return {"agency": agency, "city": median([m for m in others if m >= edge]), "state": median(states)}


def letter_height(pieces: Sequence[Piece]) -> float:
    """Give the height of letters with their ascenders and descenders, in points.

    It is told from how long the pieces are, which is as exact in a scan as in print; their own heights are
    not, for a speck above a name makes it higher.
    """
    wide = [(piece.right - piece.left) / len(piece.text) for piece in pieces if len(piece.text) >= _LONG]
    return median(wide) * _HIGH_AS_WIDE if wide else max((piece.height for piece in pieces), default=0.0)


def _pair_columns(pieces: Sequence[Piece], height: float) -> tuple[list[Cell], list[Cell]]:
    """Tell agencies from hot lists, however few these are, by where they start."""
    edge = _edge([piece.left for piece in pieces])
    if edge is None:
        return _cells(pieces, _NEW_ROW * height), []
    start = median([piece.left for piece in pieces if piece.left >= edge])
    agencies, lists = _columns(pieces, [(0.0, 0.0), (edge, start)], height)
    return agencies, lists


def _places(pieces: Iterable[Piece]) -> dict[int, int]:
    """Give the place of each page in the report, in whose order the pieces come; the file's may be another."""
    return {page: place for place, page in enumerate(dict.fromkeys(piece.page for piece in pieces))}


def _columns(pieces: Sequence[Piece], starts: Sequence[tuple[float, float]], height: float) -> list[list[Cell]]:
    """Tell columns apart by where their pieces start, and join the lines of each name."""
    parted = list(pieces)
    for _, start in starts[1:]:
        parted = [part for piece in parted for part in _parted(piece, start, height)]
    columns: list[list[Piece]] = [[] for _ in starts]
    for piece in parted:
        columns[max(0, sum(piece.left >= edge for edge, _ in starts) - 1)].append(piece)
    return [_cells(column, _NEW_ROW * height) for column in columns]


def _starts(lefts: Iterable[float]) -> list[tuple[float, float]]:
    """Give for each column from where on its pieces start, and where most of them do."""
    ordered = sorted(lefts)
    groups = [ordered[:1]]
    for before, left in pairwise(ordered):
        groups[-1:] = [groups[-1], [left]] if left - before >= _APART else [[*groups[-1], left]]
    few = _FEW * max(len(group) for group in groups)  # parts of names, no column
    return [(group[0], median(group)) for at, group in enumerate(groups) if group and (not at or len(group) > few)]


def _edge(starts: Iterable[float]) -> float | None:
    """Find the gap with most on both sides of it; give where the right side begins, if there is one."""
    ordered = sorted(starts)
    gaps = [
        (min(i, len(ordered) - i), b - a, b) for i, (a, b) in enumerate(pairwise(ordered), start=1) if b - a >= _APART
    ]
    return max(gaps)[2] if gaps else None


def _parted(piece: Piece, start: float, height: float) -> tuple[Piece, ...]:
    """Cut a piece that runs from the left column into the right, at the letter where that begins."""
    if piece.left > start - _APART or piece.right < start + height:
        return (piece,)
    text, edges = piece.text, piece.edges()

    def cost(at: int) -> float:
        """Tell how unlike the start of a cell a letter is: by where it stands, and if inside a word."""
        seam = text[at - 1] in " )" or (text[at - 1].islower() and not text[at].islower())
        off = abs(edges[at] - start) / height
        return off if seam else off + (0.5 if off < _EXACT else 2.0)

    best = min((at for at in range(1, len(text)) if text[at] != " "), key=cost, default=0)
    if not best or cost(best) > _NEAR:
        return (piece,)
    left, right = piece.cut(best)
    return left, replace(right, left=start)


def _cells(pieces: Sequence[Piece], new_row: float) -> list[Cell]:
    """Join the lines of each name in one column, also over the edge of a page."""
    lines = _lines(pieces)
    drops = [a.top - b.top for a, b in pairwise(lines) if a.page == b.page]
    if len(drops) > 5 and max(drops) < new_row:
        new_row = 0.0  # all lines stand close: no name of this column runs over two
    cells: list[Cell] = []
    last: Cell | None = None
    for line in lines:
        # Tops are exact in print; in a scan a speck may lift one, but hardly a middle as well.
        drop = max(last.top - line.top, last.center - line.center) if last else 0.0
        close = last is not None and last.page == line.page and drop < new_row
        if close or (last is not None and last.page != line.page and _goes_on(cells[-1], line)):
            cells[-1] = cells[-1].joined(line)
        else:
            cells.append(line)
        last = line
    return cells


def _lines(pieces: Iterable[Piece]) -> list[Cell]:
    """Join the pieces of one column that stand on one line, from left to right."""
    lines: list[list[Piece]] = []
    pieces = list(pieces)
    place = _places(pieces)
    for piece in sorted(pieces, key=lambda p: (place[p.page], -p.top)):
        last = lines[-1][-1] if lines else None
        if last and last.page == piece.page and abs(last.center - piece.center) < _LEVEL * piece.height:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [_line(sorted(line, key=lambda p: p.left)) for line in lines]


def _line(line: Sequence[Piece]) -> Cell:
    top, bottom = max(piece.top for piece in line), min(piece.bottom for piece in line)
    return Cell(line[0].page, top, bottom, " ".join(piece.text for piece in line))


def _goes_on(cell: Cell, line: Cell) -> bool:
    """Tell whether the first line of a page is the rest of the last name of the page before."""
    open_bracket = cell.text.count("(") > cell.text.count(")") and line.text.endswith(")")
    return open_bracket or bool(_TAIL.fullmatch(line.text))
