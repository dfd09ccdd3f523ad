"""What somebody who waits for a batch sees: one line a place, how many are done, how long the rest may take."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kit.pool import Outcome


@contextmanager
def shown(total: int, *, plain: bool = False) -> Iterator[Callable[[Outcome], None]]:
    """Give a function that shows what became of a place; `plain`, or where nobody watches, without a bar."""
    console = Console(soft_wrap=True, highlight=False)
    # No thread of its own: a process with two cannot be forked.
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        auto_refresh=False,
        transient=True,
        speed_estimate_period=600,
        disable=plain or not console.is_terminal,
    )
    with bar:
        task = bar.add_task("Making pages", total=total)
        done = 0

        def tell(outcome: Outcome) -> None:
            nonlocal done
            done += 1
            console.print(escape(f"{done} of {total}  {_line(outcome)}"))
            if outcome.status == "current":  # it took no time, and says nothing of how long the others take
                left = bar.tasks[0].total or 1
                bar.update(task, total=left - 1)
            else:
                bar.update(task, advance=1)
            bar.refresh()

        bar.refresh()
        yield tell


def _line(outcome: Outcome) -> str:
    if outcome.status == "failed":
        return "\n    ".join([f"{outcome.place}: failed. {outcome.what}", *filter(None, (outcome.where, outcome.do))])
    if outcome.status == "current":
        return f"{outcome.place}: up to date"
    kernel = " in an ordinary kernel" if outcome.kernel == "ordinary" else ""
    return f"{outcome.place}: made{kernel}, {outcome.seconds:.1f} s"
