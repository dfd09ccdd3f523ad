"""What `make bench` rests on: runs are measured, and what it prints and keeps is well-formed."""

from __future__ import annotations

import json
import re
import sys
from subprocess import CalledProcessError

import pytest

from tests.bench import batch, pages, records, ways
from tests.bench.frame import Pace, Run, Table, compared, interleaved, keep, markdown, middle, run, tree_peak

BUSY = "import json, subprocess, sys\nfor _ in range({}): pass\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory of a tree is looked up in /proc")
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


@pytest.mark.parametrize("measure", [run, pytest.param(tree_peak, marks=LINUX)])
def test_a_run_that_fails_stops_the_bench(measure):
    """A command that fails is an error that says what the command said, not a fast run."""
    with pytest.raises(CalledProcessError) as error:
        measure(python("raise SystemExit('no such place')"))
    assert error.value.__notes__ == ["no such place\n"]


def test_a_command_need_not_speak_json():
    """The last line is kept as it is; a silent command said nothing."""
    assert run(python("print('The index is at figures/index.html')")).said == "The index is at figures/index.html"
    assert run(python("")).said is None


@LINUX
def test_memory_is_that_of_all_processes_of_a_run():
    """A process and its child that hold 60 MiB each take 120 at least, and not 60 each for all that they share."""
    hold = "import time; kept = b'x' * (60 * 2**20); time.sleep(1)"
    parent = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; child.wait()"
    assert 120 < tree_peak(python(parent)) < 240


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
        ((0.7,), ("at least", 0.75), None, "no"),
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


def test_the_floor_runs_the_cells_and_shows_what_a_kernel_would(tmp_path):
    """The parameter is put in after its cell; what is displayed and the last expression become outputs, no None."""
    sources = (
        "state = 'CA'",
        "class Shown:\n    _repr_html_ = lambda _: '<b>'\ndisplay(state, Shown())\n1 + 1",
        "None",
    )
    cells = [
        {"cell_type": "code", "source": source, "metadata": {"tags": tags}}
        for source, tags in zip(sources, (["parameters"], [], []), strict=True)
    ]
    notebook = tmp_path / "state.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "Said."}, *cells]}))
    ran = ways._run_cells(notebook, "TX")
    texts = [[output["data"] for output in cell.get("outputs", ())] for cell in ran]
    assert [len(those) for those in texts] == [0, 0, 3, 0]
    assert texts[2][0] == {"text/plain": "'TX'"}
    assert texts[2][1]["text/html"] == "<b>"
    assert texts[2][2] == {"text/plain": "2"}


def test_what_the_batch_saves_is_judged(tmp_path, monkeypatch):
    """Of 100 s that the loop costs and 20 of the floor, a batch of 30 saves seven eighths; each bound is judged."""
    monkeypatch.setattr(batch, "_same", lambda *_: 1)
    runs = {
        "kit": [Run(cpu, 20.0, 0, None) for cpu in (30.0, 31.0, 29.0)],
        "cells": [Run(20.0, 20.0, 0, {"loaded": 4.0})],
        "cells_and_page": [Run(24.0, 24.0, 0, {"loaded": 4.0})],
        "loop": [Run(100.0, 80.0, 0, {"exported": 25.0})],
    }
    table = batch._whole(runs, tmp_path, ("CA",))
    lines = {(row["measured"], row["against"]): row for row in table.rows}
    assert lines["CPU s", "floor"]["kit / other"] == 1.5
    assert lines["CPU s", "floor, loaded"]["other"] == 16
    assert lines["saved of what the loop costs over the floor", ""]["kit"] == 0.875
    assert [row["met"] for row in table.rows if row["asked"]] == ["no", "no", "yes", "yes", "yes"]
    assert "25 of its 100 CPU s" in " ".join(table.note.split())
    assert markdown(table)


def test_a_changed_list_is_told_by_what_the_pages_say(tmp_path):
    """A row is added to a list as a record has them; a page is told by notebook, findings and rows, not by its HTML."""
    path = tmp_path / "list.csv"
    path.write_text("row_id,list_id,owner,partner\nlist:1,list,Exampleville PD,Sampletown PD\n")
    batch._append_row(path)
    assert path.read_text().splitlines()[2] == "list:2,list,Exampleville PD,Exampleville NV PD"
    for place, html, found in (("a", "new", "1"), ("b", "no", "1"), ("c", "no", "2")):
        (tmp_path / place).mkdir()
        for name in ("notebook.ipynb", "sharing.csv"):
            (tmp_path / place / name).write_text("the same")
        (tmp_path / place / "findings.json").write_text(found)
        (tmp_path / place / "report.html").write_text(html)
    told = {place: digest for place, (_, digest) in batch._pages(tmp_path).items()}
    assert told["a"] == told["b"] != told["c"]


def test_a_commit_that_is_not_here_is_not_measured(tmp_path):
    """A copy without history, or with a shallow one, has nothing to compare with."""
    assert batch.tree_of("0" * 40, tmp_path) is None


def test_the_kit_that_is_measured_is_a_copy(tmp_path):
    """What the bench changes is changed in a copy, which has no records."""
    tree = batch.tree_now(tmp_path)
    assert tree.notebook.is_file()
    assert (tmp_path / "kit" / "records").is_dir()
    assert (tmp_path / "data" / "lists" / f"{batch.CHANGED}.csv").is_file()
    assert not (tmp_path / "data" / "records").exists()
    done = run(tree._here(sys.executable, "-P", "-c", "import json, kit; print(json.dumps(kit.__file__))"))
    assert done.said == str(tmp_path / "kit" / "__init__.py")


def test_the_facts_of_pages_are_a_line_each():
    """Each page is a column; what is not said of a page is an empty cell."""
    lines = pages.table({"one": {"requests": 0, "KB": 1}, "other": {"requests": 2}})
    assert lines == ({"what": "requests", "one": 0, "other": 2}, {"what": "KB", "one": 1, "other": None})
    assert markdown(Table("Pages", "", lines)).count("\n") == 6


def test_without_a_browser_no_page_is_measured(monkeypatch):
    """The bench says so and goes on."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    (table,) = pages.measure(Pace(1))
    assert "not measured" in table.note
    assert not table.rows
