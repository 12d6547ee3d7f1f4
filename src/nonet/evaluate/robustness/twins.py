"""Twins of a frame: the same anatomy as another hospital, machine or setting might show it, its boxes carried along.

They stand in for hospitals that a development set does not have. What a hospital changes most is how large the head
is in pixels: frames of a second hospital show it at 0.68 times the size of the first's.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from nonet.reading import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

__all__ = ["TWINS", "Twin", "TwinFamily"]

_WHITE = 255.0
_GRAIN = 0.7
"""Standard deviation in pixels of what smooths the speckle."""


class TwinFamily(StrEnum):
    """What a twin changes."""

    ZOOM = "zoom"
    GREY = "grey"
    TEXTURE = "texture"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Twin:
    """A change of a frame.

    Attributes
    ----------
    name, family
        As tables call it.
    pixels
        From ``uint8[H, W]`` and a generator to the changed picture.
    box
        From a box and the frame's height and width to the box in the changed picture.
    scale
        How large a pixel of the frame is in the twin's.
    """

    name: str
    family: TwinFamily
    pixels: Callable[[Pixels, np.random.Generator], Pixels]
    box: Callable[[Box, tuple[int, int]], Box]
    scale: float = 1.0


def _zoomed(factor: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    height, width = pixels.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def _zoomed_box(factor: float, box: Box, size: tuple[int, int]) -> Box:
    across, down = round(size[1] * factor) / size[1], round(size[0] * factor) / size[0]
    return Box(box.x1 * across, box.y1 * down, box.x2 * across, box.y2 * down)


def _on_black(factor: float, pixels: Pixels, rng: np.random.Generator) -> Pixels:
    small = _zoomed(factor, pixels, rng)
    canvas = np.zeros_like(pixels)
    top, left = ((whole - part) // 2 for whole, part in zip(pixels.shape, small.shape, strict=True))
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas


def _on_black_box(factor: float, box: Box, size: tuple[int, int]) -> Box:
    small = _zoomed_box(factor, box, size)
    down, across = ((whole - round(whole * factor)) // 2 for whole in size)
    return Box(small.x1 + across, small.y1 + down, small.x2 + across, small.y2 + down)


def _mapped(curve: Callable[[NDArray[np.float64]], NDArray[np.float64]], pixels: Pixels) -> Pixels:
    """Grey by a curve over 0 to 1; black stays black."""
    greys = np.arange(256) / _WHITE
    table = np.rint(np.clip(curve(greys), 0, 1) * _WHITE).astype(np.uint8)
    table[0] = 0
    return table[pixels]


def _gain(factor: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    return _mapped(lambda grey: grey * factor, pixels)


def _gamma(power: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    return _mapped(lambda grey: grey**power, pixels)


def _dynamic_range(factor: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Grey as decibels below white, of which the display shows ``factor`` times as many."""
    return _mapped(lambda grey: 1 - (1 - grey) / factor, pixels)


def _blurred(sigma: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    return np.asarray(ndimage.gaussian_filter(pixels, sigma))


def _speckled(deviation: float, pixels: Pixels, rng: np.random.Generator) -> Pixels:
    noise = ndimage.gaussian_filter(rng.standard_normal(pixels.shape), _GRAIN)
    noisy = np.rint(pixels + deviation * noise / noise.std()).clip(0, _WHITE).astype(np.uint8)
    return np.where(pixels > 0, noisy, pixels)


def _compressed(quality: int, pixels: Pixels, _: np.random.Generator) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("L"))


def _rotated(degrees: float, pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Counter-clockwise, on a canvas that holds all of it."""
    return np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC, expand=True))


def _rotated_box(degrees: float, box: Box, size: tuple[int, int]) -> Box:
    """The box of the turned ellipse that fills the box: a structure fills it so rather than to its corners."""
    turn = np.deg2rad(degrees)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    height, width = size
    x, y = box.centre[0] - width / 2, box.centre[1] - height / 2
    wide, high = _turned_size(degrees, size)
    middle = (x * cos + y * sin + wide / 2, -x * sin + y * cos + high / 2)
    half = (np.hypot(box.width * cos, box.height * sin) / 2, np.hypot(box.width * sin, box.height * cos) / 2)
    return Box(
        float(middle[0] - half[0]), float(middle[1] - half[1]), float(middle[0] + half[0]), float(middle[1] + half[1])
    )


def _turned_size(degrees: float, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the canvas that PIL turns a picture on."""
    height, width = Image.new("1", (size[1], size[0])).rotate(degrees, expand=True).size[::-1]
    return width, height


def _mirrored(pixels: Pixels, _: np.random.Generator) -> Pixels:
    return np.asarray(ImageOps.mirror(Image.fromarray(pixels)))


def _mirrored_box(box: Box, size: tuple[int, int]) -> Box:
    return Box(size[1] - box.x2, box.y1, size[1] - box.x1, box.y2)


def _same(box: Box, _: tuple[int, int]) -> Box:
    return box


def _zooms() -> list[Twin]:
    whole = [
        Twin(f"zoom {factor:g}", TwinFamily.ZOOM, partial(_zoomed, factor), partial(_zoomed_box, factor), factor)
        for factor in (0.6, 0.68, 0.8, 1.25, 1.5)
    ]
    on_black = [
        Twin(
            f"zoom {factor:g} on black",
            TwinFamily.ZOOM,
            partial(_on_black, factor),
            partial(_on_black_box, factor),
            factor,
        )
        for factor in (0.6, 0.68, 0.8)
    ]
    return whole + on_black


TWINS: tuple[Twin, ...] = (
    *_zooms(),
    *(Twin(f"gain {factor:g}", TwinFamily.GREY, partial(_gain, factor), _same) for factor in (0.8, 1.2)),
    *(Twin(f"gamma {power:g}", TwinFamily.GREY, partial(_gamma, power), _same) for power in (0.8, 1.25)),
    *(
        Twin(f"dynamic range {factor - 1:+.0%}", TwinFamily.GREY, partial(_dynamic_range, factor), _same)
        for factor in (0.8, 1.2)
    ),
    *(Twin(f"blur {sigma:g} px", TwinFamily.TEXTURE, partial(_blurred, sigma), _same) for sigma in (1.0, 1.5)),
    Twin("speckle of 6 grey levels", TwinFamily.TEXTURE, partial(_speckled, 6.0), _same),
    Twin("JPEG of quality 50", TwinFamily.TEXTURE, partial(_compressed, 50), _same),
    *(
        Twin(
            f"rotation {degrees:+g} degrees",
            TwinFamily.GEOMETRY,
            partial(_rotated, degrees),
            partial(_rotated_box, degrees),
        )
        for degrees in (-10.0, -5.0, 5.0, 10.0)
    ),
    Twin("mirror", TwinFamily.GEOMETRY, _mirrored, _mirrored_box),
)
"""The twins of the development protocol: zooms, also on a black canvas of the first size; grey; texture; geometry."""
