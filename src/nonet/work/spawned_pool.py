"""Spawned processes that answer no interrupt: each opens its tools once, and all end with what they were for."""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

__all__ = ["spawned_pool", "submit"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")

_LONGEST_END_SECONDS = 5.0

_TOOLS: list[Any] = []
"""What this worker opened, in a process of the pool."""


@contextmanager
def spawned_pool(workers: int, opener: Callable[[], Any]) -> Iterator[ProcessPoolExecutor]:
    """So many processes, which end when what is done within it does; where that raises, they are stopped at once.

    Either way the pool's own thread has ended too: one that Python has to wake as it exits may find its pipe closed.

    Parameters
    ----------
    workers
        Number of processes.
    opener
        Opens what a process needs, once; picklable.
    """
    before = set(active_children())
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(opener,))
    try:
        yield pool
    except BaseException:
        workers_left = set(active_children()) - before
        for child in workers_left:
            child.terminate()
        for child in workers_left:
            child.join(_LONGEST_END_SECONDS)
            child.kill()
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def submit(pool: ProcessPoolExecutor, function: Callable[[Tools, Item], Result], item: Item) -> Future[Result]:
    """What a process of the pool will give: ``function`` of its tools and the item.

    Processes that are started for it begin with interrupts held back, so that none comes before `_begin`.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_do, function, item)
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
