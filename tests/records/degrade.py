"""Real records made worse: printed to pictures, skewed, blurred, copied, and wrapped as PDFs without text.

The truth is the digital file. The same name and page give the same picture, whatever the order.
"""

from __future__ import annotations

import ctypes
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter
from pypdfium2 import PdfDocument, PdfImage, PdfMatrix, raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pypdfium2 import PdfPage


@dataclass(frozen=True)
class Damage:
    """What happens to a page: degrees of skew and turn, pixels of blur, share of specks, JPEG quality.

    `copies` is how often the page went through a copier that knows little but black and white;
    `margin` the points that were cut off on every side.
    """

    name: str
    dpi: int = 150
    skew: float = 0.0
    blur: float = 0.0
    specks: float = 0.0
    jpeg: int = 85
    copies: int = 0
    turn: int = 0
    margin: float = 0.0


DAMAGES = {
    damage.name: damage
    for damage in (
        Damage("print"),
        Damage("light", skew=0.5, blur=0.5, specks=0.0005, jpeg=60),
        Damage("light-200", dpi=200, skew=-0.7, blur=0.7, specks=0.0005, jpeg=60),
        Damage("light-100", dpi=100, skew=0.5, blur=0.3, specks=0.0005, jpeg=60),
        Damage("skew", skew=-2.0, blur=0.5, specks=0.0005, jpeg=60),
        Damage("blur", skew=0.8, blur=1.2, specks=0.001, jpeg=50),
        Damage("specks", skew=0.5, blur=0.5, specks=0.01, jpeg=50),
        Damage("jpeg-30", skew=1.0, blur=0.6, specks=0.001, jpeg=30),
        Damage("copy", skew=1.0, blur=0.7, specks=0.002, jpeg=60, copies=1),
        Damage("copy-of-copy", skew=-1.2, blur=0.7, specks=0.003, jpeg=50, copies=2),
        Damage("copy-100", dpi=100, skew=0.8, blur=0.5, specks=0.002, jpeg=40, copies=1),
        Damage("fax", dpi=100, skew=0.6, blur=0.8, specks=0.003, jpeg=40, copies=2),
        Damage("turned-90", skew=0.5, blur=0.5, specks=0.0005, jpeg=60, turn=90),
        Damage("turned-180", skew=0.5, blur=0.5, specks=0.0005, jpeg=60, turn=180),
        Damage("turned-270", skew=-0.5, blur=0.5, specks=0.0005, jpeg=60, turn=270),
    )
}


def pictures(record: Path, damage: Damage, pages: Iterable[int] | None = None) -> list[Image.Image]:
    """Print the pages of a PDF (numbers from 1; all where none are named) and damage each."""
    with PdfDocument(record) as pdf:
        numbers = pages or range(1, len(pdf) + 1)
        printed = [(n, pdf[n - 1].render(scale=damage.dpi / 72, grayscale=True).to_pil()) for n in numbers]
    return [damaged(page, damage, number) for number, page in printed]


def damaged(page: Image.Image, damage: Damage, seed: int) -> Image.Image:
    """Give one page as it comes off a bad scanner."""
    chance = np.random.default_rng([zlib.crc32(damage.name.encode()), seed])
    cut = round(damage.margin * damage.dpi / 72)
    page = page.crop((cut, cut, page.width - cut, page.height - cut))
    page = page.rotate(damage.skew, Image.Resampling.BICUBIC, fillcolor=255)
    for _ in range(max(1, damage.copies)):
        page = _specked(page.filter(ImageFilter.GaussianBlur(damage.blur)), damage.specks, chance)
        page = _copied(page, chance) if damage.copies else page
    return _pressed(page, damage.jpeg).rotate(damage.turn, expand=True)


def save(images: list[Image.Image], path: Path, dpi: int) -> Path:
    """Wrap pictures as a PDF that has no text."""
    images[0].save(path, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return path


def scan(record: Path, folder: Path, name: str, pages: Iterable[int] | None = None) -> Path:
    """Write the scan of a record, damaged as the name says, into a folder."""
    damage = DAMAGES[name]
    return save(pictures(record, damage, pages), folder / f"{record.stem}-{name}.pdf", damage.dpi)


def scan_with_layer(record: Path, folder: Path, name: str, pages: Iterable[int], wrong: float = 0.15) -> Path:
    """Write a scan that has a scanner's own reading behind each page: word by word, a share of them wrong."""
    damage = DAMAGES[name]
    numbers = list(pages)
    path = folder / f"{record.stem}-{name}-layer.pdf"
    with PdfDocument(record) as truth, PdfDocument.new() as made:
        for number, picture in zip(numbers, pictures(record, damage, numbers), strict=True):
            width, height = truth[number - 1].get_size()
            page = made.new_page(width, height)
            for word, left, bottom in _words(truth, number):
                _hide(made, page, misread(word, wrong, number), left, bottom)
            held = io.BytesIO()
            picture.save(held, "JPEG", quality=damage.jpeg)
            image = PdfImage.new(made)
            image.load_jpeg(held, inline=True)
            image.set_matrix(PdfMatrix().scale(width, height))
            page.insert_obj(image)
            page.gen_content()
        made.save(path)
    return path


def misread(word: str, share: float, seed: int) -> str:
    """Misread a word as scanners do, by chance; the same word on the same page always alike."""
    chance = np.random.default_rng([zlib.crc32(word.encode()), seed])
    if chance.random() >= share:
        return word
    faults = [(a, b) for a, b in _FAULTS if a in word] or [(word[-1], "")]
    a, b = faults[chance.integers(len(faults))]
    return word.replace(a, b, 1)


# Letters that look alike, letters that merge, brackets that vanish.
_FAULTS = (
    ("l", "I"), ("I", "l"), ("i", "1"), ("m", "rn"), ("rn", "m"), ("ff", "fi"), ("O", "0"), ("o", "0"), ("S", "5"),
    ("e", "c"), ("(", ""), (")", ""), ("t", "l"), ("B", "8"), ("h", "b"), ("a", "o"),
)  # fmt: skip


def _words(pdf: PdfDocument, number: int) -> Iterator[tuple[str, float, float]]:
    """Give the words of a page with the place where each starts."""
    text = pdf[number - 1].get_textpage()
    for index in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(index)
        words = text.get_text_bounded(left, bottom, right, top).split()
        step = (right - left) / max(1, len(" ".join(words)))
        for word in words:
            yield word, left, bottom
            left += step * (len(word) + 1)


def _hide(pdf: PdfDocument, page: PdfPage, word: str, left: float, bottom: float) -> None:
    """Set a word that is not to be seen."""
    thing = raw.FPDFPageObj_NewTextObj(pdf, b"Helvetica", 10)
    letters = word.encode("utf-16-le") + b"\0\0"
    raw.FPDFText_SetText(thing, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
    raw.FPDFTextObj_SetTextRenderMode(thing, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    raw.FPDFPageObj_Transform(thing, 1, 0, 0, 1, left, bottom + 2)
    raw.FPDFPage_InsertObject(page, thing)


def _specked(page: Image.Image, share: float, chance: np.random.Generator) -> Image.Image:
    """Strew specks of dust, black and white, one or two pixels wide."""
    dots = np.asarray(page).copy()
    for color in (0, 255):
        where = chance.random(dots.shape) < share / 2
        where[1:] |= where[:-1] & (chance.random(dots[1:].shape) < 0.5)
        dots[where] = color
    return Image.fromarray(dots)


def _copied(page: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Copy a page: hard contrast, uneven light, a shadow along the left edge."""
    gray = np.asarray(page).astype(float)
    light = np.linspace(-12, 12, gray.shape[1])[None, :] * chance.choice([-1, 1])
    hard = 255 / (1 + np.exp(-(gray + light - 150) / 14))
    hard += chance.normal(0, 6, gray.shape)
    hard[:, : gray.shape[1] // 60] *= 0.4
    return Image.fromarray(hard.clip(0, 255).astype(np.uint8))


def _pressed(page: Image.Image, quality: int) -> Image.Image:
    """Save a picture as JPEG and open it again."""
    held = io.BytesIO()
    page.save(held, "JPEG", quality=quality)
    return Image.open(held).convert("L")
