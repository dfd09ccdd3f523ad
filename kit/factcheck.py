"""A draft -> its numbers and agency names, each held against the findings of a place and against the draft itself.

A number `matches` where a finding on the same thing has it, `differs` where the finding has another or the
draft says another elsewhere, and is `not computed` where no finding is on it. What a draft means is
judged by its words: a verdict is a pointer for an editor, with the finding or the sentence it rests on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import dropwhile, takewhile
from math import log
from typing import TYPE_CHECKING, Literal

from kit.errors import DataError
from kit.names import STATE_NAMES, AgencyName, read_name
from kit.records.record import clean
from kit.sharing import as_rows, read_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Verdict = Literal["matches", "differs", "not computed"]

# How much of what a finding is about a sentence must say, by weight of its words: to be on it at all; and to be
# so clearly on it, and on little else, that another number is an error. Between findings so near, the number decides.
_ON_IT = 0.5
_CLEARLY = 0.72
_WHOLLY, _FULLY = 0.6, 0.85
_AS_NEAR = 0.2
# What the draft said before counts that much: "Of those, 12 are in California."
_BEFORE = 0.6
# A draft need not repeat which list, of which date, a number is from.
_DATE = 0.35
# What stands in another part of the sentence counts that much: "shares with 316 but gets plates from 1,553".
_BESIDE = 0.75
# "About 300" is 300 give or take that share.
_ABOUT = 0.05

_COUNTING = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = _COUNTING.split()
_TENS = {ten: value for value, ten in zip(range(20, 100, 10), _DECADES.split(), strict=True)}
_WORDS = {word: value for value, word in enumerate(_ONES)} | _TENS
_WORDS |= {f"{ten}-{one}": _TENS[ten] + _WORDS[one] for ten in _TENS for one in _ONES[1:10]}
_SPELLED = "|".join(sorted(_WORDS, key=len, reverse=True))
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
# Dates, years, money, times and shares are no counts; they go first, so that no number is taken out of them.
_NO_COUNT = re.compile(
    rf"""{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ \d{{4}})? | \b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})? | \b\d{{4}}-\d\d-\d\d\b
    | [$€£]\ ?\d[\d,.]* | \b(?:19|20)\d\d\b | \b\d+(?:st|nd|rd|th)\b | \b\d{{1,2}}:\d\d | \bone\ (?:of|another)\b
    | \d[\d,.]*\ ?(?:%|percent|feet|miles|cents)""",
    re.VERBOSE,
)
_ONE = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+|\b(?:{_SPELLED})\b)"
_NUMBER = re.compile(
    rf"(?P<how>\b(?:at least|more than|over|at most|up to|fewer than|nearly|almost|about|some|roughly|around)\s+)?"
    rf"(?<![\w.])(?P<low>{_ONE})(?:\s*(?:to|-|–)\s*(?P<high>{_ONE}))?(?![\w])",
    re.IGNORECASE,
)
_SHORTENED = "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mr Mrs Ms Dr St Ft Mt No Dept Dep't Conf vs"
# A point behind one letter (U.S.) or a shortened word (Feb. 6) ends no sentence.
_NO_END = "".join(rf"(?<!\b{word}\.)" for word in ("[A-Z]", *_SHORTENED.split()))
_SENTENCE = re.compile(rf"{_NO_END}(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")
_CLAUSE = re.compile(r"(?<!\d),\s|;\s|\sbut\s|\swhile\s|\swhereas\s|\sand\s(?=\d)|\s[–—-]\s")

# What a number of a list can be of; other nouns after a number mean that it is about something else.
_COUNTED = re.compile(
    r"agenc|organi[sz]ation|department|account|name|unit|recipient|partner|sheriff|polic|center|forces?|prosecutor"
    r"|network|row|entr|state\b|count(y|ies)|cit(y|ies)|district",
    re.IGNORECASE,
)
_SMALL = """
    a about after all also an and any are around as at be been before between both but by can could did do does each
    for from had has have he her his if in into is it its may more no not of off on or other so such than that the
    their them there these they this those to up was were when where which while who whom will with would
"""
_FUNCTION = frozenset(_SMALL.split())
_ACTS = re.compile(r"\b(shar|receiv|get|got|gave|giv|send|sent|drop|remov|add|renam)\w*", re.IGNORECASE)
_WAYS = re.compile(r"\b(?:shar|receiv|get|got|gave|giv)\w*", re.IGNORECASE)
_SAME = {
    **dict.fromkeys(("organization", "organisation", "department", "recipient"), "agency"),
    **dict.fromkeys(("get", "got", "getting", "receive"), "receiv"),
    **dict.fromkeys(("give", "gave", "giv", "share"), "shar"),
    **dict.fromkeys(("dropped", "removed", "longer"), "drop"),
    **dict.fromkeys(("new", "added"), "add"),
    **dict.fromkeys(("ice", "hsi"), "immigration"),
    "dhs": "homeland",
}
_RECORD = r"(?i:\b(?:list|report|document|record|export|portal)s?\b)"
_AGENCY = re.compile(
    r"(?P<place>(?:[A-Z][\w.'’-]*|of|the|&)(?:[ -](?:[A-Z][\w.'’-]*|of|the|&))*?)\s+"
    r"(?P<body>Police (?:Department|Dept\.?)|Sheriff[’']?s?[’']? (?:Department|Office|Dept\.?)"
    r"|Department of Public Safety|PD\b|SO\b|Marshal[’']?s Office|District Attorney[’']?s Office)"
)


@dataclass(frozen=True)
class Claim:
    """A number or an agency's name in a draft: the words, the sentence, the verdict and what it rests on."""

    text: str
    sentence: str
    verdict: Verdict = "not computed"
    finding: str = ""
    why: str = ""


@dataclass(frozen=True)
class _Number:
    """A number of a sentence: how the draft says it, its ends, and the words that follow."""

    text: str
    how: str
    low: int
    high: int
    before: str
    after: str
    line: int

    @property
    def noun(self) -> str:
        """What is counted: `agency`; empty where the number stands alone; `-` where it is nothing that lists hold."""
        words = re.findall(r"[\w'’]+", re.split(r"[,.;:()\d–—]", self.after)[0])[:4]
        phrase = list(takewhile(lambda word: word.lower() not in _FUNCTION, words))
        counted = [word for word in phrase if _COUNTED.match(word)]
        return _stem(counted[-1]) if counted else "-" if phrase and not _ACTS.match(phrase[0]) else ""

    @property
    def act(self) -> str:
        """What those do that are counted: `shar`, `receiv`."""
        found = _ACTS.search(self.after)
        return found[1].lower() if found else ""

    @property
    def way(self) -> str:
        """Which way data goes from the owner's side: to whom it shares (`shar`), or from whom it gets (`receiv`)."""
        told, asked = (_WAYS.findall(part) for part in (_CLAUSE.split(self.before)[-1], _CLAUSE.split(self.after)[0]))
        ways = ("shar", "receiv")
        if told:  # "shared with 149 agencies"
            return ways[_stem(told[-1]) != "shar"]
        return ways[_stem(asked[0]) == "shar"] if asked else ""  # "149 agencies got its data"

    def agrees(self, low: int, high: int) -> bool:
        """Tell whether the draft's words hold for a finding from `low` to `high`."""
        if self.how in {"at least", "more than", "over"}:
            return low >= self.low + (self.how != "at least") or (low == high == self.low and self.how == "at least")
        if self.how in {"at most", "up to", "fewer than"}:
            return high <= self.high - (self.how == "fewer than")
        if self.how:
            return abs(self.low - low) <= _ABOUT * low and abs(self.high - high) <= _ABOUT * high
        return (self.low, self.high) == (low, high)


def factcheck(draft: Path, folder: Path | None = None) -> list[Claim]:
    """Hold a draft (.md, .txt, .html, .docx) against a place's findings.json and rows, and against itself.

    Without a folder only the draft itself is looked at. DataError where the draft cannot be read.
    """
    sentences = [one for text in read_draft(draft) for one in _SENTENCE.split(text) if one.strip()]
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))["findings"] if folder else []
    rows = as_rows(read_table(folder / "sharing.csv")) if folder else []
    numbers = [number for line, text in enumerate(sentences) for number in _numbers(text, line)]
    against = _Findings(findings)
    checked = [against.check(number, sentences) for number in numbers]
    claims = [
        _against_itself(claim, number, numbers, sentences) for claim, number in zip(checked, numbers, strict=True)
    ]
    names = _names(sentences, rows, findings)
    return sorted([*claims, *names], key=lambda claim: sentences.index(claim.sentence))


def write_claims(claims: Sequence[Claim], path: Path) -> None:
    """Write the verdicts as JSON: a list of text, sentence, verdict, finding, why."""
    write_json([asdict(claim) for claim in claims], path)


# --- the draft ---


def read_draft(path: Path) -> list[str]:
    """Read the paragraphs of a draft; DataError where it is not there or not what its ending says."""
    kinds = {".docx": _docx, ".html": _html, ".htm": _html, ".md": _plain, ".markdown": _plain, ".txt": _plain}
    if path.suffix.lower() not in kinds:
        raise DataError("The draft is of a kind that the kit cannot read.", str(path), "Save it as .md, .txt or .docx.")
    if not path.is_file():
        raise DataError("There is no such file.", str(path), "Check the name; one with spaces needs quotes around it.")
    paragraphs = [clean_paragraph for text in kinds[path.suffix.lower()](path) if (clean_paragraph := _line(text))]
    if not paragraphs:
        raise DataError("The draft has no text.", str(path), "Save it again from the program that it was written in.")
    return paragraphs


def _line(text: str) -> str:
    """Give a paragraph as one visible line; a long one is kept whole."""
    return " ".join(filter(None, (clean(part) for part in re.findall(r"\S+\s*", text))))


def _plain(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    # Marks of Markdown stand around words; links keep their words.
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", text))
    for part in re.split(r"\n\s*\n|\n(?=\s*(?:#|[-*>]\s|\d+\.\s))", text):
        yield re.sub(r"^\s*(?:#+|[-*>]|\d+\.)\s+", "", part)


def _html(path: Path) -> Iterator[str]:
    from lxml import html

    try:
        tree = html.fromstring(path.read_bytes())
    except (ValueError, html.etree.ParserError) as cause:
        raise DataError("The file is no web page.", str(path), "Save the draft again as .html or .txt.") from cause
    for unseen in tree.xpath("//script | //style | //head/*[not(self::title)] | //noscript | //template"):
        unseen.drop_tree()
    for block in tree.xpath(
        "//title | //p | //li | //h1 | //h2 | //h3 | //h4 | //td | //th | //figcaption | //blockquote"
    ):
        yield str(block.text_content())


def _docx(path: Path) -> Iterator[str]:
    from zipfile import BadZipFile

    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from docx.text.paragraph import Paragraph

    try:
        document = Document(str(path))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as cause:
        raise DataError("The file is no Word document.", str(path), "Save the draft again as .docx or .txt.") from cause
    for part in document.iter_inner_content():
        cells = [part] if isinstance(part, Paragraph) else [cell for row in part.rows for cell in row.cells]
        yield from (cell.text for cell in cells)


def _numbers(sentence: str, line: int) -> Iterator[_Number]:
    """Find the counts in a sentence; dates, years, money and percentages are none."""
    counts = _NO_COUNT.sub(lambda found: "#" * len(found[0]), sentence)
    for found in _NUMBER.finditer(counts):
        low = _value(found["low"])
        high = _value(found["high"]) if found["high"] else low
        if low == 1 and not found["low"].isdigit():  # "one" is mostly no count
            continue
        text = sentence[found.start("low") : found.end()]
        how = " ".join((found["how"] or "").lower().split())
        before, after = sentence[: found.start()], sentence[found.end() :]
        yield _Number(text, how, min(low, high), max(low, high), before, after, line)


def _value(text: str) -> int:
    return _WORDS[text.lower()] if text.lower() in _WORDS else int(text.replace(",", ""))


# --- against the findings ---


def _stem(word: str) -> str:
    """Cut a word's endings, and make words of one meaning one."""
    plain = re.sub(r"['’]s?$", "", word.lower())
    singular = re.sub(r"ies$", "y", plain)
    singular = singular if singular != plain or len(plain) < 4 else re.sub(r"(?<!s)s$", "", plain)
    return _SAME.get(singular, re.sub(r"(?<=\w{3})(ing|ed|e)$", "", singular))


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_DATES = {"list", *_MONTHS.split(), *map(str, range(1990, 2100))}


def _meant(text: str) -> frozenset[str]:
    """Give the stems that a text is about: no small words, no numbers but years, no days."""
    words = re.findall(r"[A-Za-z'’]{2,}|\b(?:19|20)\d\d\b", re.sub(rf"\b({_MONTH})", lambda m: m[1][:3], text))
    return frozenset(_stem(word) for word in words if word.lower() not in _FUNCTION | _WORDS.keys())


class _Findings:
    """The findings of a place, by what they are about."""

    def __init__(self, findings: Sequence[dict[str, object]]) -> None:
        # What a finding is about stands in its label; a draft may take its own sentence's words.
        self._all = [
            (finding, _meant(f"{finding[said]} {'' if finding['unit'] == 'rows' else finding['unit']}"))
            for said in ("label", "sentence")
            for finding in findings
        ]
        often = Counter(stem for _, stems in self._all for stem in stems)
        # A word that few findings share tells more of which one is meant.
        self._weight = {
            stem: (1 + log(len(self._all) / times)) * (_DATE if stem in _DATES else 1) for stem, times in often.items()
        }

    def check(self, number: _Number, sentences: Sequence[str]) -> Claim:
        """Give the verdict on a number: by the finding that it agrees with among those that its sentence is on."""
        claim = Claim(number.text, sentences[number.line])
        if number.noun == "-" or not self._all:
            return claim
        clause = next(part for part in _CLAUSE.split(claim.sentence) if number.text in part)
        before = " ".join(sentences[max(0, number.line - 3) : number.line])
        said = [
            (_meant(text) - {"shar", "receiv"} | {number.way}) & self._weight.keys()
            for text in (clause, claim.sentence, before)
        ]
        scored = [
            (self._scores(stems, said), finding)
            for finding, stems in self._all
            if _one_year(stems, said[0] or said[1]) and len({number.way, *stems & {"shar", "receiv"}} - {""}) < 2
        ]
        on_it = [(both, about, finding) for (about, both), finding in scored if about >= _ON_IT]
        on_it.sort(key=lambda one: (-one[0], one[2]["unit"] == "rows"))
        near = [one for one in on_it if one[0] >= on_it[0][0] - _AS_NEAR]
        for _, _, finding in near:
            if number.agrees(int(str(finding["low"])), int(str(finding["high"]))):
                return replace(claim, verdict="matches", finding=str(finding["id"]), why=str(finding["label"]))
        clear = [
            finding
            for both, about, finding in near[:1]
            if about >= _CLEARLY and both >= (_WHOLLY if number.way in self._ways(finding) else _FULLY)
        ]
        if clear:
            first = clear[0]
            why = f"{first['label']}: {first.get('text') or first['low']}"
            return replace(claim, verdict="differs", finding=str(first["id"]), why=why)
        return claim

    def _ways(self, finding: dict[str, object]) -> frozenset[str]:
        """Give the way of data that a finding is about; of one about none, any number that has none may be."""
        return _meant(str(finding["label"])) & {"shar", "receiv"} or frozenset({""})

    def _scores(self, stems: frozenset[str], said: Sequence[frozenset[str]]) -> tuple[float, float]:
        """Give how much of a finding is said, by weight of its words; and that with how much of what is said it is."""
        clause, sentence, before = said
        there = self._sum(stems & clause) + _BESIDE * self._sum(stems & sentence - clause)
        about = (there + _BEFORE * self._sum(stems & before - sentence)) / max(1.0, self._sum(stems))
        told = there / max(1.0, self._sum(clause) + _BESIDE * self._sum(sentence - clause))
        return about, 2 * about * told / max(0.01, about + told)

    def _sum(self, stems: Iterable[str]) -> float:
        return sum(self._weight[stem] for stem in stems)


# --- against itself ---


def _against_itself(claim: Claim, number: _Number, numbers: Sequence[_Number], sentences: Sequence[str]) -> Claim:
    """Say where the draft has another number for the same thing; a finding's verdict comes first."""
    if claim.verdict != "not computed" or number.noun in {"", "-"} or not number.act:
        return claim
    for other in numbers:
        alike = (other.noun, other.act) == (number.noun, number.act) and other.line != number.line
        if alike and (other.low, other.high) != (number.low, number.high) and not number.how and not other.how:
            one, two = _meant(sentences[number.line]), _meant(sentences[other.line])
            if _one_place(one, two) and _one_year(one, two):
                why = f'the draft itself says {other.text}: "{_short(sentences[other.line])}"'
                return replace(claim, verdict="differs", why=why)
    return claim


_STATES = {_stem(name) for name in STATE_NAMES.values() if " " not in name}


def _one_place(one: frozenset[str], two: frozenset[str]) -> bool:
    """Tell whether two sentences are on one state, going by the states that they name."""
    return bool(one & two & _STATES) or not (one | two) & _STATES


def _one_year(one: frozenset[str], two: frozenset[str]) -> bool:
    years = [{stem for stem in said if stem.isdigit()} for said in (one, two)]
    return not all(years) or bool(years[0] & years[1])


def _short(sentence: str) -> str:
    return sentence if len(sentence) < 100 else f"{sentence[:97].rstrip()}..."


# --- agencies' names ---

_MIXED_UP = {"municipal_police", "county municipal_police", "county_sheriff"}
"""Kinds of a place that are taken for one another."""


def _names(
    sentences: Sequence[str], rows: Sequence[dict[str, str]], findings: Iterable[dict[str, object]]
) -> Iterator[Claim]:
    """Give the agencies that a draft names: in the lists, in them as another body of the place, or neither."""
    found = [
        (sentence, name, _said(name))
        for sentence in sentences
        for name in map(_name, _AGENCY.finditer(sentence))
        if name
    ]
    printed: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        for name in (row["owner"], row["partner"]):
            printed.setdefault(_key(_said(name)), {**row, "name": name})
    owners = {place: row["owner"] for (place, _), row in printed.items() if row["name"] == row["owner"]}
    counted: dict[str, str] = {}
    for finding in findings:
        for row_id in map(str, finding["rows"] if isinstance(finding["rows"], list) else ()):
            counted.setdefault(row_id, str(finding["id"]))
    sources = [(sentence, name, said) for sentence, name, said in found if _is_source(name, sentence)]
    for sentence, name, said in found:
        claim = Claim(name, sentence)
        place, kind = _key(said)
        rivals = [(text, other) for text, other, its in sources if _of_one_place(its, said) and text != sentence]
        there = printed.get((place, kind))
        if rivals and _is_source(name, sentence):
            text, other = rivals[0]
            yield replace(claim, verdict="differs", why=f'the draft itself says {other}: "{_short(text)}"')
        elif there:
            of, why = counted.get(there["row_id"], ""), f"{there['name']}, {there['list_id']}, {there['page']}"
            yield replace(claim, verdict="matches", finding=of, why=why)
        elif owner := owners.get(place, "") if kind in _MIXED_UP else "":
            yield replace(claim, verdict="differs", why=f"the record is that of the {owner}")
        else:
            yield claim


def _is_source(name: str, sentence: str) -> bool:
    """Tell whether a sentence says that a record is an agency's: `the list comes from NAME`, `NAME's report`."""
    agency = re.escape(name)
    before = rf"{_RECORD}[^.]{{0,80}}?(?:\b(?:from|by|of)|[-–—:])\s+(?:the\s+)?{agency}"
    return bool(re.search(rf"{before}|{agency}['’]?s?['’]?\s+(?:[\w-]+\s+){{0,4}}{_RECORD}", sentence))


def _of_one_place(one: AgencyName, other: AgencyName) -> bool:
    """Tell whether two names are of two bodies of one place."""
    return (one.place, one.county) == (other.place, other.county) and one.kind != other.kind


def _name(found: re.Match[str]) -> str:
    """Give an agency's name without the words of the sentence that stand before it."""
    words = found["place"].split()
    place = " ".join(dropwhile(lambda word: word.lower() in {*_FUNCTION, "&", "report"}, words))
    return f"{place} {found['body']}" if place else ""


def _said(name: str) -> AgencyName:
    return read_name(name.replace("’", "'"))


def _key(said: AgencyName) -> tuple[str, str]:
    """Give what two spellings of one agency share: place and kind; a sheriff is a county's, said or not."""
    kind = f"county {said.kind}" if said.county and said.kind != "county_sheriff" else said.kind
    return re.sub(r"\W", "", said.place.lower().removesuffix(" county")), kind
