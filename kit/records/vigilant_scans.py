"""Rows of scanned pages of a Vigilant report, mended: partners, cities, states, names of hot lists."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from kit.records.letters import fold, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from kit.records.mending import Names
    from kit.records.record import Row

# A hot list that so many rows name is a name that exists.
_OFTEN = 3


def mended(rows: Iterable[Row], scanned: Collection[str], names: Names) -> list[Row]:
    """Mend the rows of scanned pages and flag them `ocr`.

    `read_as` has the partner as read, and all cells where others were mended too.
    """
    found = [_mended(row, names) if row.page in scanned else row for row in rows]
    times = Counter(row.hotlist for row in found if row.hotlist)
    often = [hotlist for hotlist, count in times.items() if count >= _OFTEN]
    return [_as_others(row, often, names) if row.page in scanned else row for row in found]


def _mended(row: Row, names: Names) -> Row:
    partner, city = names.mend(row.partner), names.mend(row.partner_city)
    state = names.state(row.partner_state)
    new = row._replace(
        partner=partner,
        hotlist=_hotlist(row, partner, names),
        partner_city=city,
        partner_state=state if names.is_state(state) else "",
        flags=("ocr",),
    )
    return new._replace(read_as=_read_as(row, new))


def _read_as(row: Row, new: Row) -> str:
    """Give what was read where it is not what stands there now."""
    cells = (row.hotlist, row.partner_city, row.partner_state)
    if cells != (new.hotlist, new.partner_city, new.partner_state):
        return " | ".join(cell for cell in (row.partner, *cells) if cell)
    return row.partner if row.partner != new.partner else ""


def _hotlist(row: Row, partner: str, names: Names) -> str:
    """Mend the name of a hot list, which mostly is `LEARN_` and the agency's own."""
    found = re.match(r"L?EARN[_ ]*(?P<agency>[A-Z].+)", plain(row.hotlist))
    if not found:
        return names.mend(row.hotlist)
    agency = names.mend(found["agency"])
    own = fold(found["agency"]) == fold(row.partner) or names.is_misread(agency, partner)
    return f"LEARN_{partner if own else agency}"


def _as_others(row: Row, often: Collection[str], names: Names) -> Row:
    """Mend the name of a hot list to the one that many rows name."""
    like = [hotlist for hotlist in often if names.is_misread(row.hotlist, hotlist)]
    if not row.hotlist or row.hotlist in often or len(like) != 1:
        return row
    read = row.read_as or f"{row.partner} | {row.hotlist}"
    return row._replace(hotlist=like[0], read_as=read)
