"""HTML, parsed as a browser parses it and cut down to allow lists, as tags and text to work on.

nh3 does the parsing. Its output has one canonical form (every value in double quotes, every `<` in a
text escaped), so that it can be taken apart tag by tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import TYPE_CHECKING, Literal

import nh3

if TYPE_CHECKING:
    from collections.abc import Iterator


def _words(names: str) -> set[str]:
    return set(names.split())


TEXT = _words(
    "a abbr b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span "
    "strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr"
)
DRAWING = _words(
    "svg g path rect circle ellipse line polyline polygon text tspan defs use symbol clipPath mask "
    "pattern linearGradient radialGradient stop marker image"
)
FRAME = {"iframe"}
CODE = {"script", "style"}
# Their content is nothing to read, or is how a parser is led astray.
GONE = _words("script style template noscript title textarea metadata foreignObject object embed select math")

_ATTRIBUTES = _words(
    "id class type title lang dir role style colspan rowspan scope headers span start value datetime "
    "alt open aria-label aria-labelledby aria-describedby aria-hidden srcdoc width height href src "
    "viewBox d x y x1 y1 x2 y2 cx cy r rx ry dx dy points transform fill stroke opacity offset "
    "preserveAspectRatio clip-path mask clipPathUnits gradientUnits gradientTransform patternUnits "
    "patternTransform markerWidth markerHeight refX refY orient fill-opacity fill-rule clip-rule "
    "stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset "
    "stroke-miterlimit stop-color stop-opacity font-family font-size font-weight font-style text-anchor "
    "dominant-baseline textLength lengthAdjust"
)
_DECLARATIONS = _words(
    "fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity stop-color "
    "stop-opacity color font font-family font-size font-weight font-style text-align text-anchor "
    "dominant-baseline vertical-align white-space"
)
_PLAIN_VALUE = re.compile(r"(?:[\w\s.,%#+-]|'[\w\s.,-]*'|\([\w\s.,%#+-]*\))*")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_MARKUP = re.compile(r'<(/?)([A-Za-z][\w:-]*)((?: [^\s="<>]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s="<>]+)="([^"]*)"')
POINTER = re.compile(r"url\((['\"]?)#([\w.:-]+)\1\)")
# They turn the text around them, stand for nothing at all, or are half a letter.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Give a text without the characters that hide, or that turn the text around them."""
    return _UNSEEN.sub("", text)


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


def kept(html: str, tags: set[str], gone: set[str]) -> str:
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


def parts_of(html: str) -> Iterator[Part]:
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


def restyle(said: dict[str, str], classes: dict[str, str]) -> None:
    """Turn a style attribute into a class; what it may say is on the allow list."""
    rule = ";".join(_declarations(said.pop("style", "")))
    if rule:
        name = classes.setdefault(rule, f"k{len(classes)}")
        said["class"] = f"{said['class']} {name}" if "class" in said else name


def rules(classes: dict[str, str]) -> str:
    """Write the rules of the classes, one a line."""
    return "\n".join(f".{name}{{{rule}}}" for rule, name in classes.items())


def _address(tag: str, name: str, value: str) -> str | None:
    """Keep an address that loads nothing: a fragment, a link to follow, a picture that is inside."""
    if name == "src":
        return value if tag == "img" and _PICTURE.fullmatch(value) else None
    if name == "href" and not value.startswith("#"):
        allowed = (tag == "a" and value.startswith("https://")) or (tag == "image" and _PICTURE.fullmatch(value))
        return value if allowed else None
    if name not in {"title", "alt", "aria-label", "srcdoc", "style"} and "url(" in POINTER.sub("", value).lower():
        return None
    return value


def _declarations(style: str) -> Iterator[str]:
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        plain = POINTER.sub("", value)
        if name.lower() in _DECLARATIONS and _PLAIN_VALUE.fullmatch(plain) and "url(" not in plain:
            yield f"{name.lower()}:{value}"
