"""How fast records are read: PDF against pdfplumber, workbooks and a long edge list against pandas."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.frame import ROOT, Pace, Run, Table, compared, interleaved, middle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.frame import Value

TASKS = Path(__file__).with_name("tasks.py")
# Records are not in the repository: they stand in a reporter's data/records, or beside the repository.
FOLDERS = (ROOT / "data" / "records", ROOT.parent / "shared" / "records")
TIMES = 5
_STARTS = """\
A new process also starts Python and loads libraries; `once more` is the reading alone, each time of a new copy
of the file, in a process that has done so."""


@dataclass(frozen=True, slots=True)
class Real:
    """A real record and the true counts of its sections, as SOURCES.md beside the records has them."""

    name: str
    label: str
    counts: tuple[int, ...]

    def path(self) -> Path | None:
        """Give the file, if it is here."""
        return next((folder / self.name for folder in FOLDERS if (folder / self.name).exists()), None)


PDFS = (
    Real("orange-county-sheriff-2020-02-06-vigilant.pdf", "LEARN report of 2020, 14 pages", (295, 311, 0, 29)),
    Real("orange-county-sheriff-2025-03-11-vigilant.pdf", "VehicleManager report of 2025, 9 pages", (149, 138, 0, 19)),
)
WORKBOOKS = (
    Real("irvine-2025-02-11-a1-a4.xlsx", "answers A1 to A4, 6 sheets", (316, 1553, 156, 1065)),
    Real("orange-county-sheriff-2025-12-30-flock-networks.xlsx", "Flock network export, 1 sheet", (308, 330)),
)
EDGES = 1_000_000
MOST_MEMORY = 1024.0


def measure(pace: Pace) -> list[Table]:
    """Measure the readers."""
    return [
        _real("PDF: the kit's rows against pdfplumber's extract_text", PDFS, "pdfplumber", ("at most", 0.1), pace),
        _real(
            "XLSX: the kit's rows against pandas.read_excel, all sheets, the same engine (calamine)",
            WORKBOOKS,
            "read_excel",
            None,
            pace,
        ),
        _edges(pace),
    ]


def _real(title: str, records: Iterable[Real], other: str, asked: tuple[str, Value] | None, pace: Pace) -> Table:
    """Read each record in new processes, then again and again in one process, both in turns with the other."""
    rows: list[dict[str, Value]] = []
    absent = []
    for record in records:
        path = record.path()
        if path is None:
            absent.append(record.name)
            continue
        new = interleaved({one: _task(one, path) for one in ("kit", other)}, pace.rounds)
        again = interleaved({one: _task(one, path, str(TIMES)) for one in ("kit", other)}, pace.rounds)
        (found,) = {_sections(run.said["sections"]) for run in new["kit"]}
        rows += [
            compared(record.label, "rows", found, asked=("exactly", _sections(record.counts))),
            compared("", "CPU s, new process", middle(new["kit"], "cpu"), other, middle(new[other], "cpu")),
            compared("", "CPU s, once more", _once_more(again["kit"]), other, _once_more(again[other]), asked=asked),
            compared("", "peak MiB", middle(new["kit"], "peak"), other, middle(new[other], "peak")),
        ]
    notes = [f"Not here, so not measured: {', '.join(absent)}."] if absent else []
    return Table(title, " ".join([*notes, *([_STARTS] if rows else [])]), tuple(rows))


def _edges(pace: Pace) -> Table:
    """Read a made-up table of pairs, as rows and as the sharing table."""
    rows: list[dict[str, Value]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = write_edges(Path(folder) / "edges.csv", EDGES)
        ways = {one: _task(one, path) for one in ("kit", "kit_table", "read_csv")}
        runs = interleaved(ways, min(pace.rounds, 3))
    for way, label in (("kit", "read"), ("kit_table", "read, and made the sharing table")):
        ours, other = ({what: middle(runs[one], what) for what in ("cpu", "wall", "peak")} for one in (way, "read_csv"))
        (found,) = {run.said["rows"] for run in runs[way]}
        rows += [
            compared(label, "rows", found, asked=("exactly", EDGES)),
            compared("", "rows a second", EDGES / ours["wall"], "read_csv", EDGES / other["wall"]),
            compared("", "CPU s", ours["cpu"], "read_csv", other["cpu"]),
            compared("", "peak MiB", ours["peak"], asked=("at most", MOST_MEMORY)),
        ]
    return Table(f"CSV: {EDGES:,} pairs of agencies, made up of 5,000 names", "", tuple(rows))


def write_edges(path: Path, count: int) -> Path:
    """Write a table of pairs (columns: source, target): invented agencies, the same each time."""
    names = [
        f"{near}{start}{end} {state} {kind}"
        for near, start, end, state, kind in product(
            ("", "North ", "South ", "Lake ", "Mount "),
            ("Ex", "Sam", "Fab", "Tor", "Wil", "Mar", "Hol", "Kin", "Bel", "Dun"),
            ("ampleville", "burg", "ton", "ford"),
            ("CA", "GA", "IL", "OH", "TX"),
            ("PD", "SO", "Police Department", "Sheriff's Office", "University PD"),
        )
    ]
    chance = Random(20)  # noqa: S311  (the same pairs each time, no secret)
    with path.open("w", encoding="utf-8") as file:
        file.write("source,target\n")
        file.writelines(f"{chance.choice(names)},{chance.choice(names)}\n" for _ in range(count))
    return path


def _sections(counts: Iterable[int]) -> str:
    return " + ".join(map(str, counts))


def _task(reader: str, path: Path, *times: str) -> tuple[str, ...]:
    return (sys.executable, str(TASKS), reader, str(path), *times)


def _once_more(runs: Sequence[Run]) -> float:
    return median(cpu for run in runs for cpu in run.said["again"])
