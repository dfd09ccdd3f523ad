"""`make lab`: quiet, dollars are dollars, nothing of the kit's own is changed, and a long cell says where it is."""

from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit import lab as in_kernel
from kit.errors import KitError

ROOT = Path(__file__).resolve().parent.parent
STOCK = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_the_page_of_jupyterlab_has_neither_news_nor_math(lab):
    """What the browser is told: no news, no extensions of others, no MathJax; and Markdown without math."""
    found = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', lab.ask("/lab"), re.DOTALL)
    told = json.loads(found[1])
    assert "@jupyterlab/mathjax-extension:plugin" in told["disabledExtensions"]
    assert "@jupyterlab/apputils-extension:announcements" in told["disabledExtensions"]
    assert "@jupyterlab/extensionmanager-extension:plugin" in told["disabledExtensions"]
    assert told["news"] == {"disabled": True}
    assert "dollars" in [extension["name"] for extension in told["federated_extensions"]]


def test_nobody_is_asked_for_news_or_updates(lab):
    """By the settings, and by the server itself."""
    told = lab.ask_json("/lab/api/settings/@jupyterlab/apputils-extension:notification")
    default = {name: said["default"] for name, said in told["schema"]["properties"].items()}
    assert default["fetchNews"] == "false"
    assert default["checkForUpdates"] is False
    assert lab.ask_json("/lab/api/news") == {"news": []}
    assert lab.ask_json("/lab/api/update") == {"notification": None}


def test_the_python_of_the_notebooks_is_the_kits(lab):
    """It loads what says how long a cell runs; its name is the one that stands in the notebooks."""
    spec = lab.ask_json("/api/kernelspecs")["kernelspecs"]["python3"]["spec"]
    assert "--ext=kit.lab" in spec["argv"]


@pytest.mark.parametrize("name", STOCK)
def test_to_run_a_notebook_of_the_kit_and_save_it_is_no_change(lab, name):
    """Git sees nothing of outputs, counts and versions."""
    before = (lab.notebooks / name).read_bytes()
    lab.ask(f"/api/contents/{name}", {"type": "notebook", "format": "json", "content": as_run(before)})
    assert (lab.notebooks / name).read_bytes() == before


def test_ones_own_notebook_keeps_its_outputs(lab):
    """Only the kit's are saved without."""
    (lab.notebooks / "mine").mkdir(exist_ok=True)
    content = as_run((lab.notebooks / "state.ipynb").read_bytes())
    lab.ask("/api/contents/mine/texas.ipynb", {"type": "notebook", "format": "json", "content": content})
    saved = json.loads((lab.notebooks / "mine" / "texas.ipynb").read_text(encoding="utf-8"))
    assert [cell.get("outputs") for cell in saved["cells"]] == [cell.get("outputs") for cell in content["cells"]]


def as_run(text: bytes) -> dict[str, object]:
    """Give a notebook as JupyterLab saves it once it was run."""
    content = json.loads(text)
    content["metadata"]["language_info"] = {"name": "python", "version": "3.99", "file_extension": ".py"}
    for number, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code":
            shown = {"name": "stdout", "output_type": "stream", "text": [f"{number}\n"]}
            cell.update(execution_count=number, outputs=[shown])
    return content


def test_nothing_is_written_to_the_settings_of_the_user(lab):
    """Their own JupyterLab stays as it is."""
    assert not (lab.home / ".jupyter").exists()
    assert (lab.notebooks / ".jupyter" / "lab").is_dir()


def test_what_jupyterlab_writes_is_not_in_git():
    """Settings made in the browser, copies of notebooks, and a reporter's own."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/notebooks/.jupyter/lab/", "/notebooks/.jupyter/migrated", "/notebooks/mine/", ".ipynb_checkpoints/"} <= {
        *ignored
    }


def test_an_error_of_the_kit_is_three_lines_in_a_notebook():
    """IPython asks the error itself what to show."""
    assert KitError("What.", "Where", "Do this.")._render_traceback_() == ["What.", "Where", "Do this."]


class Kernel:
    """What of IPython the watch needs."""

    def __init__(self) -> None:
        self.registered: dict[str, object] = {}
        self.events = SimpleNamespace(register=self.registered.__setitem__)
        self.compile = SimpleNamespace(get_code_name=lambda *_given: "the cell")
        self.execution_count = 1


class Shown:
    """An output that changes, as `display` gives it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.twice = threading.Event()

    def update(self, data: dict[str, str], **_given: object) -> None:
        """Show something else."""
        self.said.append(data["text/html"])
        if len(self.said) > 1:
            self.twice.set()


def test_a_long_cell_says_where_it_is_and_then_no_more(monkeypatch):
    """Its line as it is written, no mark of it a tag; nothing is left when the cell is done."""
    shown, kernel = Shown(), Kernel()
    monkeypatch.delenv("KIT_FOLDER", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(in_kernel, "_PATIENCE", 0)
    monkeypatch.setattr(in_kernel, "_EVERY", 0.01)
    monkeypatch.setattr("IPython.display.display", lambda *_given, **_named: shown)
    in_kernel.load_ipython_extension(kernel)
    cell = "first = 1\ndone = first < 2 and wait(60)\n"
    kernel.registered["pre_run_cell"](SimpleNamespace(raw_cell=cell))
    exec(compile(cell, "the cell", "exec"), {"wait": shown.twice.wait})  # noqa: S102  (as a kernel does)
    kernel.registered["post_run_cell"](None)
    assert "<code>done = first &lt; 2 and wait(60)</code>" in shown.said[-2]
    assert shown.said[-1] == ""


def test_a_short_cell_says_nothing(monkeypatch):
    """No output is there that a notebook would keep."""
    kernel = Kernel()
    monkeypatch.delenv("KIT_FOLDER", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr("IPython.display.display", lambda *_given, **_named: pytest.fail("something was shown"))
    in_kernel.load_ipython_extension(kernel)
    kernel.registered["pre_run_cell"](SimpleNamespace(raw_cell="1"))
    kernel.registered["post_run_cell"](None)


def test_no_clock_gets_into_a_page(monkeypatch):
    """While a page is made nothing is watched."""
    kernel = Kernel()
    monkeypatch.setenv("KIT_FOLDER", "somewhere")
    in_kernel.load_ipython_extension(kernel)
    assert not kernel.registered


def test_a_notebook_run_by_hand_writes_beside_the_pages(monkeypatch):
    """Never into the folder of a page, whose findings others check against."""
    monkeypatch.delenv("KIT_FOLDER", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", "/some where/mine/texas.ipynb")
    in_kernel.load_ipython_extension(Kernel())
    given = os.environ["KIT_FOLDER"]
    monkeypatch.setenv("KIT_FOLDER", given)  # so that it is taken back
    assert Path(given) == ROOT / "figures" / "lab" / "texas"
