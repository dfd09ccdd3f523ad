"""What the words of a name say, before anything is looked up."""

from __future__ import annotations

import pytest

from kit.names import STATE_NAMES, read_name


@pytest.mark.parametrize(
    ("name", "place", "state"),
    [
        ("Caldwell Police Department (NJ)", "Caldwell", "NJ"),
        ("Antioch Police Department CA", "Antioch", "CA"),
        ("Arroyo Grande Police Department-CA", "Arroyo Grande", "CA"),
        ("Hollywood Police Department (Fl)", "Hollywood", "FL"),
        ("Jasper County Sheriff MO", "Jasper", "MO"),
        ("Jasper County Sheriffs Office MS", "Jasper", "MS"),
        ("Iberville Parish LA SO", "Iberville", "LA"),
        ("Jefferson CO TX SO", "Jefferson", "TX"),
        ("Rusk CO TX SO", "Rusk", "TX"),
        ("Lafayette Police Department (LA)", "Lafayette", "LA"),
        ("DHS - HSI (Newark NJ)", "Newark", "NJ"),
        ("Federal Way WA PD", "Federal Way", "WA"),
        ("Michigan City IN PD", "Michigan City", "IN"),
        ("Ontario CA PD", "Ontario", "CA"),
        ("Kansas City MO PD", "Kansas City", "MO"),
        ("HIDTA - Central Valley California", "HIDTA - Central Valley California", "CA"),
        ("LA Port Police", "LA Port", ""),
        ("Norwalk Police Department", "Norwalk", ""),
        ("Missouri City Police Department", "Missouri City", ""),
        ("Redwood City PD", "Redwood City", ""),
        ("Inactive Danville Police Department CA", "Danville", "CA"),
    ],
)
def test_place_and_state_are_read_off_the_name(name, place, state):
    """A state counts only where the name prints it as one."""
    said = read_name(name)
    assert (said.place, said.state) == (place, state)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("California Highway Patrol", "CA"),
        ("Arizona Department of Public Safety", "AZ"),
        ("New York State Office of the Attorney General", "NY"),
        ("Tennessee HLS District 7", "TN"),
    ],
)
def test_a_states_own_body_is_in_the_state(name, state):
    """A state spelled out is one where a body of the state follows."""
    said = read_name(name)
    assert (said.state, said.kind) == (state, "state_agency")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Exampleville Police Department", "municipal_police"),
        ("Reeve County Sherriffs Office", "county_sheriff"),
        ("Travis County SO", "county_sheriff"),
        ("Orange County District Attorney (CA)", "prosecutor"),
        ("Somerset County Prosecutors Office", "prosecutor"),
        ("21st Drug Task Force", "task_force"),
        ("HIDTA - Central Valley California", "task_force"),
        ("Joint Regional Intelligence Center (CA)", "fusion_center"),
        ("UC Irvine Police Department", "campus_police"),
        ("Bay Area Rapid Transit Police (CA)", "transit_airport_port"),
        ("Guadalupe County Constables", "constable_marshal"),
        ("San Bernardino County Fire Dept", "non_law_enforcement"),
        ("Grants Pass Department of Public Safety", "municipal_police"),
    ],
)
def test_kind_is_read_off_the_name(name, kind):
    """The most telling words decide."""
    assert read_name(name).kind == kind


def test_counties_are_told_from_cities():
    """`County of`, `County`, `CO` and `Parish` mean a county."""
    for name in ("County of San Mateo Sheriffs Office", "San Mateo County SO", "San Mateo CO CA SO"):
        said = read_name(name)
        assert (said.place, said.county) == ("San Mateo", True)
    assert not read_name("San Mateo Police Department").county


def test_pd_and_so_are_never_states():
    """Two letters of the trade are not a postal code."""
    assert not {"PD", "SO"} & STATE_NAMES.keys()
    assert read_name("Exampleville SO PD").state == ""


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("Federal Heights CO PD", [("Federal Heights", "CO", False), ("Federal Heights", "", True)]),
        ("El Paso CO SO", [("El Paso", "", True), ("El Paso", "CO", False)]),
        ("Rusk CO TX SO", [("Rusk", "TX", True)]),
        ("Yolo County SD", [("Yolo", "", True), ("Yolo", "SD", True)]),
        ("LA County CA Sheriff", [("LA", "CA", True), ("Los Angeles", "CA", True)]),
        ("GA State University PD", [("GA State University", "", False), ("State University", "GA", False)]),
        ("Port Washington PD", [("Port Washington", "", False), ("Port", "WA", False), ("Port Washington", "", False)]),
    ],
)
def test_a_name_with_two_meanings_has_a_reading_for_each(name, readings):
    """What the words allow is given, the likelier first; the map decides between them."""
    assert [(one.place, one.state, one.county) for one in read_name(name).readings] == readings


@pytest.mark.parametrize(
    ("name", "place", "state"),
    [
        ("(Dead/Old) Plymouth IN PD", "Plymouth", "IN"),
        ("Bristol RI PD (Do Not Use)", "Bristol", "RI"),
        ("Polk County FL SO - Flex", "Polk", "FL"),
        ("Hermitage PA PD 2", "Hermitage", "PA"),
        ("Chicopee MA PD error", "Chicopee", "MA"),
        ("Crestview Fl PD", "Crestview", "FL"),
        ("Pasco PD - WA", "Pasco", "WA"),
        ("CO - Craig PD", "Craig", "CO"),
        ("Cleveland OH Division of Police", "Cleveland", "OH"),
        ("Guadalupe County Constable TX Pct 3", "Guadalupe", "TX"),
        ("Great Parks of Hamilton County OH PD", "Hamilton", "OH"),
        ("Hartland Wisconsin WI PD", "Hartland", "WI"),
        ("CITY OF PERRIS CA - RCSD", "PERRIS", "CA"),
    ],
)
def test_remarks_on_an_account_are_no_part_of_its_name(name, place, state):
    """What a list adds about the state of use, a device or a second account is left out."""
    said = read_name(name)
    assert (said.place, said.state) == (place, state)


def test_a_county_in_parentheses_is_kept():
    """A township's county stands beside it, with CO for county."""
    said = read_name("Madison TWP (Franklin CO) OH PD")
    assert (said.place, said.state, said.within) == ("Madison TWP", "OH", "Franklin")


@pytest.mark.parametrize("name", ["Marshall PD", "Office of Police Justice Service", "Exampleville PD"])
def test_a_word_of_the_trade_is_not_found_inside_another(name):
    """Marshall is a town, not a marshal; ice stands in Police, Office, Justice and Service."""
    assert read_name(name).kind == "municipal_police"
