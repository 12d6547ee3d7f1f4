"""Named numbers of many boxes or frames, a row each, with the words that go with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from nonet.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["FeatureRows"]


@dataclass(frozen=True, slots=True)
class FeatureRows:
    """What is known of ``N`` boxes or frames.

    Attributes
    ----------
    names
        Names of the columns, each once.
    values
        ``float64[N, len(names)]``, NaN where a feature has no value.
    categories
        Words by the name of their column, ``N`` each, such as the structure.

    Raises
    ------
    SettingsError
        If the shapes disagree or a name stands twice.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            _refuse("a row per item and a column per name", f"shape {self.values.shape} for {len(self.names)} names")
        if any(len(words) != len(self) for words in self.categories.values()):
            _refuse("a word per row in each category", f"{len(self)} rows, other numbers of words")
        if len({*self.names, *self.categories}) < len(self.names) + len(self.categories):
            _refuse("every name once", "a name that stands twice")

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[np.intp]) -> FeatureRows:
        """Some of the rows, in the order given."""
        picked = {name: tuple(words[row] for row in rows) for name, words in self.categories.items()}
        return FeatureRows(self.names, self.values[rows], picked)

    def keep(self, names: Sequence[str]) -> FeatureRows:
        """Some of the numeric columns, in the order given, and all categories.

        Raises
        ------
        SettingsError
            If one is not among the columns.
        """
        places = {name: place for place, name in enumerate(self.names)}
        absent = [name for name in names if name not in places]
        if absent:
            _refuse("every column that is asked for", f"no {absent[0]}")
        return FeatureRows(tuple(names), self.values[:, [places[name] for name in names]], self.categories)

    def joined(self, more: FeatureRows) -> FeatureRows:
        """These rows, then those of another table with the same columns."""
        if more.names != self.names or set(more.categories) != set(self.categories):
            _refuse("the columns of the one that it is joined to", "others")
        words = {name: (*own, *more.categories[name]) for name, own in self.categories.items()}
        return FeatureRows(self.names, np.vstack([self.values, more.values]), words)


def _refuse(rule: str, found: str) -> NoReturn:
    raise SettingsError(f"A table of features has {rule}", found=found, remedy="Build it from one table")
