"""Letters to the agencies whose lists are missing: whom to ask first and why, under which law, with what bytes."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from docx import Document

from kit import folders, letters, requests
from kit.errors import KitError, ParameterError, PlaceError
from kit.letters import ANY, Law, as_docx, as_markdown, as_text, law_of, letter
from kit.places import find_place, find_state, states
from kit.requests import ASKED_COLUMNS, LEFT_COLUMNS, RECENT_DAYS, make_requests, missing_lists

ROOT = Path(__file__).resolve().parent.parent
CALIFORNIA = find_state("CA")
HOSTILE = "</w:t> *Exampleville* [PD](http://example.org) <script>alert(1)</script> =cmd|' /C calc'!A0 & $x$ `y`"
LAW = Law("XX", "Example Records Law", "Example Code § 1", "an answer within two days", "", "yes", "")


@pytest.fixture
def made(tmp_path, monkeypatch, lists):
    """Give what writes the letters of a place from the lists that come with the kit."""
    monkeypatch.setattr(requests, "load_lists", lambda: lists)

    def make(place: str, name: str = "out", **options):
        return make_requests(place, tmp_path / name, **options)

    return make


@pytest.fixture(scope="session")
def california_lists(lists):
    """Give whom to ask in California, and whom not."""
    return missing_lists(lists, CALIFORNIA)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def words_of(docx: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(docx)).paragraphs]


def test_every_state_has_its_law():
    """50 states, the District and the federal government; each row with its pages, or with what was not seen."""
    with (ROOT / "data/requests/laws.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == sorted({*(state.code for state in states()), "US"})
    for row in rows:
        assert row["verified"] in {"yes", "partly", "no"}
        assert row["source_url"].count(" | ") == row["source_title"].count(" | ")
        assert row["source_url"].startswith("http"), row["state"]
        assert row["checked"], row["state"]
        assert row["note"] or row["verified"] == "yes", row["state"]
        assert row["note"] or row["response"], row["state"]
    assert law_of("IL").cited == "Illinois Freedom of Information Act (5 ILCS 140)"


@pytest.mark.parametrize("state", [row.code for row in states()])
def test_a_law_that_is_not_verified_is_marked(state):
    """The mark stands behind the name where it was not verified, and nowhere else."""
    law = law_of(state)
    text = as_markdown("Exampleville Police Department", law)
    assert f"Under the {law.law} ({law.citation})" in text
    assert ("[check the name of the law]" in text) == (law.verified != "yes")
    assert (f"calls for {law.response}." in text) == bool(law.response)
    assert (f"the law is for: {law.requester}." in text) == bool(law.requester)


def test_a_letter_asks_for_the_four_lists_as_a_file():
    """Shared with, received from, hot lists out and in; the report by name; no plates; blanks in brackets."""
    blocks = letter("Exampleville Police Department", LAW, "2020-02-06")
    items = [block.text for block in blocks if block.style == "item"]
    assert len(items) == 4
    assert ["shares" in item or "gives" in item for item in items] == [True, False, True, False]
    assert ["hot list" in item for item in items] == [False, False, True, True]
    text = "\n".join(block.text for block in blocks)
    for words in ("Agency Data Sharing Report", "Output Report", "export of shared networks", "electronic file",
                  "[your name]", "[date]", "dated Feb. 6, 2020", "I do not ask for license plate numbers"):  # fmt: skip
        assert words in text
    assert "dated" not in "".join(block.text for block in letter("Exampleville Police Department", LAW))


def test_only_verified_words_about_software_are_used(tmp_path, monkeypatch):
    """A report that was not verified is in no letter."""
    table = pd.DataFrame(
        [("Seen here.", "yes"), ("Not seen.", "partly"), ("Nowhere.", "no")], columns=["words", "verified"]
    )
    (tmp_path / "requests").mkdir()
    table.to_csv(tmp_path / "requests" / "reports.csv", index=False)
    monkeypatch.setattr(letters, "DATA", tmp_path)
    text = as_markdown(ANY, LAW)
    assert "Seen here." in text
    assert "Not seen." not in text
    assert "Nowhere." not in text


def test_word_and_markdown_say_the_same():
    """Each paragraph of the letter is one of the document, the four lists numbered."""
    name = "Exampleville Police Department"
    words = words_of(as_docx(name, LAW))
    assert words == [block.text for block in letter(name, LAW)]
    lines = as_markdown(name, LAW).split("\n\n")
    assert [line.strip().removeprefix("# ") for line in lines if not line[0].isdigit()] == [
        block.text for block in letter(name, LAW) if block.style != "item"
    ]
    assert [line[:3] for line in lines if line[0].isdigit()] == ["1. ", "2. ", "3. ", "4. "]


def test_a_hostile_name_stays_text():
    """No link, tag or sign of Markdown comes of a name; the Word document holds it as it is."""
    text = as_markdown(HOSTILE, LAW)
    assert "<script>" not in text
    assert "](http" not in text
    assert "\\*Exampleville\\*" in text
    assert as_text("a\u202eb\nwww.example.org") == "ab www\\.example.org"
    assert any(HOSTILE in words for words in words_of(as_docx(HOSTILE, LAW)))


def test_the_same_letter_is_the_same_bytes():
    """No hour and no name of who made it is in a Word document."""
    one, other = (as_docx("Exampleville Police Department", LAW) for _ in range(2))
    assert one == other
    with ZipFile(BytesIO(one)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    about = Document(BytesIO(one)).core_properties
    assert (about.author, about.comments, about.created.year) == ("", "", 2000)


def test_who_is_asked_is_certainly_there_and_has_no_recent_list(california_lists, rows):
    """Every name asked is certain in an unflagged row; owners of recent lists and federal units are left, with why."""
    asked, left = california_lists
    sure = rows[(rows["status"] == "certain") & (rows["state"] == "CA")]
    unflagged = set(sure[~sure["flags"].str.contains("inactive|test|junk|person")]["partner"])
    assert len(asked) > 300
    for one in asked:
        assert set(one.printed) <= unflagged
        assert one.kind not in {"federal", "military", "tribal", "non_law_enforcement", "other"} or one.bridge
    assert {one.name for one in asked}.isdisjoint(one.name for one, _ in left)
    why = {one.name: reason for one, reason in left}
    assert why["Irvine Police Department"] == "its list of Feb. 11, 2025 is held"
    assert why["Costa Mesa Police Department"] == "its list of Jan. 25, 2026 is held"
    assert "Freedom of Information Act (5 U.S.C. § 552)" in why["San Diego Sector Border Patrol"]
    assert any("its list of Dec. 30, 2025 is held" in reason for name, reason in why.items() if "Orange County" in name)
    assert not any("private person" in name for name in [*why, *(one.name for one in asked)])


def test_the_order_is_the_one_rule(california_lists):
    """Bodies over which data can pass, then by owners' lists, then by residents; each says why in one sentence."""
    asked, _ = california_lists
    assert [one.order for one in asked] == sorted(one.order for one in asked)
    assert [bool(one.bridge) for one in asked] == sorted((bool(one.bridge) for one in asked), reverse=True)
    assert {"Northern California Regional Intelligence Center"} <= {one.name for one in asked if one.bridge}
    by_name = {one.name: number for number, one in enumerate(asked)}
    assert (
        by_name["Los Angeles Police Department"]
        < by_name["San Diego Police Department"]
        < by_name["Oakland Police Department"]
    )
    for one in asked:
        assert one.why.endswith(".")
        assert ". " not in one.why
        assert len(one.owners) == 4 or "Four" not in one.why


def test_the_number_of_owners_is_that_of_the_rows(california_lists, rows):
    """Los Angeles police: as many owners as name it in their newest lists, and the direction is the rows'."""
    asked, _ = california_lists
    one = next(one for one in asked if one.name == "Los Angeles Police Department")
    named = rows[rows["partner"].isin(one.printed) & (rows["state"] == "CA")]
    assert len(one.owners) == named["owner"].nunique() == 4
    assert set(named[named["data"] != "hotlist"]["direction"]) == {"shares_with"}
    assert "as one that gets data;" in one.why
    assert one.jurisdiction == "Los Angeles, CA"


def test_many_owners_are_counted_and_some_named(lists):
    """Of six owners a sentence names three."""
    buena = next(one for one in lists if one.owner == "Buena Park CA PD")
    owners = [f"Example{name} CA PD" for name in ("ton", "ville", "burg", "field", "ford", "port")]
    copies = [
        replace(buena, list_id=owner, owner=owner, rows=buena.rows.head(3).assign(list_id=owner, owner=owner))
        for owner in owners
    ]
    asked, _ = missing_lists(copies, CALIFORNIA)
    assert asked
    for one in asked:
        assert len(one.owners) == 6
        assert "Six agencies name it on their lists (Exampleburg Police Department, " in one.why
        assert " and three more) as one that gets data;" in one.why


def test_no_agency_has_two_letters(california_lists):
    """Names in capitals, with the state and without are one agency: no name and city comes twice."""
    asked, _ = california_lists
    told = [(one.name.casefold(), one.jurisdiction) for one in asked]
    assert len(set(told)) == len(told)


def test_an_old_list_is_asked_for_anew(lists):
    """On a day more than a year after its list an owner is asked, first, and the letter names the list it gave."""
    newest = max(one.date for one in lists)
    day = (date.fromisoformat(newest) + timedelta(days=RECENT_DAYS)).isoformat()
    assert not [one for one in missing_lists(lists, CALIFORNIA, as_of=newest)[0] if one.former]
    old = [one for one in missing_lists(lists, CALIFORNIA, as_of=day)[0] if one.former]
    assert {one.former for one in old} == {one.date for one in lists if newest > one.date > "2025-02"} - {"2025-03-11"}
    assert all("newest list that is held is of" in one.why for one in old)


def test_an_owner_that_no_list_names_is_known(lists):
    """An agency whose own list is held is left out though nobody names it."""
    alone = [replace(one, rows=one.rows[one.rows["partner"] != "Irvine Police Department"]) for one in lists[:2]]
    asked, left = missing_lists([one for one in alone if one.owner.startswith("Irvine")], CALIFORNIA)
    assert "Irvine Police Department" in {one.name for one, _ in left}
    assert "Irvine Police Department" not in {one.name for one in asked}
    assert missing_lists([], CALIFORNIA) == ([], [])


def test_a_city_is_its_own_and_its_countys_agencies(lists):
    """Anaheim: its police and Orange County's bodies, nobody of another county."""
    asked, left = missing_lists(lists, CALIFORNIA, find_place("Anaheim, CA"))
    assert "Anaheim Police Department" in {one.name for one in asked}
    assert {one.jurisdiction for one in [*asked, *(one for one, _ in left)]} == {"Anaheim, CA", "Orange County, CA"}


@pytest.mark.parametrize(("place", "at_least"), [("CA", 25), ("Illinois", 20), ("WY", 1)])
def test_letters_are_written_for_a_place(made, place, at_least):
    """A Markdown and a Word letter each, an index for a multi-agency request, who is left, no more than --top."""
    done = made(place)
    there = files_of(done.folder)
    index = rows_of(done.folder / "index.csv")
    assert len(index) == done.asked == min(25, done.of) >= at_least
    assert tuple(index[0]) == ASKED_COLUMNS
    for row in index:
        text = there[f"{row['letter']}.md"].decode()
        assert text.startswith("# Records request to ")
        assert law_of(find_state(place).code).law in text
        assert row["subject"] in words_of(there[f"{row['letter']}.docx"])
        assert row["jurisdiction"].endswith((find_state(place).code, find_state(place).name))
    assert [int(row["rank"]) for row in index] == list(range(1, len(index) + 1))
    left = rows_of(done.folder / "not-asked.csv")
    assert done.of - done.asked == sum(row["reason"].startswith("number ") for row in left)
    assert set(there) == {
        *(f"{row['letter']}.{end}" for row in index for end in ("md", "docx")),
        "any-agency.md", "any-agency.docx", "index.csv", "not-asked.csv", "offices.csv", "checksums.csv",
    }  # fmt: skip


def test_a_state_that_no_list_names_has_a_letter_for_any(made):
    """Vermont: no index lines, one letter with a blank for the agency, and offices that are not made up."""
    done = made("Vermont")
    assert (done.asked, done.of) == (0, 0)
    assert done.told[0].startswith("Vermont: no list names an agency")
    assert not any(c.isdigit() for c in done.told[0])
    assert rows_of(done.folder / "index.csv") == []
    assert "Vermont Public Records Act" in (done.folder / "any-agency.md").read_text(encoding="utf-8")
    offices = rows_of(done.folder / "offices.csv")
    assert all(row["office"].startswith("[") and "Look up" in row["why"] for row in offices)
    assert {
        "[state police or highway patrol]",
        "[police of Burlington]",
        "[sheriff or police of Chittenden County]",
    } <= {row["office"] for row in offices}


def test_the_same_letters_again_are_the_same_bytes(made):
    """Two folders are alike to the byte, and writing again into one changes nothing."""
    one, other = files_of(made("IL", "one").folder), files_of(made("IL", "other").folder)
    assert one == other
    assert files_of(made("IL", "one").folder) == one


@pytest.mark.parametrize("change", ["filled in", "added"])
def test_a_letter_that_was_filled_in_is_not_written_over(made, change):
    """A folder with a changed letter, or any file of the reporter's, is left as it is."""
    folder = made("WY").folder
    path = folder / ("any-agency.md" if change == "filled in" else "notes.txt")
    path.write_text("from A. Reporter", encoding="utf-8")
    with pytest.raises(KitError) as caught:
        made("WY")
    assert path.name in caught.value.where
    assert path.read_text(encoding="utf-8") == "from A. Reporter"
    assert [one.name for one in folder.parent.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written_is_said_so(made, tmp_path):
    """Below a file nothing can be written: three lines, and nothing left behind."""
    (tmp_path / "file").write_text("")
    with pytest.raises(KitError) as caught:
        made("WY", "file/out")
    assert len(str(caught.value).splitlines()) == 3
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_page_made_again_keeps_the_letters(tmp_path):
    """The folder of a page is put in place anew; the letters in the former one go with it."""
    for name in ("new", "texas", "texas/requests"):
        (tmp_path / name).mkdir()
    (tmp_path / "texas/requests/01.md").write_text("filled in")
    (tmp_path / "new/report.html").write_text("a page")
    folders.publish(tmp_path / "new", tmp_path / "texas")
    assert (tmp_path / "texas/requests/01.md").read_text() == "filled in"
    assert (tmp_path / "texas/report.html").is_file()
    assert [one.name for one in tmp_path.iterdir()] == ["texas"]


def test_what_is_no_folder_of_the_kit_stays(made, tmp_path, monkeypatch):
    """A file, and the folder that one is in, are not put aside for letters."""
    (tmp_path / "file").write_text("")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("file", "work", "."):
        with pytest.raises(KitError, match="of their own"):
            made("WY", name)
    assert {one.name for one in tmp_path.iterdir()} == {"file", "work"}
    assert (tmp_path / "file").is_file()


def test_a_folder_under_another_name_is_the_folder(made, tmp_path):
    """A link to a folder stays a link, and the letters are where it leads."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    made("WY", "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "index.csv").is_file()
    assert {one.name for one in tmp_path.iterdir()} == {"link", "there"}


@pytest.mark.parametrize(
    ("place", "options", "refused"),
    [
        ("Wyomin", {}, (PlaceError, "Wyoming")),
        ("Exampleville", {}, (PlaceError, "not a place")),
        ("Exampleville, CA", {}, (PlaceError, "California")),
        ("Springfield", {}, (PlaceError, "may be any")),
        ("WY", {"top": 0}, (ParameterError, "--top")),
        ("WY", {"as_of": "06.02.2020"}, (ParameterError, "--as-of")),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_written(made, tmp_path, place, options, refused):
    """Place, number and day are checked first; no folder is left."""
    error, words = refused
    with pytest.raises(error) as caught:
        made(place, **options)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_kit_requests_says_what_it_wrote(tmp_path):
    """The command: where, how many of how many, what is next; an error is three lines and exit code 2."""
    line = [sys.executable, "-m", "kit", "requests"]
    done = subprocess.run(
        [*line, "WY", "--out", "my letters"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Wyoming: 1 letter, of 1 agency" in done.stdout
    assert "my letters" in done.stdout
    assert rows_of(tmp_path / "my letters" / "index.csv")[0]["agency"] == "Shoshoni Police Department"
    wrong = subprocess.run([*line, "Wyomin"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert wrong.returncode == 2
    assert len(wrong.stderr.splitlines()) == 3


def test_the_columns_stand_in_the_dictionary():
    """Each column of what is written is explained in data/README.md."""
    text = (ROOT / "data/README.md").read_text(encoding="utf-8")
    for column in {*ASKED_COLUMNS, *LEFT_COLUMNS}:
        assert column in text, column
