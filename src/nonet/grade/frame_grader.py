"""What a frame's description says of its plane and its structures: plane quality, its gates, grades, or why none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES, Grade
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.grade import Graded, NotAssessed, NotAssessedReason
from nonet.grade.task_grader import TaskGrader
from nonet.reading import Grading, PlaneQuality

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.detect import Detector
    from nonet.features.frame_features import FrameFeatures
    from nonet.frame import Frame
    from nonet.reading import Influence

__all__ = ["FrameGrader", "FrameGrading"]

_DECIMALS = 4
_PLANE, _LABELS = "plane", "labels"
_GRADES = {Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL}
_NOT_ASSESSED = "not assessed: "
_NO_GRADER = "this bundle holds no grader"
_NO_PLANE_MODEL = "this bundle holds no plane-quality model"
_OTHER_LABELS = "the labels of this bundle are not grades; nonet evaluate labels judges by them"
_REASONS = {
    NotAssessedReason.WRONG_PLANE: "the frame is hardly a standard mid-sagittal plane",
    NotAssessedReason.LOW_QUALITY: "the plane is not good enough to grade by",
    NotAssessedReason.NOT_VISIBLE: "not seen by the program",
    NotAssessedReason.UNKNOWN_CATEGORY: "the grader was trained without this structure",
    NotAssessedReason.MISSING_FEATURES: "too many features have no value",
}
_UNRELIABLE = "{}: boxes and sizes are not to be relied on"


@dataclass(frozen=True, slots=True)
class FrameGrading:
    """What is said of a frame: its plane, a grading for each of the nine in their order, and warnings."""

    plane: PlaneQuality
    gradings: tuple[Grading, ...]
    warnings: tuple[str, ...] = ()


class FrameGrader:
    """Judges planes and grades structures with the graders that a bundle holds, if any.

    Parameters
    ----------
    bundle
        An opened bundle.
    explain
        Whether the features behind each probability are told.
    detector
        The bundle's detector, where it is open already.
    """

    def __init__(self, bundle: Bundle, *, explain: bool = False, detector: Detector | None = None) -> None:
        self._explain = explain
        graders = bundle.manifest.graders
        self._plane = TaskGrader(bundle, _PLANE) if _PLANE in graders else None
        self._grades = TaskGrader(bundle, _LABELS) if _LABELS in graders else None
        parts = {part for judge in (self._plane, self._grades) if judge for part in judge.parts}
        self._describer = FrameFeatureExtractor(bundle, parts, detector=detector) if parts else None

    def assess(self, frame: Frame, visible: Collection[Structure], misplaced: Sequence[Structure]) -> FrameGrading:
        """Grade the plane, then grade the structures that plane and visibility let through.

        Parameters
        ----------
        frame
            As it was opened; it is described with its overlay hidden.
        visible
            The structures that the detector saw.
        misplaced
            Those of them that lie where boxed frames rarely have them.
        """
        described = self._describer.describe(frame) if self._describer else None
        missing = tuple(structure for structure in STRUCTURES if structure not in visible)
        plane = self._judged(described, missing, tuple(misplaced))
        withheld = [self._withheld(plane, structure in visible) for structure in STRUCTURES]
        return FrameGrading(plane, self._graded(described, withheld), _warnings(withheld))

    def _judged(
        self, described: FrameFeatures | None, missing: tuple[Structure, ...], misplaced: tuple[Structure, ...]
    ) -> PlaneQuality:
        if self._plane is None or described is None:
            return PlaneQuality(None, _NOT_ASSESSED + _NO_PLANE_MODEL)
        (told,) = self._plane.judge(described)
        if isinstance(told, NotAssessed):
            return PlaneQuality(None, _why(told))
        return PlaneQuality(
            round(told.probabilities[self._plane.manifest.positive], _DECIMALS),
            label=told.grade,
            conformal_set=told.conformal_set,
            missing=missing,
            misplaced=misplaced,
            influences=self._influences(self._plane, described, 0),
        )

    def _withheld(self, plane: PlaneQuality, visible: bool) -> NotAssessed | None:
        scope = self._plane.grader.description.scope if self._plane else None
        if scope is None:
            return None if visible else NotAssessed(NotAssessedReason.NOT_VISIBLE)
        return scope.reason(visible=visible, plane_quality=plane.probability)

    def _graded(self, described: FrameFeatures | None, withheld: Sequence[NotAssessed | None]) -> tuple[Grading, ...]:
        if self._grades is None or described is None:
            return tuple(_ungraded(_why(reason) if reason else _NOT_ASSESSED + _NO_GRADER) for reason in withheld)
        if not set(self._grades.grader.description.classes) <= _GRADES:
            return tuple(_ungraded(_why(reason) if reason else _NOT_ASSESSED + _OTHER_LABELS) for reason in withheld)
        told = self._grades.judge(described, withheld)
        return tuple(
            _ungraded(_why(one)) if isinstance(one, NotAssessed) else self._grading(one, self._grades, described, row)
            for row, one in enumerate(told)
        )

    def _grading(self, told: Graded, judge: TaskGrader, described: FrameFeatures, row: int) -> Grading:
        return Grading(
            Grade(told.grade),
            {Grade(name): round(share, _DECIMALS) for name, share in told.probabilities.items()},
            tuple(Grade(name) for name in told.conformal_set),
            influences=self._influences(judge, described, row),
        )

    def _influences(self, judge: TaskGrader, described: FrameFeatures, row: int) -> tuple[Influence, ...] | None:
        return judge.influences(described, row) if self._explain else None


def _ungraded(reason: str) -> Grading:
    return Grading(Grade.NOT_ASSESSED, reason=reason)


def _why(told: NotAssessed) -> str:
    detail = f" ({told.detail})" if told.detail else ""
    return f"{_NOT_ASSESSED}{_REASONS[told.reason]}{detail}"


def _warnings(withheld: Sequence[NotAssessed | None]) -> tuple[str, ...]:
    """One for a frame that is gated by its plane."""
    gates = [
        one for one in withheld if one and one.reason in (NotAssessedReason.WRONG_PLANE, NotAssessedReason.LOW_QUALITY)
    ]
    return tuple(_UNRELIABLE.format(_REASONS[one.reason]) for one in gates[:1])
