"""Names become agencies in places, or say why not; a guess never becomes a fact."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.agencies import AGENCY_COLUMNS, complete, may_be_in, resolve, resolve_name
from kit.errors import DataError, ParameterError
from kit.records import Record, Row

# Where the agencies of Orange County's lists are: 116 and 146 in California, counted by hand.
TRUTH = {"2020-02-06": 116, "2025-03-11": 146}
NAMES_ALONE = {"2020-02-06": (108, 119), "2025-03-11": (139, 147)}


@pytest.mark.parametrize("date", TRUTH)
def test_the_count_in_california_holds_the_truth(shared, date):
    """The range holds the count by hand and is no wider than names alone would give."""
    listed = shared[shared["date"] == date]
    low = int(((listed["status"] == "certain") & (listed["state"] == "CA")).sum())
    high = low + int(may_be_in(listed, "CA").sum())
    assert NAMES_ALONE[date][0] <= low <= TRUTH[date] <= high <= NAMES_ALONE[date][1]


def test_four_units_are_national(shared):
    """ATF's national account, CBP's targeting center, the DEA and the FBI belong to no state."""
    national = shared[(shared["date"] == "2020-02-06") & (shared["state"] == "US")]
    assert sorted(national["partner"]) == [
        "ATF National Account",
        "CBP - NTC",
        "Drug Enforcement Agency (NATL)",
        "Federal Bureau of Investigation",
    ]


def test_four_parts_of_homeland_security_are_found_by_words(shared):
    """CBP, two HSI offices and a Border Patrol sector in 2020; none in 2025, and no Police among them."""
    dhs = shared[shared["group"].isin(["immigration_enforcement", "other_dhs"])]
    assert sorted(dhs["partner"]) == [
        "CBP - NTC",
        "DHS - HSI (Newark NJ)",
        "DHS - HSI - New Orleans",
        "San Diego Sector Border Patrol (CA)",
    ]
    assert set(dhs["date"]) == {"2020-02-06"}
    assert dict(zip(dhs["partner"], dhs["state"], strict=True)) == {
        "CBP - NTC": "US",
        "DHS - HSI (Newark NJ)": "NJ",
        "DHS - HSI - New Orleans": "LA",
        "San Diego Sector Border Patrol (CA)": "CA",
    }


@pytest.mark.parametrize("name", ["Police", "Office", "Justice Department", "Exampleville Police Service"])
def test_ice_is_never_found_inside_a_word(name):
    """The letters ice sit in Police, Office, Justice and Service."""
    assert resolve_name(name).group == ""


def test_ice_itself_is_found(rows):
    """In 2020 the sheriff received data from an account called ICE."""
    ice = rows[rows["partner"] == "ICE"]
    assert list(ice["direction"]) == ["receives_from"]
    assert set(ice["group"]) == {"immigration_enforcement"}


@pytest.mark.parametrize(
    ("name", "state", "status"),
    [
        ("Norwalk Police Department", "CT", "certain"),
        ("Villa Park Police Department", "IL", "certain"),
        ("Orange County Sheriff", "CA", "certain"),
        ("Register Police Department", "GA", "certain"),
        ("LA Port Police", "CA", "certain"),
        ("Jefferson CO TX SO", "TX", "certain"),
        ("Athens-Clarke Police Department", "GA", "certain"),
        ("West Baton Rouge", "LA", "certain"),
        ("United States Forest Service CA", "CA", "certain"),
        ("Irvine Police Department", "CA", "certain"),
        ("Brentwood Police Department", "", "ambiguous"),
        ("Union City Police Department", "", "ambiguous"),
        ("Carroll County Sheriffs Office", "", "ambiguous"),
        ("Reeve County Sherriffs Office", "", "ambiguous"),
        ("21st Drug Task Force", "", "unresolved"),
    ],
)
def test_names_of_the_2020_list(shared, name, state, status):
    """What the record, its owner's other list, the name or the map decides, and what they do not."""
    found = shared[(shared["date"] == "2020-02-06") & (shared["partner"] == name)].iloc[0]
    assert (found["state"], found["status"]) == (state, status), found["basis"]


def test_no_name_of_the_lists_is_put_in_a_wrong_state(rows):
    """Irvine's answer A2 prints a state beside names of the same system; none contradicts a certain one."""
    printed = pd.read_csv("tests/irvine_states.csv", keep_default_na=False)
    told = dict(zip(printed["name"], printed["states"].str.split(";"), strict=True))
    seen = rows[rows["data"] == "detections"].drop_duplicates("partner")
    seen = seen.assign(states=[told.get(name) for name in seen["partner"]]).dropna(subset=["states"])
    certain = seen[seen["status"] == "certain"]
    assert len(certain) >= 8
    wrong = [row.partner for row in certain.itertuples() if row.state not in row.states]
    assert not wrong
    open_names = seen[seen["candidates"].str.contains(";")]
    out = [row.partner for row in open_names.itertuples() if not set(row.states) & set(row.candidates.split(";"))]
    assert not out


@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("Fort Eustis VA US Army", "federal", "VA"),
        ("Langley VA US Air Force", "federal", "VA"),
        ("Roudebush Medical Center Veterans Affairs IN PD", "federal", "IN"),
        ("USMS (Inactive)", "federal", "US"),
        ("Federal Way WA PD", "municipal_police", "WA"),
        ("Birmingham MI PD", "municipal_police", "MI"),
        ("18th Judicial District DA's Office- LA PD", "prosecutor", "LA"),
        ("LA County CA Sheriff", "county_sheriff", "CA"),
        ("Richland Township (Bucks CO) PA PD", "municipal_police", "PA"),
        ("Wagoner CO SO OK", "county_sheriff", "OK"),
        ("Indiana State Police IN PD", "state_agency", "IN"),
    ],
)
def test_names_that_a_careless_parser_gets_wrong(name, kind, state):
    """VA is Virginia, CO is County, LA is Louisiana or Los Angeles, and Federal Way is a city."""
    found = resolve_name(name)
    assert (found.kind, found.state, found.status) == (kind, state, "certain"), found.basis


@pytest.mark.parametrize(
    "name", ["Test Demo 1234", "Axon", "Chagrin Valley Dispatch", "Miami Dade (Duplicate don't use)"]
)
def test_what_is_no_agency_with_a_place_is_left_open(name):
    """A vendor, a test account, a name without a state are never put anywhere."""
    assert resolve_name(name).status == "unresolved"


def test_one_row_out_a_row_in():
    """The order, the columns and odd rows are kept; nothing is dropped."""
    names = pd.DataFrame({"name": ["Exampleville Police Department", "", "=1+1", "Norwalk Police Department"]})
    table = resolve(names)
    assert list(table["name"]) == list(names["name"])
    assert tuple(table.columns) == AGENCY_COLUMNS
    assert list(table["status"]) == ["unresolved", "unresolved", "unresolved", "ambiguous"]
    assert all(table["basis"])


def test_the_records_own_city_and_state_decide():
    """Norwalk is where the record says that it is."""
    names = pd.DataFrame({"name": ["Norwalk Police Department"], "city": ["Norwalk"], "state": ["CT"]})
    found = resolve(names).iloc[0]
    assert (found["state"], found["status"], found["county"]) == ("CT", "certain", "Fairfield County")


def test_a_table_without_names_is_refused():
    """The column that is missing is named."""
    with pytest.raises(DataError, match="no column name"):
        resolve(pd.DataFrame({"agency": ["x"]}))


def test_what_a_record_does_not_say_is_asked_for_in_one_message():
    """Eight states have an Orange County; a table of names bears neither owner nor date."""
    rows = (Row("Exampletown PD", "shares_with", "detections", "p1"),)
    said = Record("vigilant", "vigilant", "Orange County Sheriffs Department", "2025-03-11", "A report", 1, "", rows)
    silent = Record("table", "unknown", "", "", "A table", 1, "", rows)
    with pytest.raises(ParameterError, match="in which state its owner is") as error:
        complete(said)
    assert str(error.value).splitlines()[2] == "Say it, for example: --state CA"
    with pytest.raises(ParameterError, match="whose it is, its date and in which state its owner is"):
        complete(silent)
    with pytest.raises(ParameterError, match="is not a date"):
        complete(silent, date="11/3/2025")
    whole, state = complete(silent, owner="Register Police Department", date="2025-03-11")
    assert (whole.list_id, state) == ("register-2025-03-11-table", "GA")
    assert complete(said, owner="Somebody Else", state="California")[0].owner == "Orange County Sheriffs Department"
