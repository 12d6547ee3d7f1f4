"""A distance between two ends in the head frame, with how far it depends on what is called a border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Span", "distance"]


def distance(start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far two points are apart."""
    return float(np.hypot(end[0] - start[0], end[1] - start[1]))


@dataclass(frozen=True, slots=True)
class Span:
    """A distance, in pixels of the head frame.

    Attributes
    ----------
    start, end
        Where the callipers stand, x and y.
    length
        Their distance.
    low, high
        The distance with borders or ends called at other shares of the rise: what its interval is made of.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    length: float
    low: float
    high: float
