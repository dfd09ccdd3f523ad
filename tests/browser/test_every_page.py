"""What every kind of page keeps: quiet, sealed, within the window, reachable, whole without JavaScript and in print.

A page is opened once with a wide window, once with a narrow one and once without JavaScript, for all of its tests.
"""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
import socket
import zipfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kit.page.ledger import read_ledger
from tests.browser.conftest import KINDS, ROOT, Watched, settle, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

VENDOR = Path(__file__).parent / "vendor"
# What a spreadsheet would run, or take for more than text: a number is none of it.
RUNS = re.compile(r"(?![+-]?[\d.,]+\Z)[=+\-@\t\r]")
_NOT_PRINTED = re.compile(r"[\s\u00ad\ufffe\x02\u200b\u202a-\u202e-]")
PAPER = 700
"""Pixels that stand side by side on a letter page between its margins, at most."""


class Visit:
    """A page as three readers have it: `wide` and `narrow` windows, and `plain` without JavaScript."""

    def __init__(self, browser: Browser, name: str, path: Path) -> None:
        """Take the page; a reader opens it when first asked for."""
        self._browser = browser
        self.name = name
        self.path = path

    @cached_property
    def wide(self) -> Watched:
        """A window of 1,200 pixels."""
        return watch(self._browser, self.path, 1200)

    @cached_property
    def narrow(self) -> Watched:
        """A window of 390 pixels."""
        return watch(self._browser, self.path, 390)

    @cached_property
    def plain(self) -> Watched:
        """A window of 1,200 pixels, without JavaScript."""
        return watch(self._browser, self.path, 1200, java_script_enabled=False)

    def close(self) -> None:
        """Close what was opened."""
        for name in {"wide", "narrow", "plain"} & self.__dict__.keys():
            getattr(self, name).page.context.close()


@pytest.fixture(scope="module", params=KINDS)
def visit(request: pytest.FixtureRequest, browser: Browser, pages: dict[str, Path]) -> Iterator[Visit]:
    """Give each page in turn; pytest runs all its tests before the next."""
    made = Visit(browser, request.param, pages[request.param])
    yield made
    made.close()


def one_line(text: str) -> str:
    """Give a text without what the line breaks of print change: white space, hyphens, what is not seen."""
    return _NOT_PRINTED.sub("", text)


def test_it_asks_nobody_and_complains_of_nothing(visit: Visit) -> None:
    """No request leaves the page, the console is silent, no window opens by itself, and no stranger's text runs."""
    for seen in (visit.wide, visit.narrow):
        settle(seen.page)
        assert seen.requests == []
        assert seen.complaints == []
        assert not any(frame.evaluate("window.ran") for frame in seen.page.frames)
    assert visit.plain.requests == []


def test_it_does_not_scroll_sideways(visit: Visit) -> None:
    """At no width is the page wider than the window; what is wide scrolls in its own box."""
    for width in (320, 390, 768, 1200):
        page = visit.wide.page if width == 1200 else visit.narrow.page
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """(width) => [...document.querySelectorAll('main *, header *, nav *')].filter((at) => {
                const box = at.getBoundingClientRect();
                return box.width && box.right > width + 1 && !at.closest('.scroll, svg');
            }).map((at) => at.outerHTML.slice(0, 80))""",
            width,
        )
        assert outside == [], width
    visit.narrow.page.set_viewport_size({"width": 390, "height": 900})


def test_without_javascript_it_is_whole(visit: Visit) -> None:
    """Without JavaScript every heading, row, number, source and still picture can be seen, and no dead control."""
    counts = []
    for page in (visit.wide.page, visit.plain.page):
        counts.append(
            page.evaluate(
                """() => { document.querySelectorAll('details').forEach((one) => { one.open = true; });
                const seen = (one) => one.getBoundingClientRect().height > 0;
                const parts = ['h2', 'main tbody tr', '.ledger > li', 'figure.chart svg', 'dd', 'summary', '.card'];
                return parts.map((part) => [part, [...document.querySelectorAll(part)].filter(seen).length]); }"""
            )
        )
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = false; })")
    assert counts[0] == counts[1]
    plain = visit.plain.page
    assert plain.locator("main button, main input, iframe:visible").count() == 0
    assert plain.locator("figure.chart svg:visible").count() == plain.locator("figure.chart").count()


def test_a_print_has_every_word(visit: Visit, tmp_path: Path, record_property: Any) -> None:
    """A print has each cell of each table, each number and caveat, each source; nothing is cut off with an ellipsis."""
    pdfium = pytest.importorskip("pypdfium2")
    printed = tmp_path / "page.pdf"
    visit.wide.page.pdf(path=printed, prefer_css_page_size=True, print_background=True)
    document = pdfium.PdfDocument(printed)
    texts = [document[at].get_textpage().get_text_range() for at in range(len(document))]
    document.close()
    record_property("print pages", len(texts))
    footers = [f"{number} of {len(texts)}" for number in range(1, len(texts) + 1)]
    whole = one_line("".join(text.replace(footer, "", 1) for footer, text in zip(footers, texts, strict=True)))
    said = visit.plain.page.evaluate(
        """() => [...document.querySelectorAll(`h1, h2, caption, main tbody th, main tbody td, .ledger .count,
            .ledger .says, .ledger .caveat, .glance .says, .card .says, .card h3, dd`)]
            .filter((one) => !one.querySelector('table, details')).map((one) => one.textContent)"""
    )
    missing = [words for words in dict.fromkeys(said) if one_line(words) not in whole]
    assert missing == []
    assert whole.count("…") <= visit.plain.page.evaluate("document.body.textContent.split('…').length - 1")


def test_a_print_cuts_nothing_off(visit: Visit) -> None:
    """On paper nothing is wider than the page, and no box has more in it than it shows."""
    page = visit.wide.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})
    cut = page.evaluate(
        """(paper) => [...document.querySelectorAll('body, body *:not(svg *)')].filter((one) => {
            const look = getComputedStyle(one), box = one.getBoundingClientRect();
            if (!box.width || look.position === 'absolute') return false;
            const hides = look.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
                || look.overflowY !== 'visible' && one.scrollHeight > one.clientHeight + 1;
            return hides || box.right > paper + 1 || look.textOverflow === 'ellipsis';
        }).map((one) => one.outerHTML.slice(0, 120))""",
        PAPER,
    )
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1200, "height": 900})
    assert cut == []


def test_axe_finds_nothing(visit: Visit) -> None:
    """No accessibility rule of axe-core is broken, whatever its severity; all that is folded is open."""
    axe = (VENDOR / "axe.min.js").read_text(encoding="utf-8")
    for seen in (visit.narrow, visit.wide):
        settle(seen.page)
        seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for frame in seen.page.frames:
            frame.evaluate(f"{axe}; axe.configure({{ allowedOrigins: ['<unsafe_all_origins>'] }})")
        # What is for paper alone is on no screen; to leave it out saves axe half of its time.
        found = seen.page.evaluate("axe.run({ exclude: ['.printed'] }, { resultTypes: ['violations'] })")
        assert {one["id"]: [node["html"][:200] for node in one["nodes"][:3]] for one in found["violations"]} == {}


def test_it_is_sealed(visit: Visit) -> None:
    """The policy stands first in the head of the page and of each map, allows nothing but its own hashes, and holds."""
    page = visit.narrow.page
    settle(page)
    assert page.locator("[style], [onload], [onerror], [onclick], [onmouseover]").count() == 0
    for frame in page.frames:
        policy = frame.evaluate(
            """() => { const first = document.head.firstElementChild;
                return first.httpEquiv === 'Content-Security-Policy' ? first.content : ''; }"""
        )
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert not re.search(r"https?:|\*", policy)
        blocked = frame.evaluate(
            """() => new Promise((done) => {
                const blocked = [];
                document.addEventListener('securitypolicyviolation', (said) => blocked.push(said.effectiveDirective));
                const script = document.createElement('script');
                script.textContent = 'window.ran = 1';
                document.body.append(script, Object.assign(new Image(), { src: 'https://stranger.invalid/x.png' }));
                script.remove();
                setTimeout(() => done([...new Set(blocked)].sort()), 50);
            })"""
        )
        assert blocked == ["img-src", "script-src-elem"]
        assert not frame.evaluate("window.ran")
    # What was tried here is none of the page's own doing.
    visit.narrow.requests.clear()
    visit.narrow.complaints.clear()


def test_it_says_nothing_of_the_machine(visit: Visit) -> None:
    """No folder, user or host of the machine stands in the page, its maps or its files."""
    settle(visit.wide.page)
    source = visit.path.read_text(encoding="utf-8")
    inside = [frame.content() for frame in visit.wide.page.frames[1:]]
    texts = [source, *inside, *(content.decode("utf-8") for content in downloads(visit.wide.page).values())]
    user, host = getpass.getuser(), socket.gethostname()
    paths = {str(path) for path in (Path.cwd(), ROOT, Path.home(), visit.path.parent, visit.path.parents[2])}
    for text in texts:
        assert not [path for path in paths if f"{path}/" in text or f'{path}"' in text]
        assert not re.search(
            rf"/{re.escape(user)}/|\b{re.escape(user)}@|@{re.escape(host)}\b|/{re.escape(host)}\b", text
        )
        assert "KIT_FOLDER=" not in text


def downloads(page: Page) -> dict[str, bytes]:
    """Follow each link of a page that saves a file; give the files by name, unpacked where they are packed."""
    files = {}
    for link in page.locator("a[download]").all():
        with page.expect_download() as saved:
            link.press("Enter")
        name, content = saved.value.suggested_filename, Path(saved.value.path()).read_bytes()
        assert name == link.get_attribute("download")
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                assert packed.namelist() == [name.removesuffix(".zip")]
                name, content = packed.namelist()[0], packed.read(packed.namelist()[0])
        files[name] = content
    return files


def test_its_files_are_saved_whole(visit: Visit) -> None:
    """Each link of the page saves a file with the bytes that belong to it; its rows and findings are the folder's."""
    if visit.path.name == "index.html":
        pytest.skip("the index has no files")
    folder, files = visit.path.parent, downloads(visit.wide.page)
    wanted = read_ledger(folder).files
    assert len(files) == visit.wide.page.locator("a[download]").count() >= len(wanted)
    for end, content in wanted.items():
        assert [files[name] for name in files if name.endswith(f"-{end}")] == [content]
    said = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    (saved,) = (json.loads(files[name]) for name in files if name.endswith("-findings.json"))
    parts = ("id", "label", "value", "low", "high", "sentence")
    assert [[one[part] for part in parts] for one in saved["findings"]] == [
        [one[part] for part in parts] for one in said["findings"]
    ]
    for content in (content for name, content in files.items() if name.endswith(".csv")):
        cells = [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in line]
        assert [cell for cell in cells if RUNS.match(cell)] == []


def test_its_links_lead_somewhere(visit: Visit) -> None:
    """No link inside the page points at nothing, and none runs a script."""
    lost = visit.wide.page.evaluate(
        """() => [...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1))
            .filter((id) => !document.getElementById(decodeURIComponent(id)))"""
    )
    assert lost == []
    outside = visit.wide.page.evaluate("[...document.links].map((link) => link.href)")
    outside = [link for link in outside if not link.startswith(("file:", "data:text/", "data:application/"))]
    assert all(link.startswith("https://") for link in outside)
    assert not any("stranger.invalid" in link for link in outside)
