"""Public sources by name: fetch, verify, keep.

`data/sources.toml` says what they are. A file goes to `data/cache/<name>/`, written aside and moved into place once
it is whole and has the sum it should have. `data/cache/fetched.csv` (FETCHED_COLUMNS) keeps what came: so a kept file
serves without a network, and a later fetch can say whether the source has changed.
"""

from __future__ import annotations

import hashlib
import re
import string
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import httpx
import pandas as pd

from kit.errors import DataError, SourceError, did_you_mean
from kit.places import find_state
from kit.sharing import DATA, as_rows, read_table, write_table

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

CACHE = DATA / "cache"
"""Folder of what was fetched; not in git."""

FETCHED_COLUMNS = ("name", "url", "sha256", "bytes")

_TRIES = 3
_WAIT = 1.0  # seconds before the second try, twice as long before the third
_SILENCE = 30.0  # seconds without a byte
_LONGEST = 1800.0  # seconds for one file, however steadily it drips
_REDIRECTS = 5
_SAFE_NAME = re.compile(r"\w[\w.-]*")
_VERIFIED = ("yes", "partly", "no")


class Remote(NamedTuple):
    """One file of a source: its address, the name to keep it under, its sha256 where it is pinned."""

    url: str
    name: str
    sha256: str = ""


@dataclass(frozen=True)
class Source:
    """A public source as `data/sources.toml` has it, where each field is described; `largest` is in bytes."""

    name: str
    title: str
    what: str
    page: str
    license: str
    credit: str
    largest: int
    verified: str
    checked: str
    note: str
    files: tuple[Remote, ...] = ()
    template: str = ""
    parameters: dict[str, list[str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    by_hand: str = ""
    hosts: tuple[str, ...] = ()

    def chosen(self, given: dict[str, str]) -> tuple[Remote, ...]:
        """Give the files to fetch; SourceError where a parameter is missing, not known, or not one of its choices."""
        if self.by_hand:
            raise SourceError(f"{self.name} has no address that the kit can fetch it from.", self.page, self.by_hand)
        if unknown := [key for key in given if key not in self.parameters]:
            do = f"Its parameters: {', '.join(self.parameters)}" if self.parameters else "Leave it out."
            raise SourceError(f"{self.name} takes no --{unknown[0]}.", "data/sources.toml", do)
        if not self.template:
            return self.files
        url = self.template.format(**{key: self._value(key, given) for key in self.parameters})
        return (_remote({"url": url}),)

    def _value(self, key: str, given: dict[str, str]) -> str:
        """Give a parameter as the address has it; a state by its two-digit code."""
        text = given.get(key) or self.defaults.get(key, "")
        if text.lower() in self.parameters[key]:
            return text.lower()
        if key == "state" and text:
            return find_state(text).geoid
        what = f'"{text}" is no {key} of {self.name}.' if text else f"{self.name} needs --{key}."
        raise SourceError(what, f"--{key}", f"One of: {', '.join(self.parameters[key])}")


@dataclass(frozen=True)
class Fetched:
    """A file that is here now: `news` is `fetched`, `unchanged`, `changed` (since the last fetch) or `kept`."""

    path: Path
    sha256: str
    size: int
    news: str


def load_sources(path: Path | None = None) -> dict[str, Source]:
    """Load the sources by name; DataError where an entry is not as its comment says, or its address not https."""
    path = path or DATA / "sources.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _source(name, entry) for name, entry in entries.items()}
    except (OSError, ValueError, TypeError, KeyError) as cause:
        raise DataError(
            "The list of sources cannot be read.", f"{path.name}: {cause}", "Correct that entry."
        ) from cause


def _source(name: str, entry: dict[str, Any]) -> Source:
    files = tuple(_remote(file) for file in entry.pop("files", ()))
    source = Source(name=name, files=files, **{**entry, "hosts": tuple(entry.get("hosts", ()))})
    if not _SAFE_NAME.fullmatch(name) or source.verified not in _VERIFIED or source.largest <= 0:
        raise ValueError(f"{name}: its name, `verified` or `largest` is not as it should be")
    if len({file.name.lower() for file in files}) < len(files):
        raise ValueError(f"{name}: two of its files would have one name")
    if sum(map(bool, (source.files, source.template, source.by_hand))) != 1:
        raise ValueError(f"{name}: one of files, template and by_hand is needed")
    if source.template and not source.template.startswith("https://"):
        raise ValueError(f"{name}: {source.template} is not https")
    if {word for _, word, _, _ in string.Formatter().parse(source.template) if word} != set(source.parameters):
        raise ValueError(f"{name}: the parameters are not those of the template")
    return source


def _remote(entry: dict[str, str]) -> Remote:
    """Give a file with a name that stays in its folder; ValueError where its address or sum is not one."""
    parts = urlsplit(entry["url"])
    name = entry.get("name") or unquote(parts.path.rpartition("/")[2])
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"{entry['url']} is not an https address")
    if not _SAFE_NAME.fullmatch(name):
        raise ValueError(f'"{name}" is not the name of a file')
    if not re.fullmatch(r"([0-9a-f]{64})?", entry.get("sha256", "")):
        raise ValueError(f"{name}: that is no sha256")
    return Remote(entry["url"], name, entry.get("sha256", ""))


def find_source(name: str) -> Source:
    """Find a source by its name; SourceError with the nearest name where there is none."""
    sources = load_sources()
    if name not in sources:
        what = f'There is no source "{name}".{did_you_mean(name, sources)}'
        raise SourceError(what, "data/sources.toml", "See the names with: kit sources")
    return sources[name]


def fetch(name: str, *, again: bool = False, **given: str) -> list[Fetched]:
    """Fetch the files of a source, or take those that are kept; `again` asks the network even so.

    `given` are the parameters of its template: year, layer, state. SourceError where a file did not come whole, is
    not the one it should be, is larger than the source may be, or where its address leads elsewhere: then nothing
    is written, and what was kept before stays.
    """
    source = find_source(name)
    return [_keep(source, remote, CACHE, again=again) for remote in source.chosen(given)]


def kept(source: Source, cache: Path | None = None) -> list[Path]:
    """Give the files of a source that are here, whether or not a network is."""
    folder = (cache or CACHE) / source.name
    return sorted(path for path in folder.glob("[!.]*") if path.is_file())


def _keep(source: Source, remote: Remote, cache: Path, *, again: bool, trust: ssl.SSLContext | None = None) -> Fetched:
    """Give a file from the cache, or fetch it into the cache; `trust` replaces the machine's certificates."""
    target = cache / source.name / remote.name
    before = _known(cache).get((source.name, remote.url), {}).get("sha256", "")
    if target.is_file() and not again and (expected := remote.sha256 or before):
        return _from_cache(source, target, expected)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=cache) as folder:
            aside = Path(folder) / remote.name
            _download(source, remote.url, aside, trust)
            got = _sum(aside)
            if remote.sha256 not in {"", got}:
                raise _not_the_one(source, remote, got)
            size = aside.stat().st_size
            target.parent.mkdir(exist_ok=True)
            aside.replace(target)
        _record(cache, source, remote, got, size)
    except SourceError as error:
        if again and target.is_file():
            error.do += " What was fetched before is still kept; without --again it is used."
        raise
    except OSError as cause:
        where = f"{target}: {cause.strerror or cause}"
        raise SourceError("The file cannot be kept.", where, "Make room there, or the folder writable.") from cause
    return Fetched(target, got, size, _news(before, got))


def _news(before: str, got: str) -> str:
    if not before:
        return "fetched"
    return "unchanged" if before == got else "changed"


def _from_cache(source: Source, target: Path, expected: str) -> Fetched:
    got = _sum(target)
    if got != expected:
        what = "The kept file is not the one that was fetched."
        raise SourceError(what, str(target), f"Fetch it anew: kit fetch {source.name} --again")
    return Fetched(target, got, target.stat().st_size, "kept")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(cache: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Give the lines of fetched.csv by source and address; there are none before the first fetch."""
    path = cache / "fetched.csv"
    rows = as_rows(read_table(path, FETCHED_COLUMNS)) if path.exists() else []
    return {(row["name"], row["url"]): row for row in rows}


def _record(cache: Path, source: Source, remote: Remote, got: str, size: int) -> None:
    line = dict(zip(FETCHED_COLUMNS, (source.name, remote.url, got, str(size)), strict=True))
    lines = {**_known(cache), (source.name, remote.url): line}
    write_table(pd.DataFrame([lines[key] for key in sorted(lines)]), cache / "fetched.csv")


def _not_the_one(source: Source, remote: Remote, got: str) -> SourceError:
    what = f"{remote.name} is not the file that the kit knows: its sha256 is {got[:12]}…, not {remote.sha256[:12]}…."
    return SourceError(what, remote.url, f"See what changed: {source.page}")


def _download(source: Source, url: str, aside: Path, trust: ssl.SSLContext | None) -> None:
    """Write what an address gives to a file, in at most three tries; SourceError where it does not come whole."""
    with _client(trust) as client:
        for attempt in range(1, _TRIES + 1):
            try:
                return _read(client, source, url, aside)
            except (httpx.RequestError, httpx.HTTPStatusError) as cause:
                if attempt == _TRIES or not _may_pass(cause):
                    raise _refusal(source, url, cause) from cause
            time.sleep(_WAIT * 2 ** (attempt - 1))
    return None


def _client(trust: ssl.SSLContext | None) -> httpx.Client:
    """Give a client with the machine's proxies and certificates; SourceError where these cannot be used."""
    try:
        headers = {"User-Agent": "sharing-lists-kit", "Accept-Encoding": "identity"}
        return httpx.Client(verify=trust or True, timeout=_SILENCE, headers=headers)
    except (ValueError, OSError, ImportError) as cause:
        where = "the proxy or certificate settings of this machine"
        raise SourceError(f"No connection can be made: {cause}", where, "Ask who set them up.") from cause


def _read(client: httpx.Client, source: Source, url: str, aside: Path) -> None:
    """Write one answer to a file, and stop where it is too long or takes too long."""
    until = time.monotonic() + _LONGEST
    size = 0
    with _answer(client, source, url) as response, aside.open("wb") as file:
        told = int(response.headers.get("Content-Length", 0))
        _check_size(source, url, told)
        with _progress(aside.name, told) as advance:
            for chunk in response.iter_bytes():
                size += len(chunk)
                _check_size(source, url, size)
                if time.monotonic() > until:
                    raise SourceError(f"{aside.name} takes too long to come.", url, "Try again later.")
                file.write(chunk)
                advance(len(chunk))


def _check_size(source: Source, url: str, size: int) -> None:
    if size > source.largest:
        what = f"The file is larger than the {source.largest / 1_000_000:g} MB that {source.name} may have."
        raise SourceError(what, url, f"See whether it is still the same source: {source.page}")


@contextmanager
def _answer(client: httpx.Client, source: Source, url: str) -> Iterator[httpx.Response]:
    """Give the answer at an address; follow redirects only to https, and to another host only if it is listed."""
    request = client.build_request("GET", url)
    allowed = {request.url.netloc.decode(), *source.hosts}
    for _ in range(_REDIRECTS):
        response = client.send(request, stream=True)
        try:
            if response.next_request is None:
                response.raise_for_status()
                yield response
                return
            request = response.next_request
        finally:
            response.close()
        if request.url.scheme != "https" or request.url.netloc.decode() not in allowed:
            what = f"{source.name} leads to {request.url.scheme}://{request.url.host}, which its entry does not list."
            raise SourceError(what, url, "If that is right, add the host to `hosts` in data/sources.toml.")
    raise SourceError(f"{source.name} leads from one address to the next.", url, "Try again later.")


def _may_pass(cause: httpx.RequestError | httpx.HTTPStatusError) -> bool:
    """Say whether another try may help: not against a refusal or a certificate that cannot be trusted."""
    if isinstance(cause, httpx.HTTPStatusError):
        return cause.response.is_server_error
    return not _untrusted(cause)


def _untrusted(cause: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(cause)


def _refusal(source: Source, url: str, cause: httpx.RequestError | httpx.HTTPStatusError) -> SourceError:
    """Say why a file did not come, and what to do."""
    host = urlsplit(url).hostname
    if isinstance(cause, httpx.HTTPStatusError):
        do = "Try again later." if cause.response.is_server_error else f"{source.note} See {source.page}"
        return SourceError(f"{host} answered {cause.response.status_code} {cause.response.reason_phrase}.", url, do)
    if _untrusted(cause):
        return SourceError(f"{host} shows a certificate that this machine does not trust.", url, "Ask who set it up.")
    if isinstance(cause, httpx.TimeoutException):
        return SourceError(f"{host} did not answer in time, in {_TRIES} tries.", url, "Try again later.")
    if isinstance(cause, httpx.ConnectError | httpx.ProxyError):
        return SourceError(f"{host} cannot be reached.", url, "Check the connection and try again.")
    return SourceError(f"{host} broke off before the file was whole, in {_TRIES} tries.", url, "Try again later.")


@contextmanager
def _progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while a file comes, where somebody sits at a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=total or None)
        yield lambda count: bar.advance(task, count)
