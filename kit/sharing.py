"""Who shares what with whom, as printed: the sharing lists that the kit holds.

Also the one way that a table under `data/` is read: as text, with its columns checked.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from kit.errors import DataError, ParameterError, did_you_mean
from kit.names import read_name
from kit.records.record import SHARING_COLUMNS, Record, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DATA = Path(__file__).resolve().parent.parent / "data"
"""Folder of what the kit knows."""

SOURCE_COLUMNS = (
    "list_id",
    "owner",
    "owner_state",
    "date",
    "title",
    "system",
    "request",
    "source",
    "sha256",
    "pages",
    "counts",
    "left_out",
    "notes",
)

# A cell that a spreadsheet would run: it starts like a formula and is not just a number. One that looks
# as if it were quoted already is quoted once more, so that each comes back as it was.
_FORMULA = re.compile(r"(?='*[=+\-@\t\r])(?![+-]?[\d.]+\Z)")
_QUOTED_FORMULA = r"\A'(?='*[=+\-@\t\r])"


@dataclass(frozen=True)
class SharingList:
    """One record's list: what `data/lists/sources.csv` says of it, and its rows (SHARING_COLUMNS)."""

    list_id: str
    owner: str
    owner_state: str
    date: str
    title: str
    system: str
    request: str
    source: str
    sha256: str
    pages: int
    counts: str
    left_out: str
    notes: str
    rows: pd.DataFrame

    def section(self, direction: str, data: str = "detections") -> pd.DataFrame:
        """Give the rows of one direction, in the order of the record."""
        return self.rows[(self.rows["direction"] == direction) & (self.rows["data"] == data)]

    def sections(self) -> list[tuple[str, str]]:
        """Give direction and data of the sections that the record has, an empty one too."""
        return [(part.split(" ")[0], part.split(" ")[1]) for part in self.counts.split("; ") if part]

    def has(self, direction: str, data: str = "detections") -> bool:
        """Tell whether the record has such a section, if only to say that it is empty."""
        return (direction, data) in self.sections()


def read_table(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV table as text, empty cells as ""; DataError where it or a declared column is missing."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    except FileNotFoundError as cause:
        msg = "A table of the kit is missing."
        raise DataError(msg, path.name, "Get a whole copy of the kit: git restore data") from cause
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as cause:
        msg = "The file is not a CSV table in UTF-8."
        raise DataError(msg, path.name, "Save it as CSV (UTF-8) with one line of column names on top.") from cause
    if missing := [column for column in columns if column not in table]:
        what = f"The table has no column {', '.join(missing)}."
        there = clean(", ".join(table.columns))
        raise DataError(what, f"{path.name}: its columns are {there}", "Name the columns so.")
    return table.replace(_QUOTED_FORMULA, "", regex=True)


def as_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Give the rows of a table of text as dictionaries."""
    return [dict(zip(table.columns, row, strict=True)) for row in as_tuples(table)]


def as_tuples(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a table, as its `itertuples` does in a fifth of the time."""
    return zip(*(column.to_numpy(object).tolist() for _, column in table.items()), strict=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV table aside and move it into place; a name that a spreadsheet would run is quoted with '."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    safe = table.apply(_harmless)
    # Python before 3.13 does not quote a bare carriage return, which would end the row.
    texts = safe.select_dtypes(["object", "str"]).astype("str")
    bare = any(column.str.contains("\r", regex=False).any() for _, column in texts.items())
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL
    safe.to_csv(aside, index=False, lineterminator="\n", quoting=quoting)
    aside.replace(path)


def write_json(said: object, path: Path) -> None:
    """Write JSON aside and move it into place."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(f"{json.dumps(said, ensure_ascii=False, indent=1)}\n", encoding="utf-8", newline="\n")
    aside.replace(path)


def _harmless(column: pd.Series) -> pd.Series:
    """Quote the cells of a column that a spreadsheet would run; each different cell is looked at once."""
    runs = {cell for cell in column.unique() if isinstance(cell, str) and _FORMULA.match(cell)}
    return column.map(lambda cell: f"'{cell}" if cell in runs else cell) if runs else column


def load_lists(folder: Path | None = None) -> list[SharingList]:
    """Load the lists that `data/lists/sources.csv` names, oldest first; DataError where a table is missing."""
    folder = folder or DATA / "lists"
    sources = read_table(folder / "sources.csv", SOURCE_COLUMNS)
    lists = [
        SharingList(
            rows=read_table(folder / f"{source['list_id']}.csv", SHARING_COLUMNS),
            pages=int(source["pages"]),
            **{key: source[key] for key in SharingList.__dataclass_fields__ if key not in {"rows", "pages"}},
        )
        for source in as_rows(sources)
    ]
    return sorted(lists, key=lambda one: (one.date, one.list_id))


def load_facts(list_id: str) -> pd.DataFrame:
    """Give what a record says besides its rows (name, value), empty where it says nothing."""
    path = DATA / "lists" / f"{list_id}.facts.csv"
    return read_table(path, ("name", "value")) if path.is_file() else pd.DataFrame(columns=["name", "value"])


def two_lists(
    lists: Sequence[SharingList], owner: str, older: str = "", newer: str = ""
) -> tuple[SharingList, SharingList]:
    """Find two lists of one owner by date, else its two newest of one system; ParameterError where there are none."""
    own = [one for one in lists if one.owner == owner]
    if not own:
        hint = did_you_mean(owner, {one.owner for one in lists})
        raise ParameterError(f'No list here is from "{owner}".', "owner", f"Name an owner of data/lists.{hint}")
    asked = [one for one in own if one.date in {older, newer}] if older or newer else own
    by_system: dict[str, list[SharingList]] = defaultdict(list)
    for one in sorted(asked, key=lambda one: one.date):
        by_system[one.system].append(one)
    pairs = [found[-2:] for found in by_system.values() if len(found) > 1]
    if not pairs:
        dates = "; ".join(f"{one.date} ({one.system})" for one in own)
        raise ParameterError(
            "Two lists of one system are needed.", f"lists of {owner}: {dates}", "Give the dates of two."
        )
    old, new = max(pairs, key=lambda pair: pair[1].date)
    return old, new


def keep(record: Record, file: Path, *, owner_state: str, request: str = "", source: str = "") -> bool:
    """Keep a record: the file unchanged in `data/records`, its rows and its line in `data/lists`.

    False, and nothing changed, where the same file is kept already. DataError where another record
    has the same list id.
    """
    folder = DATA / "lists"
    path = folder / "sources.csv"
    sources = read_table(path, SOURCE_COLUMNS) if path.exists() else pd.DataFrame(columns=list(SOURCE_COLUMNS))
    if (sources["sha256"] == record.sha256).any():
        return False
    if (sources["list_id"] == record.list_id).any():
        what = f"Another record is kept as {record.list_id}."
        raise DataError(what, str(file), "Compare the two files; take the old one out of data/lists to replace it.")
    (DATA / "records").mkdir(parents=True, exist_ok=True)
    kept = DATA / "records" / f"{record.list_id}{file.suffix.lower()}"
    aside = kept.with_name(f".{kept.name}.part")
    shutil.copyfile(file, aside)
    aside.replace(kept)
    write_table(record.table(), folder / f"{record.list_id}.csv")
    if record.facts:
        facts = pd.DataFrame(record.facts, columns=["name", "value"], dtype="str")
        write_table(facts, folder / f"{record.list_id}.facts.csv")
    line = {**_source_line(record), "owner_state": owner_state, "request": request, "source": source}
    write_table(pd.concat([sources, pd.DataFrame([line])]).sort_values("list_id"), path)
    return True


def _source_line(record: Record) -> dict[str, str]:
    """Give what the record itself says for its line of `sources.csv`."""
    counts = "; ".join(f"{direction} {data} {count}" for (direction, data), count in record.counts().items())
    left_out = "; ".join(f"{item.page}: {item.text} ({item.reason})" for item in record.left_out)
    return {
        "list_id": record.list_id,
        "owner": record.owner,
        "date": record.date,
        "title": record.title,
        "system": record.system,
        "sha256": record.sha256,
        "pages": str(record.pages),
        "counts": counts,
        "left_out": left_out or "nothing",
        "notes": " ".join(record.notes),
    }


def _never(_one: str, _other: str) -> bool:
    return False


def compare(
    old: SharingList,
    new: SharingList,
    direction: str = "shares_with",
    *,
    ruled: Sequence[tuple[str, str]] = (),
    apart: Callable[[str, str], bool] = _never,
) -> pd.DataFrame:
    """Say what became of each name between two lists of one owner.

    Columns: partner (as the newer list prints it where it stands there), partner_before,
    change (`still there`, `marked inactive`, `renamed`, `dropped`, `added`), row_id, row_id_before.
    One account is told by its name without markers; failing that, where the same place and kind
    with no other state stands once on either side: `Bell Police Department` is the account later
    printed `Bell Police Department (CA)`. `ruled` are pairs that somebody says are one account, `apart`
    tells of which two names somebody says that they are not.
    """
    gone = {row["partner"]: row for row in as_rows(old.section(direction))}
    come = {row["partner"]: row for row in as_rows(new.section(direction))}
    pairs = [(gone.pop(before), come.pop(after)) for before, after in same_accounts(gone, come, ruled, apart)]
    lines = [_line(before, after, _change(before, after)) for before, after in pairs]
    lines += [_line(row, None, "dropped") for row in gone.values()]
    lines += [_line(None, row, "added") for row in come.values()]
    return pd.DataFrame(lines, columns=list(CHANGE_COLUMNS))


CHANGE_COLUMNS = ("partner", "partner_before", "change", "row_id", "row_id_before")


def same_accounts(
    before: Iterable[str],
    after: Iterable[str],
    ruled: Sequence[tuple[str, str]] = (),
    apart: Callable[[str, str], bool] = _never,
) -> list[tuple[str, str]]:
    """Pair the names of two lists that are one account, each once: as ruled, as printed, but for markers, by place."""
    gone, come = dict.fromkeys(before), dict.fromkeys(after)
    pairs = list({new: (old, new) for old, new in {old: (old, new) for old, new in ruled}.values()}.values())
    for same in (str, _bare, without_state):
        taken = {name for pair in pairs for name in pair}
        found = _matches(
            [name for name in gone if name not in taken], [name for name in come if name not in taken], same
        )
        pairs += [pair for pair in found if not apart(*pair)]
    return pairs


def _bare(name: str) -> str:
    """Give what an account marked inactive and the same account before it share."""
    return read_name(name).bare.casefold()


def without_state(name: str) -> str:
    """Give what an account and the same account with its state, or with Office for Department, share."""
    said = read_name(name)
    return f"{said.place} {said.county} {said.kind}".casefold() if said.place else said.bare.casefold()


def _matches(gone: Iterable[str], come: Iterable[str], same: Callable[[str], str]) -> list[tuple[str, str]]:
    """Pair the names that are alike by `same`, once on either side and in no two states."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for names, by in ((gone, before), (come, after)):
        for name in names:
            by[same(name)].append(name)
    pairs = [(before[key][0], after[key][0]) for key in before if len(before[key]) == len(after.get(key, ())) == 1]
    return [(old, new) for old, new in pairs if len({read_name(old).state, read_name(new).state} - {""}) <= 1]


def _line(before: dict[str, str] | None, after: dict[str, str] | None, change: str) -> tuple[str, ...]:
    """Give one row of CHANGE_COLUMNS."""
    there = after or before or {}
    return (
        there["partner"],
        before["partner"] if before else "",
        change,
        after["row_id"] if after else "",
        before["row_id"] if before else "",
    )


def _change(before: dict[str, str], after: dict[str, str]) -> str:
    """Name the change of an account that stands in both lists."""
    if "inactive" in after["flags"].split(";") and "inactive" not in before["flags"].split(";"):
        return "marked inactive"
    return "still there" if before["partner"] == after["partner"] else "renamed"
