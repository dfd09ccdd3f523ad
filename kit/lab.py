"""What a kernel of `make lab` does besides: says how long a cell runs and where it is, and keeps drafts apart.

`notebooks/.jupyter` has each kernel load this as an IPython extension. While `kit report` makes a page it does
nothing, so that no time of a clock gets into one.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

DRAFTS = Path(__file__).resolve().parent.parent / "figures" / "lab"
"""The folder of what notebooks write that are run by hand, one folder a notebook: a page's own stays as it was made."""

_PATIENCE = 2.0
"""Seconds that a cell may run before something is said."""
_EVERY = 1.0
"""Seconds after which what is said is brought up to date."""
_LONGEST = 100
"""Letters of a line of code that are shown."""


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401  (IPython has no types)
    """Watch the cells of a notebook that somebody runs by hand."""
    if "KIT_FOLDER" in os.environ:
        return
    if name := os.environ.get("JPY_SESSION_NAME"):
        os.environ["KIT_FOLDER"] = str(DRAFTS / Path(name).stem)
    watch = _Watch(shell)
    shell.events.register("pre_run_cell", watch.start)
    shell.events.register("post_run_cell", watch.stop)


class _Watch:
    """Shows a line below a cell that takes long, new every second, and takes it away when the cell is done."""

    def __init__(self, shell: Any) -> None:  # noqa: ANN401
        self._shell = shell
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, info: Any) -> None:  # noqa: ANN401
        self.stop()
        self._done = threading.Event()
        name = str(self._shell.compile.get_code_name(info.raw_cell, info.raw_cell, self._shell.execution_count))
        asked = (self._done, name, info.raw_cell.splitlines(), threading.get_ident())
        self._thread = threading.Thread(target=_tell, args=asked, daemon=True)
        self._thread.start()

    def stop(self, _result: Any = None) -> None:  # noqa: ANN401
        self._done.set()
        if self._thread:
            self._thread.join()
            self._thread = None


def _tell(done: threading.Event, name: str, lines: list[str], thread: int) -> None:
    from IPython.display import display

    began = time.monotonic()
    if done.wait(_PATIENCE):
        return
    shown: Any = display({"text/html": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    while not done.wait(_EVERY):
        line = _line(sys._current_frames().get(thread), name, lines)  # noqa: SLF001
        said = f"<progress></progress> Running for {time.monotonic() - began:.0f} s, at <code>{escape(line)}</code>"
        shown.update({"text/html": said}, raw=True)
    shown.update({"text/html": ""}, raw=True)


def _line(frame: FrameType | None, name: str, lines: list[str]) -> str:
    """Give the line of the cell that is being run; the outermost frame is the cell's own."""
    found = ""
    while frame:
        if frame.f_code.co_filename == name and frame.f_lineno <= len(lines):
            found = lines[frame.f_lineno - 1].strip()
        frame = frame.f_back
    return found[:_LONGEST]
