"""Who covers a place, who of them stands in the lists, who is near, and what the lists cannot show.

Absence from a list is not absence of sharing: `no` is said only where an agency's own list is held, whole
and empty. Distances are kilometers between the middles of places.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kit.agencies import COUNTRY, may_be_in, resolve_name
from kit.geography import neighbors, places_within
from kit.names import read_name
from kit.networks import network_named
from kit.pathways import hops, is_local, name_agencies, name_owner, plates_at
from kit.places import Place, all_places, county_shapes, places_named
from kit.sharing import DATA, as_rows, read_table

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from kit.pathways import Named
    from kit.sharing import SharingList

STACK = (
    *("police", "sheriff", "county police", "transit", "airport", "port", "campus", "prosecutor"),
    *("state", "regional", "federal office"),
)
"""The kinds of agencies that may cover a city, as a page lists them."""

STACK_COLUMNS = ("kind", "answer", "agencies", "row_ids", "may_be")

_KIND = {
    "municipal_police": "police",
    "county_sheriff": "sheriff",
    "transit_airport_port": "transit",
    "campus_police": "campus",
    "prosecutor": "prosecutor",
    "state_agency": "state",
    "fusion_center": "regional",
    "task_force": "regional",
    "federal": "federal office",
}
_AIRPORT = re.compile(r"\bairports?\b", re.IGNORECASE)
_PORT = re.compile(r"\b(port|harbor)\b", re.IGNORECASE)
# Bodies that often cover more than the city or county that they sit in.
_WIDE = {"transit", "airport", "port", "regional", "federal office"}
_AT_ONE_PLACE = {"airport", "port"}


def place_stack(place: Place, rows: pd.DataFrame, lists: Sequence[SharingList], date: str = "") -> pd.DataFrame:
    """Say of each kind of agency that may cover a city whether one stands in the lists, a line a kind (STACK_COLUMNS).

    `answer` is `yes`, `no` (its own list is held, whole and empty) or `not in these lists`; `may_be` names the
    agencies of which the lists do not tell whether they cover the place. Of each owner's lists of a system the
    newest at or before the ISO date counts.
    """
    plates = plates_at(rows, date)
    here: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    perhaps: dict[str, dict[str, None]] = defaultdict(dict)
    names: dict[str, str] = {}
    for row_id, pair in zip(plates["row_id"], name_agencies(plates, lists), strict=True):
        for one in pair:
            kind, covers = _kind(one, place), _covers(one, place)
            if covers == "yes":
                here[kind][one.key].append(row_id)
            elif covers == "maybe":
                perhaps[kind][one.key] = None
            names.setdefault(one.key, one.name)
    empty = {_kind(own, place) for own in _with_nothing(lists, date) if _covers(own, place) == "yes"}
    lines = [
        (
            kind,
            "yes" if here[kind] else "no" if kind in empty else "not in these lists",
            tuple(names[key] for key in here[kind]),
            tuple(dict.fromkeys(row_id for ids in here[kind].values() for row_id in ids)),
            tuple(names[key] for key in perhaps[kind] if key not in here[kind]),
        )
        for kind in STACK
    ]
    return pd.DataFrame(lines, columns=list(STACK_COLUMNS))


def _kind(one: Named, place: Place) -> str:
    """Give the kind of the stack that an agency is of, or nothing."""
    if one.kind == "municipal_police" and one.place == place.county != place.name:
        return "county police"
    if one.kind == "transit_airport_port":
        return "airport" if _AIRPORT.search(one.name) else "port" if _PORT.search(one.name) else "transit"
    return "regional" if network_named(one.name) else _KIND.get(one.kind, "")


def _covers(one: Named, place: Place) -> str:
    """Tell whether an agency covers a place: `yes`, `maybe` where that is not known, else nothing."""
    kind, sure = _kind(one, place), one.status == "certain"
    if not kind:
        return ""
    if kind == "state" or is_local(one, place):
        return "yes" if sure and one.state == place.state else ""
    if kind in _WIDE and sure and one.state in {place.state, COUNTRY}:
        unplaced = not one.county_geoid and kind not in _AT_ONE_PLACE
        return "maybe" if unplaced or one.county_geoid == place.county_geoid else ""
    if sure or (one.candidates and place.state not in one.candidates.split(";")):
        return ""
    said = read_name(one.name)
    words = place.county if said.county or one.kind == "county_sheriff" else place.name
    return "maybe" if said.place and _plain(words).startswith(_plain(said.place)) else ""


def _plain(words: str) -> str:
    return re.sub(r"[^a-z]", "", words.lower())


def _with_nothing(lists: Sequence[SharingList], date: str) -> list[Named]:
    """Give the owners of lists that say of plate data, and leave no text unread, that they name nobody."""
    dated = [one for one in lists if not date or one.date <= date]
    naming = {one.owner for one in dated if (one.rows["data"] != "hotlist").any()}
    whole = [one for one in dated if one.owner not in naming and one.left_out in {"", "nothing"}]
    said = [one for one in whole if any(one.has("shares_with", data) for data in ("detections", "network"))]
    return [name_owner(one.owner, one.owner_state) for one in said]


def out_of_state(rows: pd.DataFrame, lists: Sequence[SharingList], state: str, date: str = "") -> pd.DataFrame:
    """Give the rows in which an agency of a state shares its data with one of another state.

    The rows with a column `sure`: False where it is not certain that the agency is elsewhere. National units
    (state `US`) are not counted as another state.
    """
    plates = plates_at(rows, date)
    own = pd.Series([owner.state for owner, _ in name_agencies(plates, lists)], index=plates.index)
    to = plates[(own == state) & (plates["direction"] == "shares_with")]
    sure = (to["status"] == "certain") & ~to["state"].isin([state, COUNTRY])
    maybe = (to["status"] != "certain") & (to["candidates"] != state)
    return to.assign(sure=sure)[sure | maybe]


@dataclass(frozen=True)
class Coverage:
    """What lists know of the agencies of a state: rows that first name one, and the owners of lists there.

    `named` is certain, `maybe` not; both are rows with a column more, `systems`: those in which the agency has an
    account, as far as these lists show. `owners` are the agencies whose own lists are held. `limits` say what
    the lists show and what they cannot.
    """

    named: pd.DataFrame
    maybe: pd.DataFrame
    owners: tuple[str, ...]
    limits: tuple[str, ...]


def coverage(rows: pd.DataFrame, lists: Sequence[SharingList], state: str, date: str = "") -> Coverage:
    """Give what the lists know of the agencies of a state, by each owner's newest lists at or before the ISO date."""
    plates = plates_at(rows, date)
    pairs = name_agencies(plates, lists)
    systems: dict[str, set[str]] = defaultdict(set)
    for pair, system in zip(pairs, plates["system"], strict=True):
        for one in pair:
            systems[one.key].add(system)
    plates = plates.assign(_key=[other.key for _, other in pairs])
    plates["systems"] = [";".join(sorted(systems[key])) for key in plates["_key"]]
    sure = plates[(plates["status"] == "certain") & (plates["state"] == state)].drop_duplicates("_key")
    maybe = plates[may_be_in(plates, state) & ~plates["_key"].isin(sure["_key"])].drop_duplicates("_key")
    owners = tuple(dict.fromkeys(owner.name for owner, _ in pairs if owner.state == state))
    return Coverage(sure.drop(columns="_key"), maybe.drop(columns="_key"), owners, _limits(plates))


def _limits(plates: pd.DataFrame) -> tuple[str, ...]:
    """Say, by the data, what the lists show and what they cannot."""
    ways = set(plates["direction"])
    missing = {"shares_with": "with whom the owner shares", "receives_from": "from whom the owner gets data"}
    return (
        "A list shows the accounts that its owner's system names, on one day, in one system.",
        *(f"No list here says {words}." for way, words in missing.items() if way not in ways),
        "Two agencies that stand in one list may share with each other or not: only their own lists tell.",
        "An agency that is in no list may use the system: how many in the state do is not known from lists.",
    )


@dataclass(frozen=True)
class Residents:
    """How many live where the city's own police are among some rows, of how many, and in which places.

    `low` counts certain names alone, `high` also those that may be there; `of` is None where it is not known.
    `unknown` are certain places whose residents the gazetteer does not have. `source` credits the figures.
    """

    low: int
    high: int
    of: int | None
    places: tuple[str, ...]
    unknown: tuple[str, ...]
    source: str


def residents(rows: pd.DataFrame, state: str, county_geoid: str = "") -> Residents:
    """Count residents of a state's or a county's cities whose own police are among the rows.

    Places that a sheriff polices are not counted. Of a county, `of` is the residents of its cities, towns and villages,
    known where the Census class of places is (four states).
    """
    police = rows[rows["kind"] == "municipal_police"]
    sure = _cities(police[(police["status"] == "certain") & (police["state"] == state)], state, county_geoid)
    open_ = _cities(police[may_be_in(police, state)], state, county_geoid)
    low, more = _living_in(sure), _living_in(city for city in open_ if city not in sure)
    unknown = tuple(city.name for city in sure if not city.population)
    of, source = _all_residents(state, county_geoid)
    return Residents(low, low + more, of, tuple(city.name for city in sure), unknown, source)


def _living_in(cities: Iterable[Place]) -> int:
    return sum(city.population or 0 for city in cities)


def _cities(police: pd.DataFrame, state: str, county_geoid: str) -> dict[Place, None]:
    """Give the places that city police are of, each once."""
    found: dict[Place, None] = {}
    for row in as_rows(police):
        named = places_named(row["place"] or read_name(row["partner"]).place, state)
        at = [one for one in named if row["county_geoid"] in ("", one.county_geoid)]
        found |= dict.fromkeys(one for one in at[:1] if county_geoid in ("", one.county_geoid))
    return found


def _all_residents(state: str, county_geoid: str) -> tuple[int | None, str]:
    if county_geoid:
        cities = {one for one in all_places() if one.county_geoid == county_geoid and one.incorporated == "yes"}
        return _living_in(cities) or None, "GeoNames, of no one year"
    table = read_table(DATA / "gazetteer" / "states.csv", ("state", "population_2020"))
    of = {row["state"]: row["population_2020"] for row in as_rows(table)}
    return int(of[state]) if of.get(state) else None, "Cities: GeoNames, of no one year; state: 2020 Census"


NEAR_COLUMNS = ("kind", "place", "state", "km", "agency", "gives", "gets", "row_ids")


def owner_points(lists: Sequence[SharingList]) -> dict[str, tuple[float, float]]:
    """Give latitude and longitude (EPSG:4326) of each owner of a list that has a place or county, by its name.

    A county's agency stands in the middle of its county.
    """
    points = {}
    for one in lists:
        found = resolve_name(one.owner, state=one.owner_state)
        if found.lat is not None and found.lon is not None:
            points[one.owner] = (found.lat, found.lon)
        elif found.county_geoid:
            shapes = county_shapes(found.state)
            middle = shapes.geometry[shapes["geoid"] == found.county_geoid].iloc[0].representative_point()
            points[one.owner] = (round(middle.y, 4), round(middle.x, 4))
    return points


def near(
    place: Place, rows: pd.DataFrame, lists: Sequence[SharingList], km: float = 40, date: str = ""
) -> pd.DataFrame:
    """Give the adjoining counties, and the cities within a distance, that stand in the lists (NEAR_COLUMNS).

    One line an agency: the sheriff or police of the county (`kind` is `adjoining county`, no `km`) or city police
    (`city`, kilometers from center to center), whether it gives data or gets it, and the rows. Certain names alone.
    By each owner's newest lists at or before the ISO date. PlaceError where the place has no point.
    """
    counties = {one.county.geoid: one.county.full_name for one in neighbors(place.county_geoid)}
    near_by = ((one.place, one.km) for one in places_within(place, km))
    cities = {(one.name, one.county_geoid): far for one, far in near_by if isinstance(one, Place)}
    found: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    sides: dict[tuple[str, str, str], tuple[Named, float | None]] = {}
    for hop in hops(plates_at(rows, date), lists):
        for side, one in (("gives", hop.giver), ("gets", hop.taker)):
            if not (kind := _near_kind(one, counties, cities)):
                continue
            key = (kind, one.key, one.place)
            sides.setdefault(key, (one, cities.get((one.place, one.county_geoid)) if kind == "city" else None))
            found[key][side].append(hop.row_id)
    lines = [
        (key[0], one.place, one.state, far, one.name, "gives" in found[key], "gets" in found[key], _flat(found[key]))
        for key, (one, far) in sides.items()
    ]
    lines.sort(key=lambda line: (line[0], line[3] or 0, line[1], line[4]))
    return pd.DataFrame(lines, columns=list(NEAR_COLUMNS))


def _near_kind(one: Named, counties: Mapping[str, str], cities: Container[tuple[str, str]]) -> str:
    if one.status != "certain" or one.kind not in {"municipal_police", "county_sheriff"}:
        return ""
    if counties.get(one.county_geoid) == one.place:
        return "adjoining county"
    return "city" if one.kind == "municipal_police" and (one.place, one.county_geoid) in cities else ""


def _flat(by_side: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row_id for ids in by_side.values() for row_id in ids))
