"""JupyterLab as a reporter sees it: no pop-up, no request, dollars, contents, an error in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from nbformat import v4, write

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

COST = "$5 million and $10 million"
CELLS = [
    v4.new_markdown_cell(
        f"# What it cost\n\nIt cost {COST}: **$5 million** and **$10 million**, [$1](https://a.example)."
    ),
    v4.new_markdown_cell("## The contracts"),
    v4.new_code_cell(
        f"from IPython.display import HTML, Markdown\n"
        f"display(HTML('<p>{COST}</p>'), Markdown('{COST}, **$1**, **$2**'))"
    ),
    v4.new_code_cell("import time\nfrom pathlib import Path\nwhile not Path('seen').exists():\n    time.sleep(1)"),
    v4.new_code_cell("from kit import find_state\nfind_state('Californa')"),
]


@pytest.fixture(scope="module")
def opened(browser, lab):
    """Open a notebook of one's own and run it; give the page, what it asked of others, and what was said meanwhile."""
    (lab.notebooks / "mine").mkdir(exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    write(v4.new_notebook(cells=CELLS, metadata=kernel), lab.notebooks / "mine" / "costs.ipynb")
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lab.page("mine/costs.ipynb"))
    page.locator(".jp-Notebook .jp-MarkdownOutput p").first.wait_for(timeout=60_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
    page.locator("progress").wait_for(timeout=60_000)
    running = page.locator(".jp-OutputArea-output:has(progress)").inner_text()
    (lab.notebooks / "mine" / "seen").touch()
    page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").wait_for(timeout=60_000)
    yield page, asked, running
    context.close()


def text(page: Page, selector: str) -> list[str]:
    return page.locator(f".jp-Notebook {selector}").all_inner_texts()


def test_no_pop_up_and_no_request_to_others(opened, lab):
    """All is asked of this machine."""
    page, asked, _ = opened
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    assert [url for url in asked if not url.startswith((f"{lab.url}/", "data:", "blob:"))] == []


def test_dollars_are_dollars(opened):
    """In Markdown, in HTML and in what is said in bold; there is no math."""
    page, _, _ = opened
    assert text(page, ".jp-MarkdownOutput p") == [f"It cost {COST}: $5 million and $10 million, $1."]
    assert text(page, ".jp-MarkdownOutput strong") == ["$5 million", "$10 million"]
    assert text(page, ".jp-OutputArea-output p") == [COST, f"{COST}, $1, $2"]
    assert page.locator("mjx-container, .MathJax, .katex").count() == 0


def test_the_contents_are_open_beside_the_notebook(opened):
    """Its headings can be seen and clicked without looking for them."""
    page, _, _ = opened
    headings = page.locator(".jp-TableOfContents .jp-tocItem-content")
    assert headings.all_inner_texts() == ["What it cost", "The contracts"]
    assert headings.last.is_visible()


def test_a_cell_that_takes_long_says_so(opened):
    """For how long and at which line; and no more when it is done."""
    page, _, running = opened
    assert "s, at time.sleep(1)" in running
    assert page.locator("progress").count() == 0


def test_an_error_of_the_kit_is_three_lines(opened):
    """No traceback."""
    page, _, _ = opened
    (said,) = text(page, ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")
    assert len(said.strip().splitlines()) == 3
    assert "is not a state" in said
