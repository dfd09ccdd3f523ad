"""Boundaries on a picture: no finer than a line, in one plane, at one scale; what every still map is drawn with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kit.sheet import PAD, PAPER, QUIET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.path import Path as Outline
    from numpy.typing import NDArray
    from pyproj import Transformer

    from kit.sheet import Sheet

GEOGRAPHIC = "EPSG:4326"
"""Longitude and latitude, as all points and boundaries of the kit are kept."""

# The finest detail drawn is this part of a map's longer side, which is at most so many times its width.
_LINES, _TALLEST = 1200, 0.95


def drawn(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out of boundaries what is finer than a map's line; neighbors keep their border in common.

    Islands that are specks on a map of all go first: else those far off would decide how fine the rest is.
    """
    import shapely

    whole = _longer(shapes.total_bounds) / _LINES
    parts = shapely.get_parts(shapes.geometry.to_numpy())
    seen = parts[shapely.area(parts) > (2 * whole) ** 2]
    bounds = shapely.total_bounds(seen) if len(seen) else shapes.total_bounds
    finest = _longer(bounds) / _LINES
    near = shapely.box(*bounds).buffer(20 * finest)
    lines = shapely.coverage_simplify(shapes.geometry.to_numpy(), finest)
    return shapes.set_geometry([_without_specks(shape, finest, near) for shape in lines], crs=shapes.crs)


def _longer(bounds: Sequence[float] | NDArray[Any]) -> float:
    return float(max(bounds[2] - bounds[0], bounds[3] - bounds[1]))


def _without_specks(shape: Any, finest: float, near: Any) -> Any:  # noqa: ANN401  (any geometry)
    """Leave out islands too small or too far to see, never the whole of a shape."""
    import shapely

    parts = shapely.get_parts(shape)
    seen = parts[(shapely.area(parts) > (2 * finest) ** 2) & shapely.intersects(near, parts)]
    return shapely.multipolygons(seen if len(seen) else parts[[shapely.area(parts).argmax()]])


class Land(NamedTuple):
    """Areas in one flat plane, by code: what each looks like, where its name goes, and the bounds of all."""

    shapes: dict[str, Any]
    bounds: tuple[float, float, float, float]
    crs: str


class Frame(NamedTuple):
    """Where a plane lies in a picture: pixels from the left and top of a plane's left and upper edge."""

    left: float
    top: float
    scale: float
    west: float
    north: float

    def at(self, points: NDArray[Any]) -> NDArray[Any]:
        """Give the pixels of points of the plane."""
        import numpy as np

        x, y = points[:, 0], points[:, 1]
        return np.column_stack([self.left + (x - self.west) * self.scale, self.top + (self.north - y) * self.scale])


def framed(sheet: Sheet, bounds: Sequence[float]) -> Frame:
    """Make room for a map: below what is set, or right of the words."""
    west, south, east, north = bounds
    left, top = (sheet.margin + PAD, PAD) if sheet.beside else (sheet.left, sheet.top)
    wide = sheet.right - left
    high = sheet.size.height - PAD - top if sheet.beside else min(wide * _TALLEST, sheet.room)
    scale = min(wide / (east - west), high / (north - south))
    used = (north - south) * scale
    if sheet.size.height:
        top += (high - used) / 2
    if not sheet.beside:
        sheet.top += used
    return Frame(left + (wide - (east - west) * scale) / 2, top, scale, west, north)


def areas(sheet: Sheet, frame: Frame, land: Land, colors: Mapping[str, str], edge: str = PAPER) -> None:
    """Draw the areas of a plane, each in its color."""
    from matplotlib.collections import PathCollection
    from shapely import coverage_simplify

    # On a small picture half a pixel is more of the land than its boundaries were drawn by.
    shapes = coverage_simplify(list(land.shapes.values()), 0.5 / frame.scale)
    paths = [_path(shape, frame) for shape in shapes]
    faces = [colors[code] for code in land.shapes]
    sheet.axes.add_artist(PathCollection(paths, facecolors=faces, edgecolors=edge, linewidths=0.5, zorder=1))


def border(sheet: Sheet, frame: Frame, land: Land) -> None:
    """Draw the line around all areas together."""
    import shapely
    from matplotlib.patches import PathPatch

    shapes = shapely.coverage_simplify(list(land.shapes.values()), 0.5 / frame.scale)
    whole = shapely.coverage_union_all(shapes)
    sheet.axes.add_artist(PathPatch(_path(whole, frame), facecolor="none", edgecolor=QUIET, linewidth=0.6, zorder=1.2))


def _path(shape: Any, frame: Frame) -> Outline:  # noqa: ANN401  (any geometry)
    """Give a shape's rings as one path in pixels."""
    import numpy as np
    import shapely
    from matplotlib.path import Path

    rings = shapely.get_rings(shapely.get_parts(shape))
    points, which = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    ends = np.flatnonzero(np.diff(which, append=-1))
    codes[ends] = Path.CLOSEPOLY
    codes[[0, *(ends[:-1] + 1)]] = Path.MOVETO
    return Path(frame.at(points), codes)


def projected(points: Sequence[Sequence[float]], crs: str) -> NDArray[Any]:
    """Give longitudes and latitudes as points of a plane."""
    import numpy as np

    where = np.array(points, dtype=float).reshape(-1, 2)
    return np.column_stack(_into(crs).transform(where[:, 0], where[:, 1]))


@cache
def _into(crs: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
