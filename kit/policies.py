"""Policies on immigration enforcement, and laws on sharing plate data, in force on a date.

"Sanctuary" has no one meaning: a definition is picked by name (`definitions`), and `sensitivity` shows
how a count moves with it. What is not verified, not dated or contested is never counted as certain.
Facts, their sources and how sure they are: `data/policies`; what each column says: `data/README.md`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from kit.agencies import COUNTRY, resolve_name
from kit.ap import ap_date
from kit.errors import DataError, ParameterError, did_you_mean
from kit.names import STATE_NAMES, read_name
from kit.places import counties_named, find_state, places_named
from kit.sharing import DATA, as_rows, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = dict[str, str]

POLICY_COLUMNS = (
    *("policy_id", "jurisdiction", "level", "state", "place", "place_geoid", "county_geoid", "counted_as"),
    *("covers", "may_cover", "policy", "direction", "since", "until", "verified", "counts", "why"),
    *("policy_url", "policy_title"),
)
COVER_COLUMNS = (
    *("policy_id", "counted_as", "jurisdiction", "level", "policy", "policy_direction", "since", "verified"),
    *("counts", "why", "policy_url"),
)
LAW_COLUMNS = (
    *("law_id", "state", "kind", "law", "citation", "says", "bars", "except_for", "unless", "since", "verified"),
    *("counts", "law_url", "law_title"),
)
PAIR_COLUMNS = ("law_id", "law_state", "citation", "says", "law_verified", "law_url", "counts", "wording")

_MEANINGS = {
    "statute": "a statute or ordinance in force at the date that limits help with immigration enforcement",
    "any": "any recorded policy in force at the date that limits help with immigration enforcement",
    "verified": "the same, of verified records only",
}
_LISTED = "doj:"
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FIRST, _LAST = "0001-01-01", "9999-12-31"
_LEAST_SURE = ("no", "maybe", "yes")

_OWN_AGENCIES = {"city": "municipal_police", "county": "county_sheriff", "state": "all"}
# A state's law does not bind these; whether it binds a joint body or one of no known kind is not known.
_NOT_THE_STATES = {"federal", "military", "tribal", "non_law_enforcement"}
_PERHAPS_THE_STATES = {"fusion_center", "task_force", "other"}


def definitions() -> dict[str, str]:
    """Give the definitions of a sanctuary that a notebook may name, each with what it means.

    The dates of the Justice Department's list are those on which it is known to have changed
    (`data/policies/doj_list.csv`).
    """
    dates = sorted({row[column] for row in _doj_list() for column in ("listed", "removed")} - {""})
    lists = {f"{_LISTED}{day}": f"on the Justice Department's list of {ap_date(day)}" for day in dates}
    return {"statute": _MEANINGS["statute"], **lists, "any": _MEANINGS["any"], "verified": _MEANINGS["verified"]}


def in_force(date: str, definition: str) -> pd.DataFrame:
    """Give the policies that a definition finds at a date (POLICY_COLUMNS), and the state laws that require help.

    `counts` is `yes` where it is certain that the definition holds, `maybe` where it may (`why` says what is
    not known), `no` for a law that requires help: it is shown, and nothing under it is counted as certain.
    `level` is city, county or state. A row verified `no` is left out. ParameterError for a date or a
    definition that there is not.
    """
    _check(date, definition)
    if definition.startswith(_LISTED):
        rows = _on_list(definition.removeprefix(_LISTED), date)
    else:
        rows = _under_state_law([row for policy in _policies() if (row := _holds(policy, date, definition))])
    return pd.DataFrame([[row[column] for column in POLICY_COLUMNS] for row in rows], columns=list(POLICY_COLUMNS))


def sanctuary_of(agencies: pd.DataFrame, date: str, definition: str) -> pd.DataFrame:
    """Give the agencies that a policy covers: their columns, then COVER_COLUMNS.

    A city's policy covers its own police, a county's its sheriff (and what the facts name), a state's all
    its agencies but federal, military and tribal ones. One agency has at most one row of a city or county
    and one of a state: `level` tells them apart. `counts` is `yes` only where the agency's state is
    certain too. Takes AGENCY_COLUMNS (the name as `name` or `partner`). DataError where one is missing.
    """
    looked_at = ("kind", "state", "place", "county_geoid", "status", "candidates")
    names = _need(agencies, looked_at)
    own, by_state = _indexed(date, definition)
    lines, at = [], []
    for number, agency in enumerate(as_rows(agencies[[names, *looked_at]])):
        homes = _homes(agency, agency[names])
        for found in (_own(agency, homes, own), _states(agency, homes, by_state)):
            if found:
                lines.append(_best(found, agency))
                at.append(number)
    covers = pd.DataFrame(lines, columns=list(COVER_COLUMNS), index=pd.RangeIndex(len(lines)))
    return agencies.iloc[at].reset_index(drop=True).join(covers)


def by_place(covered: pd.DataFrame) -> pd.DataFrame:
    """Keep one row a city or county of `sanctuary_of`, the surest first: San Francisco is counted once.

    A name that could be in several such places stays a row of its own.
    """
    own = covered[(covered["level"] != "state") & (covered["counts"] != "no")]
    ranked = own.sort_values("counts", key=lambda counts: counts != "yes", kind="stable")
    several = ranked["counted_as"].str.contains(";", regex=False)
    return ranked[several | ~ranked["counted_as"].duplicated()].sort_index()


def sensitivity(agencies: pd.DataFrame, date: str, names: Sequence[str] = ()) -> pd.DataFrame:
    """Show how the counts move with the definition: one row a definition, all of them or those named.

    Columns: definition, meaning, places_low and places_high (cities and counties with a policy of their
    own), own_low and own_high (their agencies), state_low and state_high (agencies under a state's policy),
    not_certain (what only the high end counts of the places), not_verified (places and states whose row is
    not verified in full), forbidden (agencies under a state law that requires help).
    """
    lines = []
    for name in names or tuple(definitions()):
        covered = sanctuary_of(agencies, date, name)
        counted = covered[covered["counts"] != "no"]
        is_state = counted["level"] == "state"
        parts = (by_place(covered), counted[~is_state], counted[is_state])
        bounds = [bound for part in parts for bound in (int((part["counts"] == "yes").sum()), len(part))]
        unsure = counted.loc[~is_state & (counted["counts"] == "maybe"), "jurisdiction"]
        unverified = counted.loc[counted["verified"] == "partly", "jurisdiction"]
        required = (covered["policy_direction"] == "requires") & (covered["level"] == "state")
        named = (", ".join(sorted(set(some))) for some in (unsure, unverified))
        lines.append((name, definitions()[name], *bounds, *named, int(required.sum())))
    ends = [f"{what}_{end}" for what in ("places", "own", "state") for end in ("low", "high")]
    return pd.DataFrame(lines, columns=["definition", "meaning", *ends, "not_certain", "not_verified", "forbidden"])


def laws_in_force(date: str, states: Iterable[str] = ()) -> pd.DataFrame:
    """Give the laws on sharing plate data at a date (LAW_COLUMNS), of all states or those of the postal codes.

    `kind` is statute, directive, rule, reading (an attorney general's, never applied before its date) or
    none_found. `counts` is `yes` where the law is verified and was in force at the date, else `maybe`.
    """
    _check(date)
    wanted = {find_state(state).code for state in states}
    rows = [law for row in _laws() if (not wanted or row["state"] in wanted) and (law := _law(row, date))]
    return pd.DataFrame([[row[column] for column in LAW_COLUMNS] for row in rows], columns=list(LAW_COLUMNS))


def law_pairs(rows: pd.DataFrame, date: str = "") -> pd.DataFrame:
    """Give the pairs that the sender's state law may bar at the date, or at each row's own: rows, then PAIR_COLUMNS.

    The sender is the owner where it shares, the partner where the owner receives. `wording` is how a
    sentence says it: `appears to conflict with` (`may` where not all is certain), and what would make it
    lawful. `counts` is `yes` where the law is verified and both states are certain, else `maybe`. Takes the
    resolved rows with a column `owner_state` (postal code). One row a pair and law; a row without a date
    has none, unless a date is given. DataError where a column is missing.
    """
    looked_at = ("owner", "owner_state", "direction", "date", "kind", "state", "status", "candidates")
    _need(rows, looked_at)
    laws = {day: _by_state(laws_in_force(day)) for day in ({date} if date else set(rows["date"]) - {""})}
    lines, at = [], []
    for number, row in enumerate(as_rows(rows[list(looked_at)])):
        sender, recipient = _ends(row)
        for state in _may_be(sender):
            for law in laws.get(date or row["date"], {}).get(state, ()):
                if (said := _bars(law, sender, recipient)) != "no":
                    lines.append(_pair(law, said))
                    at.append(number)
    pairs = pd.DataFrame(lines, columns=list(PAIR_COLUMNS), index=pd.RangeIndex(len(lines)))
    return rows.iloc[at].reset_index(drop=True).join(pairs)


def _check(date: str, definition: str = "any") -> None:
    """Raise ParameterError for a date or a definition that there is not."""
    if not _ISO_DATE.fullmatch(date) or not _is_day(date):
        raise ParameterError(f'"{date}" is not a date.', "as_of", "Write it as in 2025-03-11.")
    known = definitions()
    if definition not in known:
        hint = did_you_mean(definition, known)
        what = f'"{definition}" is no definition of a sanctuary.'
        raise ParameterError(what, "definition", f"Give one of {', '.join(known)}.{hint}")


def _is_day(date: str) -> bool:
    year, month, day = map(int, date.split("-"))
    return year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _need(table: pd.DataFrame, columns: Sequence[str]) -> str:
    """Give the column of names; DataError where a column is missing."""
    names = "partner" if "partner" in table else "name"
    if missing := [column for column in (names, *columns) if column not in table]:
        what = f"The table has no column {', '.join(missing)}."
        raise DataError(what, f"its columns are {', '.join(map(str, table.columns))}", "Resolve its names first.")
    return names


def _span(said: str) -> tuple[str, str]:
    """Give the first and last day that a date of a table may mean: a day, a month, a year, `by` a day, unknown."""
    if said.startswith("by "):
        return _FIRST, said.removeprefix("by ")
    year, month = said[:4], said[5:7]
    if not said:
        return _FIRST, _LAST
    if not month:
        return f"{year}-01-01", f"{year}-12-31"
    return (said, said) if said[8:] else (f"{said}-01", f"{said}-{monthrange(int(year), int(month))[1]}")


def _stands(starts: str, ends: str, checked: str, date: str) -> str:
    """Say whether what starts and ends so stood at the date: yes, maybe or no; after the check nobody knows."""
    (earliest, begun), (ending, ended) = _span(starts), _span(ends) if ends else (_LAST, _LAST)
    if date < earliest or date >= ended:
        return "no"
    return "yes" if begun <= date < ending and date <= checked else "maybe"


def _least(*said: str) -> str:
    return min(said, key=_LEAST_SURE.index)


def _since(row: Row, starts: str) -> str:
    """Write when a policy began, as far as known."""
    return starts or row["from_year"] or "unknown"


def _holds(policy: Row, date: str, definition: str) -> Row | None:
    """Give a policy as a row of POLICY_COLUMNS if the definition may find it at the date, else None."""
    verified, required = policy["verified"], policy["direction"] == "requires"
    if verified == "no" or (definition == "verified" and verified != "yes"):
        return None
    by_law = definition == "statute"
    if (policy["limits"] == "no" and not required) or (by_law and policy["law"] == "no"):
        return None
    starts = policy["law_starts"] if by_law else policy["starts"]
    standing = _stands(starts, policy["ends"], policy["checked"], date)
    if standing == "no":
        return None
    doubts = {
        f"whether it stood on {ap_date(date)} is not known": standing == "maybe",
        "not verified in full": verified != "yes",
        policy["doubt"]: policy["doubt"],
        "whether it is a statute or ordinance is not known": by_law and policy["law"] == "unknown",
    }
    sure = "yes" if policy["law"] == "yes" or not by_law else "maybe"
    counts = "no" if required else _least(standing, policy["limits"], "yes" if verified == "yes" else "maybe", sure)
    since = _since(policy, starts)
    began = f"in force {since}" if since.startswith("by ") else f"in force since {since}"
    why = "; ".join([began if since != "unknown" else "start not known", *_true(doubts)])
    return _policy_row(policy, since=since, until=policy["ends"], verified=verified, counts=counts, why=why)


def _true(said: dict[str, Any]) -> list[str]:
    return [words for words, holds in said.items() if holds]


def _policy_row(policy: Row, **said: str) -> Row:
    row = {**policy, "level": policy["kind"], "policy": policy["policy_or_law"]}
    return {**row, "policy_url": policy["source_url"], "policy_title": policy["source_title"], **said}


def _on_list(day: str, date: str) -> list[Row]:
    """Give who was on the Justice Department's list of a day; who stayed on after its first day was not seen."""
    policies = {policy["policy_id"]: policy for policy in _policies()}
    rows = []
    for entry in _doj_list():
        if not entry["listed"] <= day < (entry["removed"] or _LAST):
            continue
        seen = entry["listed"] == day and entry["verified"] == "yes"
        doubts = {
            f"no removal by {ap_date(day)} was seen, nor the list of that day": entry["listed"] != day,
            f"the list is newer than {ap_date(date)}": day > date,
        }
        said = {
            "since": entry["listed"],
            "until": entry["removed"],
            "verified": entry["verified"],
            "counts": "yes" if seen else "maybe",
            "policy_url": entry["source_url"],
            "policy_title": entry["source_title"],
            "why": "; ".join([f"on the Justice Department's list of {ap_date(entry['listed'])}", *_true(doubts)]),
        }
        policy = policies[entry["policy_id"]]
        # The list names governments, whatever their policies bind: all their own agencies are in it.
        covers = ";".join(filter(None, (_OWN_AGENCIES[policy["kind"]], policy["covers"], policy["may_cover"])))
        rows.append(_policy_row(policy, covers=covers, may_cover="", **said))
    return rows


def _under_state_law(rows: list[Row]) -> list[Row]:
    """Set state law over city and county policy: under a law that requires help no policy is certain."""
    laws = {(row["state"], row["direction"]): row for row in rows if row["level"] == "state"}
    return [_under(row, laws) for row in rows]


def _under(row: Row, laws: dict[tuple[str, str], Row]) -> Row:
    against = "limits" if row["direction"] == "requires" else "requires"
    law = laws.get((row["state"], against)) if row["level"] != "state" else None
    if not law:
        return row
    over = f"over it stands a law of {STATE_NAMES[row['state']]} that {against} help: {law['policy']}"
    return {**row, "why": f"{row['why']}; {over}", "counts": _least(row["counts"], "maybe")}


@cache
def _indexed(date: str, definition: str) -> tuple[dict[tuple[str, ...], list[Row]], dict[str, Row]]:
    """Index the policies of a date by whom they cover: police of a place, the sheriff of a county, all of a state."""
    own: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    by_state = {}
    # The rows of a list have a direction of their own.
    for row in as_rows(in_force(date, definition).rename(columns={"direction": "policy_direction"})):
        if row["level"] == "state":
            by_state[row["state"]] = row
            continue
        for kind in dict.fromkeys(f"{row['covers']};{row['may_cover']}".split(";")):
            own[_key(kind, row)].append(row)
    return own, by_state


def _homes(agency: Row, name: str) -> list[Row]:
    """Give where an agency may sit: state, place and county code; one where it is resolved, else its candidates."""
    if agency["state"]:
        return [{key: agency[key] for key in ("state", "place", "county_geoid")}]
    words, states = read_name(name).place, [code for code in agency["candidates"].split(";") if code]
    counties = {county.state: county.geoid for county in counties_named(words)}
    sheriff = agency["kind"] == "county_sheriff"
    homes = []
    for state in states:
        place = None if sheriff else next(iter(places_named(words, state)), None)
        county = counties.get(state, "") if sheriff else place.county_geoid if place else ""
        homes.append({"state": state, "place": place.name if place else "", "county_geoid": county})
    return homes


def _own(agency: Row, homes: list[Row], own: dict[tuple[str, ...], list[Row]]) -> list[Row]:
    """Find the policies of the cities and counties where an agency may sit that cover it."""
    kind = agency["kind"]
    found = [
        _covering(row, kind)
        for home in homes
        for row in own.get(_key(kind, home), ())
        if row["county_geoid"] in {"", home["county_geoid"]}
    ]
    return _whole(found, homes)


def _key(kind: str, home: Row) -> tuple[str, ...]:
    """Give what a policy and an agency that it covers have in common; city names are looked at with their county."""
    return (kind, home["county_geoid"]) if kind == "county_sheriff" else (kind, home["state"], home["place"])


def _states(agency: Row, homes: list[Row], by_state: dict[str, Row]) -> list[Row]:
    """Find the policies of the states where an agency may sit that cover it."""
    kind = agency["kind"]
    if kind in _NOT_THE_STATES or agency["state"] == COUNTRY:
        return []
    if not homes:
        found = [row for row in by_state.values() if row["counts"] != "no"]
        return [{**row, "counts": "maybe", "why": "its state is not known"} for row in found]
    rows = [by_state[home["state"]] for home in homes if home["state"] in by_state]
    found = [row for row in (_covering(row, kind) for row in rows) if row["covers"]]
    return _whole(found, homes)


def _covering(row: Row, kind: str) -> Row:
    """Say of a policy whether it covers a kind of agency; `covers` is empty where it does not."""
    covers, may = row["covers"].split(";"), row["may_cover"].split(";")
    if kind in covers or ("all" in covers and kind not in _PERHAPS_THE_STATES):
        return row
    if kind in may or {"all"} & {*covers, *may}:
        why = f"{row['why']}; whether it binds this kind of agency is not known"
        return {**row, "counts": _least(row["counts"], "maybe"), "why": why}
    return {**row, "covers": ""}


def _whole(found: list[Row], homes: list[Row]) -> list[Row]:
    """Count a policy as certain only where every place that an agency may sit in has one."""
    if len(found) >= len(homes):
        return found
    return [{**row, "counts": _least(row["counts"], "maybe")} for row in found if row["counts"] != "no"]


def _best(found: list[Row], agency: Row) -> list[str]:
    """Make one line (COVER_COLUMNS) of the policies that may cover an agency: the only one, or all with semicolons."""
    said = (
        found[0] if len(found) == 1 else {key: ";".join(dict.fromkeys(row[key] for row in found)) for key in found[0]}
    )
    counts = _least(*(row["counts"] for row in found))
    if len(found) > 1 or agency["status"] != "certain":
        counting = [row for row in found if row["counts"] != "no"]
        counts = "maybe" if counting else "no"
        why = f"{said['why'] if len(found) == 1 else 'could be in any of these'}; its place is not certain"
        said = {**said, "why": why}
    said = {**said, "counts": counts}
    return [said[column] for column in COVER_COLUMNS]


def _law(row: Row, date: str) -> Row | None:
    """Give a law as a row of LAW_COLUMNS if it may have stood at the date, else None."""
    standing = "maybe" if row["kind"] == "none_found" else _stands(row["starts"], "", row["checked"], date)
    if row["kind"] == "not_used" or standing == "no":
        return None
    counts = _least(standing, "yes" if row["verified"] == "yes" else "maybe")
    urls = {"law_url": row["source_url"], "law_title": row["source_title"]}
    return {**row, **urls, "since": row["starts"] or "unknown", "counts": counts}


def _by_state(laws: pd.DataFrame) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for law in as_rows(laws[laws["bars"] != ""]):
        found[law["state"]].append(law)
    return found


def _ends(row: Row) -> tuple[Row, Row]:
    """Give sender and recipient of a row: kind, state, status, candidates."""
    partner = {key: row[key] for key in ("kind", "state", "status", "candidates")}
    kind = resolve_name(row["owner"], state=row["owner_state"]).kind
    owner = {"kind": kind, "state": row["owner_state"], "status": "certain", "candidates": row["owner_state"]}
    return (owner, partner) if row["direction"] == "shares_with" else (partner, owner)


def _may_be(body: Row) -> list[str]:
    """Give the states whose law may bind a body; none for federal, military and tribal ones."""
    if body["kind"] in _NOT_THE_STATES:
        return []
    return [body["state"]] if body["state"] else [code for code in body["candidates"].split(";") if code]


def _bars(law: Row, sender: Row, recipient: Row) -> str:
    """Say whether a law's limit takes in a recipient: yes, maybe or no."""
    barred, excepted = law["bars"].split(";"), set(law["except_for"].split(";"))
    if recipient["kind"] in excepted:
        return "no"
    sure = _least(law["counts"], *("yes" if body["status"] == "certain" else "maybe" for body in (sender, recipient)))
    if "any" in barred:
        return sure
    if recipient["kind"] in {"federal", "military"}:
        # Base police are federal, a state's National Guard is not: the name alone does not tell.
        return _least(sure, "yes" if recipient["kind"] == "federal" else "maybe") if "federal" in barred else "no"
    inside = {law["state"], *excepted}
    if recipient["state"]:
        return sure if "out_of_state" in barred and recipient["state"] not in inside else "no"
    outside = not recipient["candidates"] or set(recipient["candidates"].split(";")) - inside
    return "maybe" if "out_of_state" in barred and outside else "no"


def _pair(law: Row, counts: str) -> tuple[str, ...]:
    verified = law["verified"] == "yes"
    verb = "appears to conflict with" if counts == "yes" else "may conflict with"
    unless = f", unless {law['unless']}" if law["unless"] else ""
    doubt = (
        ""
        if counts == "yes"
        else "; a place or kind is not certain"
        if verified
        else "; the law is not verified in full"
    )
    said = (law["law_id"], law["state"], law["citation"], law["says"], law["verified"], law["law_url"])
    return (*said, counts, f"{verb} {law['citation']}{unless}{doubt}")


@cache
def _policies() -> tuple[Row, ...]:
    columns = ("policy_id", "kind", "state", "direction", "verified", "starts", "ends", "law", "limits", "covers")
    return tuple(as_rows(read_table(DATA / "policies" / "sanctuary.csv", columns)))


@cache
def _doj_list() -> tuple[Row, ...]:
    return tuple(as_rows(read_table(DATA / "policies" / "doj_list.csv", ("policy_id", "listed", "removed"))))


@cache
def _laws() -> tuple[Row, ...]:
    columns = ("law_id", "state", "kind", "bars", "except_for", "unless", "starts", "verified")
    return tuple(as_rows(read_table(DATA / "policies" / "alpr_laws.csv", columns)))
