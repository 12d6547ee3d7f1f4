"""Operating points: the score from which a structure counts as visible, chosen on frames held out of training."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.detection.matching import Matching

__all__ = ["ON_STRUCTURE", "choose_operating_points"]

ON_STRUCTURE = 0.25
"""Overlap from which a box lies on its structure. Two readers' boxes of one nuchal translucency may overlap by less
than half: whether it is seen is one question, how closely it is boxed another, which the bands of edges answer."""

_LOG = logging.getLogger(__name__)
_TOLERANCE = 0.005
_NEVER = 1.0
_DECIMALS = 3


def choose_operating_points(looks: Sequence[Matching], empty: NDArray[np.float64]) -> dict[Structure, float]:
    """The threshold of the highest F1 for each structure, to 0.001, over all looks together.

    A structure that is called counts as right where readers boxed it and the box lies on it; F1 is flat about its top,
    so the middle of the scores whose F1 comes within 0.005 of the best is taken, not the best itself. A structure that
    is never found is never called: its point is 1, with a warning.

    Parameters
    ----------
    looks
        Held-out frames, matched whatever the score: as they are, and in other appearances.
    empty
        ``float64[M, 9]``, scores in frames where none of the structures is, seen in the same appearances.
    """
    scores = np.concatenate([*(look.scores for look in looks), empty])
    right = np.concatenate([*(look.boxed & (look.iou >= ON_STRUCTURE) for look in looks), np.zeros(empty.shape, bool)])
    boxes = sum(look.boxed.sum(axis=0) for look in looks)
    never = [structure.label for index, structure in enumerate(STRUCTURES) if not right[:, index].any()]
    if never:
        _LOG.warning("never called, as no box of it was found on held-out frames: %s", ", ".join(never))
    return {
        structure: _threshold(scores[:, index], right[:, index], int(boxes[index]))
        for index, structure in enumerate(STRUCTURES)
    }


def _threshold(scores: NDArray[np.float64], right: NDArray[np.bool_], boxes: int) -> float:
    if not right.any():
        return _NEVER
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(right[order])
    f1 = 2 * found / (boxes + np.arange(1, len(scores) + 1))
    near = scores[order][f1 >= f1.max() - _TOLERANCE]
    return round(float(near.min() + near.max()) / 2, _DECIMALS)
