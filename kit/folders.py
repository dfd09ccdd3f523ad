"""The folder of a place while it is made anew: held by one process, put in place in one step, mended after a kill.

Whoever looks under figures/ at any moment finds the former folder or the new one, whole. Beside it stand, while it is
made: `.SLUG.lock`, which says who makes it; `.SLUG.part`, in which it grows; `.SLUG.former`, what stood there before.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import shutil
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from kit.errors import RunError
from kit.manifest import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

PACK, FORMER_PACK = "pack", "pack-former"

_WAIT = 60.0
"""Seconds that a page waits for another process that makes the same page."""
_PAUSE = 0.05
_ROOM = "Make room on the disk, or get the right to write there, and run this again."
_SHORT_LIVED = "kit-"
_LOCK, _PART, _FORMER = "lock", "part", "former"
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


@contextmanager
def making(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Hold a place's folder: give an empty one to make it in (`publish` puts it in place), and one for the short-lived.

    What a killed process left of the place is set right first. Another process that makes the same page is waited
    for, a minute at most. RunError as `held`.
    """
    with held(_beside(folder, _LOCK), folder, _WAIT) as short_lived:
        _set_right(folder)
        aside = _beside(folder, _PART)
        try:
            aside.mkdir()
            yield aside, short_lived
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def held(lock: Path, folder: Path, wait: float = 0.0) -> Iterator[Path]:
    """Hold a folder by its lock file, and give one for what is short-lived; the system lets go however this ends.

    RunError where another process still holds it after so many seconds, which it names; and where nothing can be
    written. Windows has no such locks: there it is not held.
    """
    with ExitStack() as left:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = left.enter_context(_taken(lock, folder, wait))
            short_lived = left.enter_context(TemporaryDirectory(prefix=_SHORT_LIVED, ignore_cleanup_errors=True))
            file.write(f"process {os.getpid()} on {platform.node()}\n{short_lived}".encode())
        except OSError as cause:
            raise RunError(f"Nothing can be written there: {cause.strerror}.", str(folder), _ROOM) from cause
        yield Path(short_lived)


@contextmanager
def _taken(lock: Path, folder: Path, wait: float) -> Iterator[BinaryIO]:
    """Open a lock file that no other process holds, empty; what its last holder had for short-lived goes."""
    with _open_held(lock, folder, wait) as file:
        try:
            file.seek(0)
            stray = file.read().decode().partition("\n")[2]
            if Path(stray).name.startswith(_SHORT_LIVED):
                shutil.rmtree(stray, ignore_errors=True)
            file.truncate(0)
            yield file
        finally:
            with suppress(OSError):
                lock.unlink()


def _open_held(lock: Path, folder: Path, wait: float) -> BinaryIO:
    late = time.monotonic() + wait
    while True:
        file = lock.open("a+b", buffering=0)  # what a full disk does not take is not tried again when it is closed
        if not _lock(file):
            with file:
                file.seek(0)
                holder = file.readline().decode().strip() or "it has just begun"
            if time.monotonic() >= late:
                what = f"Another process of the kit is at work on this folder: {holder}."
                raise RunError(what, str(folder), "Wait until it ends, and run this again.")
            time.sleep(_PAUSE)
        elif _is_there(file, lock):
            return file
        else:
            file.close()  # who held it has let go and taken it away


def _lock(file: BinaryIO) -> bool:
    """Lock an open file for this process; tell whether no other has it."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(file: BinaryIO, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except FileNotFoundError:
        return False


def publish(aside: Path, folder: Path) -> None:
    """Put a finished folder in the place of the former one, with what somebody else put into that: letters, notes.

    On Linux, where the file system can, the two change places in one step, so that one is there at every moment.
    Elsewhere it is two renames: a process killed between them leaves the former folder aside, and `mend` brings it
    back. A pack whose figures have changed since is kept as `pack-former`. OSError where the disk is full: the
    former folder then stays.
    """
    former = _beside(folder, _FORMER)
    if not folder.exists():
        _write_through(aside)
        aside.replace(folder)
        return
    _keep(folder, aside)
    _write_through(aside)
    if _exchange(aside, folder):
        aside.replace(former)
    else:
        folder.replace(former)
        aside.replace(folder)
    _keep(former, folder)  # what came in the meantime
    shutil.rmtree(former, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; tell whether this system and file system could."""
    if sys.platform != "linux":
        return False
    with suppress(AttributeError):  # an older C library
        return bool(ctypes.CDLL(None).renameat2(_HERE, bytes(one), _HERE, bytes(other), _EXCHANGE) == 0)
    return False


def _write_through(folder: Path) -> None:
    """Have the files on the disk before the folder is put in place, so that a power cut leaves no empty ones there."""
    for path in folder.iterdir():
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def mend(figures: Path) -> None:
    """Set right under figures/ what killed processes left; what a living one is at work on is left to it."""
    for stray in sorted(figures.glob(".*.*")):
        name, _, end = stray.name[1:].rpartition(".")
        if end in {_LOCK, _PART, _FORMER}:
            folder = figures / name
            with suppress(RunError, OSError), _taken(_beside(folder, _LOCK), folder, 0):
                _set_right(folder)


def _set_right(folder: Path) -> None:
    """Bring a folder back that was moved aside, and remove what is half-made."""
    former, aside = _beside(folder, _FORMER), _beside(folder, _PART)
    if former.is_dir() and not folder.exists():
        former.replace(folder)
    if former.is_dir():
        _keep(former, folder)
    if (aside / NAME).is_file() and folder.is_dir():  # killed just after the exchange it is the former one
        _keep(aside, folder)
    for stray in (former, aside):
        if stray.is_dir():
            shutil.rmtree(stray)
        else:
            stray.unlink(missing_ok=True)


def _keep(former: Path, folder: Path) -> None:
    """Add to a folder what the kit did not write into the former one."""
    ours = _written(former)
    called = {PACK: FORMER_PACK} if (former / PACK).is_dir() and _figures(former) != _figures(folder) else {}
    for path in sorted(former.iterdir()):
        if path.name not in ours and path.name not in called.values():
            _add(path, folder / called.get(path.name, path.name))


def _written(folder: Path) -> set[str]:
    """Give the files that the kit wrote; where no manifest says it, all that are not in a folder of their own."""
    try:
        return {NAME, *json.loads((folder / NAME).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {path.name for path in folder.iterdir() if path.is_file()}


def _figures(folder: Path) -> dict[str, bytes]:
    """Give what a pack is made of."""
    return {path.name: path.read_bytes() for path in (*folder.glob("findings.json"), *folder.glob("*.figure.json"))}


def _add(path: Path, to: Path) -> None:
    """Put a file or folder at another place too, without writing over anything: linked, or copied where it must be."""
    if path.is_dir() and not path.is_symlink():
        to.mkdir(exist_ok=True)
        for one in path.iterdir():
            _add(one, to / one.name)
    elif not os.path.lexists(to):
        try:
            os.link(path, to, follow_symlinks=False)
        except OSError:
            shutil.copy2(path, to, follow_symlinks=False)


def _beside(folder: Path, end: str) -> Path:
    return folder.with_name(f".{folder.name}.{end}")
