"""Do items that come one by one, here or in spawned processes: results in order, a few items in memory at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from nonet.work.spawned_pool import spawned_pool, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

__all__ = ["stream_items"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")

_AHEAD = 1
"""Items that wait for a worker, for each worker."""


def stream_items(
    function: Callable[[Tools, Item], Result],
    items: Iterable[Item],
    opener: Callable[[], Tools],
    *,
    workers: int = 1,
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with its result, in the order of the items, which are taken only as workers become free.

    As `nonet.work.run_items` otherwise: one worker is this process, several are spawned processes that are stopped at
    once where an item raises or this process is interrupted.

    Parameters
    ----------
    function
        Takes what ``opener`` gave and an item; both must be picklable for several workers, as are results.
    items
        What to do, of any number.
    opener
        Opens what a worker needs, once a worker.
    workers
        Number of processes; up to twice as many items are in memory at a time.
    """
    if workers == 1:
        tools = opener()
        for item in items:
            yield item, function(tools, item)
        return
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    with spawned_pool(workers, opener) as pool:
        for item in items:
            if len(waiting) >= workers * (1 + _AHEAD):
                first, future = waiting.popleft()
                yield first, future.result()
            waiting.append((item, submit(pool, function, item)))
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
