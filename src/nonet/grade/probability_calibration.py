"""A classifier's probabilities become calibrated ones, fitted on frames held out of its training.

Every method turns log probabilities ``l`` into ``softmax(slopes * l + offsets)``: temperature scaling
has one slope and no offsets, Platt scaling one slope and an offset, vector scaling a slope and
an offset for each class (Guo et al. 2017, arXiv 1706.04599, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Method", "ProbabilityCalibration"]

_FLOOR = 1e-6
_FEW = 20
"""With fewer held-out rows in the rarest class only a temperature is fitted."""
_PRIOR = 1.0
"""Weight of the squared distance from doing nothing: slopes and offsets are expected within about 1 of it."""
_STEPS = 50
_CONVERGED = 1e-9


class Method(StrEnum):
    """How many numbers are fitted."""

    NONE = "none"
    TEMPERATURE = "temperature"
    PLATT = "platt"
    VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class ProbabilityCalibration:
    """Slopes and offsets of the log probabilities, one of each a class."""

    method: Method
    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    @classmethod
    def none(cls, classes: int) -> ProbabilityCalibration:
        """Leaves probabilities as they are."""
        return cls(Method.NONE, (1.0,) * classes, (0.0,) * classes)

    @classmethod
    def fit(
        cls,
        probabilities: NDArray[np.floating],
        labels: NDArray[np.integer],
        method: Method | None = None,
        counts: NDArray[np.floating] | None = None,
    ) -> ProbabilityCalibration:
        """Learn on held-out rows; the method follows from how many there are, unless it is given.

        Parameters
        ----------
        probabilities
            ``float[N, K]`` of a classifier that did not see the rows.
        labels
            ``int[N]``, the true classes, 0 to ``K - 1``.
        method
            How many numbers are fitted.
        counts
            ``float[N]``, what each row counts; by default 1.
        """
        classes = probabilities.shape[1]
        counts = np.ones(len(labels)) if counts is None else counts
        method = method or _method(np.bincount(labels, counts, classes))
        design = _design(_log(probabilities), method)
        start = np.array([1.0] * (design.shape[2] - _offsets(method, classes)) + [0.0] * _offsets(method, classes))
        found = _most_likely(design, np.eye(classes)[labels], counts, start)
        slopes, offsets = np.split(found, [len(found) - _offsets(method, classes)])
        return cls(
            method,
            tuple(np.broadcast_to(slopes, classes).tolist()),
            (0.0, *offsets.tolist()) if len(offsets) else (0.0,) * classes,
        )

    def apply(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Calibrated probabilities ``float64[N, K]``, each row with sum 1."""
        return _softmax(np.array(self.slopes) * _log(probabilities) + np.array(self.offsets))


def _method(counts: NDArray[np.number]) -> Method:
    if counts.min() < _FEW:
        return Method.TEMPERATURE
    return Method.PLATT if len(counts) == 2 else Method.VECTOR


def _offsets(method: Method, classes: int) -> int:
    """How many offsets are free; that of class 0 is 0."""
    return 0 if method is Method.TEMPERATURE else classes - 1


def _design(logs: NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """``float64[N, K, P]``: what each of ``P`` parameters adds to each class's logit."""
    rows, classes = logs.shape
    slopes = logs[:, :, None] * (np.eye(classes) if method is Method.VECTOR else np.ones((classes, 1)))
    offsets = np.eye(classes)[:, classes - _offsets(method, classes) :]
    return np.concatenate([slopes, np.broadcast_to(offsets, (rows, *offsets.shape))], axis=2)


def _most_likely(
    design: NDArray[np.float64], truth: NDArray[np.float64], counts: NDArray[np.floating], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Parameters of greatest posterior density, by Newton's method with halved steps; the loss is convex."""

    def loss(parameters: NDArray[np.float64]) -> float:
        chosen = (_softmax(design @ parameters) * truth).sum(axis=1)
        return float(_PRIOR / 2 * ((parameters - start) ** 2).sum() - counts @ np.log(chosen.clip(1e-300)))

    found = start
    for _ in range(_STEPS):
        probabilities_ = _softmax(design @ found)
        weighted = counts[:, None] * probabilities_
        slope = np.einsum("nkp,nk->p", design, weighted - counts[:, None] * truth) + _PRIOR * (found - start)
        mean = np.einsum("nkp,nk->np", design, probabilities_)
        bend = np.einsum("nkp,nkq,nk->pq", design, design, weighted) - (counts[:, None] * mean).T @ mean
        bend += _PRIOR * np.eye(len(found))
        step = np.linalg.solve(bend, slope)
        while loss(found - step) > loss(found) and np.abs(step).max() > _CONVERGED:
            step = step / 2
        found = found - step
        if np.abs(step).max() <= _CONVERGED:
            break
    return found


def _log(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = np.log(np.asarray(probabilities, np.float64).clip(_FLOOR))
    return logs


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
