"""HTML from a notebook's outputs -> HTML that fits into a sealed page.

After `markup.py` has cut it down: style attributes become classes (the page's policy knows no inline
style), ids become unique in the page, tables get scopes and a box to scroll in, maps are sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import count
from typing import TYPE_CHECKING

from markupsafe import Markup

from kit.page.drawing import lighter
from kit.page.markup import DRAWING, FRAME, GONE, POINTER, TEXT, Part, Tag, kept, parts_of, restyle, rules, visible
from kit.page.sealed import packed, sealed_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WITHOUT_SCRIPT = '<p class="unscripted">This map needs JavaScript. What it shows is in the tables of this page too.</p>'
_PATH_ENDS = Tag("end", "path")
_NAMING = ("aria-labelledby", "aria-describedby", "headers")


@dataclass(frozen=True)
class Use:
    """A place in the page that shows a finding: its anchor, and the section that it stands in."""

    anchor: str
    section: str


class Foreign:
    """Makes HTML fit for the page and remembers what the page must know of it.

    `section` is set by the caller as it goes; `uses` gives the places of each finding's number in
    order, one a section; `scripts` and `styles` are the hashes that the maps inside need.
    """

    def __init__(self) -> None:
        """Start a page."""
        self.section = ""
        self.uses: dict[str, list[Use]] = {}
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._classes: dict[str, str] = {}
        self._outlines: dict[tuple[str, str], str] = {}
        self._anchors = count(1)

    @property
    def css(self) -> str:
        """The rules of all style attributes met so far."""
        return rules(self._classes)

    def clean(self, html: str) -> Markup:
        """Give the HTML of one output as the page may show it."""
        html = kept(visible(html), TEXT | DRAWING | FRAME, GONE)
        parts = list(_without_indents(_whole_frames(parts_of(kept))))
        parts = self._with_ids_of_the_page(parts)
        parts = [self._mended(part) if isinstance(part, Tag) else part for part in self._tables(_scoped(parts))]
        return Markup("".join(map(str, parts)))  # noqa: S704  (cleaned above)

    def use(self, finding: str) -> str:
        """Note that a finding's number stands here, and give the anchor if it is the section's first."""
        places = self.uses.setdefault(finding, [])
        if any(place.section == self.section for place in places):
            return ""
        places.append(Use(f"u-{next(self._anchors)}", self.section))
        return places[-1].anchor

    def _with_ids_of_the_page(self, parts: list[Part]) -> list[Part]:
        """Keep the ids that something points at, under names that stand once in the page.

        The outline of a letter that an earlier chart has is not told again.
        """
        tags = [part for part in parts if isinstance(part, Tag)]
        ids = {tag.attributes["id"] for tag in tags if "id" in tag.attributes}
        wanted = dict.fromkeys(target for tag in tags for target in _targets(tag) if target in ids)
        names = {target: f"o{next(self._anchors)}" for target in wanted}
        kept, outline = list[Part](), False
        for part, after in zip(parts, [*parts[1:], ""], strict=False):
            known = False
            if isinstance(part, Tag) and part.name == "path" and part.attributes.get("id") in names and after == _PATH_ENDS:
                drawn = (part.attributes.get("d", ""), part.attributes.get("transform", ""))
                own = names[part.attributes["id"]]
                known = self._outlines.setdefault(drawn, own) != own
                names[part.attributes["id"]] = self._outlines[drawn]
            if not known and not outline:
                kept.append(part)
            outline = known
        for tag in tags:
            _repointed(tag.attributes, names)
        return kept

    def _tables(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Give each table a box to scroll in, that the keyboard reaches and the caption names."""
        parts = list(parts)
        for at, part in enumerate(parts):
            if isinstance(part, Tag) and part.name == "table" and part.kind == "start":
                yield from self._box(parts[at + 1 :])
            yield part
            if isinstance(part, Tag) and part.name == "table" and part.kind == "end":
                yield Tag("end", "div")

    def _box(self, inside: list[Part]) -> Iterator[Part]:
        named = {"aria-label": "Table"}
        caption = inside[0] if inside else ""
        if isinstance(caption, Tag) and caption.name == "caption":
            caption.attributes["id"] = f"c-{next(self._anchors)}"
            named = {"aria-labelledby": caption.attributes["id"]}
        yield Tag("start", "div", {"class": "scroll", "role": "group", "tabindex": "0", **named})

    def _mended(self, tag: Tag) -> Part:
        """Change one tag for the page."""
        said = tag.attributes
        if tag.kind == "end":
            return f"</iframe>{_WITHOUT_SCRIPT}</div>" if tag.name == "iframe" else Tag("end", _lower_heading(tag.name))
        if tag.name == "iframe":
            return self._frame(tag)
        if tag.name == "img" and "src" not in said:
            return escape(said.get("alt", ""))
        restyle(said, self._classes)
        if tag.name == "a" and "n" in said.get("class", "").split():
            finding = said.get("href", "").removeprefix("#f-")
            if anchor := self.use(finding):
                said["id"] = anchor
        return Tag("start", _lower_heading(tag.name), lighter(said))

    def _frame(self, tag: Tag) -> str:
        """Seal a map's document once more: a policy of its own, in a box that reaches nothing outside.

        The document is packed, since a map's library alone is 150 KB; page.js unpacks it into `srcdoc`.
        """
        document, scripts, styles = sealed_document(tag.attributes.get("srcdoc", ""), tag.attributes.get("title", ""))
        self.scripts += scripts
        self.styles += styles
        shown = Tag(
            "start",
            "iframe",
            {
                "class": "map",
                "title": tag.attributes.get("title", "") or "Interactive map",
                "sandbox": "allow-scripts",
                "loading": "lazy",
                "data-packed": packed(document),
            },
        )
        return f'<div class="frame">{shown}'


def _whole_frames(parts: Iterable[Part]) -> Iterator[Part]:
    """Drop frames that hold no document of their own, and what stands inside a frame's tags."""
    inside = shown = False
    for part in parts:
        frame = isinstance(part, Tag) and part.name == "iframe"
        if isinstance(part, Tag) and frame:
            inside = part.kind == "start"
            shown = bool(part.attributes.get("srcdoc")) if inside else shown
        if shown if frame else not inside:
            yield part


def _without_indents(parts: Iterable[Part]) -> Iterator[Part]:
    """Drop the line breaks between the tags of a drawing."""
    inside = 0
    for part in parts:
        if isinstance(part, Tag) and part.name == "svg":
            inside += 1 if part.kind == "start" else -1
        if not inside or isinstance(part, Tag) or part.strip():
            yield part


def _targets(tag: Tag) -> list[str]:
    """Give the ids that a tag points at."""
    said = tag.attributes
    named = [one for name in _NAMING for one in said.get(name, "").split()]
    drawn = [found[2] for name, value in said.items() if name != "srcdoc" for found in POINTER.finditer(value)]
    return [*named, *drawn, *([said["href"][1:]] if said.get("href", "").startswith("#") else [])]


def _repointed(said: dict[str, str], names: dict[str, str]) -> None:
    """Give the ids of a tag, and what it points at, their names in the page; an id without one goes."""
    for name, value in list(said.items()):
        if name == "id":
            said.pop(name)
            said |= {"id": names[value]} if value in names else {}
        elif name == "href" and value[1:] in names and value[0] == "#":
            said[name] = f"#{names[value[1:]]}"
        elif name in _NAMING:
            said[name] = " ".join(names.get(one, one) for one in value.split())
        elif "url(#" in value and name != "srcdoc":
            said[name] = POINTER.sub(lambda found: f"url(#{names.get(found[2], found[2])})", value)


def _scoped(parts: list[Part]) -> Iterator[Part]:
    """Give each table head its scope; a head without a word is a plain cell."""
    in_head, empty = False, False
    for part, after in zip(parts, [*parts[1:], ""], strict=False):
        if isinstance(part, Tag) and part.name == "thead":
            in_head = part.kind == "start"
        if isinstance(part, Tag) and part.name == "th":
            empty = isinstance(after, Tag) and after.kind == "end" if part.kind == "start" else empty
            if empty:
                part.attributes.pop("scope", None)
            elif part.kind == "start":
                part.attributes.setdefault("scope", "col" if in_head else "row")
            yield Tag(part.kind, "td" if empty else "th", part.attributes)
        else:
            yield part


def _lower_heading(name: str) -> str:
    """Set an output's headings below those of the page."""
    return {"h1": "h3", "h2": "h3"}.get(name, name)
