"""HTML from a notebook's outputs -> HTML that fits into a sealed page.

After `markup.py` has cut it down: style attributes become classes (the page's policy knows no inline
style), ids become unique in the page, tables get scopes and a box to scroll in, maps are sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import count, groupby, takewhile
from typing import TYPE_CHECKING

from markupsafe import Markup

from kit.page.drawing import lighter
from kit.page.markup import (
    DRAWING,
    FRAME,
    GONE,
    POINTER,
    TEXT,
    Part,
    Tag,
    kept,
    parts_of,
    restyle,
    rules,
    visible,
)
from kit.page.sealed import packed, sealed_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_WITHOUT_SCRIPT = '<p class="unscripted">This map needs JavaScript. The tables have what it shows.</p>'
_PATH_ENDS, _TABLE_ENDS, _DRAWING_ENDS = Tag("end", "path"), Tag("end", "table"), Tag("end", "svg")
_CAVEAT_ENDS = Tag("end", "span")
_SMALL = "phone"
# Parts of a drawing that hold nothing: titles and descriptions are said beside it.
_CLOSED = {"path", "use", "rect", "circle", "ellipse", "line", "polyline", "polygon", "image", "stop"}
# So many points of one sign are drawn as one line.
_MANY = 6
_NAMING = ("aria-labelledby", "aria-describedby", "headers")


@dataclass(frozen=True)
class Use:
    """A place in the page that shows a finding: its anchor, and the section that it stands in."""

    anchor: str
    section: str


class Foreign:
    """Makes HTML fit for the page and remembers what the page must know of it.

    `section` is set by the caller as it goes; `uses` gives the places of each finding's number in
    order, one a section; `documents` are the maps inside, `scripts` and `styles` the hashes that they need.
    """

    def __init__(self) -> None:
        """Start a page."""
        self.section = ""
        self.uses: dict[str, list[Use]] = {}
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.documents: list[str] = []
        self._classes: dict[str, str] = {}
        self._outlines: dict[tuple[tuple[str, str], ...], str] = {}
        self._anchors = count(1)
        self._before: set[tuple[str, str]] = set()
        self._caveats: set[tuple[str, str]] = set()

    @property
    def css(self) -> str:
        """The rules of all style attributes met so far."""
        return rules(self._classes)

    def clean(self, html: str) -> Markup:
        """Give the HTML of one output as the page may show it."""
        given = self._without_repeats(parts_of(kept(visible(html), TEXT | DRAWING | FRAME, GONE)))
        parts = self._with_ids_of_the_page(list(_without_indents(_whole_frames(given))))
        boxed = (part for part in self._in_boxes(list(_scoped(parts))) if not _is_empty_end(part))
        drawn = self._with_signs_together(boxed)
        return Markup("".join(_small_ones_packed(drawn, self._written)))  # noqa: S704  (cleaned above)

    def use(self, finding: str) -> str:
        """Note that a finding's number stands here, and give the anchor if it is the section's first."""
        places = self.uses.setdefault(finding, [])
        if any(place.section == self.section for place in places):
            return ""
        places.append(Use(f"u-{next(self._anchors)}", self.section))
        return places[-1].anchor

    def _without_repeats(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Leave out a caveat that the number right before it in the section has too; the ledger has it with each."""
        rest = iter(parts)
        for part in rest:
            kind = part.attributes.get("class") if isinstance(part, Tag) and part.kind == "start" else None
            if kind == "finding":
                self._before, self._caveats = self._caveats, set()
            if kind != "caveat":
                yield part
                continue
            caveat = [part, *takewhile(lambda one: one != _CAVEAT_ENDS, rest), _CAVEAT_ENDS]
            said = (self.section, "".join(map(str, caveat)))
            self._caveats.add(said)
            if said not in self._before:
                yield from caveat

    def _with_ids_of_the_page(self, parts: list[Part]) -> list[Part]:
        """Keep the ids that something points at, under names that stand once in the page."""
        tags = [part for part in parts if isinstance(part, Tag)]
        ids = {tag.attributes["id"] for tag in tags if "id" in tag.attributes}
        wanted = dict.fromkeys(target for tag in tags for target in _targets(tag) if target in ids)
        names = {target: f"o{next(self._anchors)}" for target in wanted}
        parts = list(self._without_known_outlines(parts, names))
        for tag in tags:
            _repointed(tag.attributes, names)
        return parts

    def _without_known_outlines(self, parts: Iterable[Part], names: dict[str, str]) -> Iterator[Part]:
        """Drop a letter's outline that an earlier chart has; its name then is that of the earlier."""
        rest, small = iter(parts), False
        for part in rest:
            small = _is_small(part) if isinstance(part, Tag) and part.name == "svg" else small
            said = part.attributes if isinstance(part, Tag) and part.name == "path" else {}
            if (own := names.get(said.get("id", ""))) is not None:
                drawn = tuple(sorted((name, value) for name, value in said.items() if name != "id"))
                # What is packed may never be unpacked: nothing outside points into it.
                keep = self._outlines.get if small else self._outlines.setdefault
                names[said["id"]] = keep(drawn, own)
                if names[said["id"]] != own:
                    next((end for end in rest if end == _PATH_ENDS), None)
                    continue
            yield part

    def _with_signs_together(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Draw many points that have one sign as one line that shows it at each: a map has hundreds."""
        for sign, run in groupby(parts, key=_sign_of):
            if sign is None:
                yield from run
                continue
            points = [part for part in run if isinstance(part, Tag)]
            yield from self._in_one_line(points) if len(points) >= _MANY else points

    def _in_one_line(self, points: list[Tag]) -> Iterator[Part]:
        said, name = points[0].attributes, f"o{next(self._anchors)}"
        look = {"id": name, "style": said["style"], "overflow": "visible", "markerUnits": "userSpaceOnUse"}
        yield from (Tag("start", "marker", look), Tag("start", "use", {"href": said["href"]}), Tag("end", "marker"))
        ends = {f"marker-{end}": f"url(#{name})" for end in ("start", "mid", "end")}
        at = " ".join(f"{one.attributes['x']},{one.attributes['y']}" for one in points)
        yield Tag("start", "polyline", {"points": at, "fill": "none", **ends})

    def _in_boxes(self, parts: list[Part]) -> Iterator[Part]:
        """Give each table a box to scroll in, that the keyboard reaches and the caption names."""
        for at, part in enumerate(parts):
            table = isinstance(part, Tag) and part.name == "table"
            if table and part != _TABLE_ENDS:
                yield self._box(parts[at + 1 : at + 2])
            yield part
            if table and part == _TABLE_ENDS:
                yield Tag("end", "div")

    def _box(self, first: list[Part]) -> Tag:
        """Open a table's box, named by the caption where the table starts with one."""
        named = {"aria-label": "Table"}
        for caption in first:
            if isinstance(caption, Tag) and caption.name == "caption":
                caption.attributes["id"] = f"c-{next(self._anchors)}"
                named = {"aria-labelledby": caption.attributes["id"]}
        return Tag("start", "div", {"class": "scroll", "role": "group", "tabindex": "0", **named})

    def _written(self, part: Part) -> str:
        """Write one part as the page has it; most of a drawing's tags hold nothing, and close themselves."""
        if isinstance(part, Tag) and part.name in _CLOSED:
            return f"{str(self._mended(part))[:-1]}/>"
        return str(self._mended(part))

    def _mended(self, part: Part) -> Part:
        """Change one tag for the page."""
        if isinstance(part, str):
            return part
        said = part.attributes
        if part.name == "iframe":
            return self._frame(part) if part.kind == "start" else f"</iframe>{_WITHOUT_SCRIPT}</div>"
        if part.name == "img" and "src" not in said:
            return escape(said.get("alt", ""))
        restyle(said, self._classes)
        if part.name == "a" and "n" in said.get("class", "").split():
            said |= self._anchor(said.get("href", "").removeprefix("#f-"))
        return Tag(part.kind, _lower_heading(part.name), lighter(part.name, said))

    def _anchor(self, finding: str) -> dict[str, str]:
        anchor = self.use(finding)
        return {"id": anchor} if anchor else {}

    def _frame(self, tag: Tag) -> str:
        """Seal a map's document once more: a policy of its own, in a box that reaches nothing outside.

        The document is packed, since a map's library alone is 150 KB; page.js unpacks it into `srcdoc`.
        """
        title = tag.attributes.get("title", "") or "Interactive map"
        document, scripts, styles = sealed_document(tag.attributes["srcdoc"], title)
        self.documents.append(document)
        self.scripts += scripts
        self.styles += styles
        shown = Tag(
            "start",
            "iframe",
            {
                "class": "map",
                "title": title,
                "sandbox": "allow-scripts",
                "loading": "lazy",
                "data-packed": packed(document),
            },
        )
        return f'<div class="frame">{shown}'


def _is_empty_end(part: Part) -> bool:
    """Tell whether a tag ends a part of a drawing that holds nothing."""
    return isinstance(part, Tag) and part.kind == "end" and part.name in _CLOSED


def _sign_of(part: Part) -> tuple[str, str] | None:
    """Give the outline and the look of a point of a map or chart; letters, which are moved otherwise, are none."""
    said = part.attributes if isinstance(part, Tag) and part.name == "use" else {}
    return (said["href"], said["style"]) if {"href", "style", "x", "y"} <= said.keys() else None


def _is_small(part: Part) -> bool:
    """Tell whether a tag opens a drawing for a phone."""
    return isinstance(part, Tag) and part.kind == "start" and part.attributes.get("class") == _SMALL


def _small_ones_packed(parts: Iterable[Part], written: Callable[[Part], str]) -> Iterator[str]:
    """Write the parts; a drawing for a phone, beside the same for a page, is packed until page.js needs it."""
    rest = iter(parts)
    for part in rest:
        if not _is_small(part):
            yield written(part)
            continue
        drawn = [written(part)]
        for inside in rest:
            drawn.append(written(inside))
            if inside == _DRAWING_ENDS:
                break
        yield f'<div class="small" data-drawing="{packed("".join(drawn))}"></div>'


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
    values = [value for name, value in said.items() if name != "srcdoc"]
    drawn = [found[2] for value in values for found in POINTER.finditer(value)]
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
