"""Who can reach whose data: one-way sharing, bridges, ways of one and two hops, the reach of an account.

Each hop is a row of a record or a cited membership (`data/bridges`), graded by its evidence. That a body
can reach data is access: nothing here says that it was used, and who is not in these lists may get data
all the same. Hot lists are left out throughout: what counts is plate data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, astuple, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from kit.agencies import resolve_name
from kit.ap import ap_date, ap_list
from kit.errors import ParameterError
from kit.names import read_name
from kit.networks import GRADES, Member, members_at, network_named, pools
from kit.places import Place
from kit.sharing import as_rows, as_tuples, without_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kit.sharing import SharingList

# A city or a county has one of these: two names of that kind and place are one agency.
_ONE_A_PLACE = {"municipal_police", "county_sheriff"}
# What is a place's own, in its city or its county; the rest covers more than the place.
_LOCAL = {*_ONE_A_PLACE, "transit_airport_port", "campus_police", "prosecutor"}
_BACK = {"shares_with": "receives_from", "receives_from": "shares_with"}
_ONE_WAY = {"shares_with": "receives only", "receives_from": "sends only"}
# Where no list has a date, memberships stand as they were last seen.
_LATEST = "9999-12-31"
_HIDTA = re.compile(r"\bHIDTA\b", re.IGNORECASE)


class Named(NamedTuple):
    """An agency as a row names it; `key` is the same for one agency under the names of several lists."""

    name: str
    key: str
    kind: str
    state: str
    place: str
    county_geoid: str
    status: str
    candidates: str
    group: str


@dataclass(frozen=True)
class Hop:
    """Data goes from one agency to another, as a row of a list says; `said` names the list."""

    owner: Named
    giver: Named
    taker: Named
    row_id: str
    system: str
    said: str
    inactive: bool


@dataclass(frozen=True)
class Way:
    """One way from an agency to a body of a group, in words that say what it is and what it is not.

    `kind`: `direct` (a row); `bridge` (a row or a membership, then a membership); `relay` (two rows: no list
    shows that the agency between passes on what it gets); `pool` (a vendor's pool: no list shows whether the
    agency is in it). `grade` is that of the weakest hop. `sure` is False where a hop is not verified, is not shown
    at the date, or runs over an account that is marked inactive.
    """

    kind: str
    hops: int
    start: str
    via: str
    end: str
    grade: str
    sure: bool
    words: str
    row_ids: tuple[str, ...]
    sources: str
    note: str


WAY_COLUMNS = tuple(field.name for field in fields(Way))
BRIDGE_COLUMNS = (
    *("row_id", "partner", "direction", "date", "network", "kind", "door", "user", "group", "how", "shown", "seen"),
    *("grade", "verified", "source_title", "source_url", "note"),
)


def plates_at(rows: pd.DataFrame, date: str = "") -> pd.DataFrame:
    """Keep, of each owner's lists of one system, the newest at or before an ISO date; hot lists are left out."""
    plates = rows[(rows["data"] != "hotlist") & ((rows["date"] <= date) | (not date))]
    return plates[plates["date"] == plates.groupby(["owner", "system"])["date"].transform("max")]


def distinct(rows: pd.DataFrame, lists: Sequence[SharingList]) -> pd.DataFrame:
    """Keep one row an agency, however many lists name it and however they spell it: that of the newest list."""
    keys = pd.Series([other.key for _, other in name_agencies(rows, lists)], index=rows.index)
    newest = rows["date"].sort_values(ascending=False, kind="stable").index
    return rows[~keys.loc[newest].duplicated().loc[rows.index]]


def one_way(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the agencies that stand in one of a list's two directions alone, one row an account.

    The rows with two columns more: `one_way` (`receives only`: the owner gives to it and gets nothing;
    `sends only`) and `sure` (False where a name of the other direction may be the same account): the sure ones
    are the low end, all are the high end. Each says so of this owner and this agency alone. A list in which a
    direction is missing or empty tells nothing and is left out.
    """
    plates = rows[rows["data"] != "hotlist"]
    parts = [_one_way(part) for _, part in plates.groupby("list_id", sort=False) if part["direction"].nunique() == 2]
    return pd.concat([plates.head(0).assign(one_way="", sure=False), *parts])


def _one_way(part: pd.DataFrame) -> pd.DataFrame:
    part = part.drop_duplicates(["direction", "partner"])
    kin, state = part["partner"].map(without_state), part["state"].where(part["status"] == "certain", "")
    part = part.assign(_bare=part["partner"].map(_bare), _kin=kin, _state=state, _in=kin + state)
    sides = {way: part[part["direction"] == way] for way in _BACK}
    left = {way: side[~_is_in(side, sides[_BACK[way]])] for way, side in sides.items()}
    found = [side.assign(one_way=_ONE_WAY[way], sure=~_may_be_in(side, left[_BACK[way]])) for way, side in left.items()]
    return pd.concat(found).drop(columns=["_bare", "_kin", "_state", "_in"]).sort_index()


def _is_in(side: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Tell which names stand on the other side: but for markers, or as the same body certainly in the same state."""
    placed = other[other["_state"] != ""]
    return side["_bare"].isin(other["_bare"]) | ((side["_state"] != "") & side["_in"].isin(placed["_in"]))


def _may_be_in(side: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    """Tell which names another side may hold with another state or none: Bell PD may be Bell PD (CA)."""
    open_, some = other[other["_state"] == ""], side["_state"] == ""
    return side["_kin"].isin(open_["_kin"]) | (some & side["_kin"].isin(other["_kin"]))


def _bare(name: str) -> str:
    return read_name(name).bare.casefold()


def bridges(rows: pd.DataFrame, date: str = "") -> pd.DataFrame:
    """Give the networks, fusion centers and HIDTAs among listed rows, a line a row and known user (BRIDGE_COLUMNS).

    `user` is empty where none is on record at the date (`""`: that of the row): the body is on the list, and
    nothing shows it to be a bridge. Names of one door (JRIC and LA CLEAR) have one `door`; `group` is the
    user's; `shown` is as in `Member`, `grade` one of GRADES.
    """
    plates = rows[rows["data"] != "hotlist"]
    lines = [line for row in as_rows(plates) for line in _bridge_lines(row, date or row["date"])]
    return pd.DataFrame(lines, columns=list(BRIDGE_COLUMNS), dtype="str")


def _bridge_lines(row: dict[str, str], date: str) -> Iterator[dict[str, str]]:
    # A federal body is no door: a list that names it shares with it directly.
    if row["group"] or not (known := _network(row)):
        return
    listed = {key: row[key] for key in ("row_id", "partner", "direction", "date")}
    listed |= dict(zip(("network", "kind", "door"), known, strict=True))
    users = members_at(date, known[2])
    yield from ({**asdict(one), "user": one.agency, **listed} for one in users)
    if not users:
        yield {**dict.fromkeys(BRIDGE_COLUMNS, ""), **listed}


def _network(row: dict[str, str]) -> tuple[str, str, str] | None:
    """Give network, kind and door of a listed name: a known network, else a fusion center or HIDTA by its name."""
    if known := network_named(row["partner"]):
        return known.network, known.kind, known.door
    kind = "fusion center" if row["kind"] == "fusion_center" else "HIDTA" if _HIDTA.search(row["partner"]) else ""
    return (row["agency"], kind, row["agency"]) if kind else None


def name_agencies(rows: pd.DataFrame, lists: Sequence[SharingList]) -> list[tuple[Named, Named]]:
    """Give owner and partner of each resolved row; the lists say in which state an owner is."""
    homes = {(one.list_id, one.owner): one.owner_state for one in lists}
    said = rows[["list_id", "owner", "partner", *Named._fields[2:]]]
    return [
        (name_owner(owner, homes.get((list_id, owner), "")), _named(partner, *agency))
        for list_id, owner, partner, *agency in as_tuples(said)
    ]


@cache
def name_owner(name: str, state: str = "") -> Named:
    """Give an agency by a name alone and, where known, its state."""
    own = resolve_name(name, state=state)
    return _named(
        name, own.kind, own.state, own.place, own.county_geoid, own.status, ";".join(own.candidates), own.group
    )


def _named(name: str, *agency: str) -> Named:
    said = Named(name, "", *agency)
    if network := network_named(name):
        return said._replace(key=network.door)
    if said.status == "certain" and said.place and said.kind in _ONE_A_PLACE:
        return said._replace(key=f"{said.kind} {said.place}, {said.state}")
    return said._replace(key=f"{_bare(name)}, {said.state}")


def hops(rows: pd.DataFrame, lists: Sequence[SharingList]) -> list[Hop]:
    """Give each resolved row as a hop, from the agency that gives to the one that gets."""
    columns = as_tuples(rows[["direction", "row_id", "system", "date", "flags"]])
    return [
        Hop(
            own,
            *((own, other) if direction == "shares_with" else (other, own)),
            row_id,
            system,
            f"the {ap_date(date)}, list of {own.name}",
            "inactive" in flags.split(";"),
        )
        for (own, other), (direction, row_id, system, date, flags) in zip(
            name_agencies(rows, lists), columns, strict=True
        )
    ]


def ways(  # noqa: PLR0913  (from whom, over what, to whom, when)
    rows: pd.DataFrame,
    lists: Sequence[SharingList],
    start: str | Place,
    date: str = "",
    *,
    group: str = "immigration_enforcement",
    max_hops: int = 2,
) -> pd.DataFrame:
    """Give the ways from an agency, or from the local agencies of a place, to the bodies of a group (WAY_COLUMNS).

    Of each owner's lists the newest at or before the ISO date counts, and memberships as they stand then
    (`""`: the date of the newest list). No row means that these lists and memberships show no way, not that
    there is none. ParameterError where `max_hops` is neither 1 nor 2.
    """
    if max_hops not in {1, 2}:
        raise ParameterError(f"Ways of {max_hops} hops are not known.", "max_hops", "Give 1 or 2.")
    plates = plates_at(rows, date)
    known = hops(plates, lists)
    starts = _starts(known, start)
    first = [hop for hop in known if hop.giver.key in starts]
    found = list(_direct(first, group))
    if max_hops == 2:
        users = members_at(date or max(plates["date"], default=_LATEST))
        systems = {(hop.giver.key, hop.system): (hop.giver.name, hop.system) for hop in reversed(first)}.values()
        found += [*_over_bridges(first, users, group), *_by_membership(starts, start, users, group)]
        found += [*_by_relay(first, known, group), *_over_pools(systems, users, group)]
    return pd.DataFrame([astuple(way) for way in found], columns=list(WAY_COLUMNS))


def _starts(known: Sequence[Hop], start: str | Place) -> dict[str, Named]:
    """Find the agencies that ways begin with: an owner of that name before all others of it."""
    there = {one.key: one for hop in known for one in (hop.taker, hop.giver)}
    if isinstance(start, Place):
        return {key: one for key, one in there.items() if one.kind in _LOCAL and is_local(one, start)}
    owners = {hop.owner.key for hop in known if _bare(hop.owner.name) == _bare(start)}
    wanted = owners or {name_owner(start).key, *(key for key, one in there.items() if _bare(one.name) == _bare(start))}
    return {key: one for key, one in there.items() if key in wanted}


def is_local(one: Named, place: Place) -> bool:
    """Tell whether an agency is certainly a place's own or its county's."""
    if one.status != "certain" or one.state != place.state or one.county_geoid != place.county_geoid:
        return False
    return one.place in {place.name, place.county}


def _together(some: Iterable[Hop]) -> Iterator[tuple[Hop, ...]]:
    """Put together the rows that show the same hop."""
    found: dict[tuple[str, str], list[Hop]] = defaultdict(list)
    for hop in some:
        found[hop.giver.key, hop.taker.key].append(hop)
    return map(tuple, found.values())


def _by(same: Sequence[Hop]) -> str:
    return f"by {ap_list(list(dict.fromkeys(hop.said for hop in same)))}"


def _ids(*some: Sequence[Hop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hop.row_id for same in some for hop in same))


def _active(*some: Sequence[Hop]) -> bool:
    return all(any(not hop.inactive for hop in same) for same in some)


def _inactive_note(*some: Sequence[Hop]) -> str:
    return "" if _active(*some) else "An account on this way is marked inactive."


def _direct(first: Iterable[Hop], group: str) -> Iterator[Way]:
    for same in _together(hop for hop in first if hop.taker.group == group):
        giver, taker = same[0].giver.name, same[0].taker.name
        words = f"{taker} can reach data of {giver}: {giver} shares with it, {_by(same)}."
        yield Way("direct", 1, giver, "", taker, "record", _active(same), words, _ids(same), "", _inactive_note(same))


def _over_bridges(first: Iterable[Hop], users: Sequence[Member], group: str) -> Iterator[Way]:
    """Give the ways over a network that a row names, to its users in the group."""
    for same in _together(first):
        giver, network = same[0].giver.name, same[0].taker.name
        for user in (one for one in users if one.door == same[0].taker.key and one.group == group):
            shared = f"with which {giver} shares, {_by(same)}"
            words = f"{user.agency} can reach data in {network}, {shared}: {user.cited}."
            sure, note = user.holds and _active(same), _notes(_inactive_note(same), user.note)
            yield Way(
                "bridge", 2, giver, network, user.agency, user.grade, sure, words, _ids(same), user.source_url, note
            )


def _by_membership(starts: dict[str, Named], start: str | Place, users: Sequence[Member], group: str) -> Iterator[Way]:
    """Give the ways over a network of which a table says that the agency, or all agencies of its county, are in it."""
    counties = {start.county_geoid} if isinstance(start, Place) else {one.county_geoid for one in starts.values()}
    for its in users:
        if not (its.county_geoid in counties if its.county_geoid else name_owner(its.agency).key in starts):
            continue
        for user in (one for one in users if one.door == its.door and one.group == group):
            words = f"{user.agency} can reach data in {its.network}: {its.cited}; {user.cited}."
            grade = max(its.grade, user.grade, key=GRADES.index)
            sources, note = f"{its.source_url} | {user.source_url}", _notes(its.note, user.note)
            sure = its.holds and user.holds
            yield Way("bridge", 2, its.agency, its.network, user.agency, grade, sure, words, (), sources, note)


def _notes(*notes: str) -> str:
    return " ".join(note for note in dict.fromkeys(notes) if note)


def _by_relay(first: Iterable[Hop], known: Iterable[Hop], group: str) -> Iterator[Way]:
    """Give the ways over an agency whose own data goes to a body of the group."""
    onward: dict[str, list[tuple[Hop, ...]]] = defaultdict(list)
    for same in _together(hop for hop in known if hop.taker.group == group):
        onward[same[0].giver.key].append(same)
    # An owner's list may name another account of its own.
    for same in _together(hop for hop in first if hop.taker.key in onward and hop.taker.key != hop.giver.key):
        giver, between = same[0].giver.name, same[0].taker.name
        for then in onward[same[0].taker.key]:
            end = then[0].taker.name
            words = (
                f"{giver} shares with {between}, {_by(same)}; {between} shares its own data with {end}, {_by(then)}. "
                f"No list shows that {between} passes on what it gets."
            )
            sure, note = _active(same, then), _inactive_note(same, then)
            yield Way("relay", 2, giver, between, end, "record", sure, words, _ids(same, then), "", note)


def _over_pools(systems: Iterable[tuple[str, str]], users: Sequence[Member], group: str) -> Iterator[Way]:
    """Give the pools of the systems in which an agency is named: no list says whether it is in them."""
    for name, system in systems:
        doors = {pool.door: pool.network for pool in pools(system)}
        for user in (one for one in users if one.door in doors and one.group == group):
            pool, sure = doors[user.door], False
            words = f"{user.cited}: {pool} is a pool, and no list says whether {name} is in it."
            yield Way("pool", 2, name, pool, user.agency, "assumed", sure, words, (), user.source_url, user.note)


def reach(rows: pd.DataFrame, lists: Sequence[SharingList], agency: str, date: str = "") -> pd.DataFrame:
    """Give the agencies whose data one account can reach, a line a giver: giver, state, status, lists, row_ids.

    By each owner's newest lists at or before the ISO date. An upper bound for the account, a lower one for
    the agency, which may hold other accounts.
    """
    wanted = name_owner(agency).key
    to = _together(
        hop
        for hop in hops(plates_at(rows, date), lists)
        if hop.taker.key == wanted or _bare(hop.taker.name) == _bare(agency)
    )
    lines = [(same[0].giver, ap_list(list(dict.fromkeys(hop.said for hop in same))), _ids(same)) for same in to]
    return pd.DataFrame(
        [(one.name, one.state, one.status, said, ids) for one, said, ids in lines],
        columns=["giver", "state", "status", "lists", "row_ids"],
    )
