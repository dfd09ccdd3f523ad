"""Findings -> sentences: the words around the numbers, in newsroom style, hedged by what is known."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kit.ap import ap_date, ap_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

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

KINDS = {
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
}
"""How a page calls the kinds of the agency table."""


@dataclass(frozen=True)
class Text:
    """Paragraphs or a list for a page; nothing in them is a number about the data."""

    lines: tuple[str, ...]
    bullets: bool = False

    def _repr_html_(self) -> str:
        if self.bullets:
            return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in self.lines)}</ul>"
        return "".join(f"<p>{escape(line)}</p>" for line in self.lines)


def about(one: SharingList) -> str:
    """Name a list in a sentence: whose it is and the date that it bears."""
    return f"{one.owner}, list of {ap_date(one.date)}"


def caveats(rows: pd.DataFrame, *, ranged: bool = False) -> tuple[str, ...]:
    """Choose the caveats that the rows call for: a range, inactive accounts, test entries."""
    flags = set(";".join(rows["flags"]).split(";"))
    chosen = [RANGE] if ranged else []
    if "inactive" in flags:
        chosen.append("Accounts that the list marks inactive are counted: the list still names them.")
    if "test" in flags:
        chosen.append("An account that looks like a test or demo is counted, as the list does.")
    return tuple(chosen)


def not_shown(lists: Sequence[SharingList], state: State) -> tuple[str, ...]:
    """Say what a state's page cannot show, by the lists that stand behind it."""
    own = [one for one in lists if one.owner_state == state.code]
    first = (
        f"Only these lists are from {state.name}: {ap_list([about(one) for one in own])}."
        if own
        else f"No list here is from an agency in {state.name}; the page rests on lists from elsewhere that name it."
    )
    systems = ap_list(sorted({one.system.title() for one in lists})) if lists else "any system"
    return (
        first,
        f"The lists are from {systems}; sharing by other systems does not stand in them.",
        ACCESS,
        ABSENCE,
        ONE_LIST,
        AS_PRINTED,
        "Data can also travel by regional systems and by one officer's search for another; no list shows that.",
    )


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


def ask_for(state: State) -> Text:
    """Say which records would fill a state's page."""
    return Text((_VIGILANT.format(state=state.name), _FLOCK, _FILE), bullets=True)
