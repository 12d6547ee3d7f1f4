"""How the fetus lies in the picture: facing, tilt, magnification, place, and where the probe is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from nonet.simulate.devices import Device
from nonet.simulate.head.scene import FloatArray, Scene
from nonet.simulate.head.structure_positions import head_unit_mm, layout_prior

__all__ = ["Facing", "Pose", "draw_pose"]

_CLIP = 2.0
_WIDTH_PX = 672.0
_TILT = 0.06
_PROBE_SIDE = (-0.08, 0.08)


class Facing(StrEnum):
    """The side of the image on which the body lies and to which the chin points."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Pose:
    """The map from the head's millimetres to the image.

    Parameters
    ----------
    facing, tilt
        Side of the body; turn of the head in radians, clockwise before mirroring.
    origin_mm
        Where the head's origin lies, (x, y) in mm from the image's upper left corner.
    mm_per_px, width, height
        Pixel size and size of the image in pixels.
    apex_mm
        Centre of the probe's curvature, (x, y) in mm from the image's upper left corner.
    """

    facing: Facing
    tilt: float
    origin_mm: tuple[float, float]
    mm_per_px: float
    width: int
    height: int
    apex_mm: tuple[float, float]

    def millimetres(self, points: FloatArray) -> FloatArray:
        """Points of the head, ``float[n, 2]``, in mm from the image's upper left corner."""
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        turned = points @ np.array([[cos, sin], [-sin, cos]])
        if self.facing is Facing.RIGHT:
            turned = turned * (-1.0, 1.0)
        return np.asarray(turned + self.origin_mm)

    def pixels(self, points: FloatArray) -> FloatArray:
        """Points of the head, ``float[n, 2]``, in pixels of the image."""
        return self.millimetres(points) / self.mm_per_px

    def drifted(self, steps: int) -> Pose:
        """The pose some frames later: the probe has slid and turned a little."""
        x, y = self.origin_mm
        drift = 0.16 * steps if self.facing is Facing.RIGHT else -0.16 * steps
        return replace(self, origin_mm=(x + drift, y + 0.06 * steps), tilt=self.tilt + 0.003 * steps)

    def scene(self, scene: Scene) -> Scene:
        """The scene in mm from the image's upper left corner."""
        mirror = -1.0 if self.facing is Facing.RIGHT else 1.0
        return Scene(
            [replace(tissue, outline=self.millimetres(tissue.outline)) for tissue in scene.tissues],
            [replace(line, path=self.millimetres(line.path)) for line in scene.interfaces],
            {grain: mirror * (angle + self.tilt) for grain, angle in scene.grain_angle.items()},
            self.origin_mm,
            scene.fluid_db,
        )


def draw_pose(rng: np.random.Generator, device: Device, crl_mm: float) -> Pose:
    """A pose as the real frames have it: magnification and place are theirs (Set1), facing is even."""
    facing = Facing.LEFT if rng.random() < 0.5 else Facing.RIGHT
    prior = layout_prior()
    unit_px = _normal(rng, *prior.unit_px) * device.width / _WIDTH_PX
    mm_per_px = head_unit_mm(crl_mm) / unit_px
    width_mm, height_mm = device.width * mm_per_px, device.height * mm_per_px
    x, y = _normal(rng, *prior.place_x), _normal(rng, *prior.place_y)
    tilt = _normal(rng, 0.0, _TILT)
    centre = float(np.clip(x + _normal(rng, *_PROBE_SIDE), 0.3, 0.7))
    if facing is Facing.RIGHT:
        x, centre = 1.0 - x, 1.0 - centre
    above = device.radius_mm + rng.uniform(*device.depth_mm) - 10.0
    return Pose(facing, tilt, (x * width_mm, y * height_mm), mm_per_px, device.width, device.height,
                (centre * width_mm, -above))  # fmt: skip


def _normal(rng: np.random.Generator, mean: float, sd: float) -> float:
    return mean + sd * float(np.clip(rng.standard_normal(), -_CLIP, _CLIP))
