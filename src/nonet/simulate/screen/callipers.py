"""Callipers on the nuchal translucency, the printed distance, and the smear that erasing them leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from nonet.simulate.head.scene import FloatArray

__all__ = ["draw_callipers"]


def draw_callipers(
    grey: NDArray[np.uint8], ends: FloatArray, distance_mm: float | None, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The picture with marks, marks and a reading, a smear, or nothing, as the draw falls.

    Parameters
    ----------
    grey
        ``uint8[H, W]``.
    ends
        ``float[2, 2]``, the two calliper points (x, y) in pixels.
    distance_mm
        What the machine prints; None where there is nothing to measure, and then the picture stays as it is.
    rng
        Chooses among the four.
    """
    if distance_mm is None:
        return grey
    choices: list[Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = [
        lambda image: _marks(image, ends),
        lambda image: _reading(_marks(image, ends), distance_mm),
        lambda image: _smear(image, ends, rng),
        lambda image: image,
    ]
    return choices[int(rng.choice(4, p=[0.15, 0.2, 0.4, 0.25]))](grey)


def _marks(grey: NDArray[np.uint8], ends: FloatArray) -> NDArray[np.uint8]:
    image = Image.fromarray(grey)
    pen = ImageDraw.Draw(image)
    for x, y in ends:
        for dx, dy in ((-4, 0), (4, 0), (0, -4), (0, 4)):
            pen.point([(x + dx, y + dy), (x + 0.75 * dx, y + 0.75 * dy)], fill=240)
    return np.asarray(image)


def _reading(grey: NDArray[np.uint8], distance_mm: float) -> NDArray[np.uint8]:
    image = Image.fromarray(grey)
    pen = ImageDraw.Draw(image)
    top = image.height - 50
    pen.rectangle((30, top, 156, top + 18), fill=0)
    pen.text((36, top + 2), f"+  Dist {distance_mm / 10:.3f} cm", fill=240, font=ImageFont.load_default(13))
    return np.asarray(image)


def _smear(grey: NDArray[np.uint8], ends: FloatArray, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Small patches of blurred, shuffled surroundings where the marks were."""
    out = grey.copy()
    for x, y in ends:
        column, row = int(x) + rng.integers(-2, 3), int(y) + rng.integers(-2, 3)
        window = (slice(max(row - 6, 0), row + 6), slice(max(column - 6, 0), column + 6))
        patch = out[window].astype(np.float64)
        if patch.size:
            noise = rng.normal(0, 14, patch.shape)
            out[window] = np.clip(ndimage.gaussian_filter(patch + noise, 1.0), 0, 255).astype(np.uint8)
    return out
