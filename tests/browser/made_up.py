"""Pages made of invented agencies, in which a test knows each row and number.

A page's folder is made here as `kit report` would make it: an executed notebook, findings.json and
sharing.csv.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import v4

from kit.agencies import AGENCY_COLUMNS
from kit.report import write_page
from kit.sharing import SHARING_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROW_COLUMNS = [*SHARING_COLUMNS, *AGENCY_COLUMNS[1:]]  # a row has its name as `partner`

ACCESS = "Access is not use: a list says who can search the data, not who did."


@dataclass
class MadeUp:
    """A place's folder in the making: rows, findings and cells in the order in which they are added."""

    folder: Path
    title: str = "Exampleville: who gets its license plate data"
    owner: str = "Exampleville Police Department"
    rows: list[dict[str, str]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    headline: list[str] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)

    def list_rows(self, date: str, names: Sequence[str], **said: str) -> list[str]:
        """Add rows of the list of a date; give their ids."""
        list_id = f"exampleville-{date}-vigilant"
        start = sum(row["list_id"] == list_id for row in self.rows)
        for number, name in enumerate(names, start=start + 1):
            row = dict.fromkeys(ROW_COLUMNS, "") | {
                "row_id": f"{list_id}:{number}",
                "list_id": list_id,
                "owner": self.owner,
                "partner": name,
                "direction": "shares_with",
                "data": "detections",
                "date": date,
                "page": f"p{1 + number // 20}",
                "state": "CA",
                "place": "Exampleville",
                "county": "Sample County",
                "status": "certain",
                "basis": "all places named Exampleville are in CA",
                "lat": "33.7",
                "lon": "-117.8",
            }
            self.rows.append(row | said)
        return [row["row_id"] for row in self.rows if row["list_id"] == list_id][start:]

    def finding(self, name: str, says: str, rows: Sequence[str], low: int | None = None, **said: Any) -> str:
        """Add a finding and give its number as the notebook shows it."""
        high, low = len(rows), len(rows) if low is None else low
        text = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        value = high if low == high else None
        found = {"id": name, "label": says, "value": value, "low": low, "high": high, "unit": "agencies", "text": text}
        self.findings.append(found | {"sentence": says.format(n=text), "rows": list(rows), "caveats": []} | said)
        return f'<a class="n" href="#f-{escape(name)}">{text}</a>'

    def say(self, markdown: str) -> None:
        """Add a Markdown cell."""
        self.cells.append(v4.new_markdown_cell(markdown))

    def show(self, code: str, *html: str, tags: Sequence[str] = (), **data: str) -> None:
        """Add a code cell that was run, with what it shows."""
        outputs = [
            v4.new_output("display_data", {"text/html": one, "text/plain": "<An object at 0x7f0012>"}) for one in html
        ]
        outputs += [v4.new_output("display_data", {kind.replace("_", "/"): one}) for kind, one in data.items()]
        cell = v4.new_code_cell(code, execution_count=len(self.cells) + 1, outputs=outputs)
        cell.metadata["tags"] = list(tags)
        self.cells.append(cell)

    def save(self) -> Path:
        """Write the three files and give the page made of them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        dates = sorted({row["date"] for row in self.rows})
        lists = [
            {
                "id": f"exampleville-{date}-vigilant",
                "owner": self.owner,
                "date": date,
                "title": "Agency Data Sharing Report",
                "system": "vigilant",
                "request": "Records request 12-345",
                "source": "https://records.example/12-345",
                "sha256": "5e" * 32,
                "pages": 9,
                "left_out": "p3: page footer (not a row)",
                "notes": "",
            }
            for date in dates
        ]
        said = {"place": "Exampleville", "title": self.title, "as_of": max(dates, default=""), "lists": lists}
        said |= {"findings": self.findings, "headline": self.headline, "not_shown": self.not_shown}
        (self.folder / "findings.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        table = io.StringIO(newline="")
        writer = csv.DictWriter(table, ROW_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        (self.folder / "sharing.csv").write_text(table.getvalue(), encoding="utf-8", newline="")
        nbformat.write(v4.new_notebook(cells=self.cells), self.folder / "notebook.ipynb")
        return write_page(self.folder)


def chart(headline: str, bars: dict[str, int], table: str) -> str:
    """Draw a bar chart as the kit's charts are: matplotlib's own SVG, with its style attributes."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (slow to load, and not for every run)

    figure = Figure(figsize=(7.2, 2.4), layout="constrained")
    axes = figure.subplots()
    axes.barh(list(bars), list(bars.values()), color="#4477AA", hatch="/")
    axes.set_title("in $ and in &", parse_math=False)
    svg = io.StringIO()
    figure.savefig(svg, format="svg", metadata={"Date": None})
    drawn = svg.getvalue()
    drawn = drawn[drawn.index("<svg") :].replace(
        "<svg ", f'<svg role="img" aria-label="Bar chart. {escape(headline)}" ', 1
    )
    behind = f'<details class="behind"><summary>The numbers</summary>{table}</details>'
    words = f"<figcaption><strong>{escape(headline)}</strong> Agencies, by kind.</figcaption>"
    return f'<figure class="chart">{words}{drawn}<span class="source">Source: the list of 2025.</span>{behind}</figure>'


def kit_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as the kit's notebooks do; cells are HTML."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td class=number>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    head = f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
    return f'<table class="kit">{head}<tbody>{body}</tbody></table>'


def frame(title: str, names: Sequence[str]) -> str:
    """Write an interactive map as the kit does: a document whose names are data."""
    data = json.dumps(list(names)).replace("<", "\\u003c")
    document = (
        "<!doctype html><html><head><style>body{margin:0}li{color:#0a4c86}</style>"
        '<script src="https://cdn.example/leaflet.js"></script><link rel="stylesheet" href="https://cdn.example/a.css">'
        '</head><body><ul id="names" style="color: red"></ul>'
        f'<script type="application/json" id="data">{data}</script>'
        "<script>for (const name of JSON.parse(document.getElementById('data').textContent)) {"
        "const li = document.createElement('li'); li.textContent = name; li.style.fontWeight = 'bold';"
        "document.getElementById('names').append(li); }</script></body></html>"
    )
    said = f'class="map" sandbox="allow-scripts allow-same-origin" title="{escape(title)}"'
    return f'<iframe {said} srcdoc="{escape(document)}"></iframe>'


def exampleville(folder: Path) -> Path:
    """Make a page as a reporter would get it: two records, 100 rows that count, a range, charts, a map."""
    made = MadeUp(folder, headline=["shared", "in-state", "gone"])
    words = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir")
    towns = [f"{word} {kind}" for word in words for kind in ("Grove", "Hill", "Lake", "Park", "Ridge")]
    numbers = _numbers(made, towns)
    made.say(
        "# Who gets Exampleville’s license plate data?\n\nTwo lists that the police released.\n\n"
        "<b onclick=x>raw</b> and [a source](https://records.example/1)."
    )
    made.show('state: str = "CA"', tags=["parameters"])
    made.show("import kit")
    said = "Exampleville shared its detections with {shared} agencies, {in-state} of them in California."
    caveat = f'<span class="caveat">{ACCESS}</span>'
    made.show("ledger.count('shared')", f'<p class="finding">{said.format_map(numbers)}{caveat}</p>')
    made.say("## Who shares with whom\n\nIt cost $5 million and $10 million.\n\n| a | b |\n|---|--:|\n| x | y |\n")
    rows = [(town, numbers[f"town.{at}"], numbers[f"sheriff.{at}"]) for at, town in enumerate(towns)]
    made.show("hidden", "<p>Hidden output</p>", tags=["hide"])
    made.show(
        "crosstab", kit_table("Agencies, by town", ("Town", "Shared with", "Received from"), rows), tags=["no-code"]
    )
    years = [("2020", numbers["gone"]), ("2025", numbers["shared"]), ("Units of DHS", numbers["dhs"])]
    small = kit_table("Agencies, by year", ("", "Names"), years)
    made.say("## Where they are\n\n### By year")
    one, two = chart("Ten more names", {"2020": 30, "2025": 40}, small), chart("Again", {"2025": 40}, small)
    made.show("bars('years')", one, two)
    made.show("atlas()", frame("Map of Exampleville", towns))
    made.say("## What this page does not show\n\nWhat is not on the lists.")
    made.not_shown = ["Use: a list does not say who searched."]
    return made.save()


def _numbers(made: MadeUp, towns: Sequence[str]) -> dict[str, str]:
    """Add the rows and findings of Exampleville; give the numbers as the notebook shows them."""
    old = made.list_rows("2020-02-06", [f"{town} Police Department" for town in towns])
    new = made.list_rows("2025-03-11", [f"{town} PD" for town in towns])
    open_ = {"state": "", "place": "", "county": "", "status": "ambiguous", "candidates": "IL;MA;MO"}
    unsure = made.list_rows("2025-03-11", [f"Springfield {at} PD" for at in range(10)], **open_)
    sheriffs = made.list_rows("2025-03-11", [f"{town} County Sheriff" for town in towns], direction="receives_from")
    made.list_rows("2025-03-11", ["A row that no number counts"] * 10, flags="inactive")
    numbers = {
        "shared": made.finding("shared", "Exampleville shared with {n} agencies.", new + unsure, caveats=[ACCESS]),
        "in-state": made.finding(
            "in-state", "Of those, {n} are in California.", new + unsure, low=30, caveats=["Not sure."]
        ),
        "gone": made.finding("gone", "The list of 2020 had {n} more names.", old),
        "dhs": made.finding("dhs", "Units of DHS on the list", []),
    }
    for at, town in enumerate(towns):
        numbers[f"town.{at}"] = made.finding(f"town.{at}", f"{town}, shared with", [new[at]])
        numbers[f"sheriff.{at}"] = made.finding(f"sheriff.{at}", f"{town}, received from", [sheriffs[at]])
    return numbers


def corrected(folder: Path) -> Path:
    """Make the page of Exampleville again, after one that counted fewer of its agencies and placed one elsewhere."""
    exampleville(folder)
    former = shutil.copytree(folder, folder.with_name("former"))
    said = json.loads((former / "findings.json").read_text(encoding="utf-8"))
    for found in said["findings"][:20]:
        fewer = {"rows": found["rows"][1:], "text": f"{max(0, len(found['rows']) - 1)}"}
        found.update(fewer, sentence=f"The former sentence about {fewer['text']} {'<script>window.ran = 1</script>'}.")
    (former / "findings.json").write_text(json.dumps(said), encoding="utf-8")
    table = (former / "sharing.csv").read_text(encoding="utf-8")
    (former / "sharing.csv").write_text(table.replace("CA,Exampleville", "CT,Exampleville", 30), encoding="utf-8")
    return write_page(folder, former)


def nothing(folder: Path) -> Path:
    """Make the page of a place that no list names."""
    made = MadeUp(folder, title="Nowhere: no record yet")
    made.say("# Who gets Nowhere’s data?\n\nNo list here names an agency of Nowhere. Absence is not a zero.")
    made.show("ask_for()", "<p>Ask for the Agency Data Sharing Report.</p>")
    return made.save()
