"""What of the lists concerns a page, so that a page is made again only where that changed.

A notebook gets nothing else of the lists: what it asked for is kept with a digest of what it got, and asking
again tells whether the page still holds.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import astuple, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kit import rulings
from kit.agencies import may_be_in, resolve_lists
from kit.decisions import same_name
from kit.errors import DataError, did_you_mean
from kit.geography import neighbors, places_within
from kit.names import read_name
from kit.pathways import name_agencies
from kit.places import Place, State
from kit.sharing import DATA, as_tuples, load_facts, load_lists, without_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from kit.sharing import SharingList

_ALL = "all lists"


class _Whole(NamedTuple):
    """All lists with their resolved rows; of each row its agencies, what may be the same account, and a digest."""

    lists: tuple[SharingList, ...]
    rows: pd.DataFrame
    kin: pd.DataFrame
    digests: pd.Series


def lists_about(what: State | Place | str = "", km: float = 40) -> tuple[list[SharingList], pd.DataFrame]:
    """Give the lists that concern a page, oldest first, and their resolved rows (`resolve_lists`).

    Of a state: the lists of its agencies, whole; of other owners the rows that name an agency which is or may be in
    the state, with every account of theirs that could be taken for the same, and, where such an owner gets data from
    the state, whom of the federal units it shares its own with. Of a city: likewise for its state and for those of
    its neighbors within the kilometers. Of the id of a list: that list; of an owner: all its lists; of nothing: all.
    DataError where neither a list nor an owner is called so.
    """
    asked, whole = _question(what, km), _whole()
    lists, rows = _answer(asked, whole)
    if given := os.environ.get("KIT_FOLDER"):
        kept = Path(given) / ".asked.json"  # `manifest` takes it up
        known = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(known | {asked: _digest(lists, rows, whole)}, ensure_ascii=False), encoding="utf-8")
    return lists, rows


def digest(asked: str) -> str:
    """Give a digest of the answer to a question that a notebook asked; nothing where there is no answer any more."""
    whole = _whole()
    try:
        return _digest(*_answer(asked, whole), whole)
    except DataError:
        return ""


def _digest(lists: Sequence[SharingList], rows: pd.DataFrame, whole: _Whole) -> str:
    """Give a digest of an answer: its lists and their facts, its rows, and the rulings on the names in them."""
    names = set(whole.kin.loc[rows.index, "name"])
    ruled = [one.line for one in rulings.load() if {same_name(one.decision.other), one.scope[0]} & names]
    said = [astuple(replace(one, rows=load_facts(one.list_id).to_csv())) for one in lists]  # type: ignore[arg-type]
    text = json.dumps([said, ruled, list(whole.digests[rows.index])], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _question(what: State | Place | str, km: float) -> str:
    if isinstance(what, State):
        return f"about {what.code}"
    if isinstance(what, Place):
        near = [one.county.state for one in neighbors(what.county_geoid)]
        near += [one.place.state for one in places_within(what, km)] if what.lon is not None else []
        return f"about {' '.join(sorted({what.state, *near}))}"
    return f"of {what}" if what else _ALL


def _answer(asked: str, whole: _Whole) -> tuple[list[SharingList], pd.DataFrame]:
    way, _, what = asked.partition(" ")
    if asked == _ALL:
        return list(whole.lists), whole.rows.copy(deep=False)
    if way == "of":
        lists = [one for one in whole.lists if what in (one.list_id, one.owner)]
        if not lists:
            hint = did_you_mean(what, {name for one in whole.lists for name in (one.list_id, one.owner)})
            raise DataError(f'No list here is called or from "{what}".', "data/lists", f"kit add keeps one.{hint}")
        return lists, whole.rows[whole.rows["list_id"].isin([one.list_id for one in lists])]
    return _concerning(what.split(" "), whole)


def _concerning(states: Sequence[str], whole: _Whole) -> tuple[list[SharingList], pd.DataFrame]:
    """Keep what concerns some states: of others' lists also what a comparison or a second hop looks at."""
    rows, kin = whole.rows, whole.kin
    own = {one.list_id for one in whole.lists if one.owner_state in states}
    there = (rows["status"] == "certain") & rows["state"].isin(states)
    named = there.copy()
    for state in states:
        named |= may_be_in(rows, state)
    # Those that get data of these states: whom they share their own with is a second hop.
    ours = rows["list_id"].isin(own)
    between = {*kin["giver"][there & (rows["direction"] == "receives_from")]}
    between |= {*kin["partner"][ours & (rows["direction"] == "shares_with")]}
    named |= kin["giver"].isin(between) & (rows["kind"] == "federal")
    named |= ours
    while (wider := _with_kin(named, kin)).sum() > named.sum():
        named = wider
    owners = {one.owner for one in whole.lists if one.list_id in {*own, *rows["list_id"][named]}}
    lists = [one for one in whole.lists if one.owner in owners]
    # One row a list shows at least that there is a newer one, which names nobody here any more.
    sections = rows[rows["list_id"].isin([one.list_id for one in lists]) & (rows["data"] != "hotlist")]
    named[sections.drop_duplicates(["list_id", "owner", "system"]).index] = True
    kept = rows[named]
    return [replace(one, rows=one.rows[one.rows["row_id"].isin(kept["row_id"])]) for one in lists], kept


def _with_kin(named: pd.Series, kin: pd.DataFrame) -> pd.Series:
    """Add the rows of an owner that may be of the same account as one that is named, by any of three ways to tell."""
    wider = named.copy()
    for way in ("bare", "place", "ruled"):
        wider |= kin[way].isin(kin.loc[named, way])
    return wider


def _whole() -> _Whole:
    """Resolve all lists, once for what stands in data/lists and data/rulings."""
    stamp = hashlib.sha256()
    for path in sorted([*(DATA / "lists").glob("*.csv"), *(DATA / "rulings").glob("*.csv")]):
        stamp.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return _resolved(stamp.hexdigest())


@lru_cache(maxsize=1)
def _resolved(_stamp: str) -> _Whole:
    import pandas as pd

    lists = load_lists(DATA / "lists")
    rows = resolve_lists(lists)
    pairs = name_agencies(rows, lists)
    kin = [
        (
            same_name(partner),
            giver.key,
            taker.key,
            f"{owner}\n{read_name(partner).bare.casefold()}",
            f"{owner}\n{without_state(partner)}",
            f"{owner}\n{same_name(rulings.accounts(partner, list_id)[0])}",
        )
        for (giver, taker), (owner, partner, list_id) in zip(
            pairs, as_tuples(rows[["owner", "partner", "list_id"]]), strict=True
        )
    ]
    columns = ["name", "giver", "partner", "bare", "place", "ruled"]
    texts = rows.astype("str").to_csv(index=False, header=False, lineterminator="\0").split("\0")
    digests = pd.Series([hashlib.sha256(text.encode()).hexdigest() for text in texts[: len(rows)]], index=rows.index)
    return _Whole(tuple(lists), rows, pd.DataFrame(kin, columns=columns, index=rows.index), digests)
