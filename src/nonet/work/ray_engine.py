"""The Ray engine: items on the machines of a cluster, in a pool of actors of fixed size, through Ray Data.

An actor opens what it needs once and does one item at a time, whole: what would be several steps of a pipeline is one,
so that no pixels travel. The pool leaves at least one slot free, which tasks that feed the actors need. Ray is imported
when an engine runs.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from nonet.errors import EnvironmentFailure, SettingsError
from nonet.work.engine import worker_lost
from nonet.work.ray_cluster import open_cluster

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RayEngine"]

Item = TypeVar("Item")
Result = TypeVar("Result")
Tools = TypeVar("Tools")

_RETRIES = 2
"""So many times an item is tried again whose actor was killed."""


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Actors on a Ray cluster.

    Parameters
    ----------
    workers
        Number of actors; None takes all slots of the cluster but one, or on this machine one for each core.
    address
        ``HOST:PORT`` of the head of a running cluster; None starts one on this machine.
    cores
        Cores of this machine, for a cluster of its own.
    or_fewer
        Whether fewer actors do where the cluster has not so many slots.
    """

    workers: int | None = None
    address: str | None = None
    cores: int = 1
    or_fewer: bool = False

    def run(
        self,
        function: Callable[[Tools, Item], Result],
        items: Sequence[Item],
        opener: Callable[[], Tools],
        *,
        in_order: bool,
        lost: Callable[[Item], Result] | None,
    ) -> Generator[Result, None, None]:
        """One result an item; the parameters are those of `nonet.work.run_items`.

        Raises
        ------
        SettingsError
            If the cluster cannot be reached, or has no more slots than there are to be actors.
        EnvironmentFailure
            If Ray does not start, or actors are killed and ``lost`` is not given.
        """
        with open_cluster(self.address, self.workers or self.cores) as slots:
            actors = min(self._actors(slots), len(items))
            came = _came(function, items, opener, actors, in_order=in_order)
            yield from _with_lost(came, items, lost, in_order=in_order)

    def _actors(self, slots: int) -> int:
        most = max(1, slots - 1)
        if self.workers is None or self.or_fewer:
            return min(self.workers or most, most)
        if self.workers >= slots:
            raise SettingsError(
                "A Ray cluster has more slots (CPUs) than workers: actors on all of them starve what feeds them",
                found=f"{self.workers} workers, {slots} slots",
                remedy=f"Use at most {most} workers, or start nodes with more --num-cpus",
            )
        return self.workers

    def for_what_was_lost(self) -> RayEngine:
        """One that does with fewer actors: a node that died took its slots with it."""
        return replace(self, or_fewer=True)


def _with_lost(
    came: Iterator[tuple[int, Any]], items: Sequence[Any], lost: Callable[[Any], Any] | None, *, in_order: bool
) -> Iterator[Any]:
    """A result an item: Ray leaves out those that were lost, and keeps the order of the others where it is asked to."""
    waiting, expected = set(range(len(items))), 0
    for place, result in came:
        for missing in range(expected, place) if in_order else ():
            waiting.discard(missing)
            yield _of_lost(items[missing], lost)
        waiting.discard(place)
        expected = place + 1
        yield result
    for missing in sorted(waiting):
        yield _of_lost(items[missing], lost)


def _of_lost(item: Any, lost: Callable[[Any], Any] | None) -> Any:  # noqa: ANN401
    if lost is None:
        raise worker_lost()
    return lost(item)


def _came(
    function: Callable[[Any, Any], Any],
    items: Sequence[Any],
    opener: Callable[[], Any],
    actors: int,
    *,
    in_order: bool,
) -> Iterator[tuple[int, Any]]:
    """The place of each item that was done, and its result.

    Raises
    ------
    Exception
        What the function raised in an actor.
    """
    import ray
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # an item that kills its actors is left out; what raises comes as a value
    context.execution_options.preserve_order = in_order
    rows = [{"place": place, "packed": pickle.dumps(item)} for place, item in enumerate(items)]
    with warnings.catch_warnings():
        # Options of actors are to get other names in Ray 2.64, which the extra leaves out.
        warnings.simplefilter("ignore", ray.util.annotations.RayDeprecationWarning)
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(  # an item a block, a block a task
            _Actor,
            fn_constructor_args=(pickle.dumps((function, opener)),),
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(min_size=actors, max_size=actors, max_tasks_in_flight_per_actor=1),
            num_cpus=1,
            max_restarts=-1,
            max_task_retries=_RETRIES,
        )
    del rows
    try:
        for batch in done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for place, packed in zip(batch["place"].to_pylist(), batch["packed"].to_pylist(), strict=True):
                has_raised, outcome = pickle.loads(packed)  # noqa: S301 - from our own actors
                if has_raised:
                    raise outcome
                yield place, outcome
    except ray.exceptions.RayError as problem:
        raise EnvironmentFailure(
            "A Ray cluster lives until the items are done",
            found=(str(problem).splitlines() or [type(problem).__name__])[0].rstrip("."),
            remedy="Run the same command again: what was finished is kept",
        ) from problem


class _Actor:
    """Opens the tools, once, and does items; what is raised goes back as a value, so that it can stop the run."""

    def __init__(self, packed: bytes) -> None:
        self._function, opener = pickle.loads(packed)  # noqa: S301 - from our own driver
        self._problem: Exception | None = None
        try:
            self._tools = opener()
        except Exception as problem:
            self._problem = problem

    def __call__(self, batch: pa.Table) -> pa.Table:
        import pyarrow as pa

        packed = [self._do(item) for item in batch["packed"].to_pylist()]
        return pa.table({"place": batch["place"], "packed": pa.array(packed, pa.binary())})

    def _do(self, item: bytes) -> bytes:
        try:
            if self._problem is not None:
                raise self._problem
            return pickle.dumps((False, self._function(self._tools, pickle.loads(item))))  # noqa: S301
        except Exception as problem:
            return pickle.dumps((True, problem))
