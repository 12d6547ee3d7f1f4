"""Run a bundle's grader of a task over a data set: what it says of every row whose answer is known.

Every frame is described as a reading describes it, by boxes that the detector finds, never by
reference boxes. Nothing is withheld: a row that a reading would not assess is judged here all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import Unit
from nonet.bundle.frames_seen import Use, lists_of_seen, uses_by_hash
from nonet.datasets.inspection import first_frame
from nonet.datasets.tasks import NOT_VISIBLE, VISIBLE, Excluded, LabelledRows, Task
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.grading.graded_rows import UNKNOWN, GradedRows, group_of
from nonet.features.frame_features import SIGNS, FeaturePart, FrameFeatureExtractor
from nonet.frame import pixels_sha256
from nonet.grade.task_grader import TaskGrader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.datasets.data_set import ImageRow
    from nonet.features.frame_features import FrameFeatures
    from nonet.reading import BundleReference

__all__ = ["GradingRun", "run_grader"]

_DETECTOR = "the detector's own probability of being visible"

Told = tuple["NDArray[np.float64]", "NDArray[np.bool_]"]
"""Probabilities and conformal sets, ``[rows, K]`` each."""


@dataclass(frozen=True, slots=True)
class GradingRun:
    """The rows that were judged, and what has to be known to trust their figures.

    ``grader`` says what judged; ``seen`` counts frames that any network or grader of the bundle was made from;
    ``unreadable`` are those of the images left out that should have been judged.
    """

    rows: GradedRows
    grader: str
    bundle: BundleReference
    frames: int
    seen: int
    left_out: tuple[Excluded, ...]
    unreadable: tuple[Excluded, ...]


def run_grader(
    task: Task,
    question: LabelledRows,
    bundle: Bundle,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
    *,
    mask: bool = True,
) -> GradingRun:
    """What a bundle says of every row of a question.

    Parameters
    ----------
    task
        A key of the bundle's graders. Visibility is judged by the detector itself where there is no grader of it.
    question
        Rows and answers.
    bundle
        An opened bundle.
    watch
        Gives the images one by one, showing progress if it likes.
    mask
        Whether overlays are hidden; False is for tests of what they give away.

    Raises
    ------
    BundleError
        If the bundle has no grader of the task.
    DatasetError
        If the answers are others than the grader's, or no image can be read.
    """
    asked = _DetectorAlone(bundle, mask) if _by_detector(task, bundle) else _WithGrader(bundle, task, mask)
    _check_classes(question, asked.classes)
    seen = _seen(bundle, asked.lists)
    order = [asked.classes.index(name) for name in question.classes]
    parts, unreadable, known = [], [], 0
    for image in watch(question.data.images):
        try:
            frame = first_frame(image.path)
            sha = pixels_sha256(frame.pixels)
            shares, sets = asked.told(asked.describer.describe(frame))
        except (NonetError, OSError) as problem:
            unreadable.append(Excluded(image.name, f"it cannot be read: {problem}"))
            continue
        known += sha in seen
        parts.append(_rows(question, image, sha, shares[:, order], sets[:, order]))
    if not parts:
        raise DatasetError("An evaluation has images that can be read", found="none", remedy="See nonet check")
    left_out = (*question.left_out, *unreadable)
    return GradingRun(
        GradedRows.join(parts), asked.name, bundle.reference, len(parts), known, left_out, tuple(unreadable)
    )


class _WithGrader:
    """A grader of the bundle."""

    def __init__(self, bundle: Bundle, task: Task, mask: bool) -> None:
        self.judge = TaskGrader(bundle, task)
        self.describer = FrameFeatureExtractor(bundle, self.judge.parts, mask=mask)
        self.classes = self.judge.grader.description.classes
        self.name = f"{self.judge.manifest.family} on {', '.join(self.judge.manifest.parts)}"
        self.lists = (self.judge.manifest.frames_seen,)

    def told(self, described: FrameFeatures) -> Told:
        shares = self.judge.grader.probabilities(self.judge.features(described))
        return shares, self.judge.grader.description.conformal.sets(shares)


class _DetectorAlone:
    """The detector's calibrated visibility; both classes stay in every set, as nothing was promised."""

    classes = (NOT_VISIBLE, VISIBLE)
    name = _DETECTOR
    lists: tuple[str, ...] = ()

    def __init__(self, bundle: Bundle, mask: bool) -> None:
        self.describer = FrameFeatureExtractor(bundle, {FeaturePart.DETECTOR}, mask=mask)

    def told(self, described: FrameFeatures) -> Told:
        score, visibility = described.values[:, SIGNS.index("score")], described.values[:, SIGNS.index("visibility")]
        shares = 1 / (1 + np.exp(-np.where(np.isnan(visibility), score, visibility)))
        return np.column_stack([1 - shares, shares]), np.ones((len(shares), 2), np.bool_)


def _by_detector(task: Task, bundle: Bundle) -> bool:
    return task is Task.VISIBILITY and task not in bundle.manifest.graders


def _rows(
    question: LabelledRows, image: ImageRow, sha: str, shares: NDArray[np.float64], sets: NDArray[np.bool_]
) -> GradedRows:
    """The rows of one image that have an answer."""
    asked = (None,) if question.unit is Unit.FRAME else STRUCTURES
    places = [place for place, structure in enumerate(asked) if (image.name, structure) in question.answers]
    named = [asked[place] for place in places]
    constant = {
        "image": image.name,
        "group": group_of(image, sha),
        "centre": image.centre or UNKNOWN,
        "device": image.device or UNKNOWN,
        "layout": image.layout or UNKNOWN,
    }
    words = {name: np.array([word] * len(places)) for name, word in constant.items()}
    words["structure"] = np.array(["" if structure is None else structure.value for structure in named])
    words["answer"] = np.array([question.answers[image.name, structure] for structure in named])
    return GradedRows(question.classes, question.positive, words, shares[places], sets[places])


def _seen(bundle: Bundle, lists: Sequence[str]) -> dict[str, Use]:
    return {
        sha: use for name in (*lists_of_seen(bundle), *lists) for sha, use in (uses_by_hash(bundle, name) or {}).items()
    }


def _check_classes(question: LabelledRows, classes: Sequence[str]) -> None:
    if not set(question.classes) <= set(classes):
        raise DatasetError(
            "A grader is judged on answers that it knows",
            found=f"{', '.join(question.classes)}, where the bundle knows {', '.join(classes)}",
            remedy="Choose the bundle of a study of these labels",
        )
