"""The frame of `make bench`: what a command costs, beside what it is compared with, as a table and as JSON.

Each run is a process of its own, in turns with the runs that it is compared with, so that a machine that
gets slower gets slower for both. CPU is by the system's accounting: seconds of user and system time of
the process and of all that it started and waited for. Memory is the largest resident size of one of them, but
for `tree_peak`, which adds up what they all take at one time.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "figures" / "gallery"

Value = str | float | None
_TOLD = {
    "at most": lambda value, bound: value <= bound,
    "at least": lambda value, bound: value >= bound,
    "exactly": lambda value, bound: value == bound,
}
# Linux counts the largest resident size in KiB, macOS in bytes.
_RESIDENT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure: rounds of each comparison, the damages of scans, postal codes of states (empty: all)."""

    rounds: int
    damages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of CPU and of wall time, MiB of peak memory, its last line (JSON is read)."""

    cpu: float
    wall: float
    peak: float
    said: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report: every row has the same columns; `note` says what the reader must know."""

    title: str
    note: str
    rows: tuple[Mapping[str, Value], ...]


def run(command: Sequence[str]) -> Run:
    """Run a command in the repository's folder and measure it; CalledProcessError, with what it said, where it fails.

    The process that measures must itself stay small: what it takes counts as its child's least peak.
    """
    start = time.perf_counter()
    with TemporaryFile() as complaints, _started(command, subprocess.PIPE, complaints) as process:
        said = process.stdout.read().decode().splitlines()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        _check(process, complaints)
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * _RESIDENT / 2**20, _read(said))


def _started(command: Sequence[str], out: int, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=complaints)


def _check(process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
    """Raise what a command that failed said."""
    if process.returncode:
        complaints.seek(0)
        error = subprocess.CalledProcessError(process.returncode, process.args)
        error.add_note(complaints.read().decode(errors="replace")[-2000:])
        raise error


def _read(said: Sequence[str]) -> Any:
    """Read the last line, as JSON where it is."""
    try:
        return json.loads(said[-1])
    except (IndexError, ValueError):
        return said[-1] if said else None


def tree_peak(command: Sequence[str]) -> float | None:
    """Run a command and give the most that it and all below it took at one time, in MiB; None where not on Linux.

    A page of memory that several share counts once in all (proportional set size), looked up every 50 ms.
    """
    if sys.platform != "linux":
        return None
    most = 0
    with TemporaryFile() as complaints, _started(command, subprocess.DEVNULL, complaints) as process:
        while process.poll() is None:
            most = max(most, sum(map(_proportional, _tree(process.pid))))
            time.sleep(0.05)
        _check(process, complaints)
    return most / 1024


def _tree(root: int) -> list[int]:
    """Give a process and all below it."""
    below: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            below.setdefault(parent, []).append(int(path.parent.name))
    found = [root]
    for one in found:
        found += below.get(one, [])
    return found


def _proportional(process: int) -> int:
    """Give the KiB that a process takes; none where it has just ended."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


def interleaved(ways: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Run]]:
    """Run each of the commands once a round, first in one order and then in the other."""
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways)[:: -1 if number % 2 else 1]:
            runs[name].append(run(ways[name]))
    return runs


def middle(runs: Iterable[Run], what: Literal["cpu", "wall", "peak"]) -> float:
    """Give the median of what the runs cost."""
    return median(getattr(one, what) for one in runs)


def compared(  # noqa: PLR0913  (a line of the table has so many cells)
    what: str,
    measured: str,
    kit: Value,
    against: str = "",
    other: Value = None,
    *,
    asked: tuple[str, Value] | None = None,
) -> dict[str, Value]:
    """Give a line of a table: what the kit costs, what the other does, the one as a share of the other.

    `asked` is what must be met, `("at most", 0.1)` or `("exactly", 635)`: by that share where there are two
    numbers, else by the kit's own value.
    """
    both = isinstance(kit, float) and isinstance(other, float)
    share = kit / other if both else None
    met = asked and _TOLD[asked[0]](share if both else kit, asked[1])
    return {
        "what": what,
        "measured": measured,
        "kit": kit,
        "against": against,
        "other": other,
        "kit / other": share,
        "asked": f"{asked[0]} {_cell(asked[1])}" if asked else "",
        "met": "" if met is None else "yes" if met else "no",
    }


def machine() -> dict[str, Value]:
    """Say what was measured on: cores, CPU, memory, system and Python; neither host nor path."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = f"{platform.system()} {platform.release()}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "CPU": _cpu(),
        "memory": f"{memory:.0f} GiB",
        "system": f"{system}, {platform.machine()}",
        "Python": platform.python_version(),
    }


def _cpu() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def markdown(table: Table) -> str:
    """Write a table as Markdown that can be read in a terminal too; columns without a cell are left away."""
    parts = [f"## {table.title}\n", *([table.note + "\n"] if table.note else [])]
    if table.rows:
        heads = [head for head in table.rows[0] if any(row[head] not in {None, ""} for row in table.rows)]
        lines = [heads, *([_cell(row[head]) for head in heads] for row in table.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        numbers = [all(not isinstance(row[head], str) for row in table.rows) for head in heads]
        rule = ["-" * (width - right) + ":" * right for width, right in zip(widths, numbers, strict=True)]
        lines.insert(1, rule)
        parts += ["| " + " | ".join(map(_padded, line, widths, numbers)) + " |" for line in lines]
    return "\n".join(parts).rstrip("\n") + "\n"


def _padded(text: str, width: int, number: bool) -> str:  # noqa: FBT001
    return text.rjust(width) if number else text.ljust(width)


def _cell(value: Value) -> str:
    """Show a number with three digits that count, whole from 100 on."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else value.replace("|", "\\|")


def keep(measured: Mapping[str, Sequence[Table]], folder: Path = KEPT) -> None:
    """Write bench.json and bench.md; groups that were not measured this time stay as they were."""
    path = folder / "bench.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for group, tables in measured.items():
        kept[group] = {"machine": machine(), "tables": [asdict(table) for table in tables]}
    _write(path, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    _write(folder / "bench.md", report(kept))


def report(kept: Mapping[str, Any]) -> str:
    """Write all that is kept as one page of Markdown, each group with the machine that it was measured on."""
    parts = ["# What it costs: `make bench`\n"]
    for group in kept.values():
        parts += [markdown(Table(**table)) for table in group["tables"]]
        parts.append("Measured on: " + ", ".join(f"{name} {value}" for name, value in group["machine"].items()) + ".\n")
    return "\n".join(parts)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
