"""Boxes smoothed in time: a Kalman filter and the Rauch-Tung-Striebel smoother over the edges of nine structures.

The head moves as a whole, by a shift and a zoom; within it the structures move together as the shape prior has them
vary together, and each by little. What a frame shows counts the less, the less sure the detector is of an edge. How
much the head and its parts move is estimated from the loop itself, by maximum likelihood (Rauch, Tung & Striebel 1965,
AIAA Journal 3:1445).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.reading import Face

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.shape_prior import ShapePrior

__all__ = ["Movement", "Smoothed", "smooth"]

_SHIFTS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""How far the head moves from frame to frame, standard deviation, in units of what an edge is likely to be off."""
_PARTS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""How far its parts move in it from frame to frame, as a share of how they vary from head to head."""
_ZOOM_LEVER = 3.0
"""Head units from the head's middle to where a zoom moves an edge as far as a shift does."""
_UNKNOWN_PX = 300.0
_GATE = 4.0
"""An edge that lies more standard deviations off than this counts as less sure: one box elsewhere moves none."""
_AROUND = 7
"""Frames on either side by which it is known where an edge lies."""
_MEDIAN_OF_CHI_SQUARED = 0.455
"""With one degree of freedom."""
_LEAST_SD_PX = 0.05
_LEAST_SCALE = 1e-4


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Edges ``float64[T, 9, 4]`` and their standard deviations, pixels; those of structures never seen are NaN."""

    edges: NDArray[np.float64]
    sd: NDArray[np.float64]


@dataclass(frozen=True)
class Movement:
    """What moves how in a head of a given size: the directions of the whole, and the covariance of the parts.

    Attributes
    ----------
    whole
        ``float64[36, 3]``: what a shift to the right, a shift down and a zoom do to the edges, unit size.
    parts
        ``float64[36, 36]``: covariance of the edges within the head, pixels squared, as they vary from head to head.
    """

    whole: NDArray[np.float64]
    parts: NDArray[np.float64]

    @classmethod
    def of(
        cls, edges: NDArray[np.float64], prior: ShapePrior | None, px_per_unit: float, face: Face | None
    ) -> Movement:
        """That of a head with edges ``[9, 4]`` at ``px_per_unit``; without a prior the parts move each by itself."""
        middle = edges.mean(axis=0)
        whole = np.zeros((36, 3))
        whole[0::2, 0] = whole[1::2, 1] = 1.0
        centre = (middle[:2] + middle[2:]) / 2
        whole[:, 2] = (edges - np.tile(centre, 2)).ravel() / (_ZOOM_LEVER * px_per_unit)
        return cls(whole, _parts(prior, px_per_unit, face) + _sides(edges))


def _parts(prior: ShapePrior | None, px_per_unit: float, face: Face | None) -> NDArray[np.float64]:
    if prior is None:
        return np.zeros((36, 36))
    turn = np.tile([-1.0 if face is Face.RIGHT else 1.0, 1.0], 9)
    centres = prior.covariance * np.outer(turn, turn) * px_per_unit**2
    to_edges = np.kron(np.eye(9), np.tile(np.eye(2), (2, 1)))
    return np.asarray(to_edges @ centres @ to_edges.T)


def _sides(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each side grows and shrinks by itself, by a quarter of its length, standard deviation."""
    halves = np.maximum(edges[:, 2:] - edges[:, :2], 1.0) / 8
    found = np.zeros((36, 36))
    for structure, (x, y) in enumerate(halves):
        first = 4 * structure
        for low, size in ((first, x), (first + 1, y)):
            out = np.zeros(36)
            out[low], out[low + 2] = -size, size
            found += np.outer(out, out)
    return found


def smooth(
    edges: NDArray[np.float64], sd: NDArray[np.float64], steps: NDArray[np.float64], movement: Movement
) -> Smoothed:
    """Edges of the nine structures as all frames together have them.

    Parameters
    ----------
    edges
        ``float64[T, 9, 4]``, pixels; NaN where a structure was not measured.
    sd
        ``float64[T, 9, 4]``: how far off each is likely to be, pixels.
    steps
        ``float64[T]``: frames from the one before; the first counts for nothing.
    movement
        What moves how.
    """
    measured = edges.reshape(len(edges), 36)
    noise = _less_sure(measured, np.maximum(sd.reshape(len(edges), 36), _LEAST_SD_PX) ** 2)
    shift, part, scale = _estimated(measured, noise, steps, movement)
    filtered = _filter(measured, noise, steps, movement, shift, part)
    return _backward(filtered, measured, scale)


def _less_sure(measured: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """The variances ``[T, 36]``, larger for an edge that lies far from where the frames around have it in the head.

    A box that jumps to another place and back is so left out, and one that the whole head takes along is not.
    """
    seen = ~np.isnan(measured)
    columns, rows = seen.any(axis=0), seen.any(axis=1)
    apart = np.full_like(measured, np.nan)
    apart[:, columns] = measured[:, columns] - np.nanmedian(measured[:, columns], axis=0)
    for axis in (0, 1):
        apart[rows, axis::2] -= np.nanmedian(apart[rows, axis::2], axis=1, keepdims=True)
    off = np.zeros_like(measured)
    for row in np.flatnonzero(rows):
        around = apart[max(row - _AROUND, 0) : row + _AROUND + 1, seen[row]]
        off[row, seen[row]] = apart[row, seen[row]] - np.nanmedian(around, axis=0)
    scale = max(float(np.median((off**2 / noise)[seen])) / _MEDIAN_OF_CHI_SQUARED, _LEAST_SCALE)
    return np.where(seen, noise * np.maximum(off**2 / (noise * scale * _GATE**2), 1.0), noise)


@dataclass
class _Filtered:
    before: list[NDArray[np.float64]]
    spread_before: list[NDArray[np.float64]]
    after: list[NDArray[np.float64]]
    spread_after: list[NDArray[np.float64]]
    log_likelihood: float
    scale: float


def _estimated(
    measured: NDArray[np.float64], noise: NDArray[np.float64], steps: NDArray[np.float64], movement: Movement
) -> tuple[float, float, float]:
    """The likeliest movement of the whole and of the parts, one after the other, and the scale of all variances."""
    shift, part = 0.3, 0.03
    for _ in range(2):
        tried = [_filter(measured, noise, steps, movement, each, part) for each in _SHIFTS]
        shift = _SHIFTS[int(np.argmax([one.log_likelihood for one in tried]))]
        tried = [_filter(measured, noise, steps, movement, shift, each) for each in _PARTS]
        best = int(np.argmax([one.log_likelihood for one in tried]))
        part = _PARTS[best]
    return shift, part, tried[best].scale


def _filter(
    measured: NDArray[np.float64],
    noise: NDArray[np.float64],
    steps: NDArray[np.float64],
    movement: Movement,
    shift: float,
    part: float,
) -> _Filtered:
    """Forward in time; variances are in units of a scale, which is estimated."""
    unit = float(np.nanmedian(np.where(np.isnan(measured), np.nan, noise)))
    walk = unit * shift**2 * movement.whole @ movement.whole.T + part**2 * movement.parts
    state, spread = _middle(measured), np.eye(36) * _UNKNOWN_PX**2
    found = _Filtered([], [], [], [], 0.0, 1.0)
    off_squared, log_spread, count = 0.0, 0.0, 0
    for row, (values, variances) in enumerate(zip(measured, noise, strict=True)):
        if row:
            spread = spread + walk * steps[row]
        found.before.append(state)
        found.spread_before.append(spread)
        seen = np.flatnonzero(~np.isnan(values))
        if len(seen):
            off = values[seen] - state[seen]
            known = spread[np.ix_(seen, seen)]
            factor = np.linalg.cholesky(known + np.diag(variances[seen]))
            white = np.linalg.solve(factor, off)
            half = np.linalg.solve(factor, spread[seen])
            state = state + half.T @ white
            spread = spread - half.T @ half
            if (np.diag(known) < _UNKNOWN_PX**2 / 2).all():
                off_squared += float(white @ white)
                log_spread += 2 * float(np.log(np.diag(factor)).sum())
                count += len(seen)
        found.after.append(state)
        found.spread_after.append(spread)
    if count:
        found.scale = max(off_squared / count, _LEAST_SCALE)
        found.log_likelihood = -0.5 * (count * np.log(max(off_squared / count, 1e-12)) + log_spread)
    return found


def _middle(measured: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each edge mostly lies, 0 for one that is never seen: nothing is drawn from there to elsewhere."""
    middle, known = np.zeros(measured.shape[1]), ~np.isnan(measured).all(axis=0)
    middle[known] = np.nanmedian(measured[:, known], axis=0)
    return middle


def _backward(filtered: _Filtered, measured: NDArray[np.float64], scale: float) -> Smoothed:
    """Back in time, so that each frame knows what came after it."""
    state, spread = filtered.after[-1], filtered.spread_after[-1]
    states, sds = [state], [np.diag(spread)]
    for row in range(len(measured) - 2, -1, -1):
        gain = np.linalg.solve(filtered.spread_before[row + 1], filtered.spread_after[row]).T
        state = filtered.after[row] + gain @ (state - filtered.before[row + 1])
        spread = filtered.spread_after[row] + gain @ (spread - filtered.spread_before[row + 1]) @ gain.T
        states.append(state)
        sds.append(np.diag(spread))
    edges = np.array(states[::-1]).reshape(-1, 9, 4)
    sd = np.sqrt(np.maximum(np.array(sds[::-1]), 0) * scale).reshape(-1, 9, 4)
    never = np.isnan(measured.reshape(-1, 9, 4)).all(axis=(0, 2))
    edges[:, never], sd[:, never] = np.nan, np.nan
    return Smoothed(edges, sd)
