"""The page as a file: what goes in, what is refused, what keeps it sealed."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from kit.errors import RunError
from kit.interactive import atlas
from kit.page.drawing import short_path
from kit.page.files import for_programs, pages_of
from kit.page.foreign import Foreign
from kit.page.sealed import csp_hash, packed, sealed_document
from kit.places import find_state
from kit.report import write_page

if TYPE_CHECKING:
    from collections.abc import Callable

LIST = "exampleville-2025-03-11-vigilant"
COLUMNS = ("row_id", "list_id", "partner", "direction", "data", "page", "state", "status", "lon")


def finding(name: str, count: int, **said: Any) -> dict[str, Any]:
    """Give a finding that counts the first rows of the list."""
    made = {"id": name, "label": name, "value": count, "low": count, "high": count, "unit": "agencies"}
    return made | {"rows": [f"{LIST}:{number}" for number in range(1, count + 1)], "caveats": [], **said}


def write_folder(folder: Path, *cells: Any, findings: Any = None, partners: Any = None, **said: Any) -> Path:
    """Write the three files of a place: three rows unless told otherwise, and the notebook's cells."""
    folder.mkdir(parents=True, exist_ok=True)
    partners = partners or ["Alder PD", "Birch PD", "Cedar PD"]
    findings = [finding("shared", len(partners))] if findings is None else findings
    lists = [{"id": LIST, "owner": "Exampleville Police Department", "date": "2025-03-11", "sha256": "5e" * 32}]
    plain = {"place": "Exampleville", "as_of": "2025-03-11", "lists": lists, "findings": findings}
    (folder / "findings.json").write_text(json.dumps(plain | said, ensure_ascii=False), encoding="utf-8")
    with (folder / "sharing.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for number, partner in enumerate(partners, start=1):
            row = (f"{LIST}:{number}", LIST, partner, "shares_with", "detections", "p1", "CA", "certain", "-117.8")
            lines.writerow(row)
    book = v4.new_notebook(cells=[v4.new_markdown_cell("# Who shares?"), *cells])
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(book, folder / "notebook.ipynb")
    return folder


def shown(*outputs: str, code: str = "x", tags: tuple[str, ...] = (), **data: str) -> Any:
    """Give a code cell that ran and shows HTML, or other data by MIME type with _ for /."""
    made = [v4.new_output("display_data", {"text/html": output}) for output in outputs]
    if data:
        made.append(v4.new_output("display_data", {name.replace("_", "/"): value for name, value in data.items()}))
    return v4.new_code_cell(code, execution_count=1, outputs=made, metadata={"tags": list(tags)})


def page_of(folder: Path) -> str:
    """Write the page and give its text."""
    return write_page(folder).read_text(encoding="utf-8")


def words_of(folder: Path) -> str:
    """Write the page and give its text without the files in it."""
    return re.sub(r'href="data:[^"]*"', "", page_of(folder))


def download(page: str, name: str) -> bytes:
    """Take a file out of a page."""
    found = re.search(rf'download="{re.escape(name)}" href="data:([^,]*),([^"]*)"', page)
    assert found, name
    data = html.unescape(found[2])
    return base64.b64decode(data) if found[1].endswith("base64") else unquote_to_bytes(data)


# --- what goes in ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notebook.ipynb", "findings.json", "sharing.csv"])
def test_a_missing_input_is_three_lines(tmp_path: Path, name: str) -> None:
    """The error names what is missing, where, and what to do; no page is left half-written."""
    write_folder(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(RunError) as stopped:
        write_page(tmp_path)
    what, where, do = str(stopped.value).splitlines()
    assert name in what
    assert where == str(tmp_path / name)
    assert "kit report" in do
    assert not list(tmp_path.glob("*report.html*"))


def cut(text: str) -> str:
    """Give the first half of a file."""
    return text[: len(text) // 2]


@pytest.mark.parametrize(
    ("name", "broken", "says"),
    [
        ("notebook.ipynb", cut, "no notebook"),
        ("notebook.ipynb", lambda _: '{"cells": 5}', "no notebook"),
        ("findings.json", cut, "no JSON"),
        ("findings.json", lambda _: "[]", "has no place"),
        ("findings.json", lambda text: text.replace('"id": "shared"', '"id": ""'), "Finding 1"),
        ("findings.json", lambda text: text.replace(f'"{LIST}:1"', '"other:1"'), "row other:1"),
        ("findings.json", lambda text: text.replace(f'"id": "{LIST}"', '"id": "other"'), "no list"),
        ("findings.json", lambda text: text.replace(f'"id": "{LIST}"', '"name": "other"'), "no id"),
        ("sharing.csv", lambda text: text.replace("row_id", "row"), "no column row_id"),
        ("sharing.csv", lambda _: "", "no column row_id"),
    ],
)
def test_a_broken_input_is_refused(tmp_path: Path, name: str, broken: Callable[[str], str], says: str) -> None:
    """A file that is cut off, of another form or at odds with the others stops the page, in three lines."""
    path = write_folder(tmp_path) / name
    path.write_text(broken(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RunError, match=says) as stopped:
        write_page(tmp_path)
    assert len(str(stopped.value).splitlines()) == 3


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are an error with a name."""
    (write_folder(tmp_path) / "sharing.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunError, match=r"sharing\.csv cannot be read"):
        write_page(tmp_path)


def test_two_findings_of_one_name_are_refused(tmp_path: Path) -> None:
    """A link leads to one entry only."""
    with pytest.raises(RunError, match='called "shared"'):
        write_page(write_folder(tmp_path, findings=[finding("shared", 1), finding("shared", 2)]))


def test_a_number_without_a_finding_is_refused(tmp_path: Path) -> None:
    """No number on the page is without its rows."""
    with pytest.raises(RunError, match='"typed"'):
        write_page(write_folder(tmp_path, shown('<p><a class="n" href="#f-typed">7</a></p>')))


def test_a_notebook_that_stopped_is_refused(tmp_path: Path) -> None:
    """The error says the cell and what Python said."""
    stopped_at = v4.new_output("error", ename="KeyError", evalue="'state'", traceback=[])
    cell = v4.new_code_cell("1 / 0", execution_count=1, outputs=[stopped_at])
    with pytest.raises(RunError, match="KeyError: 'state'") as stopped:
        write_page(write_folder(tmp_path, cell))
    assert stopped.value.where.endswith("cell 2")


def test_a_notebook_that_was_not_run_is_refused(tmp_path: Path) -> None:
    """A notebook without a single run makes no empty page."""
    with pytest.raises(RunError, match="not been run"):
        write_page(write_folder(tmp_path, v4.new_code_cell("x")))


def test_the_former_page_stays_where_the_new_one_fails(tmp_path: Path) -> None:
    """A reader never finds a broken page in the place of a good one."""
    before = page_of(write_folder(tmp_path))
    (tmp_path / "findings.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError):
        write_page(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == before


def test_the_fewest_keys_make_a_page(tmp_path: Path) -> None:
    """All but place, as_of, lists and findings may be missing, and there may be no list at all."""
    page = page_of(write_folder(tmp_path / "some", findings=[{"id": "a", "rows": [f"{LIST}:2"]}]))
    assert '(<a href="#l-1">2025-03-11</a>): <b>shared with</b>, <i>detections</i></caption>' in page
    assert "<th>2<td>Birch PD<td>p1<td>CA<td>certain" in page
    empty = page_of(write_folder(tmp_path / "none", findings=[], lists=[], as_of=""))
    assert 'id="ledger"' not in empty
    assert "No record here names an agency of this place." in empty


# --- what stands on the page -------------------------------------------------------------------


def test_the_ledger_presses_rows_together(tmp_path: Path) -> None:
    """Rows that follow one another on the page are one link, which names each by its number in the record."""
    rows = [f"{LIST}:{number}" for number in (5, 1, 2, 3)]
    made = finding("some", 4, rows=rows, value=None, low=3, sentence="Some, 3 to 4.", caveats=["Not sure."])
    page = words_of(write_folder(tmp_path, findings=[made], partners=list("abcdef"), headline=["some"]))
    assert re.findall(r'<a data-n="(\d+)" href="(#r.*?)">(.*?)</a>', page) == [("4", "#r-1", "1–3, 5")]
    assert '<p class="big range"><a class="n" id="u-1" href="#f-some">3 to 4</a></p>' in page
    assert page.count("Not sure.") == 2, "the caveat stands beside the number, in the glance and the ledger"
    assert re.findall(r"<tr[^>]*><th>(\d+)<td>(\w)<td>", page) == [("1", "a"), ("2", "b"), ("3", "c"), ("5", "e")]


def test_a_number_of_many_rows_is_one_link(tmp_path: Path) -> None:
    """Rows far apart are one link to the first that names all; where not all are on the page there is no link."""
    partners = [f"Agency {number}" for number in range(1, 501)]
    odd = [f"{LIST}:{number}" for number in range(1, 21, 2)]
    made = [finding("odd", 10, rows=odd), finding("twenty", 20), finding("whole", 500)]
    page = words_of(write_folder(tmp_path, findings=made, partners=partners))
    assert '<a data-n="10" href="#r-1">1, 3, 5, 7, 9, 11, 13, 15, 17, 19</a>' in page
    assert '<a data-n="20" href="#r-1">1–20</a>' in page
    assert "</a>: 1–500 (in the list itself, not all on this page)" in page


def test_rows_of_sections_in_turns_are_told_by_their_ends(tmp_path: Path) -> None:
    """Rows that stand together on the page, and in turns with others in the record, are told by first and last."""
    folder = write_folder(tmp_path, findings=[finding("a", 1)], partners=[f"Agency {at}" for at in range(1, 41)])
    lines = (folder / "sharing.csv").read_text(encoding="utf-8").splitlines()
    turned = [line.replace("shares_with", "receives_from") if at % 2 else line for at, line in enumerate(lines)]
    (folder / "sharing.csv").write_text("\n".join(turned), encoding="utf-8")
    said = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    said["findings"] = [finding("a", 20, rows=[f"{LIST}:{at}" for at in range(2, 41, 2)]), finding("all", 40)]
    (folder / "findings.json").write_text(json.dumps(said), encoding="utf-8")
    page = words_of(folder)
    assert '<a data-n="20" href="#r-1">20 rows from 2 to 40</a>' in page
    assert re.findall(r"<b>(.*?)</b>", page) == ["shared with", "received from"]


def test_what_most_rows_say_is_said_once(tmp_path: Path) -> None:
    """How sure a placing is stands above the table where most rows agree, and beside the others; so does a sheet."""
    partners = [f"Agency {number}" for number in range(1, 31)]
    folder = write_folder(tmp_path, findings=[finding("a", 30)], partners=partners)
    table = (folder / "sharing.csv").read_text(encoding="utf-8").replace(",p1,", ",Organizations!7,")
    unsure = table.replace(
        "Agency 3,shares_with,detections,Organizations!7,CA,certain",
        "Agency 3,shares_with,detections,Organizations!9,CA,likely",
    )
    (folder / "sharing.csv").write_text(unsure, encoding="utf-8")
    page = words_of(folder)
    assert 'Where “How sure” is empty: <q title="How sure">certain</q>' in page
    assert ", sheet Organizations" in page
    assert "<th>2<td>Agency 2<td>row 7<td>CA\n" in page, "cells that are empty at the end are left out"
    assert "<th>3<td>Agency 3<td>row 9<td>CA<td>likely\n" in page


def test_what_was_left_out_is_a_list(tmp_path: Path) -> None:
    """Many texts that a reader left out are folded, one a line; one or two stand there."""
    told = "A1!1: a heading; of two parts (no row); A1!2: B1 | 7 (a figure); p3: footer (no row)"
    lists = [{"id": LIST, "owner": "Exampleville PD", "date": "2025-03-11", "left_out": told}]
    page = words_of(write_folder(tmp_path, lists=lists))
    assert "<summary>3 texts that are no row</summary>" in page
    for line in ("A1!1: a heading; of two parts (no row)", "A1!2: B1 | 7 (a figure)", "p3: footer (no row)"):
        assert f"<li>{line}</li>" in page
    lists[0]["left_out"] = "nothing"
    assert "<dd>\nnothing" in words_of(write_folder(tmp_path, lists=lists))


def test_the_ledger_is_a_list_to_tick(tmp_path: Path) -> None:
    """One line a number: an empty cell to tick, the sentence, the rows, record, pages and sha256; no formula."""
    made = [
        finding("shared", 3, sentence="=1+1"),
        finding("some", 4, rows=[f"{LIST}:{at}" for at in (5, 1, 2, 3)], value=None, low=3, sentence="Some, 3 to 4."),
        finding("none", 0),
    ]
    page = page_of(write_folder(tmp_path, findings=made, partners=list("abcdef")))
    lines = list(csv.DictReader(io.StringIO(download(page, "exampleville-ledger.csv").decode())))
    record = {"record": "Exampleville Police Department, March 11, 2025", "page": "p1", "sha256": "5e" * 32}
    told = {"checked": "", "id": "some", "number": "3 to 4", "unit": "agencies", "sentence": "Some, 3 to 4."}
    assert lines[1] == told | {"rows": f"{LIST}:1-3, 5"} | record
    assert lines[0]["sentence"] == "'=1+1"
    assert (lines[2]["number"], lines[2]["rows"], lines[2]["sha256"]) == ("0", "", "")


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        (["p1", "p1", "p2", "p4"], "p1-2, p4"),
        (["A1!17", "A1!18", "A2!2"], "A1!17-18, A2!2"),
        (["", ""], ""),
        ([f"A1!{row}" for row in range(3, 99, 2)], "A1!3 to A1!97"),
    ],
)
def test_pages_are_told_as_ranges(pages: list[str], told: str) -> None:
    """A page once; those that follow one another as a range; of very many the first and the last."""
    assert pages_of(pages) == told


def test_a_caveat_is_not_said_twice_in_a_row(tmp_path: Path) -> None:
    """Numbers that follow one another share a caveat; after another number, or in another section, it stands again."""
    with_it, without = (f'<p class="finding">n{said}</p>' for said in ('<span class="caveat">Not sure.</span>', ""))
    again = v4.new_markdown_cell("## Where")
    cells = [shown(with_it, with_it), shown(with_it), shown(without), shown(with_it), again, shown(with_it)]
    assert page_of(write_folder(tmp_path, *cells)).count('<span class="caveat">Not sure.</span>') == 3


def test_a_drawing_for_a_phone_is_packed(tmp_path: Path) -> None:
    """The drawing for a page stands there; the phone's is packed beside it, and no drawing points into it."""
    letter = '<defs><path id="{0}" d="M {1} 2"/></defs><use xlink:href="#{0}"/>'
    one, two = letter.format("a", 1), letter.format("b", 3)
    figure = f'<svg class="web">{one}</svg><svg class="phone">{one}{two}</svg><p>after</p>'
    page = page_of(write_folder(tmp_path, shown(figure, f'<svg class="web">{two}</svg>')))
    (drawing,) = re.findall(r'<div class="small" data-drawing="([^"]*)"></div><p>after</p>', page)
    inside = zlib.decompress(base64.b64decode(drawing), -zlib.MAX_WBITS).decode()
    assert inside.startswith('<svg class="phone">')
    assert inside.endswith("</svg>")
    assert page.count('class="web"') == 2
    shown_ids = set(re.findall(r'<path d="[^"]*" id="(\w+)"/>', page))
    assert set(re.findall(r'<use href="#(\w+)"/>', page)) == shown_ids
    assert set(re.findall(r'<use href="#(\w+)"/>', inside)) <= shown_ids | set(re.findall(r'id="(\w+)"', inside))


def test_a_number_and_the_ledger_lead_to_each_other(tmp_path: Path) -> None:
    """The ledger links to the first place in each section that shows the number."""
    number = '<a class="n" href="#f-shared">3</a>'
    heading = v4.new_markdown_cell("## Where\n\nIn the county.")
    page = page_of(write_folder(tmp_path, shown(f"<p>{number}, {number}</p>"), heading, shown(f"<p>{number}</p>")))
    uses = re.search(r"In the text: (.*?)</span>", page)
    assert uses
    assert re.findall(r'href="#(.*?)">(.*?)<', uses[1]) == [("u-1", "Introduction"), ("u-2", "Where")]
    assert page.count('id="u-1"') == page.count('id="u-2"') == 1


def test_the_cells_stand_as_they_are_tagged(tmp_path: Path) -> None:
    """Code is folded under what it shows; tagged cells are hidden, without code, or parameters."""
    cells = [
        shown(code='state: str = "CA"', tags=("parameters",)),
        shown(code='state = "IL"', tags=("injected-parameters",)),
        shown(code="first_step = 1"),
        shown("<p>Seen.</p>", code="second_step = 2"),
        shown("<p>Never seen.</p>", code="hidden_step = 3", tags=("hide",)),
        shown("<p>Bare.</p>", code="bare_step = 4", tags=("no-code",)),
    ]
    page = page_of(write_folder(tmp_path, *cells))
    assert page.count("Show the method</summary>") == 1
    assert page.index("<p>Seen.</p>") < page.index("first_step") < page.index("second_step") < page.index("Bare.")
    assert not [word for word in ("Never seen", "hidden_step", "bare_step") if word in page]
    assert page.index('id="made"') < page.index('"CA"') < page.index('"IL"')


def test_outputs_are_shown_in_their_best_form(tmp_path: Path) -> None:
    """HTML before SVG before PNG before text; streams and bare Python objects are not shown."""
    cells = [
        shown(text_html="<p>as html</p>", text_plain="as text"),
        shown(**{"image_svg+xml": '<?xml version="1.0"?><svg viewBox="0 0 9 9"><path d="M 1 1 L 2 2"/></svg>'}),
        shown(image_png="iVBORw0KGgo=\n", text_plain="<Figure>"),
        shown(text_plain="<b> & text"),
        shown(text_plain="<kit.Thing object at 0x7f3a>"),
    ]
    cells[0].outputs.append(v4.new_output("stream", name="stderr", text="a warning"))
    page = page_of(write_folder(tmp_path, *cells))
    assert "<p>as html</p>" in page
    assert '<svg viewBox="0 0 9 9"><path d="m1 1l1 1"/></svg>' in page
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page
    assert "<pre>&lt;b&gt; &amp; text</pre>" in page
    assert not [word for word in (">as text", "a warning", "0x7f3a", "&lt;Figure") if word in page]


def test_markdown_is_markdown_and_no_more(tmp_path: Path) -> None:
    """HTML in Markdown is text, dollars are dollars, a script address is no link."""
    source = "It cost $5 million and $10 million. <b onclick=x>Raw</b> [here](javascript:x) *there*"
    page = page_of(write_folder(tmp_path, v4.new_markdown_cell(source)))
    assert "It cost $5 million and $10 million. &lt;b onclick=x&gt;Raw&lt;/b&gt;" in page
    assert "<em>there</em>" in page
    assert "javascript:" not in page


def test_what_is_not_shown_is_said_once_and_last(tmp_path: Path) -> None:
    """The notebook's last section goes to the end, with the sentences that it does not say itself."""
    cells = [v4.new_markdown_cell("## What this page does not show\n\nWho searched.\n\n## Later")]
    page = words_of(write_folder(tmp_path, *cells, not_shown=["Who searched.", "Hot lists."]))
    end = page[page.index('<h2 id="not-shown">') :]
    assert page.count("Who searched.") == end.count("Who searched.") == 1
    assert "<li>Hot lists.</li>" in end


def test_downloads_give_the_files_back(tmp_path: Path) -> None:
    """The rows that findings count come out as CSV without formulas, findings.json with its rows as ranges."""
    partners = ["=1+1", "'@x", '"A, B" PD', "Ümlaut % # PD", "not counted"]
    page = page_of(write_folder(tmp_path, partners=partners, findings=[finding("some", 4)]))
    rows = list(csv.DictReader(io.StringIO(download(page, "exampleville-rows.csv").decode())))
    assert [row["partner"] for row in rows] == ["'=1+1", "'@x", '"A, B" PD', "Ümlaut % # PD"]
    assert not {"lat", "lon"} & rows[0].keys(), "the folder has them; no number is checked by them"
    kept = json.loads((tmp_path / "findings.json").read_bytes())
    given = json.loads(download(page, "exampleville-findings.json"))
    assert [one.pop("rows") for one in given["findings"]] == [[f"{LIST}:1-4"]]
    assert [len(one.pop("rows")) for one in kept["findings"]] == [4]
    assert given == kept
    assert "<td>=1+1<td>" in page
    assert "<td>@x<td>" in page, "the quote is the spreadsheet's, not the record's"


def test_rows_of_a_finding_are_ranges_in_their_order() -> None:
    """What the low end counts stays first, each range is of one list, and no row is lost."""
    ids = [*(f"{LIST}:{row}" for row in (3, 4, 5, 9, 1, 2)), "other:3", "other:4", "other:6"]
    (found,) = json.loads(for_programs({"findings": [{"id": "a", "rows": ids}]}))["findings"]
    assert found["rows"] == [f"{LIST}:3-5", f"{LIST}:9", f"{LIST}:1-2", "other:3-4", "other:6"]


def test_places_are_downloads_where_the_folder_has_them(tmp_path: Path) -> None:
    """GeoJSON of a state's agencies and counties comes out as it is in the folder; other files stay there."""
    made = '{"type":"FeatureCollection","features":[]}\n'
    folder = write_folder(tmp_path, findings=[finding("some", 1)])
    assert "geojson" not in page_of(folder)
    for name in ("agencies.geojson", "counties.geojson", "mine.geojson"):
        (folder / name).write_text(made, encoding="utf-8")
    page = page_of(folder)
    assert download(page, "exampleville-agencies.geojson").decode() == made
    assert download(page, "exampleville-counties.geojson").decode() == made
    assert "mine.geojson" not in page


def test_a_page_has_a_limit_of_rows(tmp_path: Path) -> None:
    """Of more rows than a page can bear those of the headlines come first; the others are in the list itself."""
    partners = [f"Agency {number}" for number in range(1, 2401)]
    parts = [[f"{LIST}:{row}" for row in range(first, first + 400)] for first in range(1, 2401, 400)]
    made = [finding(f"part-{number}", 400, rows=rows) for number, rows in enumerate(parts)]
    page = words_of(write_folder(tmp_path, findings=made, partners=partners, headline=["part-5"]))
    assert len(re.findall(r"<tr[^>]*><th>\d", page)) == 2000
    assert "<td>Agency 2400<td>" in page
    assert page.count("in the list itself, not all on this page") == 1


def test_a_large_download_is_packed(tmp_path: Path) -> None:
    """A file that would make the page heavy is in it as ZIP, and the link says so."""
    partners = [f"Agency {number} of a rather long name" for number in range(3000)]
    parts = [[f"{LIST}:{row}" for row in range(first, first + 300)] for first in range(1, 3001, 300)]
    made = [finding(f"part-{number}", 300, rows=rows) for number, rows in enumerate(parts)]
    page = page_of(write_folder(tmp_path, findings=made, partners=partners))
    with zipfile.ZipFile(io.BytesIO(download(page, "exampleville-rows.csv.zip"))) as archive:
        assert archive.namelist() == ["exampleville-rows.csv"]
        assert archive.read("exampleville-rows.csv").count(b"\n") == 3001
    assert "(packed; " in page
    assert len(page) < 1_000_000


# --- what keeps it sealed ----------------------------------------------------------------------


FRAME = (
    '<iframe class="map" sandbox="allow-scripts allow-same-origin" src="https://x.example" title="T" '
    'srcdoc="%s"></iframe>'
)
DOCUMENT = (
    '<html><head><meta http-equiv="refresh" content="0;url=https://x.example"><base href="https://x.example">'
    '<link rel="stylesheet" href="https://x.example"><style>b{color:red}</style>'
    '<script src="https://x.example"></script></head><body onload="x"><b style="fill:red">t</b>'
    '<script>if (1 < 2 && 3) { go("x") }</script><script type="application/json">{"a": 1}</script>'
    '<form action="https://x.example"></form><iframe src="https://x.example">in</iframe></body></html>'
)


def test_the_policy_comes_first_and_its_hashes_are_right(tmp_path: Path) -> None:
    """The policy allows the page's own style and script and the maps', by hash, and nothing else."""
    page = page_of(write_folder(tmp_path, shown(FRAME % html.escape(DOCUMENT))))
    head = re.search(r'<head>\s*<meta http-equiv="Content-Security-Policy" content="(.*?)">', page)
    assert head
    policy = dict(part.split(" ", 1) for part in html.unescape(head[1]).split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["img-src"] == "data:"
    (frame,) = re.findall(r'data-packed="(.*?)"', page)
    document = zlib.decompress(base64.b64decode(frame), -zlib.MAX_WBITS).decode()
    for name in ("script", "style"):
        inside = [*re.findall(rf"<{name}>(.*?)</{name}>", page + document, re.DOTALL)]
        digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inside]
        assert policy[f"{name}-src"].split() == [f"'sha256-{digest}'" for digest in digests]
    assert "unsafe" not in head[1]


def test_a_map_is_sealed_once_more() -> None:
    """Its document has a policy first in its head; what would load, send or lead away is gone."""
    document, scripts, styles = sealed_document(DOCUMENT, "A <map>")
    head = document[document.index("<head>") + 6 :]
    assert head.startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\';')
    assert "x.example" not in document
    assert "onload" not in document
    assert scripts == [csp_hash('if (1 < 2 && 3) { go("x") }')]
    assert styles == [csp_hash(".k0{fill:red}"), csp_hash("b{color:red}")]
    assert '<script type="application/json">{"a": 1}</script>' in document
    assert "<title>A &lt;map&gt;</title>" in document


def test_a_map_with_tiles_is_shown_without_and_the_page_says_so(tmp_path: Path) -> None:
    """Tiles that a reporter chose are of the notebook: the page's map may load none, and page and map say whose."""
    points = pd.DataFrame({"agency": ["Exampleville PD"], "lat": [41.8], "lon": [-71.4]})
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    made = atlas(find_state("RI"), {}, points, "Map of Rhode Island", tiles=tiles, credit="Example Maps")
    page = page_of(write_folder(tmp_path, shown(made._repr_html_())))
    assert "loaded from tiles.example; this page asks no one for it" in page
    document = zlib.decompress(base64.b64decode(re.findall(r'data-packed="([^"]*)"', page)[0]), -15).decode()
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', document)[0])
    assert policy.startswith("default-src 'none'; ")
    assert "img-src data:;" in policy, "a tile is a picture: the browser asks for none"
    assert (
        "In a notebook the background is loaded from tiles.example, which sees who looks at it. Example Maps"
        in document
    )


def test_a_frame_reaches_nothing(tmp_path: Path) -> None:
    """A map's frame may run scripts and no more; a frame without a document of its own is dropped."""
    cells = shown(FRAME % html.escape(DOCUMENT), '<iframe src="https://x.example">in the frame</iframe>')
    page = page_of(write_folder(tmp_path, cells))
    (frame,) = re.findall(r"<iframe[^>]*>", page)
    assert re.sub(r'data-packed="[^"]*"', "", frame) == (
        '<iframe class="map" title="T" sandbox="allow-scripts" loading="lazy" >'
    )
    assert "in the frame" not in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>a<script>x()</script>b</p>", "<p>ab</p>"),
        ('<p onclick="x()" style="position:fixed">a</p>', "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href="http://x.example">a</a><a href="//x.example">b</a>', "<a>a</a><a>b</a>"),
        ('<a href="https://x.example/?a=1&amp;b">a</a>', '<a href="https://x.example/?a=1&amp;b">a</a>'),
        ('<img src="https://x.example/a.png" alt="a &lt;b&gt;">', "a &lt;b&gt;"),
        ('<img src="data:image/svg+xml;base64,AAAA" alt="a">', "a"),
        ("<base href='https://x.example'><meta charset=x><link href=x><form action=x>a</form>", "a"),
        ("<object data=x>a</object><embed src=x><style>*{}</style><template>a</template>", ""),
        ("<svg><foreignObject><p>a</p></foreignObject><metadata>b</metadata></svg>", "<svg></svg>"),
        (
            '<svg><use href="https://x.example#a"/><image href="https://x.example"/></svg>',
            "<svg><use/><image/></svg>",
        ),
        ('<svg><rect fill="url(https://x.example)"/></svg>', "<svg><rect/></svg>"),
        ("<p><path d='M 1 1'></path><b>a</b></p>", "<p><b>a</b></p>"),
        ("<h1>a</h1><h2>b</h2>", "<h3>a</h3><h3>b</h3>"),
        ("a\u202eb\u2066c\ud800d", "abcd"),
        ("", ""),
    ],
)
def test_foreign_html_keeps_what_is_harmless(given: str, kept: str) -> None:
    """What runs, loads, sends, leads away or turns the text goes; what is text stays."""
    assert Foreign().clean(given) == kept


def test_styles_become_classes() -> None:
    """A chart keeps its look under a policy without inline style; what a style must not say is left out."""
    foreign = Foreign()
    style = "fill: #4477aa; stroke: rgb(1, 2, 3); background: url(https://x.example); position: fixed; font: 9px 'A"
    assert foreign.clean(f'<svg><path style="{style}"/></svg>') == '<svg><path class="k0"/></svg>'
    assert foreign.clean('<td style="fill: red; x: }</style>">') == ""
    assert foreign.clean('<p class="a" style="text-align: right">b</p>') == '<p class="a k1">b</p>'
    assert foreign.css == ".k0{fill:#4477aa;stroke:rgb(1, 2, 3)}\n.k1{text-align:right}"


def test_no_two_charts_share_an_id() -> None:
    """Each chart points at its own parts; a letter's outline that an earlier one has is not told again."""
    foreign = Foreign()
    chart = (
        '<svg><defs><clipPath id="c"><rect/></clipPath><path id="A" d="M 0 0 L 1 2" transform="scale(0.1)"/></defs>'
        '<g id="group" clip-path="url(#c)"><use xlink:href="#A"/></g></svg>'
    )
    first, second = foreign.clean(chart), foreign.clean(chart)
    ids = re.findall(r' id="(\w+)"', first + second)
    assert len(ids) == len(set(ids)) == 3
    for svg in (first, second):
        (clip,) = re.findall(r'<clipPath id="(\w+)"', svg)
        assert f'clip-path="url(#{clip})"' in svg
        (letter,) = re.findall(r'<use href="#(\w+)"', svg)
        assert f'<path d="m0 0l1 2" transform="scale(0.1)" id="{letter}"/>' in first
    assert "group" not in first, "an id that nothing points at is only weight"


def test_tables_are_for_every_reader() -> None:
    """Heads get a scope, an empty head is a cell, the box is named by the caption."""
    head = "<caption>C</caption><thead><tr><th></th><th>A</th></tr></thead>"
    made = Foreign().clean(f"<table>{head}<tbody><tr><th>b</th><td>1</td></tr></tbody></table>")
    assert made.startswith(
        '<div class="scroll" role="group" tabindex="0" aria-labelledby="c-1"><table><caption id="c-1">'
    )
    assert '<tr><td></td><th scope="col">A</th></tr>' in made
    assert '<th scope="row">b</th>' in made


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("M 0 0 L 50 0.01 L 100 0 L 100 50", "m0 0l100 0 0 50"),
        ("M 0 0 L 50 1 L 100 0 L 100 50 L 0 50 z L 0 9", "m0 0l50 1 50-1 0 50-100 0zl0 9"),
        ("M 0 0 L 100.04 50.06 L 100.04 60.06 z M 10 10 L 20 20", "m0 0l100 50.1 0 10zm10 10l10 10"),
        ("M 1 1 M 2 2", "m1 1m1 1"),
        ("M 0.5 0.25 Q 1 2 3 4 C 1 2 3 4 5 6 Z", "m.5 .25q.5 1.75 2.5 3.75c-2-2 0 0 2 2z"),
        ("M 1234.5 0 L 2000.6 0", "m1234 0l767 0"),
        ("M 0 0 A 1 1 0 0 1 2 2", "M 0 0 A 1 1 0 0 1 2 2"),
        ("M 1e-5 0 L 1 1", "M 1e-5 0 L 1 1"),
        ("", ""),
    ],
)
def test_paths_are_short_and_lead_to_the_same_points(path: str, short: str) -> None:
    """Steps are counted from the rounded point before, so that nothing drifts."""
    assert short_path(path) == short


def test_hostile_text_is_text_everywhere(tmp_path: Path) -> None:
    """Names, titles, labels, caveats and sources are escaped where they are written."""
    evil = "</script></title></style><img src=x onerror=alert(1)>{{ 7 * 7 }}${7}"
    made = finding("a", 1, sentence=evil, caveats=[evil], unit=evil, text=evil)
    lists = [{"id": LIST, "owner": evil, "date": evil, "title": evil, "left_out": [{"page": "p1", "text": evil}]}]
    said = {"title": evil, "place": evil, "not_shown": [evil], "headline": ["a"], "versions": {evil: evil}}
    heading = v4.new_markdown_cell(f"## {evil}\n\n{evil}")
    page = page_of(write_folder(tmp_path, heading, findings=[made], partners=[evil], lists=lists, **said))
    assert "<img" not in page
    assert page.count("</script>") == page.count("</style>") == page.count("</title>") == 1
    assert "{{ 7 * 7 }}" in page


def test_no_style_attribute_or_address_that_loads(tmp_path: Path) -> None:
    """Nothing on the page has a style attribute, a handler or a source outside."""
    cell = shown('<p style="color:red" onclick="x">a</p>', FRAME % html.escape(DOCUMENT))
    page = re.sub(r"<(script|style)>.*?</\1>", "", page_of(write_folder(tmp_path, cell)), flags=re.DOTALL)
    tags = re.findall(r"<[a-z][^>]*>", page)
    assert not [tag for tag in tags if re.search(r"\s(style|on\w+|srcset|action)=", tag)]
    assert not [tag for tag in tags if re.search(r'\s(src|href)="(?!#|data:|https://)', tag)]


def test_no_folder_of_the_machine_is_shown(tmp_path: Path) -> None:
    """A cell that prints a path stops the page, and the error says which."""
    cell = shown(text_plain=f"saved to {tmp_path.resolve()}/chart.svg")
    with pytest.raises(RunError, match="folder of this machine") as stopped:
        write_page(write_folder(tmp_path, cell))
    assert str(tmp_path.resolve()) in str(stopped.value)
    assert str(tmp_path) not in page_of(write_folder(tmp_path))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Twice, in two folders and two processes with other hash seeds: one page."""
    number = '<p><a class="n" href="#f-shared">3</a></p>'
    chart = '<svg><defs><path id="a" d="M 1 2"/></defs><use href="#a" style="fill: red"/></svg>'
    pages = set()
    for seed in ("1", "2"):
        folder = write_folder(tmp_path / seed, shown(number, chart, FRAME % html.escape(DOCUMENT)))
        command = "import sys, pathlib, kit.report; kit.report.write_page(pathlib.Path(sys.argv[1]))"
        root = Path(__file__).parent.parent
        environment = {"PYTHONHASHSEED": seed, "PATH": "", "HOME": str(tmp_path)}
        subprocess.run([sys.executable, "-c", command, str(folder)], check=True, cwd=root, env=environment)
        pages.add((folder / "report.html").read_bytes())
    assert len(pages) == 1


def test_packing_is_undone_by_deflate() -> None:
    """What page.js unpacks is what was packed."""
    assert zlib.decompress(base64.b64decode(packed("a ü 1")), -zlib.MAX_WBITS).decode() == "a ü 1"


def test_the_page_reaches_the_analysis_through_files_alone() -> None:
    """Of the kit, the page knows the errors and how dates are written; importing it loads little."""
    kit = Path(__file__).parent.parent / "kit"
    sources = [kit / "report.py", *(kit / "page").glob("*.py")]
    imports = {
        name for path in sources for name in re.findall(r"^\s*from (kit[\w.]*) import", path.read_text(), re.MULTILINE)
    }
    assert {name for name in imports if not name.startswith("kit.page")} == {"kit.errors", "kit.ap"}
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, kit.report; print(*sys.modules)"],
        check=True, capture_output=True, text=True, cwd=kit.parent,
    ).stdout.split()  # fmt: skip
    assert not {"pandas", "nbformat", "jinja2", "mistune", "pygments", "nh3"} & set(loaded)
