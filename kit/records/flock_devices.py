"""A Flock device list, printed from the browser to PDF.

What the list is. A record for each network whose cameras the owner may use: Name, Relationship, Access,
Search, Hotlist Tool. Two prints of it are read: a table with these five as column names, on the first page or
on each; and records one below the other, each a run of the five labels with their values. A name may run over
several lines, hold a count of cameras (`Adrian MI PD (24)`, `24 cameras`), and a record may break across pages.

No list of this kind was at hand when the reader was written; it takes them plainly: a listed network is one
that the owner receives from, unless its relationship says that it is shared out, or both ways, or that it is the
owner's own (left out). What stands under Access, Search and Hotlist Tool, and the count of cameras, go to the
facts; a row is about the network as a whole. A print that is a picture is not told by its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.persons import entry
from kit.records.record import Direction, LeftOut, Record, Row, sha256_of
from kit.records.sheets import tidy
from kit.records.words import date_in, directions_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kit.records.pages import Page
    from kit.records.textlayer import Piece

TITLE = "Flock device lists (PDF)"

_LABELS = ("name", "relationship", "access", "search", "hotlist tool")
_LABEL = re.compile(
    r"^(?P<label>name|relationship|access|search|hot ?list tool)\s*(?P<colon>:?)\s*(?P<value>.*)$", re.IGNORECASE
)
_LOOKED_AT = 3  # pages in which the labels must show
_LEVEL = 5.0  # points: tops that differ less stand on one line
_SAME_NAME = 1.75  # in letter heights: lines closer than this are one name
_MARGIN = 0.06  # of the page's height: where a browser prints date, title, address and page number
_PRINTED = re.compile(r"https?://|^\d{1,2}/\d{1,2}/\d{2,4}\b|^(page )?\d+\s*(/|of)\s*\d+$|^flock\b", re.IGNORECASE)
_COUNT = re.compile(
    r"""\s*[(\[]\s*(?P<count>\d[\d,]*)\s*(?:cameras?|devices?|cams?)?\s*[)\]]$
      | [\s,:–-]+(?P<counted>\d[\d,]*)\s+(?:cameras?|devices?|cams?)$""",
    re.IGNORECASE | re.VERBOSE,
)
_OWN = re.compile(r"\b(own|owned|owner|mine|my|self|ours?)\b", re.IGNORECASE)


@dataclass
class _Device:
    """One record of the list: the text under each label, and the page that it starts on."""

    page: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, label: str, text: str) -> None:
        """Put another line under a label."""
        self.fields.setdefault(label, []).append(text)

    def get(self, label: str) -> str:
        """Give the text under a label as one line."""
        return tidy(" ".join(self.fields.get(label, ())))


def reads(path: Path, head: bytes) -> bool:
    """Tell whether the first pages of a PDF have the labels of a device list."""
    from kit.records.pages import layers

    if b"%PDF-" not in head[:1024]:
        return False
    try:
        texts = [page.text for page in islice(layers(path), _LOOKED_AT)]
    except Exception:  # noqa: BLE001  (what is wrong with a PDF is for the reader of PDFs to say)
        return False
    text = " ".join(" ".join(texts).casefold().split())
    return "relationship" in text and ("hotlist tool" in text or "hot list tool" in text)


def read(path: Path) -> Record:
    """Read a device list; RecordError where no record is found in it."""
    from kit.records.pages import read_pages

    pages = read_pages(path)
    left_out: list[LeftOut] = []
    printed: list[str] = []
    devices = list(_devices(pages, left_out, printed))
    rows = [row for device in devices for row in _rows(device, left_out)]
    if not rows:
        raise RecordError("The device list has no record that can be read.", str(path), "Ask for it as a spreadsheet.")
    date = max(map(date_in, printed), default="")
    facts = [(device.get("name"), text) for device in devices if (text := _fact(device))]
    return Record(
        family="flock-devices",
        system="flock",
        owner="",
        date=date,
        title="Flock device list",
        pages=len(pages),
        sha256=sha256_of(path),
        rows=tuple(rows),
        left_out=tuple(left_out),
        notes=("The device list does not say whose it is.", *(() if date else ("The device list bears no date.",))),
        facts=tuple(facts),
    )


def _devices(pages: Sequence[Page], left_out: list[LeftOut], printed: list[str]) -> Iterator[_Device]:
    """Give the records of either print; collect what a browser prints around them."""
    bodies = [(page.number, list(_body(page, printed))) for page in pages]
    if any(_heads(body) for _, body in bodies):
        yield from _table(bodies, left_out)
    else:
        yield from _stacked((piece for _, body in bodies for piece in body), left_out)


def _body(page: Page, printed: list[str]) -> Iterator[Piece]:
    """Give the pieces of a page without what the browser prints in its margins."""
    for piece in page.pieces:
        edge = min(piece.bottom, page.height - piece.top)
        if _PRINTED.search(piece.text) and edge < _MARGIN * page.height:
            printed.append(piece.text)
        else:
            yield piece


def _stacked(pieces: Iterable[Piece], left_out: list[LeftOut]) -> Iterator[_Device]:
    """Read records one below the other: a label, then its value, on the same line or the next."""
    device: _Device | None = None
    label = ""
    for piece in pieces:
        text, found = piece.text, _LABEL.match(piece.text)
        if found and (found["colon"] or not found["value"]):
            label, text = _label(found["label"]), found["value"]
            if label == "name":
                yield from [device] if device else []
                device = _Device(piece.page)
        if device is None:
            left_out.append(LeftOut(f"p{piece.page}", text, "stands before the first record"))
        else:
            device.add(label, text)
    yield from [device] if device else []


def _table(bodies: Sequence[tuple[int, list[Piece]]], left_out: list[LeftOut]) -> Iterator[_Device]:
    """Read a table page by page; the two halves of a record that breaks across pages become one."""
    heads: dict[str, Piece] = {}
    open_: _Device | None = None
    for _, body in bodies:
        here = _heads(body)
        top = max((head.top for head in here.values()), default=0.0 if not heads else inf)
        above = [piece for piece in body if piece.bottom > top]
        left_out += [LeftOut(f"p{piece.page}", piece.text, "stands above the column names") for piece in above]
        heads = here or heads
        cells = [piece for piece in body if piece not in above and not _is_head(piece)]
        for device in _blocks(cells, heads):
            if open_ and not (_is_whole(open_) and _is_whole(device)) and open_.page != device.page:
                for label, texts in device.fields.items():
                    open_.fields.setdefault(label, []).extend(texts)
                continue
            yield from [open_] if open_ else []
            open_ = device
    yield from [open_] if open_ else []


def _heads(body: Sequence[Piece]) -> dict[str, Piece]:
    """Find the column names: three of the labels or more on one line."""
    labels = [piece for piece in body if _is_head(piece)]
    for piece in labels:
        line = [other for other in labels if abs(other.top - piece.top) < _LEVEL]
        if len(line) >= 3:
            return {_label(other.text): other for other in line}
    return {}


def _label(text: str) -> str:
    return text.casefold().replace("hot list", "hotlist")


def _is_head(piece: Piece) -> bool:
    return _label(piece.text) in _LABELS


def _is_whole(device: _Device) -> bool:
    return bool(device.get("name") and device.get("relationship"))


def _blocks(cells: Sequence[Piece], heads: dict[str, Piece]) -> list[_Device]:
    """Cut a page into records, top to bottom: where lines stand apart, and where a line has another relationship."""
    devices: list[_Device] = []
    last: Piece | None = None
    for line in _lines(cells):
        found = [(_column(piece, heads), piece.text) for piece in line]
        gap = (last.center - line[0].center) / max(line[0].height, 1.0) if last else 0.0
        related = any(label == "relationship" for label, _ in found)
        if last is None or gap > _SAME_NAME or (related and devices[-1].get("relationship")):
            devices.append(_Device(line[0].page))
        for label, text in found:
            devices[-1].add(label, text)
        last = line[0]
    return devices


def _lines(cells: Iterable[Piece]) -> list[list[Piece]]:
    """Group the pieces that stand on one line, top to bottom, each line from the left."""
    lines: list[list[Piece]] = []
    for piece in sorted(cells, key=lambda one: -one.center):
        if lines and lines[-1][0].center - piece.center < _LEVEL:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda one: one.left) for line in lines]


def _column(piece: Piece, heads: dict[str, Piece]) -> str:
    """Give the label of the column that a piece stands in, be its cells set left or centered."""
    return min(heads, key=lambda one: min(abs(heads[one].left - piece.left), abs(heads[one].middle - piece.middle)))


def _rows(device: _Device, left_out: list[LeftOut]) -> Iterator[Row]:
    """Give a record as a row, or two where the data goes both ways."""
    name, flags = entry(_COUNT.sub("", device.get("name")))
    relationship, at = device.get("relationship"), f"p{device.page}"
    shown = " | ".join(filter(None, (name, relationship)))
    if not name:
        left_out.append(LeftOut(at, shown or "a record", "no name in the record"))
    elif _OWN.search(relationship) and not directions_in(relationship):
        left_out.append(LeftOut(at, shown, "the owner's own network"))
    else:
        ways: tuple[Direction, ...] = () if relationship.casefold() == "shared" else directions_in(relationship)
        for way in ways or ("receives_from",):
            yield Row(name, way, "network", at, flags=flags)


def _fact(device: _Device) -> str:
    """Give what a record says besides its name and relationship."""
    found = _COUNT.search(device.get("name"))
    cameras = [f"{found['count'] or found['counted']} cameras"] if found else []
    rest = [f"{label}: {text}" for label in _LABELS[1:] if (text := device.get(label))]
    return "; ".join((*cameras, *rest))
