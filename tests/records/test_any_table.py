"""Any table with a column of agencies, as clerks make them; and what is in a table but not for the kit."""

from __future__ import annotations

import io
import zlib
from base64 import b64decode
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from kit.errors import RecordError
from kit.records import Record, read_record
from kit.records.persons import MASKED, entry
from kit.records.words import date_in, directions_in, question_in

PLAIN = "Agency,City,State\nCañon City PD,Cañon City,CO\nUnified “Bear” SO,N/A,TX\n"


@pytest.fixture
def read(tmp_path):
    """Read a table given as text or bytes."""

    def give(content: str | bytes, column: str = "") -> Record:
        path = tmp_path / "table.dat"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_record(path, column=column)

    return give


def names(record: Record) -> list[str]:
    return [row.partner for row in record.rows]


def left(record: Record) -> dict[str, str]:
    return {item.page: item.reason.split(":")[0] for item in record.left_out}


# --- how it is written ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "~", "^", "\x1f"])
def test_any_encoding_and_any_mark_between_cells(read, encoding, mark):
    """Neither is asked for; the rows are the same."""
    record = read(PLAIN.replace(",", mark).encode(encoding))
    assert [(row.partner, row.partner_city, row.partner_state) for row in record.rows] == [
        ("Cañon City PD", "Cañon City", "CO"),
        ("Unified “Bear” SO", "", "TX"),
    ]


def test_lines_in_two_encodings_and_with_any_end(read):
    """A file put together from two is read line by line; a line may end as on any machine."""
    record = read("Agency\rCañon City PD\r".encode() + "Unión County SO\r\n".encode("cp1252") + b"A\0dair PD\n")
    assert names(record) == ["Cañon City PD", "Unión County SO", "Adair PD"]


def test_a_title_above_the_column_names_is_left_out_and_used(read):
    """It says the direction, the data and the date."""
    record = read(f"Exampleville PD\nHot lists received from, as of March 1 2025\n\n{PLAIN}Total: 2\n")
    assert record.counts() == {("receives_from", "hotlist"): 2}
    assert record.date == "2025-03-01"
    assert left(record) == {
        "r1": "stands above the column names",
        "r2": "stands above the column names",
        "r7": "a note or a total, no name",
    }
    assert [row.page for row in record.rows] == ["r5", "r6"]


def test_a_table_without_column_names_is_told_by_its_cells(read):
    """The column that reads like agencies is taken, and the record says so."""
    record = read("1,Adrian MI PD\n2,Denver Police Department\n3,NCRIC\n")
    assert names(record) == ["Adrian MI PD", "Denver Police Department", "NCRIC"]
    assert "No column names were found; column B was taken." in record.notes


def test_a_comma_without_quotation_marks_does_not_shift_a_row(read):
    """In the last or only column it stays in the name; elsewhere the row is left out, not read wrong."""
    assert names(read("State,Agency\nCA,University of California, Berkeley PD\n")) == [
        "University of California, Berkeley PD"
    ]
    assert names(read("Agency\nDanville, CA PD\nBerkeley, CA PD\n")) == ["Danville, CA PD", "Berkeley, CA PD"]
    record = read("Agency,State\nUniversity of California, Berkeley PD,CA\nAdrian PD,MI\n")
    assert names(record) == ["Adrian PD"]
    assert left(record) == {"r2": "more cells than there are column names"}


def test_a_quotation_mark_that_nobody_closed_swallows_no_row(read):
    """The rows up to the next mark would be one cell."""
    with pytest.raises(RecordError, match="A quotation mark is opened and not closed") as error:
        read('Agency,City\n"Adrian PD,X\nBerea PD,Y\nCanton PD,Z\nDenver PD,W\n')
    assert "row 2" in str(error.value)
    assert names(read('Agency,Note\nAdrian PD,"one\ntwo, three\nfour"\n')) == ["Adrian PD"]


def test_a_table_that_ends_inside_a_row_says_so(read):
    """A download that broke off."""
    record = read("Agency,City,State\nAdrian PD,X,MI\nBerea PD,Y")
    assert names(record) == ["Adrian PD", "Berea PD"]
    assert any("cut off" in note for note in record.notes)


# --- what it says ---


def test_a_direction_column_is_taken_at_its_word(read):
    """Both ways make two rows; a word that is no direction leaves the row out."""
    record = read("Agency,Direction\nA PD,Shares With\nB PD,receives from\nC PD,Both\nD PD,\nE PD,sideways\n")
    assert [(row.partner, row.direction) for row in record.rows] == [
        ("A PD", "shares_with"),
        ("B PD", "receives_from"),
        ("C PD", "shares_with"),
        ("C PD", "receives_from"),
    ]
    assert list(left(record)) == ["r5", "r6"]


def test_columns_to_tick_and_columns_that_are_lists(read):
    """An X under a direction, or a list of names under each."""
    ticked = read("Agency,Detections Shared,Detections Received,Hot Lists Shared\nA PD,X,,yes\nB PD,no,✓,\nC PD,,,\n")
    assert ticked.counts() == {
        ("shares_with", "detections"): 1,
        ("receives_from", "detections"): 1,
        ("shares_with", "hotlist"): 1,
    }
    assert list(left(ticked)) == ["r4"]
    lists = read("Agencies we share with,Agencies we receive from\nA PD,C PD\n,D PD\n")
    assert lists.counts() == {("shares_with", "detections"): 1, ("receives_from", "detections"): 2}


def test_what_is_assumed_is_said(read):
    """No direction and no data in the table: agencies that plate detections are shared with."""
    record = read(PLAIN)
    assert record.counts() == {("shares_with", "detections"): 2}
    assert [note.split(":")[0].rstrip(".") for note in record.notes] == [
        "The table does not say whose it is",
        "The table bears no date",
        "The table does not say which way the data goes",
        "The table does not say which data is shared",
    ]


def test_pairs_have_an_owner_a_row(read):
    """Source and target, by whatever name; a pair with an end missing is left out."""
    record = read("Agency,Shares With\nA PD,B PD\nC PD,D PD\n,E PD\nF PD,\n")
    assert [(row.owner, row.partner) for row in record.rows] == [("A PD", "B PD"), ("C PD", "D PD")]
    assert left(record) == {"r4": "no owner in the row", "r5": "no agency in the row"}
    assert record.family == "edges"
    one = read("source,target\nHome PD,B PD\nHome PD,C PD\n")
    assert one.owner == "Home PD"
    assert one.list_id == "home-table"


def test_the_kits_own_table_comes_back_as_it_went(read, record_file):
    """What `kit read --out` writes can be read: owner, direction, data, hot list, city and state."""
    name = "orange-county-sheriff-2025-03-11-vigilant.pdf"
    record = read_record(record_file(name))
    again = read(record.table().to_csv(index=False))
    same = ["owner", "partner", "direction", "data", "hotlist", "partner_city", "partner_state", "flags"]
    assert again.table()[same].to_dict("records") == record.table()[same].to_dict("records")


def test_the_reporter_can_name_the_column(read):
    """By heading, letter or number; a name that is not there gets the ones that are."""
    table = "Who,Agency\nAdrian PD,not this\nBerea PD,nor this\n"
    for column in ("Who", "who", "A", "1"):
        assert names(read(table, column)) == ["Adrian PD", "Berea PD"]
    with pytest.raises(RecordError, match=r'There is no column "Agencie"\. Did you mean "Agency"\?'):
        read(table, "Agencie")


# --- what is not for the kit ---

AUDIT = (
    "Org Name,License Plate,User,Reason,x,y,z\n"
    "Adrian PD,7ABC123,jdoe,stolen,1HGCM82633A004352,8XYZ987,j@x.gov\n"
    "Berea PD,6QWE555,rroe,warrant,2HGCM82633A004353,5JKL321,r@y.gov\n"
)


def test_plates_people_and_addresses_are_not_taken(read):
    """Columns with plates, VINs, users or e-mail, told by heading or cells, are named but not shown."""
    record = read(AUDIT)
    assert names(record) == ["Adrian PD", "Berea PD"]
    assert {item.page: item.reason for item in record.left_out} == {
        "column B": "holds license plates or vehicles: not taken, not shown",
        "column C": "holds people, user names or contacts: not taken, not shown",
        "column E": "holds VINs: not taken, not shown",
        "column F": "holds license plates: not taken, not shown",
        "column G": "holds e-mail addresses: not taken, not shown",
    }
    assert "Columns not taken: Reason." in record.notes
    assert any("log of searches" in note for note in record.notes)
    assert not any(word in str(record) for word in ("7ABC123", "jdoe", "1HGCM", "8XYZ", "@"))
    with pytest.raises(RecordError, match="holds people"):
        read(AUDIT, "User")


@pytest.mark.parametrize(
    "text",
    [
        "Lynne Drake", "JANE Q. DOE", "Doe, John", "Sgt. Robert Roe", "John Smith Resident (CA)", "Private Residence",
        "123 Main St", "4500 W. Old Oak Road, Unit 5", "77 Elm Ave (CA)", "jane.doe@agency.gov",
    ],
)  # fmt: skip
def test_a_person_or_an_address_is_masked(text):
    """The row stays, flagged; the name does not."""
    assert entry(text) == (MASKED, ("person",))


@pytest.mark.parametrize(
    "text",
    [
        "4 Corners Drug Task Force", "18th Judicial District", "1st Street Station PD", "Carol Stream", "Jim Thorpe",
        "Sherman Oaks", "Ann Arbor MI", "John Day OR PD", "Chief Joseph", "Madison Heights", "Pacifica San Juan",
        "[Federal] Loma Linda Healthcare System CA Veterans Affairs PD", "St. Edward's University (TX)", "NCRIC",
        "1600 Oak Street Homeowners Association", "Danville, CA", "Santa Clara TX Marshall's Office",
    ],
)  # fmt: skip
def test_an_agency_is_never_masked(text):
    """Places that bear given names, and bodies at an address, stay as printed."""
    assert entry(text) == (text, ())


def test_hostile_cells_are_text(read):
    """Formulas, scripts and unseen characters: names, cleaned and cut, in their rows."""
    cells = ['=HYPERLINK("https://x")', "<script>alert(1)</script>", "Ex\u202eample\u200b PD", "a" * 1_000_000]
    quoted = "\n".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    record = read(f"Agency\n{quoted}\n")
    assert names(record) == [cells[0], cells[1], "Example PD", "a" * 300]
    assert "Names longer than 300 letters are cut: r5." in record.notes


# --- workbooks ---


def test_each_sheet_is_a_list_and_one_without_is_said(tmp_path, workbook):
    """The sheet's name says the direction; a hidden sheet is read and said; another is left out whole."""
    path = workbook(
        tmp_path / "lists.xlsx",
        {
            "Shared": [["Agency"], ["A PD"], ["B PD"]],
            "Received": [[], ["", "Agency", "State"], ["", "C PD", "TX"]],
            "Notes": [["call"], ["Jane"]],
        },
        hidden=["Received"],
    )
    record = read_record(path)
    assert [(row.partner, row.direction, row.page, row.partner_state) for row in record.rows] == [
        ("A PD", "shares_with", "Shared!2", ""),
        ("B PD", "shares_with", "Shared!3", ""),
        ("C PD", "receives_from", "Received!3", "TX"),
    ]
    assert "The workbook hides the sheet Received; it was read too." in record.notes
    assert [(item.page, item.text) for item in record.left_out] == [("Notes!1-2", "2 rows")]


def test_an_ods_file_is_read_with_its_repeated_rows(tmp_path):
    """LibreOffice says how often a row stands, and ends a sheet with a million empty ones."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = (
        f"<table:table-row>{cell.format('Agency')}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2">{cell.format("Adrian PD")}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    path = tmp_path / "list.ods"
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="List">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    assert [(row.partner, row.page) for row in read_record(path).rows] == [
        ("Adrian PD", "List!2"),
        ("Adrian PD", "List!3"),
    ]


# A workbook of Excel 97, packed: Agency, State, Cameras and two rows.
XLS = """
eNrtWE1oE0EU/maTND80aVJToRVKKFi19qJevLRrjFp6aI32oIhQt03Q0rqRmEsUtFpzFARPipdCL16qXvxBD3rzIFT0IAhCokdB
KCh4aLO+ebtbU5tDA1pU5lvmzZs38+3M7ntv9uf1Qqw8+6Cjgl/QDw+qVhBNNTZBJeg2oqB+y5KqWweoWAr/FIIBcmSTD0/Dr/zS
h9LfFWi4731BEvhI5STOYThnZhMbiP28BkPINfSRFLhDlgjaeVWtLMdZbmJ5j0c+Y7mPLddZ9tHYsjiBBX24Z68Txce1Lu6LQJ73
EXPes2UX2vBSRvHlG8Ie60MyP2FM/Z0dnd5mzIH8NpA1s3ljqow4OXAO36wE8NXN1OcJZd9YuwDZv6+2++vYb2peYBrWKQ7wEgXk
F4+dhCNnjHw2s4RB6V0ulJjJ01lzvOgDRgpGIUvGlHGW3H4+LLXFnJlITRSKifQBiuTUYdqokxkKEtM2DA2G5O7N2R5dle1hzoJm
khm0sB7jXIjSfr50d/HN0FhaH2XLNO/w9nNgq1w6LFyRDCJHuMezInuYsZPlVT7rFtY7WMYpgqnuTrc5yqEZHnONe7tpnj2Mt/q2
Gn076aXPRx53lj7pO0ifH6hciM+/02fRRc+lDPHlMYNe0Stu35J4oru1cPaMDyzb1+wfAS3qrN1yHnYtWEaI1RhLuyXvjlhpac69
kmxRhy2Y7XHGC2bL+3ZJky3J3u2wtTpsjdk+h217pslha8y+SJ39WiseyqG07/1ECAoKCgoKCgoKCgprIfgt1n5nl2+mPuerwO/8
11mmUlW/Sf5bHEWOjgJ9mB6ESXUexYbiZzN8wj2XWCfH/V8ocYxmz2MSY7yOyYbjl77qRO31rJsY/X0p1Oj81UbW+Yfn/wEXtdNd
"""


def test_an_old_workbook_is_read_and_a_damaged_one_refused(read):
    """XLS, whole, and with a byte changed at each of a hundred places: rows or three lines, never a crash."""
    whole = zlib.decompress(b64decode(XLS))
    record = read(whole)
    assert [(row.partner, row.partner_state, row.page, row.direction) for row in record.rows] == [
        ("Cañon City PD", "CO", "Shared!2", "shares_with"),
        ("Adrian PD", "MI", "Shared!3", "shares_with"),
    ]
    for at in range(0, len(whole), len(whole) // 100):
        try:
            assert read(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :]).rows
        except RecordError as error:
            assert len(str(error).splitlines()) == 3  # noqa: PT017  (rows are an answer too)


def _packed(sheet: str) -> bytes:
    """Give a workbook of one sheet, so far as its looks go."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_packed("0" * 280_000_000), "unpacks from"),
        (
            _packed('<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>'),
            "more cells",
        ),
        (_packed(f"{'<row><c><v>1</v></c></row>' * 300_000}<row>{'<c><v>1</v></c>' * 90}</row>"), "more cells"),
        (_packed("<sheet/>")[:-60], "damaged or cut off"),
        (_packed("<sheet/>").replace(b"<workbook/>", b"<workb00k/>"), "damaged or cut off"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 40, "locked with a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 40, "damaged or cut off"),
    ],
    ids=["bomb", "far cell", "cells without a place", "cut", "changed", "locked", "no xls"],
)
def test_a_workbook_that_asks_for_too_much_is_refused(read, content, says):
    """Before it is opened, in three lines."""
    with pytest.raises(RecordError, match=says) as error:
        read(content)
    assert len(str(error.value).splitlines()) == 3


# --- where nothing is found ---


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,2\n3,4\n", "No column of agencies was found"),
        ("Agency,City\n", "names no agency below its column names"),
        ("Lorem ipsum\n", "not a record that the kit can read"),
        (bytes(range(256)) * 20, "not a record that the kit can read"),
        (b"Agency\n" + b"a" * 20_000_000, "A line has more than"),
    ],
)
def test_a_table_without_a_list_gets_three_lines(read, content, says):
    """What happened, where, and what to do."""
    with pytest.raises(RecordError, match=says) as error:
        read(content)
    assert len(str(error.value).splitlines()) == 3


# --- words ---


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("SharedNetworks_2025_December_30", "2025-12-30"),
        ("between 1/1/19 and 2/11/25", "2025-02-11"),
        ("Sept. 3rd, 2024", "2024-09-03"),
        ("2024-02-30 and 2024-02-29", "2024-02-29"),
        ("45/45/2025", ""),
    ],
)
def test_a_date_is_the_last_that_a_text_names(text, date):
    """ISO, American, or with the month spelled out."""
    assert date_in(text) == date


def test_directions_are_seen_from_the_owner():
    """`Shared with me` is received; `with which the Agency shares` is shared."""
    assert directions_in("Networks Shared With Me") == ("receives_from",)
    assert directions_in("The names of agencies with which the Agency shares ALPR data") == ("shares_with",)
    assert directions_in("The names of agencies from which the Agency receives ALPR data") == ("receives_from",)
    assert directions_in("Agencies that share with us") == ("receives_from",)
    assert directions_in("Agency Data Sharing Report") == ()
    assert question_in("A4. Agencies") == ("receives_from", "hotlist")
    assert question_in("A12") is None
