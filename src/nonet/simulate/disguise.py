"""An ultrasound image of something else in the look of first-trimester head frames: their greys, zoom and screen.

A detector that rejects axial heads because another machine drew them has learnt nothing of planes.
So what can be taken over without touching the anatomy is taken over: grey levels, size, the black
around the image, text, ruler and inset.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.simulate.devices import TRAINING_DEVICES, Device
from nonet.simulate.overlay import draw_overlay

__all__ = ["disguise"]

_GREY_CENTILES = np.array(
    [1, 6, 8, 10, 15, 20, 26, 32, 37, 43, 49, 55, 61, 67, 74, 82, 90, 100, 113, 136, 243], np.float64
)
"""Grey at the centiles 0, 5, ... 100 within the sector, mean of 81 frames of Set1 (``tools/fit_look.py``)."""
_ZOOM = (1.0, 1.4)
_MM_PER_PX = 0.1
_LEAST_SIDE = 32


def disguise(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """The image part of a frame on another machine's screen.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``; frames of fewer than 32 rows or columns, or without an image part, are
        returned as they are.
    seed
        Draws machine, zoom and side.

    Returns
    -------
    ``uint8[H', W']``, the size of the machine's screen.
    """
    hidden = hide_overlay(Frame(pixels, Source("disguised", "")))
    if min(pixels.shape) < _LEAST_SIDE or hidden.sector is None or not hidden.sector.any():
        return pixels
    rng = np.random.default_rng([seed, *pixels.shape])
    device = TRAINING_DEVICES[int(rng.integers(len(TRAINING_DEVICES)))]
    image = _as_dark(hidden.pixels, hidden.sector)
    rows, columns = np.flatnonzero(hidden.sector.any(axis=1)), np.flatnonzero(hidden.sector.any(axis=0))
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    screen = _filling(cut[:, ::-1] if rng.random() < 0.5 else cut, device, float(rng.uniform(*_ZOOM)))
    return draw_overlay(screen, device, _MM_PER_PX, rng)


def _as_dark(pixels: NDArray[np.uint8], sector: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Grey levels mapped so that the sector's centiles are those of the look."""
    own = np.percentile(pixels[sector], np.linspace(0, 100, len(_GREY_CENTILES)))
    rising = np.maximum.accumulate(own + np.arange(len(own)) * 1e-6)
    mapped = np.interp(np.arange(256), rising, _GREY_CENTILES)
    levels = np.rint(mapped).astype(np.uint8)
    return np.where(sector, levels[pixels], np.uint8(0))


def _filling(image: NDArray[np.uint8], device: Device, zoom: float) -> NDArray[np.uint8]:
    """The middle of the image on a screen of the device's size, which it fills ``zoom`` times over."""
    height, width = image.shape
    scale = zoom * max(device.width / width, device.height / height)
    span = (device.width / scale, device.height / scale)
    left, top = (width - span[0]) / 2, (height - span[1]) / 2
    box = (left, top, left + span[0], top + span[1])
    size = (device.width, device.height)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR, box=box))
