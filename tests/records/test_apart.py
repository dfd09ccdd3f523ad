"""What may go wrong with a stranger's file goes wrong in a process of its own: bound, once, and without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdfium2 import PdfDocument

from kit.errors import RecordError
from kit.records import apart, pages, read_record, tabular, workbooks
from kit.records.apart import apart as do
from tests import bad_files

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["as here", "started anew"])
def way(request, monkeypatch) -> None:
    """Do it as this system does, and as one does that has no fork."""
    if request.param == "started anew":
        monkeypatch.setattr(apart, "_FORKS", False)


@pytest.mark.usefixtures("way")
def test_what_is_done_apart_is_given_back():
    """Whatever it is, and however it is called."""
    assert do("here", sorted, [3, 1, 2], reverse=True) == [3, 2, 1]
    assert do("here", os.getpid) != os.getpid()


@pytest.mark.usefixtures("way")
def test_what_is_raised_apart_is_raised_here(tmp_path):
    """With its three lines; a fault of the kit with where it happened."""
    path = tmp_path / "locked.pdf"
    path.write_bytes(bad_files._locked_pdf())
    with pytest.raises(RecordError) as error:
        do(str(path), pages._all_layers, path)
    assert str(error.value).splitlines()[1] == str(path)
    with pytest.raises(ZeroDivisionError) as fault:
        do("here", divmod, 1, 0)
    assert "_answer" in fault.value.__notes__[0]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("end", ["abort", "memory", "time"])
def test_what_does_not_come_back_is_refused(end, monkeypatch):
    """A crash, too much memory, too much time: three lines, with the place."""
    monkeypatch.setattr(apart, "_SECONDS", 1)
    code = {"abort": "import os; os.abort()", "memory": "bytearray(1 << 30)", "time": "while True: pass"}[end]
    with pytest.raises(RecordError, match="more memory or time") as error:
        do("page 7", exec, code)
    assert str(error.value).splitlines()[1] == "page 7"


@pytest.mark.usefixtures("way")
def test_a_clock_is_enough_where_nothing_else_is_bound(monkeypatch):
    """Some systems can bind neither memory nor the processor's time."""
    monkeypatch.setattr(apart, "_PATIENCE", 1)
    with pytest.raises(RecordError, match="more memory or time"):
        do("here", time.sleep, 30)


def test_a_process_that_cannot_start_is_no_fault_of_the_file(monkeypatch):
    """It says what is wrong with the installation."""
    monkeypatch.setattr(apart, "_FORKS", False)
    monkeypatch.setattr(apart, "_START", "import not_there")
    with pytest.raises(RuntimeError, match="not_there"):
        do("here", os.getpid)


def test_nothing_is_bound_where_the_system_cannot(monkeypatch):
    """Windows has no `resource`."""
    monkeypatch.setitem(sys.modules, "resource", None)
    apart._bind()


@pytest.mark.usefixtures("way")
def test_what_the_library_prints_is_not_seen(capfd):
    """Neither on the terminal, nor in the answer."""
    assert do("here", os.system, "echo told; echo said >&2") == 0
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def done(monkeypatch) -> Iterator[list[str]]:
    """Give the names of what is done apart, as it is done."""
    names: list[str] = []

    def noted(where: str, work: Any, *given: Any) -> Any:
        names.append(work.__name__)
        return do(where, work, *given)

    monkeypatch.setattr(pages, "apart", noted)
    monkeypatch.setattr(workbooks, "apart", noted)
    return names


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "ods"])
def test_a_file_is_tried_once_however_often_it_is_opened(kind, done, tmp_path):
    """And again when it has changed."""
    path = tmp_path / f"list.{kind}"
    path.write_bytes(getattr(bad_files, f"{kind}_base")())
    read_record(path)
    assert len(read_record(path).rows) > 0
    assert len(done) == 1
    os.utime(path, (1, 1))
    read_record(path)
    assert len(done) == 2


def test_a_file_is_refused_once(done, tmp_path):
    """Whichever reader looks at it."""
    path = tmp_path / "list.pdf"
    path.write_bytes(bad_files._forms(1, loop=True))
    for _ in range(2):
        with pytest.raises(RecordError, match="more memory or time"):
            read_record(path)
    assert done == ["_all_layers"]


def test_it_runs_nothing_of_the_folder_or_the_settings(tmp_path, monkeypatch):
    """A module that lies beside the record, or where PYTHONPATH points, is not run."""
    monkeypatch.setattr(apart, "_FORKS", False)
    for name in ("pickle", "pypdfium2", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "report.pdf").write_bytes(bad_files.pdf_base())
    assert len(read_record("report.pdf").rows) == bad_files.IN_REPORT
    assert not (tmp_path / "ran").exists()


@pytest.mark.usefixtures("way")
def test_no_image_of_a_crash_is_left(tmp_path, monkeypatch):
    """Whatever the system is set to keep."""
    monkeypatch.chdir(tmp_path)
    code = "import resource; assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0"
    do("here", exec, code)
    with pytest.raises(RecordError):
        do("here", exec, "import os; os.abort()")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_a_page_is_what_pdfium_draws(record_file):
    """To the dot."""
    path = record_file("orange-county-sheriff-2025-03-11-vigilant.pdf")
    _, size, dots = do("here", pages._drawn, path, 3)
    with PdfDocument(path) as pdf:
        drawn = pdf[2].render(scale=150 / 72, grayscale=True).to_pil()
    assert (size, dots) == (drawn.size, drawn.tobytes())


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    """Its rows and its sha256 would be of two files."""
    path = tmp_path / "list.csv"
    path.write_bytes(bad_files.csv_base())
    sha256_of = tabular.sha256_of

    def late(read: Path) -> str:
        with read.open("ab") as file:
            file.write(b"Oakdale Police Department,Oakdale,CA\n")
        return sha256_of(read)

    monkeypatch.setattr(tabular, "sha256_of", late)
    with pytest.raises(RecordError, match="changed while it was read"):
        read_record(path)


def test_a_name_joined_from_too_much_is_cut_and_said_to_be(tmp_path):
    """1,500 names on one page stand closer than the lines of one name."""
    path = tmp_path / "crowded.pdf"
    path.write_bytes(bad_files._crowded(1500))
    record = read_record(path)
    assert max(len(row.partner) for row in record.rows) <= 300
    assert any(note.startswith("Names longer than 300 letters are cut: p1") for note in record.notes)


def test_a_reader_that_is_stopped_stops_what_it_started():
    """Control-C ends both, at once, and leaves no process behind."""
    code = f"""
import os, signal, sys, threading, time
sys.path.insert(0, {str(Path(apart.__file__).resolve().parents[2])!r})
from kit.records.apart import apart
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    apart("here", time.sleep, 30)
except KeyboardInterrupt:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        print("none left")
"""
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "none left\n"
    assert time.monotonic() - start < 20
