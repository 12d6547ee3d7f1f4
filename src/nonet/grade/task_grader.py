"""A bundle's grader of one task: from the features of a frame to predictions, and the features that influence them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import Unit
from nonet.bundle.check_manifest import GRADERS_SINCE
from nonet.errors import BundleError
from nonet.features.parts import FeaturePart
from nonet.grade.feature_rows import FeatureRows
from nonet.grade.grader import Grader
from nonet.grade.grader_spec import GraderSpec
from nonet.reading import Influence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.features.frame_features import FrameFeatures
    from nonet.grade.grader import Prediction
    from nonet.grade.not_assessed import NotAssessed

__all__ = ["LABELS", "STRUCTURE", "TaskGrader"]

LABELS = "labels"
"""The task of a grader of structures' grades."""

STRUCTURE = "structure"
"""The column of words that names the structure of a row, for a grader of structures."""

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
        if bundle.manifest.format < GRADERS_SINCE:
            raise BundleError(
                f"A grader takes features of the head frame turned upright, as in format {GRADERS_SINCE} and later",
                found=f"{bundle.manifest.name} {bundle.manifest.version} of format {bundle.manifest.format}",
                remedy="Make its grader again: nonet study run PLAN --bundle with that bundle",
            )
        self.manifest = bundle.manifest.graders[task]
        if task == LABELS and (self.manifest.basis is None or self.manifest.structures is None):
            raise BundleError(
                "A grader of labels says what its grades rest on, and which structures it grades",
                found=f"{bundle.manifest.name} {bundle.manifest.version}, whose grader says neither",
                remedy="Make its grader again: nonet study run PLAN, with labels_from in the plan",
            )
        self.spec = GraderSpec.from_json(bundle.file(self.manifest.description))
        self._grader = Grader(bundle.file(self.manifest.file), self.spec)
        if self.manifest.positive not in self.spec.classes:
            raise BundleError(
                "The positive class of a grader is one of its classes",
                found=self.manifest.positive,
                remedy="Export the bundle again",
            )

    @property
    def parts(self) -> frozenset[FeaturePart]:
        """The parts of a frame's features that the grader needs."""
        return frozenset(FeaturePart(part) for part in self.manifest.parts)

    def rows(self, features: FrameFeatures) -> FeatureRows:
        """The features of a frame as the grader's rows: one of the whole frame, or nine with the structure's name."""
        if self.manifest.unit is Unit.FRAME:
            return FeatureRows(features.columns, features.row[None])
        return FeatureRows(features.names, features.values, {STRUCTURE: tuple(name.value for name in STRUCTURES)})

    def predict(
        self, features: FrameFeatures, withheld: Sequence[NotAssessed | None] = ()
    ) -> tuple[Prediction | NotAssessed, ...]:
        """A prediction for each row of a frame, or why there is none; see `nonet.grade.Grader.predict`."""
        return self._grader.predict(self.rows(features), withheld)

    def probabilities(self, features: FrameFeatures) -> NDArray[np.float64]:
        """Calibrated probabilities ``float64[rows, K]`` of each row of a frame, nothing withheld."""
        return self._grader.probabilities(self.rows(features))

    def graded(self, features: FrameFeatures) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Calibrated probabilities and conformal sets of each row of a frame, nothing withheld."""
        return self._grader.graded(self.rows(features))

    def as_far_out(self, features: FrameFeatures) -> NDArray[np.float64] | None:
        """For each row of a frame, the share of the grader's own rows that lie as far out; None if not known."""
        return self._grader.as_far_out(self.rows(features))

    def distances(self, features: FrameFeatures) -> NDArray[np.float64]:
        """How far out each row of a frame lies by each member, ``float64[M, rows]``."""
        return self._grader.distances(self.rows(features))

    def influences(self, features: FrameFeatures, row: int = 0, most: int = 5) -> tuple[Influence, ...]:
        """The features that most influence the positive class's probability of a row, the strongest first.

        Each in turn is put at its median in training while all others stay; what changes are the log odds.
        Features that go together share an influence, so that the changes do not add up.
        """
        own = self.rows(features).take(np.array([row])).keep(self.spec.columns)
        count = len(own.names)
        values = np.repeat(own.values, count + 1, axis=0)
        values[np.arange(count), np.arange(count)] = np.nan
        words = {name: known * (count + 1) for name, known in own.categories.items()}
        positive = self.spec.classes.index(self.manifest.positive)
        probabilities = self._grader.probabilities(FeatureRows(own.names, values, words))[:, positive]
        odds: NDArray[np.float64] = np.log(probabilities.clip(_FLOOR)) - np.log((1 - probabilities).clip(_FLOOR))
        changes = odds[-1] - odds[:-1]
        strongest = np.argsort(-np.abs(changes), kind="stable")[:most]
        return tuple(
            Influence(own.names[place], _finite(own.values[0, place]), round(float(changes[place]), _DECIMALS))
            for place in strongest.tolist()
        )


def _finite(value: float) -> float | None:
    return round(float(value), _DECIMALS) if np.isfinite(value) else None
