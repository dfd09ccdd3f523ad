"""What hangs on a name: the numbers of the lists before and after a ruling, and the pages that show them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from kit.agencies import COUNTRY, resolve_lists
from kit.ap import ap_date
from kit.errors import DataError
from kit.names import STATE_NAMES
from kit.rulings import compare
from kit.sharing import DATA
from kit.story import CHANGES, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    import pandas as pd

    from kit.sharing import SharingList

Numbers: TypeAlias = "dict[tuple[str, str], tuple[int, int]]"
"""Low and high of each number, by what is counted (`Agencies that … shares with`) and which of it (`in Texas`)."""

_SECTIONS = {
    "shares_with": "Agencies that {owner} shares {data} with",
    "receives_from": "Agencies that {owner} gets {data} from",
}
_DATA = {"detections": "plate data", "network": "network data", "hotlist": "hot lists"}


@dataclass(frozen=True)
class Page:
    """A page that was made: its place, and the rows behind each of its findings."""

    place: str
    findings: tuple[frozenset[str], ...]

    def count_any(self, rows: AbstractSet[str]) -> int:
        """Say how many findings count one of these rows."""
        return sum(1 for finding in self.findings if not finding.isdisjoint(rows))


@dataclass(frozen=True)
class Tally:
    """The resolved rows of all lists, and the numbers."""

    rows: pd.DataFrame
    numbers: Numbers


def made_pages() -> list[Page]:
    """Give the pages under figures/, by their findings.json; DataError where one is not whole."""
    pages = []
    for path in sorted((DATA.parent / "figures").glob("*/findings.json")):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            findings = tuple(frozenset(finding["rows"]) for finding in said["findings"])
            pages.append(Page(str(said["place"]), findings))
        except (ValueError, KeyError, TypeError) as cause:
            msg = "The findings of a page are not whole."
            raise DataError(msg, f"figures/{path.parent.name}/findings.json", "Make the page again.") from cause
    return pages


def tally(lists: Sequence[SharingList]) -> Tally:
    """Resolve the lists and count them by the rulings that are in force."""
    rows = resolve_lists(lists)
    return Tally(rows, _numbers(lists, rows))


def _numbers(lists: Sequence[SharingList], rows: pd.DataFrame) -> Numbers:
    """Count the resolved rows of the lists as pages do: by section and state, kind and group; what changed."""
    found: Numbers = {}
    about = {one.list_id: one for one in lists}
    sections = rows[rows["counted"] == "yes"].groupby(["list_id", "direction", "data"], sort=False)
    for (list_id, direction, data), section in sections:
        one = about[str(list_id)]
        heading = _SECTIONS[str(direction)].format(owner=one.owner, data=_DATA[str(data)])
        heading = f"{heading}, list of {ap_date(one.date)} ({one.list_id})"
        found |= {(heading, label): count for label, count in _counts(section)}
    for old, new in _pairs(lists):
        heading = f"Between the lists {old.list_id} and {new.list_id}"
        changes = compare(old, new)["change"].value_counts()
        found |= {(heading, CHANGES[str(what)][0].lower()): (int(n), int(n)) for what, n in changes.items()}
    return found


def _pairs(lists: Sequence[SharingList]) -> Iterator[tuple[SharingList, SharingList]]:
    """Pair each list with the next one of the same owner and system."""
    of_owner: dict[tuple[str, str], list[SharingList]] = defaultdict(list)
    for one in lists:
        of_owner[one.owner, one.system].append(one)
    for series in of_owner.values():
        yield from pairwise(series)


def _counts(section: pd.DataFrame) -> Iterator[tuple[str, tuple[int, int]]]:
    """Count one section of a list: all, by state (a range), by kind and by federal group."""
    sure = section["status"] == "certain"
    there, could, anywhere = Counter(section["state"][sure]), Counter[str](), 0
    for candidates in section["candidates"][~sure]:
        could.update(candidates.split(";") if candidates else [])
        anywhere += not candidates
    yield "in all", (len(section), len(section))
    yield "whose state is not certain", (int((~sure).sum()),) * 2
    for code, name in {**STATE_NAMES, COUNTRY: "the whole country"}.items():
        yield f"in {name}", (there[code], there[code] + could[code] + (anywhere if code != COUNTRY else 0))
    for column in ("kind", "group"):
        for code, count in Counter(section[column]).items():
            if code:
                yield WORDS.get(code, code).lower(), (count, count)


def changes(before: Tally, after: Tally) -> Iterator[str]:
    """Say each number that is another one now, old and new, under what it counts.

    States in which only the high end moves by names that could be there too stand in one line.
    """
    moved: dict[str, list[str]] = defaultdict(list)
    aside: dict[str, list[str]] = defaultdict(list)
    for heading, label in dict.fromkeys([*before.numbers, *after.numbers]):
        was, now = (one.numbers.get((heading, label), (0, 0)) for one in (before, after))
        if was != now:
            said = f"{label}: {_figures(was)} -> {_figures(now)}"
            (moved if was[0] != now[0] or was[0] else aside)[heading].append(said)
    for heading in dict.fromkeys([*moved, *aside]):
        yield f"{heading}:"
        yield from (f"  {said}" for said in moved[heading])
        if aside[heading]:
            yield f"  {'; '.join(aside[heading])}"


def _figures(count: tuple[int, int]) -> str:
    low, high = count
    if low == high:
        return f"{low:,}"
    return f"{low:,} to {high:,}" if low else f"up to {high:,}"


def touched(before: Tally, after: Tally) -> list[str]:
    """Give the places whose pages under figures/ count a row that is another one now, or a state's changed number."""
    was, now = (one.rows.drop(columns="basis").astype("object").fillna("") for one in (before, after))
    moved = set(was["row_id"][(was != now).any(axis=1)])
    places = {label for (heading, label), _ in before.numbers.items() ^ after.numbers.items()}
    return [page.place for page in made_pages() if f"in {_state(page.place)}" in places or page.count_any(moved)]


def _state(place: str) -> str:
    """Give the name of the state of a page: `Texas`, or of `Austin, TX` likewise."""
    code = place.rpartition(",")[2].strip()
    return STATE_NAMES.get(code, code)
