"""What an engine is: the place where items are done. One is `nonet.work.pool`, the other `nonet.work.ray_engine`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from nonet.errors import EnvironmentFailure

__all__ = ["Engine", "worker_lost"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")


class Engine(Protocol):
    """Does many items; each worker opens what it needs once."""

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

    def for_what_was_lost(self) -> Engine:
        """The engine for what workers that were lost had not done: it takes fewer of them where machines are gone."""


def worker_lost() -> EnvironmentFailure:
    """The error of an item whose worker ended before it was done, more than once."""
    return EnvironmentFailure(
        "A worker process lives until its items are done",
        found="one that was killed, or ran out of memory",
        remedy="Free some memory, or use fewer workers, and run the same command again",
    )
