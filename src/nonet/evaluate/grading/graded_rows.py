"""The predictions of a grader for rows whose label is known: the value that all figures of graders come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.evaluate.grading.class_metrics import ScoredRows

if TYPE_CHECKING:
    from numpy.typing import NDArray


__all__ = ["UNKNOWN", "WORDS", "GradedRows"]

UNKNOWN = "unknown"
"""The word for a centre, device or layout that is not known."""

WORDS = ("image", "structure", "group", "centre", "device", "layout", "answer")
"""What is known of each row; the structure is empty where rows are frames."""


@dataclass(frozen=True, slots=True)
class GradedRows:
    """``N`` rows with their labels and a grader's predictions.

    Attributes
    ----------
    classes
        ``K`` words, in their order if they have one.
    positive
        The class that sensitivity is of.
    words
        ``N`` words for each of `WORDS`. Rows of one group (a patient, or else a frame) are resampled together.
    probabilities
        Calibrated, ``float64[N, K]``.
    sets
        ``bool[N, K]``, the conformal sets.
    divisions
        ``N`` words: rows of one division were graded by one model. Without them all rows were.
    """

    classes: tuple[str, ...]
    positive: str
    words: Mapping[str, NDArray[np.str_]]
    probabilities: NDArray[np.float64]
    sets: NDArray[np.bool_]
    divisions: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    @property
    def labels(self) -> NDArray[np.intp]:
        """``int[N]``, the place of each label among the classes."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places[answer] for answer in self.words["answer"].tolist()], np.intp)

    @property
    def groups(self) -> NDArray[np.int64]:
        """``int64[N]``, numbers from 0: what is resampled together."""
        return np.asarray(np.unique(self.words["group"], return_inverse=True)[1], np.int64)

    @property
    def scored(self) -> ScoredRows:
        """As the metrics take them."""
        return ScoredRows(
            self.classes, self.probabilities, self.labels, self.classes.index(self.positive), self.divisions
        )

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> GradedRows:
        """Some of the rows."""
        words = {name: each[rows] for name, each in self.words.items()}
        divisions = None if self.divisions is None else self.divisions[rows]
        return GradedRows(self.classes, self.positive, words, self.probabilities[rows], self.sets[rows], divisions)

    @classmethod
    def join(cls, parts: Sequence[GradedRows], divisions: Sequence[str] | None = None) -> GradedRows:
        """Rows of several parts in the order of images and structures, so that graders can be compared in pairs.

        ``divisions`` names what graded each part, where they are of different models.
        """
        words = {name: np.concatenate([one.words[name] for one in parts]) for name in WORDS}
        order = np.lexsort((words["structure"], words["image"]))
        named = None if divisions is None else np.repeat(np.array(divisions), [len(one) for one in parts])[order]
        return cls(
            parts[0].classes,
            parts[0].positive,
            {name: each[order] for name, each in words.items()},
            np.concatenate([one.probabilities for one in parts])[order],
            np.concatenate([one.sets for one in parts])[order],
            named,
        )
