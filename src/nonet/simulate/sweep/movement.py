"""How probe and fetus move through a sweep: the hand turns the plane, the mother breathes, the fetus jerks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from nonet.simulate.head.scene import FloatArray

__all__ = ["FRAMES_PER_SECOND", "Movement", "draw_movement"]

FRAMES_PER_SECOND = 25.0

_ENDS_DEG = (13.0, 21.0)
_UNSTEADY_DEG, _UNSTEADY_FRAMES = 0.5, 6.0
_BREATH_SECONDS = (3.0, 4.5)
_BREATH_MM = (0.3, 1.2)
_LEVER_MM = (24.0, 32.0)
_JERKS = (0.35, 0.4, 0.25)
_JERK_FRAMES = (2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Movement:
    """Where plane and fetus are in each frame, each ``float[frames]``.

    Attributes
    ----------
    angle_deg
        Between the plane and the mid-sagittal plane, signed.
    offset_mm
        Distance of the head's middle from the midline in the plane, signed, for a fetus of 65 mm.
    towards
        Direction in the plane in which the turn leads away from the midline, unit vector.
    right_mm, down_mm
        How far the fetus has moved in the picture since the beginning.
    turned
        How far it has turned in the picture, radians.
    """

    angle_deg: FloatArray
    offset_mm: FloatArray
    towards: tuple[float, float]
    right_mm: FloatArray
    down_mm: FloatArray
    turned: FloatArray


def draw_movement(rng: np.random.Generator, frames: int) -> Movement:
    """A sweep from one side of the head, through the midline, to the other.

    The hand turns the plane by 13 to 21 degrees to either side, unevenly, about an axis beside the head: a degree moves
    the plane by about half a millimetre at the head's middle. Breathing moves the whole by a millimetre or two; up to
    two jerks move and turn the fetus, in the plane and out of it.

    Parameters
    ----------
    rng
        Source of every draw.
    frames
        How many, at 25 a second.
    """
    start, end = rng.uniform(*_ENDS_DEG, 2) * (1.0, -1.0) * rng.choice((-1.0, 1.0))
    lever, heading = rng.uniform(*_LEVER_MM), rng.uniform(0, 2 * np.pi)
    angle = np.linspace(start, end, frames) + _unsteady(rng, frames)
    right, down, turned, across = _breath(rng, frames)
    for _ in range(int(rng.choice(3, p=_JERKS))):
        done = _step(rng, frames)
        right, down = right + rng.normal(0, 1.0) * done, down + rng.normal(0, 0.7) * done
        turned, angle = turned + rng.normal(0, 0.03) * done, angle + rng.normal(0, 1.0) * done
        across = across + rng.normal(0, 0.3) * done
    offset = lever * np.sin(np.radians(angle)) + across
    return Movement(angle, offset, (float(np.cos(heading)), float(np.sin(heading))), right, down, turned)


def _unsteady(rng: np.random.Generator, frames: int) -> FloatArray:
    """The hand does not turn evenly, degrees."""
    noise = ndimage.gaussian_filter1d(rng.standard_normal(frames + 60), _UNSTEADY_FRAMES)[30:-30]
    return np.asarray(_UNSTEADY_DEG * noise * np.sqrt(2 * np.sqrt(np.pi) * _UNSTEADY_FRAMES))


def _breath(rng: np.random.Generator, frames: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Movement to the right, down (mm), turn (radians) and across (mm) by the mother's breathing."""
    phase = 2 * np.pi * np.arange(frames) / FRAMES_PER_SECOND / rng.uniform(*_BREATH_SECONDS) + rng.uniform(
        0, 2 * np.pi
    )
    wave = rng.uniform(*_BREATH_MM) * (np.sin(phase) - np.sin(phase[0]))
    return rng.uniform(-0.4, 0.4) * wave, wave, rng.uniform(-0.01, 0.01) * wave, rng.uniform(-0.12, 0.12) * wave


def _step(rng: np.random.Generator, frames: int) -> FloatArray:
    """A jerk: from 0 to 1 within a few frames, half of it going back slowly."""
    at, within = rng.uniform(0, frames), rng.uniform(*_JERK_FRAMES)
    since = np.arange(frames) - at
    return np.asarray((0.5 + 0.5 * np.exp(-np.maximum(since, 0) / 12.0)) / (1 + np.exp(-4 * since / within)))
