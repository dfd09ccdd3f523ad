"""What tells where one name's agency is, what kind it is, and how sure that is: all evidence but rulings.

In order: the record's own city and state; a name that is known (`bodies`); the state that the name itself
prints; the only place or county of that name in the country; a place that outweighs all others of its name.
What these do not decide stays open, with its candidates: a guess never becomes a fact.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kit import bodies
from kit.ap import ap_list
from kit.names import STATE_NAMES, AgencyName, Reading, read_name, states_across
from kit.places import counties_named, places_named
from kit.records.record import flags_of
from kit.whereabouts import (
    Agency,
    Status,
    by_place,
    counties_meant,
    in_county,
    in_one_county,
    in_place,
    institution_at,
    is_supported,
    is_town,
    is_township,
    like_town,
    there,
    why_no_place,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.places import Place

COUNTRY = "US"
"""The `state` of a national unit."""

_SCHOOL = re.compile(r"\b(university|college|academy|airport|hospital)$", re.IGNORECASE)
_NATIONAL = re.compile(r"\b(national|natl|ntc|headquarters|hq|nationwide)\b", re.IGNORECASE)


def by_evidence(name: str, city: str = "", state: str = "", said_by: str = "") -> Agency:
    """Resolve one name by what the record says of its city and state, and failing that by the name."""
    said = read_name(name)
    body, units, state = bodies.federal(said), bodies.units(said), state.strip().upper()
    listed = _institution(said, state)
    start = _start(said, body, units, listed)
    if state in STATE_NAMES:
        where = f"{city}, {state}" if city else state
        return told(start, said, city, state, f"{where}: {said_by or 'the record says so'}")
    if known := bodies.local(said):
        return _known(start, known)
    if "test" in flags_of(name):
        return replace(start, kind="non_law_enforcement", basis="a test or demonstration account, no agency")
    return _by_words(start, said, body, units, listed)


def _by_words(
    start: Agency,
    said: AgencyName,
    body: dict[str, str] | None,
    units: Sequence[dict[str, str]],
    listed: dict[str, str] | None,
) -> Agency:
    """Resolve by what the words of a name say and mean."""
    if body and body["match"] == bodies.WRONG:
        return _wrongly_named(start, said, body)
    if len(across := states_across(said.bare)) > 1:
        basis = f"the name prints {ap_list([STATE_NAMES[code] for code in across])}"
        return replace(start, status="ambiguous", basis=basis, candidates=across)
    reading = _likeliest(said)
    elsewhere = {state for unit in units for state in _states_of(unit)} - {COUNTRY}
    if listed and not elsewhere:
        elsewhere = set(listed["states"].split(";"))
    if reading.state and (not elsewhere or reading.state in elsewhere):
        return _printed(start, said, reading)
    found = _federal_unit(start, said, body) if body else _by_name(start, said, reading)
    return _with_tables(start, found, units, listed)


def _with_tables(
    start: Agency, found: Agency, units: Sequence[dict[str, str]], listed: dict[str, str] | None
) -> Agency:
    """Let the tables decide where the map does not, or says otherwise."""
    if found.status == "certain" and not listed:
        return found
    known = _unit(start, units) if units else _listed(start, listed) if listed else found
    return found if found.status in {"certain", "likely"} and found.state in known.candidates else known


def _institution(said: AgencyName, state: str) -> dict[str, str] | None:
    """Find a name in the FBI's list of institutions; a tribe only where no town bears its name."""
    listed = bodies.institution(said)
    if not listed or (state and state not in listed["states"].split(";")):
        return None
    town = listed["kind"] == "tribal" != said.kind and places_named(said.place, state or said.state)
    return None if town else listed


def _listed(agency: Agency, listed: dict[str, str]) -> Agency:
    """Take the state of the only institution of that name in the FBI's list: likely, for the list is not complete."""
    states = tuple(listed["states"].split(";"))
    where = ap_list([STATE_NAMES.get(code, code) for code in states])
    basis = f"the FBI's list of agencies of 2018 has one of that name in {where}"
    if len(states) > 1:
        return replace(agency, status="ambiguous", basis=basis, candidates=states)
    return replace(agency, state=states[0], status="likely", basis=basis, candidates=states)


def told(agency: Agency, said: AgencyName, city: str, state: str, basis: str) -> Agency:
    """Place a name in a state that is told; its point is the place of that name there, where there is one."""
    reading = _likeliest(said, state)
    kind = _kind(agency, said, reading, state)
    placed = replace(agency, kind=kind, state=state, status="certain", basis=basis, candidates=(state,))
    if kind == "state_agency":
        return placed
    counties = [county for county in counties_meant(said, reading) if county.state == state]
    if counties and kind != "federal":
        return in_one_county(placed, reading, counties, city)
    around = [county for county in counties_named(said.within) if county.state == state] if said.within else []
    if at := there(city or reading.place, state, around) or institution_at(kind, reading.place, state):
        return in_place(placed, at)
    around = around or [county for county in counties_named(reading.place) if county.state == state]
    return in_county(placed, around[0]) if around else placed


def _start(
    said: AgencyName, body: dict[str, str] | None, units: Sequence[dict[str, str]], listed: dict[str, str] | None
) -> Agency:
    start = Agency(said.text, said.bare, said.kind)
    if body:
        return replace(start, kind="federal", group=body["group"])
    if listed and not units:
        return replace(start, kind=listed["kind"])
    kinds = {(unit["kind"], unit["group"]) for unit in units}
    if len(kinds) != 1:
        return start
    kind, group = next(iter(kinds))
    return replace(start, kind=kind, group=group)


def _likeliest(said: AgencyName, state: str = "") -> Reading:
    """Take the first reading that a place or county supports, else the first that grammar vouches for."""
    for reading in said.readings:
        if {state, reading.state} - {""} <= {reading.state or state} and is_supported(reading, reading.state or state):
            return reading
    return next((one for one in said.readings if one.trust != "place"), said.readings[0])


def _kind(agency: Agency, said: AgencyName, reading: Reading, state: str = "") -> str:
    """Take College Park for the town that it is: where a name's place is known, the other words tell its kind."""
    if agency.kind == "federal" or agency.kind != said.kind:
        return agency.kind
    state = reading.state or state
    if reading.county:
        known = any(state in {"", county.state} for county in counties_named(reading.place))
    else:
        known = any(_is_place(place) for place in places_named(reading.place, state) or like_town(reading.place, state))
    return reading.kind if known and reading.kind != "other" else said.kind


def _is_place(place: Place) -> bool:
    """Tell a place from a university that has a ZIP code of its own."""
    return is_town(place) or (place.standing == "main" and not _SCHOOL.search(place.name))


def _printed(agency: Agency, said: AgencyName, reading: Reading) -> Agency:
    """Place a name in the state that it prints; certain but for what the map does not bear out."""
    found = told(agency, said, "", reading.state, reading.said)
    if reading.trust == "likely":
        return replace(found, status="likely", basis=f"{reading.said}, spelled out before other words")
    meant = {county.state for county in counties_meant(said, reading)} & STATE_NAMES.keys()
    if reading.county and meant and reading.state not in meant:
        where = ap_list([STATE_NAMES[code] for code in sorted(meant)])
        basis = f"{reading.said}, but {reading.place} County is in {where}"
        open_to = tuple(sorted({reading.state, *meant}))
        return replace(agency, kind=found.kind, status="ambiguous", basis=basis, candidates=open_to)
    if is_township(reading) and found.place != found.county:
        return replace(found, status="likely", basis=f"{reading.said}; only a place named {found.place} is known there")
    missing = reading.place and not found.county
    return replace(found, basis=f"{reading.said}; {why_no_place(reading)}") if missing else found


def _by_name(agency: Agency, said: AgencyName, reading: Reading) -> Agency:
    """Place a name by its place words; an account out of use is not counted on the strength of a map."""
    agency = replace(agency, kind=_kind(agency, said, reading))
    if "junk" in flags_of(said.text):
        return replace(agency, basis="marked as not in use or as no agency, and no state is printed")
    return by_place(agency, said, reading)


def _known(agency: Agency, known: dict[str, str]) -> Agency:
    """Take what `data/agencies/local.csv` says; certain only where it is verified."""
    status: Status = "certain" if known["verified"] == "yes" else "likely"
    checked = "" if known["verified"] == "yes" else ", not verified"
    state = known["state"]
    basis = f"known name: {known['agency']}{checked} ({known['source_title']})"
    placed = replace(
        agency, agency=known["agency"], kind=known["kind"], state=state, status=status, basis=basis, candidates=(state,)
    )
    at = places_named(known["city"], state)
    return in_place(placed, at[0]) if at and known["kind"] != "state_agency" else placed


def _unit(agency: Agency, units: Sequence[dict[str, str]]) -> Agency:
    """Take what `data/agencies/units.csv` says: likely where a row is verified in part or borne out, never certain."""
    states = tuple(sorted({state for unit in units for state in _states_of(unit)}))
    one = units[0]
    names = ap_list([unit["agency"] for unit in units])
    checked = {"yes": "", "partly": ", not fully verified"}.get(one["verified"], ", not verified")
    basis = f"known name: {names}{checked}" + (f" ({one['source_title']})" if one["source_title"] else "")
    named = replace(agency, basis=basis, candidates=states, status="ambiguous" if states else "unresolved")
    if len(states) != 1 or len(units) > 1 or (one["verified"] == "no" and not _borne_out(one, agency.name, states[0])):
        return named
    placed = replace(named, state=states[0], status="likely")
    at = places_named(one["city"], states[0])
    return in_place(placed, at[0]) if at and one["verified"] == "yes" else placed


def _borne_out(unit: dict[str, str], name: str, state: str) -> bool:
    """Tell whether an unverified unit's full name prints its state, or a seat that is the largest place of its name."""
    if state in {reading.state for reading in read_name(unit["agency"]).readings}:
        return True
    city = unit["city"]
    if not city or city.casefold() not in f"{name} {unit['agency']}".casefold():
        return False
    seats = sorted(places_named(city), key=lambda place: (-(place.population or 0), place.state))
    return bool(seats) and seats[0].state == state


def _states_of(unit: dict[str, str]) -> set[str]:
    """Give the states of a unit: of its area, those that have a place named like its seat."""
    area = {state for state in unit["states"].split(";") if state in STATE_NAMES}
    seats = {place.state for place in places_named(unit["city"])} if unit["city"] else set()
    return (area & seats or area) if area else seats & STATE_NAMES.keys()


def _federal_unit(agency: Agency, said: AgencyName, body: dict[str, str]) -> Agency:
    """Place a federal unit where its name says that it sits; the whole body is national."""
    rest = bodies.beyond(said.bare, body)
    if not rest or _NATIONAL.search(rest):
        why = f"the name is that of the whole body: {body['agency']}" if not rest else f'"{rest}" in the name'
        return replace(agency, state=COUNTRY, status="certain", basis=why, candidates=(COUNTRY,))
    seat = Reading(rest, kind="federal")
    return by_place(replace(agency, kind="federal"), replace(said, kind="federal", readings=(seat,)), seat)


def _wrongly_named(agency: Agency, said: AgencyName, body: dict[str, str]) -> Agency:
    """Leave a federal body under a wrong name for a ruling, with the body and the states that it may mean."""
    right = replace(said, bare=bodies.rightly(said.bare, body))
    states = {state for unit in bodies.units(right) for state in _states_of(unit)} | ({said.state} - {""})
    basis = f"looks like {body['agency']} under a wrong name: for a ruling"
    return replace(agency, basis=basis, status="ambiguous", candidates=tuple(sorted(states or {COUNTRY})))
