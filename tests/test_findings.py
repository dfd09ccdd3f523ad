"""Every number names its rows, and no number can be made without them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kit.errors import DataError
from kit.findings import Ledger, Table, Text, verbatim


@pytest.fixture
def ledger(lists, rows) -> Ledger:
    return Ledger("California", lists, rows)


def test_a_sure_count_is_one_number(ledger, shared):
    """149 in figures and in the sentence, with 149 rows behind it."""
    listed = shared[shared["date"] == "2025-03-11"]
    found = ledger.count("total", "agencies", listed, says="The sheriff shared with {n} {agencies}.")
    assert (found.value, found.low, found.high, found.text) == (149, 149, 149, "149")
    assert found.sentence == "The sheriff shared with 149 agencies."
    assert len(set(found.rows)) == 149


def test_an_unsure_count_is_a_range(ledger, shared):
    """The low end counts the sure rows alone; value is null."""
    found = ledger.count(
        "some", "agencies", shared.iloc[:108], maybe=shared.iloc[108:119], says="{n} {agencies} {are} there."
    )
    assert (found.value, found.low, found.high, found.text) == (None, 108, 119, "108 to 119")
    assert found.sentence == "108 to 119 agencies are there."


def test_a_count_with_nothing_sure_is_never_a_zero(ledger, shared):
    """A zero that means unknown is written `up to`."""
    found = ledger.count("few", "agencies", shared.iloc[:0], maybe=shared.iloc[:7], says="{n} could be.")
    assert (found.text, found.sentence) == ("up to 7", "Up to seven could be.")


def test_a_number_in_a_sentence_starts_it_in_words(ledger, shared):
    """One is singular."""
    found = ledger.count("one", "agencies", shared.iloc[:1], says="{n} {agencies} {are} left.")
    assert found.sentence == "One agency is left."


def test_a_sentence_may_use_another_findings_number(ledger, shared):
    """Each number in the HTML leads to its own rows."""
    ledger.count("all", "agencies", shared.iloc[:20])
    found = ledger.count("part", "agencies", shared.iloc[:3], says="Of {all} agencies, {n} are <here>.")
    assert found.sentence == "Of 20 agencies, three are <here>."
    assert found.html == (
        'Of <a class="n" href="#f-all">20</a> agencies, <a class="n" href="#f-part">three</a> are &lt;here&gt;.'
    )


def test_braces_in_a_name_are_no_fields(ledger, shared):
    """A stranger's name neither fills in a number nor stops the notebook."""
    name = "Exampleville {n} {gone} PD"
    found = ledger.count("some", "agencies", shared.iloc[:12], says=f"{verbatim(name)} shared with {{n}} {{agencies}}.")
    assert found.sentence == f"{name} shared with 12 agencies."
    assert found.html.startswith(f"{name} shared with <a ")


def test_what_cannot_be_checked_is_refused(ledger, shared):
    """An id used twice, a row of no list, a row counted twice, a number that is not made."""
    ledger.count("a", "agencies", shared.iloc[:1])
    for wrong in (
        lambda: ledger.count("a", "agencies", shared.iloc[:1]),
        lambda: ledger.count("b", "agencies", pd.DataFrame({"row_id": ["nowhere:1"]})),
        lambda: ledger.count("c", "agencies", shared.iloc[:2], maybe=shared.iloc[1:3]),
        lambda: ledger.count("d", "agencies", shared.iloc[:1], says="{n} of {nothing}"),
    ):
        with pytest.raises(DataError) as error:
            wrong()
        assert len(str(error.value).splitlines()) == 3


def test_a_crosstab_is_made_of_findings(ledger, shared):
    """Each cell is a finding of its own, and the cells add up to the rows."""
    table = ledger.crosstab("kind", "Kinds", shared, "kind", "date")
    assert sum(found.low for found in ledger.findings.values()) == len(shared)
    assert ledger["kind.fusion-center.2025-03-11"].low == 1
    assert 'href="#f-kind.fusion-center.2025-03-11"' in table._repr_html_()


def test_a_table_writes_text_as_text():
    """A name that is a script stays a name."""
    html = Table("<b>", ("x",), (("<script>alert(1)</script>",),))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_findings_json_is_as_declared(ledger, shared, tmp_path, monkeypatch):
    """place, as_of, lists with id, owner, date, sha256 and source; findings with rows and caveats."""
    monkeypatch.setenv("KIT_FOLDER", str(tmp_path))
    ledger.count("total", "agencies", shared, caveats=("Access is not use.",), headline=True)
    ledger.save("A title", Text(("Not shown.",)))
    said = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))
    assert said["place"] == "California"
    assert said["as_of"] == "2026-01-25"
    assert {"id", "owner", "date", "sha256", "source"} <= said["lists"][0].keys()
    assert {"id", "label", "value", "low", "high", "unit", "sentence", "rows", "caveats"} <= said["findings"][0].keys()
    assert said["headline"] == ["total"]
    first = (tmp_path / "findings.json").read_bytes(), (tmp_path / "sharing.csv").read_bytes()
    ledger.save("A title", Text(("Not shown.",)))
    assert first == ((tmp_path / "findings.json").read_bytes(), (tmp_path / "sharing.csv").read_bytes())
