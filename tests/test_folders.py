"""A folder is put in place in one step, with what others put into the former one; what a kill left is mended."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from kit import folders
from kit.errors import RunError
from kit.folders import held, making, mend, publish


def place(folder: Path, number: int = 1, **more: str) -> Path:
    """Write a folder as the kit does: the files that its manifest names."""
    files = {"findings.json": str(number), "report.html": f"<p>{number}", "bars.figure.json": str(number)} | more
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "manifest.json").write_text(json.dumps({"files": dict.fromkeys(files, "")}))
    return folder


def put(folder: Path, **files: str) -> None:
    """Put what is not the kit's into a folder: `requests/01.md`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


@pytest.fixture(params=["one step", "two renames"])
def way(request, monkeypatch):
    """Publish as Linux does, and as a system does that cannot let two folders change places."""
    if request.param == "two renames":
        monkeypatch.setattr(folders, "_exchange", lambda _one, _other: False)
    elif sys.platform != "linux":
        pytest.skip("only Linux does it in one step")


@pytest.mark.usefixtures("way")
def test_what_the_kit_did_not_write_stays(tmp_path):
    """Letters, notes and folders go with the page; files of the former page that the new one has not do not."""
    folder = place(tmp_path / "texas", 1, **{"old.svg": "a drawing"})
    put(folder, **{"requests/01.md": "filled in", "notes.txt": "call back", ".hidden": "mine", "a/b.txt": "deep"})
    publish(place(tmp_path / ".texas.part", 2), folder)
    assert (folder / "report.html").read_text() == "<p>2"
    assert (folder / "requests" / "01.md").read_text() == "filled in"
    assert (folder / "notes.txt").read_text() == "call back"
    assert (folder / ".hidden").read_text() == "mine"
    assert not (folder / "old.svg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["texas"]


@pytest.mark.usefixtures("way")
def test_a_pack_of_other_numbers_is_not_taken_for_this_pages(tmp_path):
    """With the same figures it stays what it is; where they changed it is kept under another name, the newest one."""
    folder = place(tmp_path / "texas", 1)
    put(folder, **{"pack/captions.md": "one"})
    publish(place(tmp_path / ".texas.part", 1), folder)
    assert (folder / "pack" / "captions.md").read_text() == "one"
    publish(place(tmp_path / ".texas.part", 2), folder)
    assert not (folder / "pack").exists()
    assert (folder / "pack-former" / "captions.md").read_text() == "one"
    put(folder, **{"pack/captions.md": "two"})
    publish(place(tmp_path / ".texas.part", 3), folder)
    assert not (folder / "pack").exists()
    assert (folder / "pack-former" / "captions.md").read_text() == "two"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux does it in one step")
def test_a_page_is_there_at_every_moment(tmp_path, monkeypatch):
    """Before and after each renaming there is a whole page, the former one or the new one."""
    seen = []

    def look(renaming):
        def renamed(*args):
            done = renaming(*args)
            seen.append((folder / "report.html").read_text() + (folder / "requests" / "01.md").read_text())
            return done

        return renamed

    monkeypatch.setattr(Path, "replace", look(Path.replace))
    monkeypatch.setattr(folders, "_exchange", look(folders._exchange))
    folder = place(tmp_path / "texas", 1)
    put(folder, **{"requests/01.md": "!"})
    publish(place(tmp_path / ".texas.part", 2), folder)
    assert seen == ["<p>2!", "<p>2!"]


class Killed(BaseException):
    """Stands for a SIGKILL."""


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("moment", range(12))
def test_killed_at_any_step_of_it(tmp_path, monkeypatch, moment):
    """Whatever the last step was, the former page or the new one is there after mending, with the letters, whole."""
    steps = iter(range(100))

    def until(doing):
        def done(*args, **kwargs):
            if next(steps) == moment:
                raise Killed
            return doing(*args, **kwargs)

        return done

    folder = place(tmp_path / "texas", 1)
    put(folder, **{"requests/01.md": "filled in", "requests/02.md": "too"})
    aside = place(tmp_path / ".texas.part", 2)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", until(Path.replace))
        for owner, name in ((folders.os, "link"), (folders.os, "fsync"), (folders.shutil, "rmtree")):
            patched.setattr(owner, name, until(getattr(owner, name)))
        patched.setattr(folders, "_exchange", until(folders._exchange))
        with suppress(Killed):
            publish(aside, folder)
    mend(tmp_path)
    assert (folder / "report.html").read_text() in {"<p>1", "<p>2"}
    assert (folder / "report.html").read_text() == f"<p>{(folder / 'findings.json').read_text()}"
    assert {path.name: path.read_text() for path in (folder / "requests").iterdir()} == {
        "01.md": "filled in",
        "02.md": "too",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["texas"]


def test_what_killed_processes_left_is_mended(tmp_path):
    """A folder that was moved aside comes back, half-made ones and locks go, letters stay with their place."""
    put(tmp_path / ".texas.former", **{"report.html": "the former page"})
    put(tmp_path / ".illinois.part", **{"findings.json": "half"})
    (tmp_path / ".california.former").mkdir()
    put(tmp_path / ".california.former" / "requests", **{"letter.txt": "Dear"})
    (tmp_path / "california").mkdir()
    (tmp_path / ".ohio.lock").write_text("process 1 on here\n")
    (tmp_path / ".run.json.part").write_text("{")
    (tmp_path / ".notes").write_text("mine")
    mend(tmp_path)
    assert (tmp_path / "texas" / "report.html").read_text() == "the former page"
    assert (tmp_path / "california" / "requests" / "letter.txt").read_text() == "Dear"
    assert {path.name for path in tmp_path.iterdir()} == {"texas", "california", ".notes"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_is_being_made_is_not_mended(tmp_path):
    """It is left to who makes it, who is named to whoever asks for the same."""
    with making(tmp_path / "texas") as (aside, short_lived):
        put(aside, **{"findings.json": "half"})
        mend(tmp_path)
        assert (aside / "findings.json").is_file()
        with (
            pytest.raises(RunError, match=r"process \d+ on") as error,
            held(tmp_path / ".texas.lock", tmp_path / "texas"),
        ):
            pass
        assert len(str(error.value).splitlines()) == 3
        assert short_lived.is_dir()
    assert not short_lived.exists()
    assert list(tmp_path.iterdir()) == []
