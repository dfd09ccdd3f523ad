"""Processes that each make one page: forked from one that has all loaded, or fresh ones where that cannot be.

What becomes of a page is its own process's business: one that stops, hangs, dies or takes too much memory is one
failed place. Whatever ends the run ends its processes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, RunError
from kit.folders import mend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kit.batch import Subject

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600
"""Time limit of a place."""
MEMORY = 4_000_000_000
"""Bytes that a place may take beyond what is loaded for all."""

STATE = ".batch"
"""The folder under figures/ that holds what a stopped run leaves for the next."""
_PAUSE = 0.02
_LONGEST_LINE = 500
"""Characters of a line that says what went wrong."""
_PIPE = 65_536
"""Bytes that a pipe holds, more than an outcome has."""


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
    """A place that is being made, in a process and its group; `told` is the pipe that it says its outcome into."""

    place: Place
    pid: int
    told: int
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

    def outcome(self) -> Outcome | None:
        """Give what the process said before it ended; None where it could not."""
        with os.fdopen(self.told, "rb", buffering=0) as pipe, suppress(ValueError):
            os.set_blocking(self.told, False)  # a kernel on its way out may have it open still
            return Outcome(**json.loads(pipe.read(_PIPE) or b""))
        return None

    def kill(self) -> None:
        """End the process and its group, and wait for it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        if self.process:
            self.process.returncode = -signal.SIGKILL


def make(places: Sequence[Place], figures: Path, short_lived: Path, jobs: int) -> Iterator[Outcome]:
    """Make places, so many at once; whatever ends this ends their processes.

    A place whose process died is tried once more when all others are done, alone and in an ordinary kernel.
    """
    forks = bool(places) and _warm()
    waiting, died = deque(places), deque[Place]()
    running: list[_Running] = []
    try:
        while waiting or running or died:
            while waiting and len(running) < jobs:
                running.append((_fork if forks else _spawn)(waiting.popleft(), figures, short_lived, again=True))
            if died and not running:
                running.append(_spawn(died.popleft(), figures, short_lived, again=False))
            for one in running.copy():
                outcome = _look_at(one)
                if outcome is None:
                    continue
                running.remove(one)
                if outcome.status == "died" and one.again:
                    died.append(one.place)
                else:
                    yield replace(outcome, status="failed") if outcome.status == "died" else outcome
            time.sleep(_PAUSE)
    finally:
        for one in running:
            one.kill()
        mend(figures)


def _look_at(one: _Running) -> Outcome | None:
    """Give the outcome of a place once there is one; a place over its time is ended."""
    seconds = time.monotonic() - one.begun
    ended = one.ended()
    if ended is None and seconds < SECONDS:
        return None
    if ended is None:
        one.kill()
    outcome = one.outcome() or _silent(one.place, ended[0] if ended else None)
    return replace(outcome, seconds=round(seconds, 2), cpu_seconds=round(ended[1], 2) if ended else 0.0)


def _silent(place: Place, code: int | None) -> Outcome:
    """Say of a process that could not what became of it: it died with a code, or was over its time."""
    name = place.subject.value
    failed = Outcome(name, place.slug, "failed", where=place.subject.notebook)
    if code is None:
        what = f"The page was not done after {SECONDS:,} seconds and was stopped."
        do = f"See which cell takes so long (make lab), or make it alone: kit report {name}"
        return replace(failed, what=what, do=do)
    what = f"The process that made the page died (code {code}), most often for want of memory."
    do = f"Close other programs, or run fewer at once (--jobs 1), or make it alone: kit report {name}"
    return replace(failed, status="died", what=what, do=do)


def _fork(place: Place, figures: Path, short_lived: Path, *, again: bool) -> _Running:
    """Make a place in a fork of this process, which has all loaded."""
    begun, parent, (told, tell) = time.monotonic(), os.getpid(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            with Path(os.devnull).open("r+b") as nothing:
                for stream in range(3):
                    os.dup2(nothing.fileno(), stream)
            os.environ["TMPDIR"] = tempfile.tempdir = str(short_lived)
            _be_place(place, figures, parent, tell, ahead=True)
        finally:
            os._exit(0)
    os.close(tell)
    return _Running(place, pid, told, begun, again)


def _spawn(place: Place, figures: Path, short_lived: Path, *, again: bool) -> _Running:
    """Make a place in a new process and an ordinary kernel."""
    from kit.batch import NOTEBOOKS

    told, tell = os.pipe()
    order = json.dumps([place.asked, str(figures), str(NOTEBOOKS), os.getpid(), tell])
    command = [sys.executable, "-m", "kit.pool", order]
    nothing = subprocess.DEVNULL
    env = {**os.environ, "TMPDIR": str(short_lived)}
    process = subprocess.Popen(  # noqa: S603  (the kit's own command)
        command, process_group=0, stdin=nothing, stdout=nothing, stderr=nothing, env=env, pass_fds=[tell]
    )
    os.close(tell)
    return _Running(place, process.pid, told, time.monotonic(), again, process)


def _be_place(place: Place, figures: Path, parent: int, tell: int, *, ahead: bool) -> None:
    """Make one page in this process, and say into a pipe what became of it: a full disk cannot keep that back."""
    from kit import kernels

    kernels.die_with(parent)
    _limit_memory()
    forked = ahead and kernels.fork_ahead()
    os.write(tell, json.dumps(asdict(attempt(place, figures, "forked" if forked else "ordinary"))).encode())


def attempt(place: Place, figures: Path, kernel: str = "ordinary") -> Outcome:
    """Make one page in this process, and give what became of it; `died` where its kernel did. Raises nothing."""
    from kit.batch import make_page

    outcome = Outcome(place.subject.value, place.slug, "made", kernel)
    try:
        make_page(place.asked, None, figures)
        return replace(outcome, place=title_of(place, figures))
    except KitError as error:
        died = isinstance(error.__cause__, RuntimeError)
        status, lines = "died" if died else "failed", (error.what, error.where, error.do)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is this place's alone)
        what = f"The page could not be made: {type(error).__name__}: {error}"
        do = f"Make it alone to see more: kit report {place.asked}"
        status, lines = "failed", (what, place.subject.notebook, do)
    what, where, do = (_fit_to_show(line, figures) for line in lines)
    return replace(outcome, status=status, what=what, where=where, do=do)


def _fit_to_show(line: str, figures: Path) -> str:
    """Cut a line for the index, which is handed on: no folder or user of this machine, nothing endless."""
    here = {str(figures.parent), str(ROOT), str(Path.cwd()), str(Path.home())} - {os.sep}
    for folder in sorted(here, key=len, reverse=True):
        line = line.replace(f"{folder}{os.sep}", "")
    return line[:_LONGEST_LINE]


def _limit_memory() -> None:
    import resource

    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))


_FOR_PAGES = (
    "papermill", "kit.report", "kit.page.story", "kit.page.foreign", "kit.page.ledger", "kit.page.changes",
)  # fmt: skip
"""What is loaded before the places are forked, beside what a kernel needs."""


def _warm() -> bool:
    """Load libraries and shared tables, once for all places; tell whether this process may then be forked."""
    import gc
    from importlib import import_module

    from kit.kernels import load, may_fork

    if not may_fork():
        return False
    load()
    for name in _FOR_PAGES:
        import_module(name)
    _rehearse()
    gc.collect()
    gc.freeze()
    return may_fork()


def _rehearse() -> None:
    """Do once what every place would do for itself: compile and color its page, measure letters, find backends."""
    from matplotlib import rc_context
    from matplotlib.backends.registry import backend_registry

    from kit import batch, policies
    from kit.manifest import inputs
    from kit.report import make_ready
    from kit.sheet import WEB, Sheet

    for notebook in sorted(batch.NOTEBOOKS.glob("*.ipynb")):
        with suppress(KitError):  # one that is damaged may be nobody's in this batch
            batch.parameters(notebook)
            inputs(notebook, {})
            make_ready(notebook)
    for definition in policies.definitions():
        policies.in_force("2025-01-01", definition)
    backend_registry.is_valid_backend("inline")  # type: ignore[no-untyped-call]
    with rc_context():  # what a sheet sets for all figures is not set in a fresh kernel
        picture = Sheet(WEB, "Headline", "Subtitle", "Source").finish().picture()
        picture.png  # noqa: B018  (drawn when asked for)


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
    """Write aside and move into place; RunError where that cannot be."""
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
        aside.replace(path)
    except OSError as cause:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        what = f"What the run did cannot be written: {cause.strerror}."
        raise RunError(what, str(path), "Make room on the disk, and run this again.") from cause


if __name__ == "__main__":
    _asked, _figures, _notebooks, _parent, _tell = json.loads(sys.argv[1])
    from kit import batch

    batch.NOTEBOOKS = Path(_notebooks)
    _be_place(Place(_asked, batch.find_subject(_asked)), Path(_figures), _parent, _tell, ahead=False)
