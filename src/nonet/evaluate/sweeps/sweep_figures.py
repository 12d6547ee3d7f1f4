"""The figures of sweeps, with intervals over sweeps: frames of one sweep resemble each other and are drawn together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.bootstrap import RESAMPLES, SEED, frame_weights
from nonet.evaluate.exact_share import exact_share
from nonet.evaluate.figure_json import figure_json
from nonet.evaluate.grading.class_metrics import concordance
from nonet.evaluate.ratio import ratio
from nonet.evaluate.sweeps.read_sweep import MIDLINE_DEG, OUTSIDE_DEG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.evaluate.sweeps.read_sweep import ReadSweep

__all__ = ["FIGURES", "sweep_figures"]

FIGURES = {
    "plane_auc": "plane AUC",
    "plane_auc_within_sweeps": "within sweeps",
    "chosen_among_nearest": "chosen among 5 nearest",
    "chosen_angle_deg": "angle of the chosen",
}
"""The figures and their words."""


def sweep_figures(sweeps: Sequence[ReadSweep], *, resamples: int = RESAMPLES, seed: int = SEED) -> dict[str, Any]:
    """The figures of all sweeps and, under ``devices``, of those of each machine.

    ``plane_auc`` is the share of pairs of a frame within 2 degrees of the midline and one beyond 8 of which the first
    has the greater probability, ties as halves, whatever sweeps they are of; within sweeps, of one sweep only.
    ``chosen_among_nearest`` is the share of sweeps whose chosen frame is among the five nearest the midline, and
    ``chosen_angle_deg`` the mean of its angle from there. Frames without a probability count as the least probable.

    Parameters
    ----------
    sweeps
        One or more.
    resamples, seed
        Of the bootstrap over sweeps.
    """
    names = sorted({one.device for one in sweeps})
    own = _figures(sweeps, resamples, seed)
    return {**own, "devices": {name: _figures([one for one in sweeps if one.device == name], resamples, seed)
                               for name in names}}  # fmt: skip


def _figures(sweeps: Sequence[ReadSweep], resamples: int, seed: int) -> dict[str, Any]:
    weights = frame_weights(np.arange(len(sweeps)), resamples, seed).astype(np.float64)
    missed = np.array([np.inf if one.chosen is None else abs(one.angle_deg[one.chosen]) for one in sweeps])
    pooled, within = _aucs(sweeps, weights)
    angles = np.concatenate([np.abs(one.angle_deg) for one in sweeps])
    return {
        "n": len(sweeps),
        "frames": {"midline": int((angles <= MIDLINE_DEG).sum()), "outside": int((angles > OUTSIDE_DEG).sum())},
        "plane_auc": figure_json(pooled),
        "plane_auc_within_sweeps": figure_json(within),
        "chosen_among_nearest": exact_share(sum(one.is_right() for one in sweeps), len(sweeps)),
        "chosen_angle_deg": figure_json(_mean(missed, weights)),
    }  # fmt: skip


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean in each resample; without bound where a sweep that counts has no chosen frame."""
    bounded = np.where(np.isfinite(values), values, 0.0)
    mean = weights @ bounded / weights.sum(axis=1)
    return np.asarray(np.where(weights @ ~np.isfinite(values) > 0, np.inf, mean))


def _aucs(sweeps: Sequence[ReadSweep], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Over all pairs of frames, and over those of one sweep, ``float[1 + R]`` each."""
    rows = [_midline_or_outside(one) for one in sweeps]
    own = [concordance(scores, truth, np.ones((1, len(scores)))) for scores, truth in rows]
    right, pairs = (np.array([float(each[part][0]) for each in own]) for part in (0, 1))
    sweep = np.repeat(np.arange(len(rows)), [len(scores) for scores, _ in rows])
    scores, truth = (np.concatenate(part) for part in zip(*rows, strict=True))
    return ratio(*concordance(scores, truth, weights[:, sweep])), ratio(weights @ right, weights @ pairs)


def _midline_or_outside(sweep: ReadSweep) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probability of each frame that is one or the other, and whether it is the midline."""
    away = np.abs(sweep.angle_deg)
    counts = (away <= MIDLINE_DEG) | (away > OUTSIDE_DEG)
    scores = np.nan_to_num(sweep.probability, nan=-1.0)
    return scores[counts], away[counts] <= MIDLINE_DEG
