"""Tissues on the polar grid: how strongly each sample scatters and how much it weakens the beam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from nonet.simulate.head.scene import FloatArray, Grain, Scene, Tissue
from nonet.simulate.scanner.grid import PolarGrid

if TYPE_CHECKING:
    from nonet.simulate.scanner.moving import DriftingDraws

__all__ = ["Ground", "lay_tissues"]

_TILE, _TILE_PITCH_MM = 256, 0.25
_GRAINS = {
    Grain.BRAIN: (0.8, 0.45, 5.5),
    Grain.BODY: (1.9, 0.4, 6.0),
    Grain.WALL: (2.3, 0.45, 5.5),
    Grain.FLUID: (4.0, 1.5, 5.0),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Mean backscatter in dB and loss in dB of each sample, both ``float[depths, lines]``."""

    level_db: FloatArray
    loss_db: FloatArray


def lay_tissues(scene: Scene, grid: PolarGrid, rng: np.random.Generator | DriftingDraws) -> Ground:
    """Paint the tissues in their order, then make each uneven in its own grain."""
    level = np.full(grid.shape, scene.fluid_db)
    loss = np.zeros(grid.shape)
    grain = np.full(grid.shape, int(Grain.FLUID), dtype=np.uint8)
    left, top = scene.anchor_mm
    for tissue in scene.tissues:
        _paint(tissue, grid, level, loss, grain)
    for kind, (along, across, spread) in _GRAINS.items():
        where = grain == kind
        tile = 0.8 * _tile((along, across), rng) + 0.6 * _tile((3.5 * along, 3.5 * across), rng)
        x, y = grid.positions(where)
        level[where] += spread * _sampled(tile, x - left, y - top, scene.grain_angle.get(kind, 0.0))
    return Ground(level, loss * grid.step_mm)


def _paint(tissue: Tissue, grid: PolarGrid, level: FloatArray, loss: FloatArray, grain: NDArray[np.uint8]) -> None:
    """Blend one tissue into the three maps, within the part of the grid that it can reach."""
    sigma = (tissue.soft_mm / grid.step_mm, tissue.soft_mm / grid.pitch_mm)
    lines, depths = grid.indices(tissue.outline)
    top, bottom = _reach(depths, 3 * sigma[0], grid.shape[0])
    left, right = _reach(lines, 3 * sigma[1], grid.shape[1])
    if top >= bottom or left >= right:
        return
    mask = Image.new("L", (right - left, bottom - top), 0)
    corners = np.column_stack((lines - left, depths - top))
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    share = np.asarray(mask, dtype=np.float32)
    part = (slice(top, bottom), slice(left, right))
    grain[part][share * tissue.opacity > 0.5] = int(tissue.grain)
    if tissue.opacity != 1:
        share = share * np.float32(tissue.opacity)
    if tissue.soft_mm > 0:
        share = ndimage.gaussian_filter(share, sigma, truncate=3.0)
    level[part] += share * (tissue.level_db - level[part])
    loss[part] += share * (tissue.loss_db_per_mm - loss[part])


def _reach(indices: FloatArray, margin: float, size: int) -> tuple[int, int]:
    return max(int(indices.min() - margin), 0), min(int(indices.max() + margin) + 2, size)


def _sampled(tile: FloatArray, x: FloatArray, y: FloatArray, angle: float) -> FloatArray:
    """The tile's noise, turned by an angle and repeated without end, at points in mm."""
    cos, sin = np.cos(angle) / _TILE_PITCH_MM, np.sin(angle) / _TILE_PITCH_MM
    return np.asarray(ndimage.map_coordinates(tile, (cos * y - sin * x, cos * x + sin * y), order=1, mode="grid-wrap"))


def _tile(length_mm: tuple[float, float], rng: np.random.Generator | DriftingDraws) -> FloatArray:
    """Smooth noise of unit variance with the given correlation lengths along and across, ``float[256, 256]``."""
    along, across = (length / _TILE_PITCH_MM for length in length_mm)
    noise = rng.standard_normal((_TILE, _TILE), dtype=np.float32)
    smooth = ndimage.gaussian_filter(noise, (across, along), mode="wrap", truncate=3.0)
    return np.asarray(smooth / smooth.std())
