"""HTML from a notebook's outputs -> HTML that is safe in a sealed page.

Two steps. nh3 parses as a browser does and keeps what is on the allow lists below. Its output has
one canonical form, so that the second step can walk it tag by tag: style attributes become classes
(the page's Content-Security-Policy knows no inline style), ids become unique in the page, tables get
scopes and a region to scroll in, a map's document gets a policy of its own.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import count
from typing import TYPE_CHECKING, Literal

import nh3
from markupsafe import Markup

from kit.page.drawing import lighter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TEXT = set(
    "a abbr b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul var wbr".split()
)
_DRAWING = set(
    "svg g path rect circle ellipse line polyline polygon text tspan defs use symbol clipPath mask pattern "
    "linearGradient radialGradient stop marker image".split()
)
_FRAME = {"iframe"}
_CODE = {"script", "style"}
# Their content is nothing to read, or is how a parser is led astray.
_GONE = set("script style template noscript title textarea metadata foreignObject object embed select math".split())

_ATTRIBUTES = set(
    "id class type title lang dir role style colspan rowspan scope headers span start value datetime alt open "
    "aria-label aria-labelledby aria-describedby aria-hidden srcdoc width height href src viewBox d x y x1 y1 x2 y2 "
    "cx cy r rx ry dx dy points transform fill stroke opacity offset preserveAspectRatio clip-path mask "
    "clipPathUnits gradientUnits gradientTransform patternUnits patternTransform markerWidth markerHeight "
    "refX refY orient fill-opacity fill-rule clip-rule stroke-width stroke-opacity stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit stop-color stop-opacity "
    "font-family font-size font-weight font-style text-anchor dominant-baseline".split()
)
_DECLARATIONS = set(
    "fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-dasharray stroke-dashoffset stroke-miterlimit opacity stop-color stop-opacity color font font-family "
    "font-size font-weight font-style text-align text-anchor dominant-baseline vertical-align white-space".split()
)
_PLAIN_VALUE = re.compile(r"(?:[\w\s.,%#+-]|'[\w\s.,-]*'|\([\w\s.,%#+-]*\))*")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_MARKUP = re.compile(r'<(/?)([A-Za-z][\w:-]*)((?: [^\s="<>]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s="<>]+)="([^"]*)"')
_POINTER = re.compile(r"url\((['\"]?)#([\w.:-]+)\1\)")
_RAW = re.compile(r"<(script|style)([^>]*)>(.*?)</\1>", re.DOTALL)
_WITHOUT_SCRIPT = '<p class="unscripted">This map needs JavaScript. What it shows is in the tables of this page too.</p>'
# They turn the text around them, or stand for nothing at all.
_UNSEEN = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def visible(text: str) -> str:
    """Give a text without the characters that hide, or that turn the text around them."""
    return text.translate(_UNSEEN)


def csp_hash(content: str) -> str:
    """Give a script or style as a Content-Security-Policy names it: `'sha256-…'`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Write the Content-Security-Policy that lets these run and nothing else, from hashes."""
    run, look = (" ".join(dict.fromkeys(hashes)) or "'none'" for hashes in (scripts, styles))
    return (
        f"default-src 'none'; script-src {run}; style-src {look}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@dataclass(frozen=True)
class Use:
    """A place in the page that shows a finding: its anchor, and the section that it stands in."""

    anchor: str
    section: str


@dataclass
class Tag:
    """One tag of nh3's output; its attributes unescaped."""

    kind: Literal["start", "end"]
    name: str
    attributes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write the tag."""
        said = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return f"</{self.name}>" if self.kind == "end" else f"<{self.name}{said}>"


Part = Tag | str
_PATH_ENDS = Tag("end", "path")
_NAMING = ("aria-labelledby", "aria-describedby", "headers")


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
        return _rules(self._classes)

    def clean(self, html: str) -> Markup:
        """Give the HTML of one output as the page may show it."""
        kept = _kept(visible(html), _TEXT | _DRAWING | _FRAME, _GONE)
        parts = list(_without_indents(_whole_frames(_parts(kept))))
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
        _restyle(said, self._classes)
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


def packed(text: str) -> str:
    """Pack a text as page.js can unpack it: deflate, then base64."""
    press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(press.compress(text.encode()) + press.flush()).decode()


def sealed_document(html: str, title: str) -> tuple[str, list[str], list[str]]:
    """Give a map's document with its own policy, and the hashes of its scripts and styles.

    Of the document stay the drawing, text, inline scripts and inline styles.
    """
    kept = _kept(html, _TEXT | _DRAWING | _CODE, _GONE - _CODE | _FRAME)
    classes: dict[str, str] = {}
    body = "".join(_restyled(kept, classes))
    if classes:
        body = f"<style>{_rules(classes)}</style>{body}"
    scripts = [csp_hash(text) for name, kind, text in _RAW.findall(body) if name == "script" and "json" not in kind]
    styles = [csp_hash(text) for name, _, text in _RAW.findall(body) if name == "style"]
    document = (
        f'<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" '
        f'content="{policy(scripts, styles)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title></head>'
        f"<body>{body}</body></html>"
    )
    return document, scripts, styles


def _restyled(html: str, classes: dict[str, str]) -> Iterator[str]:
    """Turn the style attributes of a map's document into classes; its scripts and styles stay as they are."""
    at = 0
    for raw in _RAW.finditer(html):
        yield from _restyled_parts(html[at : raw.start()], classes)
        yield raw.group() if raw[3] else ""
        at = raw.end()
    yield from _restyled_parts(html[at:], classes)


def _restyled_parts(html: str, classes: dict[str, str]) -> Iterator[str]:
    for part in _parts(html):
        if isinstance(part, Tag):
            _restyle(part.attributes, classes)
        yield str(part)


def _kept(html: str, tags: set[str], gone: set[str]) -> str:
    """Parse HTML as a browser does, and write what is on the lists."""
    return nh3.clean(
        html,
        tags=tags,
        clean_content_tags=gone,
        attributes={"*": _ATTRIBUTES},
        attribute_filter=_address,
        link_rel=None,
        url_schemes={"https", "data"},
    )


def _address(tag: str, name: str, value: str) -> str | None:
    """Keep an address that loads nothing: a fragment, a link to follow, a picture that is inside."""
    if name == "src":
        return value if tag == "img" and _PICTURE.fullmatch(value) else None
    if name == "href" and not value.startswith("#"):
        allowed = (tag == "a" and value.startswith("https://")) or (tag == "image" and _PICTURE.fullmatch(value))
        return value if allowed else None
    if name not in {"title", "alt", "aria-label", "srcdoc"} and "url(" in _POINTER.sub("", value).lower():
        return None
    return value


def _parts(html: str) -> Iterator[Part]:
    """Take nh3's output apart into tags and the text between them."""
    at = 0
    for found in _MARKUP.finditer(html):
        if found.start() > at:
            yield html[at : found.start()]
        said = {name.removeprefix("xlink:"): unescape(value) for name, value in _ATTRIBUTE.findall(found[3])}
        yield Tag("end" if found[1] else "start", found[2], said)
        at = found.end()
    if at < len(html):
        yield html[at:]


def _without_indents(parts: Iterable[Part]) -> Iterator[Part]:
    """Drop the line breaks between the tags of a drawing."""
    inside = 0
    for part in parts:
        if isinstance(part, Tag) and part.name == "svg":
            inside += 1 if part.kind == "start" else -1
        if not inside or isinstance(part, Tag) or part.strip():
            yield part


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


def _targets(tag: Tag) -> list[str]:
    """Give the ids that a tag points at."""
    said = tag.attributes
    named = [one for name in _NAMING for one in said.get(name, "").split()]
    drawn = [found[2] for name, value in said.items() if name != "srcdoc" for found in _POINTER.finditer(value)]
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
            said[name] = _POINTER.sub(lambda found: f"url(#{names.get(found[2], found[2])})", value)


def _scoped(parts: list[Part]) -> Iterator[Part]:
    """Give each table head its scope; a head without a word is a plain cell."""
    in_head, empty = False, False
    for part, after in zip(parts, [*parts[1:], ""], strict=False):
        if isinstance(part, Tag) and part.name == "thead":
            in_head = part.kind == "start"
        if isinstance(part, Tag) and part.name == "th":
            empty = isinstance(after, Tag) and after.kind == "end" if part.kind == "start" else empty
            scope = {} if empty or part.kind == "end" else {"scope": "col" if in_head else "row"}
            yield Tag(part.kind, "td" if empty else "th", scope | part.attributes)
        else:
            yield part


def _lower_heading(name: str) -> str:
    """Set an output's headings below those of the page."""
    return {"h1": "h3", "h2": "h3"}.get(name, name)


def _restyle(said: dict[str, str], classes: dict[str, str]) -> None:
    """Turn a style attribute into a class; what it may say is on the allow list."""
    rule = ";".join(_declarations(said.pop("style", "")))
    if rule:
        name = classes.setdefault(rule, f"k{len(classes)}")
        said["class"] = f"{said['class']} {name}" if "class" in said else name


def _declarations(style: str) -> Iterator[str]:
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        plain = _POINTER.sub("", value)
        if name.lower() in _DECLARATIONS and _PLAIN_VALUE.fullmatch(plain) and "url(" not in plain:
            yield f"{name.lower()}:{value}"


def _rules(classes: dict[str, str]) -> str:
    return "\n".join(f".{name}{{{rule}}}" for rule, name in classes.items())
