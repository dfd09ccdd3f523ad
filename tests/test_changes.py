"""A page made again says what its numbers were: old and new side by side, and first what no longer holds."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat import v4

from kit.batch import make_page
from kit.page.changes import NAME, Names, read_changes
from kit.report import write_page

if TYPE_CHECKING:
    from pathlib import Path

LIST = "exampleville-2025-03-11-vigilant"
OWNER = {"id": LIST, "owner": "Exampleville Police Department", "date": "2025-03-11", "sha256": "5e" * 32}
NAMES = ["Alder PD", "Birch PD", "Cedar PD"]


def finding(name: str, count: int, **said: Any) -> dict[str, Any]:
    """Give a finding that counts the first rows of the list."""
    made = {"id": name, "label": name, "value": count, "low": count, "high": count, "unit": "agencies"}
    return made | {"rows": [f"{LIST}:{number}" for number in range(1, count + 1)], "caveats": [], **said}


def write_folder(folder: Path, findings: list[dict[str, Any]], partners: list[str], **said: Any) -> Path:
    """Write the three files of a place."""
    folder.mkdir()
    plain = {"place": "Exampleville", "as_of": "2025-03-11", "lists": [OWNER], "findings": findings} | said
    (folder / "findings.json").write_text(json.dumps(plain), encoding="utf-8")
    lines = [f"{LIST}:{at},{LIST},{name},shares_with,detections,p1,CA,certain" for at, name in enumerate(partners, 1)]
    head = "row_id,list_id,partner,direction,data,page,state,status"
    (folder / "sharing.csv").write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    book = v4.new_notebook(cells=[v4.new_markdown_cell("# Who shares?", id="a")])
    nbformat.write(book, folder / "notebook.ipynb")
    return folder


def place(folder: Path, counted: int, *, partners: list[str] = NAMES, **said: Any) -> Path:
    """Write the folder of a place whose one headline number counts the first rows."""
    sentence = f"Exampleville shared with {counted} agencies."
    made = [finding("shared", counted, sentence=sentence, label="agencies in all"), finding("first", 1)]
    return write_folder(folder, made, partners, headline=["shared"], **said)


def words(page: Path) -> str:
    """Give the text of a page without its files and tags."""
    text = re.sub(r'href="data:[^"]*"|<style>.*?</style>|<script>.*?</script>', "", page.read_text(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_a_first_run_has_nothing_to_compare(tmp_path: Path) -> None:
    """Neither a former folder that is not there nor one that is broken makes a change."""
    page = write_page(place(tmp_path / "new", 3), tmp_path / "former")
    assert not (tmp_path / "new" / NAME).exists()
    assert "What changed since the last run" not in words(page)
    place(tmp_path / "broken", 2)
    (tmp_path / "broken" / "findings.json").write_text("{", encoding="utf-8")
    write_page(tmp_path / "new", tmp_path / "broken")
    assert not (tmp_path / "new" / NAME).exists()


def test_old_and_new_stand_side_by_side(tmp_path: Path) -> None:
    """The number, what it was, what it is, and the agency that it counts now; other numbers are not named."""
    page = write_page(place(tmp_path / "new", 3), place(tmp_path / "former", 2))
    (run,) = read_changes(tmp_path / "new")
    (number,) = run.numbers
    assert (number.id, number.was, number.now) == ("shared", "2", "3")
    assert (number.went, number.came) == (Names(), Names(("Cedar PD",)))
    assert '<th scope="row">Agencies in all<td class="number">2<td class="number"><a class="n"' in page.read_text()
    assert "the way of counting changed" in words(page)


def test_what_no_longer_holds_is_said_first(tmp_path: Path) -> None:
    """Before the glance, in the former words; beside the number in the glance and the ledger, what it was."""
    page = write_page(place(tmp_path / "new", 3), place(tmp_path / "former", 2))
    said = words(page)
    assert said.index("What no longer holds The last run said:") < said.index("3 was 2 Exampleville")
    assert "Exampleville shared with 2 agencies. Now: Exampleville shared with 3 agencies." in said
    assert "was 2 in the last run" in said


def test_a_headline_in_other_words_still_holds(tmp_path: Path) -> None:
    """A number that the page no longer leads with, or that is said in other words, is no correction."""
    former = place(tmp_path / "former", 3)
    made = [finding("shared", 3, sentence="In all, 3 agencies get the data."), finding("first", 1)]
    page = write_page(write_folder(tmp_path / "new", made, NAMES, headline=["first"]), former)
    assert "What no longer holds" not in words(page)
    assert not (tmp_path / "new" / NAME).exists()


def test_a_headline_that_is_gone_is_said(tmp_path: Path) -> None:
    """A number that the page has no more is said to be gone."""
    former = place(tmp_path / "former", 3)
    page = write_page(write_folder(tmp_path / "new", [finding("first", 1)], NAMES), former)
    assert "This page no longer has that number." in words(page)
    assert "not on this page" in words(page)


def test_the_same_number_of_other_agencies_is_a_change(tmp_path: Path) -> None:
    """A count that stays while one agency goes and another comes is told, and breaks no headline."""
    former = place(tmp_path / "former", 3)
    page = write_page(place(tmp_path / "new", 3, partners=["Alder PD", "Birch PD", "Dogwood PD"]), former)
    (run,) = read_changes(tmp_path / "new")
    assert [(one.went.names, one.came.names) for one in run.numbers] == [(("Cedar PD",), ("Dogwood PD",))]
    assert not run.broken
    assert {(one.name, one.was[:2], one.now[:2]) for one in run.placings} == {
        ("Cedar PD", "CA", ""),
        ("Dogwood PD", "", "CA"),
    }
    assert "not read" in words(page)


def test_a_row_read_at_another_place_is_the_same_row(tmp_path: Path) -> None:
    """A reader that finds one row more moves the others along: they are not changes."""
    former = place(tmp_path / "former", 3)
    new = place(tmp_path / "new", 3, partners=["Aspen PD", *NAMES])
    said = json.loads((new / "findings.json").read_text())
    said["findings"][0]["rows"] = [f"{LIST}:{number}" for number in (2, 3, 4)]
    said["findings"][1]["rows"] = [f"{LIST}:2"]
    (new / "findings.json").write_text(json.dumps(said), encoding="utf-8")
    write_page(new, former)
    assert not (new / NAME).exists(), "a row that no number counts is no change either"


def test_the_reasons_are_told(tmp_path: Path) -> None:
    """A record added, one that is gone, one whose file is another, a parameter, a name that a ruling placed."""
    former = place(tmp_path / "former", 2, lists=[OWNER, {"id": "a", "owner": "Old PD", "date": ""}])
    lists = [OWNER | {"sha256": "6f" * 32}, {"id": "b", "owner": "New PD", "date": "2026-01-02"}]
    new = place(tmp_path / "new", 3, lists=lists)
    table = (new / "sharing.csv").read_text().splitlines()
    table[2] = table[2].replace(",CA,", ",CT,")
    (new / "sharing.csv").write_text("\n".join([*table, ""]), encoding="utf-8")
    book = json.loads((new / "notebook.ipynb").read_text())
    cell = {"cell_type": "code", "id": "p", "metadata": {"tags": ["injected-parameters"]}, "execution_count": 1}
    book["cells"].insert(1, cell | {"source": 'definition = "statute"', "outputs": []})
    (new / "notebook.ipynb").write_text(json.dumps(book), encoding="utf-8")
    said = words(write_page(new, former))
    for reason in (
        "Record added: New PD, Jan. 2, 2026",
        "Record no longer here: Old PD, no date",
        "Record read from another file: Exampleville Police Department, March 11, 2025",
        "definition: not given before, &#34;statute&#34; now",
        "Birch PD Exampleville Police Department, March 11, 2025 CA, certain CT, certain",
    ):
        assert reason in said, reason


def test_the_same_inputs_keep_the_same_bytes(tmp_path: Path) -> None:
    """Made again from the same, the page still tells of the last run that differed; a new change comes before it."""
    write_page(place(tmp_path / "2", 2), place(tmp_path / "1", 1))
    write_page(place(tmp_path / "2 again", 2), tmp_path / "2")
    for name in (NAME, "report.html"):
        assert (tmp_path / "2 again" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    page = write_page(place(tmp_path / "3", 3), tmp_path / "2 again")
    assert [run.numbers[0].was for run in read_changes(tmp_path / "3")] == ["2", "1"]
    assert words(page).count("Numbers that changed then") == 1


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """A name that is a script is a name in changes.json and on the page."""
    evil = "</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"
    former = place(tmp_path / "former", 3, partners=[evil, "Birch PD", "Cedar PD"])
    html = write_page(place(tmp_path / "new", 3, as_of=evil), former).read_text()
    assert "<img" not in html
    assert "{{ 7 * 7 }}" in html


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": [{}]}', '{"runs": 5}'])
def test_a_broken_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    """A changes.json that is not whole stops no page."""
    former = place(tmp_path / "former", 3)
    (former / NAME).write_text(text, encoding="utf-8")
    write_page(place(tmp_path / "new", 3), former)
    assert not (tmp_path / "new" / NAME).exists()


def test_a_place_made_again_says_what_changed(wyoming: Path, tmp_path: Path) -> None:
    """`kit report` over a former folder: the number as it was, the name as it was placed; once more, the same bytes."""
    former = tmp_path / "figures" / wyoming.name
    shutil.copytree(wyoming, former)
    said = json.loads((former / "findings.json").read_text(encoding="utf-8"))
    other = next(one for one in said["findings"] if one["id"] == "named")
    is_now, other["text"] = other["text"], "12,345"
    (former / "findings.json").write_text(json.dumps(said), encoding="utf-8")
    folder = make_page("WY", None, tmp_path / "figures").parent
    (run,) = read_changes(folder)
    assert [(one.id, one.was, one.now) for one in run.numbers] == [("named", "12,345", is_now)]
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    make_page("WY", None, tmp_path / "figures")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
