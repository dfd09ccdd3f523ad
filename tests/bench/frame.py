"""The frame of `make bench`: what a command costs, beside what it is compared with, as a table and as JSON.

Each run is a process of its own, in turns with the runs that it is compared with, so that a machine that
gets slower gets slower for both. CPU is by the system's accounting: seconds of user and system time of
the process and of all that it started and waited for. Memory is the largest resident size of one of them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "figures" / "gallery"

Value = str | float | None
_TOLD = {"at most": lambda value, bound: value <= bound, "exactly": lambda value, bound: value == bound}
# Linux counts the largest resident size in KiB, macOS in bytes.
_RESIDENT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure: rounds of each comparison, and the damages of the scans that are read."""

    rounds: int
    damages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of CPU and of wall time, MiB of peak memory, the JSON of its last line."""

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
    """Run a command in the repository's folder and measure it; CalledProcessError where it fails.

    The process that measures must itself stay small: what it takes counts as its child's least peak.
    """
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read().splitlines()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * _RESIDENT / 2**20, json.loads(said[-1]))


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
