"""Where pages go: a folder that all see, or an fsspec place such as a bucket, where nothing can be renamed.

A page in an fsspec place is whole while its manifest is there: it goes first and comes last. Beside the pages,
under `.batch`, stands of each what the index says of it, so that a run reads a few kilobytes a page.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kit.errors import RunError
from kit.manifest import NAME as MANIFEST
from kit.pool import STATE, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

FORMER = ("changes.json", "findings.json", "notebook.ipynb", "sharing.csv")
"""What of a former page the new one is compared with (`page.changes`)."""
_CARD = ".card.json"
_WAS = ".was.json"
_MARK = "run"
_AT_ONCE = 32
"""Requests to an fsspec place under way at once."""
_PICTURED = 1_000
"""Pages up to which an index has pictures: in a larger one none is small enough."""


class Shelf(Protocol):
    """Where pages go, as whoever makes them sees it."""

    def mark(self, run: str) -> None:
        """Leave a mark of a run; RunError where nothing can be written."""

    def marked(self) -> str:
        """Give the mark that stands there; empty where none can be seen."""

    def unmark(self, run: str) -> None:
        """Take the mark of a run away."""

    def room(self, scratch: Path) -> AbstractContextManager[Path]:
        """Give a folder to make pages in, which is gone afterwards."""

    def bring(self, slug: str, figures: Path) -> None:
        """Bring of the page that stands what tells whether it holds, and what a new one is compared with."""

    def put(self, folder: Path) -> None:
        """See that a finished page stands in the place of the former one."""


def shelf(address: str) -> Shelf:
    """Open a folder or an fsspec address; RunError where its kind is unknown or its library not there."""
    return Store(address) if "://" in address else Folder(Path(address))


class Folder:
    """A folder that all who make pages see: a page comes into it by one rename."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mark(self, run: str) -> None:
        """Leave a mark of a run."""
        (self.path / STATE / _MARK).write_text(run, encoding="utf-8")

    def marked(self) -> str:
        """Give the mark that stands there; empty where none can be seen."""
        try:
            return (self.path / STATE / _MARK).read_text(encoding="utf-8")
        except OSError:
            return ""

    def unmark(self, run: str) -> None:
        """Take the mark of a run away."""
        if self.marked() == run:
            (self.path / STATE / _MARK).unlink()

    @contextmanager
    def room(self, scratch: Path) -> Iterator[Path]:  # noqa: ARG002  (pages are made where they go)
        """Give the folder itself: a page comes into it by a rename."""
        yield self.path

    def bring(self, slug: str, figures: Path) -> None:
        """Bring nothing: the page stands there."""

    def put(self, folder: Path) -> None:
        """Leave it where it was put."""


class Store:
    """An fsspec place: `s3://bucket/folder`, `file:///folder`, `memory://folder`."""

    def __init__(self, address: str) -> None:
        """Open an address; RunError where its scheme is unknown or its library is not there."""
        from fsspec.core import url_to_fs

        self.address = address.rstrip("/")
        try:
            self.fs, root = url_to_fs(self.address)
        except ImportError as cause:
            what = f"A library is missing: {str(cause).rstrip('.')}."
            do = "Install it beside the kit, for s3:// with: .venv/bin/uv pip install s3fs"
            raise RunError(what, self.address, do) from cause
        except Exception as cause:
            what = f"The place to write to cannot be opened: {_words(cause)}."
            do = "Give a folder, or an address such as s3://bucket/folder."
            raise RunError(what, self.address, do) from cause
        self.root = root.rstrip("/")

    def mark(self, run: str) -> None:
        """Leave a mark of a run; RunError where nothing can be written."""
        try:
            self._write(f"{STATE}/{_MARK}", run.encode())
        except Exception as cause:
            what = f"The place cannot be written to: {_words(cause)}."
            do = "Check the address, that its bucket or folder is there, and your right to write to it."
            raise RunError(what, self.address, do) from cause

    def marked(self) -> str:
        """Give the mark that stands there; empty where none can be seen."""
        return (self._read(f"{STATE}/{_MARK}") or b"").decode()

    @contextmanager
    def room(self, scratch: Path) -> Iterator[Path]:
        """Give a folder of this machine to make pages in."""
        with tempfile.TemporaryDirectory(prefix="kit-", dir=scratch) as room:
            yield Path(room)

    def bring(self, slug: str, figures: Path) -> None:
        """Bring the manifest of a whole page and what a new one is compared with."""
        (figures / slug).mkdir()
        if self.bring_manifest(slug, figures):
            for name in FORMER:
                if (content := self._read(f"{slug}/{name}")) is not None:
                    (figures / slug / name).write_bytes(content)

    def bring_manifest(self, slug: str, figures: Path) -> bool:
        """Bring the manifest where all files that it names are there, and tell so; it then names none."""
        said = self._manifest(slug)
        if said is None or not said["files"].keys() <= self._names(slug):
            return False
        (figures / slug).mkdir(exist_ok=True)
        write_json(figures / slug / MANIFEST, said | {"files": {}})
        return True

    def put(self, folder: Path) -> None:
        """Put the files of a finished page, its manifest last, and remove the folder.

        What the former page had and this has not goes; what others put beside it stays.
        """
        slug = folder.name
        self._keep_former(slug)
        former = self._manifest(slug) or {"files": {}}
        self._remove([f"{slug}/{MANIFEST}"])
        names = [path.name for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST]
        here, there = [str(folder / name) for name in names], [self._at(f"{slug}/{name}") for name in names]
        self._within(slug, lambda: self.fs.put(here, there))
        self._remove([f"{slug}/{name}" for name in former["files"].keys() - set(names)])
        self._write(f"{STATE}/{slug}{_CARD}", _card(folder))
        self._write(f"{slug}/{MANIFEST}", (folder / MANIFEST).read_bytes())
        shutil.rmtree(folder)

    def fetch(self, figures: Path, places: Sequence[str]) -> None:
        """Bring into an empty folder what a run needs: cards, former numbers, pictures, manifests of the places."""
        names = sorted(self._names(STATE))
        slugs = [name.removesuffix(_CARD) for name in names if name.endswith(_CARD)]
        with ThreadPoolExecutor(_AT_ONCE) as hands:
            list(hands.map(lambda slug: self.bring_manifest(slug, figures), places))
            list(
                hands.map(lambda name: self._bring(f"{STATE}/{name}", figures), (n for n in names if n.endswith(_WAS)))
            )
        self._bring("run.json", figures)
        self.fetch_cards(figures, slugs)

    def fetch_cards(self, figures: Path, slugs: Iterable[str]) -> None:
        """Bring what the index says of pages, in the files that a page itself has, and their pictures where few."""
        slugs = list(slugs)
        with ThreadPoolExecutor(_AT_ONCE) as hands:
            list(hands.map(lambda slug: self._bring_card(slug, figures, picture=len(slugs) <= _PICTURED), slugs))

    def _bring_card(self, slug: str, figures: Path, *, picture: bool) -> None:
        content = self._read(f"{STATE}/{slug}{_CARD}")
        if content is None:
            return
        said = json.loads(content)
        (figures / slug).mkdir(exist_ok=True)
        write_json(figures / slug / "findings.json", said["findings"])
        if picture and said["map"]:
            name = said["map"]["name"]
            write_json(figures / slug / f"{name}.figure.json", said["map"])
            self._bring(f"{slug}/{name}.png", figures)

    def finish(self, figures: Path) -> None:
        """Put run.json and the index; then what each number was before may go."""
        for name in ("run.json", "index.html"):
            self._write(name, (figures / name).read_bytes())
        self._remove([f"{STATE}/{name}" for name in self._names(STATE) if name.endswith(_WAS)])

    def unmark(self, run: str) -> None:
        """Take the mark of a run away; where the place is out of reach it stays, and the next run's takes its place."""
        with suppress(Exception):
            if self.marked() == run:
                self._remove([f"{STATE}/{_MARK}"])

    def _keep_former(self, slug: str) -> None:
        """Keep what the page says, for the run that ends whole, but for what a stopped run kept: it is older."""
        kept = f"{STATE}/{slug}{_WAS}"
        if self._read(kept) is None:
            card = self._read(f"{STATE}/{slug}{_CARD}")
            self._write(kept, b"null" if card is None else json.dumps(numbers(json.loads(card)["findings"])).encode())

    def _manifest(self, slug: str) -> dict[str, Any] | None:
        try:
            said: dict[str, Any] = json.loads(self._read(f"{slug}/{MANIFEST}") or b"")
        except ValueError:
            return None
        return said if isinstance(said, dict) and isinstance(said.get("files"), dict) else None

    def _names(self, folder: str) -> set[str]:
        self.fs.invalidate_cache()
        try:
            return {path.rpartition("/")[2] for path in self.fs.ls(self._at(folder), detail=False)}
        except FileNotFoundError:
            return set()

    def _bring(self, name: str, figures: Path) -> None:
        if (content := self._read(name)) is not None:
            (figures / name).parent.mkdir(exist_ok=True)
            (figures / name).write_bytes(content)

    def _read(self, name: str) -> bytes | None:
        try:
            return bytes(self.fs.cat_file(self._at(name)))
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        self._within(name.rpartition("/")[0], lambda: self.fs.pipe_file(self._at(name), content))

    def _within(self, folder: str, write: Callable[[], object]) -> None:
        """Write; where the place has folders and this one is not there it is made. A bucket never is."""
        try:
            write()
        except FileNotFoundError:
            if not folder:
                raise
            with suppress(FileExistsError):
                self.fs.mkdir(self._at(folder), create_parents=False)
            write()

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                self.fs.rm_file(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root


def numbers(said: dict[str, Any] | None) -> dict[str, list[str]] | None:
    """Give the numbers of a page by id, those of the headline first: label and text."""
    if said is None:
        return None
    found = {one["id"]: [one["label"], one["text"]] for one in said["findings"]}
    return {name: found[name] for name in dict.fromkeys([*said["headline"], *found])}


def _card(folder: Path) -> bytes:
    """Give what the index says of a page: its numbers without their rows, and its first map."""
    from kit.index import still_maps

    said = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    shown = ("id", "label", "text", "low", "sentence")
    findings = [{name: one[name] for name in shown} for one in said["findings"]]
    told = {name: said[name] for name in ("place", "as_of", "headline")} | {"findings": findings}
    first = next(still_maps(folder), None)
    drawn = first and first | {"kind": "map"}
    return json.dumps({"findings": told, "map": drawn}, ensure_ascii=False).encode()


def _words(cause: Exception) -> str:
    return f"{type(cause).__name__}: {cause}".rstrip(".: ").partition("\n")[0]
