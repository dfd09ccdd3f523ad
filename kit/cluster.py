"""Pages made elsewhere: by the workers of a Dask cluster, or on this machine for an fsspec place.

Places go out in chunks, one at a time to a worker, so that a hundred thousand are a few tasks under way. A chunk is
made in a process of its own, which has one thread, loads all once and forks for each place as `pool` does. It makes
what does not stand yet where the pages go: a chunk that is given twice, because a worker died, doubles nothing.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, cast
from uuid import uuid4

from kit.errors import ParameterError, RunError
from kit.manifest import is_current
from kit.pool import STATE, Outcome, Place, make, title_of
from kit.runs import Here, made_from, make_all
from kit.store import Folder, Store, shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from distributed import Client, Worker

    from kit.store import Shelf

CONNECT = 8
"""Seconds that a scheduler has to answer, and then to have a worker."""
PATIENCE = 300
"""Seconds that a run waits for a worker when the last one has gone."""
_LOOK = 1
"""Seconds after which it is asked which workers there are."""
_LEAST, _MOST = 8, 50
"""Places in a chunk for each thread of a worker: enough to be worth loading all, few enough to end together."""

_turn = threading.Lock()
_at_work: set[tuple[str, subprocess.Popen[str]]] = set()
"""The processes of this worker that make pages, each with the mark of its run."""
_stopped: set[str] = set()
"""The runs that this worker makes no more pages for."""


@dataclass(frozen=True)
class Task:
    """A place, and the digests of what its page is made from where the run was started."""

    place: Place
    made_from: str


@dataclass(frozen=True)
class Room:
    """Where pages are made before they go to their place, and how many at once."""

    figures: Path
    short_lived: Path
    jobs: int


@dataclass(frozen=True)
class Order:
    """Where the pages of a run go, its mark there, and whether those that stand are made again."""

    out: str
    run: str
    force: bool


def make_wide(  # noqa: PLR0913  (all but the first have defaults, and are said by name)
    places: Sequence[Place],
    out: str = "",
    *,
    cluster: str = "",
    workers: int = 0,
    force: bool = False,
    jobs: int = 0,
    told: Callable[[Outcome], object] = lambda _outcome: None,
) -> list[Outcome]:
    """Make pages as `runs.make_all` does, on the cluster with this address or with so many workers of its own.

    `out` is a folder that all workers see or an fsspec address; without a cluster an address is filled from here,
    `jobs` places at once. RunError, before a page is made, where there is no scheduler or worker, one has another
    kit, or `out` cannot be opened or written to.
    """
    from kit import batch

    there = shelf(out or str(batch.FIGURES))
    figures = _mirror(there) if isinstance(there, Store) else Path(out or batch.FIGURES).absolute()
    if isinstance(there, Folder):
        there = Folder(figures)
    with _client(cluster, workers) as client:
        order = Order(out if isinstance(there, Store) else str(figures), uuid4().hex, force)
        way = Wide(there, client, order, strange=bool(cluster))
        try:
            return make_all(places, figures, force=force, jobs=jobs, told=told, way=way)
        finally:
            there.unmark(order.run)


def _mirror(store: Store) -> Path:
    """Give the folder of this machine that holds what the index needs of the pages elsewhere."""
    from kit import batch

    return batch.FIGURES / STATE / f"out-{sha256(store.address.encode()).hexdigest()[:12]}"


class Wide(Here):
    """Pages are made by workers, or go to a store: what the index says of those comes back."""

    def __init__(self, there: Shelf, client: Client | None, order: Order, *, strange: bool) -> None:
        """Take the workers of a client, `strange` where they may have another kit; without one, this machine."""
        self.there, self.client, self.order, self.strange = there, client, order, strange

    def begin(self, places: Sequence[Place], figures: Path) -> None:
        """Leave the mark of the run, bring what is known of the pages, and look at each worker."""
        self.there.mark(self.order.run)
        if isinstance(self.there, Store):
            for old in figures.iterdir():
                if old.name != STATE:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            for kept in (figures / STATE).glob("*.json"):
                kept.unlink()
            self.there.fetch(figures, [place.slug for place in places])
        if self.client and self.strange:
            kinds = {place.subject.notebook: place for place in places}
            _look_at_workers(self.client, [Task(place, made_from(place)) for place in kinds.values()], self.order)

    def make(self, places: Sequence[Place], figures: Path, short_lived: Path, jobs: int) -> Iterator[Outcome]:
        """Make pages on the cluster; where there is none, here."""
        tasks = [Task(place, made_from(place)) for place in places]
        made = set()
        given = (
            _spread(self.client, tasks, self.order) if self.client else make_chunk(tasks, self.order, short_lived, jobs)
        )
        for outcome in given:
            made.add(outcome.slug)
            yield outcome
        if isinstance(self.there, Store):
            self.there.fetch_cards(figures, made)

    def end(self, figures: Path) -> None:
        """Put run.json and the index beside the pages."""
        if isinstance(self.there, Store):
            self.there.finish(figures)
            shutil.rmtree(figures, ignore_errors=True)  # what is needed of it is there


@contextmanager
def _client(cluster: str, workers: int) -> Iterator[Client | None]:
    """Give a client of the cluster that there is, or of one for this run alone; None where none is asked for."""
    if cluster and workers:
        raise ParameterError("--cluster and --workers do not go together.", "kit batch", "Give one of them.")
    if workers:
        with _own_cluster(workers) as client:
            yield client
    elif cluster:
        with _connected(cluster) as client:
            yield client
    else:
        yield None


@contextmanager
def _own_cluster(workers: int) -> Iterator[Client]:
    import logging

    from distributed import Client, LocalCluster

    with _deaf():
        own = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
    with own, Client(own) as client:
        yield client


@contextmanager
def _deaf() -> Iterator[None]:
    """Let processes that start now not hear Ctrl-C: they end with this one, which does, and say nothing."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler; whoever answers is first asked whether it is one, because a client waits long."""
    import asyncio
    import logging

    from distributed import Client
    from distributed.comm.core import connect
    from distributed.security import Security

    do = "Check the address and that the scheduler runs: dask scheduler"

    async def knock() -> None:
        comm = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
        await comm.close()

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what happened is said in three lines
    try:
        with ThreadPoolExecutor(1) as hand:  # a notebook's own thread has a loop that runs already
            hand.submit(lambda: asyncio.run(knock())).result()
        client = Client(address, timeout=CONNECT)
    except Exception as cause:
        what = f"The scheduler cannot be reached: {str(cause).partition(chr(10))[0] or type(cause).__name__}"
        raise RunError(what, address, do) from cause
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError as cause:
            raise RunError("The cluster has no worker.", address, f"Start some: dask worker {address}") from cause
        yield client


def _look_at_workers(client: Client, tasks: Sequence[Task], order: Order) -> None:
    """RunError where a worker has another kit, or does not see where the pages go."""
    for address, error in client.run(_examined, tasks, order, on_error="return").items():
        if isinstance(error, RunError):
            raise RunError(error.what, f"worker {address}: {error.where}", error.do) from error
        if error:
            what = f"A worker cannot make pages: {type(error).__name__}: {error}"
            raise RunError(what, f"worker {address}", "Set up the same version of the kit there (make setup).")


async def _examined(tasks: Sequence[Task], order: Order, dask_worker: Worker) -> None:
    import asyncio

    await asyncio.to_thread(_examine, tasks, order, Path(dask_worker.local_directory))


def _examine(tasks: Sequence[Task], order: Order, scratch: Path) -> None:
    _check_mark(shelf(order.out), order)
    with TemporaryDirectory(prefix="kit-", dir=scratch) as short_lived:
        list(_in_child(tasks, [], order, Room(Path(short_lived), Path(short_lived), 1)))


def _spread(client: Client, tasks: Sequence[Task], order: Order) -> Iterator[Outcome]:
    """Give each worker that has none a chunk, until all are made; a chunk that is lost is tried place by place."""
    total, waiting = len(tasks), deque([list(tasks)] if tasks else [])
    running: dict[str, tuple[Any, list[Task], str]] = {}
    seen = time.monotonic()
    try:
        while waiting or running:
            workers = client.nthreads()
            seen = time.monotonic() if workers else seen
            if time.monotonic() - seen > PATIENCE:
                raise RunError("The cluster has no worker left.", order.out, "Start some, and run this again.")
            busy = {address for _, _, address in running.values()}
            for address, threads in workers.items():
                if waiting and address not in busy:
                    chunk = _cut(waiting, total, len(workers), threads)
                    future = client.submit(work, chunk, order, workers=[address], allow_other_workers=True, pure=False)
                    running[str(future.key)] = future, chunk, address
            for key in _ended(running):
                future, chunk, _ = running.pop(key)
                yield from _outcomes(future, chunk, waiting)
    except (OSError, CancelledError) as cause:
        what = "The scheduler went away; what was made is there."
        raise RunError(
            what, "kit batch --cluster", "Start it and run this again: only what is left is made."
        ) from cause
    finally:
        if running:
            with suppress(Exception):
                client.cancel([future for future, _, _ in running.values()])
                client.run(_stop, order.run)


def _cut(waiting: deque[list[Task]], total: int, workers: int, threads: int) -> list[Task]:
    """Take the next chunk: the fewer places are left the smaller, so that all workers end together."""
    first = waiting.popleft()
    least = min(_LEAST * threads, math.ceil(total / workers))
    size = max(least, min(_MOST * threads, math.ceil(len(first) / (2 * workers))))
    if first[size:]:
        waiting.appendleft(first[size:])
    return first[:size]


def _ended(running: dict[str, tuple[Any, list[Task], str]]) -> list[str]:
    from distributed import wait

    if not running:
        time.sleep(_LOOK)
    else:
        with suppress(TimeoutError):
            wait([future for future, _, _ in running.values()], timeout=_LOOK, return_when="FIRST_COMPLETED")
    return [key for key, (future, _, _) in running.items() if future.done()]


def _outcomes(future: Any, chunk: list[Task], waiting: deque[list[Task]]) -> Iterator[Outcome]:  # noqa: ANN401
    """Give what became of a chunk: what stands though it did not before was made by a worker that died since."""
    try:
        outcomes: list[Outcome] = future.result()
    except (RunError, CancelledError):
        raise
    except Exception as cause:  # noqa: BLE001  (whatever ended the workers that had it)
        if len(chunk) > 1:
            waiting.extend([task] for task in chunk)
        else:
            what = f"No worker could make the page: {type(cause).__name__}: {str(cause).partition(chr(10))[0]}"
            yield _failed(chunk[0].place, what)
    else:
        yield from (replace(one, status="made") if one.status == "current" else one for one in outcomes)


def _failed(place: Place, what: str) -> Outcome:
    name = place.subject.value
    do = f"Make it alone to see more: kit report {name}"
    return Outcome(name, place.slug, "failed", what=what, where=place.subject.notebook, do=do)


def work(tasks: Sequence[Task], order: Order) -> list[Outcome]:
    """Make a chunk on a Dask worker, as many places at once as it has threads; RunError names the worker."""
    from distributed import get_worker

    worker = get_worker()
    with _turn:  # a chunk has all threads of its worker: a second one waits
        try:
            return list(make_chunk(tasks, order, Path(worker.local_directory), worker.state.nthreads))
        except RunError as error:
            raise RunError(error.what, f"worker {worker.address}: {error.where}", error.do) from error


def _stop(run: str) -> None:
    """End what this worker makes for a run."""
    _stopped.add(run)
    for of, process in _at_work.copy():
        if of == run:
            _kill(process)


def make_chunk(tasks: Sequence[Task], order: Order, scratch: Path, jobs: int) -> Iterator[Outcome]:
    """Make places in a process of their own and put each where it goes; RunError where another run has begun."""
    there = shelf(order.out)
    _check_mark(there, order)
    with (
        there.room(scratch) as figures,
        TemporaryDirectory(prefix="kit-", dir=scratch) as short_lived,
        ThreadPoolExecutor(jobs) as hands,
    ):
        (figures / STATE).mkdir(exist_ok=True)
        list(hands.map(lambda task: there.bring(task.place.slug, figures), tasks))
        sent: deque[Future[Outcome]] = deque()
        for outcome in _made(tasks, order, Room(figures, Path(short_lived), jobs)):
            sent.append(hands.submit(_send, there, outcome, figures, order))
            while sent and sent[0].done():
                yield sent.popleft().result()
        while sent:
            yield sent.popleft().result()


def _made(tasks: Sequence[Task], order: Order, room: Room) -> Iterator[Outcome]:
    """Make places; where their process ends before they are made, those left once more."""
    left = {task.place.slug: task for task in tasks}
    for _turns in range(2):
        if left and order.run not in _stopped:
            for outcome in _in_child(list(left.values()), list(left.values()), order, room):
                del left[outcome.slug]
                yield outcome
    for task in left.values():
        yield _failed(task.place, "The process that makes pages died, most often for want of memory.")


def _send(there: Shelf, outcome: Outcome, figures: Path, order: Order) -> Outcome:
    """Put a page where it goes."""
    try:
        if outcome.status == "made":
            _check_mark(there, order)
            there.put(figures / outcome.slug)
    except RunError:
        raise
    except Exception as cause:  # noqa: BLE001  (each kind of place has errors of its own)
        what = f"The page was made but could not be put in its place: {type(cause).__name__}: {cause}"
        do = "Look whether there is room and the right to write, and run this again."
        return replace(outcome, status="failed", what=what, where=f"{order.out}/{outcome.slug}", do=do)
    return outcome


def _check_mark(there: Shelf, order: Order) -> None:
    mark = there.marked()
    if not mark:
        what = "The place that the pages go to is not seen here, or its run has ended."
        raise RunError(what, order.out, "Use --out with a place that all workers see, such as s3://bucket/folder.")
    if mark != order.run:
        raise RunError(
            "Another kit batch has begun on this place since.", order.out, "Let it end, then run this again."
        )


def _in_child(same: Sequence[Task], tasks: Sequence[Task], order: Order, room: Room) -> Iterator[Outcome]:
    """Make places in a new process, once it has found its kit the same; RunError where it is not."""
    from kit.batch import ROOT

    said = {
        "same": [[task.place.asked, task.made_from] for task in same],
        "make": [task.place.asked for task in tasks],
        "force": order.force,
        "figures": str(room.figures),
        "short_lived": str(room.short_lived),
        "jobs": room.jobs,
        "parent": os.getpid(),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "kit.cluster"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(room.short_lived)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        process_group=0,
    )
    _at_work.add((order.run, process))
    ordered, told = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
    with process:
        try:
            with suppress(BrokenPipeError), ordered:
                json.dump(said, ordered)
            for line in told:
                yield _heard(json.loads(line))
        finally:
            _at_work.discard((order.run, process))
            _kill(process)


def _heard(said: dict[str, Any]) -> Outcome:
    if asked := said.get("differs"):
        what = "The kit here is another than where the run was started: code, notebooks, data, lock or Python differ."
        do = (
            "Bring both to the same version (git pull, make setup) with the same lists and rulings, and run this again."
        )
        raise RunError(what, f"told by {asked}", do)
    return Outcome(**said)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _be_child() -> None:
    """Make places as ordered on standard input, and say what became of each, one line of JSON a place."""
    from kit.batch import find_subject
    from kit.kernels import die_with, one_thread

    one_thread()  # before numpy is loaded: a process with several threads cannot be forked
    signal.signal(signal.SIGINT, signal.default_int_handler)
    order = json.load(sys.stdin)
    die_with(order["parent"])
    for asked, digests in order["same"]:
        if made_from(Place(asked, find_subject(asked))) != digests:
            _say({"differs": asked})
            return
    figures, left = Path(order["figures"]), []
    digests = dict(order["same"])
    for asked in order["make"]:
        place = Place(asked, find_subject(asked))
        if not order["force"] and is_current(figures / place.slug, digests[asked]):
            _say(asdict(Outcome(title_of(place, figures), place.slug, "current")))
        else:
            left.append(place)
    for outcome in make(left, figures, Path(order["short_lived"]), order["jobs"]):
        _say(asdict(outcome))


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _be_child()
