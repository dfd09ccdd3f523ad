"""States, counties and cities: codes, gazetteer, boundaries.

County and state codes (GEOID) are those of the Census Bureau's 2016 cartographic files, and every
table says so in a column `vintage`. Points and boundaries are longitude and latitude (EPSG:4326).
"""

from __future__ import annotations

import csv
import re
import string
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kit.errors import DataError, PlaceError, did_you_mean
from kit.sharing import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd

VINTAGE = "2016"
"""The Census year of the county codes and boundaries."""

# Of places that a name may mean, an error lists so many.
_MOST_LISTED = 8
# Apostrophes go, so that Land O'Lakes is Land OLakes; all other marks part words.
_PLAIN = {**{ord(c): " " for c in string.punctuation}, ord("'"): None}
_SAME_WORD = {
    "saint": "st",
    "sainte": "ste",
    "mount": "mt",
    "fort": "ft",
    "township": "twp",
    "heights": "hts",
    "boro": "borough",
}
_GOVERNMENT_OF = re.compile(r"^(?:city and county|city|town|village|borough|municipality) of (?:the )?", re.IGNORECASE)
_TOWNSHIP_OF = re.compile(r"^(?P<what>charter township|township) of (?P<name>.+)$", re.IGNORECASE)
# Where the county is a city, it is called by its full name too: Baltimore City, Juneau City and Borough.
_CITY_AS_COUNTY = re.compile(r"( city and borough| city| municipality)$", re.IGNORECASE)


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
    that mail may or should not bear: often a neighborhood or a former village, or a township that only the
    FBI's list of agencies names); `lat` and `lon` are None where no point is known;
    `incorporated` is `yes` (a city, town or village of its own), `no`, or empty where not known;
    `geoid` is the Census code of seven digits, empty where not known.
    """

    name: str
    state: str
    county: str
    county_geoid: str
    lat: float | None
    lon: float | None
    population: int | None
    standing: str
    incorporated: str
    geoid: str

    @property
    def title(self) -> str:
        """Name and state, as `find_place` takes them; with its county where the state has another of that name."""
        alone = _meant(self.name, self.state) == (self,)
        return f"{self.name}, {self.state}" if alone else f"{self.name}, {self.county}, {self.state}"

    @property
    def slug(self) -> str:
        """The title as a folder is called: `oakland-ca`."""
        return "-".join(_words(self.title))

    @property
    def is_county(self) -> bool:
        """Whether its government is its county's too: an independent city, or one consolidated with its county."""
        county = _by_geoid()[self.county_geoid]
        independent = _key(county.full_name) in {_key(self.name), _key(f"{self.name} city")}
        return independent or (_key(self.name), self.county_geoid) in _city_counties()


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
    Where no place goes by the words as they stand, `City of Oakland` and `Fairfax City` are tried without
    the word for the government, `Township of Brick` as Brick Township, and `Louisville/Jefferson` as a city
    and its county.
    """
    for read in (_by_words, _by_name_of_government, _city_and_county):
        if found := [named for named in read(words) if state in ("", named[1].state)]:
            best = min(rank for rank, _ in found)
            return tuple(place for rank, place in found if rank == best)
    return ()


def all_named(words: str) -> tuple[Place, ...]:
    """Give the places that go by that name in any way, however little it is theirs, best first.

    The townships and the like that only the FBI's list names are here even where a city bears the name.
    """
    return tuple(place for _, place in _by_words(words))


def counties_named(words: str) -> tuple[County, ...]:
    """Give the counties of that name, in all states: `Orange`, `Carson City`, `City of Baltimore`, `Athens-Clarke`."""
    if found := _counties().get(_key(words)):
        return found
    if of := _GOVERNMENT_OF.match(words):
        named = _counties().get(_key(words[of.end() :]), ())
        return tuple(one for one in named if "county" in of.group().lower() or _CITY_AS_COUNTY.search(one.full_name))
    both = {place.county_geoid: _by_geoid()[place.county_geoid] for _, place in _city_and_county(words)}
    return tuple(both[geoid] for geoid in sorted(both))


def find_place(text: str) -> Place:
    """Find the city that is meant: `Oakland, CA`, `oakland california`, `Bethel, Clermont County, OH`, its Census code.

    A name without a state is taken where only one state has it. PlaceError with what comes near where nothing
    fits, with the candidates where several do. Census codes are known for four states (README of `data`).
    """
    if text.strip().isdecimal():
        return _by_code(text.strip())
    words, state = _without_state(text)
    found = _meant(words, state)
    if len(found) == 1:
        return found[0]
    if found:
        raise PlaceError(f'"{text}" may be any of {len(found)} places.', _listed(found), _say_which(found))
    raise _unknown(text, words, state)


def find_state_or_place(text: str) -> State | Place:
    """Find the state or, failing that, the city that is meant; PlaceError with what comes nearest."""
    try:
        return find_state(text)
    except PlaceError as no_state:
        words, state = _without_state(text)
        # A name that cities bear is no misspelled state: the cities' error says which they are.
        if not _meant(words, state) and "Did you mean" in no_state.do:
            raise
    return find_place(text)


def _meant(words: str, state: str) -> tuple[Place, ...]:
    """Give the places that the words may mean, with or without a county in them; one where one stands out."""
    found = places_named(words, state)
    parts = re.split(r"[\s,-]+", words)
    for cut in range(1, len(parts)) if not found else ():
        counties = {one.geoid for one in counties_named(" ".join(parts[cut:])) if state in ("", one.state)}
        named = places_named(" ".join(parts[:cut]), state) if counties else ()
        found = found or tuple(place for place in named if place.county_geoid in counties)
    return _outstanding(found)


def _outstanding(found: tuple[Place, ...]) -> tuple[Place, ...]:
    """Leave of several places in one state the only city, town or village, else the only one of standing `main`.

    Of two in one county, which GeoNames has five times, the more populous.
    """
    if len({place.state for place in found}) > 1:
        return found
    for better in (
        [place for place in found if place.incorporated == "yes"],
        [place for place in found if place.standing == "main"],
        found if len({place.county_geoid for place in found}) == 1 else (),
    ):
        if len({place.county_geoid for place in better}) == 1:
            return (better[0],)
    return found


def _without_state(text: str) -> tuple[str, str]:
    """Part a name from the state that it ends on: the longest, so that West Virginia is not West in Virginia."""
    for part in re.finditer(r"[^\s,-]+", text):
        if state := _states_by_name().get(" ".join(_words(text[part.start() :].replace(".", "")))):
            name = text[: part.start()].strip(" ,-")
            return (name, state) if name else (text.strip(), "")
    return text.strip(), ""


@cache
def _states_by_name() -> dict[str, str]:
    return {name.lower(): state.code for state in states() for name in (state.code, state.name)}


def _by_code(code: str) -> Place:
    found = [place for named in _gazetteer().values() for _, place in named if place.geoid == code]
    if not found:
        known = ", ".join(sorted({place.state for named in _gazetteer().values() for _, place in named if place.geoid}))
        what = f'"{code}" is not the Census code of a place that the kit knows.'
        raise PlaceError(what, "Place", f"Codes are known for {known}. Give the name and state, such as Oakland, CA.")
    return found[0]


def _listed(found: Sequence[Place]) -> str:
    said = [f"{place.name}, {place.county}, {place.state}" for place in found]
    more = f"; and {len(said) - _MOST_LISTED} more" if len(said) > _MOST_LISTED else ""
    return "; ".join(said[:_MOST_LISTED]) + more


def _say_which(found: Sequence[Place]) -> str:
    one = found[0]
    state_alone = len({place.state for place in found}) == len(found)
    said = f"{one.name}, {one.state}" if state_alone else f"{one.name}, {one.county}, {one.state}"
    return f'Say which, such as "{said}".'


def _unknown(text: str, words: str, state: str) -> PlaceError:
    """Say that there is no such place, with the name that comes nearest."""
    if words.casefold() in _states_by_name():
        return PlaceError(
            f'"{text}" is a state, not a city.', "Place", "Give a city and its state, such as Oakland, CA."
        )
    known = {place.name for named in _gazetteer().values() for _, place in named if state in ("", place.state)}
    where = f" in {find_state(state).name}" if state else ""
    hint = did_you_mean(words, sorted(known))
    return PlaceError(
        f'"{text}" is not a place that the kit knows{where}.',
        "Place",
        f"Give a city and its state, such as Oakland, CA.{hint}",
    )


@cache
def all_places() -> tuple[Place, ...]:
    """Give every place of the gazetteer once, by state, name and county."""
    places = {place for named in _gazetteer().values() for _, place in named}
    return tuple(sorted(places, key=lambda place: (place.state, place.name, place.county_geoid, place.lat or 0)))


@cache
def place_names(state: str) -> tuple[str, ...]:
    """Give the names of a state's places, in small letters."""
    return tuple(sorted(_names_by_state().get(state, ())))


@cache
def _names_by_state() -> dict[str, set[str]]:
    names: dict[str, set[str]] = defaultdict(set)
    for named in _gazetteer().values():
        for _, place in named:
            names[place.state].add(place.name.lower())
    return names


def county_shapes(state: str = "") -> gpd.GeoDataFrame:
    """Give a state's counties, or all (geoid, name, full_name, state, vintage; EPSG:4326)."""
    return _shapes("counties", f"state = '{find_state(state).code}'" if state else None)


def state_shapes() -> gpd.GeoDataFrame:
    """Give the states (geoid, state, name, vintage; EPSG:4326)."""
    return _shapes("states")


def _shapes(layer: str, where: str | None = None) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.read_file(DATA / "boundaries" / f"{layer}.fgb", where=where)


def _by_words(words: str) -> Sequence[tuple[int, Place]]:
    return _gazetteer().get(_key(words), ())


def _by_name_of_government(words: str) -> Sequence[tuple[int, Place]]:
    """Find `City of Oakland` and `Oakland City` as Oakland, `Township of Brick` as Brick Township."""
    if found := _TOWNSHIP_OF.match(words):
        return _by_words(f"{found['name']} {found['what']}")
    return _by_words(_CITY_AS_COUNTY.sub("", _GOVERNMENT_OF.sub("", words)))


def _city_and_county(words: str) -> Sequence[tuple[int, Place]]:
    """Find the government of a city and its county: Athens-Clarke is Athens in Clarke County."""
    city, mark, county = words.replace("/", "-").partition("-")
    geoids = {one.geoid for one in _counties().get(_key(county), ())}
    found = [named for named in _by_words(city) if mark and named[1].county_geoid in geoids]
    return [named for named in found if named[1].is_county] or found


@cache
def _city_counties() -> frozenset[tuple[str, str]]:
    """Give the cities, by name, that have one government with their county."""
    rows = _rows("gazetteer/city_counties")
    return frozenset((_key(row["place"]), row["county_geoid"]) for row in rows if row["verified"] == "yes")


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
    for place in _townships():
        # By its bare name, which a city elsewhere may have too, it comes last.
        index[_key(place.name)].append((0, place))
        index[_key(place.name.rpartition(" ")[0])].append((3, place))
    for named in index.values():
        named.sort(key=_rank)
    return index


def _townships() -> Iterator[Place]:
    """Give the townships and the like that the FBI's list of agencies has and no other source."""
    for row in _rows("gazetteer/townships"):
        lat, lon = (float(row[column]) if row[column] else None for column in ("lat", "lon"))
        yield Place(row["name"], row["state"], row["county"], row["county_geoid"], lat, lon, None, "other", "", "")


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
    return "".join([_SAME_WORD.get(part, part) for part in _words(words)])


def _words(text: str) -> list[str]:
    """Give the words of a name in small ASCII letters, without marks."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return text.lower().translate(_PLAIN).split()


def _rows(table: str) -> list[dict[str, str]]:
    """Read a table of data/ with csv alone: to look up a place must not wait for pandas."""
    path = DATA / f"{table}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            heads, *lines = csv.reader(file)
            return [dict(zip(heads, line, strict=True)) for line in lines]
    except FileNotFoundError as cause:
        msg = "A table of the kit is missing."
        raise DataError(msg, path.name, "Get a whole copy of the kit: git restore data") from cause
