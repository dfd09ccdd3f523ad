"""Make data/gazetteer/townships.csv: run `python data/make/townships.py AGENCIES [FOLDER]`.

AGENCIES is the FBI's list of law enforcement agencies of 2018 (a work of the US government; not in the repository):
columns agency_name, agency_type_name, county_name, latitude, longitude, ori, state_abbr. Taken are the city agencies
whose name says township, town, village or borough and whose place, so named, is not in FOLDER's places.csv. Left out
are the few that the list puts into several counties. A point that agencies of one county share is that county's middle:
they get none.
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from boundaries import raw_counties, require
from gazetteer import key, write
from place_geoids import read_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from place_geoids import Named

PACKAGES = {"plotly-geo": "1.0.0"}
COLUMNS = ("ori", "name", "state", "county", "county_geoid", "lat", "lon", "source")
SOURCE = "FBI agency list 2018"

_BODY = re.compile(r"\s+(police|department|dept|public safety|constable|marshal)\b.*$", re.IGNORECASE)
# "Middlesex Township, Butler County"
_COUNTY = re.compile(r",.*$")
_DESIGNATED = re.compile(r"^(?P<name>.+) (?P<what>charter township|township|town|village|borough|boro)$", re.IGNORECASE)


def named(agency: str) -> str:
    """Give the township or the like that an agency's name says, empty where it says none: `Abington Township`."""
    place = _COUNTY.sub("", _BODY.sub("", " ".join(agency.split())))
    found = _DESIGNATED.match(_BODY.sub("", place).strip())
    return f"{found['name']} {'Borough' if found['what'].lower() == 'boro' else found['what'].title()}" if found else ""


def _is_known(name: str, state: str, geoid: str, known: Mapping[tuple[str, str], list[Named]]) -> bool:
    """Tell whether places.csv has it: a village or borough also by its bare name, as no other place there has that."""
    bare = re.sub(r" (?:Village|Borough)$", "", name)
    return any(place.county_geoid == geoid for form in (name, bare) for place in known.get((state, key(form)), []))


def rows(agencies: Iterable[dict[str, str]], folder: Path) -> list[tuple[str, ...]]:
    """Write the rows of townships.csv, by state, name and the FBI's code."""
    counties = raw_counties()
    codes = {
        (state, key(name)): (geoid, full)
        for geoid, name, full, state in zip(
            *(counties[column] for column in ("geoid", "name", "full_name", "state")), strict=True
        )
        if not full.endswith(" city")
    }
    known = read_places(folder / "places.csv")
    listed = list(agencies)
    shared = Counter((row["state_abbr"], row["county_name"], row["latitude"], row["longitude"]) for row in listed)
    made = []
    for row in listed:
        name, state = named(row["agency_name"]), row["state_abbr"]
        if row["agency_type_name"] != "City" or not name:
            continue
        geoid, county = codes.get((state, key(row["county_name"])), ("", ""))
        if not geoid or name == county or _is_known(name, state, geoid, known):
            continue
        alone = shared[state, row["county_name"], row["latitude"], row["longitude"]] == 1 and row["latitude"]
        at = (f"{float(row['latitude']):.5f}", f"{float(row['longitude']):.5f}") if alone else ("", "")
        made.append((row["ori"], name, state, county, geoid, *at, SOURCE))
    return sorted(made, key=lambda row: (row[2], row[1], row[0]))


def main(agencies: Path, folder: Path) -> None:
    """Write the table and say what is in it."""
    require(PACKAGES)
    with agencies.open(encoding="utf-8", newline="") as file:
        made = rows(csv.DictReader(file), folder)
    write(folder / "townships.csv", COLUMNS, made)
    print(f"{len(made):,} townships and the like, {sum(bool(row[5]) for row in made):,} with a point of their own")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data/gazetteer"))
