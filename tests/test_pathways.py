"""Who can reach whose data: one-way sharing, bridges, ways, reach; counts by a second method, and by eye."""

from __future__ import annotations

import re

import pytest

from kit.agencies import resolve_lists
from kit.errors import ParameterError
from kit.networks import GRADES, members_at, network_named
from kit.pathways import bridges, one_way, plates_at, reach, ways
from kit.places import places_named
from kit.records import read_record
from kit.sharing import DATA, read_table
from tests.made_lists import EXAMPLEVILLE, a_list, held, pairs_of_the_news_observer
from tests.records.reports import Report

OC_2020 = "orange-county-sheriff-2020-02-06-vigilant"
OC_2025 = "orange-county-sheriff-2025-03-11-vigilant"
OC_FLOCK = "orange-county-sheriff-2025-12-30-flock-networks"
IRVINE = "irvine-2025-02-11-a1-a4"
SHERIFF = "Orange County Sheriffs Department"
CALIFORNIA_PORTAL = re.compile(r"\bCA\b")


@pytest.fixture(scope="module")
def newsobserver(record_file):
    """Give the News & Observer's pairs of April 2024 as a list, with its resolved rows."""
    one = pairs_of_the_news_observer(record_file)
    return one, resolve_lists([one])


# --- one way ---------------------------------------------------------------------------------


def names(rows, list_id, direction):
    part = rows[(rows["list_id"] == list_id) & (rows["direction"] == direction) & (rows["data"] != "hotlist")]
    return {re.sub(r"^inactive ", "", name.casefold()) for name in part["partner"]}


@pytest.mark.parametrize(
    ("list_id", "counts"),
    [(OC_2020, (295, 311, 13, 29)), (OC_2025, (149, 138, 46, 35)), (OC_FLOCK, (308, 330, 61, 83))],
)
def test_one_way_sets_are_those_of_the_names(rows, list_id, counts):
    """Sets of names without the word Inactive give the same agencies: 282, 103 and 247 stand on both sides."""
    to, back = names(rows, list_id, "shares_with"), names(rows, list_id, "receives_from")
    found = one_way(rows[rows["list_id"] == list_id])
    only = {way: names(part, list_id, part["direction"].iloc[0]) for way, part in found.groupby("one_way")}
    assert only == {"receives only": to - back, "sends only": back - to}
    assert found["sure"].all()
    assert (len(to), len(back), *map(len, only.values())) == counts


def test_the_receive_only_agencies_of_2020_by_eye(rows):
    """The 13 names that stand on pages 1 to 6 of the report and not on pages 7 to 12."""
    found = one_way(rows[rows["list_id"] == OC_2020])
    assert set(found[found["one_way"] == "receives only"]["partner"]) == {
        "Atlanta Police Department",
        "Atwater Police Department",
        "City of Vidor",
        "Claremont Police Department (CA)",
        "College Park Police Department",
        "DHS - HSI (Newark NJ)",
        "Federal Bureau of Investigation",
        "Georgia State Patrol",
        "Miami Police Department",
        "Monroe County Sheriffs Office",
        "Register Police Department",
        "San Diego Police Department",
        "Union City Police Department",
    }


def test_irvine_names_of_two_vendors_make_a_range(rows):
    """Read as California's, as all of list A1 are, the names without a vendor's spelling lie inside the range."""

    def plain(name):
        name = re.sub(r"[\s(-]+CA\)?(?=\s|$)", "", name.upper()).strip()
        name = re.sub(r"\bPOLICE (DEPARTMENT|DEPT)\b", "PD", name)
        return re.sub(r"\bSHERIFF'?S? (OFFICE|DEPARTMENT)\b", "SO", name)

    part = rows[(rows["list_id"] == IRVINE) & (rows["data"] == "detections")]
    to, back = (set(part[part["direction"] == way]["partner"].map(plain)) for way in ("shares_with", "receives_from"))
    found = one_way(part)
    only = found[found["one_way"] == "receives only"]
    assert only["sure"].sum() <= len(to - back) <= len(only)
    assert len(only) - only["sure"].sum() <= 8


def test_a_name_with_a_state_may_be_the_one_without(rows):
    """Bell PD may be Bell PD (CA) and is not Bell PD (TX): one sure, one open; markers do not part an account."""
    shares = ["Springfield Police Department", "Exampleville PD", "Inactive Norwalk Police Department (CT)"]
    receives = ["Springfield Police Department (IL)", "Norwalk Police Department (CT)", "Anaheim Police Department"]
    found = one_way(resolve_lists([a_list(shares, receives)]))
    assert found.set_index("partner")["sure"].to_dict() == {
        "Springfield Police Department": False,
        "Exampleville PD": True,
        "Springfield Police Department (IL)": False,
        "Anaheim Police Department": True,
    }
    assert not one_way(rows[rows["list_id"].str.contains("portal")]).size


def test_a_synthetic_report_of_379_and_752(tmp_path):
    """752 shared and 379 received are counted exactly, and at least 373 receive and do not send."""
    shared = [f"Exampleville {number} Police Department" for number in range(752)]
    received = [f"{name} (CA)" if number % 9 == 0 else name for number, name in enumerate(shared[200:579])]
    report = Report()
    for section, listed in (("shared", shared), ("received", received)):
        for first in range(0, len(listed), 40):
            page = report.page()
            page = getattr(page, section)() if first == 0 else page
            page.columns(listed[at : at + 2] for at in range(first, min(first + 40, len(listed)), 2))
    record = read_record(report.save(tmp_path / "synthetic.pdf"))
    assert {way: count for (way, data), count in record.counts().items() if data == "detections"} == {
        "shares_with": 752,
        "receives_from": 379,
    }
    one = held(record.table(), list_id=record.list_id, owner=record.owner, owner_state="CA")
    only = one_way(resolve_lists([one]))
    only = only[only["one_way"] == "receives only"]
    assert 373 <= only["sure"].sum() <= len(only) <= 752 - 379 + 43
    assert only["sure"].sum() == 752 - 379
    assert len(only) == 752 - 379 + 43


# --- bridges ---------------------------------------------------------------------------------


def test_the_bridges_of_the_lists_by_eye(rows):
    """The centers, HIDTAs and networks that each record names, as its pages have them; CBP is no bridge to itself."""
    found = bridges(rows[rows["direction"] == "shares_with"])
    by_list = found.groupby(found["row_id"].str.rpartition(":")[0])["partner"].agg(lambda part: sorted(set(part)))
    assert by_list.to_dict() == {
        OC_2020: ["HIDTA - Central Valley California"],
        OC_2025: ["Inactive HIDTA - Central Valley California", "Joint Regional Intelligence Center (CA)"],
        OC_FLOCK: ["NCRIC"],
        IRVINE: ["LOS ANGELES CLEAR (CA)", "NORTHERN CALIFORNIA REGIONAL INTELLIGENCE CENTER (CA)"],
        "buena-park-ca-2026-01-25-flock-portal": ["NCRIC"],
        "costa-mesa-ca-2026-01-25-flock-portal": ["NCRIC"],
    }
    assert "CBP - NTC" not in set(found["partner"])


def test_jric_and_la_clear_are_one_door(rows):
    """The two names on Irvine's list lead to the same users and are counted once."""
    found = bridges(rows[rows["list_id"] == IRVINE])
    door = found[found["network"].isin(["JRIC", "LA CLEAR"])]
    assert set(door["network"]) == {"JRIC", "LA CLEAR"}
    assert set(door["door"]) == {"JRIC-LA CLEAR"}
    assert "Federal Bureau of Investigation" in set(door["user"])


def test_arjis_is_access_by_contract_and_ends_for_ice_in_june_2025():
    """Border Patrol since 2006, ICE to June 2025, all by contract; nobody from immigration enforcement is a member."""
    users = {
        day: {one.agency: one for one in members_at(day, "ARJIS")} for day in ("2024-06-01", "2025-06-30", "2025-07-01")
    }
    ice = "U.S. Immigration and Customs Enforcement"
    assert ice in users["2024-06-01"]
    assert ice in users["2025-06-30"]
    assert ice not in users["2025-07-01"]
    federal = [one for one in users["2024-06-01"].values() if one.group]
    assert {one.grade for one in federal} == {"contract"}
    assert not [one for one in federal if "member" in one.how]
    assert users["2025-07-01"]["U.S. Customs and Border Protection"].holds
    assert users["2024-06-01"]["U.S. Border Patrol"].shown == "last shown"
    assert not [one for one in members_at("2005-12-31", "ARJIS") if one.group]


def test_a_network_is_known_by_its_whole_name():
    """NCRIC with a state behind it is NCRIC; Clear Lake Shores is no LA CLEAR; a center of Texas is another."""
    found = {name: network_named(name) for name in ("NCRIC (CA)", "TN ROCIC", "LOS ANGELES CLEAR (CA)")}
    assert [one and one.network for one in found.values()] == ["NCRIC", "ROCIC", "LA CLEAR"]
    for name in ("CLEAR LAKE SHORES (TX)", "Joint Regional Intelligence Center (TX)", "Victoria Police Department"):
        assert network_named(name) is None


def test_what_is_not_verified_is_never_sure():
    """A member of a row that is not `yes`, or not shown at the date, does not hold; each has a source and a grade."""
    table = read_table(DATA / "bridges" / "members.csv")
    assert (table["source_url"] != "").all()
    assert set(table["grade"]) <= set(GRADES)
    assert set(table["network"]) <= set(read_table(DATA / "bridges" / "networks.csv")["network"])
    unsure = [one for one in members_at("2020-02-06") if one.verified != "yes" or one.shown != "shown"]
    assert unsure
    assert not any(one.holds for one in unsure)


# --- ways ------------------------------------------------------------------------------------


def test_the_four_direct_ways_of_2020_are_gone_in_2025(rows, lists):
    """The sheriff's 2020 list gives four parts of DHS a way to its data; its lists of 2025 show none."""
    found = ways(rows, lists, SHERIFF, "2020-02-06", max_hops=1)
    assert set(found["end"]) == {
        "CBP - NTC",
        "DHS - HSI (Newark NJ)",
        "DHS - HSI - New Orleans",
        "San Diego Sector Border Patrol (CA)",
    }
    assert set(found["kind"]) == {"direct"}
    assert found["sure"].all()
    assert all(len(ids) == 1 for ids in found["row_ids"])
    assert ways(rows, lists, SHERIFF, "2025-03-11").empty
    assert ways(rows, lists, SHERIFF).empty


def test_a_city_reaches_what_its_sheriff_reaches_by_relay(rows, lists):
    """Costa Mesa's police gave to the sheriff in 2020, whose own data went to CBP: two rows, nothing passed on."""
    found = ways(rows, lists, places_named("Costa Mesa", "CA")[0], "2020-12-31")
    relay = found[(found["start"] == "Costa Mesa Police Department") & (found["kind"] == "relay")]
    assert set(relay["via"]) == {SHERIFF}
    assert len(relay) == 4
    known = set(rows["row_id"])
    assert all(len(ids) == 2 and set(ids) <= known for ids in relay["row_ids"])
    assert relay["words"].str.contains("No list shows").all()


def test_a_way_over_arjis_is_graded_by_its_weakest_hop():
    """A row, then a contract: the way is by contract, and each user is one of that date."""
    one = a_list(["ARJIS (CA)", "Anaheim CA PD"])
    found = ways(resolve_lists([one]), [one], EXAMPLEVILLE)
    bridge = found[found["kind"] == "bridge"].set_index("end")
    assert set(bridge.index) == {
        "U.S. Border Patrol",
        "U.S. Customs and Border Protection",
        "U.S. Immigration and Customs Enforcement",
    }
    assert set(bridge["grade"]) == {"contract"}
    assert bridge["sure"].to_dict()["U.S. Customs and Border Protection"]
    assert bridge["words"].str.contains("can reach").all()
    assert not bridge["words"].str.contains("member").any()


def test_every_agency_of_san_diego_county_has_its_data_in_arjis():
    """A city of that county has the way with no list at all, graded press; a city of another county has not."""
    one = a_list(["Chula Vista CA PD"])
    rows = resolve_lists([one])
    found = ways(rows, [one], places_named("Chula Vista", "CA")[0])
    assert set(found["via"]) == {"ARJIS"}
    assert set(found["grade"]) == {"press"}
    assert ways(rows, [one], places_named("Anaheim", "CA")[0]).empty


def test_a_pool_is_a_pool(rows, lists):
    """What ICE could search by contract to September 2020 is said to be a pool, assumed, and never sure."""
    found = ways(rows, lists, SHERIFF, "2020-02-06")
    pool = found[found["kind"] == "pool"]
    assert list(pool["via"]) == ["Vigilant pool"]
    assert set(pool["grade"]) == {"assumed"}
    assert not pool["sure"].any()
    assert all(not ids for ids in pool["row_ids"])
    assert pool["words"].str.contains("no list says whether").all()
    assert "pool" not in set(ways(rows, lists, SHERIFF, "2021-01-01")["kind"])


def test_an_inactive_account_makes_a_way_unsure():
    """A direct way over an account that the list marks inactive is shown and not sure."""
    one = a_list(["San Diego Sector Border Patrol (CA)"])
    one.rows["flags"] = "inactive"
    found = ways(resolve_lists([one]), [one], EXAMPLEVILLE, max_hops=1)
    assert list(found["sure"]) == [False]
    assert "inactive" in found["note"].iloc[0]


def test_ways_of_three_hops_are_refused(rows, lists):
    """One or two hops are known; three is an error that says so."""
    with pytest.raises(ParameterError):
        ways(rows, lists, SHERIFF, max_hops=3)


def test_the_newest_list_of_each_system_counts(rows):
    """At the end of 2020 the sheriff's one list; today its Vigilant list of March and its Flock list of December."""
    own = rows[rows["owner"] == SHERIFF]
    assert set(plates_at(own, "2020-12-31")["list_id"]) == {OC_2020}
    assert set(plates_at(own)["list_id"]) == {OC_2025, OC_FLOCK}
    assert "hotlist" not in set(plates_at(rows)["data"])


# --- reach -----------------------------------------------------------------------------------


def test_ncric_is_given_data_in_four_lists(rows, lists):
    """Irvine (under its full name), the sheriff's Flock export and both portals."""
    found = reach(rows, lists, "NCRIC")
    assert set(found["giver"]) == {"Irvine Police Department", SHERIFF, "Buena Park CA PD", "Costa Mesa CA PD"}


def test_the_reach_of_accounts_in_the_news_observers_pairs(newsobserver):
    """Counted by csv alone: NCRIC on 53 of California's 73 portals, the Postal Inspection Service on 110 of all."""
    one, rows = newsobserver
    pairs = {(row["owner"], row["partner"]) for _, row in rows[["owner", "partner"]].iterrows()}
    portals = {owner for owner, _ in pairs if CALIFORNIA_PORTAL.search(owner)}
    plain = {owner for owner, partner in pairs if partner == "NCRIC"}
    assert len(portals) == 73
    ncric = reach(rows, [one], "NCRIC")
    assert set(ncric["giver"]) == plain
    assert len(set(ncric["giver"]) & portals) == 53
    assert len(reach(rows, [one], "US Postal Inspection Service")) == 110
    assert ways(rows, [one], "Sylvania OH PD", max_hops=1).empty
