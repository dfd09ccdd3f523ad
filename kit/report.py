"""Executed notebook -> one sealed HTML page, on which every number leads to the rows behind it.

The page asks no other computer for anything: styles, scripts, maps and downloads are inside, and a
Content-Security-Policy with hashes alone stands first in its head. Same input, same bytes.
"""

from __future__ import annotations

import base64
import io
import os
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from kit.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Environment
    from markupsafe import Markup

    from kit.page.foreign import Foreign
    from kit.page.ledger import Ledger
    from kit.page.story import Section, Story

_PARTS = Path(__file__).parent / "page"
_GLANCE = "at-a-glance"
_NOT_SHOWN = "what this page does not show"
_AGAIN = "Run the place again: kit report PLACE"
_DIRECT = 40_000
"""Bytes up to which a download is in the page as it is; a longer file is packed."""
_FEW, _MOST = 12, 30
"""Changed numbers that stand open; changed numbers, and names placed otherwise, that a page has at all."""
_FILES = {
    "ledger.csv": "each number with its rows, record and page, to tick off",
    "rows.csv": "the rows that the numbers count",
    "findings.json": "the numbers, for programs; LIST:1-3 is the rows 1, 2 and 3 of LIST",
    "agencies.geojson": "the agencies of the maps as points, with the lists that name them",
    "counties.geojson": "the counties as areas, with their numbers",
}
_KINDS = {".json": "application/json", ".geojson": "application/geo+json", ".csv": "text/csv"}
_DATA = re.compile(r"data:[\w/+.;=-]+,[^\s\"'<>]*")


@dataclass(frozen=True)
class Download:
    """A file inside the page, as a link that saves it."""

    name: str
    href: str
    size: str
    what: str


def write_page(folder: Path, former: Path | None = None) -> Path:
    """Write `report.html` from the notebook.ipynb, findings.json and sharing.csv of a place's folder.

    With the `former` folder of the place, `changes.json` keeps what of it no longer holds, and the page says so.
    RunError where one of the three is missing, broken or at odds with the others; a page that was
    there before then stays.
    """
    from kit.page.changes import read_changes, write_changes
    from kit.page.foreign import Foreign
    from kit.page.ledger import read_ledger
    from kit.page.story import read_story

    ledger = read_ledger(folder)
    foreign = Foreign()
    foreign.section = _GLANCE
    glance = [(entry, foreign.use(entry.id)) for entry in ledger.headline]
    story = read_story(folder, foreign)
    if strange := foreign.uses.keys() - {entry.id for entry in ledger.entries}:
        what = f'The notebook shows the number "{min(strange)}", which is not in findings.json.'
        raise RunError(what, str(folder / "notebook.ipynb"), _AGAIN)
    if former:
        write_changes(folder, former)
    runs = read_changes(folder)
    changes = {"runs": runs, "run": runs[0] if runs else None}
    html = seal("page.html.j2", foreign, glance=glance, **changes, **_said(ledger, story, foreign))
    _check_paths("".join([_DATA.sub("", html), *foreign.documents]), folder)
    return write_html(html, folder / "report.html")


def seal(template: str, foreign: Foreign, **said: object) -> str:
    """Fill a template under kit/page with its style and script inside and a policy of their hashes.

    `index.html.j2` takes `index.js`, and `index.css` after the style that all pages have.
    """
    from kit.page.sealed import csp_hash, policy

    name = template.partition(".")[0]
    script = _part(f"{name}.js")
    style = "".join(_part(f"{one}.css") for one in dict.fromkeys(["page", name])) + foreign.css
    csp = policy([csp_hash(script), *foreign.scripts], [csp_hash(style), *foreign.styles])
    return _templates().get_template(template).render(csp=csp, script=script, style=style, **said)


def _said(ledger: Ledger, story: Story, foreign: Foreign) -> dict[str, object]:
    """Give the template its words: what the notebook says last goes to the end of the page."""
    shown = [section for section in story.sections if section.title.lower() != _NOT_SHOWN]
    last = [section for section in story.sections if section.title.lower() == _NOT_SHOWN]
    blocks = [block for section in last for block in section.blocks]
    told = " ".join(block.striptags() for block in blocks)
    name = "-".join(re.findall(r"[a-z0-9]+", ledger.place.lower())) or "place"
    return {
        "ledger": ledger,
        "targets": {at.anchor for entry in ledger.entries for _, spans in entry.behind for at in spans},
        "known": {entry.id for entry in ledger.entries},
        "few": _FEW,
        "most": _MOST,
        "story": story,
        "sections": shown,
        "last": blocks,
        "not_shown": [line for line in ledger.not_shown if line not in told],
        "title": ledger.title or story.question or ledger.place,
        "uses": _uses(foreign, shown, last),
        "downloads": [_download(name, file, content) for file, content in ledger.files.items()],
    }


def _uses(foreign: Foreign, shown: Iterable[Section], last: Iterable[Section]) -> dict[str, list[tuple[str, str]]]:
    """Give for each finding the places that show it: anchor and heading of the section."""
    titles = {section.anchor: section.title or "Introduction" for section in (*shown, *last)}
    titles[_GLANCE] = "At a glance"
    return {name: [(use.anchor, titles[use.section]) for use in places] for name, places in foreign.uses.items()}


def _download(place: str, file: str, content: bytes) -> Download:
    """Put a file into a link: as it is, or packed where that would make the page heavy."""
    name, what = f"{place}-{file}", _FILES[file]
    size = f"{max(1, round(len(content) / 1000)):,} KB"
    if len(content) > _DIRECT:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)
        data = base64.b64encode(packed.getvalue()).decode()
        return Download(f"{name}.zip", f"data:application/zip;base64,{data}", f"packed; {size} when opened", what)
    kind = _KINDS[Path(name).suffix]
    return Download(name, f"data:{kind};charset=utf-8,{quote(content, safe='-_.!~*(),;:@/?$+= ')}", size, what)


def _check_paths(words: str, folder: Path) -> None:
    """Refuse a page that shows where on this machine it was made."""
    for path in sorted({str(folder.resolve()), str(Path.cwd()), str(Path.home())} - {os.sep}):
        if f"{path}{os.sep}" in words:
            what = "The page would show a folder of this machine."
            raise RunError(what, f"notebook.ipynb shows {path}", "Take the path out of what the cell prints.")


def make_ready(notebook: Path) -> None:
    """Compile and color what the pages of a notebook share, so that processes forked from this one need not."""
    import nbformat

    from kit.page.story import colored, markdown

    for cell in nbformat.read(notebook, as_version=4).cells:  # type: ignore[no-untyped-call]
        (markdown() if cell.cell_type == "markdown" else colored)(cell.source)
    _templates().get_template("page.html.j2")
    for part in ("page.js", "page.css"):
        _part(part)


def write_html(html: str, page: Path) -> Path:
    """Write aside and move into place."""
    aside = page.with_name(f".{page.name}.part")
    try:
        aside.write_text(html, encoding="utf-8", newline="\n")
        aside.replace(page)
    except OSError as cause:
        raise RunError(
            f"The page cannot be written: {cause.strerror}.", str(page), "Free the place and try again."
        ) from cause
    return page


@cache
def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    """Open the templates: what is filled in is escaped, what is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["said"] = _as_text
    return made


def _as_text(words: str) -> Markup:
    """Escape words that stand between tags, where quotes are harmless: a page has thousands of them."""
    from markupsafe import Markup

    return Markup(escape(words, quote=False))  # noqa: S704  (escaped here)
