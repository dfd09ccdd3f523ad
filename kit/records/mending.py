"""Names read from pictures, mended against names that exist.

What exists: the agencies of the lists that the kit holds, the places of its gazetteer, and the words of
both. A name that exists stays as it was read, whatever it resembles; no word that exists is changed into
another; and where two words or places would do, none is taken. So a mend is either sure or not made.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kit.records.letters import fold, indexed, letters_of, nearest, plain, specked, stripped, unspaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DATA = Path(__file__).resolve().parents[2] / "data"
LISTS = _DATA / "lists"
"""Folder of the sharing tables that the kit holds."""

# Words of the trade that a list may lack.
_TRADE = """
    Agency Airport Area Army Attorney Attorneys Authority Auto Bay Beach Board Border Bureau Campus Center
    City Co. College Community Constable Constables Control County Crime Criminal DA DOJ Department Dept Dept.
    District Division Drug Enforcement Federal Fire Force Forest Fusion HIDTA HOA Highway Homeland ISD
    Inactive Intelligence International Investigation Investigations Judicial Justice LEARN Law Marshal
    Marshals Metro Metropolitan Municipal Narcotics National Office PD Parish Park Parks Patrol Police Port
    Probation Prosecutor Public Ranger Rangers Rapid Recovery Region Regional SD SO Safety School Security
    Service Services Sheriff Sheriff's Sheriffs Special State States Task Team Theft Town Township Traffic
    Transit Transportation Tribal US Unit United University Vehicle Village Wildlife
    Statewide Taskforce Univ. a and at for in of on the to
"""
# In so many names of the lists, a word that is in no place's name is as good as one of the trade.
_COMMON = 3

# Marks that dust leaves on a page; dashes, commas and ampersands may stand for themselves.
_DUST = ".'‘’\":;|"
_DUST_INSIDE = re.compile(f"[{re.escape(_DUST)}]+")
_LOST_DASH = re.compile(r"\s*[:·•~]\s+")
_SURE_DUST = re.compile(r"[`´*~·•^°¨¸]+")
# Where words ran together: before a capital, and around brackets.
_SEAM = re.compile(r"(?<=[a-z])(?<!Mc)(?=[A-Z][a-z]|[A-Z]{2}$)|(?<=[A-Z])(?=[A-Z][a-z])")
_ACRONYM = re.compile(r"[A-Z]{2,5}")
_INITIALS = re.compile(r"([A-Z]\.){2,}")
_JOINT = re.compile(r"(?<=[^\s(])(?=\()|(?<=\))(?=\w)|(?<=\s-)(?=\w)|(?<=\w)(?=-\s)")
_COMMA = re.compile(r",(?= (County|Department|Dept|District|Office|Police|Sheriffs?)\b|\S)")
_DASH = re.compile(r"([-/_&])")
_DOUBLE = re.compile(r"([a-z])\1")
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)?")
_STATE = re.compile(r"(?<!\w)(?P<left>\(?)(?P<code>[A-Za-z0-9|!]{2})(?P<right>\)?)$")
_BRACKETS = str.maketrans("[]{}", "()()")
# Letters by which two readings of one name may differ.
_SLIPS = 2
# Letters of a word so short that many others look like it.
_SHORT = 3
# One letter may be wrong in so many of a word of the trade, and of a place's name; shorter ones are told
# by look-alikes alone.
_TRADE_LETTERS = 4
_PLACE_LETTERS = 6
# The word of the trade that a name may begin with.
_MARKER = "inactive"
# What a place's name follows, and what it ends before.
_BEFORE_PLACE = "inactive city county town village of university csu uc"
_AFTER_PLACE = """
    airport campus college constable constables county department dept dept. district drug fire highway
    judicial marshal marshals office parish pd police port public school sd sheriff sheriff's sheriffs so
    state task university
"""


class Names:
    """Names that exist, and the mending of others against them."""

    def __init__(
        self, agencies: Iterable[str], places: Iterable[str], states: Iterable[str], shouted: Iterable[str] = ()
    ) -> None:
        """Take names of agencies, and of hot lists, with names of places and codes of states.

        `shouted` are agencies of lists set in capitals: their words exist, but in what case is not known.
        """
        self._agencies = frozenset(agencies)
        self._states = frozenset(states)
        self._forms: dict[str, Counter[str]] = defaultdict(Counter)
        places = frozenset(places)
        in_places = {word.lower() for place in places for word in place.split()}
        for word in " ".join((*self._agencies, *places, *self._states, *_TRADE.split())).split():
            self._forms[stripped(word).lower()][stripped(word)] += 1
        for word in sorted({word for name in shouted for word in re.findall(r"[\w']+", name)}):
            if word.lower() not in self._forms:
                self._forms[word.lower()][word if _ACRONYM.fullmatch(word) else word.capitalize()] += 1
        common = Counter(stripped(word) for name in self._agencies for word in set(name.split()))
        often = {word.lower() for word, times in common.items() if times >= _COMMON} - in_places
        trade = often | set(_TRADE.lower().split())
        self._trade = indexed((form for word in trade for form in self._forms[word]), fold)
        self._trade_words = sorted(trade)
        self._words = indexed((form for forms in self._forms.values() for form in forms if form.isalnum()), fold)
        self._listed = {word.lower() for word in (*_TRADE.split(), *self._states, *common)}
        self._places = indexed(places, fold)
        self._spaced = indexed(self._agencies, unspaced)
        self._folded = indexed(self._agencies, fold)

    def knows(self, word: str) -> bool:
        """Tell whether a word exists, in any case, also as a plural; one with dashes where all its parts do."""
        parts = [part for part in _DASH.split(stripped(word))[::2] if part]
        return all(map(self._knows, parts)) and (bool(parts) or word in set("-–&/"))

    def _knows(self, word: str) -> bool:
        lower = word.lower()
        # A letter doubled is a slip of who typed the name, not of who read it.
        single = (lower[: at.start()] + lower[at.start() + 1 :] for at in _DOUBLE.finditer(lower))
        forms = {lower, lower.removesuffix("'s"), lower.removesuffix("s"), lower + "s", *single}
        seam = _SEAM.search(word) and word not in self._forms.get(lower, ())
        free = _ORDINAL.fullmatch(lower) or _ACRONYM.fullmatch(word) or _INITIALS.fullmatch(word)
        return bool(free) or (not seam and any(form in self._forms for form in forms))

    def share_known(self, text: str) -> float:
        """Give the share of a text's letters that stand in words that exist, 0 to 1."""
        words = text.split()
        return sum(len(word) for word in words if self.knows(word)) / max(1, sum(map(len, words)))

    def mend(self, name: str) -> str:
        """Give the name that was meant where that is sure, else what was read."""
        if known := self._unspecked(name):
            return known
        parted = _COMMA.sub(" ", _JOINT.sub(" ", _SURE_DUST.sub(" ", name.translate(_BRACKETS)))).split()
        words = [self._word(word, first=not at) for at, word in enumerate(parted)]
        tidy = re.sub(r"\b(\d+) (st|nd|rd|th)\b", r"\1\2", " ".join(filter(None, words)).strip(" -,"))
        tidy = self._with_state(_JOINT.sub(" ", tidy))
        spaced = self._spaced.get(unspaced(tidy)) or self._spaced.get(unspaced(_LOST_DASH.sub("-", name))) or ()
        one = _only(spaced) or self._same(tidy, self._folded.get(fold(tidy), ()))
        return one or self._with_place(tidy) or name

    def _unspecked(self, name: str) -> str:
        """Give the agency that a name is but for specks, which make letters look as if they had accents."""
        if name in self._agencies or plain(name) in self._agencies:
            return name if name in self._agencies else plain(name)
        if name.isascii():
            return ""
        speckless = re.compile("".join(re.escape(sign) if sign.isascii() else "." for sign in name))
        return _only(agency for agency in self._agencies if speckless.fullmatch(agency))

    def state(self, code: str) -> str:
        """Give the state's code that was meant, else what was read."""
        like = [state for state in self._states if fold(state) == fold(code)]
        small = set(code) <= set("cosuvwxz")  # these look the same, only smaller
        return (code.upper() if small else code) if code.upper() in self._states else _only(like) or code

    def is_state(self, code: str) -> bool:
        """Tell whether this is the code of a state."""
        return code.upper() in self._states

    def is_misread(self, name: str, meant: str) -> bool:
        """Tell whether a name can be another misread by a letter or two: no word that exists is another there."""
        from rapidfuzz.distance import Levenshtein

        near = Levenshtein.distance(fold(name), fold(meant), score_cutoff=_SLIPS) <= _SLIPS
        return near and abs(len(fold(name)) - len(fold(meant))) < _SLIPS and bool(self._same(name, (meant,)))

    # --- a word ---

    def _word(self, word: str, *, first: bool) -> str:
        """Mend a word: dust, accents, case, lost spaces, look-alikes; it stays where it stays unknown."""
        bare = plain(word).strip(_DUST)
        if self._is_specked_twofold(word):
            return word
        if self.knows(word) or not bare:
            return self._cased(word) if bare else ""
        core = stripped(bare)
        if found := self._undusted(bare) or self._seamed(bare, first=first):
            return found
        if len(parts := _DASH.split(bare)) > 1:
            return "".join(part if _DASH.match(part) else self._word(part, first=first) for part in parts)
        if one := self._look_alike(core):
            return bare.replace(core, self._form(one, core))
        one = self._near(core)
        if first and one != _MARKER:  # what stands first is mostly a place
            one = ""
        return bare.replace(core, self._form(one, core)) if one else word.strip(_DUST)

    def _is_specked_twofold(self, word: str) -> bool:
        """Tell whether a speck stands on a round letter that may be another, so that two words would do."""
        if word.isascii() or len(word) <= _SHORT or not plain(word).isalpha():
            return False
        return sum(bool(specked(word).fullmatch(form)) for form in self._forms) > 1

    def _undusted(self, bare: str) -> str:
        """Give the words that a word is without marks inside it, or parted where words ran together."""
        # A mark before a capital stands where a space was: `El.Dorado`, but `Depart.ment`.
        marks = (" ", "") if re.search(r"\w\w\W[A-Z]\w", bare) else ("", " ")
        tries = [bare, *(_DUST_INSIDE.sub(mark, bare) for mark in marks), self._parted(bare)]
        for parts in (text.split() for text in tries):
            if all(map(self.knows, parts)) and (len(parts) < 2 or min(len(stripped(part)) for part in parts) > 1):
                return " ".join(map(self._cased, parts))
        return ""

    def _look_alike(self, core: str) -> str:
        """Give the one word that looks alike; a short one only where the lists have it."""
        like = self._words.get(fold(core), ())
        forms = {form.lower() for form in like if len(form) > _SHORT or len(form) == len(core)}
        return _only({form for form in forms if len(form) > _SHORT or form in self._listed})

    def _seamed(self, bare: str, *, first: bool) -> str:
        """Part words that ran together at their capitals, where the lists or a place have them apart."""
        seamed = _SEAM.sub(" ", bare).split()
        if len(seamed) < 2 or min(len(stripped(part)) for part in seamed) < 2:
            return ""
        mended = [
            part if self.knows(part) else self._word(part, first=first and not at) for at, part in enumerate(seamed)
        ]
        parts = " ".join(mended).split()
        sure = all(part in bare or self._is_trade(part) for part in parts)
        if not sure or not all(map(self.knows, parts)):
            return self._without_trade(seamed)
        apart = any(stripped(part).lower() in self._listed for part in parts) or fold(bare) in self._places
        return " ".join(parts) if apart else ""

    def _without_trade(self, seamed: Sequence[str]) -> str:
        """Part two words of the trade or more from what is not known, which stays as it was read."""
        trade = [self._is_trade(part) for part in seamed]
        spaced = (" " if trade[at] or trade[at - 1] else "" for at in range(1, len(seamed)))
        return seamed[0] + "".join(map("".join, zip(spaced, seamed[1:], strict=True))) if sum(trade) > 1 else ""

    def _cased(self, word: str) -> str:
        """Give a word that exists in a case that occurs: as it stands where that is any usual one."""
        core = stripped(word)
        usual = core in {core.lower(), core.upper(), core.capitalize()} or core.lower() not in self._forms
        return word if usual else word.replace(core, self._form(core.lower(), core))

    def _form(self, lower: str, like: str) -> str:
        """Give a word as it occurs: in the case of its model where it so occurs, else in the commonest."""
        forms = self._forms[lower]
        wanted = [form for form in (like, lower.upper() if like.isupper() else like) if form in forms]
        return wanted[0] if wanted else max(sorted(forms), key=forms.__getitem__)

    def _near(self, core: str) -> str:
        """Give the one word of the trade that is few letters away, whether look-alikes are one or not."""
        most = len(core) // _TRADE_LETTERS if len(core) > _TRADE_LETTERS else 0
        folded = {word for key in nearest(fold(core), self._trade, most) for word in self._trade[key]}
        as_read = nearest(core.lower(), self._trade_words, most)
        alike = [word for word in (*folded, *as_read) if word.isalnum() and abs(len(word) - len(core)) < 2]
        near = [{word.lower() for word in words if word in alike} for words in (folded, as_read)]
        return _only(near[0] & near[1] if all(near) else near[0] | near[1])

    def _parted(self, word: str) -> str:
        """Part two words that ran together, where only one cut gives words, one of them of the trade."""
        if word.isupper():
            return word  # an acronym
        cuts = [(word[:at], word[at:]) for at in range(2, len(word) - 1)]
        good = [cut for cut in cuts if all(map(self.knows, cut)) and any(map(self._is_trade, cut))]
        good = [cut for cut in good if all(len(stripped(part)) > 3 or part == "of" for part in cut)]
        return " ".join(good[0]) if len(good) == 1 else word

    def _is_trade(self, word: str) -> bool:
        return any(stripped(word).lower() == form.lower() for form in self._trade.get(fold(stripped(word)), ()))

    # --- a name ---

    def _with_state(self, name: str) -> str:
        """Mend the state at the end of a name: a bracket lost, a letter misread: `(lL)`, `(CA`, `CA)`."""
        found = _STATE.search(name)
        before = name[: found.start()].rstrip() if found else ""
        if not found or not before or not found["left"] + found["right"] or before.count("(") != before.count(")"):
            return name
        code = self.state(found["code"])
        return f"{before} ({code})" if code.upper() in self._states else name

    def _same(self, name: str, others: Iterable[str]) -> str:
        """Give the one of other names that has the brackets of this one and every word of it that exists."""
        whole = name.count("(") == name.count(")")
        known = {stripped(word).lower() for word in name.split() if self.knows(word)}
        fits = [
            other
            for other in others
            if (not whole or re.sub(r"[^()]", "", name) == re.sub(r"[^()]", "", other))
            and (known <= {stripped(word).lower() for word in other.split()} or letters_of(name) == letters_of(other))
        ]
        return _only(fits)

    def _with_place(self, name: str) -> str:
        """Mend unknown words in the place of a name: what stands before `Police`, `County` or the like."""
        words = name.split()
        cores = [stripped(word).lower() for word in words]
        start = next((i for i, core in enumerate(cores) if core not in _BEFORE_PLACE.split()), 0)
        end = next((i for i, core in enumerate(cores) if i > start and core in _AFTER_PLACE.split()), 0)
        phrase = words[start:end]
        if all(map(self.knows, phrase)):
            return name
        if place := self._place_like(phrase):
            return " ".join([*words[:start], place, *words[end:]])
        county = self._place_like(words[start : end + 1]) if cores[end] in {"county", "parish"} else ""
        return " ".join([*words[:start], county, *words[end + 1 :]]) if county else name

    def _place_like(self, words: Sequence[str]) -> str:
        """Give the one place whose name is few letters away; no other may be nearly as near."""
        if any(map(self._is_specked_twofold, words)):
            like = specked(" ".join(words))
            return _only(place for places in self._places.values() for place in places if like.fullmatch(place))
        folded = fold(" ".join(words))
        near = nearest(folded, self._places, len(folded) // _PLACE_LETTERS, margin=1)
        known = {word.lower() for word in words if self.knows(word)}
        return _only({place for key in near for place in self._places[key] if known <= set(place.lower().split())})


@cache
def known_names() -> Names:
    """Give the names that the kit's own tables know."""
    return names_of(LISTS.glob("*.csv"))


def names_of(lists: Iterable[Path]) -> Names:
    """Give the names of some sharing tables, with the kit's places and states."""
    agencies: set[str] = set()
    shouted: set[str] = set()
    for table in sorted(lists):
        sure = [row for row in _rows(table) if "ocr" not in (row.get("flags") or "").split(";")]
        partners = {row["partner"] for row in sure if row.get("partner")}
        names = {row[column] for row in sure for column in ("partner", "hotlist", "owner") if row.get(column)}
        (shouted if sum(map(str.isupper, partners)) > len(partners) / 2 else agencies).update(names)
    places = {place for row in _rows(_DATA / "gazetteer" / "places.csv") for place in _called(row)}
    counties = {row["full_name"] for row in _rows(_DATA / "boundaries" / "counties.csv")}
    states = list(_rows(_DATA / "gazetteer" / "states.csv"))
    places |= counties | {row["name"] for row in states}
    return Names(agencies, places, {row["state"] for row in states}, shouted)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # A cell that a spreadsheet would run is kept behind an apostrophe.
            yield {
                key: value[1:] if value[:1] == "'" and value[1:2] in set("=+-@") else value
                for key, value in row.items()
            }


def _called(row: dict[str, str]) -> list[str]:
    """Give the names of a place, but not `LaHabra` for La Habra: readers lose spaces."""
    others = (name for name in row["alternates"].split("|") if unspaced(name) != unspaced(row["name"]))
    return [row["name"], *filter(None, others)]


def _only(found: Iterable[str]) -> str:
    """Give the one that is there, or nothing where there are none or several."""
    one = list(found)
    return one[0] if len(one) == 1 else ""
