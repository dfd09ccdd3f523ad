"""Sharing Lists: from the lists of agencies that police share license plate data with to checked numbers.

The names here, and the modules `coverage`, `headlines`, `pathways`, `policies` and `story`, are all that a notebook
imports.
"""

from __future__ import annotations

from typing import Any

_HOME = {
    "KitError": "errors",
    "ap_date": "ap",
    "read_record": "records",
    "load_lists": "sharing",
    "load_facts": "sharing",
    "two_lists": "sharing",
    "compare": "rulings",
    "find_state": "places",
    "find_place": "places",
    "resolve_lists": "agencies",
    "may_be_in": "agencies",
    "lists_about": "scope",
    "Ledger": "findings",
    "Table": "findings",
    "bars": "charts",
    "ranges": "charts",
    "two_ways": "charts",
    "then_now": "charts",
    "on_lists": "charts",
    "city_map": "citymap",
    "atlas": "interactive",
    "county_map": "maps",
    "reach_map": "maps",
    "write_geojson": "geodata",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  (the one table of names, each loaded when first asked for)


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load a name when it is first asked for, so that `kit --help` need not wait for pandas."""
    from importlib import import_module

    if name not in _HOME:
        msg = f"module 'kit' has no name {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"kit.{_HOME[name]}"), name)
