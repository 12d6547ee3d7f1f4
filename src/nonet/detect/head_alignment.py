"""How a head is set in its frame: the zoom and shift under which its structures lie nearest to where they should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Alignment", "align", "blocks", "nuisance"]

_SHIFT_SPREAD = 10.0
"""Standard deviation of a head's place in its frame, in head units: wide enough to say nothing."""
_ZOOM_SPREAD = 1.0
"""Standard deviation of the logarithm of its size, likewise."""
_ROUNDS = 3
_LEAST_PX = 1e-3
_ENOUGH_TO_TRIM = 5


@dataclass(frozen=True, slots=True)
class Alignment:
    """A frame's points in head units.

    Attributes
    ----------
    known
        ``bool[9]``: the points that were gone by.
    zoom
        Pixels to a head unit.
    shift
        ``float64[2]``: where the head's origin lies, head units from the frame's.
    residual
        ``float64[9, 2]``: from where each known point should lie to where it lies; 0 for the others.
    precision
        ``float64[18, 18]``: the inverse of the known points' covariance; 0 for the others.
    log_likelihood
        Of the points, but for a constant that depends only on which are known; of five and more without the
        one that fits worst, so that one box in a wrong place does not turn the head round.
    """

    known: NDArray[np.bool_]
    zoom: float
    shift: NDArray[np.float64]
    residual: NDArray[np.float64]
    precision: NDArray[np.float64]
    log_likelihood: float

    def to_head(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels ``[..., 2]`` in head units from the head's origin."""
        placed: NDArray[np.float64] = points / self.zoom - self.shift
        return placed


def nuisance(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """``float64[18, 3]``: what a shift to the right, a shift down and a small zoom do to nine centres ``mean[18]``."""
    directions = np.zeros((len(mean), 3))
    directions[0::2, 0] = directions[1::2, 1] = _SHIFT_SPREAD
    directions[:, 2] = _ZOOM_SPREAD * mean
    return directions


def align(
    mean: NDArray[np.float64],
    free: NDArray[np.float64],
    freedom: float,
    points: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> Alignment:
    """Zoom and shift of a frame by generalised least squares; the zoom is found by Gauss and Newton's steps.

    Parameters
    ----------
    mean
        ``float64[18]``: where the structures should lie, head units.
    free
        ``float64[18, 18]``: covariance about it, zoom and shift unknown (see `nuisance`).
    freedom
        Degrees of freedom of the Student distribution.
    points
        ``float64[9, 2]``: centres, pixels.
    known
        ``bool[9]``: the points to go by, two at least.
    """
    rows = np.repeat(known, 2)
    pairs = np.outer(rows, rows)
    precision = np.where(pairs, np.linalg.inv(np.where(pairs, free, np.eye(len(mean)))), 0.0)
    should, lies = mean.reshape(-1, 2)[known], points[known]
    to_zoom = (precision @ nuisance(mean)[:, 2])[rows] * _ZOOM_SPREAD
    log_zoom = np.log(max(_extent(lies), _LEAST_PX) / _extent(should))
    for _ in range(_ROUNDS):
        log_zoom += np.clip(to_zoom @ _set(lies, log_zoom, should)[0].ravel(), -1, 1)
    inner, shift = _set(lies, log_zoom, should)
    residual = np.zeros(points.shape)
    residual[known] = inner
    distance = _distance(residual.ravel(), precision, known)
    likelihood = -(rows.sum() + freedom) / 2 * np.log1p(distance / freedom)
    return Alignment(known, float(np.exp(log_zoom)), shift, residual, precision, float(likelihood))


def _set(
    lies: NDArray[np.float64], log_zoom: float, should: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is left between points and target at a zoom, and the shift of their means."""
    apart = lies * np.exp(-log_zoom) - should
    shift: NDArray[np.float64] = apart.mean(axis=0)
    return apart - shift, shift


def _distance(residual: NDArray[np.float64], precision: NDArray[np.float64], known: NDArray[np.bool_]) -> float:
    """Squared Mahalanobis distance, of five points and more without the one that adds most to it."""
    pulled = precision @ residual
    whole = float(residual @ pulled)
    if known.sum() < _ENOUGH_TO_TRIM:
        return whole
    pulls = pulled.reshape(-1, 2)[known]
    return whole - float(np.einsum("si,sij,sj->s", pulls, np.linalg.inv(blocks(precision)[known]), pulls).max())


def blocks(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2 x 2 blocks ``[9, 2, 2]`` on the diagonal of ``[18, 18]``."""
    count = len(square) // 2
    found: NDArray[np.float64] = np.einsum("iaib->iab", square.reshape(count, 2, count, 2))
    return found


def _extent(points: NDArray[np.float64]) -> float:
    """Root mean square distance from the mean."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
