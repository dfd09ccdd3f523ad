"""A reporter's own copy of a notebook, about one place: `kit new state TX`."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

from kit import batch
from kit.errors import ParameterError, RunError, did_you_mean

if TYPE_CHECKING:
    from nbformat import NotebookNode

MINE = "mine"
"""The folder of notebooks/ that the copies go to. It is not in git: a draft may name whom it must not yet name."""
KINDS = {
    "state": "TX",
    "city": '"Oakland, CA"',
    "record": "irvine-2025-02-11-a1-a4",
    "changes": '"Orange County Sheriffs Department"',
    "nation": "US",
}
"""The notebooks that can be copied, each with an example of what it is about."""


def copy_notebook(kind: str, about: str = "") -> Path:
    """Write a copy of the notebook `kind` with its parameter filled in to notebooks/mine; give its path.

    ParameterError for an unknown kind and for what is not of that kind, PlaceError for an unknown place, RunError
    where a notebook of the name is there already or none can be written.
    """
    subject = batch.find_subject(_asked(kind, about))
    if subject.notebook != f"{kind}.ipynb":
        other = Path(subject.notebook).stem
        do = f'Try: kit new {other} "{about}"' if other in KINDS else f"For example: kit new {kind} {KINDS[kind]}"
        raise ParameterError(f'"{about}" is nothing for the notebook {kind}.ipynb.', "kit new", do)
    notebook = batch.read_notebook(batch.NOTEBOOKS / subject.notebook)
    if subject.parameter:
        _fill(notebook, subject.parameter, subject.value)
    path = batch.NOTEBOOKS / MINE / f"{subject.slug}.ipynb"
    _write(notebook, path)
    return path


def _asked(kind: str, about: str) -> str:
    if kind not in KINDS:
        what = f'There is no notebook "{kind}" to copy.'
        raise ParameterError(what, "kit new", f"There are: {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
    if not about and kind != "nation":
        what = f"What is the notebook {kind}.ipynb to be about?"
        raise ParameterError(what, "kit new", f"For example: kit new {kind} {KINDS[kind]}")
    return about or KINDS[kind]


def _fill(notebook: NotebookNode, parameter: str, value: str) -> None:
    """Put a value into the parameters cell, where the default stands; what else is there stays to the letter."""
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    lines = cell.source.encode().splitlines(keepends=True)  # ast counts bytes
    for line in ast.parse(cell.source).body:
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == parameter and line.value:
            number, start, end = line.value.lineno - 1, line.value.col_offset, line.value.end_col_offset
            text = json.dumps(value, ensure_ascii=False).encode()
            lines[number] = lines[number][:start] + text + lines[number][end:]
    cell.source = b"".join(lines).decode()


def _write(notebook: NotebookNode, path: Path) -> None:
    import nbformat

    where = path.relative_to(batch.NOTEBOOKS.parent).as_posix()
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            nbformat.write(notebook, file)  # type: ignore[no-untyped-call]
    except FileExistsError as cause:
        msg = "You have a notebook of this name, and it is left as it is."
        raise RunError(msg, where, "Open it (make lab), or give it another name and try again.") from cause
    except OSError as cause:
        msg = f"The notebook cannot be written: {cause.strerror or cause}."
        raise RunError(msg, where, "Make room on the disk, or get the right to write there.") from cause
