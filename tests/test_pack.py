"""The figure pack: every figure in every size, what goes with it, and tables that chart tools take."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kit.charts import bars
from kit.cli import main
from kit.errors import DataError, RunError
from kit.findings import Finding
from kit.graphic import Graphic
from kit.maps import county_map
from kit.pack import write_pack
from kit.places import find_state
from kit.sheet import SIZES
from tests.test_charts import check_texts

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '=HYPERLINK("http://example.invalid","x")'


def number(name: str, low: int, high: int | None = None) -> Finding:
    """Give a finding of that number or range."""
    high = low if high is None else high
    return Finding(name, name, low if low == high else None, low, high, "agencies", "", ())


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    """Make the pack of a folder with a chart and a map."""
    import pandas as pd  # noqa: PLC0415  (slow to load)

    folder = tmp_path_factory.mktemp("exampleville")
    words = {"subtitle": "By kind, March 11, 2025.", "source": "Exampleville *Police* <b>"}
    found = [("Sheriffs", number("kind.sheriffs", 9)), (HOSTILE, number("kind.odd", 3, 5))]
    bars("kinds", "Who gets the [data]", found, **words).save(folder)
    points = pd.DataFrame({"lat": [37.8], "lon": [-122.27]})
    counts = {"06001": number("county.06001", 7)}
    county_map("counties", "Where", find_state("CA"), counts, points, **words).save(folder)
    findings = [{"id": "kind.odd", "caveats": ["Not certain."]}, {"id": "county.06001", "caveats": []}]
    (folder / "findings.json").write_text(json.dumps({"place": "Exampleville", "findings": findings}), encoding="utf-8")
    return write_pack(folder)


def test_every_figure_is_there_in_every_size(pack):
    """SVG and PNG of each, the card at 1200 by 627."""
    for name in ("kinds", "counties"):
        assert {f"{size.name}.{kind}" for size in SIZES for kind in ("svg", "png")} <= {
            path.name for path in (pack / name).iterdir()
        }
        with Image.open(pack / name / "card.png") as card:
            assert card.size == (1200, 627)


def test_captions_say_what_goes_with_a_figure(pack):
    """Caption, source, alt text and the caveats of its numbers; marks of a stranger are text."""
    said = (pack / "captions.md").read_text(encoding="utf-8")
    assert said.startswith("# Exampleville: figures")
    assert r"## Who gets the \[data\]" in said
    assert r"Source: Exampleville \*Police\* \<b\>" in said
    assert "Alt text: Bar chart." in said
    assert "Say with it: Not certain." in said


def test_the_numbers_are_tidy(pack):
    """One row a number, with its ends and the finding that it is; a name does not run as a formula."""
    first, second = csv_rows(pack / "kinds" / "numbers.csv")
    assert (first["label"], first["series"], first["value"], first["finding"]) == (
        "Sheriffs",
        "Agencies",
        "9",
        "kind.sheriffs",
    )
    assert (second["value"], second["low"], second["high"]) == ("", "3", "5")
    assert second["label"] == f"'{HOSTILE}"


def test_chart_tools_get_one_column_a_series(pack):
    """Numbers alone in a column, a range as two; counties with their codes, and points."""
    first, second = csv_rows(pack / "kinds" / "chart.csv")
    assert (first["Agencies, low"], first["Agencies, high"]) == ("9", "9")
    assert (second["Agencies, low"], second["Agencies, high"]) == ("3", "5")
    (county,) = csv_rows(pack / "counties" / "chart.csv")
    assert county == {"County": "Alameda County", "Code": "06001", "Agencies": "7"}
    (point,) = csv_rows(pack / "counties" / "points.csv")
    assert (point["lat"], point["lon"], point["sign"]) == ("37.8", "-122.27", "agency")


def test_a_pack_is_the_same_bytes_twice(pack):
    """A pack replaces the one before it, with nothing left of that, and no clock in it."""
    before = {path.relative_to(pack): path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    (pack / "old.png").write_bytes(b"old")
    write_pack(pack.parent)
    assert {path.relative_to(pack): path.read_bytes() for path in pack.rglob("*") if path.is_file()} == before


def test_a_folder_that_was_not_run_is_three_lines(tmp_path, pack):
    """No findings, no figure, a broken figure: each says what to do, and a pack that was there stays."""
    with pytest.raises(RunError, match="findings of this place"):
        write_pack(tmp_path)
    (tmp_path / "findings.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match="no figure") as stopped:
        write_pack(tmp_path)
    assert len(str(stopped.value).splitlines()) == 3
    shutil.copytree(pack, tmp_path / "pack")
    (tmp_path / "x.figure.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        write_pack(tmp_path)
    assert (tmp_path / "pack" / "captions.md").exists()


def test_the_pack_of_a_real_place(california, monkeypatch, capsys):
    """`kit pack` of a place that was run writes all of its pack, and says where it is."""
    monkeypatch.setattr("kit.batch.FIGURES", california.parent)
    monkeypatch.setattr(sys, "argv", ["kit", "pack", "California"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "captions.md" in capsys.readouterr().out
    pack = california / "pack"
    assert {path.name for path in pack.iterdir()} >= {"captions.md", "counties", "in-and-out", "kinds", "one-way"}
    assert len(csv_rows(pack / "counties" / "chart.csv")) > 5


def test_a_place_that_is_none_is_three_lines(monkeypatch, capsys):
    """`kit pack` of nothing known ends with 2 and says what to type."""
    monkeypatch.setattr(sys, "argv", ["kit", "pack", "Exampleville"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 3


def test_no_text_of_a_real_figure_is_clipped_or_covered(california):
    """Every figure of a large state's page, at every size, as the renderer sets it; each has an alt text of its own."""
    made = [Graphic.read(path) for path in sorted(california.glob("*.figure.json"))]
    assert {one.kind for one in made} >= {"bars", "two ways", "ranges", "county map", "reach map"}
    for one in made:
        assert len(one.alt) >= 40
        for size in SIZES:
            check_texts(one.sheet(size))
