"""The text layer of a PDF page as pieces where they stand, turned so that the text runs rightwards.

A piece is one text object of the PDF: mostly a line of a cell. An object that holds several cells is cut
at its wide gaps; a page whose text is stored word by word is joined to lines.
"""

from __future__ import annotations

from collections import Counter
from ctypes import CFUNCTYPE, c_int, c_void_p, cast
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import inf, pi
from typing import TYPE_CHECKING, NamedTuple

from kit.records.record import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pypdfium2 import PdfPage, PdfTextPage

PAGE_SIDE = 842.0
"""Points of a page's longer side; other sizes than A4 and Letter are scaled to it."""

# In points: pieces whose tops differ less stand on one line, from left to right.
_LEVEL = 4.0
# In letter heights: so wide a gap parts two cells inside one text object; a narrower one parts words, letters.
_CELL_GAP = 0.9
_WORD_GAP = 0.6
_LETTER_GAP = 0.12
# Letters of one word stand no further apart, and cover one another no more.
_OVERLAP = 0.4
# A piece so wide, as a share of the page, or so stretched, in heights a letter, may hold two cells.
_WIDE = 0.42
_STRETCHED = 0.95
# Share of pieces with another close behind from which a page is taken to be stored word by word.
_WORD_BY_WORD = 0.3
# Letters an object, below which a page is taken to be stored letter by letter.
_LETTER_BY_LETTER = 2.5
# Letters of a page that are asked how they run and whether they are to be seen.
_SAMPLE = 30
_NO_INK = {3, 7}  # PDF's ways to set text that is not to be seen


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and where it stands, in points from the lower left corner of the upright page.

    `letters` has the left edge of each letter where that is known; else it is empty.
    """

    page: int
    left: float
    bottom: float
    right: float
    top: float
    text: str
    letters: tuple[float, ...] = ()

    @property
    def middle(self) -> float:
        """Half-way between left and right."""
        return (self.left + self.right) / 2

    @property
    def center(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    def edges(self) -> tuple[float, ...]:
        """Give the left edge of each letter, evenly spread where it is not known."""
        step = (self.right - self.left) / max(1, len(self.text))
        return self.letters or tuple(self.left + i * step for i in range(len(self.text)))

    def cut(self, letter: int) -> tuple[Piece, Piece]:
        """Cut the piece before a letter."""
        edge = self.edges()[letter]
        left, right = self.text[:letter].rstrip(), self.text[letter:].lstrip()
        return replace(self, right=edge, text=left, letters=()), replace(self, left=edge, text=right, letters=())


class _Letter(NamedTuple):
    """A letter and where it stands; without text, a sign that is not seen, such as a space."""

    left: float
    bottom: float
    right: float
    top: float
    text: str


def in_order(pieces: Iterable[Piece]) -> list[Piece]:
    """Sort top to bottom, then left to right."""
    return sorted(pieces, key=lambda piece: (-round(piece.top / _LEVEL), piece.left))


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join pieces, in order, that stand on one line no further apart than words do."""
    lines: list[Piece] = []
    for piece in pieces:
        gap = _gap(lines[-1], piece) if lines else inf
        lines[-1:] = [_one(lines[-1], piece, gap)] if gap < _WORD_GAP else [*lines[-1:], piece]
    return lines


class TextLayer:
    """The text of one page; `width` and `height` are those of the page when it stands upright."""

    def __init__(self, page: PdfPage, number: int) -> None:
        self._text: PdfTextPage = page.get_textpage()
        self._box: tuple[float, float, float, float] = page.get_cropbox()
        self._number = number
        self._quarter = self._runs()
        wide, high = self._box[2] - self._box[0], self._box[3] - self._box[1]
        # A4, Letter and their like stay as they are, to the hundredth of a point.
        longest = max(wide, high, 1.0)
        self._scale = 1.0 if 700 <= longest <= 900 else PAGE_SIDE / longest
        turned = (high, wide) if self._quarter % 2 else (wide, high)
        self.width, self.height = turned[0] * self._scale, turned[1] * self._scale

    def pieces(self) -> list[Piece]:
        """Give the pieces, top to bottom."""
        things = self._things()
        by_letter = self._text.count_chars() < _LETTER_BY_LETTER * len(things)
        found = in_order(self.words() if by_letter else self._lines(things))
        close = sum(_gap(a, b) < _WORD_GAP for a, b in pairwise(found))
        return in_order(joined(found)) if close > _WORD_BY_WORD * len(found) else found

    def text(self) -> str:
        """Give all text in the order of the file, with the ends of lines."""
        return str(self._text.get_text_bounded())

    def words(self) -> list[Piece]:
        """Give the words one by one, for a layer whose words stand too close to be told apart by place."""
        words: list[list[_Letter]] = [[]]
        for letter in self._letters(range(self._text.count_chars())):
            last = words[-1][-1] if words[-1] else None
            apart = last and not -_OVERLAP < (letter.left - last.right) / max(last.top - last.bottom, 1.0) < _OVERLAP
            if last and (apart or not letter.text):
                words.append([])
            if letter.text:
                words[-1].append(letter)
        return [self._piece(letters) for letters in words if letters]

    def is_hidden(self) -> bool:
        """Tell whether most of the text is set not to be seen, as a scanner's reading is."""
        from pypdfium2 import raw

        things = [raw.FPDFText_GetTextObject(self._text, index) for index in self._sample()]
        hidden = [thing for thing in things if thing and raw.FPDFTextObj_GetTextRenderMode(thing) in _NO_INK]
        return len(hidden) > len(things) / 2

    def _runs(self) -> int:
        """Tell how the text runs: 0 rightwards, 1 upwards, 2 leftwards, 3 downwards."""
        from pypdfium2 import raw

        angles = [raw.FPDFText_GetCharAngle(self._text, index) for index in self._sample()]
        runs = Counter(-round(angle / (pi / 2)) % 4 for angle in angles)  # PDFium counts with the clock
        return runs.most_common(1)[0][0] if runs else 0

    def _sample(self) -> range:
        count = self._text.count_chars()
        return range(0, count, max(1, count // _SAMPLE))

    def _things(self) -> list[range]:
        """Give the places in the text of each text object; spaces that PDFium saw behind it go with it."""
        from pypdfium2 import raw

        # Asked for the bare address, PDFium answers ten times as fast.
        owner_of = cast(raw.FPDFText_GetTextObject, CFUNCTYPE(c_void_p, c_void_p, c_int))
        text = cast(self._text.raw, c_void_p)
        starts: list[int] = []
        last = None
        count = self._text.count_chars()
        for index in range(count):
            owner = owner_of(text, index)
            if owner and owner != last:
                starts.append(index)
                last = owner
        return [range(start, end) for start, end in pairwise([*starts, count])]

    def _lines(self, things: Iterable[range]) -> Iterator[Piece]:
        """Give each text object as one piece, or as those that its wide gaps part."""
        text = self._text.get_text_range(errors="replace")
        known = len(text) == self._text.count_chars()
        inked = [thing for thing in things if not known or clean(text[thing.start : thing.stop])]
        # PDFium gives one box an object; asking for each letter's takes ten times as long.
        boxes = [self._text.get_rect(index) for index in range(self._text.count_rects())]
        for index, thing in enumerate(inked):
            words = clean(text[thing.start : thing.stop])
            if known and len(boxes) == len(inked):
                piece = Piece(self._number, *self._turned(*boxes[index]), words)
                if self._is_one(piece) and "  " not in text[thing.start : thing.stop].rstrip():
                    yield piece
                    continue
            yield from self._cells([*self._letters(thing)])

    def _is_one(self, piece: Piece) -> bool:
        """Tell whether a piece is too short to hold two cells."""
        long = piece.right - piece.left
        return long < _WIDE * self.width and long < _STRETCHED * piece.height * len(piece.text)

    def _letters(self, indices: Iterable[int]) -> Iterator[_Letter]:
        """Give letters by their place in the text."""
        from pypdfium2 import raw

        for index in indices:
            letter = _seen(raw.FPDFText_GetUnicode(self._text, index))
            yield _Letter(*self._turned(*self._text.get_charbox(index)), letter)

    def _cells(self, letters: Sequence[_Letter]) -> Iterator[Piece]:
        """Cut the letters of a text object at its wide gaps."""
        inked = [letter for letter in letters if letter.text]
        height = max((one.top for one in inked), default=0.0) - min((one.bottom for one in inked), default=0.0)
        cell: list[_Letter] = []
        for letter in letters:
            last = next((one for one in reversed(cell) if one.text), None)
            if last and letter.text and letter.left - last.right > _CELL_GAP * height:
                yield self._piece(cell)
                cell = []
            cell.append(letter)
        if inked:
            yield self._piece(cell)

    def _piece(self, letters: Iterable[_Letter]) -> Piece:
        """Join letters, and what stands between them as single spaces."""
        text: list[str] = []
        edges: list[float] = []
        inked: list[_Letter] = []
        blank = False
        for letter in letters:
            if letter.text and blank and inked:
                text.append(" ")
                edges.append(inked[-1].right)
            if letter.text:
                text.append(letter.text)
                edges.append(letter.left)
                inked.append(letter)
            blank = not letter.text
        words = clean("".join(text))
        return Piece(
            self._number,
            min(letter.left for letter in inked),
            min(letter.bottom for letter in inked),
            max(letter.right for letter in inked),
            max(letter.top for letter in inked),
            words,
            tuple(edges) if len(edges) == len(words) else (),
        )

    def _turned(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """Turn a box of the page upright; it stays left, bottom, right, top."""
        x, y, far_x, far_y = self._box
        box = (
            (left - x, bottom - y, right - x, top - y),
            (bottom - y, far_x - right, top - y, far_x - left),
            (far_x - right, far_y - top, far_x - left, far_y - bottom),
            (far_y - top, left - x, far_y - bottom, right - x),
        )[self._quarter]
        return box[0] * self._scale, box[1] * self._scale, box[2] * self._scale, box[3] * self._scale


@cache
def _seen(code: int) -> str:
    """Give the letter of a code; nothing for one that is not seen, such as a space."""
    return clean(chr(code))


def _gap(one: Piece, other: Piece) -> float:
    """Give the gap between a piece and the next in letter heights; infinite where it is on another line."""
    height = max(one.height, other.height)
    level = abs(one.center - other.center) < 0.5 * height
    return (other.left - one.right) / height if level and other.left > one.left else inf


def _one(piece: Piece, other: Piece, gap: float) -> Piece:
    """Join two pieces; with a space where the gap is that of words."""
    space = (piece.right,) if gap > _LETTER_GAP else ()
    return replace(
        piece,
        right=other.right,
        bottom=min(piece.bottom, other.bottom),
        top=max(piece.top, other.top),
        text=f"{piece.text}{' ' if space else ''}{other.text}",
        letters=(*piece.edges(), *space, *other.edges()),
    )
