"""Charts say their numbers, fit every size, can be told apart by color-blind readers, and are the same bytes twice."""

from __future__ import annotations

import io
import json
import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from kit.charts import bars, on_lists, ranges, then_now, two_ways
from kit.citymap import WAYS
from kit.errors import DataError
from kit.findings import Finding, Ledger
from kit.graphic import Graphic
from kit.maps import _SHADES, NONE, SIGNS
from kit.sheet import BLUE, CARD, GREY, OCHRE, PHONE, RED, SIZES, SQUARE, WEB, Sheet, width_of, wrapped
from kit.story import WORDS

WORDS_OF_ALL = {
    "subtitle": "Agencies that get the data, by kind; list of March 11, 2025.",
    "source": "Orange County Sheriff's Department, lists of Feb. 6, 2020, and March 11, 2025",
}
HOSTILE = "<script>alert(1)</script> $\\frac{1}{0}$ 日本 \u202e ${x} --> " + "x" * 10_000


@pytest.fixture
def ledger(lists, rows) -> Ledger:
    return Ledger("California", lists, rows)


def chart(ledger, shared, label="Sheriffs"):
    found = ledger.count("n", "n", shared.iloc[:5], maybe=shared.iloc[5:9])
    return bars("kinds", "Who gets $5 and $10", [(label, found)], subtitle="Agencies.", source="A list")


def number(low: int, high: int | None = None) -> Finding:
    """Give a finding of that number or range."""
    high = low if high is None else high
    return Finding("n", "n", low if low == high else None, low, high, "agencies", "", ())


def figures(label: str = "", headline: str = "City police are most of those who get the data") -> list[Graphic]:
    """Make a chart of each kind, with 13 kinds of agencies or with labels that are attacks."""
    kinds = [label or words for words in list(WORDS.values())[:13]]
    counts = [number(low, low + low // 7 % 4) for low in (221, 31, 12, 9, 2, 7, 11, 6, 3, 0, 1, 295, 1_234)]
    one = list(zip(kinds, counts, strict=True))
    two = [(kind, *pair) for kind, *pair in zip(kinds, counts, reversed(counts), strict=True)]
    dots = [(kind, number(1), number(0, 1), number(0), "not in the record") for kind in kinds[:5]]
    heads = tuple(
        label or f"{owner}, March 11, 2025" for owner in ("Orange County", "Irvine", "Costa Mesa", "Exampleville")
    )
    dates = (label or "Feb. 6, 2020", label or "March 11, 2025")
    return [
        bars("bars", headline, one, marked=["Federal agencies"], **WORDS_OF_ALL),
        ranges("ranges", headline, one, marked=["Federal agencies"], **WORDS_OF_ALL),
        two_ways("two", headline, two, **WORDS_OF_ALL),
        then_now("then", headline, two, heads=dates, **WORDS_OF_ALL),
        on_lists("lists", headline, dots, heads=heads, **WORDS_OF_ALL),
    ]


def texts(sheet: Sheet) -> list[tuple[str, float, tuple[float, float, float, float]]]:
    """Give every text of a picture as the renderer sets it: words, pixels of its letters, left, top, right, bottom."""
    sheet.figure.set_dpi(192)
    canvas = FigureCanvasAgg(sheet.figure)
    canvas.draw()
    high = sheet.figure.bbox.height
    found = []
    for text in (*sheet.figure.texts, *sheet.axes.texts):
        box = text.get_window_extent(canvas.get_renderer())
        left, top, right, bottom = (edge / 2 for edge in (box.x0, high - box.y1, box.x1, high - box.y0))
        found.append((text.get_text(), text.get_fontsize() / 0.75, (left, top, right, bottom)))
    return found


def check_texts(sheet: Sheet) -> None:
    """Hold that no text of a picture is clipped, covers another or is smaller than 11 pixels."""
    found = texts(sheet)
    wide, high = sheet.figure.bbox.width / 2, sheet.figure.bbox.height / 2
    assert found
    for words, px, (left, top, right, bottom) in found:
        assert px >= 11, words
        assert min(left, top) >= 0, words
        assert right <= wide, words
        assert bottom <= high, words
    # The box of a line is a little higher than its letters.
    for (one, _, a), (other, _, b) in combinations(found, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] - 2 <= b[1] or b[3] - 2 <= a[1]
        assert apart, f"{one} covers {other}"


def test_a_chart_says_its_numbers(ledger, shared):
    """Alt text from the numbers, a table behind, and a dollar is a dollar."""
    made = chart(ledger, shared)
    assert "Sheriffs 5 to 9" in made.alt
    html = made._repr_html_()
    assert "The numbers" in html
    assert 'href="#f-n"' in html
    assert "Who gets $5 and $10" in html


def test_a_chart_is_the_same_bytes_twice(lists, rows, shared):
    """No clock and no random id, at any size."""
    first, second = (chart(Ledger("California", lists, rows), shared) for _ in range(2))
    for size in SIZES:
        assert first.at(size) == second.at(size)
        assert first.at(size).png == second.at(size).png


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("number_of", range(5), ids=["bars", "ranges", "two", "then", "lists"])
def test_no_text_is_clipped_or_covered(number_of, size):
    """By the renderer's own boxes: each text is inside the picture, over no other, and 11 pixels or more."""
    check_texts(figures()[number_of].sheet(size))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_hostile_words_are_drawn_as_text(size):
    """Math, markup, letters that the font has not and 10,000 letters neither run nor break a drawing."""
    for made in figures(HOSTILE, HOSTILE):
        assert "<script" not in (made._repr_html_() if size is PHONE else made.at(size).svg)
        for words, _, (left, _, right, _) in texts(made.sheet(size)):
            assert left >= 0, words
            assert right <= size.width + 1, words


def test_the_sizes_are_those_of_the_newsroom():
    """PNG at twice the size: a card for links is 1200 by 627, a phone's 780 wide; letters are outlines."""
    made = figures()[0]
    pixels = {size: Image.open(io.BytesIO(made.at(size).png)).size for size in SIZES}
    assert pixels[CARD] == (1200, 627)
    assert pixels[SQUARE] == (1080, 1080)
    assert (pixels[WEB][0], pixels[PHONE][0]) == (1440, 780)
    assert "<text" not in made.svg
    assert "font-family" not in made.svg


def test_white_is_white_and_the_palette_is_kept():
    """The few colors of a PNG are those of the chart."""
    shown = Image.open(io.BytesIO(figures()[0].at(WEB).png)).convert("RGB")
    colors = {color for count, color in shown.getcolors() if count > 500}
    assert (255, 255, 255) in colors
    assert any(np.abs(np.subtract(color, (0x44, 0x77, 0xAA))).max() <= 2 for color in colors)
    assert not {color for color in colors if min(color) > 240} - {(255, 255, 255)}


def test_what_does_not_fit_is_said():
    """A card has room for some rows; it says how many more there are."""
    said = [words for words, *_ in texts(figures()[0].sheet(CARD))]
    assert [words for words in said if re.fullmatch(r"and \d+ more", words)]
    left_out = int(re.findall(r"and (\d+) more", " ".join(said))[0])
    assert sum(label in said for label in list(WORDS.values())[:13]) + left_out >= 13


def test_a_page_has_the_plot_for_wide_and_for_narrow():
    """Headline and source are the page's own text; the plot is drawn for both widths."""
    html = figures()[0]._repr_html_()
    assert html.count("<svg ") == 2
    assert 'class="web"' in html
    assert 'class="phone" style="display:none"' in html
    wide, narrow = (float(found) for found in re.findall(r'<svg [^>]*?width="([\d.]+)"', html))
    assert (wide, narrow) == (WEB.width - 32, PHONE.width - 32)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(set(ids)) == len(ids)
    assert "<!-- City police are most" not in html
    assert len(re.findall(r'<text [^>]*textLength="[\d.]+"[^>]*>Sheriffs</text>', html)) == 2, "as wide as measured"


def test_letters_that_a_comment_cannot_hold_stay_outlines():
    """Matplotlib says what a line reads in a comment, where two hyphens cannot stand: such a plot has no text."""
    html = figures("CBP -- NTC")[0]._repr_html_()
    assert "<text" not in html.partition("<details")[0]
    assert "CBP -- NTC" in html


@pytest.mark.parametrize("number_of", range(5), ids=["bars", "ranges", "two", "then", "lists"])
def test_the_alt_text_says_every_number(number_of):
    """At least 40 characters, and each number of the table."""
    made = figures()[number_of]
    assert len(made.alt) >= 40
    for row in made.behind.rows:
        for cell in row:
            assert (cell.text if isinstance(cell, Finding) else cell) in made.alt


def test_a_figure_is_read_back_as_it_was(tmp_path):
    """NAME.figure.json is enough to draw the figure again, at every size, to the byte."""
    for made in figures():
        made.save(tmp_path)
        again = Graphic.read(tmp_path / f"{made.name}.figure.json")
        assert again.at(CARD) == made.at(CARD)
        assert again.at(PHONE).png == made.at(PHONE).png
        assert (tmp_path / f"{made.name}.png").read_bytes() == made.png
        assert (tmp_path / f"{made.name}.svg").read_text(encoding="utf-8") == made.svg


@pytest.mark.parametrize("broken", ["", "[]", '{"kind": "pie"}', None])
def test_a_broken_figure_is_three_lines(tmp_path, broken):
    """What is no figure is an error with its name and what to do."""
    path = tmp_path / "x.figure.json"
    if broken is not None:
        path.write_text(broken, encoding="utf-8")
    with pytest.raises(DataError) as stopped:
        Graphic.read(path)
    assert len(str(stopped.value).splitlines()) == 3


def test_a_figure_of_another_kind_is_refused(tmp_path):
    """A kind that the kit does not plot is not half-drawn."""
    path = tmp_path / "bars.figure.json"
    figures()[0].save(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "kind": "pie"}), encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        Graphic.read(path)


def test_lines_are_broken_between_words_and_dates_are_not():
    """A line is as wide as told, a date stays on one, and what is too much ends on an ellipsis."""
    lines = wrapped("Agencies on the list of March 11, 2025, of the sheriff", 14, 170)
    assert all(width_of(line, 14) <= 170 for line in lines)
    assert any("March\u00a011,\u00a02025" in line for line in lines)
    assert wrapped("word " * 99, 14, 100, most=2)[-1].endswith("…")
    assert wrapped("", 14, 100) == []


# --- color-blind readers -----------------------------------------------------------------------

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
_BLINDNESS = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(color: str) -> np.ndarray:
    """Give a color's linear red, green and blue."""
    part = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(color: str, blindness: str) -> np.ndarray:
    """Give a color as a reader sees it, in CIE Lab."""
    seen = np.clip(np.array(_BLINDNESS[blindness]) @ linear(color), 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ seen / [0.9505, 1, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", _BLINDNESS)
@pytest.mark.parametrize(
    "colors",
    [
        (BLUE, RED),
        (OCHRE, BLUE),
        (GREY, BLUE),
        [color for _, color, _ in SIGNS.values()],
        [c for _, c, _ in WAYS.values()],
    ],
)
def test_colors_that_stand_together_are_told_apart(colors, blindness):
    """Simulated for protan, deutan and tritan readers: a difference of 25 in Lab, ten times what is just seen."""
    assert min(np.linalg.norm(lab(a, blindness) - lab(b, blindness)) for a, b in combinations(colors, 2)) > 25


@pytest.mark.parametrize("blindness", _BLINDNESS)
def test_the_shades_of_a_map_run_from_light_to_dark(blindness):
    """Each class is darker than the one before, for every reader and in gray print."""
    light = [lab(color, blindness)[0] for color in _SHADES]
    assert all(before - after > 6 for before, after in pairwise(light))
    assert np.linalg.norm(lab(NONE, blindness) - lab(_SHADES[0], blindness)) > 10


@pytest.mark.parametrize("color", [BLUE, RED, OCHRE, GREY])
def test_marks_stand_out_from_paper(color):
    """WCAG: 3 to 1 for what must be seen in a chart."""
    assert 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear(color)) + 0.05) >= 3
