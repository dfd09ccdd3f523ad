"""A batch makes what is left to make, one bad place stops no other, and whatever stops it leaves nothing half-made."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit import manifest
from kit.batch import NOTEBOOKS, make_page
from kit.errors import ParameterError, PlaceError, RunError
from kit.index import Change
from kit.runs import _changes, make_all, plan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kit batch needs Linux or macOS")
ROOT = Path(__file__).resolve().parent.parent

# A notebook that makes a small page of its own, and misbehaves for some states.
CELL = """
import ctypes, json, os, time
from pathlib import Path
folder = Path(os.environ["KIT_FOLDER"])
if state == "AL":
    1 / 0
if state == "AK":
    os._exit(1)
if state == "AZ":
    ctypes.string_at(0)
if state == "AR":
    time.sleep(600)
if state == "CO":
    kept = [bytes(100_000_000) for _ in range(60)]
if state == "DE":
    print("x" * 30_000_000)
time.sleep(PAUSE)
number = NUMBER
finding = {
    "id": "all", "label": "agencies in all", "value": number, "low": number, "high": number, "unit": "agencies",
    "text": str(number), "sentence": f"There are {number}.", "rows": [], "caveats": [],
}
said = {
    "place": state, "title": state, "as_of": "", "lists": [], "headline": ["all"], "findings": [finding],
    "not_shown": [],
}
(folder / "findings.json").write_text(json.dumps(said))
(folder / "sharing.csv").write_text(HEAD)
"""
HEAD = (
    "row_id,list_id,owner,partner,direction,data,hotlist,partner_city,partner_state,system,read_as,date,page,flags,"
    "agency,kind,state,place,place_geoid,county,county_geoid,lat,lon,status,basis,candidates,group,counted\n"
)
# The batch as a command of its own, with the notebook above and limits that a test can wait for.
DRIVER = """
import sys
from pathlib import Path
from kit.kernels import one_thread
one_thread()
import kit
from kit import batch, kernels, pool
from kit.progress import shown
from kit.runs import make_all, plan
batch.NOTEBOOKS = Path(sys.argv[1])
pool.SECONDS, pool.MEMORY = 20, 2_000_000_000
kit.resolve_lists = lambda lists: None
from kit.errors import KitError
try:
    with shown(1, plain=True) as told:
        found = make_all(plan(sys.argv[3], "").places, Path(sys.argv[2]), jobs=2, told=told)
except KitError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
print("forks:", kernels.may_fork())
sys.exit(any(one.status == "failed" for one in found))
"""


def small(folder: Path, *, number: int = 7, pause: float = 0.0, cell: str = CELL) -> Path:
    """Write the notebook of the driver."""
    code = cell.replace("NUMBER", str(number)).replace("PAUSE", str(pause)).replace("HEAD", repr(HEAD))
    cells = [
        {"id": name, "source": source, "metadata": {"tags": [name]}, "cell_type": "code", "outputs": []}
        | {"execution_count": None}
        for name, source in (("parameters", 'state: str = "CA"'), ("code", code))
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    folder.mkdir(exist_ok=True)
    text = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    (folder / "state.ipynb").write_text(text)
    return folder


def start(notebooks: Path, figures: Path, states: str, mark: str = "") -> subprocess.Popen[str]:
    """Start the driver; its processes can be told by the mark in their environment."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BATCH_MARK": mark}
    command = [sys.executable, "-c", DRIVER, str(notebooks), str(figures), states]
    return subprocess.Popen(
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=figures.parent
    )


def ran(notebooks: Path, figures: Path, states: str) -> tuple[int, dict[str, dict[str, object]], str]:
    """Run the driver to its end: exit code, the places of run.json, what it printed."""
    process = start(notebooks, figures, states)
    out, err = process.communicate(timeout=200)
    said = json.loads((figures / "run.json").read_text()) if (figures / "run.json").exists() else {"places": []}
    return process.returncode, {one["slug"]: one for one in said["places"]}, out + err


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def marked(mark: str) -> list[int]:
    """Give the processes that were started with a mark and still are there."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            environment = (path / "environ").read_bytes()
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if f"BATCH_MARK={mark}".encode() in environment.split(b"\0") and state != "Z":
            found.append(int(path.name))
    return found


def test_a_batch_gives_the_bytes_of_kernels_of_their_own(wyoming, tmp_path):
    """A state and a city out of forked kernels are the same, file by file, as out of cold ones."""
    cold = {"wyoming": wyoming, "oakland-ca": make_page("Oakland, CA", None, tmp_path / "cold").parent}
    kit = [
        sys.executable,
        "-m",
        "kit",
        "batch",
        "--states",
        "WY",
        "--cities",
        "Oakland, CA",
        "--out",
        tmp_path / "warm",
    ]
    done = subprocess.run(kit, cwd=ROOT, text=True, capture_output=True, check=False, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, folder in cold.items():
        assert files(tmp_path / "warm" / name) == files(folder), name
    said = json.loads((tmp_path / "warm" / "run.json").read_text())
    assert (said["made"], said["failed"]) == (2, 0)


PROBE = """
import os, sys
import matplotlib, matplotlib.pyplot as plt, pandas as pd
from pandas._config.config import get_option
import numpy as np
from IPython import get_ipython
options = ("display.max_columns", "display.width", "display.notebook_repr_html", "display.max_rows")
print([get_option(name) for name in options], matplotlib.get_backend(), os.getcwd() == sys.path[0], __name__)
print([path for path in sys.path], [part for part in sys.argv[1:] if not part.endswith("kernel.json")])
print(get_ipython().history_manager.hist_file, os.environ.get("MPLBACKEND"), os.getpgid(0) == os.getpid())
print([path for path in os.environ if path.startswith(("OMP", "OPENBLAS", "MPL", "KIT", "PYTHON"))])
plt.plot([1, 2, 3]);
"""


def test_a_forked_kernel_is_as_a_fresh_one(tmp_path):
    """Paths, options that libraries set by where they are imported, history, inline figures: all the same."""
    notebooks = small(tmp_path / "notebooks", cell=CELL)
    forked = small_probe(notebooks, tmp_path / "forked", "")
    fresh = small_probe(notebooks, tmp_path / "fresh", "kernels.may_fork = lambda: False\n")
    assert forked == fresh
    assert any("image/png" in output.get("data", {}) for output in forked), "an inline figure is not lost"


def small_probe(notebooks: Path, figures: Path, before: str) -> list[dict[str, object]]:
    """Run the probe in a batch and give its outputs."""
    said = json.loads((notebooks / "state.ipynb").read_text())
    probe = {
        "id": "probe",
        "source": PROBE,
        "metadata": {},
        "cell_type": "code",
        "outputs": [],
        "execution_count": None,
    }
    (notebooks / "state.ipynb").write_text(json.dumps(said | {"cells": [*said["cells"][:2], probe]}))
    driver = DRIVER.replace("batch.NOTEBOOKS", f"{before}batch.NOTEBOOKS", 1)
    command = [sys.executable, "-c", driver, notebooks, figures, "CA"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"forks: {not before}" in done.stdout
    cells = json.loads((figures / "california" / "notebook.ipynb").read_text())["cells"]
    return cells[-1]["outputs"]


def test_one_bad_place_stops_no_other(tmp_path):
    """A notebook that raises, ends its process, breaks it, hangs, eats memory: each is one failed place."""
    figures = tmp_path / "figures"
    code, places, printed = ran(small(tmp_path / "notebooks"), figures, "AL,AK,AZ,AR,CO,DE,WY,IL")
    status = {slug: place["status"] for slug, place in places.items()}
    bad = ("alabama", "alaska", "arizona", "arkansas", "colorado")
    assert status == dict.fromkeys(bad, "failed") | dict.fromkeys(("delaware", "wyoming", "illinois"), "new"), printed
    assert code == 1
    assert "ZeroDivisionError" in places["alabama"]["what"]
    assert "died" in places["alaska"]["what"]
    assert "died" in places["arizona"]["what"]
    assert "20 seconds" in places["arkansas"]["what"]
    assert "MemoryError" in places["colorado"]["what"]
    for slug in bad:
        assert all(places[slug][line] for line in ("what", "where", "do")), slug
    assert sorted(path.name for path in figures.iterdir()) == sorted(
        [".batch", "run.json", "index.html", "delaware", "wyoming", "illinois"]
    )
    index = (figures / "index.html").read_text()
    assert index.index("ZeroDivisionError") < index.index("Wyoming" if "Wyoming" in index else "WY</a>")


def test_only_what_changed_is_made_again_and_the_index_says_what_did(tmp_path):
    """Nothing changed: nothing is made, same numbers. Another number: old and new stand in run.json and the index."""
    notebooks, figures = small(tmp_path / "notebooks"), tmp_path / "figures"
    assert {one["status"] for one in ran(notebooks, figures, "CA,WY")[1].values()} == {"new"}
    before = {name: files(figures / name) for name in ("california", "wyoming")}
    made = (figures / "california" / "report.html").stat().st_mtime_ns
    _, places, printed = ran(notebooks, figures, "CA,WY")
    assert {one["status"] for one in places.values()} == {"same"}
    assert printed.count("up to date") == 2
    assert (figures / "california" / "report.html").stat().st_mtime_ns == made
    (figures / "wyoming" / "report.html").write_text("damaged")
    assert ran(notebooks, figures, "CA,WY")[2].count("up to date") == 1
    assert {name: files(figures / name)["findings.json"] for name in before} == {
        name: kept["findings.json"] for name, kept in before.items()
    }
    _, places, _ = ran(small(notebooks, number=8), figures, "CA")
    assert (places["california"]["status"], places["wyoming"]["status"]) == ("changed", "same")
    assert places["california"]["changes"] == [{"label": "agencies in all", "was": "7", "now": "8"}]
    assert "7 → <b>8</b>" in (figures / "index.html").read_text()


def test_no_clock_is_in_a_folder(tmp_path):
    """Made twice with force the folder is the same to the byte, its manifest too."""
    notebooks = small(tmp_path / "notebooks")
    ran(notebooks, tmp_path / "one", "CA")
    time.sleep(1)
    ran(notebooks, tmp_path / "two", "CA")
    assert files(tmp_path / "one" / "california") == files(tmp_path / "two" / "california")
    assert (tmp_path / "one" / "index.html").read_bytes() == (tmp_path / "two" / "index.html").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_killed_at_any_moment_it_leaves_old_or_new(tmp_path):
    """SIGKILL to the runner or one of its processes, six times: no orphan, each folder whole; then the rest is made."""
    notebooks, figures = small(tmp_path / "notebooks", pause=0.3), tmp_path / "figures"
    chance = random.Random(7)  # noqa: S311  (the same moments each time)
    for turn in range(6):
        mark = f"{tmp_path.name}-{turn}"
        process = start(notebooks, figures, "CA,WY,IL,TX", mark)
        time.sleep(1.5 + chance.random() * 4)
        victims = marked(mark)
        victim = process.pid if turn % 2 or not victims else chance.choice(victims)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        finally:
            process.kill() if turn % 2 else None
            process.communicate(timeout=100)
        late = time.monotonic() + 10
        while marked(mark) and time.monotonic() < late:
            time.sleep(0.1)
        assert marked(mark) == []
        for folder in (path for path in figures.glob("[!.]*") if path.is_dir()):
            said = json.loads((folder / manifest.NAME).read_text())
            assert manifest.is_current(folder, said["inputs"]), folder.name
    code, places, printed = ran(notebooks, figures, "CA,WY,IL,TX")
    assert code == 0, printed
    assert set(places) == {"california", "wyoming", "illinois", "texas"}
    left = {path.name for path in figures.iterdir()}
    assert left == set(places) | {".batch", "run.json", "index.html"}
    assert {path.name for path in (figures / ".batch").iterdir()} == {"lock"}


def test_two_batches_at_once(tmp_path):
    """The second says who holds the folder and what to do, and ends with 2; the first goes on."""
    notebooks, figures = small(tmp_path / "notebooks", pause=3), tmp_path / "figures"
    first = start(notebooks, figures, "CA")
    lock = figures / ".batch" / "lock"
    while not (lock.exists() and lock.read_text()):
        time.sleep(0.05)
    code, _, printed = ran(notebooks, figures, "CA")
    assert code == 2
    assert f"process {first.pid}" in printed
    assert len(printed.strip().splitlines()) == 3
    out, err = first.communicate(timeout=100)
    assert first.returncode == 0, out + err


def test_what_a_stopped_run_left_is_set_right(tmp_path):
    """A folder that was moved aside comes back, half-made ones go, letters stay with their place."""
    notebooks, figures = small(tmp_path / "notebooks"), tmp_path / "figures"
    (figures / ".texas.former").mkdir(parents=True)
    (figures / ".texas.former" / "report.html").write_text("the former page")
    (figures / ".illinois.part").mkdir()
    (figures / ".california.former" / "requests").mkdir(parents=True)
    (figures / ".california.former" / "requests" / "letter.txt").write_text("Dear")
    (figures / "california").mkdir()
    assert ran(notebooks, figures, "CA")[0] == 0
    assert (figures / "texas" / "report.html").read_text() == "the former page"
    assert (figures / "california" / "requests" / "letter.txt").read_text() == "Dear"
    assert not [path for path in figures.iterdir() if path.name.endswith((".part", ".former"))]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """In three lines, before anything runs."""
    (tmp_path / "figures").write_text("a file")
    with pytest.raises(RunError) as error:
        make_all(plan("CA", "").places, tmp_path / "figures")
    assert len(str(error.value).splitlines()) == 3


def test_the_places_of_a_batch():
    """All states and DC; the cities of the policies, those not known told; a place once; a typed one must be known."""
    assert len(plan("all", "").places) == 51
    found = plan("CA,IL,California", "Oakland, CA;Chicago, IL")
    assert [place.slug for place in found.places] == ["california", "illinois", "oakland-ca", "chicago-il"]
    sanctuary = plan("", "sanctuary")
    assert "oakland-ca" in {place.slug for place in sanctuary.places}
    assert all(words and why for words, why in sanctuary.unknown)
    assert len(sanctuary.places) + len(sanctuary.unknown) > 150
    with pytest.raises(PlaceError, match="Californa"):
        plan("Californa", "")
    with pytest.raises(ParameterError, match="No place"):
        plan("", "")


def test_what_a_page_depends_on():
    """Notebook and parameters change what a page is made from; the same gives the same."""
    state, city = NOTEBOOKS / "state.ipynb", NOTEBOOKS / "city.ipynb"
    told = manifest.inputs(state, {"state": "CA"})
    assert told == manifest.inputs(state, {"state": "CA"})
    assert len({told, manifest.inputs(state, {"state": "IL"}), manifest.inputs(city, {"state": "CA"})}) == 3
    names = {path.relative_to(ROOT).parts[:2] for path in manifest._files()}
    assert {("requirements.lock",), ("data", "lists"), ("data", "rulings"), ("kit", "report.py")} <= names
    assert not {("data", "records"), ("kit", "__pycache__")} & names


def test_a_folder_is_current_only_while_it_is_whole(tmp_path):
    """A file changed, or gone, or another input: made again."""
    (tmp_path / "report.html").write_text("page")
    manifest.write_manifest(tmp_path, NOTEBOOKS / "state.ipynb", {"state": "CA"}, "abc")
    assert manifest.is_current(tmp_path, "abc")
    assert not manifest.is_current(tmp_path, "abd")
    (tmp_path / "report.html").write_text("pag")
    assert not manifest.is_current(tmp_path, "abc")
    (tmp_path / "report.html").unlink()
    assert not manifest.is_current(tmp_path, "abc")
    (tmp_path / manifest.NAME).write_text("{}")
    assert not manifest.is_current(tmp_path, "abc")


def test_changes_name_the_old_and_the_new():
    """A number that came, went or moved; what is the same is not told."""
    was = {"a": ["of a", "1"], "b": ["of b", "2"], "c": ["of c", "3"]}
    now = {"a": ["of a", "1"], "b": ["of b", "2 to 4"], "d": ["of d", "5"]}
    assert [Change(*change) for change in _changes(was, now)] == [
        Change("of b", "2", "2 to 4"),
        Change("of d", "not there", "5"),
        Change("of c", "3", "not there"),
    ]
