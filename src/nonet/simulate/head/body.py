"""Neck and trunk: chest, spinal canal, layers of muscle, shadows of ribs."""

from __future__ import annotations

import numpy as np

from nonet.simulate.head.curves import between, blob, shifted, spline
from nonet.simulate.head.scene import FloatArray, Grain, Region
from nonet.simulate.head.sketch import Sketch

__all__ = ["draw_body"]

_FAR = 60.0


def draw_body(sketch: Sketch) -> None:
    """The trunk from chest to back, to the left of the head."""
    chest, neck = _chest(sketch), sketch.landmarks["neck"]
    trunk = neck[neck[:, 0] < sketch.landmarks["face"][0, 0] + 2.0 * sketch.scale]
    sketch.scene.grain_angle[Grain.BODY] = float(np.arctan(sketch.landmarks["back_slope"][0])) + sketch.draw(
        -0.08, 0.08
    )
    sketch.fill(np.vstack((chest, sketch.landmarks["face"][:1], trunk[::-1])), (-2, 3), Grain.BODY)
    _organs(sketch, chest)
    sketch.line(chest, (-6, 12), width=0.3, polish=6.0, taper=0.05)
    with sketch.drawing(Region.SPINAL_CANAL):
        _canal(sketch, trunk)
    for _ in range(int(sketch.rng.integers(16, 30))):
        _layer(sketch, trunk)


def _chest(sketch: Sketch) -> FloatArray:
    """Skin from the far left to the notch under the chin."""
    k, throat = sketch.scale, sketch.landmarks["face"][0]
    high = sketch.length(-12.0, -2.0)
    notch = shifted(throat, -sketch.length(0.5, 2.5), sketch.length(-0.6, 0.6))
    points = np.array([
        (-_FAR * k, high + sketch.length(-3.0, 1.0)),
        (-34.0 * k, high),
        (notch[0] - 6.5 * k, 0.55 * high + 0.45 * notch[1]),
        (notch[0] - 2.0 * k, notch[1] - 0.8 * k),
        notch,
    ])  # fmt: skip
    return spline(points)


def _organs(sketch: Sketch, chest: FloatArray) -> None:
    """Darker and lighter parts of the trunk, long in its direction."""
    for _ in range(int(sketch.rng.integers(3, 7))):
        x = sketch.length(-30.0, -10.0)
        top = float(np.interp(x, chest[:, 0], chest[:, 1]))
        y = sketch.draw(top + 2.0, max(top + 2.5, 6.0 * sketch.scale))
        size = sketch.length(1.5, 5.0), sketch.length(0.6, 1.8)
        sketch.fill(blob(x, y, *size, sketch.rng), (-12, 5), Grain.BODY, soft_mm=0.5, loss=sketch.draw(-0.2, 0.5))


def _canal(sketch: Sketch, neck: FloatArray) -> None:
    """The spinal canal: a darker band between two lines that run with the back."""
    middle = shifted(neck, 0.0, -sketch.length(1.8, 3.2))
    middle = middle[middle[:, 0] < sketch.landmarks["face"][0, 0] + 3.0 * sketch.scale]
    half = np.array([0.0, sketch.length(0.25, 0.5)])
    sketch.fill(between(middle - half, middle + half), (-18, -4), soft_mm=0.15)
    sketch.line(middle + half, (2, 14), polish=3.0)
    sketch.line(middle - half, (0, 12), polish=3.0)


def _layer(sketch: Sketch, neck: FloatArray) -> None:
    """A streak of muscle or fascia."""
    k, x = sketch.scale, sketch.length(-30.0, -2.0)
    y = float(np.interp(x, neck[:, 0], neck[:, 1])) - sketch.length(0.5, 9.0)
    tilt = float(np.arctan(sketch.landmarks["back_slope"][0])) + 0.06 * sketch.rng.standard_normal()
    sketch.dash(np.array([x, y]), sketch.draw(1.2, 6.0) * k, tilt, (0, 13), width=0.2)
