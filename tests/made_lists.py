"""Lists made for a test: of a few names, of a record, of the News & Observer's pairs."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd

from kit.records import SHARING_COLUMNS, read_record
from kit.sharing import SharingList

EXAMPLEVILLE = "Exampleville Police Department"


def a_list(shares=(), receives=()):
    """Make the list that Exampleville, California, holds in June 2024."""
    said = [(name, "shares_with") for name in shares] + [(name, "receives_from") for name in receives]
    own = {"list_id": "exampleville", "owner": EXAMPLEVILLE, "date": "2024-06-01", "system": "flock"}
    lines = [
        {**dict.fromkeys(SHARING_COLUMNS, ""), **own, "row_id": f"exampleville:{number}", "page": "p1"}
        | {"partner": name, "direction": way, "data": "network"}
        for number, (name, way) in enumerate(said, start=1)
    ]
    return held(pd.DataFrame(lines, columns=list(SHARING_COLUMNS)), **own, owner_state="CA")


def held(rows, **said):
    return SharingList(**{**{field.name: "" for field in fields(SharingList)}, **said, "rows": rows})


def pairs_of_the_news_observer(record_file):
    """Give the pairs of April 2024 as one list of many owners."""
    record = read_record(record_file("../newsobserver/agency_access20240426.csv"))
    return held(record.table().assign(date="2024-04-26"), list_id=record.list_id, date="2024-04-26")
