"""JupyterLab as `make lab` starts it, in a copy of the notebooks that tests may write to."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
_TOKEN = "tested"  # noqa: S105  (of a server that lives for one run of the tests)
_WAIT = 120


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its folder of notebooks, and the home of who started it."""

    url: str
    notebooks: Path
    home: Path

    def page(self, path: str) -> str:
        """Give the address at which a browser opens a notebook."""
        return f"{self.url}/lab/tree/{path}?token={_TOKEN}"

    def ask(self, path: str, send: object = None) -> str:
        """Get what the server says; `send` is put there as JSON."""
        data = None if send is None else json.dumps(send).encode()
        request = Request(f"{self.url}{path}", data, {"Authorization": f"token {_TOKEN}"})  # noqa: S310
        request.method = "GET" if data is None else "PUT"
        with urlopen(request, timeout=60) as said:  # noqa: S310  (http, on this machine)
            text: str = said.read().decode()
        return text

    def ask_json(self, path: str) -> Any:
        """Get JSON from the server."""
        return json.loads(self.ask(path))


@contextmanager
def served(base: Path) -> Iterator[Lab]:
    """Run the command of `make lab` in a folder with spaces in its name."""
    home, notebooks = base / "home", base / "a folder with spaces" / "notebooks"
    home.mkdir()
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=shutil.ignore_patterns("lab", "mine", ".ipynb_checkpoints"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = f"--no-browser --allow-root --ip=127.0.0.1 --port={port} --ServerApp.port_retries=0"
    command = _recipe(f"{given} --IdentityProvider.token={_TOKEN}")
    own = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "KIT_"))}
    with (base / "said.txt").open("wb") as said:
        started = subprocess.Popen(  # noqa: S602  (the line of the Makefile, as make gives it to the shell)
            command,
            shell=True,
            cwd=notebooks.parent,
            env=own | {"HOME": str(home)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        lab = Lab(f"http://127.0.0.1:{port}", notebooks, home)
        try:
            _wait(lab, started, base / "said.txt")
            yield lab
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            started.wait(60)


def _recipe(arguments: str) -> str:
    """Give the last line that `make lab` would run, with the Python of the tests."""
    printed = subprocess.run(
        ["make", "--no-print-directory", "-n", "lab", f"ARGS={arguments}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout.strip().splitlines()[-1].replace(".venv/bin/python", shlex.quote(sys.executable))


def _wait(lab: Lab, started: subprocess.Popen[bytes], said: Path) -> None:
    for _ in range(_WAIT * 4):
        if started.poll() is not None:
            break
        try:
            lab.ask("/api")
        except (URLError, ConnectionError):
            time.sleep(0.25)
        else:
            return
    message = f"JupyterLab did not start: {said.read_text()}"
    raise AssertionError(message)
