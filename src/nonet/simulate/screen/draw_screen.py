"""What a machine draws over its picture: text, grey bar, depth ruler, inset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nonet.simulate.devices import Device, Screen
from nonet.simulate.screen.screen_parts import (
    DIM,
    LIGHT,
    WHITE,
    Canvas,
    font,
    grey_bar,
    lines_right,
    ruler_dots,
    settings,
)

__all__ = ["draw_overlay", "picture_rows"]

_HEADER_PX, _FOOTER_PX, _PANEL_PX = 34, 22, 78


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
    screen = Canvas(image, ImageDraw.Draw(image), mm_per_px, device, rng)
    _LAYOUTS[device.screen](screen)
    return np.asarray(image)


def picture_rows(screen: Screen, height: int) -> tuple[int, int]:
    """First row of the picture and the first row below it, between the bands that hold text only."""
    top = _HEADER_PX + 1 if screen is Screen.HEADER else 0
    return top, height - _FOOTER_PX if screen is Screen.FOOTER else height


def _right_column(screen: Canvas) -> None:
    lines_right(screen, settings(screen), top=2, size=13)
    grey_bar(screen, x=3, top=18, height=120)
    ruler_dots(screen, x=16, top=18)


def _header(screen: Canvas) -> None:
    band = _HEADER_PX
    screen.pen.rectangle((0, 0, screen.width, band), fill=28)
    screen.pen.line((0, band, screen.width, band), fill=60)
    day, month = screen.rng.integers(1, 29), screen.rng.integers(1, 13)
    screen.pen.text((screen.width * 0.35, 4), "SIMULATED BY NONET", fill=WHITE, font=font(12))
    screen.pen.text((screen.width * 0.35, 18), f"{month:02d}/{day:02d}/2020", fill=LIGHT, font=font(11))
    screen.pen.text((screen.width - 150, 4), f"TIb 0.{screen.rng.integers(2, 9)}", fill=LIGHT, font=font(11))
    screen.pen.text((screen.width - 150, 18), "MI 1.1", fill=LIGHT, font=font(11))
    screen.pen.text((6, 8), screen.device.name, fill=DIM, font=font(12))
    lines_right(screen, settings(screen), top=band + 3, size=12)
    ruler_dots(screen, x=10, top=band + 20)


def _left_column(screen: Canvas) -> None:
    rng = screen.rng
    column = ["OB NT", "C-5", f"{rng.integers(38, 60)}Hz", "RS", f"Z {rng.uniform(2, 3.6):.1f}", "2D",
              f"{rng.integers(44, 60)}%", "Dyn R 50", "P Low", "HRes"]  # fmt: skip
    for row, text in enumerate(column):
        screen.pen.text((0, row * 13 + (4 if row else 0)), text, fill=WHITE, font=font(15 if row == 0 else 12))
    screen.pen.text((screen.width - 118, 0), f"TIB0.{rng.integers(1, 5)}  MI 1.0", fill=WHITE, font=font(15))
    right = screen.width - 70
    top, bottom = screen.height * rng.uniform(0.02, 0.2), screen.height * rng.uniform(0.75, 0.85)
    screen.pen.line((right, top, right, bottom), fill=LIGHT)
    for end in (top, bottom):
        screen.pen.line((right - 6, end, right + 6, end), fill=LIGHT)
    ruler_dots(screen, x=right + 10, top=8, size=1)
    screen.pen.text((screen.width - 30, 30), "M3", fill=WHITE, font=font(10))
    grey_bar(screen, x=screen.width - 25, top=60, height=120)


def _inset(screen: Canvas) -> None:
    lines_right(screen, settings(screen), top=3, size=12)
    ruler_dots(screen, x=6, top=20)
    small = screen.image.resize((screen.width // 7, screen.height // 7))
    width, height = screen.width // 4, screen.height // 4
    thumb = Image.new("L", (width, height), 0)
    fan = Image.new("L", (width, height), 0)
    shape = [(width * 0.42, 4), (width * 0.58, 4), (width * 0.85, height - 4), (width * 0.15, height - 4)]
    ImageDraw.Draw(fan).polygon(shape, fill=255)
    thumb.paste(small.resize((width, height)), (0, 0), fan)
    ImageDraw.Draw(thumb).rectangle((0, 0, width - 1, height - 1), outline=LIGHT)
    screen.image.paste(thumb, (screen.width - width, screen.height - height))


def _plain(screen: Canvas) -> None:
    screen.pen.text((6, screen.height - 16), screen.device.name, fill=DIM, font=font(11))
    x = screen.width - 12
    step = 5.0 / screen.mm_per_px
    for mark in range(int(screen.height / step) + 1):
        length = 10 if mark % 2 == 0 else 5
        screen.pen.line((x - length, mark * step, x, mark * step), fill=LIGHT)


def _footer(screen: Canvas) -> None:
    band = _FOOTER_PX
    screen.pen.rectangle((0, screen.height - band, screen.width, screen.height), fill=18)
    text = "   ".join(settings(screen))
    screen.pen.text((10, screen.height - band + 4), text, fill=LIGHT, font=font(11))
    screen.pen.text((8, 4), f"{screen.device.name}  SIMULATED", fill=WHITE, font=font(12))
    grey_bar(screen, x=8, top=30, height=90)
    step = 5.0 / screen.mm_per_px
    y = screen.height - band - 6
    for mark in range(int(screen.width / step) + 1):
        screen.pen.line((mark * step, y - (6 if mark % 2 == 0 else 3), mark * step, y), fill=LIGHT)


def _corners(screen: Canvas) -> None:
    """Text in three corners, a ruler with numbers down the right side."""
    first, *others = settings(screen)
    screen.pen.text((8, 4), f"{screen.device.name}  {first}", fill=WHITE, font=font(13))
    screen.pen.text((8, screen.height - 18), "  ".join(others[:2]), fill=LIGHT, font=font(11))
    for row, text in enumerate(others[2:]):
        screen.pen.text((8, 22 + 13 * row), text, fill=LIGHT, font=font(11))
    x, step = screen.width - 20, 5.0 / screen.mm_per_px
    for mark in range(1, int(screen.height / step) + 1):
        y = mark * step
        screen.pen.line((x - (6 if mark % 2 == 0 else 3), y, x, y), fill=DIM)
        if mark % 2 == 0:
            screen.pen.text((x + 3, y - 6), str(mark // 2), fill=DIM, font=font(10))


def _title(screen: Canvas) -> None:
    """One line of text on the picture's upper edge, crosses along the lower edge."""
    screen.pen.text((10, 3), screen.device.name + "   " + "   ".join(settings(screen)), fill=LIGHT, font=font(12))
    grey_bar(screen, x=screen.width - 12, top=30, height=100)
    step, y = 10.0 / screen.mm_per_px, screen.height - 10
    for mark in range(int(screen.width / step) + 1):
        x = mark * step
        screen.pen.line((x - 3, y, x + 3, y), fill=DIM)
        screen.pen.line((x, y - 3, x, y + 3), fill=DIM)


def _side_panel(screen: Canvas) -> None:
    """Settings on a grey panel down the left side, a ruler at its edge."""
    panel = _PANEL_PX
    screen.pen.rectangle((0, 0, panel, screen.height), fill=22)
    screen.pen.text((6, 6), screen.device.name, fill=WHITE, font=font(13))
    for row, text in enumerate(settings(screen)):
        screen.pen.text((6, 30 + 18 * row), text, fill=LIGHT, font=font(11))
    grey_bar(screen, x=panel // 2, top=screen.height - 150, height=120)
    ruler_dots(screen, x=panel + 4, top=8)


_LAYOUTS: dict[Screen, Callable[[Canvas], None]] = {
    Screen.RIGHT_COLUMN: _right_column,
    Screen.HEADER: _header,
    Screen.LEFT_COLUMN: _left_column,
    Screen.INSET: _inset,
    Screen.PLAIN: _plain,
    Screen.FOOTER: _footer,
    Screen.CORNERS: _corners,
    Screen.TITLE: _title,
    Screen.SIDE_PANEL: _side_panel,
}
