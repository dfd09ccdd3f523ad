"""What a stranger's names do on the way from a record to the page, its pictures and its files: nothing."""

from __future__ import annotations

import csv
import re
import zipfile
from typing import TYPE_CHECKING, Any

import mistune
import pytest
from lxml import etree, html
from PIL import Image
from python_calamine import CalamineWorkbook

from kit.pack import write_pack
from kit.records.record import clean
from tests.browser.conftest import HOSTILE, settle
from tests.browser.strangers import ATTACKS, OTHER, OWNER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Open = Callable[..., Any]

pytestmark = pytest.mark.browser

# What a spreadsheet would run; a number is none of it.
RUNS = re.compile(r"(?![+-]?[\d.,]+\Z)[=+\-@\t\r]")


@pytest.fixture(scope="module")
def folder(browser: Any, pages: dict[str, Path]) -> Path:  # noqa: ARG001  (skipped where there is no Chromium)
    """Give the folder of the kit whose records attack."""
    return pages["hostile index"].parents[1]


def test_every_attack_stands_on_the_page_as_text(opened: Open) -> None:
    """Owner, partners and hot lists are read as the record prints them; one that was run would be missing."""
    state, record = (opened(name).page.evaluate("document.body.textContent") for name in HOSTILE[:2])
    for attack in ATTACKS:
        name = clean(attack)
        assert name in state, attack[:80]
        if not name.startswith("a **"):  # a row that starts so is a note
            assert name in record, attack[:80]
    assert clean(OWNER) in state
    assert clean(OTHER) in record


def test_the_map_says_the_names_and_runs_none(opened: Open) -> None:
    """A place of the interactive map opens with the names of its agencies as text."""
    seen = opened("hostile state")
    settle(seen.page)
    frame = seen.page.frames[1]
    told = []
    for sign in frame.locator("path[role=button]").all():
        sign.evaluate("one => one.focus()")
        seen.page.keyboard.press("Enter")
        told.append(frame.locator(".leaflet-popup").inner_text())
        seen.page.keyboard.press("Escape")
        frame.locator(".leaflet-popup").wait_for(state="detached")
    names = " ".join(" ".join(told).split())
    for at in (0, 4, 5, 7):
        assert ATTACKS[at] in names
    assert not frame.evaluate("window.ran")
    assert frame.evaluate("() => { try { return parent.document.title } catch { return 'closed' } }") == "closed"
    assert (seen.requests, seen.complaints) == ([], [])


def test_prices_are_prices(opened: Open) -> None:
    """Two prices in one sentence stay prices, a heading stays a heading."""
    page = opened("hostile state").page
    assert page.get_by_text("$5 million and $10 million").first.is_visible()
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text().startswith("<script>")
    assert page.locator("math, mjx-container, .katex").count() == 0


def test_no_picture_holds_anything_that_runs(folder: Path) -> None:
    """Each SVG is well formed, with no script, no event and no address; each PNG opens."""
    drawn = sorted(folder.glob("figures/*/*.svg"))
    assert len(drawn) >= 5
    for path in drawn:
        for part in etree.parse(path).iter(etree.Element):
            assert etree.QName(part).localname not in {"script", "foreignObject", "iframe", "a", "style"} or (
                etree.QName(part).localname == "style"
                and "url(" not in (part.text or "")
                and "@" not in (part.text or "")
            )
            for name, value in part.attrib.items():
                assert not etree.QName(name).localname.startswith("on")
                if etree.QName(name).localname == "href":
                    assert value.startswith(("#", "data:image/png;base64,"))
        with Image.open(path.with_suffix(".png")) as picture:
            picture.verify()


def test_the_pack_says_names_as_text(folder: Path) -> None:
    """Captions show the names and no link, picture or tag; its tables have no formula."""
    page = next(path for path in folder.glob("figures/changes-*") if path.is_dir())
    pack = write_pack(page)
    said = (pack / "captions.md").read_text(encoding="utf-8")
    shown = html.fromstring(mistune.create_markdown(escape=False)(said))
    assert {part.tag for part in shown.iter()} <= {"div", "h1", "h2", "p", "ul", "li", "code"}
    words = " ".join(shown.text_content().split())
    assert OWNER.split(" Cheyenne")[0] in words
    assert sorted(pack.glob("*/*.csv"))


def cells_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [cell for line in csv.reader(file) for cell in line]


def test_no_csv_runs_in_a_spreadsheet(folder: Path) -> None:
    """No cell of any table that the kit wrote is a formula: lists, rows, sheets; the names are in them."""
    tables = [*folder.glob("figures/**/*.csv"), *folder.glob("data/lists/*.csv"), *folder.glob("*review*.csv")]
    assert len(tables) >= 10
    for path in tables:
        assert [cell for cell in cells_of(path) if RUNS.match(cell)] == [], path.name
    kept = {cell.removeprefix("'") for path in folder.glob("data/lists/*-table.csv") for cell in cells_of(path)}
    assert {clean(attack) for attack in ATTACKS[7:11]} <= kept


def test_the_review_sheet_runs_nothing(folder: Path) -> None:
    """The workbook has no formula, no link and no connection; its cells are text as the record prints it, or counts."""
    path = folder / "review.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode("utf-8") for name in book.namelist() if name.endswith((".xml", ".rels"))}
    assert not [name for name in parts if re.search("external|connection|macro|vba|embed", name, re.IGNORECASE)]
    for name, part in parts.items():
        assert "stranger.invalid" not in part or name == "xl/sharedStrings.xml"
        if name.startswith("xl/worksheets/"):
            cells = re.findall(r"<c [^>]*>", part)
            assert cells
            assert not re.search(r"<f[ >/]|<hyperlink|<oleObject", part)
            assert {kind for cell in cells for kind in re.findall(r' t="(\w+)"', cell)} <= {"s"}
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    names = {row[0] for row in rows}
    assert any(str(name).startswith("@SUM") for name in names)
    assert any("$5 million and $10 million" in str(name) for name in names)
