"""States, counties and cities: codes, gazetteer, boundaries.

County and state codes (GEOID) are those of the Census Bureau's 2016 cartographic files, and every
table says so in a column `vintage`. Points and boundaries are longitude and latitude (EPSG:4326).
"""

from __future__ import annotations

import csv
import string
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kit.errors import DataError, PlaceError, did_you_mean
from kit.sharing import DATA

if TYPE_CHECKING:
    import geopandas as gpd

VINTAGE = "2016"
"""The Census year of the county codes and boundaries."""

# Apostrophes go, so that Land O'Lakes is Land OLakes; all other marks part words.
_PLAIN = {**{ord(c): " " for c in string.punctuation}, ord("'"): None}
_SAME_WORD = {
    "saint": "st",
    "sainte": "ste",
    "mount": "mt",
    "fort": "ft",
    "township": "twp",
    "heights": "hts",
}


@dataclass(frozen=True)
class State:
    """A state or the District of Columbia; `geoid` has two digits."""

    code: str
    name: str
    geoid: str

    @property
    def slug(self) -> str:
        """The state's name as a folder is called."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True)
class County:
    """A county or what stands for one: parish, borough, independent city; `geoid` has five digits."""

    geoid: str
    name: str
    full_name: str
    state: str


@dataclass(frozen=True)
class Place:
    """A populated place of the gazetteer; `county` is the county's full name.

    `standing` is `main` (a place of GeoNames or the main name of a ZIP code), `accepted` or `other` (names
    that mail may or should not bear: often a neighborhood or a former village);
    `incorporated` is `yes` (a city, town or village of its own), `no`, or empty where not known;
    `geoid` is the Census code of seven digits, empty where not known.
    """

    name: str
    state: str
    county: str
    county_geoid: str
    lat: float
    lon: float
    population: int | None
    standing: str
    incorporated: str
    geoid: str


@cache
def states() -> tuple[State, ...]:
    """Give the 50 states and the District of Columbia, by name."""
    rows = _rows("gazetteer/states")
    found = [State(row["state"], row["name"], row["fips"]) for row in rows if row["population_2020"]]
    return tuple(sorted(found, key=lambda state: state.name))


def find_state(text: str) -> State:
    """Find a state by postal code, name or two-digit code; PlaceError with the nearest name where none fits."""
    wanted = " ".join(text.replace("-", " ").split()).casefold()
    for state in states():
        if wanted in {state.code.casefold(), state.name.casefold(), state.geoid}:
            return state
    msg = f'"{text}" is not a state.'
    hint = did_you_mean(text, [state.name for state in states()])
    raise PlaceError(msg, "Place", f"Give a state's postal code or name, such as CA or California.{hint}")


def places_named(words: str, state: str = "") -> tuple[Place, ...]:
    """Give the places of that name, in all states or one, the most populous first.

    The places whose own name it is; failing those, those that also go by it; failing those, the
    names of standing `other`. (Of 10,690 city police agencies in the FBI's list of 2018 whose place is in
    the gazetteer, 86 are found only by such a name; most are townships.)
    """
    found = [named for named in _gazetteer().get(_key(words), ()) if state in ("", named[1].state)]
    best = min((rank for rank, _ in found), default=0)
    return tuple(place for rank, place in found if rank == best)


def counties_named(words: str) -> tuple[County, ...]:
    """Give the counties of that name, in all states: `Orange`, `Carson City`, `West Baton Rouge`."""
    return _counties().get(_key(words), ())


def county_shapes(state: str) -> gpd.GeoDataFrame:
    """Give a state's counties (geoid, name, full_name, state, vintage; EPSG:4326)."""
    return _shapes("counties", f"state = '{find_state(state).code}'")


def state_shapes() -> gpd.GeoDataFrame:
    """Give the states (geoid, state, name, vintage; EPSG:4326)."""
    return _shapes("states")


def _shapes(layer: str, where: str | None = None) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.read_file(DATA / "boundaries" / f"{layer}.fgb", where=where)


@cache
def _gazetteer() -> dict[str, list[tuple[int, Place]]]:
    """Index the places by every name that they go by, with how good the name is (0 is best)."""
    census = {row["place_id"]: row for row in _rows("gazetteer/place_geoids") if row["place_id"]}
    covered = {row["state"] for row in census.values()}
    index: dict[str, list[tuple[int, Place]]] = defaultdict(list)
    for row in _rows("gazetteer/places"):
        found = census.get(row["place_id"])
        place = Place(
            row["name"],
            row["state"],
            row["county"],
            row["county_geoid"],
            float(row["lat"]),
            float(row["lon"]),
            int(row["population"]) if row["population"] else None,
            row["standing"],
            ("" if row["state"] not in covered else "no" if not found or found["namelsad"].endswith(" CDP") else "yes"),
            found["place_geoid"] if found else "",
        )
        own = 2 if place.standing == "other" else 0
        index[_key(place.name)].append((own, place))
        for name in filter(None, row["alternates"].split("|")):
            index[_key(name)].append((own + 1, place))
    for named in index.values():
        named.sort(key=_rank)
    return index


def _rank(named: tuple[int, Place]) -> tuple[int, int, str, str]:
    return named[0], -(named[1].population or 0), named[1].state, named[1].county_geoid


@cache
def _counties() -> dict[str, tuple[County, ...]]:
    """Index the counties by their names with and without County, Parish and the like."""
    index: dict[str, list[County]] = defaultdict(list)
    for row in _rows("boundaries/counties"):
        county = County(row["geoid"], row["name"], row["full_name"], row["state"])
        for key in {_key(county.name), _key(county.full_name)}:
            index[key].append(county)
    return {key: tuple(found) for key, found in index.items()}


@cache
def county_names() -> tuple[str, ...]:
    """Give the names that counties go by, in small letters."""
    return tuple(sorted(_counties()))


@cache
def _by_geoid() -> dict[str, County]:
    return {county.geoid: county for found in _counties().values() for county in found}


def county_by_geoid(geoid: str) -> County | None:
    """Give the county with that code, or None."""
    return _by_geoid().get(geoid)


def _key(words: str) -> str:
    """Spell a name as it is looked up: no case, accents, points or spaces; Saint is St, De Soto is DeSoto."""
    if not words.isascii():
        words = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    parts = words.lower().translate(_PLAIN).split()
    return "".join([_SAME_WORD.get(part, part) for part in parts])


def _rows(table: str) -> list[dict[str, str]]:
    """Read a table of data/ with csv alone: to look up a place must not wait for pandas."""
    path = DATA / f"{table}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError as cause:
        msg = "A table of the kit is missing."
        raise DataError(msg, path.name, "Get a whole copy of the kit: git restore data") from cause
