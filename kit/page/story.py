"""notebook.ipynb -> the sections of a page: text, what the cells show, and the method folded below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from kit.errors import RunError
from kit.page.ledger import read_text
from kit.page.markup import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kit.page.foreign import Foreign

_HEADING = re.compile(r"<h([12])>(.*?)</h\1>", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>")
# What Python prints of an object that has no better words: nothing to read, and not the same twice.
_OBJECT = re.compile(r"^<.* at 0x[0-9a-f]+>$", re.DOTALL)
# Words of code that have no color of their own.
_DULL = re.compile(r'<span class="p-(?:n|o|p|w|nn|nc|nf|na|fm|vm|s\w)">([^<]*)</span>')
_FOLDED = Markup('<details class="method"><summary>Show the method</summary>%s</details>')
_PARAMETERS = ("parameters", "injected-parameters")


@dataclass
class Section:
    """A part of the page under one heading; the first, before any heading, has no title."""

    anchor: str
    title: str
    blocks: list[Markup] = field(default_factory=list)


@dataclass
class Story:
    """What a notebook says: its question, its sections in order, and its parameters as code."""

    question: str = ""
    sections: list[Section] = field(default_factory=list)
    parameters: list[Markup] = field(default_factory=list)


def read_story(folder: Path, foreign: Foreign) -> Story:
    """Read the executed notebook of a place; RunError where it is missing, broken, not run or stopped."""
    return _Reader(_notebook(folder), foreign).story


def _notebook(folder: Path) -> list[Any]:
    """Give the cells of notebook.ipynb, checked that they ran to the end."""
    import nbformat

    text, where = read_text(folder, "notebook.ipynb"), str(folder / "notebook.ipynb")
    try:
        cells: list[Any] = nbformat.reads(text, as_version=4).cells  # type: ignore[no-untyped-call]
    except Exception as cause:  # (nbformat lets through whatever its readers raise)
        what = "notebook.ipynb is not whole: it is no notebook."
        raise RunError(what, where, "Run the place again: kit report PLACE") from cause
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    if code and not any(cell.execution_count for cell in code):
        raise RunError("The notebook has not been run.", where, "Run the place: kit report PLACE")
    for number, cell in enumerate(cells, start=1):
        errors = [out for out in cell.get("outputs", ()) if out.output_type == "error"]
        if errors:
            what = f"The notebook stopped: {errors[0].ename}: {errors[0].evalue}".splitlines()[0]
            raise RunError(what, f"{where}, cell {number}", "Mend the cell and run the place again.")
    return cells


class _Reader:
    """Goes through the cells in order and fills a story."""

    def __init__(self, cells: list[Any], foreign: Foreign) -> None:
        self.story = Story()
        self._foreign = foreign
        self._method: list[str] = []
        self._open("")
        for cell in cells:
            self._read(cell)
        self._fold()
        self.story.sections = [section for section in self.story.sections if section.title or section.blocks]

    def _read(self, cell: Any) -> None:  # noqa: ANN401  (nbformat's nodes have no types)
        tags = cell.metadata.get("tags", ())
        if "hide" in tags or not cell.source.strip():
            return
        if cell.cell_type == "markdown":
            self._say(self._pieces(cell.source))
        elif cell.cell_type == "code" and any(tag in _PARAMETERS for tag in tags):
            self.story.parameters.append(highlighted(cell.source))
        elif cell.cell_type == "code":
            self._show(cell, code="no-code" not in tags)

    def _show(self, cell: Any, *, code: bool) -> None:  # noqa: ANN401
        """Put a cell's outputs into the section; code without output waits for the next that has one."""
        shown = [html for out in cell.outputs if (html := _html(out))]
        self._section.blocks += [self._foreign.clean(html) for html in shown]
        if code:
            self._method.append(cell.source)
        if shown:
            self._fold()

    def _fold(self) -> None:
        if self._method:
            self._section.blocks.append(_FOLDED % highlighted(*self._method))
        self._method = []

    @staticmethod
    def _pieces(source: str) -> Iterator[tuple[str, str]]:
        """Cut rendered Markdown at its headings: the level and words of each, then the text below."""
        pieces = _HEADING.split(markdown()(source))
        yield "", pieces[0]
        for level, title, text in zip(*[iter(pieces[1:])] * 3, strict=True):
            yield level, title
            yield "", text

    def _say(self, pieces: Iterator[tuple[str, str]]) -> None:
        for level, html in pieces:
            words = visible(Markup(_ELEMENT.sub("", html)).unescape().strip())  # noqa: S704  (made plain here)
            if level == "1" and not self.story.question:
                self.story.question = words
            elif level:
                self._open(words)
            elif words:
                self._fold()
                self._section.blocks.append(self._foreign.clean(html))

    def _open(self, title: str) -> None:
        if title:
            self._fold()
        anchor = "-".join(["s", *re.findall(r"[a-z0-9]+", title.lower())[:6]])
        if any(section.anchor == anchor for section in self.story.sections):
            anchor = f"{anchor}-{len(self.story.sections)}"
        self._section = Section(anchor, title)
        self.story.sections.append(self._section)
        self._foreign.section = anchor


def _html(output: Any) -> str:  # noqa: ANN401
    """Give the best form of one output that a page can show; a stream shows nothing."""
    if output.output_type not in {"display_data", "execute_result"}:
        return ""
    said: dict[str, str] = output.data
    if "text/html" in said:
        return said["text/html"]
    if "image/svg+xml" in said:
        svg = said["image/svg+xml"]
        return f'<figure class="chart">{svg[svg.find("<svg") :]}</figure>'
    for kind in ("image/png", "image/jpeg"):
        if kind in said:
            alt = escape(output.metadata.get("alt", ""))
            source = "".join(said[kind].split())
            return f'<figure class="chart"><img alt="{alt}" src="data:{kind};base64,{source}"></figure>'
    text = said.get("text/plain", "")
    return "" if not text.strip() or _OBJECT.match(text) else f"<pre>{escape(text)}</pre>"


def highlighted(*cells: str) -> Markup:
    """Give the code of cells as HTML with a class a kind of word; dollars are dollars, magics are text."""
    html = "\n\n".join(map(colored, cells))
    return Markup('<pre class="code"><code>%s\n</code></pre>') % Markup(html)  # noqa: S704  (pygments escapes)


@cache
def colored(code: str) -> str:
    """Color the code of one cell, once: it is the same on the pages of all places."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html: str = highlight(visible(code), PythonLexer(), HtmlFormatter(nowrap=True, classprefix="p-"))
    return _DULL.sub(r"\1", html).removesuffix("\n")


@cache
def markdown() -> Callable[[str], str]:
    """Give the Markdown of notebooks: tables, no HTML (it is shown as text), no formulas."""
    import mistune

    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return lambda source: str(render(source))
