"""Whom to ask next: the agencies of a place whose lists are missing, those first that would tell most, and letters.

The order is one rule: first bodies over which data can pass (fusion centers, HIDTAs, regional systems) and agencies
whose held list is old; then the agencies that stand on most other agencies' lists; among equals the one whose city
has more residents, a state agency before all; then by name. Each line says why in one sentence. Only agencies that are
certainly in the state are asked. The letters are those of `letters`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from string import capwords
from typing import TYPE_CHECKING

import pandas as pd

from kit.agencies import resolve_lists
from kit.ap import ap_date, ap_list, ap_number
from kit.errors import KitError, ParameterError
from kit.letters import ANY, FEDERAL, as_docx, as_markdown, law_of, subject
from kit.networks import network_named
from kit.pathways import bridges, is_local, name_agencies, name_owner, plates_at
from kit.places import State, all_places, county_by_geoid, find_state, find_state_or_place
from kit.sharing import DATA, as_rows, load_lists, read_table, write_table
from kit.story import full_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kit.letters import Law
    from kit.pathways import Named
    from kit.places import Place
    from kit.sharing import SharingList

RECENT_DAYS = 365
"""A list is recent that is no older than this when the newest list was made, or on a day that is given."""

ASKED_COLUMNS = ("rank", "agency", "jurisdiction", "subject", "why", "check", "law", "printed", "letter")
"""Columns of `index.csv`; a multi-agency request on MuckRock is matched by `agency` and `jurisdiction`."""

LEFT_COLUMNS = ("agency", "jurisdiction", "reason", "printed")
"""Columns of `not-asked.csv`: who is certainly in the place and has no letter, and why."""

_OFFICE_COLUMNS = ("office", "jurisdiction", "why")
_FEDERAL = "a federal unit, under the {law} ({citation}) and not the state's law: ask it apart"
_NO_LETTER = {
    "federal": _FEDERAL,
    "military": _FEDERAL,
    "tribal": "a tribal agency: the state's law may not bind it",
    "non_law_enforcement": "not a law enforcement agency",
    "other": "not known to be a law enforcement agency",
}
_KEEPER = "Find out which agency keeps its records."
_CHECK_FIRST = {
    "campus_police": "The law may not bind the police of a private university.",
    "fusion_center": _KEEPER,
    "task_force": _KEEPER,
}
_FLAGGED = r"\b(?:inactive|test|junk|person)\b"
_WAYS = {
    ("receives_from",): "as one that gives data",
    ("shares_with",): "as one that gets data",
    ("receives_from", "shares_with"): "as one that gets data and gives it",
}
_OWNERS_NAMED = 3
_CITIES = 10
_LONGEST_SLUG = 60
_SUMS = "checksums.csv"


@dataclass(frozen=True)
class Agency:
    """An agency of the place: what lists call it, whose lists those are, why to ask it, what to check first.

    `bridge` is what kind of body it is where data can pass over it, `former` the ISO date of the newest list of its
    own that is held, `residents` those of its city, of its county's largest city or of the state.
    """

    name: str
    kind: str
    jurisdiction: str
    printed: tuple[str, ...]
    owners: tuple[str, ...]
    bridge: str
    former: str
    residents: int
    why: str

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """Its place in the order of asking: the least comes first."""
        return not (self.bridge or self.former), -len(self.owners), -self.residents, self.name


@dataclass(frozen=True)
class Made:
    """What was written: the folder, how many agencies have a letter, of how many that could, where, under which law."""

    folder: Path
    asked: int
    of: int
    place: str
    law: Law

    @property
    def told(self) -> list[str]:
        """What a reporter is to know of it, a line each."""
        letters = "1 letter" if self.asked == 1 else f"{self.asked:,} letters"
        agencies = "1 agency" if self.of == 1 else f"{self.of:,} agencies"
        about = f"About the law, {self.law.cited}: {self.law.note}"
        some = f"{letters}, of {agencies} certainly there without a recent list of its own."
        none = "no list names an agency that is certainly there and still to be asked."
        whom = "Any agency there can be asked with any-agency.md; offices.csv says which to look up."
        return [f"{self.place}: {some if self.of else none}", whom, *([about] if self.law.note else [])]


def make_requests(place: str, out: Path | None = None, *, top: int = 25, as_of: str = "") -> Made:
    """Write the letters for a state or a city into a folder, `figures/PLACE/requests` if none is given.

    Files: `index.csv` (ASKED_COLUMNS), a Markdown and a Word letter each, `any-agency` for any other, `offices.csv`
    with offices to ask, `not-asked.csv` (LEFT_COLUMNS). `as_of` is the ISO date on which a list is recent or old.
    PlaceError, ParameterError before anything is written; KitError where the folder cannot be written, or
    holds what the kit did not write.
    """
    state, city = _where(place)
    if top < 1:
        msg = f"The number of letters is {top}."
        raise ParameterError(msg, "--top", "Give a number of 1 or more.")
    asked, left = missing_lists(load_lists(), state, city, as_of=as_of)
    law = law_of(state.code)
    folder = out or DATA.parent / "figures" / (city or state).slug / "requests"
    with _published(folder) as aside:
        _write_letters(aside, asked[:top], law)
        later = [(one, f"number {rank} to ask: {one.why}") for rank, one in enumerate(asked[top:], top + 1)]
        lines = [(one.name, one.jurisdiction, reason, "; ".join(one.printed)) for one, reason in [*later, *left]]
        write_table(pd.DataFrame(lines, columns=list(LEFT_COLUMNS)), aside / "not-asked.csv")
        write_table(pd.DataFrame(_offices(state, city), columns=list(_OFFICE_COLUMNS)), aside / "offices.csv")
    return Made(folder, len(asked[:top]), len(asked), f"{city.name}, {city.state}" if city else state.name, law)


def missing_lists(
    lists: Sequence[SharingList], state: State, city: Place | None = None, *, as_of: str = ""
) -> tuple[list[Agency], list[tuple[Agency, str]]]:
    """Give the agencies to ask, in order, and those of the place that are not asked, each with the reason.

    By each owner's newest list of a system. Names that are marked inactive, test, junk or person ask nobody. An
    agency whose own list is held and recent at the ISO date (of the newest list, if none is given) is not asked.
    """
    held = _held(lists)
    old = _old(as_of or max(held.values(), default=""))
    asked: list[Agency] = []
    left: list[tuple[Agency, str]] = []
    for one, rows in _seen(lists, state, city):
        agency = _agency(one, rows, held.get(_key(one), ""), state)
        if reason := _no_letter(agency, one, old):
            left.append((agency, reason))
        else:
            asked.append(agency)
    return sorted(asked, key=lambda one: one.order), sorted(left, key=lambda one: one[0].name)


def _where(text: str) -> tuple[State, Place | None]:
    """Find the state that is meant, or the city and its state."""
    place = find_state_or_place(text)
    return (place, None) if isinstance(place, State) else (find_state(place.state), place)


def _held(lists: Sequence[SharingList]) -> dict[str, str]:
    """Give the date of the newest list of each owner that is held, by the owner's key."""
    held: dict[str, str] = {}
    for one in lists:
        key = _key(name_owner(one.owner, one.owner_state))
        held[key] = max(held.get(key, ""), one.date)
    return held


def _old(as_of: str) -> str:
    """Give the ISO date before which a list is old, seen from a day; ParameterError where that is none."""
    try:
        return (date.fromisoformat(as_of) - timedelta(days=RECENT_DAYS)).isoformat() if as_of else ""
    except (ValueError, OverflowError) as cause:
        msg = f'"{as_of}" is not a date.'
        raise ParameterError(msg, "--as-of", "Write it as in 2025-03-11.") from cause


def _seen(lists: Sequence[SharingList], state: State, city: Place | None) -> Iterator[tuple[Named, pd.DataFrame]]:
    """Give each agency that is certainly in the place with the rows that name it; owners also without any."""
    if not lists:
        return
    rows = resolve_lists(lists)
    rows = rows[rows["list_id"].isin(plates_at(rows)["list_id"])]
    rows = rows[(rows["status"] == "certain") & (rows["state"] == state.code) & (rows["counted"] == "yes")]
    rows = rows[~rows["flags"].str.contains(_FLAGGED)]
    pairs = name_agencies(rows, lists)
    rows = rows.assign(_key=[_key(one) for _, one in pairs], _owner=[full_name(owner.name) for owner, _ in pairs])
    kinds = _bridges(rows)
    rows["_bridge"] = [kinds.get(name, "") for name in rows["partner"]]
    named = {_key(one): one for _, one in pairs}
    for one in lists:
        owner = name_owner(one.owner, one.owner_state)
        if owner.status == "certain" and owner.state == state.code:
            named.setdefault(_key(owner), owner)
    of = dict(iter(rows.groupby("_key")))
    yield from ((one, of.get(key, rows.head(0))) for key, one in named.items() if not city or is_local(one, city))


def _key(one: Named) -> str:
    """Give what names of one agency share: with its state and without, in capitals and not, they are one."""
    known = network_named(one.name) or one.key.startswith(f"{one.kind} ")
    return one.key if known else full_name(one.name).casefold()


def _bridges(rows: pd.DataFrame) -> dict[str, str]:
    """Give what kind of body each listed name is over which data can pass."""
    found = bridges(rows)
    return dict(zip(found["partner"], found["kind"], strict=True))


def _agency(one: Named, rows: pd.DataFrame, former: str, state: State) -> Agency:
    """Put together what the rows say of an agency."""
    names = Counter(rows["partner"]) or Counter([one.name])
    # Of the names in lists: not in capitals, the most frequent, the shortest.
    best = min(names, key=lambda name: (name.isupper(), -names[name], len(name), name))
    bridge = next(iter(rows["_bridge"][rows["partner"] == best]), "")
    leads = [
        f"As a body over which data can pass ({bridge}), it would tell much: " if bridge else "",
        f"Its newest list that is held is of {ap_date(former)}: " if former else "",
    ]
    lead = next(filter(None, leads), "")
    owners = tuple(sorted(set(rows["_owner"])))
    residents, where = _residents(one, state)
    parts = [_told(rows, owners), "" if former else "no list of its own is held", where]
    why = f"{lead}{'; '.join(part for part in parts if part)}."
    return Agency(
        name=_in_full(best, one.kind, state),
        kind=one.kind,
        jurisdiction=_jurisdiction(one, state),
        printed=tuple(sorted(names)),
        owners=owners,
        bridge=bridge,
        former=former,
        residents=residents,
        why=why[0].upper() + why[1:],
    )


def _told(rows: pd.DataFrame, owners: Sequence[str]) -> str:
    """Say how many lists name an agency, whose they are, and in which direction."""
    if not owners:
        return "no list of another agency that is held names it"
    shown = owners if len(owners) <= _OWNERS_NAMED + 1 else owners[:_OWNERS_NAMED]
    more = [f"{ap_number(len(owners) - len(shown))} more"] if len(shown) < len(owners) else []
    count = (
        "one agency names it on its list"
        if len(owners) == 1
        else f"{ap_number(len(owners))} agencies name it on their lists"
    )
    plates = rows[rows["data"] != "hotlist"]
    way = _WAYS.get(tuple(sorted(set(plates["direction"]))), "for hot lists alone")
    return f"{count} ({ap_list([*shown, *more])}) {way}"


def _in_full(printed: str, kind: str, state: State) -> str:
    """Write a listed name as a letter has it: without its state, in full, a city's or county's not in capitals."""
    if known := network_named(printed):
        return known.full_name
    spelled = re.sub(rf" {state.code}(?= (?:Police|Sheriff))", "", full_name(printed))
    capitals = printed.isupper() and kind in {"municipal_police", "county_sheriff"}
    return full_name(capwords(spelled)) if capitals else spelled


def _jurisdiction(one: Named, state: State) -> str:
    """Name the jurisdiction as a records-request site does: `Anaheim, CA`, `Kern County, CA`, `California`."""
    county = county_by_geoid(one.county_geoid)
    place = county.full_name if county and one.kind == "county_sheriff" else one.place
    return f"{place}, {state.code}" if place else state.name


def _residents(one: Named, state: State) -> tuple[int, str]:
    """Give the residents of an agency's city, of its county's largest city or of its state, and say so."""
    if one.kind == "state_agency":
        return _in_state(state.code), "it is an agency of the state"
    cities = _cities(state.code)
    if one.kind == "municipal_police":
        own = [
            city.population or 0 for city in cities if (city.name, city.county_geoid) == (one.place, one.county_geoid)
        ]
        return max(own, default=0), f"its city has {max(own):,} residents (GeoNames)" if any(own) else ""
    in_county = [city for city in cities if city.county_geoid == one.county_geoid and city.incorporated != "no"]
    if one.kind == "county_sheriff" and in_county and in_county[0].population:
        return in_county[0].population, f"its county's largest city is {in_county[0].name}"
    return 0, ""


@cache
def _cities(code: str) -> tuple[Place, ...]:
    """Give a state's places, the most populous first (residents as GeoNames has them, of no one year)."""
    return tuple(sorted((one for one in all_places() if one.state == code), key=lambda one: -(one.population or 0)))


@cache
def _in_state(code: str) -> int:
    table = as_rows(read_table(DATA / "gazetteer" / "states.csv", ("state", "population_2020")))
    return int(next(row["population_2020"] for row in table if row["state"] == code))


def _no_letter(agency: Agency, one: Named, old: str) -> str:
    """Say why an agency is not asked; nothing where it is."""
    if agency.former and agency.former >= old:
        return f"its list of {ap_date(agency.former)} is held"
    kind = "federal" if one.group else one.kind
    if kind not in _NO_LETTER or agency.bridge:
        return ""
    federal = law_of(FEDERAL)
    return _NO_LETTER[kind].format(law=federal.law, citation=federal.citation)


def _write_letters(folder: Path, asked: Sequence[Agency], law: Law) -> None:
    """Write a letter to each agency in Markdown and Word, one to any other, and the index."""
    lines = []
    for rank, one in enumerate(asked, 1):
        name = f"{rank:0{max(2, len(str(len(asked))))}}-{_slug(one.name)}"
        _write_letter(folder, name, one.name, law, one.former)
        check = _KEEPER if one.bridge else _CHECK_FIRST.get(one.kind, "")
        lines.append(
            (
                str(rank),
                one.name,
                one.jurisdiction,
                subject(one.name),
                one.why,
                check,
                law.cited,
                "; ".join(one.printed),
                name,
            )
        )
    _write_letter(folder, "any-agency", ANY, law)
    write_table(pd.DataFrame(lines, columns=list(ASKED_COLUMNS)), folder / "index.csv")


def _write_letter(folder: Path, name: str, agency: str, law: Law, former: str = "") -> None:
    (folder / f"{name}.md").write_text(as_markdown(agency, law, former), encoding="utf-8", newline="\n")
    (folder / f"{name}.docx").write_bytes(as_docx(agency, law, former))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_SLUG].rstrip("-") or "agency"


def _offices(state: State, city: Place | None) -> list[tuple[str, str, str]]:
    """Give offices to ask where no list names an agency: what to look up, never the name of one that may not be."""
    open_ = "Look up whether there is one, what it is called, and whether it uses license plate readers."
    towns = [city] if city else [one for one in _cities(state.code) if one.incorporated != "no"][:_CITIES]
    counties = dict.fromkeys(one.county for one in towns)
    with_residents = [(one, f"{one.population:,} residents (GeoNames). " if one.population else "") for one in towns]
    return [
        ("[state police or highway patrol]", state.name, open_),
        ("[state fusion center]", state.name, open_),
        *((f"[police of {one.name}]", f"{one.name}, {state.code}", f"{many}{open_}") for one, many in with_residents),
        *((f"[sheriff or police of {county}]", f"{county}, {state.code}", open_) for county in counties),
    ]


@contextmanager
def _published(folder: Path) -> Iterator[Path]:
    """Give a folder to write in; when all is written it takes the other's place in one rename."""
    _check_ours(folder)
    folder = folder.resolve()
    aside, former = (folder.with_name(f".{folder.name}.{end}") for end in ("part", "former"))
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        yield aside
        write_table(pd.DataFrame(_sums(aside), columns=["file", "sha256"]), aside / _SUMS)
        shutil.rmtree(former, ignore_errors=True)
        if folder.exists():
            folder.replace(former)
        aside.replace(folder)
        shutil.rmtree(former, ignore_errors=True)
    except OSError as cause:
        msg = f"The letters could not be written: {cause.strerror or 'the system refused'}."
        raise KitError(msg, str(folder), "Name a folder that you may write to: --out FOLDER") from cause
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _check_ours(folder: Path) -> None:
    """Refuse to write over a folder with anything in it that the kit did not write, or that was changed since."""
    whole, here = folder.resolve(), Path.cwd()
    if whole == here or whole in here.parents or (whole.exists() and not whole.is_dir()):
        what = "The letters need a folder of their own."
        raise KitError(what, str(folder), "Name a folder that is not there yet, or one of the kit's: --out FOLDER")
    there = _sums(folder)
    kept = folder / _SUMS
    ours = (
        {row["file"]: row["sha256"] for row in as_rows(read_table(kept, ("file", "sha256")))} if kept.is_file() else {}
    )
    changed = [name for name, digest in there if ours.get(name) != digest]
    if changed:
        what = "The folder holds files that are not the kit's, or letters that were changed; nothing is written over."
        named = f"{folder}: {changed[0]}" + (f" and {len(changed) - 1} more" if changed[1:] else "")
        raise KitError(what, named, "Name another folder with --out, or move this one away.")


def _sums(folder: Path) -> list[tuple[str, str]]:
    """Give the files of a folder with their SHA-256, but for the table of these and what a Mac leaves."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in {_SUMS, ".DS_Store"})
    return [(path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
