"""A trained grader at run time: features in, a grade with its conformal set or a reason for none out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle.session import open_session
from nonet.errors import BundleError
from nonet.grade.conformal import with_most_probable
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason
from nonet.grade.preprocessing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.grade.feature_rows import FeatureRows
    from nonet.grade.grader_spec import GraderSpec

__all__ = ["Graded", "Grader"]

_INPUT, _OUTPUT = "features", "probabilities"


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade: the most probable class, every class's calibrated probability, and those not ruled out.

    ``conformal_set`` is in the order of the classes and always holds ``grade``.
    """

    grade: str
    probabilities: dict[str, float]
    conformal_set: tuple[str, ...]


class Grader:
    """Runs a grader; one instance serves any number of rows.

    Parameters
    ----------
    model
        ``grader.onnx``: input ``features`` ``float32[N, D]``, output ``probabilities`` ``float32[N, K]``.
    description
        What stands beside it.

    Raises
    ------
    BundleError
        If the model cannot be loaded or does not fit its description.
    """

    def __init__(self, model: bytes, description: GraderSpec) -> None:
        self.description = description
        self._session = open_session(model, "grader.onnx")
        _check(
            {value.name: value.shape for value in (*self._session.get_inputs(), *self._session.get_outputs())},
            {_INPUT: description.preprocessing.width, _OUTPUT: len(description.classes)},
        )

    def probabilities(self, features: FeatureRows) -> NDArray[np.float64]:
        """Calibrated probabilities ``float64[N, K]`` of all rows, also of those that `grade` would not assess."""
        return self._run(self.description.preprocessing.apply(features))

    def grade(
        self, features: FeatureRows, withheld: Sequence[NotAssessed | None] = ()
    ) -> tuple[Graded | NotAssessed, ...]:
        """A grade for each row, or why there is none.

        Parameters
        ----------
        features
            ``N`` rows that have at least the columns that the grader was trained on.
        withheld
            ``N`` reasons for not grading a row, None for those to be graded; see `Scope.reason`.
            They come before reasons that the grader finds itself.
        """
        inputs = self.description.preprocessing.apply(features)
        own = self._reasons(inputs, self.description.preprocessing.missing(features))
        reasons = own if not withheld else [one or other for one, other in zip(withheld, own, strict=True)]
        graded = iter(self._graded(inputs[[reason is None for reason in reasons]]))
        return tuple(reason or next(graded) for reason in reasons)

    def _reasons(self, inputs: NDArray[np.float32], missing: NDArray[np.float64]) -> list[NotAssessed | None]:
        codes = inputs[:, list(self.description.preprocessing.categorical)]
        unknown = (codes == UNKNOWN).any(axis=1)
        return [self._reason(bool(word), float(share)) for word, share in zip(unknown, missing, strict=True)]

    def _reason(self, unknown: bool, missing: float) -> NotAssessed | None:
        if unknown:
            return NotAssessed(NotAssessedReason.UNKNOWN_CATEGORY)
        if missing > self.description.most_missing:
            return NotAssessed(NotAssessedReason.MISSING_FEATURES, f"{missing:.0%} of the features have no value")
        return None

    def _graded(self, inputs: NDArray[np.float32]) -> list[Graded]:
        probabilities = self._run(inputs)
        sets = with_most_probable(self.description.conformal.sets(probabilities), probabilities)
        return [self._words(row, inside) for row, inside in zip(probabilities, sets, strict=True)]

    def _words(self, probabilities: NDArray[np.float64], inside: NDArray[np.bool_]) -> Graded:
        classes = self.description.classes
        return Graded(
            classes[int(probabilities.argmax())],
            dict(zip(classes, probabilities.tolist(), strict=True)),
            tuple(name for name, kept in zip(classes, inside, strict=True) if kept),
        )

    def _run(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        if not len(inputs):
            return np.empty((0, len(self.description.classes)))
        (raw,) = self._session.run([_OUTPUT], {_INPUT: inputs})
        if not np.isfinite(raw).all():
            raise BundleError(
                "A grader gives finite probabilities", found="NaN or infinity", remedy="Export the grader again"
            )
        return self.description.calibration.apply(raw)


def _check(shapes: dict[str, list[int | str | None]], wanted: dict[str, int]) -> None:
    for name, width in wanted.items():
        shape = shapes.get(name)
        if shape is None or len(shape) != 2 or shape[1] != width:
            raise BundleError(
                "A grader's network fits its description",
                found=f"{name} of shape {shape}, where {width} columns are described",
                remedy="Export network and description together",
            )
