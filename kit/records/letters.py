"""How the letters of names look: what readers and printers mix up, and texts that are alike by it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Letters and figures that printers and readers mix up are folded into one.
_ALIKE = str.maketrans("lI1|!0582Z64", "iiiiiosbzzga")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("fi", "f"), ("ff", "f"), ("tt", "f"))
# Letters that look alike under a speck.
_ROUND = "aceo"
_BARRED = str.maketrans("łŁøØđı", "lLoOdi")


def plain(text: str) -> str:
    """Give a text without accents: a speck over a letter reads as one."""
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFD", text.translate(_BARRED))
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


def fold(text: str) -> str:
    """Give a text with look-alike letters made one, without accents, spaces and marks.

    A small l is like an I, a large one is not: the case counts.
    """
    folded = "".join(sign for sign in plain(text).translate(_ALIKE).lower() if sign.isalnum())
    for pair, one in _PAIRS:
        folded = folded.replace(pair, one)
    return folded


def specked(text: str) -> re.Pattern[str]:
    """Give the pattern of what a text can be whose letters with accents are round ones under a speck."""
    signs = (re.escape(sign) if sign.isascii() else f"[{re.escape(plain(sign))}{_ROUND}]" for sign in text)
    return re.compile("".join(signs), re.IGNORECASE)


def stripped(word: str) -> str:
    """Give a word without the brackets and commas around it."""
    return word.strip("(),")


def letters_of(name: str) -> str:
    """Give the letters and figures of a name, small."""
    return "".join(sign for sign in plain(name).lower() if sign.isalnum())


def unspaced(name: str) -> str:
    """Give a name without its spaces."""
    return name.replace(" ", "")


def indexed(words: Iterable[str], key: Callable[[str], str]) -> dict[str, set[str]]:
    """Gather words by what is alike in them."""
    index: dict[str, set[str]] = defaultdict(set)
    for word in words:
        index[key(word)].add(word)
    return dict(index)


def nearest(folded: str, index: Iterable[str], most: int, margin: int = 0) -> list[str]:
    """Give the keys that are nearest to a folded text, and those further by the margin, if any is near."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    found = process.extract(folded, list(index), scorer=Levenshtein.distance, score_cutoff=most + margin, limit=5)
    best = found[0][1] if found else most + 1
    return [key for key, away, _ in found if away <= best + (margin if best else 0)] if best <= most else []
