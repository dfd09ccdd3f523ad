"""The house of the design stands: one way through, notebooks that show the method, nothing of a machine."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import kit

ROOT = Path(__file__).resolve().parent.parent
# A module imports only what stands before it. `errors` and `ap` serve all.
ORDER = [
    "errors", "ap", "workbook", "records", "kinds", "names", "sharing", "places", "geography", "bodies",
    "whereabouts", "evidence", "decisions", "rulings", "agencies", "policies", "networks", "pathways",
    "coverage", "scope", "findings", "story", "headlines", "letters", "requests", "factcheck", "impact",
    "review", "sheet", "graphic", "charts", "land", "maps", "citymap", "interactive", "geodata", "pack", "page",
    "report", "index", "sources", "manifest", "kernels", "folders", "batch", "copies", "pool", "store", "runs",
    "cluster", "progress", "lab", "cli", "__main__",
]  # fmt: skip
# These reach the analysis through notebooks and findings.json alone.
NOT_FOR_PAGES = {"findings", "story", "headlines", "charts", "maps", "citymap", "interactive", "geodata"}


def module(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT / "kit").with_suffix("").parts)
    return re.sub(r"\.?__init__$", "", name)


MODULES = {module(path): path for path in sorted((ROOT / "kit").rglob("*.py"))}


def rank(name: str) -> int:
    """Give the place of a module in the order; one inside a package stands with the package."""
    while name and name not in ORDER:
        name = name.rpartition(".")[0]
    return ORDER.index(name)


def imports(path: Path) -> set[str]:
    """Give the modules of the kit that a file imports, those only for types left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.removeprefix("kit").strip(".") for name in found if name == "kit" or name.startswith("kit.")}


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_a_module_imports_only_what_stands_above_it(name):
    """One way through: record, rows, list, agencies, places, findings, charts and maps, page."""
    for other in imports(MODULES[name]) - {""}:
        assert rank(other) <= rank(name), f"{name} imports {other}"


@pytest.mark.parametrize("name", ["report", "sources", "batch", "cli"])
def test_pages_reach_the_analysis_through_notebooks(name):
    """report, batch and cli import neither findings nor story, charts or maps."""
    assert not imports(MODULES[name]) & NOT_FOR_PAGES


def test_the_face_of_the_kit_is_small_and_whole():
    """About 20 names, each there when asked for; an unknown one is an AttributeError."""
    assert len(kit.__all__) <= 25
    for name in kit.__all__:
        assert getattr(kit, name) is not None
    with pytest.raises(AttributeError):
        kit.nothing_of_the_kind  # noqa: B018


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_the_method(path):
    """At most 25 cells, no def or class, one typed parameters cell, no output kept, imports from kit alone."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(cells) <= 25
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    sources = ["".join(cell["source"]) for cell in code]
    assert not any(re.search(r"^\s*(def|class|lambda) ", source, re.MULTILINE) for source in sources)
    tagged = [cell for cell in code if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    assert all(isinstance(line, ast.AnnAssign) for line in ast.parse("".join(tagged[0]["source"])).body)
    trees = [ast.parse(source) for source in sources]
    used = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert used == {"kit"}
    assert not [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_number_about_the_data_is_typed_into_a_notebook(path):
    """The words of a notebook have no figures; its code none above 20 (a count of bars, a width)."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            assert not re.search(r"\d", source), source
        else:
            figures = [
                n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and type(n.value) is int
            ]
            assert all(figure <= 60 for figure in figures)


def test_nothing_says_on_what_machine_it_was_made():
    """No absolute path and no address of a package registry in what is committed."""
    texts = [
        p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".lock", ".csv", ".json"}
    ]
    for path in texts:
        if not {".venv", ".git", "figures", "records", "mine"} & set(path.relative_to(ROOT).parts[:2]):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(^|[\s\"'(])/(root|home|tmp|work)/\w", text), path.name
            assert not re.search(r"https?://[^\s\"]*(pypi\.org|pythonhosted|npmjs)", text), path.name
