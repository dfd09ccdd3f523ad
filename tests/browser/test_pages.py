"""Pages as a reader meets them: opened, clicked through, printed, read without JavaScript."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    Open = Callable[..., Any]

pytestmark = pytest.mark.browser

VENDOR = Path(__file__).parent / "vendor"


def test_axe_is_the_one_that_the_readme_names() -> None:
    """The vendored file is unchanged."""
    digest = hashlib.sha256((VENDOR / "axe.min.js").read_bytes()).hexdigest()
    assert digest in (VENDOR / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["exampleville", "california"])
def test_every_number_has_its_rows(opened: Open, name: str) -> None:
    """Every number stands in the ledger with as many rows as it counts."""
    page = opened(name).page
    differing = page.evaluate(
        """() => [...document.querySelectorAll('.ledger > li')].filter((entry) => {
            const numbers = entry.querySelector('.count').firstChild.textContent.replaceAll(',', '').match(/\\d+/g);
            const spans = [...entry.querySelectorAll('.behind a[href^="#r-"]')];
            // What is worked out from its rows is not how many they are.
            if (['percent', 'states'].includes(entry.querySelector('.count span')?.textContent)) return false;
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
            const rows = [...document.querySelectorAll('.tall table:not(.printed) tbody tr:not([hidden])')];
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
    names = page.locator("#rows ~ .scroll table:not(.printed) td:nth-child(2)").all_inner_texts()
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


SORTED = r"""() => {
    const order = new Intl.Collator('en-US', { numeric: true });
    const plain = (said) => said.replace(/(\d),(?=\d{3})/g, '$1');
    const words = { compare: (a, b) => order.compare(plain(a), plain(b)) };
    const number = (said) => parseFloat(said.replaceAll(',', ''));
    const wrong = [];
    const heads = document.querySelectorAll('main table:not(.printed) thead th:has(button)');
    for (const head of heads) {
        const press = head.querySelector('button'), body = head.closest('table').tBodies[0];
        const cells = () => [...body.rows].map((row) => row.cells[head.cellIndex].textContent.trim());
        const before = cells();
        const counts = head.cellIndex > 0 && before.every((said) => /^(\d|$)/.test(said));
        const follows = (a, b) => b === '' || a !== '' && (counts ? number(a) >= number(b) : words.compare(a, b) <= 0);
        const turns = [];
        press.click();
        turns.push(head.ariaSort);
        const once = cells();
        if (!once.every((said, at) => !at || follows(once[at - 1], said))) wrong.push([press.textContent, once]);
        press.click();
        turns.push(head.ariaSort);
        press.click();
        turns.push(head.ariaSort);
        const expected = counts ? ['descending', 'ascending', null] : ['ascending', 'descending', null];
        if (String(turns) !== String(expected)) wrong.push([press.textContent, turns]);
        if (String(cells()) !== String(before)) wrong.push([press.textContent, 'not as it was']);
    }
    return heads.length ? wrong : ['no heading'];
}"""


def test_every_table_sorts_by_every_heading(opened: Open) -> None:
    """A heading sorts its column: numbers from the largest, words from A, empty cells last; then turned; then back."""
    assert opened("nation").page.evaluate(SORTED) == []


def test_the_page_is_used_with_keys(opened: Open) -> None:
    """The first stop skips to the text; what has the focus is seen; a folded part opens with the space bar."""
    page = opened("california").page
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the text"
    assert skip.evaluate("one => one.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const one = document.activeElement, look = getComputedStyle(one);
                const drawn = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 1;
                return one.matches('iframe') || drawn; }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 100)")
    folded = page.locator("details.method > summary").first
    folded.focus()
    page.keyboard.press("Space")
    assert folded.evaluate("one => one.parentElement.open")


def test_the_way_back_is_the_browsers_too(opened: Open) -> None:
    """From the rows of a number the browser's own way back leads to the number, then to where it was clicked."""
    page = opened("exampleville").page
    page.get_by_role("link", name="40", exact=True).first.click()
    page.locator("#f-shared").get_by_role("button", name="Show these rows").click()
    assert page.url.endswith("#rows")
    page.go_back()
    assert page.url.endswith("#f-shared")
    page.go_back()
    assert page.url.endswith("report.html")


def test_the_map_in_the_page_is_reached_with_keys_and_a_finger(opened: Open) -> None:
    """The tab key leads into the map's box, where arrows and Enter open a place; on a phone a tap does."""
    for width, touch in ((1200, False), (390, True)):
        page = opened("california", width, has_touch=touch).page
        settle(page)
        frame = page.frames[1]
        frame.locator("path[tabindex='0']").wait_for()
        if touch:
            frame.locator("path[role=button]").last.tap(force=True)
        else:
            page.locator("iframe").focus()
            while not frame.evaluate("document.activeElement.matches('path[role=button]')"):
                page.keyboard.press("Tab")
                assert page.evaluate("document.activeElement.matches('iframe')"), "the map was left without a sign"
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
        frame.locator(".leaflet-popup").wait_for()


def test_long_tables_can_be_searched(opened: Open) -> None:
    """From 30 rows on a table has a search of its own."""
    page = opened("exampleville").page
    page.get_by_label("Search this table").fill("lake")
    assert page.get_by_role("table", name="Agencies, by town").locator("tbody tr:visible").count() == 6


def test_without_javascript_a_number_leads_to_its_rows(opened: Open) -> None:
    """The links alone lead from a number to the rows of the record."""
    page = opened("exampleville", script=False).page
    page.get_by_role("link", name="30 to 40").first.click()
    page.locator('#f-in-state .behind a[href^="#r-"]').click()
    assert page.url.endswith("#r-31")


def test_a_print_has_what_was_searched_away(opened: Open, tmp_path: Path) -> None:
    """A print has the rows that a search hid and what was folded but for code, and no control."""
    pdfium = pytest.importorskip("pypdfium2")
    page = opened("exampleville").page
    page.get_by_label("Search the rows").fill("nothing has this")
    printed = tmp_path / "page.pdf"
    page.pdf(path=printed, prefer_css_page_size=True, print_background=True)
    document = pdfium.PdfDocument(printed)
    texts = [document[at].get_textpage().get_text_range() for at in range(len(document))]
    document.close()
    whole = " ".join(" ".join(texts).split())
    assert "import kit" not in whole, "code is not printed"
    assert "Search the rows" not in whole
    assert all(f"{town} PD" in whole for town in ("Alder Grove", "Fir Ridge"))
    assert "Units of DHS" in whole, "the table behind a chart is printed"
