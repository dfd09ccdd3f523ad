"""What a page was made from, kept in its folder: a page is made again only where something of that changed."""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
NAME = "manifest.json"
ASKED = ".asked.json"
"""What a notebook asked of the lists while it ran, with a digest of each answer (`scope.lists_about` writes it)."""

_NOT_READ = {"records", "make"}  # of data/: what no notebook reads
_LISTS = {"lists", "rulings"}  # of data/: what `lists_about` gives, of which a page sees a part
_NOT_OURS = {"__pycache__", ".mypy_cache"}


def inputs(notebook: Path, values: Mapping[str, object]) -> str:
    """Give two digests of what a page depends on: of notebook, parameters, tables, kit, lock, Python; of all lists."""
    own = [notebook.name, _sha256(notebook), json.dumps(values, sort_keys=True)]
    return f"{_together([*_shared(), *own])} {_together(_lists())}"


def write_manifest(folder: Path, notebook: Path, values: Mapping[str, object], made_from: str) -> None:
    """Write `manifest.json` into a finished folder: what it was made from, what was asked of the lists, its files."""
    asked = folder / ASKED
    known = json.loads(asked.read_text(encoding="utf-8")) if asked.is_file() else {}
    asked.unlink(missing_ok=True)
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
    said = {"notebook": notebook.name, "parameters": dict(values), "inputs": made_from, "lists": known, "files": files}
    (folder / NAME).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def is_current(folder: Path, made_from: str) -> bool:
    """Tell whether a folder was made from these inputs and is whole: every file as it was written.

    Where lists or rulings changed since, a page holds whose notebook would be given the same of them again.
    """
    try:
        said: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return _holds(said["inputs"], said["lists"], made_from) and all(
            _sha256(folder / name) == digest for name, digest in said["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _holds(was: str, asked: Mapping[str, str], made_from: str) -> bool:
    if was == made_from:
        return True
    if not asked or was.partition(" ")[0] != made_from.partition(" ")[0]:
        return False
    from kit.scope import digest

    return all(digest(question) == answer for question, answer in asked.items())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _together(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _shared() -> tuple[str, ...]:
    """Give what all pages depend on beside the lists, each file with its digest; read once, as the tables are."""
    version = ".".join(platform.python_version_tuple()[:2])
    tables = (path for path in sorted((ROOT / "data").iterdir()) if path.name not in _NOT_READ | _LISTS)
    return (version, *_told(ROOT / "requirements.lock", ROOT / "kit", *tables))


@cache
def _lists() -> tuple[str, ...]:
    return tuple(_told(*(ROOT / "data" / name for name in sorted(_LISTS))))


def _told(*where: Path) -> Iterator[str]:
    for folder in where:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and not _NOT_OURS & set(path.parts):
                yield f"{path.relative_to(ROOT).as_posix()} {_sha256(path)}"
