"""The JSON beside a grader's network: everything between features and a grade."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn

import numpy as np
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from nonet.errors import BundleError
from nonet.grade.cross_conformal import CrossConformal
from nonet.grade.novelty import Novelty
from nonet.grade.preprocessing import Preprocessing
from nonet.grade.probability_calibration import ProbabilityCalibration
from nonet.grade.site_calibration import SiteCalibration

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GraderSpec"]

_CAP_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class GraderSpec:
    """How to run ``grader.onnx`` and how to read its outputs.

    Attributes
    ----------
    format
        4, an ensemble of the classifiers of the inner folds, which may be drawn several times; 3 is the same with one
        draw, 2 with one level for all classes besides.
    kind
        What the networks are, such as ``tab_transformer``.
    classes
        The names of their outputs, in their order.
    members
        What comes before each network: those of the inner folds, each with the columns selected in its fold. The
        probability of a class is the mean of theirs.
    calibration, conformal
        What comes after each of them, and what makes their probabilities a set.
    most_missing
        Share of the numeric columns that may lack a value; a row with more is not assessed.
    novelty
        Where the rows that the grader was made from lie; None in a grader of an older version.
    site
        What a site's own frames make of the probabilities and sets, in place of those of the members.
    """

    format: Literal[2, 3, 4]
    kind: str
    classes: tuple[str, ...]
    members: tuple[Preprocessing, ...]
    calibration: ProbabilityCalibration
    conformal: CrossConformal
    most_missing: float = 0.25
    novelty: Novelty | None = None
    site: SiteCalibration | None = None

    @property
    def levels(self) -> dict[str, float]:
        """Of the conformal sets, by class."""
        return dict(zip(self.classes, (self.site or self).conformal.of_classes, strict=True))

    def at_levels(self, levels: Mapping[str, float]) -> GraderSpec:
        """The same with other levels of some classes."""
        own = dict(zip(self.classes, self.conformal.of_classes, strict=True)) | dict(levels)
        conformal = replace(self.conformal, levels=tuple(own[name] for name in self.classes))
        return replace(self, format=max(self.format, 3), conformal=conformal)

    @property
    def columns(self) -> tuple[str, ...]:
        """The numeric columns that any member takes."""
        return tuple(dict.fromkeys(name for one in self.members for name in one.columns))

    def port(self, member: int, name: str) -> str:
        """The name of an input or output of a member's network."""
        return f"{member}.{name}"

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
            description = _adapter().validate_python(from_json(text))
        except ValidationError as problem:
            first = problem.errors()[0]
            _refuse(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", problem)
        except ValueError as problem:
            _refuse(f"no JSON: {problem}", problem)
        _check(description)
        return description


@cache
def _adapter() -> TypeAdapter[GraderSpec]:
    return TypeAdapter(GraderSpec)


def _check(description: GraderSpec) -> None:
    classes, conformal = len(description.classes), description.conformal
    wide = [(one, row) for one in description.members for row in (one.medians, one.means, one.scales)]
    site = description.site
    calibrations = [description.calibration, *(site.calibrations if site else ())]
    deep = [row for one in calibrations for row in (one.slopes, one.offsets)]
    if any(len(row) != len(one.columns) for one, row in wide) or any(len(row) != classes for row in deep):
        _refuse("a list of another length than its columns or classes")
    scored = [(conformal, description.members), *([(site.conformal, site.calibrations)] if site else [])]
    held = [row for one, _ in scored for of_class in one.scores for row in of_class]
    fits = all(
        members and len(one.scores) == classes and {len(of_class) for of_class in one.scores} == {len(members)}
        for one, members in scored
    )
    if not fits:
        _refuse("conformal scores of other classes or members")
    if description.novelty and len(description.novelty.held_out) not in (1, len(description.members)):
        _refuse("distances of other members")
    if len(set(description.classes)) != classes or classes < 2:
        _refuse("classes that are fewer than two, or named twice")
    if any(one.draws < 1 or len(members) % one.draws for one, members in scored):
        _refuse("draws of inner folds that do not divide the members")
    if any(one.levels and len(one.levels) != classes for one, _ in scored):
        _refuse("levels of other classes")
    scalars = (description.most_missing, *(level for one, _ in scored for level in (one.level, *one.levels)))
    far = description.novelty.held_out if description.novelty else ()
    numbers = np.concatenate([*(row for _, row in wide), *deep, *held, *far, scalars])
    scales = [scale for one in description.members for scale in one.scales]
    if not np.isfinite(numbers).all() or any(scale <= 0 for scale in scales):
        _refuse("a number that is not finite, or a scale that is not above 0")


def _refuse(found: str, cause: Exception | None = None) -> NoReturn:
    raise BundleError(
        "A grader's description follows format 2, 3 or 4",
        found=found,
        remedy="Export the grader again with this version of Nonet",
    ) from cause
