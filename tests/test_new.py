"""A reporter's own copy of a notebook, and the page made of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import v4, write

from kit import batch
from kit.batch import find_subject, make_page, parameters
from kit.copies import KINDS, copy_notebook
from kit.errors import KitError, ParameterError, PlaceError, RunError

ROOT = Path(__file__).resolve().parent.parent
RECORD = "irvine-2025-02-11-a1-a4"
OWNER = "Orange County Sheriffs Department"


@pytest.fixture
def notebooks(tmp_path, monkeypatch) -> Path:
    """Give a folder with the kit's notebooks that copies may be written to."""
    folder = tmp_path / "a folder with spaces" / "notebooks"
    folder.mkdir(parents=True)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    monkeypatch.setattr(batch, "NOTEBOOKS", folder)
    return folder


def test_every_notebook_can_be_copied():
    """None is left out, and each has an example."""
    assert set(KINDS) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize(
    ("kind", "about", "name", "filled"),
    [
        ("state", "TX", "texas", ("state", "TX")),
        ("state", "New York", "new-york", ("state", "NY")),
        ("city", "Oakland, CA", "oakland-ca", ("city", "Oakland, CA")),
        ("record", RECORD, RECORD, ("list_id", RECORD)),
        ("changes", OWNER.lower(), "changes-orange-county-sheriffs-department", ("owner", OWNER)),
        ("nation", "", "united-states", ("as_of", "")),
    ],
)
def test_the_copy_is_the_notebook_with_its_parameter_filled_in(notebooks, kind, about, name, filled):
    """Nothing else differs, to the byte."""
    path = copy_notebook(kind, about)
    assert path == notebooks / "mine" / f"{name}.ipynb"
    parameter, value = filled
    assert {one.name: one.default for one in parameters(path)}[parameter] == value
    was, now = ((notebooks / f"{kind}.ipynb").read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))
    lines = [(old, new) for old, new in zip(was.splitlines(), now.splitlines(), strict=True) if old != new]
    assert all(f"{parameter}: str = " in new for _, new in lines)
    assert len(lines) <= 1


def test_what_a_reporter_wrote_is_never_written_over(notebooks):
    """The second time is an error, and the notebook is as it was."""
    path = copy_notebook("state", "TX")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match="left as it is"):
        copy_notebook("state", "Texas")
    assert path.read_text(encoding="utf-8") == "mine"
    assert [one.name for one in (notebooks / "mine").iterdir()] == ["texas.ipynb"]


@pytest.mark.parametrize(
    ("kind", "about", "error", "says"),
    [
        ("stat", "TX", ParameterError, 'Did you mean "state"?'),
        ("state", "", ParameterError, "For example: kit new state TX"),
        ("city", "TX", ParameterError, 'Try: kit new state "TX"'),
        ("nation", "TX", ParameterError, 'Try: kit new state "TX"'),
        ("state", "Californa", PlaceError, 'Did you mean "California"?'),
        ("record", RECORD[:-1], PlaceError, ""),
        ("state", "state.ipynb", RunError, "There is no such notebook."),
    ],
)
def test_what_cannot_be_copied_is_said_in_three_lines(notebooks, kind, about, error, says):
    """And nothing is written."""
    with pytest.raises(error) as said:
        copy_notebook(kind, about)
    assert len(str(said.value).splitlines()) == 3
    assert says in str(said.value)
    assert not (notebooks / "mine").exists()


def own(path: Path, *code: str) -> Path:
    """Write a notebook of these cells, the first of which has the parameters."""
    cells = [v4.new_code_cell(one, id=f"c{number}") for number, one in enumerate(code)]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    write(v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def test_the_page_of_ones_own_notebook_stands_beside_the_kits(notebooks, tmp_path):
    """Run as it is, in its own folder, with what was changed in it; no name of a folder gets out."""
    path = copy_notebook("record", RECORD)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = ["# What Irvine told me\n"]
    notebook["cells"][2]["source"].append("\nopen('my notes.txt').read()")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (notebooks / "mine" / "my notes.txt").write_text("mine", encoding="utf-8")
    page = make_page(str(path), None, tmp_path / "figures")
    assert page == tmp_path / "figures" / f"mine-{RECORD}" / "report.html"
    assert [one.name for one in (tmp_path / "figures").iterdir() if not one.name.startswith(".")] == [page.parent.name]
    text = page.read_text(encoding="utf-8")
    assert "What Irvine told me" in text
    assert str(tmp_path) not in text
    assert json.loads((page.parent / "findings.json").read_text(encoding="utf-8"))["findings"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("gone.ipynb", None, "There is no such notebook."),
        ("words.ipynb", b"not JSON", "This is no notebook, or a damaged one."),
        ("bytes.ipynb", b"\xff\xfe\x00", "This is no notebook, or a damaged one."),
        ("empty.ipynb", b"", "This is no notebook, or a damaged one."),
        ("list.ipynb", b"[]", "This is no notebook, or a damaged one."),
        ("object.ipynb", b"{}", "This is no notebook, or a damaged one."),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path, name, text, says):
    """Before a kernel starts."""
    if text is not None:
        (tmp_path / name).write_bytes(text)
    with pytest.raises(RunError) as said:
        find_subject(str(tmp_path / name))
    assert len(str(said.value).splitlines()) == 3
    assert says in str(said.value)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (["state: str = 'TX'", "print(1)"], "saves no findings"),
        (["state: str = 'TX'", "# ledger.save(title, limits)"], "saves no findings"),
        (["state: str = ", "ledger.save(title, limits)"], "parameters cell cannot be read"),
        (["state: str = find()", "ledger.save(title, limits)"], "parameters cell cannot be read"),
    ],
)
def test_a_notebook_without_what_a_page_needs_is_refused(tmp_path, code, says):
    """It is said what is missing."""
    path = own(tmp_path / "mine.ipynb", *code)
    with pytest.raises(KitError) as said:
        make_page(str(path), {"state": "CA"}, tmp_path / "figures")
    assert len(str(said.value).splitlines()) == 3
    assert says in str(said.value)
    assert not (tmp_path / "figures").exists()


def test_a_notebook_without_parameters_cell_is_refused(tmp_path):
    """The tag is what tells it."""
    path = own(tmp_path / "mine.ipynb", "state: str = 'TX'", "ledger.save(title, limits)")
    path.write_text(path.read_text(encoding="utf-8").replace('"parameters"', '"other"'), encoding="utf-8")
    with pytest.raises(RunError, match="no parameters cell"):
        find_subject(str(path))


@pytest.mark.parametrize("words", [("new", "stat", "TX"), ("new", "state"), ("report", "gone.ipynb")])
def test_the_command_says_it_in_three_lines(words, tmp_path):
    """On standard error, with exit code 2."""
    said = subprocess.run(
        [sys.executable, "-m", "kit", *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 3
    assert "Traceback" not in said.stderr
