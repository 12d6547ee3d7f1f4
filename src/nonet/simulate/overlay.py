"""What a machine draws over its picture: text, grey bar, depth ruler, inset, callipers, reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nonet.simulate.devices import Device, Screen

__all__ = ["draw_overlay", "picture_rows"]

_HEADER_PX, _FOOTER_PX = 34, 22

_WHITE, _LIGHT, _DIM = 235, 190, 120


@dataclass(slots=True)
class _Screen:
    """The image being drawn on, with what the drawings need to know."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    mm_per_px: float
    device: Device
    rng: np.random.Generator

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def draw_overlay(
    grey: NDArray[np.uint8], device: Device, mm_per_px: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The picture with the machine's text, ruler and inset burnt in.

    Parameters
    ----------
    grey
        ``uint8[H, W]``.
    device
        Its ``screen`` names the layout.
    mm_per_px
        Pixel size; the ruler's marks stand every 5 mm.
    rng
        Draws the settings that the text shows.
    """
    image = Image.fromarray(grey)
    screen = _Screen(image, ImageDraw.Draw(image), mm_per_px, device, rng)
    _LAYOUTS[device.screen](screen)
    return np.asarray(image)


def picture_rows(screen: Screen, height: int) -> tuple[int, int]:
    """First row of the picture and the first row below it, between the bands that hold text only."""
    top = _HEADER_PX + 1 if screen is Screen.HEADER else 0
    return top, height - _FOOTER_PX if screen is Screen.FOOTER else height


def _settings(screen: _Screen) -> list[str]:
    rng = screen.rng
    return [
        str(rng.choice(["NT", "1. Trim.", "OB", "1.Trim. Card"])),
        str(rng.choice(["Harm-hi", "Harm-mid"])),
        str(rng.integers(80, 100)),
        f"Gn {rng.integers(-15, 6)}",
        f"C{rng.integers(5, 9)} / M{rng.integers(7, 17)}",
        f"F{rng.integers(1, 5)} / E{rng.integers(1, 4)}",
    ]


def _right_column(screen: _Screen) -> None:
    _lines_right(screen, _settings(screen), top=2, size=13)
    _grey_bar(screen, x=3, top=18, height=120)
    _ruler_dots(screen, x=16, top=18)


def _header(screen: _Screen) -> None:
    band = _HEADER_PX
    screen.pen.rectangle((0, 0, screen.width, band), fill=28)
    screen.pen.line((0, band, screen.width, band), fill=60)
    day, month = screen.rng.integers(1, 29), screen.rng.integers(1, 13)
    screen.pen.text((screen.width * 0.35, 4), "SIMULATED BY NONET", fill=_WHITE, font=_font(12))
    screen.pen.text((screen.width * 0.35, 18), f"{month:02d}/{day:02d}/2020", fill=_LIGHT, font=_font(11))
    screen.pen.text((screen.width - 150, 4), f"TIb 0.{screen.rng.integers(2, 9)}", fill=_LIGHT, font=_font(11))
    screen.pen.text((screen.width - 150, 18), "MI 1.1", fill=_LIGHT, font=_font(11))
    screen.pen.text((6, 8), screen.device.name, fill=_DIM, font=_font(12))
    _lines_right(screen, _settings(screen), top=band + 3, size=12)
    _ruler_dots(screen, x=10, top=band + 20)


def _left_column(screen: _Screen) -> None:
    rng = screen.rng
    column = ["OB NT", "C-5", f"{rng.integers(38, 60)}Hz", "RS", f"Z {rng.uniform(2, 3.6):.1f}", "2D",
              f"{rng.integers(44, 60)}%", "Dyn R 50", "P Low", "HRes"]  # fmt: skip
    for row, text in enumerate(column):
        screen.pen.text((0, row * 13 + (4 if row else 0)), text, fill=_WHITE, font=_font(15 if row == 0 else 12))
    screen.pen.text((screen.width - 118, 0), f"TIB0.{rng.integers(1, 5)}  MI 1.0", fill=_WHITE, font=_font(15))
    right = screen.width - 70
    top, bottom = screen.height * rng.uniform(0.02, 0.2), screen.height * rng.uniform(0.75, 0.85)
    screen.pen.line((right, top, right, bottom), fill=_LIGHT)
    for end in (top, bottom):
        screen.pen.line((right - 6, end, right + 6, end), fill=_LIGHT)
    _ruler_dots(screen, x=right + 10, top=8, size=1)
    screen.pen.text((screen.width - 30, 30), "M3", fill=_WHITE, font=_font(10))
    _grey_bar(screen, x=screen.width - 25, top=60, height=120)


def _inset(screen: _Screen) -> None:
    _lines_right(screen, _settings(screen), top=3, size=12)
    _ruler_dots(screen, x=6, top=20)
    small = screen.image.resize((screen.width // 7, screen.height // 7))
    width, height = screen.width // 4, screen.height // 4
    thumb = Image.new("L", (width, height), 0)
    fan = Image.new("L", (width, height), 0)
    shape = [(width * 0.42, 4), (width * 0.58, 4), (width * 0.85, height - 4), (width * 0.15, height - 4)]
    ImageDraw.Draw(fan).polygon(shape, fill=255)
    thumb.paste(small.resize((width, height)), (0, 0), fan)
    ImageDraw.Draw(thumb).rectangle((0, 0, width - 1, height - 1), outline=_LIGHT)
    screen.image.paste(thumb, (screen.width - width, screen.height - height))


def _plain(screen: _Screen) -> None:
    screen.pen.text((6, screen.height - 16), screen.device.name, fill=_DIM, font=_font(11))
    x = screen.width - 12
    step = 5.0 / screen.mm_per_px
    for mark in range(int(screen.height / step) + 1):
        length = 10 if mark % 2 == 0 else 5
        screen.pen.line((x - length, mark * step, x, mark * step), fill=_LIGHT)


def _footer(screen: _Screen) -> None:
    band = _FOOTER_PX
    screen.pen.rectangle((0, screen.height - band, screen.width, screen.height), fill=18)
    text = "   ".join(_settings(screen))
    screen.pen.text((10, screen.height - band + 4), text, fill=_LIGHT, font=_font(11))
    screen.pen.text((8, 4), f"{screen.device.name}  SIMULATED", fill=_WHITE, font=_font(12))
    _grey_bar(screen, x=8, top=30, height=90)
    step = 5.0 / screen.mm_per_px
    y = screen.height - band - 6
    for mark in range(int(screen.width / step) + 1):
        screen.pen.line((mark * step, y - (6 if mark % 2 == 0 else 3), mark * step, y), fill=_LIGHT)


def _lines_right(screen: _Screen, lines: list[str], top: int, size: int) -> None:
    for row, text in enumerate(lines):
        place = (screen.width - 4, top + row * (size + 2))
        screen.pen.text(place, text, fill=_LIGHT, font=_font(size), anchor="ra")


def _grey_bar(screen: _Screen, x: int, top: int, height: int) -> None:
    for row in range(height):
        screen.pen.line((x, top + row, x + 7, top + row), fill=int(250 * (1 - row / height)))


def _ruler_dots(screen: _Screen, x: float, top: int, size: int = 2) -> None:
    """Marks every 5 mm down the side, a longer one every 10 mm."""
    step = 5.0 / screen.mm_per_px
    for mark in range(int((screen.height - top) / step) + 1):
        y = top + mark * step
        screen.pen.line((x, y, x + (size if mark % 2 else size + 1), y), fill=_LIGHT)


_LAYOUTS: dict[Screen, Callable[[_Screen], None]] = {
    Screen.RIGHT_COLUMN: _right_column,
    Screen.HEADER: _header,
    Screen.LEFT_COLUMN: _left_column,
    Screen.INSET: _inset,
    Screen.PLAIN: _plain,
    Screen.FOOTER: _footer,
}
