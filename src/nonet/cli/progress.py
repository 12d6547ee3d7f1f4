"""A progress bar on stderr with rate and remaining time; silent where nobody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Task

__all__ = ["watched"]

T = TypeVar("T")


def watched(items: Sequence[T], doing: str) -> Iterator[T]:
    """Give the items one by one, with a bar on stderr while they last.

    Parameters
    ----------
    items
        What is worked through.
    doing
        What is done with them, in a word or two.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=len(items))
        for item in items:
            yield item
            bar.advance(task)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")
