"""What the tests share: where the records are, and the lists that come with the kit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kit.agencies import resolve_lists
from kit.batch import make_page
from kit.sharing import SharingList, load_lists
from tests.faulty import Nursery
from tests.lab_server import Lab, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT.parent / "shared" / "records"


@pytest.fixture(scope="session")
def record_file():
    """Give the path of a real record; the record files are not in the repository."""

    def find(name: str) -> Path:
        path = RECORDS / name
        if not path.exists():
            pytest.skip(f"the record {name} is not here (records are kept beside the repository, not in it)")
        return path

    return find


@pytest.fixture(scope="session")
def california(tmp_path_factory) -> Path:
    """Make California's page, as `make report` does, and give its folder."""
    return make_page("California", None, tmp_path_factory.mktemp("a folder with spaces") / "figures").parent


@pytest.fixture(scope="session")
def wyoming(tmp_path_factory) -> Path:
    """Make the page of a state that no list names with certainty, and give its folder."""
    return make_page("WY", None, tmp_path_factory.mktemp("figures")).parent


@pytest.fixture(scope="session")
def lists() -> list[SharingList]:
    """Give the lists that come with the kit."""
    return load_lists()


@pytest.fixture(scope="session")
def rows(lists: list[SharingList]) -> pd.DataFrame:
    """Give the rows of those lists, resolved."""
    return resolve_lists(lists)


@pytest.fixture(scope="session")
def shared(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of agencies that plate detections are shared with."""
    return rows[(rows["data"] == "detections") & (rows["direction"] == "shares_with")]


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    """Give a JupyterLab as `make lab` starts it."""
    with served(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def one_nursery(tmp_path_factory) -> Iterator[Nursery]:
    """Start the process that forks batches of tiny notebooks, and end it with all that they started."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(one_nursery: Nursery, tmp_path: Path) -> Nursery:
    """Give it, with a folder for what is short-lived that is this test's own."""
    one_nursery.temp = tmp_path / "temp"
    one_nursery.temp.mkdir()
    return one_nursery


@pytest.fixture
def apart(nursery: Nursery) -> Nursery:
    """Give it where it can mount file systems for itself alone."""
    if not nursery.apart:
        pytest.skip("no private mounts here: that takes root and CAP_SYS_ADMIN")
    return nursery
