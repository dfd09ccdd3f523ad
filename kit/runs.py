"""All pages of a batch: which places, which of them are made again, and what is kept of the run.

Stopped at any moment it leaves the former page of a place or the new one, and the next run does what is left.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, ParameterError, RunError
from kit.pool import STATE, Outcome, Place, findings_of, make, title_of, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kit.index import Card

RUN = "run.json"
"""The file under figures/ that tells machines what a run did."""

_SHORT_LIVED = "kit-batch-"


@dataclass(frozen=True)
class Plan:
    """The places of a batch, and what was asked for that the kit cannot place: the words and why."""

    places: tuple[Place, ...]
    unknown: tuple[tuple[str, str], ...]


def plan(states: str, cities: str) -> Plan:
    """Find the places: `all` or `CA,IL` for states; `sanctuary` or `Oakland, CA;Chicago, IL` for cities.

    PlaceError for a place that was typed and is not known. Of `sanctuary`, the cities and counties of
    data/policies/sanctuary.csv, those that are not known are told and left out.
    """
    from kit.batch import find_subject

    typed = [*_states(states), *(part.strip() for part in cities.split(";") if part.strip() and cities != "sanctuary")]
    places = {place.slug: place for place in (Place(text, find_subject(text)) for text in typed)}
    unknown = []
    for text in _sanctuary() if cities == "sanctuary" else []:
        try:
            subject = find_subject(text)
        except KitError as error:
            unknown.append((text, error.what))
        else:
            places.setdefault(subject.slug, Place(text, subject))
    if not places:
        raise ParameterError("No place was named.", "kit batch", "For example: kit batch --states all")
    return Plan(tuple(places.values()), tuple(unknown))


def _states(text: str) -> list[str]:
    from kit.places import states

    return [state.code for state in states()] if text == "all" else [part for part in text.split(",") if part.strip()]


def _sanctuary() -> list[str]:
    from kit.sharing import DATA, as_rows, read_table

    rows = as_rows(read_table(DATA / "policies" / "sanctuary.csv", ("kind", "place", "state")))
    return list(dict.fromkeys(f"{row['place']}, {row['state']}" for row in rows if row["kind"] != "state"))


def make_all(
    places: Sequence[Place],
    figures: Path | None = None,
    *,
    force: bool = False,
    jobs: int = 0,
    told: Callable[[Outcome], object] = lambda _outcome: None,
) -> list[Outcome]:
    """Make the pages under `figures` that are not up to date, `jobs` at once (else one a core); tell of each.

    RunError where another batch holds the folder or it cannot be written to. What each number was before
    is kept in the folder's `.batch` until the run is whole.
    """
    from kit import batch

    began = time.monotonic()
    figures = (figures or batch.FIGURES).absolute()
    with _held(figures) as short_lived:
        _mend(figures)
        outcomes = []
        left = []
        for place in places:
            if not force and _is_current(place, figures):
                outcomes.append(Outcome(title_of(place, figures), place.slug, "current"))
                told(outcomes[-1])
            else:
                left.append(place)
        for place in left:
            _keep_former(place, figures)
        for outcome in make(left, figures, short_lived, jobs or os.cpu_count() or 1):
            outcomes.append(outcome)
            told(outcome)
        _publish(figures, outcomes, began)
    return outcomes


def _is_current(place: Place, figures: Path) -> bool:
    from kit.manifest import inputs, is_current

    about = place.subject
    given = {about.parameter: about.value} if about.parameter else {}
    return is_current(figures / place.slug, inputs(_notebook(place), given))


def _notebook(place: Place) -> Path:
    from kit import batch

    return batch.NOTEBOOKS / place.subject.notebook


@contextmanager
def _held(figures: Path) -> Iterator[Path]:
    """Hold the folder for this run, and give a folder for what is short-lived; the system lets go however this ends."""
    import fcntl

    try:
        (figures / STATE).mkdir(parents=True, exist_ok=True)
        file = (figures / STATE / "lock").open("a+", encoding="utf-8")
    except OSError as cause:
        what = f"The folder cannot be written to: {cause.strerror}."
        raise RunError(what, str(figures), "Make room or get the right to write, or use --out.") from cause
    with file:
        file.seek(0)
        holder, _, stray = file.read().partition("\n")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            what = f"Another kit batch is at work on this folder: {holder or 'it has just begun'}."
            raise RunError(what, str(figures), "Wait until it ends and run this again, or use --out.") from cause
        if stray and Path(stray).name.startswith(_SHORT_LIVED):
            shutil.rmtree(stray, ignore_errors=True)
        with TemporaryDirectory(prefix=_SHORT_LIVED) as short_lived:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {os.uname().nodename}\n{short_lived}")
            file.flush()
            yield Path(short_lived)
        file.truncate(0)


def _mend(figures: Path) -> None:
    """Set right what a run left that was stopped: half-made folders go, a folder moved aside comes back."""
    for former in figures.glob(".*.former"):
        folder = figures / former.name[1 : -len(".former")]
        if not folder.exists():
            former.replace(folder)
        elif (former / "requests").is_dir() and not (folder / "requests").exists():
            (former / "requests").replace(folder / "requests")
    for stray in [*figures.glob(".*.former"), *figures.glob(".*.part")]:
        shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
    for told in (figures / STATE).glob("*.outcome*"):
        told.unlink()


def _keep_former(place: Place, figures: Path) -> None:
    """Keep the numbers that stand now, but for those kept by a run that was stopped: they are older."""
    kept = figures / STATE / f"{place.slug}.was.json"
    if not kept.exists():
        write_json(kept, _numbers(findings_of(figures / place.slug)))


def _numbers(said: dict[str, Any] | None) -> dict[str, list[str]] | None:
    """Give the numbers of a page by id, those of the headline first: label and text."""
    if said is None:
        return None
    found = {one["id"]: [one["label"], one["text"]] for one in said["findings"]}
    return {name: found[name] for name in dict.fromkeys([*said["headline"], *found])}


def _publish(figures: Path, outcomes: Sequence[Outcome], began: float) -> list[Card]:
    """Write run.json and the index of every page that is there; then what each number was before may go."""
    from kit.index import write_index

    state = figures / STATE
    by_slug = {card["slug"]: card for card in _former_run(figures) if card["status"] == "failed"}
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


def _card(folder: Path, outcome: dict[str, Any]) -> Card:
    """Say of a place what the index says: its status, headline number, and the numbers that changed."""
    from kit.index import Card, Change

    said = findings_of(folder)
    failure = {key: outcome.get(key, "") for key in ("what", "where", "do")}
    if said is None:
        return Card(outcome.get("place", folder.name), folder.name, "failed", has_page=False, **failure)
    found = {one["id"]: one for one in said["findings"]}
    headline = [found[name] for name in said["headline"] if name in found]
    told = next((one for one in headline if one["low"]), headline[0] if headline else {})
    kept = folder.parent / STATE / f"{folder.name}.was.json"
    now: dict[str, list[str]] = _numbers(said) or {}
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


def _changes(was: dict[str, list[str]], now: dict[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    """Give the numbers that are not the same: what they count, the old, the new; those of the headline first."""
    for name in dict.fromkeys([*now, *was]):
        label, new = now.get(name, [was.get(name, [""])[0], "not there"])
        old = was.get(name, ["", "not there"])[1]
        if old != new:
            yield label, old, new
