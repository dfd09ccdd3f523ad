"""What every reader gives: a Record, whose rows stand in the order of the record."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from kit.errors import RecordError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

Direction = Literal["shares_with", "receives_from"]
Data = Literal["detections", "hotlist", "network"]

LONGEST_NAME = 300
"""Letters kept of a name; real names stay under 100, so a longer one is damage or an attack."""

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
    seen = (
        " " if c in "\t\n\r\f\v" else c for c in text if c in "\t\n\r\f\v" or unicodedata.category(c) not in _UNSEEN
    )
    # Composed last: an unseen character may have stood between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", "".join(seen)).split())[:LONGEST_NAME].rstrip()


def flags_of(name: str) -> tuple[str, ...]:
    """Give the markers that a name itself carries: `inactive`, `test`, `junk`."""
    return tuple(flag for flag, pattern in _FLAGS.items() if pattern.search(name))


def strip_markers(name: str) -> str:
    """Give a name without the word for its state of use: `Inactive Atwater PD` is `Atwater PD`."""
    bare = re.sub(r"[\[(]?\s*\b(inactive|deactivated)\b\s*[\])]?", " ", name, flags=re.IGNORECASE)
    return " ".join(bare.split()).strip(" -") or name


@dataclass(frozen=True, slots=True)
class Row:
    """One listed partner, as printed; its place in the record is `page` (`p3`, `A1!17`).

    `owner` is for a record of many owners, such as a table of pairs; else the record's owner is meant.
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
        """Name the list after its owner, date and layout."""
        parts = (_owner_slug(self.owner), self.date, self.family)
        object.__setattr__(self, "list_id", "-".join(part for part in parts if part))

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

        names = [one.name for one in fields(Row)]
        values = attrgetter(*names)
        lines = [
            {
                "row_id": f"{self.list_id}:{number}",
                "list_id": self.list_id,
                **dict(zip(names, values(row), strict=True)),
                "owner": row.owner or self.owner,
                "system": self.system,
                "date": self.date,
                "flags": ";".join(dict.fromkeys((*flags_of(row.partner), *row.flags))),
            }
            for number, row in enumerate(self.rows, start=1)
        ]
        return pd.DataFrame(lines, columns=list(SHARING_COLUMNS), dtype="str")


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
    return "-".join(re.findall(r"[a-z0-9]+", text)) or "unknown-owner"
