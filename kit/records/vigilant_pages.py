"""The pages of a Vigilant report: taken apart, cleared of what is no part of it, and put in order.

A file may hold pages of other papers, a page twice, pages in any order, another report, stamps and
watermarks. What is set apart is named, never dropped silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from kit.records import vigilant_words as words
from kit.records.record import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kit.records.pages import Page
    from kit.records.textlayer import Piece

_STRANGE = "stands on a page of another paper: it has neither banner nor footer, nor names of agencies"
_IN_BANNER = "stands where other pages have the banner"
_MARK = "a mark, no name"
_STAMP = "a stamp or a running number, no name"
# In points: how far apart the parts of a line, or of a footer, may be in height; one stamp on several pages.
_SAME_LINE = 4.0
_FOOTER = 8.0
_SAME_PLACE = 8.0
_MARKS = " .,'`´:;|-_·•~^*\""
# A number that records offices stamp on each page: `OCSD-CPRA 000101`.
_RUNNING = re.compile(r"([A-Z][A-Za-z_.-]*(?: [A-Z][A-Za-z_.-]*)?[ _-]*\d{4,}|\d+)")
# Shares of a page's height, at its foot and top, where no row stands but on a copy that lies badly.
_FOOT = 0.06
_TOP = 0.94
# Share of its width within which a page's side edge is.
_EDGE = 0.008
# A watermark is set larger than rows, by this.
_LARGE = 1.5
# Lines of an owner line, of a page that can be told from others by its text alone.
_INTRO_LINES = 4
_TELLING = 6
# Of 100: how like two readings of one scanned page are, and two of one owner.
_SAME_PAGE = 85
_SAME_OWNER = 80
# A page of a list has a column that begins in this share of its width.
_RIGHT = 0.42


@dataclass(frozen=True)
class Sheet:
    """A page taken apart: footer, title, foot of its banner (0 for none), and the rest; its printed number or 0."""

    page: Page
    footer: str
    product: str
    banner: float
    body: tuple[Piece, ...]
    number: int

    @property
    def label(self) -> str:
        """The page as rows name it: `p3`."""
        return f"p{self.page.number}"

    @property
    def text(self) -> str:
        """The letters of its body, to compare pages by."""
        return "".join(words.squash(piece.text) for piece in self.body)

    @property
    def is_cut(self) -> bool:
        """Tell whether many of its lines begin or end at the very edge of the page."""
        wide = self.page.width
        cut = [piece for piece in self.body if piece.left < _EDGE * wide or piece.right > (1 - _EDGE) * wide]
        return len(cut) > max(2, len(self.body) / 5)

    @property
    def owner(self) -> str:
        """The owner that a line on it names."""
        return next((said[0] for piece in self.body if (said := words.intro(piece.text))), "")


@dataclass
class Arranged:
    """The sheets of each report in a file, in order; what was set apart; and what to say of the pages."""

    reports: list[list[Sheet]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def arranged(pages: Iterable[Page]) -> Arranged:
    """Take the pages apart, clear them, and order those of each report by their numbers."""
    found = Arranged()
    sheets = _of_reports([_sheet(page) for page in pages], found.left_out)
    sheets = _cleared(sheets, found.left_out)
    for report in _reports(_renumbered(_once(sheets, found))):
        numbers = [sheet.number for sheet in report]
        if all(numbers) and len(set(numbers)) == len(numbers) and numbers != sorted(numbers):
            found.notes.append("The pages are not in the order of their numbers; they were read in that order.")
            report.sort(key=lambda sheet: sheet.number)
        found.reports.append(report)
    return found


def _sheet(page: Page) -> Sheet:
    """Take a page apart into banner, footer and what stands between."""
    pieces = [piece for piece in page.pieces if words.squash(piece.text) or not page.scanned]
    levels = [piece.center for piece in pieces if words.is_footer(piece, page)]
    footer = [p for p in pieces if any(abs(p.center - level) < _FOOTER for level in levels)]
    inside = [p for p in pieces if all(abs(p.center - level) >= _FOOTER for level in levels)]
    banner = min((p.bottom for p in inside if words.is_title(p, page)), default=0.0)
    body = [p for p in inside if p.top < (banner or page.height) and not words.is_logo(p, page)]
    product = next((found for p in footer if (found := words.product(p, page))), "")
    text = " ".join(p.text for p in footer)
    return Sheet(page, text, product, banner, tuple(_with_whole_intros(body)), words.page_number(text)[0])


def _with_whole_intros(pieces: Sequence[Piece]) -> list[Piece]:
    """Join the lines of an owner line that runs over several."""
    joined: list[Piece] = []
    for piece in pieces:
        joined.append(piece)
        if not words.ends_intro(piece.text):
            continue
        for lines in range(1, _INTRO_LINES + 1):
            parts = joined[-lines:]
            text = " ".join(part.text for part in parts)
            if any(words.ends_intro(part.text) for part in parts[:-1]):
                break
            if words.intro(text):
                joined[-lines:] = [replace(parts[0], text=text, letters=())]
                break
    return joined


# --- what is no part of the report ---


def _of_reports(sheets: Sequence[Sheet], left_out: list[LeftOut]) -> list[Sheet]:
    """Set apart pages of other papers in the same file."""
    framed = [sheet for sheet in sheets if sheet.banner or sheet.footer]
    kept = []
    for sheet in sheets:
        if not framed or sheet in framed or _is_list(sheet):
            kept.append(sheet)
        else:
            left_out += [LeftOut(sheet.label, piece.text, _STRANGE, rows=0) for piece in sheet.body]
    return kept


def _is_list(sheet: Sheet) -> bool:
    """Tell whether a page has a heading, or names of agencies in columns."""
    headed = any(words.heading(piece, sheet.page) for piece in sheet.body)
    right = any(piece.left > _RIGHT * sheet.page.width for piece in sheet.body)
    return headed or bool(sheet.owner) or (right and words.has_names(sheet.page))


def _cleared(sheets: Sequence[Sheet], left_out: list[LeftOut]) -> list[Sheet]:
    """Set apart marks, stamps, and a scanned banner that could not be read."""
    foot = median([sheet.banner for sheet in sheets if sheet.banner] or [0.0])
    repeated = _repeated(sheets)
    kept = []
    for sheet in sheets:
        set_apart = {}
        for piece in sheet.body:
            if len(piece.text.strip(_MARKS)) < (2 if sheet.page.scanned else 1):
                set_apart[piece] = _MARK
            elif piece in repeated or (_RUNNING.fullmatch(piece.text) and _at_edge(piece, sheet)):
                set_apart[piece] = _STAMP
            elif foot and sheet.page.scanned and piece.top > foot and not _beside_name(piece, sheet):
                set_apart[piece] = _IN_BANNER
        left_out += [LeftOut(sheet.label, piece.text, reason, rows=0) for piece, reason in set_apart.items()]
        kept.append(replace(sheet, body=tuple(piece for piece in sheet.body if piece not in set_apart)))
    return kept


def _repeated(sheets: Sequence[Sheet]) -> set[Piece]:
    """Find what stands at one place of most pages: large, or alone at an edge."""
    usual = median([piece.height for sheet in sheets for piece in sheet.body] or [0.0])
    unlike = [
        (words.squash(re.sub(r"\d", "", piece.text)), piece)
        for sheet in sheets
        for piece in sheet.body
        if piece.height > _LARGE * usual or _at_edge(piece, sheet)
    ]
    found = set()
    for text, piece in unlike:
        there = {other.page for what, other in unlike if what == text and _same_place(piece, other)}
        if len(there) > max(2, len(sheets) / 2):
            found.add(piece)
    return found


def _at_edge(piece: Piece, sheet: Sheet) -> bool:
    """Tell whether a piece stands alone at the foot or the top of its page."""
    off = piece.center < _FOOT * sheet.page.height or piece.center > _TOP * sheet.page.height
    return off and not any(abs(piece.center - other.center) < _SAME_LINE for other in sheet.body if other is not piece)


def _beside_name(piece: Piece, sheet: Sheet) -> bool:
    """Tell whether the name of an agency stands on the line of a piece, or is that."""
    return any(abs(piece.center - other.center) < _SAME_LINE and words.is_name(other) for other in sheet.body)


def _same_place(one: Piece, other: Piece) -> bool:
    return abs(one.left - other.left) < _SAME_PLACE and abs(one.center - other.center) < _SAME_PLACE


# --- numbers and order ---


def _renumbered(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Mend the numbers of scanned pages: one that breaks the row of those before and after it was misread."""
    numbers = [sheet.number for sheet in sheets]
    total = max((words.page_number(sheet.footer)[1] for sheet in sheets), default=0)

    def misread(at: int) -> bool:
        wrong = not numbers[at] or (total and numbers[at] > total) or numbers.count(numbers[at]) > 1
        return bool(wrong) and sheets[at].page.scanned

    for at, (before, after) in enumerate(zip(numbers, numbers[2:], strict=False), start=1):
        if before and after - before == 2 and misread(at):
            numbers[at] = before + 1
    if len(numbers) > 2 and numbers[2] == numbers[1] + 1 and numbers[1] > 1 and misread(0):
        numbers[0] = numbers[1] - 1
    if len(numbers) > 2 and numbers[-2] == numbers[-3] + 1 and misread(-1):
        numbers[-1] = numbers[-2] + 1
    return [replace(sheet, number=number) for sheet, number in zip(sheets, numbers, strict=True)]


def _once(sheets: Sequence[Sheet], found: Arranged) -> list[Sheet]:
    """Set apart a page that is in the file twice."""
    kept: list[Sheet] = []
    for sheet in sheets:
        if first := next((one for one in kept if _same(one, sheet)), None):
            reason = f"is {first.label} once more"
            found.left_out.append(LeftOut(sheet.label, f"{len(sheet.body)} lines", reason, rows=0))
            found.notes.append(f"{sheet.label} {reason}: its rows are counted once.")
        else:
            kept.append(sheet)
    return kept


def _same(one: Sheet, other: Sheet) -> bool:
    """Tell whether two sheets are the same page: by number and text, or by a long text alone."""
    if (
        one.number
        and other.number
        and (one.number != other.number or words.date(one.footer) != words.date(other.footer))
    ):
        return False
    scanned = one.page.scanned or other.page.scanned
    if scanned and one.number and one.number == other.number:
        return words.likeness(one.text, other.text) >= _SAME_PAGE
    telling = one.number or len(one.body) >= _TELLING
    return bool(telling) and one.text == other.text


def _reports(sheets: Sequence[Sheet]) -> Iterator[list[Sheet]]:
    """Part the reports in a file: where the owner changes, or a number comes again."""
    report: list[Sheet] = []
    for sheet in sheets:
        owner = next((one.owner for one in report if one.owner), "")
        other = sheet.owner and owner and words.likeness(owner, sheet.owner) < _SAME_OWNER
        again = sheet.number and any(sheet.number == one.number for one in report)
        if report and (other or again):
            yield report
            report = []
        report.append(sheet)
    if report:
        yield report
