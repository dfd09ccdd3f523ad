"""What a page was made from, kept in its folder: a page is made again only where something of that changed."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
NAME = "manifest.json"

_NOT_READ = {"records", "make"}  # of data/: what no notebook reads
_NOT_OURS = {"__pycache__", ".mypy_cache"}


def inputs(notebook: Path, values: Mapping[str, object]) -> str:
    """Give the sha256 of all that a page depends on: notebook, parameters, lists and tables, kit, lock, Python."""
    parts = [*_shared(), notebook.name, _sha256(notebook), json.dumps(values, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write_manifest(folder: Path, notebook: Path, values: Mapping[str, object], made_from: str) -> None:
    """Write `manifest.json` into a finished folder: notebook, parameters, inputs, the sha256 of each file."""
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
    said = {"notebook": notebook.name, "parameters": dict(values), "inputs": made_from, "files": files}
    (folder / NAME).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def is_current(folder: Path, made_from: str) -> bool:
    """Tell whether a folder was made from these inputs and is whole: every file as it was written."""
    try:
        said: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return said["inputs"] == made_from and all(
            _sha256(folder / name) == digest for name, digest in said["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _shared() -> tuple[str, ...]:
    """Give what all pages depend on, each file with its digest; read once, as the tables themselves are."""
    version = ".".join(platform.python_version_tuple()[:2])
    return (version, *(f"{path.relative_to(ROOT).as_posix()} {_sha256(path)}" for path in _files()))


def _files() -> Iterator[Path]:
    yield ROOT / "requirements.lock"
    for folder in (ROOT / "kit", *(path for path in sorted((ROOT / "data").iterdir()) if path.name not in _NOT_READ)):
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and not _NOT_OURS & set(path.parts):
                yield path
