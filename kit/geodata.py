"""Agencies and counties of a state with their numbers -> GeoJSON, for Datawrapper, Flourish or QGIS."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kit.geography import unbroken
from kit.land import drawn
from kit.places import county_shapes
from kit.sharing import as_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from kit.findings import Finding
    from kit.places import State

AGENCIES, COUNTIES = "agencies.geojson", "counties.geojson"
"""The files that `write_geojson` writes."""

_SAID = ("kind", "place", "county", "county_geoid")
_WAYS = ("shares_with", "receives_from")
# Degrees: two kilometers, which a map of a state as wide as a page does not show, on a grid of one.
_FINEST, _GRID = 0.02, 0.01


def write_geojson(folder: Path, state: State, counts: Mapping[str, Finding], points: pd.DataFrame) -> None:
    """Write agencies.geojson (points) and counties.geojson (areas) into a folder; EPSG:4326, longitude first.

    An agency has its name, kind, place and county, the lists that share with it (`gets_data_of`) and those that get
    its data (`gives_data_to`), and the finding of its county. A county has its five-digit code, its name,
    the low and the high end of its number (null where none is known) and the finding. `points` are resolved rows
    with lat and lon, `counts` findings by county code. Boundaries are for pictures, with details of two kilometers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(_agencies(counts, points), folder / AGENCIES)
    _write(_counties(state, counts), folder / COUNTIES)


def _write(features: Iterator[dict[str, Any]], path: Path) -> None:
    """Write a feature a line: half the bytes of the usual layout, and a line can still be looked at."""
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _feature(geometry: dict[str, Any], **said: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": said}


def _agencies(counts: Mapping[str, Finding], points: pd.DataFrame) -> Iterator[dict[str, Any]]:
    placed: dict[tuple[str, float, float], list[dict[str, Any]]] = defaultdict(list)
    for row in as_rows(points[["agency", "lat", "lon", "direction", "list_id", *_SAID]]):
        placed[row["agency"], float(row["lat"]), float(row["lon"])].append(row)
    for (name, lat, lon), rows in sorted(placed.items()):
        found = counts.get(rows[0]["county_geoid"])
        lists = {way: sorted({row["list_id"] for row in rows if row["direction"] == way}) for way in _WAYS}
        yield _feature(
            {"type": "Point", "coordinates": [round(lon, 4), round(lat, 4)]},
            name=name,
            **{column: rows[0][column] for column in _SAID},
            gets_data_of=lists["shares_with"],
            gives_data_to=lists["receives_from"],
            finding=found.id if found else "",
        )


def _counties(state: State, counts: Mapping[str, Finding]) -> Iterator[dict[str, Any]]:
    import shapely

    shapes = drawn(unbroken(county_shapes(state.code)))
    lines = shapely.coverage_simplify(shapes.geometry.to_numpy(), _FINEST)
    shapes = shapes.set_geometry(shapely.set_precision(lines, _GRID), crs=shapes.crs).sort_values("geoid")
    for feature in json.loads(shapes[["geoid", "full_name", "geometry"]].to_json(drop_id=True))["features"]:
        geoid, found = feature["properties"]["geoid"], counts.get(feature["properties"]["geoid"])
        yield _feature(
            feature["geometry"],
            geoid=geoid,
            name=feature["properties"]["full_name"],
            low=found.low if found else None,
            high=found.high if found else None,
            finding=found.id if found else "",
        )
