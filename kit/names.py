"""One agency name -> its words for place, state and kind, by grammar alone.

Nothing is looked up here: `Missouri City Police Department` reads as a place `Missouri City`, and
`California Highway Patrol` as a state agency of California, because of the words that follow. What
a place word means (Norwalk in which state?) is decided in `agencies`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kit.records.record import strip_markers

# fmt: off
STATE_NAMES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}
"""The 50 states and the District of Columbia by postal code."""
# fmt: on

# "HIDTA - Central Valley California"; a name that ends on Washington may mean the capital.
_SPELLED_END = re.compile(
    rf"-\s.*?\b(?P<state>{'|'.join(name for name in STATE_NAMES.values() if name != 'Washington')})$",
    re.IGNORECASE,
)
_CODE_OF = {name.lower(): code for code, name in STATE_NAMES.items()}
# Codes that are also words of the trade: County, Los Angeles, Sheriff's Department. Inside a name
# they are a state only where nothing else can be meant.
_TWO_MEANINGS = {"CO", "LA", "SD"}

# Kinds by their words, the most telling first; the first that fits decides.
_KIND_WORDS = {
    "fusion_center": "fusion cent(er|re)|intelligence cent(er|re)|information (and|&) analysis cent(er|re)",
    "task_force": (
        "task force|tf|hidta|strike force|auto theft team|major case unit|safety network"
        "|regional alpr program|narcotics team"
    ),
    "prosecutor": "prosecut(or|ing|ors)|da'?s? office|(district|states?|county|city) attorneys?",
    "constable_marshal": "constables?|marshals?",
    "transit_airport_port": (
        "airports?|rapid transit|transit|transportation authority|port police|port authority|railroad|railway|port of"
    ),
    "campus_police": "university|college|campus|csu|uc|schools?|isd|unified",
    "tribal": "tribal|tribe|nation|rancheria|pueblo|band of",
    "non_law_enforcement": "fire (dept|department|district)|hoa|homeowners|medical cent(er|re)|hospital",
    "county_sheriff": "sher+iff?'?s?'?|so|shf",
    "state_agency": (
        "highway patrol|state patrol|state police|dept of justice|doj|attorney general"
        "|law enforcement (division|agency)|bureau of investigation|franchise tax board"
        "|fish (and|&) (wildlife|game)|department of insurance"
    ),
    "municipal_police": "police|pd|public safety|dps|law enforcement",
}
_KINDS = {kind: re.compile(rf"\b({words})\b", re.IGNORECASE) for kind, words in _KIND_WORDS.items()}

# Words that name the body and not the place, taken off the end of a name.
_BODY = re.compile(
    r"""[\s,-]*\b(
        police\ (department|dept\.?|division|bureau|services?)? | pd | dept\.? | police
      | department\ of\ public\ safety | public\ safety(\ services| department)? | law\ enforcement
      | sher+iff?'?s?'?(\ (office|department|dept\.?))? | so | sd
      | (district|city|county|prosecuting)\ attorneys?'?s?(\ office)? | prosecutors?'?s?(\ office)? | das?\ office
      | constables?'?s?(\ office)? | (city\ )?marshals?'?s?(\ office)? | fire\ (dept\.?|department)
      | u\.?s\.?\ (army|air\ force|navy) | air\ force\ base
      | ((narcotics|drug|vehicle\ theft|auto\ theft)\ )?task\ force | regional\ alpr\ program
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_STATE_BODY = re.compile(
    r"^(state|highway|department|dept|bureau|division|office|attorney|law enforcement|doj|fish|franchise|hls"
    r"|national guard|lottery)\b",
    re.IGNORECASE,
)
_COUNTY = re.compile(r"^(?P<name>.+?)\s+(?P<word>county|co|parish|borough|municipio)\b\.?(?P<rest>.*)$", re.IGNORECASE)
_COUNTY_OF = re.compile(r"^(county|parish) of (?P<name>.+)$", re.IGNORECASE)
_CITY_OF = re.compile(r"^(city|town|village|borough|township)( and county)? of\s+", re.IGNORECASE)


@dataclass(frozen=True)
class AgencyName:
    """What the words of a name say.

    `place` is the words for a city, or with `county` those for a county without "County";
    `state` is a postal code that the name itself prints, else empty; `said` tells where it stands.
    """

    text: str
    bare: str
    place: str
    state: str
    said: str
    county: bool
    kind: str


@lru_cache(maxsize=65536)
def read_name(text: str) -> AgencyName:
    """Read one agency name."""
    bare = strip_markers(text)
    rest, place_hint, state, said = _state(bare)
    kind = next((kind for kind, words in _KINDS.items() if words.search(rest)), "other")
    if own := _state_agency(rest):
        kind = "prosecutor" if kind == "prosecutor" and "general" not in rest.lower() else "state_agency"
        said = said or f'"{STATE_NAMES[own]}" in the name'
        return AgencyName(text, bare, "", state or own, said, county=False, kind=kind)
    place, county = _place(rest)
    return AgencyName(text, bare, place_hint or place, state, said, county=county and not place_hint, kind=kind)


def _state(name: str) -> tuple[str, str, str, str]:
    """Find the state that a name prints: the name without it, a city beside it, the code, how it stands."""
    if found := re.search(r"\(\s*(?:(?P<city>[A-Za-z .'-]+?)[ ,]+)?(?P<code>[A-Za-z]{2})\s*\)\s*$", name):
        code = found["code"].upper()
        if code in STATE_NAMES:
            return (
                name[: found.start()].strip(" -,"),
                found["city"] or "",
                code,
                f'"{found.group().strip()}" in the name',
            )
    if found := re.search(r"(?<=\S)[\s,-]+(?P<code>[A-Z]{2})$", name):
        code = found["code"]
        if code in STATE_NAMES and code not in _TWO_MEANINGS:
            return name[: found.start()].strip(" -,"), "", code, f'"{code}" at the end of the name'
    if (found := _SPELLED_END.search(name)) and found["state"].lower() in _CODE_OF:
        return name, "", _CODE_OF[found["state"].lower()], f'"{found["state"]}" at the end of the name'
    for found in re.finditer(r"(?<=\S)\s(?P<code>[A-Z]{2})(?=\s)", name):
        code, after = found["code"], name[found.end() :].strip()
        if code in STATE_NAMES and _is_body(after) and _can_be_state(code, name[: found.start()]):
            return f"{name[: found.start()]} {after}", "", code, f'"{code}" in the name'
    return name, "", "", ""


def _is_body(words: str) -> bool:
    """Tell whether the words name a body and no place: `SO`, `Police Department`, `Law Enforcement`."""
    return not _BODY.sub("", f"x {words}").removeprefix("x").strip()


def _can_be_state(code: str, before: str) -> bool:
    """Tell whether a code that has two meanings can be a state here: `Iberville Parish LA SO` can."""
    if code == "CO":
        return bool(re.search(r"\b(county|city)$", before, re.IGNORECASE))
    return code != "SD"


def _state_agency(name: str) -> str:
    """Give the state of a name that starts with it and goes on like a state's own body."""
    lower = name.lower()
    for spelled, code in _CODE_OF.items():
        if lower.startswith(f"{spelled} ") and _STATE_BODY.match(name[len(spelled) + 1 :]):
            return code
    return ""


def _place(rest: str) -> tuple[str, bool]:
    """Give the words for the place, and whether they are a county's."""
    words = rest
    while (shorter := _BODY.sub("", words)) and shorter != words:
        words = shorter
    if found := _COUNTY_OF.match(words):
        return found["name"].strip(), True
    if (found := _COUNTY.match(words)) and (found["word"].lower() != "borough"):
        return found["name"].strip(), True
    return _CITY_OF.sub("", words).strip(" -,"), False
