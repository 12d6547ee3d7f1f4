"""A real frame as another machine might have shown it: resolution, speckle and grey map change, geometry does not.

How far the styles go is set by measurement: greys, strength and lengths of speckle differ more between styles than
between the medians of the three screen layouts of Set1 of the Fetus Framework data, and less than between frames
of one layout. Only the darkest decile differs more between layouts, because one maker clips it
(``benchmarks/device_styles.py``, ``benchmarks/results/device-styles.json``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nonet.frames.overlay import find_overlay, find_sector
from nonet.simulate.head.scene import FloatArray

__all__ = ["MACHINE_STYLES", "MachineStyle", "Restyler"]

_EDGE = (0.012, 0.006)
_SPECKLE = (0.0080, 0.0032)
_FULL_SPECKLE = 0.12
_WEAKEST = 1e-3
_BLACK = 1


@dataclass(frozen=True, slots=True)
class MachineStyle:
    """What a machine does to a picture that another has made.

    Parameters
    ----------
    name
        Name for tables.
    gain, gamma, floor
        Grey map: a share ``g`` of white becomes ``(gain * (g - floor) / (1 - floor)) ** gamma``. A higher floor is a
        narrower dynamic range.
    lateral, axial
        Standard deviation of the blur across and along the beam, in thousandths of the frame's width.
    edge
        Gain of the edge enhancement.
    speckle, grain
        Speckle that is laid over: standard deviation as a share of white, and its size against that of the data.
    """

    name: str
    gain: float
    gamma: float
    floor: float
    lateral: float
    axial: float
    edge: float
    speckle: float
    grain: float


MACHINE_STYLES: tuple[MachineStyle, ...] = (
    MachineStyle("Juniper", gain=1.00, gamma=0.95, floor=0.035, lateral=6.0, axial=2.5, edge=0.00,
                 speckle=0.015, grain=1.0),
    MachineStyle("Kauri", gain=1.10, gamma=1.05, floor=0.000, lateral=0.0, axial=0.0, edge=0.20,
                 speckle=0.025, grain=0.8),
    MachineStyle("Larch", gain=0.92, gamma=0.88, floor=0.000, lateral=7.0, axial=2.5, edge=0.00,
                 speckle=0.025, grain=1.4),
    MachineStyle("Maple", gain=1.05, gamma=1.12, floor=0.005, lateral=1.5, axial=0.5, edge=0.30,
                 speckle=0.015, grain=0.9),
    MachineStyle("Nutmeg", gain=1.00, gamma=0.90, floor=0.010, lateral=2.0, axial=2.0, edge=0.10,
                 speckle=0.035, grain=0.9),
    MachineStyle("Oak", gain=0.95, gamma=1.08, floor=0.000, lateral=6.5, axial=1.0, edge=0.05,
                 speckle=0.020, grain=1.3),
    MachineStyle("Pine", gain=1.10, gamma=0.92, floor=0.050, lateral=0.0, axial=0.0, edge=0.05,
                 speckle=0.010, grain=0.8),
    MachineStyle("Quince", gain=0.90, gamma=0.95, floor=0.000, lateral=7.5, axial=3.5, edge=0.15,
                 speckle=0.025, grain=1.2),
    MachineStyle("Rowan", gain=1.12, gamma=0.92, floor=0.010, lateral=4.5, axial=3.0, edge=0.00,
                 speckle=0.030, grain=1.4),
)  # fmt: skip
"""Nine machines; no training uses them."""


class Restyler:
    """Shows one frame in the styles of many machines; what the styles share is computed once.

    Only the sector changes, and in it neither what is drawn nor the black that is one with the black around it.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        drawn = find_overlay(pixels)
        self._image = _echoes(pixels, find_sector(pixels, drawn)) & ~drawn
        self._grey = pixels / 255.0

    @cached_property
    def _edge_weight(self) -> FloatArray:
        return _smoothed(self._image.astype(np.float64), _EDGE)

    def in_style(self, style: MachineStyle, seed: int) -> NDArray[np.uint8]:
        """The frame in a machine's style, ``uint8[H, W]``; boxes stay valid.

        Parameters
        ----------
        style
            The machine.
        seed
            Of the speckle.
        """
        image = self._image
        if not image.any():
            return self.pixels.copy()
        blur = (style.lateral / 1000, style.axial / 1000)
        resolved = _blurred(self._grey, image, blur, _smoothed(image.astype(np.float64), blur))
        resolved += style.edge * (resolved - _blurred(resolved, image, _EDGE, self._edge_weight))
        own = style.speckle * _speckle(self.pixels.shape, style.grain, np.random.default_rng(seed))
        spoken = resolved + own * np.clip(resolved / _FULL_SPECKLE, 0.0, 1.0)
        levels = np.rint(255 * _mapped(spoken, style)).astype(np.uint8)
        return np.where(image, levels, self.pixels)


def _echoes(pixels: NDArray[np.uint8], sector: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The sector without the black corners that its convex outline takes in, ``bool[H, W]``."""
    parts, _ = ndimage.label((pixels <= _BLACK) | ~sector)
    around = np.unique(parts[~sector])
    return sector & ~np.isin(parts, around[around > 0])


def _mapped(grey: FloatArray, style: MachineStyle) -> FloatArray:
    """Grey by the style's gain, gamma and floor, 0 to 1."""
    share = style.gain * (grey - style.floor) / (1 - style.floor)
    return np.asarray(np.clip(share, 0.0, 1.0) ** style.gamma)


def _smoothed(values: FloatArray, blur: tuple[float, float]) -> FloatArray:
    """Gaussian filter of lateral and axial width (shares of the frame's)."""
    sigma = (blur[1] * values.shape[1], blur[0] * values.shape[1])
    return np.asarray(ndimage.gaussian_filter(values, sigma, truncate=3.0))


def _blurred(grey: FloatArray, image: NDArray[np.bool_], blur: tuple[float, float], weight: FloatArray) -> FloatArray:
    """As `_smoothed`, but only the image takes part; ``weight`` is the image itself, smoothed alike."""
    return np.asarray(np.where(image, _smoothed(grey * image, blur) / np.maximum(weight, _WEAKEST), grey))


def _speckle(shape: tuple[int, ...], grain: float, rng: np.random.Generator) -> FloatArray:
    """Log-compressed fully developed speckle of mean 0 and standard deviation 1."""
    sigma = (grain * _SPECKLE[1] * shape[1], grain * _SPECKLE[0] * shape[1])
    parts = (ndimage.gaussian_filter(rng.standard_normal(shape), sigma, truncate=3.0) for _ in range(2))
    level = np.log(np.hypot(*parts))
    return np.asarray((level - level.mean()) / level.std())
