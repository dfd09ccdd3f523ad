"""Make data/agencies/institutions.csv: run `python data/make/institutions.py AGENCIES [FOLDER]`.

AGENCIES is the FBI's list of law enforcement agencies of 2018 (a work of the US government; not in the repository):
columns agency_name, agency_type_name, state_abbr. Taken are universities, tribes and agencies of the type Other
(schools, airports, ports, transit, parks), and the city police that the list calls Metro or Metropolitan, by the names
that lists of other makers give them. Left out are railroads, which are in many states, numbered districts,
what a county's name places, and schools whose name is also that of one elsewhere that the FBI does not list (`SHARED`).
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from gazetteer import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COLUMNS = ("name", "kind", "states", "source")
SOURCE = "FBI agency list 2018"

# What lists write for a system of campuses.
_SYSTEMS = {
    "University of California": ("UC",),
    "California State University": ("CSU", "Cal State", "CSUS", "California State University"),
    "California State Polytechnic University": ("Cal Poly",),
    "University of Texas": ("UT",),
    "State University of New York": ("SUNY",),
    "State University of New York College": ("SUNY",),
    "University of North Carolina": ("UNC",),
    "Pennsylvania State University": ("Penn State",),
    "Louisiana State University": ("LSU",),
}
# Of one of several schools of that name; the others are not in the FBI's list.
SHARED = frozenset(
    """All Crimes Enforcement Team|Andrew College|Austin College|Beaufort County Community College|
    Benedictine University|Bristol Community College|Brookhaven College|California University|
    Capital University|Capitol Airport Authority|Central State University|Clark University|Columbia College|
    Concord University|Dean College|Delta College|Emerson College|Fisher College|Gordon College|
    Greenville Hospital|Indiana University|Jefferson College|Jefferson County School District|Kansas City ISD|
    Kansas City Independent School District|Lexington County Medical Center|Lincoln University|Loyola University|
    Marian University|Metro Transit Police|Metropolitan Community College|Metropolitan Transportation Authority|
    Montgomery County School District|Morton College|Mountain View College|North Lake College|
    Northeastern University|Notre Dame College|Queens University|Regis College|Richland College|
    Simmons College|Southern Regional Drug and Violent Crime Task Force|Southern University|
    Southwest Drug Task Force|Southwestern University|Springfield College|Springfield Park District|
    St. Mary's College|St. Mary's University|St. Thomas University|The Citadel|
    Three Rivers Drug and Violent Crime Task Force|Tri-County Drug Enforcement Narcotics Team|
    Tri-Lateral Drug Enforcement Network Team|Trinity University|Wesleyan College|Wheaton College|
    Wilmington International Airport""".replace("\n    ", "").split("|")
)
_LEFT_OUT = re.compile(
    r"rail(road|way)|amtrak|transportation$|tennessee valley|^(drug task force|prosecutor|county detective|guam|puerto)"
    r"|virgin islands|^\d|constable|marshal|judicial|agency$|fire department|municipal court",
    re.IGNORECASE,
)
_OTHER = {
    "task_force": r"task force|strike force|enforcement|narcotics team|multi-jurisdictional",
    "transit_airport_port": r"airport|aviation|port |transit|transportation",
    "campus_police": r"school|education|campus",
    "non_law_enforcement": r"hospital|medical|health|utility|housing|reclamation",
}
_TRIBE = re.compile(
    r"\s+(tribal|tribes?|(indian )?nation|indian (community|colony|township)|community|pueblo|rancheria|lighthorse"
    r"|bands? of .*|tribe of .*)\b.*$",
    re.IGNORECASE,
)


def _kind(what: str, name: str) -> str:
    if what == "Tribal":
        return "tribal"
    if what == "City":
        return "municipal_police"
    if what.startswith("University"):
        return "non_law_enforcement" if "Health Care System" in name else "campus_police"
    return next((kind for kind, words in _OTHER.items() if re.search(words, name, re.IGNORECASE)), "other")


def _campuses(school: str, campus: str) -> Iterator[str]:
    """Give the ways to write a school with a campus, and the school alone."""
    yield school
    for name in (school, *_SYSTEMS.get(school, ())):
        yield f"{name} {campus}"
        yield f"{name} at {campus}"


def _forms(what: str, name: str) -> Iterator[str]:
    """Give the names that lists may give an agency; a tribe's with and without the word for it."""
    head, colon, tail = (part.strip() for part in name.partition(":"))
    district = re.fullmatch(r"(independent|unified) school district", head, re.IGNORECASE)
    if what == "City":
        town = re.sub(r"\s*\b(metro|metropolitan)\b\s*", " ", name, flags=re.IGNORECASE).strip()
        yield from (form.format(town) for form in ("{} Metro", "{} Metropolitan", "Metro {}", "Metropolitan {}"))
    elif what == "Tribal":
        yield _TRIBE.sub("", name)
        yield from () if name.endswith(" Tribal") else (name,)
    elif district:
        yield from (f"{tail} {'ISD' if head[0] in 'Ii' else 'USD'}", f"{tail} {head}") if tail else ()
    elif what.startswith("University"):
        yield from _campuses(head, tail.split(",")[0]) if tail else (head.split(",")[0],)
    elif not colon or re.search(r"\bCounty\b", tail):
        yield head


def _borne_by_county(name: str) -> bool:
    return bool(re.match(r"[\w. ]+ County\b", name)) and not re.search(r"college|university", name, re.IGNORECASE)


def rows(agencies: Iterable[Mapping[str, str]]) -> list[tuple[str, ...]]:
    """Write the rows of institutions.csv, by name; one name of several kinds is left out."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in agencies:
        what = row["agency_type_name"]
        name = re.sub(r"( Police Department)+$", "", " ".join(row["agency_name"].split()))
        metro = what == "City" and re.search(r"\bMetro(politan)?$", name)
        if not (metro or what.startswith("University") or what in {"Tribal", "Other"}) or _LEFT_OUT.search(name):
            continue
        for form in _forms(what, name):
            if form and form not in SHARED and not _borne_by_county(form):
                found[form].add((_kind(what, name), row["state_abbr"]))
    return [
        (name, next(iter(kinds)), ";".join(sorted(state for _, state in found[name])), SOURCE)
        for name in sorted(found)
        if len(kinds := {kind for kind, _ in found[name]}) == 1
    ]


def main(agencies: Path, folder: Path) -> None:
    """Read the FBI's list and write the table."""
    with agencies.open(encoding="utf-8", newline="") as text:
        made = rows(csv.DictReader(text))
    write(folder / "institutions.csv", COLUMNS, made)
    print(f"{len(made):,} names of universities, tribes, schools, airports and the like")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data/agencies"))
