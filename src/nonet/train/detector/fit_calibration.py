"""Fit the calibration of a trained detector on the frames held out of its training."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DetectorCalibration
from nonet.detect.score_calibration import log_odds, ranked
from nonet.evaluate import Measure, Predictions, evaluate_detection
from nonet.evaluate.detection.matching import Matching, match
from nonet.train.detector.operating_points import choose_operating_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.datasets import DataSet
    from nonet.train.detector.held_out_looks import HeldOutLooks

__all__ = ["calibrate", "quality"]

_SPREAD_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
_COVERAGE = 0.9
_LEAST_BOXES = 20
_DECIMALS = 4
_OFFSET_SPREAD = 1.0
"""Standard deviation of the offsets between structures that is expected, in log odds."""


def calibrate(
    held_out: DataSet, looks: HeldOutLooks
) -> tuple[DetectorCalibration, dict[Structure, float], Predictions]:
    """Calibration, operating points, and the predictions on the frames as they are as both leave them.

    Operating points rest on all looks, everything else on the frames as they are.

    Parameters
    ----------
    held_out
        Boxed frames that training did not learn from.
    looks
        What the uncalibrated detector said of them, and of frames without any structure.
    """
    raw = looks.boxed[0]
    weight = max(_SPREAD_WEIGHTS, key=lambda weight: quality(held_out, _ranked(raw, weight)))
    predictions, *copies = (_ranked(look, weight) for look in looks.boxed)
    matchings = [match(held_out, each) for each in (predictions, *copies)]
    points = choose_operating_points(matchings, _ranked(looks.empty, weight).scores)
    thresholds = np.array([points[structure] for structure in STRUCTURES])
    calibrated = replace(predictions, operating_points=np.tile(thresholds, (len(raw.images), 1)))
    matching = match(held_out, calibrated)
    calibration = DetectorCalibration(weight, _band_factors(held_out, calibrated, matching), _visibility(matching))
    return calibration, points, calibrated


def quality(held_out: DataSet, predictions: Predictions) -> float:
    """Mean AP50:95 over the structures."""
    return evaluate_detection(held_out, predictions, resamples=1).strict.mean[Measure.AP50_95].value or 0.0


def _ranked(raw: Predictions, weight: float) -> Predictions:
    return replace(raw, scores=ranked(raw.scores, raw.boxes, raw.edge_bands, weight).astype(np.float64))


def _band_factors(held_out: DataSet, predictions: Predictions, matching: Matching) -> dict[Structure, float]:
    """The 90 % quantile of errors over spreads, all four edges of a structure together (split conformal).

    A structure seen in fewer than 20 held-out frames takes the factor of all structures.
    """
    boxed = held_out.boxed()
    reference = np.full((len(boxed.images), len(STRUCTURES), 4), np.nan)
    for row, image in enumerate(boxed.images):
        for structure, box in boxed.boxes_of(image).items():
            reference[row, STRUCTURES.index(structure)] = box.xyxy
    ordered = predictions.of(image.name for image in boxed.images)
    ratios = np.abs(reference - ordered.boxes) / ordered.edge_bands
    ratios[~(matching.seen & matching.boxed)] = np.nan
    overall = _quantile(ratios)
    enough = (matching.seen & matching.boxed).sum(axis=0) >= _LEAST_BOXES
    return {
        structure: _quantile(ratios[:, index]) if enough[index] else overall
        for index, structure in enumerate(STRUCTURES)
    }


def _quantile(ratios: NDArray[np.float64]) -> float:
    """The smallest ratio that at least ``0.9 (n + 1)`` of ``n`` do not exceed; 1 if there are none."""
    known = np.sort(ratios[np.isfinite(ratios)])
    if not known.size:
        return 1.0
    rank = min(math.ceil(_COVERAGE * (known.size + 1)), known.size)
    return round(float(known[rank - 1]), _DECIMALS)


def _visibility(matching: Matching) -> dict[Structure, tuple[float, float]]:
    """Platt scaling with one slope for all structures and offsets that are drawn to each other."""
    odds, boxed = log_odds(matching.scores), matching.boxed.astype(np.float64)

    def loss(parameters: NDArray[np.float64]) -> float:
        logits = np.exp(parameters[0]) * odds + parameters[1:]
        scatter = ((parameters[1:] - parameters[1:].mean()) ** 2).sum() / (2 * _OFFSET_SPREAD**2)
        return float((np.logaddexp(0, logits) - boxed * logits).sum() + scatter + parameters[0] ** 2 / 2)

    found = optimize.minimize(loss, np.zeros(1 + len(STRUCTURES)), method="L-BFGS-B").x
    slope = round(float(np.exp(found[0])), _DECIMALS)
    return {
        structure: (slope, round(float(offset), _DECIMALS))
        for structure, offset in zip(STRUCTURES, found[1:], strict=True)
    }
