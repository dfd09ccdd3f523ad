"""A chart or still map as a thing: words, table behind, alt text, and the picture at each size when asked for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from kit.errors import DataError
from kit.findings import Finding, Table
from kit.sheet import PHONE, WEB, Picture, Sheet, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Plot = Callable[["Sheet", "Graphic"], None]

FIGURE = ".figure.json"
"""How the name of the file ends in which a figure's numbers are kept."""

_WORDS = ("kind", "name", "headline", "subtitle", "source", "alt")
_NUMBER = ("id", "label", "value", "low", "high", "unit")
# Both plots of a figure stand in one page, and an id stands there once.
_ID = re.compile(r'( id="|"#|\(#)')
_PLOTS: dict[str, tuple[Plot, bool]] = {}


def plots(kind: str, *, beside: bool = False) -> Callable[[Plot], Plot]:
    """Say that a function plots the graphics of a kind; `beside` the words where the picture is wide."""

    def remember(plot: Plot) -> Plot:
        _PLOTS[kind] = (plot, beside)
        return plot

    return remember


@dataclass(frozen=True)
class Graphic:
    """A chart or still map: headline, subtitle, source line, alt text and the table behind.

    `kind` names the function that plots it, `data` is what that needs beside the table, as JSON has it.
    """

    kind: str
    name: str
    headline: str
    subtitle: str
    source: str
    alt: str
    behind: Table = field(repr=False)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _drawn: dict[Size, Picture] = field(default_factory=dict, repr=False, compare=False)

    @property
    def svg(self) -> str:
        """The picture for the web, with its words."""
        return self.at(WEB).svg

    @property
    def png(self) -> bytes:
        """The picture for the web, with its words, at twice the size."""
        return self.at(WEB).png

    def at(self, size: Size) -> Picture:
        """Draw the graphic at a size, once."""
        if size not in self._drawn:
            self._drawn[size] = self.sheet(size).picture()
        return self._drawn[size]

    def sheet(self, size: Size) -> Sheet:
        """Lay the graphic out at a size."""
        plot, beside = _PLOTS[self.kind]
        sheet = Sheet(size, self.headline, self.subtitle, self.source, beside=beside)
        plot(sheet, self)
        return sheet.finish()

    def save(self, folder: Path) -> Graphic:
        """Write NAME.svg and NAME.png (twice the size) for the web, and NAME.figure.json for the pack of all sizes."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.svg").write_text(self.svg, encoding="utf-8", newline="\n")
        (folder / f"{self.name}.png").write_bytes(self.png)
        rows = [[_plain(cell) for cell in row] for row in self.behind.rows]
        said = {**{key: getattr(self, key) for key in _WORDS}, "heads": self.behind.heads, "rows": rows}
        text = json.dumps({**said, "data": self.data}, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{self.name}{FIGURE}").write_text(f"{text}\n", encoding="utf-8", newline="\n")
        return self

    @classmethod
    def read(cls, path: Path) -> Graphic:
        """Read what `save` wrote into NAME.figure.json; DataError where it is no such file."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            rows = tuple(tuple(_cell(cell) for cell in row) for row in said["rows"])
            words: dict[str, Any] = {key: str(said[key]) for key in _WORDS}
            made = cls(**words, behind=Table(words["headline"], tuple(said["heads"]), rows), data=said["data"])
            _PLOTS[made.kind]
        except (OSError, ValueError, KeyError, TypeError) as cause:
            msg = "The numbers of a figure cannot be read."
            raise DataError(msg, path.name, "Run the place again: kit report PLACE") from cause
        return made

    def _repr_html_(self) -> str:
        words = f"<strong>{escape(self.headline)}</strong> {escape(self.subtitle)}"
        behind = f'<details class="behind"><summary>The numbers</summary>{self.behind._repr_html_()}</details>'
        source = f'<span class="source">Source: {escape(self.source)}</span>'
        plot = f"{self._plot(WEB)}{self._plot(PHONE)}"
        return f'<figure class="chart"><figcaption>{words}</figcaption>{plot}{source}{behind}</figure>'

    def _plot(self, size: Size) -> str:
        """Give the plot alone, for a page: its width decides which of two it shows."""
        # A notebook has no rule for that, and shows the wide one.
        hidden = ' style="display:none"' if size is PHONE else ""
        said = f'<svg role="img" class="{size.name}"{hidden} aria-label="{escape(self.alt)}" '
        return _ID.sub(rf"\1{size.name}-", self.at(size).plot).replace("<svg ", said, 1)


def _plain(cell: str | Finding) -> str | dict[str, Any]:
    return {key: getattr(cell, key) for key in _NUMBER} if isinstance(cell, Finding) else cell


def _cell(cell: str | dict[str, Any]) -> str | Finding:
    return cell if isinstance(cell, str) else Finding(**cell, sentence="", rows=())
