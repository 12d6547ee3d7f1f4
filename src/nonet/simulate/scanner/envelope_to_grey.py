"""From envelope to grey: noise and haze, gain, log compression, speckle filter, edges, grey map."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from nonet.simulate.devices import Device
from nonet.simulate.head.scene import FloatArray
from nonet.simulate.scanner.grid import PolarGrid

__all__ = ["from_grey", "grey_of", "to_grey"]

_HAZE_MM = (0.7, 2.2)
_EDGE_MM = (0.5, 0.9)
_GAIN_DRIFT_DB = 2.0
_GAIN_DB = 2.5


def to_grey(
    envelope: FloatArray, device: Device, grid: PolarGrid, noise: np.random.Generator, gain: np.random.Generator
) -> FloatArray:
    """Grey from 0 to 1, ``float[depths, lines]``, of an envelope in which brain is about 1.

    ``noise`` is drawn from first, then ``gain``: they may be one.
    """
    level = (
        20 * np.log10(_received(envelope, device, grid, noise))
        + _gain_drift(grid, gain)
        + _GAIN_DB * gain.standard_normal()
    )
    level = _smooth(level, (device.smooth_mm[1], device.smooth_mm[0]), grid)
    level = level + device.edge * (level - _smooth(level, _EDGE_MM, grid))
    return grey_of(level, device)


def grey_of(level_db: FloatArray, device: Device) -> FloatArray:
    """The grey, from 0 to 1, in which a machine shows a level in dB against brain."""
    share = np.clip((level_db - device.floor_db) / device.range_db, 0.0, None)
    return np.asarray(device.lift + (1 - device.lift) * np.tanh(share**device.gamma))


def from_grey(grey: float, device: Device) -> float:
    """The level in dB against brain that a machine shows in a grey above its darkest and below 1."""
    share = np.arctanh((grey - device.lift) / (1 - device.lift)) ** (1 / device.gamma)
    return float(device.floor_db + device.range_db * share)


def _received(envelope: FloatArray, device: Device, grid: PolarGrid, rng: np.random.Generator) -> FloatArray:
    """The envelope with side-lobe haze and with noise that time-gain compensation raises with depth."""
    haze = _smooth(envelope, _HAZE_MM, grid)
    deep = np.linspace(0.0, 1.0, grid.shape[0])[:, None]
    noise = 10 ** ((device.noise_db + device.noise_rise_db * deep) / 20) * rng.rayleigh(size=grid.shape)
    return np.asarray(envelope + 10 ** (device.clutter_db / 20) * haze + noise)


def _gain_drift(grid: PolarGrid, rng: np.random.Generator) -> FloatArray:
    """Slow unevenness of gain over depth (sliders) and lines (contact, tissue above), in dB."""
    depths, lines = grid.shape
    knots = np.linspace(0.0, 1.0, 6)
    down = np.interp(np.linspace(0.0, 1.0, depths), knots, rng.standard_normal(6))
    across = np.interp(np.linspace(0.0, 1.0, lines), knots, rng.standard_normal(6))
    fine = ndimage.gaussian_filter1d(rng.standard_normal(lines), 8)
    return np.asarray(_GAIN_DRIFT_DB * (down[:, None] + across + 1.5 * fine))


def _smooth(image: FloatArray, sigma_mm: tuple[float, float], grid: PolarGrid) -> FloatArray:
    """Gaussian filter by millimetres along and across the beam."""
    sigma = (sigma_mm[0] / grid.step_mm, sigma_mm[1] / grid.pitch_mm)
    return np.asarray(ndimage.gaussian_filter(image, sigma, truncate=3.0))
