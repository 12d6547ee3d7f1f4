"""A grader's probabilities at another hospital: calibration and conformal scores from a few of its own labelled frames.

The grader stays as it is. Its probabilities are calibrated again on the site's frames, in folds: each fold's frames are
scored by a calibration that did not see them, and the mean of the calibrations is what is given (CV+ over calibrations:
Barber et al. 2021, doi 10.1214/20-AOS1965). So threshold, calibration and sets are the site's, order is the grader's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.grade.cross_conformal import LEVEL, CrossConformal
from nonet.grade.probability_calibration import Method, ProbabilityCalibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FOLDS", "SiteCalibration", "site_folds"]

FOLDS = 5


@dataclass(frozen=True, slots=True)
class SiteCalibration:
    """The calibrations of the folds, the scores of the frames that each did not see, and how many frames there were."""

    calibrations: tuple[ProbabilityCalibration, ...]
    conformal: CrossConformal
    frames: int

    @classmethod
    def fit(
        cls,
        probabilities: NDArray[np.floating],
        labels: NDArray[np.integer],
        groups: NDArray[np.integer] | None = None,
        *,
        level: float = LEVEL,
        folds: int = FOLDS,
        seed: int = 0,
    ) -> SiteCalibration:
        """Calibrate on frames that the grader was not made from.

        Parameters
        ----------
        probabilities
            ``float[N, K]``, as the grader gives them.
        labels
            ``int[N]``, the true classes, 0 to ``K - 1``.
        groups
            ``int[N]``; rows of one number (a patient) share a fold. By default each row is alone.
        level
            Of the conformal sets. A class with fewer than ``level / (1 - level)`` rows can never be ruled out.
        folds
            How many calibrations there are, at most as many as groups.
        seed
            Of the folds.
        """
        given = np.asarray(probabilities, np.float64)
        fold = site_folds(labels, groups, folds, seed)
        method = Method.PLATT if given.shape[1] == 2 else Method.VECTOR
        calibrations = [
            ProbabilityCalibration.fit(given[fold != one], labels[fold != one], method) for one in range(fold.max() + 1)
        ]
        scored = np.empty(given.shape)
        for one, calibration in enumerate(calibrations):
            scored[fold == one] = calibration.apply(given[fold == one])
        return cls(tuple(calibrations), CrossConformal.fit(scored, labels, fold, level), len(labels))

    def apply(self, probabilities: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Probabilities ``float64[N, K]`` and conformal sets ``bool[N, K]`` in place of the grader's probabilities."""
        calibrated = np.stack([one.apply(probabilities) for one in self.calibrations])
        return calibrated.mean(axis=0), self.conformal.sets(calibrated)


def site_folds(
    labels: NDArray[np.integer], groups: NDArray[np.integer] | None, folds: int, seed: int
) -> NDArray[np.intp]:
    """A fold for every row, from 0: groups dealt out in turn, those of one class after those of another."""
    members = np.unique(np.arange(len(labels)) if groups is None else groups, return_inverse=True)[1]
    count = int(members.max(initial=-1)) + 1
    first = np.zeros(count, np.intp)
    first[members[::-1]] = labels[::-1]
    shuffled = np.random.default_rng(seed).permutation(count)
    dealt = shuffled[np.argsort(first[shuffled], kind="stable")]
    of_group = np.empty(count, np.intp)
    of_group[dealt] = np.arange(count) % min(folds, count)
    chosen: NDArray[np.intp] = of_group[members]
    return chosen
