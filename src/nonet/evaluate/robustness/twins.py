"""Twins of a frame: the same anatomy as another hospital, machine or setting might show it, its boxes carried along.

They stand in for hospitals that a development set does not have. What a hospital changes most is how large the head
is in pixels: frames of a second hospital show it at 0.68 times the size of the first's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nonet.frames import picture_changes as change
from nonet.reading import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.datasets import DataSet

    Pixels = NDArray[np.uint8]

__all__ = ["TWINS", "Twin", "TwinFamily", "carried"]


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


def carried(data: DataSet, twin: Twin, sizes: Mapping[str, tuple[int, int]]) -> DataSet:
    """A data set with the boxes that a twin of each image has; ``sizes`` are heights and widths by image name."""
    return replace(data, boxes=tuple(replace(row, box=twin.box(row.box, sizes[row.image])) for row in data.boxes))


def _zoomed_box(factor: float, box: Box, size: tuple[int, int]) -> Box:
    across, down = round(size[1] * factor) / size[1], round(size[0] * factor) / size[0]
    return Box(box.x1 * across, box.y1 * down, box.x2 * across, box.y2 * down)


def _on_black_box(factor: float, box: Box, size: tuple[int, int]) -> Box:
    small = _zoomed_box(factor, box, size)
    down, across = ((whole - round(whole * factor)) // 2 for whole in size)
    return Box(small.x1 + across, small.y1 + down, small.x2 + across, small.y2 + down)


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


def _mirrored_box(box: Box, size: tuple[int, int]) -> Box:
    return Box(size[1] - box.x2, box.y1, size[1] - box.x1, box.y2)


def _same(box: Box, _: tuple[int, int]) -> Box:
    return box


def _always(made: Callable[..., Pixels], *amount: float) -> Callable[[Pixels, np.random.Generator], Pixels]:
    """A change of a fixed amount, in which nothing is drawn."""
    return partial(_without_drawing, made, amount)


def _without_drawing(
    made: Callable[..., Pixels], amount: tuple[float, ...], pixels: Pixels, _: np.random.Generator
) -> Pixels:
    return made(pixels, *amount)


def _speckled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return change.speckled(pixels, 6.0, rng)


def _zooms() -> list[Twin]:
    whole = [
        Twin(f"zoom {factor:g}", TwinFamily.ZOOM, _always(change.zoomed, factor), partial(_zoomed_box, factor), factor)
        for factor in (0.6, 0.68, 0.8, 1.25, 1.5)
    ]
    on_black = [
        Twin(
            f"zoom {factor:g} on black",
            TwinFamily.ZOOM,
            _always(change.on_black, factor),
            partial(_on_black_box, factor),
            factor,
        )
        for factor in (0.6, 0.68, 0.8)
    ]
    return whole + on_black


TWINS: tuple[Twin, ...] = (
    *_zooms(),
    *(Twin(f"gain {factor:g}", TwinFamily.GREY, _always(change.with_gain, factor), _same) for factor in (0.8, 1.2)),
    *(Twin(f"gamma {power:g}", TwinFamily.GREY, _always(change.with_gamma, power), _same) for power in (0.8, 1.25)),
    *(
        Twin(f"dynamic range {factor - 1:+.0%}", TwinFamily.GREY, _always(change.with_dynamic_range, factor), _same)
        for factor in (0.8, 1.2)
    ),
    *(Twin(f"blur {sigma:g} px", TwinFamily.TEXTURE, _always(change.blurred, sigma), _same) for sigma in (1.0, 1.5)),
    Twin("speckle of 6 grey levels", TwinFamily.TEXTURE, _speckled, _same),
    Twin("JPEG of quality 50", TwinFamily.TEXTURE, _always(change.compressed, 50), _same),
    *(
        Twin(
            f"rotation {degrees:+g} degrees",
            TwinFamily.GEOMETRY,
            _always(change.rotated, degrees),
            partial(_rotated_box, degrees),
        )
        for degrees in (-10.0, -5.0, 5.0, 10.0)
    ),
    Twin("mirror", TwinFamily.GEOMETRY, _always(change.mirrored), _mirrored_box),
)
"""The twins of the development protocol: zooms, also on a black canvas of the first size; grey; texture; geometry."""
