"""Text for a page that has none that can be used: lines of print, read from a picture of the page.

The models come with the package `rapidocr` (PP-OCR, Apache-2.0); nothing is fetched. They are loaded
when the first picture is read, 0.5 seconds, and take 2 to 4 seconds a page on two cores.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import atan2, cos, sin
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from kit.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Quad = NDArray[np.float64]
    Picture = NDArray[np.uint8]

# More threads than that cost more than they bring on pages of short lines.
_THREADS = 2
# Lines that tell how a page is turned: the longest, and so many of them.
_TELLING = 8
# Mean score of telling lines from which a page surely stands upright.
_UPRIGHT = 0.85
# A box is a line of print standing on end if it is so many times as high as wide.
_ON_END = 1.5
# By how much of its height a box is larger than its letters, on each side.
_PADDING = 0.12


@dataclass(frozen=True, slots=True)
class Line:
    """A run of print: pixels from the upper left corner of the upright page, the left edge of each letter."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    score: float
    letters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture says: its lines, the size of the upright page, and how its lines slanted (radians)."""

    width: int
    height: int
    lines: tuple[Line, ...]
    slant: float = 0.0


def read_picture(picture: Image.Image) -> Reading:
    """Read a picture of a page that may be skewed, or turned by 90, 180 or 270 degrees.

    RecordError where the reading models are not installed.
    """
    import numpy as np

    dots = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    boxes, crops = _find(dots)
    if turns := _turns(boxes, crops):
        dots = np.ascontiguousarray(np.rot90(dots, turns))
        boxes, crops = _find(dots)
    height, width = dots.shape[:2]
    if not crops:
        return Reading(width, height, ())
    read = _engine().recognize_txt(crops)
    slant = _slant(boxes)
    level = _leveled(boxes, slant, (width, height))
    lines = (_line(*one) for one in zip(level, read.txts, read.scores, read.word_results, strict=True))
    return Reading(width, height, tuple(line for line in lines if line.text), slant)


@cache
def _engine() -> Any:  # noqa: ANN401  (the package has no types for its results)
    """Load the models that come with the package."""
    found = find_spec("rapidocr")
    models = Path(found.origin).parent / "models" if found and found.origin else Path()
    kinds = {kind: sorted(models.glob(f"*_{kind}_*.onnx")) for kind in ("det", "rec")}
    if not all(kinds.values()) or not find_spec("onnxruntime"):
        raise RecordError(
            "The page is a picture, and what reads pictures is not installed.",
            "OCR (rapidocr and onnxruntime)",
            "Run `make` in the kit's folder; it installs what is missing.",
        )
    from rapidocr import RapidOCR

    threads = min(_THREADS, os.cpu_count() or 1)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.return_word_box": True,
            # Named, so that the package never looks for them on a network.
            "Det.model_path": str(kinds["det"][0]),
            "Rec.model_path": str(kinds["rec"][0]),
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _find(dots: Picture) -> tuple[list[Quad], list[Picture]]:
    """Find the lines of print: their four corners, and each cut out."""
    from rapidocr.main import RapidOCRError

    try:
        crops, found = _engine().detect_and_crop(dots, {})
    except RapidOCRError:  # nothing that looks like print
        return [], []
    return [box.astype(float) for box in found.boxes], crops


def _turns(boxes: Sequence[Quad], crops: Sequence[Picture]) -> int:
    """Tell by how many quarters, against the clock, the page must be turned to stand upright."""
    import numpy as np

    if not crops:
        return 0
    longest = sorted(range(len(crops)), key=lambda i: -max(crops[i].shape[:2]))[:_TELLING]
    on_end = sum(_sides(boxes[i])[1] > _ON_END * _sides(boxes[i])[0] for i in longest) > len(longest) / 2
    telling = [crops[i] for i in longest]
    score = _mean_score(telling)
    # Lines standing on end were cut out turned once against the clock.
    if score < _UPRIGHT and _mean_score([np.rot90(crop, 2) for crop in telling]) > score:
        return 3 if on_end else 2
    return 1 if on_end else 0


def _mean_score(crops: Sequence[Picture]) -> float:
    scores = _engine().recognize_txt(list(crops)).scores
    return float(sum(scores) / len(scores))


def _sides(box: Quad) -> tuple[float, float]:
    """Give the width and height of a box."""
    import numpy as np

    return float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[3] - box[0]))


def _slant(boxes: Sequence[Quad]) -> float:
    """Give the slant of the lines of a page: radians, with the clock."""
    long = [box for box in boxes if _sides(box)[0] > 5 * _sides(box)[1]]
    return median([atan2(box[1][1] - box[0][1], box[1][0] - box[0][0]) for box in long] or [0.0])


def _leveled(boxes: Sequence[Quad], slant: float, size: tuple[int, int]) -> list[Quad]:
    """Turn the boxes around the middle of the page, so that its lines lie level."""
    import numpy as np

    turn = np.array([[cos(slant), -sin(slant)], [sin(slant), cos(slant)]])
    middle = np.array(size) / 2
    return [(box - middle) @ turn + middle for box in boxes]


def _line(box: Quad, text: str, score: float, words: Any) -> Line:  # noqa: ANN401
    """Give a line of print with the place of each of its letters."""
    left, right = float(box[:, 0].min()), float(box[:, 0].max())
    top, bottom = float(box[:2, 1].mean()), float(box[2:, 1].mean())
    trim = (bottom - top) * _PADDING
    letters = _letters(left, right, text, words)
    return Line(left + trim, top + trim, right - trim, bottom - trim, text, float(score), letters)


def _letters(left: float, right: float, text: str, words: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Give the left edge of each letter; spaces stand where the letter before them does."""
    columns = [column for word in words.word_cols for column in word]
    if len(columns) != len(text.replace(" ", "")) or not words.line_txt_len:
        return tuple(left + (right - left) * i / len(text) for i in range(len(text)))
    wide = (right - left) / cast("float", words.line_txt_len)
    places = iter(columns)
    edges: list[float] = []
    for letter in text:
        edges.append((edges or [left])[-1] if letter == " " else left + next(places) * wide)
    return tuple(edges)
