"""Learn from reference boxes where the nine structures may lie relative to each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.detect.head_alignment import nuisance
from nonet.detect.shape_prior import OUTLIER_SHARE, ShapePrior, centres
from nonet.errors import TrainingError
from nonet.evaluate.detection.candidates_of_set import CandidatesOfSet
from nonet.train.detector.fit_calibration import quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet

__all__ = ["fit_shape_prior", "weighed"]

_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
_FREEDOM = 8.0
_ROUNDS = 25
_FOLDS = 5
_LEAST_FRAMES = 30
_START_SPREAD = 0.2
_RIDGE = 1e-6
_INNER = slice(0, 5)
"""Thalami, midbrain, palate, fourth ventricle, cisterna magna: their spread is the head unit."""


def fit_shape_prior(edges: NDArray[np.floating]) -> ShapePrior:
    """The arrangement of boxed frames; it lowers no score until its weight is set.

    A multivariate Student distribution with missing values, by expectation and maximisation (Liu & Rubin
    1995, Statistica Sinica 5, 19-39); zoom, shift and mirror of each frame are found along the way. The
    tails are measured on frames left out, a fifth at a time.

    Parameters
    ----------
    edges
        ``float[N, 9, 4]``: x1, y1, x2, y2, pixels, NaN where unboxed. Frames of less than three boxes are
        left out.

    Raises
    ------
    TrainingError
        If fewer than 30 frames remain, or none of them has all nine boxes.
    """
    points = centres(edges)
    points = points[(~np.isnan(points[..., 0])).sum(axis=1) >= 3]
    complete = ~np.isnan(points).any(axis=(1, 2))
    if len(points) < _LEAST_FRAMES or not complete.any():
        raise TrainingError(
            f"A shape prior is fitted to {_LEAST_FRAMES} frames or more, one of them with all nine boxes",
            found=f"{len(points)} frames, {int(complete.sum())} with all nine",
            remedy="Box more frames",
        )
    folds = np.arange(len(points)) % _FOLDS
    left_out = np.concatenate(
        [_tail_share(_fitted(points[folds != fold]), points[folds == fold]) for fold in range(_FOLDS)]
    )
    exponent = np.log(OUTLIER_SHARE) / np.log(np.quantile(left_out, OUTLIER_SHARE))
    return replace(_fitted(points), exponent=float(exponent))


def weighed(shape_prior: ShapePrior, held_out: DataSet, bundle: Bundle) -> ShapePrior:
    """The arrangement with the weight of the highest AP50:95; of equal ones the least.

    Parameters
    ----------
    shape_prior
        From `fit_shape_prior`.
    held_out
        Boxed frames that neither the detector nor the shape prior has seen.
    bundle
        Holds the detector, calibrated.
    """
    candidates_of_set = CandidatesOfSet.gather(held_out, bundle)
    tried = [replace(shape_prior, weight=weight) for weight in _WEIGHTS]
    return max(tried, key=lambda one: quality(held_out, candidates_of_set.taken(one)))


def _tail_share(shape_prior: ShapePrior, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rarity of every boxed centre of some frames."""
    known = ~np.isnan(points[..., 0])
    edges = np.concatenate([points, points], axis=-1)
    return np.concatenate([shape_prior.fit(*frame).tail_share[frame[1], 0] for frame in zip(edges, known, strict=True)])


def _fitted(points: NDArray[np.float64]) -> ShapePrior:
    mean = _first_mean(points)
    covariance = _START_SPREAD**2 * np.eye(mean.size)
    known = ~np.isnan(points[..., 0])
    both = np.nan_to_num(np.stack([points, points * (-1.0, 1.0)]))
    for _ in range(_ROUNDS):
        mean, covariance = _improved(mean, covariance, both, known)
    return ShapePrior(mean, covariance, _FREEDOM, 1.0, 0.0, len(points))


def _first_mean(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first frame with all nine boxes, the face turned to the left, in head units."""
    first = points[~np.isnan(points).any(axis=(1, 2))][0]
    thalami, _, palate = first[:3]
    return _in_head_units(first * (1.0 if palate[0] < thalami[0] else -1.0, 1.0)).ravel()


def _in_head_units(points: NDArray[np.float64]) -> NDArray[np.float64]:
    inner = points[_INNER] - points[_INNER].mean(axis=0)
    unit: NDArray[np.float64] = (points - points[_INNER].mean(axis=0)) / np.sqrt((inner**2).sum(axis=1).mean())
    return unit


def _improved(
    mean: NDArray[np.float64], covariance: NDArray[np.float64], both: NDArray[np.float64], known: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A round: every frame is set on the mean in its better mirror, then mean and covariance are taken anew.

    ``both`` is ``float64[2, N, 9, 2]``: the frames and their mirror images.
    """
    rows = np.repeat(known, 2, axis=1)
    pairs = rows[:, :, None] & rows[:, None, :]
    free = covariance + nuisance(mean) @ nuisance(mean).T
    precision = np.where(pairs, np.linalg.inv(np.where(pairs, free, np.eye(mean.size))), 0.0)
    residuals = [_residuals(mean, precision, points, known) for points in both]
    distances = np.array([np.einsum("ni,nij,nj->n", r, precision, r) for r in residuals])
    residual = np.where((distances[0] <= distances[1])[:, None], *residuals)
    weight = (_FREEDOM + rows.sum(axis=1)) / (_FREEDOM + distances.min(axis=0))
    expected = np.einsum("ij,njk,nk->ni", covariance, precision, residual)
    step = weight @ expected / weight.sum()
    lacking = covariance - covariance @ precision.mean(axis=0) @ covariance
    scatter = (expected - step).T @ ((expected - step) * weight[:, None]) / len(known)
    moved = _in_head_units((mean + step).reshape(-1, 2)).ravel()
    return moved, scatter + lacking + _RIDGE * np.eye(mean.size)


def _residuals(
    mean: NDArray[np.float64], precision: NDArray[np.float64], points: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Of each frame set on the mean, ``float64[N, 18]``, 0 where unboxed."""
    target = mean.reshape(len(STRUCTURES), 2)
    log_zoom = np.log(_extents(points, known) / _extents(np.broadcast_to(target, points.shape), known))
    for _ in range(4):
        scaled = points * np.exp(-log_zoom)[:, None, None] - target
        residual = _centred(scaled, known).reshape(len(points), -1)
        log_zoom = log_zoom + np.einsum("ni,nij,j->n", residual, precision, mean).clip(-1, 1)
    return residual


def _extents(points: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    apart: NDArray[np.float64] = (_centred(points, known) ** 2).sum(axis=(1, 2)) / known.sum(axis=1)
    return np.sqrt(apart)


def _centred(points: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Points from the mean of the known ones of their frame, 0 where unknown."""
    mine = known[..., None]
    return np.where(mine, points - (points * mine).sum(axis=1, keepdims=True) / mine.sum(axis=1, keepdims=True), 0.0)
