"""What every screen is put together from: lines of settings, a grey bar, rulers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nonet.simulate.devices import Device

__all__ = ["DIM", "LIGHT", "WHITE", "Canvas", "font", "grey_bar", "lines_right", "ruler_dots", "settings"]

WHITE, LIGHT, DIM = 235, 190, 120


@dataclass(slots=True)
class Canvas:
    """The image being drawn on, with what the drawings need to know."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    mm_per_px: float
    device: Device
    rng: np.random.Generator

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return self.image.width

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return self.image.height


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface at a size in pixels."""
    return ImageFont.load_default(size)


def settings(screen: Canvas) -> list[str]:
    """Preset, harmonics, power, gain and filters, as a machine lists them."""
    rng = screen.rng
    return [
        str(rng.choice(["NT", "1. Trim.", "OB", "1.Trim. Card"])),
        str(rng.choice(["Harm-hi", "Harm-mid"])),
        str(rng.integers(80, 100)),
        f"Gn {rng.integers(-15, 6)}",
        f"C{rng.integers(5, 9)} / M{rng.integers(7, 17)}",
        f"F{rng.integers(1, 5)} / E{rng.integers(1, 4)}",
    ]


def lines_right(screen: Canvas, lines: list[str], top: int, size: int) -> None:
    """Text against the right edge, line below line."""
    for row, text in enumerate(lines):
        place = (screen.width - 4, top + row * (size + 2))
        screen.pen.text(place, text, fill=LIGHT, font=font(size), anchor="ra")


def grey_bar(screen: Canvas, x: int, top: int, height: int) -> None:
    """The grey scale, white above."""
    for row in range(height):
        screen.pen.line((x, top + row, x + 7, top + row), fill=int(250 * (1 - row / height)))


def ruler_dots(screen: Canvas, x: float, top: int, size: int = 2) -> None:
    """Marks every 5 mm down the side, a longer one every 10 mm."""
    step = 5.0 / screen.mm_per_px
    for mark in range(int((screen.height - top) / step) + 1):
        y = top + mark * step
        screen.pen.line((x, y, x + (size if mark % 2 else size + 1), y), fill=LIGHT)
