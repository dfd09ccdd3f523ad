"""What the tests share: where the records are, and the lists that come with the kit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kit.agencies import resolve_lists
from kit.batch import make_page
from kit.sharing import SharingList, load_lists

if TYPE_CHECKING:
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
