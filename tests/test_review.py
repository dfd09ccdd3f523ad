"""The review sheet: out with what is open, back filled in by a reporter, in whatever program that was."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from zipfile import ZipFile

import pandas as pd
import pytest
from typer.testing import CliRunner
from xlsxwriter import Workbook

from kit import agencies, impact, review, rulings
from kit.agencies import may_be_in
from kit.cli import app
from kit.errors import DataError, KitError, RecordError
from kit.places import find_state
from kit.records.sheets import head_of, open_sheets
from kit.review import REVIEW_COLUMNS, open_names, read_sheet, rule, write_review
from kit.rulings import COLUMNS
from kit.sharing import read_table, write_table
from kit.workbook import LONGEST_CELL, Sheet, write_workbook

UNION = "Union City Police Department"
LINE = (UNION, "PA", "", "A. Reporter", "2026-01-02", "called the chief")
OLD = "orange-county-sheriff-2020-02-06-vigilant"
SHARED = f"Agencies that Orange County Sheriffs Department shares plate data with, list of Feb. 6, 2020 ({OLD}):"


@pytest.fixture
def table(tmp_path, monkeypatch, lists):
    """Give the path of a table of rulings of the test's own, with the two lists of Orange County's sheriff."""
    path = tmp_path / "data" / "rulings" / "agencies.csv"
    write_table(pd.DataFrame(columns=list(COLUMNS)), path)
    orange = [one for one in lists if one.owner == "Orange County Sheriffs Department" and one.system == "vigilant"]
    monkeypatch.setattr(rulings, "DATA", tmp_path / "data")
    monkeypatch.setattr(impact, "DATA", tmp_path / "data")
    monkeypatch.setattr(review, "load_lists", lambda: orange)
    agencies.forget()
    yield path
    monkeypatch.undo()
    agencies.forget()


@pytest.fixture
def page(table, rows):
    """Give what writes the findings of a page that counts the rows of some names."""

    def made(place: str, *names: str) -> None:
        ids = list(rows.loc[rows["partner"].isin(names), "row_id"])
        folder = table.parent.parent.parent / "figures" / place.lower().replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        said = {"place": place, "findings": [{"id": "a", "rows": ids}, {"id": "b", "rows": ids[:1]}]}
        (folder / "findings.json").write_text(json.dumps(said), encoding="utf-8")

    return made


@pytest.fixture
def sheet(tmp_path):
    """Give what writes a sheet of rulings as a program would save it."""

    def saved(*lines: tuple[str, ...], head: tuple[str, ...] = COLUMNS, mark: str = ",", encoding: str = "utf-8"):
        path = tmp_path / "sheet.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=mark).writerows([head, *lines])
        return path

    return saved


def read_back(path):
    return {one.name: [cells for _, cells in one.rows()] for one in open_sheets(path, head_of(path))}


@pytest.mark.usefixtures("table")
def test_what_is_open_stands_with_what_is_known_of_it(rows):
    """Each name once that is not certain and no test account, with candidates and every sighting."""
    found = open_names(rows)
    asked = rows[(rows["status"] != "certain") & ~rows["flags"].str.contains("test|junk")]
    assert tuple(found.columns) == tuple(REVIEW_COLUMNS)
    assert {name.casefold() for name in found["name"]} == {name.casefold() for name in asked["partner"]}
    assert found["rows"].sum() == len(asked)
    union = found.set_index("name").loc[UNION]
    assert set(union["candidates"].split(";")) >= {"CA", "NJ"}
    assert f"{UNION} (CA)" in union["like_names"].split("; ")
    assert f"{OLD} p6 shares_with detections" in union["sightings"].split("; ")
    assert union["sightings"].count(";") == union["rows"] - 1


@pytest.mark.usefixtures("table")
def test_a_state_limits_the_sheet_to_names_that_may_be_there(rows):
    """As the page's own range does."""
    found = open_names(rows, find_state("CT"))
    may = rows[may_be_in(rows, "CT") & ~rows["flags"].str.contains("test|junk")]
    assert 0 < len(found) < len(open_names(rows))
    assert found["rows"].sum() == len(may)


def test_the_most_influential_stand_first(rows, page):
    """By the findings of the pages that were made, then by rows."""
    assert open_names(rows).iloc[0]["name"] != UNION
    page("California", UNION)
    page("Texas", UNION)
    found = open_names(rows)
    assert (found.iloc[0]["name"], found.iloc[0]["findings"]) == (UNION, 4)
    assert list(found["rows"][1:]) == sorted(found["rows"][1:], reverse=True)


def test_a_name_left_open_on_purpose_is_asked_no_more(rows, table):
    """`unknown` takes it off the sheet."""
    write_table(pd.DataFrame([{**dict(zip(COLUMNS, LINE, strict=True)), "decision": "unknown"}]), table)
    agencies.forget()
    assert UNION not in set(open_names(rows)["name"])


@pytest.mark.usefixtures("table")
def test_both_sheets_hold_the_same_and_run_nothing(rows, tmp_path):
    """CSV quotes what looks like a formula; XLSX has text cells alone; both come back as written."""
    found = open_names(rows).head(3).assign(name=["=1+1", "@SUM(A1)", "<b>&\" 'x'"])
    write_review(found, [tmp_path / "review.csv", tmp_path / "review.xlsx"])
    assert "\n'=1+1,," in (tmp_path / "review.csv").read_text(encoding="utf-8")
    with ZipFile(tmp_path / "review.xlsx") as packed:
        inside = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside
    assert 't="str"' not in inside
    book = read_back(tmp_path / "review.xlsx")
    assert list(book) == ["Review", "How to rule"]
    assert [row[0] for row in book["Review"]] == ["name", *found["name"]]
    assert list(book["Review"][1][6:]) == [str(cell) for cell in found.iloc[0][6:]]
    assert "same as NAME" in " ".join(cells[0] for cells in book["How to rule"])
    first, second = (read_table(tmp_path / "review.csv")["name"][n] for n in (0, 1))
    assert first.startswith("How to rule: ")
    assert second == "=1+1"


@pytest.mark.usefixtures("table")
def test_the_same_names_give_the_same_bytes(rows, tmp_path):
    """No clock and no random order in a sheet."""
    for name in ("one.xlsx", "two.xlsx"):
        write_review(open_names(rows), [tmp_path / name])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_cell_takes_no_more_than_a_spreadsheet_reads(tmp_path):
    """A name with thousands of sightings is cut, and says so."""
    write_workbook([Sheet("Review", {"name": 9}, [["x" * 40_000]])], tmp_path / "long.xlsx")
    assert len(read_back(tmp_path / "long.xlsx")["Review"][1][0]) == LONGEST_CELL
    short = review._short([f"list {n} p1" for n in range(9_000)])
    assert len(short) <= LONGEST_CELL
    assert short.endswith(" more")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["review.csv", "review.xlsx"])
def test_a_sheet_with_decisions_is_not_written_over(rows, tmp_path, name):
    """An untouched one is made anew; one that was worked on, or is another file, stays, and none is made beside it."""
    path, other = tmp_path / name, tmp_path / "other.csv"
    found = open_names(rows).head(2)
    write_review(found, [path])
    write_review(found.assign(who="A. Reporter"), [path])
    with pytest.raises(DataError, match="not written over"):
        write_review(found, [other, path])
    path.write_text("my notes", encoding="utf-8")
    with pytest.raises(DataError, match="not written over"):
        write_review(found, [other, path])
    with pytest.raises(DataError, match="CSV or XLSX"):
        write_review(found, [other, tmp_path / "review.docx"])
    assert not other.exists()


@pytest.mark.parametrize(
    ("mark", "encoding", "day"),
    [
        (",", "utf-8", "2026-01-02"),
        (",", "utf-8-sig", "1/2/2026"),
        (";", "utf-8-sig", "02.01.2026"),
        ("\t", "utf-16", "01/02/2026"),
    ],
)
def test_a_sheet_is_read_as_any_program_saves_it(sheet, mark, encoding, day):
    """Byte mark, semicolons, tabs, the dates of a spreadsheet, other columns in another order."""
    head = ("extra", "When", " WHY ", "who", "Decision", "name", "")
    lines = [("x", day, "called, and asked; twice", "A. Reporter", "pa", f" {UNION} ", ""), ("",) * 7]
    (found,) = read_sheet(sheet(*lines, head=head, mark=mark, encoding=encoding))
    assert (found.name, found.decision.text, found.when) == (UNION, "PA", "2026-01-02")
    assert (found.why, found.list_id) == ("called, and asked; twice", "")


def test_a_workbook_is_read_with_its_dates(tmp_path):
    """A date typed into a spreadsheet is a date cell, not text; titles above the heads are passed over."""
    path = tmp_path / "filled.xlsx"
    with Workbook(str(path)) as book:
        book.add_worksheet("Notes")
        page = book.add_worksheet("Review")
        for number, line in enumerate((["My rulings"], ["name", "decision", "who", "when", "why"], [UNION, "PA"])):
            page.write_row(number, 0, line)
        page.write_row(2, 2, ["A. Reporter", "", "called"])
        page.write_datetime(2, 3, datetime(2026, 1, 2), book.add_format({"num_format": "d mmm yyyy"}))  # noqa: DTZ001
    (found,) = read_sheet(path)
    assert (found.decision.text, found.when) == ("PA", "2026-01-02")


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        ({"decision": "Californa?"}, "is not a decision", "row 3 (Union City Police Department)"),
        ({"who": ""}, "does not say who", "row 3 (Union City Police Department)"),
        ({"when": "last week"}, '"last week" is not a date', "row 3 (Union City Police Department)"),
        ({"when": "2026-13-02"}, "is not a date", "row 3"),
        ({"name": ""}, "does not say name", "row 3 (no name)"),
        ({"decision": ""}, "has a reason and no decision", "row 3"),
        ({"decision": f"same as {UNION.lower()}"}, "names the same name again", "row 3"),
        ({"list_id": "orange-county"}, 'No list is called "orange-county"', f"the ruling on {UNION}"),
        ({"decision": "same as Unoin City PD"}, 'No list has the name "Unoin City PD"', f"the ruling on {UNION}"),
        ({"decision": f"same as {UNION} (CA)", "name": "Norwalk Police Department"}, "cannot be one agency", "Norwalk"),
    ],
)
def test_one_wrong_row_keeps_all_out(sheet, table, change, what, where):
    """Three lines that name the row; the right rows beside it are not kept either."""
    good = ("Brentwood Police Department", *LINE[1:])
    wrong = {**dict(zip(COLUMNS, LINE, strict=True)), **change}
    before = table.read_bytes()
    with pytest.raises(DataError) as error:
        rule(sheet(good, tuple(wrong.values())))
    assert what in error.value.what
    assert where in error.value.where
    assert len(str(error.value).splitlines()) == 3
    assert table.read_bytes() == before


def test_all_wrong_rows_are_named_at_once(sheet):
    """The first in full, the others by their place."""
    with pytest.raises(DataError) as error:
        read_sheet(sheet(LINE, (UNION, "x"), (UNION, "PA", "", "me", "now", "so"), (UNION, "kind: x")))
    assert "row 3" in error.value.where
    assert "two more: sheet.csv, row 4" in error.value.where
    assert "row 5" in error.value.where


def test_a_day_that_can_be_meant_in_two_ways_is_asked_for(sheet):
    """With semicolons between its cells a sheet is not from the United States: 1/2/2026 may be Feb. 1."""
    with pytest.raises(DataError, match='"1/2/2026" is not a date'):
        read_sheet(sheet((*LINE[:4], "1/2/2026", "so"), mark=";"))


@pytest.mark.parametrize(
    ("content", "error", "what"),
    [
        (b"", DataError, "no columns name and decision"),
        (b"agency,state\nX PD,CA\n", DataError, "no columns name and decision"),
        (b"name,decision,who\nX PD,CA,me\n", DataError, "no column when, why"),
        (b"name,decision,who,when,why\n", DataError, "No decision is filled in"),
        (b"name,decision,who,when,why\nX PD,,,,\n", DataError, "No decision is filled in"),
        (b"%PDF-1.4\n\x00\x01\x02\x03\x04\x05\x06\x07", RecordError, "not a table"),
        (b"PK\x03\x04xl/", RecordError, "damaged"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, content, error, what):
    """Three lines, whatever was given."""
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        read_sheet(path)
    assert isinstance(caught.value, KitError)
    assert what in caught.value.what
    assert len(str(caught.value).splitlines()) == 3


def test_what_changes_is_said_old_and_new(sheet, table, page):
    """The state that gains, those that lose a name that could be there, and the pages to make again."""
    page("California", "Norwalk Police Department")
    page("Pennsylvania", "Norwalk Police Department")
    page("New Jersey", UNION)
    said = rule(sheet(LINE))
    assert said[0] == "One ruling added to data/rulings/agencies.csv."
    assert SHARED in said
    after = said[said.index(SHARED) :]
    assert any(line.startswith("  in Pennsylvania: ") for line in after)
    assert any(line.startswith("  in California: ") for line in after)
    assert any(line.startswith("  whose state is not certain: ") for line in after)
    assert not any("in all" in line for line in said)
    pages = ['  kit report "California"', '  kit report "New Jersey"', '  kit report "Pennsylvania"']
    assert said[-4:] == ["Pages that show the old numbers; make them again:", *pages]
    assert list(read_table(table)["why"]) == ["called the chief"]


def test_the_numbers_said_are_the_numbers_counted(sheet, table, lists):
    """Old and new of California, counted apart from the report."""
    orange = [one for one in lists if one.owner == "Orange County Sheriffs Department" and one.system == "vigilant"]

    def counted() -> str:
        rows = agencies.resolve_lists(orange)
        listed = rows[(rows["list_id"] == OLD) & (rows["direction"] == "shares_with") & (rows["data"] == "detections")]
        low = int(((listed["status"] == "certain") & (listed["state"] == "CA")).sum())
        return f"{low} to {low + int(may_be_in(listed, 'CA').sum())}"

    assert table.exists()
    before = counted()
    said = rule(sheet((UNION, "CA", *LINE[2:])))
    now = said[said.index(SHARED) :]
    assert next(line for line in now if "in California" in line) == f"  in California: {before} -> {counted()}"


def test_merging_kind_and_no_agency_move_their_own_numbers(sheet, table):
    """Two accounts count as one; a kind leaves one row of the page's table for another."""
    assert table.exists()
    said = rule(sheet((UNION, f"same as {UNION} (CA)", *LINE[2:])))
    assert "  in all: 295 -> 294" in said[said.index(SHARED) :]
    said = rule(sheet(("Brentwood Police Department", "kind: campus_police", *LINE[2:])))
    now = said[said.index(SHARED) :]
    assert [line.split(":")[0].strip() for line in now[1:3]] == ["city and county police", "campus police"]
    said = rule(sheet(("Brentwood Police Department", "not an agency", *LINE[2:4], "2026-01-03", "a vendor")))
    assert "  in all: 294 -> 293" in said[said.index(SHARED) :]


def test_the_same_sheet_again_changes_nothing(sheet, table):
    """It says so; another decision later takes its place and says that."""
    rule(sheet(LINE))
    before = table.read_bytes()
    assert rule(sheet(LINE)) == ["One ruling stands there already; nothing changed by that."]
    assert table.read_bytes() == before
    said = rule(sheet(LINE, (UNION, "NJ", "", "B. Editor", "2026-01-05", "the record")))
    assert f'"{UNION}": "NJ" takes the place of "PA" (A. Reporter, 2026-01-02).' in said


def test_a_ruling_on_a_name_in_no_list_is_reported(sheet, table):
    """It is kept, decides nothing, and the name that may be meant is shown."""
    assert table.exists()
    said = rule(sheet((f"{UNION}s", *LINE[1:])))
    assert any("decides nothing" in line and f'Did you mean "{UNION}"' in line for line in said)
    assert not [line for line in rule(sheet(("Exampleville", *LINE[1:]))) if "Did you mean" in line]
    assert "No number changes." in said


def test_the_two_commands(tmp_path, table, monkeypatch):
    """The sheet that is written, filled in and given back, is taken; a state that is none is said to be none."""
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(app, ["review", "connecticut"], catch_exceptions=False)
    assert asked.exit_code == 0, asked.output
    names = read_table(tmp_path / "review-connecticut.csv")
    filled = names.assign(decision=["", "CT", *[""] * (len(names) - 2)], who="A. Reporter", when="1/2/2026")
    filled = filled.assign(why=["", "asked", *[""] * (len(names) - 2)])
    filled.to_csv(tmp_path / "filled.csv", sep=";", index=False, encoding="utf-8-sig")
    with pytest.raises(DataError, match="is not a date"):
        CliRunner().invoke(app, ["rule", "filled.csv"], catch_exceptions=False)
    filled.assign(when="2026-01-02").to_csv(tmp_path / "filled.csv", sep=";", index=False, encoding="utf-8-sig")
    kept = CliRunner().invoke(app, ["rule", "filled.csv"], catch_exceptions=False)
    assert "One ruling added" in kept.output
    assert list(read_table(table)["name"]) == [names["name"][1]]
    with pytest.raises(KitError, match="is not a state"):
        CliRunner().invoke(app, ["review", "Californa"], catch_exceptions=False)
