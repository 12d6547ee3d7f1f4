"""The scanner: a scene becomes grey on the polar grid, by way of scatterers, echoes, shadow and beam."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nonet.simulate.devices import Device
from nonet.simulate.head.scene import FloatArray, Scene
from nonet.simulate.scanner.beam import spread
from nonet.simulate.scanner.envelope_to_grey import to_grey
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.interfaces import lay_strokes
from nonet.simulate.scanner.speckle import Speckle, branches
from nonet.simulate.scanner.tissue import lay_tissues

if TYPE_CHECKING:
    from nonet.simulate.scanner.moving import DriftingDraws, MovingSpeckle

__all__ = ["Draws", "ScanSeeds", "scan", "scan_with"]


class ScanSeeds(NamedTuple):
    """Where a scan draws from; none is changed by it.

    ``texture`` is the head's: the unevenness of its tissues and interfaces. ``speckle`` and ``noise``
    are the scan's own.
    """

    texture: np.random.SeedSequence
    speckle: np.random.SeedSequence
    noise: np.random.SeedSequence

    @classmethod
    def of(cls, seed: np.random.SeedSequence) -> ScanSeeds:
        """All three from one seed."""
        return cls(*branches(seed, 3))


class Draws(NamedTuple):
    """What one scan takes its chance from, see `ScanSeeds`; ``gain`` is the unevenness of the machine's gain."""

    texture: np.random.Generator | DriftingDraws
    speckle: Speckle | MovingSpeckle
    noise: np.random.Generator
    gain: np.random.Generator


def scan(scene: Scene, device: Device, grid: PolarGrid, seeds: ScanSeeds, phase: float = 0.0) -> FloatArray:
    """Grey from 0 to 1, ``float[depths, lines]``.

    Scatterers are complex Gaussian noise whose variance is the tissue's backscatter; interfaces add
    their echoes; what lies deeper is weakened by all that the beam has crossed. The device's steered
    looks share the anatomy and differ in speckle, and their envelopes are averaged.

    Parameters
    ----------
    scene
        In mm from the image's upper left corner.
    device, grid
        The machine and its lines.
    seeds
        Of texture, speckle and noise.
    phase
        How far the speckle has moved on, see `Speckle`.
    """
    texture, noise = np.random.default_rng(seeds.texture), np.random.default_rng(seeds.noise)
    return scan_with(scene, device, grid, Draws(texture, Speckle(seeds.speckle, phase), noise, noise))


def scan_with(scene: Scene, device: Device, grid: PolarGrid, draws: Draws) -> FloatArray:
    """As `scan`, from draws that are given."""
    ground = lay_tissues(scene, grid, draws.texture)
    strokes = lay_strokes(scene.interfaces, grid, draws.texture)
    passed = 10 ** (-np.cumsum(ground.loss_db + strokes.losses(), axis=0) / 20)
    backscatter = 10 ** (ground.level_db / 20)
    envelope = np.zeros(grid.shape)
    for steer in device.steering:
        field = passed * (backscatter * draws.speckle.look(grid.shape) + strokes.echoes(steer))
        envelope += np.abs(spread(field.astype(np.complex64), device, grid))
    return to_grey(envelope / len(device.steering), device, grid, draws.noise, draws.gain)
