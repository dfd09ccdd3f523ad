"""The table of the article's moves in data/README.md names only what is there."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
import typer

from kit.cli import app

ROOT = Path(__file__).resolve().parent.parent
STANDS = {"done", "partly", "not done"}
_REFERENCE = re.compile(r"`([^`]+)`")


def _rows() -> list[list[str]]:
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    lines = text.partition("## Appendix: the thirty moves")[2].splitlines()
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if re.match(r"\| \d", line)]


ROWS = _rows()


def _code() -> str:
    """Give the code that makes findings: the notebooks' cells and the sentences of the kit."""
    books = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    cells = ["".join(cell["source"]) for book in books for cell in book["cells"] if cell["cell_type"] == "code"]
    return "\n".join([*cells, (ROOT / "kit" / "story.py").read_text(encoding="utf-8")])


def _is_there(named: str) -> bool:
    """Tell whether a reference is to something that is there: a finding, a notebook, a table, a command, a function."""
    if named.endswith("*"):
        start = named.rstrip("*")
        # `receives-only.LIST` is made of a word of a table; `kind.ROW.COLUMN` by a crosstab.
        return bool(re.search(rf'"{re.escape(start)}|"{re.escape(start.rstrip("."))}"', _code()))
    if named.endswith(".ipynb"):
        return (ROOT / "notebooks" / named).is_file()
    if named.startswith("data/"):
        return (ROOT / named).is_file()
    if named.startswith("kit "):
        return named.removeprefix("kit ") in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    module, _, function = named.partition(".")
    return not function or hasattr(importlib.import_module(f"kit.{module}"), function)


def test_each_of_the_thirty_moves_has_a_row() -> None:
    """Thirty rows in order, each with what it is and whether it is done."""
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 31)]
    assert {len(row) for row in ROWS} == {4}
    assert {row[2] for row in ROWS} <= STANDS


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_move_names_what_is_there(row: list[str]) -> None:
    """Findings are made by a notebook or a sentence; notebooks, tables, commands and functions exist."""
    named = [one for one in _REFERENCE.findall(row[3]) if one != "press"]
    assert [one for one in named if not _is_there(one)] == []
    assert named or row[2] == "not done" or "every page" in row[3]


def test_what_is_not_there_is_noticed() -> None:
    """A finding that nothing makes, a command, a table and a function that are not there."""
    for missing in ("unheard-of.*", "kit nothing", "data/nothing.csv", "pathways.nothing", "nothing.ipynb"):
        assert not _is_there(missing)


def test_california_has_the_findings_of_the_state_page(california: Path) -> None:
    """Each finding that a row names on the state's page stands on California's."""
    said = json.loads((california / "findings.json").read_text(encoding="utf-8"))
    ids = [finding["id"] for finding in said["findings"]]
    of_the_state = [row[3].partition("; `nation.ipynb`")[0] for row in ROWS if row[3].startswith("`state.ipynb`")]
    starts = {one.rstrip("*") for where in of_the_state for one in _REFERENCE.findall(where) if one.endswith("*")}
    assert len(starts) >= 12
    assert [start for start in sorted(starts) if not any(name.startswith(start) for name in ids)] == []
