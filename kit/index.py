"""The index of all pages: what became of each place, its headline number, and which numbers changed."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit.ap import ap_date
from kit.report import seal, write_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

STATUSES = {
    "failed": "Failed",
    "changed": "Changed",
    "new": "New",
    "same": "Same as before",
    "no data": "Nothing certain in the newest lists",
}
"""What may have become of a place, in the order of the index."""

_FIGURE = ".figure.json"
_PICTURES = 330_000
"""Bytes that the pictures of an index may take in all, before base64."""
_TRIES = ((200, 60), (160, 50), (120, 40), (96, 30))
"""Longest side in pixels and quality of a picture, tried until it is small enough."""
_SHOWN = 4
"""Changed numbers that stand in a card; the others are counted."""


@dataclass(frozen=True)
class Change:
    """A number that is not what it was before: what it counts, and both as text."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Card:
    """A place in the index: its slug is its folder; `what`, `where` and `do` are said of a failure."""

    place: str
    slug: str
    status: str
    has_page: bool
    number: str = ""
    says: str = ""
    as_of: str = ""
    changes: tuple[Change, ...] = ()
    what: str = ""
    where: str = ""
    do: str = ""


@dataclass(frozen=True)
class Picture:
    """A small picture of a place, as an address with the bytes inside, its size, and what it shows in words."""

    href: str
    width: int
    height: int
    alt: str


def write_index(figures: Path, cards: Sequence[Card]) -> Path:
    """Write `index.html`: failed and changed places first, each with its number, picture and what changed.

    Sealed as the pages are. RunError where it cannot be written; the former index then stays.
    """
    from kit.page.foreign import Foreign

    budget = _PICTURES // max(1, len(cards))
    ordered = sorted(cards, key=lambda card: (list(STATUSES).index(card.status), card.place))
    groups = [
        (name, words, [(card, picture(figures / card.slug, budget)) for card in ordered if card.status == name])
        for name, words in STATUSES.items()
    ]
    html = seal(
        "index.html.j2",
        Foreign(),
        groups=[group for group in groups if group[2]],
        count=len(cards),
        newest=ap_date(max((card.as_of for card in cards if card.as_of), default="")),
        shown=_SHOWN,
    )
    return write_html(html, figures / "index.html")


def picture(folder: Path, largest: int) -> Picture | None:
    """Make the small picture of a place from its first still map; None where it has none.

    What stands above and below the drawing itself (words, key, source) is cut off: it could not be read.
    """
    from PIL import Image

    for said in still_maps(folder):
        try:
            with Image.open(folder / f"{said['name']}.png") as whole:
                drawing = _drawing(whole.convert("RGB"))
        except OSError:
            continue
        for side, quality in _TRIES:
            small = drawing.copy()
            small.thumbnail((side, side))
            packed = io.BytesIO()
            small.save(packed, "WEBP", quality=quality, method=6)
            if packed.tell() <= largest:
                data = base64.b64encode(packed.getvalue()).decode()
                return Picture(f"data:image/webp;base64,{data}", small.width, small.height, said["alt"])
    return None


def still_maps(folder: Path) -> Iterator[dict[str, str]]:
    """Give the still maps of a folder: the name of each, and its alt text."""
    for path in sorted(folder.glob(f"*{_FIGURE}")):
        said = json.loads(path.read_text(encoding="utf-8"))
        if "map" in said["kind"]:
            yield {"name": path.name.removesuffix(_FIGURE), "alt": said["alt"]}


def _drawing(whole: Image) -> Image:
    """Cut the highest part out of a picture that has no empty line in it, and its empty sides off."""
    from PIL.Image import Resampling

    ink = whole.convert("L").point(lambda light: 255 if light < 245 else 0)
    rows = ink.resize((1, ink.height), resample=Resampling.BOX).tobytes()
    highest, top = (0, 0), None
    for at, dark in enumerate((*rows, 0)):
        if dark and top is None:
            top = at
        elif not dark and top is not None:
            highest, top = max(highest, (top, at), key=lambda part: part[1] - part[0]), None
    part = (0, highest[0], whole.width, highest[1] or whole.height)
    sides = ink.crop(part).getbbox() or (0, 0, whole.width, part[3] - part[1])
    return whole.crop((sides[0], part[1] + sides[1], sides[2], part[1] + sides[3]))
