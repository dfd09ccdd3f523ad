"""A batch makes what is left to make, with the bytes of kernels of their own, and says what changed."""

from __future__ import annotations

import json
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
from tests.faulty import notebooks as small
from tests.faulty import places

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kit batch needs Linux or macOS")
ROOT = Path(__file__).resolve().parent.parent

# The batch as a command of its own.
DRIVER = """
import sys
from pathlib import Path
from kit.kernels import one_thread
one_thread()
import kit
from kit import batch, kernels, pool
from kit.runs import make_all, plan
batch.NOTEBOOKS = Path(sys.argv[1])
kit.lists_about = lambda: None
found = make_all(plan(sys.argv[3], "").places, Path(sys.argv[2]))
print("forks:", kernels.may_fork())
sys.exit(any(one.status == "failed" for one in found))
"""


def ran(nursery, notebooks: Path, figures: Path, states: str) -> tuple[dict[str, dict[str, object]], str]:
    """Run a batch to its end: the places of run.json, what it printed."""
    code, printed = nursery.start("run", notebooks, figures, states).wait()
    assert code == 0, printed
    return places(figures), printed


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


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
    notebooks = small(tmp_path / "notebooks")
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


def test_only_what_changed_is_made_again_and_the_index_says_what_did(nursery, tmp_path):
    """Nothing changed: nothing is made, same numbers. Another number: old and new stand in run.json and the index."""
    notebooks, figures = small(tmp_path / "notebooks"), tmp_path / "figures"
    assert {one["status"] for one in ran(nursery, notebooks, figures, "CA,WY")[0].values()} == {"new"}
    before = {name: files(figures / name) for name in ("california", "wyoming")}
    made = (figures / "california" / "report.html").stat().st_mtime_ns
    found, printed = ran(nursery, notebooks, figures, "CA,WY")
    assert {one["status"] for one in found.values()} == {"same"}
    assert printed.count("up to date") == 2
    assert (figures / "california" / "report.html").stat().st_mtime_ns == made
    (figures / "wyoming" / "report.html").write_text("damaged")
    assert ran(nursery, notebooks, figures, "CA,WY")[1].count("up to date") == 1
    assert {name: files(figures / name)["findings.json"] for name in before} == {
        name: kept["findings.json"] for name, kept in before.items()
    }
    found, _ = ran(nursery, small(notebooks, number=8), figures, "CA")
    assert (found["california"]["status"], found["wyoming"]["status"]) == ("changed", "same")
    assert found["california"]["changes"] == [{"label": "agencies in all", "was": "7", "now": "8"}]
    assert "7 → <b>8</b>" in (figures / "index.html").read_text()


def test_no_clock_is_in_a_folder(nursery, tmp_path):
    """Made twice the folder is the same to the byte, its manifest too."""
    notebooks = small(tmp_path / "notebooks")
    ran(nursery, notebooks, tmp_path / "one", "CA")
    time.sleep(1)
    ran(nursery, notebooks, tmp_path / "two", "CA")
    assert files(tmp_path / "one" / "california") == files(tmp_path / "two" / "california")
    assert (tmp_path / "one" / "index.html").read_bytes() == (tmp_path / "two" / "index.html").read_bytes()


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
    left_out = dict(sanctuary.unknown)
    assert left_out["Cook County, IL"] == "Counties have no page of their own."
    assert {why for words, why in left_out.items() if " County, " in words} == {left_out["Cook County, IL"]}
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
    told = [*manifest._shared()[1:], *manifest._lists()]
    names = {tuple(line.rpartition(" ")[0].split("/")[:2]) for line in told}
    assert {("requirements.lock",), ("data", "lists"), ("data", "rulings"), ("kit", "report.py")} <= names
    assert not {("data", "records"), ("kit", "__pycache__")} & names


def test_a_page_depends_on_what_was_fetched(tmp_path, monkeypatch):
    """A source that `kit fetch` keeps in data/cache places names and draws cities; a record file is read by none."""
    for name in ("requirements.lock", "kit/report.py", "data/cache/fbi-agencies/agencies.csv", "data/records/one.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("once")
    monkeypatch.setattr(manifest, "ROOT", tmp_path)
    manifest._shared.cache_clear()
    try:
        told = [line.rpartition(" ")[0] for line in manifest._shared()[1:]]
        assert told == ["requirements.lock", "kit/report.py", "data/cache/fbi-agencies/agencies.csv"]
    finally:
        manifest._shared.cache_clear()


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
