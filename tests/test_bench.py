"""What `make bench` rests on: runs are measured, and what it prints and keeps is well-formed."""

from __future__ import annotations

import json
import re
import sys
from subprocess import CalledProcessError

import pytest

from tests.bench import records
from tests.bench.frame import Pace, Table, compared, interleaved, keep, markdown, middle, run

BUSY = "import json, subprocess, sys\nfor _ in range({}): pass\n"
SAYS = "print('a line before'); print(json.dumps({'rows': 3}))"


def python(code):
    return (sys.executable, "-c", code)


def test_a_run_counts_what_the_process_and_its_children_used():
    """CPU, wall time and memory of a process and of one that it started, and what it said last."""
    child = f"subprocess.run([sys.executable, '-c', {BUSY.format(3_000_000)!r}])\n"
    alone, parent = run(python(BUSY.format(1) + SAYS)), run(python(BUSY.format(1) + child + SAYS))
    assert alone.said == parent.said == {"rows": 3}
    assert 0 < alone.cpu < parent.cpu
    assert alone.wall > 0
    assert 1 < alone.peak < 4096


def test_a_run_that_fails_stops_the_bench():
    """A command that fails is an error, not a fast run."""
    with pytest.raises(CalledProcessError):
        run(python("raise SystemExit(3)"))


def test_runs_take_turns(tmp_path):
    """Each round runs every command once, the other way round the next time."""
    log = tmp_path / "log"
    ways = {name: python(f"open({str(log)!r}, 'a').write({name!r}); print(1)") for name in "ab"}
    runs = interleaved(ways, 3)
    assert log.read_text() == "abbaab"
    assert {name: len(those) for name, those in runs.items()} == {"a": 3, "b": 3}
    assert middle(runs["a"], "wall") == sorted(one.wall for one in runs["a"])[1]


@pytest.mark.parametrize(
    ("arguments", "asked", "share", "met"),
    [
        ((1.0, "other", 20.0), ("at most", 0.1), 0.05, "yes"),
        ((3.0, "other", 20.0), ("at most", 0.1), 0.15, "no"),
        ((900.0,), ("at most", 1024.0), None, "yes"),
        ((634,), ("exactly", 635), None, "no"),
        ((1.0, "other", 2.0), None, 0.5, ""),
    ],
)
def test_what_is_asked_is_judged(arguments, asked, share, met):
    """A share is judged where there are two costs, else the kit's own value; nothing asked, nothing judged."""
    line = compared("reading", "CPU s", *arguments, asked=asked)
    assert (line["kit / other"], line["met"]) == (share, met)


def test_table_and_json_are_well_formed(tmp_path):
    """Every line of the Markdown has the same cells; the JSON has the raw numbers; other groups are kept."""
    rows = (
        compared("a | b", "CPU s", 0.123456, "other", 4567.8, asked=("at most", 0.1)),
        compared("", "rows", 1_000_000),
    )
    keep({"first": [Table("One", "A note.", rows)]}, tmp_path)
    keep({"second": [Table("Two", "Nothing here.", ())]}, tmp_path)
    kept = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert list(kept) == ["first", "second"]
    assert kept["first"]["tables"][0]["rows"] == [dict(row) for row in rows]
    assert kept["first"]["machine"]["cores"] >= 1
    page = (tmp_path / "bench.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(rows[0]) + 1}
    assert len({len(line) for line in lines}) == 1
    assert " 0.123 |" in page
    assert "4,568" in page
    assert "Nothing here." in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench.json", "bench.md"]


def test_columns_without_a_cell_are_left_away():
    """A table that asks nothing has no column for it."""
    assert "asked" not in markdown(Table("One", "", (compared("reading", "CPU s", 1.0),)))


def test_the_made_up_pairs_are_the_same_each_time(tmp_path):
    """Pairs of invented agencies, all of which are read as rows."""
    one, other = (records.write_edges(tmp_path / name, 500) for name in ("one.csv", "other.csv"))
    assert one.read_bytes() == other.read_bytes()
    done = run((sys.executable, str(records.TASKS), "kit", str(one), "1"))
    assert done.said["rows"] == 500
    assert len(done.said["again"]) == 1


def test_records_that_are_absent_are_named(monkeypatch):
    """Where the record files are not beside the repository, the bench says so and goes on."""
    monkeypatch.setattr(records, "FOLDERS", ())
    monkeypatch.setattr(records, "EDGES", 100)
    pdf, workbooks, edges = records.measure(Pace(1, ()))
    assert not pdf.rows
    assert not workbooks.rows
    assert all(real.name in pdf.note for real in records.PDFS)
    assert [row["met"] for row in edges.rows if row["measured"] == "rows"] == ["yes", "yes"]
