"""A kernel forked from a process that has the libraries loaded: as good as a fresh one, and there at once.

jupyter_client finds `Forked` by its entry point (pyproject.toml). The kernel is forked before papermill starts
(`fork_ahead`), while the process has one thread and no loop, loads what is not loaded yet, and waits to be told its
connection file. Where none waits, or the system is not Linux, an ordinary kernel is started, which gives the same
outputs.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

NAME = "kit-forked"
"""How the entry point is called."""

_GROUP = "jupyter_client.kernel_provisioners"
_CHOICE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
_TASKS = Path("/proc/self/task")
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_LIBRARIES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.logger", "IPython.core.oinspect", "IPython.extensions.storemagic", "sqlite3",
    "tornado.platform.asyncio", "matplotlib.figure", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "matplotlib.collections", "mapclassify", "folium", "geopandas", "pyogrio",
)  # fmt: skip
_waiting: list[tuple[int, int]] = []


def may_fork() -> bool:
    """Tell whether this process can be forked safely: it runs on Linux, has one thread, and Jupyter knows `Forked`."""
    return bool(chosen()) and len(list(_TASKS.iterdir())) == 1


def chosen() -> dict[str, str]:
    """Give the environment in which jupyter_client takes `Forked`, on Linux, where it is installed; else nothing.

    Without it a kernel whose process is killed may live on: ipykernel looks for process 1 as its parent alone.
    """
    known = sys.platform == "linux" and entry_points(group=_GROUP, name=NAME)
    return {_CHOICE: NAME} if known else {}


def one_thread() -> None:
    """Have libraries that are loaded from now on calculate in one thread, so that this process may be forked."""
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", ARROW_NUM_THREADS="1")


def die_with(parent: int) -> None:
    """Have the system kill this process when its parent ends, however that ends; on Linux alone."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def fork_ahead() -> bool:
    """Fork the kernel that the next notebook of this process runs in; tell whether that could be done safely."""
    if not may_fork():
        return False
    parent, (end, start) = os.getpid(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(start)
        _be_kernel(end, parent)
    os.close(end)
    _waiting.append((pid, start))
    return True


def load() -> None:
    """Load what a kernel and the kit's notebooks need, and the resolved lists; there already, it takes no time."""
    import kit

    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # of a debugger that ipykernel loads: it would print a warning
    for name in _LIBRARIES:
        import_module(name)
    for name in kit.__all__:
        getattr(kit, name)
    kit.lists_about()


def _be_kernel(end: int, parent: int) -> NoReturn:
    """Wait for an order, then be a kernel to the end of this process."""
    try:
        die_with(parent)
        os.setsid()
        with suppress(Exception):  # whatever it is, the notebook meets it and says so
            load()
        with os.fdopen(end, encoding="utf-8") as pipe:
            order = pipe.read()
        if order:
            _start(**json.loads(order))
    finally:
        os._exit(0)


def _start(cmd: list[str], env: dict[str, str], cwd: str) -> None:
    from ipykernel.kernelapp import launch_new_instance

    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    _make_fresh()
    sys.argv = [cmd[0], *cmd[cmd.index("-f") :]]
    launch_new_instance(argv=sys.argv[1:])


def _make_fresh() -> None:
    """Undo what tells a forked process from a new one: paths, random numbers, settings taken at import."""
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of the script that was started, or the one it was started in
    random.seed()
    for name in [name for name in sys.modules if name.startswith("matplotlib_inline")]:
        del sys.modules[name]  # imported before the kernel it loses every figure, and says nothing
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if pandas := sys.modules.get("pandas"):
        pandas.set_option("display.max_columns", 20)  # as it sets itself where it is imported in a kernel
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = "module://matplotlib_inline.backend_inline"


class _Process:
    """A forked kernel as jupyter_client knows a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int | None:
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forked(LocalProvisioner):
    """Gives the kernel that waits; where none does, starts an ordinary one that ends with its parent."""

    process: Any
    pid: int | None
    pgid: int | None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401
        """Tell the waiting kernel its connection file, folder and environment."""
        parent = os.getpid()
        if not _waiting or "-f" not in cmd:
            return await super().launch_kernel(cmd, preexec_fn=lambda: die_with(parent), **kwargs)
        pid, start = _waiting.pop()
        order = {"cmd": cmd, "env": dict(kwargs["env"]), "cwd": str(kwargs.get("cwd") or Path.cwd())}
        try:
            with os.fdopen(start, "w", encoding="utf-8") as pipe:
                json.dump(order, pipe)
        except BrokenPipeError as cause:
            msg = "Kernel died before it was told its connection file"
            raise RuntimeError(msg) from cause  # as jupyter_client itself says it of one that dies while it starts
        self.process, self.pid, self.pgid = _Process(pid), pid, pid
        return self.connection_info
