"""Make data/boundaries/counties.fgb, counties.csv and states.fgb: run `python data/make/boundaries.py [FOLDER]`.

Source: the Census Bureau's cartographic boundary files cb_2016_us_county_500k and cb_2016_us_state_500k
(public domain), which the PyPI package plotly-geo carries. Same packages, same bytes.
"""
# ruff: noqa: INP001, T201  (a script, not a package; it talks to the terminal)

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

# shapely is fixed too: its geometry engine decides which vertices stay.
PACKAGES = {"plotly-geo": "1.0.0", "shapely": "2.2.0"}
# Exit code where a package is missing or of another version.
NOT_INSTALLED = 3

VINTAGE = "2016"
GEOGRAPHIC, EQUAL_AREA = "EPSG:4326", "EPSG:5070"
# Meters. Of GeoNames' places, 99.90% lie in their county here. With 250 it is 99.97% in files of 9 MB, with
# 1,000 it is 99.64% in 3 MB, but Falls Church and other small cities of Virginia lose a fifth of their shape.
TOLERANCE = 500
# Of a degree: 0.1 meter.
DECIMALS = 6

# Census LSAD code -> what follows the name in full. 00 adds nothing: District of Columbia, Carson City, Guam.
DESIGNATIONS = {
    "00": "",
    "03": " City and Borough",
    "04": " Borough",
    "05": " Census Area",
    "06": " County",
    "07": " District",
    "10": " Island",
    "12": " Municipality",
    "13": " Municipio",
    "15": " Parish",
    "25": " city",
}
COUNTY_COLUMNS = ["geoid", "name", "full_name", "state", "state_fips", "vintage", "land_m2", "geometry"]
STATE_COLUMNS = ["geoid", "state", "name", "vintage", "geometry"]


def require(packages: Mapping[str, str]) -> None:
    """Stop with one sentence that says what to install unless each package is there at its version."""
    wrong = [f"{name}=={wanted}" for name, wanted in packages.items() if installed(name) != wanted]
    if wrong:
        print(f"To make these files, install the fixed versions: pip install {' '.join(wrong)}", file=sys.stderr)
        raise SystemExit(NOT_INSTALLED)


def installed(name: str) -> str | None:
    """Give the version of an installed package, None where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def census_folder() -> Path:
    """Give the folder of plotly-geo's shapefiles; FileNotFoundError where the package has none."""
    spec = importlib.util.find_spec("_plotly_geo")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("plotly-geo is installed, but its folder _plotly_geo is not there: install it anew.")
    return Path(spec.origin).parent / "package_data"


def read_census(layer: str) -> gpd.GeoDataFrame:
    """Read one Census layer, `state` or `county`, sorted by GEOID, EPSG:4326.

    The files name no CRS and no encoding: it is NAD83, which differs from WGS 84 by about a meter, and UTF-8.
    """
    frame = gpd.read_file(census_folder() / f"cb_{VINTAGE}_us_{layer}_500k.shp", encoding="utf-8")
    return frame.set_crs(GEOGRAPHIC, allow_override=True).sort_values("GEOID", ignore_index=True)


def raw_counties() -> gpd.GeoDataFrame:
    """Give the unsimplified counties with the columns of counties.fgb, EPSG:4326."""
    frame, states = read_census("county"), read_census("state").set_index("STATEFP")["STUSPS"]
    frame["full_name"] = frame["NAME"] + frame["LSAD"].map(DESIGNATIONS)
    frame["state"] = frame["STATEFP"].map(states)
    frame["vintage"] = VINTAGE
    names = {"GEOID": "geoid", "NAME": "name", "STATEFP": "state_fips", "ALAND": "land_m2"}
    return frame.rename(columns=names)[COUNTY_COLUMNS]


def simplify(counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out vertices so that neighbors still share every edge.

    All is done in EPSG:5070, Alaska, Hawaii and the territories too: a vertex is weighed by the area of the
    triangle that it makes, and the projection keeps areas the world over, though far off it bends shapes. Its
    cut lies in Asia, so the Aleutians stay in one piece there and come back to their own side of 180 degrees.
    """
    planar = counties.to_crs(EQUAL_AREA)
    planar.geometry = shapely.coverage_simplify(planar.geometry.to_numpy(), TOLERANCE)
    simple = planar.to_crs(GEOGRAPHIC)
    simple.geometry = shapely.transform(simple.geometry.to_numpy(), rounded)
    return simple


def rounded(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round coordinates to DECIMALS, so that the last bits of another PROJ version change no byte."""
    return coordinates.round(DECIMALS)


def dissolve(counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make the states of their simplified counties, so that borders coincide; columns of states.fgb."""
    names = read_census("state").set_index("STATEFP")["NAME"]
    states = counties.dissolve("state_fips", method="coverage", as_index=False)
    states["geoid"] = states["state_fips"]
    states["name"] = states["geoid"].map(names)
    return states[STATE_COLUMNS]


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a FlatGeobuf in the order of the rows, aside first and then into place.

    No spatial index: it would reorder the rows, and reading one state takes milliseconds without.
    """
    aside = path.with_suffix(".part.fgb")
    frame.to_file(aside, driver="FlatGeobuf", layer=path.stem, engine="pyogrio", SPATIAL_INDEX="NO")
    aside.replace(path)


def main(folder: Path) -> None:
    """Write both files, and the names of the counties as a table, into a folder; say how large they are."""
    require(PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    counties = simplify(raw_counties())
    for name, frame in {"counties": counties, "states": dissolve(counties)}.items():
        path = folder / f"{name}.fgb"
        write(frame, path)
        print(f"{path}: {len(frame):,} rows, {path.stat().st_size / 1e6:.1f} MB")
    names = counties[["geoid", "name", "full_name", "state", "vintage"]]
    names.to_csv(folder / "counties.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("data/boundaries"))
