"""The measures of a detector, each for every structure and every resample at once."""

from __future__ import annotations

import warnings
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.evaluate.detection.average_precision import IOU_THRESHOLDS, average_precision
from nonet.evaluate.detection.matching import Matching

__all__ = ["Measure", "Samples", "mean_over_structures", "measure"]


class Measure(StrEnum):
    """What is measured of a detector.

    ``AP50`` and ``AP50_95`` rank all detections. The others count a structure as seen from its
    operating point on: ``PRECISION``, ``RECALL`` and ``F1`` at IoU 0.5, ``IOU`` the mean over the
    boxes so matched, and ``CENTRE_ERROR_*`` the mean distance of the centres over every reference
    box that was seen, matched or not. ``EDGES_IN_BAND`` is the share of the edges of those boxes that
    lie inside the detector's 90 % bands, and ``VISIBILITY_BRIER`` the mean squared difference between
    the probability of being visible and being boxed.
    """

    AP50 = "ap50"
    AP50_95 = "ap50_95"
    IOU = "iou"
    F1 = "f1"
    PRECISION = "precision"
    RECALL = "recall"
    CENTRE_ERROR_PX = "centre_error_px"
    CENTRE_ERROR_MM = "centre_error_mm"
    EDGES_IN_BAND = "edges_in_band"
    VISIBILITY_BRIER = "visibility_brier"


Samples = dict[Measure, NDArray[np.float64]]
"""``float64[R, 9]`` a measure: a row a resample, a column a structure, NaN where not defined."""


def measure(matching: Matching, counted: NDArray[np.bool_], weights: NDArray[np.int32]) -> Samples:
    """Every measure of every structure in every resample.

    Parameters
    ----------
    matching
        ``N`` frames.
    counted
        ``bool[N, 9]``: the detections that count; the others are ignored.
    weights
        ``int32[R, N]``: how often each frame counts.
    """
    ap = _average_precisions(matching, counted, weights)
    times = weights.astype(np.float64)
    boxes = times @ matching.boxed
    seen = times @ (matching.seen & counted)
    found = times @ matching.found
    sighted = matching.seen & matching.boxed
    with_scale = sighted & ~np.isnan(matching.mm_per_px)[:, None]
    banded = sighted & ~np.isnan(matching.in_band)
    brier = (matching.visibility - matching.boxed) ** 2
    centre_mm = matching.centre_px * matching.mm_per_px[:, None]
    return {
        Measure.AP50: ap[0],
        Measure.AP50_95: ap.mean(axis=0),
        Measure.IOU: _weighted_mean(matching.iou, matching.found, times),
        Measure.F1: _ratio(2 * found, boxes + seen, boxes > 0),
        Measure.PRECISION: _ratio(found, seen, seen > 0),
        Measure.RECALL: _ratio(found, boxes, boxes > 0),
        Measure.CENTRE_ERROR_PX: _weighted_mean(matching.centre_px, sighted, times),
        Measure.CENTRE_ERROR_MM: _weighted_mean(centre_mm, with_scale, times),
        Measure.EDGES_IN_BAND: _weighted_mean(matching.in_band, banded, times),
        Measure.VISIBILITY_BRIER: _weighted_mean(brier, ~np.isnan(brier), times),
    }


def mean_over_structures(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """``float64[R]``: the mean of the structures for which the measure is defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(samples, axis=1))


def _average_precisions(
    matching: Matching, counted: NDArray[np.bool_], weights: NDArray[np.int32]
) -> NDArray[np.float64]:
    ap = np.empty((len(IOU_THRESHOLDS), len(weights), len(STRUCTURES)))
    for index in range(len(STRUCTURES)):
        counted_rows = counted[:, index]
        hits = matching.boxed[counted_rows, index] & (matching.iou[counted_rows, index] >= IOU_THRESHOLDS[:, None])
        positives = weights @ matching.boxed[:, index].astype(np.int32)
        ap[..., index] = average_precision(
            matching.scores[counted_rows, index], hits, weights[:, counted_rows], positives
        )
    return ap


def _weighted_mean(
    values: NDArray[np.float64], chosen: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    count = weights @ chosen
    return _ratio(weights @ np.where(chosen, values, 0.0), count, count > 0)


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64], defined: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=defined)
