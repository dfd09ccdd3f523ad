"""Batches of tiny notebooks for tests that stop them, forked from a process that has all loaded and sees orphans."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit import manifest

ROOT = Path(__file__).resolve().parent.parent

# A notebook that makes a small page of its own, and misbehaves for some states.
CELL = """
import ctypes, json, os, time
from pathlib import Path
folder = Path(os.environ["KIT_FOLDER"])
if state == "AL":
    1 / 0
if state == "AK":
    os._exit(1)
if state == "AZ":
    ctypes.string_at(0)
if state == "AR":
    time.sleep(600)
if state == "CO":
    kept = [bytes(100_000_000) for _ in range(60)]
if state == "DE":
    print("x" * 100_000_000)
if state == "FL":
    raise ValueError("x" * 10_000_000)
if state == "GA":
    display({"text/plain": "x" * 60_000_000}, raw=True)
time.sleep(PAUSE)
number = NUMBER
finding = {
    "id": "all", "label": "agencies in all", "value": number, "low": number, "high": number, "unit": "agencies",
    "text": str(number), "sentence": f"There are {number}.", "rows": [], "caveats": [],
}
said = {
    "place": state, "title": state, "as_of": "", "lists": [], "headline": ["all"], "findings": [finding],
    "not_shown": [],
}
(folder / "findings.json").write_text(json.dumps(said))
(folder / "sharing.csv").write_text(HEAD)
(folder / "drawing.bin").write_bytes(bytes(WEIGHT))
"""
HEAD = (
    "row_id,list_id,owner,partner,direction,data,hotlist,partner_city,partner_state,system,read_as,date,page,flags,"
    "agency,kind,state,place,place_geoid,county,county_geoid,lat,lon,status,basis,candidates,group,counted\n"
)

# Waits for orders, and forks for each a process that carries it out; tells of each that ended. What loses its parent
# becomes a child of this process, where it can be counted.
_NURSERY = """
import ctypes, json, os, select, sys, tempfile
from pathlib import Path

libc, apart = ctypes.CDLL(None, use_errno=True), False
if sys.platform == "linux":
    libc.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    apart = libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0  # private mounts

from kit.kernels import one_thread
one_thread()
import kit
from kit import batch, folders, kernels, manifest, pool
from kit.errors import KitError
from kit.progress import shown
from kit.runs import make_all, plan
for name in ("papermill", "ipykernel.kernelapp", "ipykernel.ipkernel", "kit.report", "kit.page.story", "kit.index"):
    __import__(name)
plan("CA", "")
pool._BEFOREHAND, pool._rehearse, kit.__all__, kit.lists_about = (), lambda: None, [], lambda: None
manifest.inputs(Path(batch.NOTEBOOKS / "state.ipynb"), {})

def run(notebooks, figures, states, jobs=2):
    batch.NOTEBOOKS = Path(notebooks)
    with shown(len(states.split(",")), plain=True) as told:
        found = make_all(plan(states, "").places, Path(figures), jobs=jobs, told=told)
    return any(one.status == "failed" for one in found)

def page(notebooks, figures, state):
    batch.NOTEBOOKS = Path(notebooks)
    print(batch.make_page(state, None, Path(figures)))

def carry_out(order):
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    tempfile.tempdir = os.environ["TMPDIR"] = order["temp"]
    try:
        exec(order["before"], globals())
        code = globals()[order["what"]](*order["given"])
    except KitError as error:
        print(error)
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    os._exit(int(code or 0))

print(json.dumps({"apart": apart}), flush=True)
while True:
    if select.select([0], [], [], 0.02)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        order = json.loads(line)
        if order["what"] == "mount":
            source, target, kind, flags, data = order["given"]
            done = libc.mount(source.encode(), target.encode(), kind and kind.encode(), flags, data and data.encode())
            print(json.dumps({"pid": 0, "code": done}), flush=True)
            continue
        pid = os.fork()
        if not pid:
            carry_out(order)
        print(json.dumps({"began": pid}), flush=True)
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            print(json.dumps({"pid": pid, "code": os.waitstatus_to_exitcode(status)}), flush=True)
    except ChildProcessError:
        pass
"""


class Nursery:
    """The process that forks batches; `apart` tells whether it could have mounts of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it; what is short-lived goes to a folder of this test."""
        self.folder = folder
        self.temp = folder
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        command = [sys.executable, "-c", _NURSERY]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=env, text=True, stdin=pipe, stdout=pipe, cwd=folder)
        self.ended: dict[int, int] = {}
        self.count = 0
        self.apart: bool = self._told()["apart"]

    def start(self, what: str, *given: Any, before: str = "") -> Run:
        """Have a process carry something out."""
        self.count += 1
        said = self.folder / f"said-{self.count}"
        order = {"what": what, "given": [str(one) if isinstance(one, Path) else one for one in given]}
        self._tell(order | {"before": before, "said": str(said), "temp": str(self.temp)})
        while "began" not in (told := self._told()):
            self.ended[told["pid"]] = told["code"]
        return Run(self, told["began"], said)

    def mount(self, source: str, target: Path, kind: str | None, flags: int, data: str | None) -> None:
        """Mount for this process and its children alone."""
        self._tell({"what": "mount", "given": [source, str(target), kind, flags, data]})
        while (told := self._told()).get("pid") != 0:
            self.ended[told["pid"]] = told["code"]
        assert told["code"] == 0

    def inside(self, folder: Path) -> Path:
        """Give a folder as this process sees it."""
        return Path(f"/proc/{self.process.pid}/root{folder}")

    def wait(self, pid: int) -> int:
        """Wait until a process has ended, and give its exit code."""
        while pid not in self.ended:
            told = self._told()
            self.ended[told["pid"]] = told["code"]
        return self.ended[pid]

    def orphans(self) -> list[int]:
        """Give what is still there half a minute after all that was started has ended."""
        late = time.monotonic() + 30
        while (left := children(self.process.pid)) and time.monotonic() < late:
            time.sleep(0.02)
        return left

    def close(self) -> None:
        """End it and all that it started."""
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)

    def _tell(self, order: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def _told(self) -> dict[str, Any]:
        return json.loads(self.process.stdout.readline())


@dataclass(frozen=True)
class Run:
    """A process that carries something out."""

    nursery: Nursery
    pid: int
    said: Path

    def wait(self) -> tuple[int, str]:
        """Wait for its end: exit code, and what it printed."""
        code = self.nursery.wait(self.pid)
        return code, self.said.read_text()

    def running(self) -> bool:
        """Tell whether it still is there."""
        return self.pid in children(self.nursery.process.pid)


def children(pid: int) -> list[int]:
    """Give the processes that a process started, those that ended left out."""
    try:
        found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [one for one in found if _lives(one)]


def descendants(pid: int) -> list[int]:
    """Give all processes below a process."""
    return [below for child in children(pid) for below in (*descendants(child), child)]


def marked(mark: str) -> list[int]:
    """Give the processes that were started with BATCH_MARK=mark in their environment and still are there."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            environment = (path / "environ").read_bytes()
        except OSError:
            continue
        if f"BATCH_MARK={mark}".encode() in environment.split(b"\0") and _lives(int(path.name)):
            found.append(int(path.name))
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def notebooks(folder: Path, *, number: int = 7, pause: float = 0.0, weight: int = 10, cell: str = CELL) -> Path:
    """Write the notebook that the batches run."""
    filled = {"NUMBER": str(number), "PAUSE": str(pause), "HEAD": repr(HEAD), "WEIGHT": str(weight)}
    for name, text in filled.items():
        cell = cell.replace(name, text)
    cells = [
        {"id": name, "source": source, "metadata": {"tags": [name]}, "cell_type": "code", "outputs": []}
        | {"execution_count": None}
        for name, source in (("parameters", 'state: str = "CA"'), ("code", cell))
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir(exist_ok=True)
    text = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    (folder / "state.ipynb").write_text(text)
    return folder


def places(figures: Path) -> dict[str, dict[str, Any]]:
    """Give the places of run.json by their folders."""
    return {one["slug"]: one for one in json.loads((figures / "run.json").read_text())["places"]}


def is_whole(folder: Path) -> bool:
    """Tell whether every file of a place is as it was written."""
    return manifest.is_current(folder, json.loads((folder / manifest.NAME).read_text())["inputs"])


def number_of(folder: Path) -> int:
    """Give the number on a place's page."""
    return json.loads((folder / "findings.json").read_text())["findings"][0]["value"]


def strays(figures: Path, temp: Path) -> list[str]:
    """Give what a run that ended well would not have left."""
    beside = [path.name for path in figures.glob(".*") if path.name != ".batch"]
    return beside + [path.name for folder in (figures / ".batch", temp) for path in folder.glob("*")]
