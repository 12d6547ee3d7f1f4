"""The scanner: a scene becomes grey on the polar grid, by way of scatterers, echoes, shadow and beam."""

from __future__ import annotations

import numpy as np

from nonet.simulate.beam import spread
from nonet.simulate.devices import Device
from nonet.simulate.display import to_grey
from nonet.simulate.grid import PolarGrid
from nonet.simulate.ground import lay_tissues
from nonet.simulate.scene import FloatArray, Scene
from nonet.simulate.strokes import lay_strokes

__all__ = ["scan"]


def scan(scene: Scene, device: Device, grid: PolarGrid, rng: np.random.Generator) -> FloatArray:
    """Grey from 0 to 1, ``float[depths, lines]``.

    Scatterers are complex Gaussian noise whose variance is the tissue's backscatter; interfaces add
    their echoes; what lies deeper is weakened by all that the beam has crossed. The device's steered
    looks share the anatomy and differ in speckle, and their envelopes are averaged.
    """
    ground = lay_tissues(scene, grid, rng)
    strokes = lay_strokes(scene.interfaces, grid, rng)
    passed = 10 ** (-np.cumsum(ground.loss_db + strokes.losses(), axis=0) / 20)
    scatter = 10 ** (ground.level_db / 20)
    envelope = np.zeros(grid.shape)
    for steer in device.steering:
        noise = rng.standard_normal((2, *grid.shape), dtype=np.float32)
        field = passed * (scatter * (noise[0] + 1j * noise[1]) + strokes.echoes(steer))
        envelope += np.abs(spread(field.astype(np.complex64), device, grid))
    return to_grey(envelope / len(device.steering), device, grid, rng)
