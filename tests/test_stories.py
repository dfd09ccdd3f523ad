"""What reporters and editors do with the kit, end to end, with the numbers that must come out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

import kit.charts
import kit.citymap
import kit.maps  # noqa: F401
from kit.batch import make_page
from kit.graphic import Graphic
from kit.policies import in_force
from kit.sheet import SIZES
from tests.test_charts import check_texts

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = (f"orange-county-sheriff-{date}-vigilant" for date in ("2020-02-06", "2025-03-11"))
PLACES = ["Oakland, CA", "Cheyenne, WY", NEW, "Orange County Sheriffs Department", "US", "Illinois"]


@pytest.fixture(scope="module")
def made(tmp_path_factory, california) -> Any:
    """Make a page once, and give its folder."""
    figures, folders = tmp_path_factory.mktemp("figures"), {"CA": california}

    def make(subject: str) -> Path:
        if subject not in folders:
            folders[subject] = make_page(subject, None, figures).parent
        return folders[subject]

    return make


def findings(folder: Path) -> dict[str, dict[str, Any]]:
    said = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return {one["id"]: one for one in said["findings"]}


def words(folder: Path) -> str:
    return " ".join(html.parse(str(folder / "report.html")).getroot().text_content().split())


def test_a_state_tells_who_shares_with_whom(made):
    """One page: the ranges, the federal units, one-way sharing, policies, law, residents, what is not shown."""
    found = findings(made("CA"))
    assert (found[f"shared.{OLD}"]["value"], found[f"shared.{NEW}"]["value"]) == (295, 149)
    assert found[f"here.{OLD}"]["low"] <= 116 <= found[f"here.{OLD}"]["high"]
    assert found[f"here.{NEW}"]["low"] <= 146 <= found[f"here.{NEW}"]["high"]
    assert found[f"national.{OLD}"]["value"] == 4
    assert (found[f"receives-only.{NEW}"]["value"], found[f"sends-only.{NEW}"]["value"]) == (46, 35)
    assert found["rows.irvine-2025-02-11-a1-a4.receives_from.detections"]["value"] == 1553
    assert found["here.irvine-2025-02-11-a1-a4"]["high"] == 316
    assert found[f"residents.{NEW}"]["unit"] == "percent"


def test_an_agency_on_two_lists_is_drawn_once(made):
    """The county map counts agencies, not the lists that name them."""
    found = findings(made("CA"))
    drawn = sum(one["value"] for name, one in found.items() if name.startswith("county."))
    assert drawn <= found["named"]["low"]


def test_a_city_says_who_covers_it(made):
    """Each kind yes, no or not in these lists; neighbors; policies and law at the date of the data."""
    folder = made("Oakland, CA")
    text, found = words(folder), findings(folder)
    assert found["stack.police"]["high"] >= 3
    assert "not in these lists" in text
    assert found["near"]["value"] >= 50
    assert "City of refuge resolution" in text
    assert "1798.90" in text
    assert "no proof" in text or "not proof" in text


def test_a_city_that_no_list_names_says_so(made):
    """No zero that means unknown: the kinds are not in these lists."""
    text = words(made("Cheyenne, WY"))
    assert text.count("not in these lists") >= 8
    assert "Absence" in text or "is not in a list may share" in text


def test_two_dates_are_four_different_things(made):
    """182 dropped and 36 added, 11 marked inactive, four renamed; all of Homeland Security is gone."""
    found = findings(made("Orange County Sheriffs Department"))
    kinds = ("dropped", "added", "marked inactive", "renamed", "still there")
    assert [found[f"change.{kind}.{NEW}"]["value"] for kind in kinds] == [182, 36, 11, 4, 98]
    assert "DHS - HSI (Newark NJ)" in words(made("Orange County Sheriffs Department"))


def test_a_record_accounts_for_its_rows(made):
    """149 and 138, hot lists none and 19, with the pages on which they stand."""
    found = findings(made(NEW))
    sections = ("shares_with.detections", "receives_from.detections", "shares_with.hotlist", "receives_from.hotlist")
    assert [found[f"rows.{section}"]["value"] for section in sections] == [149, 138, 0, 19]


def test_the_nation_counts_an_agency_once(made):
    """All lists together name fewer agencies than rows, and no state more than all together."""
    found = findings(made("US"))
    rows = sum(one["value"] for name, one in found.items() if name.startswith("list.shares_with."))
    assert found["agencies"]["value"] < rows
    assert max(one["value"] for name, one in found.items() if name.startswith("state.")) < found["agencies"]["value"]


def test_a_question_of_definition(made):
    """The page shows how the count moves; Nevada is on the list of Aug. 5, 2025, and not on a later one."""
    found = findings(made("CA"))
    counts = {name: found[f"policy.{name}.{NEW}"]["high"] for name in ("statute", "any", "verified")}
    assert counts["statute"] < counts["verified"] <= counts["any"]
    states = {day: set(in_force("2026-01-25", f"doj:{day}")["jurisdiction"]) for day in ("2025-08-05", "2025-09-26")}
    assert "Nevada" in states["2025-08-05"] - states["2025-09-26"]


@pytest.mark.parametrize("subject", PLACES)
def test_no_figure_clips_or_covers_its_words(subject, made):
    """Every figure of every kind of page, at every size of the pack; California's are in `test_pack`."""
    for path in sorted(made(subject).glob("*.figure.json")):
        for size in SIZES:
            check_texts(Graphic.read(path).sheet(size))


_NUMBER = re.compile(r"(?<![\w./-])\d[\d,]*(?![\w/-])|\b(?:two|three|four|five|six|seven|eight|nine)\b")
_DATE = re.compile(
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)[a-z]*\.? (?:\d{1,2}, )?\d{4}|\b20\d\d\b"
)
# Words of the page itself, not about the data: two hops, 25 miles as the parameter says, the 12 states with most.
_OWN = re.compile(
    r"within about \d+ miles|at most the \d+ \w+|at most \d+|one or two hops|two sections|for all states|two users"
    r"|state has two|two rows|attorney general's reading of October 2023 .*"
)


@pytest.mark.parametrize("subject", ["CA", *PLACES])
def test_every_number_of_a_sentence_is_a_finding(subject, made):
    """No paragraph of a page has a number about the data that is not in findings.json."""
    folder = made(subject)
    known = {"0"}
    for one in findings(folder).values():
        known |= {text.lower() for text in _NUMBER.findall(f"{one['text']} {one['low']:,} {one['high']:,}")}
        known |= {text.lower() for text in _NUMBER.findall(one["sentence"])}
    tree = html.parse(str(folder / "report.html")).getroot()
    shown = "not(@aria-labelledby='ledger' or @aria-labelledby='sources' or @aria-labelledby='rows')"
    told = tree.xpath(f"//main//section[{shown}]//p[not(ancestor::details)]")
    strange = []
    for paragraph in told:
        text = _OWN.sub(" ", _DATE.sub(" ", " ".join(paragraph.text_content().split())))
        inside = " ".join(link.text_content() for link in paragraph.xpath(".//a[@class='n']"))
        numbers = {one.lower() for one in _NUMBER.findall(text)} - {one.lower() for one in _NUMBER.findall(inside)}
        strange += [(number, text) for number in numbers if number not in known]
    assert not strange
