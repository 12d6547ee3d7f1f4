"""The local engine: items in this process or in spawned ones, what a worker needs opened once, a prompt stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from nonet.work.engine import worker_lost
from nonet.work.spawned_pool import spawned_pool, submit

__all__ = ["LocalEngine"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """One process, or several on the machine that this one is on.

    One worker is this process. Several are spawned processes that ignore an interrupt, which is this
    process's to answer: when it is interrupted, or an item raises, they are stopped at once and what is not
    begun is dropped.

    A process that is killed takes the pool with it. What was not done is then done by a new one; the few items that
    may have been under way are done one at a time, so that the one that kills its process is found.

    Parameters
    ----------
    workers
        Number of processes.
    """

    workers: int = 1

    def run(
        self,
        function: Callable[[Tools, Item], Result],
        items: Sequence[Item],
        opener: Callable[[], Tools],
        *,
        in_order: bool,
        lost: Callable[[Item], Result] | None,
    ) -> Generator[Result, None, None]:
        """One result an item; the parameters are those of `nonet.work.run_items`."""
        if self.workers == 1:
            tools = opener()
            for item in items:
                yield function(tools, item)
            return
        left = deque(items)
        begun_at_most = 2 * self.workers + 1
        while left:
            try:
                yield from _in_pool(function, left, opener, self.workers, in_order=in_order)
            except BrokenProcessPool as problem:
                if lost is None:
                    raise worker_lost() from problem
            for _ in range(min(begun_at_most, len(left))):
                yield _alone(function, left.popleft(), opener, lost)

    def for_what_was_lost(self) -> LocalEngine:
        """The same: its machine is there."""
        return self


def _in_pool(
    function: Callable[[Any, Any], Any],
    left: deque[Any],
    opener: Callable[[], Any],
    workers: int,
    *,
    in_order: bool,
) -> Iterator[Any]:
    """The results of the items that are left; each is taken off once its result is there.

    Raises
    ------
    BrokenProcessPool
        If a process was killed; what is left is not done.
    """
    items = list(left)
    done = [False] * len(items)
    try:
        with spawned_pool(min(workers, len(left)), opener) as pool:
            places = {submit(pool, function, item): place for place, item in enumerate(items)}
            for future in _finished(places, in_order=in_order):
                result = future.result()
                done[places.pop(future)] = True
                yield result
    finally:
        left.clear()
        left.extend(item for item, is_done in zip(items, done, strict=True) if not is_done)


def _finished(places: dict[Future[Any], int], *, in_order: bool) -> Iterator[Future[Any]]:
    """Futures, of which none is kept here once it is given."""
    waiting = deque(places)
    while in_order and waiting:
        yield waiting.popleft()
    if not in_order:
        yield from as_completed(places)


def _alone(
    function: Callable[[Any, Any], Any],
    item: Any,  # noqa: ANN401
    opener: Callable[[], Any],
    lost: Callable[[Any], Any] | None,
) -> Any:  # noqa: ANN401
    """The result of one item in a process of its own; what ``lost`` says if it kills that too."""
    with suppress(BrokenProcessPool):
        (result,) = _in_pool(function, deque([item]), opener, 1, in_order=True)
        return result
    if lost is None:
        raise worker_lost()
    return lost(item)
