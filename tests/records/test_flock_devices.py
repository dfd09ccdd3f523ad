"""Flock device lists printed to PDF, made here in the two prints that the reader knows: no real one was at hand."""

from __future__ import annotations

import pytest

from kit.records import Record, read_record

COLUMNS = {"Name": 40, "Relationship": 260, "Access": 370, "Search": 450, "Hotlist Tool": 520}
WAYS = ("Shared with me", "Sharing", "Mutual", "Shared")
LINE, ROW, FOOT = 12, 18, 740  # points: within a name, between two records, the end of a page


def name_of(number: int) -> tuple[str, ...]:
    """Give the lines of a name, every fourth of them on two lines."""
    if number % 4:
        return (f"Place {number} MI PD ({number + 3})",)
    return ("A Regional Agency With A Name As Long As", f"Number {number} CA SO - {number + 3:,} cameras")


RECORDS = [(name_of(number), WAYS[number % 4], "Full", "Yes", "No") for number in range(60)]
NAMES = [" ".join(lines).split(" (")[0].split(" - ")[0] for lines, *_ in RECORDS]


def table(*, names_on_each_page: bool, place: str, start: int = 90) -> list[list[tuple[float, float, str]]]:
    """Lay the records out as a table; a name that does not fit goes on over the page's edge."""
    head = [(left, 60.0, name) for name, left in COLUMNS.items()]
    browser = [(30.0, 20.0, "1/25/26, 10:37 AM"), (30.0, 780.0, "https://example.org/devices"), (560.0, 780.0, "1/9")]
    pages = [[*browser, *head]]
    top = start
    for lines, *cells in RECORDS:
        spots = []
        for line in lines:
            if top > FOOT:
                pages.append([*browser, *(head if names_on_each_page else [])])
                top = 90
            pages[-1].append((40, top, line))
            spots.append((pages[-1], top))
            top += LINE
        page, height = spots[0] if place == "first" else spots[-1]
        if place == "middle" and spots[0][0] is spots[-1][0]:
            height = (spots[0][1] + spots[-1][1]) / 2
        page += [(left, height, text) for left, text in zip([*COLUMNS.values()][1:], cells, strict=True)]
        top += ROW
    return pages


def stacked() -> list[list[tuple[float, float, str]]]:
    """Lay the records out one below the other, a label and its value a line; a page ends where it is full."""
    lines = [(40.0, "Devices")]
    for names, *cells in RECORDS:
        lines += [(40.0, "Name"), *((60.0, line) for line in names)]
        lines += [(40.0, f"{label}: {cell}") for label, cell in zip([*COLUMNS][1:], cells, strict=True)]
    return [
        [(left, 60.0 + LINE * at, text) for at, (left, text) in enumerate(lines[start : start + 53])]
        for start in range(0, len(lines), 53)
    ]


def check(record: Record) -> None:
    """Hold a record against what was laid out."""
    assert list(dict.fromkeys(row.partner for row in record.rows)) == NAMES
    assert record.counts() == {("shares_with", "network"): 30, ("receives_from", "network"): 45}
    facts = dict(record.facts)
    assert len(facts) == 60
    assert facts["Place 1 MI PD (4)"] == "4 cameras; relationship: Sharing; access: Full; search: Yes; hotlist tool: No"
    assert (record.family, record.system, record.owner) == ("flock-devices", "flock", "")


@pytest.mark.parametrize("start", range(90, 90 + ROW + LINE, 6))
@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("names_on_each_page", [True, False])
def test_a_table_is_read_to_the_last_record(tmp_path, printed, place, start, names_on_each_page):
    """Names over two lines and over the edge of a page, cells at their first line, middle or last."""
    pages = table(names_on_each_page=names_on_each_page, place=place, start=start)
    record = read_record(printed(tmp_path / "devices.pdf", pages))
    check(record)
    assert not record.left_out
    assert record.date == "2026-01-25"


def test_records_below_each_other_are_read_alike(tmp_path, printed):
    """A record that breaks across pages at any of its lines is one."""
    record = read_record(printed(tmp_path / "devices.pdf", stacked()))
    check(record)
    assert [item.text for item in record.left_out] == ["Devices"]
    assert record.notes == ("The device list does not say whose it is.", "The device list bears no date.")


def test_the_owners_own_network_is_no_partner(tmp_path, printed):
    """A network that is the owner's own, and a record without a name, are left out with a reason."""
    cells = [("Home CA PD (12)", "Owner"), ("", "Shared with me"), ("Else CA PD", "Sharing"), ("More CA PD", "?")]
    page = [(left, 60.0, name) for name, left in COLUMNS.items()]
    for at, (name, relationship) in enumerate(cells):
        page += [(left, 90.0 + 30 * at, text) for left, text in ((40, name), (260, relationship)) if text]
    record = read_record(printed(tmp_path / "devices.pdf", [page]))
    assert [(row.partner, row.direction) for row in record.rows] == [
        ("Else CA PD", "shares_with"),
        ("More CA PD", "receives_from"),
    ]
    assert [item.reason for item in record.left_out] == ["the owner's own network", "no name in the record"]
