"""What a detector's numbers are worth, learnt on frames held out of its training.

A score is lowered where the edges are told to be uncertain, so that boxes are ranked by how well
they are likely to fit; spreads become 90 % bands; scores become probabilities of being visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.bundle import DetectorCalibration
    from nonet.detect.candidates import Candidates

__all__ = ["bands", "fit_scores", "visibility"]

_EPSILON = 1e-4


def fit_scores(candidates: Candidates, weight: float) -> NDArray[np.float32]:
    """Scores ``float32[S, K]`` times ``exp(-weight * u)``.

    ``u`` is the sum of the four spreads, each over the box's side: about the intersection over
    union that they are likely to cost.
    """
    sides = np.maximum(candidates.edges[..., 2:] - candidates.edges[..., :2], 1.0)
    likely = np.nan_to_num(candidates.spreads / np.concatenate([sides, sides], axis=-1)).sum(axis=-1)
    return (candidates.scores * np.exp(-weight * likely)).astype(np.float32)


def bands(spreads: NDArray[np.float32], calibration: DetectorCalibration) -> NDArray[np.float32]:
    """Half-widths ``float32[9, 4]`` of the 90 % band about each edge, in the unit of ``spreads[9, 4]``."""
    return (spreads * _in_order(calibration.band_factors)).astype(np.float32)


def visibility(scores: NDArray[np.float32], calibration: DetectorCalibration) -> NDArray[np.float64]:
    """Probability ``float64[9]`` that each structure is visible, from its score (Platt scaling)."""
    clipped = np.clip(scores.astype(np.float64), _EPSILON, 1 - _EPSILON)
    slope, offset = _in_order(calibration.visibility).T
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-(slope * np.log(clipped / (1 - clipped)) + offset)))
    return probability


def _in_order(values: Mapping[Structure, tuple[float, ...]]) -> NDArray[np.float64]:
    return np.array([values[structure] for structure in STRUCTURES], np.float64)
