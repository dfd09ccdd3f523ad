"""Processes that each make one page: forked from one that has all loaded, or fresh ones where that cannot be.

What becomes of a page is its own process's business: one that stops, hangs, dies or takes too much memory is one
failed place. Whatever ends the run ends its processes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kit.batch import Subject

SECONDS = 600
"""Time limit of a place."""
MEMORY = 4_000_000_000
"""Bytes that a place may take beyond what is loaded for all."""

STATE = ".batch"
"""The folder under figures/ that holds what a stopped run leaves for the next."""
_PAUSE = 0.02


@dataclass(frozen=True)
class Place:
    """A page of the batch: what was asked for, and what it is."""

    asked: str
    subject: Subject

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return self.subject.slug


@dataclass(frozen=True)
class Outcome:
    """What became of a place: status is made, current or failed; of a failure what, where and what to do.

    `kernel` is forked or ordinary, with the same outputs; seconds are of wall and of CPU.
    """

    place: str
    slug: str
    status: str
    kernel: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    what: str = ""
    where: str = ""
    do: str = ""


@dataclass
class _Running:
    """A place that is being made, in a process and its group."""

    place: Place
    pid: int
    begun: float
    again: bool
    process: subprocess.Popen[bytes] | None = None

    def ended(self) -> tuple[int, float] | None:
        """Give exit code and CPU seconds once the process has ended, with those of its kernel."""
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        if not pid:
            return None
        code = os.waitstatus_to_exitcode(status)
        if self.process:
            self.process.returncode = code  # it was waited for here
        return code, used.ru_utime + used.ru_stime

    def kill(self) -> None:
        """End the process and its group, and wait for it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        if self.process:
            self.process.returncode = -signal.SIGKILL


def make(places: Sequence[Place], figures: Path, short_lived: Path, jobs: int) -> Iterator[Outcome]:
    """Make places, so many at once; whatever ends this ends their processes."""
    forks = bool(places) and _warm()
    waiting = [(place, forks, True) for place in reversed(places)]
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                place, fork, again = waiting.pop()
                running.append((_fork if fork else _spawn)(place, figures, short_lived, again=again))
            for one in running.copy():
                outcome = _look_at(one, figures)
                if outcome is None:
                    continue
                running.remove(one)
                if outcome.status == "died" and one.again:
                    waiting.append((one.place, False, False))
                else:
                    yield replace(outcome, status="failed") if outcome.status == "died" else outcome
            time.sleep(_PAUSE)
    finally:
        for one in running:
            one.kill()
            shutil.rmtree(figures / f".{one.place.slug}.part", ignore_errors=True)


def _look_at(one: _Running, figures: Path) -> Outcome | None:
    """Give the outcome of a place once there is one; a place over its time is ended."""
    seconds = time.monotonic() - one.begun
    ended = one.ended()
    if ended is None and seconds < SECONDS:
        return None
    told = figures / STATE / f"{one.place.slug}.outcome.json"
    name = one.place.subject.value
    if ended is None:
        one.kill()
        what = f"The page was not done after {SECONDS:,} seconds and was stopped."
        do = f"See which cell takes so long (make lab), or make it alone: kit report {name}"
        outcome = Outcome(name, one.place.slug, "failed", what=what, where=one.place.subject.notebook, do=do)
    elif told.is_file():
        outcome = Outcome(**json.loads(told.read_text(encoding="utf-8")))
    else:
        what = f"The process that made the page died (code {ended[0]}), most often for want of memory."
        do = f"Close other programs, or run fewer at once (--jobs 1), or make it alone: kit report {name}"
        outcome = Outcome(name, one.place.slug, "died", what=what, where=one.place.subject.notebook, do=do)
    told.unlink(missing_ok=True)
    if outcome.status != "made":
        shutil.rmtree(figures / f".{one.place.slug}.part", ignore_errors=True)
    return replace(outcome, seconds=round(seconds, 2), cpu_seconds=round(ended[1], 2) if ended else 0.0)


def _fork(place: Place, figures: Path, short_lived: Path, *, again: bool) -> _Running:
    """Make a place in a fork of this process, which has all loaded."""
    begun, parent = time.monotonic(), os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            with Path(os.devnull).open("r+b") as nothing:
                for stream in range(3):
                    os.dup2(nothing.fileno(), stream)
            os.environ["TMPDIR"] = tempfile.tempdir = str(short_lived)
            _be_place(place, figures, parent, ahead=True)
        finally:
            os._exit(0)
    return _Running(place, pid, begun, again)


def _spawn(place: Place, figures: Path, short_lived: Path, *, again: bool) -> _Running:
    """Make a place in a new process and an ordinary kernel."""
    from kit.batch import NOTEBOOKS

    order = json.dumps([place.asked, str(figures), str(NOTEBOOKS), os.getpid()])
    command = [sys.executable, "-m", "kit.pool", order]
    nothing = subprocess.DEVNULL
    env = {**os.environ, "TMPDIR": str(short_lived)}
    process = subprocess.Popen(  # noqa: S603  (the kit's own command)
        command, process_group=0, stdin=nothing, stdout=nothing, stderr=nothing, env=env
    )
    return _Running(place, process.pid, time.monotonic(), again, process)


def _be_place(place: Place, figures: Path, parent: int, *, ahead: bool) -> None:
    """Make one page in this process, and leave word of what became of it."""
    from kit import kernels
    from kit.batch import make_page

    kernels.die_with(parent)
    _limit_memory()
    forked = ahead and kernels.fork_ahead()
    outcome = Outcome(place.subject.value, place.slug, "made", "forked" if forked else "ordinary")
    try:
        make_page(place.asked, None, figures)
        outcome = replace(outcome, place=title_of(place, figures))
    except KitError as error:
        died = type(error.__cause__).__name__ == "DeadKernelError"
        outcome = replace(outcome, status="died" if died else "failed", what=error.what, where=error.where, do=error.do)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is this place's alone)
        what = f"The page could not be made: {type(error).__name__}: {error}"
        do = f"Make it alone to see more: kit report {place.asked}"
        outcome = replace(outcome, status="failed", what=what, where=place.subject.notebook, do=do)
    write_json(figures / STATE / f"{place.slug}.outcome.json", asdict(outcome))


def _limit_memory() -> None:
    import resource

    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))


_BEFOREHAND = (
    "papermill", "ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib.figure", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "matplotlib.collections", "mapclassify", "folium", "geopandas", "pyogrio",
    "kit.report", "kit.page.story", "kit.page.foreign", "kit.page.ledger",
)  # fmt: skip
"""What is loaded before the places are forked, beside what the kit's own face needs."""


def _warm() -> bool:
    """Load libraries and shared tables, once for all places; tell whether this process may then be forked."""
    import gc
    from importlib import import_module

    import kit
    from kit.kernels import may_fork

    if not may_fork():
        return False
    for name in _BEFOREHAND:
        import_module(name)
    for name in kit.__all__:
        getattr(kit, name)
    kit.resolve_lists(kit.load_lists())
    gc.collect()
    gc.freeze()
    return may_fork()


def findings_of(folder: Path) -> dict[str, Any] | None:
    """Read the findings of a page; None where there is none that can be read."""
    try:
        said: dict[str, Any] = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        return said if {"place", "headline", "findings", "as_of"} <= said.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def title_of(place: Place, figures: Path) -> str:
    """Give the place as its page calls it; where there is none, as it was asked for."""
    said = findings_of(figures / place.slug)
    return str(said["place"]) if said else place.subject.value


def write_json(path: Path, said: object) -> None:
    """Write aside and move into place."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    aside.replace(path)


if __name__ == "__main__":
    _asked, _figures, _notebooks, _parent = json.loads(sys.argv[1])
    from kit import batch

    batch.NOTEBOOKS = Path(_notebooks)
    _be_place(Place(_asked, batch.find_subject(_asked)), Path(_figures), _parent, ahead=False)
