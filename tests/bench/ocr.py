"""How well and how fast scans are read: real reports made worse, and compared with the digital file."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.frame import Pace, Table, run
from tests.bench.records import PDFS
from tests.bench.tasks import cpu

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.bench.frame import Value

TITLE = "OCR: scans of the reports, by degradation"
# As a process of its own: what it takes in memory is its own, and the bench stays small.
_CODE = "import json, sys; from tests.bench.ocr import read_scans; print(json.dumps([*read_scans(sys.argv[1:])]))"


def measure(pace: Pace) -> list[Table]:
    """Measure the reading of scans that have no text."""
    if absent := [record.name for record in PDFS if record.path() is None]:
        return [Table(TITLE, f"Not here, so not measured: {', '.join(absent)}.", ())]
    done = run((sys.executable, "-c", _CODE, *pace.damages))
    note = (
        "Names are right when they are as printed, to the letter; before and after mending against the names "
        f"of other lists. All in one process, {done.peak:,.0f} MiB at its peak."
    )
    return [Table(TITLE, note, tuple(done.said))]


def read_scans(damages: Iterable[str]) -> Iterator[dict[str, Value]]:
    """Read a scan of each report for each damage; mending does not know the report's own list."""
    from kit.records import vigilant
    from tests.records.degrade import scan
    from tests.records.measure_ocr import compare, names_without

    truths = [(record.path(), vigilant.read(record.path()), names_without(record.path().stem)) for record in PDFS]
    for damage in damages:
        for path, truth, names in truths:
            with tempfile.TemporaryDirectory() as folder:
                made = scan(path, Path(folder), damage)
                start, used = time.perf_counter(), cpu()
                found = vigilant.read(made, names)
                seconds, used = time.perf_counter() - start, cpu() - used
            score = compare(truth, found)
            yield {
                "degradation": damage,
                "report": truth.date[:4],
                "rows": score.rows,
                "rows read": score.kept,
                "rows made up": score.extra,
                "% of names right, before": 100 * score.right_before / score.rows,
                "% after": 100 * score.right / score.rows,
                "wrong mends": len(score.wrong),
                "s a page": seconds / truth.pages,
                "CPU s a page": used / truth.pages,
            }
