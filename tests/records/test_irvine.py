"""Irvine police, answers A1 to A4 of Feb. 11, 2025 (MuckRock request 181267)."""

from __future__ import annotations

import pytest

from kit.records import Record, read_record

NAME = "irvine-2025-02-11-a1-a4.xlsx"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_every_question_has_the_count_taken_by_eye(record):
    """A1 shares with 316, A2 receives from 1,553, A3 hot lists to 156, A4 hot lists from 1,065."""
    assert record.counts() == {
        ("shares_with", "detections"): 316,
        ("receives_from", "detections"): 1553,
        ("shares_with", "hotlist"): 156,
        ("receives_from", "hotlist"): 1065,
    }


def test_it_says_what_it_is(record):
    """Two systems' names in one answer, the date to which the figures run, no owner."""
    assert (record.family, record.system, record.owner) == ("a1-a4", "mixed", "")
    assert record.date == "2025-02-11"
    assert record.notes == ("The table does not say whose it is.",)


def test_rows_stand_in_the_order_of_the_sheets(record):
    """First and last row of each question, with sheet and row."""
    ends = {}
    for row in record.rows:
        ends.setdefault(row.page[:2], []).append((row.page, row.partner))
    assert {sheet: (rows[0], rows[-1]) for sheet, rows in ends.items()} == {
        "A1": (("A1!2", "ALAMEDA COUNTY NARCOTICS TASK FORCE"), ("A1!317", "YUBA COUNTY SHERIFFS OFFICE")),
        "A2": (
            ("A2!2", "100TH JUDICIAL DISTRICT ATTORNEY TRAFFIC ENFORCEMENT WELLINGTON (TX)"),
            ("A2!1554", "ZACHARY LA PD"),
        ),
        "A3": (("A3!2", "ALHAMBRA CA PD"), ("A3!157", "YUBA CITY CA PD")),
        "A4": (("A4!2", "ABERDEEN WA PD"), ("A4!1066", "ZACHARY PD (LA)")),
    }


def test_every_other_row_is_left_out_with_a_reason(record):
    """The 13 rows of the request and the 3 of its figures; the figures are facts."""
    pages = [item.page.split("!")[0] for item in record.left_out]
    assert pages == ["Request"] * 13 + ["B1&2"] * 3
    assert all(item.text and item.reason for item in record.left_out)
    assert record.facts == (('B1 "Detections"', "107472041"), ('B2 "Hits"', "31278"))


SHEETS = {
    "A1": [
        ["ORGANIZATION NAME", ""],
        ["Exampleville CA PD", ""],
        ["", "typed here by mistake"],
        ["Elsewhere CA PD", "x"],
    ],
    "A 2": [["A2. Agencies from which we receive"], ["Nowhere Police Department"], ["Total: 1"]],
    "A3": [["Agency"], ["None"]],
    "Users": [["Name"], ["Jane Doe"], ["Richard Roe"]],
}


def test_stray_cells_and_sheets_are_accounted_for(tmp_path, workbook):
    """A second column, a total, a question with no answer, a sheet of users: each is said, no user is shown."""
    record = read_record(workbook(tmp_path / "answers.xlsx", SHEETS))
    assert record.counts() == {
        ("shares_with", "detections"): 2,
        ("receives_from", "detections"): 1,
        ("shares_with", "hotlist"): 0,
    }
    left = {item.page: (item.text, item.reason) for item in record.left_out}
    assert left["A1!3"] == ("typed here by mistake", "no agency in the row")
    assert left["A 2!3"] == ("Total: 1", "a note or a total, no name")
    assert left["A3!2"] == ("None", "says that there is none")
    assert left["Users!1-3"][0] == "3 rows"
    assert "Columns not taken: A1 column B." in record.notes
    assert not any("Doe" in text or "Roe" in text for text in (str(record.left_out), str(record.rows)))


def test_questions_may_stand_side_by_side_or_below_each_other(tmp_path, workbook):
    """A column a question, or one column with the questions between the names."""
    beside = [["A1", "", "A3"], ["Agency", "City", "Agency"], ["Exampleville PD", "Exampleville", "N/A"], ["Else PD"]]
    below = [["A1"], ["Exampleville PD"], ["Elsewhere PD"], ["A4"], ["Nowhere PD"]]
    side = read_record(workbook(tmp_path / "beside.xlsx", {"Answer": beside}))
    stack = read_record(workbook(tmp_path / "below.xlsx", {"Answer": below}))
    assert side.counts() == {("shares_with", "detections"): 2, ("shares_with", "hotlist"): 0}
    assert stack.counts() == {("shares_with", "detections"): 2, ("receives_from", "hotlist"): 1}
    assert [item.text for item in stack.left_out] == ["A4"]
