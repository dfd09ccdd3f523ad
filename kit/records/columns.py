"""What the columns of an unknown table hold: the partner, the owner, the direction, city and state.

A column is told by the words of its heading; where there is no heading, by whether its cells read
like the names of agencies; or it is the one that the reporter names. Columns about people or vehicles
are never among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from kit.errors import RecordError, did_you_mean
from kit.records.persons import private_column
from kit.records.sheets import letters, tidy
from kit.records.words import data_in, directions_in, plain, question_in, word_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kit.records.record import Data, Direction
    from kit.records.sheets import Sheet

    Rows = Sequence[tuple[int, Sequence[str]]]

_SAMPLE = 2_000  # rows that are looked at to tell what a column holds
_SAMPLE_CELLS = 500_000  # in them
_TITLES = 40  # rows among which the column names are looked for

# A heading says only what a column holds; three in four of its words are of these.
_HEADING_WORDS = word_set(
    """a access accesses account accounts agencies agency all alpr and are as by can city code count county
    customer customers data date department departments dept destination detection detections direction
    entities entity external for from full granted has have hot hotlist hotlists i id im in info information
    is jurisdiction jurisdictions kind law enforcement list lists location lpr me member members my name names
    network networks no number of on or org organisation organisations organization organizations orgs other
    our owner partner partners provider receive received receives receiving recipient relationship row sends
    share shared shares sharing source src st state status system target that the their them they to town type
    us user we which who whom whose with date page flags read zip"""
)
_PARTNER = (  # the most telling first
    re.compile(
        r"""\b(partners?|external|recipients?|targets?|destination)\b | \b(shared?|sharing|shares)\b.*\b(with|to)\b
          | \b(received?|receives|receiving|shared)\ from\b""",
        re.VERBOSE,
    ),
    re.compile(
        r"""\b(agenc(y|ies)|organi[sz]ations?|orgs?|departments?|dept|jurisdictions?|entit(y|ies)
          |law\ enforcement)\b""",
        re.VERBOSE,
    ),
    re.compile(r"\b(names?|networks?|accounts?|members?|customers?)\b"),
)
_OWNER = re.compile(r"\b(owner|src|source|from agency|sharing agency|provider)\b")
_DIRECTION = re.compile(r"^(direction|relationship|(type of sharing|sharing|share)( type| direction| status)?|flow)$")
_DATA = re.compile(r"^(data|data (type|kind|shared)|(type|kind) of data)$")
_HOTLIST = re.compile(r"^hot ?lists?( names?)?$")
# The noun that a heading is about, where that is no name: `Agency ID`, `Number of agencies`.
_NO_NAME = word_set(
    """id ids type kind code codes number no num count counts total date time zip address url link website ori
    fips lat lon latitude longitude note notes comment comments page row flags system status description hash
    updated accessed"""
)
_CITY, _STATE = word_set("city town municipality"), word_set("state st province")

_YES, _NO = (
    {"x", "y", "yes", "true", "1", "✓", "✔", "☑", "✅"},
    {"", "n", "no", "false", "0", "-", "–", "—", "n/a", "☐"},
)
_AGENCY = re.compile(
    r"""\b(pd|so|police|sher+iff?s?|dept|department|dps|public\ safety|marshals?|constables?|patrol|attorneys?
      |prosecutors?|task\ force|law\ enforcement|probation|corrections|university|college|county)\b""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Columns:
    """Where in a row to find what; None for what a table has not."""

    partner: int
    owner: int | None = None
    direction: int | None = None
    data: int | None = None
    hotlist: int | None = None
    city: int | None = None
    state: int | None = None
    marks: tuple[tuple[int, Direction, Data | None], ...] = ()
    says: tuple[Direction, ...] = ()
    about: Data | None = None
    asked: bool = False


@dataclass(frozen=True)
class Table:
    """A sheet that lists agencies: its heading, what stands above it, and its columns, one set a list."""

    sheet: Sheet
    head: int
    names: tuple[str, ...]
    above: str
    lists: tuple[Columns, ...]
    private: tuple[tuple[int, str], ...]
    not_taken: tuple[int, ...]


def find_table(sheet: Sheet, column: str = "") -> Table | None:
    """Find the list or lists of agencies in a sheet; None where it has none.

    `column` names the partner's column by its heading, letter or number; RecordError where it is not there.
    """
    rows = _sample(sheet)
    at = _heading(rows, column)
    if sheet.mark and rows and len(first := rows[at or 0][1]) == 1 and (at is not None or reads_like_agencies(first)):
        return find_table(sheet.in_one_column(), column)
    names = tuple(map(tidy, rows[at][1])) if at is not None else ()
    above, body = (rows[:at], rows[at + 1 :]) if at is not None else ([], rows)
    width = len(names) if sheet.mark and names else max((len(cells) for _, cells in rows), default=0)
    heads = [*names, *[""] * (width - len(names))]
    values = [[text for _, cells in body if at < len(cells) and (text := tidy(cells[at]))] for at in range(width)]
    private = {at: why for at, head in enumerate(heads) if (why := private_column(head, values[at]))}
    open_ = [at for at in range(width) if at not in private]
    asked = _asked_above(above, heads)
    lists = _named(column, heads, values, private, sheet) if column else _lists(heads, values, open_, asked)
    if not lists:
        return None
    used = {index for one in lists for index in _indexes(one)}
    return Table(
        sheet,
        rows[at][0] if at is not None else 0,
        names,
        " ".join(tidy(cell) for _, cells in above for cell in cells if cell),
        lists,
        tuple(private.items()),
        tuple(index for index in open_ if index not in used and (heads[index] or values[index])),
    )


def _sample(sheet: Sheet) -> Rows:
    """Give the first rows of a sheet, fewer where they are long."""
    rows: list[tuple[int, Sequence[str]]] = []
    cells = 0
    for row in islice(sheet.rows(), _SAMPLE):
        rows.append(row)
        cells += len(row[1])
        if cells > _SAMPLE_CELLS:
            break
    return rows


def marked(text: str) -> bool | None:
    """Give whether a cell ticks (x, yes, 1) or not (no, empty); None where it says something else."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def reads_like_agencies(values: Sequence[str]) -> float:
    """Give the share of the cells that read like the name of an agency."""
    like = sum(1 for value in values if len(value) <= 100 and not value.endswith(".") and _AGENCY.search(value))
    return like / len(values) if values else 0.0


def _heading(rows: Rows, column: str) -> int | None:
    """Find the row of column names: that of the named column, else the last of those that read like headings."""
    wanted = tidy(column).casefold()
    found = None
    for index, (_, cells) in enumerate(rows[:_TITLES]):
        heads = [text for cell in cells if (text := tidy(cell))]
        if wanted and wanted in map(str.casefold, heads):
            return index
        if found is not None and not all(map(is_label, heads)):
            break
        if any(_is_heading(tidy(cell)) and not _recurs(rows, index, at) for at, cell in enumerate(cells)):
            found = index
        elif found is not None:
            break
    return found if found is not None or len(rows) < 2 else _unlike_the_rest(rows)


def _recurs(rows: Rows, index: int, at: int) -> bool:
    """Tell whether a cell stands again below itself, as a value does and a heading does not."""
    below = [cells[at] for _, cells in rows[index + 1 : index + 11] if at < len(cells)]
    return below.count(rows[index][1][at]) > 1


def _unlike_the_rest(rows: Rows) -> int | None:
    """Take the first row for column names where it has words over a column of numbers."""
    for at, cell in enumerate(rows[0][1]):
        below = [cells[at] for _, cells in rows[1:] if at < len(cells)]
        numbers = sum(1 for text in below if any(map(str.isdigit, text)))
        if cell.strip() and not any(map(str.isdigit, cell)) and numbers >= 0.8 * len(below) > 0:
            return 0
    return None


def is_label(cell: str) -> bool:
    """Tell whether a cell is made of the words of headings."""
    words = plain(cell).split()
    return bool(words) and sum(1 for word in words if word in _HEADING_WORDS) >= 0.75 * len(words)


def _is_heading(cell: str) -> bool:
    """Tell whether a cell names a column that matters: a partner's, an owner's, or a question's."""
    if question_in(cell):
        return True
    return is_label(cell) and (_rank(cell) is not None or bool(_OWNER.search(plain(cell))))


def _noun(head: str) -> str:
    """Give the noun that a heading is about: `id` in `Agency ID`, `number` in `Number of agencies`."""
    words = re.split(r"\b(?:of|for|with|to|from)\b", plain(head))[0].split()
    return words[-1] if words else ""


def _rank(head: str) -> int | None:
    """Tell how well a heading fits the partner's column, 0 the best; None where it does not."""
    words = plain(head)
    if (
        _noun(head) in _NO_NAME | _CITY | _STATE
        or _DIRECTION.match(words)
        or _DATA.match(words)
        or _HOTLIST.match(words)
    ):
        return None
    return next((rank for rank, pattern in enumerate(_PARTNER) if pattern.search(words)), None)


def _asked_above(above: Rows, heads: Sequence[str]) -> dict[int, str]:
    """Give the questions A1 to A4 by the column over which they stand; not those that stand below each other."""
    found: dict[int, str] = {}
    for cells in [*(cells for _, cells in above), heads]:
        for index, cell in enumerate(map(tidy, cells)):
            if question_in(cell):
                found[index] = "" if question_in(found.get(index, cell)) != question_in(cell) else cell
    return {index: text for index, text in found.items() if text}


def _lists(
    heads: Sequence[str], values: Sequence[Sequence[str]], open_: Sequence[int], asked: dict[int, str]
) -> tuple[Columns, ...]:
    """Find the partner's column, or several where each column is a list of its own."""
    if asked:
        return tuple(
            Columns(index, says=ask[0], about=ask[1], asked=True) for index, ask in _blocks(heads, open_, asked)
        )
    said = [index for index in open_ if directions_in(heads[index]) and is_label(heads[index])]
    ticked = [index for index in said if values[index] and all(marked(value) is not None for value in values[index])]
    own = [index for index in said if index not in ticked and not _DIRECTION.match(plain(heads[index]))]
    if len(own) > 1 and all(reads_like_agencies(values[index]) >= 0.3 for index in own):
        return tuple(Columns(index, says=directions_in(heads[index]), about=data_in(heads[index])) for index in own)
    partner = _partner(heads, values, [index for index in open_ if index not in ticked])
    return (_around(partner, heads, values, open_, ticked),) if partner is not None else ()


def _blocks(
    heads: Sequence[str], open_: Sequence[int], asked: dict[int, str]
) -> list[tuple[int, tuple[tuple[Direction, ...], Data]]]:
    """Give for each question the column that answers it: the one under it, or the first named beside that."""
    found: list[tuple[int, tuple[tuple[Direction, ...], Data]]] = []
    for index, text in sorted(asked.items()):
        end = min((other for other in asked if other > index), default=len(heads))
        named = [at for at in range(index, end) if at in open_ and _rank(heads[at]) is not None]
        direction, data = question_in(text) or ("shares_with", "detections")
        if index in open_:
            found.append((named[0] if named else index, ((direction,), data)))
    return found


def _partner(heads: Sequence[str], values: Sequence[Sequence[str]], among: Sequence[int]) -> int | None:
    """Choose the partner's column: by its heading, else by its cells."""
    owners = {
        index for index in among if _OWNER.search(plain(heads[index])) and not _PARTNER[0].search(plain(heads[index]))
    }
    ranked = [(rank, index) for index in among if index not in owners and (rank := _rank(heads[index])) is not None]
    if ranked:
        return min(ranked)[1]
    likely = [(reads_like_agencies(values[index]), -index) for index in among if index not in owners]
    share, index = max(likely, default=(0.0, 0))
    return -index if share >= 0.5 else None


def _around(
    partner: int, heads: Sequence[str], values: Sequence[Sequence[str]], open_: Sequence[int], ticked: Sequence[int]
) -> Columns:
    """Find what stands beside the partner: owner, direction, data, hot list, city, state, columns to tick."""

    def first(fits: re.Pattern[str] | frozenset[str]) -> int | None:
        for index in open_:
            words = plain(heads[index])
            hit = fits.search(words) if isinstance(fits, re.Pattern) else _noun(heads[index]) in fits
            if index != partner and index not in ticked and hit:
                return index
        return None

    owner = first(_OWNER)
    if owner is not None and _noun(heads[owner]) in _NO_NAME | _CITY | _STATE:
        owner = None
    if owner is None and _PARTNER[0].search(plain(heads[partner])):
        others = (index for index in open_ if index not in {partner, *ticked} and _rank(heads[index]) == 1)
        owner = next((index for index in others if reads_like_agencies(values[index]) >= 0.3), None)
    direction = first(_DIRECTION)
    if direction is not None and 2 * sum(1 for value in values[direction] if directions_in(value)) < len(
        values[direction]
    ):
        direction = None
    marks = tuple((index, way, data_in(heads[index])) for index in ticked for way in directions_in(heads[index]))
    says = () if marks else directions_in(heads[partner]) if partner < len(heads) else ()
    found = Columns(partner, owner, direction, first(_DATA), first(_HOTLIST), first(_CITY), first(_STATE))
    return replace(found, marks=marks, says=says, about=data_in(heads[partner]) if says else None)


def _named(
    column: str, heads: Sequence[str], values: Sequence[Sequence[str]], private: dict[int, str], sheet: Sheet
) -> tuple[Columns, ...]:
    """Take the column that the reporter names, by its heading, letter or number."""
    by_name = {head.casefold(): index for index, head in reversed(list(enumerate(heads))) if head}
    by_place = {letters(index).casefold(): index for index in range(len(heads))}
    by_place |= {str(index + 1): index for index in range(len(heads))}
    wanted = tidy(column).casefold()
    index = by_name.get(wanted, by_place.get(wanted))
    if index is None:
        return ()
    if index in private:
        what = f'The column "{column}" holds {private[index]}.'
        raise RecordError(what, sheet.column(index), "The kit takes the names of agencies alone; name another column.")
    return (_around(index, heads, values, [at for at in range(len(heads)) if at not in private], ()),)


def no_such_column(column: str, heads: Sequence[str], where: str) -> RecordError:
    """Give the error for a column that no sheet has."""
    there = ", ".join(head for head in heads if head) or "none has a name"
    what = f'There is no column "{column}".{did_you_mean(column, [head for head in heads if head])}'
    return RecordError(what, f"{where}: its columns are {there}", "Name one of them, or its letter: --column B")


def _indexes(one: Columns) -> set[int]:
    """Give the columns that a list uses."""
    single = (one.partner, one.owner, one.direction, one.data, one.hotlist, one.city, one.state)
    return {index for index in single if index is not None} | {mark[0] for mark in one.marks}
