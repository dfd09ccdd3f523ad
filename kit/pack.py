"""A place's folder -> its figure pack: every figure in every size, captions and alt texts, tables to chart anew.

Made of what each figure wrote into NAME.figure.json, and of findings.json; no notebook is run.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

# They are here so that their kinds of figures are known.
import kit.charts
import kit.citymap
import kit.maps  # noqa: F401
from kit.errors import RunError
from kit.findings import Finding
from kit.graphic import FIGURE, Graphic
from kit.sharing import write_table
from kit.sheet import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

_AGAIN = "Run the place: kit report PLACE"
_MARKS = re.compile(r"([\\`*_\[\]<>#|])")
_ABOUT = """Each figure has a folder: pictures as SVG and PNG, and tables as CSV.

- `web` (720 pixels wide), `phone` (390), `square` (540 by 540) and `card` (for links in social media); PNG files have
  twice the pixels, so that a card is 1200 by 627.
- `numbers.csv`: one row a number, with the id of the finding that `findings.json` and the page explain.
- `chart.csv`: one row a bar or area, one column a series, for Datawrapper or Flourish. A series that has ranges has a
  column for the low and one for the high end. Counties have their five-digit codes (FIPS), states their postal codes.
- `points.csv`: the points of a map, for a symbol or locator map.
"""


def write_pack(folder: Path) -> Path:
    """Write `pack` into the folder of a place that was run, and give its path; the pack before it is replaced.

    RunError where the place was not run or has no figure; DataError where a figure cannot be read.
    """
    said = _findings(folder)
    figures = [Graphic.read(path) for path in sorted(folder.glob(f"*{FIGURE}"))]
    if not figures:
        raise RunError(
            "This place has no figure to pack.", folder.name, "Its page has no chart or map: pack another place."
        )
    aside, pack = folder / ".pack.part", folder / "pack"
    shutil.rmtree(aside, ignore_errors=True)
    for figure in figures:
        _write_figure(figure, aside / figure.name)
    (aside / "captions.md").write_text(_captions(figures, said), encoding="utf-8", newline="\n")
    shutil.rmtree(pack, ignore_errors=True)
    return aside.rename(pack)


def _findings(folder: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise RunError("The findings of this place cannot be read.", f"{folder.name}/findings.json", _AGAIN) from cause
    return said


def _write_figure(figure: Graphic, folder: Path) -> None:
    folder.mkdir(parents=True)
    for size in SIZES:
        picture = figure.at(size)
        (folder / f"{size.name}.svg").write_text(picture.svg, encoding="utf-8", newline="\n")
        (folder / f"{size.name}.png").write_bytes(picture.png)
    for name, table in _tables(figure):
        write_table(table, folder / f"{name}.csv")


def _tables(figure: Graphic) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables of a figure: a row a number, a row a label, and the points of a map."""
    import pandas as pd

    numbers = list(_numbers(figure))
    if numbers:
        yield "numbers", pd.DataFrame(numbers).astype({"value": "Int64"})
    yield "chart", pd.DataFrame([_wide(figure, row) for row in figure.behind.rows])
    if points := figure.data.get("points"):
        yield "points", pd.DataFrame(points, columns=["lon", "lat", "sign"])
    if cities := figure.data.get("cities"):
        yield "points", pd.DataFrame(cities, columns=["city", "lon", "lat", "what"])


def _numbers(figure: Graphic) -> Iterator[dict[str, Any]]:
    label, *series = figure.behind.heads
    for row in figure.behind.rows:
        for head, cell in zip(series, row[1:], strict=True):
            if isinstance(cell, Finding):
                said = {"value": cell.value, "low": cell.low, "high": cell.high, "unit": cell.unit, "finding": cell.id}
                yield {label.lower() or "label": row[0], "series": head, **said}


def _wide(figure: Graphic, row: tuple[str | Finding, ...]) -> dict[str, Any]:
    """Give a row as chart tools take it: numbers alone in a column, ranges as two."""
    label, *series = figure.behind.heads
    said: dict[str, Any] = {label or "Label": row[0]}
    if codes := figure.data.get("codes"):
        said["Code"] = codes[row[0]]
    for at, head in enumerate(series, start=1):
        cell = row[at]
        ranged = any(isinstance(one[at], Finding) and one[at].value is None for one in figure.behind.rows)  # type: ignore[union-attr]
        if not isinstance(cell, Finding):
            said[head] = cell
        elif ranged:
            said |= {f"{head}, low": cell.low, f"{head}, high": cell.high}
        else:
            said[head] = cell.low
    return said


def _captions(figures: list[Graphic], said: dict[str, Any]) -> str:
    """Write what goes with each figure: caption, source, alt text and the caveats of its numbers."""
    caveats = {found["id"]: found.get("caveats", []) for found in said.get("findings", [])}
    parts = [f"# {_plain(said.get('place', ''))}: figures", _ABOUT]
    for figure in figures:
        ids = [cell.id for row in figure.behind.rows for cell in row if isinstance(cell, Finding)]
        beside = dict.fromkeys(text for name in ids for text in caveats.get(name, []))
        parts += [
            f"## {_plain(figure.headline)}",
            f"Files: `{figure.name}`",
            f"Caption: {_plain(figure.subtitle)} Source: {_plain(figure.source)}",
            f"Alt text: {_plain(figure.alt)}",
            *(f"Say with it: {_plain(text)}" for text in beside),
        ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _plain(text: str) -> str:
    """Write a text so that Markdown shows it as it is."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
