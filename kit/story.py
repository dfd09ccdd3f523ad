"""Findings -> sentences: the words around the numbers, in newsroom style, hedged by what is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kit.agencies import may_be_in
from kit.ap import ap_date, ap_list
from kit.findings import Text, verbatim
from kit.names import read_name
from kit.places import find_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from kit.coverage import Residents
    from kit.findings import Finding, Ledger
    from kit.places import Place, State
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
    "detections": "Plate detections",
    "network": "Plate data by network",
    "hotlist": "Hot lists",
}
"""How a page calls the codes of the tables: kinds, groups, directions."""


_SHORT = {"PD": "Police Department", "SO": "Sheriff's Office", "SD": "Sheriff's Department", "Sheriffs": "Sheriff's"}


def full_name(owner: str) -> str:
    """Write an owner as running text has it: `Costa Mesa CA PD` is the Costa Mesa Police Department."""
    code = read_name(owner).state
    spelled = re.sub(rf"\s*[(,-]?\s*\b{code}\b\)?", "", owner) if code else owner
    return re.sub(rf"\b({'|'.join(_SHORT)})\b", lambda found: _SHORT[found[1]], spelled)


def _owner(one: SharingList) -> str:
    """Name the owner of a list in a sentence for a count."""
    return verbatim(full_name(one.owner))


def about(one: SharingList) -> str:
    """Name a list in a sentence: whose it is and the date that it bears."""
    return f"{full_name(one.owner)}, list of {ap_date(one.date)}"


def cited(lists: Iterable[SharingList]) -> str:
    """Name lists in a source line, each owner once with the dates of its lists, in the order of their names."""
    dates: dict[str, list[str]] = {}
    for one in sorted(lists, key=lambda one: (full_name(one.owner), one.date)):
        dates.setdefault(full_name(one.owner), []).append(ap_date(one.date))
    return "Lists of " + "; ".join(f"{owner} ({ap_list(list(dict.fromkeys(found)))})" for owner, found in dates.items())


def tell_shared(ledger: Ledger, one: SharingList, listed: pd.DataFrame) -> Finding:
    """Count all whom the owner of a list shares with: finding `shared.LIST`, whose number `tell_here` says."""
    return ledger.count(
        f"shared.{one.list_id}",
        f"agencies that {about(one)} shares with",
        listed,
        says=f"The {_owner(one)} shared its plate data with {{n}} {{agencies}}, by its list of {ap_date(one.date)}.",
        caveats=caveats(listed),
    )


def tell_here(ledger: Ledger, one: SharingList, here: State, listed: pd.DataFrame, *, headline: bool) -> Finding:
    """Count those of a list that are in a state, as a range where names are not certain: finding `here.LIST`."""
    sure = listed[(listed["status"] == "certain") & (listed["state"] == here.code)]
    maybe = listed[may_be_in(listed, here.code)]
    date, owner = ap_date(one.date), _owner(one)
    counted = listed.loc[[*sure.index, *maybe.index]]
    if f"shared.{one.list_id}" in ledger.findings:
        counted = listed
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
        caveats=caveats(counted, ranged=len(maybe) > 0),
        headline=headline,
    )


_VERBS = {"shares_with": "shared its data with", "receives_from": "got data from"}
_HOMELAND = "of the Department of Homeland Security"


def tell_homeland(ledger: Ledger, one: SharingList, direction: str, units: pd.DataFrame) -> Finding:
    """Count the units of Homeland Security in one direction of a list, by name: finding `dhs.DIRECTION.LIST`."""
    verb = _VERBS[direction]
    named = f": {ap_list(list(map(verbatim, units['partner'])))}" if len(units) else ""
    homeland = f"{'unit' if len(units) == 1 else 'units'} {_HOMELAND}"
    return ledger.count(
        f"dhs.{direction}.{one.list_id}",
        f"{homeland}: {verb}, {about(one)}",
        units,
        unit="units",
        says=f"By its list of {ap_date(one.date)}, the {_owner(one)} {verb} {{n}} {homeland}{named}.",
        headline=direction == "shares_with" and len(units) > 0,
    )


def tell_no_homeland(ledger: Ledger, lists: Sequence[SharingList], direction: str) -> Finding:
    """Say of which lists none names a unit of Homeland Security in one direction: finding `dhs.DIRECTION.none`."""
    owners = [f"the {_owner(one)} (list of {ap_date(one.date)})" for one in lists]
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
    between = f"Between the {_owner(new)}'s lists of {ap_date(old.date)} and {ap_date(new.date)}"
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


def nothing_shown(why: str) -> Text:
    """Say in a part of a page that stays empty why it does: nothing known is not nothing there."""
    return Text((f"Nothing is shown here: {why}.",))


def ask_for(state: State) -> Text:
    """Say which records would fill a state's page."""
    return Text((_VIGILANT.format(state=state.name), _FLOCK, _FILE), bullets=True)


# --- one way, bridges, policies, law ---

_ONE_WAY = {
    "receives only": ("get the data and are not among those that send theirs", "receives-only"),
    "sends only": ("send their data and are not among those that get the owner's", "sends-only"),
}
_OF_THIS_LIST = "True of this owner and these agencies only; they may share with others."


def tell_one_way(ledger: Ledger, one: SharingList, alone: pd.DataFrame, way: str) -> Finding:
    """Count the agencies in one direction of a list alone (`pathways.one_way`): finding `receives-only.LIST`."""
    words, name = _ONE_WAY[way]
    found = alone[alone["one_way"] == way]
    return ledger.count(
        f"{name}.{one.list_id}",
        f"agencies that {words}, {about(one)}",
        found[found["sure"]],
        maybe=found[~found["sure"]],
        says=f"By the {_owner(one)}'s list of {ap_date(one.date)}, {{n}} {{agencies}} {words}.",
        caveats=(_OF_THIS_LIST,),
    )


def tell_both_ways(ledger: Ledger, one: SharingList, listed: pd.DataFrame, alone: pd.DataFrame) -> Finding:
    """Count the agencies of a list that get the owner's data and send theirs: finding `both-ways.LIST`.

    `alone` is of `pathways.one_way`: whom it has is not counted, or in the high end where it is not sure.
    """
    gets = listed[listed["direction"] == "shares_with"]
    one_way = alone.set_index("row_id")["sure"]
    return ledger.count(
        f"both-ways.{one.list_id}",
        f"agencies that get the data and send theirs, {about(one)}",
        gets[~gets["row_id"].isin(one_way.index)],
        maybe=gets[gets["row_id"].isin(one_way.index[~one_way.astype(bool)])],
        says=f"By the {_owner(one)}'s list of {ap_date(one.date)}, {{n}} {{agencies}} get the data and send theirs.",
        caveats=(_OF_THIS_LIST,),
    )


def tell_reach(ledger: Ledger, one: SharingList, placed: pd.DataFrame) -> Finding:
    """Count the states in which agencies of a list certainly are: finding `states.LIST`; DC and territories count."""
    number = placed["state"].nunique()
    return ledger.amount(
        f"states.{one.list_id}",
        f"states, districts and territories with agencies that certainly get the data, {about(one)}",
        (number, number),
        placed,
        unit="states",
        says=f"By its list of {ap_date(one.date)}, the {_owner(one)} shared its data with agencies in {{n}} states, "
        "counting those that are certain.",
    )


def no_way(whose: Sequence[str]) -> Text:
    """Say from which owners no way to immigration enforcement is shown, and that this is no proof."""
    shown = f"These lists and the memberships on record show no way from {ap_list(whose)} to immigration enforcement"
    return Text((f"{shown}, straight or over one agency between. That is not proof that there is none.",))


def tell_policies(ledger: Ledger, one: SharingList, own: pd.DataFrame, definition: str, meaning: str) -> Finding:
    """Count the agencies of cities and counties with a policy of their own: finding `policy.DEFINITION.LIST`.

    `own` is of `policies.sanctuary_of`, without the state's rows; `meaning` says what the definition means.
    """
    return ledger.count(
        f"policy.{definition}.{one.list_id}",
        f"agencies of a city or county with {meaning}, {about(one)}",
        own[own["counts"] == "yes"],
        maybe=own[own["counts"] == "maybe"],
        says=f"Of those that the {_owner(one)} shared with by its list of {ap_date(one.date)}, {{n}} {{are}} "
        f"of a city or county with {meaning}.",
        caveats=("A policy not verified in full, not dated or contested is in the high end alone.",),
    )


def tell_law(ledger: Ledger, one: SharingList, pairs: pd.DataFrame) -> Finding:
    """Count the pairs of a list that the sender's state law may bar at the list's date: finding `law.ID.LIST`."""
    law = pairs.iloc[0]
    return ledger.count(
        f"law.{law['law_id']}.{one.list_id}",
        f"shares that appear to conflict with {law['citation']}, {about(one)}",
        pairs[pairs["counts"] == "yes"],
        maybe=pairs[pairs["counts"] == "maybe"],
        unit="shares",
        says=f"On the {_owner(one)}'s list of {ap_date(one.date)}, {{n}} shares appear to conflict with "
        f"{law['citation']}.",
        caveats=("Whether a share breaks a law is for a lawyer to say; a court may see an exception.",),
    )


def tell_residents(ledger: Ledger, one: SharingList, state: State, living: Residents, police: pd.DataFrame) -> Finding:
    """Say which share of a state's residents live where the city's own police are on a list: `residents.LIST`."""
    ends = (100 * living.low // living.of, -(-100 * living.high // living.of)) if living.of else (0, 0)
    return ledger.amount(
        f"residents.{one.list_id}",
        f"percent of the residents of {state.name} whose city's own police are on the list, {about(one)}",
        ends,
        police,
        unit="percent",
        says=f"About {{n}} percent of the residents of {state.name} live in a city whose own police are on the "
        f"{_owner(one)}'s list of {ap_date(one.date)}.",
        caveats=(living.source, "Places that a sheriff polices are not counted."),
    )


# --- a city ---

PARTNER = {"shares_with": "Gets the owner's data", "receives_from": "Gives the owner its data"}
"""What a partner of a list does, by the row's direction."""

_CITY = {
    "gets": ("lists whose owners share with agencies of", "get the data of the owners of {n} {lists}"),
    "gives": ("lists whose owners get data from agencies of", "give their data to the owners of {n} {lists}"),
}


def tell_city(ledger: Ledger, here: Place, does: str, theirs: pd.DataFrame) -> Finding:
    """Count the lists of others on which agencies of a city or its county get or give data: `city.gets`."""
    label, words = _CITY[does]
    listed = theirs.drop_duplicates("list_id")
    lists = "list" if len(listed) == 1 else "lists"
    return ledger.count(
        f"city.{does}",
        f"{label} {here.name}",
        listed,
        unit="lists",
        says=f"Agencies of {here.name} or {here.county} {words.replace('{lists}', lists)} held here.",
        headline=True,
    )


def tell_ways(ledger: Ledger, here: Place, behind: pd.DataFrame) -> Finding:
    """Say how many rows of lists the ways to immigration enforcement rest on: finding `ways`."""
    return ledger.count(
        "ways",
        f"rows behind the ways from {here.name} to immigration enforcement",
        behind,
        unit="listings",
        says="The ways below rest on {n} listings and on the memberships cited.",
        caveats=(ACCESS,),
    )


def tell_near(ledger: Ledger, here: Place, neighbors: pd.DataFrame, miles: int) -> Finding:
    """Count the neighbors of a city in the lists, each once: finding `near`."""
    return ledger.count(
        "near",
        f"neighbors of {here.name} in the lists",
        neighbors,
        says=f"{{n}} {{agencies}} of adjoining counties, or of cities within about {miles} miles of {here.name}, "
        "{are} in the lists.",
        headline=True,
    )


def tell_shorter(old: SharingList, new: SharingList, direction: str) -> Text:
    """Say what else than a cut may have made one of two lists shorter: its sections, what was left out, its notes."""
    lacks = [one for one in (old, new) if not any(way == direction for way, _ in one.sections())]
    lines = [f"The list of {ap_date(one.date)} has no such section: nothing can be said of it." for one in lacks]
    for one in (old, new):
        if left_out(one):
            lines.append(
                f"Some text of the list of {ap_date(one.date)} is no row here: the table below has it, and why."
            )
        if one.notes:
            lines.append(f"Of the list of {ap_date(one.date)}: {one.notes}")
    if old.title != new.title:
        lines.append(f"The two records have different titles: {old.title} and {new.title}.")
    whole = "Both records were read whole, with the section in both."
    return Text(tuple(lines) or (whole,), bullets=bool(lines))


# Where one text that was left out of a record ends and the next begins: at its page, or its sheet and row.
_LEFT_OUT = re.compile(r"(?:^|;\s+)(p\d+|[^;:!]+!\d+): ")


def left_out(one: SharingList) -> list[tuple[str, str]]:
    """Give what of a record is no row: where it stands in the record, and the text with the reason."""
    if one.left_out in {"", "nothing"}:
        return []
    first, *told = _LEFT_OUT.split(one.left_out)
    return [*([("", first)] if first else []), *zip(told[::2], told[1::2], strict=True)]


def not_shown_anywhere(lists: Sequence[SharingList]) -> Text:
    """Say what the page of all states cannot show."""
    owners = ap_list(sorted({full_name(one.owner) for one in lists})) or "nobody"
    lines = (f"Only the lists of these owners are held: {owners}.", ACCESS, ABSENCE, ONE_LIST, AS_PRINTED)
    return Text(lines, bullets=True)
