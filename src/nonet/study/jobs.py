"""The work of a study that is done in processes of its own: choosing and learning, a file for each job."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.study.cache import replace_text
from nonet.study.experiments import Context, ExperimentRunner

if TYPE_CHECKING:
    from nonet.study.splits import Split
    from nonet.train.graders import GraderKind

__all__ = ["choose", "learn", "work"]

_CONTEXT: list[Context] = []
"""The one context of a process of the pool."""


def work(
    context: Context,
    jobs: Sequence[tuple[Any, ...]],
    workers: int,
    watch: Callable[[Sequence[Future[None]]], Iterable[Future[None]]],
) -> None:
    """Run jobs, each a function and its arguments; the first that fails stops those that have not begun."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(context,)) as pool:
        running: list[Future[None]] = [pool.submit(*job) for job in jobs]
        try:
            for future in watch(running):
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def choose(arm: str, division: Split, file: Path, resamples: int) -> None:
    """Write an arm's choices on a division; see `ExperimentRunner.choose`."""
    (context,) = _CONTEXT
    replace_text(file, json.dumps(ExperimentRunner(context, arm, division).choose(resamples=resamples)))


def learn(arm: str, division: Split, file: Path, kind: GraderKind, choices: Path) -> None:
    """Write a cell's grader on a division; see `ExperimentRunner.learn`."""
    (context,) = _CONTEXT
    chosen = json.loads(choices.read_text(encoding="utf-8"))
    replace_text(file, json.dumps(ExperimentRunner(context, arm, division).learn(kind, chosen).to_json()))


def _begin(context: Context) -> None:
    _CONTEXT[:] = [context]
