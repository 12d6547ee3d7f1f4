"""What a machine shows of a line that lies there alone: without tissue, speckle, noise and other lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nonet.simulate.scanner.beam import spread
from nonet.simulate.scanner.interfaces import lay_strokes
from nonet.simulate.scanner.tissue import lay_tissues

if TYPE_CHECKING:
    from nonet.simulate.devices import Device
    from nonet.simulate.head.scene import FloatArray, Scene
    from nonet.simulate.scanner.grid import PolarGrid
    from nonet.simulate.scanner.interfaces import Strokes
    from nonet.simulate.scanner.scan import ScanSeeds

__all__ = ["line_alone", "strokes_of"]


def strokes_of(scene: Scene, grid: PolarGrid, seeds: ScanSeeds) -> Strokes:
    """The points on all interfaces of a posed scene, as `nonet.simulate.scanner.scan.scan` lays them."""
    rng = np.random.default_rng(seeds.texture)
    lay_tissues(scene, grid, rng)
    return lay_strokes(scene.interfaces, grid, rng)


def line_alone(strokes: Strokes, device: Device, grid: PolarGrid) -> FloatArray:
    """The mean envelope of a machine's looks at a line, through its speckle filter, ``float[depths, lines]``."""
    looks = [np.abs(spread(strokes.echoes(steer).astype(np.complex64), device, grid)) for steer in device.steering]
    along, across = device.smooth_mm[1] / grid.step_mm, device.smooth_mm[0] / grid.pitch_mm
    return np.asarray(ndimage.gaussian_filter(np.mean(looks, axis=0, dtype=np.float64), (along, across)))
