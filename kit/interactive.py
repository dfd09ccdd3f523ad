"""Findings -> interactive maps that need no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kit.ap import ap_date
from kit.errors import DataError
from kit.geography import unbroken
from kit.land import drawn
from kit.maps import SIGNS, classes, classes_said, shade, sign_of
from kit.places import county_shapes
from kit.story import WORDS, full_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import folium
    import geopandas as gpd
    import pandas as pd
    from branca.element import Element, MacroElement

    from kit.findings import Finding
    from kit.places import State

_HERE = Path(__file__).parent
_LEAFLET = _HERE / "vendor" / "leaflet"
_LOADS = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*")
_TILES = re.compile(r"L\.tileLayer(?:\.wms)?\(\s*[\"']([^\"']*)")
_SIZED = "The more rows of the lists name agencies of a place, the larger its sign."
# What would end a script or a line of it; and what branca, for which a part's script is a template, would run.
_NO_DATA = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_NO_DATA |= {"{{": "{\\u007b", "{%": "{\\u0025", "{#": "{\\u0023"}
_MARKS = re.compile("|".join(map(re.escape, _NO_DATA)))


@dataclass(frozen=True)
class SealedMap:
    """A folium map as one document that asks no other computer for anything, but for the tiles of `asks`."""

    title: str
    html: str = field(repr=False)
    asks: str = ""

    def _repr_html_(self) -> str:
        frame = 'class="map" sandbox="allow-scripts" width="100%" height="480" loading="lazy"'
        shown = f'<iframe {frame} title="{escape(self.title)}" srcdoc="{escape(self.html)}"></iframe>'
        if not self.asks:
            return shown
        said = f"In a notebook the background of this map is loaded from {self.asks}; this page asks no one for it."
        return f"{shown}<p>{escape(said)}</p>"


def atlas(  # noqa: PLR0913
    state: State,
    counts: Mapping[str, Finding],
    points: pd.DataFrame,
    title: str,
    *,
    owners: Mapping[str, tuple[float, float]] | None = None,
    tiles: str = "",
    credit: str = "",
) -> SealedMap:
    """Make the interactive map of a state: counties shaded, agencies as signs sized by the rows that name them.

    `points` needs agency, lat and lon. With kind and group, immigration enforcement and bridges have signs of their
    own; with owner, date and direction, lists and directions can be chosen. Names go in as data and come out as text.
    `owners` (latitude and longitude by owner as printed) adds lines that can be switched on. Nothing is loaded from
    another computer unless `tiles`, an address with {z}, {x} and {y}, asks for it; the map then says so, and a sealed
    page, which lets no request out, shows it without.
    """
    import folium

    shapes = drawn(unbroken(county_shapes(state.code)))
    shapes = shapes.set_geometry(shapes.geometry.set_precision(1e-3))
    base = folium.Map(tiles=tiles or None, attr=credit or title, zoom_snap=0.25, attributionControl=False)
    base.default_js, base.default_css = [], []
    _counties(shapes, {geoid: found.high for geoid, found in counts.items()}, bool(tiles)).add_to(base)
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    asks = urlsplit(tiles).hostname or ""
    note = f"In a notebook the background is loaded from {asks}, which sees who looks at it. {credit}".strip()
    said = _said(points, owners or {}, broken=west < -180)
    key = [("box", color, words) for color, words in classes_said([found.high for found in counts.values()])]
    used = {place[2] for place in said["places"]}
    key += [sign for name, sign in SIGNS.items() if name in used]
    said |= {"title": title, "key": key, "notes": [*([_SIZED] if used else []), *([note] if tiles else [])]}
    said["bounds"] = [[south, west], [north, east]]
    base.add_child(_agencies(_as_script(said)))
    return seal(base, title, asks=asks)


def _counties(shapes: gpd.GeoDataFrame, counts: Mapping[str, int], over_tiles: bool) -> folium.GeoJson:  # noqa: FBT001
    """Make the layer of counties, each with its number when it is pointed at."""
    import folium

    counted = [counts.get(geoid, 0) for geoid in shapes["geoid"]]
    bounds = classes(list(counts.values()))
    said = [f"{full}: {value or 'none known'}" for full, value in zip(shapes["full_name"], counted, strict=True)]
    colors = [shade(value, bounds) for value in counted]
    layer = shapes[["geometry"]].assign(says=[escape(text) for text in said], color=colors)
    opacity = 0.6 if over_tiles else 0.9
    return folium.GeoJson(
        json.loads(layer.to_json(drop_id=True)),
        style_function=lambda feature: {
            "fillColor": feature["properties"]["color"],
            "fillOpacity": opacity,
            "color": "#ffffff",
            "weight": 1,
        },
        tooltip=folium.GeoJsonTooltip(fields=["says"], labels=False, sticky=True),
        smooth_factor=0,
    )


def _said(points: pd.DataFrame, owners: Mapping[str, tuple[float, float]], *, broken: bool) -> dict[str, Any]:
    """Give the agencies as the map's script takes them: places west to east, each with its rows, names once."""
    blank = {column: "" for column in ("kind", "group", "owner", "date", "direction", "place") if column not in points}
    rows = points.assign(**blank).sort_values(["lon", "lat", "agency", "date", "owner"])
    names, ways = (list(dict.fromkeys(rows[column])) for column in ("agency", "direction"))
    lists = list(dict.fromkeys(zip(rows["owner"], rows["date"], strict=True)))
    lists.sort(key=lambda one: (one[1], one[0]))
    places: dict[tuple[float, float, str], tuple[str, list[list[int]]]] = {}
    for row in rows.to_dict("records"):
        # Alaska is drawn unbroken, to the west of 180 degrees.
        lon = float(row["lon"]) - (360 if broken and row["lon"] > 0 else 0)
        spot = (round(float(row["lat"]), 4), round(lon, 4), sign_of(row["kind"], row["group"]))
        _, there = places.setdefault(spot, (row["place"] or row["agency"], []))
        there.append(
            [names.index(row["agency"]), lists.index((row["owner"], row["date"])), ways.index(row["direction"])]
        )
    return {
        "places": [[*spot, *told] for spot, told in places.items()],
        "names": names,
        "lists": [f"{full_name(owner)}, {ap_date(date)}" if owner else "the list" for owner, date in lists],
        "ways": [WORDS.get(way, "Listed") for way in ways],
        "back": WORDS["receives_from"],
        "owners": [owners.get(owner) for owner, _ in lists],
        "signs": SIGNS,
    }


def _as_script(said: Any) -> str:  # noqa: ANN401  (what JSON holds)
    """Write data so that no text in it can end the script that it stands in, or is run as a template."""
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return _MARKS.sub(lambda found: _NO_DATA[found[0]], text)


def _agencies(said: str) -> MacroElement:
    """Make the part of a map that hands its agencies to the kit's own script."""
    from branca.element import MacroElement
    from jinja2 import Template

    part: Any = MacroElement()  # type: ignore[no-untyped-call]
    call = "drawAgencies({{ this._parent.get_name() }}, {{ this.said }});"
    part._template = Template(f"{{% macro script(this, kwargs) %}}{call}{{% endmacro %}}")  # noqa: SLF001
    part.said = said
    made: MacroElement = part
    return made


def seal(made: folium.Map, title: str, *, asks: str = "") -> SealedMap:
    """Put Leaflet itself into a folium map, and give its parts ids that are the same every time.

    DataError where it would load from another computer, unless `asks` names the one that tiles may come from.
    """
    from branca.element import Element

    root: Any = made.get_root()
    for number, part in enumerate(_parts(root)):
        part._id = f"{number:04x}"  # noqa: SLF001  (branca takes it from the system's random source)
    root.header.add_child(Element(f"<style>{_leaflet()['css']}{_own('css')}</style>"), name="leaflet_css")
    root.header.add_child(Element(f"<script>{_leaflet()['js']}{_own('js')}</script>"), name="leaflet_js")
    html = re.sub(
        r"<meta name=\"viewport\".*?/>",
        '<meta name="viewport" content="width=device-width">',
        root.render(),
        flags=re.DOTALL,
    )
    html = html.replace("<html>", '<html lang="en">', 1).replace("<head>", f"<head><title>{escape(title)}</title>", 1)
    loads = [found[0] for found in _LOADS.finditer(html)]
    loads += [found[0] for found in _TILES.finditer(html) if not asks or urlsplit(found[1]).hostname != asks]
    if loads:
        msg = f"The map would load from another computer: {loads[0][:100]}"
        raise DataError(msg, title, "Leave out the folium part that needs it.")
    return SealedMap(title, html, asks)


def _parts(element: Element) -> Iterator[Element]:
    """Walk a branca tree from the root down, in the order in which it was built."""
    yield element
    for child in element._children.values():  # noqa: SLF001
        yield from _parts(child)


@cache
def _own(kind: str) -> str:
    """Read the kit's own part of the map: its script or its style."""
    return (_HERE / f"interactive.{kind}").read_text(encoding="utf-8")


@cache
def _leaflet() -> dict[str, str]:
    """Read Leaflet with its pictures inside; DataError where a file is not the one that was checked in."""
    for line in (_LEAFLET / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        if hashlib.sha256((_LEAFLET / name).read_bytes()).hexdigest() != digest:
            msg = "A file of the map library is not the one that came with the kit."
            raise DataError(msg, f"kit/vendor/leaflet/{name}", "Get it back: git restore kit/vendor")
    css = re.sub(r"url\((images/[\w.-]+)\)", _as_data, (_LEAFLET / "leaflet.css").read_text(encoding="utf-8"))
    js = (_LEAFLET / "leaflet.js").read_text(encoding="utf-8").split("//# sourceMappingURL")[0]
    return {"css": css, "js": js}


def _as_data(found: re.Match[str]) -> str:
    picture = (_LEAFLET / found[1]).read_bytes()
    return f"url(data:image/png;base64,{base64.b64encode(picture).decode()})"
