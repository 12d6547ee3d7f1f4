"""Find the column of marks that stand at equal distances, as those of a ruler do and those of letters do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nonet.frames.ruler.marks import Marks

__all__ = ["Comb", "find_combs"]

_HALF_COLUMN = 3.0
_STEP = 2
_MOST_OF_FRAME = 1_000
"""Marks of a frame that are looked at, the clearest: usual frames have some hundred, noise has any number."""
_MOST_MARKS = 24
_MOST_COLUMNS = 16
_LEAST_MARKS = 3
_PERIODS_PX = (18.0, 170.0)
_MISSING = 4
"""Two neighbouring marks found may be so many periods apart."""
_OFF_PX = 1.3
_LEAST_COVERAGE = 0.7
_LEAST_SPAN = 0.4
"""Of the frame's height: lines of text are even too, and shorter."""
_MOST_UNEVEN_PX, _LEAST_UNEVEN_PX = 0.7, 0.25
_ASIDE = 0.2


@dataclass(frozen=True, slots=True)
class Comb:
    """Marks at equal distances.

    Attributes
    ----------
    period, period_error
        Distance of neighbouring marks and its standard error, pixels.
    rows, numbers
        Where the comb has the marks that were found, and which of its marks they are.
    column
        Where it stands.
    score
        How sure it is one: marks found, less for gaps and unevenness.
    """

    period: float
    period_error: float
    rows: NDArray[np.float64]
    numbers: NDArray[np.intp]
    column: float
    score: float


def find_combs(marks: Marks, height: int) -> list[Comb]:
    """Combs among the marks of a frame, best first.

    Parameters
    ----------
    marks
        ``float64[N, 3]``: row, column, peak.
    height
        Rows of the frame.
    """
    found = [comb for column in _columns(marks, height) if (comb := _comb(column, height)) is not None]
    return sorted(found, key=lambda comb: -comb.score)


def _columns(marks: Marks, height: int) -> Iterator[Marks]:
    """The marks of each column that holds enough of them over enough rows, those with most first."""
    if not len(marks):
        return
    marks = marks[np.argsort(-marks[:, 2], kind="stable")[:_MOST_OF_FRAME]]
    near = np.arange(-_STEP, _STEP + 1)
    places = _STEP * np.unique(np.rint(marks[:, 1, None] / _STEP) + near)
    inside = np.abs(marks[:, 1] - places[:, None]) <= _HALF_COLUMN
    enough = inside.sum(axis=1) >= _LEAST_MARKS
    places, inside = places[enough], inside[enough]
    rows = np.where(inside, marks[:, 0], np.nan)
    long = np.nanmax(rows, axis=1) - np.nanmin(rows, axis=1) >= _LEAST_SPAN * height if len(rows) else np.empty(0, bool)
    full = np.where(long, inside @ np.minimum(marks[:, 2], 100), 0)
    for _ in range(_MOST_COLUMNS):
        if not full.any():
            return
        best = int(full.argmax())
        full[np.abs(places - places[best]) < _HALF_COLUMN] = 0
        column = marks[inside[best]]
        yield column[np.argsort(-column[:, 2], kind="stable")[:_MOST_MARKS]]


def _comb(column: Marks, height: int) -> Comb | None:
    rows = np.sort(column[:, 0])
    hypothesis = _best_period(rows, height)
    if hypothesis is None:
        return None
    period, start = hypothesis
    numbers = np.rint((column[:, 0] - start) / period).astype(np.intp)
    on = np.abs(column[:, 0] - start - numbers * period) <= _OFF_PX
    teeth = _one_each(column[on], numbers[on], period, start)
    if len(teeth) < _LEAST_MARKS:
        return None
    rows, numbers = teeth[:, 0], np.rint((teeth[:, 0] - start) / period).astype(np.intp)
    slope, first = np.polyfit(numbers, rows, 1)
    uneven = float(np.sqrt(np.sum((rows - first - slope * numbers) ** 2) / max(len(rows) - 2, 1)))
    if uneven > _MOST_UNEVEN_PX:
        return None
    error = max(uneven, _LEAST_UNEVEN_PX) / float(np.sqrt(np.sum((numbers - numbers.mean()) ** 2)))
    coverage = len(rows) / (np.ptp(numbers) + 1)
    aside = float(np.std(teeth[:, 1]))
    score = len(rows) * coverage - 2 * uneven - 0.3 * aside + float(np.median(teeth[:, 2])) / 100
    return Comb(float(slope), error, first + slope * numbers, numbers, float(np.median(teeth[:, 1])), score)


def _one_each(marks: Marks, numbers: NDArray[np.intp], period: float, start: float) -> Marks:
    """Of several marks for one tooth the one nearest to where it should be, in order of rows."""
    off = np.abs(marks[:, 0] - start - numbers * period)
    off += _ASIDE * np.abs(marks[:, 1] - np.median(marks[:, 1]))
    order = np.lexsort((off, numbers))
    _, first = np.unique(numbers[order], return_index=True)
    return np.asarray(marks[order[first]])


def _best_period(rows: NDArray[np.float64], height: int) -> tuple[float, float] | None:
    """The period, and the row of a mark, with which most marks are on the comb; None if no comb is long enough."""
    one, other = np.triu_indices(len(rows), 1)
    apart = rows[other] - rows[one]
    periods = np.concatenate([apart / count for count in range(1, _MISSING + 1)])
    starts = np.tile(rows[one], _MISSING)
    plausible = (periods >= _PERIODS_PX[0]) & (periods <= _PERIODS_PX[1])
    periods, starts = periods[plausible], starts[plausible]
    if not len(periods):
        return None
    numbers = np.rint((rows - starts[:, None]) / periods[:, None])
    on = np.abs(rows - starts[:, None] - numbers * periods[:, None]) <= _OFF_PX
    lowest, highest = np.where(on, numbers, np.inf).min(axis=1), np.where(on, numbers, -np.inf).max(axis=1)
    seen = _distinct(numbers, on)
    coverage = seen / (highest - lowest + 1)
    long = (highest - lowest) * periods >= _LEAST_SPAN * height
    good = (coverage >= _LEAST_COVERAGE) & long & (seen >= _LEAST_MARKS)
    scores = np.where(good, seen * coverage - 0.01 * (~on).sum(axis=1), -np.inf)
    best = int(scores.argmax())
    return (float(periods[best]), float(starts[best])) if good[best] else None


def _distinct(numbers: NDArray[np.float64], on: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How many different teeth of each comb a mark stands on; rows, and so numbers, are in order."""
    last = np.maximum.accumulate(np.where(on, numbers, -np.inf), axis=1)
    before = np.pad(last[:, :-1], ((0, 0), (1, 0)), constant_values=-np.inf)
    return np.asarray((on & (numbers > before)).sum(axis=1))
