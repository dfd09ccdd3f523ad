"""A picture in the making: letters that are measured before they are set, and shapes, in CSS pixels.

96 pixels to the inch, y downward from the top left: nothing is placed by chance, so nothing is clipped.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.ft2font import FT2Font
    from matplotlib.text import Text
    from numpy.typing import NDArray

# Of Paul Tol's bright and high-contrast schemes: told apart by color-blind readers (a test simulates it), and 3 to 1
# against paper.
BLUE, RED, OCHRE, GREY = "#4477AA", "#EE6677", "#997700", "#8c8c8c"
INK, QUIET, RULE, PAPER = "#1a1a1a", "#595959", "#d9d9d9", "#ffffff"

PAD = 16.0
"""Pixels of white around a picture that stands alone; inside a page there is none."""

_PER_INCH, _POINTS = 96, 0.75
_LEADING = 1.27
_MEASURED_AT = 100
_WORDS = re.compile(r'  <g id="words">.*?\n  </g>\n', re.DOTALL)
_HEAD = re.compile(r"<\?xml.*?<svg[^>]*>\s*<metadata>.*?</metadata>", re.DOTALL)
_OUTLINE = re.compile(r' d="[^"]{1200,}"')
_LETTERS = re.compile(
    r'<!-- ([^\n]*?) -->\s*<g style="fill: (#\w+)" '
    r'transform="translate\(([\d.-]+) ([\d.-]+)\) scale\(([\d.]+) -[\d.]+\)">(.*?)</g>',
    re.DOTALL,
)
# As wide as the font that lines are measured by, or nearly; a page has no fonts inside.
_FAMILY = "Verdana, 'DejaVu Sans', sans-serif"
_MOST_LINES = 3
_COLORS, _WHITE = 64, 246
_NO_BREAK = "\u00a0"
# A star has less inside than other signs.
_IN_KEY = {"*": 1.3}
# A date stays together.
_DAY = re.compile(r"\b([A-Z][a-z]{2,8}\.?) (\d{1,2}\b)(?:(,) (\d{4}))?")
_IN_WORDS_COLUMN = 0.4


class Size(NamedTuple):
    """A size of pictures in CSS pixels; height 0 is as much as the content needs. The last three are letters."""

    name: str
    width: float
    height: float
    text: float
    head: float
    small: float


WEB = Size("web", 720, 0, 14, 20, 12)
PHONE = Size("phone", 390, 0, 13, 18, 12)
SQUARE = Size("square", 540, 540, 14, 22, 12)
CARD = Size("card", 600, 313.5, 12.5, 18, 11)
"""What a link shows in social media: at twice the size, as all are written, 1200 by 627."""

SIZES = (WEB, PHONE, SQUARE, CARD)


@dataclass(frozen=True)
class Picture:
    """A picture of one size: with its words as SVG and PNG (at twice the size), and the plot alone for a page."""

    svg: str
    plot: str
    _sheet: Sheet = field(repr=False, compare=False)

    @cached_property
    def png(self) -> bytes:
        """The picture in pixels, drawn when it is asked for: a page needs none."""
        return self._sheet.pixels()


class Sheet:
    """A figure of one size with its words set: the plot goes between `left` and `right`, from `top` to `bottom`.

    `top` moves down as things are set; `bottom` is infinite where the size has no height. With `beside`, the
    plot stands right of the words where the picture is much wider than high; `margin` is where words end.
    """

    def __init__(self, size: Size, headline: str, subtitle: str, source: str, *, beside: bool = False) -> None:
        """Open a figure of that size and set headline, subtitle and source."""
        from matplotlib.figure import Figure

        _set_up()
        self.size = size
        self.figure = Figure(figsize=(size.width / _PER_INCH, 1), dpi=_PER_INCH)
        self.figure.patch.set_gid("words")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.beside = beside and size.height > 0 and size.width > 1.5 * size.height
        self.left, self.right = PAD, size.width - PAD
        self.margin = self.left + _IN_WORDS_COLUMN * size.width if self.beside else self.right
        self.top = self._headed(headline, subtitle)
        self._plot_top = self.top
        most = _MOST_LINES if size.height else 2 * _MOST_LINES
        self._source = wrapped(f"Source: {source}", size.small, self.margin - self.left, most=most)
        foot = len(self._source) * size.small * _LEADING + 8
        self.bottom = size.height - PAD - foot if size.height else math.inf

    @property
    def room(self) -> float:
        """How many pixels are left for the plot from top to bottom."""
        return self.bottom - self.top

    # --- words

    def _headed(self, headline: str, subtitle: str) -> float:
        """Set headline and subtitle and give where they end."""
        size, top = self.size, PAD
        for text, px, color, bold in ((headline, size.head, INK, True), (subtitle, size.small + 1, QUIET, False)):
            lines = wrapped(text, px, self.margin - self.left, bold=bold, most=5 if self.beside else _MOST_LINES)
            top = self._lines(lines, top, px, color=color, bold=bold) + 4
        return top + 6

    def _lines(self, lines: Sequence[str], top: float, px: float, **look: Any) -> float:  # noqa: ANN401  (of `text`)
        for line in lines:
            self.text(self.left, top + px * _LEADING / 2, line, px, words=True, **look)
            top += px * _LEADING
        return top

    def text(  # noqa: PLR0913  (what letters need)
        self,
        x: float,
        y: float,
        said: str,
        px: float = 0,
        *,
        color: str = INK,
        align: str = "left",
        bold: bool = False,
        words: bool = False,
    ) -> Text:
        """Set one line with its middle at `y`; `words` are those that a page sets itself."""
        said = "".join(map(_drawable, said))
        made: Text = self.axes.text(
            x,
            y,
            said,
            fontsize=(px or self.size.text) * _POINTS,
            color=color,
            ha=align,
            va="center_baseline",
            fontweight="bold" if bold else "normal",
            zorder=5,
        )
        if words:
            made.remove()
            made = self.figure.text(0, 0, said, fontproperties=made.get_fontproperties(), color=color)
            made.set(ha=align, va="center_baseline", transform=self.axes.transData, position=(x, y), gid="words")
        return made

    def key(self, items: Iterable[tuple[str, str, str]]) -> None:
        """Set a key in as many lines as it takes: sign (`box` or a marker), color and words of each item."""
        px = self.size.small
        x, step, gap = self.left, px * _LEADING + 5, px + 5
        y = self.top + step / 2
        for sign, color, words in items:
            lines = wrapped(words, px, self.margin - self.left - gap)
            wide = gap + max(width_of(line, px) for line in lines)
            if x > self.left and x + wide > self.margin:
                x, y = self.left, y + step
            if sign == "box":
                self.box(x, y - px / 2, px, px, color, edge=QUIET)
            else:
                self.dot([x + px / 2], [y], color, sign=sign, wide=px * _IN_KEY.get(sign, 0.8))
            for number, line in enumerate(lines):
                self.text(x + gap, y + number * px * _LEADING, line, px)
            y += (len(lines) - 1) * px * _LEADING
            x += wide + 14
        self.top = y + step / 2 + 4

    # --- shapes

    def box(self, x: float, y: float, wide: float, high: float, color: str, *, edge: str = "none") -> None:  # noqa: PLR0913
        """Draw a rectangle from its upper left corner."""
        from matplotlib.patches import Rectangle

        self.axes.add_artist(Rectangle((x, y), wide, high, facecolor=color, edgecolor=edge, linewidth=0.4))

    def line(self, x: Sequence[float], y: Sequence[float], color: str = RULE, wide: float = 1.0) -> None:
        """Draw a line through points, as wide as that many pixels."""
        from matplotlib.lines import Line2D

        self.axes.add_artist(Line2D(x, y, color=color, linewidth=wide * _POINTS, solid_capstyle="butt", zorder=1.5))

    def dot(
        self,
        x: Sequence[float] | NDArray[Any],
        y: Sequence[float] | NDArray[Any],
        color: str,
        *,
        sign: str = "o",
        wide: float = 9,
    ) -> None:
        """Draw a marker at each point, as wide as that many pixels."""
        from matplotlib.lines import Line2D

        look: dict[str, Any] = {"marker": sign, "markersize": wide * _POINTS, "markeredgewidth": 0.8}
        # A stroke has no inside, and what is as white as the paper must have an edge.
        edge = color if sign == "_" else BLUE if color == PAPER else INK if sign == "*" else PAPER
        look |= {"markerfacecolor": color, "markeredgecolor": edge, "linestyle": "none", "zorder": 3}
        self.axes.add_artist(Line2D(x, y, **look))

    # --- to bytes

    def finish(self) -> Sheet:
        """Set the source below the plot and give the figure its height."""
        below = self.bottom if self.size.height else self.top
        high = self.size.height or below + 8 + len(self._source) * self.size.small * _LEADING + PAD
        self._lines(self._source, below + 8, self.size.small, color=QUIET)
        self._plot_end = below
        self.figure.set_size_inches(self.size.width / _PER_INCH, high / _PER_INCH)
        self.axes.set(xlim=(0, self.size.width), ylim=(high, 0))
        return self

    def picture(self) -> Picture:
        """Give the finished figure: the same bytes for the same drawing."""
        svg = io.StringIO()
        self.figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        drawn = _OUTLINE.sub(lambda path: re.sub(r"(\.\d)\d+", r"\1", path.group()), svg.getvalue())
        return Picture(drawn, self._plot_alone(drawn), self)

    def pixels(self) -> bytes:
        """Draw the figure at twice its size, in 64 colors: a third of the bytes and of the time to press them."""
        import numpy as np
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        self.figure.set_dpi(2 * _PER_INCH)
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        few = drawn.quantize(_COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.putpalette(_with_white(few.getpalette() or []))
        png = io.BytesIO()
        few.save(png, "png", dpi=(2 * _PER_INCH, 2 * _PER_INCH))
        return png.getvalue()

    def _plot_alone(self, svg: str) -> str:
        """Cut the plot out of a picture: without the words, and the white around them."""
        wide, high = self.right - self.left, self._plot_end - self._plot_top
        seen = " ".join(f"{part * _POINTS:g}" for part in (self.left, self._plot_top, wide, high))
        head = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" width="{wide:g}" '
        head += f'height="{high:g}" viewBox="{seen}" font-family="{_FAMILY}">'
        return _with_text(_HEAD.sub(head, _WORDS.sub("", svg), count=1))


def _with_text(svg: str) -> str:
    """Make text of the outlines of letters: a page is lighter by a third, and each line is as wide as measured."""
    # matplotlib writes what a line says into a comment, in which two hyphens cannot stand.
    return svg if "- -" in svg else _LETTERS.sub(_as_text, svg)


def _as_text(line: re.Match[str]) -> str:
    said, color, x, y, scale, letters = line.groups()
    points = float(scale) * 100
    wide = width_of(unescape(said), points, bold="Bold" in letters)
    look = f'font-size="{points:g}" textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"'
    bold = ' font-weight="bold"' if "Bold" in letters else ""
    return f'<text x="{x}" y="{y}" {look}{bold} style="fill: {color}">{said}</text>'


def _with_white(palette: list[int]) -> list[int]:
    """Make white of the nearest to white in a palette: it is an average with the edges of letters."""
    colors = [palette[at : at + 3] for at in range(0, len(palette), 3)]
    return [part for color in colors for part in ([255] * 3 if min(color) >= _WHITE else color)]


def wrapped(text: str, px: float, wide: float, *, most: int = _MOST_LINES, bold: bool = False) -> list[str]:
    """Break a text into lines that are not wider; what does not fit into so many lines ends on an ellipsis."""
    lines: list[str] = []
    rest = _DAY.sub(_unbroken, " ".join(text.split()))
    while rest:
        line = _first_line(rest, px, wide, bold=bold)
        rest = rest[len(line) :].lstrip()
        lines.append(line.rstrip())
        if len(lines) == most and rest:
            lines[-1] = _cut(f"{lines[-1]} {rest[:99]}", px, wide, bold=bold)
            break
    return lines


def _unbroken(date: re.Match[str]) -> str:
    return date[0].replace(" ", _NO_BREAK)


def _first_line(text: str, px: float, wide: float, *, bold: bool) -> str:
    """Give the words of a text that fit into a line, or of a longer word the letters that do."""
    far, fits = 0.0, len(text)
    for at, letter in enumerate(text):
        far += width_of(letter, px, bold=bold)
        if far > wide:
            fits = at
            break
    else:
        return text
    space = max(text.rfind(" ", 0, fits + 1), 0) or text.rfind(_NO_BREAK, 0, fits + 1)
    return text[: space if space > 0 else max(fits, 1)]


def _cut(text: str, px: float, wide: float, *, bold: bool) -> str:
    while text and width_of(f"{text}…", px, bold=bold) > wide:
        text = text[:-1].rstrip()
    return f"{text}…"


def width_of(text: str, px: float, *, bold: bool = False) -> float:
    """Measure a line of text in pixels."""
    return sum(_advance(letter, bold=bold) for letter in text) * px


@cache
def _advance(letter: str, *, bold: bool) -> float:
    """Measure a letter, in parts of its size."""
    font = _font(bold=bold)
    font.set_size(_MEASURED_AT, 72)
    return float(font.load_char(ord(_drawable(letter))).linearHoriAdvance) / 65536 / _MEASURED_AT


@cache
def _drawable(letter: str) -> str:
    """Give the letter, or a box where the font has not got it: the table behind the picture has."""
    return letter if _font(bold=False).get_char_index(ord(letter)) else "□"


@cache
def _font(*, bold: bool) -> FT2Font:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))


def _set_up() -> None:
    """Set matplotlib: `$` is a dollar, letters are outlines as wide as measured, ids come from a fixed seed."""
    import matplotlib as mpl

    mpl.rcParams["text.parse_math"] = False
    mpl.rcParams["text.hinting"] = "no_hinting"
    mpl.rcParams["svg.fonttype"] = "path"
    mpl.rcParams["svg.hashsalt"] = "sharing-lists"
    mpl.rcParams["font.family"] = ["DejaVu Sans"]
