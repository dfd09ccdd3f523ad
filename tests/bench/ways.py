"""What a process that is measured does to make the pages of states: `ways.py WAY NOTEBOOK OUT STATE...`.

The kit that it loads is the one that PYTHONPATH names, so that the kit of another day can be measured too. Prints
seconds of CPU, those of children with them: what went before the first state, with all loaded, and for exports.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

TIMES = 10
JOBS = 2


def cells(notebook, out, states):
    """Run the cells in this process, with no Jupyter: what each shows is turned to text as a kernel would."""
    return _in_one_process(notebook, out, states, lambda _folder, _ran: None)


def cells_and_page(notebook, out, states):
    """Run the cells likewise, and make the page of what they show."""
    from kit.report import write_page

    def finish(folder, ran):
        said = json.dumps({"cells": ran, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        (folder / "notebook.ipynb").write_text(said, encoding="utf-8")
        write_page(folder)

    return _in_one_process(notebook, out, states, finish)


def _in_one_process(notebook, out, states, finish):
    import kit

    for name in kit.__all__:
        getattr(kit, name)
    kit.resolve_lists(kit.load_lists())
    loaded = cpu()
    for state in states:
        finish(_folder(out, state), _run_cells(notebook, state))
    return {"loaded": loaded}


def _run_cells(notebook, state):
    ran = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    shown = []
    names = {"__name__": "__main__", "display": lambda *those: shown.extend(map(_as_text, those))}
    for cell in ran:
        if cell["cell_type"] != "code":
            continue
        _run_cell("".join(cell["source"]), names, shown)
        if "parameters" in cell["metadata"].get("tags", []):
            names["state"] = state
        outputs = [{"output_type": "display_data", "metadata": {}, "data": data} for data in shown]
        cell.update(outputs=outputs, execution_count=1)
        shown.clear()
    return ran


def _run_cell(source, names, shown):
    """Run a cell, and show its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102  (the kit's own notebook)
    if last:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307  (likewise)
        shown += [] if value is None else [_as_text(value)]


def _as_text(value):
    html = getattr(value, "_repr_html_", None)
    return {"text/plain": repr(value)} | ({"text/html": html()} if html else {})


def loop(notebook, out, states):
    """Run the notebook by papermill, a kernel for each state in turn, and export each by nbconvert's command."""
    import papermill

    loaded, exported = cpu(), 0.0
    for state in states:
        made = _folder(out, state) / "notebook.ipynb"
        papermill.execute_notebook(
            notebook,
            made,
            {"state": state},
            cwd=notebook.parent,
            progress_bar=False,
            extra_arguments=["--log-level=ERROR"],
        )
        before = cpu()
        convert(made)
        exported += cpu() - before
    return {"loaded": loaded, "exported": exported}


def convert(notebook):
    """Write nbconvert's default page beside a notebook."""
    command = [str(Path(sys.executable).with_name("jupyter")), "nbconvert", "--to", "html", "--log-level=ERROR"]
    subprocess.run([*command, str(notebook)], check=True, stdout=subprocess.DEVNULL)
    return notebook.with_suffix(".html")


def ploomber(notebook, out, states):
    """Run the notebook by ploomber-engine, all in this process; it is told not to report to its makers."""
    os.environ["PLOOMBER_STATS_ENABLED"] = "false"
    from ploomber_engine import execute_notebook

    loaded = cpu()
    for state in states:
        made = _folder(out, state) / "notebook.ipynb"
        execute_notebook(notebook, made, parameters={"state": state}, cwd=str(notebook.parent), progress_bar=False)
    return {"loaded": loaded}


def tenfold(_notebook, out, states):
    """Make the page of each state ten times in one batch, each time in a folder of its own."""
    from kit.kernels import one_thread

    one_thread()
    from kit import batch
    from kit.pool import Place
    from kit.runs import make_all

    find = batch.find_subject

    def find_one(asked):
        state, _, number = asked.partition("#")
        subject = find(state)
        return replace(subject, slug=f"{subject.slug}-{number}")

    batch.find_subject = find_one  # the processes that are forked off have it too
    asked = [f"{state}#{number}" for number in range(TIMES) for state in states]
    outcomes = make_all([Place(one, find_one(one)) for one in asked], out, force=True, jobs=JOBS)
    return {"made": sum(outcome.status == "made" for outcome in outcomes)}


def _folder(out, state):
    """Make the folder of a state, and have the cells write there."""
    folder = out / state
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["KIT_FOLDER"] = str(folder)
    return folder


def cpu():
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main():
    _, way, notebook, out, *states = sys.argv
    make = {one.__name__: one for one in (cells, cells_and_page, loop, ploomber, tenfold)}[way]
    print(json.dumps(make(Path(notebook), Path(out), states)))


if __name__ == "__main__":
    main()
