"""The review sheet: which names are open, for a reporter to rule on; and back, what the rulings change.

`kit review` writes the sheet, the names first on which most hangs; `kit rule` takes it filled in, keeps
the rulings and says of each number that hangs on them what it was and what it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pandas as pd

from kit import rulings
from kit.agencies import forget, may_be_in
from kit.ap import ap_number
from kit.decisions import MAY_SAY, PLACED, SAME, UNKNOWN, same_name
from kit.errors import DataError, KitError, did_you_mean
from kit.impact import changes, made_pages, tally, touched
from kit.records.sheets import head_of, open_sheets
from kit.rulings import COLUMNS, Ruling, on, ruling_of
from kit.sharing import as_rows, load_lists, without_state, write_table
from kit.workbook import LONGEST_CELL, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kit.places import State
    from kit.records.sheets import Sheet as Opened

REVIEW_COLUMNS = {
    "name": 40,
    "decision": 24,
    "list_id": 14,
    "who": 16,
    "when": 12,
    "why": 40,
    "candidates": 20,
    "findings": 10,
    "rows": 7,
    "lists": 7,
    "agency": 30,
    "kind": 18,
    "state": 7,
    "status": 12,
    "basis": 50,
    "like_names": 40,
    "sightings": 60,
}
"""Columns of the sheet, with their widths in letters."""

_TO_FILL = COLUMNS[1:]
_TITLES = 20  # rows above the column names, at most
_RUNS = frozenset("=+-@'")
_DATE = re.compile(r"(?P<one>\d{1,2})(?P<sign>[/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})")
_HOW = "How to rule: "
_HELP = (
    "Fill in decision, who, when (as in 2026-01-02) and why; an empty row leaves its name open. Then: kit rule SHEET",
    "decision: CA (or another state; US for a unit of the whole country): the agency is in that state.",
    "decision: Norwalk, CT (a city) or Jefferson County, TX (a county): the agency is in that place.",
    "decision: not an agency: a vendor, a test account; it is counted nowhere.",
    "decision: same as NAME: another account of the agency that lists call NAME; the two are counted once.",
    "decision: not the same as NAME: what is known of NAME says nothing of this one.",
    "decision: kind: federal (or another kind; for federal units also immigration_enforcement, other_dhs).",
    "decision: unknown: it cannot be known, and is not to be asked again.",
    "decision: undo: takes back the rulings on the name.",
    "list_id: fill it in where the ruling is for that one list; else leave it empty.",
)


def open_names(rows: pd.DataFrame, state: State | None = None) -> pd.DataFrame:
    """Give the names that are not certain, with REVIEW_COLUMNS: those first on which most findings and rows hang.

    Takes resolved rows (`resolve_lists`); with a state, the names that may be in it. Test accounts and
    names that a ruling leaves open are not asked for.
    """
    asked = may_be_in(rows, state.code) if state else rows["status"] != "certain"
    asked &= ~rows["flags"].str.contains(r"\b(?:test|junk)\b")
    pages, like = made_pages(), _like_names(rows)
    lines = [
        _line(sightings, like, sum(page.count_any(set(sightings["row_id"])) for page in pages))
        for _, sightings in rows[asked].groupby(rows["partner"].map(same_name), sort=False)
    ]
    table = pd.DataFrame([line for line in lines if line], columns=list(REVIEW_COLUMNS))
    return table.sort_values(["findings", "rows", "name"], ascending=[False, False, True], ignore_index=True)


def _line(sightings: pd.DataFrame, like: Mapping[str, Sequence[str]], findings: int) -> dict[str, str | int]:
    """Give the line of a name that is open in these rows; none where a ruling leaves it open."""
    asked = [row for row in as_rows(sightings.astype("str")) if not _left_open(row["partner"], row["list_id"])]
    if not asked:
        return {}
    first = asked[0]
    seen = [f"{row['list_id']} {row['page']} {row['direction']} {row['data']}" for row in asked]
    return {
        **dict.fromkeys(REVIEW_COLUMNS, ""),
        **{column: first[column] for column in ("agency", "kind", "state", "status", "basis", "candidates")},
        "name": first["partner"],
        "findings": findings,
        "rows": len(asked),
        "lists": len({row["list_id"] for row in asked}),
        "like_names": "; ".join(
            name for name in like[without_state(first["partner"])] if same_name(name) != same_name(first["partner"])
        ),
        "sightings": _short(seen),
    }


def _left_open(name: str, list_id: str) -> bool:
    where = on(name, list_id).where
    return where is not None and where.decision.verb == UNKNOWN


def _like_names(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Gather the names that may be other accounts of one agency: of the same place and kind."""
    like: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(rows["partner"])):
        like[without_state(name)].append(name)
    return like


def _short(seen: Sequence[str]) -> str:
    """Join the sightings of a name, as many as a cell takes."""
    text = "; ".join(seen)
    if len(text) <= LONGEST_CELL:
        return text
    kept = text[: LONGEST_CELL - 100].split("; ")[:-1]
    return f"{'; '.join(kept)}; and {len(seen) - len(kept):,} more"


def write_review(table: pd.DataFrame, paths: Sequence[Path]) -> None:
    """Write the review sheet to each path, as CSV or XLSX by its ending; in neither a name runs as a formula.

    DataError, and nothing written, where an ending is another, or a file is there with decisions filled in.
    """
    for path in paths:
        if path.suffix.lower() not in {".csv", ".xlsx"}:
            what = "The review sheet is written as CSV or XLSX."
            raise DataError(what, str(path), "Name it review.csv or review.xlsx.")
        if path.exists() and _filled(path):
            what = "This file is no empty review sheet: it is not written over."
            do = f'If it is filled in, give it back first: kit rule "{path.name}". Or name another file: --out'
            raise DataError(what, str(path), do)
    for path in paths:
        _write(table, path)


def _write(table: pd.DataFrame, path: Path) -> None:
    if path.suffix.lower() == ".csv":
        first = pd.DataFrame([{"name": f"{_HOW}{' '.join(_HELP)}"}], columns=list(REVIEW_COLUMNS))
        write_table(pd.concat([first, table.astype("str")]).fillna(""), path)
        return
    review = Sheet("Review", REVIEW_COLUMNS, list(table.itertuples(index=False, name=None)), frozenset(_TO_FILL))
    write_workbook([review, Sheet("How to rule", {"How to rule": 110}, [[line] for line in _HELP])], path)


def _filled(path: Path) -> bool:
    """Tell whether a file holds anything that is no untouched review sheet."""
    try:
        return any(any(cells[column] for column in _TO_FILL) for _, cells in _lines(path))
    except KitError:
        return True


def read_sheet(path: Path) -> list[Ruling]:
    """Read a sheet that was filled in, as CSV, XLSX or another table, its columns in any order.

    Rows without a decision are left open. RecordError where the file is no table; DataError, in one
    message, where columns are missing or rows cannot be taken: all are right, or none is taken.
    """
    given: list[Ruling] = []
    wrong: list[DataError] = []
    for where, cells in _lines(path):
        try:
            given += _ruling(cells, where)
        except DataError as error:
            wrong.append(error)
    if wrong:
        more = f"{wrong[0].where}; {ap_number(len(wrong) - 1)} more: {', '.join(e.where for e in wrong[1:6])}"
        raise DataError(wrong[0].what, more if len(wrong) > 1 else wrong[0].where, wrong[0].do)
    if not given:
        what = "No decision is filled in."
        raise DataError(what, str(path), "Fill in decision, who, when and why in the rows that you rule on.")
    return given


def _ruling(cells: Mapping[str, str], where: str) -> list[Ruling]:
    """Make a ruling of a row; none where nothing is decided."""
    if cells["decision"]:
        return [ruling_of(cells, f"{where} ({cells['name'] or 'no name'})")]
    if cells["why"]:
        what = f'The row of "{cells["name"]}" has a reason and no decision.'
        raise DataError(what, where, f"Write a decision, or take the reason out. A decision is {MAY_SAY}.")
    return []


def _lines(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Read the rows of a sheet below its column names: where each is, and its cells of COLUMNS."""
    sheets = open_sheets(path, head_of(path))
    there: list[str] = []
    for sheet in sheets:
        rows = [(number, [_text(cell, quoted=not sheet.name) for cell in cells]) for number, cells in sheet.rows()]
        for position, (_, heads) in enumerate(rows[:_TITLES]):
            names = [head.lower() for head in heads]
            if {"name", "decision"} <= set(names):
                _check_columns(names, path)
                return list(_cells(rows[position + 1 :], names, sheet, path))
        there = there or [cell for cell in (rows[0][1] if rows else []) if cell]
    what = "The table has no columns name and decision."
    columns = ", ".join(there)[:200] or "it is empty"
    raise DataError(what, f"{path}: {columns}", "Give the sheet that kit review wrote, with its line of column names.")


def _check_columns(names: Sequence[str], path: Path) -> None:
    missing = [column for column in COLUMNS if column not in names and column != "list_id"]
    if missing:
        what = f"The sheet has no column {', '.join(missing)}."
        raise DataError(what, str(path), "Every ruling says who ruled, when and why: add the columns.")


def _cells(
    rows: Iterable[tuple[int, list[str]]], names: Sequence[str], sheet: Opened, path: Path
) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the cells of COLUMNS of each row but the one that says how to rule."""
    for number, cells in rows:
        padded = [*cells, *[""] * len(names)]
        found = {column: padded[names.index(column)] if column in names else "" for column in COLUMNS}
        if any(found.values()) and not found["name"].startswith(_HOW):
            found["when"] = _day(found["when"], sheet.mark)
            yield f"{path.name}, {sheet.name + ' ' if sheet.name else ''}row {number}", found


def _text(cell: str, *, quoted: bool) -> str:
    """Give a cell as one visible line; in a CSV without the quotation mark before what looks like a formula."""
    line = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
    return line[1:] if quoted and line[:1] == "'" and line[1:2] in _RUNS else line


def _day(text: str, mark: str) -> str:
    """Give a date as ISO has it: 1/2/2026 has the month first, as in the United States, 2.1.2026 the day.

    A sheet with semicolons between its cells comes from elsewhere, so that its 1/2/2026 may be either: it stays.
    """
    if not (found := _DATE.fullmatch(text)) or (found["sign"] == "/" and mark == ";"):
        return text
    month, day = ("one", "two") if found["sign"] == "/" else ("two", "one")
    return f"{found['year']}-{int(found[month]):02}-{int(found[day]):02}"


def rule(path: Path) -> list[str]:
    """Keep the rulings of a sheet that was filled in; give the lines that say what changes.

    DataError, and nothing kept, where any row is wrong. Rulings that stand there already change nothing.
    """
    given, lists = read_sheet(path), load_lists()
    names = {same_name(name): name for one in lists for name in one.rows["partner"]}
    _check_known(given, names, [one.list_id for one in lists], path)
    found = rulings.news(given)
    known = [f"{_rulings(len(found.known))} there already; nothing changed by that."] if found.known else []
    if not found.new:
        return known
    before = tally(lists)
    _check_joined(found.new, before.rows, path)
    rulings.keep(found.new)
    forget()
    after = tally(lists)
    added = f"{ap_number(len(found.new))} {'ruling' if len(found.new) == 1 else 'rulings'} added".capitalize()
    return [
        f"{added} to data/rulings/agencies.csv.",
        *known,
        *found.conflicts,
        *unmatched(names.values(), [ruling.name for ruling in found.new]),
        *(list(changes(before, after)) or ["No number changes."]),
        *_again(touched(before, after)),
    ]


def unmatched(names: Iterable[str], ruled: Iterable[str] | None = None) -> list[str]:
    """Say of each ruling, or each of these, that its name is in none of the lists."""
    known = list(names)
    waiting = [name for name in rulings.without_name(known) if ruled is None or name in set(ruled)]
    return [f'No list has the name "{name}": its ruling decides nothing.{_like(name, known)}' for name in waiting]


def _like(name: str, names: Iterable[str]) -> str:
    """Ask for the name that may be meant, where one is spelled almost so; of thousands one is always a bit like it."""
    close = get_close_matches(name, list(names), n=1, cutoff=0.85)
    return f' Did you mean "{close[0]}"?' if close else ""


def _rulings(number: int) -> str:
    return f"{ap_number(number)} {'ruling stands' if number == 1 else 'rulings stand'}".capitalize()


def _again(places: Sequence[str]) -> list[str]:
    made = [f'  kit report "{place}"' for place in places]
    return ["Pages that show the old numbers; make them again:", *made] if made else []


def _check_known(given: Sequence[Ruling], names: Mapping[str, str], lists: Sequence[str], path: Path) -> None:
    """Refuse a ruling for a list that is not kept, or about being the same as a name that none has."""
    for ruling in given:
        where, other = f"{path.name}, the ruling on {ruling.name}", ruling.decision.other
        if ruling.list_id and ruling.list_id not in lists:
            hint = did_you_mean(ruling.list_id, lists)
            raise DataError(
                f'No list is called "{ruling.list_id}".', where, f"Leave list_id empty for all lists.{hint}"
            )
        if other and same_name(other) not in names:
            do = f"Write it as the lists print it.{_like(other, names.values())}"
            raise DataError(f'No list has the name "{other}".', where, do)


def _check_joined(new: Sequence[Ruling], rows: pd.DataFrame, path: Path) -> None:
    """Refuse to make two names one agency that stand for certain in two states."""
    placed = {ruling.scope[0] for ruling in new if ruling.decision.verb == PLACED}
    sure = rows[rows["status"] == "certain"]
    states = sure.groupby(sure["partner"].map(same_name))["state"].agg(set)
    for ruling in new:
        pair = [ruling.scope[0], same_name(ruling.decision.other)]
        if ruling.decision.verb == SAME and not placed & set(pair) and set(pair) <= set(states.index):
            one, other = (", ".join(sorted(states[name])) for name in pair)
            if one != other:
                what = f'"{ruling.name}" is in {one}, "{ruling.decision.other}" in {other}: they cannot be one agency.'
                do = "Where one of them is in the wrong state, rule that first."
                raise DataError(what, f"{path.name}, the ruling on {ruling.name}", do)
