"""Places x notebook -> papermill runs: parameters checked first, a folder published whole or not at all."""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kit.errors import ParameterError, RunError, did_you_mean
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

    PlaceError, with what comes near, where it is none of them.
    """
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
                "changes-" + "-".join(re.findall(r"[a-z0-9]+", line["owner"].lower())),
            )
    place = find_state_or_place(text)
    if isinstance(place, State):
        return Subject("state.ipynb", "state", place.code, place.slug)
    return Subject("city.ipynb", "city", place.title, place.slug)


def _kept_lists() -> list[dict[str, str]]:
    with (LISTS / "sources.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_page(subject: str, given: Mapping[str, str] | None = None, figures: Path | None = None) -> Path:
    """Run the notebook for a state, city or list and write its folder under `figures`; give the path of the page.

    PlaceError, ParameterError before a kernel starts; RunError where the notebook stops. The folder is
    made aside and moved into place, so that what stands there is the former page or the new one.
    """
    about = find_subject(subject)
    notebook = NOTEBOOKS / about.notebook
    values = check_parameters(
        notebook, {about.parameter: about.value} | dict(given or {}) if about.parameter else given or {}
    )
    made_from = inputs(notebook, values)
    figures = figures or FIGURES
    aside = figures / f".{about.slug}.part"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _run(notebook, aside / "notebook.ipynb", values)
        from kit.report import write_page

        write_page(aside, figures / about.slug)
        write_manifest(aside, notebook, values, made_from)
        _publish(aside, figures / about.slug)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return figures / about.slug / "report.html"


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
    cells = [cell for cell in _read(notebook).cells if "parameters" in cell.metadata.get("tags", [])]
    lines = ast.parse(cells[0].source).body if cells else []
    return [
        Parameter(line.target.id, ast.unparse(line.annotation), ast.literal_eval(line.value))
        for line in lines
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
    ]


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


def _read(notebook: Path) -> NotebookNode:
    import nbformat

    try:
        read: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError as cause:
        msg = "The notebook is not there."
        raise RunError(msg, notebook.name, "Get it back: git restore notebooks") from cause
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as cause:
        msg = "The notebook is damaged."
        raise RunError(msg, notebook.name, "Get it back: git restore notebooks") from cause
    return read


def _run(notebook: Path, out: Path, values: dict[str, object]) -> None:
    """Run a notebook in a kernel of its own and keep it without clock, path or random id."""
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError

    with (
        TemporaryDirectory(prefix="kit-") as own,
        _environment(KIT_FOLDER=str(out.parent), PYDEVD_DISABLE_FILE_VALIDATION="1"),
    ):
        try:
            done = papermill.execute_notebook(
                notebook,
                None,
                values,
                kernel_name="python3",
                cwd=NOTEBOOKS,
                progress_bar=_progress(),
                config=_local_only(Path(own)),
                extra_arguments=["--log-level=CRITICAL"],  # it logs the interrupt that ends every kernel
            )
        except papermill.PapermillExecutionError as cause:
            raise _stopped(cause, notebook) from cause
        except DeadKernelError as cause:
            msg = "The notebook stopped: its kernel died, most often for want of memory."
            raise RunError(msg, notebook.name, "Close other programs and make the page again.") from cause
    nbformat.write(_plain(done), out)  # type: ignore[no-untyped-call]


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
    do = lines[-1] if len(lines) > 1 else "Open the notebook in JupyterLab (make lab) and run it to that cell."
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
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return done


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


def _publish(aside: Path, folder: Path) -> None:
    """Move a finished folder into the place of the former one; letters that stood there (`kit requests`) stay."""
    former = folder.with_name(f".{folder.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.replace(former)
    aside.replace(folder)
    if (letters := former / "requests").is_dir():
        letters.replace(folder / "requests")
    shutil.rmtree(former, ignore_errors=True)
