"""A plane through the head: how far it is turned out of the midline, and how far each point of it lies from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nonet.simulate.head.scene import FloatArray

__all__ = ["Plane"]


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane of a scan.

    Parameters
    ----------
    angle_deg
        Between it and the mid-sagittal plane, signed.
    offset_mm
        How far the middle of the head lies from the midline in it, signed.
    towards
        ``float[2]``, unit vector in the plane: the direction in which the turn leads away from the midline.
    middle
        ``float[2]``, the middle of the head, mm.
    """

    angle_deg: float
    offset_mm: float
    towards: tuple[float, float]
    middle: tuple[float, float]

    def across_mm(self, points: FloatArray) -> FloatArray:
        """Signed distance from the midline of points of the plane, ``float[..., 2]`` in mm of the head."""
        along = (points - np.array(self.middle)) @ np.array(self.towards)
        return np.asarray(self.offset_mm + np.sin(np.radians(self.angle_deg)) * along)
