"""A Flock transparency portal, saved from the browser as HTML.

What a page is. The agency's name in its heading, the date of the last update, and boxes in which an element
of the class `label` is followed by one of the class `value`: policies, days of retention, cameras, vehicles,
hits and searches in 30 days, and the organizations with access, all in one value with commas between. These
are the rows; the other boxes are the facts. A file to download from the page, such as a log of searches, is
not taken.

A comma may stand inside a name (`University of California, Berkeley`): such names are told by the order
of the alphabet, which they break, or by what stands behind the comma (`Danville, CA PD`).

Nothing is loaded: a page's scripts, pictures and links are not followed.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.persons import entry
from kit.records.record import Direction, LeftOut, Record, Row, sha256_of
from kit.records.sheets import decoded, text_encoding, tidy
from kit.records.words import date_in, directions_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lxml.html import HtmlElement

TITLE = "Flock transparency portals (HTML)"

_LARGEST = 20_000_000  # bytes; a page with its pictures has some 300,000
_MOST_ATTRIBUTES = 1_000  # of one element; the parser's time grows with their square
_LONG_TAG = re.compile(rb"<[^<>]{8000,}>")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")

_SAVE_AGAIN = "Open it in a browser, wait until the list is there, and save it as a complete web page."

_LIST = re.compile(r"\b(organi[sz]ations?|agencies|networks)\b.*\b(access|shar\w+|receiv\w+)\b", re.IGNORECASE)
_OWNER = (
    re.compile(r"Flock Safety\s*[-–|]\s*(?P<owner>.+?)\s*Transparency Portal", re.IGNORECASE),
    re.compile(r"access to (?P<owner>.+?)(?:'s)? data", re.IGNORECASE),
)
_UPDATED = re.compile(r"last updated:?\s*(?P<date>.{0,40})", re.IGNORECASE)
_NONE = {"none", "n/a", "0", "-", "no organizations"}
_FOLDED = re.compile(r"^(\+|and)?\s*[\d,]+ (more|others)|^(show|see|view) (more|all)", re.IGNORECASE)
_IS_FOLDED = "not a name: the list is folded"
_BLOCKS = {"li", "p", "div", "br", "tr", "td"}

# A comma outside brackets.
_COMMA = re.compile(r",(?![^()]*\))")
# Behind the comma of one name: a state, or the kind of a company.
_TAIL = re.compile(r"^([A-Z]{2}(\s+(PD|SO|SD|DPS|Police|Sheriff\b.*))?|Inc|LLC|L\.L\.C|Ltd|LP|Corp|Co)\.?$")
# Before it: a university whose campuses have names of their own, with no state or body behind it.
_CAMPUSES = re.compile(
    r"^(University of [A-Z][\w ]+|[A-Z][\w ]+ State University|State University of [\w ]+|Texas A&M University)$"
)
_SORTED = 0.9  # share of neighbors in order from which a list counts as sorted


def reads(path: Path, head: bytes) -> bool:
    """Tell whether this is a saved page of a portal."""
    encoding = text_encoding(head)
    if not encoding or head.decode(encoding, "ignore").lstrip("\ufeff \r\n\t")[:1] != "<":
        return False
    text = decoded(path, encoding, _LARGEST).casefold()
    return "transparency portal" in text and "flock" in text


def read(path: Path) -> Record:
    """Read a page; RecordError where it has no list of organizations."""
    page = _page(path)
    fields = list(_fields(page))
    lists = [(label, value) for label, value in fields if _LIST.search(label)]
    files = [(label, value) for label, value in fields if value.xpath(".//a[@download]")]
    left_out = [_download(label) for label, _ in files]
    facts = [(label, _words(value)) for label, value in fields if (label, value) not in lists + files]
    rows: list[Row] = []
    empty: list[Direction] = []
    notes: list[str] = []
    for label, value in lists:
        way = (*directions_in(label), "shares_with")[0]
        names, joined = _names(value)
        left_out += [LeftOut(_at(number), name, _IS_FOLDED) for number, name in names if _FOLDED.match(name)]
        named = [one for one in names if one[1].casefold() not in _NONE and not _FOLDED.match(one[1])]
        rows += [_row(name, way, number) for number, name in named]
        empty += [] if named else [way]
        notes += [f"Read as one name: {', '.join(joined)}."] if joined else []
    if not rows and not empty:
        raise RecordError(
            "The portal's page has no list of organizations with access.",
            str(path),
            _SAVE_AGAIN,
        )
    owner, updated = _owner(page, fields), _updated(page)
    return Record(
        family="flock-portal",
        system="flock",
        owner=owner,
        date=date_in(updated),
        title="Flock Safety Transparency Portal",
        pages=1,
        sha256=sha256_of(path),
        rows=tuple(rows),
        left_out=tuple(left_out),
        notes=(*notes, *_lacks(path, owner, updated, left_out)),
        empty_sections=tuple((way, "network") for way in empty),
        facts=(("Last updated", updated), *_sections(page), *facts),
    )


def _page(path: Path) -> HtmlElement:
    """Parse a page; RecordError where it is too large, made to stall a parser, or empty."""
    from lxml.etree import LxmlError, strip_elements
    from lxml.html import HTMLParser, document_fromstring

    text = decoded(path, text_encoding(path.read_bytes()[:4096]) or "utf-8", _LARGEST + 1)
    raw = text.replace("\0", "").encode("utf-8", "replace")
    if len(raw) > _LARGEST or any(map(_stalls, _LONG_TAG.findall(raw))):
        raise RecordError("The page is larger than any portal's.", str(path), _SAVE_AGAIN)
    try:
        parser = HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
        page: HtmlElement = document_fromstring(raw, parser=parser)
    except (LxmlError, ValueError) as cause:
        raise RecordError("The page is damaged or cut off.", str(path), _SAVE_AGAIN) from cause
    strip_elements(page, "script", "style", "noscript", "template", with_tail=False)
    return page


def _stalls(tag: bytes) -> bool:
    return len(_QUOTED.sub(b"", tag).split()) > _MOST_ATTRIBUTES


def _words(element: HtmlElement) -> str:
    """Give all the text of an element as one line, however long."""
    return " ".join(filter(None, map(tidy, " ".join(element.itertext()).split())))


def _fields(page: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """Give each label with its value: by their classes, or the list's by its words."""
    label = ""
    labeled = False
    for element in page.iter():
        classes = element.get("class", "").split()
        if "label" in classes:
            label, labeled = _words(element), True
        elif "value" in classes and label:
            yield label, element
            label = ""
    if not labeled:
        texts = [element for element in page.iter() if (element.text or "").strip() or len(element) > 1]
        for before, after in pairwise(texts):
            if len(before.text or "") < 200 and _LIST.search(before.text or "") and (after.text or "").strip():
                yield tidy(before.text or ""), after


def _names(value: HtmlElement) -> tuple[list[tuple[int, str]], list[str]]:
    """Give the names of a list, numbered, and those that hold a comma: an element each, or with commas between."""
    if any(child.tag in _BLOCKS for child in value.iter() if child is not value):
        names = [name for text in value.itertext() if (name := tidy(text).strip(" ,"))]
        return list(enumerate(names, start=1)), []
    names, joined = split_names(" ".join(value.itertext()))
    return list(enumerate(names, start=1)), joined


def split_names(text: str) -> tuple[list[str], list[str]]:
    """Split a line of names at its commas; give the names, and those among them that hold a comma."""
    parts = [part for part in _COMMA.split(text) if tidy(part)]
    plain = [tidy(part) for part in parts]
    order = [one.casefold() <= other.casefold() for one, other in pairwise(plain)]
    in_order = sum(order) >= _SORTED * len(order)
    names: list[str] = []
    joined: dict[int, str] = {}
    for part, name, after in zip(parts, plain, [*plain[1:], ""], strict=False):
        if names and (_TAIL.match(name) or _is_campus(names[-1], name, after, in_order=in_order)):
            names[-1] += f",{' ' if part[:1].isspace() else ''}{name}"
            joined[len(names)] = names[-1]
        else:
            names.append(name)
    return names, list(joined.values())


def _is_campus(before: str, name: str, after: str, *, in_order: bool) -> bool:
    """Tell whether a name goes on behind the comma: in a sorted list it stands where it would not by itself."""
    if not _CAMPUSES.match(before):
        return False
    if in_order:
        return name.casefold() < before.casefold() and (not after or after.casefold() >= before.casefold())
    return re.search(r"\b([A-Z]{2,}|Police|Sheriff\w*|University|County|City)\b", name) is None


def _row(name: str, way: Direction, number: int) -> Row:
    partner, flags = entry(name)
    return Row(partner, way, "network", _at(number), flags=flags)


def _at(number: int) -> str:
    """Name the place of an organization in the list: a page has no rows that an editor could count by."""
    return f"Organizations!{number}"


def _download(label: str) -> LeftOut:
    return LeftOut("p1", label, "a file to download, which may hold users and searches: not taken", 0)


def _owner(page: HtmlElement, fields: Sequence[tuple[str, HtmlElement]]) -> str:
    """Give the agency by the heading, else the title, else the label of the list."""
    heads = [name for head in page.iter("h1") if (name := _words(head)) and "portal" not in name.casefold()]
    titles = [_words(title) for title in page.iter("title")] + [label for label, _ in fields]
    found = [match["owner"] for text in titles for pattern in _OWNER if (match := pattern.search(text))]
    return (*heads, *map(tidy, found), "")[0][:300]


def _updated(page: HtmlElement) -> str:
    """Give the date of the last update as printed, else as the page's code has it."""
    found = _UPDATED.search(_words(page))
    printed = tidy(found["date"]) if found else ""
    codes = [code for element in page.iter() if date_in(code := element.get("title", ""))] if found else []
    stamp = re.match(r".*?\d{4}\b", printed)
    return stamp[0] if stamp and date_in(stamp[0]) else (*codes, printed)[0][:10]


def _sections(page: HtmlElement) -> Iterator[tuple[str, str]]:
    """Give the boxes of plain text under a heading, such as the overview."""
    for head in page.find_class("sectionHeader"):
        box = head.getnext()
        if box is not None and not box.find_class("label") and _words(box):
            yield _words(head), _words(box)


def _lacks(path: Path, owner: str, updated: str, left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Say what the page lacks."""
    if b"</html" not in path.read_bytes().replace(b"\0", b"").lower():
        yield "The page has no end: it may be cut off, and names missing."
    if not owner:
        yield "The page does not say whose it is."
    if not date_in(updated):
        yield "The page bears no date."
    if any(item.reason == _IS_FOLDED for item in left_out):
        yield "The list was folded when the page was saved; names are missing."
