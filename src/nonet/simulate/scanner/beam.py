"""The point-spread function: a beam that is narrowest at its focus, and a short pulse along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from nonet.simulate.devices import Device
from nonet.simulate.head.scene import FloatArray
from nonet.simulate.scanner.grid import PolarGrid

__all__ = ["spread"]

_FWHM = 2.3548
_PAD = 24


def spread(field: NDArray[np.complex64], device: Device, grid: PolarGrid) -> NDArray[np.complex64]:
    """The complex echo field as the device resolves it, ``complex[depths, lines]``.

    Both kernels are Gaussian with unit energy, so that the mean level of speckle stays where the
    tissue set it at every depth.
    """
    off_focus = (grid.depths_mm - device.focus_mm) / device.focus_range_mm
    beam = device.beam_mm * np.sqrt(1 + off_focus**2) / _FWHM / (grid.radii * grid.line_angle)
    across = _filtered(field, beam[:, None], axis=1)
    pulse = np.array([[device.pulse_mm / _FWHM / grid.step_mm]])
    return _filtered(across, pulse, axis=0)


def _filtered(field: NDArray[np.complex64], sigma: FloatArray, axis: int) -> NDArray[np.complex64]:
    """Gaussian of ``sigma`` samples along an axis, ``sigma`` broadcast against the field."""
    size = field.shape[axis]
    padded = fft.next_fast_len(size + _PAD)
    frequency = 2 * np.pi * fft.fftfreq(padded)
    grid_frequency = frequency[None, :] if axis == 1 else frequency[:, None]
    transfer = np.exp(-0.5 * (grid_frequency * sigma) ** 2) * np.sqrt(2 * np.sqrt(np.pi) * sigma)
    spectrum = fft.fft(field, padded, axis=axis) * transfer.astype(np.float32)
    filtered = fft.ifft(spectrum, axis=axis)
    return np.asarray(filtered[:, :size] if axis == 1 else filtered[:size], dtype=np.complex64)
