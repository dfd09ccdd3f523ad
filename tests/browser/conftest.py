"""A Chromium, and every kind of page to open in it: the kit's own, some made up, some of records that attack.

The browser is the one that the system has; where there is none, the tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.made_up import corrected, exampleville, nothing
from tests.browser.strangers import attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page, Request

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "california": "California",
    "oakland": "Oakland, CA",
    "record": "irvine-2025-02-11-a1-a4",
    "change": "Orange County Sheriffs Department",
    "nation": "US",
    "wyoming": "Wyoming",
    "no data": "Cheyenne, WY",
}
"""The kinds of page that the kit makes of its own records, each with what was asked for."""
_FOLDERS = {
    "oakland": "oakland-ca",
    "record": PLACES["record"],
    "change": "changes-orange-county-sheriffs-department",
    "nation": "united-states",
    "no data": "cheyenne-wy",
}
MADE_UP = {"exampleville": exampleville, "corrected": corrected, "nothing": nothing}
"""Pages of invented agencies."""
HOSTILE = ("hostile state", "hostile record", "hostile change", "hostile nation", "hostile index")
"""Pages of records that attack."""
KINDS = (*PLACES, "index", *MADE_UP, *HOSTILE)

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_FLAGS += ["--disable-sync", "--no-first-run"]


class Pages(dict[str, Path]):
    """The pages of KINDS by name; those of one batch are made together when the first of them is asked for."""

    def __init__(self, folder: Path) -> None:
        """Take the folder to make them in."""
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        """Make what is not there yet."""
        if name in MADE_UP:
            self[name] = MADE_UP[name](self.folder / name)
        elif name in HOSTILE:
            self.update(attacked(self.folder / "a kit of its own"))
        else:
            self.update(_batch(self.folder / "a folder with spaces"))
        return self[name]


def _batch(figures: Path) -> dict[str, Path]:
    """Make the kit's own pages and their index as `kit batch` does."""
    typed = ["--states", "CA,WY", "--cities", ";".join(list(PLACES.values())[1:])]
    command = [sys.executable, "-m", "kit", "batch", *typed, "--plain", "--out", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    pages = {name: figures / _FOLDERS.get(name, name) / "report.html" for name in PLACES}
    return pages | {"index": figures / "index.html"}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the pages by name."""
    return Pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the system's Chromium; a test that needs it is skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: make setup")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("No Chromium on this machine (Debian: apt-get install chromium).")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """An open page and what it did that a sealed page must not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def asked(self, request: Request) -> None:
        """Note a request that leaves the page."""
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            self.requests.append(request.url)

    def spoke(self, dialog: Dialog) -> None:
        """Note a window that opened by itself, and close it."""
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def watch(browser: Browser, path: Path, width: int = 1200, **how: Any) -> Watched:
    """Open a page in a context of its own, and note what it does."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **how)
    watched = Watched(context.new_page())
    watched.page.on("request", watched.asked)
    watched.page.on("dialog", watched.spoke)
    watched.page.on("console", lambda said: watched.complaints.append(said.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.goto(path.as_uri())
    return watched


@pytest.fixture
def opened(browser: Browser, pages: dict[str, Path]) -> Iterator[Any]:
    """Give a function that opens a page by name, at a width, with or without JavaScript."""
    seen = []

    def look(name: str, width: int = 1200, *, script: bool = True, **how: Any) -> Watched:
        seen.append(watch(browser, pages[name], width, java_script_enabled=script, **how))
        return seen[-1]

    yield look
    for watched in seen:
        watched.page.context.close()


def settle(page: Page) -> None:
    """Wait until the maps have their documents and have drawn them."""
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('iframe')].every((frame) => frame.srcdoc)")
    for frame in page.frames[1:]:
        frame.wait_for_load_state()
