"""`make bench`: measure, print, and keep in figures/gallery/bench.md and bench.json."""

from __future__ import annotations

import argparse

from tests.bench import ocr, records
from tests.bench.frame import Pace, keep, markdown

GROUPS = {"records": records.measure, "ocr": ocr.measure}
USUAL = Pace(5, ("print", "light", "light-100", "copy", "fax"))
QUICK = Pace(1, ("light",))


def main() -> None:
    """Measure the groups that are asked for, all unless named."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all unless named")
    parser.add_argument("--quick", action="store_true", help="one round and one degradation; print, keep nothing")
    asked = parser.parse_args()
    if unknown := set(asked.groups) - GROUPS.keys():
        parser.error(f"no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    measured = {}
    for group in asked.groups or GROUPS:
        measured[group] = GROUPS[group](QUICK if asked.quick else USUAL)
        print(*map(markdown, measured[group]), sep="\n", flush=True)
    if not asked.quick:
        keep(measured)


if __name__ == "__main__":
    main()
