"""The words of a Vigilant report that are no names: banner, headings, column heads, owner line, footer.

In text they are known to the letter. In a scan they are known by being like it, the more so where no
name ever stands: in the middle of the page, at its top and at its bottom.
"""

from __future__ import annotations

import re
from datetime import date as calendar_date
from functools import lru_cache
from typing import TYPE_CHECKING

from kit.records.letters import plain
from kit.records.record import Data, Direction

if TYPE_CHECKING:
    from kit.records.pages import Page
    from kit.records.textlayer import Piece

Section = tuple[Direction, Data]

HEADINGS: dict[str, Section] = {
    "Detections Shared": ("shares_with", "detections"),
    "Detections Received": ("receives_from", "detections"),
    "Hot List Sharing": ("shares_with", "hotlist"),
    "Hot List Received": ("receives_from", "hotlist"),
}
"""The sections in the order in which all known reports have them."""

_WHAT = r"(?:lpr|alpr)?(?P<what>detections?|hotlists?)(?:records?|data)?"
_HOW = r"(?P<how>shar|receiv)(?:ed|ing)"
_TAIL = r"(?:with|from)?(?:continued|contd?)?\d*"
_HEADING = re.compile(rf"{_WHAT}{_HOW}{_TAIL}")
_TURNED_HEADING = re.compile(rf"{_HOW}{_WHAT}{_TAIL}")
_INTRO = re.compile(
    r"\b[A-Z]he ?(?P<owner>.+?) ?(?:\bAgency|(?<=[a-z])Agency)? ?is ?(?P<how>shar|rec[ei]{2}v)(?P<what>.*)",
    re.IGNORECASE,
)
_INTRO_END = re.compile(r"\bagenc\w+\W*$", re.IGNORECASE)
_INTRO_LIKE = "thefollowingagencies"
_HEADS = {
    **dict.fromkeys(("agency", "agencies", "agencyname", "agencies"), "agency"),
    **dict.fromkeys(("hotlist", "hotlists", "hotlistname", "hotlistnames"), "hot list"),
    "city": "city",
    "state": "state",
}
_PRODUCT = re.compile(r"\S+(?: \S+)* Agency Data Sharing Report", re.IGNORECASE)
_PRODUCTS = ("LEARN", "VehicleManager", "Vigilant VehicleManager")
_TITLE = "datasharingreport"
_LOGOS = ("learn", "vigilant", "solutions", "vigilantsolutions", "vehiclemanager", "motorolasolutions", "agency")
# The first letters may be cut off, or misread.
_CREATED = re.compile(r"\b(?:D?\w?te\s*)?Cr\w+d\W*", re.IGNORECASE)
_LABEL = re.compile(r"\bDate\s*Created\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>\d{{1,2}}|(?:{'|'.join(_MONTHS)})[a-z]*)"
_DATES = tuple(
    re.compile(rf"{form}(?!\d)", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})\W+(?P<month>\d{1,2})\W+(?P<day>\d{1,2})",
        rf"{_MONTH}\W+(?P<day>\d{{1,2}})\W+(?P<year>\d{{4}}|\d\d)",
        rf"(?P<day>\d{{1,2}})\W+{_MONTH}\W+(?P<year>\d{{4}}|\d\d)",
    )
)
_PAGE = re.compile(r"\bPage\W*(?P<number>\d+)\W*of\b\W*(?P<total>\d*)", re.IGNORECASE)
_BODY = re.compile(
    r"\b(police|sheriff|county|department|dept|office|pd|so|dps|marshal|attorney|patrol|task force)", re.IGNORECASE
)
_NO_LETTER = re.compile(r"[\W_]+")

# Share of the page, at its top and bottom, where banner and footer stand.
_MARGIN = 0.12
# Share of the page by which a piece may be off its middle and still be centered.
_CENTERED = 0.06
# Of 100: how like what is known a scanned word must be, and how like where no name ever stands.
_ALIKE = 85
_ALIKE_THERE = 70
# In letters: a heading has less, a scanned owner line more.
_HEADING_LENGTH = 30
_INTRO_LENGTH = 60


@lru_cache(maxsize=4096)
def squash(text: str) -> str:
    """Give the letters and figures of a text, small."""
    return _NO_LETTER.sub("", plain(text).lower())


def is_report(page: Page) -> bool:
    """Tell whether a page bears the report's title, in banner or footer, or a heading and its owner line."""
    titled = any(is_title(piece, page) or product(piece, page) for piece in page.pieces)
    headed = any(heading(piece, page) for piece in page.pieces)
    return titled or (headed and any(is_intro(piece, page) for piece in page.pieces))


def has_names(page: Page) -> bool:
    """Tell whether a page has names of agencies, as a page of a list does."""
    return sum(bool(_BODY.search(piece.text)) for piece in page.pieces) > len(page.pieces) / 4


def is_name(piece: Piece) -> bool:
    """Tell whether a piece has a word that agencies are called by."""
    return bool(_BODY.search(piece.text))


# --- headings ---


def heading(piece: Piece, page: Page) -> Section | None:
    """Give the section that a piece is the heading of."""
    squashed = squash(piece.text)
    if found := _HEADING.fullmatch(squashed) or _TURNED_HEADING.fullmatch(squashed):
        return _section(found["how"], found["what"])
    if not page.scanned or squashed in _HEADS or len(squashed) >= _HEADING_LENGTH:
        return None
    best = max(HEADINGS, key=lambda one: likeness(squash(one), squashed))
    needed = _ALIKE_THERE if _is_centered(piece, page) else _ALIKE
    return HEADINGS[best] if likeness(squash(best), squashed) >= needed else None


def _section(how: str, what: str) -> Section:
    direction: Direction = "shares_with" if how.lower().startswith("s") else "receives_from"
    return direction, "hotlist" if re.search(r"\bhot|list", what, re.IGNORECASE) else "detections"


def is_intro(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the line below a heading that names the owner."""
    text = plain(piece.text)
    scanned = page.scanned and len(text) > _INTRO_LENGTH
    return bool(_INTRO.search(text)) or (scanned and _part_likeness(_INTRO_LIKE, squash(text)) >= _ALIKE_THERE)


def ends_intro(text: str) -> bool:
    """Tell whether a text is the end of such a line."""
    return bool(_INTRO_END.search(plain(text)))


def intro(text: str) -> tuple[str, Section] | None:
    """Give the owner and the section that such a line speaks of, if it can be made out."""
    found = _INTRO.search(plain(text))
    return (found["owner"], _section(found["how"], found["what"])) if found else None


def column_head(text: str) -> str:
    """Give the column that a text is the head of: agency, city, state or hot list; else nothing."""
    return _HEADS.get(squash(text), "")


def is_misread_head(text: str) -> bool:
    """Tell whether a scanned text, with its colon, is like the head of a column."""
    return ":" in text and max(likeness(head, squash(text)) for head in _HEADS) >= _ALIKE_THERE


def is_none(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the word None of an empty section."""
    squashed = squash(piece.text)
    misread = page.scanned and _is_centered(piece, page) and likeness("none", squashed) >= _ALIKE_THERE
    return squashed == "none" or misread


# --- banner and footer ---


def is_title(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the title in the banner."""
    if not _is_at_top(piece, page):
        return False
    squashed = squash(piece.text)
    misread = page.scanned and _is_centered(piece, page) and likeness(_TITLE, squashed) >= _ALIKE_THERE
    return squashed == _TITLE or misread


def is_logo(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the letters of a logo, read by OCR."""
    squashed = squash(piece.text)
    return page.scanned and _is_at_top(piece, page) and any(likeness(logo, squashed) >= _ALIKE for logo in _LOGOS)


def is_footer(piece: Piece, page: Page) -> bool:
    """Tell whether a piece is the date, the title or the page number at the edge of a page."""
    text = plain(piece.text)
    at_edge = not _MARGIN < piece.center / page.height < 1 - _MARGIN
    return at_edge and bool(_created(text) or _LABEL.search(text) or _PAGE.search(text) or product(piece, page))


def product(piece: Piece, page: Page) -> str:
    """Give the title with the product's name, if a piece is that: `LEARN Agency Data Sharing Report`."""
    text = _PAGE.sub("", _undated(plain(piece.text))).strip()
    if _PRODUCT.fullmatch(text):
        return text
    title = "agency" + _TITLE
    squashed = squash(text) if page.scanned else ""
    if len(squashed) < len(title) - 2 or likeness(title, squashed[-len(title) :]) < _ALIKE:
        return ""
    name = squashed[: -len(title)]
    return f"{max(_PRODUCTS, key=lambda one: likeness(squash(one), name))} Agency Data Sharing Report"


def date(footer: str) -> str:
    """Give the ISO date of a footer; nothing where it has none that is in the calendar."""
    found = _created(plain(footer))
    if not found:
        return ""
    month = found["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    try:
        return calendar_date(int(found["year"][-2:]) + 2000, number, int(found["day"])).isoformat()
    except ValueError:
        return ""


def _created(text: str) -> re.Match[str] | None:
    """Find the date behind the words Date Created."""
    label = _CREATED.search(text)
    return next((found for form in _DATES if label and (found := form.match(text, label.end()))), None)


def _undated(text: str) -> str:
    """Give a footer without its date."""
    found, label = _created(text), _CREATED.search(text)
    return text[: label.start()] + text[found.end() :] if found and label else text


def page_number(footer: str) -> tuple[int, int]:
    """Give the number of a footer and of how many it is, 0 for what it does not say."""
    found = _PAGE.search(plain(footer))
    return (int(found["number"]), int(found["total"] or 0)) if found else (0, 0)


def _is_at_top(piece: Piece, page: Page) -> bool:
    return piece.center > (1 - _MARGIN) * page.height


def _is_centered(piece: Piece, page: Page) -> bool:
    return abs(piece.middle / page.width - 0.5) < _CENTERED


def likeness(known: str, read: str) -> float:
    """Tell how like a known text is what was read, 0 to 100."""
    if known == read:
        return 100.0
    from rapidfuzz.fuzz import ratio

    return ratio(known, read)


def _part_likeness(known: str, read: str) -> float:
    """Tell how like a known text is the part of what was read that is most like it, 0 to 100."""
    from rapidfuzz.fuzz import partial_ratio

    return partial_ratio(known, read)
