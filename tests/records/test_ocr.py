"""A scan of a real report keeps every row, and says of each that it was read by OCR."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from kit.records import read_record

NAME = "orange-county-sheriff-2025-03-11-vigilant.pdf"
PAGES = (1, 4)


@pytest.fixture(scope="module")
def degrade():
    """Give the module that makes scans; the folder of a test is no package."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        return import_module("degrade")
    finally:
        sys.path.pop(0)


def test_a_light_scan_keeps_every_row(record_file, tmp_path, degrade):
    """Two pages at 150 dpi, a little skewed and specked: all rows, at least 97 percent of the names right."""
    truth = read_record(record_file(NAME))
    pages = {f"p{page}": f"p{number}" for number, page in enumerate(PAGES, start=1)}
    printed = [(pages[row.page], row.direction, row.partner) for row in truth.rows if row.page in pages]
    found = read_record(degrade.scan(record_file(NAME), tmp_path, "light", PAGES))
    read = [(row.page, row.direction, row.partner) for row in found.rows]
    assert len(read) == len(printed)
    right = sum(one == other for one, other in zip(read, printed, strict=True))
    assert right >= 0.97 * len(printed)
    assert all("ocr" in row.flags for row in found.rows)
    assert any("2" in note or "pages" in note.lower() for note in found.notes)


def test_a_clean_record_needs_no_ocr(record_file):
    """The models are loaded only when a page needs them."""
    read_record(record_file(NAME))
    assert not any("ocr" in row.flags for row in read_record(record_file(NAME)).rows)
