"""Make data/boundaries/adjacency.csv: run `python data/make/adjacency.py [FOLDER]`.

Sources: the unsimplified counties of 2016 by way of boundaries.py, for those that touch; and the Census Bureau's
county adjacency file of 2010 (public domain), which the PyPI package county-adjacency carries (MIT), for those that
it lists though they do not touch there: mostly they meet in water. Same packages, same bytes.
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import csv
import json
import re
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from boundaries import raw_counties, require

if TYPE_CHECKING:
    import geopandas as gpd

PACKAGES = {"plotly-geo": "1.0.0", "county-adjacency": "0.1.3"}
COLUMNS = ("geoid", "neighbor_geoid", "border")
# What the dimension of two shapes' common part is called.
BORDERS = {0: "corner", 1: "line"}
# In the Census Bureau's file two lines lack the name that starts a block, so that the neighbors of 27111 and 27165
# stand under the counties before them, both far from any other state and from wide water.
SPOILED = {"27109", "27163"}

Pair = tuple[str, str]


def touching(counties: gpd.GeoDataFrame) -> dict[Pair, str]:
    """Give each pair of counties that touch, the lower code first, with what they have in common."""
    shapes, geoids = counties.geometry.to_numpy(), counties["geoid"].tolist()
    ones, others = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    ones, others = ones[ones < others], others[ones < others]
    common = shapely.get_dimensions(shapely.intersection(shapes[ones], shapes[others]))
    pairs = zip(ones, others, common, strict=True)
    return {(geoids[one], geoids[other]): BORDERS[int(dimension)] for one, other, dimension in pairs}


def listed(counties: gpd.GeoDataFrame) -> set[Pair]:
    """Give each pair of counties that the Census Bureau's file lists, the lower code first, with codes of 2016."""
    names = counties["full_name"] + ", " + counties["state"]
    codes = dict(zip(names, counties["geoid"], strict=True))
    table = census_table()
    codes |= {name: current(entry["fips"]) for name, entry in table.items()}
    found = {
        (codes[name], codes[other])
        for name, entry in table.items()
        for other in entry["adjacent"]
        if codes.get(other, codes[name]) != codes[name]  # five names of Puerto Rico have lost their accents
    }
    return {(min(pair), max(pair)) for pair in found}


def census_table() -> dict[str, dict[str, Any]]:
    """Read the package's table without running the package, which needs more to start."""
    path = distribution("county-adjacency").locate_file("county_adjacency/data.py")
    text = Path(str(path)).read_text(encoding="utf-8").partition("united_states_adjacency_data = ")[2]
    table: dict[str, dict[str, Any]] = json.loads(re.sub(r",(\s*[\]}])", r"\1", text))
    return table


def current(geoid: str) -> str:
    """Give the code of 2016 for one of 2010."""
    return {"46113": "46102", "02270": "02158", "51515": "51019"}.get(geoid, geoid)


def rows(counties: gpd.GeoDataFrame) -> list[tuple[str, str, str]]:
    """Give the rows of adjacency.csv, each pair once."""
    borders = touching(counties)
    for pair in listed(counties):
        if not SPOILED & set(pair):
            borders.setdefault(pair, "listed")
    return [(*pair, border) for pair, border in sorted(borders.items())]


def main(folder: Path) -> None:
    """Write the table and say how many pairs there are of each kind."""
    require(PACKAGES)
    made = rows(raw_counties())
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "adjacency.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(made)
    kinds = [row[-1] for row in made]
    print(", ".join(f"{kinds.count(kind):,} {kind}" for kind in ("line", "corner", "listed")))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/boundaries"))
