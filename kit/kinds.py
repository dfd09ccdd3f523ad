"""Words of an agency's name -> its kind: the vocabulary of the trade, without look-ups."""

from __future__ import annotations

import re

# Kinds by their words, the most telling first; the first that fits decides.
_KIND_WORDS = {
    "fusion_center": r"""
        fusion\ cent(er|re) | (intelligence|threat\ analysis|threat\ assessment|coordination)\ cent(er|re)
      | (information\ (and|&)|crime)\ analysis\ cent(er|re) | intelligence\ exchange | regional\ intelligence | riss""",
    "state_agency": r"attorney\ general | bureau\ of\ narcotics | state\ fire\ marshal'?s?",
    "task_force": r"""
        task\ ?force | d?tf | attf | hidta | strike\ force | (auto|vehicle)\ theft | anti-gang
      | major\ crimes?\ (unit|task) | major\ case\ unit | safety\ network | regional\ alpr\ program | narcotics
      | (drug\ )?enforcement\ team | interdiction\ unit""",
    "prosecutor": r"""
        prosecut(or|ing|ors) | da'?s? | (district|states?|state's|county|city|commonwealth'?s)\ attorneys?'?s?
      | attorney'?s'?\ office | solicitor'?s?\ office""",
    "constable_marshal": r"constables?'?s? | const | (?<!provost\ )marshals?'?s? | marshall'?s'?\ office",
    "campus_police": r"""
        universit(y|ies) | univ | (?-i:UCLA|USC|UCSD|UCSF|LSU|ASU)
      | colleges? | campus | csu | uc | unc | cal\ state | suny | schools? | academy
      | \w{0,4}[iu]sd | polytechnic | tech | institute | higher\ education""",
    "transit_airport_port": r"""
        airports? | (rapid\ |metro\ )?transit | transportation\ authority | port\ (police|authority|of) | railroad
      | railway | rr | harbor(?!\ (islands?|city|beach|springs|hills|township|twp)\b)
      | (?-i:BNSF|CSX) | amtrak | aviation\ (authority|department)""",
    "tribal": r"""
        tribal | tribes? | lighthorse | (?-i:BIA) | nation | rancheria | pueblos? | band\ of | indians
      | indian\ (community|reservation|colony)""",
    "military": r"""
        national\ guard | naval | navy | marine\ corps | air\ (force|reserve|national\ guard)\ base
      | afb | joint\ base | army | military | provost\ marshal | pmo | usmc | garrison | (?-i:MCB|MCAS|NAS|JBLM)""",
    "non_law_enforcement": r"""
        fire(\ dept|\ department|\ district|\ protection|\ authority)? | fd | hoa | home\ ?owners? | condominiums?
      | medical\ cent(er|re) | hospitals? | clinic | health(care)? | dispatch | communications | 911 | ecc | recc
      | water\ (district|agency) | power | utilit(y|ies) | inc | llc | corp(oration)? | company | technologies
      | properties | league | housing\ authority | code\ (compliance|enforcement) | association | maintenance
      | emergency\ (management|services) | air\ carrier | crime\ (prevention|bureau) | cemetery | insurance | malls?
      | shopping\ cent(er|re) | solutions | property\ group | bank | casino | resorts? | country\ club | church | towing
      | repo(ssession)?s? | walmart | home\ depot | (?-i:NICB)""",
    "other": r"""
        park\ district | forest\ preserves? | regional\ parks? | metro\ ?parks | great\ parks | parks
      | levee\ district | abc | probation""",
    # An acronym such as OCSD in capitals, but not a word that ends so.
    "county_sheriff": r"sher+iff?'?s?'? | [cs]?so\d? | sd | shf | (?-i:[A-Z]{2,3}SD | [A-Z]{1,2}CSO | JSO)",
    "municipal_police": r"police | pd | (?-i:[A-Z]{2,4}PD) | public\ safety | dps | law\ enforcement",
}
_KINDS = {
    kind: re.compile(rf"(?<![\w'])({words})(?!\w)", re.IGNORECASE | re.VERBOSE) for kind, words in _KIND_WORDS.items()
}
# Kinds that give way to a state's own body.
_GIVE_WAY = {"other", "municipal_police", "non_law_enforcement"}
# What only the state or a state's own body is called, wherever it stands.
_STATE_WORDS = re.compile(
    r"""\b(
        highway\ patrol | state\ (patrol|police|troopers?|parks?|highway|fire\ marshal) | (dept|department)\ of\ justice
      | doj | bureau\ of\ (criminal\ )?investigations? | (division|bureau)\ of\ criminal\ investigation
      | franchise\ tax\ board | law\ enforcement\ (division|agency|commission) | department\ of\ law\ enforcement
      | fish\ (and|&)\ (wildlife|game) | wildlife | natural\ resources | game,?\ fish | motor\ vehicles | dmv
      | department\ of\ (insurance|corrections?|revenue|labor|transportation|conservation|agriculture) | corrections
      | workers'?\ compensation | alcohol(ic)?\ (beverage|law) | homeland\ security | parole | statewide
      | state\ (natural|recreation\w*)\ area | capitol(?!\ heights) | general\ assembly | secretary\ of\ state | gaming
      | liquor | lottery | forestry | marine\ fisheries | criminal\ justice
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# What a state's name goes on with where a body of the state is meant.
_GOES_ON = re.compile(
    r"""^( state | highway | department | dept | bureau | division | office | attorney | law\ enforcement | doj | dot
      | dps | dmv | fish | franchise | hls | wildlife | parks | board | alcohol\w* | national\ guard | lottery
      | statewide | financial )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_PLACE = re.compile(r"((state )?(office|department|dept|division|bureau)\b.*|dps)?", re.IGNORECASE)
_COUNTY = re.compile(r"\S\s+(county|co|parish)\b", re.IGNORECASE)


def kind_of(words: str) -> str:
    """Tell the kind of agency by its words, the most telling of them; `other` where they tell none."""
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(words)), "other")
    own = kind in _GIVE_WAY and _STATE_WORDS.search(words) and not _COUNTY.search(words)
    return "state_agency" if own else kind


def gives_way(kind: str) -> bool:
    """Tell whether a kind is so plain that a state's or sheriff's name beside it decides."""
    return kind in _GIVE_WAY


def is_body_of_state(words: str) -> bool:
    """Tell whether words that follow a state's name make it the state's own body: `Highway Patrol`."""
    return bool(_GOES_ON.match(words))


def is_states_own(words: str) -> bool:
    """Tell whether words beside a state's code name its own body: `Department of Public Safety`, or nothing more."""
    if not gives_way(kind_of(words)) and kind_of(words) != "state_agency":
        return False
    return not _COUNTY.search(words) and bool(_STATE_WORDS.search(words) or _NO_PLACE.fullmatch(words))
