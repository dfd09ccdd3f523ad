"""Make data/gazetteer/place_geoids.csv: run `python data/make/place_geoids.py PLACES [FOLDER]`.

PLACES is a folder of GeoJSON files with the Census Bureau's TIGER/Line place boundaries of 2019, simplified
(public domain; not in the repository): columns STATEFP, GEOID, NAME, NAMELSAD. FOLDER has places.csv, made
before by gazetteer.py. County codes are of 2016, like everywhere in data/.
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from boundaries import EQUAL_AREA, GEOGRAPHIC, raw_counties, require
from gazetteer import STANDINGS, is_near, key, kilometers, spellings, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PACKAGES = {"plotly-geo": "1.0.0"}
VINTAGE = "2019"
COLUMNS = ("place_geoid", "name", "namelsad", "state", "county_geoid", "vintage", "place_id")


@dataclass(frozen=True)
class Named:
    """A place of places.csv, as much of it as a match needs; degrees, EPSG:4326."""

    place_id: str
    state: str
    county_geoid: str
    lat: float
    lon: float
    standing: str


@dataclass(frozen=True)
class Outline:
    """A Census place: its names, and a point inside it in degrees, EPSG:4326."""

    geoid: str
    name: str
    namelsad: str
    state: str
    county_geoid: str
    lat: float
    lon: float


def read_outlines(folder: Path, counties: gpd.GeoDataFrame) -> list[Outline]:
    """Read the Census places by GEOID; stops with one sentence where the folder has no GeoJSON."""
    paths = sorted(folder.glob("*.geojson"))
    if not paths:
        raise SystemExit(f"{folder} has no .geojson file; give the folder of the Census place files of {VINTAGE}.")
    frame = pd.concat([gpd.read_file(path).to_crs(GEOGRAPHIC) for path in paths]).sort_values("GEOID")
    points = gpd.GeoSeries(frame.geometry, crs=GEOGRAPHIC).representative_point()
    frame["county"] = frame["GEOID"].map(main_counties(frame, counties))
    frame["state"] = frame["STATEFP"].map(counties.set_index("state_fips")["state"].to_dict())
    columns = (frame[column] for column in ("GEOID", "NAME", "NAMELSAD", "state", "county"))
    return [Outline(*row) for row in zip(*columns, points.y, points.x, strict=True)]


def main_counties(places: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> dict[str, str]:
    """Find the county that has most of each place's area; both by GEOID.

    Not the county of a point inside: places own water, and Brisbane, Calif., would lie in San Francisco.
    """
    own = places[["GEOID", "geometry"]].to_crs(EQUAL_AREA)
    pieces = gpd.overlay(own, counties[["geoid", "geometry"]].to_crs(EQUAL_AREA), keep_geom_type=True)
    pieces["area"] = pieces.area
    largest = pieces.sort_values(["area", "geoid"], ascending=[False, True]).drop_duplicates("GEOID")
    return dict(zip(largest["GEOID"], largest["geoid"], strict=True))


def read_places(path: Path) -> dict[tuple[str, str], list[Named]]:
    """Index the places of places.csv by state and the key of each of their names."""
    index: dict[tuple[str, str], list[Named]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = _named(row)
            for name in {key(name) for name in (row["name"], *row["alternates"].split("|")) if name}:
                index[row["state"], name].append(place)
    return index


def _named(row: dict[str, str]) -> Named:
    lat, lon = float(row["lat"]), float(row["lon"])
    return Named(row["place_id"], row["state"], row["county_geoid"], lat, lon, row["standing"])


def match(outline: Outline, index: dict[tuple[str, str], list[Named]]) -> str:
    """Give the id of the place of that name in the same county or near, empty where there is none.

    One of better standing comes first, then one in the same county, then the nearest.
    """
    keys = {key(name) for name in (outline.name, *spellings(outline.name))}
    found = {place for its_key in keys for place in index.get((outline.state, its_key), [])}
    near = [place for place in found if is_near(outline, place)]
    return min(near, key=lambda place: _rank(outline, place)).place_id if near else ""


def _rank(outline: Outline, place: Named) -> tuple[int, bool, float, str]:
    elsewhere = place.county_geoid != outline.county_geoid
    return STANDINGS.index(place.standing), elsewhere, kilometers(outline, place), place.place_id


def rows(outlines: Iterable[Outline], index: dict[tuple[str, str], list[Named]]) -> list[Sequence[str]]:
    """Write the rows of place_geoids.csv."""
    return [
        (one.geoid, one.name, one.namelsad, one.state, one.county_geoid, VINTAGE, match(one, index)) for one in outlines
    ]


def main(places: Path, folder: Path) -> None:
    """Write the table and say how many Census places have a match."""
    require(PACKAGES)
    made = rows(read_outlines(places, raw_counties()), read_places(folder / "places.csv"))
    write(folder / "place_geoids.csv", COLUMNS, made)
    print(f"{len(made):,} Census places, {sum(bool(row[-1]) for row in made):,} matched")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data/gazetteer"))
