"""The pages of a PDF as pieces of text where they stand, from the text layer or by OCR.

A page that is a picture is read by OCR. Where a scanner put its own reading behind the picture, the two
are compared line by line, and the one with more words that exist is taken.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, sin
from typing import TYPE_CHECKING

from kit.errors import RecordError
from kit.records.apart import apart
from kit.records.mending import known_names
from kit.records.record import clean, stamp_of
from kit.records.textlayer import PAGE_SIDE, Piece, TextLayer, in_order, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pypdfium2 import PdfDocument, PdfPage

    from kit.records.mending import Names
    from kit.records.ocr import Line, Reading

_AGAIN = "Download it again, or ask for it again."
_DPI = 150
# A page with less text than that, under pictures that fill as much of it, bears a stamp, not its content.
_FEW_PIECES = 5
_PICTURE_SHARE = 0.6
# Shares of letters among signs, and of vowels among letters, between which text can be words.
_LETTERS = 0.35
_NO_LETTER = re.compile(r"[\W\d_]+")
_VOWELS = (0.2, 0.65)
# The scanner's reading is taken for a line only where it is clearly the better.
_BETTER = 0.05


@dataclass(frozen=True)
class Page:
    """A page: its number in the file, its size upright, its pieces, and whether it was a picture.

    `text` is its text in the order of the file, with the ends of lines.
    """

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]
    scanned: bool
    text: str = ""


MOST_PAGES = 1000
"""More than any report has; a list of 10,000 names fills 419."""

MOST_PIECES = 60_000
"""More than a list of 10,000 names has where each word is a piece."""


def open_pdf(path: Path) -> PdfDocument:
    """Open a PDF; RecordError where it is locked, damaged or without pages. Only for what is done apart."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        pdf = PdfDocument(path)
    except PdfiumError as cause:
        locked = "password" in str(cause).lower()
        what = "The PDF is locked with a password." if locked else "The PDF is damaged or cut off."
        raise RecordError(what, str(path), "Ask the agency for a copy without one." if locked else _AGAIN) from cause
    if not len(pdf):
        raise RecordError("The PDF has no pages.", str(path), _AGAIN)
    if len(pdf) > MOST_PAGES:
        raise RecordError(
            f"The PDF has {len(pdf):,} pages; no list is of that length.", str(path), "Send the list alone."
        )
    return pdf


def layers(path: Path) -> Iterator[Page]:
    """Give each page as its text layer has it, without OCR; `scanned` says that this will not do."""
    read = _layers(path, stamp_of(path))
    if isinstance(read, RecordError):
        raise read
    yield from read


# Readers look at pages to know their own, and then read all: no file is read, or refused, twice.
@lru_cache(maxsize=1)
def _layers(path: Path, _stamp: tuple[int, int]) -> list[Page] | RecordError:
    import pypdfium2  # noqa: F401  (loaded once, not in each process of its own)

    try:
        return apart(str(path), _all_layers, path)
    except RecordError as error:
        return error


def _all_layers(path: Path) -> list[Page]:
    """Read all pages; RecordError where they hold more text than a list."""
    read: list[Page] = []
    pieces = 0
    with open_pdf(path) as pdf:
        for number in range(1, len(pdf) + 1):
            read.append(_made_as_text(_page(pdf, number, path), number))
            pieces += len(read[-1].pieces)
            if pieces > MOST_PIECES:
                what = f"The first {number} pages hold more text than a list of agencies."
                raise RecordError(what, str(path), "Send the pages of the list alone.")
    return read


def read_pages(path: Path, names: Names | None = None) -> list[Page]:
    """Read all pages; where several are pictures, with a progress bar if a terminal is watching.

    `names` tell which of two readings is the better: those that the kit knows, unless given.
    """
    pages = list(layers(path))
    pictures = [page.number for page in pages if page.scanned]
    read = {number: read_picture(path, number, names) for number in _watched(pictures)}
    return [read.get(page.number, page) for page in pages]


def _page(pdf: PdfDocument, number: int, path: Path) -> PdfPage:
    """Load a page; RecordError where it is damaged."""
    from pypdfium2 import PdfiumError

    try:
        return pdf[number - 1]
    except PdfiumError as cause:
        raise RecordError("A page of the PDF is damaged.", f"{path}, page {number}", _AGAIN) from cause


def _watched(numbers: Sequence[int]) -> Iterable[int]:
    """Show how far the slow reading of pictures has come."""
    if len(numbers) < 2 or not sys.stderr.isatty():
        return numbers
    from rich.console import Console
    from rich.progress import track

    return track(numbers, "Reading pages that are pictures", console=Console(stderr=True), transient=True)


def _made_as_text(page: PdfPage, number: int) -> Page:
    layer = TextLayer(page, number)
    pieces = layer.pieces()
    scanned = layer.is_hidden() or _is_picture(page, pieces)
    return Page(number, layer.width, layer.height, tuple(pieces), scanned, layer.text())


def _is_picture(page: PdfPage, pieces: Sequence[Piece]) -> bool:
    """Tell whether the text seen on a page is not its content: none, a stamp, gibberish, or under a picture."""
    from pypdfium2 import raw

    count = raw.FPDFPage_CountObjects(page)
    if not pieces:
        return bool(count)
    if _gibberish("".join(piece.text for piece in pieces)):
        return True
    last = raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, count - 1))
    if len(pieces) >= _FEW_PIECES and last != raw.FPDF_PAGEOBJ_IMAGE:
        return False
    pictures = [thing.get_bounds() for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])]
    area = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
    return bool(area > _PICTURE_SHARE * page.get_width() * page.get_height())


def _gibberish(text: str) -> bool:
    """Tell whether letters make no words: a font whose codes mean nothing, or a scanner's noise."""
    letters = len(_NO_LETTER.sub("", text))
    vowels = sum(map(text.lower().count, "aeiouy")) / max(1, letters)
    few = letters < _LETTERS * len(text.replace(" ", ""))
    return len(text) > 40 and (few or not _VOWELS[0] <= vowels <= _VOWELS[1])


# --- pages that are pictures ---


def read_picture(path: Path, number: int, names: Names | None = None) -> Page:
    """Read a page by OCR, with a scanner's own reading for the lines that it read better."""
    reading, layer = _seen(path, stamp_of(path), number)
    scale = max(layer.width, layer.height) / max(reading.width, reading.height)
    pieces = [_piece(line, number, reading.height, scale) for line in reading.lines]
    same_way = (layer.width > layer.height) == (reading.width > reading.height)
    words = [_leaned(word, layer, reading, scale) for word in layer.pieces] if same_way else []
    both = _better(pieces, words, names or known_names()) if words else pieces
    found = (piece for piece in both if piece.text)
    return Page(number, reading.width * scale, reading.height * scale, tuple(in_order(found)), scanned=True)


# Likewise.
@lru_cache(maxsize=32)
def _seen(path: Path, _stamp: tuple[int, int], number: int) -> tuple[Reading, Page]:
    """Read a page as a picture; give its text layer, word by word, too."""
    from PIL import Image

    from kit.records import ocr

    words, size, dots = apart(f"{path}, page {number}", _drawn, path, number)
    return ocr.read_picture(Image.frombytes("L", size, dots)), words


def _drawn(path: Path, number: int) -> tuple[Page, tuple[int, int], bytes]:
    """Give the words of a page, and its picture: width and height, and its dots in gray."""
    with open_pdf(path) as pdf:
        page = _page(pdf, number, path)
        layer = TextLayer(page, number)
        words = Page(number, layer.width, layer.height, tuple(layer.words()), scanned=True)
        scale = min(_DPI / 72, _DPI / 72 * PAGE_SIDE / max(page.get_size()))
        picture = page.render(scale=scale, grayscale=True).to_pil()
    return words, picture.size, picture.tobytes()


def _piece(line: Line, number: int, height: int, scale: float) -> Piece:
    """Give a line of OCR in points; full-width and joined letters become plain ones."""
    text = clean(unicodedata.normalize("NFKC", line.text))
    letters = tuple(edge * scale for edge in line.letters) if len(text) == len(line.letters) else ()
    bottom, top = (height - line.bottom) * scale, (height - line.top) * scale
    return Piece(number, line.left * scale, bottom, line.right * scale, top, text, letters)


def _leaned(word: Piece, layer: Page, reading: Reading, scale: float) -> Piece:
    """Move a word of the text layer to where it stands once the skewed picture lies level."""
    grow = reading.width * scale / layer.width
    x, y = word.middle - layer.width / 2, word.center - layer.height / 2
    turned_x = x * cos(reading.slant) - y * sin(reading.slant)
    turned_y = x * sin(reading.slant) + y * cos(reading.slant)
    across, up = (turned_x - x) * grow, (turned_y - y) * grow
    left, right, bottom, top = (side * grow for side in (word.left, word.right, word.bottom, word.top))
    return replace(word, left=left + across, right=right + across, bottom=bottom + up, top=top + up, letters=())


def _better(pieces: Sequence[Piece], words: Sequence[Piece], names: Names) -> list[Piece]:
    """Take for each line the reading with more words that exist; add words that OCR did not see.

    A line of OCR that can be mended to words that exist is kept: its faults are known, and a scanner's
    may be another name.
    """
    chosen: list[Piece] = []
    used: set[Piece] = set()
    for piece in pieces:
        there = [word for word in words if _over(word, piece)]
        used.update(there)
        other = " ".join(word.text for word in sorted(there, key=lambda word: word.left))
        mended = names.share_known(names.mend(piece.text))
        better = bool(other) and names.share_known(names.mend(other)) > mended + _BETTER
        chosen.append(replace(piece, text=other, letters=()) if better else piece)
    missed = [word for word in words if word not in used and names.share_known(word.text)]
    return joined(in_order([*chosen, *missed])) if missed else chosen


def _over(word: Piece, piece: Piece) -> bool:
    """Tell whether a word of the layer stands where a line of OCR does."""
    level = abs(word.center - piece.center) < 0.6 * piece.height
    return level and piece.left - word.height < word.middle < piece.right + word.height
