"""Average precision by COCO's rules, for many weightings of the frames at once.

Lin et al. 2014, *Microsoft COCO*, and ``pycocotools.cocoeval``: detections in falling order of
score, precision made monotone from the right, and read at 101 recalls 0, 0.01, ... 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["IOU_THRESHOLDS", "average_precision"]

IOU_THRESHOLDS: NDArray[np.float64] = np.linspace(0.5, 0.95, 10)
"""The ten overlaps over which AP50:95 is averaged."""

_RECALLS = np.linspace(0.0, 1.0, 101)


def average_precision(
    scores: NDArray[np.float64], hits: NDArray[np.bool_], weights: NDArray[np.int32], positives: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Average precision of one structure, at several overlaps.

    A frame of weight ``k`` counts as ``k`` copies of it that follow each other in the order, as
    they would if a bootstrap had drawn it ``k`` times.

    Parameters
    ----------
    scores
        ``float64[D]``, one detection a frame; equal scores keep their order, as in COCO.
    hits
        ``bool[T, D]``: the detection overlaps its reference box enough, for each of ``T`` overlaps.
    weights
        ``int32[R, D]``: how often each frame counts in each of ``R`` resamples.
    positives
        ``int32[R]``: the number of reference boxes in each resample.

    Returns
    -------
    ``float64[T, R]``, 0 to 1; NaN where a resample has no reference box.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = weights[:, order]
    detections = np.cumsum(ranked, axis=1, dtype=np.int32)
    reached = _recalls_reached(positives)
    areas = [_area(ranked[:, at], detections[:, at], reached) for at in hits[:, order]]
    return np.where(positives > 0, np.stack(areas), np.nan)


def _area(ranked: NDArray[np.int32], detections: NDArray[np.int32], reached: NDArray[np.int16]) -> NDArray[np.float64]:
    """Area under the interpolated curve from its true positives alone, where precision peaks."""
    true = np.cumsum(ranked, axis=1, dtype=np.int32)
    precision = true / np.maximum(detections, 1)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    newly_reached = np.diff(np.take_along_axis(reached, true, axis=1), axis=1, prepend=np.int16(0))
    area: NDArray[np.float64] = np.einsum("rd,rd->r", envelope, newly_reached) / len(_RECALLS)
    return area


def _recalls_reached(positives: NDArray[np.int32]) -> NDArray[np.int16]:
    """``int16[R, 1 + max]``: how many of the 101 recalls a count of true positives reaches."""
    counts = np.arange(positives.max() + 1)
    distinct, row = np.unique(positives, return_inverse=True)
    recall = counts / np.maximum(distinct, 1)[:, None]
    return np.searchsorted(_RECALLS, recall, side="right").astype(np.int16)[row]
