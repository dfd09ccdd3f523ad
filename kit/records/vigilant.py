"""Vigilant Agency Data Sharing Report (PDF): LEARN, Vigilant VehicleManager, VehicleManager.

What the report is. A banner; up to four sections (Detections Shared, Detections Received, Hot List
Sharing, Hot List Received), each with a heading where it starts and mostly not again on later pages, a
line that names the owner, then the partners, as `vigilant_layout` knows them. A section without
partners says "None". A footer holds date, product and page.

Copies are scanned, turned, cut off and lack pages. What is there is kept; what is missing is said in
`Record.notes`; names whose section cannot be told are left out, each with the reason. Scanned rows are
flagged `ocr`; where they were mended, `read_as` has what was read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records import vigilant_layout as layout
from kit.records import vigilant_words as words
from kit.records.mending import known_names
from kit.records.pages import layers, read_pages, read_picture
from kit.records.record import Data, Direction, LeftOut, Record, Row, sha256_of
from kit.records.vigilant_pages import Sheet, arranged
from kit.records.vigilant_scans import mended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kit.records.mending import Names
    from kit.records.pages import Page
    from kit.records.textlayer import Piece

TITLE = "Vigilant Agency Data Sharing Report (PDF)"

_ORDER = list(words.HEADINGS.values())
_NOT_STATED = {"N/A", "NA", "-"}
_BEFORE = "stands before the first section heading"
_AFTER_GAP = "follows missing pages, which may hold the heading of its section"
_OUT_OF_ORDER = "stands on a page that is out of order, and the pages before it have no number"
_OTHER_REPORT = "belongs to another report in the same file"
# In points: how far apart heads of columns, or a heading and what is beside it, may be in height.
_SAME_LINE = 4.0
# Pictures of other papers, such as a letter, that may lie before the report; each takes seconds to read.
_PAPERS_BEFORE = 1


@dataclass
class _Section:
    """One section of the report: its pieces below heading and owner line, in reading order.

    A section without direction has lost its heading; `reason` says how.
    """

    direction: Direction | None = None
    data: Data | None = None
    reason: str = ""
    heads: dict[str, float] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    says_none: bool = False

    @property
    def what(self) -> tuple[Direction, Data] | None:
        """What the section lists, if that can be told."""
        return (self.direction, self.data) if self.direction and self.data else None


def reads(path: Path, head: bytes) -> bool:
    """Tell whether this is a PDF with the report's title, or with a section's heading and owner line.

    Where no page says so in text, pages that are pictures are read by OCR: the first ones, and those
    after them as long as each is a page of names.
    """
    if b"%PDF-" not in head[:1024]:
        return False
    pictures = []
    for page in layers(path):
        if words.is_report(page):
            return True
        pictures += [page.number] if page.scanned else []
    papers = 0
    for number in pictures:
        page = read_picture(path, number)
        if words.is_report(page):
            return True
        papers += not words.has_names(page)
        if papers > _PAPERS_BEFORE:
            break
    return False


def read(path: Path, names: Names | None = None) -> Record:
    """Read a report to its last row; RecordError where it has none of the sections.

    `names` are those that scanned rows are mended against: the ones that the kit knows, unless given.
    """
    pages = read_pages(path, names)
    found = arranged(pages)
    sheets = found.reports[0] if found.reports else []
    sections = _sections(sheets)
    if not any(section.what for section in sections):
        raise RecordError(
            "The report names no section that the kit knows.",
            str(path),
            "Ask the agency for the file that the system made, with the pages that have the headings.",
        )
    left_out = found.left_out
    rows = [row for section in sections for row in _rows(section, left_out)]
    notes = [*found.notes, *(_of_another(report, left_out) for report in found.reports[1:])]
    owners = [sheet.owner for sheet in sheets]
    scanned = {sheet.label for sheet in sheets if sheet.page.scanned}
    if scanned:
        names = names or known_names()
        owners = [names.mend(owner) for owner in owners]
        rows = mended(rows, scanned, names)
    owner = _most(owners)
    return Record(
        family="vigilant",
        system="vigilant",
        owner=owner,
        date=_most(words.date(sheet.footer) for sheet in sheets),
        title=_most(sheet.product for sheet in sheets) or "Agency Data Sharing Report",
        pages=len(pages),
        sha256=sha256_of(path),
        rows=tuple(rows),
        left_out=tuple(left_out),
        notes=(
            *notes,
            *_lacks_pages(sheets),
            *_lacks_sections(sections, rows),
            *([] if owner else ["The report does not say whose it is."]),
            *([] if any(words.date(sheet.footer) for sheet in sheets) else ["The report bears no date."]),
        ),
        empty_sections=tuple(section.what for section in sections if section.what and not section.pieces),
    )


def _of_another(sheets: Sequence[Sheet], left_out: list[LeftOut]) -> str:
    """Name the rows of another report in the file as left out; give the sentence that says so."""
    before = len(left_out)
    rows = [row for section in _sections(sheets) for row in _rows(section, left_out)]
    left_out += [LeftOut(row.page, row.partner, _OTHER_REPORT) for row in rows]
    whose = _most(sheet.owner for sheet in sheets) or "an agency that is not named"
    date = _most(words.date(sheet.footer) for sheet in sheets) or "no date"
    return (
        f"From {sheets[0].label} on the file holds another report ({whose}, {date}), whose {len(left_out) - before} "
        "entries are left out: save its pages as a file of their own to read them."
    )


# --- sections ---


def _sections(sheets: Sequence[Sheet]) -> list[_Section]:
    """Cut the text at its headings."""
    sections = [_Section(reason=_BEFORE)]
    last = 0
    for sheet in sheets:
        if last and sheet.number and sheet.number != last + 1:
            sections.append(_Section(reason=_AFTER_GAP if sheet.number > last else _OUT_OF_ORDER))
        last = sheet.number or (last and last + 1)
        heads = _head_line(sheet)
        for piece in sheet.body:
            if (what := words.heading(piece, sheet.page)) and not _beside(piece, sheet.body):
                _begin(sections, what)
            elif words.is_intro(piece, sheet.page):
                said = words.intro(piece.text)
                if said and (sections[-1].pieces or not sections[-1].what):  # else its heading has been read
                    _begin(sections, said[1])
            else:
                _put(piece, sections[-1], heads, sheet.page)
    return _closed(sections)


def _beside(piece: Piece, others: Iterable[Piece]) -> bool:
    """Tell whether a piece has another on its line."""
    return any(abs(piece.center - other.center) < _SAME_LINE for other in others if other is not piece)


def _begin(sections: list[_Section], what: tuple[Direction, Data]) -> None:
    """Begin a section, unless it is the one that goes on: some reports repeat the heading on each page."""
    if what != sections[-1].what:
        sections.append(_Section(*what))


def _head_line(sheet: Sheet) -> list[Piece]:
    """Give the column heads of a page: two or more on one line, in a scan also one alone."""
    heads = [piece for piece in sheet.body if words.column_head(piece.text)]
    return heads if sheet.page.scanned else [one for one in heads if _beside(one, heads)]


def _put(piece: Piece, section: _Section, heads: Sequence[Piece], page: Page) -> None:
    """Put a piece where it belongs in its section: column head, None, or a cell."""
    head = words.column_head(piece.text)
    beside = _beside(piece, heads)
    if head and (piece in heads or not section.pieces):
        section.heads.setdefault(head, piece.middle)
    elif page.scanned and not section.pieces and (beside or words.is_misread_head(piece.text)):
        return
    elif words.is_none(piece, page) and not section.pieces:
        section.says_none = True
    else:
        section.pieces.append(piece)


def _closed(sections: Sequence[_Section]) -> list[_Section]:
    """Give what follows a gap to the section before it, where no heading can be on the missing pages."""
    told = [_ORDER.index(section.what) for section in sections if section.what]
    kept: list[_Section] = []
    for at, section in enumerate(sections):
        before = [one for one in sections[:at] if one.what]
        following = [_ORDER.index(one.what) for one in sections[at:] if one.what]
        step = (following or [len(_ORDER)])[0] - _ORDER.index(before[-1].what) if before and before[-1].what else 2
        if section.reason == _AFTER_GAP and told == sorted(told) and step < 2:
            before[-1].pieces.extend(section.pieces)
        elif section.what or section.pieces:
            kept.append(section)
    return kept


# --- rows ---


def _rows(section: _Section, left_out: list[LeftOut]) -> Iterator[Row]:
    """Give the rows of a section, each with its page; name what is no row in `left_out`."""
    pieces = section.pieces
    if not section.what:
        left_out += _untold(pieces, section.reason)
    elif section.data == "hotlist":
        yield from _pair_rows(pieces, *section.what, left_out)
    elif heads := _table_heads(section):
        yield from _table_rows(pieces, heads, *section.what, left_out)
    else:
        for cell in layout.partners(pieces):
            yield Row(cell.text, *section.what, f"p{cell.page}")


def _pair_rows(pieces: Sequence[Piece], direction: Direction, data: Data, left_out: list[LeftOut]) -> Iterator[Row]:
    for agency, hotlist in layout.pairs(pieces):
        if agency:
            yield Row(agency.text, direction, data, f"p{agency.page}", hotlist=hotlist.text if hotlist else "")
        elif hotlist:
            left_out.append(LeftOut(f"p{hotlist.page}", hotlist.text, "a hot list with no agency on its line"))


def _table_rows(
    pieces: Sequence[Piece], heads: dict[str, float], direction: Direction, data: Data, left_out: list[LeftOut]
) -> Iterator[Row]:
    for row in layout.table(pieces, heads):
        page = f"p{next(iter(row.values())).page}"
        text = {head: row[head].text if head in row else "" for head in heads}
        city, state = ("" if text[head].upper() in _NOT_STATED else text[head] for head in ("city", "state"))
        if text["agency"]:
            yield Row(text["agency"], direction, data, page, partner_city=city, partner_state=state)
        else:
            left_out.append(LeftOut(page, f"{city} {state}".strip(), "a city or state with no agency on its line"))


def _table_heads(section: _Section) -> dict[str, float]:
    """Give the columns of a table by their heads, or where OCR lost them by what stands in them."""
    heads = {head: middle for head, middle in section.heads.items() if head in {"agency", "city", "state"}}
    return heads if len(heads) == 3 else layout.table_heads(section.pieces)


def _untold(pieces: Sequence[Piece], reason: str) -> Iterator[LeftOut]:
    """Give the entries of a section whose heading is lost as what is left out."""
    if heads := layout.table_heads(pieces):
        for row in layout.table(pieces, heads):
            text = " | ".join(row[head].text for head in heads if head in row)
            yield LeftOut(f"p{next(iter(row.values())).page}", text, reason)
    else:
        yield from (LeftOut(f"p{cell.page}", cell.text, reason) for cell in layout.partners(pieces))


# --- what the copy lacks ---


def _lacks_pages(sheets: Sequence[Sheet]) -> Iterator[str]:
    """Say which pages, by the report's own numbering, and which edges of pages are missing."""
    numbers = [sheet.number for sheet in sheets]
    total = int(_most(str(of) for sheet in sheets if (of := words.page_number(sheet.footer)[1])) or 0)
    missing = sorted(set(range(1, max(total, *numbers, 0) + 1)) - set(numbers))
    unread = [sheet.label for sheet in sheets if not sheet.number]
    if len(missing) > len(unread) and any(numbers):
        yield f"Pages missing by the report's own numbering: {', '.join(map(str, missing))}."
    if unread:
        yield f"No page number can be read on {', '.join(unread)}: pages missing there would not be noticed."
    for edge, bare in (
        ("upper", [sheet.label for sheet in sheets if not sheet.banner]),
        ("lower", [sheet.label for sheet in sheets if not sheet.footer]),
    ):
        if bare:
            yield f"The {edge} edge is missing, or cannot be read, on {', '.join(bare)}: rows may be lost there."
    if cut := [sheet.label for sheet in sheets if sheet.is_cut]:
        yield f"Names run into the edge of the page on {', '.join(cut)}: letters may be lost there."


def _lacks_sections(sections: Sequence[_Section], rows: Sequence[Row]) -> Iterator[str]:
    """Say which sections are not there, or not whole."""
    for section in sections:
        if not section.what:
            count = sum(1 for _ in _untold(section.pieces, section.reason))
            yield f"{count} entries are left out, as their direction is not known: each {section.reason}."
        elif not section.pieces and not section.says_none:
            yield f"The section {_heading(section)} has neither a name nor the word None."
    if bare := [row.partner for row in rows if row.data == "hotlist" and not row.hotlist]:
        yield f"No hot list is named beside {', '.join(bare)}."
    there = {section.what for section in sections}
    for heading, what in words.HEADINGS.items():
        if what not in there:
            yield f"The report has no section headed {heading}."


def _heading(section: _Section) -> str:
    return next(heading for heading, what in words.HEADINGS.items() if what == section.what)


def _most(found: Iterable[str]) -> str:
    """Give what is there most often, the first of equals; nothing where nothing is."""
    counted = Counter(one for one in found if one).most_common(1)
    return counted[0][0] if counted else ""
