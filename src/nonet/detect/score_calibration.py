"""Calibration of a detector: what its scores and spreads mean, fitted on frames held out of its training.

A score is lowered where the edges are uncertain, so that boxes are ranked by how well
they are likely to fit; spreads become 90 % bands; scores become probabilities of being visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.bundle import DetectorCalibration

__all__ = ["bands", "log_odds", "ranked", "visibility"]

_EPSILON = 1e-4


def ranked(
    scores: NDArray[np.floating], edges: NDArray[np.floating], spreads: NDArray[np.floating], weight: float
) -> NDArray[np.float32]:
    """Scores ``float[...]`` times ``exp(-weight * u)``.

    ``u`` is the sum of the four spreads ``[..., 4]``, each over the side of its box ``[..., 4]``:
    about the intersection over union that they are likely to cost. Spreads that are not known (NaN)
    cost nothing.
    """
    sides = np.maximum(edges[..., 2:] - edges[..., :2], 1.0)
    cost = np.nan_to_num(spreads / np.concatenate([sides, sides], axis=-1)).sum(axis=-1)
    lowered: NDArray[np.float32] = (scores * np.exp(-weight * cost)).astype(np.float32)
    return lowered


def bands(spreads: NDArray[np.float32], calibration: DetectorCalibration) -> NDArray[np.float32]:
    """Half-widths ``float32[9, 4]`` of the 90 % band about each edge, in the unit of ``spreads[9, 4]``."""
    factors = np.array([calibration.band_factors[structure] for structure in STRUCTURES], np.float32)
    wide: NDArray[np.float32] = spreads * factors[:, None]
    return wide


def visibility(scores: NDArray[np.float32], calibration: DetectorCalibration) -> NDArray[np.float64]:
    """Probability ``float64[9]`` that each structure is visible, from its score (Platt scaling)."""
    slope, offset = np.array([calibration.visibility[structure] for structure in STRUCTURES]).T
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-(slope * log_odds(scores) + offset)))
    return probability


def log_odds(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log odds of scores, kept finite at 0 and 1."""
    clipped = np.clip(np.asarray(scores, np.float64), _EPSILON, 1 - _EPSILON)
    odds: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return odds
