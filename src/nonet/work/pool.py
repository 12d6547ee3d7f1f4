"""Do many items, here or in spawned processes: results in order, what a worker needs opened once, a prompt stop."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

__all__ = ["run_items"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")

_LONGEST_END_SECONDS = 5.0

_TOOLS: list[Any] = []
"""What this worker opened, in a process of the pool."""


def run_items(
    function: Callable[[Tools, Item], Result],
    items: Sequence[Item],
    opener: Callable[[], Tools],
    *,
    workers: int = 1,
    watch: Callable[[Sequence[Item]], Iterable[Item]] = iter,
) -> Generator[Result, None, None]:
    """The result of each item, in the order of the items.

    One worker is this process. Several are spawned processes that ignore an interrupt, which is this
    process's to answer: when it is interrupted, or an item raises, they are stopped at once and what is not
    begun is dropped. An item that may fail alone returns its failure as a value.

    Parameters
    ----------
    function
        Takes what ``opener`` gave and an item; both must be picklable for several workers, as are results.
    items
        What to do.
    opener
        Opens what a worker needs, once a worker.
    workers
        Number of processes.
    watch
        Yields the items one by one, and may show progress.

    Yields
    ------
    One result an item.
    """
    if not items:
        return
    if workers == 1:
        tools = opener()
        for item in watch(items):
            yield function(tools, item)
        return
    before = set(active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(items)), mp_context=get_context("spawn"), initializer=_begin, initargs=(opener,)
    )
    try:
        with _interrupts_held():
            waiting = [pool.submit(_do, function, item) for item in items]
        for place, _ in enumerate(watch(items)):
            yield waiting[place].result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        workers_left = set(active_children()) - before
        for child in workers_left:
            child.terminate()
        for child in workers_left:
            child.join(_LONGEST_END_SECONDS)
        raise
    pool.shutdown()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes that are started within it begin with interrupts held back, so that none comes before `_begin`."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _begin(opener: Callable[[], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        _TOOLS[:] = [opener()]
    except Exception as problem:
        _TOOLS[:] = [_Unopened(problem)]


def _do(function: Callable[[Any, Any], Any], item: Any) -> Any:  # noqa: ANN401
    (tools,) = _TOOLS
    if isinstance(tools, _Unopened):
        raise tools.problem
    return function(tools, item)


@dataclass(frozen=True)
class _Unopened:
    """Stands for tools that could not be opened."""

    problem: Exception
