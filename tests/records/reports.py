"""Small Agency Data Sharing Reports, printed to PDF in any vintage, to see what a reader makes of each.

The places on the page are those of the real reports: points from the lower left corner of A4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

A4 = (595, 842)
OWNER = "Exampleville Police Department"


@dataclass
class Report:
    """Pages of (x, y, size, text); `y` is the foot of the letters. Names of many lines have line breaks."""

    product: str = "LEARN"
    date: str = "02-06-20"
    footer: bool = True
    banner: bool = True
    pages: list[list[tuple[float, float, float, str]]] = field(default_factory=list)
    y: float = 0.0

    def page(self) -> Report:
        """Begin a page under its banner."""
        self.pages.append([])
        self.y = 755.0
        if self.banner:
            self.put(264, 816, "Agency", 18).put(226, 796, "Data Sharing Report", 15)
        return self

    def put(self, x: float, y: float, text: str, size: float = 11) -> Report:
        """Print a text, its further lines below it."""
        for line, words in enumerate(text.split("\n")):
            self.pages[-1].append((x, y - 16.6 * line, size, words))
        return self

    def heading(self, text: str, intro: str = "") -> Report:
        """Print a section's heading, and the line below it that names the owner."""
        self.put(298 - 3.2 * len(text), self.y, text, 13)
        if intro:
            self.put(74, self.y - 33, f"The {OWNER} Agency is {intro} the following Agencies:", 9)
        self.y -= 66
        return self

    def shared(self) -> Report:
        """Begin the section of agencies that detections go to."""
        return self.heading("Detections Shared", "Sharing its Detection data with")

    def received(self) -> Report:
        """Begin the section of agencies that detections come from."""
        return self.heading("Detections Received", "receiving Detection data from")

    def columns(self, rows: Iterable[Sequence[str]], starts: tuple[float, float] = (68, 326)) -> Report:
        """Print rows of one or two names."""
        for row in rows:
            for x, name in zip(starts, row, strict=False):
                if name:
                    self.put(x, self.y, name)
            self.y -= 27.6 + 16.6 * max(name.count("\n") for name in row)
        return self

    def pairs(self, rows: Iterable[Sequence[str]], *, heads: bool = True) -> Report:
        """Print pairs of agency and hot list."""
        if heads:
            self.put(48, self.y + 4, "Agency:", 12).put(293, self.y + 4, "Hot List(s):", 12)
            self.y -= 26
        return self.columns(rows, (68, 317))

    def table(self, rows: Iterable[Sequence[str]], *, heads: bool = True) -> Report:
        """Print a table of centered cells, in the middle of their row."""
        middles = (194, 429, 535)
        if heads:
            for middle, head in zip(middles, ("Agency", "City", "State"), strict=True):
                self.put(middle - 3 * len(head), self.y, head, 12)
            self.y -= 20.6
        for row in rows:
            most = max(cell.count("\n") for cell in row)
            for middle, cell in zip(middles, row, strict=True):
                down = 8.3 * (most - cell.count("\n"))
                for line, words in enumerate(cell.split("\n")):
                    self.put(middle - 2.6 * len(words), self.y - down - 16.6 * line, words)
            self.y -= 20.6 + 16.6 * most
        return self

    def none(self) -> Report:
        """Say that a section is empty."""
        self.put(274, self.y, "None", 20)
        self.y -= 60
        return self

    def save(self, path: Path, *, numbers: Sequence[int] = (), of: int = 0, rotate: int = 0, turn: int = 0) -> Path:
        """Write the PDF: `rotate` is a viewer's turn, `turn` a drawn one.

        `numbers` are those printed on the pages; a page of number 0 has no footer.
        """
        streams = []
        for number, texts in zip(numbers or range(1, len(self.pages) + 1), self.pages, strict=True):
            foot = [
                (7, 12, 10, f"Date Created: {self.date}"),
                (253, 10, 10, f"{self.product} Agency Data Sharing Report"),
                (535, 10, 10, f"Page {number} of"),
                (581, 12, 10, str(of or len(self.pages))),
            ]
            streams.append(_stream([*texts, *(foot if self.footer and number else [])], turn))
        path.write_bytes(_pdf(streams, rotate, A4[::-1] if turn % 180 else A4))
        return path


def _stream(texts: Iterable[tuple[float, float, float, str]], turn: int) -> bytes:
    width, height = A4
    matrix = {
        0: "1 0 0 1 0 0",
        90: f"0 1 -1 0 {height} 0",
        180: f"-1 0 0 -1 {width} {height}",
        270: f"0 -1 1 0 0 {width}",
    }
    lines = [f"{matrix[turn]} cm"]
    for x, y, size, text in texts:
        safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        lines.append(f"BT /F1 {size} Tf {x:.1f} {y:.1f} Td ({safe}) Tj ET")
    return "\n".join(lines).encode("latin-1")


def _pdf(streams: Sequence[bytes], rotate: int, size: Sequence[int]) -> bytes:
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, stream in enumerate(streams):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Rotate {rotate} "
        objects.append(f"{page}/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
