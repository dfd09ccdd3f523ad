"""Places x notebook -> papermill runs: parameters checked first, a folder published whole or not at all."""

from __future__ import annotations

import ast
import csv
import errno
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import ParameterError, RunError, did_you_mean
from kit.folders import making, publish
from kit.manifest import inputs, write_manifest
from kit.places import State, find_state_or_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "data" / "lists"
NOTEBOOKS = ROOT / "notebooks"
FIGURES = ROOT / "figures"

_LONGEST_SOCKET = 80
"""Letters that the folder of a socket may have: systems take 104 or 108 in all."""
_LONGEST_FOLDER = 120
"""Letters that the name of a page's folder may have: systems take 255."""
_MOST_PRINTED = 100_000
"""Characters that are kept of what a cell prints."""
_OUTPUT_SECONDS = 60
"""Seconds within which what a cell showed must come after it ended, on a machine that has much to do too."""
_LARGEST = 50_000_000
"""Bytes that a notebook may have with all that its cells show."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_FULL = f"[Errno {errno.ENOSPC}]"
_MAKE_ROOM = "Make room on the disk, or get the right to write there, and make the page again."
_SAVES = re.compile(r"^ledger\.save\(", re.MULTILINE)
_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its type's name and the value that stands in the notebook."""

    name: str
    type: str
    default: object


@dataclass(frozen=True)
class Subject:
    """What a page is about: the notebook that tells it, the parameter that names it, the folder it goes to."""

    notebook: str
    parameter: str
    value: str
    slug: str


def find_subject(text: str) -> Subject:
    """Find what is meant: a state, a city, a list by its id, an owner of lists (what changed), `US` for all lists.

    Or a notebook of one's own by its path, which ends in .ipynb; RunError where it has not what a page needs.
    PlaceError, with what comes near, where it is none of them.
    """
    if text.endswith(".ipynb"):
        return _own(Path(text))
    if text.strip().upper() in {"US", "USA", "UNITED STATES"}:
        return Subject("nation.ipynb", "", "", "united-states")
    for line in _kept_lists():
        if text == line["list_id"]:
            return Subject("record.ipynb", "list_id", text, text)
        if text.casefold() == line["owner"].casefold():
            return Subject(
                "changes.ipynb",
                "owner",
                line["owner"],
                "-".join(["changes", *re.findall(r"[a-z0-9]+", line["owner"].lower())])[:_LONGEST_FOLDER].rstrip("-"),
            )
    place = find_state_or_place(text)
    if isinstance(place, State):
        return Subject("state.ipynb", "state", place.code, place.slug)
    return Subject("city.ipynb", "city", place.title, place.slug)


def _own(path: Path) -> Subject:
    """Find a reporter's own notebook, whose page stands beside the kit's and never in their place."""
    if not path.is_file():
        msg = "There is no such notebook."
        raise RunError(msg, str(path), "Check the name, or make one: kit new state TX")
    code = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    if not any("parameters" in cell.metadata.get("tags", []) for cell in code):
        msg = "The notebook has no parameters cell."
        raise RunError(msg, path.name, 'Give the cell that names its place the tag "parameters", even if it is empty.')
    if not any(_SAVES.search(cell.source) for cell in code):
        msg = "The notebook saves no findings, and a page is made of findings."
        raise RunError(msg, path.name, "Let its last cell call ledger.save(title, limits), as in the kit's notebooks.")
    words = "-".join(["mine", *re.findall(r"[^\W_]+", path.stem.lower())])
    return Subject(str(path.resolve()), "", "", words[:_LONGEST_FOLDER].rstrip("-"))


def _kept_lists() -> list[dict[str, str]]:
    with (LISTS / "sources.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_page(subject: str, given: Mapping[str, str] | None = None, figures: Path | None = None) -> Path:
    """Run the notebook for a state, city or list and write its folder under `figures`; give the path of the page.

    PlaceError, ParameterError before a kernel starts; RunError where the notebook stops, nothing can be written,
    or another process makes the same page for too long. The folder is made aside and put in place whole, with
    what others had put into the former one (`folders.publish`).
    """
    about = find_subject(subject)
    notebook = NOTEBOOKS / about.notebook
    values = check_parameters(
        notebook, {about.parameter: about.value} | dict(given or {}) if about.parameter else given or {}
    )
    folder = (figures or FIGURES) / about.slug
    try:
        with making(folder) as (aside, short_lived):
            made_from = inputs(notebook, values)
            _run(notebook, aside / "notebook.ipynb", values, short_lived)
            from kit.report import write_page

            write_page(aside, folder)
            write_manifest(aside, notebook, values, made_from)
            publish(aside, folder)
    except OSError as cause:
        what = f"The page could not be made: {cause.strerror or cause}."
        do = _MAKE_ROOM if cause.errno in _NO_ROOM else f"Make it again: kit report {about.value}"
        raise RunError(what, f"{folder.parent.name}/{folder.name}", do) from cause
    return folder / "report.html"


def folder_of(subject: str) -> Path:
    """Give the folder of a page; the page is made where it is not there yet."""
    folder = FIGURES / find_subject(subject).slug
    return folder if (folder / "findings.json").is_file() else make_page(subject).parent


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> dict[str, object]:
    """Check names and types against the notebook's parameters cell; ParameterError where one does not fit.

    Text is turned into the type that the cell states; where that is `str` it stays text (`06`).
    """
    known = {parameter.name: parameter for parameter in parameters(notebook)}
    values: dict[str, object] = {}
    for name, value in given.items():
        if name not in known:
            what = f'The notebook has no parameter "{name}".'
            hint = did_you_mean(name, known)
            raise ParameterError(what, notebook.name, f"It has: {', '.join(known)}.{hint}")
        values[name] = _typed(known[name], value, notebook)
    return values


def parameters(notebook: Path) -> list[Parameter]:
    """Read the parameters cell of a notebook: lines such as `state: str = "CA"`."""
    cells = [cell for cell in read_notebook(notebook).cells if "parameters" in cell.metadata.get("tags", [])]
    try:
        return [
            Parameter(line.target.id, ast.unparse(line.annotation), ast.literal_eval(line.value))
            for line in (ast.parse(cells[0].source).body if cells else [])
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
        ]
    except (SyntaxError, ValueError) as cause:
        msg = "The parameters cell cannot be read."
        raise RunError(msg, notebook.name, 'Its lines are a name, a type and a value: state: str = "TX"') from cause


def _typed(parameter: Parameter, value: object, notebook: Path) -> object:
    kind = _TYPES.get(parameter.type, str)
    try:
        if isinstance(value, kind):
            return value
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        return kind(str(value))
    except (KeyError, ValueError) as cause:
        what = f'The parameter "{parameter.name}" takes {parameter.type}, not "{value}".'
        raise ParameterError(what, notebook.name, f"For example: {parameter.name}={parameter.default}") from cause


def read_notebook(notebook: Path) -> NotebookNode:
    """Read a notebook file; RunError where it is not there or is none."""
    import nbformat

    try:
        read: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError as cause:
        msg = "The notebook is not there."
        raise RunError(msg, notebook.name, "Get it back: git restore notebooks") from cause
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as cause:
        msg = "This is no notebook, or a damaged one."
        raise RunError(
            msg, notebook.name, "Get it back: git restore notebooks, or make another copy: kit new"
        ) from cause
    return read


def _run(notebook: Path, out: Path, values: dict[str, object], short_lived: Path) -> None:
    """Run a notebook in a kernel of its own and keep it without clock, path or random id."""
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError

    from kit.kernels import chosen

    with _environment(KIT_FOLDER=str(out.parent), PYDEVD_DISABLE_FILE_VALIDATION="1", **chosen()):
        try:
            done = papermill.execute_notebook(
                notebook,
                None,
                values,
                kernel_name="python3",
                cwd=notebook.parent,
                progress_bar=_progress(),
                config=_local_only(short_lived),
                extra_arguments=["--log-level=CRITICAL"],  # it logs the interrupt that ends every kernel
                iopub_timeout=_OUTPUT_SECONDS,
            )
        except papermill.PapermillExecutionError as cause:
            raise _stopped(cause, notebook) from cause
        except RuntimeError as cause:  # of nbclient once the kernel runs, of jupyter_client while it starts
            msg = "The notebook stopped: its kernel died, most often for want of memory."
            raise RunError(msg, notebook.name, "Close other programs and make the page again.") from cause
        except CellTimeoutError as cause:
            msg = f"The notebook stopped: what a cell shows did not come within {_OUTPUT_SECONDS} seconds."
            raise RunError(msg, notebook.name, "Show less: the first rows of a table, a smaller picture.") from cause
    nbformat.write(_plain(done), out)  # type: ignore[no-untyped-call]
    if out.stat().st_size > _LARGEST:
        largest = max(
            (cell for cell in done.cells if cell.cell_type == "code"), key=lambda cell: len(str(cell.outputs))
        )
        what = f"What the notebook shows takes {out.stat().st_size / 1_000_000:,.0f} MB, too much for a page."
        where = f"{notebook.name}, cell {largest.execution_count}"
        raise RunError(what, where, "Show less in that cell: the first rows of a table, a smaller picture.")


def _local_only(folder: Path) -> Any:  # noqa: ANN401  (traitlets has no types)
    """Let the kernel be reached by files of this user and this run alone, not by a port, where the system can."""
    from traitlets.config import Config

    # Without a file of its own, jupyter_client takes sockets of one name in the folder for all kernels there.
    reached = {"connection_file": str(folder / "kernel.json")}
    by_file = os.name != "nt" and len(str(folder)) < _LONGEST_SOCKET
    return Config({"KernelManager": reached | {"transport": "ipc"} if by_file else reached})


def _progress() -> dict[str, object] | bool:
    """Show the cells as they run where somebody watches."""
    import sys

    return {"desc": "Running the notebook", "unit": "cell", "leave": False} if sys.stderr.isatty() else False


def _stopped(cause: Any, notebook: Path) -> RunError:  # noqa: ANN401  (papermill has no types)
    """Say in three lines why a notebook stopped; an error of the kit keeps its own lines."""
    cell = f"{notebook.name}, cell {cause.exec_count}"
    lines = str(cause.evalue).splitlines() or [""]
    look = "Open the notebook in JupyterLab (make lab) and run it to that cell."
    do = lines[-1] if len(lines) > 1 else _MAKE_ROOM if _FULL in lines[0] else look
    where = f"{cell}: {lines[1]}" if len(lines) > 2 else cell
    known = cause.ename.endswith("Error") and len(lines) > 1
    return RunError(lines[0] if known else f"The notebook stopped: {cause.ename}: {lines[0]}", where, do)


def _plain(done: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run: times, paths, random ids, the version of Python."""
    done.metadata.pop("papermill", None)
    done.metadata["language_info"] = {"name": "python"}
    for number, cell in enumerate(done.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if cell.cell_type == "code":  # a warning on stderr names a file of this run
            cell.outputs = [_cut(output) for output in cell.outputs if output.get("name") != "stderr"]
    return done


def _cut(output: NotebookNode) -> NotebookNode:
    """Keep of what was printed no more than a reader could take in, and say how much more it was."""
    more = len(output.text) - _MOST_PRINTED if output.output_type == "stream" else 0
    if more > 0:
        output.text = f"{output.text[:_MOST_PRINTED]}\n… {more:,} more characters were printed and are not kept.\n"
    return output


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while; a kernel takes them over."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
