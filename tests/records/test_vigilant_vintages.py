"""Agency Data Sharing Reports of every vintage and in every state of copying, down to the row."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pypdfium2 import PdfDocument, raw

from kit.errors import RecordError
from kit.records import vigilant
from kit.records.pages import layers
from tests.records import reports
from tests.records.reports import OWNER, Report

if TYPE_CHECKING:
    from pathlib import Path

    from kit.records import Record

REAL = {
    "orange-county-sheriff-2020-02-06-vigilant.pdf": 635,
    "orange-county-sheriff-2025-03-11-vigilant.pdf": 306,
}
SHARED = ("shares_with", "detections")
RECEIVED = ("receives_from", "detections")


def partners(record: Record, direction: str = "shares_with", data: str = "detections") -> list[str]:
    return [row.partner for row in record.rows if (row.direction, row.data) == (direction, data)]


def whole() -> Report:
    """Print a report that has everything a report can have."""
    report = Report("Vigilant VehicleManager").page().shared()
    report.columns(
        [
            ("Alpha Police Department", "Bravo County Sheriffs Office"),
            ("Charlie Regional Narcotics\nTask Force", "Delta Police Department (CA)"),
            ("Echo State Police",),
        ]
    )
    report.received().table(
        [
            ("Foxtrot Police Department", "Foxtrot", "CA"),
            ("A long name of an agency that\nruns over two lines", "Two\nLines", "TX"),
            ("Golf Demo", "Golf", "N/A"),
            ("Hotel Police Department", "San Luis\nHotel", "IL"),
            ("India PD", "India", "IN"),
        ]
    )
    report.page().heading("Hot-List Sharing", "sharing Hot List records with").none()
    report.heading("Hot List(s) RECEIVED", "receiving Shared Hot List records from")
    return report.pairs(
        [
            ("Juliet Police Department", "LEARN_Juliet Police Department"),
            ("Kilo County Sheriffs Department\n(CA)", "LEARN_Kilo County Sheriffs Department\n(CA)"),
            ("Lima PD", "A hot list with a name that runs\nover two lines"),
            ("Mike PD", ""),
            ("", "A list of nobody"),
        ]
    )


def assert_whole(record: Record) -> None:
    assert record.owner == OWNER
    assert record.date == "2020-02-06"
    assert record.title == "Vigilant VehicleManager Agency Data Sharing Report"
    assert partners(record) == [
        "Alpha Police Department",
        "Bravo County Sheriffs Office",
        "Charlie Regional Narcotics Task Force",
        "Delta Police Department (CA)",
        "Echo State Police",
    ]
    table = [(r.partner, r.partner_city, r.partner_state) for r in record.rows if r.direction == "receives_from"]
    assert table[:5] == [
        ("Foxtrot Police Department", "Foxtrot", "CA"),
        ("A long name of an agency that runs over two lines", "Two Lines", "TX"),
        ("Golf Demo", "Golf", ""),
        ("Hotel Police Department", "San Luis Hotel", "IL"),
        ("India PD", "India", "IN"),
    ]
    assert [(row.partner, row.hotlist) for row in record.rows if row.data == "hotlist"] == [
        ("Juliet Police Department", "LEARN_Juliet Police Department"),
        ("Kilo County Sheriffs Department (CA)", "LEARN_Kilo County Sheriffs Department (CA)"),
        ("Lima PD", "A hot list with a name that runs over two lines"),
        ("Mike PD", ""),
    ]
    assert [(one.page, one.text) for one in record.left_out] == [("p2", "A list of nobody")]
    assert record.empty_sections == (("shares_with", "hotlist"),)
    assert record.notes == ("No hot list is named beside Mike PD.",)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_all_layouts_at_once_however_the_page_is_drawn(tmp_path, turn):
    """Columns, table with wrapped cells, pairs with wrapped and missing cells, an empty section; drawn turned."""
    assert_whole(vigilant.read(whole().save(tmp_path / "report.pdf", turn=turn)))


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_page_that_only_the_viewer_turns(tmp_path, rotate):
    """A turn that is noted in the file and not drawn changes nothing."""
    assert_whole(vigilant.read(whole().save(tmp_path / "report.pdf", rotate=rotate)))


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_real_record_drawn_turned_gives_the_same_rows(record_file, tmp_path, name, quarter):
    """Every row of both real records survives a turn of the drawing."""
    path = tmp_path / name
    with PdfDocument(record_file(name)) as pdf:
        for page in pdf:
            turn_drawing(page, quarter)
        pdf.save(path)
    truth, turned = vigilant.read(record_file(name)), vigilant.read(path)
    assert turned.rows == truth.rows
    assert len(turned.rows) == REAL[name]
    assert (turned.owner, turned.date, turned.left_out, turned.notes) == (truth.owner, truth.date, (), ())


def turn_drawing(page, quarter: int) -> None:
    """Turn what is drawn on a page by quarters against the clock, and the page with it."""
    width, height = page.get_size()
    turns = {1: (0, 1, -1, 0, height, 0), 2: (-1, 0, 0, -1, width, height), 3: (0, -1, 1, 0, 0, width)}
    matrix = raw.FS_MATRIX(*turns[quarter])
    size = (height, width) if quarter % 2 else (width, height)
    page.set_mediabox(0, 0, *size)
    page.set_cropbox(0, 0, *size)
    clip = raw.FS_RECTF(0, max(size), max(size), 0)
    assert raw.FPDFPage_TransFormWithClip(page, ctypes.byref(matrix), ctypes.byref(clip))


def test_two_columns_that_touch_in_one_text_object(tmp_path):
    """Where one object holds both cells, it is cut where the right column starts, or at its gap."""
    report = Report().page().shared()
    report.columns([("Alpha Police Department", "Bravo PD"), ("Charlie PD", "Delta PD")], (68, 295))
    report.columns([("Riverside County District Attorneys Office (CA)Riverside County Sheriffs Department",)])
    report.columns([(f"Echo Police Department{' ' * 37}Foxtrot Police Department",)])
    assert partners(vigilant.read(report.save(tmp_path / "report.pdf")))[4:] == [
        "Riverside County District Attorneys Office (CA)",
        "Riverside County Sheriffs Department",
        "Echo Police Department",
        "Foxtrot Police Department",
    ]


def test_a_cell_that_runs_into_the_next(tmp_path):
    """Each text object keeps its own letters, though the two lie over each other."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD"), ("Charlie PD", "Delta PD")], (68, 300))
    report.columns([("California Department of Insurance Fraud (CA)", "Echo County Sheriffs Office")], (68, 286))
    assert partners(vigilant.read(report.save(tmp_path / "report.pdf")))[4:] == [
        "California Department of Insurance Fraud (CA)",
        "Echo County Sheriffs Office",
    ]


def test_one_two_or_three_columns(tmp_path):
    """Columns are told by where names start, however many there are, and read row by row."""
    names = [f"{word} Police Dept" for word in ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot")]
    for columns in (1, 2, 3):
        rows = [names[at : at + columns] for at in range(0, len(names), columns)]
        report = Report().page().shared().columns(rows, (40, 220, 400))
        assert partners(vigilant.read(report.save(tmp_path / f"{columns}.pdf"))) == names


def test_names_of_three_lines_and_of_one_letter(tmp_path):
    """In columns and in both cells of a pair; a hot list may be called by a letter."""
    report = Report().page().shared()
    report.columns(
        [("Alpha Police\nDepartment of the City\nof Alpha", "Bravo PD"), ("Charlie PD", "Delta\nPolice\nDept")]
    )
    report.heading("Hot List Received", "receiving Shared Hot List records from")
    report.pairs([("Echo\nCounty\nSheriff", "LEARN_Echo\nCounty\nSheriff"), ("Foxtrot PD", "X"), ("Golf PD", "Y")])
    record = vigilant.read(report.save(tmp_path / "report.pdf"))
    assert partners(record) == [
        "Alpha Police Department of the City of Alpha",
        "Bravo PD",
        "Charlie PD",
        "Delta Police Dept",
    ]
    assert [(row.partner, row.hotlist) for row in record.rows[4:]] == [
        ("Echo County Sheriff", "LEARN_Echo County Sheriff"),
        ("Foxtrot PD", "X"),
        ("Golf PD", "Y"),
    ]


def test_a_hot_list_may_be_called_like_a_heading(tmp_path):
    """What has an agency on its line is a hot list, whatever its name."""
    report = Report().page().heading("Hot List Received", "receiving Shared Hot List records from")
    pairs = [
        ("Alpha PD", "None"),
        ("Bravo PD", "Shared Hot List"),
        ("Charlie PD", "Hot List Sharing"),
        ("Delta PD", "Agency"),
    ]
    record = vigilant.read(report.pairs(pairs).save(tmp_path / "report.pdf"))
    assert [(row.partner, row.hotlist) for row in record.rows] == pairs


def test_a_page_stored_word_by_word(tmp_path):
    """Words that are objects of their own are joined to names, and columns kept apart."""
    report = Report().page().shared()
    for left, right in (("Alpha Police Department", "Bravo County Sheriffs Office"), ("Charlie PD", "Delta PD")):
        for x, name in ((68, left), (326, right)):
            at = x
            for word in name.split():
                report.put(at, report.y, word)
                at += 5.6 * len(word) + 4
        report.y -= 27.6
    found = partners(vigilant.read(report.save(tmp_path / "report.pdf")))
    assert found == ["Alpha Police Department", "Bravo County Sheriffs Office", "Charlie PD", "Delta PD"]


def test_headings_that_repeat_and_sections_in_another_order(tmp_path):
    """A heading on each page goes on with its section; the order is that of the report."""
    report = Report().page().received().columns([("Alpha PD", "Bravo PD")])
    report.page().received().columns([("Charlie PD", "Delta PD")])
    report.shared().columns([("Echo PD", "Foxtrot PD")])
    record = vigilant.read(report.save(tmp_path / "report.pdf"))
    assert partners(record, "receives_from") == ["Alpha PD", "Bravo PD", "Charlie PD", "Delta PD"]
    assert partners(record) == ["Echo PD", "Foxtrot PD"]
    assert record.counts() == {SHARED: 2, RECEIVED: 4}


@pytest.mark.parametrize(
    "heading",
    [
        "DETECTIONS SHARED",
        "Detection Sharing",
        "Shared Detections",
        "LPR Detections Shared",
        "Detections Shared (continued)",
        "Detections Shared - Cont.",
    ],
)
def test_a_heading_may_be_worded_otherwise(tmp_path, heading):
    """Case, number and order of the words do not matter."""
    report = Report().page().heading(heading, "Sharing its Detection data with").columns([("Alpha PD", "Bravo PD")])
    assert vigilant.read(report.save(tmp_path / "report.pdf")).counts() == {SHARED: 2}


def test_names_and_rows_that_go_on_on_the_next_page(tmp_path):
    """The rest of a name at the top of a page belongs to the last name of its column."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")])
    report.columns([("Charlie County Sheriffs Department", "Delta County Sheriff (Echo Park")])
    report.page().columns([("(CA)", "Division)"), ("Foxtrot PD", "Golf PD")])
    assert partners(vigilant.read(report.save(tmp_path / "report.pdf")))[2:] == [
        "Charlie County Sheriffs Department (CA)",
        "Delta County Sheriff (Echo Park Division)",
        "Foxtrot PD",
        "Golf PD",
    ]


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("02-06-2020", "2020-02-06"),
        ("2/6/20", "2020-02-06"),
        ("2020-02-06", "2020-02-06"),
        ("February 6, 2020", "2020-02-06"),
        ("Feb. 6, 2020", "2020-02-06"),
        ("6 February 2020", "2020-02-06"),
        ("02-06-2020 10:15:22 AM", "2020-02-06"),
        ("02-30-20", ""),
        ("13-01-20", ""),
    ],
)
def test_dates_of_other_forms(tmp_path, printed, date):
    """Month before day, as agencies write; a date that no calendar has is none."""
    record = vigilant.read(Report(date=printed).page().shared().columns([("Alpha PD",)]).save(tmp_path / "report.pdf"))
    assert (record.date, partners(record)) == (date, ["Alpha PD"])


def test_a_footer_in_one_piece(tmp_path):
    """Date, title and number may be one text object."""
    report = Report(footer=False).page().shared().columns([("Alpha PD", "Bravo PD")])
    report.put(60, 12, "Date Created: 02-06-20 LEARN Agency Data Sharing Report Page 1 of 1", 10)
    record = vigilant.read(report.save(tmp_path / "report.pdf"))
    assert (record.title, record.date) == ("LEARN Agency Data Sharing Report", "2020-02-06")
    assert partners(record) == ["Alpha PD", "Bravo PD"]
    assert all("section" in note for note in record.notes)


@pytest.mark.parametrize(
    ("lines", "owner"),
    [
        ("The A & B (Joint) PD Agency is Sharing its Detection data with the following Agencies:", "A & B (Joint) PD"),
        ("The Alpha PD is Sharing its Detection data with the following Agencies:", "Alpha PD"),
        (
            "The Alpha Task Force of\nExample County (CA) Agency is Sharing its Detection\ndata with these Agencies:",
            "Alpha Task Force of Example County (CA)",
        ),
    ],
)
def test_the_line_that_names_the_owner(tmp_path, lines, owner):
    """It may run over several lines, also inside the owner's name, and makes no row."""
    report = Report().page().put(250, 755, "Detections Shared", 13)
    for at, line in enumerate(lines.split("\n")):
        report.put(74, 725 - 12 * at, line, 9)
    report.y = 680
    record = vigilant.read(report.columns([("Drug Enforcement Agency", "Bravo PD")]).save(tmp_path / "report.pdf"))
    assert (record.owner, partners(record)) == (owner, ["Drug Enforcement Agency", "Bravo PD"])


def test_heads_of_a_table_may_be_worded_otherwise(tmp_path):
    """`Agency Name` is the head of the agencies."""
    report = Report().page().received()
    for middle, head in zip((194, 429, 535), ("Agency Name", "City", "State"), strict=True):
        report.put(middle - 3 * len(head), report.y, head, 12)
    report.y -= 20.6
    rows = [("Alpha PD", "Alpha", "CA"), ("Bravo PD", "Bravo", "TX"), ("Charlie PD", "Charlie", "NV")]
    record = vigilant.read(report.table(rows, heads=False).save(tmp_path / "report.pdf"))
    assert [(row.partner, row.partner_city, row.partner_state) for row in record.rows] == rows


def test_stamps_are_no_rows(tmp_path):
    """Running numbers at the foot of pages and a watermark over them are named and left out."""
    report = Report()
    for page in range(4):
        report.page().columns([(f"Alpha {page} PD", f"Bravo {page} PD")] if page else [])
        if not page:
            report.shared().columns([("Alpha 0 PD", "Bravo 0 PD")])
        report.put(480, 26, f"EXMPL-CPRA {page + 101:06}", 9).put(230, 400, "CONFIDENTIAL COPY", 30)
    record = vigilant.read(report.save(tmp_path / "report.pdf"))
    assert partners(record) == [f"{name} {page} PD" for page in range(4) for name in ("Alpha", "Bravo")]
    assert len(record.left_out) == 8
    assert {one.reason for one in record.left_out} == {"a stamp or a running number, no name"}


def test_an_agency_of_a_place_called_page_is_no_footer(tmp_path):
    """`Page County` and its like are partners, also at the foot of a page."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")])
    report.y = 40
    report.columns([("Page County Sheriffs Office", "Page Police Department")])
    assert partners(vigilant.read(report.save(tmp_path / "report.pdf")))[2:] == [
        "Page County Sheriffs Office",
        "Page Police Department",
    ]


def test_names_before_the_first_heading_are_named_and_left_out(tmp_path):
    """Without the pages that say so, nobody knows whether those agencies give or receive."""
    report = Report().page().columns([("Alpha PD", "Bravo PD"), ("Charlie PD",)])
    report.received().columns([("Delta PD", "Echo PD")])
    record = vigilant.read(report.save(tmp_path / "report.pdf", numbers=[4], of=4))
    assert partners(record, "receives_from") == ["Delta PD", "Echo PD"]
    assert [one.text for one in record.left_out] == ["Alpha PD", "Bravo PD", "Charlie PD"]
    assert {one.reason for one in record.left_out} == {"stands before the first section heading"}
    assert "Pages missing by the report's own numbering: 1, 2, 3." in record.notes
    assert any(note.startswith("3 entries are left out") for note in record.notes)


def test_after_a_gap_rows_count_only_where_no_heading_can_be_lost(tmp_path):
    """A missing page inside a section loses its rows alone; one that may hold a heading unsettles what follows."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")])
    report.page().columns([("Charlie PD", "Delta PD")])
    inside = report.received().columns([("Echo PD",)]).save(tmp_path / "inside.pdf", numbers=[1, 3], of=3)
    assert partners(vigilant.read(inside)) == ["Alpha PD", "Bravo PD", "Charlie PD", "Delta PD"]
    report.pages.pop()
    report.page().columns([("Charlie PD", "Delta PD")]).heading(
        "Hot List Sharing", "sharing Hot List records with"
    ).none()
    record = vigilant.read(report.save(tmp_path / "between.pdf", numbers=[1, 3], of=3))
    assert partners(record) == ["Alpha PD", "Bravo PD"]
    assert [one.text for one in record.left_out] == ["Charlie PD", "Delta PD"]
    assert "Pages missing by the report's own numbering: 2." in record.notes


def four_pages() -> Report:
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")])
    report.page().columns([("Charlie PD", "Delta County Sheriff (Echo Park")])
    report.page().columns([("", "Division)"), ("Foxtrot PD", "Golf PD")]).received().columns([("Hotel PD", "India PD")])
    return report.page().columns([("Juliet PD", "Kilo PD")])


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (3, 2, 1, 0), (3, 0, 1, 2)])
def test_pages_out_of_order(tmp_path, order):
    """They are read by their numbers; each row keeps the page where it stands in the file."""
    report = four_pages()
    straight = vigilant.read(report.save(tmp_path / "straight.pdf"))
    report.pages = [report.pages[at] for at in order]
    mixed = vigilant.read(report.save(tmp_path / "mixed.pdf", numbers=[at + 1 for at in order], of=4))
    assert [row._replace(page="") for row in mixed.rows] == [row._replace(page="") for row in straight.rows]
    assert [order[int(row.page[1:]) - 1] + 1 for row in mixed.rows] == [int(row.page[1:]) for row in straight.rows]
    assert mixed.notes[0] == "The pages are not in the order of their numbers; they were read in that order."


@pytest.mark.parametrize("numbers", [(1, 2, 2, 3, 4), (0, 0, 0, 0, 0)])
def test_a_page_that_is_there_twice(tmp_path, numbers):
    """Its rows are counted once, and the record says so."""
    report = four_pages()
    report.pages[0] += [(68, 300 - 27 * at, 11, f"Lima {at} PD") for at in range(6)]
    report.pages[1] += [(68, 300 - 27 * at, 11, f"Mike {at} PD") for at in range(6)]
    straight = vigilant.read(report.save(tmp_path / "straight.pdf"))
    report.pages.insert(1, report.pages[1])
    twice = vigilant.read(report.save(tmp_path / "twice.pdf", numbers=numbers, of=4))
    assert [row.partner for row in twice.rows] == [row.partner for row in straight.rows]
    assert "p3 is p2 once more: its rows are counted once." in twice.notes


def test_another_report_in_the_file_is_left_out_row_by_row(tmp_path, monkeypatch):
    """One list is one report: the rows of the second are named, and the reader says how to read them."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")])
    monkeypatch.setattr(reports, "OWNER", "Sampletown Police Department")
    report.page().shared().columns([("Charlie PD", "Delta PD")]).received().columns([("Echo PD", "Foxtrot PD")])
    record = vigilant.read(report.save(tmp_path / "report.pdf", numbers=[1, 1], of=1))
    assert (record.owner, partners(record)) == (OWNER, ["Alpha PD", "Bravo PD"])
    assert [one.text for one in record.left_out] == ["Charlie PD", "Delta PD", "Echo PD", "Foxtrot PD"]
    assert record.notes[0].startswith(
        "From p2 on the file holds another report (Sampletown Police Department, 2020-02-06)"
    )


@pytest.mark.parametrize("lines", [("Alpha PD", "Bravo PD"), ("", "")])
def test_missing_edges_are_said(tmp_path, lines):
    """A copy without banner and footer is read; the notes say what cannot be known."""
    report = Report(footer=False, banner=False).page().shared().columns([("Zulu PD", "Yankee PD"), lines])
    record = vigilant.read(report.save(tmp_path / "report.pdf"))
    assert partners(record) == ["Zulu PD", "Yankee PD", *filter(None, lines)]
    notes = " ".join(record.notes)
    assert "No page number can be read on p1" in notes
    assert "The upper edge is missing, or cannot be read, on p1" in notes
    assert "The lower edge is missing, or cannot be read, on p1" in notes
    assert "The report bears no date." in notes


def test_pages_of_other_papers_in_the_file_make_no_rows(tmp_path):
    """A letter before or after the report is named and left out, line by line."""
    report = whole()
    report.banner = False
    report.page().put(72, 700, "Dear requester,").put(72, 680, "enclosed please find what you asked for.")
    path = report.save(tmp_path / "report.pdf", numbers=[1, 2, 0], of=2)
    record = vigilant.read(path)
    assert len(record.rows) == 14
    assert [one.text for one in record.left_out if one.page == "p3"] == [
        "Dear requester,",
        "enclosed please find what you asked for.",
    ]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_letter_that_speaks_of_police_makes_no_rows(tmp_path, at):
    """Before, between or after the pages of the report: it has no columns."""
    report = Report().page().shared().columns([("Alpha PD", "Bravo PD")]).page().columns([("Charlie PD", "Delta PD")])
    letter = ("Exampleville Police Department", "The records of the Department are attached.", "Chief of Police")
    report.pages.insert(at, [(72, 700 - 14 * line, 11, text) for line, text in enumerate(letter)])
    numbers = [1, 2]
    numbers.insert(at, 0)
    record = vigilant.read(report.save(tmp_path / "report.pdf", numbers=numbers, of=2))
    assert partners(record) == ["Alpha PD", "Bravo PD", "Charlie PD", "Delta PD"]
    assert [one.text for one in record.left_out] == list(letter)


@pytest.mark.parametrize(
    "text", ["Data Sharing", "Our policy on the Agency Data Sharing Report is this.", "Hot List Sharing"]
)
def test_a_pdf_about_sharing_is_not_claimed(tmp_path, text):
    """A policy with such words in it is no report."""
    path = Report(footer=False, banner=False).page().put(72, 700, text).save(tmp_path / "policy.pdf")
    assert not vigilant.reads(path, path.read_bytes()[:4096])


def test_a_pdf_without_sections_gets_three_lines(tmp_path):
    """What happened, which file, what to do."""
    path = Report().page().put(72, 500, "Nothing here").save(tmp_path / "empty.pdf")
    with pytest.raises(RecordError) as error:
        vigilant.read(path)
    assert "names no section that the kit knows" in str(error.value)
    assert len(str(error.value).splitlines()) == 3


def test_a_pdf_without_pages_gets_three_lines(tmp_path):
    """A PDF can be whole and have no page."""
    path = Report().save(tmp_path / "none.pdf")
    with pytest.raises(RecordError) as error:
        vigilant.reads(path, path.read_bytes()[:4096])
    assert len(str(error.value).splitlines()) == 3


def test_the_real_pages_are_known_as_text(record_file):
    """Their background is one picture of the page, yet no page of them is taken for a scan."""
    for name in REAL:
        assert not any(page.scanned for page in layers(record_file(name)))


def test_reading_text_loads_no_ocr(record_file):
    """A record made as text is read without the models, and without the names to mend against."""
    path: Path = record_file("orange-county-sheriff-2025-03-11-vigilant.pdf")
    code = (
        "import sys; from pathlib import Path; from kit.records import vigilant\n"
        "assert len(vigilant.read(Path(sys.argv[1])).rows) == 306\n"
        "heavy = {'rapidocr', 'onnxruntime', 'cv2', 'rapidfuzz', 'numpy'} & sys.modules.keys()\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
