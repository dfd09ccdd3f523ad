"""Names -> agencies: which body a name means, in which state and place, how sure that is, and why.

Evidence in order: a ruling; the record's own city and state; the state that the name prints; a
name that all know (federal bodies, `data/agencies`); the only place of that name in the country.
What these do not decide stays open, with its candidates: a guess never becomes a fact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import astuple, dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, Literal

import pandas as pd

from kit.ap import ap_date, ap_list, ap_number
from kit.errors import DataError, ParameterError
from kit.names import STATE_NAMES, AgencyName, read_name
from kit.places import Place, counties_named, county_by_geoid, county_names, find_state, places_named
from kit.records.record import clean
from kit.sharing import DATA, as_rows, compare, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kit.places import County
    from kit.records import Record
    from kit.sharing import SharingList

Status = Literal["certain", "likely", "ambiguous", "unresolved"]

COUNTRY = "US"
"""The `state` of a national unit."""

_ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_NATIONAL = re.compile(r"\b(national|natl|ntc|headquarters|hq|nationwide)\b", re.IGNORECASE)
_FEDERAL_SAYS = re.compile(r"^(u\.?s\.?|united states|federal bureau)\b", re.IGNORECASE)
_CAMPUS = re.compile(
    r"\b(the |csu|uc|university of|university|college|community|state|police|campus|at)\b", re.IGNORECASE
)
_JUDICIAL = re.compile(r"\d(st|nd|rd|th) judicial\b", re.IGNORECASE)
_TOWNSHIP = re.compile(r"\s+(charter township|township|twp|borough|boro|village|town)$", re.IGNORECASE)
_ORDINAL = re.compile(r"^\d+(st|nd|rd|th)\b", re.IGNORECASE)
# Kinds whose name, where it carries no "County", is a county's all the same: Bossier Sheriffs Office.
_OF_COUNTIES = {"county_sheriff"}

SMALLEST_UNINCORPORATED = 2000
"""Residents below which a place that is no city is not taken to have police of its own.

Of the 1,568 city police agencies of California, Colorado, Illinois and Washington in the FBI's list of
2018, none sits in a smaller unincorporated place (the smallest: Stallion Springs, California, 2,488).
"""


@dataclass(frozen=True)
class Agency:
    """One name, resolved. `place` is a city or county; `candidates` the states that it may be in."""

    name: str
    agency: str
    kind: str
    state: str = ""
    place: str = ""
    place_geoid: str = ""
    county: str = ""
    county_geoid: str = ""
    lat: float | None = None
    lon: float | None = None
    status: Status = "unresolved"
    basis: str = "no rule decides it"
    candidates: tuple[str, ...] = ()
    group: str = ""


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
    given = [names[column] if column in names else [""] * len(names) for column in ("name", "city", "state", "said_by")]
    agencies = [resolve_name(*map(str, row)) for row in zip(*given, strict=True)]
    lines = [
        (*astuple(replace(agency, candidates=()))[:-2], ";".join(agency.candidates), agency.group)
        for agency in agencies
    ]
    table = pd.DataFrame(lines, columns=list(AGENCY_COLUMNS), index=names.index)
    return table.astype({"lat": "Float64", "lon": "Float64"})


def resolve_lists(lists: Sequence[SharingList]) -> pd.DataFrame:
    """Give the rows of the lists with the agency of each: SHARING_COLUMNS, then AGENCY_COLUMNS but name.

    A name with no city and state of its own takes those that a table of another list of the same
    system prints for it, where all agree; or the state that the same account carries in another
    list of the same owner, once it is renamed (`sharing.compare`).
    """
    rows = pd.concat([one.rows for one in lists], ignore_index=True)
    told, renamed = _told_by_tables(rows), _told_by_renaming(lists)
    sightings = [
        (row["partner_city"], row["partner_state"], "the record's own table")
        if row["partner_state"]
        else told.get((row["system"], _account(row["partner"])))
        or renamed.get((row["list_id"], row["partner"]), ("", "", ""))
        for row in as_rows(rows)
    ]
    sheet = pd.DataFrame(sightings, columns=["city", "state", "said_by"]).assign(name=rows["partner"])
    return rows.join(resolve(sheet).drop(columns="name"))


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
    return read_name(name).bare.casefold()


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
            changes = compare(older, newer, direction)
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
def resolve_name(name: str, city: str = "", state: str = "", said_by: str = "") -> Agency:
    """Resolve one name with what the record says of its city and state."""
    said = read_name(name)
    start = Agency(name, said.bare, said.kind)
    state = state.strip().upper()
    if ruled := _rulings().get(name.casefold()):
        return _ruled(start, said, ruled)
    body = _federal(said)
    start = replace(start, kind="federal", group=body["group"]) if body else start
    if state in STATE_NAMES:
        where = f"{city}, {state}" if city else state
        return _told(start, said, city or said.place, state, f"{where}: {said_by or 'the record says so'}")
    if known := _local().get(said.bare.casefold()):
        return _known(start, known)
    if said.state:
        return _told(start, said, said.place, said.state, said.said)
    return _federal_unit(start, said, body) if body else _by_place(start, said)


def _told(agency: Agency, said: AgencyName, city: str, state: str, basis: str) -> Agency:
    """Place a name in a state that is told; its point is the place of that name there, where there is one."""
    placed = replace(agency, state=state, status="certain", basis=basis, candidates=(state,))
    if agency.kind == "state_agency":
        return placed
    counties = [county for county in _counties_meant(said) if county.state == state]
    if counties and agency.kind != "federal":
        return _in_county(placed, counties[0], city)
    at = places_named(city, state)
    return _at(_as_town(placed, said) if said.place.casefold() == city.casefold() else placed, at[0]) if at else placed


def _by_place(agency: Agency, said: AgencyName) -> Agency:  # noqa: PLR0911  (one way out a rule)
    """Place a name by its place words alone: certain where one state has such a place."""
    if counties := _counties_meant(said):
        one = _choose(agency, sorted({county.state for county in counties}), f"county named {said.place}")
        return _in_county(one, counties[0]) if one.status == "certain" else one
    if said.county or said.kind in _OF_COUNTIES:
        return _misspelt(agency, said)
    if not said.place or _ORDINAL.match(said.place):
        return _numbered(agency, said)
    if (town := _TOWNSHIP.sub("", said.place)) != said.place:
        return _township(agency, said.place, town)
    places = _can_have(agency, places_named(said.place)) or _city_in_county(said.place)
    if places:
        agency = _as_town(agency, said)
    elif agency.kind == "campus_police":
        places = places_named(_CAMPUS.sub(" ", said.place))
    if not places:
        return replace(agency, basis=f'no place "{said.place}" is known')
    one = _choose(agency, sorted({place.state for place in places}), f"place named {places[0].name}")
    if one.status == "certain" and places[0].standing == "other":
        return replace(one, status="likely", basis=f"{one.basis}, as a name that mail does not bear")
    return _at(one, places[0]) if one.status == "certain" else one


def _can_have(agency: Agency, places: Sequence[Place]) -> Sequence[Place]:
    """Leave out, for city police, places that are no city and too small for police of their own."""
    if agency.kind != "municipal_police":
        return places
    return [p for p in places if p.incorporated != "no" or (p.population or 0) >= SMALLEST_UNINCORPORATED]


def _city_in_county(words: str) -> Sequence[Place]:
    """Find a government of city and county together: Athens-Clarke is Athens in Clarke County."""
    city, _, county = words.partition("-")
    return [
        place
        for place in places_named(city)
        if (its := county_by_geoid(place.county_geoid)) and its in counties_named(county)
    ]


def _township(agency: Agency, words: str, town: str) -> Agency:
    """Leave a township, borough or village open among the states that have a place of its name.

    The gazetteer has far from all of them, so that one that stands alone there is likely at most.
    """
    found = sorted({place.state for name in (words, town) for place in places_named(name)})
    if not found:
        return replace(agency, basis=f'no place "{words}" is known')
    one = _choose(agency, found, f"place named {words} or {town}")
    basis = f"{one.basis}; not all townships are known"
    return replace(one, status="likely" if len(found) == 1 else "ambiguous", basis=basis)


def _misspelt(agency: Agency, said: AgencyName) -> Agency:
    """Leave a county that is not there open among those spelled almost so; a mend is for a ruling."""
    close = get_close_matches(said.place.lower(), county_names(), n=3, cutoff=0.9)
    found = sorted({county.state for name in close for county in counties_named(name)})
    near = f"; spelled almost so: {', '.join(name.title() for name in close)}" if close else ""
    status: Status = "ambiguous" if found else "unresolved"
    return replace(agency, status=status, basis=f'no county "{said.place}" is known{near}', candidates=tuple(found))


def _numbered(agency: Agency, said: AgencyName) -> Agency:
    """Leave a numbered judicial district open among the states that may have such districts."""
    if not _JUDICIAL.search(said.bare):
        return agency
    without = _table("agencies/no_numbered_districts.csv", ("state", "verified"))
    none = {row["state"] for row in without if row["verified"] == "yes"}
    possible = tuple(code for code in sorted(STATE_NAMES) if code not in none)
    basis = f"a numbered judicial district; {', '.join(sorted(none))} has none"
    return replace(agency, status="ambiguous", basis=basis, candidates=possible)


def _choose(agency: Agency, found: list[str], what: str) -> Agency:
    """Settle on the only state, or leave the choice open."""
    if len(found) == 1:
        only = f"only {STATE_NAMES.get(found[0], found[0])} has a {what}"
        return replace(agency, state=found[0], status="certain", basis=only, candidates=(found[0],))
    basis = f"{ap_number(len(found))} states have a {what}"
    return replace(agency, status="ambiguous", basis=basis, candidates=tuple(found))


def _as_town(agency: Agency, said: AgencyName) -> Agency:
    """Take College Park for the town that it is: its police are no campus police."""
    town = agency.kind == "campus_police" and bool(places_named(said.place))
    return replace(agency, kind="municipal_police") if town else agency


def _counties_meant(said: AgencyName) -> tuple[County, ...]:
    """Give the counties that the place words mean, if they mean one."""
    alone = said.kind in _OF_COUNTIES or (said.kind == "other" and not places_named(said.place))
    return counties_named(said.place) if said.county or alone else ()


def _in_county(agency: Agency, county: County, city: str = "") -> Agency:
    """Set a body in its county; its point is that of its city, where the record says which."""
    placed = replace(agency, place=county.full_name, county=county.full_name, county_geoid=county.geoid)
    at = places_named(city, county.state) if city else ()
    return replace(placed, lat=at[0].lat, lon=at[0].lon) if at else placed


def _at(agency: Agency, place: Place) -> Agency:
    county = county_by_geoid(place.county_geoid)
    return replace(
        agency,
        place=place.name,
        place_geoid=place.geoid,
        county=county.full_name if county else place.county,
        county_geoid=place.county_geoid,
        lat=place.lat,
        lon=place.lon,
    )


def _federal_unit(agency: Agency, said: AgencyName, body: dict[str, str]) -> Agency:
    """Place a federal unit where its name says that it sits; the whole body is national."""
    rest = _without(said.bare, body)
    if not rest or _NATIONAL.search(rest):
        why = f"the name is that of the whole body: {body['agency']}" if not rest else f'"{rest}" in the name'
        return replace(agency, state=COUNTRY, status="certain", basis=why, candidates=(COUNTRY,))
    return _by_place(agency, replace(said, place=rest, county=False, kind="federal"))


def _without(name: str, body: dict[str, str]) -> str:
    """Give what a name says beyond the body's own name."""
    for alias in sorted(body["aliases"].split("|"), key=len, reverse=True):
        name = re.sub(_words(alias), " ", name)
    words = re.sub(r"\b(DHS|DOJ|police|department|office|field|sector|division|s)\b|[^\w\s.']", " ", name)
    return " ".join(words.split())


def _words(alias: str) -> str:
    """Give the pattern that finds an alias as words: letters alone (`ICE`) only in capitals."""
    pattern = rf"(?<!\w){re.escape(alias)}(?!\w)"
    return pattern if alias.isupper() else f"(?i:{pattern})"


def _federal(said: AgencyName) -> dict[str, str] | None:
    """Find the federal body that a name means, by words and never inside words."""
    for body in _federal_bodies():
        for alias in body["aliases"].split("|"):
            whole = body["match"] == "exact"
            if (re.fullmatch if whole else re.search)(_words(alias), said.bare):
                return body
    return None


def _known(agency: Agency, known: dict[str, str]) -> Agency:
    """Take what `data/agencies/local.csv` says; certain only where it is verified."""
    status: Status = "certain" if known["verified"] == "yes" else "likely"
    checked = "" if known["verified"] == "yes" else ", not verified"
    placed = replace(
        agency,
        agency=known["agency"],
        kind=known["kind"],
        state=known["state"],
        status=status,
        basis=f"known name: {known['agency']}{checked} ({known['source_title']})",
        candidates=(known["state"],),
    )
    at = places_named(known["city"], known["state"])
    return _at(placed, at[0]) if at and known["kind"] != "state_agency" else placed


def _ruled(agency: Agency, said: AgencyName, ruling: dict[str, str]) -> Agency:
    """Follow a reporter's ruling: the state that the agency is in, or US."""
    basis = f"ruling of {ruling['who']}, {ruling['when']}: {ruling['why']}"
    state = ruling["decision"].strip().upper()
    return _told(agency, said, said.place, state, basis)


@cache
def _federal_bodies() -> tuple[dict[str, str], ...]:
    return _table("agencies/federal.csv", ("code", "agency", "group", "aliases", "match", "verified"))


@cache
def _local() -> dict[str, dict[str, str]]:
    return {
        row["alias"].casefold(): row for row in _table("agencies/local.csv", ("alias", "agency", "state", "verified"))
    }


@cache
def _rulings() -> dict[str, dict[str, str]]:
    """Give the rulings by name; DataError where a decision is no state."""
    rows = _table("rulings/agencies.csv", ("name", "decision", "who", "when", "why"))
    for row in rows:
        if row["decision"].strip().upper() not in {*STATE_NAMES, COUNTRY}:
            what = f'The ruling on "{row["name"]}" decides "{row["decision"]}", which is no state.'
            raise DataError(what, "data/rulings/agencies.csv", "Write a postal code, or US for a national unit.")
    return {row["name"].casefold(): row for row in rows}


def rulings_without_name(names: Iterable[str]) -> list[str]:
    """Give the rulings that no name matches."""
    there = {name.casefold() for name in names}
    return [row["name"] for key, row in _rulings().items() if key not in there]


def forget() -> None:
    """Read rulings and known names anew at the next question."""
    for kept in (resolve_name, _federal_bodies, _local, _rulings):
        kept.cache_clear()


def _table(path: str, columns: Sequence[str]) -> tuple[dict[str, str], ...]:
    return tuple(as_rows(read_table(DATA / path, columns)))
