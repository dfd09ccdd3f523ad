"""What every reader gives: a Record, whose rows stand in the order of the record."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from kit.errors import RecordError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

Direction = Literal["shares_with", "receives_from"]
Data = Literal["detections", "hotlist", "network"]

LONGEST_NAME = 300
"""Letters kept of a name; real names stay under 100, so a longer one is damage or an attack."""

_LONGEST_SLUG = 120
"""Letters of an owner in a list id, which names files: systems take 255 in all."""

# A stranger's name may carry characters that are not seen but turn or hide the text around them.
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}

_FLAGS = {
    "inactive": re.compile(
        r"\b(inactive|deactivated|churned|disbanded|not in use|no longer (active|used))\b", re.IGNORECASE
    ),
    "test": re.compile(
        r"""\b(demos?|test|testing|example|sample|sandbox|walkthrough|dummy
          | (le|flock|campus\ security)\ training)\b""",
        re.IGNORECASE | re.VERBOSE,
    ),
    # Not in use, or no agency: a vendor's own account, a home owners' association.
    "junk": re.compile(
        r"""\b(delete|duplicate|don'?t\ use|do\ not\ use|dnu|dead|revoked)\b
          | ^flock\ (safety|pd|le)\b | ^flock\ - | ^(axon|genetec)$ | \bhoa\b | \bhome\ ?owners?\b
          | \bproperty\ owners\b | \bcondominiums?\b | \bassociation\ services\b""",
        re.IGNORECASE | re.VERBOSE,
    ),
}


def clean(text: str) -> str:
    """Give a stranger's text as one visible line: NFC, no unseen characters, white space single."""
    seen = text.translate(_SEEN)
    # Composed last: an unseen character may have stood between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", seen).split())[:LONGEST_NAME].rstrip()


class _Seen(dict[int, int | None]):
    """What each character becomes: white space is a space, and what is not seen is nothing."""

    def __missing__(self, code: int) -> int | None:
        """Look at a character for the first time."""
        letter = chr(code)
        self[code] = ord(" ") if letter in "\t\n\r\f\v" else None if unicodedata.category(letter) in _UNSEEN else code
        return self[code]


_SEEN = _Seen()


def flags_of(name: str) -> tuple[str, ...]:
    """Give the markers that a name itself carries: `inactive`, `test`, `junk`."""
    return tuple(flag for flag, pattern in _FLAGS.items() if pattern.search(name))


@lru_cache(maxsize=1 << 16)
def _flags(name: str, more: tuple[str, ...]) -> str:
    """Give the markers of a name and those that a reader found, as the table has them."""
    return ";".join(dict.fromkeys((*flags_of(name), *more)))


def strip_markers(name: str) -> str:
    """Give a name without the word for its state of use: `Inactive Atwater PD` is `Atwater PD`."""
    bare = re.sub(r"[\[(]?\s*\b(inactive|deactivated)\b\s*[\])]?", " ", name, flags=re.IGNORECASE)
    return " ".join(bare.split()).strip(" -") or name


class Row(NamedTuple):
    """One listed partner, as printed; its place in the record is `page` (`p3`, `A1!17`).

    `owner` is for a record of many owners, such as a table of pairs; else the record's owner is meant.
    A tuple, for a table of pairs may have a million.
    """

    partner: str
    direction: Direction
    data: Data
    page: str
    hotlist: str = ""
    partner_city: str = ""
    partner_state: str = ""
    read_as: str = ""
    flags: tuple[str, ...] = ()
    owner: str = ""

    def cut(self) -> Row:
        """Give the row with no name longer than LONGEST_NAME."""
        return self._replace(
            partner=clean(self.partner),
            hotlist=clean(self.hotlist),
            partner_city=clean(self.partner_city),
            partner_state=clean(self.partner_state),
            read_as=clean(self.read_as),
            owner=clean(self.owner),
        )


@dataclass(frozen=True)
class LeftOut:
    """Text of a record that is no row here, and why; `rows` is 0 for what is no row there either, such as a column."""

    page: str
    text: str
    reason: str
    rows: int = 1


@dataclass(frozen=True)
class Record:
    """A record file, read: what it is, its rows, and what was left out.

    `family` names the reader's layout (`vigilant`), `system` the vendor's system, `date` is an ISO
    date or empty, `notes` are sentences on what the file itself lacks (pages missing, no date), `facts`
    what it says besides its rows (name, value), such as the days that a portal keeps data.
    """

    family: str
    system: str
    owner: str
    date: str
    title: str
    pages: int
    sha256: str
    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    empty_sections: tuple[tuple[Direction, Data], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    list_id: str = field(init=False)

    def __post_init__(self) -> None:
        """Cut what is longer than a name can be, and name the list after its owner, date and layout."""
        object.__setattr__(self, "owner", clean(self.owner))
        if any(len(text) > LONGEST_NAME for name in _NAMES for text in set(map(attrgetter(name), self.rows))):
            self._cut_names()
        parts = (_owner_slug(self.owner), self.date, self.family)
        object.__setattr__(self, "list_id", "-".join(part for part in parts if part))

    def _cut_names(self) -> None:
        """Cut the names that are too long: a reader may have joined pieces of text that are no name."""
        cut = tuple(map(Row.cut, self.rows))
        pages = dict.fromkeys(new.page for old, new in zip(self.rows, cut, strict=True) if old != new)
        note = f"Names longer than {LONGEST_NAME} letters are cut: {', '.join(islice(pages, 10))}."
        object.__setattr__(self, "rows", cut)
        object.__setattr__(self, "notes", (*self.notes, note))

    def counts(self) -> dict[tuple[Direction, Data], int]:
        """Count the rows of each section, a section that says it is empty as 0."""
        counted = Counter((row.direction, row.data) for row in self.rows)
        there = counted.keys() | set(self.empty_sections)
        return {
            section: counted[section] for section in sorted(there, key=lambda one: (one[1], one[0] != "shares_with"))
        }

    def table(self) -> pd.DataFrame:
        """Give the sharing table (columns: SHARING_COLUMNS; all text)."""
        import pandas as pd

        said = {name: list(map(attrgetter(name), self.rows)) for name in Row._fields}
        table = {
            "row_id": [f"{self.list_id}:{number}" for number in range(1, len(self.rows) + 1)],
            "list_id": self.list_id,
            **said,
            "owner": [owner or self.owner for owner in said["owner"]],
            "system": self.system,
            "date": self.date,
            "flags": list(map(_flags, said["partner"], said["flags"])),
        }
        return pd.DataFrame(table, columns=list(SHARING_COLUMNS), dtype="str")


_NAMES = ("partner", "hotlist", "partner_city", "partner_state", "read_as", "owner")

SHARING_COLUMNS = (
    "row_id",
    "list_id",
    "owner",
    "partner",
    "direction",
    "data",
    "hotlist",
    "partner_city",
    "partner_state",
    "system",
    "read_as",
    "date",
    "page",
    "flags",
)


def stamp_of(path: Path) -> tuple[int, int]:
    """Give what changes with a file: when it was written, in nanoseconds, and its size in bytes."""
    now = path.stat()
    return now.st_mtime_ns, now.st_size


def sha256_of(path: Path) -> str:
    """Give the sha256 of a file, in hexadecimal; RecordError where it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as cause:
        msg = f"The file cannot be opened: {cause.strerror}."
        raise RecordError(msg, str(path), "Check the name and that you may read it.") from cause


def _owner_slug(owner: str) -> str:
    """Shorten an owner to the words of a file name: `Irvine Police Department` is `irvine`."""
    text = unicodedata.normalize("NFKD", owner).encode("ascii", "ignore").decode().lower().replace("'", "")
    text = re.sub(r"\bsheriffs?\b.*", "sheriff", text)
    text = re.sub(r"\b(police department|police dept|police|pd)\b", " ", text)
    return "-".join(re.findall(r"[a-z0-9]+", text))[:_LONGEST_SLUG].rstrip("-") or "unknown-owner"
