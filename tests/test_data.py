"""Every table of the kit is as its data dictionary says, and every fact says how sure it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.agencies import AGENCY_COLUMNS
from kit.records import SHARING_COLUMNS
from kit.sharing import SOURCE_COLUMNS, read_table

DATA = Path(__file__).resolve().parent.parent / "data"
PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


def test_every_table_is_as_declared():
    """Frictionless finds every row of every table valid, and keys that point to another table lead somewhere."""
    frictionless = pytest.importorskip("frictionless", reason="frictionless is part of the test environment")
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:5]
    assert len(report.tasks) == len(PACKAGE["resources"])
    assert sum(task.stats.get("rows", 0) for task in report.tasks) > 60_000


def test_every_table_is_declared():
    """No CSV lies in data/ that the data package does not describe, but for lists that a reporter added."""
    there = {str(path.relative_to(DATA)) for path in DATA.rglob("*.csv") if not {"records", "cache"} & set(path.parts)}
    declared = {resource["path"] for resource in PACKAGE["resources"]}
    assert declared <= there
    assert {path for path in there - declared if not path.startswith("lists/")} == set()


def test_the_dictionary_names_every_column():
    """Each column of each table stands in data/README.md."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for column in {*SHARING_COLUMNS, *SOURCE_COLUMNS, *AGENCY_COLUMNS}:
        assert column in text, column
    for resource in PACKAGE["resources"]:
        assert Path(resource["path"]).name.removesuffix(".facts.csv").removesuffix(".csv") in text, resource["path"]


def test_a_list_holds_only_its_own_rows():
    """Row ids are the list's id and the numbers from 1 on, in order."""
    for line in read_table(DATA / "lists" / "sources.csv").to_dict("records"):
        rows = read_table(DATA / "lists" / f"{line['list_id']}.csv")
        assert list(rows["row_id"]) == [f"{line['list_id']}:{number}" for number in range(1, len(rows) + 1)]
        counted = sum(int(part.rsplit(" ", 1)[1]) for part in line["counts"].split("; "))
        assert counted == len(rows)


@pytest.mark.parametrize("table", ["federal", "units", "local", "no_numbered_districts"])
def test_a_verified_fact_has_a_source(table):
    """A `yes` has a page that states it, and the day on which it was looked up."""
    rows = read_table(DATA / "agencies" / f"{table}.csv")
    sure = rows[rows["verified"] == "yes"]
    assert (sure["source_url"] != "").all()
    assert (rows["checked"] != "").all()
