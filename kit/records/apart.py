"""Opens a stranger's file in a process of its own, which may die of it.

PDFium and calamine are no Python: for some files they end their process, or never come back. A drawing
draws itself, a page's text unpacks to a gigabyte, a workbook lists one sheet 500 times. What they do is
done in a process with little memory and time, and handed back; where nothing comes back, the file is
refused. On Linux the process is a fork, 0.006 seconds; elsewhere, where a fork is not safe or not there, it
is Python started anew, 0.2 seconds. Memory is bound where the system can do it (not on Windows), time on all.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import signal
import subprocess
import sys
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeAlias, TypeVar

from kit.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable

    Given = ParamSpec("Given")
    Result = TypeVar("Result")
    Task: TypeAlias = tuple[Callable[..., object], tuple[object, ...], dict[str, object]]

_MEMORY = 700 << 20  # bytes, beside what this process has
_SECONDS = 5  # of the processor; a report of 10,000 names takes 1
_PATIENCE = 40  # seconds on the clock, for a busy machine, or one that cannot bind the others
_FORKS = sys.platform == "linux"
_START = """\
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from kit.records import apart
apart._serve(sys.stdout.fileno(), *pickle.load(sys.stdin.buffer))
"""


def apart(where: str, work: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Give what a function of a module gives, or raise what it raises, after doing it elsewhere.

    RecordError, with the place `where`, where that takes too much memory or time, or ends the process.
    """
    answer = (_forked if _FORKS else _started)(work, given, named)
    if not answer:
        what = "The file asks for more memory or time than a list of agencies ever does."
        raise RecordError(what, where, "It is damaged, or made to do harm; ask the agency for another copy.")
    result: Result | Exception = pickle.loads(answer)  # noqa: S301  (the kit's own process wrote it)
    if isinstance(result, Exception):
        raise result
    return result


def _forked(*task: *Task) -> bytes:
    """Have a copy of this process do it; give its answer, nothing where it died."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # The copy has no other threads, and touches nothing of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        copy = os.fork()
    if not copy:
        gc.disable()
        _serve(writer, *task)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            answer = pipe.read()
    except BaseException:
        os.kill(copy, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(copy, 0)
    return answer if status == 0 else b""


def _started(*task: *Task) -> bytes:
    """Have a new Python do it, with the packages of this one; give its answer, nothing where it died."""
    given = pickle.dumps(sys.path) + pickle.dumps(task)
    try:
        done = subprocess.run(  # noqa: S603  (the kit's own code)
            [sys.executable, "-I", "-c", _START], input=given, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return b""
    if done.returncode == 1:  # it could not start; no file is to blame
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.stdout if done.returncode == 0 else b""


# --- in the process of its own ---


def _serve(writer: int, work: Callable[..., object], given: tuple[object, ...], named: dict[str, object]) -> NoReturn:
    """Do it, write the answer, and end without a word."""
    try:
        _bind()
        with os.fdopen(os.dup(writer), "wb") as pipe:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            faulthandler.disable()  # notebooks have it on, and it writes to where errors went before
            pipe.write(_answer(work, given, named))
        os._exit(0)
    finally:
        os._exit(3)


def _answer(work: Callable[..., object], given: tuple[object, ...], named: dict[str, object]) -> bytes:
    try:
        return pickle.dumps(work(*given, **named))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (it is raised where the answer is read)
        error.add_note(traceback.format_exc())
        return pickle.dumps(error)


def _bind() -> None:
    """Bound memory and time, where the system can; leave no memory image of a crash behind."""
    with suppress(ImportError):  # Windows
        import resource

        for name in ("SIGALRM", "SIGINT", "SIGXCPU"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.alarm(_PATIENCE)
        had = 0
        with suppress(OSError):  # only Linux says it so
            had = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()
        most = {resource.RLIMIT_DATA: had + _MEMORY, resource.RLIMIT_CPU: _SECONDS, resource.RLIMIT_CORE: 0}
        for kind, wanted in most.items():
            _, hard = resource.getrlimit(kind)
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
