"""A folder and the former one of its place -> `changes.json`: which numbers are others now, and why.

Where nothing differs the former `changes.json` stays as it is: the same inputs give the same bytes, and a
correction is told until the next one. A first run has none.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kit.errors import RunError
from kit.page.ledger import heading, number_of, placed_in, read_findings, read_rows, read_text, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

NAME = "changes.json"

_KEPT = 5
"""Runs that a page remembers."""
_NAMES = 5
"""Agencies that are named for one number; `others` counts the rest."""
# What makes a row of a list the same one in a later reading; its number may be another.
_SAME = ("list_id", "direction", "data", "hotlist", "partner")
_PARAMETERS = ("parameters", "injected-parameters")
_AND = "; "
_FIGURE = re.compile(r"\d[\d,]*")


@dataclass(frozen=True)
class Names:
    """Agencies that a number counts no longer, or only now: the first of them, and how many others there are."""

    names: tuple[str, ...] = ()
    others: int = 0


@dataclass(frozen=True)
class Number:
    """A number that is another, or counts others; `now` is empty where the page has it no more."""

    id: str
    label: str
    was: str
    now: str
    said: str
    says: str
    went: Names
    came: Names


@dataclass(frozen=True)
class Placing:
    """A row that is placed otherwise than before; `was` or `now` is empty where only one of the readings has it."""

    name: str
    record: str
    was: str
    now: str
    why: str


@dataclass(frozen=True)
class Run:
    """What one run changed: records and parameters that differ, rows placed otherwise, and the numbers.

    `headline` are the ids of former headline numbers that no longer hold.
    """

    added: tuple[str, ...]
    gone: tuple[str, ...]
    replaced: tuple[str, ...]
    parameters: tuple[str, ...]
    placings: tuple[Placing, ...]
    numbers: tuple[Number, ...]
    headline: tuple[str, ...]

    @property
    def broken(self) -> list[Number]:
        """Former headline numbers that no longer hold."""
        return [one for one in self.numbers if one.id in self.headline]

    def was(self, name: str) -> str:
        """Give what a number was, empty where it is the same or new."""
        return next((one.was for one in self.numbers if one.id == name and one.was != one.now), "")


def write_changes(folder: Path, former: Path) -> None:
    """Write changes.json into a folder from the former one of its place; none where there is nothing to tell.

    A former folder that is not there or not whole changes nothing; RunError where the new one is not whole.
    """
    runs = read_changes(former)
    before = None if _alike(folder, former) else _former(former)
    if before:
        found = _compared(before, _Side(folder))
        runs = (found, *runs)[:_KEPT] if any(asdict(found).values()) else runs
    if runs:
        text = json.dumps({"runs": [asdict(run) for run in runs]}, ensure_ascii=False, indent=1)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read_changes(folder: Path) -> tuple[Run, ...]:
    """Read the changes that a folder remembers, the newest first; none where they are not there or not whole."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return tuple(_run(one) for one in said["runs"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _alike(folder: Path, former: Path) -> bool:
    """Tell whether two folders have the same rows and findings, so that nothing more need be read."""
    files = [(folder / name, former / name) for name in ("findings.json", "sharing.csv")]
    return all(old.is_file() and old.read_bytes() == new.read_bytes() for new, old in files)


class _Side:
    """One of two folders to compare."""

    def __init__(self, folder: Path) -> None:
        said = read_findings(folder)
        self.findings: dict[str, dict[str, Any]] = {str(one["id"]): one for one in said["findings"]}
        self.headline: list[str] = list(said.get("headline") or ())
        self.records = {str(one["id"]): heading(one) for one in said["lists"]}
        self.files = {str(one["id"]): str(one.get("sha256", "")) for one in said["lists"]}
        self.rows = {row_id: words_of(line) for row_id, line in read_rows(folder)[0].items()}
        self.used = {_same(self.rows[name]) for one in said["findings"] for name in one["rows"] if name in self.rows}
        self.parameters = _parameters(folder)

    def counted(self, name: str) -> Counter[tuple[str, ...]]:
        """Give the rows that a finding counts, each as what stays the same from reading to reading."""
        found = self.findings.get(name, {}).get("rows", ())
        return Counter(_same(self.rows[row_id]) for row_id in found if row_id in self.rows)


def _former(folder: Path) -> _Side | None:
    try:
        return _Side(folder)
    except (RunError, AttributeError, KeyError, TypeError, ValueError):
        return None


def _compared(before: _Side, after: _Side) -> Run:
    both = [name for name in after.records if name in before.records]
    numbers = tuple(_numbers(before, after))
    changed = {one.id for one in numbers if one.was != one.now or _figures(one.said) != _figures(one.says)}
    return Run(
        added=tuple(words for name, words in after.records.items() if name not in before.records),
        gone=tuple(words for name, words in before.records.items() if name not in after.records),
        replaced=tuple(after.records[name] for name in both if before.files[name] != after.files[name]),
        parameters=tuple(_other_parameters(before.parameters, after.parameters)),
        placings=tuple(dict.fromkeys(_placings(before, after, both))),
        numbers=numbers,
        headline=tuple(name for name in before.headline if name in changed),
    )


def _numbers(before: _Side, after: _Side) -> Iterator[Number]:
    """Give the numbers of the former page that are others now, or are the same and count others."""
    for name, old in before.findings.items():
        new = after.findings.get(name)
        was, now = number_of(old), number_of(new) if new else ""
        went, came = (before.counted(name), after.counted(name)) if new else (Counter(), Counter())
        said, says = (str((one or {}).get("sentence", "")) for one in (old, new))
        if (was, went, _figures(said)) == (now, came, _figures(says)):
            continue
        label = str((new or old).get("label", name))
        yield Number(name, label, was, now, said, says, _named(went - came), _named(came - went))


def _figures(sentence: str) -> list[str]:
    """Give the numbers of a sentence: other words alone are no correction."""
    return _FIGURE.findall(sentence)


def _named(rows: Counter[tuple[str, ...]]) -> Names:
    names = [row[-1] for row in rows.elements()]
    return Names(tuple(names[:_NAMES]), len(names[_NAMES:]))


def _placings(before: _Side, after: _Side, both: Sequence[str]) -> Iterator[Placing]:
    """Give the rows behind numbers, of records that both runs know, that are placed otherwise or are in one alone."""
    old, new = (_places(side.rows.values(), set(both)) for side in (before, after))
    for key in [key for key in dict.fromkeys((*old, *new)) if key in before.used or key in after.used]:
        was, now = old.get(key, []), new.get(key, [])
        if Counter(place for place, _ in was) != Counter(place for place, _ in now):
            before_that, is_now = (_AND.join(dict.fromkeys(place for place, _ in places)) for places in (was, now))
            why = _AND.join(dict.fromkeys(basis for _, basis in now))
            yield Placing(key[-1], after.records[key[0]], before_that, is_now, why)


def _places(rows: Iterable[Mapping[str, str]], lists: set[str]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Give for each row where it is placed, in words, and why."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row["list_id"] in lists:
            found[_same(row)].append((_placed(row), row["basis"]))
    return found


def _placed(row: Mapping[str, str]) -> str:
    kind = row["kind"].replace("_", " ")
    told = [placed_in(row), kind, row["status"], "not counted" if row["counted"] == "no" else ""]
    return ", ".join(part for part in told if part)


def _same(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in _SAME)


def _parameters(folder: Path) -> dict[str, str]:
    """Read the parameters that a notebook ran with: where one is given twice, the later holds."""
    cells = json.loads(read_text(folder, "notebook.ipynb")).get("cells", ())
    told = ["".join(cell["source"]) for cell in cells if set(_PARAMETERS) & set(cell["metadata"].get("tags", ()))]
    lines = [line.partition(" = ") for text in told for line in text.splitlines()]
    return {name.partition(":")[0]: value.partition("  #")[0].strip() for name, mark, value in lines if mark}


def _other_parameters(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name, 'not given')} before, {after.get(name, 'not given')} now"


def _run(said: dict[str, Any]) -> Run:
    """Make a run of what JSON has."""
    lists = {name: tuple(said[name]) for name in ("added", "gone", "replaced", "parameters", "headline")}
    return Run(
        **lists,
        placings=tuple(Placing(**one) for one in said["placings"]),
        numbers=tuple(
            Number(**one | {name: Names(tuple(one[name]["names"]), one[name]["others"]) for name in ("went", "came")})
            for one in said["numbers"]
        ),
    )
