"""Write requirements.lock and environment.yml from pyproject.toml (`make lock`).

Needs the package registry and `uv`. Versions already locked are kept where they still fit;
`make lock ARGS=--upgrade` takes the newest of all.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / "environment.yml"

# Names that conda-forge has otherwise than the Python registry.
CONDA_NAMES: dict[str, str] = {}
# conda-forge is a major version behind with these; pip gets them as the kit's own dependencies.
NOT_FROM_CONDA = {"pypdfium2"}

LOCK_HEADER = """\
# Exact versions of all that the kit, its tests and its build need, on every system, Python {python}.
# Made from pyproject.toml by `make lock`; change that, not this.
# pyproject.toml sha256:{digest}
"""
ENVIRONMENT_HEADER = """\
# For conda users: conda env create -f environment.yml && conda activate sharing-lists
# Made from pyproject.toml by `make lock`; change that, not this. (Everybody else: make setup.)
"""


def load_project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))


def locked_requirements(project: dict[str, Any]) -> list[str]:
    """Return the requirements that requirements.lock must meet: to run, to test and to build the kit."""
    about = project["project"]
    return [
        *about["dependencies"],
        *about["optional-dependencies"]["test"],
        *project["build-system"]["requires"],
    ]


def digest(project: dict[str, Any]) -> str:
    """Return the sha256 that ties requirements.lock to the requirements it was made from."""
    told = [project["project"]["requires-python"], *locked_requirements(project)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def lock_text(project: dict[str, Any], *options: str) -> str:
    """Return requirements.lock as uv resolves it for every system and every Python that the kit runs on."""
    python = project["project"]["requires-python"]
    oldest = re.search(r">=([\d.]+)", python)[1]
    command = [
        *(sys.executable, "-m", "uv", "--quiet", "pip", "compile", "-"),
        *("--universal", "--python-version", oldest),
        # One version of a library for all Pythons: the same figures everywhere.
        *("--fork-strategy", "fewest"),
        *("--generate-hashes", "--no-header", "--output-file", LOCK.name, *options),
    ]
    asked = "\n".join(locked_requirements(project))
    subprocess.run(command, cwd=ROOT, input=asked, text=True, check=True, stdout=subprocess.DEVNULL)
    pins = LOCK.read_text(encoding="utf-8").replace("-r -", "pyproject.toml")
    return LOCK_HEADER.format(python=python, digest=digest(project)) + pins


def environment_text(project: dict[str, Any]) -> str:
    """Return environment.yml: the kit's dependencies by their conda-forge names, and the kit itself."""
    lines = ["name: sharing-lists", "channels:", "  - conda-forge", "  - nodefaults", "dependencies:"]
    lines.append(f"  - python {project['project']['requires-python']}")
    for requirement in project["project"]["dependencies"]:
        name, bound = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()
        if name not in NOT_FROM_CONDA:
            lines.append(f"  - {CONDA_NAMES.get(name, name)} {bound}".rstrip())
    lines += ["  - pip", "  - pip:", "      - -e ."]
    return ENVIRONMENT_HEADER + "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    project = load_project()
    LOCK.write_text(lock_text(project, *sys.argv[1:]), encoding="utf-8")
    ENVIRONMENT.write_text(environment_text(project), encoding="utf-8")


if __name__ == "__main__":
    main()
