"""Marks drawn on a picture: a box's outline, a leader, a numbered chip; on a dark rim, so that they show on bone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageDraw

    from nonet.outputs.palette import Mark
    from nonet.outputs.picture.label_places import Point
    from nonet.reading import Box

__all__ = ["CHIP", "DIM", "GROUND", "INK", "callipers", "chip", "font", "leader", "outline", "outlined_chip"]

GROUND = "#14171a"
"""The sheet's colour."""
INK = "#f1f3f4"
"""Text that matters."""
DIM = "#a9b1b8"
"""Text that explains."""
CHIP = 22
"""Side of a numbered chip, pixels."""

_RIM = "#000000"


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font at a size in pixels; no font file is looked for."""
    return ImageFont.load_default(size)


def outline(pen: ImageDraw.ImageDraw, box: Box, mark: Mark, width: int) -> None:
    """Draw a box's outline around its pixels, so that what it holds stays in sight."""
    x1, y1, x2, y2 = round(box.x1), round(box.y1), round(box.x2) - 1, round(box.y2) - 1
    pen.rectangle((x1 - width - 1, y1 - width - 1, x2 + width + 1, y2 + width + 1), outline=_RIM, width=width + 2)
    edges = (x1 - width, y1 - width, x2 + width, y2 + width)
    if mark.dash is None:
        pen.rectangle(edges, outline=mark.colour, width=width)
    else:
        for dash in _dashes(edges, width, mark.dash):
            pen.rectangle(dash, fill=mark.colour)


def leader(pen: ImageDraw.ImageDraw, start: Point, end: Point, mark: Mark) -> None:
    """Draw the thin line that ties a label to its box."""
    pen.line((start, end), fill=_RIM, width=4)
    pen.line((start, end), fill=mark.colour, width=2)


def callipers(pen: ImageDraw.ImageDraw, start: Point, end: Point, arm: int) -> None:
    """Draw where a distance was taken: a cross at each end, and a thin line between."""
    for colour, width in ((_RIM, 3), (INK, 1)):
        pen.line((start, end), fill=colour, width=width)
        for x, y in (start, end):
            pen.line((x - arm, y, x + arm, y), fill=colour, width=width)
            pen.line((x, y - arm, x, y + arm), fill=colour, width=width)


def chip(pen: ImageDraw.ImageDraw, left: float, middle: float, mark: Mark) -> None:
    """Draw a structure's number on its colour; ``left`` edge, ``middle`` height."""
    pen.rounded_rectangle(_square(left, middle), radius=4, fill=mark.colour)
    pen.text((left + CHIP / 2, middle), str(mark.number), fill=_RIM, font=font(16), anchor="mm")


def outlined_chip(pen: ImageDraw.ImageDraw, left: float, middle: float, mark: Mark) -> None:
    """Draw the number of a structure that is not visible, in a hollow chip."""
    pen.rounded_rectangle(_square(left, middle), radius=4, outline=mark.colour, width=1)
    pen.text((left + CHIP / 2, middle), str(mark.number), fill=DIM, font=font(16), anchor="mm")


def _square(left: float, middle: float) -> tuple[float, float, float, float]:
    return left, middle - CHIP / 2, left + CHIP, middle + CHIP / 2


def _dashes(edges: tuple[int, int, int, int], width: int, dash: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    x1, y1, x2, y2 = edges
    drawn, left_out = dash
    for x in range(x1, x2 + 1, drawn + left_out):
        end = min(x + drawn - 1, x2)
        yield x, y1, end, y1 + width - 1
        yield x, y2 - width + 1, end, y2
    for y in range(y1, y2 + 1, drawn + left_out):
        end = min(y + drawn - 1, y2)
        yield x1, y, x1 + width - 1, end
        yield x2 - width + 1, y, x2, end
