"""The features of a frame become its plane quality and the grades of its structures, or the reasons for none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES, Grade, PlaneLabel
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason
from nonet.grade.task_grader import LABELS, TaskGrader
from nonet.grade.ungraded import ungraded
from nonet.reading import Grading, PlaneQuality

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from nonet.anatomy import GradeBasis, Structure
    from nonet.bundle import Bundle
    from nonet.features.frame_features import FrameFeatures
    from nonet.features.parts import FeaturePart
    from nonet.grade.grader import Prediction
    from nonet.reading import Influence

__all__ = ["FAR_OUT", "FrameGrader", "FrameGrading", "plane_label"]

FAR_OUT = 0.01
"""A frame is warned of where fewer than this share of the frames that the grader was made from lie as far out: one in a
hundred of frames like those is warned of by chance."""

_UNLIKE = (
    "the frame is unlike those that plane quality was graded on (fewer than one in 100 of them lies as far out); its "
    "probability may not hold"
)
_NOTHING_SEEN = "none of the nine structures is seen by the program"
_DECIMALS = 4
_PLANE = "plane"
_STANDARD_FROM = 0.5
"""The one threshold of plane quality, that from which ``nonet evaluate plane`` takes sensitivity and specificity."""
_GRADES = {Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL}
_WITHHELD = {
    PlaneLabel.NON_STANDARD: NotAssessedReason.NON_STANDARD_PLANE,
    PlaneLabel.UNDECIDED: NotAssessedReason.UNDECIDED_PLANE,
}
_WARNINGS = {
    PlaneLabel.NON_STANDARD: "probably not a standard mid-sagittal plane; do not rely on boxes or sizes",
    PlaneLabel.UNDECIDED: "it is undecided whether the plane is standard; check it before you rely on boxes or sizes",
}


@dataclass(frozen=True, slots=True)
class FrameGrading:
    """The plane quality of a frame, a grading for each of the nine in their order, and warnings."""

    plane: PlaneQuality
    gradings: tuple[Grading, ...]
    warnings: tuple[str, ...] = ()


class FrameGrader:
    """Grades planes and structures with the graders that a bundle holds, if any.

    Parameters
    ----------
    bundle
        An opened bundle.
    explain
        Whether the features that influence each probability are listed.
    """

    def __init__(self, bundle: Bundle, *, explain: bool = False) -> None:
        self._explain = explain
        graders = bundle.manifest.graders
        self._plane = TaskGrader(bundle, _PLANE) if _PLANE in graders else None
        self._labels = TaskGrader(bundle, LABELS) if LABELS in graders else None

    @property
    def parts(self) -> frozenset[FeaturePart]:
        """The parts of a frame's features that its graders need; empty if the bundle holds none."""
        return frozenset(part for grader in (self._plane, self._labels) if grader for part in grader.parts)

    def grade(
        self, features: FrameFeatures | None, visible: Collection[Structure], outliers: Sequence[Structure]
    ) -> FrameGrading:
        """Grade the plane, then the structures that are visible on a standard plane.

        Parameters
        ----------
        features
            Of the frame with its overlay hidden; None where the bundle holds no graders, and where nothing is visible,
            which none are needed for.
        visible
            The structures that the detector sees.
        outliers
            Those of them that lie where boxed frames rarely have them.
        """
        plane = self._grade_plane(features, visible, outliers)
        withheld = [_withheld(plane.label, structure in visible) for structure in STRUCTURES]
        return FrameGrading(plane, self._grade_structures(features, withheld), tuple(_warnings(plane)))

    def _grade_plane(
        self, features: FrameFeatures | None, visible: Collection[Structure], outliers: Sequence[Structure]
    ) -> PlaneQuality:
        if self._plane is not None and not visible:
            return PlaneQuality(None, _NOTHING_SEEN, PlaneLabel.NON_STANDARD, missing=STRUCTURES)
        if self._plane is None or features is None:
            return PlaneQuality(None, NotAssessed(NotAssessedReason.NO_GRADER).words)
        (prediction,) = self._plane.predict(features)
        if isinstance(prediction, NotAssessed):
            return PlaneQuality(None, prediction.words)
        probability = prediction.probabilities[self._plane.manifest.positive]
        shares = self._plane.as_far_out(features)
        return PlaneQuality(
            round(probability, _DECIMALS),
            label=plane_label(probability, prediction.conformal_set),
            conformal_set=prediction.conformal_set,
            missing=tuple(structure for structure in STRUCTURES if structure not in visible),
            misplaced=tuple(outliers),
            influences=self._influences(self._plane, features, 0),
            as_far_out=None if shares is None else round(float(shares[0]), _DECIMALS),
        )

    def _grade_structures(
        self, features: FrameFeatures | None, withheld: Sequence[NotAssessed | None]
    ) -> tuple[Grading, ...]:
        if self._labels is None or features is None:
            return _none_graded(withheld, NotAssessedReason.NO_GRADER)
        if not set(self._labels.spec.classes) <= _GRADES:
            return _none_graded(withheld, NotAssessedReason.OTHER_LABELS)
        manifest = self._labels.manifest
        reasons = [why or ungraded(manifest, structure) for why, structure in zip(withheld, STRUCTURES, strict=True)]
        return tuple(
            _not_assessed(prediction)
            if isinstance(prediction, NotAssessed)
            else _grading(prediction, manifest.basis, self._influences(self._labels, features, row))
            for row, prediction in enumerate(self._labels.predict(features, reasons))
        )

    def _influences(self, grader: TaskGrader, features: FrameFeatures, row: int) -> tuple[Influence, ...] | None:
        return grader.influences(features, row) if self._explain else None


def _warnings(plane: PlaneQuality) -> Iterator[str]:
    if plane.label in _WARNINGS:
        yield _WARNINGS[plane.label]
    if plane.as_far_out is not None and plane.as_far_out < FAR_OUT:
        yield _UNLIKE


def plane_label(probability: float, conformal_set: Sequence[str]) -> PlaneLabel:
    """The likelier label where it alone is in the conformal set; undecided where both are, or none, or the other."""
    likelier = PlaneLabel.STANDARD if probability >= _STANDARD_FROM else PlaneLabel.NON_STANDARD
    return likelier if set(conformal_set) == {likelier} else PlaneLabel.UNDECIDED


def _withheld(plane: PlaneLabel | None, visible: bool) -> NotAssessed | None:
    """Why a structure is not graded, whatever its grader would say."""
    if plane in _WITHHELD:
        return NotAssessed(_WITHHELD[plane])
    return None if visible else NotAssessed(NotAssessedReason.NOT_VISIBLE)


def _grading(
    prediction: Prediction, basis: GradeBasis | None, influences: tuple[Influence, ...] | None = None
) -> Grading:
    """The grade that the conformal set leaves: the one class in it, undecided if several, none if it is empty."""
    known = {Grade(name): round(value, _DECIMALS) for name, value in prediction.probabilities.items()}
    probabilities = {grade: known[grade] for grade in Grade if grade in known}
    classes = tuple(grade for grade in Grade if grade in prediction.conformal_set)
    if not classes:
        reason = NotAssessed(NotAssessedReason.NO_GRADE_FITS).words
        return Grading(Grade.NOT_ASSESSED, probabilities, classes, reason, influences, basis)
    grade = classes[0] if len(classes) == 1 else Grade.UNDECIDED
    return Grading(grade, probabilities, classes, influences=influences, basis=basis)


def _not_assessed(why: NotAssessed) -> Grading:
    return Grading(Grade.NOT_ASSESSED, reason=why.words)


def _none_graded(withheld: Sequence[NotAssessed | None], otherwise: NotAssessedReason) -> tuple[Grading, ...]:
    return tuple(_not_assessed(why or NotAssessed(otherwise)) for why in withheld)
