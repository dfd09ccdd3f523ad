"""The index as a reader meets it: searched, at any width, without JavaScript, by any means of access."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from kit.index import STATUSES, Card, Change, write_index
from tests.browser.strangers import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Callable

    Open = Callable[..., Any]

pytestmark = pytest.mark.browser

VENDOR = Path(__file__).parent / "vendor"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give an index of places of every status, some of them with names that attack, a few with a picture."""
    folder = tmp_path_factory.mktemp("index")
    (folder / "place-0").mkdir()
    whole = Image.new("RGB", (800, 900), "white")
    ImageDraw.Draw(whole).polygon([(100, 200), (700, 250), (600, 800)], fill="#41b6c4")
    whole.save(folder / "place-0" / "counties.png")
    alt = "County map of Exampleville. Cedar County 12; Lake County 3; Pine County 1."
    (folder / "place-0" / "counties.figure.json").write_text(f'{{"kind": "county map", "alt": "{alt}"}}')
    card = Card("Exampleville", "place-0", "same", has_page=True, number="12", says="12 agencies get the data.")
    changes = tuple(Change(f"agencies of kind {at}", str(at), f"{at} to 9") for at in range(6))
    cards = [replace(card, place=f"Place {at}", slug=f"place-{at % 9}") for at in range(50)]
    cards += [replace(card, place=f"Odd {name}", status=name, changes=changes) for name in STATUSES]
    failed = {"status": "failed", "has_page": False}
    cards += [replace(card, place=name, what=name, where=name, do=name, **failed) for name in ATTACKS]
    strange = {"number": ATTACKS[0], "says": ATTACKS[4], "changes": tuple(Change(name, name, name) for name in ATTACKS)}
    cards += [replace(card, place=ATTACKS[3], status="changed", **strange)]
    return {"index": write_index(folder, cards)}


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_the_index_does_not_scroll_sideways(opened: Open, width: int) -> None:
    """At no width is anything wider than the window; nothing asks another computer, nothing hostile runs."""
    seen = opened("index", width)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.requests == []
    assert seen.complaints == []
    assert not seen.page.evaluate("window.ran")


@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_nothing_in_the_index(opened: Open, width: int) -> None:
    """No accessibility rule of axe-core is broken, whatever its severity."""
    page = opened("index", width).page
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found["violations"]} == {}


def test_places_are_searched(opened: Open) -> None:
    """Words narrow the places, groups with none of them go, a line says how many are left; then all are back."""
    page = opened("index").page
    box = page.get_by_label("Search the places")
    box.fill("odd changed")
    assert page.locator(".card:visible").count() == 1
    assert page.locator("h2:visible").all_inner_texts() == ["Changed"]
    assert page.get_by_text("1 of 74 places").is_visible()
    box.fill("nothing has this")
    assert page.get_by_text("0 of 74 places").is_visible()
    box.fill("")
    assert page.locator(".card:visible").count() == 74


def test_the_index_is_whole_without_javascript(opened: Open) -> None:
    """All places, their links and what changed are there, and no dead control."""
    page = opened("index", script=False).page
    assert page.locator(".card:visible").count() == 74
    assert page.locator(".card a[href$='/report.html']").count() == 56
    assert page.locator("input, button").count() == 0
    page.get_by_role("link", name="Changed", exact=True).click()
    assert page.url.endswith("#changed")
