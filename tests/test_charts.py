"""Charts say their numbers, and are the same bytes twice."""

from __future__ import annotations

import pytest

from kit.charts import bars
from kit.findings import Ledger


@pytest.fixture
def ledger(lists, rows) -> Ledger:
    return Ledger("California", lists, rows)


def chart(ledger, shared, label="Sheriffs"):
    found = ledger.count("n", "n", shared.iloc[:5], maybe=shared.iloc[5:9])
    return bars("kinds", "Who gets $5 and $10", [(label, found)], subtitle="Agencies.", source="Source: a list")


def test_a_chart_says_its_numbers(ledger, shared):
    """Alt text from the numbers, a table behind, and a dollar is a dollar."""
    made = chart(ledger, shared)
    assert "Sheriffs 5 to 9" in made.alt
    html = made._repr_html_()
    assert "The numbers" in html
    assert 'href="#f-n"' in html
    assert "Who gets $5 and $10" in html


def test_a_chart_is_the_same_bytes_twice(lists, rows, shared):
    """No clock and no random id."""
    first, second = (chart(Ledger("California", lists, rows), shared) for _ in range(2))
    assert (first.svg, first.png) == (second.svg, second.png)


def test_hostile_labels_are_drawn_as_text(ledger, shared):
    """Math, markup and 10,000 letters neither run nor break the drawing."""
    made = chart(ledger, shared, "<script>alert(1)</script> $\\frac{1}{0}$ " + "x" * 10_000)
    assert "<script" not in made._repr_html_()
