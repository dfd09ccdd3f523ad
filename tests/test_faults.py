"""Whatever happens to a batch (kills, full disks, bad notebooks), each place is there once and whole, and no more."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time

import pytest

from kit.pool import Outcome
from kit.progress import shown
from tests.faulty import children, is_whole, notebooks, number_of, places, strays

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_RDONLY, _REMOUNT, _BIND = 1, 0x20, 0x1000  # of mount(2)


def workers_of(run):
    return children(run.pid)


def kernels_of(run):
    return [kernel for worker in workers_of(run) for kernel in children(worker)]


def wait_for(found):
    """Wait until something is there, a minute at most, and give it."""
    late = time.monotonic() + 60
    while not (there := found()) and time.monotonic() < late:
        time.sleep(0.01)
    return there


def kill_some(run, chance):
    """Kill three workers or kernels, and last the runner, which forks the workers, at moments that a seed gives."""
    for those in (*chance.sample([workers_of, kernels_of] * 2, 3), lambda run: [run.pid]):
        wait_for(lambda: kernels_of(run) or not run.running())
        time.sleep(chance.random() * 0.6)
        if run.running() and (victims := those(run)):
            os.kill(chance.choice(victims), signal.SIGKILL)
            yield those
    run.wait()


def test_killed_at_twenty_random_moments(nursery, tmp_path):
    """SIGKILL of runner, workers and kernels: old or new at every moment, no orphan, and a resume does the rest."""
    figures, states = tmp_path / "figures", "CA,WY,IL,TX,OR,WA,NY,OH"
    slugs = {"california", "wyoming", "illinois", "texas", "oregon", "washington", "new-york", "ohio"}
    chance, hit, turn = random.Random(7), [], 0  # noqa: S311  (the same moments each time)
    whole: set[str] = set()
    while len(hit) < 20:
        turn += 1
        given = notebooks(tmp_path / "notebooks", number=turn, pause=0.2)
        hit += kill_some(nursery.start("run", given, figures, states), chance)
        assert nursery.orphans() == []
        there = {path.name for path in figures.glob("[!.]*") if path.is_dir()}
        assert whole <= there, "a place that was there once is there always"
        whole = there
        assert all(is_whole(figures / slug) and 0 < number_of(figures / slug) <= turn for slug in whole)
    assert {workers_of, kernels_of} < set(hit)
    code, said = nursery.start("run", given, figures, states).wait()
    assert code == 0, said
    assert {slug: number_of(figures / slug) for slug in slugs} == dict.fromkeys(slugs, turn)
    assert all(is_whole(figures / slug) for slug in slugs)
    assert {path.name for path in figures.glob("[!.]*")} == slugs | {"run.json", "index.html"}
    assert strays(figures, nursery.temp) == []
    assert nursery.orphans() == []


def test_one_bad_place_stops_no_other(nursery, tmp_path):
    """A notebook that raises, exits, breaks its process, eats memory, shows too much: each is one failed place."""
    figures = tmp_path / "figures"
    limit, given = "pool.MEMORY = 2_000_000_000", notebooks(tmp_path / "notebooks")
    code, said = nursery.start("run", given, figures, "AL,AK,AZ,CO,DE,FL,GA,WY,IL", before=limit).wait()
    found = places(figures)
    what = {"alabama": "ZeroDivisionError", "alaska": "died", "arizona": "died"}
    what |= {"colorado": "MemoryError", "florida": "ValueError: xxx", "georgia": "takes 60 MB, too much for a page"}
    good = ("delaware", "wyoming", "illinois")
    status = dict.fromkeys(what, "failed") | dict.fromkeys(good, "new")
    assert {slug: place["status"] for slug, place in found.items()} == status, said
    assert code == 1
    for slug, words in what.items():
        assert words in found[slug]["what"], slug
        assert all(0 < len(found[slug][line]) <= 500 for line in ("what", "where", "do")), slug
    assert {path.name for path in figures.glob("[!.]*")} == {*good, "run.json", "index.html"}
    assert strays(figures, nursery.temp) == []
    assert nursery.orphans() == []
    kept = (figures / "delaware" / "notebook.ipynb").read_text()
    assert "99,900,001 more characters were printed and are not kept." in kept
    assert len(kept) < 200_000
    index = (figures / "index.html").read_text()
    assert index.index("ZeroDivisionError") < index.index("WY</a>")
    assert str(tmp_path) not in index


def test_a_place_that_hangs(nursery, tmp_path):
    """It is stopped after its time, with its kernel, and is failed; it is not tried again."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks")
    code, said = nursery.start("run", given, figures, "AR", before="pool.SECONDS = 3").wait()
    assert code == 1, said
    assert "not done after 3 seconds and was stopped" in places(figures)["arkansas"]["what"]
    assert nursery.orphans() == []
    assert strays(figures, nursery.temp) == []


def test_a_place_that_died_is_tried_once_more_alone(nursery, tmp_path):
    """Its kernel killed from outside, as for want of memory: made in the end, after all others, in an ordinary one."""
    figures = tmp_path / "figures"
    given = notebooks(tmp_path / "notebooks", pause=0.8)
    run = nursery.start("run", given, figures, "CA,WY,IL", before="pool.SECONDS = 60")
    wait_for(lambda: len(kernels_of(run)) > 1)
    time.sleep(0.3)
    os.kill(kernels_of(run)[0], signal.SIGKILL)
    code, said = run.wait()
    assert code == 0, said
    last = said.splitlines()[2]
    assert "in an ordinary kernel" in last
    assert said.count("in an ordinary kernel") == 1
    assert sorted(one["kernel"] for one in places(figures).values()) == ["forked", "forked", "ordinary"]
    assert nursery.orphans() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_whoever_started_it(nursery, tmp_path, number):
    """Ctrl-C and a polite kill leave no process; after the next run no stray file either."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=5)
    run = nursery.start("run", given, figures, "CA,WY,IL")
    wait_for(lambda: len(kernels_of(run)) > 1)
    time.sleep(0.5)
    os.kill(run.pid, number)
    assert run.wait()[0] in {130, -signal.SIGTERM}
    assert nursery.orphans() == []
    notebooks(given)
    assert nursery.start("run", given, figures, "CA,WY").wait()[0] == 0
    assert strays(figures, nursery.temp) == []


def test_a_page_of_its_own_that_is_killed(nursery, tmp_path):
    """`kit report` killed while its kernel runs: the kernel ends, and the page made again leaves nothing stray."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=30)
    run = nursery.start("page", given, figures, "CA")
    wait_for(lambda: workers_of(run))
    time.sleep(1)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert nursery.orphans() == []
    assert not (figures / "california").exists()
    assert strays(figures, nursery.temp) != []
    notebooks(given)
    assert nursery.start("page", given, figures, "CA").wait()[0] == 0
    assert is_whole(figures / "california")
    assert strays(figures, nursery.temp) == []


def test_a_full_disk(apart, tmp_path):
    """What finds no room fails in three lines, what was there stays, and with room the next run does the rest."""
    figures = tmp_path / "figures"
    figures.mkdir()
    apart.mount("tmpfs", figures, "tmpfs", 0, "size=3400k")
    inside, given = apart.inside(figures), notebooks(tmp_path / "notebooks", weight=900_000)
    assert apart.start("run", given, figures, "CA,WY").wait()[0] == 0
    notebooks(given, number=8, weight=900_000)
    code, said = apart.start("run", given, figures, "IL,TX,CA,WY", 1).wait()
    found = places(inside)
    failed = {slug for slug, place in found.items() if place["status"] == "failed"}
    assert code == 1, said
    assert failed == {"california", "texas", "wyoming"}
    for slug in failed:
        assert "No space left on device" in found[slug]["what"]
        assert found[slug]["where"]
        assert found[slug]["do"].startswith("Make room")
    there = {path.name: number_of(path) for path in inside.glob("[!.]*") if path.is_dir()}
    assert there == {"california": 7, "wyoming": 7, "illinois": 8}
    assert all(is_whole(inside / slug) for slug in there)
    assert [path.name for path in inside.glob(".*")] == [".batch"]
    apart.mount("tmpfs", figures, "tmpfs", _REMOUNT, "size=64m")
    code, said = apart.start("run", given, figures, "CA,WY,IL,TX").wait()
    assert code == 0, said
    assert said.count("up to date") == 1
    assert [number_of(inside / slug) for slug in sorted(found)] == [8, 8, 8, 8]
    assert strays(inside, apart.temp) == []


def test_a_disk_that_is_full_before(apart, tmp_path):
    """A batch and a page say so in three lines; the page that stands is not touched."""
    figures = tmp_path / "figures"
    figures.mkdir()
    apart.mount("tmpfs", figures, "tmpfs", 0, "size=1m")
    inside, given = apart.inside(figures), notebooks(tmp_path / "notebooks")
    assert apart.start("run", given, figures, "CA").wait()[0] == 0
    with pytest.raises(OSError, match="No space"):
        (inside / "filler").write_bytes(bytes(2_000_000))
    notebooks(given, number=8)
    for what in ("run", "page"):
        code, said = apart.start(what, given, figures, "CA").wait()
        assert (code, len(said.splitlines())) == (2, 3), said
        assert "No space left on device" in said
        assert is_whole(inside / "california")
        assert number_of(inside / "california") == 7


def test_figures_that_cannot_be_written_to(apart, tmp_path):
    """A batch and a page say so in three lines before a kernel starts, and nothing changes."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks")
    assert apart.start("run", given, figures, "CA").wait()[0] == 0
    apart.mount(str(figures), figures, None, _BIND, None)
    apart.mount(str(figures), figures, None, _BIND | _REMOUNT | _RDONLY, None)
    notebooks(given, number=8)
    for what in ("run", "page"):
        before = time.process_time()
        code, said = apart.start(what, given, figures, "CA").wait()
        assert (code, len(said.splitlines())) == (2, 3), said
        assert "Read-only file system" in said
        assert time.process_time() - before < 1
    assert is_whole(figures / "california")
    assert strays(figures, apart.temp) == []


_BACK = """
import time
clock = iter(range(2_000_000_000, 0, -100_000_000 // 50))
time.time = lambda: float(next(clock))
"""


def test_a_clock_that_is_set_back(nursery, tmp_path):
    """What is up to date, what is made again and what is over its time is not told by the clock or a file's date."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=0.5)
    limit = "pool.SECONDS = 30"
    code, said = nursery.start("run", given, figures, "CA,WY", before=_BACK + limit).wait()
    assert code == 0, said
    for path in [*figures.rglob("*"), given / "state.ipynb"]:
        os.utime(path, (4_000_000_000, 4_000_000_000))
    code, said = nursery.start("run", given, figures, "CA,WY", before=_BACK).wait()
    assert (code, said.count("up to date")) == (0, 2), said
    notebooks(given, number=8)
    os.utime(given / "state.ipynb", (0, 0))
    code, said = nursery.start("run", given, figures, "CA,WY", before=_BACK + limit).wait()
    assert (code, said.count("up to date")) == (0, 0), said
    assert [number_of(figures / slug) for slug in ("california", "wyoming")] == [8, 8]
    assert all(0 <= one["seconds"] < 60 for one in places(figures).values())


def test_two_batches_at_once(nursery, tmp_path):
    """The second says who holds the folder and what to do, and ends with 2; the first goes on."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=1.5)
    first = nursery.start("run", given, figures, "CA")
    wait_for(lambda: workers_of(first))
    code, said = nursery.start("run", given, figures, "CA", before="import kit.runs; kit.runs._WAIT = 0").wait()
    assert (code, len(said.splitlines())) == (2, 3)
    assert f"process {first.pid} on" in said
    assert first.wait()[0] == 0
    assert is_whole(figures / "california")


def test_a_page_while_a_batch_is_at_work(nursery, tmp_path):
    """A page of another place is made beside it; one of the same place waits for its turn. Both are whole."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=1)
    batch = nursery.start("run", given, figures, "CA,WY")
    wait_for((figures / ".california.part").exists)
    other, same = nursery.start("page", given, figures, "TX"), nursery.start("page", given, figures, "CA")
    for run in (other, same, batch):
        code, said = run.wait()
        assert code == 0, said
    assert all(is_whole(figures / slug) for slug in ("california", "wyoming", "texas"))
    assert strays(figures, nursery.temp) == []
    assert {one["status"] for one in places(figures).values()} == {"new"}


def test_a_page_that_somebody_else_makes_for_too_long(nursery, tmp_path):
    """Says who, and ends with 2; what the other makes stays."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", pause=30)
    first = nursery.start("page", given, figures, "CA")
    wait_for((figures / ".california.part").exists)
    code, said = nursery.start("page", given, figures, "CA", before="folders._WAIT = 0.3").wait()
    assert (code, len(said.splitlines())) == (2, 3)
    assert f"process {first.pid} on" in said
    assert (figures / ".california.part").is_dir()
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert nursery.orphans() == []


def test_what_a_machine_reads_of_a_run(nursery, tmp_path):
    """run.json counts what was made, was up to date and failed, and says of each place its status and what it cost."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks")
    nursery.start("run", given, figures, "CA").wait()
    assert nursery.start("run", given, figures, "CA,WY,AL").wait()[0] == 1
    said = json.loads((figures / "run.json").read_text())
    assert (said["made"], said["up_to_date"], said["failed"]) == (1, 1, 1)
    found = places(figures)
    assert {slug: one["status"] for slug, one in found.items()} == {
        "california": "same",
        "wyoming": "new",
        "alabama": "failed",
    }
    assert "seconds" not in found["california"]
    assert found["wyoming"]["kernel"] == "forked"
    assert found["wyoming"]["seconds"] > 0
    assert found["wyoming"]["cpu_seconds"] > 0


def test_the_index_says_no_more_than_is_known(nursery, tmp_path):
    """A failure is over once the page was made by itself; findings that cannot be read are said to be so."""
    figures, given = tmp_path / "figures", notebooks(tmp_path / "notebooks", cell="1 / 0")
    assert nursery.start("run", given, figures, "CA,WY").wait()[0] == 1
    notebooks(given)
    assert nursery.start("page", given, figures, "CA").wait()[0] == 0
    assert nursery.start("run", given, figures, "IL").wait()[0] == 0
    status = {slug: one["status"] for slug, one in places(figures).items()}
    assert status == {"california": "same", "wyoming": "failed", "illinois": "new"}
    (figures / "california" / "findings.json").write_text("{")
    assert nursery.start("run", given, figures, "IL").wait()[0] == 0
    card = places(figures)["california"]
    assert (card["status"], card["what"]) == ("failed", "The findings of this page cannot be read.")
    assert card["where"] == "california/findings.json"
    assert "kit report california" in card["do"]


def test_a_bar_for_who_watches_and_lines_for_a_log(capsys, monkeypatch):
    """With a terminal how many of those that take time are done, and how long the others may take; else lines alone."""
    outcomes = [Outcome("Texas", "texas", "current"), Outcome("Ohio", "ohio", "made", "forked", seconds=2.0)]
    outcomes += [Outcome("Utah", "utah", "failed", what="It stopped.", where="cell 3", do="See the cell.")]
    lines = ["1 of 4  Texas: up to date", "2 of 4  Ohio: made, 2.0 s", "3 of 4  Utah: failed. It stopped."]
    lines += ["    cell 3", "    See the cell."]
    for plain, watched in ((True, True), (False, False)):
        monkeypatch.setenv("TTY_COMPATIBLE", str(int(watched)))
        with shown(4, plain=plain) as told:
            for outcome in outcomes:
                told(outcome)
        assert capsys.readouterr().out.splitlines() == lines
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with shown(4) as told:
        for outcome in outcomes:
            told(outcome)
    said = capsys.readouterr().out
    assert all(line in said for line in lines)
    assert "2/3" in said
    assert "4/4" not in said
