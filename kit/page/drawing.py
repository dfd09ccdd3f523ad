"""SVG with fewer bytes and the same look: short numbers, and paths as steps from point to point.

matplotlib writes six decimals and absolute coordinates; a page of charts and maps would be twice as
heavy for nothing that an eye can see.
"""

from __future__ import annotations

import math
import re

_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
# Commands of which every number is half of a point, with how many points one step takes.
_POINTS = {"M": 1, "L": 1, "T": 1, "Q": 2, "S": 2, "C": 3}
_COORDINATES = {"points", "x", "y", "width", "height", "cx", "cy", "r"}


def lighter(said: dict[str, str]) -> dict[str, str]:
    """Give the attributes of a tag with its coordinates in four or five digits."""
    return {name: _short(name, value) for name, value in said.items()}


def _short(name: str, value: str) -> str:
    if name == "d":
        return short_path(value)
    return _LONG_NUMBER.sub(lambda found: _four(float(found[0])), value) if name in _COORDINATES else value


def short_path(path: str) -> str:
    """Write a path in steps, with four digits of its largest number.

    A path with other commands than `M L T Q S C Z`, or with an exponent, is given back as it is.
    """
    commands = [(letter, [float(n) for n in _NUMBER.findall(rest)]) for letter, rest in _COMMAND.findall(path)]
    if not all(letter in "Zz" or letter in _POINTS for letter, _ in commands):
        return path
    largest = max((abs(number) for _, numbers in commands for number in numbers), default=0)
    digits = 3 - math.floor(math.log10(largest)) if largest else 0
    steps, before, at, start = [], "", (0, 0), (0, 0)
    for letter, numbers in commands:
        whole = [round(number * 10**digits) for number in numbers]
        points = list(zip(whole[::2], whole[1::2], strict=False))
        if letter in "Zz":
            steps, before, at = [*steps, "z"], "z", start
        for first in range(0, len(points), size := _POINTS.get(letter, 1)):
            step = points[first : first + size]
            flat = [distance for point in step for distance in (point[0] - at[0], point[1] - at[1])]
            name = "l" if letter == "M" and first else letter.lower()
            steps.append(_step("" if name == before != "m" else name, [_decimal(number, digits) for number in flat]))
            at, before = step[-1], name
            start = at if name == "m" else start
    return "".join(steps)


def _step(name: str, numbers: list[str]) -> str:
    """Write one step: a space stands only where the next number has no sign."""
    spaced = "".join(number if number[0] == "-" else f" {number}" for number in numbers)
    return name + spaced.removeprefix(" ") if name else spaced


def _decimal(whole: int, digits: int) -> str:
    """Write a number of ten-to-the-minus-`digits` without needless zeros: `-.5`."""
    text = f"{whole / 10**digits:.{max(digits, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    sign, bare = ("-", text[1:]) if text[0] == "-" else ("", text)
    bare = bare[1:] if bare.startswith("0.") else bare
    return f"{sign}{bare}" if bare != "0" else "0"


def _four(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 1000 else f"{number:.0f}"
