"""What a newcomer is promised: `make` sets up what is missing, the same everywhere, or says what it lacks."""

import ast
import importlib.metadata
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT_TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PROJECT_TEXT)
LOCK_TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    """Return the script behind `make lock`."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".ci" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, list[Requirement]]:
    """Return the lock's pins by name; a name may have several, each for other systems or Pythons."""
    pins: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^[^\s#].*==.*$", LOCK_TEXT, re.MULTILINE):
        pin = Requirement(line.rstrip(" \\"))
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


# --- the lists of what is needed ---


def test_lock_was_made_from_this_pyproject(lock: ModuleType) -> None:
    """The lock bears the checksum of the requirements in pyproject.toml; if this fails, run `make lock`."""
    assert f"# pyproject.toml sha256:{lock.digest(PROJECT)}\n" in LOCK_TEXT


def test_lock_satisfies_every_requirement(lock: ModuleType) -> None:
    """All that running, testing and building the kit asks for is locked, at a version asked for."""
    pins = locked()
    for line in lock.locked_requirements(PROJECT):
        wanted = Requirement(line)
        versions = [next(iter(pin.specifier)).version for pin in pins[canonicalize_name(wanted.name)]]
        assert versions, f"{wanted.name} is not locked"
        assert all(wanted.specifier.contains(version) for version in versions), f"{line}: {versions}"


def test_lock_is_exact_and_checked() -> None:
    """Every entry of the lock is one exact version with at least one sha256."""
    entries = re.split(r"\n(?=[^\s#])", re.sub(r"^ *#.*\n?", "", LOCK_TEXT, flags=re.MULTILINE).strip())
    assert len(entries) > len(PROJECT["project"]["dependencies"])
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.]+ (; .+ )?\\\n {4}--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml"])
def test_generated_lists_name_no_place(name: str) -> None:
    """No address of a registry and no folder of a machine stands in what `make lock` writes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"--(index|extra-index|find-links|trusted)", text)
    assert not re.search(r"(^|\s)[~.]?/\w", text)


def test_environment_for_conda_is_in_step(lock: ModuleType) -> None:
    """environment.yml is what `make lock` writes from pyproject.toml."""
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == lock.environment_text(PROJECT)


def test_every_dependency_has_its_reason() -> None:
    """Beside each dependency stands why the kit needs it, and its license; no license is AGPL."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [PROJECT["build-system"]["requires"], PROJECT["project"]["dependencies"], *extras]
    reasons = dict(re.findall(r'^ +"([^"]+)", +# (.+)$', PROJECT_TEXT, re.MULTILINE))
    for dependency in itertools.chain(*wanted):
        assert re.fullmatch(r".{8,} \((?!AGPL)[\w.+ -]+\)", reasons.get(dependency, "")), dependency


def test_every_import_is_a_dependency() -> None:
    """What kit/ imports is the standard library, the kit or a dependency in pyproject.toml."""
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    provided = importlib.metadata.packages_distributions()
    for path in sorted((ROOT / "kit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in {name.partition(".")[0] for name in names} - {"kit"} - sys.stdlib_module_names:
                givers = {canonicalize_name(giver) for giver in provided.get(name, [])}
                assert givers & declared, f"{path.name} imports {name}"


def test_setup_takes_the_pythons_that_the_kit_supports() -> None:
    """The versions that the set-up script accepts are those of requires-python."""
    setup = (ROOT / ".ci" / "setup").read_text(encoding="utf-8")
    accepted = re.search(r"^versions='(.+)'$", setup, re.MULTILINE)[1].split()
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    assert accepted == [f"3.{minor}" for minor in range(30) if supported.contains(f"3.{minor}")]


# --- setting up ---


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder, its name as awkward as a reporter's may be, with what `make` needs and no .venv."""
    folder = tmp_path / "Jo's récords 2025"
    (folder / ".ci").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock", ".ci/setup"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def write_command(path: Path, body: str) -> None:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def run_setup(checkout: Path, commands: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/setup on a machine that has these commands alone, each a line of shell."""
    path = checkout.parent / "bin"
    for name, body in commands.items():
        write_command(path / name, body)
    path.mkdir(exist_ok=True)
    for tool in ("cksum", "dirname", "grep", "mv", "rm", "sh"):
        (path / tool).symlink_to(shutil.which(tool))
    return subprocess.run(
        ["/bin/sh", checkout / ".ci" / "setup"],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


NO_VENV = 'case "$2" in *ensurepip*) exit 1 ;; *) echo 3.12 ;; esac'
BROKEN = 'echo "command not found" >&2; exit 127'


@pytest.mark.parametrize(
    ("commands", "says"),
    [
        ({"python3": "echo 3.9"}, "this machine has 3.9: install"),
        ({"python3": "echo 3.14", "python": "echo 2.7"}, "this machine has 3.14, 2.7: install"),
        ({}, "this machine has none: install"),
        ({"python3": NO_VENV}, "Python 3.12 is here without its venv module: install"),
        ({"python3": BROKEN, "python3.13": BROKEN, "python3.12": NO_VENV}, "apt install python3.12-venv"),
        ({"python3": BROKEN, "uv": BROKEN}, "this machine has none: install"),
    ],
    ids=["too old", "too new", "none", "no venv", "commands that only fail", "uv that only fails"],
)
def test_setup_says_what_to_install(checkout: Path, commands: dict[str, str], says: str) -> None:
    """Without a Python that will do, one sentence says what to install; nothing is left behind."""
    done = run_setup(checkout, commands)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert not (checkout / ".venv").exists()


def test_setup_judges_the_python_it_is_given(checkout: Path) -> None:
    """With PYTHON= only that one is considered, and named if it will not do."""
    done = run_setup(checkout, {"python3": NO_VENV, "old": "echo 3.10"}, PYTHON="old")
    assert done.returncode == 1
    assert "and old has 3.10: install" in done.stderr


def cksum(text: str) -> str:
    """Return the checksum of a file's text as .ci/setup keeps it."""
    return subprocess.run("cksum", input=text, capture_output=True, check=True, encoding="utf-8").stdout


def test_setup_has_nothing_to_do() -> None:
    """Where .venv is as it should be, setting up takes under two seconds and changes nothing."""
    ready = ROOT / ".venv" / "ready"
    pins = re.sub(r"^ *#.*\n", "", LOCK_TEXT, flags=re.MULTILINE)
    expected = f"{ROOT}\n{cksum(pins)}{cksum(PROJECT_TEXT)}"
    # Never from a stale state: the script would replace the .venv that these tests run in.
    if not ready.exists() or ready.read_text(encoding="utf-8") != expected:
        pytest.skip(".venv is missing or stale here; `make test` makes it first")
    before = ready.stat()
    start = time.monotonic()
    done = subprocess.run(
        ["sh", ROOT / ".ci" / "setup"],
        env={name: value for name, value in os.environ.items() if name != "PYTHON"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.monotonic() - start < 2
    assert (done.stdout, done.stderr) == ("", "")
    assert ready.stat() == before


# --- make ---

PLACES = [
    "Oakland, CA",
    "Coeur d'Alene, ID",
    "$(shell touch pwned)",
    '"; touch pwned; "',
    "$(touch pwned)`touch pwned`",
    "$$HOME ${HOME} %",
]


def make(checkout: Path, *arguments: str, **environment: str) -> str:
    """Return what make prints, run as from a reporter's shell and not from the make that runs these tests."""
    ours = ("MAKE", "MFLAGS", "PLACE", "PYTHON")
    shell = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = ["make", *arguments]
    run = subprocess.run(command, cwd=checkout, env=shell | environment, capture_output=True, text=True, check=True)
    return run.stdout


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_make_hands_the_place_on_as_it_is(checkout: Path, place: str, way: str) -> None:
    """`make report PLACE=...` gives the kit exactly those words as one argument; nothing in them is run."""
    write_command(checkout / ".ci" / "setup", ":")
    write_command(checkout / ".venv" / "bin" / "python", "printf '<%s>' \"$@\"")
    named = {"argument": ([f"PLACE={place}"], {}), "environment": ([], {"PLACE": place})}
    arguments, environment = named[way]
    assert make(checkout, "report", *arguments, **environment) == f"<-m><kit><report><{place}>"
    assert not list(checkout.rglob("pwned"))


def test_make_alone_lists_the_commands(checkout: Path) -> None:
    """`make` says what can be made, and sets up nothing."""
    targets = re.findall(r"^make (\w+)", make(checkout), re.MULTILINE)
    assert targets == ["report", "lab", "test", "lint", "bench", "lock", "setup", "clean"]
    assert not (checkout / ".venv").exists()
