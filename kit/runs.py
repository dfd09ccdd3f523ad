"""All pages of a batch: which places, which of them are made again, and what is kept of the run.

Stopped at any moment it leaves the former page of a place or the new one, and the next run does what is left.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, ParameterError
from kit.folders import held, mend
from kit.manifest import NAME as MANIFEST
from kit.manifest import inputs, is_current
from kit.pool import STATE, Outcome, Place, findings_of, make, title_of, write_json
from kit.store import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kit.index import Card

RUN = "run.json"
"""The file under figures/ that tells machines what a run did."""

_NO_COUNTY = "Counties have no page of their own."
_WAIT = 3.0
"""Seconds in which the processes of a run that was killed are gone for certain."""


@dataclass(frozen=True)
class Plan:
    """The places of a batch, and what was asked for that the kit cannot place: the words and why."""

    places: tuple[Place, ...]
    unknown: tuple[tuple[str, str], ...]


def plan(states: str, cities: str) -> Plan:
    """Find the places: `all` or `CA,IL` for states; `sanctuary` or `Oakland, CA;Chicago, IL` for cities.

    PlaceError for a place that was typed and is not known. Of `sanctuary`, the cities and counties of
    data/policies/sanctuary.csv, those that have no page are told, with why, and left out.
    """
    from kit.batch import find_subject

    typed = [*_states(states), *(part.strip() for part in cities.split(";") if part.strip() and cities != "sanctuary")]
    places = {place.slug: place for place in (Place(text, find_subject(text)) for text in typed)}
    unknown = []
    for text, kind in _sanctuary().items() if cities == "sanctuary" else ():
        try:
            subject = find_subject(text)
        except KitError as error:
            unknown.append((text, _NO_COUNTY if kind == "county" else f"{error.what} {error.do}"))
        else:
            places.setdefault(subject.slug, Place(text, subject))
    if not places:
        raise ParameterError("No place was named.", "kit batch", "For example: kit batch --states all")
    return Plan(tuple(places.values()), tuple(unknown))


def _states(text: str) -> list[str]:
    from kit.places import states

    return [state.code for state in states()] if text == "all" else [part for part in text.split(",") if part.strip()]


def _sanctuary() -> dict[str, str]:
    from kit.sharing import DATA, as_rows, read_table

    rows = as_rows(read_table(DATA / "policies" / "sanctuary.csv", ("kind", "place", "state")))
    return {f"{row['place']}, {row['state']}": row["kind"] for row in rows if row["kind"] != "state"}


class Here:
    """How pages come to a folder: made on this machine, in that folder itself. `cluster.Wide` has other ways."""

    def begin(self, places: Sequence[Place], figures: Path) -> None:
        """Bring what is known of the pages."""

    def is_current(self, place: Place, figures: Path) -> bool:
        """Tell whether a page need not be made."""
        return is_current(figures / place.slug, made_from(place))

    def make(self, places: Sequence[Place], figures: Path, short_lived: Path, jobs: int) -> Iterator[Outcome]:
        """Make pages, so many at once where the machine is this."""
        return make(places, figures, short_lived, jobs)

    def end(self, figures: Path) -> None:
        """Send what the run wrote about itself."""


def make_all(  # noqa: PLR0913  (all but the first two are said by name)
    places: Sequence[Place],
    figures: Path | None = None,
    *,
    force: bool = False,
    jobs: int = 0,
    told: Callable[[Outcome], object] = lambda _outcome: None,
    way: Here | None = None,
) -> list[Outcome]:
    """Make the pages under `figures` that are not up to date, `jobs` at once (else one a core); tell of each.

    RunError where another batch holds the folder or it cannot be written to. What each number was before
    is kept in the folder's `.batch` until the run is whole.
    """
    from kit import batch

    began, way = time.monotonic(), way or Here()
    figures = (figures or batch.FIGURES).absolute()
    with held(figures / STATE / "lock", figures, _WAIT) as short_lived:
        _clear(figures)
        way.begin(places, figures)
        outcomes = []
        left = []
        for place in places:
            if not force and way.is_current(place, figures):
                outcomes.append(Outcome(title_of(place, figures), place.slug, "current"))
                told(outcomes[-1])
            else:
                left.append(place)
        for place in left:
            _keep_former(place, figures)
        for outcome in way.make(left, figures, short_lived, jobs or os.cpu_count() or 1):
            outcomes.append(outcome)
            told(outcome)
        _publish(figures, outcomes, began)
        way.end(figures)
    return outcomes


def made_from(place: Place) -> str:
    """Give the digests of all that the page of a place is made from."""
    about = place.subject
    return inputs(_notebook(place), {about.parameter: about.value} if about.parameter else {})


def _notebook(place: Place) -> Path:
    from kit import batch

    return batch.NOTEBOOKS / place.subject.notebook


def _clear(figures: Path) -> None:
    """Set right what a run left that was stopped."""
    mend(figures)
    for stray in (figures / STATE).glob(".*.part"):
        stray.unlink()


def _keep_former(place: Place, figures: Path) -> None:
    """Keep the numbers that stand now, but for those kept by a run that was stopped: they are older."""
    kept = figures / STATE / f"{place.slug}.was.json"
    if not kept.exists():
        write_json(kept, numbers(findings_of(figures / place.slug)))


def _publish(figures: Path, outcomes: Sequence[Outcome], began: float) -> list[Card]:
    """Write run.json and the index of every page that is there; then what each number was before may go."""
    from kit.index import write_index

    state = figures / STATE
    failed = (card for card in _former_run(figures) if card["status"] == "failed")
    by_slug = {card["slug"]: card for card in failed if not _was_made_since(figures / card["slug"])}
    by_slug |= {outcome.slug: asdict(outcome) for outcome in outcomes}
    pages = {path.parent.name for path in figures.glob("[!.]*/findings.json")}
    cards = [_card(figures / slug, by_slug.get(slug, {})) for slug in sorted(pages | by_slug.keys())]
    work = ("kernel", "seconds", "cpu_seconds")
    times = {one.slug: {name: getattr(one, name) for name in work} for one in outcomes if one.status != "current"}
    made = sum(outcome.status == "made" for outcome in outcomes)
    said = {
        "made": made,
        "up_to_date": sum(outcome.status == "current" for outcome in outcomes),
        "failed": sum(outcome.status == "failed" for outcome in outcomes),
        "seconds": round(time.monotonic() - began, 2),
        "places": [asdict(card) | times.get(card.slug, {}) for card in cards],
    }
    write_json(figures / RUN, said)
    write_index(figures, cards)
    for kept in state.glob("*.was.json"):
        kept.unlink()
    return cards


def _former_run(figures: Path) -> list[dict[str, Any]]:
    try:
        said: list[dict[str, Any]] = json.loads((figures / RUN).read_text(encoding="utf-8"))["places"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return said


def _was_made_since(folder: Path) -> bool:
    """Tell whether a page that failed in a former run is up to date, as after `kit report`; its manifest says it."""
    from kit import batch

    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return is_current(folder, inputs(batch.NOTEBOOKS / said["notebook"], said["parameters"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _card(folder: Path, outcome: dict[str, Any]) -> Card:
    """Say of a place what the index says: its status, headline number, and the numbers that changed."""
    from kit.index import Card, Change

    said = findings_of(folder)
    failure = {key: outcome.get(key, "") for key in ("what", "where", "do")}
    if said is None:
        failure = failure if failure["what"] else _unread(folder)
        return Card(outcome.get("place", folder.name), folder.name, "failed", has_page=False, **failure)
    found = {one["id"]: one for one in said["findings"]}
    headline = [found[name] for name in said["headline"] if name in found]
    told = next((one for one in headline if one["low"]), headline[0] if headline else {})
    kept = folder.parent / STATE / f"{folder.name}.was.json"
    now: dict[str, list[str]] = numbers(said) or {}
    was: dict[str, list[str]] | None = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else now
    changes = tuple(Change(*change) for change in _changes(was or now, now))
    status = "changed" if changes else "new" if was is None else "same"
    if not any(one["low"] for one in headline) and status != "changed":
        status = "no data"
    return Card(
        said["place"],
        folder.name,
        "failed" if outcome.get("status") == "failed" else status,
        has_page=True,
        number=told.get("text", ""),
        says=told.get("sentence", ""),
        as_of=said["as_of"],
        changes=changes,
        **failure,
    )


def _unread(folder: Path) -> dict[str, str]:
    what, do = "The findings of this page cannot be read.", f"Make it again: kit report {folder.name}"
    return {"what": what, "where": f"{folder.name}/findings.json", "do": do}


def _changes(was: dict[str, list[str]], now: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Give the numbers that are not the same: what they count, the old, the new; those of the headline first."""
    for name in dict.fromkeys([*now, *was]):
        label, new = now.get(name, [was.get(name, [""])[0], "not there"])
        old = was.get(name, ["", "not there"])[1]
        if old != new:
            yield label, old, new
