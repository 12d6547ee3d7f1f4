"""Do many items by an engine: items in, results out, in order or as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from nonet.work.pool import LocalEngine

if TYPE_CHECKING:
    from nonet.work.engine import Engine

__all__ = ["run_items"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")


def run_items(
    function: Callable[[Tools, Item], Result],
    items: Sequence[Item],
    opener: Callable[[], Tools],
    *,
    workers: int = 1,
    watch: Callable[[Sequence[Item]], Iterable[Item]] = iter,
    engine: Engine | None = None,
    in_order: bool = True,
    lost: Callable[[Item], Result] | None = None,
) -> Generator[Result, None, None]:
    """The result of each item.

    An item that may fail alone returns its failure as a value; one that raises stops all. What is finished is the
    function's to keep, under a name by the item's content, so that a second run leaves it out.

    Parameters
    ----------
    function
        Takes what ``opener`` gave and an item; both must be picklable for other processes, as are results.
    items
        What to do.
    opener
        Opens what a worker needs, once a worker.
    workers
        Number of processes of the local engine; one is this process.
    watch
        Yields the items one by one, and may show progress.
    engine
        Where the items are done; by default on this machine by so many ``workers``.
    in_order
        Whether results come in the order of the items, or as they come.
    lost
        What an item gives that kills its worker; by default that is an error.

    Yields
    ------
    One result an item.

    Raises
    ------
    EnvironmentFailure
        If workers are killed and ``lost`` is not given.
    """
    if not items:
        return
    ticks = iter(watch(items))
    next(ticks, None)
    chosen = engine or LocalEngine(workers)
    with closing(chosen.run(function, items, opener, in_order=in_order, lost=lost)) as results:
        for result in results:
            yield result
            next(ticks, None)
