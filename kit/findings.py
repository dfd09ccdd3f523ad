"""Every number: value or range, unit, the rows that it counts, the caveats that go with it.

A notebook asks a `Ledger` for its counts; what the ledger gives prints as a number that links to
its rows. Nothing else may put a number about the data on a page.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.ap import ap_number
from kit.errors import DataError
from kit.sharing import DATA, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from kit.sharing import SharingList

_FIELD = re.compile(r"\{([^{}]+)\}")
# A stranger's brace is no field: it stands as a character that no record can hold until the fields are filled.
_BRACES = {"{": "\ue000", "}": "\ue001"}
_SET_ASIDE, _PUT_BACK = str.maketrans(_BRACES), str.maketrans({mark: brace for brace, mark in _BRACES.items()})


@dataclass(frozen=True)
class Finding:
    """One number: `value` where it is one, else None and the range from `low` to `high`."""

    id: str
    label: str
    value: int | None
    low: int
    high: int
    unit: str
    sentence: str
    rows: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    html: str = field(default="", repr=False, compare=False)

    @property
    def text(self) -> str:
        """The number in figures: `149`, `108 to 119`, or `up to 7` where none is certain."""
        if self.value is not None:
            return f"{self.low:,}"
        return f"{self.low:,} to {self.high:,}" if self.low else f"up to {self.high:,}"

    @property
    def words(self) -> str:
        """The number in running text: `no`, `nine`, `149`, `108 to 119` or `up to seven`."""
        if self.value is not None:
            return ap_number(self.low) if self.low else "no"
        return self.text if self.low else f"up to {ap_number(self.high)}"

    def link(self, shown: str = "") -> str:
        """Give the number as HTML that leads to its rows."""
        return f'<a class="n" href="#f-{escape(self.id)}">{escape(shown or self.text)}</a>'

    def _repr_html_(self) -> str:
        caveats = "".join(f' <span class="caveat">{escape(text)}</span>' for text in self.caveats)
        return f'<p class="finding">{self.html or self.link()}{caveats}</p>'


@dataclass(frozen=True)
class Text:
    """Paragraphs or a list for a page; nothing in them is a number about the data."""

    lines: tuple[str, ...]
    bullets: bool = False

    def _repr_html_(self) -> str:
        if self.bullets:
            return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in self.lines)}</ul>"
        return "".join(f"<p>{escape(line)}</p>" for line in self.lines)


class Ledger:
    """The findings of one page, in the order in which they were made.

    `rows` are the resolved rows (SHARING_COLUMNS and AGENCY_COLUMNS) that findings may count;
    DataError where an id is used twice or a row is not among them.
    """

    def __init__(self, place: str, lists: Sequence[SharingList], rows: pd.DataFrame) -> None:
        """Open a ledger for a place over lists and their resolved rows."""
        self.place = place
        self.lists = tuple(lists)
        self.rows = rows
        self.findings: dict[str, Finding] = {}
        self.headline: list[str] = []
        self.not_shown: list[str] = []
        self._known = set(rows["row_id"])

    def __getitem__(self, name: str) -> Finding:
        """Give a finding by its id."""
        return self.findings[name]

    def count(  # noqa: PLR0913  (a finding is these words and these rows)
        self,
        name: str,
        label: str,
        sure: pd.DataFrame,
        *,
        maybe: pd.DataFrame | None = None,
        unit: str = "agencies",
        says: str = "",
        caveats: Iterable[str] = (),
        headline: bool = False,
    ) -> Finding:
        """Count rows: exactly where `maybe` is empty, else from the sure ones to both together.

        `says` is the sentence, with `{n}` for this number, `{id}` for another finding's, and `{agencies}`
        and `{are}` for the word in the number that fits; a name in it goes through `verbatim`.
        """
        ids = [str(row_id) for part in (sure, maybe) if part is not None for row_id in part["row_id"]]
        self._check(name, ids)
        low, high = len(sure), len(ids)
        number = Finding(name, label, low if low == high else None, low, high, unit, "", tuple(ids), tuple(caveats))
        made = self._keep(number, says)
        if headline:
            self.headline.append(name)
        return made

    def amount(  # noqa: PLR0913  (as for a count)
        self,
        name: str,
        label: str,
        ends: tuple[int, int],
        rows: pd.DataFrame,
        *,
        unit: str,
        says: str,
        caveats: Iterable[str] = (),
    ) -> Finding:
        """Keep a number, from one end to the other, that is worked out from rows but is not how many they are."""
        ids = [str(row_id) for row_id in rows["row_id"]]
        self._check(name, ids)
        low, high = ends
        number = Finding(name, label, low if low == high else None, low, high, unit, "", tuple(ids), tuple(caveats))
        return self._keep(number, says)

    def crosstab(  # noqa: PLR0913
        self,
        name: str,
        caption: str,
        rows: pd.DataFrame,
        index: str,
        columns: str,
        *,
        label: str = "agencies",
        order: Sequence[str] = (),
        words: Mapping[str, str] | None = None,
    ) -> Table:
        """Count rows by two columns: a table whose every number is a finding `name.row.column`."""
        words = words or {}
        across = sorted(rows[columns].unique())
        down = [key for key in order if key in set(rows[index])] or list(rows[index].value_counts().index)
        body = []
        for key in down:
            cells: list[str | Finding] = [words.get(key, key)]
            for top in across:
                part = rows[(rows[index] == key) & (rows[columns] == top)]
                text = f"{label}: {words.get(key, key)}, {words.get(top, top)}"
                cells.append(self.count(f"{name}.{slug(key)}.{slug(top)}", text, part))
            body.append(tuple(cells))
        return Table(caption, (words.get(index, index), *(words.get(top, top) for top in across)), tuple(body))

    @property
    def folder(self) -> Path:
        """The folder of the place: what KIT_FOLDER names while a page is made, else figures/PLACE."""
        given = os.environ.get("KIT_FOLDER")
        return Path(given) if given else DATA.parent / "figures" / slug(self.place)

    def save(self, title: str, not_shown: Text) -> None:
        """Write findings.json, and sharing.csv with the rows that the findings may count."""
        self.not_shown = list(not_shown.lines)
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        write_table(self.rows, folder / "sharing.csv")
        write_json(self.as_dict(title), folder / "findings.json")

    def as_dict(self, title: str) -> dict[str, Any]:
        """Give what findings.json holds."""
        return {
            "place": self.place,
            "title": title,
            "as_of": max((one.date for one in self.lists), default=""),
            "lists": [_source(one) for one in self.lists],
            "headline": self.headline,
            "findings": [_plain(finding) for finding in self.findings.values()],
            "not_shown": self.not_shown,
        }

    def _keep(self, number: Finding, says: str) -> Finding:
        """Put a number into its sentence, and both into the ledger."""
        sentence, html = self._say(says, number) if says else (_sentence(f"{number.label}: {number.text}"), "")
        self.findings[number.id] = replace(number, sentence=sentence, html=html)
        return self.findings[number.id]

    def _check(self, name: str, ids: Sequence[str]) -> None:
        if name in self.findings:
            msg = f'Two findings are called "{name}".'
            raise DataError(msg, "the notebook", "Give each finding an id of its own.")
        if strange := [row_id for row_id in ids if row_id not in self._known]:
            msg = f'The finding "{name}" counts rows that are in no list: {strange[0]}.'
            raise DataError(msg, "the notebook", "Count rows of the table that the ledger was opened with.")
        if len(set(ids)) != len(ids):
            msg = f'The finding "{name}" counts a row twice.'
            raise DataError(msg, "the notebook", "Keep what is sure and what may be apart.")

    def _say(self, says: str, number: Finding) -> tuple[str, str]:
        """Fill the numbers into a sentence, as text and as HTML."""
        one = number.high == 1
        says = says.replace("{agencies}", "agency" if one else "agencies").replace("{are}", "is" if one else "are")
        known = {**self.findings, "n": number}
        if missing := [name for name in _FIELD.findall(says) if name not in known]:
            msg = f'A sentence names the finding "{missing[0]}", which is not made yet.'
            raise DataError(msg, "the notebook", "Make the finding first.")
        text = _sentence(_FIELD.sub(lambda found: known[found[1]].words, says))
        parts = _FIELD.split(says)
        filled = [known[part].words if index % 2 else part for index, part in enumerate(parts)]
        filled[0 if filled[0] else 1] = _sentence(filled[0] or filled[1])
        html = "".join(
            known[part].link(filled[index]) if index % 2 else escape(filled[index]) for index, part in enumerate(parts)
        )
        return text.translate(_PUT_BACK), html.translate(_PUT_BACK)


@dataclass(frozen=True)
class Table:
    """A table for a page: a caption, column heads, rows of text and findings."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | Finding, ...], ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, caption: str) -> Table:
        """Make a table of a frame whose columns are named as a page names them, its cells text or findings."""
        cells = frame.itertuples(index=False, name=None)
        return cls(caption, tuple(map(str, frame.columns)), tuple(tuple(row) for row in cells))

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in self.heads)
        body = "".join(f"<tr>{''.join(_cell(cell, i) for i, cell in enumerate(row))}</tr>" for row in self.rows)
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f'<table class="kit">{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def verbatim(name: str) -> str:
    """Give a name as a sentence for a count takes it: braces in it are braces, and no field to fill."""
    return name.translate(_SET_ASIDE)


def slug(text: str) -> str:
    """Give a text as an id has it: small letters, digits and hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "none"


def _cell(cell: str | Finding, index: int) -> str:
    if isinstance(cell, Finding):
        return f'<td class="number">{cell.link()}</td>'
    tag = 'th scope="row"' if index == 0 else "td"
    return f"<{tag}>{escape(cell)}</{tag.split(maxsplit=1)[0]}>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(finding: Finding) -> dict[str, Any]:
    said = asdict(finding)
    said.pop("html")
    return {**said, "text": finding.text, "rows": list(finding.rows), "caveats": list(finding.caveats)}


def _source(one: SharingList) -> dict[str, Any]:
    keys = ("owner", "date", "title", "system", "request", "source", "sha256", "pages", "left_out", "notes")
    return {"id": one.list_id, **{key: getattr(one, key) for key in keys}}
