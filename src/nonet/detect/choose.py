"""Choose among candidate boxes with an eye to where the other structures lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.detect.shape_prior import OUTLIER_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.candidates import Candidates
    from nonet.detect.shape_prior import ShapePrior

__all__ = ["choose"]

_ROUNDS = 3


def choose(candidates: Candidates, shape_prior: ShapePrior, points: NDArray[np.floating]) -> Candidates:
    """The best place of each structure, its score lowered where the arrangement finds the place rare.

    A place that fewer than one in 200 boxed frames has loses score by the power ``weight`` of how much
    rarer it is; the place with the highest score left is taken. The others are gone by as they were
    last chosen, if seen, until no choice changes. No structure gets a score above that of its first
    place: one that the network does not see stays unseen.

    Parameters
    ----------
    candidates
        ``K`` places for each of the nine structures.
    shape_prior
        Where structures may lie.
    points
        ``float[9]``: the score from which each structure counts as seen.

    Returns
    -------
    One place for each structure.
    """
    places = np.zeros(len(candidates.scores), np.intp)
    own = np.minimum(candidates.scores, candidates.scores[:, :1])
    known = own[:, 0] >= points
    lowered = candidates
    for _ in range(_ROUNDS):
        gone_by = candidates.chosen(places).edges[:, 0]
        tail_share = shape_prior.fit(gone_by, known, candidates.edges).tail_share
        factors = np.minimum(tail_share / OUTLIER_SHARE, 1.0) ** shape_prior.weight
        lowered = replace(candidates, scores=(own * factors).astype(np.float32))
        before, places = places, lowered.scores.argmax(axis=1)
        was_known, known = known, lowered.scores.max(axis=1) >= points
        if (before == places).all() and (was_known == known).all():
            break
    return lowered.chosen(places)
