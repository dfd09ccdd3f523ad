"""The words of a ruling: what a reporter may decide about a name, read however it is typed.

    CA, California, US      the state that the agency is in; US for a national unit
    Norwalk, CT             the city, or with `Jefferson County, TX` the county, that it is in
    not an agency           a vendor, a test account: counted nowhere
    same as NAME            another account of the agency NAME: counted once
    not the same as NAME    what is known of one says nothing of the other
    kind: federal           the kind of agency, or of federal agency: `kind: immigration_enforcement`
    unknown                 open on purpose; `kit review` asks no more
    undo                    takes back all rulings on the name before it

Which of the rulings on a name is in force, `rulings` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kit.errors import DataError, PlaceError, did_you_mean
from kit.places import counties_named, find_state, places_named

NATION = "US"
"""The `state` of a national unit."""

KINDS = (
    "municipal_police",
    "county_sheriff",
    "state_agency",
    "federal",
    "fusion_center",
    "task_force",
    "prosecutor",
    "campus_police",
    "transit_airport_port",
    "constable_marshal",
    "tribal",
    "military",
    "non_law_enforcement",
    "other",
)
FEDERAL_GROUPS = ("immigration_enforcement", "other_dhs", "other_federal")

NO_AGENCY = "not an agency"
SAME, APART, KIND, PLACED, UNKNOWN, UNDO = "same as", "not the same as", "kind", "placed", "unknown", "undo"

MAY_SAY = (
    "a state (CA, or US for a national unit), a place (Norwalk, CT or Jefferson County, TX), not an agency, "
    "same as NAME, not the same as NAME, kind: KIND, unknown, or undo"
)
_SAME_AS = re.compile(r"(?P<apart>not )?(the )?same as:? (?P<other>.+)", re.IGNORECASE)
_KIND_IS = re.compile(r"kind ?[:=] ?(?P<kind>.+)", re.IGNORECASE)
_QUOTES = "\"'“”‘’"


@dataclass(frozen=True)
class Decision:
    """What a ruling decides: `text` as it is kept, and the parts that its `verb` needs."""

    verb: str
    text: str
    state: str = ""
    place: str = ""
    other: str = ""
    kind: str = ""
    group: str = ""


def same_name(name: str) -> str:
    """Give a name without case and with single spaces: names alike in this are one."""
    return " ".join(name.split()).casefold()


def decide(text: str) -> Decision:
    """Read a decision; DataError where it is none of MAY_SAY."""
    words = " ".join(text.split())
    if words.casefold() in {NO_AGENCY, UNKNOWN, UNDO}:
        return Decision(words.casefold(), words.casefold())
    if found := _SAME_AS.fullmatch(words):
        verb, other = APART if found["apart"] else SAME, found["other"].strip(_QUOTES)
        return Decision(verb, f"{verb} {other}", other=other)
    if found := _KIND_IS.fullmatch(words):
        return _kind(found["kind"])
    return _placed(words)


def _kind(words: str) -> Decision:
    kind = re.sub(r"[\s-]+", "_", words.strip().lower())
    if kind not in {*KINDS, *FEDERAL_GROUPS}:
        hint = did_you_mean(kind, [*KINDS, *FEDERAL_GROUPS])
        known = ", ".join([*KINDS, *FEDERAL_GROUPS])
        raise DataError(f'"{words}" is not a kind of agency.', "decision", f"The kinds: {known}.{hint}")
    group = kind if kind in FEDERAL_GROUPS else ""
    return Decision(KIND, f"kind: {kind}", kind="federal" if group else kind, group=group)


def _placed(words: str) -> Decision:
    """Read a state, or a place and its state; the place must be known, so that it can be mapped."""
    if words.upper() == NATION:
        return Decision(PLACED, NATION, state=NATION)
    place, _, last = (part.strip() for part in words.rpartition(","))
    try:
        state = find_state(last).code
    except PlaceError as cause:
        hint = did_you_mean(words, [NO_AGENCY, UNKNOWN, UNDO])
        raise DataError(f'"{words}" is not a decision.', "decision", f"Write {MAY_SAY}.{hint}") from cause
    if not place:
        return Decision(PLACED, state, state=state)
    counties = [one.full_name for one in counties_named(place) if one.state == state]
    county = [name for name in counties if same_name(name) == same_name(place)]
    if not (found := county or [one.name for one in places_named(place, state)] or counties):
        what = f'No place "{place}" is known in {find_state(state).name}.'
        raise DataError(what, "decision", f"Check its name, or write the state alone: {state}.")
    return Decision(PLACED, f"{found[0]}, {state}", state=state, place=found[0])
