"""The JSON beside a grader's network: everything between features and a grade."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Literal, NoReturn

import numpy as np
from pydantic import TypeAdapter, ValidationError

from nonet.errors import BundleError
from nonet.grade.conformal import Conformal
from nonet.grade.preprocessing import Preprocessing
from nonet.grade.probability_calibration import ProbabilityCalibration

__all__ = ["GraderSpec"]

_CAP_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class GraderSpec:
    """How to run ``grader.onnx`` and how to read its outputs.

    Attributes
    ----------
    kind
        What the network is, such as ``tab_transformer``.
    classes
        The names of its outputs, in their order.
    preprocessing, calibration, conformal
        What comes before the network, and after it.
    most_missing
        Share of the numeric columns that may lack a value; a row with more is not assessed.
    """

    format: Literal[1]
    kind: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    calibration: ProbabilityCalibration
    conformal: Conformal
    most_missing: float = 0.25

    def to_json(self) -> str:
        """Indented JSON text that ends in a newline."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: bytes) -> GraderSpec:
        """A specification from its document.

        Raises
        ------
        BundleError
            If the text is too large, not of this format, or its parts disagree.
        """
        if len(text) > _CAP_BYTES:
            _refuse(f"{len(text)} bytes, more than {_CAP_BYTES}")
        try:
            description = _adapter().validate_json(text)
        except ValidationError as problem:
            first = problem.errors()[0]
            _refuse(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", problem)
        _check(description)
        return description


@cache
def _adapter() -> TypeAdapter[GraderSpec]:
    return TypeAdapter(GraderSpec)


def _check(description: GraderSpec) -> None:
    columns, classes = description.preprocessing, len(description.classes)
    wide = [columns.medians, columns.means, columns.scales]
    deep = [description.calibration.slopes, description.calibration.offsets, description.conformal.thresholds]
    if any(len(row) != len(columns.columns) for row in wide) or any(len(row) != classes for row in deep):
        _refuse("a list of another length than its columns or classes")
    if len(set(description.classes)) != classes or classes < 2:
        _refuse("classes that are fewer than two, or named twice")
    numbers = np.concatenate([*wide, *deep, [description.most_missing, description.conformal.level]])
    if not np.isfinite(numbers).all() or any(scale <= 0 for scale in columns.scales):
        _refuse("a number that is not finite, or a scale that is not above 0")


def _refuse(found: str, cause: Exception | None = None) -> NoReturn:
    raise BundleError(
        "A grader's description follows format 1",
        found=found,
        remedy="Export the grader again with this version of Nonet",
    ) from cause
