"""The interactive map as a reader meets it: with keys, a finger or a mouse, and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kit.findings import Ledger
from kit.interactive import atlas
from kit.page.sealed import sealed_document
from kit.places import find_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
HOSTILE = "</script><img src=x onerror='window.ran = 1'> {{ 7 * 7 }} {% raw %} {# no #} Police"
OWNERS = {"Orange County Sheriffs Department": (33.7, -117.9)}


@pytest.fixture(scope="module")
def document(lists: Any, rows: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write California's map as a page has it, one of its agencies with a name that is an attack."""
    here = rows[(rows["state"] == "CA") & (rows["status"] == "certain") & (rows["date"] < "2025-04-01")]
    ledger = Ledger("California", lists, rows)
    newest = here[(here["date"] == "2025-03-11") & (here["direction"] == "shares_with")]
    counts = {code: ledger.count(code, code, part) for code, part in newest.groupby("county_geoid") if code}
    points = here.dropna(subset=["lat"])
    points = points.assign(agency=points["agency"].where(points["place"] != "Irvine", HOSTILE))
    made = atlas(find_state("CA"), counts, points, "Map of California", owners=OWNERS)
    path = tmp_path_factory.mktemp("atlas") / "map.html"
    path.write_text(sealed_document(made.html, made.title)[0], encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Any, document: Path) -> Iterator[Page]:
    """Open the map in the box that a page gives it."""
    context = browser.new_context(viewport={"width": 736, "height": 512})
    opened = context.new_page()
    opened.said = []
    opened.on("request", lambda asked: opened.said.append(asked.url) if asked.url.startswith("http") else None)
    opened.on("console", lambda told: opened.said.append(told.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.goto(document.as_uri())
    opened.locator("path[role=button]").first.wait_for()
    yield opened
    context.close()


def test_the_map_asks_nobody_and_runs_no_name(page: Any) -> None:
    """No request, no word on the console, and a name is text where it is shown."""
    page.evaluate("document.querySelector('path[aria-label^=\"Irvine:\"]').focus()")
    page.keyboard.press("Enter")
    assert HOSTILE in page.locator(".leaflet-popup li").first.inner_text()
    assert page.said == []
    assert page.evaluate("window.ran") is None


def test_the_map_is_used_with_keys(page: Any) -> None:
    """One stop for all signs; arrows walk them, Enter opens, Escape closes."""
    stops = page.locator("path[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first != second
    assert page.locator(".said").inner_text() == second
    page.keyboard.press("Enter")
    assert second in page.locator(".leaflet-popup").inner_text()
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert page.locator("path[tabindex='0']").count() == 1


def test_the_map_is_moved_with_keys(page: Any) -> None:
    """On the map itself arrows move it, plus and minus change its scale; the buttons for that have names."""
    box = page.locator(".leaflet-container")
    where = "one => one.querySelector('path[role=button]').getBoundingClientRect().x"
    box.focus()
    before = box.evaluate(where)
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"([one, x]) => ({where})(one) < x - 20", arg=[box.element_handle(), before])
    shapes = "one => one.querySelector('.leaflet-overlay-pane svg g').getBoundingClientRect().width"
    width = box.evaluate(shapes)
    page.keyboard.press("Equal")
    page.wait_for_function(f"([one, x]) => ({shapes})(one) > 1.1 * x", arg=[box.element_handle(), width])
    page.wait_for_function("() => !document.querySelector('.leaflet-zoom-anim')")
    page.keyboard.press("Minus")
    page.wait_for_function(f"([one, x]) => ({shapes})(one) < 1.05 * x", arg=[box.element_handle(), width])
    for name in ("Zoom in", "Zoom out"):
        assert page.get_by_role("button", name=name).is_visible()


def test_lists_and_directions_are_chosen(page: Any) -> None:
    """What is not ticked is not counted and not drawn; with keys alone."""
    signs = page.locator("path[role=button]")
    before = signs.count()
    box = page.get_by_label("Gives data")
    box.focus()
    page.keyboard.press("Space")
    assert not box.is_checked()
    assert 0 < signs.count() < before
    page.get_by_label("Gets the data").uncheck()
    assert signs.count() == 0
    box.check()
    assert signs.count() > 0


def test_lines_are_drawn_when_asked_for(page: Any) -> None:
    """Lines from and to an owner are off until they are ticked."""
    paths = page.locator("path.leaflet-interactive, .leaflet-overlay-pane path")
    before = paths.count()
    page.get_by_label("Lines from and to").check()
    assert paths.count() > before + 50


def test_axe_finds_nothing_in_the_map(page: Any) -> None:
    """No accessibility rule of axe-core is broken; heading and main part are those of the page around."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = "{ 'landmark-one-main': { enabled: false }, 'page-has-heading-one': { enabled: false } }"
    found = page.evaluate(f"axe.run(document, {{ rules: {rules}, resultTypes: ['violations'] }})")
    assert {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found["violations"]} == {}


def test_a_phone_has_the_whole_state_and_the_key_folded(browser: Any, document: Path) -> None:
    """On a narrow screen the key is folded, the map is whole, and a tap opens a place."""
    context = browser.new_context(viewport={"width": 358, "height": 384}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(document.as_uri())
    page.locator("path[role=button]").first.wait_for()
    assert not page.locator(".panel details").evaluate("one => one.open")
    edges = page.locator(".leaflet-overlay-pane svg g").evaluate("one => one.getBoundingClientRect().toJSON()")
    assert edges["left"] >= 0
    assert edges["right"] <= 358
    assert edges["bottom"] <= 384
    page.locator('path[aria-label^="Chula Vista"]').last.tap(force=True)
    page.locator(".leaflet-popup").wait_for()
    context.close()
