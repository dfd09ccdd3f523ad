"""Pages as a reader meets them: opened, clicked through, printed, read without JavaScript."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Open = Callable[..., Any]

pytestmark = pytest.mark.browser

VENDOR = Path(__file__).parent / "vendor"
PAGES = ("exampleville", "hostile", "nothing", "corrected", "california", "wyoming")
WIDTHS = (320, 390, 768, 1200)


def settle(page: Page) -> None:
    """Wait until the maps have their documents and have drawn them."""
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('iframe')].every((frame) => frame.srcdoc)")
    for frame in page.frames[1:]:
        frame.wait_for_load_state()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_and_complains_of_nothing(opened: Open, name: str) -> None:
    """No request leaves the page, the console is silent, and no stranger's text runs."""
    seen = opened(name)
    settle(seen.page)
    assert seen.requests == []
    assert seen.complaints == []
    assert not any(frame.evaluate("window.ran") for frame in seen.page.frames)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(opened: Open, name: str, width: int) -> None:
    """At no width is the page wider than the window; what is wide scrolls in its own box."""
    page = opened(name, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """(width) => [...document.querySelectorAll('main *, header *, nav *')].filter((at) => {
            const box = at.getBoundingClientRect();
            return box.width && box.right > width + 1 && !at.closest('.scroll, svg');
        }).map((at) => at.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_nothing(opened: Open, name: str, width: int) -> None:
    """No accessibility rule of axe-core is broken, whatever its severity; all that is folded is open."""
    page = opened(name, width).page
    settle(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    axe = (VENDOR / "axe.min.js").read_text(encoding="utf-8")
    for frame in page.frames:
        frame.evaluate(f"{axe}; axe.configure({{ allowedOrigins: ['<unsafe_all_origins>'] }})")
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    broken = {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found["violations"]}
    assert broken == {}


def test_axe_is_the_one_that_the_readme_names() -> None:
    """The vendored file is unchanged."""
    digest = hashlib.sha256((VENDOR / "axe.min.js").read_bytes()).hexdigest()
    assert digest in (VENDOR / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["exampleville", "california"])
def test_every_number_leads_to_its_entry(opened: Open, name: str) -> None:
    """No link inside the page points at nothing; every number stands in the ledger with its rows."""
    page = opened(name).page
    lost = page.evaluate(
        """() => [...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1))
            .filter((id) => !document.getElementById(decodeURIComponent(id)))"""
    )
    assert lost == []
    differing = page.evaluate(
        """() => [...document.querySelectorAll('.ledger > li')].filter((entry) => {
            const numbers = entry.querySelector('.count').firstChild.textContent.replaceAll(',', '').match(/\\d+/g);
            const spans = [...entry.querySelectorAll('.behind a[href^="#r-"]')];
            // A percentage is worked out from its rows, and is not how many they are.
            if (entry.querySelector('.count span')?.textContent === 'percent') return false;
            const rows = spans.reduce((sum, span) => sum + Number(span.dataset.n ?? 1), 0);
            return rows !== Number(numbers.at(-1)) && !entry.textContent.includes('in the list itself');
        }).map((entry) => entry.id)"""
    )
    assert differing == []


@pytest.mark.parametrize("name", ["exampleville", "california"])
def test_the_rows_of_every_number_are_found(opened: Open, name: str) -> None:
    """The button of each entry shows as many rows as its links name, of the records that they name."""
    wrong = opened(name).page.evaluate(
        """() => [...document.querySelectorAll('.ledger > li')].filter((entry) => {
            const spans = [...entry.querySelectorAll('.behind a[href^="#r-"]')];
            if (!spans.length) return false;
            entry.querySelector('.show').click();
            const rows = [...document.querySelectorAll('.tall tbody tr:not([hidden])')];
            const records = [...entry.querySelectorAll('.behind > a[href^="#l-"]')].map((link) => link.textContent);
            const of = rows.every((row) => records.some((one) => row.cells[0].textContent.startsWith(one)));
            return !of || rows.length !== spans.reduce((sum, span) => sum + Number(span.dataset.n ?? 1), 0);
        }).map((entry) => entry.id)"""
    )
    assert wrong == []


def test_a_phone_has_drawings_of_its_own(opened: Open) -> None:
    """On a narrow window the drawing for a phone stands in the place of the other; without JavaScript the other."""
    narrow, plain, wide = opened("california", 390), opened("california", 390, script=False), opened("california")
    narrow.page.wait_for_selector(".drawn svg.phone")
    charts = narrow.page.locator("figure.chart")
    assert charts.count() >= 4
    for page in (narrow.page, plain.page, wide.page):
        assert page.locator("figure.chart svg:visible").count() == charts.count()
    assert narrow.page.locator("svg.web:visible").count() == wide.page.locator("svg.phone").count() == 0
    assert narrow.complaints == []


def test_a_correction_comes_first(opened: Open) -> None:
    """What no longer holds stands above the glance; its link leads to old and new side by side."""
    page = opened("corrected").page
    assert page.locator("main h2").first.inner_text() == "What no longer holds"
    page.get_by_role("link", name="What changed since the last run").last.click()
    table = page.get_by_role("table", name="Numbers that changed: the first 12")
    assert table.locator("tbody tr").count() == 12
    assert table.locator("tbody tr").first.locator("td").all_inner_texts()[:2] == ["39", "40"]
    page.get_by_text("The other numbers that changed").click()
    page.locator("summary", has_text="Names placed otherwise").click()
    assert page.get_by_role("table", name="Names placed otherwise").is_visible()


def test_from_a_number_to_its_rows_and_back(opened: Open) -> None:
    """A click on a number shows its first rows; one more filters the row table; a link leads back."""
    page = opened("exampleville").page
    page.get_by_role("link", name="40", exact=True).first.click()
    entry = page.locator(":target")
    assert entry.get_attribute("id") == "f-shared"
    assert entry.locator(".peek tbody tr").count() == 10
    entry.get_by_role("button", name="Show these rows").click()
    shown = page.locator("#rows ~ .scroll tbody tr:visible")
    assert shown.count() == 40
    assert page.get_by_text("40 of 100 rows").is_visible()
    page.get_by_role("link", name="Back to the number").click()
    assert page.locator(":target").get_attribute("id") == "f-shared"
    page.locator(":target").get_by_role("link", name="At a glance").click()
    assert page.evaluate("document.activeElement.closest('.glance') || location.hash.startsWith('#u-')")
    page.locator('#f-gone .behind a[href^="#r-"]').click()
    assert page.locator("#r-1").is_visible(), "a row that the filter hid is shown when a link leads to it"


def test_rows_are_searched_sorted_and_saved(opened: Open, tmp_path: Path) -> None:
    """Words narrow the rows, a heading sorts them by key or click, and what is shown can be saved."""
    page = opened("exampleville").page
    page.get_by_label("Search the rows").fill("cedar sheriff")
    rows = page.locator("#rows ~ .scroll tbody tr:visible")
    assert rows.count() == 5
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save these rows as CSV").click()
    saved.value.save_as(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith('"Row","Agency as printed","Direction"')
    page.get_by_role("button", name="Show all rows").click()
    head = page.locator("#rows ~ .scroll thead th").nth(1)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    names = page.locator("#rows ~ .scroll tbody tr td:nth-child(2)").all_inner_texts()
    assert names == sorted(names, key=str.lower)
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None


def test_numbers_sort_as_numbers(opened: Open) -> None:
    """A column of counts starts with the largest, and two comes before ten."""
    page = opened("exampleville").page
    page.get_by_text("The numbers").first.click()
    table = page.locator("details.behind table").first
    table.get_by_role("button", name="Names").click()
    assert table.locator("tbody td").all_inner_texts() == ["40", "30", "0"]


def test_long_tables_can_be_searched(opened: Open) -> None:
    """From 30 rows on a table has a search of its own."""
    page = opened("exampleville").page
    page.get_by_label("Search this table").fill("lake")
    assert page.get_by_role("table", name="Agencies, by town").locator("tbody tr:visible").count() == 6


def test_a_map_draws_in_its_box(opened: Open) -> None:
    """The map's own script runs, on names as data, and reaches nothing of the page around it."""
    page = opened("hostile").page
    settle(page)
    frame = page.frames[1]
    assert frame.locator("li").count() >= 14
    assert frame.locator("li").first.inner_text() == "<script>window.ran = 1</script>"
    assert frame.evaluate("() => { try { return parent.document.title } catch { return 'closed' } }") == "closed"


@pytest.mark.parametrize("name", PAGES)
def test_without_javascript_the_content_is_whole(opened: Open, name: str) -> None:
    """Without JavaScript every row, number and source is there, and no dead control is."""
    with_script, without = opened(name), opened(name, script=False)
    for part in ("h2", ".ledger > li", "table tbody tr", "svg", "dl", "details"):
        assert without.page.locator(part).count() == with_script.page.locator(part).count(), part
    assert without.page.locator("main button, main input").count() == 0
    assert without.page.locator("iframe:visible").count() == 0
    assert without.requests == []


def test_without_javascript_a_number_leads_to_its_rows(opened: Open) -> None:
    """The links alone lead from a number to the rows of the record."""
    page = opened("exampleville", script=False).page
    page.get_by_role("link", name="30 to 40").first.click()
    page.locator('#f-in-state .behind a[href^="#r-"]').click()
    assert page.url.endswith("#r-31")


@pytest.mark.parametrize("name", ["exampleville", "california"])
def test_a_print_has_every_row(opened: Open, name: str, tmp_path: Path) -> None:
    """A print has all the rows, whatever was searched for, what was folded but for code, and page numbers."""
    pdfium = pytest.importorskip("pypdfium2")
    page = opened(name).page
    ids = page.locator("#rows ~ .scroll tbody tr").count()
    page.get_by_label("Search the rows").fill("nothing has this")
    printed = tmp_path / "page.pdf"
    page.pdf(path=printed, prefer_css_page_size=True, print_background=True)
    document = pdfium.PdfDocument(printed)
    texts = [document[at].get_textpage().get_text_range() for at in range(len(document))]
    document.close()
    whole = " ".join(" ".join(texts).split())
    assert f"1 of {len(texts)}" in whole
    assert "import kit" not in whole, "code is not printed"
    assert "Search the rows" not in whole
    if name == "exampleville":
        assert ids == 100
        assert all(f"2025-03-11 {number} " in whole for number in range(1, 71))
        assert "Units of DHS" in whole, "the table behind a chart is printed"


def test_the_downloads_hold_the_rows(opened: Open, tmp_path: Path) -> None:
    """Rows and findings come out of the page as files, with no formula in a cell."""
    page = opened("hostile").page
    with page.expect_download() as saved:
        page.get_by_role("link", name="exampleville-rows.csv").click()
    saved.value.save_as(tmp_path / saved.value.suggested_filename)
    assert [path.name for path in tmp_path.iterdir()] in (["exampleville-rows.csv"], ["exampleville-rows.csv.zip"])


def test_dollars_are_dollars(opened: Open) -> None:
    """Two prices in one sentence stay prices, and markup that is text stays text."""
    page = opened("hostile").page
    assert page.get_by_text("$5 million and $10 million").first.is_visible()
    assert page.locator("h1").count() == 1
    assert "<script>" in page.locator("h1").inner_text()
