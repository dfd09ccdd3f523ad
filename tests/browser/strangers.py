"""A kit of its own whose records come from a stranger who attacks: each name is one, in every place that takes a name.

The names go the way of any record: CSV file, `kit add`, notebooks, pages, index, downloads, `kit review`. Then a
reporter's careless cells are added to one page: markup that nobody escaped, and words for findings.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import v4

from kit.report import write_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[2]

ATTACKS = (
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "'\"><svg onload=window.ran=1><a href=javascript:window.ran=1>",
    "${window.ran = 1} {{ 7 * 7 }} {% raw %} {# no #} {n} {shared} `window.ran = 1`",
    "{{ cycler.__init__.__globals__.os.environ.update(RAN='1') }}",
    '=HYPERLINK("http://stranger.invalid","x")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "+1",
    "\u202egnp.egapelliv\u202c Pol\u200bice",
    "$5 million and $10 million $x$ \\(x\\) \\[y\\] $\\frac{$",
    "](javascript:window.ran=1) [x](http://stranger.invalid) ![y](http://stranger.invalid/y.png)",
    "a **bold** # head | cell | ~~no~~ <b onmouseover=window.ran=1>b</b> &lt;script&gt;",
    "--></style></title></textarea>]]><!--<script>window.ran=1</script>",
    "W" * 10_000,
)

# What a careless cell would print: markup that nobody escaped.
CARELESS = (
    '<a href="javascript:window.ran=1">x</a><a href="http://stranger.invalid/">y</a>',
    '<b style="position:fixed" onmouseover="window.ran=1">z</b><img src="https://x.example/a.png" alt="picture">',
    '<form action="https://x.example"><input></form><base href="https://x.example/">',
    '<meta http-equiv="refresh" content="0;url=https://x.example"><link rel="stylesheet" href="https://x.example">',
    '<object data="https://x.example"></object><embed src="https://x.example"><iframe src="https://x.example"></iframe>',
    '<svg viewBox="0 0 200 200"><script>window.ran=1</script><foreignObject><p>no</p></foreignObject></svg>',
    '<svg viewBox="0 0 200 200"><use href="https://x.example/#a"/><image href="https://x.example/a.png"/></svg>',
    '<svg viewBox="0 0 200 200"><a xlink:href="javascript:window.ran=1"><text y="20">t</text></a></svg>',
    '<svg viewBox="0 0 200 200"><rect width="9" fill="url(https://x.example/#f)" style="fill:url(//x.example)"/></svg>',
)

OWNER = f"{ATTACKS[0]} {ATTACKS[4]} $x$ Cheyenne Police Department"
OTHER = f"{ATTACKS[7]} {ATTACKS[-1]}"
_STATE = "WY"
_CITIES = ("Cheyenne", "Casper", "Laramie")
_WAYS = ("shares with", "receives from", "both")


class Kit:
    """A copy of the kit in a folder, with no list but those that are added."""

    def __init__(self, folder: Path) -> None:
        """Copy what the kit needs to run."""
        self.folder = folder
        unneeded = shutil.ignore_patterns("__pycache__", "lists", "records", "cache", "make")
        for part in ("kit", "notebooks", "data"):
            shutil.copytree(ROOT / part, folder / part, ignore=unneeded)
        # It has a folder kit/records too.
        shutil.copytree(ROOT / "kit" / "records", folder / "kit" / "records", ignore=shutil.ignore_patterns("__pyc*"))
        for name in ("requirements.lock", "pyproject.toml"):
            shutil.copyfile(ROOT / name, folder / name)
        (folder / "data" / "lists").mkdir()

    def run(self, *words: str) -> str:
        """Run a command of the kit and give what it printed."""
        env = {name: value for name, value in os.environ.items() if name != "KIT_FOLDER"}
        env |= {"PYTHONPATH": str(self.folder), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "kit", *words]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"kit {words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def lists(self) -> list[str]:
        """Give the ids of the lists that were added, oldest first."""
        with (self.folder / "data" / "lists" / "sources.csv").open(encoding="utf-8", newline="") as file:
            return [line["list_id"] for line in sorted(csv.DictReader(file), key=lambda line: line["date"])]


def attacked(folder: Path) -> dict[str, Path]:
    """Make the pages of a kit whose records attack: state, record, changes, nation and index, by kind."""
    kit = Kit(folder)
    names = [*(f"{attack} Police Department" for attack in ATTACKS), *ATTACKS]
    _add(kit, OWNER, "2024-01-02", _sharing(names[5:]))
    _add(kit, OWNER, "2025-03-04", _sharing(names[:-3]))
    _add(kit, OTHER, "2025-03-05", [("Agency", "State"), *((name, _STATE) for name in names)])
    hot = [(name, _CITIES[0], _STATE, attack) for name, attack in zip(names, ATTACKS, strict=False)]
    _add(kit, OTHER, "2025-03-06", [("Agency", "City", "State", "Hot list"), *hot])
    record = kit.lists()[-1]
    kit.run("batch", "--states", _STATE, "--cities", f"{record};{OWNER};US", "--plain")
    kit.run("review")
    figures = kit.folder / "figures"
    folders = {page.parent.name: page for page in sorted(figures.glob("*/report.html"))}
    (changes,) = (name for name in folders if name.startswith("changes-"))
    pages = {"state": folders["wyoming"], "record": folders[record], "change": folders[changes]}
    pages |= {"nation": folders["united-states"], "index": figures / "index.html"}
    _be_careless(figures / "wyoming")
    return {f"hostile {kind}": page for kind, page in pages.items()}


def _sharing(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Give a table of who shares with whom; of every fourth name it does not say where it is."""
    places = [(ATTACKS[at % 3], "") if at % 4 == 3 else (_CITIES[at % 3], _STATE) for at in range(len(names))]
    rows = [(name, *place, _WAYS[at % 3]) for at, (name, place) in enumerate(zip(names, places, strict=True))]
    return [("Agency", "City", "State", "Direction"), *rows]


def _add(kit: Kit, owner: str, date: str, table: Iterable[Sequence[str]]) -> None:
    """Keep a record as a reporter would, with a request and an address that attack too."""
    record = kit.folder / f"{date}.csv"
    with record.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    said = {"--owner": owner, "--date": date, "--state": _STATE, "--request": ATTACKS[2]}
    said |= {"--source": "javascript:window.ran=1"}
    kit.run("add", record.name, *(word for pair in said.items() for word in pair))


def _be_careless(folder: Path) -> None:
    """Add to an executed notebook what a reporter's own cells may print, and make its page again."""
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    outputs = [v4.new_output("display_data", {"text/html": html}) for html in (*ATTACKS, *CARELESS)]
    notebook.cells.insert(3, v4.new_code_cell(f"x = 1  # {ATTACKS[1]}", execution_count=1, outputs=outputs))
    notebook.cells.insert(
        3, v4.new_markdown_cell(f"## {ATTACKS[2]}\n\n### {ATTACKS[-1][:200]}\n\n" + "\n\n".join(ATTACKS))
    )
    nbformat.write(notebook, folder / "notebook.ipynb")
    said = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    said |= {
        "title": ATTACKS[0] + ATTACKS[-1][:300],
        "place": ATTACKS[1],
        "not_shown": [attack[:300] for attack in ATTACKS],
    }
    for found in said["findings"][:5]:
        found |= {
            "label": ATTACKS[3],
            "sentence": f"{ATTACKS[0]} {ATTACKS[4]}",
            "caveats": [attack[:300] for attack in ATTACKS],
        }
        found |= {"unit": ATTACKS[2]}
    (folder / "findings.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    write_page(folder)
