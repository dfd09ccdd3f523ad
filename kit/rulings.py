"""Rulings: what reporters decided about names, with who, when and why.

A ruling is a row of `data/rulings/agencies.csv`; none is ever deleted. What one may say: `decisions`.

Rulings on one name go by their dates; of two that say where an agency is the later is in force, of
two on its kind likewise. One for a single list comes before one for all lists.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd

from kit import sharing
from kit.decisions import APART, KIND, NO_AGENCY, SAME, UNDO, Decision, decide, same_name
from kit.errors import DataError
from kit.sharing import DATA, as_rows, as_tuples, read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kit.sharing import SharingList

COLUMNS = ("name", "decision", "list_id", "who", "when", "why")
"""Columns of `data/rulings/agencies.csv`; an empty `list_id` means every list."""


@dataclass(frozen=True)
class Ruling:
    """A decision about a name as lists print it, in every list or in the one of `list_id`."""

    name: str
    decision: Decision
    list_id: str
    who: str
    when: str
    why: str

    @property
    def basis(self) -> str:
        """Say on whose word a row stands."""
        return f"ruling of {self.who}, {self.when}: {self.why}"

    @property
    def scope(self) -> tuple[str, str]:
        """What it is about: the name, however it is spaced and in whatever case, and the list."""
        return same_name(self.name), self.list_id

    @property
    def line(self) -> dict[str, str]:
        """Its row of COLUMNS."""
        return {**{column: getattr(self, column) for column in COLUMNS}, "decision": self.decision.text}


@dataclass(frozen=True)
class Standing:
    """What is in force on a name: where it is (or that it is none, or whose account), its kind, who it is not."""

    where: Ruling | None = None
    kind: Ruling | None = None
    apart: frozenset[str] = frozenset()

    def after(self, ruling: Ruling) -> Standing:
        """Give what is in force after one more ruling."""
        decision = ruling.decision
        if decision.verb == UNDO:
            return Standing()
        if decision.verb == KIND:
            return replace(self, kind=ruling)
        if decision.verb == APART:
            other = same_name(decision.other)
            return replace(self.without(other), apart=self.apart | {other})
        return replace(self.without(same_name(decision.other)), where=ruling)

    def without(self, other: str) -> Standing:
        """Forget what was ruled about this name and that other one together."""
        joined = self.where and same_name(self.where.decision.other) == other != ""
        return replace(self, where=None if joined else self.where, apart=self.apart - {other})


@dataclass(frozen=True)
class News:
    """Which of some rulings are new, which stand there already, and whose place the new ones take, in words."""

    new: tuple[Ruling, ...]
    known: tuple[Ruling, ...]
    conflicts: tuple[str, ...]


def ruling_of(line: Mapping[str, str], where: str) -> Ruling:
    """Make a ruling of a row of COLUMNS; DataError that names the row where something is missing or wrong."""
    given = {column: " ".join(line.get(column, "").split()) for column in COLUMNS}
    if missing := [column for column in COLUMNS if not given[column] and column != "list_id"]:
        what = f'The ruling on "{given["name"]}" does not say {", ".join(missing)}.'
        raise DataError(what, where, "Fill in name, decision, who, when and why: a ruling is checked by them.")
    if not _is_day(given["when"]):
        raise DataError(f'"{given["when"]}" is not a date.', where, "Write the day of the ruling as in 2026-01-02.")
    try:
        decision = decide(given["decision"])
    except DataError as error:
        raise DataError(error.what, where, error.do) from error
    if same_name(decision.other) == same_name(given["name"]):
        what = f'The ruling on "{given["name"]}" names the same name again.'
        raise DataError(what, where, "To place it, write its state. Two lists that mean two agencies: fill in list_id.")
    return Ruling(given["name"], decision, given["list_id"], given["who"], given["when"], given["why"])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def on(name: str, list_id: str = "") -> Standing:
    """Give what is in force on a name in a list; what is ruled for that list alone comes first."""
    return _standing(_in_force(), same_name(name), list_id)


def accounts(name: str, list_id: str = "") -> tuple[str, ...]:
    """Give the names that rulings say are accounts of one agency, the one that it is counted by first."""
    return _groups(limited(list_id)).get(same_name(name), (name,))


def limited(list_id: str) -> str:
    """Give the list's id where some ruling is for that list alone, else nothing: one question serves all lists."""
    return list_id if list_id in _limited() else ""


def are_apart(one: str, other: str) -> bool:
    """Tell whether a ruling says that two names are not the same agency."""
    names = same_name(one), same_name(other)
    return names[1] in on(names[0]).apart or names[0] in on(names[1]).apart


def stands_alone(name: str) -> bool:
    """Tell whether a ruling sets a name apart from another."""
    return same_name(name) in _set_apart()


def counted(rows: pd.DataFrame) -> pd.Series:
    """Tell of each row of SHARING_COLUMNS whether it counts as an agency of its own.

    A name that a ruling says is no agency does not; of the accounts of one agency, one in each section of a list.
    """
    sections = as_tuples(rows[["partner", "list_id", "direction", "data", "hotlist"]])
    places: list[tuple[str, ...]] = []
    best: dict[tuple[str, ...], tuple[int, int]] = {}
    for position, (name, list_id, *section) in enumerate(sections):
        first, *others = accounts(name, list_id)
        where = on(first, list_id).where
        # A name that no ruling joins to another counts as often as the record prints it.
        agency = same_name(first) if others else f"{position}"
        places.append(("",) if where and where.decision.verb == NO_AGENCY else (agency, list_id, *section))
        rank = [same_name(one) for one in (first, *others)].index(same_name(name)) if others else 0
        best[places[-1]] = min(best.get(places[-1], (rank, position)), (rank, position))
    best.pop(("",), None)
    return pd.Series([best.get(key, (0, -1))[1] == n for n, key in enumerate(places)], index=rows.index, dtype=bool)


def compare(old: SharingList, new: SharingList, direction: str = "shares_with") -> pd.DataFrame:
    """Compare two lists of one owner (`sharing.compare`), by the rulings on what is an agency and one agency."""
    before, after = (replace(one, rows=one.rows[counted(one.rows)]) for one in (old, new))
    gone, come = (
        {_agency(name, one.list_id): name for name in one.section(direction)["partner"]} for one in (before, after)
    )
    ruled = [(gone[agency], come[agency]) for agency in gone if agency and agency in come]
    return sharing.compare(before, after, direction, ruled=ruled, apart=are_apart)


def _agency(name: str, list_id: str) -> str:
    """Give the agency that a name is an account of, where rulings say that it has several, else nothing."""
    first, *others = accounts(name, list_id)
    return same_name(first) if others else ""


def without_name(names: Iterable[str]) -> list[str]:
    """Give the names that are ruled on and are not among these."""
    there = {same_name(name) for name in names}
    return list(dict.fromkeys(ruling.name for ruling in load() if ruling.scope[0] not in there))


def news(given: Sequence[Ruling]) -> News:
    """Tell which rulings are new, and which of those in force they replace or stand behind; DataError for a circle."""
    kept, known = list(load()), []
    before = _fold(kept)
    there = {_content(ruling): ruling for ruling in kept}
    for ruling in given:
        # A ruling that was undone since and is made again is news; the former sheet given in again is not.
        same = there.setdefault(_content(ruling), ruling)
        if same is not ruling and _fold([*kept, same]) == _fold(kept):
            known.append(ruling)
        else:
            kept.append(ruling)
    new, after = kept[len(load()) :], _fold(kept)
    for list_id in {"", *(list_id for _, list_id in after)}:
        _joined(after, list_id)
    said = [said for ruling in new if (said := _conflict(ruling, before, after))]
    return News(tuple(new), tuple(known), tuple(said))


def keep(new: Sequence[Ruling]) -> None:
    """Append rulings to `data/rulings/agencies.csv`; what stands there stays."""
    path = DATA / "rulings" / "agencies.csv"
    lines = pd.DataFrame([ruling.line for ruling in new], columns=list(COLUMNS))
    write_table(pd.concat([read_table(path), lines]).reindex(columns=list(COLUMNS)).fillna(""), path)
    forget()


def forget() -> None:
    """Read the rulings anew at the next question."""
    for kept in (load, _in_force, _limited, _set_apart, _groups):
        kept.cache_clear()


@cache
def load() -> tuple[Ruling, ...]:
    """Load the rulings as they were added; DataError that names the row where one is not as it should be."""
    lines = as_rows(read_table(DATA / "rulings" / "agencies.csv", [name for name in COLUMNS if name != "list_id"]))
    return tuple(ruling_of(line, f"data/rulings/agencies.csv, row {row}") for row, line in enumerate(lines, start=2))


@cache
def _in_force() -> dict[tuple[str, str], Standing]:
    return _fold(load())


def _fold(rulings: Iterable[Ruling]) -> dict[tuple[str, str], Standing]:
    """Play rulings in the order of their days, and of their rows; give what is in force on each name."""
    force: dict[tuple[str, str], Standing] = {}
    for ruling in sorted(rulings, key=attrgetter("when")):
        name, list_id = ruling.scope
        force[name, list_id] = force.get((name, list_id), Standing()).after(ruling)
        other = (same_name(ruling.decision.other), list_id)
        if other in force:
            force[other] = force[other].without(name)
    return {scope: standing for scope, standing in force.items() if standing != Standing()}


@cache
def _limited() -> frozenset[str]:
    return frozenset(list_id for _, list_id in _in_force() if list_id)


@cache
def _set_apart() -> frozenset[str]:
    pairs = [(name, *standing.apart) for (name, _), standing in _in_force().items() if standing.apart]
    return frozenset(name for pair in pairs for name in pair)


@cache
def _groups(list_id: str) -> dict[str, tuple[str, ...]]:
    return _joined(_in_force(), list_id)


def _standing(force: Mapping[tuple[str, str], Standing], name: str, list_id: str) -> Standing:
    everywhere = force.get((name, ""), Standing())
    here = force.get((name, list_id), everywhere)
    return Standing(here.where or everywhere.where, here.kind or everywhere.kind, here.apart | everywhere.apart)


def _joined(force: Mapping[tuple[str, str], Standing], list_id: str) -> dict[str, tuple[str, ...]]:
    """Gather the accounts of each agency that has several; DataError where rulings lead round in a circle."""
    standing = {name: _standing(force, name, list_id).where for name, of in force if of in {"", list_id}}
    merged = {name: where for name, where in standing.items() if where and where.decision.verb == SAME}
    members: dict[str, list[str]] = defaultdict(list)
    for name, ruling in merged.items():
        way = [name]
        while (follow := merged.get(way[-1])) and same_name(follow.decision.other) not in way:
            way.append(same_name(follow.decision.other))
        if follow:
            what = f'The rulings on "{ruling.name}" lead round in a circle.'
            do = f"Undo one of them: {', '.join(merged[one].name for one in way)}."
            raise DataError(what, "data/rulings/agencies.csv", do)
        members[way[-1]] = members[way[-1]] or [merged[way[-2]].decision.other]
        members[way[-1]].append(ruling.name)
    return {same_name(name): tuple(group) for group in members.values() for name in group}


def _content(ruling: Ruling) -> tuple[str, ...]:
    return (*ruling.scope, ruling.decision.text.casefold(), ruling.who, ruling.when, ruling.why)


def _conflict(ruling: Ruling, before: dict[tuple[str, str], Standing], after: dict[tuple[str, str], Standing]) -> str:
    """Say which ruling a new one takes the place of, or which one it stands behind."""
    now, was = (force.get(ruling.scope, Standing()) for force in (after, before))
    there, former = (now.kind, was.kind) if ruling.decision.verb == KIND else (now.where, was.where)
    if ruling.decision.verb in {APART, UNDO}:
        return ""
    if there != ruling:
        behind = f'"{there.decision.text}" of {there.when}' if there else "an undo of a later day"
        return f'"{ruling.name}": "{ruling.decision.text}" of {ruling.when} stands behind {behind}.'
    if former and former.decision != ruling.decision:
        return (
            f'"{ruling.name}": "{ruling.decision.text}" takes the place of "{former.decision.text}" '
            f"({former.who}, {former.when})."
        )
    return ""
