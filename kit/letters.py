"""A records-request letter: the law of the state by name, the lists to ask for, where software makes them.

What is known of laws and of vendors' reports stands in `data/requests`, each row with its source and how far
it was verified. What a reporter has to fill in or to check stands in square brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kit.ap import ap_date
from kit.errors import DataError
from kit.places import find_state
from kit.records.record import clean
from kit.sharing import DATA, as_rows, read_table

FEDERAL = "US"
"""The row of `laws.csv` for units of the federal government."""

ANY = "[name of the agency]"
"""What stands for the agency in a letter to any."""

_SENDER = ("[your name]", "[your newsroom]", "[your address, email and phone]")
_CHECK = " [check the name of the law]"
_LISTS = (
    "The names of all agencies and organizations that {agency} shares automated license plate reader (ALPR) data with.",
    "The names of all agencies and organizations whose ALPR data {agency} receives or can search.",
    "The names of all agencies and organizations to which {agency} gives hot lists or their contents.",
    "The names of all agencies and organizations from which {agency} receives hot lists or their contents.",
)
_FILE = (
    "Please send the electronic file as the system gives it: a spreadsheet or CSV file, or else a PDF whose text can "
    "be selected, not a print or a scan. A file that shows the date on which it was made is best."
)
_NOT_ASKED = (
    "I do not ask for license plate numbers, for locations or times of vehicles, or for the names of people who use "
    "the system."
)
_COSTS = (
    "If there is a fee, please tell me how much it is before you begin; I ask that it be waived, as the records are "
    "for news reporting. If any part is withheld, please say which, name the provision of the law, and send the rest."
)
# Markdown takes each of these as a sign; a name from a stranger is only text.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>()#+!|~&$@:]|(?<=www)\.", re.IGNORECASE)
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Law:
    """A state's public records law, as a row of `laws.csv` says; `state` is a postal code, or FEDERAL.

    `response` is what it asks of an agency, as a sentence goes on after "calls for", empty where not seen;
    `requester` is whom it is for, empty where that is everybody or not seen.
    """

    state: str
    law: str
    citation: str
    response: str
    requester: str
    verified: str
    note: str

    @property
    def cited(self) -> str:
        """The law by name and section, marked where the name was not verified."""
        return f"{self.law} ({self.citation}){'' if self.verified == 'yes' else _CHECK}"


class Block(NamedTuple):
    """A paragraph of a letter; `style` is `heading`, `text`, or `item` of the numbered list."""

    style: str
    text: str


def law_of(state: str) -> Law:
    """Give the public records law of a state; DataError where the table has none."""
    columns = [one.name for one in fields(Law)]
    for row in as_rows(read_table(DATA / "requests" / "laws.csv", columns)[columns]):
        if row["state"] == state:
            return Law(**row)
    what = f"No public records law is kept for {find_state(state).name}."
    raise DataError(what, "data/requests/laws.csv", "Add a row, with its source and whether it is verified.")


def subject(agency: str) -> str:
    """Give the subject line of a letter to an agency."""
    return f"Records request to {agency}: with whom license plate reader data is shared"


def letter(agency: str, law: Law, former: str = "") -> list[Block]:
    """Write the letter to an agency; `former` is the ISO date of the list of its own that is held, if any."""
    to = ("Records custodian", agency, "[address or email of its records office]")
    asked = f"Under the {law.cited}, I request these records of {agency}, as they stand on the day of the answer:"
    words = [
        *_SENDER,
        "[date]",
        *to,
        "Dear records custodian:",
        asked,
    ]
    closing = [
        " ".join(_where_made()),
        _FILE,
        _NOT_ASKED,
        f"A list of {agency} dated {ap_date(former)} is public already; I ask for the current one." if former else "",
        f"[Say whether you are one of those whom the law is for: {law.requester}.]" if law.requester else "",
        _COSTS,
        f"As I understand it, the law calls for {law.response}. Thank you for your help."
        if law.response
        else "Please tell me when I can expect an answer. Thank you for your help.",
        "Sincerely,",
        _SENDER[0],
    ]
    return [
        Block("heading", subject(agency)),
        *(Block("text", text) for text in words),
        *(Block("item", text.format(agency=agency)) for text in _LISTS),
        *(Block("text", text) for text in closing if text),
    ]


def _where_made() -> list[str]:
    """Say, as far as verified, which report of which software holds the lists."""
    table = read_table(DATA / "requests" / "reports.csv", ("words", "verified"))
    return ["The lists can be made in the software itself.", *table[table["verified"] == "yes"]["words"]]


def as_text(name: str) -> str:
    """Write a stranger's name so that Markdown shows it and reads no sign in it."""
    return name if name == ANY else _SIGNS.sub(r"\\\g<0>", clean(name))


def as_markdown(agency: str, law: Law, former: str = "") -> str:
    """Give the letter as Markdown; the agency's name is text, whatever it holds."""
    blocks = letter(as_text(agency), law, former)
    first = next(place for place, one in enumerate(blocks) if one.style == "item")
    signs = {"heading": "# ", "text": "", "item": "{}. "}
    numbered = [(signs[one.style].format(place - first + 1), one.text) for place, one in enumerate(blocks)]
    return "\n".join(f"{sign}{text}\n" for sign, text in numbered)


def as_docx(agency: str, law: Law, former: str = "") -> bytes:
    """Give the letter as a Word document; the same letter gives the same bytes."""
    from docx import Document

    styles = {"heading": "Heading 1", "text": "Normal", "item": "List Number"}
    document = Document()
    for block in letter(clean(agency), law, former):
        document.add_paragraph(block.text, style=styles[block.style])
    about = document.core_properties
    about.title, about.author, about.comments, about.last_modified_by = subject(clean(agency))[:255], "", "", ""
    about.created = about.modified = _ANY_DAY.replace(tzinfo=None)
    packed = BytesIO()
    document.save(packed)
    return _dateless(packed)


def _dateless(packed: BytesIO) -> bytes:
    """Pack a ZIP file anew, its parts without the hour in which they were written."""
    again = BytesIO()
    with ZipFile(packed) as parts, ZipFile(again, "w") as out:
        for name in parts.namelist():
            out.writestr(ZipInfo(name), parts.read(name), ZIP_DEFLATED)
    return again.getvalue()
