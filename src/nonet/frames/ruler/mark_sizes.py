"""How large the marks of a ruler are, and in what pattern: that tells centimetres from half centimetres."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frames.ruler.comb import Comb

    Floats = NDArray[np.float64]

__all__ = ["Pattern", "mark_pattern", "mark_sizes"]

_LEFT, _RIGHT = 4, 9
_GROUND_ROWS = 4
_MARK = slice(_GROUND_ROWS - 2, _GROUND_ROWS + 3)
_BESIDE_MARK = 7
"""Rows above and below a mark where the ground alone is taken for a mark: how large that seems is its error."""
_INK = 80
"""Percentile over marks of their brightest pixels that is taken for the grey they are drawn in."""
_LEAST_INK = 40
_USUAL = 0.12
_ERROR_PX, _ERROR_SHARE = 0.2, 0.07
_MOST_COST = 9.0
"""What a mark costs that fits a pattern not at all."""
_MARGIN, _FIVES_MARGIN = 6.0, 12.0
"""By how much the best pattern must beat all others."""
_SURELY = 2.0
"""Errors by which a mark is larger than the smaller ones."""
_LARGER, _MUCH_LARGER = 1.25, 2.0
_LEAST_MARKS, _LEAST_EACH = 3, 2
_FIVE = 5
_SURE_PX, _DASH, _ALIKE = 1.0, 1.6, 1.4


class Pattern(StrEnum):
    """How the marks of a ruler differ."""

    ALTERNATING = "every second mark is larger"
    FIVES = "one mark in five is larger"
    ALIKE = "all marks are alike"


def mark_pattern(grey: NDArray[np.int16], comb: Comb, *, least_ratio: float) -> Pattern | None:
    """The pattern of the marks of a comb; None where it cannot be told.

    Parameters
    ----------
    grey
        ``int16[H, W]``.
    comb
        Where the marks stand.
    least_ratio
        How much larger a larger mark is, at the least.
    """
    sizes, errors = mark_sizes(grey, comb)
    numbers = comb.numbers
    odd = numbers % 2 == 1
    even_larger, odd_larger = (_fit(sizes, errors, large, least_ratio) for large in (~odd, odd))
    fives = min(
        (_fit(sizes, errors, numbers % _FIVE == place, _MUCH_LARGER) for place in np.unique(numbers % _FIVE)),
        key=lambda fit: fit.cost,
    )
    alike = _fit(sizes, errors, np.zeros(len(sizes), np.bool_), 1).cost
    best, other = sorted((even_larger, odd_larger), key=lambda fit: fit.cost)
    each = min(len(np.unique(numbers[one])) for one in (odd, ~odd))
    if each >= _LEAST_EACH and best.larger >= _LEAST_EACH and best.cost + _MARGIN <= min(other.cost, alike):
        return Pattern.ALTERNATING
    if len(sizes) > _LEAST_MARKS and fives.larger and fives.cost + _FIVES_MARGIN <= min(best.cost, alike):
        return Pattern.FIVES
    usual = min(_fit(sizes, errors, large, _LARGER).cost for large in (odd, ~odd))
    return Pattern.ALIKE if alike <= usual + _MARGIN / 2 and _sure_ones_alike(sizes, errors, odd) else None


def _sure_ones_alike(sizes: Floats, errors: Floats, odd: NDArray[np.bool_]) -> bool:
    """Whether the marks of a sure size, less those as large as a dash, are alike, and stand for both odd and even."""
    sure = errors <= _SURE_PX
    if int(sure.sum()) < _LEAST_MARKS:
        return False
    dots = sure & (sizes <= _DASH * np.median(sizes[sure]))
    both = bool((dots & odd).any() and (dots & ~odd).any())
    return both and int(dots.sum()) >= _LEAST_MARKS and bool(sizes[dots].max() <= _ALIKE * sizes[dots].min())


def mark_sizes(grey: NDArray[np.int16], comb: Comb) -> tuple[Floats, Floats]:
    """How many pixels' worth of ink each mark holds, and the error of that.

    A mark is drawn in one grey, so that on bright ground it stands out less: what it adds is divided by what its ink
    could add.
    """
    window = _window(grey, comb.rows, comb.column)
    ink = float(np.percentile(window[:, _MARK, 1:-4].max(axis=(1, 2)), _INK))
    covered, above, below = (
        _covered(_window(grey, comb.rows + shift, comb.column), ink) for shift in (0, -_BESIDE_MARK, _BESIDE_MARK)
    )
    place = _usual_place(covered, comb.numbers % 2 == 1)
    sizes, *beside = ((one * place).sum(axis=(1, 2)) for one in (covered, above, below))
    return sizes, np.sqrt(_ERROR_PX**2 + (_ERROR_SHARE * sizes) ** 2 + np.maximum(*beside) ** 2)


def _usual_place(covered: Floats, odd: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where marks usually have ink, ``bool[rows, columns]``: what else lies beside a mark is none of it."""
    usual = np.max([np.median(covered[one], axis=0) for one in (odd, ~odd) if one.any()], axis=0)
    place: NDArray[np.bool_] = usual >= _USUAL * usual.max()
    return place


def _window(grey: NDArray[np.int16], rows: Floats, column: float) -> Floats:
    """The pixels about each mark, ``float64[marks, 9, columns]``."""
    height, width = grey.shape
    columns = np.clip(np.arange(-_LEFT, _RIGHT) + round(column), 0, width - 1)
    around = np.arange(-_GROUND_ROWS, _GROUND_ROWS + 1)
    places = np.clip(np.rint(rows).astype(np.intp)[:, None] + around, 0, height - 1)
    window: Floats = grey[places[:, :, None], columns].astype(np.float64)
    return window


def _covered(window: Floats, ink: float) -> Floats:
    """How far each pixel of a mark is covered with ink, 0 to about 1, ``float64[marks, 5, columns]``."""
    ground = np.delete(window, np.arange(_MARK.start, _MARK.stop), axis=1)
    middle, spread = ground.mean(axis=1, keepdims=True), ground.std(axis=1, keepdims=True)
    raised = np.clip(window[:, _MARK] - middle - spread, 0, None)
    covered: Floats = raised / np.maximum(ink - middle, _LEAST_INK)
    return covered


@dataclass(frozen=True, slots=True)
class _Fit:
    """How badly marks fit a pattern, and how many that should be larger are surely larger than the smaller ones."""

    cost: float
    larger: int


def _fit(sizes: Floats, errors: Floats, large: NDArray[np.bool_], least_ratio: float) -> _Fit:
    """Fit a pattern of two sizes of which one is at least ``least_ratio`` of the other.

    Both are sought among those that were found, and such as are just far enough from those.
    """
    smaller, larger = np.meshgrid(
        np.concatenate([sizes, sizes / least_ratio]), np.concatenate([sizes, sizes * least_ratio])
    )
    allowed = larger >= least_ratio * smaller * (1 - 1e-9)
    pairs = np.column_stack([smaller[allowed], larger[allowed]])
    costs = np.minimum(((sizes - pairs[:, large.astype(np.intp)]) / errors) ** 2, _MOST_COST).sum(axis=1)
    best = int(costs.argmin())
    surely = (sizes - pairs[best, 0]) / errors >= _SURELY
    return _Fit(float(costs[best]), int((surely & large).sum()))
