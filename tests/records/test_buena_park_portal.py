"""Buena Park police, Flock transparency portal of Jan. 25, 2026; and pages that are not as they should be."""

from __future__ import annotations

import pytest

from kit.errors import RecordError
from kit.records import Record, read_record
from kit.records.flock_portal import split_names

NAME = "buena-park-2026-01-25-flock-portal.html"


@pytest.fixture(scope="module")
def record(record_file) -> Record:
    return read_record(record_file(NAME))


def test_the_list_has_the_count_taken_by_eye(record):
    """317 organizations with access; cut at every comma there would be 318."""
    assert record.counts() == {("shares_with", "network"): 317}
    names = [row.partner for row in record.rows]
    assert names[0] == "San Jose State University CA"
    assert names[-1] == "Yuba County Sheriffs Office"
    assert "University of California, Berkeley" in names
    assert not {"University of California", "Berkeley"} & set(names)
    assert record.rows[-1].page == "Organizations!317"


def test_it_says_whose_it_is_and_when(record):
    """The heading names the agency, the page the day of its last update."""
    assert (record.owner, record.date) == ("Buena Park CA PD", "2026-01-25")
    assert (record.family, record.system) == ("flock-portal", "flock")
    assert record.notes == ("Read as one name: University of California, Berkeley.",)


def test_what_the_page_says_besides_is_kept(record):
    """Retention, cameras, 30 days' figures and policies, in the page's words and to their end."""
    facts = dict(record.facts)
    assert facts["Data retention (in days)"] == "30 days"
    assert facts["Number of LPR and other cameras"] == "13"
    assert facts["Vehicles detected in the last 30 days"] == "760,198"
    assert facts["Hotlist hits in the last 30 days"] == "4,237"
    assert facts["Searches in the last 30 days"] == "837"
    assert facts["Prohibited Uses"].startswith("Immigration enforcement, traffic enforcement")
    assert facts["Prohibited Uses"].endswith("Personal use.")
    assert facts["Last updated"] == "Sun Jan 25 2026"
    assert facts["Overview"].endswith("available to the public.")
    assert not any("Organizations granted" in name for name in facts)


def test_the_log_of_searches_is_not_taken(record):
    """The page holds a file of searches with user numbers; none of it is here."""
    assert [item.text for item in record.left_out] == ["Public Search Audit"]
    assert "userId" not in str(record)


PAGE = (
    "<!DOCTYPE html><html><head><title>Flock Safety - Exampleville CA PD Transparency Portal</title></head><body>"
    "<h1>{owner}</h1><h6>Last Updated: <span title='2026-01-25T10:37:49Z'>{date}</span></h6>"
    "<div class='row'><div class='label'>{label}</div></div>"
    "<div class='row'><div class='value'>{value}</div></div></body></html>"
)


@pytest.fixture
def page(tmp_path):
    """Make a portal's page and read it."""

    def read(value: str, **other: str) -> Record:
        given = {"owner": "", "date": "Sun Jan 25 2026", "label": "Organizations granted access to our data"} | other
        path = tmp_path / "page.txt"
        path.write_text(PAGE.format(value=value, **given), encoding="utf-8")
        return read_record(path)

    return read


def test_names_may_stand_in_elements_of_their_own(page):
    """One element a name: no comma is a mark between two."""
    record = page("<ul><li>University of Kentucky, Lexington</li><li>Danville, CA PD</li></ul>")
    assert [row.partner for row in record.rows] == ["University of Kentucky, Lexington", "Danville, CA PD"]


def test_a_list_the_other_way_is_told_by_its_label(page):
    """Organizations whose data comes to the owner."""
    record = page("Exampleville PD", label="Organizations sharing data with Elsewhere PD")
    assert [row.direction for row in record.rows] == ["receives_from"]


def test_an_empty_list_and_a_page_without_one_are_not_the_same(page):
    """`None` is an answer; a page saved too early is not."""
    assert page("None").counts() == {("shares_with", "network"): 0}
    with pytest.raises(RecordError) as error:
        page("30 days", label="Data retention (in days)")
    assert len(str(error.value).splitlines()) == 3


def test_what_a_page_lacks_is_said(page, tmp_path):
    """A folded list, no date, no owner, no end."""
    folded = page("A PD, B PD, +315 more", date="", owner="")
    assert [row.partner for row in folded.rows] == ["A PD", "B PD"]
    assert folded.owner == "Exampleville CA PD"
    assert "The list was folded when the page was saved; names are missing." in folded.notes
    cut = tmp_path / "cut.html"
    cut.write_text((tmp_path / "page.txt").read_text()[:-20])
    assert "The page has no end: it may be cut off, and names missing." in read_record(cut).notes


def test_a_hostile_page_is_text(page):
    """Script in a name is a name; a page built to stall the parser is refused."""
    record = page("&lt;script&gt;alert(1)&lt;/script&gt; PD, <script>evil()</script>B\u202e PD")
    assert [row.partner for row in record.rows] == ["<script>alert(1)</script> PD", "B PD"]
    with pytest.raises(RecordError):
        page(f"<i {' '.join(f'a{n}=b' for n in range(100_000))}>A PD</i>")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Adrian MI PD, University of California, Berkeley, Yreka CA PD", 3),
        ("Adrian MI PD, University of Kentucky, University of Louisville KY PD", 3),
        ("Zion IL PD, University of Kentucky, Adrian MI PD, Milan MI PD", 4),
        ("Adrian MI PD, Danville, CA PD, Loeb Properties, Inc.", 3),
        ("A PD (Fulton, GA), B PD", 2),
        ("A PD,, B PD , ", 2),
        (" ", 0),
    ],
)
def test_a_comma_inside_a_name_is_told(line, names):
    """By the order of the alphabet, by a state or a company's kind behind it, by brackets."""
    assert len(split_names(line)[0]) == names
