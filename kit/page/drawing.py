"""SVG with fewer bytes and the same look: short numbers, paths as steps, borders without needless points.

matplotlib writes six decimals and absolute coordinates; a page of charts and maps would be thrice as
heavy for nothing that an eye can see.
"""

from __future__ import annotations

import math
import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Point = tuple[int, int]

_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_SHIFT = re.compile(r"translate\((-?[\d.]+)(?:[ ,]+(-?[\d.]+))?\)")
# Of a drawing's largest coordinate: half a pixel where the drawing is 700 wide.
_UNSEEN = 0.001
# Commands of which every number is half of a point, with how many points one step takes.
_POINTS = {"M": 1, "L": 1, "T": 1, "Q": 2, "S": 2, "C": 3}
_COORDINATES = {"points", "x", "y", "width", "height", "cx", "cy", "r"}


def lighter(tag: str, said: dict[str, str]) -> dict[str, str]:
    """Give the attributes of a tag with its coordinates in four or five digits."""
    # A letter that is moved to its place by x says so in half the bytes.
    if tag == "use" and "x" not in said and (moved := _SHIFT.fullmatch(said.get("transform", ""))):
        at = {"x": moved[1]} | ({"y": moved[2]} if float(moved[2] or 0) else {})
        said = {name: value for name, value in said.items() if name != "transform"} | at
    return {name: _short(name, value) for name, value in said.items()}


def _short(name: str, value: str) -> str:
    if name == "d":
        return short_path(value)
    return _LONG_NUMBER.sub(lambda found: _four(float(found[0])), value) if name in _COORDINATES else value


def short_path(path: str) -> str:
    """Write a path in steps, with four digits of its largest number.

    A path with other commands than `M L T Q S C Z`, or with an exponent, is given back as it is.
    """
    commands = _COMMAND.findall(path)
    if not all(letter in "Zz" or letter in _POINTS for letter, _ in commands):
        return path
    largest = max((abs(float(number)) for number in _NUMBER.findall(path)), default=0)
    digits = 3 - math.floor(math.log10(largest)) if largest else 0
    written, before, at, start = list[str](), "", (0, 0), (0, 0)
    for name, points in _fewer(_steps(commands, digits), largest * _UNSEEN * 10**digits):
        moved = [_decimal(to - since, digits) for point in points for to, since in zip(point, at, strict=True)]
        # A letter that repeats need not stand again, but for "m", which repeated would be "l".
        written.append(_step("" if name == before != "m" else name, moved))
        before, at = name, points[-1] if points else start
        start = at if name == "m" else start
    return "".join(written)


def _steps(commands: list[tuple[str, str]], digits: int) -> Iterator[tuple[str, list[Point]]]:
    """Take commands apart: the letter of one step, and its points in whole tens-to-the-minus-`digits`."""
    for letter, rest in commands:
        whole = [round(float(number) * 10**digits) for number in _NUMBER.findall(rest)]
        points = list(zip(whole[::2], whole[1::2], strict=False))
        size = _POINTS.get(letter, 1)
        if letter in "Zz":
            yield "z", []
        for first in range(0, len(points) - size + 1, size):
            yield "l" if letter == "M" and first else letter.lower(), points[first : first + size]


def _fewer(steps: Iterable[tuple[str, list[Point]]], least: float) -> Iterator[tuple[str, list[Point]]]:
    """Leave out of straight lines the points that lie less than `least` off the line without them."""
    at = start = (0, 0)
    for straight, run in groupby(steps, key=lambda step: step[0] == "l"):
        part = list(run)
        if straight:
            line = _line([at, *(points[0] for _, points in part)], least)
            part = [("l", [point]) for point in line[1:]]
        for name, points in part:
            yield name, points
            at = points[-1] if points else start
            start = at if name == "m" else start


def _line(points: list[Point], least: float) -> list[Point]:
    """Thin out a line as Douglas and Peucker do."""
    keep, parts = {0, len(points) - 1}, [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        between = range(first + 1, last)
        far = max(between, key=lambda at: _off(points[at], points[first], points[last]), default=first)
        if far != first and _off(points[far], points[first], points[last]) >= least:
            keep.add(far)
            parts += [(first, far), (far, last)]
    return [point for at, point in enumerate(points) if at in keep]


def _off(point: Point, start: Point, end: Point) -> float:
    """Give the distance of a point from a line between two."""
    (x, y), (along, up) = (point[0] - start[0], point[1] - start[1]), (end[0] - start[0], end[1] - start[1])
    square = along * along + up * up
    part = min(1.0, max(0.0, (x * along + y * up) / square)) if square else 0.0
    return math.hypot(x - part * along, y - part * up)


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
