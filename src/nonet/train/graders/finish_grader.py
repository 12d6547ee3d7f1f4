"""A searched grader becomes files for the run time: calibrated, with conformal thresholds, as ONNX and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.grade import GraderSpec
from nonet.grade.cross_conformal import LEVEL
from nonet.grade.held_out import calibrate
from nonet.grade.novelty import Novelty
from nonet.train.graders.join_members import join_members
from nonet.train.graders.kinds import export
from nonet.train.graders.search import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


__all__ = ["TrainedGrader", "finish_grader"]


@dataclass(frozen=True, slots=True)
class TrainedGrader:
    """The ONNX model and the specification that `nonet.grade.Grader` takes."""

    model: bytes
    spec: GraderSpec


def finish_grader(
    found: Found,
    answers: Sequence[str],
    groups: ArrayLike | None = None,
    *,
    seed: int = 0,
    level: float = LEVEL,
) -> TrainedGrader:
    """Calibrate on out-of-fold probabilities, take conformal scores, and export the classifiers of all inner folds.

    Copies that the search was given are calibrated on too, so that a probability leans to no side where a frame is of
    another machine; conformal scores are those of the rows themselves.

    Parameters
    ----------
    found
        The result of a search over the same rows.
    answers, groups
        As given to the search.
    seed
        Of the split into halves that calibrate each other.
    level
        Of the conformal sets.
    """
    labels = np.searchsorted(np.array(found.classes), np.asarray(answers, dtype=str))
    numbers = np.unique(np.arange(len(labels)) if groups is None else np.asarray(groups), return_inverse=True)[1]
    calibration, conformal = calibrate(
        found.out_of_fold,
        np.tile(labels, found.draws),
        found.member_of_row,
        np.tile(numbers, found.draws),
        seed,
        level,
        copies=found.copies,
        draws=found.draws,
    )
    members = tuple(preprocessing for preprocessing, _ in found.members)
    novelty = Novelty.fit(found.distances, found.member_of_row)
    spec = GraderSpec(
        2 if found.draws == 1 else 4, found.kind, found.classes, members, calibration, conformal, novelty=novelty
    )
    return TrainedGrader(join_members([export(found.kind, classifier) for _, classifier in found.members]), spec)
