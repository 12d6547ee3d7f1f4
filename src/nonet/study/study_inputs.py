"""What a study is given: its plan, its data, the bundle that measures frames, and where results are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nonet.bundle import Bundle
    from nonet.datasets import DataSet
    from nonet.study.cache import Cache
    from nonet.study.plan import Plan

__all__ = ["StudyInputs", "Watch", "unwatched"]

Watch = Callable[[Sequence[Any], str], Iterable[Any]]
"""Takes a sequence and a word for what is done, yields the items one by one, and may show progress."""


def unwatched(items: Sequence[Any], _: str) -> Iterable[Any]:
    """Shows nothing."""
    return items


@dataclass(frozen=True, slots=True)
class StudyInputs:
    """The files of a study, opened."""

    plan: Plan
    plan_sha256: str
    plan_file: Path
    data_folder: Path
    data: DataSet
    bundle: Bundle
    cache: Cache
    workers: int
    watch: Watch
    external_folder: Path | None = None
    external_data: DataSet | None = None
