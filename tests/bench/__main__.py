"""`make bench`: measure, print, and keep in figures/gallery/bench.md and bench.json."""

from __future__ import annotations

import argparse

from tests.bench import batch, ocr, pages, records
from tests.bench.frame import Pace, keep, markdown

GROUPS = {"records": records.measure, "ocr": ocr.measure, "batch": batch.measure, "pages": pages.measure}
USUAL = Pace(5, ("print", "light", "light-100", "copy", "fax"))
QUICK = Pace(1, ("light",), ("CA", "TX", "WY", "IL", "NV"))


def main() -> None:
    """Measure the groups that are asked for, all unless named."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all unless named")
    parser.add_argument(
        "--quick", action="store_true", help="one round, one degradation, five states; print, keep nothing"
    )
    asked = parser.parse_args()
    if unknown := set(asked.groups) - GROUPS.keys():
        parser.error(f"no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    for group in asked.groups or GROUPS:
        tables = []
        for table in GROUPS[group](QUICK if asked.quick else USUAL):
            print(markdown(table), flush=True)
            tables.append(table)
        if not asked.quick:
            keep({group: tables})


if __name__ == "__main__":
    main()
