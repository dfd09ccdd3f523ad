"""A page is made whole or not at all, and a wrong parameter is refused before a kernel starts."""

from __future__ import annotations

import json

import pytest

from kit import batch
from kit.batch import NOTEBOOKS, check_parameters, make_page, parameters
from kit.errors import ParameterError, PlaceError, RunError

STATE = NOTEBOOKS / "state.ipynb"


@pytest.fixture
def no_kernel(monkeypatch):
    """Fail the test if a kernel is started."""

    def refuse(*_args):
        pytest.fail("a kernel was started")

    monkeypatch.setattr(batch, "_run", refuse)


def test_the_parameters_of_the_notebook_are_typed():
    """Name, type and default are read without running anything."""
    assert [(p.name, p.type, p.default) for p in parameters(STATE)] == [
        ("state", "str", "CA"),
        ("definition", "str", "any"),
    ]


@pytest.mark.usefixtures("no_kernel")
def test_an_unknown_parameter_is_refused(tmp_path):
    """With the nearest name that there is."""
    with pytest.raises(ParameterError) as error:
        make_page("CA", {"stat": "IL"}, tmp_path)
    assert 'Did you mean "state"?' in str(error.value)
    assert len(str(error.value).splitlines()) == 3


@pytest.mark.usefixtures("no_kernel")
def test_an_unknown_place_is_refused(tmp_path):
    """And nothing is written."""
    with pytest.raises(PlaceError):
        make_page("Californa", None, tmp_path)
    assert not list(tmp_path.iterdir())


def notebook(tmp_path, cell: str, parameter: str = 'state: str = "CA"'):
    cells = [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {"tags": ["parameters"]},
            "source": parameter,
            "outputs": [],
            "execution_count": None,
        },
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": cell,
            "outputs": [],
            "execution_count": None,
        },
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "state.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.mark.parametrize(
    ("parameter", "given", "value"),
    [
        ('state: str = "CA"', "06", "06"),
        ("year: int = 2020", "2018", 2018),
        ("share: float = 0.5", "0.25", 0.25),
        ("all_rows: bool = False", "true", True),
    ],
)
def test_text_becomes_the_type_of_the_cell(tmp_path, parameter, given, value):
    """`06` stays text where the cell says text."""
    name = parameter.split(":")[0]
    assert check_parameters(notebook(tmp_path, "", parameter), {name: given}) == {name: value}


@pytest.mark.parametrize(("parameter", "given"), [("year: int = 2020", "twenty"), ("all_rows: bool = False", "2")])
def test_a_wrong_type_is_refused(tmp_path, parameter, given):
    """Before a kernel starts, and with an example."""
    name = parameter.split(":")[0]
    with pytest.raises(ParameterError, match=f"takes {parameter.split(':')[1].split('=')[0].strip()}"):
        check_parameters(notebook(tmp_path, "", parameter), {name: given})


@pytest.mark.parametrize("cell", ["1/0", "import os; os._exit(1)", "from kit import find_state\nfind_state('Nowhere')"])
def test_a_notebook_that_stops_leaves_the_former_page(tmp_path, monkeypatch, cell):
    """Three lines on why; the page that was there is there still; nothing half-made stays."""
    figures = tmp_path / "figures"
    (figures / "california").mkdir(parents=True)
    (figures / "california" / "report.html").write_text("the former page")
    notebook(tmp_path, cell)
    monkeypatch.setattr(batch, "NOTEBOOKS", tmp_path)
    with pytest.raises(RunError) as error:
        make_page("CA", None, figures)
    assert len(str(error.value).splitlines()) == 3
    assert [path.name for path in figures.iterdir()] == ["california"]
    assert (figures / "california" / "report.html").read_text() == "the former page"


def test_the_folder_holds_what_the_readme_says(california):
    """The page, the notebook as it ran, the findings, the rows, and each drawing as SVG and PNG."""
    names = {path.name for path in california.iterdir()}
    assert {
        "report.html",
        "notebook.ipynb",
        "findings.json",
        "sharing.csv",
        "counties.svg",
        "counties.png",
    } <= names
    assert {name[:-4] for name in names if name.endswith(".svg")} == {
        name[:-4] for name in names if name.endswith(".png")
    }


def test_californias_numbers(california):
    """149 and 295 shared, ranges that hold 146 and 116, four DHS units then and none now, 182 and 36."""
    said = json.loads((california / "findings.json").read_text(encoding="utf-8"))
    found = {finding["id"]: finding for finding in said["findings"]}
    old, new = (f"orange-county-sheriff-{date}-vigilant" for date in ("2020-02-06", "2025-03-11"))
    assert (found[f"shared.{old}"]["value"], found[f"shared.{new}"]["value"]) == (295, 149)
    assert 108 <= found[f"here.{old}"]["low"] <= 116 <= found[f"here.{old}"]["high"] <= 119
    assert 139 <= found[f"here.{new}"]["low"] <= 146 <= found[f"here.{new}"]["high"] <= 147
    assert found[f"dhs.shares_with.{old}"]["value"] == 4
    assert found[f"dhs.shares_with.{new}"]["value"] == 0
    assert (found[f"change.dropped.{new}"]["value"], found[f"change.added.{new}"]["value"]) == (182, 36)
    for finding in said["findings"]:
        # A share, and the number of states, are worked out from rows and are not how many they are.
        assert finding["unit"] in {"percent", "states"} or len(set(finding["rows"])) == finding["high"]


def test_no_clock_path_or_user_is_in_the_folder(california):
    """What is published says nothing of the machine that made it."""
    for name in ("report.html", "notebook.ipynb", "findings.json", "sharing.csv"):
        text = (california / name).read_text(encoding="utf-8")
        assert str(california.parent) not in text
        assert str(NOTEBOOKS.parent) not in text
        assert "papermill" not in text.replace("papermill runs", "")


def test_the_same_input_gives_the_same_bytes(california, tmp_path):
    """Every file of the folder, made again, is the same to the byte."""
    again = make_page("CA", None, tmp_path).parent
    assert {path.name for path in again.iterdir()} == {path.name for path in california.iterdir()}
    different = [path.name for path in california.iterdir() if path.read_bytes() != (again / path.name).read_bytes()]
    assert not different


def test_a_state_that_no_list_names_has_a_page_that_says_so(wyoming):
    """It is not empty, tells what to ask for, and holds no zero that means unknown."""
    text = (wyoming / "report.html").read_text(encoding="utf-8")
    assert "none names an agency that is certainly there" in text
    assert "Agency Data Sharing Report" in text
    said = json.loads((wyoming / "findings.json").read_text(encoding="utf-8"))
    assert not [f for f in said["findings"] if f["id"].startswith("here.") and f["value"] == 0]
