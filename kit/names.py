"""One agency name -> the ways to read it: words for place, state and kind, by grammar alone.

Nothing is looked up here: `Missouri City Police Department` reads as a place `Missouri City`, and
`California Highway Patrol` as a state agency of California, because of the words that follow. Where
the words allow two ways (`Federal Heights CO PD`: Colorado or a county?) both are given, the likelier
first; which of them a place supports, and what a place word means (Norwalk in which state?), is decided
in `agencies`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from kit.kinds import gives_way, is_body_of_state, is_states_own, kind_of
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

_CODE_OF = {name.lower(): code for code, name in STATE_NAMES.items()}
# West Virginia before Virginia.
_SPELLED = "|".join(sorted(STATE_NAMES.values(), key=len, reverse=True))
# Codes that are also words of the trade: County, Los Angeles, Sheriff's Department.
_TWO_MEANINGS = {"CO", "LA", "SD"}
# Codes that are words where a whole name stands in capitals, or one of them in small letters.
_WORDS = {"AL", "DE", "HI", "IN", "MA", "ME", "MT", "OR", *_TWO_MEANINGS}

# Words that name the body and not the place, taken off the end of a name.
_BODY = re.compile(
    r"""[\s,-]*(?<![\w'])(
        (metro(politan)?\ )?police(\ (department|dept\.?|division|bureau|services?|force|authority))?
      | (division|bureau|department|dept\.?)\ of\ police | (metro(politan)?\ )?pd | dept\.? | dps
      | (department|dept\.?)\ of\ public\ safety | public\ safety(\ services)?(\ department)? | law\ enforcement(\ les)?
      | sher+iff?'?s?'?(\ (office|department|dept\.?|pd))? | [cs]?so\d? | shf
      | (district|state'?s?|city|county|prosecuting|commonwealth'?s)\ attorneys?'?s?(\ office)?
      | (prosecutor|solicitor|attorney)s?'?s?'?(\ office)? | da'?s?(\ office)?
      | (town\ |city\ )?marshal'?s?'?(\ office)? | marshall'?s'?\ office
      | (constables?|const)'?s?(\ office)? | (pct|precinct)\.?\ ?\d+
      | fire(\ (dept\.?|department|protection|authority))? | fd | probation(\ department)?
      | u\.?s\.?\ (army|air\ force|navy) | air\ force\ base
      | ((narcotics|drug|vehicle\ theft|auto\ theft|criminal)\ )?task\ ?force | d?tf | regional\ alpr\ program
      | dispatch(\ center)? | (central\ )?communications(\ center)? | 911(\ (center|dispatch\ authority))?
      | schools?\ (police|pd) | isd(\ (police|pd))? | campus | rangers
    )\s*\d?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_COUNTY = re.compile(r"^(?P<name>.*?[^\s-])\s+(county|co|parish|municipio)(?=[\s.]|$)\.?(?P<rest>.*)$", re.IGNORECASE)
_COUNTY_OF = re.compile(
    r"^(county|parish) of (?P<name>.+)$|^.*(park|authority|board|district)s? of (?P<its>[\w.' ]+?) (county|parish)$",
    re.IGNORECASE,
)
_COUNTY_CALLED = re.compile(r"\b(county|parish)\b", re.IGNORECASE)
_CITY_OF = re.compile(r"^(city|town|village|borough|township)( and county)? of\s+", re.IGNORECASE)
# Words after a state's name with which it is a place's or a county's: Delaware Valley, Nevada County.
_NO_STATE_BEFORE = re.compile(
    r"^(city|county|co|valley|beach|river|township|twp|lake|park|island|springs|hills?|heights|street|avenue|pd|police"
    # Washington University is in Missouri, California University in Pennsylvania.
    r"|university|college|tribal|tribes?|nation)\b",
    re.IGNORECASE,
)
# Remarks on the account, not on the agency: "(Dead/Old) Plymouth IN PD".
_REMARK = re.compile(
    r"""\(\s*(dead|old|dead/old|duplicate|revoked|do\ not\ use|not\ in\ use|error)[^)]*\)
      | \b(-\s*)?(duplicate(\ account)?|don'?t\ use|do\ not\ use|not\ in\ use|dnu|error|original)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ASIDE = re.compile(r"\s*[(\[](?P<words>[^()\[\]]*)[)\]]\s*")
_STATE_ASIDE = re.compile(r"^(?:(?P<city>[A-Za-z .'-]+?)[ ,]+)?(?P<code>[A-Za-z]{2})$")
_COUNTY_ASIDE = re.compile(r"^(?P<name>[A-Za-z .'-]+?)(\s+(county|co\.?|parish))?(?P<state>)$", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """One way to read a name.

    `place` is the words for a city, or with `county` those for a county without "County"; `state` a
    postal code that the name prints, and `said` where; `called` is `parish` or `county` where it says so;
    `kind` what the words beside the place say.
    `trust`: `printed` stands by grammar alone, `likely` too but is not certain, `place` stands only if
    there is such a place or county.
    """

    place: str
    state: str = ""
    said: str = ""
    county: bool = False
    called: str = ""
    kind: str = "other"
    trust: Literal["printed", "likely", "place"] = "printed"


@dataclass(frozen=True)
class AgencyName:
    """What the words of a name say: `kind` by all of them, `readings` with the likeliest first.

    `within` is a county that stands in parentheses: `Madison TWP (Franklin CO) OH PD`.
    """

    text: str
    bare: str
    kind: str
    readings: tuple[Reading, ...]
    within: str = ""

    @property
    def place(self) -> str:
        """The words for the place in the likeliest reading."""
        return self.readings[0].place

    @property
    def state(self) -> str:
        """The state that the name prints in the likeliest reading, else empty."""
        return self.readings[0].state

    @property
    def said(self) -> str:
        """Where the name prints that state."""
        return self.readings[0].said

    @property
    def county(self) -> bool:
        """Whether the place of the likeliest reading is a county."""
        return self.readings[0].county


_ACROSS = re.compile(r"\b(?P<one>[A-Z]{2})\s*(?:/|&|\band\b)\s*(?P<other>[A-Z]{2})\b")


def states_across(name: str) -> tuple[str, ...]:
    """Give the two states whose codes a name joins: `NY/NJ HIDTA`, `Port Authority of NY & NJ`; else nothing."""
    found = _ACROSS.search(name)
    codes = {found["one"], found["other"]} if found else set()
    return tuple(sorted(codes)) if len(codes) > 1 and codes <= STATE_NAMES.keys() else ()


@lru_cache(maxsize=65536)
def read_name(text: str) -> AgencyName:
    """Read one agency name."""
    bare = strip_markers(text)
    asides = _asides(_REMARK.sub(" ", bare))
    words = _cut_tail(_trim(_ASIDE.sub(" ", _REMARK.sub(" ", bare))))
    peeled = _peel(words)
    readings = _with_los_angeles(_readings(peeled, asides))
    kind = kind_of(f"{peeled.rest} {peeled.body}")
    if gives_way(kind) and not _CITY_OF.match(words):
        aside = kind_of(" ".join(asides.other))
        kind = aside if kind == "other" or aside not in {"other", "municipal_police", "county_sheriff"} else kind
    if readings[0].kind in {"state_agency", "county_sheriff"} and gives_way(kind):
        kind = readings[0].kind
    return AgencyName(text, bare, _of_city(bare, kind), tuple(readings), asides.county)


@dataclass(frozen=True)
class _Asides:
    """What stands in parentheses: a state (with a city), a county beside a township, other words."""

    state: str = ""
    city: str = ""
    said: str = ""
    county: str = ""
    other: tuple[str, ...] = ()


def _asides(name: str) -> _Asides:
    found = _Asides()
    for aside in _ASIDE.finditer(name):
        words = aside["words"].strip()
        if (state := _STATE_ASIDE.match(words)) and state["code"].upper() in STATE_NAMES:
            said = f'"{aside.group().strip()}" in the name'
            county = state["city"] or "" if state["code"].upper() == "CO" else ""
            found = replace(found, state=state["code"].upper(), city=state["city"] or "", said=said, county=county)
        elif re.search(r"\b(township|twp)\b", name, re.IGNORECASE) and (county := _COUNTY_ASIDE.match(words)):
            found = replace(found, county=county["name"])
        else:
            found = replace(found, other=(*found.other, words))
    return found


def _readings(peeled: _Peeled, asides: _Asides) -> list[Reading]:
    if asides.state and not (asides.county and peeled.code):
        rest = _without_state(peeled.rest, asides.state)
        one = _reading(replace(peeled, rest=rest), asides.state, asides.said)
        return [replace(one, place=asides.city, county=False) if asides.city else one]
    if peeled.code:
        rest = _without_state(peeled.rest, peeled.code)
        return [_reading(replace(peeled, rest=rest), peeled.code, f'"{peeled.code}" at the end of the name')]
    if peeled.doubt and not re.match(r"[A-Z]{2}\s*-", peeled.rest):
        return _in_doubt(peeled)
    peeled = replace(peeled, rest=f"{peeled.rest} {peeled.doubt}".strip())
    return _by_start(peeled) or _by_middle(peeled) or _by_spelled(peeled) or [_reading(peeled)]


@dataclass(frozen=True)
class _Peeled:
    """A name without the body words and the code at its end; `doubt` is a code that may be none."""

    rest: str
    body: str = ""
    code: str = ""
    doubt: str = ""
    caps: bool = False


_CODE_END = re.compile(r"(?<=[^\s-])(\s*[-,]\s*|\s+)(?P<code>[A-Z][A-Za-z])$")


def _peel(words: str) -> _Peeled:
    rest, body, code, doubt = words, "", "", ""
    while True:
        if found := _BODY.search(rest):
            body = f"{found.group().strip(' ,-')} {body}"
        elif (found := _CODE_END.search(rest)) and (its := _code(found["code"])) and not doubt:
            if code and its == "SD":
                body = f"SD {body}"
            elif code and its != code:
                break
            elif its in _TWO_MEANINGS and not code:
                doubt = its
            else:
                code = its
        else:
            break
        rest = rest[: found.start()].rstrip(" ,-")
    return _Peeled(rest, body.strip(), code, doubt, words.isupper())


def _code(letters: str) -> str:
    """Give the postal code that two letters are; in mixed case only where they are no word."""
    code = letters.upper()
    return code if code in STATE_NAMES and (letters.isupper() or code not in _WORDS) else ""


def _in_doubt(peeled: _Peeled) -> list[Reading]:
    """Read a name that ends on CO, LA or SD and prints no other state."""
    code = peeled.doubt
    said = f'"{code}" at the end of the name'
    as_state = _reading(peeled, code, said)
    if code == "LA" or as_state.county or _CITY_OF.match(peeled.rest):
        as_body = replace(_reading(peeled), kind="county_sheriff", trust="place")
        return [as_body, as_state] if code == "SD" and not peeled.body else [as_state]
    if code == "SD":
        return [as_state] if peeled.body else [replace(as_state, trust="place"), _sheriff_of(peeled)]
    as_county = replace(_reading(peeled), county=True)
    if as_county.kind in {"county_sheriff", "prosecutor", "constable_marshal"}:
        return [as_county, replace(as_state, trust="place")]
    return [as_state, replace(as_county, trust="place")]


def _sheriff_of(peeled: _Peeled) -> Reading:
    return replace(_reading(peeled), kind="county_sheriff")


def _by_start(peeled: _Peeled) -> list[Reading]:
    """Read a name that starts with a code: `CO - Craig PD`, `GA State University PD`; but La Habra is a city."""
    found = re.match(r"(?P<code>[A-Z]{2})(?P<dash>\s*[-/]\s*|\s+|$)(?P<rest>.*)$", peeled.rest)
    if not found or not (code := _code(found["code"])):
        return []
    said = f'"{code}" at the start of the name'
    inner = replace(peeled, rest=found["rest"])
    as_state = _reading(inner, code, said)
    # "SD-LECC" is San Diego's.
    dashed = found["dash"].strip() and (" " in found["dash"] or code not in _TWO_MEANINGS)
    if dashed or not found["rest"]:
        return [as_state]
    plain = code not in (_WORDS if peeled.caps else _TWO_MEANINGS)
    whole = replace(_reading(peeled), trust="place" if plain else "printed")
    return [whole, replace(as_state, trust="printed" if plain else "place")]


def _by_middle(peeled: _Peeled) -> list[Reading]:
    """Read a name with a code between its words: `Lake MetroParks OH Rangers`, `Backtrace - NJ State Police`."""
    for found in reversed(list(re.finditer(r"(?<=\S)[\s/-]+(?P<code>[A-Z]{2})(?=[\s-])", peeled.rest))):
        if not (code := _code(found["code"])) or code == "CO":
            continue
        after = peeled.rest[found.end() :].strip(" -")
        before = _peel(peeled.rest[: found.start()])
        inner = replace(before, body=f"{before.body} {after} {peeled.body}")
        plain = code not in (_WORDS if peeled.caps else _TWO_MEANINGS)
        as_state = _reading(inner, code, f'"{code}" in the name')
        if plain:
            return [as_state]
        return [replace(_reading(peeled), trust="place"), replace(as_state, trust="place"), _reading(peeled)]
    return []


_TOWARD = r"(?:(?:(?:north|south|east|west|central|middle)(?:ern)?|(?:north|south)(?:east|west)ern)\s+)"
_OF_STATE = re.compile(
    r"\b(university|univ\.?|college|general|department|dept|bureau|state|tribe|nation|indians) of (the )?"
    rf"{_TOWARD}*(?P<state>{_SPELLED})\b",
    re.IGNORECASE,
)
# "HIDTA - Central Valley California"; a name that ends on Washington may mean the capital.
_LONE_STATE = re.compile(rf"-\s.*?\b(?P<state>{_SPELLED.replace('Washington|', '')})$", re.IGNORECASE)
_STARTS = re.compile(rf"^(the )?(?P<state>{_SPELLED})\s+(?P<rest>\S.*)$", re.IGNORECASE)
_CAMPUS_OF = re.compile(rf"^(the )?{_TOWARD}+(?P<state>{_SPELLED})\b.*\b(university|college)\b", re.IGNORECASE)
# "North Texas Sheriffs Criminal Interdiction Unit"; North Kansas City and West New York are cities.
_TOWARD_STATE = re.compile(
    rf"^(the )?{_TOWARD}(?P<state>{_SPELLED.replace('Washington|', '').replace('New York|', '')})\s+(?!city\b)\S",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf"\b(?P<state>{_SPELLED})\s+(?P<rest>\S.*)$", re.IGNORECASE)
_ENDS = re.compile(rf"^(?P<rest>.*\S)[\s,]+(?P<state>{_SPELLED})$", re.IGNORECASE)


def _by_spelled(peeled: _Peeled) -> list[Reading]:
    """Read a name that spells a state: `California Highway Patrol`, `University of Kentucky`, `Elgin Illinois PD`."""
    if _CITY_OF.match(peeled.rest):
        return []
    name = f"{peeled.rest} {peeled.body}".strip()
    campus = kind_of(name) == "campus_police"
    found = _own_of_campus(peeled, name) if campus else _own_of_state(peeled, name)
    return found or _by_start_or_end(peeled)


def _own_of_state(peeled: _Peeled, name: str) -> list[Reading]:
    for found in (_STARTS.match(name), _INSIDE.search(name)):
        # Port Washington DPS is a city's.
        citys = found and found.start() and found["rest"].lower() in {"dps", "department of public safety"}
        if found and not citys and is_body_of_state(found["rest"]):
            return [_own(peeled, found["state"])]
    found = _OF_STATE.search(peeled.rest)
    return [_own(peeled, found["state"])] if found else []


def _own_of_campus(peeled: _Peeled, name: str) -> list[Reading]:
    starts = _STARTS.match(peeled.rest)
    found = _OF_STATE.search(peeled.rest) or (None if starts else _CAMPUS_OF.search(peeled.rest))
    return [replace(_own(peeled, found["state"]), place=peeled.rest, kind=kind_of(name))] if found else []


def _by_start_or_end(peeled: _Peeled) -> list[Reading]:
    """Read a state at the start or end of a name, where the whole is no place: Port Washington is one."""
    whole = _reading(peeled)
    toward = None if _STARTS.match(peeled.rest) or whole.county else _TOWARD_STATE.match(peeled.rest)
    if toward:
        state, said = _said(toward["state"], "in")
        return [replace(whole, trust="place"), replace(whole, state=state, said=said, trust="likely")]
    if found := _LONE_STATE.search(peeled.rest):
        return [replace(_reading(peeled, *_said(found["state"], "at the end of")), place=peeled.rest)]
    if (starts := _STARTS.match(peeled.rest)) and (readings := _with_start(whole, starts["state"], starts["rest"])):
        return readings
    if found := _ENDS.match(peeled.rest):
        as_state = _reading(replace(peeled, rest=found["rest"]), *_said(found["state"], "at the end of"))
        return [replace(whole, trust="place"), replace(as_state, trust="place"), whole]
    return []


def _with_start(whole: Reading, state: str, rest: str) -> list[Reading]:
    """Read a name that starts with a state spelled out and goes on like no body of the state."""
    if _NO_STATE_BEFORE.match(rest) or whole.county:
        return []
    code, said = _said(state, "at the start of")
    of_state = replace(whole, state=code, said=said)
    sure = re.match(r"(state|a&m)\b.*\b(university|college)\b", rest, re.IGNORECASE)
    return [replace(whole, trust="place"), replace(of_state, trust="printed" if sure else "likely")]


def _own(peeled: _Peeled, state: str) -> Reading:
    """Read a state's own body."""
    said = _said(state, "in")
    kind = kind_of(f"{peeled.rest} {peeled.body}")
    kept = {"prosecutor", "fusion_center", "military", "tribal"}
    return Reading("", *said, kind=kind if kind in kept else "state_agency")


def _said(spelled: str, where: str) -> tuple[str, str]:
    code = _CODE_OF[spelled.lower()]
    return code, f'"{STATE_NAMES[code]}" {where} the name'


def _reading(peeled: _Peeled, state: str = "", said: str = "") -> Reading:
    """Make a reading of what is left of a name: the place, whether it is a county, the kind of the body."""
    place, county, more = _place(peeled.rest)
    words = f"{peeled.rest} {peeled.body}".strip()
    kind = kind_of(f"{more} {peeled.body}")
    kind = "other" if county and kind == "state_agency" else kind
    if state and not county and gives_way(kind) | (kind == "state_agency") and _is_states_own(words):
        return Reading("", state, said, kind="state_agency")
    called = _COUNTY_CALLED.search(peeled.rest) if county else None
    return Reading(place, state, said, county, called.group().lower() if called else "", _of_city(peeled.rest, kind))


def _is_states_own(words: str) -> bool:
    """Tell whether what stands beside a state is its own body: `AZ - Department of Public Safety`."""
    starts = _STARTS.match(words)
    return is_states_own(words) or bool(starts and is_body_of_state(starts["rest"]) and gives_way(kind_of(words)))


def _place(rest: str) -> tuple[str, bool, str]:
    """Give the words for the place, whether they are a county's, and the words after a county's."""
    if found := _COUNTY_OF.match(rest):
        return (found["name"] or found["its"]).strip(), True, "" if found["name"] else rest
    if found := _COUNTY.match(rest):
        name = re.sub(r" (urban|unified)$", "", found["name"].strip(), flags=re.IGNORECASE)
        return name, True, found["rest"].strip(" .-")
    return _CITY_OF.sub("", rest).strip(" -,"), False, ""


def _of_city(words: str, kind: str) -> str:
    """Take `City of Exampleville` or `Example Township` alone for its police."""
    alone = _CITY_OF.match(words) or re.search(r"\b(township|twp)\b", words, re.IGNORECASE)
    return "municipal_police" if kind == "other" and alone else kind


def _without_state(rest: str, code: str) -> str:
    """Take off a state that a name prints twice: `NC Central University NC PD`, `Hartland Wisconsin WI PD`."""
    once = re.sub(rf"^{code}\b\s*-?\s*", "", rest, flags=re.IGNORECASE) or rest
    return re.sub(rf"(?<=\S) {STATE_NAMES[code]}$", "", once, flags=re.IGNORECASE)


def _trim(words: str) -> str:
    return " ".join(words.split()).strip(" -,")


def _cut_tail(words: str) -> str:
    """Leave out what follows a whole name after a dash, if it is no state: `Polk County FL SO - Flex`."""
    head, dash, tail = words.partition(" - ")
    body = _BODY.search(head)
    prints_state = any(_code(word) for word in tail.split() if len(word) == 2)
    whole = (body and body.start()) or _CITY_OF.match(head)
    return head if dash and whole and not prints_state else words


def _with_los_angeles(readings: list[Reading]) -> list[Reading]:
    """Add to each reading of a place `LA …` the one of Los Angeles."""
    more = [
        replace(one, place=re.sub(r"^LA\b", "Los Angeles", one.place), trust="place")
        for one in readings
        if re.match(r"LA\b", one.place) and not (one.state and not one.county and one.trust != "printed")
    ]
    return readings + more
