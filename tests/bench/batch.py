"""What a batch costs, beside a papermill loop with nbconvert and beside the same cells with no Jupyter at all."""

from __future__ import annotations

import csv
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from filecmp import cmp
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import TYPE_CHECKING

from tests.bench.frame import ROOT, Pace, Run, Table, compared, interleaved, middle, run, tree_peak
from tests.bench.ways import JOBS, TIMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.bench.frame import Value

    Runs = Mapping[str, list[Run]]

WAYS = Path(__file__).with_name("ways.py")
BIN = Path(sys.executable).parent
# The last commit before pages were made in a pool, and the last before the cells were made faster.
BEFORE = os.environ.get("BENCH_BEFORE", "31aa29b")
STARTED = "ff3fdc2"
_ASKED = {BEFORE: ("at most", 0.5)}
SAMPLE = ("CA", "TX", "WY", "IL", "NV", "FL", "GA", "NY", "RI", "WA")
"""States of the parts that need not run all: large and small ones, with lists of their own and without."""
CONTENT = ("notebook.ipynb", "findings.json", "sharing.csv")
CHANGED = "buena-park-ca-2026-01-25-flock-portal"
NEW_NAME = "Exampleville NV PD"

_WHOLE = """\
{number} states, --jobs {jobs}. The floor is the notebook's code cells, run by exec in one process that has loaded kit,
tables and lists: it takes text/html and text/plain of all that a cell shows and writes the figures, tables and findings
that the cells write; it has no kernel, no papermill, no notebook file, no manifest, no index and, but where said,
no page. It is given whole, as a process from its start, and loaded, without what went before the first state.
The loop is papermill.execute_notebook to a file, each state in an ordinary kernel after the other, then the command
`jupyter nbconvert --to html` for each; the commands take {exported:.0f} of its {loop:.0f} CPU s. Rounds: {rounds};
the loop and the floor with the page in the first alone."""
_AGAIN = """\
Nothing changed: the same batch again, without --force. One changed list: a row for an invented agency of Nevada
("{name}") at the end of a list from California, in a copy of the kit; which pages that touches is told by making all
again with --force. {times} times: each state {times} times in one batch, each in its own folder."""
_CELLS = """\
The floor, loaded, of this kit and notebook against those of a commit, on {states}. Rounds: {rounds}. {notes}"""
_ONE = """\
By hand: the commands `papermill state.ipynb OUT -p state TX` and `jupyter nbconvert --to html OUT`. Memory: the most
that all processes of a run take at one time, shared pages counted once, looked up every 50 ms, on {states};
the batch with {jobs} workers, and its figure a worker. Rounds: {rounds}."""
_PLOOMBER = "ploomber-engine, which runs a notebook in its own process, not isolated, was not installed: not measured."


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of the kit with its data and notebooks, as they are or as they stood at a commit."""

    root: Path

    def kit(self, *arguments: str) -> tuple[str, ...]:
        """Give the command `kit` of this tree."""
        return self._here(str(BIN / "kit"), *arguments)

    def way(self, name: str, out: Path, states: tuple[str, ...]) -> tuple[str, ...]:
        """Give the command of a way to make states, with the kit and notebook of this tree."""
        return self._here(sys.executable, str(WAYS), name, str(self.notebook), str(out), *states)

    def batch(self, out: Path, states: tuple[str, ...], *more: str) -> tuple[str, ...]:
        """Give the command that makes a batch of states."""
        return self.kit("batch", "--plain", "--jobs", str(JOBS), "--states", ",".join(states), "--out", str(out), *more)

    def by_hand(self, out: Path, state: str) -> tuple[str, ...]:
        """Give the two commands that a person would type for one state."""
        out.mkdir(exist_ok=True)
        made, here = str(out / "by-hand.ipynb"), str(self.notebook.parent)
        run_it = [str(BIN / "papermill"), str(self.notebook), made, "-p", "state", state, "--cwd", here]
        export = [str(BIN / "jupyter"), "nbconvert", "--to", "html", "--log-level=ERROR", made]
        quiet = [*run_it, "--no-progress-bar", "--log-level", "ERROR"]
        command = f"{shlex.join(quiet)} && {shlex.join(export)}"
        return self._here("env", f"KIT_FOLDER={out}", "sh", "-c", command)

    @property
    def notebook(self) -> Path:
        """The notebook of a state."""
        return self.root / "notebooks" / "state.ipynb"

    def _here(self, *command: str) -> tuple[str, ...]:
        return ("env", f"PYTHONPATH={self.root}", *command)


def tree_now(root: Path) -> Tree:
    """Copy the kit as it is, so that what is changed meanwhile, or by the bench, changes no other."""
    for name, left in (("kit", ()), ("notebooks", ()), ("data", ("make", "records"))):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".*", *left))
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy2(ROOT / name, root)
    return Tree(root)


def tree_of(commit: str, root: Path) -> Tree | None:
    """Take the kit out of a commit; None where there is no such commit here."""
    command = ["git", "archive", commit, "kit", "data", "notebooks", "requirements.lock"]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        return None
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(root, filter="data")
    return Tree(root)


def measure(pace: Pace) -> Iterator[Table]:
    """Measure batches, table by table."""
    from kit.places import states

    places = pace.states or tuple(state.code for state in states())
    sample = tuple(state for state in SAMPLE if state in places)
    few = min(pace.rounds, 3)
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        out = Path(temporary)
        tree = tree_now(out / "now")
        whole = _in_turns(tree, out, places, few)
        yield _whole(whole, out, places)
        yield _cells(tree, out, sample, few)
        yield _one(tree, out, sample, pace.rounds)
        yield _again(tree, out, places, pace.rounds, middle(whole["kit"], "wall"))
        yield _ploomber(tree, out, sample, few)


def _in_turns(tree: Tree, out: Path, states: tuple[str, ...], rounds: int) -> Runs:
    """Make all in each way, in turns; the slowest once, for it takes minutes."""
    kit = {"kit": tree.batch(out / "kit", states, "--force")}
    ways = kit | {name: tree.way(name, out / name, states) for name in ("cells", "cells_and_page", "loop")}
    once = interleaved(ways, 1)
    more = interleaved({name: ways[name] for name in ("kit", "cells")}, rounds - 1)
    return {name: runs + more.get(name, []) for name, runs in once.items()}


def _whole(runs: Runs, out: Path, states: tuple[str, ...]) -> Table:
    """Say what all states cost, of CPU and of time, and whether each way came to the same findings."""
    kit, floor, page, loop = (middle(runs[one], "cpu") for one in ("kit", "cells", "cells_and_page", "loop"))
    wall, loop_wall = middle(runs["kit"], "wall"), middle(runs["loop"], "wall")
    loaded = _loaded(runs["cells"])
    bound = ("at most", 1.35)
    rows = (
        compared("all states", "CPU s", kit, "floor", floor, asked=bound),
        compared("", "CPU s", kit, "floor, loaded", loaded, asked=bound),
        compared("", "CPU s", kit, "floor, with the page", page),
        compared("", "CPU s", kit, "floor, with the page, loaded", _loaded(runs["cells_and_page"])),
        compared("", "CPU s", kit, "loop", loop),
        compared("", "saved of what the loop costs over the floor", _saved(loop, kit, floor), asked=("at least", 0.75)),
        compared("", "wall s", wall, "loop", loop_wall, asked=("at most", 0.4)),
        compared("", "states with the same files in each way", _same(out, states), asked=("exactly", len(states))),
    )
    exported = sum(one.said["exported"] for one in runs["loop"]) / len(runs["loop"])
    said = {"number": len(states), "jobs": JOBS, "exported": exported, "loop": loop, "rounds": len(runs["kit"])}
    return Table("Batch: all states", _filled(_WHOLE.format(**said)), rows)


def _saved(loop: float, kit: float, floor: float) -> float:
    return (loop - kit) / (loop - floor)


def _loaded(runs: list[Run]) -> float:
    """Give the CPU of the states alone, without what went before the first."""
    return median(one.cpu - one.said["loaded"] for one in runs)


def _same(out: Path, states: tuple[str, ...]) -> int:
    """Count the states for which each way wrote the very files that the floor wrote: findings, rows, figures."""
    from kit.places import find_state

    same = 0
    for state in states:
        others = (out / "kit" / find_state(state).slug, out / "cells_and_page" / state, out / "loop" / state)
        pairs = [(file, other / file.name) for file in (out / "cells" / state).glob("[!.]*") for other in others]
        same += bool(pairs) and all(other.is_file() and cmp(file, other, shallow=False) for file, other in pairs)
    return same


def _cells(tree: Tree, out: Path, states: tuple[str, ...], rounds: int) -> Table:
    """Say what the cells cost now and what they cost before."""
    trees = {"now": tree} | {commit: tree_of(commit, out / f"at-{commit}") for commit in (BEFORE, STARTED)}
    ways = {name: one.way("cells", out / f"cells-{name}", states) for name, one in trees.items() if one}
    runs = interleaved(ways, rounds)
    now = _loaded(runs.pop("now"))
    rows = [
        compared("the cells themselves", "CPU s", now, f"at {commit}", _loaded(those), asked=_ASKED.get(commit))
        for commit, those in runs.items()
    ]
    drawn = {name: len(list((out / f"cells-{name}").rglob("*.svg"))) for name in ways}
    notes = [f"The cells at {commit} leave {drawn[commit]} SVG files, these {drawn['now']}." for commit in runs]
    notes += [f"There is no commit {commit} here: not measured." for commit, one in trees.items() if one is None]
    note = _CELLS.format(states=_named(states), rounds=rounds, notes=" ".join(notes))
    return Table("Batch: the cells themselves", _filled(note), tuple(rows))


def _one(tree: Tree, out: Path, states: tuple[str, ...], rounds: int) -> Table:
    """Say what one page costs from the command line, and how much memory a batch takes."""
    ways = {"kit": tree.kit("report", "TX"), "by hand": tree.by_hand(out / "by-hand", "TX")}
    runs = interleaved(ways, rounds)
    rows = [
        compared("one page", "wall s", *_pair(runs, "wall"), asked=("at most", 0.7)),
        compared("", "CPU s", *_pair(runs, "cpu")),
    ]
    kit = tree_peak(tree.batch(out / "memory", states, "--force"))
    loop = tree_peak(tree.way("loop", out / "memory-loop", states))
    if kit and loop:
        rows.append(compared("memory", "peak MiB", kit, "loop", loop))
        rows.append(compared("", "peak MiB a worker", kit / JOBS, "loop", loop, asked=("at most", 2.0)))
    return Table(
        "Batch: one page, and memory",
        _filled(_ONE.format(states=_named(states), jobs=JOBS, rounds=rounds)),
        tuple(rows),
    )


def _pair(runs: Runs, what: str) -> tuple[float, str, float]:
    return middle(runs["kit"], what), "by hand", middle(runs["by hand"], what)


def _again(tree: Tree, out: Path, states: tuple[str, ...], rounds: int, full: float) -> Table:
    """Say what a batch costs that has nothing to do, or little, or ten times as much."""
    (same,) = interleaved({"kit": tree.batch(out / "kit", states)}, rounds).values()
    wall = middle(same, "wall")
    rows = [
        compared("again, nothing changed", "wall s", wall, "full batch", full, asked=("at most", 0.03)),
        *_ten_times(tree, out, states, full),
        *_changed(tree, out, states, full),
    ]
    note = _filled(_AGAIN.format(name=NEW_NAME, times=TIMES))
    return Table("Batch: again, one changed list, ten times as many", note, tuple(rows))


def _ten_times(tree: Tree, out: Path, states: tuple[str, ...], full: float) -> Iterator[dict[str, Value]]:
    """Compare the time a page of a batch with that of one ten times as long, where pages are made in forks."""
    if sys.platform != "linux":
        return
    many = run(tree.way("tenfold", out / "tenfold", states))
    shutil.rmtree(out / "tenfold")
    once, times = len(states), len(states) * TIMES
    yield compared(f"{once} to {times} pages", "pages made", many.said["made"], asked=("exactly", times))
    yield compared("", "wall s a page", many.wall / times, f"of {once}", full / once, asked=("at most", 1.1))


def _changed(tree: Tree, out: Path, states: tuple[str, ...], full: float) -> Iterator[dict[str, Value]]:
    """Change one list of the tree, and say whether all pages that this touches are made again and no other."""
    before = _pages(out / "kit")
    _append_row(tree.root / "data" / "lists" / f"{CHANGED}.csv")
    some = run(tree.batch(out / "kit", states))
    made = {slug for slug, (stamp, _) in _pages(out / "kit").items() if stamp != before[slug][0]}
    left = _pages(out / "kit")
    run(tree.batch(out / "all", states, "--force"))
    truth = {slug: page for slug, (_, page) in _pages(out / "all").items()}
    touched = {slug for slug, page in truth.items() if page != before[slug][1]}
    stale = {slug for slug, page in truth.items() if page != left[slug][1]}
    which = f": {', '.join(sorted(made))}" if len(made) <= len(SAMPLE) else ""
    yield compared("one changed list", f"pages made again{which}", len(made), asked=("exactly", len(touched)))
    yield compared("", "pages that are not as they should be", len(stale), asked=("exactly", 0))
    yield compared("", "wall s", some.wall, "full batch", full)


def _append_row(path: Path) -> None:
    """Append a row for an invented agency to a list."""
    with path.open(encoding="utf-8", newline="") as file:
        *_, last = csv.DictReader(file)
    number = int(last["row_id"].rpartition(":")[2]) + 1
    new = last | {"row_id": f"{last['list_id']}:{number}", "partner": NEW_NAME}
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(new), lineterminator="\n").writerow(new)


def _pages(out: Path) -> dict[str, tuple[int, str]]:
    """Give for each page when it was made, and a digest of its notebook, findings and rows.

    Not of report.html: that also says what changed since it was made before.
    """
    return {
        page.parent.name: (page.stat().st_mtime_ns, _digest(page.with_name(name) for name in CONTENT))
        for page in out.glob("[!.]*/report.html")
    }


def _digest(paths: Iterable[Path]) -> str:
    return sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _ploomber(tree: Tree, out: Path, states: tuple[str, ...], rounds: int) -> Table:
    """Say what ploomber-engine costs on the same notebook, for the record."""
    title = "Batch: ploomber-engine, for the record"
    if not find_spec("ploomber_engine"):
        return Table(title, _PLOOMBER, ())
    kit = tree.batch(out / "kit-sample", states, "--force")
    runs = interleaved({"kit": kit, "ploomber": tree.way("ploomber", out / "ploomber", states)}, rounds)
    rows = [
        compared(f"{len(states)} states", name, middle(runs["kit"], what), "ploomber", middle(runs["ploomber"], what))
        for name, what in (("CPU s", "cpu"), ("wall s", "wall"))
    ]
    return Table(title, _filled("In one process, one state after the other, so not isolated; no pages."), tuple(rows))


def _named(states: Iterable[str]) -> str:
    return ", ".join(states)


def _filled(text: str) -> str:
    return fill(" ".join(text.split()), 120)
