"""A trained grader at run time: features in, probabilities with a conformal set or a reason for none out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle.session import Session
from nonet.errors import BundleError
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason
from nonet.grade.novelty import distances
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
        ``grader.onnx``: for each member, from 0, input ``0.features`` ``float32[N, D]`` and output ``0.probabilities``
        ``float32[N, K]``.
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
        shapes = {**self._session.inputs, **self._session.outputs}
        for member, preprocessing in enumerate(spec.members):
            _check(
                shapes,
                {
                    spec.port(member, _INPUT): preprocessing.width,
                    spec.port(member, _OUTPUT): len(spec.classes),
                },
            )

    def probabilities(self, features: FeatureRows) -> NDArray[np.float64]:
        """Calibrated probabilities ``float64[N, K]`` of all rows, also of those that `predict` would not assess."""
        return self.graded(features)[0]

    def graded(self, features: FeatureRows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Calibrated probabilities ``float64[N, K]`` and conformal sets ``bool[N, K]`` of all rows."""
        return self._run([one.apply(features) for one in self.spec.members])

    def as_far_out(self, features: FeatureRows) -> NDArray[np.float64] | None:
        """The share of the rows that the grader was made from that lie as far out as each row, ``float64[N]``.

        None where the grader does not know; see `nonet.grade.novelty`.
        """
        if self.spec.novelty is None:
            return None
        return self.spec.novelty.as_far_out(self.distances(features))

    def distances(self, features: FeatureRows) -> NDArray[np.float64]:
        """How far out each row lies by each member, ``float64[M, N]``; see `nonet.grade.novelty`."""
        return np.array([distances(one.apply(features), len(one.columns)) for one in self.spec.members])

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
        inputs = [one.apply(features) for one in self.spec.members]
        own = self._reasons(inputs, features)
        reasons = own if not withheld else [one or other for one, other in zip(withheld, own, strict=True)]
        graded = [reason is None for reason in reasons]
        predictions = iter(self._predictions([each[graded] for each in inputs]))
        return tuple(reason or next(predictions) for reason in reasons)

    def _reasons(self, inputs: Sequence[NDArray[np.float32]], features: FeatureRows) -> list[NotAssessed | None]:
        unknown = np.zeros(len(features), np.bool_)
        missing = np.zeros(len(features))
        for preprocessing, own in zip(self.spec.members, inputs, strict=True):
            unknown |= (own[:, list(preprocessing.categorical)] == UNKNOWN).any(axis=1)
            missing = np.maximum(missing, preprocessing.missing(features))
        return [self._reason(bool(word), float(share)) for word, share in zip(unknown, missing, strict=True)]

    def _reason(self, unknown: bool, missing: float) -> NotAssessed | None:
        if unknown:
            return NotAssessed(NotAssessedReason.UNKNOWN_CATEGORY)
        if missing > self.spec.most_missing:
            return NotAssessed(NotAssessedReason.MISSING_FEATURES, f"{missing:.0%} of the features have no value")
        return None

    def _predictions(self, inputs: Sequence[NDArray[np.float32]]) -> list[Prediction]:
        probabilities, sets = self._run(inputs)
        return [self._prediction(row, inside) for row, inside in zip(probabilities, sets, strict=True)]

    def _prediction(self, probabilities: NDArray[np.float64], inside: NDArray[np.bool_]) -> Prediction:
        classes = self.spec.classes
        return Prediction(
            dict(zip(classes, probabilities.tolist(), strict=True)),
            tuple(name for name, kept in zip(classes, inside, strict=True) if kept),
        )

    def _run(self, inputs: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The mean of the members' calibrated probabilities and the sets that all of them make, or the site's."""
        shape = (len(inputs[0]), len(self.spec.classes))
        if not len(inputs[0]):
            return np.empty(shape), np.empty(shape, np.bool_)
        given = {self.spec.port(member, _INPUT): each for member, each in enumerate(inputs)}
        wanted = [self.spec.port(member, _OUTPUT) for member in range(len(inputs))]
        calibrated = np.stack([self.spec.calibration.apply(raw) for raw in self._session.run(given, wanted)])
        mean = calibrated.mean(axis=0)
        return self.spec.site.apply(mean) if self.spec.site else (mean, self.spec.conformal.sets(calibrated))


def _check(shapes: dict[str, list[int | str | None]], wanted: dict[str, int]) -> None:
    for name, width in wanted.items():
        shape = shapes.get(name)
        if shape is None or len(shape) != 2 or shape[1] != width:
            raise BundleError(
                "A grader's network fits its specification",
                found=f"{name} of shape {shape}, where the specification has {width} columns",
                remedy="Export network and specification together",
            )
