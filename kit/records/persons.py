"""Keeps private people out: their names and addresses in a list of agencies, and columns about them.

A list of agencies may hold an account of a resident under a name or a street address, and a clerk's
table a column of plates, VINs, user names or e-mail addresses. An entry is masked only where it can
hardly be anything else: an agency masked by mistake would be a hole in the numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kit.records.record import flags_of
from kit.records.sheets import tidy
from kit.records.words import plain, word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

MASKED = "[person, masked]"
"""What stands in place of a person's name or address."""

# Masked before the record came here: `[street address]`, `[private person] Resident (CA)`.
_MASKED_BEFORE = re.compile(r"\[[^\]]*\b(person|address|resident|name|redacted|masked)\b[^\]]*\]", re.IGNORECASE)

# Words of agencies, companies and other bodies: an entry with one of them is no person.
_BODY = word_set(
    """pd so sd police sheriff sheriffs sherriff sheriff's sherrif department dept departments depart dps county
    co city town township towne twp village borough parish state univ university college school schools
    district isd marshal marshals marshall marshalls marshal's constable constables constable's safety patrol
    attorney attorneys attorney's prosecutor prosecutors prosecutor's da task tf agency authority commission
    commissioner commissioners bureau division office center centre team lab hospital medical health
    airport port transit railroad railway rail tribal tribe tribes nation national nations park parks
    corrections correctional probation fire rescue security service services network networks hoa poa
    homeowners homeowner homeowner's owners owner association associations assn apartments apartment condo
    condos condominium condominiums community club church mall plaza llc inc corp corporation company ltd demo
    demos test testing training cam cams camera cameras flock dispatch intel intelligence enforcement court
    courts academy system systems group management properties property institute foundation museum library
    board council ranch estates resort federal air force army navy base"""
)
_BODY_WORD = re.compile(r"[a-z']+")
_STREET = re.compile(
    r"""^\d{1,6}[A-Z]?\s+(?:[\w.'-]+\s+){1,4}
        (st|street|ave|avenue|rd|road|dr|drive|blvd|boulevard|ln|lane|ct|way|pl|place|cir|circle|ter|terrace
        |pkwy|parkway|trl|trail|hwy)
        \b\.?(\s*,?\s*(\#|apt\.?|unit|ste\.?|suite)\s*\w+)?(\s*[,(].*|\s+[A-Z]{2})?$""",
    re.IGNORECASE | re.VERBOSE,
)
_RESIDENT = re.compile(r"\b(resident|residence|private (person|citizen|individual|residence|user))\b", re.IGNORECASE)
_TITLED = re.compile(
    r"""^(mr|mrs|ms|miss|dr|officer|ofc|det|detective|sgt|sergeant|deputy|lt|lieutenant|capt)\.?
        \ [A-Z][\w'-]+(\ [A-Z][\w'.-]*){0,2}$""",
    re.IGNORECASE | re.VERBOSE,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]+")  # each letter looked at once, however long the text
_PLATE = re.compile(r"^(?=.{5,8}$)(?=.*\d)(?=.*[A-Z])[A-Z0-9]+[ -]?[A-Z0-9]+$", re.IGNORECASE)
_VIN = re.compile(r"^(?=.*\d)[A-HJ-NPR-Z0-9]{17}$", re.IGNORECASE)

# Common given names in the United States, without those that are as often a place's.
_GIVEN = word_set(
    """aaron adam alan albert alejandro alex alexander alice alicia allison amanda amber amy andrea andrew angela
    anita anna anthony antonio april arthur ashley barbara benjamin bernard beth betty bill billy bob bobby
    bonnie bradley brandon brenda brett brian bruce bryan carl carla carlos carmen carol caroline catherine
    cathy chad charles cheryl chris christina christine christopher cindy connie craig crystal cynthia daniel
    danielle david dawn deborah debra denise dennis diana diane donald donna dorothy douglas dylan edward
    eileen elaine ellen emily eric erica erin ethan evelyn frances francisco frank fred gail gary gerald gina
    gloria greg gregory hannah harold harry heather heidi helen henry holly ian irene jack jacob jacqueline
    james jamie jane janet janice jason jean jeff jeffrey jennifer jeremy jerry jesse jessica jesus jill jim
    jimmy joan joann joe joel john johnny jonathan jorge jose joseph joshua joyce juan juanita judith judy
    julia julie justin karen karl katherine kathleen kathryn kathy katie keith kelly kenneth kevin kim
    kimberly kristen kyle larry laura lauren laurie leonard leslie linda lisa lori louis luis lynn lynne
    manuel marc marcus margaret maria marie marilyn mario mark martha mary matthew megan melanie melissa
    melvin michael michele michelle miguel mike mildred monica nancy natalie nathan nicholas nicole norma
    olivia pamela patricia patrick paul paula peggy peter philip phillip phyllis rachel ralph ramon randall
    randy raymond rebecca ricardo richard rick ricky rita robert roberta robin rodney roger ronald rosa rose
    roy russell ruth ryan sally samantha samuel sandra sara sarah scott sean shannon sharon sheila shirley
    sophia stacy stephanie stephen steve steven sue susan suzanne tamara tammy teresa terri terry theresa
    thomas tiffany tim timothy tina todd tom tommy tony tracy valerie vanessa veronica vicki victor victoria
    vincent walter wanda wayne wendy william yolanda yvonne zachary"""
)
# Places and institutions that start with a given name.
_PLACE_END = word_set(
    """arbor bar basin bay beach bend bluff bluffs branch bridge brook canyon bud cave cliffs corner corners cove
    creek crossing day depot esther falls farms ferry field flat forest forge fork fort gap garden gardens
    gate glen glens grove harbor haven head heights hill hills hollow hook island isle junction key knob lake
    lakes landing lodge maria meadows mill mills mission mountain oak oaks park pass peak pines place point
    pond prairie ranch rapids ridge river rock run shores spring springs station summit terrace trace tree
    vale valley view villa ville vista wells wood woods"""
)
_PLACES = frozenset(
    """albert lea, bob white, carol stream, charles mix, jane lew, jean lafitte, jeff davis, jim hogg, jim thorpe,
    luis lopez, maria antonia, maria stein, paul smiths, robert lee, rosa sanchez, sarah ann, susan moore, tom bean,
    tom green""".replace("\n    ", " ").split(", ")
)
_NAME_WORD = re.compile(r"^[A-Z][A-Za-z'’-]+$")
_INITIAL = re.compile(r"^[A-Z]\.?$")

_PERSON_HEADS = re.compile(
    r"""\b( users? | user\ ?names? | logins? | e\ ?mails? | officers? | badge | employees? | persons? | people
      | contacts? | phones? | first\ name | last\ name | full\ name | requestors? | requesters? | requested\ by
      | searched\ by | created\ by | drivers? | suspects? | victims? | dob | ssn
      | (home|street)\ address )\b""",
    re.VERBOSE,
)
_VEHICLE_HEADS = re.compile(r"\b(plates?|vins?|tag( number| no)|vehicles?)\b")
# With one of these words a heading is about agencies, or about plates as such.
_AGENCY_HEADS = re.compile(
    r"\b(agenc\w+|organi\w+|orgs?|departments?|counts?|total|number of|shar\w+|receiv\w+|access|readers?|reads?)\b"
)
# A column is private from this share of cells on.
_PRIVATE_CELLS = ((_EMAIL, 0.2, "e-mail addresses"), (_VIN, 0.2, "VINs"), (_PLATE, 0.5, "license plates"))


@lru_cache(maxsize=1 << 16)
def entry(text: str) -> tuple[str, tuple[str, ...]]:
    """Give a listed name cleaned, masked where it is a person's or an address, and the flags that it then needs."""
    name = tidy(text)
    if "[" in name and _MASKED_BEFORE.search(name):
        return name, ("person",)
    if is_person(name):
        return MASKED, (*flags_of(name), "person")
    return name, ()


def is_person(name: str) -> bool:
    """Tell whether an entry is a private person's name, street address or e-mail, and nothing else."""
    if not _BODY.isdisjoint(_BODY_WORD.findall(name.casefold())):
        return "@" in name and _EMAIL.fullmatch(name) is not None
    if _EMAIL.fullmatch(name) or _RESIDENT.search(name) or _STREET.match(name):
        return True
    bare = _without_state(name)
    titled = _TITLED.match(bare) and bare.split()[-1].casefold() not in _PLACE_END
    return bool(titled) or _is_name(bare)


def private_column(head: str, values: Sequence[str]) -> str:
    """Say what a column holds of people or vehicles, by its heading or its cells; empty for nothing."""
    words = plain(head)
    if not _AGENCY_HEADS.search(words):
        if _VEHICLE_HEADS.search(words):
            return "license plates or vehicles"
        if _PERSON_HEADS.search(words):
            return "people, user names or contacts"
    for pattern, share, what in _PRIVATE_CELLS:
        if len(values) > 1 and sum(1 for value in values if pattern.search(value)) > share * len(values):
            return what
    return ""


def _without_state(name: str) -> str:
    """Take a state or a bracket off the end of an entry: `Jane Doe (CA)`."""
    return re.sub(r"\s*(\([^)]*\)|\b[A-Z]{2})$", "", name).strip(" -")


def _is_name(name: str) -> bool:
    """Tell whether the words are a common given name, perhaps an initial, and a surname, or these turned round."""
    last, comma, first = name.partition(",")
    parts = [*first.split(), last] if comma else name.split()
    if len(parts) == 3 and _INITIAL.match(parts[1]):
        parts = [parts[0], parts[2]]
    if len(parts) != 2 or not all(map(_NAME_WORD.match, parts)):
        return False
    given, surname = (part.casefold() for part in parts)
    return given in _GIVEN and surname not in _PLACE_END and f"{given} {surname}" not in _PLACES
