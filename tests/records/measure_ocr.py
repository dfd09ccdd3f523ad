"""How well scans are read: real records made worse, read, and compared with the digital file, row by row.

Mending knows nothing of the record that is read: its own list is taken out of the names that exist. The
table of `make bench` is made with this; `measure` gives the names too, to find why one was not read.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import Levenshtein

from kit.records import mending, vigilant
from tests.conftest import RECORDS
from tests.records.degrade import scan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.records.record import Record, Row

REPORTS = (
    "orange-county-sheriff-2020-02-06-vigilant",
    "orange-county-sheriff-2025-03-11-vigilant",
)


@dataclass(frozen=True)
class Score:
    """How the rows of a scan compare with the truth; `wrong` holds (read, mended, printed)."""

    rows: int
    kept: int
    extra: int
    right_before: int
    right: int
    cells: int
    cells_right: int
    wrong: tuple[tuple[str, str, str], ...]
    left: tuple[tuple[str, str], ...]


def measure(damages: Sequence[str]) -> list[dict[str, Any]]:
    """Give a line a damage and record: both names, the fields of Score, and seconds a page."""
    lines = []
    for damage in damages:
        for list_id in REPORTS:
            record = RECORDS / f"{list_id}.pdf"
            truth = vigilant.read(record)
            with tempfile.TemporaryDirectory() as folder:
                path = scan(record, Path(folder), damage)
                start = time.perf_counter()
                found = vigilant.read(path, names_without(list_id))
                seconds = (time.perf_counter() - start) / truth.pages
            score = asdict(compare(truth, found))
            lines.append({"damage": damage, "record": list_id, **score, "seconds_a_page": seconds})
    return lines


def names_without(list_id: str) -> mending.Names:
    """Give the names that the kit would know if it did not hold a list, nor a copy of it."""
    return mending.names_of(path for path in mending.LISTS.glob("*.csv") if not path.name.startswith(list_id))


def compare(truth: Record, found: Record) -> Score:
    """Line up the rows of a scan with those of the digital file, section by section."""
    pairs: list[tuple[Row, Row]] = []
    for section in truth.counts():
        there = [row for row in truth.rows if (row.direction, row.data) == section]
        read = [row for row in found.rows if (row.direction, row.data) == section]
        pairs += lined_up(there, read)
    before = [(printed, row.read_as.split(" | ")[0] or row.partner) for printed, row in pairs]
    cells = [
        (one, other)
        for printed, row in pairs
        for one, other in zip(_others(printed), _others(row), strict=True)
        if one or other
    ]
    mends = [
        (read, row.partner, printed.partner)
        for (printed, read), (_, row) in zip(before, pairs, strict=True)
        if read != row.partner != printed.partner and _further(read, row.partner, printed.partner)
    ]
    return Score(
        rows=len(truth.rows),
        kept=len(pairs),
        extra=len(found.rows) - len(pairs),
        right_before=sum(printed.partner == read for printed, read in before),
        right=sum(printed.partner == row.partner for printed, row in pairs),
        cells=len(cells),
        cells_right=sum(one == other for one, other in cells),
        wrong=tuple(mends),
        left=tuple((row.partner, printed.partner) for printed, row in pairs if row.partner != printed.partner),
    )


def lined_up(there: list[Row], read: list[Row]) -> list[tuple[Row, Row]]:
    """Pair the rows of a section in order; rows that were lost or made up stay without a partner."""
    # Cost 0 to 1 of pairing two names; a row without a partner costs as much as a hardly similar pair.
    alone = 0.6
    cost = [[alone * max(i, j) for j in range(len(read) + 1)] for i in range(len(there) + 1)]
    like = [[Levenshtein.normalized_distance(a.partner, b.partner) for b in read] for a in there]
    for i, row in enumerate(like, start=1):
        for j, apart in enumerate(row, start=1):
            cost[i][j] = min(cost[i - 1][j - 1] + apart, cost[i - 1][j] + alone, cost[i][j - 1] + alone)
    pairs, i, j = [], len(there), len(read)
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + like[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((there[i], read[j]))
        elif cost[i][j] == cost[i - 1][j] + alone:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _others(row: Row) -> tuple[str, str, str]:
    return row.hotlist, row.partner_city, row.partner_state


def _further(read: str, mended: str, printed: str) -> bool:
    """Tell whether a mend led away from what is printed, or to another name."""
    return Levenshtein.distance(mended, printed) >= Levenshtein.distance(read, printed)
