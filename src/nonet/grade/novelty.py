"""How far a row lies from those that a grader was made from, as the share of them that lie as far out.

A threshold holds for frames like those that it was set on. The distance of a row is the root mean square of its
standardised columns; as with conformal scores, each row that the grader was made from has its distance by the one
member that did not see it, so that of new rows from the same source a share ``s`` has a share of at most ``s``,
but for what the members' differences add (CV+: Barber et al. 2021, doi 10.1214/20-AOS1965).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Novelty", "distances"]

_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Novelty:
    """The distances of held-out rows, of each member ascending; or one list, the members' means, of a site's rows."""

    held_out: tuple[tuple[float, ...], ...]

    @classmethod
    def of_site(cls, found: NDArray[np.floating]) -> Novelty:
        """From rows that no member has seen: ``float[N]``, the mean of the members' distances of each."""
        return cls((tuple(np.sort(np.round(found, _DIGITS)).tolist()),))

    @classmethod
    def fit(cls, held_out: NDArray[np.floating], members: NDArray[np.integer]) -> Novelty:
        """Keep the distances of held-out rows.

        Parameters
        ----------
        held_out
            ``float[N]``, each by the member that did not see the row.
        members
            ``int[N]``, those members, from 0.
        """
        rounded = np.round(held_out, _DIGITS)
        count = int(members.max(initial=0)) + 1
        return cls(tuple(tuple(np.sort(rounded[members == member]).tolist()) for member in range(count)))

    def as_far_out(self, found: NDArray[np.floating]) -> NDArray[np.float64]:
        """The share of held-out rows that lie at least as far out as each new one, itself counted: ``float64[N]``.

        Parameters
        ----------
        found
            ``float[M, N]``: the distances of new rows by each member.
        """
        each = np.asarray(found, np.float64)
        rounded = np.round(each if len(self.held_out) > 1 else each.mean(axis=0)[None], _DIGITS)
        farther = sum(
            len(held) - np.searchsorted(np.array(held), rounded[member], "left")
            for member, held in enumerate(self.held_out)
        )
        share: NDArray[np.float64] = (1 + farther) / (1 + sum(map(len, self.held_out)))
        return share


def distances(inputs: NDArray[np.floating], numeric: int) -> NDArray[np.float64]:
    """Root mean square of the first ``numeric`` columns of rows ``float[N, D]``, standardised; 0 without any."""
    if not numeric:
        return np.zeros(len(inputs))
    return np.asarray(np.sqrt(np.mean(np.asarray(inputs[:, :numeric], np.float64) ** 2, axis=1)))
