"""A count of places with a sanctuary policy moves with the definition, and never counts what is not certain."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.agencies import resolve
from kit.errors import DataError, ParameterError
from kit.policies import by_place, definitions, in_force, law_pairs, laws_in_force, sanctuary_of, sensitivity
from kit.sharing import DATA, read_table

FACTS = read_table(DATA / "policies" / "sanctuary.csv")
MARCH = "2018-03-31"
DOJ = "doj:2025-08-05"


def agencies(*names: str) -> pd.DataFrame:
    """Resolve names that end in the postal code of their state."""
    return resolve(pd.DataFrame([(name[:-3], name[-2:]) for name in names], columns=["name", "state"]))


def found(date: str, definition: str, policy: str) -> dict[str, str] | None:
    rows = in_force(date, definition)
    rows = rows[rows["policy_id"] == policy]
    return rows.iloc[0].to_dict() if len(rows) else None


def own(covered: pd.DataFrame, counts: str) -> list[str]:
    return sorted(covered.loc[(covered["level"] != "state") & (covered["counts"] == counts), "jurisdiction"])


@pytest.fixture
def partners(shared):
    """Give the rows that the Orange County sheriff's Vigilant list of a date shares with."""

    def of(date: str) -> pd.DataFrame:
        return shared[shared["list_id"] == f"orange-county-sheriff-{date}-vigilant"]

    return of


def test_the_facts_are_all_there():
    """227 rows: 197 verified, 28 in part, two not."""
    assert FACTS["verified"].value_counts().to_dict() == {"yes": 197, "partly": 28, "no": 2}
    assert FACTS["policy_id"].is_unique


@pytest.mark.parametrize("table", ["sanctuary", "doj_list", "alpr_laws"])
def test_a_verified_fact_has_a_source(table):
    """A `yes` has a page that states it, and the day on which it was looked up."""
    rows = read_table(DATA / "policies" / f"{table}.csv")
    assert (rows.loc[rows["verified"] == "yes", ["source_url", "source_title"]] != "").all(axis=None)
    assert (rows["checked"] != "").all()


def test_what_was_in_force_in_march_2018_is_what_the_facts_say():
    """The dates give for each policy what the column of the facts says of that month: yes, no, unclear."""
    rows = in_force(MARCH, "any").set_index("policy_id")
    told = FACTS[((FACTS["limits"] != "no") | (FACTS["direction"] == "requires")) & (FACTS["verified"] != "no")]
    for fact in told.to_dict("records"):
        there = fact["policy_id"] in rows.index
        dated = there and "is not known" not in rows.loc[fact["policy_id"], "why"]
        expected = {"yes": (True, True), "no": (False, False), "unclear": (True, False)}[fact["in_force_2018_03"]]
        assert (there, dated) == expected, fact["policy_id"]


def test_the_justice_departments_list_has_35_entries():
    """12 states and the District of Columbia, four counties, 18 cities, each certain."""
    rows = in_force("2025-08-05", DOJ)
    assert rows["level"].value_counts().to_dict() == {"city": 18, "state": 13, "county": 4}
    assert set(rows["counts"]) == {"yes"}
    listed = set(FACTS.loc[FACTS["on_doj_list_2025_08_05"] == "yes", "policy_id"])
    assert set(rows["policy_id"]) == listed


@pytest.mark.parametrize(
    ("day", "nevada", "baltimore_county"),
    [("2025-08-05", True, True), ("2025-09-26", False, True), ("2025-10-31", False, False)],
)
def test_who_came_off_the_list(day, nevada, baltimore_county):
    """Nevada is on the list of Aug. 5, 2025 and on no later one; the others are not known to be on those."""
    assert (found(day, f"doj:{day}", "nv") is not None) == nevada
    assert (found(day, f"doj:{day}", "md-baltimore-county") is not None) == baltimore_county
    california = found(day, f"doj:{day}", "ca")
    assert california
    assert california["counts"] == ("yes" if day == "2025-08-05" else "maybe")


def test_a_definition_that_there_is_not():
    """The error names the definitions, and the nearest; the dates of the list are data."""
    with pytest.raises(ParameterError, match=r'Did you mean "statute"\?') as raised:
        in_force(MARCH, "statue")
    assert all(name in str(raised.value) for name in definitions())
    with pytest.raises(ParameterError, match="no definition"):
        in_force(MARCH, "doj:2024-01-01")


@pytest.mark.parametrize("date", ["2018", "2018-02-30", "March 2018", "0000-01-01", ""])
def test_a_date_that_is_none(date):
    """A day is asked for, as 2025-03-11."""
    with pytest.raises(ParameterError, match="is not a date"):
        in_force(date, "any")


def test_a_row_that_is_not_verified_is_never_counted():
    """Lynwood and Wilmington are in no definition; a row verified in part is never certain, nor under `verified`."""
    for definition in definitions():
        rows = in_force("2026-06-01", definition)
        assert not {"ca-lynwood", "de-wilmington"} & set(rows["policy_id"])
        assert set(rows.loc[rows["verified"] != "yes", "counts"]) <= {"maybe", "no"}
    assert set(in_force(MARCH, "verified")["verified"]) == {"yes"}


def test_no_policy_is_read_into_a_mistaken_listing():
    """A place that was listed by mistake, or that declared itself no sanctuary, has no policy that limits help."""
    rows = in_force("2025-12-01", "any")
    assert not set(rows["policy_id"]) & {"ca-orange-county", "ca-el-cajon", "nv-las-vegas", "mi-oakland-county", "nv"}
    assert found("2025-12-01", "any", "ca-huntington-beach")["counts"] == "no"


def test_a_day_within_the_year_decides_where_it_is_known():
    """Long Beach adopted its policy on March 13, 2018; a year alone leaves its months open."""
    assert found("2018-03-01", "any", "ca-long-beach") is None
    assert found("2018-03-13", "any", "ca-long-beach")["counts"] == "yes"
    assert found("2013-06-01", "any", "ct")["counts"] == "maybe"
    assert found("2027-06-01", "any", "ct")["counts"] == "maybe", "after the check nobody knows"


def test_a_resolution_is_no_ordinance():
    """Oakland has had a resolution since 1986; Los Angeles an ordinance only since December 2024."""
    assert found(MARCH, "any", "ca-oakland")["counts"] == "yes"
    assert found(MARCH, "statute", "ca-oakland") is None
    assert found(MARCH, "statute", "ca-los-angeles") is None
    assert found("2025-03-11", "statute", "ca-los-angeles")["counts"] == "yes"


def test_the_places_that_the_article_of_2018_names():
    """Only some that it calls sanctuary had a policy of their own on its day; California's law covered all there."""
    named = agencies(
        *("Alameda County Sheriff CA", "Contra Costa County Sheriff CA", "Marin County Sheriff CA"),
        *("San Mateo County Sheriff CA", "San Diego County Sheriff CA", "Long Beach Police Department CA"),
        *("San Francisco Police Department CA", "Oakland Police Department CA", "Seattle Police Department WA"),
        *("Dallas County Sheriff TX", "Dallas Police Department TX", "Sacramento County Sheriff CA"),
    )
    covered = sanctuary_of(named, "2018-03-01", "any")
    assert own(covered, "yes") == ["Alameda County", "Oakland", "San Francisco", "Seattle"]
    assert own(covered, "maybe") == ["Contra Costa County", "Sacramento County"]
    assert own(sanctuary_of(named, "2018-03-01", "statute"), "yes") == ["San Francisco", "Seattle"]
    by_law = covered[(covered["level"] == "state") & (covered["state"] == "CA")]
    assert list(by_law["counts"]) == ["yes"] * 9


def test_texas_forbids():
    """SB 4 is shown as a law that requires help; under it no city's policy is certain, and Dallas County's is over."""
    texas = agencies("Dallas County Sheriff TX", "Austin Police Department TX")
    covered = sanctuary_of(texas, "2020-02-06", "any")
    law = covered[covered["level"] == "state"]
    assert list(law["policy_direction"]) == ["requires", "requires"]
    assert set(law["counts"]) == {"no"}
    assert law["policy"].str.startswith("SB 4 (2017)").all()
    austin = covered[covered["level"] == "city"].iloc[0]
    assert (austin["jurisdiction"], austin["counts"]) == ("Austin", "maybe")
    assert "over it stands a law of Texas that requires help" in austin["why"]
    assert found("2020-02-06", "any", "tx-dallas-county") is None


def test_state_law_stands_over_a_citys_policy():
    """Atlanta's order of 2018 is verified, but Georgia forbids such policies."""
    atlanta = found("2020-02-06", "any", "ga-atlanta")
    assert (atlanta["verified"], atlanta["counts"]) == ("yes", "maybe")
    assert "Georgia" in atlanta["why"]


def test_san_francisco_is_counted_once():
    """City police and county sheriff are two agencies in one place."""
    both = agencies("San Francisco Police Department CA", "San Francisco County Sheriff CA")
    covered = sanctuary_of(both, MARCH, DOJ)
    assert own(covered, "yes") == ["San Francisco", "San Francisco County"]
    assert len(by_place(covered)) == 1
    assert sensitivity(both, MARCH, [DOJ])[["places_low", "own_low"]].to_numpy().tolist() == [[1, 2]]


def test_a_policy_covers_its_own_agencies_alone():
    """A city's covers its police, a county's its sheriff, a state's no federal unit; Denver is city and county."""
    there = agencies(
        *("Chicago Police Department IL", "Cook County Sheriff IL", "Oak Park Police Department IL"),
        *("Cook County States Attorney IL", "Denver County Sheriff CO", "Baltimore County Police Department MD"),
        *("US Forest Service CA", "Montgomery County Police Department MD"),
    )
    covered = sanctuary_of(there, "2020-02-06", "any")
    local = covered[covered["level"] != "state"].set_index("name")[["jurisdiction", "counts"]]
    assert local.T.to_dict("list") == {
        "Chicago Police Department": ["Chicago", "yes"],
        "Cook County Sheriff": ["Cook County", "yes"],
        "Oak Park Police Department": ["Oak Park", "yes"],
        "Denver County Sheriff": ["Denver", "yes"],
        "Baltimore County Police Department": ["Baltimore County", "maybe"],
        "Montgomery County Police Department": ["Montgomery County", "maybe"],
    }
    assert "US Forest Service" not in set(covered["name"])


def test_a_name_of_unknown_state_is_never_certain():
    """Richmond is in 19 states; two of them have a Richmond with a policy, and one row says so."""
    richmond = resolve(pd.DataFrame({"name": ["Richmond Police Department"]}))
    city = sanctuary_of(richmond, "2020-02-06", "any").query("level == 'city'").iloc[0]
    assert (city["policy_id"], city["counts"]) == ("ca-richmond;va-richmond", "maybe")


def test_partners_in_2020(partners):
    """Six of the 295 sit in a place with a policy of its own for certain, one under an ordinance, one on the list."""
    listed = partners("2020-02-06")
    assert own(sanctuary_of(listed, "2020-02-06", "any"), "yes") == [
        *("Alameda", "Cathedral City", "Long Beach", "Newark", "Petaluma", "Santa Ana"),
    ]
    assert own(sanctuary_of(listed, "2020-02-06", "statute"), "yes") == ["Santa Ana"]
    assert own(sanctuary_of(listed, "2020-02-06", DOJ), "yes") == ["Newark"]
    contested = {"Marin County", "Riverside County", "Sacramento County", "San Bernardino County"}
    assert contested <= set(own(sanctuary_of(listed, "2020-02-06", "any"), "maybe"))


def test_partners_in_2025(partners):
    """Seven of the 149 for certain, two under an ordinance, none on the list; San Jose's row is not verified."""
    listed = partners("2025-03-11")
    covered = sanctuary_of(listed, "2025-03-11", "any")
    assert own(covered, "yes") == [
        *("Alameda", "Cathedral City", "Hayward", "Long Beach", "Petaluma", "San Mateo County", "Santa Ana"),
    ]
    assert own(sanctuary_of(listed, "2025-03-11", "statute"), "yes") == ["San Mateo County", "Santa Ana"]
    assert own(sanctuary_of(listed, "2025-03-11", DOJ), "yes") == []
    assert "San Jose" in own(covered, "maybe")
    assert covered.groupby(["row_id", "level"]).size().max() == 1


def test_the_table_shows_how_a_count_moves(partners):
    """One row a definition, bounds in order, and the places whose row is not verified by name."""
    table = sensitivity(partners("2025-03-11"), "2025-03-11").set_index("definition")
    assert list(table.index) == list(definitions())
    assert table.loc["any", ["places_low", "own_low"]].tolist() == [7, 7]
    assert table.loc["statute", "places_low"] == 2
    assert "San Jose" in table.loc["any", "not_verified"]
    assert "San Jose" not in table.loc["verified", "not_certain"]
    for part in ("places", "own", "state"):
        assert (table[f"{part}_low"] <= table[f"{part}_high"]).all()


def test_a_table_that_is_not_resolved():
    """The error names the columns that are missing."""
    with pytest.raises(DataError, match="no column kind"):
        sanctuary_of(pd.DataFrame({"name": ["Exampleville Police Department"]}), MARCH, "any")


def pairs(sender: str, date: str, *names: str, direction: str = "shares_with") -> pd.DataFrame:
    """Give the pairs of an invented owner in a state with real names."""
    rows = agencies(*names).assign(
        owner="Exampleville Police Department", owner_state=sender, direction=direction, date=date
    )
    return law_pairs(rows)


def test_the_attorney_generals_reading_is_not_for_2018():
    """California's statute of 2015 names no state and no federal agency; the reading of 2023 does, from its day on."""
    names = ("Phoenix Police Department AZ", "US Forest Service CA", "Irvine Police Department CA")
    assert pairs("CA", "2018-03-01", *names).empty
    assert pairs("CA", "2023-10-29", *names).empty
    after = pairs("CA", "2025-03-11", *names)
    assert list(after["name"]) == ["Phoenix Police Department", "US Forest Service"]
    assert set(after["law_id"]) == {"ca-ag-2023"}
    assert after["wording"].str.startswith("appears to conflict with the attorney general's reading").all()
    assert after["wording"].str.contains("contested in court").all()
    assert "ca-ag-2023" not in set(laws_in_force("2018-03-01", ["CA"])["law_id"])


@pytest.mark.parametrize("state", ["NC", "GA"])
def test_two_states_allow_federal_sharing(state):
    """No pair is barred, and the law's own words say that federal agencies may get data."""
    assert pairs(state, "2025-03-11", "Phoenix Police Department AZ", "US Forest Service GA").empty
    assert laws_in_force("2025-03-11", [state])["says"].str.contains("allows federal sharing").all()


def test_illinois_law_is_aimed_at_other_states():
    """A federal agency is not barred by it, another state's is unless it signed; none before 2024."""
    names = ("Phoenix Police Department AZ", "US Forest Service IL", "Chicago Police Department IL")
    found = pairs("IL", "2024-01-01", *names)
    assert list(found["name"]) == ["Phoenix Police Department"]
    assert found["wording"].iloc[0] == (
        "appears to conflict with 625 ILCS 5/2-130, unless the other agency gave a written declaration first"
    )
    assert pairs("IL", "2023-12-31", *names).empty


def test_the_senders_law_counts():
    """What an Illinois agency gives to Arizona is under Illinois' law, whoever's list it stands in."""
    given = pairs("AZ", "2025-03-11", "Chicago Police Department IL", direction="receives_from")
    assert list(given["law_state"]) == ["IL"]
    assert pairs("AZ", "2025-03-11", "Chicago Police Department IL").empty


def test_a_law_that_is_not_verified_is_marked():
    """Virginia's section was not read: no pair is certain, and the wording says why."""
    found = pairs("VA", "2026-01-01", "Phoenix Police Department AZ")
    assert list(found["counts"]) == ["maybe"]
    assert found["wording"].iloc[0].startswith("may conflict with Code of Virginia 2.2-5517")
    assert "not verified in full" in found["wording"].iloc[0]


def test_an_exception_is_no_conflict():
    """Connecticut's law lets three states in; Maryland's its fusion center."""
    near = pairs("CT", "2026-11-01", "Boston Police Department MA", "Phoenix Police Department AZ")
    assert list(near["name"]) == ["Phoenix Police Department"]
    inside = pairs("MD", "2025-03-11", "Maryland Coordination and Analysis Center MD", "Baltimore Police Department MD")
    assert "Baltimore Police Department" in set(inside["name"])
    assert not (inside["kind"] == "fusion_center").any()


def test_what_is_not_known_of_a_law_is_not_said():
    """No law of Idaho is shown, and no state is said to have none unless the search for one is on record."""
    laws = laws_in_force("2026-06-01")
    assert not {"ID", "MA", "NV"} & set(laws["state"])
    none = laws[laws["kind"] == "none_found"]
    assert set(none["state"]) == {"AZ", "NY", "TX"}
    assert none["says"].str.contains("was found").all()
    assert set(none["counts"]) == {"maybe"}
    assert (laws["law_url"] != "").all()


def test_the_laws_of_the_lists(partners):
    """In 2020 no law barred a pair of the Orange County sheriff's; in 2025 four are at odds with the reading."""
    assert law_pairs(partners("2020-02-06").assign(owner_state="CA")).empty
    now = law_pairs(partners("2025-03-11").assign(owner_state="CA"))
    assert sorted(now.loc[now["counts"] == "yes", "partner"]) == [
        "IRS Criminal Investigations",
        "Inactive Register Police Department",
        "Inactive United States Forest Service CA",
        "Norwalk Police Department",
    ]
