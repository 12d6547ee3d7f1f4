"""Operating points: the score from which a structure counts as visible, chosen on frames held out of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.evaluate.detection.matching import MATCH_IOU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.evaluate.detection.matching import Matching

__all__ = ["choose_operating_points"]

_TOLERANCE = 0.01
_DECIMALS = 3


def choose_operating_points(matching: Matching) -> dict[Structure, float]:
    """The threshold of the highest F1 at IoU 0.5 for each structure, to 0.001.

    F1 is flat about its top on a hundred frames, so the middle of the scores whose F1 comes within
    0.01 of the best is taken, not the best itself.

    Parameters
    ----------
    matching
        Held-out frames, matched whatever the score.
    """
    correct = matching.boxed & (matching.iou >= MATCH_IOU)
    return {
        structure: _threshold(matching.scores[:, index], correct[:, index], int(matching.boxed[:, index].sum()))
        for index, structure in enumerate(STRUCTURES)
    }


def _threshold(scores: NDArray[np.float64], correct: NDArray[np.bool_], boxes: int) -> float:
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(correct[order])
    f1 = 2 * found / (boxes + np.arange(1, len(scores) + 1))
    near = scores[order][f1 >= f1.max() - _TOLERANCE]
    return round(float(near.min() + near.max()) / 2, _DECIMALS)
