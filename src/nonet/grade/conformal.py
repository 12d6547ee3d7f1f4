"""Which classes a single classifier cannot rule out: class-conditional split conformal sets, those of format 1.

A class stays in the set unless its probability is lower than that of 90 % of its own held-out
rows (least ambiguous sets: Sadinle, Lei & Wasserman 2019, doi 10.1080/01621459.2017.1395341;
a quantile for each class: Vovk 2012, arXiv 1209.2673). Of every class, at least 90 % of new rows from the
same source keep the true class in their set, in the mean over draws of the held-out rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEVEL", "Conformal"]

LEVEL = 0.9
"""Share of a class's rows that keep their true class."""

_ALWAYS = 1.0
"""The greatest score there is: a class with this threshold is in every set."""


@dataclass(frozen=True, slots=True)
class Conformal:
    """The greatest score, one minus the probability, with which each class stays in a set."""

    level: float
    thresholds: tuple[float, ...]

    @classmethod
    def fit(cls, probabilities: NDArray[np.floating], labels: NDArray[np.integer], level: float = LEVEL) -> Conformal:
        """Thresholds from held-out rows that neither the classifier nor its calibration has seen.

        Parameters
        ----------
        probabilities
            Calibrated, ``float[N, K]``.
        labels
            ``int[N]``, the true classes, 0 to ``K - 1``.
        level
            Above 0, below 1. A class with ``n`` rows has the score of rank ``ceil(level * (n + 1))``
            for its threshold; where that rank exceeds ``n`` (9 rows are needed at 90 %), the
            class can never be ruled out.
        """
        scores = 1 - np.asarray(probabilities, np.float64)
        return cls(level, tuple(_threshold(scores[labels == place, place], level) for place in range(scores.shape[1])))

    def sets(self, probabilities: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether each class is in the set, ``bool[N, K]``, of ``float[1, N, K]``; a set may be empty."""
        inside: NDArray[np.bool_] = 1 - np.asarray(probabilities, np.float64)[0] <= np.array(self.thresholds)
        return inside


def _threshold(scores: NDArray[np.float64], level: float) -> float:
    rank = math.ceil(level * (len(scores) + 1) - 1e-9)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else _ALWAYS
