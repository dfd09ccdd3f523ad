"""What nobody should send is read or refused in three lines, and touches nothing: `tests/bad_files.py`.

One process loads the kit and makes a copy of itself for each file, so that a crash, a hang or a leak stays
with the file that caused it. Memory is bound where it is asked for (RLIMIT_DATA), not by the whole address
space: the threads of the OCR models reserve far more of that than they use.
"""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import traceback
import unicodedata
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kit.cli
import kit.records
import kit.sharing
from kit.records import apart
from tests import bad_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


SECONDS = 10
"""For one file. What other programs take on a busy machine does not count: it is the processor's time, or
the time on the clock where that is less (several threads)."""
MEMORY = 1 << 30  # bytes
_HANGS = 30  # seconds on the clock after which a file is given up
_LONGEST_NAME = 300
_LEAST = 60

_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_RUNS = re.compile(r"[=+\-@\t\r](?![\d.]+$)")
# What Python reports: a request or a program started; a file made, moved or taken away.
_REACHES = re.compile(
    r"socket\.(connect|getaddrinfo|gethostby\w+|sendto|sendmsg)|urllib\.Request|subprocess\.Popen"
    r"|os\.(system|exec|posix_spawn|spawn|startfile|fork|forkpty)"
)
_CHANGES = re.compile(r"os\.(mkdir|rename|remove|rmdir|link|symlink|truncate|chmod|chown)|shutil\..*")
csv.field_size_limit(MEMORY)  # a name that is too long is seen by the test, not by its reader
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Outcome:
    """What `kit read FILE --out OUT` did: how it ended, what it said, took and touched."""

    code: int
    said: str
    told: str
    seconds: float
    memory: int
    touched: list[str]
    left: list[str]
    out: Path

    def text(self) -> str:
        """Give all that it put out."""
        table = self.out.read_text(encoding="utf-8") if self.out.exists() else ""
        return f"{self.said}{self.told}{table}"

    def rows(self) -> list[dict[str, str]]:
        """Give the rows that it wrote."""
        with self.out.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


# --- in the process of its own ---


def serve() -> None:
    """Read the files that are named on standard input, each in a copy of this process, with the kit loaded."""
    list(kit.records._readers())
    for line in sys.stdin:
        ask = json.loads(line)
        child = os.fork()
        if not child:
            _read(kit.cli.main, **ask)
        _, status, used = os.wait4(child, 0)
        answer = {"code": os.waitstatus_to_exitcode(status), "memory": used.ru_maxrss * 1024}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _read(main: Callable[[], None], file: str, home: str, out: str) -> None:
    """Run `kit read` with little memory and time and under watch; say in `home` what it did, and end."""
    signal.alarm(_HANGS)
    _say_into(home)
    os.chdir(f"{home}/work")
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    # Files, for a copy of this process is watched too.
    did, touched = (os.open(f"{home}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in ("did", "touched"))
    note = partial(os.write, touched)
    sys.addaudithook(lambda event, given: _watch(note, event, given, str(Path(out).parent), _asks(event)))
    sys.argv = ["kit", "read", "--out", out, "--", file]
    start, used = time.monotonic(), _processor_time()
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001  (any way out but the two is a fault; the test shows it)
        code = 99
        traceback.print_exc()
    seconds = min(time.monotonic() - start, _processor_time() - used)
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(did, json.dumps({"seconds": seconds}).encode())
    os._exit(code)


def _processor_time() -> float:
    """Give the processor's time of this process and its copies, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _say_into(home: str) -> None:
    """Send what is printed into files."""
    sys.stdin.close()
    for stream, name in ((sys.stdout, "said"), (sys.stderr, "told")):
        file = os.open(f"{home}/{name}", os.O_WRONLY | os.O_CREAT)
        os.dup2(file, stream.fileno())
        os.close(file)


def _asks(event: str) -> str:
    """Give the file with the code that copies this process."""
    return sys._getframe(2).f_code.co_filename if event == "os.fork" else ""


def _watch(note: Callable[[bytes], object], event: str, given: tuple[Any, ...], allowed: str, asks: str) -> None:
    """Note a request, a program started, or a file changed outside the folder of the output.

    The kit may make a copy of its own process, in which a file is opened.
    """
    changes = bool(given[2] & _WRITES if event == "open" else _CHANGES.fullmatch(event))
    named = given[: 1 if event == "open" else 2]  # the rest is how; a number is a file that is open already
    paths = [os.fsdecode(one) for one in named if isinstance(one, str | bytes | os.PathLike)]
    elsewhere = not all(path.startswith((allowed, os.devnull)) for path in paths)
    copies = event == "os.fork" and asks == apart.__file__
    if (_REACHES.fullmatch(event) and not copies) or (changes and elsewhere):
        note(f"{event} {given}\n".encode(errors="backslashreplace"))


# --- in the test ---


class Reader:
    """The process that reads, and what it did with each file."""

    def __init__(self, home: Path) -> None:
        """Start the process with one thread for sums, as the memory for more is a machine's matter."""
        self.home = home
        plain = {  # what is printed is told as strictly as on a reporter's own terminal
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8:strict",
            "PYTHONPATH": str(ROOT),
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={**os.environ, **plain},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.read = cache(self._read)

    def _read(self, bad: Any) -> Outcome:
        """Make a file, have it read, take away what is large, and give what happened."""
        path = bad_files.write(bad, self.home / "files")
        home = self.home / path.parent.name
        out = home / "out" / "rows.csv"
        (home / "work").mkdir(parents=True)
        out.parent.mkdir()
        self._process.stdin.write(json.dumps({"file": str(path), "home": str(home), "out": str(out)}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        said, told = ((home / name).read_text(encoding="utf-8", errors="backslashreplace") for name in ("said", "told"))
        did = json.loads((home / "did").read_text() or json.dumps({"seconds": _HANGS}))
        touched = (home / "touched").read_text(encoding="utf-8").splitlines()
        left = sorted(str(one.relative_to(self.home)) for one in (*path.parent.iterdir(), *home.glob("*/*")))
        expected = {str(path.relative_to(self.home)), str(out.relative_to(self.home))}
        return Outcome(
            answer["code"], said, told, did["seconds"], answer["memory"], touched, [*{*left} - expected], out
        )

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def reader(tmp_path_factory) -> Iterator[Reader]:
    """Give the process that reads."""
    one = Reader(tmp_path_factory.mktemp("bad"))
    yield one
    one.close()


@pytest.fixture(params=bad_files.CORPUS, ids=lambda bad: ascii(bad.name)[1:-1][:40])
def bad(request):
    """Give each bad file."""
    if request.param.name == "closed.csv" and os.geteuid() == 0:
        pytest.skip("the superuser may read every file")
    return request.param


def test_the_corpus_is_large_and_its_files_differ():
    """At least 60 files, each under one name."""
    names = [bad.name for bad in bad_files.CORPUS]
    assert len(names) == len(set(names)) >= _LEAST


def test_the_script_gives_the_same_bytes_each_time(tmp_path):
    """No clock and no chance."""
    for bad in bad_files.CORPUS[:100]:
        once, twice = (bad_files.write(bad, tmp_path / name) for name in "ab")
        assert not once.is_file() or once.read_bytes() == twice.read_bytes(), bad.name


def test_the_watch_sees_what_it_should():
    """A request, a program, a file elsewhere; not the rows and what is only read."""
    seen: list[bytes] = []

    def watch(event: str, *given: Any, asks: str = "") -> None:
        _watch(seen.append, event, given, "/out", asks)

    watch("socket.connect", None, ("127.0.0.1", 9))
    watch("subprocess.Popen", "sh", ["sh"], None, None)
    watch("open", "/elsewhere", "w", os.O_WRONLY)
    watch("os.rename", "/out/.rows.csv.part", "/elsewhere", -1, -1)
    watch("os.fork", asks="/elsewhere/apart.py")
    watch("subprocess.Popen", "sh", ["sh"], None, None, asks=apart.__file__)
    assert len(seen) == 6
    watch("open", "/elsewhere", "r", os.O_RDONLY)
    watch("open", "/out/.rows.csv.part", "w", os.O_WRONLY)
    watch("os.rename", "/out/.rows.csv.part", "/out/rows.csv", -1, -1)
    watch("os.fork", asks=apart.__file__)
    assert len(seen) == 6


def test_the_watch_sees_what_a_copy_of_the_process_does(tmp_path):
    """A file that a bad file makes the library write is noted wherever it is written."""
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.records import test_bad_files as bad
note = bad.partial(os.write, os.open({str(tmp_path / "touched")!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
sys.addaudithook(lambda event, given: bad._watch(note, event, given, "/out", bad._asks(event)))
bad.apart.apart("", os.mkdir, {str(tmp_path / "made")!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "touched").read_text().splitlines() == [f"os.mkdir ('{tmp_path / 'made'}', 511, -1)"]


def test_a_bad_file_gives_rows_or_three_lines(bad, reader):
    """What happened, where, what to do; or all the rows that are there. Never a traceback, never half a file."""
    outcome = reader.read(bad)
    assert outcome.code in {0, 2}, outcome.told[-3000:]
    if outcome.code:
        assert bad.expected != "rows", outcome.told
        lines = outcome.told.splitlines()
        assert len(lines) == 3, lines
        assert all(lines)
        assert not outcome.out.exists()
        return
    assert bad.expected != "refused", outcome.said
    assert outcome.told == ""
    assert bad.rows is None or len(outcome.rows()) == bad.rows, outcome.said
    if bad.expected == "noted":
        assert "Uncertain" in outcome.said


def test_a_bad_file_takes_little(bad, reader):
    """Ten seconds and one gibibyte, whatever it asks for."""
    outcome = reader.read(bad)
    assert outcome.seconds <= SECONDS
    assert outcome.memory <= MEMORY


def test_a_bad_file_touches_nothing(bad, reader):
    """No request, no program started, nothing written but the rows."""
    outcome = reader.read(bad)
    assert outcome.touched == []
    assert outcome.left == []


def test_what_a_bad_file_says_is_harmless(bad, reader):
    """Names are short visible text that no spreadsheet runs; what is private, or of this machine, is nowhere."""
    outcome = reader.read(bad)
    text = outcome.text()
    assert [word for word in bad.forbidden if word in text] == []
    assert unseen(f"{outcome.said}{outcome.told}") == set()
    for row in outcome.rows() if outcome.out.exists() else ():
        assert [value for value in row.values() if _RUNS.match(value)] == []
        assert unseen("".join(row.values())) == set()
        assert max(len(row[column]) for column in ("partner", "owner", "hotlist", "partner_city")) <= _LONGEST_NAME
        assert row["partner"]


def unseen(text: str) -> set[str]:
    """Give the characters of a text that are not seen, but for the ends of lines."""
    return {f"U+{ord(c):04X}" for c in set(text) if unicodedata.category(c) in _UNSEEN and c != "\n"}


if __name__ == "__main__":
    serve()
