"""Numbers, dates and rows of names as Associated Press style writes them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_IN_WORDS = 9


def ap_number(number: int) -> str:
    """Write a number as running text has it: zero to nine in words, then figures with commas."""
    from humanize import apnumber, intcomma

    return str(apnumber(number)) if 0 <= number <= _IN_WORDS else str(intcomma(number))


def ap_date(iso: str) -> str:
    """Write an ISO date as running text has it: `Feb. 6, 2020`; an empty date is `an unknown date`."""
    if not iso:
        return "an unknown date"
    day = date.fromisoformat(iso)
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"


def ap_list(words: Sequence[str]) -> str:
    """Write names in a row, with no comma before the last: `Norwalk, Register and Villa Park`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
