"""The `kit` command, as a reporter types it."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest

from kit.agencies import AGENCY_COLUMNS
from kit.records import SHARING_COLUMNS


def kit(*words: str, cwd=None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kit", *words], capture_output=True, text=True, check=False, cwd=cwd)


def test_help_names_every_command():
    """`kit --help` is the first thing that is typed."""
    said = kit("--help")
    assert said.returncode == 0
    for command in ("read", "add", "resolve", "report"):
        assert command in said.stdout


def test_help_loads_nothing_heavy():
    """Pandas and matplotlib are loaded when they are needed; help must not wait for them."""
    code = "import sys; sys.argv = ['kit', '--help']\nfrom kit.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print(sorted({'pandas', 'matplotlib', 'geopandas', 'numpy', 'nbformat'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"


def test_read_counts_and_writes_the_rows(record_file, tmp_path):
    """Owner, date, a count a section, rows in = rows out + left out; the CSV has the declared columns."""
    out = tmp_path / "my rows.csv"
    said = kit("read", str(record_file("orange-county-sheriff-2020-02-06-vigilant.pdf")), "--out", str(out))
    assert said.returncode == 0, said.stderr
    for words in (
        "Orange County Sheriffs Department",
        "2020-02-06",
        "295",
        "311",
        "29",
        "635 = 635 taken + 0 left out",
    ):
        assert words in said.stdout
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == SHARING_COLUMNS
    assert len(rows) == 636


def test_resolve_writes_the_agency_table(tmp_path):
    """One row out a row in, with the declared columns first."""
    names = tmp_path / "names.csv"
    names.write_text("name,city,state\nNorwalk Police Department,Norwalk,CT\nNorwalk Police Department,,\n")
    said = kit("resolve", str(names), "--out", str(tmp_path / "out.csv"))
    assert said.returncode == 0, said.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == AGENCY_COLUMNS
    assert [(row["state"], row["status"]) for row in rows] == [("CT", "certain"), ("", "ambiguous")]
    assert rows[1]["candidates"].split(";").count("CA") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("read", "no such file.pdf"),
        ("read", "."),
        ("resolve", "no such file.csv"),
        ("report", "Californa"),
        ("report", "CA", "-p", "stat=IL"),
        ("report", "CA", "-p", "state"),
        ("add", "no such file.pdf"),
    ],
)
def test_a_users_error_is_three_lines_and_exit_code_2(words, tmp_path):
    """What happened, where, what to do; no traceback."""
    said = kit(*words, cwd=tmp_path)
    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 3
    assert "Traceback" not in said.stderr
    assert not list(tmp_path.iterdir())


def test_a_wrong_option_is_said_in_words():
    """Typer's own message, exit code 2."""
    said = kit("report", "--nonsense")
    assert said.returncode == 2
    assert "nonsense" in said.stderr
    assert "Traceback" not in said.stderr


def test_nothing_is_written_where_it_cannot_be(record_file, tmp_path):
    """A folder as the target is refused before anything is written."""
    said = kit("read", str(record_file("orange-county-sheriff-2025-03-11-vigilant.pdf")), "--out", str(tmp_path))
    assert said.returncode == 2
    assert "This is a folder." in said.stderr
