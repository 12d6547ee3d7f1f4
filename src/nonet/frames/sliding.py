"""Sliding minimum and maximum along one axis, by doubling: a few array operations whatever the width; masks grown and
shrunk by whole pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

__all__ = ["closing", "grown", "maximum", "minimum", "opening", "shrunk"]


def minimum(values: NDArray[Scalar], width: int, axis: int) -> NDArray[Scalar]:
    """The least of ``width`` neighbours centred on each value; at the border the last value repeats."""
    return _slide(np.minimum, values, width, axis)


def maximum(values: NDArray[Scalar], width: int, axis: int) -> NDArray[Scalar]:
    """The greatest of ``width`` neighbours centred on each value; at the border the last value repeats."""
    return _slide(np.maximum, values, width, axis)


def opening(values: NDArray[Scalar], width: int, axis: int) -> NDArray[Scalar]:
    """Grey opening by a line (odd width): bright things shorter than it vanish. Works on booleans too."""
    return maximum(minimum(values, width, axis), width, axis)


def closing(values: NDArray[Scalar], width: int, axis: int) -> NDArray[Scalar]:
    """Grey closing by a line (odd width): dark things shorter than it vanish. Works on booleans too."""
    return minimum(maximum(values, width, axis), width, axis)


def shrunk(mask: NDArray[np.bool_], pixels: int, *, outside: bool = False) -> NDArray[np.bool_]:
    """A mask ``bool[H, W]`` without what lies less than so many steps from its edge.

    A step goes to one of four neighbours. ``outside`` says what lies around the array.
    """
    padded = np.pad(mask, 1, constant_values=outside)
    inner = padded[1:-1, 1:-1]
    for _ in range(pixels):
        inner[...] = inner & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return inner


def grown(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """A mask ``bool[H, W]`` with what lies up to so many steps from it; see `shrunk`."""
    return ~shrunk(~mask, pixels, outside=True)


def _slide(pick: np.ufunc, values: NDArray[Scalar], width: int, axis: int) -> NDArray[Scalar]:
    before, after = (width - 1) // 2, width // 2
    margins = [(0, 0)] * values.ndim
    margins[axis] = (before, after)
    best = np.moveaxis(np.pad(values, margins, mode="edge"), axis, 0)
    covered = 1
    while covered < width:
        step = min(covered, width - covered)
        best = pick(best[: len(best) - step], best[step:])
        covered += step
    return np.moveaxis(best, 0, axis)
