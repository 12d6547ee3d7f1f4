"""A trained grader at run time: features in, probabilities with a conformal set or a reason for none out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle.session import Session
from nonet.errors import BundleError
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason
from nonet.grade.preprocessing import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.grade.feature_rows import FeatureRows
    from nonet.grade.grader_spec import GraderSpec

__all__ = ["Grader", "Prediction"]

_INPUT, _OUTPUT = "features", "probabilities"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a grader says of a row: every class's calibrated probability, and the classes that it cannot rule out.

    ``conformal_set`` is in the order of the classes; it may hold several classes, or none.
    """

    probabilities: dict[str, float]
    conformal_set: tuple[str, ...]


class Grader:
    """Runs a grader; one instance serves any number of rows.

    Parameters
    ----------
    model
        ``grader.onnx``: input ``features`` ``float32[N, D]``, output ``probabilities`` ``float32[N, K]``.
    spec
        The JSON beside it.

    Raises
    ------
    BundleError
        If the model cannot be loaded or does not fit its specification.
    """

    def __init__(self, model: bytes, spec: GraderSpec) -> None:
        self.spec = spec
        self._session = Session(model, "grader.onnx")
        _check(
            {**self._session.inputs, **self._session.outputs},
            {_INPUT: spec.preprocessing.width, _OUTPUT: len(spec.classes)},
        )

    def probabilities(self, features: FeatureRows) -> NDArray[np.float64]:
        """Calibrated probabilities ``float64[N, K]`` of all rows, also of those that `predict` would not assess."""
        return self._run(self.spec.preprocessing.apply(features))

    def predict(
        self, features: FeatureRows, withheld: Sequence[NotAssessed | None] = ()
    ) -> tuple[Prediction | NotAssessed, ...]:
        """A prediction for each row, or why there is none.

        Parameters
        ----------
        features
            ``N`` rows that have at least the columns that the grader was trained on.
        withheld
            ``N`` reasons for not assessing a row, or None; they come before reasons that the grader finds itself.
        """
        inputs = self.spec.preprocessing.apply(features)
        own = self._reasons(inputs, self.spec.preprocessing.missing(features))
        reasons = own if not withheld else [one or other for one, other in zip(withheld, own, strict=True)]
        predictions = iter(self._predictions(inputs[[reason is None for reason in reasons]]))
        return tuple(reason or next(predictions) for reason in reasons)

    def _reasons(self, inputs: NDArray[np.float32], missing: NDArray[np.float64]) -> list[NotAssessed | None]:
        codes = inputs[:, list(self.spec.preprocessing.categorical)]
        unknown = (codes == UNKNOWN).any(axis=1)
        return [self._reason(bool(word), float(share)) for word, share in zip(unknown, missing, strict=True)]

    def _reason(self, unknown: bool, missing: float) -> NotAssessed | None:
        if unknown:
            return NotAssessed(NotAssessedReason.UNKNOWN_CATEGORY)
        if missing > self.spec.most_missing:
            return NotAssessed(NotAssessedReason.MISSING_FEATURES, f"{missing:.0%} of the features have no value")
        return None

    def _predictions(self, inputs: NDArray[np.float32]) -> list[Prediction]:
        probabilities = self._run(inputs)
        sets = self.spec.conformal.sets(probabilities)
        return [self._prediction(row, inside) for row, inside in zip(probabilities, sets, strict=True)]

    def _prediction(self, probabilities: NDArray[np.float64], inside: NDArray[np.bool_]) -> Prediction:
        classes = self.spec.classes
        return Prediction(
            dict(zip(classes, probabilities.tolist(), strict=True)),
            tuple(name for name, kept in zip(classes, inside, strict=True) if kept),
        )

    def _run(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        if not len(inputs):
            return np.empty((0, len(self.spec.classes)))
        (raw,) = self._session.run({_INPUT: inputs}, [_OUTPUT])
        return self.spec.calibration.apply(raw)


def _check(shapes: dict[str, list[int | str | None]], wanted: dict[str, int]) -> None:
    for name, width in wanted.items():
        shape = shapes.get(name)
        if shape is None or len(shape) != 2 or shape[1] != width:
            raise BundleError(
                "A grader's network fits its specification",
                found=f"{name} of shape {shape}, where the specification has {width} columns",
                remedy="Export network and specification together",
            )
