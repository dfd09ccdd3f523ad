"""The facts of a page, beside those of nbconvert's default page of the same executed notebook, in a browser offline."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.frame import ROOT, Pace, Table, run
from tests.bench.ways import convert

if TYPE_CHECKING:
    from tests.bench.frame import Value

    Facts = dict[str, Value]

TITLE = "Pages: the facts, beside nbconvert's default page of the same executed notebook"
STRANGER = "a stranger"
PLACES = {"California": "california", "Oakland": "oakland-ca"}
AXE = ROOT / "tests" / "browser" / "vendor" / "axe.min.js"
DESK, PHONE = 1200, 390
_LOCAL = ("file:", "data:", "blob:", "about:")
# Each attack that is written into the page sets `ran`: each time is told, in whichever frame, and outlives it.
_COUNT = "Object.defineProperty(window, 'ran', { set() { window.attackRan(); } });"
_PROVOKE = """() => {
    const points = { '[onmouseover]': 'mouseover', 'a[href^="javascript:"]': 'click' };
    for (const [those, what] of Object.entries(points))
        for (const one of document.querySelectorAll(those))
            one.dispatchEvent(new MouseEvent(what, { bubbles: true, cancelable: true }));
}"""
_NOTE = """\
Opened offline in Chromium, from a file. A request is one to another computer that the page tries to make. A violation
is a rule of axe-core that is broken, of any severity, all that is folded open. A stranger: a state's page of made-up
records whose names and owners are scripts, and of cells that print such names as they are; it is opened, and what can
be pointed at or clicked is."""


def measure(pace: Pace) -> list[Table]:
    """Gather the facts of the pages of places and of a stranger's records."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None or not find_spec("playwright"):
        return [Table(TITLE, "No Chromium or no Playwright here: not measured.", ())]
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="bench-") as temporary, sync_playwright() as playwright:
        pages = _make(Path(temporary))
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        facts = {name: _facts(chromium, name, page, pace.rounds) for name, page in pages.items()}
        chromium.close()
    return [Table(TITLE, _NOTE, table(facts))]


def table(facts: dict[str, Facts]) -> tuple[Facts, ...]:
    """Turn the facts by page into lines: a fact of each page."""
    names = dict.fromkeys(name for found in facts.values() for name in found)
    return tuple({"what": name} | {page: found.get(name) for page, found in facts.items()} for name in names)


def _make(folder: Path) -> dict[str, Path]:
    """Make the pages of the places and of a stranger's records, each in both ways."""
    from tests.browser.strangers import attacked

    kit = str(Path(sys.executable).with_name("kit"))
    run((kit, "batch", "--plain", "--states", "CA", "--cities", "Oakland, CA", "--out", str(folder / "figures")))
    made = {name: folder / "figures" / slug / "report.html" for name, slug in PLACES.items()}
    made[STRANGER] = attacked(folder / "stranger")["hostile state"]
    pages = {}
    for name, page in made.items():
        pages[f"{name}: the kit"] = page
        pages[f"{name}: nbconvert"] = convert(page.with_name("notebook.ipynb"))
    return pages


def _facts(chromium: Any, name: str, path: Path, rounds: int) -> Facts:
    """Open a page and say what it does; of a stranger's page only what it must not do."""
    page, watched = _open(chromium, path, DESK)
    for frame in page.frames:
        frame.evaluate(_PROVOKE)
    page.wait_for_timeout(500)
    found: Facts = {
        "requests to other computers": len(watched.asked),
        "errors in the console": len(watched.complaints),
        "scripts of others that ran": watched.ran,
    }
    if not name.startswith(STRANGER):
        phone, _ = _open(chromium, path, PHONE)
        found |= {
            f"axe-core violations at {DESK}": _violations(page),
            f"axe-core violations at {PHONE}": _violations(phone),
            f"pixels sideways at {PHONE}": phone.evaluate(f"document.documentElement.scrollWidth - {PHONE}"),
            "pages printed": _printed(page),
            "KB": round(path.stat().st_size / 1000),
            "seconds to open": median(_seconds_to_open(chromium, path) for _ in range(rounds)),
        }
        phone.context.close()
    page.context.close()
    return found


@dataclass
class Watched:
    """What an open page did: requests to other computers, errors in the console, attacks that ran."""

    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    ran: int = 0

    def requested(self, request: Any) -> None:
        """Note a request that leaves the page."""
        if not request.url.startswith(_LOCAL):
            self.asked.append(request.url)

    def said(self, message: Any) -> None:
        """Note an error in the console."""
        if message.type == "error":
            self.complaints.append(message.text)

    def attacked(self) -> None:
        """Count an attack that ran."""
        self.ran += 1


def _open(chromium: Any, path: Path, width: int) -> tuple[Any, Watched]:
    """Open a page offline, scroll to its maps and give it time to draw them."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
    watched = Watched()
    context.expose_function("attackRan", watched.attacked)
    context.route(re.compile("^https?:"), _refuse)
    page = context.new_page()
    page.on("request", watched.requested)
    page.on("console", watched.said)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.add_init_script(_COUNT)
    page.goto(path.as_uri())
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    return page, watched


def _refuse(route: Any) -> None:
    """Answer as a network that is not there; a page that would lead elsewhere stays, to be looked at further."""
    route.abort("aborted" if route.request.is_navigation_request() else "internetdisconnected")


def _violations(page: Any) -> int:
    """Count the rules of axe-core that are broken."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    axe = AXE.read_text(encoding="utf-8")
    for frame in page.frames:
        frame.evaluate(f"{axe}; axe.configure({{ allowedOrigins: ['<unsafe_all_origins>'] }})")
    return len(page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"])


def _printed(page: Any) -> int:
    """Count the pages of a print, on the paper that the page asks for, else on US Letter."""
    import pypdfium2

    return len(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True)))


def _seconds_to_open(chromium: Any, path: Path) -> float:
    """Give the seconds until all is loaded, in a new window."""
    context = chromium.new_context(viewport={"width": DESK, "height": 900}, offline=True)
    page = context.new_page()
    start = time.perf_counter()
    page.goto(path.as_uri())
    seconds = time.perf_counter() - start
    context.close()
    return seconds
