"""Findings -> charts: each says its finding in the headline, labels its bars, and has a table behind it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from kit.findings import Finding, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

# Paul Tol's bright scheme: told apart by colour-blind readers, and in grey print by lightness.
BLUE, RED, GREEN, YELLOW, CYAN, PURPLE, GREY = (
    "#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB",
)  # fmt: skip
INK, QUIET = "#1a1a1a", "#595959"

_OUTLINE = re.compile(r' d="[^"]{1200,}"')

WIDTH = 7.2
"""Inches across, at 100 points to the inch the width of a page's column."""


@cache
def drawing() -> Any:  # noqa: ANN401  (the module, loaded when the first chart is drawn)
    """Load matplotlib, set once: `$` is a dollar, letters are outlines, ids come from a fixed seed."""
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams.update(
        {
            "text.parse_math": False,
            "svg.fonttype": "path",
            "svg.hashsalt": "sharing-lists",
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": QUIET,
            "ytick.color": INK,
        }
    )
    import matplotlib.pyplot as plt

    return plt


@dataclass(frozen=True)
class Graphic:
    """A chart or still map for a page: picture, headline, source line, alt text and the table behind."""

    name: str
    headline: str
    subtitle: str
    source: str
    alt: str
    svg: str = field(repr=False)
    png: bytes = field(repr=False)
    behind: Table | None = field(default=None, repr=False)

    def save(self, folder: Path) -> Graphic:
        """Write NAME.svg and NAME.png (twice the size on screen) and give the graphic back."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.svg").write_text(self.svg, encoding="utf-8")
        (folder / f"{self.name}.png").write_bytes(self.png)
        return self

    def _repr_html_(self) -> str:
        svg = self.svg[self.svg.index("<svg") :].replace(
            "<svg ", f'<svg role="img" aria-label="{escape(self.alt)}" ', 1
        )
        words = f"<strong>{escape(self.headline)}</strong> {escape(self.subtitle)}"
        table = self.behind._repr_html_() if self.behind else ""
        behind = f'<details class="behind"><summary>The numbers</summary>{table}</details>' if table else ""
        source = f'<span class="source">Source: {escape(self.source)}</span>'
        return f'<figure class="chart"><figcaption>{words}</figcaption>{svg}{source}{behind}</figure>'


def bars(  # noqa: PLR0913  (what a chart must say)
    name: str,
    headline: str,
    findings: Sequence[tuple[str, Finding]],
    *,
    subtitle: str,
    source: str,
    unit: str = "Agencies",
    marked: Sequence[str] = (),
) -> Graphic:
    """Draw one bar a finding, in the order given, with the number at its end.

    A finding that is a range is drawn to its low end, and on to its high end in a lighter shade.
    `marked` names the bars that stand out in color.
    """
    figure, axes = drawing().subplots(figsize=(WIDTH, 0.6 + 0.34 * len(findings)), layout="constrained")
    longest = max((finding.high for _, finding in findings), default=1) or 1
    for row, (label, finding) in enumerate(findings):
        color = RED if label in marked else BLUE
        axes.barh(row, finding.low, color=color, height=0.66)
        axes.barh(row, finding.high - finding.low, left=finding.low, color=color, alpha=0.4, height=0.66)
        axes.text(finding.high + longest * 0.012, row, finding.text, va="center", fontsize=10)
    axes.set_yticks(range(len(findings)), [_short(label) for label, _ in findings])
    axes.set_xlim(0, longest * 1.16)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_visible(False)
    axes.spines[["bottom"]].set_visible(False)
    behind = Table(headline, ("", unit), tuple((label, finding) for label, finding in findings))
    said = "; ".join(f"{label} {finding.text}" for label, finding in findings)
    alt = f"Bar chart. {headline} {subtitle} {said}."
    return finish(figure, name, headline, subtitle=subtitle, source=source, alt=alt, behind=behind)


def finish(  # noqa: PLR0913
    figure: Figure,
    name: str,
    headline: str,
    *,
    subtitle: str,
    source: str,
    alt: str,
    behind: Table | None = None,
) -> Graphic:
    """Turn a drawn figure into a Graphic: the same bytes for the same drawing."""
    svg, png = io.StringIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    drawing().close(figure)
    return Graphic(name, headline, subtitle, source, alt, _shorter(svg.getvalue()), png.getvalue(), behind)


def _shorter(svg: str) -> str:
    """Round the long outlines of boundaries to a tenth of a point: half the size, the same picture."""
    return _OUTLINE.sub(lambda path: re.sub(r"(\.\d)\d+", r"\1", path.group()), svg)


def _short(label: str, longest: int = 42) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
