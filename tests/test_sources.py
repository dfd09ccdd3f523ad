"""Public sources: what comes is whole and the one it should be, or nothing is kept.

The server is on loopback, with a certificate made for the test; no other address is asked.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from kit import sources
from kit.cli import main
from kit.errors import DataError, KitError, SourceError
from kit.sharing import as_rows, read_table
from kit.sources import FETCHED_COLUMNS, Remote, Source, fetch, find_source, kept, load_sources

BODY = b"src_agency,external_agency\nSylvania OH PD,Adrian MI PD\n"
SUM = hashlib.sha256(BODY).hexdigest()
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


class Server(ThreadingHTTPServer):
    """A source that gives, one after the other, the answers it is told to, and then the last one again."""

    daemon_threads = True

    def __init__(self, secret: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), Handler)
        self.socket = secret.wrap_socket(self.socket, server_side=True)
        self.answers: list[str] = []
        self.asked: list[str] = []
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def root(self) -> str:
        """Give the address that paths are put behind."""
        return f"https://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing of a client that went away."""

    def stop(self) -> None:
        """Let waiting answers go, and close the port."""
        self.closing.set()
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers as the server is told: `ok`, a status, `to ADDRESS`, or a way to fail."""

    server: Server

    def do_GET(self):
        """Give the next answer."""
        self.server.asked.append(self.path)
        answers = self.server.answers or ["ok"]
        answer = answers[min(len(self.server.asked), len(answers)) - 1]
        word, _, rest = answer.partition(" ")
        if word.isdigit():
            self.head(int(word), 0)
        elif word == "to":
            self.head(302, 0, Location=rest.replace("HERE", f"127.0.0.1:{self.server.server_port}"))
        else:
            getattr(self, word)()

    def head(self, status: int, length: int | None, **headers: str) -> None:
        """Send a status and headers, with the length of the body where there is one."""
        self.send_response(status)
        for name, value in (headers if length is None else {"Content-Length": str(length), **headers}).items():
            self.send_header(name, value)
        self.end_headers()

    def ok(self) -> None:
        """Send the file."""
        self.head(200, len(BODY))
        self.wfile.write(BODY)

    def other(self) -> None:
        """Send another file of the same length."""
        self.head(200, len(BODY))
        self.wfile.write(BODY[::-1])

    def slow(self) -> None:
        """Say nothing for longer than anybody waits."""
        self.server.closing.wait(2)

    def reset(self) -> None:
        """Close the connection without a word."""

    def half(self) -> None:
        """Promise the whole file and send a part."""
        self.head(200, len(BODY))
        self.wfile.write(BODY[:20])

    def huge(self) -> None:
        """Promise a terabyte."""
        self.head(200, 10**12)
        self.wfile.write(BODY)

    def endless(self) -> None:
        """Promise nothing and never stop."""
        self.head(200, None)
        while not self.server.closing.is_set():
            self.wfile.write(b"x" * 10_000)

    def drip(self) -> None:
        """Send a byte at a time."""
        self.head(200, len(BODY))
        for byte in BODY:
            self.wfile.write(bytes([byte]))
            self.server.closing.wait(0.05)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def server(authority):
    secret = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(secret)
    server = Server(secret)
    yield server
    if not server.closing.is_set():
        server.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No proxy between the test and its own server; short waits."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sources, "_WAIT", 0.01)
    monkeypatch.setattr(sources, "_SILENCE", 0.4)


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "a cache"


def at(root: str, *, sha256: str = "", **changes) -> Source:
    blank = dict.fromkeys(("title", "what", "license", "credit", "checked", "note"), "…")
    files = (Remote(f"{root}/data/pairs.csv", "pairs.csv", sha256),)
    source = Source(name="pairs", page="https://example.org/", largest=1000, verified="yes", files=files, **blank)
    return replace(source, **changes)


def keep(source: Source, cache: Path, trust: ssl.SSLContext | None, *, again: bool = False) -> sources.Fetched:
    return sources._keep(source, source.files[0], cache, again=again, trust=trust)


def there(cache: Path) -> dict[str, bytes]:
    return {str(path.relative_to(cache)): path.read_bytes() for path in cache.rglob("*") if path.is_file()}


def refused(source: Source, cache: Path, trust: ssl.SSLContext | None, *, again: bool = False) -> str:
    """Give the three lines of a refusal, after which the cache is as it was, to the byte."""
    before = there(cache)
    with pytest.raises(SourceError) as error:
        keep(source, cache, trust, again=again)
    assert there(cache) == before
    assert not [path for path in cache.rglob("*") if path.name.endswith(".part")]
    assert len(str(error.value).splitlines()) == 3
    return str(error.value)


# --- what comes ---


def test_a_file_is_fetched_and_noted(server, trust, cache):
    """The bytes as sent, in a folder of the source's name; fetched.csv says from where, which sum, how many."""
    got = keep(at(server.root, sha256=SUM), cache, trust)
    assert (got.news, got.sha256, got.size) == ("fetched", SUM, len(BODY))
    assert got.path == cache / "pairs" / "pairs.csv"
    assert got.path.read_bytes() == BODY
    rows = as_rows(read_table(cache / "fetched.csv", FETCHED_COLUMNS))
    address = f"{server.root}/data/pairs.csv"
    assert rows == [{"name": "pairs", "url": address, "sha256": SUM, "bytes": str(len(BODY))}]
    assert kept(at(server.root), cache) == [got.path]


def test_what_is_kept_needs_no_network(server, trust, cache):
    """Once fetched, the kept file is used and said to be; the server is not asked again, nor need it be there."""
    keep(at(server.root), cache, trust)
    assert keep(at(server.root), cache, trust).news == "kept"
    assert len(server.asked) == 1
    server.stop()
    assert keep(at(server.root), cache, trust).news == "kept"


def test_a_new_fetch_says_whether_the_source_changed(server, trust, cache):
    """`--again` asks the server; the sum of the last fetch tells `unchanged` from `changed`."""
    server.answers = ["ok", "ok", "other"]
    news = [keep(at(server.root), cache, trust, again=True).news for _ in range(3)]
    assert news == ["fetched", "unchanged", "changed"]
    assert (cache / "pairs" / "pairs.csv").read_bytes() == BODY[::-1]
    assert len(as_rows(read_table(cache / "fetched.csv"))) == 1


@pytest.mark.parametrize("trouble", ["500", "503", "slow", "half", "reset"])
def test_a_passing_trouble_is_tried_again(server, trust, cache, trouble):
    """After an error of the server, silence, half a body or a reset, the next try brings the whole file."""
    server.answers = [trouble, "ok"]
    assert keep(at(server.root), cache, trust).path.read_bytes() == BODY
    assert len(server.asked) == 2


def test_a_redirect_on_the_same_host_is_followed(server, trust, cache):
    """The file is kept under the name of the entry, whatever the last address is called."""
    server.answers = ["to /elsewhere/else.txt", "ok"]
    assert keep(at(server.root), cache, trust).path.name == "pairs.csv"
    assert server.asked == ["/data/pairs.csv", "/elsewhere/else.txt"]


def test_a_redirect_to_a_listed_host_is_followed(server, trust, cache):
    """A host that the entry lists is one that the source is known to use."""
    other = f"localhost:{server.server_port}"
    server.answers = [f"to https://{other}/pairs.csv", "ok"]
    assert keep(at(server.root, hosts=(other,)), cache, trust).news == "fetched"


# --- what is refused ---


@pytest.mark.parametrize(
    "case",
    [
        ("500", "answered 500", 3),
        ("404", "answered 404 Not Found", 1),
        ("403", "answered 403", 1),
        ("304", "answered 304", 1),
        ("slow", "did not answer in time", 3),
        ("half", "broke off before the file was whole", 3),
        ("reset", "broke off", 3),
        ("huge", "larger than the 0.001 MB", 1),
        ("endless", "larger than the 0.001 MB", 1),
        ("to http://HERE/pairs.csv", "leads to http://127.0.0.1", 1),
        ("to http://localhost:1/pairs.csv", "leads to http://localhost", 1),
        ("to https://localhost:1/pairs.csv", "leads to https://localhost", 1),
        ("to file:///etc/passwd", "leads to file://", 1),
        ("to /pairs.csv", "from one address to the next", 5),
    ],
)
@pytest.mark.parametrize("before", [False, True], ids=["nothing kept", "something kept"])
def test_what_does_not_come_whole_is_refused(server, trust, cache, case, before):
    """Three lines, tries only where they may help, and the cache as it was: nothing half-written, nothing lost."""
    trouble, says, tries = case
    if before:
        keep(at(server.root), cache, trust)
        server.asked.clear()
    server.answers = [trouble]
    started = time.monotonic()
    error = refused(at(server.root), cache, trust, again=before)
    assert says in error
    assert ("still kept" in error) == before
    assert len(server.asked) == tries
    assert time.monotonic() - started < 5


def test_a_file_with_another_sum_is_refused(server, trust, cache):
    """Where the sum is pinned, another file is never kept, and both sums are told."""
    error = refused(at(server.root, sha256="0" * 64), cache, trust)
    assert f"{SUM[:12]}…, not 000000000000…" in error
    keep(at(server.root, sha256=SUM), cache, trust)
    server.answers = ["other"]
    refused(at(server.root, sha256=SUM), cache, trust, again=True)


def test_a_file_that_drips_is_given_up(server, trust, cache, monkeypatch):
    """A server that never falls silent and never ends does not hold the reporter up for ever."""
    monkeypatch.setattr(sources, "_LONGEST", 0.2)
    server.answers = ["drip"]
    assert "takes too long" in refused(at(server.root), cache, trust)


def test_a_kept_file_that_was_changed_is_not_used(server, trust, cache):
    """A file that is no longer the one that was fetched is named, with what to type."""
    got = keep(at(server.root), cache, trust)
    got.path.write_bytes(b"edited")
    assert "kit fetch pairs --again" in refused(at(server.root), cache, trust)
    assert keep(at(server.root), cache, trust, again=True).path.read_bytes() == BODY


def test_without_a_network_the_error_says_so(cache, trust):
    """Nothing listens there: after the tries, three lines."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "127.0.0.1 cannot be reached." in refused(
            at(f"https://127.0.0.1:{taken.getsockname()[1]}"), cache, trust
        )


def test_without_a_network_the_file_of_before_stays(server, trust, cache):
    """`--again` without a network is an error that names the kept file; without it, the kept file serves."""
    keep(at(server.root), cache, trust)
    server.stop()
    assert "still kept; without --again it is used" in refused(at(server.root), cache, trust, again=True)
    assert keep(at(server.root), cache, trust).news == "kept"


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(server, cache, monkeypatch):
    """Trying again would not help, and nothing is asked of such a server."""
    monkeypatch.setattr(sources.time, "sleep", lambda _: pytest.fail("tried again"))
    assert "certificate that this machine does not trust" in refused(at(server.root), cache, None)
    assert server.asked == []


def test_settings_of_the_machine_that_cannot_be_used_are_named(server, trust, cache, monkeypatch):
    """A proxy that is no address is said in words."""
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy")
    assert "proxy or certificate settings" in refused(at(server.root), cache, trust)


def test_a_folder_that_cannot_be_written_is_named(server, trust, tmp_path):
    """A file where the cache should be: three lines, and the file is as it was."""
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(SourceError, match="cannot be kept"):
        keep(at(server.root), tmp_path / "cache", trust)
    assert (tmp_path / "cache").read_text() == "a file"


# --- the list of sources ---

ENTRY = """
[pairs]
title = "…"
what = "…"
page = "https://example.org/"
license = "MIT"
credit = "…"
largest = 1000
verified = "yes"
checked = "2026-11-22"
note = "…"
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('files = [{ url = "http://example.org/a.csv" }]', "not an https address"),
        ('files = [{ url = "https://example.org/a/..%2F..%2Fb.csv" }]', "not the name of a file"),
        ('files = [{ url = "https://example.org/a/.." }]', "not the name of a file"),
        ('files = [{ url = "https://example.org/a.csv", name = "../a.csv" }]', "not the name of a file"),
        ('files = [{ url = "https://example.org/a.csv", name = "/a.csv" }]', "not the name of a file"),
        ('files = [{ url = "https://example.org/" }]', "not the name of a file"),
        ('files = [{ url = "https://example.org/a.csv", sha256 = "abc" }]', "no sha256"),
        ('files = [{ url = "https://a.org/a.csv" }, { url = "https://b.org/A.csv" }]', "one name"),
        ('template = "http://example.org/{year}.zip"\nparameters = { year = ["2020"] }', "not https"),
        ('template = "https://example.org/{year}.zip"', "not those of the template"),
        ('by_hand = "Ask."\nnonsense = 1', "nonsense"),
        ("files = []", "one of files, template and by_hand"),
    ],
)
def test_an_entry_that_could_do_harm_is_refused(tmp_path, text, says):
    """Plain http, a name that leaves the folder, a sum that is none: the list is refused, and the entry told."""
    path = tmp_path / "sources.toml"
    path.write_text(ENTRY + text, encoding="utf-8")
    with pytest.raises(DataError, match=says) as error:
        load_sources(path)
    assert len(str(error.value).splitlines()) == 3


def test_the_sources_say_how_sure_they_are():
    """Each has license, credit, page and a day; what has no address says how to get it and is never `yes`."""
    for name, source in load_sources().items():
        assert all((source.title, source.what, source.license, source.credit, source.note)), name
        assert source.page.startswith("https://")
        assert re.fullmatch(r"2026-11-2\d", source.checked)
        assert (source.verified == "no") == bool(source.by_hand)
    assert len(find_source("flock-georgia").files) == 11


@pytest.mark.parametrize("name", ["news-observer", "orange-county-2020", "orange-county-2025"])
def test_a_pinned_sum_is_that_of_the_copy_here(name):
    """Where a copy lies beside the repository, the pinned sum is its own."""
    pinned = {file.sha256 for file in find_source(name).files if file.sha256}
    copies = [path for folder in ("newsobserver", "records") for path in (SHARED / folder).glob("*.[cp]*")]
    if not copies:
        pytest.skip("the copies are kept beside the repository, not in it")
    assert pinned
    assert pinned <= {hashlib.sha256(path.read_bytes()).hexdigest() for path in copies}


def test_a_census_file_is_named_by_year_layer_and_state():
    """The state by name, postal code or number; the whole country without one."""
    census = find_source("census-boundaries")
    for state, code in (("California", "06"), ("ca", "06"), ("06", "06"), ("", "us"), ("US", "us")):
        (file,) = census.chosen({"year": "2025", "layer": "place", "state": state})
        assert file.url == f"https://www2.census.gov/geo/tiger/GENZ2025/shp/cb_2025_{code}_place_500k.zip"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layer": "place"}, "needs --year"),
        ({"year": "2025"}, "needs --layer"),
        ({"year": "1066", "layer": "place"}, '"1066" is no year'),
        ({"year": "2025", "layer": "../../x"}, '"../../x" is no layer'),
        ({"year": "2025", "layer": "place", "state": "Californa"}, 'Did you mean "California"'),
        ({"year": "2025", "layer": "place", "city": "Irvine"}, "takes no --city"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_asked(given, says):
    """Three lines with the choices; nothing that is typed reaches the address unless it is one of them."""
    with pytest.raises(KitError) as error:
        find_source("census-boundaries").chosen(given)
    assert says in str(error.value)
    assert len(str(error.value).splitlines()) == 3


# --- the commands ---


def kit(monkeypatch, capsys, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["kit", *words])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


def test_kit_sources_shows_them_all(monkeypatch, capsys):
    """Every name whole, license and credit, how sure the address is, and what is by hand."""
    code, out, _ = kit(monkeypatch, capsys, "sources")
    assert code == 0
    for name in load_sources():
        assert name in out
    for words in ("MIT, The News &", "CC0-1.0", "200 MB", "partly", "no, by hand"):
        assert words in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("news-obsrver",), 'Did you mean "news-observer"?'),
        (("../news-observer",), "There is no source"),
        (("irvine-2025",), "kit add FILE"),
        (("news-observer", "--year", "2025"), "takes no --year"),
    ],
)
def test_kit_fetch_refuses_in_three_lines(monkeypatch, capsys, words, says):
    """A name that is not known, or a source that is got by hand: what, where, what to do, and exit code 2."""
    code, _, err = kit(monkeypatch, capsys, "fetch", *words)
    assert code == 2
    assert says in err
    assert len(err.strip().splitlines()) == 3


@pytest.fixture
def listed(server, authority, monkeypatch, tmp_path):
    """Make a list with one source, on the test's server, whose certificate the machine trusts by its settings."""
    (tmp_path / "sources.toml").write_text(ENTRY + f'files = [{{ url = "{server.root}/pairs.csv" }}]', encoding="utf-8")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(sources, "DATA", tmp_path)
    monkeypatch.setattr(sources, "CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    return server


@pytest.mark.usefixtures("listed")
def test_kit_fetch_says_what_came_and_whom_to_credit(monkeypatch, capsys):
    """The path, whether it is new, its sum, the credit; no bar where nobody sits at a terminal."""
    code, out, err = kit(monkeypatch, capsys, "fetch", "pairs")
    assert (code, err) == (0, "")
    path = Path("cache") / "pairs" / "pairs.csv"
    assert out.splitlines()[0] == f"{path}: fetched, {len(BODY)} bytes, sha256 {SUM}"
    assert "Credit: … (MIT)" in out
    assert "1 of 1" in kit(monkeypatch, capsys, "sources")[1]
    assert ": kept, " in kit(monkeypatch, capsys, "fetch", "pairs")[1]
    assert ": unchanged, " in kit(monkeypatch, capsys, "fetch", "pairs", "--again")[1]


@pytest.mark.usefixtures("listed")
def test_a_bar_is_shown_at_a_terminal(monkeypatch, capsys):
    """On standard error, so that what is printed can still be piped."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert fetch("pairs")[0].news == "fetched"
    said = capsys.readouterr()
    assert "pairs.csv" in said.err
    assert said.out == ""
