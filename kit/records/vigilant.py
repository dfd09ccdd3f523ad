"""Vigilant Agency Data Sharing Report (PDF): LEARN, Vigilant VehicleManager, VehicleManager.

What the layout is. Up to four sections (Detections Shared, Detections Received, Hot List Sharing,
Hot List Received), each with a heading where it starts and not again on later pages, a line that
names the owner, then the partners: in two columns filled row by row; since 2022, for Detections
Received, in a table Agency | City | State with centered cells; for hot lists in pairs Agency |
Hot List. A section without partners says "None". A footer holds date, product and page.

A name may run over two lines: inside a name the lines stand closer than two rows do. Columns can
touch with no space between them, so a cell is told by where it starts, never by a gap.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.record import Data, Direction, LeftOut, Record, Row, clean, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pypdfium2 import PdfDocument, PdfTextPage

TITLE = "Vigilant Agency Data Sharing Report (PDF)"

_HEADINGS: dict[str, tuple[Direction, Data]] = {
    "detections shared": ("shares_with", "detections"),
    "detections received": ("receives_from", "detections"),
    "hot list sharing": ("shares_with", "hotlist"),
    "hot list received": ("receives_from", "hotlist"),
}
_COLUMN_HEADS = {"agency", "city", "state", "agency:", "hot list(s):"}
_BANNER = {"agency", "data sharing report"}
_OWNER = re.compile(r"^The (?P<owner>.+?) Agency is (?:sharing|receiving) ", re.IGNORECASE)
_PRODUCT = re.compile(r"\S+(?: \S+)* Agency Data Sharing Report", re.IGNORECASE)
_DATE = re.compile(r"Date Created:\s*(\d\d)-(\d\d)-(\d\d)\b")
_PAGE = re.compile(r"Page\s+(\d+)\s+of\s+(\d+)")
_NOT_STATED = {"N/A", "NA", "-"}

# In letter heights: lines of one name stand 1.6 apart, rows 2.6 apart.
_NEW_ROW = 2.1
# In points: how far tops may differ and still be one line of print.
_SAME_LINE = 4.0
# In points: pieces that start less than this apart stand in one column.
_SAME_COLUMN = 60.0


@dataclass(frozen=True)
class _Piece:
    """A run of text where it stands on its page (points from the lower left corner)."""

    page: int
    left: float
    right: float
    bottom: float
    top: float
    text: str

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass
class _Section:
    """One section of the report: its pieces below heading and owner line, in reading order."""

    direction: Direction
    data: Data
    heads: dict[str, float] = field(default_factory=dict)
    pieces: list[_Piece] = field(default_factory=list)

    @property
    def is_table(self) -> bool:
        return {"agency", "city", "state"} <= self.heads.keys()


@dataclass(frozen=True)
class _Cell:
    """A name of one line or more."""

    page: int
    top: float
    text: str


def reads(path: Path, head: bytes) -> bool:
    """Tell whether this is a PDF whose pages carry the report's headings."""
    if b"%PDF-" not in head[:1024]:
        return False
    with _open(path) as pdf:
        for number in range(len(pdf)):
            text = clean(pdf[number].get_textpage().get_text_bounded()).lower()
            if "data sharing report" in text or any(heading in text for heading in _HEADINGS):
                return True
    return False


def read(path: Path) -> Record:
    """Read a report to its last row; RecordError where a piece of text finds no place."""
    with _open(path) as pdf:
        pages = [_pieces(pdf[number].get_textpage(), number + 1) for number in range(len(pdf))]
    footers = [_footer(page) for page in pages]
    printed = " ".join(piece.text for footer in footers for piece in footer)
    titles = [piece.text for footer in footers for piece in footer if _PRODUCT.fullmatch(piece.text)]
    body = [piece for page, footer in zip(pages, footers, strict=True) for piece in page if piece not in footer]
    sections, owner, left_out = _sections(body)
    rows = [row for section in sections for row in _rows(section, left_out)]
    _check_whole(sections, path)
    return Record(
        family="vigilant",
        system="vigilant",
        owner=owner,
        date=_iso_date(printed),
        title=titles[0] if titles else "Agency Data Sharing Report",
        pages=len(pages),
        sha256=sha256_of(path),
        rows=tuple(rows),
        left_out=tuple(left_out),
        notes=tuple(_lacks(printed, len(pages), owner, sections)),
        empty_sections=tuple((s.direction, s.data) for s in sections if not s.pieces),
    )


def _open(path: Path) -> PdfDocument:
    """Open a PDF; RecordError where it is locked, damaged or none."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        return PdfDocument(path)
    except PdfiumError as cause:
        locked = "password" in str(cause).lower()
        what = "The PDF is locked with a password." if locked else "The PDF is damaged or cut off."
        do = "Ask the agency for a copy without one." if locked else "Download it again, or ask for it again."
        raise RecordError(what, str(path), do) from cause


def _pieces(text: PdfTextPage, page: int) -> list[_Piece]:
    """Give the runs of text of a page, top to bottom, left to right."""
    found = []
    for index in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(index)
        if words := clean(text.get_text_bounded(left, bottom, right, top)):
            found.append(_Piece(page, left, right, bottom, top, words))
    return sorted(found, key=lambda piece: (-round(piece.top / _SAME_LINE), piece.left))


def _footer(page: Sequence[_Piece]) -> list[_Piece]:
    """Give the pieces on the line that holds the date, the product or the page number."""
    marks = [p for p in page if _DATE.search(p.text) or _PRODUCT.fullmatch(p.text) or p.text.startswith("Page ")]
    return [p for p in page if any(abs(p.bottom - mark.bottom) < _SAME_LINE for mark in marks)]


def _sections(body: Iterable[_Piece]) -> tuple[list[_Section], str, list[LeftOut]]:
    """Cut the text at its headings; give the sections, the owner and what stands before the first."""
    sections: list[_Section] = []
    left_out: list[LeftOut] = []
    owner, in_owner_line, found = "", False, None
    for piece in body:
        words = piece.text.lower().replace("hot-list", "hot list")
        if words in _HEADINGS:
            sections.append(_Section(*_HEADINGS[words]))
        elif in_owner_line or (found := _OWNER.match(piece.text)):
            in_owner_line = not words.endswith("agencies:")
            owner = owner or (found["owner"] if found else "")
        elif sections and words in _COLUMN_HEADS and words not in sections[-1].heads and not sections[-1].pieces:
            sections[-1].heads[words] = piece.middle
        elif words in _BANNER or words == "none":
            continue
        elif sections:
            sections[-1].pieces.append(piece)
        else:
            left_out.append(LeftOut(f"p{piece.page}", piece.text, "stands before the first section heading"))
    return sections, owner, left_out


def _rows(section: _Section, left_out: list[LeftOut]) -> Iterator[Row]:
    """Give the rows of a section, each with its page."""
    made = _table_rows(section) if section.is_table else _column_rows(section, left_out)
    for cell, more in made:
        row = Row(cell.text, section.direction, section.data, f"p{cell.page}")
        yield replace(row, **more)


def _table_rows(section: _Section) -> Iterator[tuple[_Cell, dict[str, str]]]:
    """Read a table of centered cells: each line of print goes to the row whose state is nearest."""
    columns: dict[str, list[_Piece]] = defaultdict(list)
    for piece in section.pieces:
        columns[min(section.heads, key=lambda head: abs(section.heads[head] - piece.middle))].append(piece)
    anchors = columns["state"]
    lines: dict[tuple[_Piece, str], list[str]] = defaultdict(list)
    for head, pieces in columns.items():
        for piece in pieces:
            here = [anchor for anchor in anchors if anchor.page == piece.page]
            if not here:
                msg = f'No state stands beside "{piece.text}".'
                raise RecordError(msg, f"page {piece.page}", "The table is not as the reader knows it.")
            lines[min(here, key=lambda anchor: abs(_center(anchor) - _center(piece))), head].append(piece.text)
    for anchor in anchors:
        text = {head: " ".join(lines[anchor, head]) for head in ("agency", "city", "state")}
        place = {key: "" if text[key].upper() in _NOT_STATED else text[key] for key in ("city", "state")}
        cell = _Cell(anchor.page, anchor.top, text["agency"])
        yield cell, {"partner_city": place["city"], "partner_state": place["state"]}


def _center(piece: _Piece) -> float:
    return (piece.top + piece.bottom) / 2


def _column_rows(section: _Section, left_out: list[LeftOut]) -> Iterator[tuple[_Cell, dict[str, str]]]:
    """Read two columns row by row: as partners, or as pairs of agency and hot list."""
    left, right = _columns(section.pieces)
    if section.data == "hotlist":
        yield from _pairs(left, right, left_out)
        return
    ordered = sorted([(c.page, -c.top, 0, c) for c in left] + [(c.page, -c.top, 1, c) for c in right])
    for group in _lines(ordered):
        for _, _, _, cell in sorted(group, key=lambda entry: entry[2]):
            yield cell, {}


def _lines(
    ordered: Sequence[tuple[int, float, int, _Cell]],
) -> Iterator[list[tuple[int, float, int, _Cell]]]:
    """Group cells that stand on one line of print."""
    group: list[tuple[int, float, int, _Cell]] = []
    for entry in ordered:
        if group and (entry[0] != group[0][0] or entry[1] - group[0][1] > _SAME_LINE):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def _pairs(
    agencies: Sequence[_Cell], lists: Sequence[_Cell], left_out: list[LeftOut]
) -> Iterator[tuple[_Cell, dict[str, str]]]:
    """Pair each hot list with the agency on its line."""
    used = set()
    for agency in agencies:
        beside = [c for c in lists if c.page == agency.page and abs(c.top - agency.top) < _SAME_LINE]
        used.update(beside)
        yield agency, {"hotlist": " ".join(c.text for c in beside)}
    alone = [cell for cell in lists if cell not in used]
    left_out += [LeftOut(f"p{cell.page}", cell.text, "a hot list with no agency on its line") for cell in alone]


def _columns(pieces: Sequence[_Piece]) -> tuple[list[_Cell], list[_Cell]]:
    """Tell the two columns apart by where their pieces start, and join the lines of each name."""
    starts = sorted({round(piece.left, 1) for piece in pieces})
    gap, edge = max(((b - a, b) for a, b in pairwise(starts)), default=(0.0, 0.0))
    if gap < _SAME_COLUMN:
        return _cells(pieces), []
    left = [piece for piece in pieces if piece.left < edge]
    return _cells(left), _cells([piece for piece in pieces if piece.left >= edge])


def _cells(pieces: Sequence[_Piece]) -> list[_Cell]:
    """Join the lines of each name in one column."""
    if not pieces:
        return []
    height = max(piece.top - piece.bottom for piece in pieces)
    cells: list[_Cell] = []
    last: _Piece | None = None
    for piece in sorted(pieces, key=lambda p: (p.page, -p.top)):
        if last and last.page == piece.page and last.top - piece.top < _NEW_ROW * height:
            cells[-1] = replace(cells[-1], text=f"{cells[-1].text} {piece.text}")
        else:
            cells.append(_Cell(piece.page, piece.top, piece.text))
        last = piece
    return cells


def _check_whole(sections: Sequence[_Section], path: Path) -> None:
    """Refuse a report in which no section was found."""
    if not sections:
        raise RecordError(
            "The report names no section that the kit knows.",
            str(path),
            "If its pages are pictures, ask the agency for the file that the system made.",
        )


def _iso_date(printed: str) -> str:
    found = _DATE.search(printed)
    return f"20{found[3]}-{found[1]}-{found[2]}" if found else ""


def _lacks(printed: str, pages: int, owner: str, sections: Sequence[_Section]) -> Iterator[str]:
    """Say what the file itself lacks: pages by its own numbering, sections, date, owner."""
    numbered = [(int(page), int(of)) for page, of in _PAGE.findall(printed)]
    missing = sorted(set(range(1, max((of for _, of in numbered), default=pages) + 1)) - {n for n, _ in numbered})
    if missing:
        yield f"Pages missing by the report's own numbering: {', '.join(map(str, missing))}."
    there = {(section.direction, section.data) for section in sections}
    for heading, section in _HEADINGS.items():
        if section not in there:
            yield f"The report has no section headed {heading.title()}."
    if not owner:
        yield "The report does not say whose it is."
    if not _DATE.search(printed):
        yield "The report bears no date."
