"""Around the fetus: fluid, uterine wall or placenta behind and sometimes in front, limbs that float by."""

from __future__ import annotations

import numpy as np

from nonet.simulate.head.curves import blob, shifted, spline
from nonet.simulate.head.scene import FloatArray, Grain, Scene
from nonet.simulate.head.sketch import Sketch

__all__ = ["draw_womb"]

_FAR = 60.0


def draw_womb(sketch: Sketch) -> None:
    """Put the surroundings behind everything drawn so far."""
    fetus, sketch.scene = sketch.scene, Scene(grain_angle=sketch.scene.grain_angle)
    sketch.scene.fluid_db = sketch.draw(-34.0, -18.0)
    _wall_behind(sketch)
    if sketch.rng.random() < 0.5:
        _wall_in_front(sketch)
    for _ in range(int(sketch.rng.integers(0, 4))):
        _limb(sketch)
    sketch.scene.tissues.extend(fetus.tissues)
    sketch.scene.interfaces.extend(fetus.interfaces)


def _surface(sketch: Sketch, tilt: float, bend: float, roughness: float) -> FloatArray:
    """A wavy line from far left to far right through the origin's height."""
    k, x = sketch.scale, np.linspace(-_FAR, _FAR, 13)
    y = -tilt * (x + 5.0) - bend * np.maximum(x - 3.0, 0.0) ** 2 + roughness * sketch.rng.standard_normal(13)
    return k * spline(np.column_stack((x, y)))


def _wall_behind(sketch: Sketch) -> None:
    """Wall that touches the back or leaves a strip of fluid."""
    k, tilt, nape = sketch.scale, sketch.draw(-0.25, 0.25), sketch.landmarks["nape"]
    wall = _surface(sketch, tilt, 0.1 * sketch.draw(0.0, 1.0) ** 3, 0.5)
    near = (wall[:, 0] > -26.0 * k) & (wall[:, 0] < 10.0 * k)
    touching = (np.interp(wall[near, 0], nape[:, 0], nape[:, 1]) - wall[near, 1]).max()
    wall[:, 1] += touching + sketch.length(-0.5, 3.5)
    sketch.scene.grain_angle[Grain.WALL] = -float(np.arctan(tilt)) + sketch.draw(-0.15, 0.15)
    far = np.array([(_FAR * k, _FAR * k), (-_FAR * k, _FAR * k)])
    sketch.fill(np.vstack((wall, far)), (-5, 3), Grain.WALL, soft_mm=sketch.draw(0.05, 0.5))
    _strips(sketch, wall, downwards=1.0)


def _wall_in_front(sketch: Sketch) -> None:
    """Wall or placenta between probe and face."""
    k = sketch.scale
    wall = _surface(sketch, sketch.draw(-0.3, 0.3), 0.0, 0.7)
    wall = shifted(wall, 0.0, sketch.length(-25.0, -18.5))
    far = np.array([(_FAR * k, -_FAR * k), (-_FAR * k, -_FAR * k)])
    sketch.fill(np.vstack((wall, far)), (-5, 4), Grain.WALL, soft_mm=sketch.draw(0.05, 0.5))
    _strips(sketch, wall, downwards=-1.0)


def _strips(sketch: Sketch, wall: FloatArray, downwards: float) -> None:
    """Layers and vessels inside a wall, along its surface."""
    for _ in range(int(sketch.rng.integers(4, 12))):
        at = shifted(wall[int(sketch.rng.integers(40, 110))], 0.0, downwards * sketch.length(0.8, 9.0))
        size = sketch.length(1.5, 6.0), sketch.length(0.2, 0.9)
        sketch.fill(blob(at[0], at[1], *size, sketch.rng), (-16, 7), Grain.WALL, soft_mm=0.35)


def _limb(sketch: Sketch) -> None:
    """A hand or a piece of cord in the fluid before the face or the chest."""
    at = sketch.place((-26.0, -8.0), (-22.0, -15.5))
    lump = blob(at[0], at[1], sketch.length(0.8, 2.4), sketch.length(0.4, 1.1), sketch.rng)
    sketch.fill(lump, (-6, 5), Grain.BODY, soft_mm=0.15, loss=0.6)
    sketch.dash(at, sketch.length(0.8, 2.5), sketch.draw(-0.5, 0.5), (2, 16), width=0.5)
