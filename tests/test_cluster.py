"""Pages made by Dask workers, or sent to an fsspec place, are those of the local batch; a kill loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from kit import batch, cluster, manifest
from kit.cluster import Order, Task, make_wide
from kit.errors import ParameterError, RunError
from kit.pool import Outcome, Place
from kit.runs import plan
from kit.store import Store
from tests.faulty import marked
from tests.faulty import notebooks as small
from tests.test_runs import files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kit batch needs Linux or macOS")
ROOT = Path(__file__).resolve().parent.parent
STATES = "CA,IL,TX,WY"
SLUGS = {"california", "illinois", "texas", "wyoming"}

CLUSTER = """
import logging, sys
from distributed import LocalCluster
here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
with LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL, **here) as own:
    print(own.scheduler_address, flush=True)
    sys.stdin.read()
"""


# Libraries are loaded before the places are forked, lists and tables are not: the small page needs none.
WARM = """

def _warm():
    from importlib import import_module
    libraries = ("papermill", "ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib.figure", "geopandas", "folium")
    for name in (*libraries, "kit.report", "kit.page.story", "kit.page.foreign", "kit.page.ledger"):
        import_module(name)
    from kit.kernels import may_fork
    return may_fork()
"""


def checkout(folder: Path, *, number: int = 7, pause: float = 0.4) -> Path:
    """Give a checkout of the kit with a notebook that makes a small page."""
    shutil.copytree(ROOT / "kit", folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "kit" / "pool.py").open("a") as pool:
        pool.write(WARM)
    shutil.copy(ROOT / "requirements.lock", folder)
    (folder / "data").symlink_to(ROOT / "data")
    (folder / "figures").mkdir()
    small(folder / "notebooks", number=number, pause=pause)
    return folder


def start(kit: Path, *options: object, mark: str = "") -> subprocess.Popen[str]:
    """Start `kit batch` of a checkout, in a session of its own."""
    command = [sys.executable, "-m", "kit", "batch", "--plain", *map(str, options)]
    path = os.pathsep.join(filter(None, [str(kit), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": path, "BATCH_MARK": mark}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=kit, env=env, text=True, stdout=pipe, stderr=pipe, start_new_session=True)


def ran(kit: Path, *options: object) -> tuple[int, str]:
    """Run `kit batch` of a checkout: exit code and what it printed."""
    process = start(kit, *options)
    out, err = process.communicate(timeout=250)
    return process.returncode, out + err


def pages(figures: Path) -> dict[str, dict[str, bytes]]:
    """Give the pages of a folder, file by file."""
    return {path.parent.name: files(path.parent) for path in figures.glob("[!.]*/report.html")}


def until(true, seconds: float = 100) -> None:
    """Wait for something to become true."""
    late = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < late
        time.sleep(0.3)


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Path:
    return checkout(tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="module")
def local(kit) -> Path:
    """Make the pages with the local pool, and give their folder."""
    figures = kit / "local"
    code, printed = ran(kit, "--states", STATES, "--out", figures)
    assert code == 0, printed
    return figures


@pytest.fixture(scope="module")
def scheduler(kit):
    """Start a cluster of two workers, and give its address."""
    env = {**os.environ, "PYTHONPATH": str(kit), "BATCH_MARK": kit.name}
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", CLUSTER], env=env, cwd=kit, text=True, stdin=pipe, stdout=pipe)
    yield process.stdout.readline().strip()
    process.communicate(timeout=100)


def worker_at_work(mark: str) -> int | None:
    """Give the Dask worker that makes a chunk: the parent of the process that does."""
    for pid in marked(mark):
        try:
            if b"kit.cluster" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(kit, scheduler, local):
    """Every place is there once and whole, with the bytes of the local batch; run again, nothing is made."""
    figures = kit / "wide"
    process = start(kit, "--states", STATES, "--out", figures, "--cluster", scheduler)
    until(lambda: process.poll() is not None or list(figures.glob("*/report.html")))
    os.kill(worker_at_work(kit.name), signal.SIGKILL)
    out, err = process.communicate(timeout=250)
    assert process.returncode == 0, out + err
    assert "4 made, 0 up to date, 0 failed" in out
    assert Counter(line.split()[3] for line in out.splitlines() if ": made" in line) == dict.fromkeys(
        ["CA:", "IL:", "TX:", "WY:"], 1
    )
    assert pages(figures) == pages(local)
    assert (figures / "index.html").read_bytes() == (local / "index.html").read_bytes()
    assert {path.name for path in figures.iterdir()} == SLUGS | {".batch", "run.json", "index.html"}
    assert {path.name for path in (figures / ".batch").iterdir()} <= {"lock"}
    made = {path: path.stat().st_mtime_ns for path in figures.glob("*/report.html")}
    code, printed = ran(kit, "--states", STATES, "--out", figures, "--cluster", scheduler)
    assert code == 0, printed
    assert "0 made, 4 up to date" in printed
    assert {path: path.stat().st_mtime_ns for path in made} == made


def test_workers_without_a_shared_folder_send_their_pages(kit, scheduler, local):
    """The pages and the index of an fsspec place are those of the local batch; a bad place is one failed place."""
    out = kit / "bucket"
    out.mkdir()
    code, printed = ran(kit, "--states", "AK,IL,WY", "--out", f"file://{out}", "--cluster", scheduler)
    assert code == 1, printed
    assert "2 made, 0 up to date, 1 failed" in printed
    assert "died" in printed
    assert pages(out) == {name: pages(local)[name] for name in ("illinois", "wyoming")}
    assert {path.name for path in (out / ".batch").iterdir()} == {"illinois.card.json", "wyoming.card.json"}


def test_a_worker_with_another_kit_is_told(scheduler, tmp_path):
    """In three lines, which name the worker, before a page is made."""
    other = checkout(tmp_path / "other", number=8)
    code, printed = ran(other, "--states", "WY", "--out", tmp_path / "figures", "--cluster", scheduler)
    assert code == 2
    what, where, do = printed.strip().splitlines()
    assert "another" in what
    assert where.startswith("worker tcp://127.0.0.1:")
    assert "make setup" in do
    assert not pages(tmp_path / "figures")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_cluster_of_its_own_ends_with_the_batch(kit, tmp_path, number):
    """Killed or interrupted in the middle it leaves no process, no traceback and no half page."""
    mark = f"{tmp_path.name}-{number}"
    process = start(kit, "--states", "IL,WY", "--out", tmp_path, "--workers", 1, mark=mark)
    until(lambda: process.poll() is not None or worker_at_work(mark))
    os.kill(process.pid, number) if number == signal.SIGKILL else os.killpg(process.pid, number)
    assert "Traceback" not in "".join(process.communicate(timeout=100))
    until(lambda: not marked(mark), 20)
    for name, found in pages(tmp_path).items():
        said = json.loads(found["manifest.json"])
        assert manifest.is_current(tmp_path / name, said["inputs"])


def test_workers_of_this_machine(kit, local, tmp_path):
    """A cluster for one run gives the same page."""
    code, printed = ran(kit, "--states", "WY", "--out", tmp_path, "--workers", 1)
    assert code == 0, printed
    assert pages(tmp_path) == {"wyoming": pages(local)["wyoming"]}


def test_an_fsspec_place_without_a_cluster(kit, local):
    """Pages are made here and sent; what is whole there is not made again; all stand in the index."""
    out = kit / "sent"
    out.mkdir()
    options = ("--states", STATES, "--out", f"file://{out}", "--jobs", 2)
    code, printed = ran(kit, *options)
    assert code == 0, printed
    assert pages(out) == pages(local)
    assert (out / "index.html").read_bytes() == (local / "index.html").read_bytes()
    (out / "wyoming" / "sharing.csv").unlink()
    code, printed = ran(kit, *options)
    assert "1 made, 3 up to date" in printed
    assert pages(out) == pages(local)
    code, printed = ran(kit, "--states", "WY", "--out", f"file://{out}")
    assert "0 made, 1 up to date" in printed
    said = json.loads((out / "run.json").read_text())
    assert {one["slug"]: one["status"] for one in said["places"]} == dict.fromkeys(SLUGS, "same")


def test_a_bucket(kit, local, monkeypatch):
    """A server with the interface of S3 on this machine: same pages, same index; the next run makes nothing."""
    why = "s3fs and moto are not here: with what they need, 70 MB for one test (run by hand)"
    s3fs = pytest.importorskip("s3fs", reason=why)
    moto = pytest.importorskip("moto.server", reason=why)
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        told = {"ENDPOINT_URL": f"http://{host}:{port}", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}
        for name, value in told.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        options = ("--states", STATES, "--jobs", 2)
        code, printed = ran(kit, *options, "--out", "s3://no-such-bucket/pages")
        assert code == 2
        assert "cannot be written to" in printed
        assert len(printed.strip().splitlines()) == 3
        bucket = s3fs.S3FileSystem()
        bucket.mkdir("bucket")
        code, printed = ran(kit, *options, "--out", "s3://bucket/pages")
        assert code == 0, printed
        bucket.invalidate_cache()
        assert bucket.ls("", detail=False) == ["bucket"]
        bucket.get("bucket/pages", str(kit / "got"), recursive=True)
        assert pages(kit / "got") == pages(local)
        assert (kit / "got" / "index.html").read_bytes() == (local / "index.html").read_bytes()
        code, printed = ran(kit, *options, "--out", "s3://bucket/pages")
        assert "0 made, 4 up to date" in printed
    finally:
        server.stop()


# --- what is sent where nothing can be renamed ---


def page(folder: Path, number: int, *names: str) -> Path:
    """Write a small finished page."""
    folder.mkdir(parents=True)
    finding = {"id": "all", "label": "all", "text": str(number), "low": number, "sentence": "", "rows": ["a:1"]}
    said = {"place": "Exampleville", "as_of": "", "headline": ["all"], "findings": [finding]}
    (folder / "findings.json").write_text(json.dumps(said))
    for name in ("report.html", *names):
        (folder / name).write_text(f"{name} {number}")
    manifest.write_manifest(folder, batch.NOTEBOOKS / "state.ipynb", {"state": "CA"}, f"made from {number}")
    return folder


@pytest.fixture
def store():
    """Give an empty place in memory."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield Store("memory://bucket/pages")
    memory.store.clear()


def test_a_manifest_goes_first_and_comes_last(store, tmp_path, monkeypatch):
    """So that a page which is half sent is none; what the former page had alone goes, what others put there stays."""
    former = page(tmp_path / "1" / "exampleville", 1, "old.png")
    store.put(former)
    assert not former.exists()
    store._write("exampleville/notes.txt", b"an editor's")
    told = []
    monkeypatch.setattr(store.fs, "pipe_file", lambda path, *_: told.append(path))
    removed = store.fs.rm_file
    monkeypatch.setattr(store.fs, "rm_file", lambda path: (told.append(f"- {path}"), removed(path)))
    monkeypatch.setattr(store.fs, "put", lambda _here, there: told.extend(there))
    store.put(page(tmp_path / "2" / "exampleville", 2, "new.png"))
    steps = [step.replace(f"{store.root}/exampleville/", "") for step in told if "/.batch/" not in step]
    assert steps == ["- manifest.json", "findings.json", "new.png", "report.html", "- old.png", "manifest.json"]
    assert store._read("exampleville/notes.txt")


def test_a_page_half_sent_is_not_current(store, tmp_path, monkeypatch):
    """It is sent again, and what its numbers were before is not forgotten."""
    store.put(page(tmp_path / "1" / "exampleville", 1))
    store._remove([".batch/exampleville.was.json"])
    with monkeypatch.context() as broken:
        broken.setattr(store.fs, "put", lambda *_: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            store.put(page(tmp_path / "2" / "exampleville", 2))
    (tmp_path / "seen").mkdir()
    assert not store.bring_manifest("exampleville", tmp_path / "seen")
    store.put(page(tmp_path / "3" / "exampleville", 2))
    assert store.bring_manifest("exampleville", tmp_path / "seen")
    assert manifest.is_current(tmp_path / "seen" / "exampleville", "made from 2")
    (tmp_path / "mirror" / ".batch").mkdir(parents=True)
    store.fetch(tmp_path / "mirror", [])
    assert json.loads((tmp_path / "mirror" / ".batch" / "exampleville.was.json").read_text()) == {"all": ["all", "1"]}
    said = json.loads((tmp_path / "mirror" / "exampleville" / "findings.json").read_text())
    assert [one["text"] for one in said["findings"]] == ["2"]
    assert "rows" not in said["findings"][0]


# --- what is said before anything is made ---


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("nowhere://bucket", "cannot be opened"),
        ("file:///proc/nothing", "cannot be written"),
        ("gs://bucket/pages", "library is missing"),
    ],
)
def test_a_place_that_cannot_be_written_to(out, says, tmp_path, monkeypatch):
    """Wrong scheme, no right, no library: three lines."""
    monkeypatch.setattr(batch, "FIGURES", tmp_path)
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(RunError, match=says) as error:
        make_wide(plan("WY", "").places, out)
    assert len(str(error.value).splitlines()) == 3


def answering(words: bytes) -> str:
    """Start a server that is no scheduler, and give its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with server, server.accept()[0] as found:
            found.sendall(words)
            found.recv(1000)

    threading.Thread(target=serve, daemon=True).start()
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["nobody", "no scheduler", "no address"])
def test_a_scheduler_that_cannot_be_reached(kind, tmp_path, monkeypatch):
    """In three lines and bounded time, whoever answers there."""
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    address = {"nobody": nobody, "no address": "scheduler"}.get(kind) or answering(
        b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9
    )
    with pytest.raises(RunError, match="cannot be reached") as error:
        make_wide(plan("WY", "").places, str(tmp_path), cluster=address)
    assert len(str(error.value).splitlines()) == 3
    assert not list(tmp_path.iterdir())


def test_a_cluster_and_workers_of_its_own_do_not_go_together(tmp_path):
    with pytest.raises(ParameterError, match="do not go together"):
        make_wide([], str(tmp_path), cluster="tcp://127.0.0.1:8786", workers=2)


# --- many places ---


class Workers:
    """A stand-in for a client: two workers, which die with every chunk that holds a certain place."""

    def __init__(self, monkeypatch, deadly: str = "") -> None:
        self.under_way, self.most, self.sizes, self.deadly = [], 0, [], deadly
        monkeypatch.setattr(cluster, "_ended", lambda running: list(running)[:1])

    def nthreads(self) -> dict[str, int]:
        """Give one worker with a thread and one with two."""
        return {"a": 1, "b": 2}

    def submit(self, _work, chunk, _order, **_how):
        """Count what is under way."""
        self.under_way = [one for one in self.under_way if not one.done] + [Chunk(chunk, self.deadly)]
        self.most = max(self.most, len(self.under_way))
        self.sizes.append(len(chunk))
        return self.under_way[-1]


class Chunk:
    """A chunk under way, made when its result is asked for."""

    def __init__(self, chunk, deadly: str) -> None:
        self.chunk, self.deadly, self.done = chunk, deadly, False
        self.key = chunk[0].place.asked + str(len(chunk))

    def result(self) -> list[Outcome]:
        """Give what became of it, once."""
        self.done = True
        if self.deadly in [task.place.asked for task in self.chunk]:
            msg = "the worker died"
            raise ChildProcessError(msg)
        return [Outcome(task.place.asked, task.place.slug, "made") for task in self.chunk]


def many(count: int) -> list[Task]:
    subject = batch.Subject("state.ipynb", "state", "Exampleville", "exampleville")
    return [Task(Place(f"Place {at}", subject), "") for at in range(count)]


def test_two_thousand_places_are_few_tasks_at_a_time(monkeypatch):
    """One chunk a worker is under way, each place is made once, the last chunks are small."""
    workers = Workers(monkeypatch)
    made = [outcome.place for outcome in cluster._spread(workers, many(2_000), Order("", "", force=False))]
    assert sorted(made) == sorted(f"Place {at}" for at in range(2_000))
    assert workers.most == 2
    assert max(workers.sizes) <= 100
    assert workers.sizes[-1] <= 16
    assert len(workers.sizes) < 60


def test_a_place_that_ends_workers_is_one_failed_place(monkeypatch):
    """Its chunk is made again place by place."""
    workers = Workers(monkeypatch, "Place 7")
    found = list(cluster._spread(workers, many(40), Order("", "", force=False)))
    assert Counter(outcome.status for outcome in found) == {"made": 39, "failed": 1}
    failed = next(outcome for outcome in found if outcome.status == "failed")
    assert "the worker died" in failed.what
    assert failed.do


def test_dask_waits_for_who_asks_for_a_cluster():
    """Neither the command line nor a local batch loads it."""
    code = "import sys, kit.cli, kit.runs, kit.cluster; print({'dask', 'distributed', 'fsspec'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
