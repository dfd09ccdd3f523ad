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
