"""Numbers, dates and rows of names read as Associated Press style has them."""

from __future__ import annotations

import pytest

from kit.ap import ap_date, ap_list, ap_number


@pytest.mark.parametrize(
    ("number", "words"), [(0, "zero"), (1, "one"), (9, "nine"), (10, "10"), (86, "86"), (37099, "37,099")]
)
def test_numbers_to_nine_are_words(number, words):
    """Nine but 10, and commas from a thousand on."""
    assert ap_number(number) == words


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2020-02-06", "Feb. 6, 2020"),
        ("2025-03-11", "March 11, 2025"),
        ("2025-09-30", "Sept. 30, 2025"),
        ("", "an unknown date"),
    ],
)
def test_long_months_are_short(iso, words):
    """March to July are written out."""
    assert ap_date(iso) == words


@pytest.mark.parametrize(
    ("names", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_no_comma_before_and(names, words):
    """AP has no serial comma."""
    assert ap_list(names) == words
