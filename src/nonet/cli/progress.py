"""A progress bar on stderr with rate and remaining time; silent where nobody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.progress import Task

__all__ = ["watched", "watched_within"]

T = TypeVar("T")

_running: list[Progress] = []
"""The bar that is on the screen, for what goes on within one of its items."""


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
        _running.append(bar)
        try:
            yield from _advancing(bar, items, len(items), doing)
        finally:
            _running.remove(bar)


def watched_within(parts: Iterable[T], count: int, doing: str) -> Iterator[T]:
    """Give the parts of one of the items that are watched, such as the frames of a loop, with a bar below theirs.

    Parameters
    ----------
    parts
        What is worked through; without a bar on the screen they are given and nothing else is done.
    count
        How many there are.
    doing
        What is done with them, in a word or two.
    """
    return _advancing(_running[-1], parts, count, doing) if _running else iter(parts)


def _advancing(bar: Progress, parts: Iterable[T], count: int, doing: str) -> Iterator[T]:
    task = bar.add_task(doing, total=count)
    try:
        for part in parts:
            yield part
            bar.advance(task)
    finally:
        bar.remove_task(task)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")
