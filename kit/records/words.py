"""What the words around a list say: which way the data goes, which data it is, on what date."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kit.records.record import Data, Direction

_BOTH = re.compile(r"\b(both|mutual|two way|bi ?directional|reciprocal)\b")
_RECEIVES = re.compile(
    r"""\breceiv | \binbound\b | \bincoming\b | ^in$ | \b(from|by)\ (which|whom)\b | \bwhose\b
      | \bshar\w*\ (\w+\ ){0,3}(with|to)\ (us|me|our|my)\b | \bshared?\ (by|from)\b | \bdata\ from\b
      | \b(agencies|organizations|departments)\ (that\ |who\ )?(are\ )?(share|sharing)\ (\w+\ ){0,3}with\b
      | \b(they|partner)\ shares?\b | \bprovided?\ (by|to\ us)\b""",
    re.VERBOSE,
)
_SHARES = re.compile(
    r"""\bshar(e|es|ed|ing)\ (\w+\ ){0,3}(with|to)\b | ^(\w+\ )*shar(ed|ing)$ | \bwith\ (which|whom)\b
      | \boutbound\b | \boutgoing\b | ^out$ | \bwith\ access\b | \bha(s|ve)\ access\b | \bgranted\ access\b
      | \bsen[dt]s?\b | \brecipients?\b | \bprovides?\b""",
    re.VERBOSE,
)
_QUESTION = re.compile(r"^\W*(?:question\s*)?A\s*[-.#]?\s*(?P<number>[1-4])\b(?!\s*%)", re.IGNORECASE)

QUESTIONS: dict[str, tuple[Direction, Data]] = {
    "1": ("shares_with", "detections"),
    "2": ("receives_from", "detections"),
    "3": ("shares_with", "hotlist"),
    "4": ("receives_from", "hotlist"),
}
"""What records requests under California's Public Records Act ask as A1 to A4."""

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join([*_MONTHS, *(month[:3] for month in _MONTHS), "sept"])
_DATES = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)[-/._](?P<month>\d{1,2})[-/._](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\d/])(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>(?:20)?\d\d)(?![\d/])"),
    re.compile(rf"(?<!\d)(?P<year>20\d\d)[\s_-]+(?P<name>{_MONTH})\.?[\s_-]+(?P<day>\d{{1,2}})(?!\d)", re.IGNORECASE),
    re.compile(
        rf"\b(?P<name>{_MONTH})\.?[\s_-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s_-]+(?P<year>20\d\d)(?!\d)",
        re.IGNORECASE,
    ),
)


def word_set(text: str) -> frozenset[str]:
    """Give the words of a list written as one text."""
    return frozenset(text.split())


@lru_cache(maxsize=1 << 12)
def plain(text: str) -> str:
    """Give the words of a heading alone: `srcAgency_ID` is `src agency id`."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:500].replace("’", "'"))
    return " ".join(re.findall(r"[a-z0-9#]+", text.casefold().replace("'", "")))


@lru_cache(maxsize=1 << 12)
def directions_in(text: str) -> tuple[Direction, ...]:
    """Give the ways that the words name, seen from the owner; none where they name none."""
    words = plain(text)
    if _BOTH.search(words):
        return ("shares_with", "receives_from")
    receives = bool(_RECEIVES.search(words))
    shares = bool(_SHARES.search(_RECEIVES.sub(" ", words) if receives else words))
    if receives and shares and "which" not in words:
        return ("shares_with", "receives_from")
    return ("receives_from",) if receives else ("shares_with",) if shares else ()


def data_in(text: str) -> Data | None:
    """Give the kind of data that the words name, if any."""
    words = plain(text)
    if re.search(r"\bhot ?lists?\b", words):
        return "hotlist"
    if re.search(r"\bdetections?\b|\breads\b", words):
        return "detections"
    return "network" if re.search(r"\bnetworks?\b|\bflock\b", words) else None


def question_in(text: str) -> tuple[Direction, Data] | None:
    """Give what a heading asks if it starts with `A1` to `A4`."""
    found = _QUESTION.match(text[:300])
    return QUESTIONS[found["number"]] if found else None


def date_in(text: str) -> str:
    """Give the last date that a text names, in ISO form; empty where it names none."""
    found = [(one.start(), _iso(one)) for pattern in _DATES for one in pattern.finditer(text[:2000])]
    return max((one for one in found if one[1]), default=(0, ""))[1]


def _iso(found: re.Match[str]) -> str:
    """Give a date in ISO form; empty where there is no such day."""
    parts = found.groupdict()
    month = int(parts.get("month") or 0)
    if name := parts.get("name"):
        month = next(number for number, full in enumerate(_MONTHS, start=1) if full.startswith(name[:3].lower()))
    try:
        return date(int(parts["year"]) % 100 + 2000, month, int(parts["day"])).isoformat()
    except ValueError:
        return ""
