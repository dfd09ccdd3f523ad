"""Names -> agencies: which body a name means, in which state and place, how sure that is, and why.

A ruling comes before all other evidence; then what the record says, in this list or in another of the
same system or owner; then the name alone (`evidence`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields, replace
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

import pandas as pd

from kit import bodies, decisions, rulings
from kit.ap import ap_date, ap_list
from kit.errors import DataError, ParameterError
from kit.evidence import COUNTRY, by_evidence, told
from kit.names import STATE_NAMES, read_name
from kit.places import counties_named, find_state, places_named
from kit.records.record import clean
from kit.sharing import as_rows
from kit.whereabouts import Agency, Status, in_county, in_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.records import Record
    from kit.rulings import Ruling
    from kit.sharing import SharingList

__all__ = [
    "AGENCY_COLUMNS", "COUNTRY", "Agency", "Status", "complete", "forget", "may_be_in", "resolve", "resolve_lists",
    "resolve_name",
]  # fmt: skip

_ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

AGENCY_COLUMNS = tuple(field.name for field in fields(Agency))


def resolve(names: pd.DataFrame) -> pd.DataFrame:
    """Resolve names to agencies, one row out a row in.

    Takes columns `name` and where known `city`, `state`, `said_by` (what places it, in words).
    Gives AGENCY_COLUMNS; lat and lon are EPSG:4326 degrees, empty where no point is known;
    `candidates` are postal codes with semicolons between. DataError without a column `name`.
    """
    if "name" not in names:
        what = "The table has no column name."
        raise DataError(what, f"its columns are {', '.join(names.columns)}", 'Call the column of agencies "name".')
    known = ("name", "city", "state", "said_by", "list_id")
    given = [names[column] if column in names else [""] * len(names) for column in known]
    agencies = [resolve_name(*map(str, row)) for row in zip(*given, strict=True)]
    lines = [
        [";".join(said) if isinstance(said := getattr(agency, column), tuple) else said for column in AGENCY_COLUMNS]
        for agency in agencies
    ]
    table = pd.DataFrame(lines, columns=list(AGENCY_COLUMNS), index=names.index)
    return table.astype({"lat": "Float64", "lon": "Float64"})


def resolve_lists(lists: Sequence[SharingList]) -> pd.DataFrame:
    """Give the rows of the lists with the agency of each: SHARING_COLUMNS, then AGENCY_COLUMNS but name, and counted.

    A name with no city and state of its own takes those that a table of another list of the same
    system prints for it, where all agree; or the state that the same account carries in another
    list of the same owner, once it is renamed (`rulings.compare`). `counted` is `no` for a name that a
    ruling says is no agency, and for the further accounts of an agency that a ruling joins; else `yes`.
    """
    rows = pd.concat([one.rows for one in lists], ignore_index=True)
    told, renamed = _told_by_tables(rows), _told_by_renaming(lists)
    sightings = [
        (row["partner_city"], row["partner_state"], "the record's own table")
        if row["partner_state"]
        else next(
            (
                seen
                for name in rulings.accounts(row["partner"], row["list_id"])
                if (seen := told.get((row["system"], _account(name))) or renamed.get((row["list_id"], name)))
            ),
            ("", "", ""),
        )
        for row in as_rows(rows)
    ]
    sheet = pd.DataFrame(sightings, columns=["city", "state", "said_by"]).assign(name=rows["partner"])
    sheet["list_id"] = rows["list_id"].map({one.list_id: rulings.limited(one.list_id) for one in lists})
    counted = rulings.counted(rows).map({True: "yes", False: "no"})
    found = resolve(sheet).drop(columns="name")
    homes = rows["list_id"].map({one.list_id: one.owner_state for one in lists})
    found["basis"] = [_with_home(row, home) for row, home in zip(as_rows(found.astype(str)), homes, strict=True)]
    return rows.join(found).assign(counted=counted)


def _with_home(row: dict[str, str], home: str) -> str:
    """Add to the basis of an open name that its candidates hold the state of the list's owner: a hint, no decision."""
    if row["status"] != "ambiguous" or home not in row["candidates"].split(";") or home not in STATE_NAMES:
        return row["basis"]
    return f"{row['basis']}; the owner of the list is in {STATE_NAMES[home]}, which settles nothing"


def complete(record: Record, *, owner: str = "", date: str = "", state: str = "") -> tuple[Record, str]:
    """Add to a record what it does not say of itself; give it with its owner's state.

    What the record says stands. ParameterError, in one message, where owner, date or state is said by
    nobody, or the date is none.
    """
    if date and not _ISO_DATE.fullmatch(date):
        raise ParameterError(f'"{date}" is not a date.', "--date", "Write it as in 2025-03-11.")
    whole = replace(record, owner=record.owner or clean(owner), date=record.date or date)
    found = resolve_name(whole.owner) if whole.owner else None
    home = find_state(state).code if state else found.state if found and found.status == "certain" else ""
    missing = {
        '--owner "Exampleville Police Department"': whole.owner,
        "--date 2025-03-11": whole.date,
        "--state CA": home,
    }
    asked = [option for option, said in missing.items() if not said]
    if asked:
        words = {"--owner": "whose it is", "--date": "its date", "--state": "in which state its owner is"}
        what = f"The record does not say {ap_list([words[option.split()[0]] for option in asked])}."
        raise ParameterError(what, record.title, f"Say it, for example: {' '.join(asked)}")
    return whole, home


def may_be_in(rows: pd.DataFrame, state: str) -> pd.Series:
    """Tell of each resolved row whether its agency may be in a state but is not certainly in one."""
    candidates = rows["candidates"].str.split(";")
    possible = [state in codes or codes == [""] for codes in candidates]
    return (rows["status"] != "certain") & pd.Series(possible, index=rows.index)


def _account(name: str) -> str:
    return name.casefold() if rulings.stands_alone(name) else read_name(name).bare.casefold()


def _told_by_tables(rows: pd.DataFrame) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Collect the city and state that tables print of an account, by system; where two differ, nothing."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    where: dict[tuple[str, str], str] = {}
    for row in as_rows(rows[rows["partner_state"] != ""]):
        key = (row["system"], _account(row["partner"]))
        found[key].add((row["partner_city"], row["partner_state"]))
        where.setdefault(key, f"the table in the list of {ap_date(row['date'])}")
    return {key: (*next(iter(places)), where[key]) for key, places in found.items() if len(places) == 1}


def _told_by_renaming(lists: Sequence[SharingList]) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Collect the states that accounts carry in one list of an owner and lack in another."""
    told: dict[tuple[str, str], tuple[str, str, str]] = {}
    for older, newer in permutations(sorted(lists, key=lambda one: one.date), 2):
        if older.owner != newer.owner or older.system != newer.system or older.date > newer.date:
            continue
        for direction in ("shares_with", "receives_from"):
            changes = rulings.compare(older, newer, direction)
            for row in as_rows(changes[changes["change"] == "renamed"]):
                was, now = row["partner_before"], row["partner"]
                before, after = read_name(was).state, read_name(now).state
                if after and not before:
                    told[older.list_id, was] = ("", after, _as(now, newer))
                if before and not after:
                    told[newer.list_id, now] = ("", before, _as(was, older))
    return told


def _as(name: str, one: SharingList) -> str:
    return f'the same account, "{name}" in the list of {ap_date(one.date)}'


@cache
def resolve_name(name: str, city: str = "", state: str = "", said_by: str = "", list_id: str = "") -> Agency:
    """Resolve one name with what the record says of its city and state; rulings come first.

    `list_id` is needed only where a ruling is for one list alone (`rulings.limited`).
    """
    first, *others = [_ruled(one, city, state, said_by, list_id) for one in rulings.accounts(name, list_id)]
    known = next((one for one in (first, *others) if one.status == "certain"), first)
    where = rulings.on(name, list_id).where
    merged = where and where.decision.verb == decisions.SAME
    basis = f"{where.basis}; {first.name}: {known.basis}" if where and merged else known.basis
    return replace(known, name=name, agency=first.agency, kind=first.kind, group=first.group, basis=basis)


def _ruled(name: str, city: str, state: str, said_by: str, list_id: str) -> Agency:
    """Resolve one account: by the rulings on it, and where they say nothing, by evidence."""
    found, standing = by_evidence(name, city, state, said_by), rulings.on(name, list_id)
    if where := standing.where:
        found = _ruled_where(found, where)
    if standing.kind:
        decision = standing.kind.decision
        group = decision.group or (found.group or "other_federal" if decision.kind == "federal" else "")
        basis = f"{found.basis}; its kind by {standing.kind.basis}"
        found = replace(found, kind=decision.kind, group=group, basis=basis)
    return found


def _ruled_where(found: Agency, ruling: Ruling) -> Agency:
    """Follow a ruling on where an agency is; who it is the same as is followed by `resolve_name`."""
    verb = ruling.decision.verb
    if verb == decisions.PLACED:
        return _ruled_place(found, ruling)
    if verb == decisions.NO_AGENCY:
        return Agency(found.name, found.agency, "non_law_enforcement", status="certain", basis=ruling.basis)
    return replace(found, basis=f"{found.basis}; left open by {ruling.basis}") if verb == decisions.UNKNOWN else found


def _ruled_place(found: Agency, ruling: Ruling) -> Agency:
    """Put an agency where a ruling says; the place that evidence gives stands where it is in that state."""
    state, place = ruling.decision.state, ruling.decision.place
    if state == found.state and not place:
        return replace(found, status="certain", basis=ruling.basis, candidates=(state,))
    said, bare = read_name(found.name), Agency(found.name, found.agency, found.kind, group=found.group)
    if not place:
        return told(bare, said, "", state, ruling.basis)
    placed = replace(bare, state=state, status="certain", basis=ruling.basis, candidates=(state,))
    counties = [one for one in counties_named(place) if (one.full_name, one.state) == (place, state)]
    return in_county(placed, counties[0]) if counties else in_place(placed, places_named(place, state)[0])


def forget() -> None:
    """Read rulings and known names anew at the next question."""
    resolve_name.cache_clear()
    bodies.forget()
    rulings.forget()
