"""Which classes an ensemble of cross-fitted classifiers cannot rule out: class-conditional cross-conformal sets.

Each held-out row has a score, one minus the probability of its class, from the one classifier that did not learn from
it. A new row is scored by every classifier, and a class stays in its set unless fewer of the class's held-out rows than
the level leaves are as strange under the same classifier (CV+: Barber et al. 2021, doi 10.1214/20-AOS1965; for classes:
Romano, Sesia & Candes 2020, arXiv 2006.02544; for each class: Vovk 2012, arXiv 1209.2673). What is calibrated is what
ships: no classifier is fitted again. Of every class, at least ``2 level - 1`` of new rows from the same source keep the
true class, whatever the classifiers; with stable ones it is the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEVEL", "CrossConformal"]

LEVEL = 0.95
"""Share of a class's rows that keep their true class; above a good grader's accuracy, so that a set can hold two."""

_DIGITS = 6
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class CrossConformal:
    """The scores of held-out rows, of each class and member ascending.

    Attributes
    ----------
    level
        Of every class.
    scores
        Of each class and member.
    levels
        Of each class, where they differ; else empty. A class between two others may have a lower one, so that doubt
        about it does not leave most rows undecided, while the others keep theirs.
    draws
        How often each row has a score, by as many members; its scores together count as one.
    """

    level: float
    scores: tuple[tuple[tuple[float, ...], ...], ...]
    levels: tuple[float, ...] = ()
    draws: int = 1

    @property
    def of_classes(self) -> tuple[float, ...]:
        """The level of each class."""
        return self.levels or (self.level,) * len(self.scores)

    @classmethod
    def fit(
        cls,
        probabilities: NDArray[np.floating],
        labels: NDArray[np.integer],
        members: NDArray[np.integer],
        level: float = LEVEL,
        draws: int = 1,
    ) -> CrossConformal:
        """Scores of held-out rows.

        Parameters
        ----------
        probabilities
            Calibrated, ``float[N, K]``, each row by the member that did not learn from it.
        labels, members
            ``int[N]``, the true classes and those members, both from 0.
        level
            Above 0, below 1. A class with fewer than ``level / (1 - level)`` rows can never be ruled out.
        draws
            How often each row is there.
        """
        scores = np.round(1 - np.asarray(probabilities, np.float64), _DIGITS)
        count = int(members.max(initial=0)) + 1
        return cls(
            level,
            tuple(
                tuple(
                    tuple(np.sort(scores[(labels == place) & (members == member), place]).tolist())
                    for member in range(count)
                )
                for place in range(scores.shape[1])
            ),
            draws=draws,
        )

    def sets(self, probabilities: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether each class is in the set, ``bool[N, K]``; a set may hold several classes, or none.

        Parameters
        ----------
        probabilities
            Calibrated, ``float[M, N, K]``: those of each of the members.
        """
        scores = np.round(1 - np.asarray(probabilities, np.float64), _DIGITS)
        inside = np.empty(scores.shape[1:], np.bool_)
        for place, (of_class, level) in enumerate(zip(self.scores, self.of_classes, strict=True)):
            as_strange = sum(
                len(held) - np.searchsorted(np.array(held), scores[member, :, place], "left")
                for member, held in enumerate(of_class)
            )
            rows = sum(map(len, of_class))
            inside[:, place] = (self.draws + as_strange) / (rows + self.draws) > 1 - level + _ROUNDING
        return inside
