"""A bundle's grader of a task, from the description of a frame to grades, and what each feature has to do with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import Unit
from nonet.errors import BundleError
from nonet.features.frame_features import FeaturePart
from nonet.grade import FeatureRows, Grader, GraderSpec
from nonet.reading import Influence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.features.frame_features import FrameFeatures
    from nonet.grade import Graded, NotAssessed

__all__ = ["STRUCTURE", "TaskGrader", "frame_features", "structure_features"]

STRUCTURE = "structure"
"""The column of words that tells a structure grader which of the nine a row is."""

_DECIMALS = 4
_FLOOR = 1e-6


class TaskGrader:
    """Runs a bundle's grader of one task.

    Parameters
    ----------
    bundle
        An opened bundle.
    task
        A key of its manifest's ``graders``.

    Raises
    ------
    BundleError
        If the bundle has no such grader, or the grader cannot be run.
    """

    def __init__(self, bundle: Bundle, task: str) -> None:
        if task not in bundle.manifest.graders:
            known = ", ".join(sorted(bundle.manifest.graders)) or "none"
            raise BundleError(
                "A task is graded by a bundle that has a grader for it",
                found=f"{bundle.manifest.name} has none for {str(task)!r}, only {known}",
                remedy="Choose another bundle, or make one with nonet study run",
            )
        self.manifest = bundle.manifest.graders[task]
        description = GraderSpec.from_json(bundle.file(self.manifest.description))
        self.grader = Grader(bundle.file(self.manifest.file), description)
        if self.manifest.positive not in description.classes:
            raise BundleError(
                "The class that a grader quotes is one of its classes",
                found=self.manifest.positive,
                remedy="Export the bundle again",
            )

    @property
    def parts(self) -> frozenset[FeaturePart]:
        """What a frame's description must hold."""
        return frozenset(FeaturePart(part) for part in self.manifest.parts)

    def features(self, described: FrameFeatures) -> FeatureRows:
        """The rows of a described frame: one, or nine."""
        make = frame_features if self.manifest.unit is Unit.FRAME else structure_features
        return make(described)

    def judge(
        self, described: FrameFeatures, withheld: Sequence[NotAssessed | None] = ()
    ) -> tuple[Graded | NotAssessed, ...]:
        """A grade for each row of a frame, or why there is none; see `nonet.grade.Grader.grade`."""
        return self.grader.grade(self.features(described), withheld)

    def influences(self, described: FrameFeatures, row: int = 0, most: int = 5) -> tuple[Influence, ...]:
        """The features to which the quoted probability of a row owes most, either way, the greatest first.

        Each in turn is put at its median in training while all others stay; what changes are the log odds.
        FeatureRows that go together share what is owed, so that the changes do not add up.
        """
        preprocessing = self.grader.description.preprocessing
        features = self.features(described).take(np.array([row])).keep(preprocessing.columns)
        count = len(features.names)
        values = np.repeat(features.values, count + 1, axis=0)
        values[np.arange(count), np.arange(count)] = np.nan
        words = {name: known * (count + 1) for name, known in features.categories.items()}
        told = self.grader.probabilities(FeatureRows(features.names, values, words))[:, self._quoted]
        odds: NDArray[np.float64] = np.log(told.clip(_FLOOR)) - np.log((1 - told).clip(_FLOOR))
        changes = odds[-1] - odds[:-1]
        strongest = np.argsort(-np.abs(changes), kind="stable")[:most]
        return tuple(
            Influence(features.names[place], _known(features.values[0, place]), round(float(changes[place]), _DECIMALS))
            for place in strongest.tolist()
        )

    @property
    def _quoted(self) -> int:
        return self.grader.description.classes.index(self.manifest.positive)


def frame_features(described: FrameFeatures) -> FeatureRows:
    """A frame as one row, a column for each feature of each structure."""
    return FeatureRows(described.columns, described.row[None])


def structure_features(described: FrameFeatures) -> FeatureRows:
    """A frame as nine rows, with the name of the structure as a word."""
    return FeatureRows(described.names, described.values, {STRUCTURE: tuple(name.value for name in STRUCTURES)})


def _known(value: float) -> float | None:
    return round(float(value), _DECIMALS) if np.isfinite(value) else None
