"""The index: every place with its picture, number and status, those first that need a look; sealed and small."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from kit.index import STATUSES, Card, Change, picture, write_index
from kit.page.sealed import csp_hash

HOSTILE = "<script>window.ran = 1</script>'\"><img src=x onerror=window.ran=1>${x}{{ 7 * 7 }}"
SAME = Card("Exampleville", "exampleville", "same", has_page=True, number="12", says="12 agencies.", as_of="2025-03-11")


def drawn(folder, *, kind: str = "county map", dots: int = 900):
    """Write a folder with one figure: words, a busy drawing, a source line."""
    folder.mkdir(parents=True)
    whole = Image.new("RGB", (1440, 1600), "white")
    pen = ImageDraw.Draw(whole)
    pen.rectangle((30, 30, 900, 80), fill="black")
    pen.rectangle((200, 300, 1000, 1300), fill="#41b6c4")
    for at in range(dots):
        pen.ellipse(
            (200 + at * 37 % 790, 300 + at * 91 % 990, 212 + at * 37 % 790, 312 + at * 91 % 990), fill="#253494"
        )
    pen.rectangle((30, 1450, 1300, 1480), fill="gray")
    whole.save(folder / "counties.png")
    said = {"kind": kind, "name": "counties", "alt": "County map of Exampleville. Cedar County 12; Lake County 3."}
    (folder / "counties.figure.json").write_text(json.dumps(said))
    return folder


def test_what_needs_a_look_stands_first(tmp_path):
    """Failed, then changed, new, same, no data; each with its count, and within them by name."""
    cards = [replace(SAME, place=f"{name} {letter}", status=name) for letter in "BA" for name in sorted(STATUSES)]
    html = write_index(tmp_path, cards).read_text(encoding="utf-8")
    assert re.findall(r"<h2[^>]*>([^<]+)", html) == list(STATUSES.values())
    shown = re.findall(r'<h3><a href="[^"]+">([^<]+)', html)
    assert shown == [f"{name} {letter}" for name in STATUSES for letter in "AB"]
    assert "10 pages. As of March 11, 2025" in html


def test_a_failure_says_what_where_and_what_to_do(tmp_path):
    """With the page of an earlier run where there is one, and no dead link where there is none."""
    failed = replace(SAME, status="failed", what="The notebook stopped.", where="state.ipynb, cell 4", do="Mend it.")
    with_page = write_index(tmp_path, [failed]).read_text(encoding="utf-8")
    assert "The notebook stopped." in with_page
    assert "state.ipynb, cell 4. Mend it. The page is that of an earlier run." in with_page
    without = write_index(tmp_path, [replace(failed, has_page=False)]).read_text(encoding="utf-8")
    assert "<h3>Exampleville</h3>" in without
    assert "report.html" not in without


def test_what_changed_is_old_and_new(tmp_path):
    """The first four numbers, and how many more there are."""
    changes = tuple(Change(f"agencies of kind {at}", str(at), str(at + 1)) for at in range(6))
    html = write_index(tmp_path, [replace(SAME, status="changed", changes=changes)]).read_text(encoding="utf-8")
    assert "Agencies of kind 3: 3 → <b>4</b>" in html
    assert "of kind 4" not in html
    assert "and 2 more numbers" in html


def test_the_index_is_sealed(tmp_path):
    """Its policy allows its own style and script by hash and nothing else; nothing in it is another's address."""
    card = replace(SAME, place=HOSTILE, says=HOSTILE, number=HOSTILE, changes=(Change(HOSTILE, HOSTILE, HOSTILE),))
    html = write_index(tmp_path, [card]).read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    scripts, styles = (re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("script", "style"))
    assert len(scripts) == len(styles) == 1
    assert csp_hash(scripts[0]) in policy
    assert csp_hash(styles[0]) in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert HOSTILE not in html
    assert "<img src=x" not in html
    assert "49" not in html.split("</style>")[1].split("<script>")[0]
    assert not re.search(r"https?://", html)
    assert str(tmp_path) not in html


def test_a_picture_is_the_drawing_alone(tmp_path):
    """Words and source line are cut off, the alt text is the figure's own; a chart gives none."""
    found = picture(drawn(tmp_path / "map"), 10_000)
    assert found is not None
    assert (found.width, found.height) == (160, 200)
    assert found.alt.startswith("County map of Exampleville")
    assert picture(drawn(tmp_path / "chart", kind="bars"), 10_000) is None
    assert picture(drawn(tmp_path / "heavy"), 100) is None
    (tmp_path / "map" / "counties.png").write_bytes(b"no picture")
    assert picture(tmp_path / "map", 10_000) is None
    assert picture(tmp_path / "not there", 10_000) is None


def test_51_states_are_under_500_kb(tmp_path):
    """However busy the maps are; and the same bytes twice."""
    drawn(tmp_path / "exampleville")
    changes = (Change("agencies in Exampleville that get the data", "12", "13 to 15"),) * 4
    cards = [replace(SAME, place=f"Place {at}", status="changed", changes=changes) for at in range(51)]
    first = write_index(tmp_path, cards).read_bytes()
    assert first.count(b"data:image/webp") == 51
    assert len(first) < 500_000
    assert write_index(tmp_path, cards).read_bytes() == first


@pytest.mark.parametrize("count", [0, 1])
def test_an_index_of_nothing_or_one(tmp_path, count):
    """No place yet, or one: it is still a page."""
    html = write_index(tmp_path, [SAME][:count]).read_text(encoding="utf-8")
    assert f"{count} {'page' if count == 1 else 'pages'}" in html
