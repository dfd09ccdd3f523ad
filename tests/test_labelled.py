"""Names that people labeled: their states, their kinds, the traps, and what stays open.

`tests/labelled` holds names with their source (`seen_in`: a list of the kit, or The News & Observer's roster of
April 2024). `states.csv` is names whose record prints the state or has a table with it, the state cut off;
`kinds.csv` is names out of the ordinary and a sample of the others, their kinds read by hand; `traps.csv` is names
that a careless parser gets wrong; `misses.csv` is city police and sheriffs of the roster without a county.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from kit import agencies, bodies
from kit.agencies import resolve, resolve_name
from kit.names import STATE_NAMES
from kit.sharing import DATA

LABELLED = Path(__file__).parent / "labelled"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
GIVEN = {"certain", "likely"}


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(LABELLED / f"{name}.csv", dtype=str, keep_default_na=False)


def beside(*path: str) -> pd.DataFrame:
    """Read a table that is kept beside the repository, not in it."""
    file = SHARED.joinpath(*path)
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def right(found: pd.DataFrame, states: pd.Series) -> pd.Series:
    """Tell of each resolved name whether it is given the one state that its label has."""
    return pd.Series(
        [state == label for state, label in zip(found["state"], states, strict=True)], index=found.index, dtype=bool
    )


@pytest.mark.parametrize("row", table("traps").to_dict("records"), ids=lambda row: row["name"])
def test_a_trap_comes_out_right_or_for_a_ruling(row):
    """Each of the names has the kind and state that it means, or is left open."""
    found = resolve_name(row["name"])
    assert (found.kind, found.state, found.status) == (row["kind"], row["state"], row["status"]), found.basis


def test_kinds_of_names_out_of_the_ordinary():
    """97% of the kinds are as a reader of the names has them; most names of lists are plainer than these."""
    labels = table("kinds")
    wrong = labels[labels["kind"] != resolve(labels)["kind"]]
    assert len(wrong) <= 0.03 * len(labels), wrong.to_string()


def test_of_the_states_given_without_a_printed_one_hardly_any_is_wrong():
    """At least 99.5% of the certain and likely are right; a name of agencies in several states is never certain."""
    labels = table("states")
    found = resolve(labels)
    given = found["status"].isin(GIVEN)
    several = labels["states"].str.contains(";")
    assert not (several & (found["status"] == "certain")).any()
    wrong = labels[given & ~right(found, labels["states"])]
    assert len(wrong) <= 0.005 * given.sum(), wrong.to_string()
    assert given.sum() >= 600


@pytest.mark.parametrize("form", ["{name} ({code})", "{name} {code}", "{name}-{code}", "{name} ({small})"])
def test_a_state_is_read_however_a_name_prints_it(form):
    """In brackets, at the end, after a hyphen, in small letters: at least 97% are given, none in another state."""
    labels = table("states")
    labels = labels[~labels["states"].str.contains(";")]
    names = [
        form.format(name=name, code=code, small=code.title())
        for name, code in zip(labels["name"], labels["states"], strict=True)
    ]
    found = resolve(pd.DataFrame({"name": names}, index=labels.index))
    given = found["status"].isin(GIVEN)
    assert given.mean() >= 0.97
    wrong = found[given & ~right(found, labels["states"])]
    assert len(wrong) <= 0.005 * len(labels), wrong[["name", "state", "basis"]].to_string()


def printed_codes(name: str) -> set[str]:
    return {code for code in re.findall(r"(?<![A-Za-z])[A-Z]{2}(?![A-Za-z])", name) if code in STATE_NAMES}


def test_the_roster_of_the_news_and_observer_is_placed():
    """96.5% of the city police and 99% of the sheriffs have a county, and every miss is known, with its reason."""
    names = beside("newsobserver", "agency20240426.csv")[["name"]].drop_duplicates()
    found = resolve(names)
    for kind, share in (("municipal_police", 0.965), ("county_sheriff", 0.99)):
        its = found[found["kind"] == kind]
        assert (its["county"] != "").mean() >= share
    missed = found[found["kind"].isin(["municipal_police", "county_sheriff"]) & (found["county"] == "")]
    assert set(missed["name"]) <= set(table("misses")["name"])
    assert missed["basis"].str.contains("no place|no county|places there are named|states have|junk|marked").all()


def test_no_agency_of_the_roster_is_outside_the_state_that_its_name_prints():
    """A code in capitals that is a state is the one given, or one of those that are."""
    found = resolve(beside("newsobserver", "agency20240426.csv")[["name"]].drop_duplicates())
    placed = found[found["state"].isin(STATE_NAMES)]
    # "NOT IN USE" has no Indiana in it.
    words = placed["name"].str.replace("NOT IN USE", "", regex=False)
    outside = [
        (name, state)
        for name, state in zip(words, placed["state"], strict=True)
        if (codes := printed_codes(name)) and state not in codes
    ]
    assert not outside


@pytest.fixture(scope="module")
def fbi() -> dict[str, set[str]]:
    """Give the FBI's city police and sheriffs as lists write them, without a state: the states of each name."""
    listed = beside("registry", "fbi_agencies_2018.csv")
    states: dict[str, set[str]] = defaultdict(set)
    for name, what, state in zip(listed["agency_name"], listed["agency_type_name"], listed["state_abbr"], strict=True):
        bare = " ".join(name.split()).removesuffix(" Police Department")
        if what == "City":
            states[f"{bare} Police Department"].add(state)
            states[f"{bare} PD"].add(state)
        elif what == "County" and "Sheriff" in name:
            county = re.sub(r"( County| Parish)? Sheriff's (Office|Department)$", "", bare)
            states[f"{county} County Sheriffs Office"].add(state)
    return states


def test_what_is_certain_without_a_state_is_right(fbi):
    """Of the FBI's names without their states, at least 99.5% of the certain and of all that are given are right."""
    found = resolve(pd.DataFrame({"name": list(fbi)}))
    one = pd.Series(["".join(states) if len(states) == 1 else "several" for states in fbi.values()])
    for given in (found["status"] == "certain", found["status"].isin(GIVEN)):
        police = given & ~found["name"].str.endswith("Sheriffs Office")
        for these in (police, given & ~police):
            wrong = found[these & ~right(found, one)]
            assert len(wrong) <= 0.005 * these.sum(), wrong[["name", "state", "basis"]].to_string()
    assert (found["status"] == "certain").mean() > 0.4


def test_a_name_of_agencies_in_several_states_is_never_certain(fbi):
    """However a name is written, police or a sheriff that the FBI has in two states are left to a ruling or to odds."""
    several = [name for name, states in fbi.items() if len(states) > 1]
    forms = [*several, *(f"City of {name}" for name in several if name.endswith(" PD"))]
    forms += [name.replace(" Sheriffs Office", word) for name in several for word in (" SO", " DA", " PD")]
    found = resolve(pd.DataFrame({"name": sorted(set(forms))}))
    certain = found[found["status"] == "certain"]
    assert len(found) > 2500
    assert certain.empty, certain[["name", "state", "basis"]].to_string()


def test_institutions_are_in_the_states_of_the_list():
    """Universities, tribes, schools and airports without their state: none is certain, all given are right."""
    listed = pd.read_csv(DATA / "agencies" / "institutions.csv", dtype=str, keep_default_na=False)
    tribe = (listed["kind"] == "tribal").map({True: " Tribal Police", False: " Police"})
    found = resolve(pd.DataFrame({"name": listed["name"] + tribe}))
    given = found["status"].isin(GIVEN)
    assert given.mean() >= 0.9
    outside = [state not in states for state, states in zip(found["state"], listed["states"], strict=True)]
    wrong = given & pd.Series(outside, index=found.index)
    assert wrong.sum() <= 0.005 * given.sum(), found[wrong][["name", "state", "basis"]].to_string()


def test_likely_says_the_odds_and_the_runner_up():
    """Sacramento is likely in California, and the basis says by how much and over which."""
    found = resolve_name("Sacramento Police Department")
    assert (found.state, found.status) == ("CA", "likely")
    assert re.search(r"[\d,]+ residents, \d+ times as many as the next place of that name, in \w+", found.basis)


@pytest.mark.parametrize("name", ["Dallas Police Department", "Kansas City PD", "Springfield Police Department"])
def test_a_name_that_several_states_share_stays_open(name):
    """Dallas in Texas is not 500 times the next Dallas."""
    found = resolve_name(name)
    assert (found.state, found.status) == ("", "ambiguous")
    assert len(found.candidates) > 1


@pytest.mark.parametrize(
    ("name", "state", "status"),
    [
        ("El Paso CO SO", "", "ambiguous"),
        ("Arapahoe CO SO", "CO", "certain"),
        ("Arvada CO PD", "CO", "certain"),
        ("Baltimore CO PD", "MD", "certain"),
        ("Town of Lyons CO", "CO", "certain"),
        ("SC - Sumter CO Sheriff's Office", "SC", "certain"),
        ("Brookings SD PD", "SD", "certain"),
        ("Yolo County SD", "CA", "certain"),
        ("Minnehaha County SD SO", "SD", "certain"),
        ("La Habra PD", "CA", "certain"),
        ("LA - Greenwood PD", "LA", "certain"),
        ("Kansas City Kansas Police Department", "KS", "certain"),
        ("Port Washington Police Department", "", "ambiguous"),
        ("Springfield, Illinois Police Department", "IL", "certain"),
        ("CLACKAMAS COUNTY SHERIFFS OFFICE (GA)", "", "ambiguous"),
    ],
)
def test_letters_with_two_meanings_are_settled_by_the_map(name, state, status):
    """CO, SD and LA are a state, a county, a sheriff's department or Los Angeles as places support it."""
    found = resolve_name(name)
    assert (found.state, found.status) == (state, status), found.basis


def test_a_township_that_only_finds_a_like_named_place_is_likely():
    """Hartford Township is not the city of Hartford; the village of Sag Harbor is Sag Harbor."""
    found = resolve_name("Hartford Township WI PD")
    assert (found.state, found.status) == ("WI", "likely")
    found = resolve_name("Sag Harbor Village NY PD")
    assert (found.state, found.status, found.place) == ("NY", "certain", "Sag Harbor")


def test_a_wrong_name_of_the_border_patrol_is_left_for_a_ruling():
    """Border Control counts nowhere as certain; what it may mean and where is said."""
    found = resolve_name("United States Border Control - Grand Forks Sector MN")
    assert (found.group, found.status) == ("immigration_enforcement", "ambiguous")
    assert found.candidates == ("MN", "ND")
    assert "U.S. Border Patrol" in found.basis


@pytest.mark.parametrize("name", ["NCRIC", "ICE ERO Atlanta", "San Diego Sector Border Patrol", "MOCIC", "MIAC"])
def test_a_unit_known_by_name_alone_is_never_certain(name):
    """What the tables of units say of places serves to match names."""
    assert resolve_name(name).status in {"likely", "ambiguous"}


def test_two_accounts_of_one_agency_stay_two(rows):
    """Nothing is merged without a ruling."""
    listed = rows[rows["partner"].str.startswith("Union City Police Department")]
    assert listed["partner"].nunique() == 2


def test_a_register_opens_and_leans_but_never_makes_certain(tmp_path, monkeypatch):
    """An agency in another state opens a certain name; the only one of its name makes an open one likely."""
    lines = ("agency_name,state_abbr", "Norwalk Police Department,OH", "Grants Pass Police Department,CA", "")
    (tmp_path / "agencies").symlink_to((DATA / "agencies").resolve())
    (tmp_path / "cache" / "fbi-agencies").mkdir(parents=True)
    (tmp_path / "cache" / "fbi-agencies" / "agencies.csv").write_text("\n".join(lines), encoding="utf-8")
    assert resolve_name("Grants Pass Police Department").status == "certain"
    monkeypatch.setattr(bodies, "DATA", tmp_path)
    agencies.forget()
    try:
        leaning = resolve_name("Norwalk Police Department")
        assert (leaning.state, leaning.status) == ("OH", "likely")
        assert "FBI" in leaning.basis
        opened = resolve_name("Grants Pass Police Department")
        assert (opened.status, opened.candidates) == ("ambiguous", ("CA", "OR"))
    finally:
        monkeypatch.undo()
        agencies.forget()


def test_the_owners_neighborhood_is_a_hint_and_no_decision(shared):
    """An open name that may be in the state of the list's owner says so, and stays open."""
    found = shared[(shared["partner"] == "Folsom Police Department")].iloc[0]
    assert (found["state"], found["status"]) == ("", "ambiguous")
    assert found["basis"].endswith("; the owner of the list is in California, which settles nothing")
