"""The grid of a curved array: lines fan out from a centre above the image, samples run along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nonet.simulate.devices import Device
from nonet.simulate.head.pose import Pose
from nonet.simulate.head.scene import FloatArray

__all__ = ["PolarGrid"]

_STEP_MM = 0.11
_PITCH_MM = 0.17


@dataclass(frozen=True, slots=True)
class PolarGrid:
    """Lines and samples that cover an image.

    Parameters
    ----------
    apex
        Centre of the fan, (x, y) in mm from the image's upper left corner; y is negative.
    radius_mm
        Distance from the centre to the probe's surface.
    radii
        ``float[depths]``, mm from the centre.
    angles
        ``float[lines]``, radians from straight down, positive to the right.
    """

    apex: tuple[float, float]
    radius_mm: float
    radii: FloatArray
    angles: FloatArray

    @classmethod
    def covering(cls, pose: Pose, device: Device) -> PolarGrid:
        """The grid that covers a posed image, cut at the sides of the device's fan."""
        apex = np.array(pose.apex_mm)
        width, height = pose.width * pose.mm_per_px, pose.height * pose.mm_per_px
        corners = np.array([(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)]) - apex
        angles = np.arctan2(corners[:, 0], corners[:, 1])
        nearest, furthest = max(device.radius_mm, -apex[1]), np.hypot(corners[:, 0], corners[:, 1]).max()
        left, right = max(angles.min(), -device.half_angle), min(angles.max(), device.half_angle)
        pitch = _PITCH_MM / (height / 2 - apex[1])
        radii = np.arange(nearest, furthest + _STEP_MM, _STEP_MM)
        return cls(pose.apex_mm, device.radius_mm, radii, np.arange(left, right + pitch, pitch))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of depths and of lines."""
        return len(self.radii), len(self.angles)

    @property
    def step_mm(self) -> float:
        """Distance between samples along a line."""
        return float(self.radii[1] - self.radii[0])

    @property
    def line_angle(self) -> float:
        """Angle between neighbouring lines, radians."""
        return float(self.angles[1] - self.angles[0])

    @property
    def pitch_mm(self) -> float:
        """Distance between neighbouring lines at mid depth."""
        return self.line_angle * float(self.radii[len(self.radii) // 2])

    @property
    def depths_mm(self) -> FloatArray:
        """Depth of each sample below the probe's surface, ``float[depths]``."""
        return self.radii - self.radius_mm

    def indices(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Fractional (line, depth) indices of points ``float[..., 2]`` in mm."""
        x, y = points[..., 0] - self.apex[0], points[..., 1] - self.apex[1]
        line = (np.arctan2(x, y) - self.angles[0]) / self.line_angle
        return line, (np.hypot(x, y) - self.radii[0]) / self.step_mm

    def positions(self, where: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """Where the chosen samples (``bool[depths, lines]``) lie: x and y in mm, each ``float[n]``."""
        depth, line = np.nonzero(where)
        sin, cos = np.sin(self.angles), np.cos(self.angles)
        return self.apex[0] + self.radii[depth] * sin[line], self.apex[1] + self.radii[depth] * cos[line]

    def convert(self, grey: FloatArray, pose: Pose) -> FloatArray:
        """Scan conversion: ``float[depths, lines]`` to ``float[H, W]``, 0 outside the fan."""
        x = (np.arange(pose.width) + 0.5) * pose.mm_per_px
        y = (np.arange(pose.height) + 0.5) * pose.mm_per_px
        line, depth = self.indices(np.stack(np.meshgrid(x, y), axis=-1))
        return np.asarray(ndimage.map_coordinates(grey, (depth, line), order=1, mode="constant", cval=0.0))
