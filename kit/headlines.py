"""Findings -> headlines of charts and maps: each states what the numbers of the figure show, and no more than that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.ap import ap_list, ap_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kit.findings import Finding

_FEW = 2
"""So many names of one number are told; of more it is told that nobody has a higher one."""
_LONG = 45
"""Letters of names that a headline has room for."""


def by_state(found: Sequence[tuple[str, Finding]], home: str = "") -> str:
    """Say which state has most agencies; where the owner's own is among them, which other has."""
    others = [one for one in found if one[0] != home]
    outside = f" outside {home}" if len(others) < len(found) else ""
    return _most(others, "state", outside) if others else f"All agencies that are certain are in {home}"


def by_county(found: Sequence[tuple[str, Finding]]) -> str:
    """Say which county has most agencies that get the data."""
    return _most(found, "county", " that get the data")


def _most(found: Sequence[tuple[str, Finding]], kind: str, which: str) -> str:
    """Say who has the highest number; names that share it are told where they are few."""
    high = max((one for _, one in found), key=lambda one: (one.low, one.high))
    names = [name for name, one in found if one.low == high.low]
    if len(names) > _FEW:
        return f"No {kind} has more than {_agencies(high)}{which}"
    if len(names) > 1:
        return f"{ap_list(names)} have the most agencies{which}: {high.words} each"
    return f"{names[0]} has the most agencies{which}: {high.text}"


def in_and_out(found: Sequence[tuple[str, Finding, Finding]], home: str) -> str:
    """Say how far lists reach beyond a state: label, agencies inside, agencies elsewhere."""
    first, *others = sorted((away for _, _, away in found), key=lambda one: (one.low, one.high), reverse=True)
    most = max((one.high for one in others), default=0)
    if not first.low:
        high = max(first.high, most)
        return f"No agency is certainly outside {home}; on no list are there more than {high:,} that could be"
    if others and first.low > most:
        return f"One list names {_agencies(first)} outside {home}; no other has more than {most:,}"
    return f"{_sentence(_agencies(first))} outside {home} {_are(first)} on the list that reaches furthest"


def by_kind(found: Sequence[tuple[str, Finding]], total: Finding, what: str = "that get the data") -> str:
    """Say which kind of agency is the largest part of those that get the data."""
    name, high = max(found, key=lambda one: (one[1].low, one[1].high))
    part = "more than half" if high.low * 2 > total.high else "the largest group"
    return f"{name} are {part} of the agencies {what}: {high.text} of {total.text}"


def change(found: Mapping[str, Finding]) -> str:
    """Say how many agencies left a list and how many are new; the findings are `story.tell_changes`'s."""
    gone, new = found["dropped"], found["added"]
    return f"{_sentence(_agencies(gone))} {_are(gone)} gone from the list, {new.text} {_are(new)} new"


def moved(found: Sequence[tuple[str, Finding, Finding]]) -> str:
    """Say what fell or grew most between two dates: label, number then, number now."""
    name, then, now = max(found, key=lambda one: abs(one[2].low - one[1].low))
    if then.low == now.low:
        return "The numbers are the same at both dates"
    return f"{name} {'fell' if now.low < then.low else 'grew'} most, from {then.text} to {now.text}"


def over_time(found: Sequence[tuple[str, Finding]]) -> str:
    """Say from what to what a list went, oldest first."""
    (_, first), (date, last) = found[0], found[-1]
    if first.text == last.text:
        return f"The list of {date} names {_agencies(last)}, as the first did"
    return f"The list went from {_agencies(first)} to {last.text}"


def by_definition(found: Sequence[tuple[str, Finding]]) -> str:
    """Say between what numbers a count lies, from the narrowest definition to the widest."""
    least, most = min(one.low for _, one in found), max(one.high for _, one in found)
    if least == most:
        return f"By every definition, {most:,} of the agencies {'is' if most == 1 else 'are'} of sanctuary places"
    return f"From {least:,} to {most:,} of the agencies are of sanctuary places, depending on the definition"


def one_way(found: Sequence[tuple[str, Finding, Finding]]) -> str:
    """Say where most get the data and send none: label, those, those that send theirs too."""
    label, alone, _ = max(found, key=lambda one: (one[1].low, one[1].high))
    sends = "sends" if alone.high == 1 else "send"
    return f"{_sentence(_agencies(alone))} {'gets' if sends == 'sends' else 'get'} the data and {sends} none: {label}"


def by_owners(found: Sequence[tuple[str, Finding]]) -> str:
    """Say how many get the data of most owners: number of owners in words, and agencies; the highest first."""
    words, most = found[0]
    return f"{_agencies(most)} {'gets' if most.high == 1 else 'get'} the data of {words}, none of more"


def on_most(found: Sequence[tuple[str, Finding]]) -> str:
    """Say who gets the data of most owners; the findings count owners."""
    high = max(one.low for _, one in found)
    names = [name for name, one in found if one.low == high]
    these = f"{ap_number(high)} of these owners"
    if len(names) > _FEW or len(ap_list(names)) > _LONG:
        get = "agency gets" if len(names) == 1 else "agencies get"
        return f"{_sentence(ap_number(len(names)))} {get} the data of {these}, none of more"
    ahead = ", more than any other" if len(names) < len(found) else ""
    return f"{ap_list(names)} {'gets' if len(names) == 1 else 'get'} the data of {these}{ahead}"


def reach(states: Finding, owner: str) -> str:
    """Say how far the data of an owner went at the least: the states that are certain."""
    return f"Agencies in at least {states.text} {'state' if states.high == 1 else 'states'} got the data of the {owner}"


def near(found: Finding, place: str) -> str:
    """Say how many neighbors of a city are in the lists."""
    one = found.high == 1
    return f"{found.text} {'neighbor' if one else 'neighbors'} of {place} {'is' if one else 'are'} in the lists"


def _agencies(found: Finding) -> str:
    return f"{found.text} {'agency' if found.high == 1 else 'agencies'}"


def _are(found: Finding) -> str:
    return "is" if found.high == 1 else "are"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
