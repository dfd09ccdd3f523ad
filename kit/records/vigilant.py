"""Vigilant Agency Data Sharing Report (PDF): LEARN, Vigilant VehicleManager, VehicleManager.

What the report is. A banner; up to four sections (Detections Shared, Detections Received, Hot List
Sharing, Hot List Received), each with a heading where it starts and mostly not again on later pages, a
line that names the owner, then the partners, as `vigilant_layout` knows them. A section without
partners says "None". A footer holds date, product and page.

Copies are scanned, turned, cut off and lack pages. What is there is kept; what is missing is said in
`Record.notes`; names whose section cannot be told are left out, each with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records import vigilant_layout as layout
from kit.records.mending import fold, known_names
from kit.records.pages import layers, read_pages, read_picture
from kit.records.record import Data, Direction, LeftOut, Record, Row, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kit.records.mending import Names
    from kit.records.pages import Page
    from kit.records.textlayer import Piece

TITLE = "Vigilant Agency Data Sharing Report (PDF)"

# The sections in the order in which all known reports have them.
_HEADINGS: dict[str, tuple[Direction, Data]] = {
    "Detections Shared": ("shares_with", "detections"),
    "Detections Received": ("receives_from", "detections"),
    "Hot List Sharing": ("shares_with", "hotlist"),
    "Hot List Received": ("receives_from", "hotlist"),
}
_ORDER = list(_HEADINGS.values())
_WHAT = r"(?P<what>(?:lpr|alpr)?(?:detections?|data)|hotlists?)"
_HOW = r"(?P<how>shar|receiv)(?:ed|ing)"
_HEADING = re.compile(rf"{_WHAT}(?:records?|data)?{_HOW}(?:with|from)?")
_TURNED_HEADING = re.compile(rf"{_HOW}{_WHAT}(?:with|from)?")
_INTRO = re.compile(r"\b[A-Z]he (?P<owner>.+?) Agency is (?P<rest>(?:shar|rec).*)", re.IGNORECASE)
_INTRO_END = re.compile(r"\bagenc\w+\W*$", re.IGNORECASE)
_INTRO_WORDS = "agencyissharingitsdetectiondatawiththefollowingagencies"
_HEADS = {"agency": "agency", "city": "city", "state": "state", "hotlists": "hot list", "hotlist": "hot list"}
_PRODUCT = re.compile(r"(?P<name>\S+(?: \S+)*) Agency Data Sharing Report", re.IGNORECASE)
_PRODUCTS = ("LEARN", "VehicleManager", "Vigilant VehicleManager")
_LOGOS = ("learn", "vigilant", "solutions", "vigilantsolutions", "vehiclemanager", "motorolasolutions", "agency")
_DATE = re.compile(r"\bD?ate\s*Cr\w+d\W*(?P<month>\d\d)\W+(?P<day>\d\d)\W+(?P<year>\d\d)\b", re.IGNORECASE)
_PAGE = re.compile(r"\bPage\W*(\d+)\W*of\b\W*(\d*)", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W_]+")
_NOT_STATED = {"N/A", "NA", "-"}
_BEFORE = "stands before the first section heading"
_AFTER_GAP = "follows missing pages, which may hold the heading of its section"

# In points: how far the parts of a footer may differ in height on the page.
_SAME_LINE = 4.0
# Share of the page, at its top or bottom, where banner and footer stand.
_MARGIN = 0.12
# Of 100: how like what is known a scanned heading, banner or footer must be; names are never centered.
_ALIKE = 85
_ALIKE_CENTERED = 70
_CENTERED = 0.06
# In letters: no heading is longer.
_LONGEST_HEADING = 30
_MARKS = " .,'`´:;|-_·•~^*\""
_BODY = re.compile(r"\b(police|sheriff|county|department|dept|office|pd|so|dps|marshal|attorney|patrol|city)", re.IGNORECASE)


@dataclass(frozen=True)
class _Sheet:
    """A page taken apart: its footer, whether it has banner and footer, and the pieces between them."""

    page: Page
    footer: str
    product: str
    banner: bool
    body: tuple[Piece, ...]


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


def reads(path: Path, head: bytes) -> bool:
    """Tell whether this is a PDF with a line of its own for the report's title or a section's heading.

    Where no page says so in text, the first page that is a picture is read by OCR.
    """
    if b"%PDF-" not in head[:1024]:
        return False
    picture = 0
    for page in layers(path):
        if _is_report(page):
            return True
        picture = picture or (page.number if page.scanned else 0)
    return bool(picture) and _is_report(read_picture(path, picture))


def _is_report(page: Page) -> bool:
    return any(_heading(piece, page) or _is_title(piece, page) or _product(piece, page) for piece in page.pieces)


def read(path: Path, names: Names | None = None) -> Record:
    """Read a report to its last row; RecordError where it has none of the sections.

    `names` are those that scanned rows are mended against: the ones that the kit knows, unless given.
    """
    sheets = [_sheet(page) for page in read_pages(path)]
    numbers = _numbers(sheets)
    sheets, left_out = _without_strangers(sheets)
    sections, owners = _sections(sheets, numbers)
    told = [section for section in sections if section.direction]
    if not told:
        raise RecordError(
            "The report names no section that the kit knows.",
            str(path),
            "Ask the agency for the file that the system made, with the pages that have the headings.",
        )
    if any(sheet.page.scanned for sheet in sheets):
        names = names or known_names()
        owners = [names.mend(owner) for owner in owners]
    rows = [row for section in told for row in _rows(section, left_out)]
    scanned = {f"p{sheet.page.number}" for sheet in sheets if sheet.page.scanned}
    left_out += [one for section in sections if not section.direction for one in _untold(section)]
    printed = Counter(sheet.product for sheet in sheets if sheet.product)
    owner = _most(owners)
    return Record(
        family="vigilant",
        system="vigilant",
        owner=owner,
        date=_date(sheets),
        title=_most(printed.elements()) or "Agency Data Sharing Report",
        pages=len(sheets),
        sha256=sha256_of(path),
        rows=tuple(_mended(row, names) if names and row.page in scanned else row for row in rows),
        left_out=tuple(left_out),
        notes=tuple(_lacks(sheets, numbers, owner, sections)),
        empty_sections=tuple((s.direction, s.data) for s in told if not s.pieces and s.direction and s.data),
    )


# --- pages ---


def _sheet(page: Page) -> _Sheet:
    """Take a page apart into banner, footer and what stands between."""
    pieces = [piece for piece in page.pieces if _squash(piece.text)]
    marks = [piece for piece in pieces if _in_margin(piece, page) and _is_footer(piece, page)]
    levels = [mark.center for mark in marks]
    footer = [p for p in pieces if any(abs(p.center - level) < _SAME_LINE for level in levels)]
    titles = [p for p in pieces if _is_title(p, page)]
    banner = min((title.bottom for title in titles), default=page.height)
    inside = [p for p in pieces if all(abs(p.center - level) >= _SAME_LINE for level in levels)]
    body = [p for p in inside if p.bottom < banner and not _is_logo(p, page)]
    product = next((found for piece in footer if (found := _product(piece, page))), "")
    printed = _plain(" ".join(piece.text for piece in footer))
    return _Sheet(page, printed, product, bool(titles), tuple(body))


def _in_margin(piece: Piece, page: Page) -> bool:
    return not _MARGIN < piece.center / page.height < 1 - _MARGIN


def _is_footer(piece: Piece, page: Page) -> bool:
    text = _plain(piece.text)
    return bool(_DATE.search(text) or _PAGE.search(text) or _product(piece, page))


def _product(piece: Piece, page: Page) -> str:
    """Give the title that a footer bears, with the product's name: `LEARN Agency Data Sharing Report`."""
    if _PRODUCT.fullmatch(piece.text):
        return piece.text
    if not page.scanned or not _like("agencydatasharingreport", _squash(piece.text)[-23:]):
        return ""
    name = _squash(piece.text)[:-23]
    return f"{max(_PRODUCTS, key=lambda product: _ratio(_squash(product), name))} Agency Data Sharing Report"


def _is_title(piece: Piece, page: Page) -> bool:
    squashed = _squash(piece.text)
    title = squashed == "datasharingreport" or (page.scanned and _like("datasharingreport", squashed))
    return title and piece.center > (1 - _MARGIN) * page.height


def _is_logo(piece: Piece, page: Page) -> bool:
    """Tell whether OCR read the letters of a logo."""
    above = page.scanned and piece.center > (1 - _MARGIN) * page.height
    return above and any(_like(logo, _squash(piece.text)) for logo in _LOGOS)


def _without_strangers(sheets: Sequence[_Sheet]) -> tuple[list[_Sheet], list[LeftOut]]:
    """Set apart pages of other papers in the same file: neither banner nor footer, and few names."""
    framed = [sheet for sheet in sheets if sheet.banner or sheet.footer]
    strange = [s for s in sheets if framed and not s.banner and not s.footer and not _has_names(s)]
    reason = "stands on a page that is not of the report: it has neither banner nor footer, nor names of agencies"
    left_out = [LeftOut(f"p{s.page.number}", piece.text, reason) for s in strange for piece in s.body]
    return [sheet for sheet in sheets if sheet not in strange], left_out


def _has_names(sheet: _Sheet) -> bool:
    """Tell whether lines of a page are names of agencies, or headings of the report."""
    headed = any(_heading(piece, sheet.page) for piece in sheet.body)
    return headed or sum(bool(_BODY.search(piece.text)) for piece in sheet.body) > len(sheet.body) / 4


def _numbers(sheets: Sequence[_Sheet]) -> list[int]:
    """Give the number printed on each page, 0 where none can be read.

    A number that breaks the row of those before and after it was misread.
    """
    found = [_PAGE.search(sheet.footer) for sheet in sheets]
    numbers = [int(one[1]) if one else 0 for one in found]
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
    """Cut the text at its headings; give the sections, and the owners that their first lines name."""
    sections = [_Section(reason=_BEFORE)]
    intros: list[str] = []
    last = 0
    for sheet, number in zip(sheets, numbers, strict=True):
        if last and number > last + 1:
            sections.append(_Section(reason=_AFTER_GAP))
        last = number or (last and last + 1)
        head_line = _head_line(sheet.body)
        open_intro = False
        for piece in sheet.body:
            if found := _heading(piece, sheet.page):
                _begin(sections, found)
            elif _is_intro(piece, sheet.page):
                intros.append(piece.text)
                open_intro = not _INTRO_END.search(_plain(piece.text))
                _begin(sections, _meant(piece.text) or (sections[-1].direction, sections[-1].data))
            elif open_intro and _INTRO_END.search(_plain(piece.text)):
                open_intro = False
            else:
                _put(piece, sections[-1], head_line, sheet.page)
    return _closed(sections), [found["owner"] for intro in intros if (found := _INTRO.search(_plain(intro)))]


def _begin(sections: list[_Section], what: tuple[Direction | None, Data | None]) -> None:
    """Begin a section, unless it is the one that goes on: some reports repeat the heading on each page."""
    if what != (sections[-1].direction, sections[-1].data):
        sections.append(_Section(*what))


def _put(piece: Piece, section: _Section, head_line: Sequence[Piece], page: Page) -> None:
    """Put a piece where it belongs in its section: column head, `None`, or a cell."""
    squashed = _squash(piece.text)
    if squashed in _HEADS and (piece in head_line or not section.pieces):
        section.heads.setdefault(_HEADS[squashed], piece.middle)
    elif squashed == "none" or (not section.pieces and _is_centered(piece, page) and _ratio("none", squashed) > 70):
        section.says_none = True
    else:
        section.pieces.append(piece)


def _head_line(body: Sequence[Piece]) -> list[Piece]:
    """Give the column heads of a page: two or more on one line."""
    heads = [piece for piece in body if _squash(piece.text) in _HEADS]
    return [one for one in heads if any(one is not o and abs(one.center - o.center) < _SAME_LINE for o in heads)]


def _heading(piece: Piece, page: Page) -> tuple[Direction, Data] | None:
    """Give the section that a piece is the heading of."""
    squashed = _squash(piece.text)
    if found := _HEADING.fullmatch(squashed) or _TURNED_HEADING.fullmatch(squashed):
        return _section_of(found["how"], found["what"])
    if page.scanned and len(squashed) < _LONGEST_HEADING:
        best = max(_HEADINGS, key=lambda heading: _ratio(_squash(heading), squashed))
        needed = _ALIKE_CENTERED if _is_centered(piece, page) else _ALIKE
        return _HEADINGS[best] if _ratio(_squash(best), squashed) >= needed else None
    return None


def _section_of(how: str, what: str) -> tuple[Direction, Data]:
    return "shares_with" if how.startswith("s") else "receives_from", "hotlist" if "hot" in what else "detections"


def _is_centered(piece: Piece, page: Page) -> bool:
    return abs(piece.middle / page.width - 0.5) < _CENTERED


def _is_intro(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the line that names the owner."""
    text = _plain(piece.text)
    scanned = page.scanned and len(text) > 2 * _LONGEST_HEADING
    return bool(_INTRO.search(text)) or (scanned and _like_part(_INTRO_WORDS, _squash(text)))


def _meant(intro: str) -> tuple[Direction, Data] | None:
    """Give the section that the line below a heading speaks of, should the heading be lost."""
    found = _INTRO.search(_plain(intro))
    return _section_of(found["rest"].lower(), found["rest"].lower().replace(" ", "").replace("-", "")) if found else None


def _closed(sections: Sequence[_Section]) -> list[_Section]:
    """Give the pages after a gap to the section before it, where no heading can be on the missing pages."""
    told = [_ORDER.index((s.direction, s.data)) for s in sections if s.direction and s.data]
    kept: list[_Section] = []
    for at, section in enumerate(sections):
        before = [one for one in sections[:at] if one.direction]
        following = [one for one in sections[at:] if one.direction]
        first = _ORDER.index((before[-1].direction, before[-1].data)) if before else -1
        after = _ORDER.index((following[0].direction, following[0].data)) if following else len(_ORDER)
        if section.reason == _AFTER_GAP and before and told == sorted(told) and after - first < 2:
            before[-1].pieces.extend(section.pieces)
        elif section.direction or section.pieces:
            kept.append(section)
    return kept


# --- rows ---


def _rows(section: _Section, left_out: list[LeftOut]) -> Iterator[Row]:
    """Give the rows of a section, each with its page."""
    direction, data = section.direction, section.data
    assert direction and data
    if data == "hotlist":
        for agency, hotlist in layout.pairs(_worded(section, left_out)):
            if agency:
                text = hotlist.text if hotlist else ""
                yield Row(agency.text, direction, data, f"p{agency.page}", hotlist=text)
            elif hotlist:
                left_out.append(LeftOut(f"p{hotlist.page}", hotlist.text, "a hot list with no agency on its line"))
    elif heads := _table_heads(section):
        for row in layout.table(section.pieces, heads):
            place = {head: "" if row[head].text.upper() in _NOT_STATED else row[head].text for head in row}
            if agency := row.get("agency"):
                city, state = place.get("city", ""), place.get("state", "")
                yield Row(agency.text, direction, data, f"p{agency.page}", partner_city=city, partner_state=state)
            else:
                page, text = next(iter(row.values())).page, " | ".join(cell.text for cell in row.values())
                left_out.append(LeftOut(f"p{page}", text, "a city or state with no agency on its line"))
    else:
        for cell in layout.partners(_worded(section, left_out)):
            yield Row(cell.text, direction, data, f"p{cell.page}")


def _table_heads(section: _Section) -> dict[str, float]:
    """Give the columns of a table by their heads, or where OCR lost them by what stands in them."""
    whole = {"agency", "city", "state"} <= section.heads.keys()
    return section.heads if whole else layout.table_heads(section.pieces)


def _worded(section: _Section, left_out: list[LeftOut]) -> list[Piece]:
    """Give the pieces that can be part of a name; a single letter is a mark of the scan."""
    marks = [piece for piece in section.pieces if len(piece.text.strip(_MARKS)) < 2]
    left_out += [LeftOut(f"p{p.page}", p.text, "a mark, no name") for p in marks]
    return [piece for piece in section.pieces if piece not in marks] if marks else section.pieces


def _untold(section: _Section) -> Iterator[LeftOut]:
    """Give the names of a section whose heading is lost as what is left out."""
    if heads := layout.table_heads(section.pieces):
        for row in layout.table(section.pieces, heads):
            text = " | ".join(row[head].text for head in heads if head in row)
            yield LeftOut(f"p{next(iter(row.values())).page}", text, section.reason)
    else:
        yield from (LeftOut(f"p{c.page}", c.text, section.reason) for c in layout.partners(section.pieces))


def _mended(row: Row, names: Names) -> Row:
    """Mend the cells of a scanned row; `read_as` keeps what was read, cell by cell where several changed."""
    partner = names.mend(row.partner)
    hotlist, city, state = _mended_hotlist(row, partner, names), names.mend(row.partner_city), names.state(row.partner_state)
    cells = (row.hotlist, row.partner_city, row.partner_state)
    others = cells != (hotlist, city, state)
    read_as = " | ".join(filter(None, (row.partner, *cells))) if others else row.partner if partner != row.partner else ""
    return replace(
        row, partner=partner, hotlist=hotlist, partner_city=city, partner_state=state, read_as=read_as, flags=("ocr",)
    )


def _mended_hotlist(row: Row, partner: str, names: Names) -> str:
    """Mend a hot list's name, which mostly is `LEARN_` and the agency's own."""
    found = re.match(r"L?EARN[_ ]+(?P<agency>.+)", _plain(row.hotlist))
    if not found:
        return names.mend(row.hotlist)
    own = fold(found["agency"]) == fold(row.partner) or names.mend(found["agency"]) == partner
    return f"LEARN_{partner if own else names.mend(found['agency'])}"


# --- what the report says of itself, and what it lacks ---


def _date(sheets: Sequence[_Sheet]) -> str:
    """Give the ISO date that most footers bear; a scanned one must be a day of the calendar."""
    found = [one for sheet in sheets if (one := _DATE.search(sheet.footer))]
    dates = [f"20{one['year']}-{one['month']}-{one['day']}" for one in found]
    return _most(date for date in dates if date[5:7] <= "12" and date[8:] <= "31")


def _lacks(
    sheets: Sequence[_Sheet], numbers: Sequence[int], owner: str, sections: Sequence[_Section]
) -> Iterator[str]:
    """Say what the file itself lacks: pages by its own numbering, edges, headings, sections, date, owner."""
    totals = [int(found[2]) for sheet in sheets if (found := _PAGE.search(sheet.footer)) and found[2]]
    total = int(_most(str(one) for one in totals) or 0)
    missing = sorted(set(range(1, max(total, *numbers, 0) + 1)) - set(numbers))
    unread = [f"p{sheet.page.number}" for sheet, number in zip(sheets, numbers, strict=True) if not number]
    if len(missing) > len(unread) and any(numbers):
        yield f"Pages missing by the report's own numbering: {_listed(missing)}."
    if unread:
        yield f"No page number can be read on {_listed(unread)}: pages that are missing there cannot be noticed."
    for edge, bare in (
        ("upper", [f"p{sheet.page.number}" for sheet in sheets if not sheet.banner]),
        ("lower", [f"p{sheet.page.number}" for sheet in sheets if not sheet.footer]),
    ):
        if bare:
            yield f"The {edge} edge is missing, or cannot be read, on {_listed(bare)}: a row may be lost there."
    for section in sections:
        if not section.direction:
            yield f"{len(list(_untold(section)))} entries are left out: what they stand in {section.reason}."
        elif not section.pieces and not section.says_none:
            yield f"The section {_heading_of(section)} has neither a name nor the word None."
    there = {(section.direction, section.data) for section in sections}
    for heading, section_of in _HEADINGS.items():
        if section_of not in there:
            yield f"The report has no section headed {heading}."
    if not owner:
        yield "The report does not say whose it is."
    if not _date(sheets):
        yield "The report bears no date."


def _heading_of(section: _Section) -> str:
    return next(heading for heading, what in _HEADINGS.items() if what == (section.direction, section.data))


def _listed(things: Sequence[int] | Sequence[str]) -> str:
    return ", ".join(map(str, things))


# --- words ---


def _plain(text: str) -> str:
    """Give a text without accents, which specks over letters are read as."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def _squash(text: str) -> str:
    """Give the letters and figures of a text, small."""
    return _NO_LETTER.sub("", _plain(text).lower())


def _ratio(known: str, read: str) -> float:
    """Tell how like a known text is what was read, 0 to 100."""
    from rapidfuzz.fuzz import ratio

    return ratio(known, read)


def _like(known: str, read: str) -> bool:
    return _ratio(known, read) >= _ALIKE


def _like_part(known: str, read: str) -> bool:
    from rapidfuzz.fuzz import partial_ratio

    return partial_ratio(known, read) >= _ALIKE_CENTERED


def _most(found: Iterable[str]) -> str:
    """Give what is there most often, the first of equals; empty where there is nothing."""
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else ""
