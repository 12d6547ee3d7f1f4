"""Features become a network's input: columns chosen by name, gaps filled with the median, standardised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import BundleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.grade.feature_rows import FeatureRows

__all__ = ["UNKNOWN", "Preprocessing"]

UNKNOWN = -1
"""Code of a word that training did not see."""

_LARGEST = 1e100
"""Numbers beyond this count as undefined: their squares overflow."""
_REACH = 10.0
"""Standardised values are held within this many standard deviations."""


@dataclass(frozen=True)
class Preprocessing:
    """How columns are filled, shifted and scaled, fitted on training rows.

    Attributes
    ----------
    columns
        Names of the numeric columns, in the order in which a network takes them.
    medians, means, scales
        One number a column: what fills a gap, and what is subtracted and divided by thereafter.
    levels
        The words of each categorical column; a word's code is its place. Their columns come last.
    """

    columns: tuple[str, ...]
    medians: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    levels: dict[str, tuple[str, ...]]

    @classmethod
    def fit(cls, features: FeatureRows) -> Preprocessing:
        """Learn from training rows, using all of their columns.

        A column without any value is filled with 0; a constant one is not scaled.
        """
        values = _known(features.values)
        empty = np.isnan(values).all(axis=0)
        medians = np.nanmedian(np.where(empty, 0.0, values), axis=0)
        filled = np.where(np.isnan(values), medians, values)
        spreads = filled.std(axis=0)
        return cls(
            columns=features.names,
            medians=tuple(medians.tolist()),
            means=tuple(filled.mean(axis=0).tolist()),
            scales=tuple(np.where((np.ptp(filled, axis=0) > 0) & (spreads > 0), spreads, 1.0).tolist()),
            levels={name: tuple(sorted(set(words))) for name, words in features.categories.items()},
        )

    @property
    def width(self) -> int:
        """Columns of a network's input."""
        return len(self.columns) + len(self.levels)

    @property
    def categorical(self) -> tuple[int, ...]:
        """Places of the categorical columns in a network's input."""
        return tuple(range(len(self.columns), self.width))

    def apply(self, features: FeatureRows) -> NDArray[np.float32]:
        """A network's input ``float32[N, width]``: standardised columns, then codes.

        Raises
        ------
        BundleError
            If a column is not among the features.
        """
        values = self._chosen(features)
        medians, means, scales = self._numbers
        filled = np.where(np.isnan(values), medians, values)
        with np.errstate(over="ignore"):
            standard = np.clip((filled - means) / scales, -_REACH, _REACH)
        codes = np.array([_codes(features.categories[name], levels) for name, levels in self.levels.items()])
        return np.column_stack([standard, codes.reshape(len(self.levels), len(features)).T]).astype(np.float32)

    def missing(self, features: FeatureRows) -> NDArray[np.float64]:
        """Share of the numeric columns that have no value, ``float64[N]``."""
        gaps = np.isnan(self._chosen(features))
        share: NDArray[np.float64] = gaps.sum(axis=1) / max(len(self.columns), 1)
        return share

    @cached_property
    def _numbers(self) -> tuple[NDArray[np.float64], ...]:
        return np.array(self.medians), np.array(self.means), np.array(self.scales)

    @cached_property
    def _last_places(self) -> list[tuple[tuple[str, ...] | None, NDArray[np.intp]]]:
        """Names of the features last given, and where each column stands there: the frames of a batch share both.

        They are known again by identity, since hashing or comparing thousands of names takes longer than grading.
        """
        return [(None, np.empty(0, np.intp))]

    def _chosen(self, features: FeatureRows) -> NDArray[np.float64]:
        """The numeric columns in their order, NaN where there is no value."""
        absent = [name for name in self.levels if name not in features.categories]
        known, places = self._last_places[0]
        if known is not features.names or absent:
            stands = {name: place for place, name in enumerate(features.names)}
            _refuse_absent([name for name in self.columns if name not in stands] + absent)
            places = np.array([stands[name] for name in self.columns], np.intp)
            self._last_places[0] = (features.names, places)
        return _known(features.values[:, places])


def _refuse_absent(names: list[str]) -> None:
    if names:
        raise BundleError(
            "A grader gets every feature that it was trained on",
            found=f"no {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else ""),
            remedy="Use a bundle made by this version of Nonet",
        )


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(values) <= _LARGEST, values, np.nan)


def _codes(words: tuple[str, ...], levels: tuple[str, ...]) -> list[int]:
    places = {level: place for place, level in enumerate(levels)}
    return [places.get(word, UNKNOWN) for word in words]
