"""What can go wrong, said in three lines: what happened, where, and what to do next.

    KitError
    ├── RecordError       a record file that cannot be read, or not to the last row
    ├── PlaceError        a state, county or city that the kit does not know
    ├── ParameterError    a notebook parameter with a wrong name or value
    ├── DataError         a table of the kit, or one given to it, that is not as declared
    ├── SourceError       a public source that the kit does not know, or that did not come whole and as expected
    └── RunError          a notebook that stopped, or a page that could not be written

Anything a user can cause is one of these; a traceback is a fault of the kit.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class KitError(Exception):
    """An error that a reporter can act on."""

    def __init__(self, what: str, where: str = "", do: str = "") -> None:
        """Keep the three lines: what happened, where (file, page or row), what to do next."""
        super().__init__(what)
        self.what, self.where, self.do = what, where, do

    def __str__(self) -> str:
        """Give the lines that are there, one under the other."""
        lines = ("".join(c if c.isprintable() else " " for c in line) for line in (self.what, self.where, self.do))
        return "\n".join(line for line in lines if line)

    def _render_traceback_(self) -> list[str]:
        """Give the lines that a notebook shows below the cell; IPython asks for them by this name."""
        return str(self).splitlines()


class RecordError(KitError):
    """A record file that cannot be read, or not to the last row."""


class PlaceError(KitError):
    """A state, county or city that the kit does not know."""


class ParameterError(KitError):
    """A notebook parameter with a wrong name or value."""


class DataError(KitError):
    """A table of the kit, or one given to it, that is not as declared."""


class SourceError(KitError):
    """A public source that the kit does not know, or that did not come whole and as expected."""


class RunError(KitError):
    """A notebook that stopped, or a page that could not be written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ' Did you mean "…"?' where one of the known words is close, else nothing."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f' Did you mean "{by_lower[close[0]]}"?' if close else ""
