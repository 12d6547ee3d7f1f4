"""Plane quality and visible structures of a loop over time, drawn on a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.cine import Taken
from nonet.outputs.palette import MARKS
from nonet.outputs.picture.line_art import CHIP, DIM, GROUND, INK, chip, font

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import ImageDraw

    from nonet.cine import Loop

__all__ = ["CHART_HEIGHT", "time_chart"]

_LEFT, _RIGHT = 210, 20
_CURVE = 150
_ROW = 26
_TOP, _BELOW = 46, 46
_GRID = "#363d43"
_CURVE_INK = "#8ec5ff"
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_MOST_TICKS = 12

CHART_HEIGHT = _TOP + _CURVE + 18 + 9 * _ROW + _BELOW
"""Height of the chart, pixels."""


def time_chart(
    pen: ImageDraw.ImageDraw, loop: Loop, marked: Sequence[int], corner: tuple[int, int], width: int
) -> None:
    """Draw the chart.

    A dot is the plane probability of a frame that was computed, the line the one with the frames around it; a bar
    stands where a structure is seen, a gap where it is not.

    Parameters
    ----------
    pen
        Draws on the sheet.
    loop
        The document.
    marked
        Numbers of the frames that get a line, the best first.
    corner, width
        Left upper corner and width of the chart, pixels.
    """
    axis = _Axis(corner[0] + _LEFT, width - _LEFT - _RIGHT, len(loop.frames))
    top = corner[1] + _TOP
    floor = top + _CURVE
    bottom = floor + 18 + len(loop.tracks) * _ROW
    _marks(pen, axis, marked, top, bottom)
    _curve(pen, loop, axis, corner[0], top)
    for row, track in enumerate(loop.tracks):
        middle = floor + 18 + (row + 0.5) * _ROW
        mark = MARKS[track.structure]
        chip(pen, corner[0], middle, mark)
        pen.text((corner[0] + CHIP + 8, middle), track.structure.label, fill=DIM, font=font(16), anchor="lm")
        for run in track.runs():
            ends = (axis.start(run[0].number), middle - 5, axis.end(run[-1].number), middle + 5)
            pen.rectangle(ends, fill=mark.colour)
    for number in axis.ticks():
        x = axis.middle(number)
        pen.text((x, bottom + 14), str(number + 1), fill=DIM, font=font(14), anchor="mm")
    pen.text((axis.left + axis.width / 2, bottom + 34), "frame", fill=DIM, font=font(15), anchor="mm")


def _marks(pen: ImageDraw.ImageDraw, axis: _Axis, marked: Sequence[int], top: int, bottom: int) -> None:
    taken: list[float] = []
    for rank, number in enumerate(marked, start=1):
        x = axis.middle(number)
        pen.line((x, top - 8, x, bottom), fill=INK if rank == 1 else DIM, width=1)
        if all(abs(x - other) > 46 for other in taken):
            pen.text((x, top - 18), "best" if rank == 1 else str(rank), fill=INK, font=font(15), anchor="mm")
            taken.append(x)


def _curve(pen: ImageDraw.ImageDraw, loop: Loop, axis: _Axis, left: int, top: int) -> None:
    pen.text((left, top + _CURVE / 2 - 12), "plane quality", fill=INK, font=font(17), anchor="lm")
    pen.text((left, top + _CURVE / 2 + 12), "probability of a", fill=DIM, font=font(14), anchor="lm")
    pen.text((left, top + _CURVE / 2 + 29), "standard plane", fill=DIM, font=font(14), anchor="lm")
    for share in (0.0, 0.5, 1.0):
        y = top + (1 - share) * _CURVE
        pen.line((axis.left, y, axis.left + axis.width, y), fill=_GRID, width=1)
        pen.text((axis.left - 8, y), f"{share:g}", fill=DIM, font=font(14), anchor="rm")
    for part in _unbroken(loop):
        points = [(axis.middle(number), top + (1 - value) * _CURVE) for number, value in part]
        if len(points) > 1:
            pen.line(points, fill=_CURVE_INK, width=3, joint="curve")
    for one in loop.frames:
        if one.plane_probability is not None and one.taken is not Taken.COPIED:
            x, y = axis.middle(one.number), top + (1 - one.plane_probability) * _CURVE
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=INK, outline=GROUND)


def _unbroken(loop: Loop) -> Iterator[list[tuple[int, float]]]:
    """The parts of the curve between frames that have no value."""
    part: list[tuple[int, float]] = []
    for one in loop.frames:
        if one.plane_smoothed is None:
            yield part
            part = []
        else:
            part.append((one.number, one.plane_smoothed))
    yield part


class _Axis:
    """Where frames lie from left to right."""

    def __init__(self, left: int, width: int, frames: int) -> None:
        self.left, self.width, self._frames = left, width, frames

    def start(self, number: int) -> float:
        return self.left + self.width * number / self._frames

    def end(self, number: int) -> float:
        return max(self.left + self.width * (number + 1) / self._frames - 1, self.start(number) + 1)

    def middle(self, number: int) -> float:
        return self.left + self.width * (number + 0.5) / self._frames

    def ticks(self) -> Iterator[int]:
        step = next((one for one in _TICKS if self._frames / one <= _MOST_TICKS), _TICKS[-1])
        yield from (number for number in range(self._frames) if number == 0 or (number + 1) % step == 0)
