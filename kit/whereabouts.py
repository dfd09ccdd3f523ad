"""Place words -> where in the country an agency can be: the state, the place or county, and how sure that is.

The only place or county of a name in the country settles it, or a place that outweighs all others of its
name; else it stays open, with its candidates: a guess never becomes a fact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Literal

from kit import bodies
from kit.ap import ap_number
from kit.names import STATE_NAMES
from kit.places import (
    Place,
    all_named,
    counties_named,
    county_by_geoid,
    county_names,
    place_names,
    places_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kit.names import AgencyName, Reading
    from kit.places import County

Status = Literal["certain", "likely", "ambiguous", "unresolved"]

SMALLEST_UNINCORPORATED = 2000
"""Residents below which a place that is no city is not taken to have police of its own.

Of the 1,568 city police agencies of California, Colorado, Illinois and Washington in the FBI's list of
2018, none sits in a smaller unincorporated place (the smallest: Stallion Springs, California, 2,488).
"""

ODDS = 500
"""How many times the residents of the next place of its name a place needs to be the likely one.

A place whose residents are not counted, so fewer than 500, is weighed as 500 where a ZIP code bears its name
and as 50 where it is a name that mail may bear beside another. Measured on the city police of the FBI's list
of 2018, names without their state: at 500 times 33 of 34 are right, at 200 times 71 of 85.
"""

FEDERAL_ODDS = 20
"""The same for the office of a federal body, which sits in a large city: `FBI Dallas`."""

_ACRONYM = re.compile(r"[A-Z]{2,5}")
_SYSTEM = re.compile(
    r"^(uc|csu|cal state|suny|ut|university of [\w ]+? (at|-)|[\w ]+ state university,?)\s+", re.IGNORECASE
)
_JUDICIAL = re.compile(r"\d(st|nd|rd|th) judicial\b", re.IGNORECASE)
_TOWNSHIP = re.compile(r"\s+(charter township|township|twp|borough|boro|village|town)$", re.IGNORECASE)
_TOWNSHIP_ALONE = re.compile(r"\s+(township|twp|town)$", re.IGNORECASE)
_LIKE_TOWN = re.compile(rf"{_TOWNSHIP.pattern}|\s+(city|metro|metropolitan)$", re.IGNORECASE)
_TOWNSHIPS = ("Township", "Town", "Village", "Borough")
_ORDINAL = re.compile(r"^\d+(st|nd|rd|th)\b", re.IGNORECASE)
# Kinds whose name, where it carries no "County", is a county's all the same: Bossier Sheriffs Office.
_OF_COUNTIES = {"county_sheriff", "prosecutor"}
_CITYS = re.compile(r"\b(city|town|municipal) (attorney|prosecutor|solicitor)", re.IGNORECASE)
_DISTRICT = re.compile(r"\b(isd|independent school district|city schools?|public schools?)\b", re.IGNORECASE)
# Words for an institution at a town: San Diego Harbor, Denver International Airport.
_INSTITUTION = re.compile(
    r"\b(port of|harbor|(regional |municipal |metro )?(intl|international)? ?airports?( authority| system)?|isd|unified"
    r"|(city )?schools?|(community |junior )?college|university|hospital|medical center|transit|housing authority"
    r"|metro|campus|district)\b",
    re.IGNORECASE,
)


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


def in_county(agency: Agency, county: County, city: str = "") -> Agency:
    """Set a body in its county; its point is that of its city, where the record says which."""
    placed = replace(agency, place=county.full_name, county=county.full_name, county_geoid=county.geoid)
    at = places_named(city, county.state) if city else ()
    return replace(placed, lat=at[0].lat, lon=at[0].lon) if at else placed


def in_place(agency: Agency, place: Place) -> Agency:
    """Set a body in its city or town."""
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


def is_supported(reading: Reading, state: str) -> bool:
    """Tell whether there is such a place or county, in the state or, without one, anywhere."""
    if reading.county or reading.kind in _OF_COUNTIES:
        return any(state in {"", county.state} for county in counties_named(reading.place))
    found = places_named(reading.place, state) or like_town(reading.place, state)
    return any(map(is_town, found)) if reading.trust == "place" else bool(found)


def is_town(place: Place) -> bool:
    """Tell a town from a mere name of a ZIP code."""
    return bool(place.population) or place.incorporated == "yes"


def counties_meant(said: AgencyName, reading: Reading) -> tuple[County, ...]:
    """Give the counties that the place words mean, if they mean one."""
    of_county = _OF_COUNTIES & {said.kind, reading.kind} and not _CITYS.search(said.bare)
    alone = of_county or (said.kind == "other" and not places_named(reading.place))
    return _so_called(reading) if reading.county or alone else ()


def _so_called(reading: Reading) -> tuple[County, ...]:
    """Give the counties of a name; where it says Parish only those that are one, and the one that it begins to name.

    St. John Parish, Louisiana, is St. John the Baptist Parish.
    """
    found = counties_named(reading.place)
    if reading.called != "parish":
        return found
    found = tuple(county for county in found if county.full_name.lower().endswith(reading.called))
    begun = [one for one in _parishes() if one.name.lower().startswith(f"{reading.place.lower()} ")]
    return found or (tuple(begun) if len(begun) == 1 else ())


@cache
def _parishes() -> tuple[County, ...]:
    every = {county for name in county_names() for county in counties_named(name)}
    return tuple(sorted((one for one in every if one.full_name.endswith(" Parish")), key=lambda one: one.geoid))


def there(words: str, state: str, around: Sequence[County]) -> Place | None:
    """Give the place of that name in a state; None where several are and nothing tells which."""
    words = words.replace(" & ", " and ")
    found = places_named(words, state) or like_town(words, state) or _half(words, state)
    if around:
        codes = {county.geoid for county in around}
        found = [place for place in found if place.county_geoid in codes]
    if not found or (len({place.county_geoid for place in found}) > 1 and not found[0].population):
        return None
    return found[0]


def _half(words: str, state: str) -> Sequence[Place]:
    """Give the first of two towns that share their police: Lakeway & Bee Cave, Hobart-Lawrence."""
    halves = re.split(r"\s*[/&-]\s*|\s+and\s+", words)
    return places_named(halves[0], state) if len(halves) > 1 else ()


def like_town(words: str, state: str = "") -> Sequence[Place]:
    """Give the places named like a township, borough or village, which need not be the same."""
    name = _LIKE_TOWN.sub("", words)
    return places_named(name, state) if name != words else ()


def institution_at(kind: str, words: str, state: str) -> Place | None:
    """Give the town that an institution of a state is named after: San Diego Harbor is at San Diego."""
    town = " ".join(_INSTITUTION.sub(" ", words).split())
    return there(town, state, ()) if town and town != words and kind != "municipal_police" else None


def in_one_county(agency: Agency, reading: Reading, counties: Sequence[County], city: str) -> Agency:
    """Set a body in its county; in none where a county and a city of its name both stand for one."""
    alike = [county for county in counties if county.full_name.endswith(" city") != reading.county]
    found = alike or counties
    return in_county(agency, found[0], city) if len(found) == 1 else agency


def why_no_place(reading: Reading) -> str:
    """Say why a name whose state is known has no place there."""
    several = len(places_named(reading.place, reading.state))
    if several:
        return f"{ap_number(several)} places there are named {reading.place}"
    near = _close(reading.place.lower(), place_names(reading.state), 1, 0.8)
    return f'no place "{reading.place}" is known there' + (f"; spelled almost so: {near[0].title()}" if near else "")


def _close(word: str, names: Sequence[str], most: int, cutoff: float) -> list[str]:
    """Give the names that are spelled almost so, as difflib has it; which can be, a faster measure tells first."""
    from rapidfuzz import fuzz, process

    # What two words have in common in one order is never less than what difflib finds of it.
    able = [name for name, *_ in process.extract(word, names, scorer=fuzz.ratio, score_cutoff=99 * cutoff, limit=None)]
    return get_close_matches(word, able, n=most, cutoff=cutoff)


def is_township(reading: Reading) -> bool:
    """Tell whether a township is meant and no place of the state bears that very name; a village is its place."""
    return bool(_TOWNSHIP_ALONE.search(reading.place)) and not places_named(reading.place, reading.state)


def by_place(agency: Agency, said: AgencyName, reading: Reading) -> Agency:
    """Place a name by its place words alone: certain where one state has such a place."""
    for rule in (_by_county, _misspelt, _numbered, _township, _campus, _institution, _by_town, _by_county_alone):
        if found := rule(agency, said, reading):
            return found
    return replace(agency, basis=f'no place "{reading.place}" is known')


def _by_county(agency: Agency, said: AgencyName, reading: Reading) -> Agency | None:
    counties = counties_meant(said, reading)
    return _of_counties(agency, reading, counties) if counties else None


def _of_counties(agency: Agency, reading: Reading, counties: Sequence[County]) -> Agency:
    states = {county.state for county in counties} | bodies.registered(reading.place, county=True)
    one = _choose(agency, states, f"{reading.called or 'county'} named {reading.place}")
    return in_one_county(one, reading, counties, "") if one.status == "certain" else one


def _by_town(agency: Agency, said: AgencyName, reading: Reading) -> Agency | None:
    alone = agency.kind == "other" or not (said.bare.isupper() or said.bare.endswith(" PD"))
    if alone and _ACRONYM.fullmatch(reading.place):
        return replace(agency, basis=f"{reading.place} stands in capitals, like an acronym")
    places = _can_have(agency, places_named(reading.place))
    return _weighed(agency, reading.place, places) if places else None


def _by_county_alone(agency: Agency, _said: AgencyName, reading: Reading) -> Agency | None:
    """Take Miami-Dade for its county: likely at most, for a town may be missing here."""
    counties = counties_named(reading.place) or counties_named(reading.place.replace(" ", "-"))
    one = _of_counties(agency, reading, counties) if counties else None
    return replace(one, status="likely") if one and one.status == "certain" else one


@cache
def _near_counties(words: str) -> tuple[str, ...]:
    return tuple(_close(words, county_names(), 3, 0.9))


def _misspelt(agency: Agency, _said: AgencyName, reading: Reading) -> Agency | None:
    """Leave a county that is not there open among those spelled almost so; a mend is for a ruling."""
    if not reading.county and agency.kind != "county_sheriff":
        return None
    close = _near_counties(reading.place.lower())
    found = {county.state for name in close for county in counties_named(name)}
    near = f"; spelled almost so: {', '.join(name.title() for name in close)}" if close else ""
    status: Status = "ambiguous" if found else "unresolved"
    basis = f'no county "{reading.place}" is known{near}'
    return replace(agency, status=status, basis=basis, candidates=tuple(sorted(found)))


def _numbered(agency: Agency, said: AgencyName, reading: Reading) -> Agency | None:
    """Leave a numbered judicial district open among the states that may have such districts."""
    if reading.place and not _ORDINAL.match(reading.place):
        return None
    if not _JUDICIAL.search(said.bare):
        return agency
    none = bodies.without_numbered_districts()
    possible = tuple(code for code in sorted(STATE_NAMES) if code not in none)
    basis = f"a numbered judicial district; {', '.join(sorted(none))} has none"
    return replace(agency, status="ambiguous", basis=basis, candidates=possible)


def _township(agency: Agency, _said: AgencyName, reading: Reading) -> Agency | None:
    """Leave a township, borough or village open among the states that have a place of its name.

    Not all are known, so that one that stands alone is likely at most.
    """
    words = reading.place
    if not _TOWNSHIP.search(words):
        return None
    known = all_named(words) or like_town(words)
    # A settlement called a village that mail does not bear is seldom the village that has police.
    settled = words.lower().endswith("village") and all(place.standing == "other" for place in known)
    also = like_town(words) if settled else ()
    found = {place.state for place in (*known, *also)}
    if not found:
        return replace(agency, basis=f'no place "{words}" is known')
    one = _choose(agency, found, f"place named {words} or {_TOWNSHIP.sub('', words)}")
    basis = f"{one.basis}; not all townships are known"
    sure = len(found) == 1 and (all_named(words) or known[0].standing == "main")
    return replace(one, state=one.state if sure else "", status="likely" if sure else "ambiguous", basis=basis)


def _named_after(agency: Agency, reading: Reading) -> Agency | None:
    """Place an airport, port, housing authority or school district by the only town of its name: likely at most."""
    town = " ".join(_INSTITUTION.sub(" ", reading.place).split())
    places = [place for place in places_named(town) if is_town(place)] if town else []
    if len({place.state for place in places_named(town)} | _townships_named(town)) != 1 or not places:
        return replace(agency, basis=f'no place "{reading.place}" is known')
    return replace(in_place(_choose(agency, {places[0].state}, f"place named {town}"), places[0]), status="likely")


def _institution(agency: Agency, _said: AgencyName, reading: Reading) -> Agency | None:
    is_one = agency.kind == "transit_airport_port" and _INSTITUTION.search(reading.place)
    return _named_after(agency, reading) if is_one and not places_named(reading.place) else None


def _campus(agency: Agency, said: AgencyName, reading: Reading) -> Agency | None:
    """Place a campus of a state's system by its town: UC Irvine; Duke University is not in Duke, Oklahoma."""
    if agency.kind != "campus_police":
        return None
    town = _SYSTEM.sub("", reading.place)
    if _DISTRICT.search(said.bare):
        return _named_after(agency, reading)
    places = places_named(town) if town != reading.place else ()
    if not places:
        return replace(agency, basis=f'no place "{reading.place}" is known')
    one = _weighed(agency, town, places)
    return replace(one, status="likely") if one.status == "certain" else one


def _weighed(agency: Agency, words: str, places: Sequence[Place]) -> Agency:
    """Settle on the only place of its name, or on one that outweighs all others; else leave it open."""
    federal = agency.kind == "federal"
    rivals = set() if federal else _townships_named(words)
    weight: dict[str, int] = defaultdict(int)
    for place in places:
        weight[place.state] = max(weight[place.state], _weight(place))
    known = bodies.registered(words, county=False)
    if len(weight | dict.fromkeys(rivals | known, 0)) == 1:
        return _only(agency, places)
    if len(known) == 1 and known <= weight.keys():
        return _registered(agency, next(iter(known)), places)
    first, *others = sorted(weight, key=lambda code: (-weight[code], code))
    odds = FEDERAL_ODDS if federal else ODDS
    if not rivals - {first} and others and weight[first] >= odds * weight[others[0]]:
        return _outweighs(agency, places, first, others[0], weight)
    return _choose(agency, {*weight, *rivals, *known}, f"place named {places[0].name}")


def _townships_named(words: str) -> set[str]:
    """Give the states with a township, town or borough of that name; a village's name has Village in it."""
    called = [place for town in _TOWNSHIPS for place in all_named(f"{words} {town}")]
    return {place.state for place in called if place.standing == "other" or not place.name.endswith("Village")}


def _weight(place: Place) -> int:
    return place.population or (500 if place.standing == "main" else 50)


def _only(agency: Agency, places: Sequence[Place]) -> Agency:
    """Settle on the only place of a name: certain for a place with residents of its own, likely for a ZIP code's."""
    one = _choose(agency, {places[0].state}, f"place named {places[0].name}")
    if places[0].standing == "other":
        basis = f"{one.basis}, as a name that mail does not bear"
        return replace(one, state="", status="ambiguous", basis=basis)
    if not is_town(places[0]):
        one = replace(one, status="likely", basis=f"{one.basis}, by its ZIP code alone")
    at = there(places[0].name, places[0].state, ()) or places[0]
    return in_place(one, at)


def _registered(agency: Agency, state: str, places: Sequence[Place]) -> Agency:
    basis = f"the FBI's list of agencies has one of that name, in {STATE_NAMES.get(state, state)}"
    one = replace(agency, state=state, status="likely", basis=basis, candidates=(state,))
    return in_place(one, next(place for place in places if place.state == state))


def _outweighs(agency: Agency, places: Sequence[Place], first: str, next_one: str, weight: dict[str, int]) -> Agency:
    """Settle on a place that dwarfs every other of its name: likely, with the odds and the runner-up."""
    at = next(place for place in places if place.state == first and _weight(place) == weight[first])
    odds = weight[first] // weight[next_one]
    basis = (
        f"{at.name}, {STATE_NAMES.get(first, first)}, has {ap_number(weight[first])} residents, {odds} times as many"
        f" as the next place of that name, in {STATE_NAMES.get(next_one, next_one)}"
    )
    return in_place(replace(agency, state=first, status="likely", basis=basis, candidates=(first,)), at)


def _can_have(agency: Agency, places: Sequence[Place]) -> Sequence[Place]:
    """Leave out, for city police, places that are no city and too small for police of their own."""
    if agency.kind != "municipal_police":
        return places
    return [p for p in places if p.incorporated != "no" or (p.population or 0) >= SMALLEST_UNINCORPORATED]


def _choose(agency: Agency, found: Iterable[str], what: str) -> Agency:
    """Settle on the only state, or leave the choice open."""
    states = tuple(sorted(found))
    if len(states) == 1:
        only = f"only {STATE_NAMES.get(states[0], states[0])} has a {what}"
        return replace(agency, state=states[0], status="certain", basis=only, candidates=states)
    return replace(
        agency, status="ambiguous", basis=f"{ap_number(len(states))} states have a {what}", candidates=states
    )
