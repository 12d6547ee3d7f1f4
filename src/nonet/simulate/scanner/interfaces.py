"""Interfaces on the polar grid: each becomes a row of echoes whose strength follows the angle to the beam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nonet.simulate.head.curves import resample
from nonet.simulate.head.scene import FloatArray, Interface
from nonet.simulate.scanner.grid import PolarGrid

if TYPE_CHECKING:
    from nonet.simulate.scanner.moving import DriftingDraws

__all__ = ["Strokes", "lay_strokes"]

_STEP_MM = 0.07
_WOBBLE = ((7, 2.0), (25, 3.5), (80, 4.0))
_JITTER_MM = 0.06
_GAIN = 0.95


@dataclass(frozen=True, slots=True)
class Strokes:
    """Points on all interfaces of a scene.

    Parameters
    ----------
    line, depth
        ``float[n]``, where each point lies on the grid.
    echo
        ``complex[n]``, amplitude of a point that lies across the beam.
    slant
        ``float[n]``, angle in radians between the interface and the line across the beam.
    polish, loss_db
        ``float[n]``, as the interface says; the loss is that of one point.
    interface
        ``int[n]``, the number of the interface that each point lies on.
    shape
        Number of depths and of lines.
    """

    line: FloatArray
    depth: FloatArray
    echo: NDArray[np.complex128]
    slant: FloatArray
    polish: FloatArray
    loss_db: FloatArray
    interface: NDArray[np.intp]
    shape: tuple[int, int]

    def of(self, interface: int) -> Strokes:
        """The points on one interface."""
        own = self.interface == interface
        parts = (self.line, self.depth, self.echo, self.slant, self.polish, self.loss_db, self.interface)
        line, depth, echo, slant, polish, loss_db, number = (part[own] for part in parts)
        return Strokes(line, depth, echo, slant, polish, loss_db, number, self.shape)

    def echoes(self, steer: float) -> NDArray[np.complex128]:
        """Amplitudes on the grid for a beam steered by an angle in radians: ``complex[depths, lines]``."""
        facing = np.abs(np.cos(self.slant + steer))
        amplitude = self.echo * (facing**self.polish + 0.01)
        return np.asarray(self._spread(amplitude.real) + 1j * self._spread(amplitude.imag))

    def losses(self) -> FloatArray:
        """Loss in dB on the grid, ``float[depths, lines]``."""
        return self._spread(self.loss_db * np.abs(np.cos(self.slant)))

    def _spread(self, weight: FloatArray) -> FloatArray:
        """Each point's weight shared among its four neighbours on the grid."""
        depths, lines = self.shape
        column, row = np.floor(self.line).astype(np.intp), np.floor(self.depth).astype(np.intp)
        right, below = self.line - column, self.depth - row
        total = np.zeros(depths * lines)
        for step, across in ((0, 1 - right), (1, right)):
            for drop, down in ((0, 1 - below), (1, below)):
                index = (row + drop) * lines + column + step
                total += np.bincount(index, weight * across * down, depths * lines)
        return total.reshape(self.shape)


def lay_strokes(interfaces: list[Interface], grid: PolarGrid, rng: np.random.Generator | DriftingDraws) -> Strokes:
    """All interfaces as points; those outside the grid are left out."""
    points = [_points(interface, grid, rng) for interface in interfaces]
    numbers = np.repeat(np.arange(len(points)), [each.shape[1] for each in points])
    columns = np.concatenate(points, axis=1)
    depths, lines = grid.shape
    line, depth = columns[0].real, columns[1].real
    inside = (line >= 0) & (line < lines - 1) & (depth >= 0) & (depth < depths - 1)
    kept, numbers = columns[:, inside], numbers[inside]
    return Strokes(kept[0].real, kept[1].real, kept[2], kept[3].real, kept[4].real, kept[5].real, numbers, grid.shape)


def _points(interface: Interface, grid: PolarGrid, rng: np.random.Generator | DriftingDraws) -> NDArray[np.complex128]:
    """One interface as ``complex[6, n]``: line, depth, echo, slant, polish, loss."""
    path = resample(interface.path, _STEP_MM)
    count = len(path)
    path = path + _JITTER_MM * np.column_stack((_smooth_noise(count, 18, rng), _smooth_noise(count, 18, rng)))
    line, depth = grid.indices(path)
    tangent = np.gradient(path, axis=0) if count > 1 else np.array([[1.0, 0.0]])
    slant = np.arctan2(tangent[:, 1], tangent[:, 0]) + np.interp(line, np.arange(len(grid.angles)), grid.angles)
    layers = max(round(interface.width_mm / grid.step_mm), 1)
    density = _STEP_MM / grid.pitch_mm
    there = _there(interface, count)
    echo = _GAIN * density * there * _strength(interface, count, rng)
    phases = np.exp(1j * rng.uniform(0.0, np.pi, layers))
    rows = np.arange(layers) - (layers - 1) / 2
    shape = (count, layers)
    return np.stack([
        np.broadcast_to(line[:, None], shape).ravel(),
        (depth[:, None] + rows).ravel(),
        (echo[:, None] * phases).ravel(),
        np.broadcast_to(slant[:, None], shape).ravel(),
        np.full(count * layers, interface.polish),
        np.repeat(there * (interface.loss_db * density / layers), layers),
    ])  # fmt: skip


def _there(interface: Interface, count: int) -> FloatArray:
    """1 at points where there is a surface, 0 where it is missing."""
    if interface.missing_mm is None:
        return np.ones(count)
    along, (start, end) = _STEP_MM * np.arange(count), interface.missing_mm
    return np.where((along > start) & (along < end), 0.0, 1.0)


def _strength(interface: Interface, count: int, rng: np.random.Generator | DriftingDraws) -> NDArray[np.complex128]:
    """Complex echo along the path: its level, unevenness at three scales, fading ends, a drifting phase."""
    along = np.linspace(0.0, 1.0, count)
    fade = np.clip(np.minimum(along, 1 - along) / max(interface.taper, 1e-6), 0.0, 1.0) ** 0.7
    wobble = sum(weight * _smooth_noise(count, sigma, rng) for sigma, weight in _WOBBLE)
    phase = np.cumsum(0.35 * ndimage.gaussian_filter1d(rng.standard_normal(count), 4))
    return np.asarray(fade * 10 ** ((interface.level_db + wobble) / 20) * np.exp(1j * phase))


def _smooth_noise(count: int, sigma: int, rng: np.random.Generator | DriftingDraws) -> FloatArray:
    """Noise of unit variance that is smooth over ``sigma`` points."""
    pad = 3 * sigma
    noise = ndimage.gaussian_filter1d(rng.standard_normal(count + 2 * pad), sigma, truncate=3.0)
    return np.asarray(noise[pad : pad + count] * np.sqrt(2 * np.sqrt(np.pi) * sigma))
