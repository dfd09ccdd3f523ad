"""Bodies that are known by name: federal bodies, their offices, fusion centers, agencies that no grammar can place.

What is known stands in `data/agencies`, each row with its source and how far it was verified; a row that
is not verified serves to match names and is never certain.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from kit.names import read_name
from kit.sharing import DATA, as_rows, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.names import AgencyName

WRONG = "wrong"
"""The `match` of a name that lists give a federal body and that is not its name."""


# Words for police, in a name without points, at its end.
_POLICE = re.compile(
    r"( (campus )?(police|pd|dps|public safety)( (department|dept|services|bureau|division|agency|force))?"
    r"| (department|dept) of (public safety|police))+$"
)
_TRIBE = re.compile(
    r"^pueblo of | (tribal|tribes?|(indian )?nation|indian (community|colony|reservation|tribe)|indians|community"
    r"|pueblo|rancheria|reservation|lighthorse)\b.*$"
)


def federal(said: AgencyName) -> dict[str, str] | None:
    """Find the federal body that a name means, by words and never inside words."""
    return next((body for pattern, body in _federal() if pattern.search(said.bare)), None)


def beyond(name: str, body: dict[str, str]) -> str:
    """Give what a name says beyond the federal body's own name."""
    whole = [one for _, one in _federal() if one["group"] == body["group"] and one["match"] == "words"]
    aliases = {alias for one in (body, *whole) for alias in one["aliases"].split("|")}
    for alias in sorted(aliases, key=lambda alias: (-len(alias), alias)):
        name = re.sub(_words(alias), " ", name)
    words = re.sub(
        r"\b(DHS|DOJ|U\.?S\.?|United States|police|department|office|field|sector|division|s)\b|[^\w\s.']", " ", name
    )
    return " ".join(words.split())


def rightly(name: str, body: dict[str, str]) -> str:
    """Put a body's right name, which is its code, where a list has a wrong one: Border Patrol for Border Control."""
    for alias in body["aliases"].split("|"):
        name = re.sub(_words(alias), body["code"], name)
    return name


def units(said: AgencyName) -> tuple[dict[str, str], ...]:
    """Find the units that a name may mean: offices, sectors, fusion centers, HIDTAs, vendors.

    A name is compared with and without the state that it prints. Several rows come back where one short form
    stands for several units (MIAC: in Maine and in Missouri).
    """
    exact, words = _units()
    plain, without = _plain(said.bare), _without_state(said)
    found = exact.get(plain) or exact.get(without) or exact.get(_own_words(said))
    found = found or [row for pattern, row in words if pattern.search(plain)]
    return tuple({row["agency"]: row for row in found}.values())


def institution(said: AgencyName) -> dict[str, str] | None:
    """Find the university, tribe, school district, airport or the like of that name in the FBI's list of 2018.

    Compared without the words for police, first with what looks like a state (UT Austin is in Texas), then without
    and in that state alone; a tribe with or without the word for it. `states` has semicolons between.
    """
    known, own = _institutions(), _own_words(said)
    if whole := known.get(_POLICE.sub("", _plain(said.bare))):
        return whole
    tribe = known.get(_TRIBE.sub("", own)) if said.kind == "tribal" else None
    found = known.get(own) or (tribe if tribe and tribe["kind"] == "tribal" else None)
    return found if found and (not said.state or said.state in found["states"].split(";")) else None


def local(said: AgencyName) -> dict[str, str] | None:
    """Find the state or local agency that `data/agencies/local.csv` knows by this very name."""
    return _local().get(said.bare.casefold())


def without_numbered_districts() -> frozenset[str]:
    """Give the states whose courts and prosecutors go by county, as far as verified."""
    rows = _table("no_numbered_districts", ("state", "verified"))
    return frozenset(row["state"] for row in rows if row["verified"] == "yes")


def registered(place: str, *, county: bool) -> frozenset[str]:
    """Give the states where a register of agencies has police of that place, or a sheriff of that county.

    The register is a table that the user fetched, `data/cache/fbi-agencies/*.csv` (columns agency_name,
    state_abbr); empty where there is none.
    """
    return _register().get((_plain(place), county), frozenset())


def forget() -> None:
    """Read the tables anew at the next question."""
    for kept in (_federal, _units, _institutions, _local, _register):
        kept.cache_clear()


def _words(alias: str) -> str:
    """Give the pattern that finds an alias as words: letters alone (`ICE`) only in capitals."""
    pattern = rf"(?<!\w){re.escape(alias)}(?!\w)"
    return pattern if alias.isupper() else f"(?i:{pattern})"


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w\s]|_", " ", name.replace("'", "")).casefold().split())


def _without_state(said: AgencyName) -> str:
    plain = _plain(said.bare)
    return " ".join(re.sub(rf"\b{said.state.lower()}\b", " ", plain).split()) if said.state else plain


def _own_words(said: AgencyName) -> str:
    """Give a name without its state and the words for police: `gila river` for `Gila River AZ PD`."""
    words = _without_state(said)
    return _POLICE.sub("", words) or words


@cache
def _federal() -> tuple[tuple[re.Pattern[str], dict[str, str]], ...]:
    """Give each federal body with the pattern that finds one of its aliases in a name."""
    rows = _table("federal", ("code", "agency", "group", "aliases", "match", "verified"))
    return tuple((re.compile(_any_of(row)), row) for row in rows)


def _any_of(body: dict[str, str]) -> str:
    found = "|".join(_words(alias) for alias in body["aliases"].split("|"))
    return rf"^(?:{found})$" if body["match"] == "exact" else found


@cache
def _units() -> tuple[dict[str, list[dict[str, str]]], list[tuple[re.Pattern[str], dict[str, str]]]]:
    """Give the units by the names that are theirs alone, and those whose name may stand among other words."""
    exact: dict[str, list[dict[str, str]]] = defaultdict(list)
    words = []
    for row in _table("units", ("aliases", "agency", "kind", "group", "states", "city", "match", "verified")):
        for alias in map(_plain, row["aliases"].split("|")):
            exact[alias].append(row)
            if row["match"] == "words":
                words.append((re.compile(rf"\b{re.escape(alias)}\b"), row))
    return dict(exact), words


@cache
def _institutions() -> dict[str, dict[str, str]]:
    return {_plain(row["name"]): row for row in _table("institutions", ("name", "kind", "states", "source"))}


@cache
def _local() -> dict[str, dict[str, str]]:
    return {row["alias"].casefold(): row for row in _table("local", ("alias", "agency", "state", "verified"))}


@cache
def _register() -> dict[tuple[str, bool], frozenset[str]]:
    found: dict[tuple[str, bool], set[str]] = {}
    for path in sorted((DATA / "cache" / "fbi-agencies").glob("*.csv")):
        for row in as_rows(read_table(path, ("agency_name", "state_abbr"))):
            said = read_name(row["agency_name"])
            found.setdefault((_plain(said.place), said.county), set()).add(row["state_abbr"])
    return {key: frozenset(states) for key, states in found.items()}


def _table(name: str, columns: Sequence[str]) -> tuple[dict[str, str], ...]:
    return tuple(as_rows(read_table(DATA / "agencies" / f"{name}.csv", columns)))
