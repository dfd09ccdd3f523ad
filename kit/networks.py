"""The networks over which data can pass, and who is in them: regional systems, centers, pools.

What is known of each, with its source and how sure it is, is data: `data/bridges`. Access by contract is
not membership; a pool is never one agency's link to another.
"""

from __future__ import annotations

import re
from calendar import month_name
from dataclasses import dataclass, fields, replace
from functools import cache

from kit.agencies import resolve_name
from kit.ap import ap_date
from kit.names import read_name
from kit.sharing import DATA, as_rows, read_table

GRADES = ("record", "contract", "statute", "press", "assumed")
"""Evidence of a hop, the best first; `data/README.md` says what each means."""

_STATE_END = re.compile(r"[\s,-]*(\(\s*[a-z]{2}\s*\)|\b[a-z]{2})$")


@dataclass(frozen=True)
class Network:
    """A body or system of `networks.csv`; names of one door (JRIC and LA CLEAR) have one `door`.

    `role`: `bridge` (users of other bodies are on record), `pool`, `exchange` (not of plate data), `platform`,
    `none` (not shown to be any of these). `system` is the vendor's, of a vendor's pool.
    """

    network: str
    full_name: str
    kind: str
    state: str
    role: str
    system: str
    door: str
    aliases: str
    verified: str


@dataclass(frozen=True)
class Member:
    """A member or user of a network, as a row of `members.csv` says; dates may be a year, or a year and month.

    `county_geoid` is set where the row is about all agencies of a county. `group` is the agency's (`kit.agencies`).
    `shown` tells how the row stands at a date: `shown` (sources bear it out), `last shown` (the last source
    seen is older, and none says that it ended), `start not seen` (it may have begun later).
    """

    network: str
    agency: str
    county_geoid: str
    how: str
    since: str
    until: str
    seen: str
    grade: str
    source_url: str
    source_title: str
    verified: str
    note: str
    door: str
    group: str
    shown: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is verified and shown at the date."""
        return self.verified == "yes" and self.shown == "shown"

    @property
    def cited(self) -> str:
        """The membership in words, with its source and how far it is shown."""
        last = f", last shown {_when(self.seen)}"
        limit = {"last shown": last, "start not seen": ", its start not seen"}.get(self.shown, "")
        return f"{self.agency} {self.how} ({self.source_title}{limit})"


def network_named(name: str) -> Network | None:
    """Find the network that a listed name is: by its whole name, with or without its own state behind it."""
    said = read_name(name)
    bare = said.bare.casefold()
    found = _by_alias().get(bare) or _by_alias().get(_STATE_END.sub("", bare))
    return found if found and (found.state == "US" or said.state in {"", found.state}) else None


def pools(system: str) -> tuple[Network, ...]:
    """Give the pools of a vendor's system."""
    return tuple(dict.fromkeys(one for one in _by_alias().values() if one.role == "pool" and one.system == system))


def members_at(date: str, door: str = "") -> tuple[Member, ...]:
    """Give the members and users of one network or all as they stand at an ISO date; what is over is left out."""
    known = (replace(one, shown=_shown(one, date)) for one in _members() if door in ("", one.door))
    return tuple(one for one in known if one.shown)


def _shown(member: Member, date: str) -> str:
    since, until = member.since, member.until
    if (until and date[: len(until)] > until) or (since and date[: len(since)] < since):
        return ""
    if not since:
        return "start not seen"
    return "shown" if until or date[: len(member.seen)] <= member.seen else "last shown"


def _when(iso: str) -> str:
    """Write a date that may be a year, or a year and month, as running text has it."""
    year, _, month = iso.partition("-")
    return ap_date(iso) if "-" in month else f"{month_name[int(month)]} {year}" if month else year


@cache
def _by_alias() -> dict[str, Network]:
    """Give the networks by every name that lists give them."""
    columns = [one.name for one in fields(Network)]
    table = as_rows(read_table(DATA / "bridges" / "networks.csv", columns)[columns])
    networks = [Network(**row) for row in table]
    return {alias.casefold(): one for one in networks for alias in (one.network, *one.aliases.split("|"))}


@cache
def _members() -> tuple[Member, ...]:
    columns = [one.name for one in fields(Member) if one.name not in {"door", "group", "shown"}]
    table = as_rows(read_table(DATA / "bridges" / "members.csv", columns)[columns])
    return tuple(
        Member(**row, door=_by_alias()[row["network"].casefold()].door, group=resolve_name(row["agency"]).group)
        for row in table
    )
