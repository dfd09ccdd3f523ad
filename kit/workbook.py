"""Tables -> an XLSX workbook that a reporter fills in; every word in it is text, and no formula runs.

All columns are formatted as text, so that a date or a name that is typed in stays as it was typed.
The bytes depend on the tables alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LONGEST_CELL = 32_767
"""Letters that a spreadsheet takes in one cell."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Cell formats: 0 numbers, 1 text, 2 the heads, 3 the heads of columns to fill in. 49 is the text format.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill '
    'patternType="solid"><fgColor rgb="FFFFE699"/></patternFill></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" applyAlignment="1">'
    '<alignment vertical="top"/></xf><xf numFmtId="49" applyNumberFormat="1" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="1" applyFont="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" applyFont="1" applyFill="1" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet: column names with their widths in letters, rows of text and whole numbers, columns to fill in."""

    name: str
    columns: dict[str, int]
    rows: Sequence[Sequence[str | int]]
    to_fill: frozenset[str] = frozenset()


def write_workbook(sheets: Sequence[Sheet], path: Path) -> None:
    """Write an XLSX workbook aside and move it into place."""
    aside = path.with_name(f".{path.name}.part")
    with ZipFile(aside, "w") as packed:
        for name, text in _parts(sheets):
            packed.writestr(ZipInfo(name), f"{_XML}{text}", ZIP_DEFLATED)
    aside.replace(path)


def _parts(sheets: Sequence[Sheet]) -> Iterable[tuple[str, str]]:
    """Give the files of the package with what stands in them."""
    numbers = range(1, len(sheets) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    content = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>'
    )
    yield "[Content_Types].xml", content
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    named = "".join(
        f'<sheet name="{_text(one.name)}" sheetId="{n}" r:id="rId{n}"/>' for n, one in zip(numbers, sheets, strict=True)
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>'
    within = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*within, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES
    for number, sheet in zip(numbers, sheets, strict=True):
        yield f"xl/worksheets/sheet{number}.xml", _sheet(sheet)


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _sheet(sheet: Sheet) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" style="1" customWidth="1"/>'
        for n, width in enumerate(sheet.columns.values(), 1)
    )
    heads = "".join(_cell(name, 3 if name in sheet.to_fill else 2) for name in sheet.columns)
    rows = "".join(f"<row>{''.join(_cell(cell, 1) for cell in row)}</row>" for row in sheet.rows)
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" '
        'topLeftCell="B2" activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{heads}</row>{rows}</sheetData></worksheet>"
    )


def _cell(cell: str | int, style: int) -> str:
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    # An inline string is never a formula, whatever it starts with.
    text = _text(cell[:LONGEST_CELL])
    return (
        f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' if text else f'<c s="{style}"/>'
    )


def _text(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable() or c == "\n"), {'"': "&quot;"})
