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

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records import vigilant_layout as layout
from kit.records import vigilant_words as words
from kit.records.mending import fold, known_names, plain
from kit.records.pages import layers, read_pages, read_picture
from kit.records.record import Data, Direction, LeftOut, Record, Row, sha256_of

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
_STRANGE = "stands on a page of another paper: it has neither banner nor footer, nor names of agencies"
_IN_BANNER = "stands where other pages have the banner"
# In points: how far apart the parts of a footer, or the heads of columns, may be in height.
_SAME_LINE = 4.0
_MARKS = " .,'`´:;|-_·•~^*\""


@dataclass(frozen=True)
class _Sheet:
    """A page taken apart: its footer, its title, the foot of its banner (0 for none), and the rest."""

    page: Page
    footer: str
    product: str
    banner: float
    body: tuple[Piece, ...]

    @property
    def label(self) -> str:
        """The page as rows name it: `p3`."""
        return f"p{self.page.number}"


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

    Where no page says so in text, pages that are pictures are read by OCR: the first, and those after it
    as long as each is a page of names.
    """
    if b"%PDF-" not in head[:1024]:
        return False
    pictures = []
    for page in layers(path):
        if words.is_report(page):
            return True
        pictures += [page.number] if page.scanned else []
    for number in pictures:
        page = read_picture(path, number)
        if words.is_report(page) or not words.has_names(page):
            return words.is_report(page)
    return False


def read(path: Path, names: Names | None = None) -> Record:
    """Read a report to its last row; RecordError where it has none of the sections.

    `names` are those that scanned rows are mended against: the ones that the kit knows, unless given.
    """
    pages = read_pages(path, names)
    sheets, left_out = _cleared([_sheet(page) for page in pages])
    numbers = _numbers(sheets)
    sections, owners = _sections(sheets, numbers)
    if not any(section.what for section in sections):
        raise RecordError(
            "The report names no section that the kit knows.",
            str(path),
            "Ask the agency for the file that the system made, with the pages that have the headings.",
        )
    rows = [row for section in sections for row in _rows(section, left_out)]
    scanned = {sheet.label for sheet in sheets if sheet.page.scanned}
    if scanned:
        names = names or known_names()
        owners = [names.mend(owner) for owner in owners]
        rows = [_mended(row, names) if row.page in scanned else row for row in rows]
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
            *_lacks_pages(sheets, numbers),
            *_lacks_sections(sections, rows),
            *([] if owner else ["The report does not say whose it is."]),
            *([] if any(words.date(sheet.footer) for sheet in sheets) else ["The report bears no date."]),
        ),
        empty_sections=tuple(section.what for section in sections if section.what and not section.pieces),
    )


# --- pages ---


def _sheet(page: Page) -> _Sheet:
    """Take a page apart into banner, footer and what stands between."""
    pieces = [piece for piece in page.pieces if words.squash(piece.text)]
    levels = [piece.center for piece in pieces if words.is_footer(piece, page)]
    footer = [p for p in pieces if any(abs(p.center - level) < _SAME_LINE for level in levels)]
    inside = [p for p in pieces if all(abs(p.center - level) >= _SAME_LINE for level in levels)]
    banner = min((p.bottom for p in inside if words.is_title(p, page)), default=0.0)
    body = [p for p in inside if p.top < (banner or page.height) and not words.is_logo(p, page)]
    product = next((found for p in footer if (found := words.product(p, page))), "")
    return _Sheet(page, " ".join(p.text for p in footer), product, banner, tuple(body))


def _cleared(sheets: Sequence[_Sheet]) -> tuple[list[_Sheet], list[LeftOut]]:
    """Set apart pages of other papers in the same file, and a scanned banner that could not be read."""
    framed = [sheet for sheet in sheets if sheet.banner or sheet.footer]
    foot = median([sheet.banner for sheet in sheets if sheet.banner] or [0.0])
    kept: list[_Sheet] = []
    left_out: list[LeftOut] = []
    for sheet in sheets:
        headed = any(words.heading(piece, sheet.page) for piece in sheet.body)
        if framed and sheet not in framed and not headed and not words.has_names(sheet.page):
            left_out += [LeftOut(sheet.label, piece.text, _STRANGE) for piece in sheet.body]
            continue
        above = [p for p in sheet.body if foot and sheet.page.scanned and p.top > foot and not words.is_name(p)]
        left_out += [LeftOut(sheet.label, piece.text, _IN_BANNER) for piece in above]
        kept.append(replace(sheet, body=tuple(piece for piece in sheet.body if piece not in above)))
    return kept, left_out


def _numbers(sheets: Sequence[_Sheet]) -> list[int]:
    """Give the number printed on each page, 0 where none can be read.

    A number that breaks the row of those before and after it was misread.
    """
    numbers = [words.page_number(sheet.footer)[0] for sheet in sheets]
    for at, (before, after) in enumerate(zip(numbers, numbers[2:], strict=False), start=1):
        if before and after - before == 2:
            numbers[at] = before + 1
    if len(numbers) > 2 and not 0 < numbers[0] < numbers[1] and numbers[2] == numbers[1] + 1:
        numbers[0] = numbers[1] - 1
    if len(numbers) > 2 and numbers[-1] <= numbers[-2] == numbers[-3] + 1:
        numbers[-1] = numbers[-2] + 1
    return numbers


# --- sections ---


def _sections(sheets: Sequence[_Sheet], numbers: Sequence[int]) -> tuple[list[_Section], list[str]]:
    """Cut the text at its headings; give the sections, and the owners that the lines below them name."""
    sections = [_Section(reason=_BEFORE)]
    intros: list[str] = []
    last = 0
    for sheet, number in zip(sheets, numbers, strict=True):
        if last and number > last + 1:
            sections.append(_Section(reason=_AFTER_GAP))
        last = number or (last and last + 1)
        heads = _head_line(sheet)
        goes_on = False
        for piece in sheet.body:
            if what := words.heading(piece, sheet.page):
                _begin(sections, what)
            elif words.is_intro(piece, sheet.page):
                intros.append(piece.text)
                goes_on = not words.ends_intro(piece.text)
                said = words.intro(piece.text)
                if said and (sections[-1].pieces or not sections[-1].what):  # else its heading has been read
                    _begin(sections, said[1])
            elif goes_on and words.ends_intro(piece.text):
                goes_on = False
            else:
                _put(piece, sections[-1], heads, sheet.page)
    return _closed(sections), [said[0] for text in intros if (said := words.intro(text))]


def _begin(sections: list[_Section], what: tuple[Direction, Data]) -> None:
    """Begin a section, unless it is the one that goes on: some reports repeat the heading on each page."""
    if what != sections[-1].what:
        sections.append(_Section(*what))


def _head_line(sheet: _Sheet) -> list[Piece]:
    """Give the column heads of a page: two or more on one line, in a scan also one alone."""
    heads = [piece for piece in sheet.body if words.column_head(piece.text)]
    level = [one for one in heads if any(one is not o and abs(one.center - o.center) < _SAME_LINE for o in heads)]
    return heads if sheet.page.scanned else level


def _put(piece: Piece, section: _Section, heads: Sequence[Piece], page: Page) -> None:
    """Put a piece where it belongs in its section: column head, None, or a cell."""
    head = words.column_head(piece.text)
    beside = any(abs(piece.center - one.center) < _SAME_LINE for one in heads)
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
    marks = [piece for piece in section.pieces if len(piece.text.strip(_MARKS)) < 2]
    left_out += [LeftOut(f"p{mark.page}", mark.text, "a mark, no name") for mark in marks]
    pieces = [piece for piece in section.pieces if piece not in marks] if marks else section.pieces
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


def _mended(row: Row, names: Names) -> Row:
    """Mend a scanned row; `read_as` has the partner as read, and all cells where others were mended too."""
    partner, city = names.mend(row.partner), names.mend(row.partner_city)
    hotlist, state = _mended_hotlist(row, partner, names), names.state(row.partner_state)
    mended = replace(row, partner=partner, hotlist=hotlist, partner_city=city, partner_state=state, flags=("ocr",))
    cells = (row.hotlist, row.partner_city, row.partner_state)
    if cells != (hotlist, city, state):
        return replace(mended, read_as=" | ".join(cell for cell in (row.partner, *cells) if cell))
    return replace(mended, read_as=row.partner if partner != row.partner else "")


def _mended_hotlist(row: Row, partner: str, names: Names) -> str:
    """Mend the name of a hot list, which mostly is `LEARN_` and the agency's own."""
    found = re.match(r"L?EARN[_ ]+(?P<agency>.+)", plain(row.hotlist))
    if not found:
        return names.mend(row.hotlist)
    own = fold(found["agency"]) == fold(row.partner) or names.mend(found["agency"]) == partner
    return f"LEARN_{partner if own else names.mend(found['agency'])}"


# --- what the copy lacks ---


def _lacks_pages(sheets: Sequence[_Sheet], numbers: Sequence[int]) -> Iterator[str]:
    """Say which pages, by the report's own numbering, and which edges of pages are missing."""
    total = int(_most(str(of) for sheet in sheets if (of := words.page_number(sheet.footer)[1])) or 0)
    missing = sorted(set(range(1, max(total, *numbers, 0) + 1)) - set(numbers))
    unread = [sheet.label for sheet, number in zip(sheets, numbers, strict=True) if not number]
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
