"""The boxes of two passes over one frame become one each: their mean, edge by edge, by how sure either pass is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.overlap import iou

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.candidates import Candidates

__all__ = ["average_passes"]

_LEAST_IOU = 0.3
"""Boxes that overlap less are of different places, and have no mean."""


def average_passes(first: Candidates, second: Candidates, points: NDArray[np.floating]) -> Candidates:
    """The second pass, its edges drawn to those of the first where both see a structure in one place.

    Parameters
    ----------
    first, second
        One place for each structure, in the same pixels. An edge's share is its inverse variance, from its spread; half
        where the network gives no spreads.
    points
        ``float[9]``: the score from which a structure counts as seen.

    Returns
    -------
    Scores and spreads of the second pass: errors of the two are too alike for the mean to be much surer.
    """
    edges, others = second.edges[:, 0], first.edges[:, 0]
    seen = (first.scores[:, 0] >= points) & (second.scores[:, 0] >= points)
    alike = seen & (iou(edges, others) >= _LEAST_IOU)
    of_first, of_second = (np.maximum(one.spreads[:, 0], 1e-6) ** -2.0 for one in (first, second))
    share = np.nan_to_num(of_first / (of_first + of_second), nan=0.5)
    mean = np.where(alike[:, None], share * others + (1 - share) * edges, edges)
    return replace(second, edges=mean[:, None].astype(np.float32))
