"""Maps: counted from findings, the same bytes twice, nothing asked of another computer."""

from __future__ import annotations

import re

import folium
import pytest

from kit.errors import DataError
from kit.findings import Ledger
from kit.maps import atlas, classes, county_map, reach_map, seal
from kit.places import find_state

CALIFORNIA = find_state("CA")


@pytest.fixture
def ledger(lists, rows) -> Ledger:
    return Ledger("California", lists, rows)


@pytest.fixture
def here(shared):
    return shared[(shared["state"] == "CA") & (shared["status"] == "certain") & (shared["date"] == "2025-03-11")]


@pytest.fixture
def counties(ledger, here):
    return {geoid: ledger.count(geoid, geoid, rows) for geoid, rows in here.groupby("county_geoid") if geoid}


def test_one_outlier_does_not_flatten_the_classes():
    """Natural breaks leave the small counts apart."""
    bounds = classes([1, 1, 2, 3, 3, 5, 8, 9, 13, 15, 400])
    assert bounds[-1] == 400
    assert bounds[-2] <= 15
    assert classes([]) == []
    assert classes([0, 4, 4]) == [4]


def test_a_county_map_counts_what_the_findings_count(counties, here):
    """The table behind the map has every county of the findings."""
    points = here.dropna(subset=["lat"])
    made = county_map("counties", "Where", CALIFORNIA, counties, points, subtitle="Agencies.", source="Source")
    assert "Orange County 25" in made.alt
    assert len(made.behind.rows) == len(counties)


def test_a_reach_map_has_alaska_and_hawaii(ledger, shared):
    """States with no agency are drawn too; the table has those with one."""
    old = shared[(shared["date"] == "2020-02-06") & (shared["status"] == "certain") & (shared["state"] != "US")]
    states = {code: ledger.count(code, code, rows) for code, rows in old.groupby("state")}
    made = reach_map("reach", "How far", states, subtitle="Agencies.", source="Source")
    assert "California 109" in made.alt
    assert made.svg == reach_map("reach", "How far", states, subtitle="Agencies.", source="Source").svg


def test_the_interactive_map_asks_for_nothing(counties, here):
    """No address of another computer is loaded, names are data, and the bytes are the same twice."""
    points = here.dropna(subset=["lat"]).assign(agency="</script><script>alert(1)</script> `${alert(2)}`")
    made = [atlas(CALIFORNIA, counties, points, "A map") for _ in range(2)]
    assert made[0].html == made[1].html
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", made[0].html)
    assert "alert(1)</script>" not in made[0].html
    assert 'sandbox="allow-scripts"' in made[0]._repr_html_()


def test_a_map_with_tiles_is_refused():
    """A tile layer would tell another computer who is reading."""
    made = folium.Map()
    with pytest.raises(DataError, match="another computer"):
        seal(made, "A map")
