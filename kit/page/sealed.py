"""What keeps a page sealed: the policy in its head, and map documents that have one of their own."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from html import escape
from typing import TYPE_CHECKING

from kit.page.markup import CODE, DRAWING, FRAME, GONE, TEXT, Tag, kept, parts_of, restyle, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RAW = re.compile(r"<(script|style)([^>]*)>(.*?)</\1>", re.DOTALL)


def csp_hash(content: str) -> str:
    """Give a script or style as a Content-Security-Policy names it: `'sha256-…'`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Write the Content-Security-Policy that lets these run and nothing else, from hashes."""
    run, look = (" ".join(dict.fromkeys(hashes)) or "'none'" for hashes in (scripts, styles))
    return f"default-src 'none'; script-src {run}; style-src {look}; img-src data:; base-uri 'none'; form-action 'none'"


def packed(text: str) -> str:
    """Pack a text as page.js can unpack it: deflate, then base64."""
    press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(press.compress(text.encode()) + press.flush()).decode()


def sealed_document(html: str, title: str) -> tuple[str, list[str], list[str]]:
    """Give a map's document with its own policy, and the hashes of its scripts and styles.

    Of the document stay the drawing, text, inline scripts and inline styles.
    """
    classes: dict[str, str] = {}
    body = "".join(_restyled(kept(html, TEXT | DRAWING | CODE, GONE - CODE | FRAME), classes))
    if classes:
        body = f"<style>{rules(classes)}</style>{body}"
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
    for part in parts_of(html):
        if isinstance(part, Tag):
            restyle(part.attributes, classes)
        yield str(part)
