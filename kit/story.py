"""Findings -> sentences: the words around the numbers, in newsroom style, hedged by what is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kit.agencies import may_be_in
from kit.ap import ap_date, ap_list
from kit.findings import Text
from kit.names import read_name
from kit.places import find_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from kit.findings import Finding, Ledger
    from kit.places import State
    from kit.sharing import SharingList

ACCESS = "Access is not use: a list says who can search the data, not who did."
ABSENCE = "An agency that is not in a list may share by another system, another agency's account or by hand."
ONE_LIST = "One agency's list is not the network: each agency's own list has to be asked for."
AS_PRINTED = "A list counts accounts as the vendor's system names them; one agency can hold more than one."
RANGE = (
    "The low end counts the names that the record itself, or a place that only one state has, puts there; "
    "the high end adds every name that could be there."
)

WORDS = {
    "municipal_police": "City and county police",
    "county_sheriff": "Sheriffs",
    "state_agency": "State agencies",
    "federal": "Federal agencies",
    "fusion_center": "Fusion centers",
    "task_force": "Task forces and HIDTAs",
    "prosecutor": "Prosecutors",
    "campus_police": "Campus police",
    "transit_airport_port": "Transit, airport and port police",
    "constable_marshal": "Constables and marshals",
    "tribal": "Tribal police",
    "military": "Military",
    "non_law_enforcement": "Not law enforcement",
    "other": "Other or not known",
    "kind": "Kind of agency",
    "immigration_enforcement": "Immigration enforcement",
    "other_dhs": "Other Homeland Security",
    "other_federal": "Other federal",
    "shares_with": "Gets the data",
    "receives_from": "Gives data",
}
"""How a page calls the codes of the tables: kinds, groups, directions."""


_SHORT = {"PD": "Police Department", "SO": "Sheriff's Office", "SD": "Sheriff's Department", "Sheriffs": "Sheriff's"}


def full_name(owner: str) -> str:
    """Write an owner as running text has it: `Costa Mesa CA PD` is the Costa Mesa Police Department."""
    code = read_name(owner).state
    spelled = re.sub(rf"\s*[(,-]?\s*\b{code}\b\)?", "", owner) if code else owner
    return re.sub(rf"\b({'|'.join(_SHORT)})\b", lambda found: _SHORT[found[1]], spelled)


def about(one: SharingList) -> str:
    """Name a list in a sentence: whose it is and the date that it bears."""
    return f"{full_name(one.owner)}, list of {ap_date(one.date)}"


def tell_shared(ledger: Ledger, one: SharingList, listed: pd.DataFrame) -> Finding:
    """Count all whom the owner of a list shares with: finding `shared.LIST`, whose number `tell_here` says."""
    return ledger.count(
        f"shared.{one.list_id}",
        f"agencies that {about(one)} shares with",
        listed,
        says=f"The {full_name(one.owner)} shared its plate data with {{n}} {{agencies}}, "
        f"by its list of {ap_date(one.date)}.",
        caveats=caveats(listed),
    )


def tell_here(ledger: Ledger, one: SharingList, here: State, listed: pd.DataFrame, *, headline: bool) -> Finding:
    """Count those of a list that are in a state, as a range where names are not certain: finding `here.LIST`."""
    sure = listed[(listed["status"] == "certain") & (listed["state"] == here.code)]
    maybe = listed[may_be_in(listed, here.code)]
    date, owner = ap_date(one.date), full_name(one.owner)
    if f"shared.{one.list_id}" in ledger.findings:
        whole = f"The {owner} shared its plate data with {{shared.{one.list_id}}} agencies"
        says = f"{whole}, {{n}} of them in {here.name}, by its list of {date}."
    elif sure.empty:
        says = f"No name on the {owner}'s list of {date} is certainly in {here.name}; {{n}} could be."
    else:
        owner = f"The {owner} of {find_state(one.owner_state).name}"
        says = f"{owner} shared its data with {{n}} {{agencies}} in {here.name}, by its list of {date}."
    return ledger.count(
        f"here.{one.list_id}",
        f"agencies in {here.name} that {about(one)} shares with",
        sure,
        maybe=maybe,
        says=says,
        caveats=caveats(listed, ranged=len(maybe) > 0),
        headline=headline,
    )


_VERBS = {"shares_with": "shared its data with", "receives_from": "got data from"}
_HOMELAND = "of the Department of Homeland Security"


def tell_homeland(ledger: Ledger, one: SharingList, direction: str, units: pd.DataFrame) -> Finding:
    """Count the units of Homeland Security in one direction of a list, by name: finding `dhs.DIRECTION.LIST`."""
    verb = _VERBS[direction]
    named = f": {ap_list(list(units['partner']))}" if len(units) else ""
    homeland = f"{'unit' if len(units) == 1 else 'units'} {_HOMELAND}"
    return ledger.count(
        f"dhs.{direction}.{one.list_id}",
        f"{homeland}: {verb}, {about(one)}",
        units,
        unit="units",
        says=f"By its list of {ap_date(one.date)}, the {full_name(one.owner)} {verb} {{n}} {homeland}{named}.",
        headline=direction == "shares_with" and len(units) > 0,
    )


def tell_no_homeland(ledger: Ledger, lists: Sequence[SharingList], direction: str) -> Finding:
    """Say of which lists none names a unit of Homeland Security in one direction: finding `dhs.DIRECTION.none`."""
    owners = [f"the {full_name(one.owner)} (list of {ap_date(one.date)})" for one in lists]
    return ledger.count(
        f"dhs.{direction}.none",
        f"units {_HOMELAND} on lists that name none: {_VERBS[direction]}",
        ledger.rows.iloc[:0],
        unit="units",
        says=f"{{n}} units {_HOMELAND} are named among those that {ap_list(owners)} {_VERBS[direction]}.",
        headline=direction == "shares_with",
    )


CHANGES = {
    "still there": ("Still there", "stand in both lists under one name"),
    "marked inactive": ("Still there, now marked inactive", "stand in both lists and are marked inactive in the newer"),
    "renamed": ("Still there under another name", "stand in both lists under two names"),
    "dropped": ("No longer there", "on the older list are not on the newer"),
    "added": ("New", "on the newer list are not on the older"),
}
"""What `compare` finds: how a chart calls it, and how a sentence ends on it."""


def tell_changes(
    ledger: Ledger, old: SharingList, new: SharingList, change: pd.DataFrame, *, headline: bool
) -> dict[str, Finding]:
    """Count each kind of change between two lists (`compare`): findings `change.KIND.LIST`, by kind."""
    rows = change["row_id"].where(change["row_id"] != "", change["row_id_before"])
    between = f"Between the {full_name(new.owner)}'s lists of {ap_date(old.date)} and {ap_date(new.date)}"
    return {
        what: ledger.count(
            f"change.{what}.{new.list_id}",
            f"agencies {what} between {ap_date(old.date)} and {ap_date(new.date)}",
            ledger.rows[ledger.rows["row_id"].isin(rows[change["change"] == what])],
            says=f"{between}: {{n}} {{agencies}} {ends}.",
            headline=headline and what in {"dropped", "added"},
        )
        for what, (_, ends) in CHANGES.items()
    }


def caveats(rows: pd.DataFrame, *, ranged: bool = False) -> tuple[str, ...]:
    """Choose the caveats that the rows call for: a range, inactive accounts, test entries."""
    flags = set(";".join(rows["flags"]).split(";"))
    chosen = [RANGE] if ranged else []
    if "inactive" in flags:
        chosen.append("Accounts that the list marks inactive are counted: the list still names them.")
    if "test" in flags:
        chosen.append("An account that looks like a test or demo is counted, as the list does.")
    return tuple(chosen)


def not_shown(lists: Sequence[SharingList], state: State) -> Text:
    """Say what a state's page cannot show, by the lists that stand behind it."""
    own = [one for one in lists if one.owner_state == state.code]
    first = (
        f"Only these lists are from {state.name}: {ap_list([about(one) for one in own])}."
        if own
        else f"No list here is from an agency in {state.name}; the page rests on lists from elsewhere that name it."
    )
    systems = ap_list(sorted({one.system.title() for one in lists})) if lists else "any system"
    lines = (
        first,
        f"The lists are from {systems}; sharing by other systems does not stand in them.",
        ACCESS,
        ABSENCE,
        ONE_LIST,
        AS_PRINTED,
        "Data can also travel by regional systems and by one officer's search for another; no list shows that.",
    )
    return Text(lines, bullets=True)


_VIGILANT = (
    "Ask agencies in {state}, under the state's public records law, for the Agency Data Sharing Report of their "
    "Vigilant (Motorola) VehicleManager or LEARN account: the agencies that it shares detections and hot lists "
    "with, and those that it receives them from."
)
_FLOCK = (
    "Where an agency uses Flock Safety, ask for the export of its shared networks, and look for its transparency "
    "portal, which lists the organizations with access."
)
_FILE = "Ask for the file that the system makes, not a print: a file can be read to the last row."


def nothing_known(state: State) -> Text:
    """Say that no list is from a state or names an agency that is certainly there, and what that means."""
    nothing = f"No list that the kit holds is from {state.name}, and none names an agency that is certainly there."
    means = f"That says nothing about sharing in {state.name}: it says which records nobody has asked for yet."
    return Text((nothing, f"{means} What to ask for:"))


def ask_for(state: State) -> Text:
    """Say which records would fill a state's page."""
    return Text((_VIGILANT.format(state=state.name), _FLOCK, _FILE), bullets=True)
