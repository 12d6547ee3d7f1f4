"""Two steps of one energy: a structure goes out to an extreme and back to its size, whatever that size is.

The energy is the sum over pixels of the squared displacement of both steps, or, of an edit of echo, of the squared
change of grey. It depends on the range of sizes that a structure may be given, and never on the one that it is given:
a copy whose size stays as it is has moved as far as one at the end of the range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, optimize

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nonet.simulate.edits.shape import Shape
    from nonet.simulate.edits.veil import Veil
    from nonet.simulate.edits.window import FloatArray

__all__ = ["extreme_of", "moved", "moving_energy", "veiled", "veiling_energy"]

_MORE = 1.05
"""How much more than the least that the farthest size takes."""
_TOLERANCE = 1e-4


def moving_energy(shape: Shape) -> Callable[[float, float], float]:
    """The energy of a step of a shape: the sum of squared displacement, pixels squared."""
    return lambda before, now: float((shape.displaced(now, before) ** 2).sum())


def veiling_energy(grey: FloatArray, veil: Veil) -> Callable[[float, float], float]:
    """The energy of a step of echo: the sum of squared change of grey."""
    out = (grey[veil.window.slices] - veil.tissue) ** 2
    return lambda before, now: float((out * (veil.kept(now) - veil.kept(before)) ** 2).sum())


def extreme_of(
    energy: Callable[[float, float], float], start: float, target: float, sizes: tuple[float, float]
) -> tuple[float, float]:
    """The size to which a structure goes out before it comes back to its target, and the energy of both steps.

    Parameters
    ----------
    energy
        Of a step from one size to another.
    start, target
        The size it has and the one it is given.
    sizes
        The least and the greatest that it may be given.

    Raises
    ------
    SettingsError
        If the target lies outside that range.
    """
    if not sizes[0] <= target <= sizes[1]:
        raise SettingsError(
            "A target lies in the range of sizes that the energy is for",
            found=f"{target:g}, outside {sizes[0]:g} to {sizes[1]:g}",
            remedy="Give the range of all grades",
        )

    def both(middle: float) -> float:
        return energy(start, middle) + energy(middle, target)

    wanted = _MORE * max(_direct(energy, start, end) for end in sizes)
    if wanted <= 0:
        return start, 0.0
    low = (start + target) / 2
    high = max(start, target, low + (sizes[1] - sizes[0]) / 2)
    while both(high) < wanted:
        high += max(sizes[1] - sizes[0], 1e-3)
    if both(low) > wanted:
        low = float(optimize.minimize_scalar(both, bounds=(min(start, target), high), method="bounded").x)
    extreme = float(optimize.brentq(lambda size: both(size) - wanted, low, high, rtol=_TOLERANCE))
    return extreme, both(extreme)


def moved(grey: FloatArray, shape: Shape, sizes: tuple[float, float, float], order: int = 3) -> FloatArray:
    """Grey of a shape's window, resampled twice: from the first size to the second, and on to the third."""
    first, second, third = sizes
    once = _resampled(grey, shape.displaced(second, first), order)
    return _resampled(once, shape.displaced(third, second), order)


def veiled(grey: FloatArray, veil: Veil, sizes: tuple[float, float, float]) -> FloatArray:
    """Grey of a veil's window with the echo of the third size, by way of the second."""
    out = grey - veil.tissue
    once = grey + (veil.kept(sizes[1]) - veil.kept(sizes[0])) * out
    return np.asarray(once + (veil.kept(sizes[2]) - veil.kept(sizes[1])) * out)


def _direct(energy: Callable[[float, float], float], start: float, end: float) -> float:
    """What it takes to get to a size in two equal steps."""
    middle = (start + end) / 2
    return energy(start, middle) + energy(middle, end)


def _resampled(grey: FloatArray, displaced: FloatArray, order: int) -> FloatArray:
    places = np.indices(grey.shape, np.float64) + displaced
    return np.asarray(ndimage.map_coordinates(grey, places, order=order, mode="nearest"))
