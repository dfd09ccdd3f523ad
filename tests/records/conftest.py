"""What tests of readers make records with: a workbook, and a PDF, written by hand."""

from __future__ import annotations

from ctypes import c_ushort
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pypdfium2
import pytest
from pypdfium2 import raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _cell(column: int, row: int, text: str) -> str:
    return f'<c r="{chr(65 + column)}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' if text else ""


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = (
        f'<row r="{number}">{"".join(_cell(column, number, text) for column, text in enumerate(row))}</row>'
        for number, row in enumerate(rows, start=1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


@pytest.fixture(scope="session")
def workbook() -> Callable[..., Path]:
    """Write an XLSX workbook: the rows of each sheet by its name; the sheets named in `hidden` are hidden."""

    def write(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]], hidden: Iterable[str] = ()) -> Path:
        ids = dict(enumerate(sheets, start=1))
        states = {name: "hidden" if name in hidden else "visible" for name in sheets}
        listed = (
            f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}" state="{states[name]}"/>'
            for i, name in ids.items()
        )
        linked = (f'<Relationship Id="r{i}" Type="{_OFFICE}/worksheet" Target="worksheets/s{i}.xml"/>' for i in ids)
        to_book = f'<Relationship Id="w" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        names = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}"'
        parts = {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types">'
                '<Default Extension="xml" ContentType="application/xml"/></Types>'
            ),
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{to_book}</Relationships>',
            "xl/workbook.xml": f"<workbook {names}><sheets>{''.join(listed)}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(linked)}</Relationships>'
            ),
        }
        with ZipFile(path, "w", ZIP_DEFLATED) as packed:
            for name, text in parts.items():
                packed.writestr(name, text)
            for i, name in ids.items():
                packed.writestr(f"xl/worksheets/s{i}.xml", _sheet(sheets[name]))
        return path

    return write


@pytest.fixture(scope="session")
def printed() -> Callable[..., Path]:
    """Write a PDF: for each page its texts as (left, top from the upper edge, text), in points on Letter."""

    def write(path: Path, pages: Iterable[Iterable[tuple[float, float, str]]]) -> Path:
        pdf = pypdfium2.PdfDocument.new()
        font = raw.FPDFText_LoadStandardFont(pdf, b"Helvetica")
        for texts in pages:
            page = pdf.new_page(612, 792)
            for left, top, text in texts:
                thing = raw.FPDFPageObj_CreateTextObj(pdf, font, 9)
                letters = text.encode("utf-16-le") + b"\0\0"
                raw.FPDFText_SetText(thing, (c_ushort * (len(letters) // 2)).from_buffer_copy(letters))
                raw.FPDFPageObj_Transform(thing, 1, 0, 0, 1, left, 792 - top)
                raw.FPDFPage_InsertObject(page, thing)
            page.gen_content()
        pdf.save(path)
        return path

    return write
