"""Changes of a whole picture that another hospital, machine or setting might make: zoom, grey, texture, geometry.

Each takes ``uint8[H, W]`` and gives the changed picture; black, which surrounds the sector, stays black.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nonet.reading import Box

    Pixels = NDArray[np.uint8]

__all__ = [
    "blurred",
    "compressed",
    "cut_off",
    "mirrored",
    "on_black",
    "resized",
    "rotated",
    "sharpened",
    "speckled",
    "with_dynamic_range",
    "with_gain",
    "with_gamma",
    "zoomed",
]

_WHITE = 255.0
_EDGE = 1.5
"""Standard deviation in pixels of the smoothing that sharpening is measured against."""


def zoomed(pixels: Pixels, factor: float) -> Pixels:
    """The whole picture made ``factor`` times as large, bicubic."""
    height, width = pixels.shape
    return resized(pixels, (max(1, round(width * factor)), max(1, round(height * factor))))


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The whole picture at another width and height, bicubic."""
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def on_black(pixels: Pixels, factor: float) -> Pixels:
    """The picture made smaller, in the middle of a black canvas of its first size; ``factor`` is 1 at most."""
    small = zoomed(pixels, factor)
    canvas = np.zeros_like(pixels)
    top, left = ((whole - part) // 2 for whole, part in zip(pixels.shape, small.shape, strict=True))
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def with_gain(pixels: Pixels, factor: float) -> Pixels:
    """Grey times ``factor``."""
    return _mapped(lambda grey: grey * factor, pixels)


def with_gamma(pixels: Pixels, power: float) -> Pixels:
    """The share of white to the power ``power``."""
    return _mapped(lambda grey: grey**power, pixels)


def with_dynamic_range(pixels: Pixels, factor: float) -> Pixels:
    """Grey as decibels below white, of which the display shows ``factor`` times as many."""
    return _mapped(lambda grey: 1 - (1 - grey) / factor, pixels)


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Smoothed by a Gaussian of ``sigma`` pixels."""
    return np.asarray(ndimage.gaussian_filter(pixels, sigma))


def sharpened(pixels: Pixels, share: float) -> Pixels:
    """With ``share`` of its difference to a smoothed copy added."""
    grey = pixels.astype(np.float32)
    sharp = grey + share * (grey - ndimage.gaussian_filter(grey, _EDGE))
    return np.where(pixels > 0, np.rint(sharp).clip(0, _WHITE), 0).astype(np.uint8)


def speckled(pixels: Pixels, deviation: float, rng: np.random.Generator, *, grain: float = 0.7) -> Pixels:
    """With noise of a standard deviation in grey levels, smoothed by ``grain`` pixels."""
    noise = ndimage.gaussian_filter(rng.standard_normal(pixels.shape), grain)
    noisy = np.rint(pixels + deviation * noise / noise.std()).clip(0, _WHITE).astype(np.uint8)
    return np.where(pixels > 0, noisy, pixels)


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """As it comes back from a JPEG file of that quality."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("L"))


def rotated(pixels: Pixels, degrees: float) -> Pixels:
    """Turned counter-clockwise, on a canvas that holds all of it."""
    return np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC, expand=True))


def mirrored(pixels: Pixels) -> Pixels:
    """Left for right."""
    return np.asarray(ImageOps.mirror(Image.fromarray(pixels)))


def cut_off(pixels: Pixels, box: Box) -> Pixels:
    """Without what lies between the middle of a box and the side of the picture that is nearest to it."""
    height, width = pixels.shape
    x, y = (round(middle) for middle in box.centre)
    parts = {x: pixels[:, x:], width - x: pixels[:, :x], y: pixels[y:], height - y: pixels[:y]}
    return np.ascontiguousarray(parts[min(parts)])


def _mapped(curve: Callable[[NDArray[np.float64]], NDArray[np.float64]], pixels: Pixels) -> Pixels:
    """Grey by a curve over 0 to 1."""
    greys = np.arange(256) / _WHITE
    table = np.rint(np.clip(curve(greys), 0, 1) * _WHITE).astype(np.uint8)
    table[0] = 0
    return table[pixels]
