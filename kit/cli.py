"""`kit …`: read a record, keep it, resolve names, make a page. Thin: the work is elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit.errors import KitError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from kit.records import Record

app = typer.Typer(
    help="Turn the lists of agencies that police share license plate data with into numbers that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_DIRECTIONS = {"shares_with": "Shares with", "receives_from": "Receives from"}
_DATA = {"detections": "plate detections", "hotlist": "hot lists", "network": "network"}
# What a flag of a row makes a reporter look at again.
_DOUBTS = {
    "ocr": "read from a picture, to be compared with the page",
    "person": "a person's name or address, masked",
    "test": "looks like a test or demo",
    "junk": "looks like no agency, or none in use",
    "inactive": "marked inactive",
}
_SHOWN = 40
"""Entries left out that are printed one by one."""


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A record as the agency sent it.")],
    out: Annotated[Path | None, typer.Option(help="Write the rows to this CSV file.")] = None,
    column: Annotated[str, typer.Option(help="The column of agencies, where a table has several.")] = "",
) -> None:
    """Read a record: whose it is, its date, how many agencies in each section, what was left out."""
    from kit.records import read_record
    from kit.sharing import write_table

    record = read_record(file, column=column)
    table = record.table()
    _show(record, table, file)
    if out:
        write_table(table, _writable(out))
        typer.echo(f"Rows written to {out}.")
    typer.echo(_next(record, file))


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Records as the agency sent them.")],
    owner: Annotated[str, typer.Option(help="The agency whose record it is, where the record does not say it.")] = "",
    date: Annotated[str, typer.Option(help="The date of the record, where it bears none: 2025-03-11.")] = "",
    state: Annotated[str, typer.Option(help="The state of that agency, where its name does not say it: CA.")] = "",
    request: Annotated[str, typer.Option(help="The records request: MuckRock request 86943.")] = "",
    source: Annotated[str, typer.Option(help="The web address that the record is public at.")] = "",
    column: Annotated[str, typer.Option(help="The column of agencies, where a table has several.")] = "",
) -> None:
    """Keep records: the file in data/records, its rows in data/lists, its line in sources.csv."""
    from kit.agencies import complete
    from kit.records import read_record
    from kit.sharing import keep

    for file in files:
        record, owner_state = complete(read_record(file, column=column), owner=owner, date=date, state=state)
        _show(record, record.table(), file)
        if keep(record, file, owner_state=owner_state, request=request, source=source):
            typer.echo(f"Kept as {record.list_id}. Next: kit review {owner_state}, then kit report {owner_state}")
        else:
            typer.echo(f"Already kept as {record.list_id}; nothing changed.")


@app.command()
def resolve(
    names: Annotated[Path, typer.Argument(help="A CSV table with a column name and, where known, city and state.")],
    out: Annotated[Path | None, typer.Option(help="Write the agency table to this CSV file.")] = None,
) -> None:
    """Say of each name which agency it is, in which state and place, how sure that is, and why."""
    from kit.agencies import resolve as resolve_names
    from kit.sharing import read_table, write_table

    table = resolve_names(read_table(_readable(names)))
    for status, count in table["status"].value_counts().sort_index().items():
        typer.echo(f"{status}: {count:,}")
    if out:
        write_table(table, _writable(out))
        typer.echo(f"Agencies written to {out}.")


@app.command()
def review(
    place: Annotated[str, typer.Argument(help="A state: only names that may be in it. Else all that are open.")] = "",
    out: Annotated[Path | None, typer.Option(help="The sheet: a CSV or XLSX file. Else both, in this folder.")] = None,
) -> None:
    """Write the sheet of names that are not certain, those first on which most hangs, to be ruled on."""
    from kit.agencies import resolve_lists
    from kit.places import find_state
    from kit.review import open_names, unmatched, write_review
    from kit.sharing import load_lists

    state = find_state(place) if place else None
    rows = resolve_lists(load_lists())
    table = open_names(rows, state)
    stem = f"review-{state.slug}" if state else "review"
    paths = [_writable(out)] if out else [Path(f"{stem}.csv"), Path(f"{stem}.xlsx")]
    write_review(table, paths)
    typer.echo(f"{len(table):,} names to rule on written to {' and '.join(map(str, paths))}.")
    for line in unmatched(rows["partner"]):
        typer.echo(line)
    typer.echo("Fill in decision, who, when and why. Then: kit rule SHEET")


@app.command()
def rule(
    sheet: Annotated[Path, typer.Argument(help="The sheet of kit review, filled in: CSV or XLSX.")],
) -> None:
    """Keep the rulings of a sheet, and say of each number that hangs on them what it was and is."""
    from kit.review import rule as keep_rulings

    for line in keep_rulings(_readable(sheet)):
        typer.echo(line)


@app.command()
def report(
    place: Annotated[
        str, typer.Argument(help="A state, a city, a list, an owner of lists, US, or your own notebook (.ipynb).")
    ] = "CA",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="NAME=VALUE for the notebook; can be repeated."),
    ] = None,
) -> None:
    """Make the page of a place under figures/ and print where it is."""
    from kit.kernels import fork_ahead, one_thread

    one_thread()
    fork_ahead()  # the kernel loads its libraries while this process looks at what was asked for
    from kit.batch import make_page

    page = make_page(place, _pairs(parameter or []))
    here = Path.cwd()
    typer.echo(f"The page is at {page.relative_to(here) if page.is_relative_to(here) else page}")


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="state, city, record, changes or nation: the notebook to copy.")],
    about: Annotated[str, typer.Argument(help='What it is about: TX, "Oakland, CA", the id or owner of a list.')] = "",
) -> None:
    """Write your own copy of a notebook, about a place, to notebooks/mine; never over one that is there."""
    from kit.copies import copy_notebook

    path = copy_notebook(kind, about)
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    typer.echo(f"Your notebook is at {shown}")
    typer.echo(f'Next: make lab opens it, in the folder mine. kit report "{shown}" makes its page.')


@app.command()
def pack(
    place: Annotated[
        str, typer.Argument(help='A state, a city, a list or an owner, as for kit report: CA, "Oakland, CA".')
    ],
) -> None:
    """Write the figure pack of a place: its pictures in four sizes, captions, alt texts, tables to chart anew."""
    from kit.batch import folder_of
    from kit.pack import write_pack

    folder, here = write_pack(folder_of(place)), Path.cwd()
    typer.echo(f"The figures are in {folder.relative_to(here) if folder.is_relative_to(here) else folder}.")
    typer.echo("captions.md has what goes with each: caption, source, alt text and what to say with its numbers.")


@app.command()
def batch(
    states: Annotated[str, typer.Option(help="all, or postal codes with commas between: CA,IL.")] = "",
    cities: Annotated[str, typer.Option(help='sanctuary, or cities with semicolons between: "Oakland, CA".')] = "",
    force: Annotated[bool, typer.Option("--force", help="Make pages again that are up to date.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="So many places at once; 0: as many as the machine has cores.")] = 0,
    plain: Annotated[bool, typer.Option("--plain", help="One line a place and no bar: for logs.")] = False,
    out: Annotated[str, typer.Option(help="Write to this folder, or to s3://bucket/folder. Else figures.")] = "",
    cluster: Annotated[str, typer.Option(help="Make them on a Dask cluster: tcp://scheduler:8786.")] = "",
    workers: Annotated[int, typer.Option(min=0, help="Make them on so many Dask workers of this machine.")] = 0,
) -> None:
    """Make the pages of many places, those alone that are not up to date, and the index of all."""
    from kit.kernels import one_thread

    one_thread()  # before numpy is loaded: a process with several threads cannot be forked
    from kit.cluster import make_wide
    from kit.progress import shown
    from kit.runs import make_all, plan

    places = plan(states, cities)
    with shown(len(places.places), plain=plain) as told:
        if cluster or workers or "://" in out:
            outcomes = make_wide(
                places.places, out, cluster=cluster, workers=workers, force=force, jobs=jobs, told=told
            )
        else:
            outcomes = make_all(places.places, Path(out) if out else None, force=force, jobs=jobs, told=told)
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    made = sum(outcome.status == "made" for outcome in outcomes)
    typer.echo(f"{made:,} made, {len(outcomes) - made - failed:,} up to date, {failed:,} failed.")
    typer.echo(f"The index is at {out.rstrip('/') or 'figures'}/index.html")
    for why in dict.fromkeys(reason for _, reason in places.unknown):
        left_out = [words for words, reason in places.unknown if reason == why]
        typer.echo(f"Left out, {len(left_out)}: {'; '.join(left_out)}. {why}", err=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def requests(
    place: Annotated[str, typer.Argument(help="A state or a city: CA, Oakland, CA.")],
    out: Annotated[Path | None, typer.Option(help="Write to this folder. Else figures/PLACE/requests.")] = None,
    top: Annotated[int, typer.Option(help="So many letters at most.")] = 25,
    as_of: Annotated[str, typer.Option(help="The day on which a held list is recent or old: 2026-01-25.")] = "",
) -> None:
    """Write a records-request letter to each agency whose list is missing, those first that would tell most."""
    from kit.requests import make_requests

    made = make_requests(place, out, top=top, as_of=as_of)
    for line in made.told:
        typer.echo(line)
    here = Path.cwd()
    folder = made.folder.relative_to(here) if made.folder.is_relative_to(here) else made.folder
    typer.echo(f"The letters are in {folder}: index.csv says why, not-asked.csv who is left out.")
    typer.echo("Fill in what stands in [brackets] before you send them.")


@app.command()
def factcheck(
    draft: Annotated[Path, typer.Argument(help="A draft: .md, .txt, .docx or .html.")],
    place: Annotated[str, typer.Option(help="Check against the page of this place: CA.")] = "",
    json: Annotated[Path | None, typer.Option(help="Write the verdicts to this JSON file.")] = None,
) -> None:
    """Hold a draft's numbers and agency names against the findings of a place, and against the draft itself."""
    from kit.batch import folder_of
    from kit.factcheck import factcheck as check
    from kit.factcheck import write_claims

    claims = check(draft, folder_of(place) if place else None)
    for claim in claims:
        why = f" ({claim.why})" if claim.why else ""
        typer.echo(f"{claim.verdict}: {claim.text}{why}")
    told = {
        verdict: sum(claim.verdict == verdict for claim in claims)
        for verdict in dict.fromkeys(one.verdict for one in claims)
    }
    typer.echo("; ".join(f"{count} {verdict}" for verdict, count in told.items()))
    if json:
        write_claims(claims, _writable(json))


@app.command()
def sources() -> None:
    """Show the public sources: what each is, license, size limit, how sure its address is, what is here of it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from kit.sources import kept, load_sources

    known = load_sources()

    table = Table(box=None, padding=(0, 2, 1, 0))
    table.add_column("Source", min_width=max(map(len, known)))  # a name is never cut: it is typed
    for heading in ("License, credit", "At most", "Verified", "Here"):
        table.add_column(heading, no_wrap=heading != "License, credit")
    for name, source in known.items():
        words = (
            f"{source.license}, {source.credit}",
            f"{source.largest / 1_000_000:g} MB",
            f"{source.verified}, by hand" if source.by_hand else source.verified,
            f"{len(kept(source))} of {len(source.files)}" if source.files else f"{len(kept(source))}",
        )
        table.add_row(f"[bold]{escape(name)}[/]\n{escape(f'{source.title}. {source.what}')}", *map(escape, words))
    Console().print(table)
    typer.echo("Verified: whether the file's address was seen where it is published. Next: kit fetch NAME")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A source; `kit sources` shows the names.")],
    year: Annotated[str, typer.Option(help="Where a source has years: 2025.")] = "",
    layer: Annotated[str, typer.Option(help="Where it has layers: place, county, state, cousub.")] = "",
    state: Annotated[str, typer.Option(help="Where it has a file for each state: CA. Else the whole country.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Ask the network even if the file is here.")] = False,
) -> None:
    """Fetch a public source, check it, and keep it in data/cache; what is kept needs no network."""
    from kit.sources import fetch as fetch_source
    from kit.sources import find_source

    source = find_source(name)
    given = {key: text for key, text in (("year", year), ("layer", layer), ("state", state)) if text}
    here = Path.cwd()
    for file in fetch_source(name, again=again, **given):
        path = file.path.relative_to(here) if file.path.is_relative_to(here) else file.path
        typer.echo(f"{path}: {file.news}, {file.size:,} bytes, sha256 {file.sha256}")
    if source.verified != "yes":
        typer.echo(f"About the address: {source.note}", err=True)
    typer.echo(f"Credit: {source.credit} ({source.license}). {source.page}")


def main() -> None:
    """Run the command; a user's error is three lines on standard error and exit code 2."""
    try:
        app()
    except KitError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


def _pairs(given: list[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            msg = f'"{text}" is not NAME=VALUE.'
            raise ParameterError(msg, "--parameter", "For example: --parameter state=CA")
    return dict(text.split("=", 1) for text in given)


def _readable(path: Path) -> Path:
    if not path.is_file():
        msg = "There is no such file."
        raise KitError(msg, str(path), "Check the name; a name with spaces needs quotes around it.")
    return path


def _writable(path: Path) -> Path:
    if path.is_dir() or not path.absolute().parent.is_dir():
        what = "This is a folder." if path.is_dir() else "The folder to write to is not there."
        raise KitError(what, str(path), "Name a CSV file in a folder that is there.")
    return path


def _show(record: Record, rows: pd.DataFrame, file: Path) -> None:
    """Print what was read, what is uncertain and what was left out."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from kit.records.record import clean

    title = f"{record.owner or 'Owner not stated'}, {record.date or 'no date'}"
    table = Table(title=escape(title), title_justify="left", box=None, padding=(0, 3, 0, 0))
    table.add_column("Section")
    table.add_column("Rows", justify="right")
    table.add_column("Where")
    for (direction, data), count in record.counts().items():
        pages = rows.loc[(rows["direction"] == direction) & (rows["data"] == data), "page"]
        where = " to ".join(dict.fromkeys((pages.iloc[0], pages.iloc[-1]))) if count else ""
        words = f"{_DIRECTIONS[direction]}, {_DATA[data]}"
        table.add_row(words, f"{count:,}" if count else "none listed", escape(where))
    console = Console(soft_wrap=True)
    console.print(table)
    taken, left = len(record.rows), sum(item.rows for item in record.left_out)
    pages_read = f"{record.pages} page{'s' if record.pages > 1 else ''}"
    lines = [
        f"{record.title}, {pages_read}, {clean(file.name)}",
        f"List id: {record.list_id}",
        f"Rows in the record: {taken + left:,} = {taken:,} taken + {left:,} left out",
        *(f"Left out, {item.page}: {item.text} ({item.reason})" for item in record.left_out[:_SHOWN]),
    ]
    if more := record.left_out[_SHOWN:]:
        lines.append(f"Left out, {more[0].page} to {more[-1].page}: {len(more):,} more entries")
    lines += [f"Uncertain: {doubt}" for doubt in (*record.notes, *_doubts(rows))]
    for line in lines:
        console.print(escape(line), highlight=False)


def _next(record: Record, file: Path) -> str:
    """Say how the record is kept, with what it does not say of itself."""
    from kit.agencies import complete
    from kit.records.record import clean

    try:
        complete(record)
    except ParameterError as error:
        return f'Next: kit add "{clean(str(file))}". {error.what} {error.do}'
    return f'Next: kit add "{clean(str(file))}"'


def _doubts(rows: pd.DataFrame) -> Iterator[str]:
    """Say how many rows need a second look, and which to look at first."""
    flagged = rows[rows["flags"] != ""]
    for flag, words in _DOUBTS.items():
        if (marked := flagged[[flag in flags.split(";") for flags in flagged["flags"]]]).empty:
            continue
        first = marked.iloc[0]
        yield f"{words}: {len(marked):,}, the first at {first['page']}: {first['partner']}"
    if mended := int((rows["read_as"] != "").sum()):
        yield f"mended from what a scan gave, which column read_as keeps: {mended:,}"
