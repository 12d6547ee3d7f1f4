"""A sweep beside what was read of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIDLINE_DEG", "NEAREST", "OUTSIDE_DEG", "ReadSweep"]

MIDLINE_DEG, OUTSIDE_DEG = 2.0, 8.0
"""Up to the first a plane is the midline; beyond the second it is none. What lies between counts as neither."""

NEAREST = 5
"""The chosen frame is right if it is one of so many nearest the midline."""


@dataclass(frozen=True, slots=True)
class ReadSweep:
    """What is true of a sweep, and what was read.

    Attributes
    ----------
    seed, device
        Of the sweep, and the name of the machine.
    angle_deg, distance_mm
        Of each frame, ``float[frames]``, see `nonet.simulate.sweep.SweepFrame`.
    probability
        ``float[frames]``, that the plane is a standard one, smoothed in time, as the loop's curve has it; NaN where
        neither it nor a frame around it was graded.
    chosen
        Number of the frame that was taken for the best, from 0; None if none was.
    """

    seed: int
    device: str
    angle_deg: NDArray[np.float64]
    distance_mm: NDArray[np.float64]
    probability: NDArray[np.float64]
    chosen: int | None

    def rank(self) -> int | None:
        """How many frames lie nearer the midline than the chosen one."""
        return None if self.chosen is None else int((self.distance_mm < self.distance_mm[self.chosen]).sum())

    def is_right(self) -> bool:
        """Whether the chosen frame is among the five nearest the midline."""
        rank = self.rank()
        return rank is not None and rank < NEAREST
