"""Do items that come one by one, here or in spawned processes: results in order, a few items in memory at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, TypeVar

from nonet.work.pool import _begin, _do, _interrupts_held

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

__all__ = ["stream_items"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")

_AHEAD = 1
"""Items that wait for a worker, for each worker."""
_LONGEST_END_SECONDS = 5.0


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
    before = set(active_children())
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(opener,))
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            if len(waiting) >= workers * (1 + _AHEAD):
                first, future = waiting.popleft()
                yield first, future.result()
            with _interrupts_held():
                waiting.append((item, pool.submit(_do, function, item)))
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        workers_left = set(active_children()) - before
        for child in workers_left:
            child.terminate()
        for child in workers_left:
            child.join(_LONGEST_END_SECONDS)
        raise
    pool.shutdown()
