"""Run a bundle's grader of a task over a data set: its predictions for every row whose label is known.

The features of a frame are those of a reading, from boxes that the detector finds, never from reference
boxes. Nothing is withheld: a row that a reading would not assess is evaluated here all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import Unit
from nonet.bundle.frames_seen import hashes_seen
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.groups import groups_of
from nonet.datasets.inspection import first_frame
from nonet.datasets.near_copies import near_copies
from nonet.datasets.tasks import NOT_VISIBLE, VISIBLE, LabelledRows, Task
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.grading.graded_rows import UNKNOWN, GradedRows
from nonet.features.frame_features import DETECTOR_FEATURES, FrameFeatureExtractor
from nonet.features.parts import FeaturePart
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.grade.task_grader import TaskGrader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.datasets.data_set import ImageRow
    from nonet.features.frame_features import FrameFeatures
    from nonet.reading import BundleReference

__all__ = ["GradingRun", "run_grader"]

_DETECTOR = "the detector's own probability of being visible"

Predicted = tuple["NDArray[np.float64]", "NDArray[np.bool_]"]
"""Probabilities and conformal sets, ``[rows, K]`` each."""


@dataclass(frozen=True, slots=True)
class GradingRun:
    """The predictions for the rows of a task, and what has to be known to trust their figures.

    ``grader`` names the grader, ``levels`` are those of its conformal sets by class, None where it makes none;
    ``seen`` counts frames that any network or grader of the bundle was made from; ``unreadable`` are those of the
    images left out that should have been evaluated. ``hashes`` are pixel hash and difference hash of each frame by
    its name. ``distances`` say how far out each row lies, the mean over the grader's members (`nonet.grade.novelty`);
    None where the detector alone predicts. ``not_graded`` counts the rows that are left out since the grader does not
    grade their structure, by structure.
    """

    rows: GradedRows
    grader: str
    levels: Mapping[str, float] | None
    bundle: BundleReference
    frames: int
    seen: int
    excluded: tuple[Excluded, ...]
    unreadable: tuple[Excluded, ...]
    hashes: Mapping[str, tuple[str, str]]
    distances: NDArray[np.float64] | None = None
    not_graded: Mapping[str, int] = field(default_factory=dict)


def run_grader(
    task: Task,
    labelled: LabelledRows,
    bundle: Bundle,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
    *,
    mask: bool = True,
) -> GradingRun:
    """A bundle's predictions for every row of a task.

    Parameters
    ----------
    task
        A key of the bundle's graders. Visibility is predicted by the detector itself where there is no grader of it.
    labelled
        The rows and their labels.
    bundle
        An opened bundle.
    watch
        Yields the images one by one, and may show progress.
    mask
        Whether overlays are hidden; False is for tests of what they give away.

    Raises
    ------
    BundleError
        If the bundle has no grader of the task.
    DatasetError
        If the labels are not the grader's, or no image can be read.
    """
    grader = _DetectorAlone(bundle, mask) if _by_detector(task, bundle) else _WithGrader(bundle, task, mask)
    _check_classes(labelled, grader.classes)
    labelled, not_graded = _of_structures(labelled, grader.structures)
    seen = hashes_seen(bundle, *grader.lists)
    order = [grader.classes.index(name) for name in labelled.classes]
    parts, far, unreadable, known = [], [], [], 0
    hashes: dict[str, str] = {}
    difference_hashes: dict[str, str] = {}
    for image in watch(labelled.data.images):
        try:
            frame = first_frame(image.path)
            sha = pixels_sha256(frame.pixels)
            features = grader.extractor.of_frame(frame)
            probabilities, sets = grader.predict(features)
        except (NonetError, OSError) as problem:
            unreadable.append(Excluded(image.name, ExclusionReason.UNREADABLE, str(problem)))
            continue
        known += sha in seen
        hashes[image.name], difference_hashes[image.name] = sha, difference_hash(frame.pixels)
        places = _places(labelled, image)
        parts.append(_rows(labelled, image, probabilities[places][:, order], sets[places][:, order]))
        far.append(grader.distances(features)[places])
    if not parts:
        raise DatasetError("An evaluation has images that can be read", found="none", remedy="See nonet check")
    excluded = (*labelled.excluded, *unreadable)
    read = [image for image in labelled.data.images if image.name in hashes]
    groups = groups_of(read, hashes, near_copies(difference_hashes))
    return GradingRun(
        _grouped(GradedRows.join(parts), groups),
        grader.name,
        grader.levels,
        bundle.reference,
        len(parts),
        known,
        excluded,
        tuple(unreadable),
        {name: (sha, difference_hashes[name]) for name, sha in hashes.items()},
        np.concatenate(far) if isinstance(grader, _WithGrader) else None,
        not_graded,
    )


class _WithGrader:
    """A grader of the bundle."""

    def __init__(self, bundle: Bundle, task: Task, mask: bool) -> None:
        self._grader = TaskGrader(bundle, task)
        self.extractor = FrameFeatureExtractor(bundle, self._grader.parts, mask=mask)
        self.classes = self._grader.spec.classes
        self.name = f"{self._grader.manifest.family} on {', '.join(self._grader.manifest.parts)}"
        self.lists = (self._grader.manifest.frames_seen,)
        self.levels: Mapping[str, float] | None = self._grader.spec.levels
        self.structures = self._grader.manifest.structures

    def predict(self, features: FrameFeatures) -> Predicted:
        return self._grader.graded(features)

    def distances(self, features: FrameFeatures) -> NDArray[np.float64]:
        """How far out each row of a frame lies, the mean over the members."""
        mean: NDArray[np.float64] = self._grader.distances(features).mean(axis=0)
        return mean


class _DetectorAlone:
    """The detector's calibrated visibility; both classes stay in every set, since it was not calibrated for sets."""

    classes = (NOT_VISIBLE, VISIBLE)
    name = _DETECTOR
    lists: tuple[str, ...] = ()
    levels = None
    structures = None

    def __init__(self, bundle: Bundle, mask: bool) -> None:
        self.extractor = FrameFeatureExtractor(bundle, {FeaturePart.DETECTOR}, mask=mask)

    def predict(self, features: FrameFeatures) -> Predicted:
        score, visibility = (features.values[:, DETECTOR_FEATURES.index(name)] for name in ("score", "visibility"))
        visible = 1 / (1 + np.exp(-np.where(np.isnan(visibility), score, visibility)))
        return np.column_stack([1 - visible, visible]), np.ones((len(visible), 2), np.bool_)

    def distances(self, features: FrameFeatures) -> NDArray[np.float64]:
        return np.zeros(len(features.values))


def _by_detector(task: Task, bundle: Bundle) -> bool:
    return task is Task.VISIBILITY and task not in bundle.manifest.graders


def _grouped(rows: GradedRows, groups: dict[str, str]) -> GradedRows:
    """The rows with the group of each image, which only all images together give."""
    words = {**rows.words, "group": np.array([groups[image] for image in rows.words["image"].tolist()])}
    return replace(rows, words=words)


def _places(labelled: LabelledRows, image: ImageRow) -> list[int]:
    """Which rows of an image have a label: of its one row, or of those of the nine structures."""
    asked = (None,) if labelled.unit is Unit.FRAME else STRUCTURES
    return [place for place, structure in enumerate(asked) if (image.name, structure) in labelled.labels]


def _rows(
    labelled: LabelledRows, image: ImageRow, probabilities: NDArray[np.float64], sets: NDArray[np.bool_]
) -> GradedRows:
    """The rows of one image that have a label, as they were predicted."""
    asked = (None,) if labelled.unit is Unit.FRAME else STRUCTURES
    named = [asked[place] for place in _places(labelled, image)]
    constant = {
        "image": image.name,
        "group": "",
        "centre": image.centre or UNKNOWN,
        "device": image.device or UNKNOWN,
        "layout": image.layout or UNKNOWN,
    }
    words = {name: np.array([word] * len(named)) for name, word in constant.items()}
    words["structure"] = np.array(["" if structure is None else structure.value for structure in named])
    words["answer"] = np.array([labelled.labels[image.name, structure] for structure in named])
    return GradedRows(labelled.classes, labelled.positive, words, probabilities, sets)


def _of_structures(
    labelled: LabelledRows, structures: Collection[Structure] | None
) -> tuple[LabelledRows, dict[str, int]]:
    """The rows of the structures that a grader grades, and how many rows of each other there were.

    Raises
    ------
    DatasetError
        If none is left.
    """
    if structures is None:
        return labelled, {}
    kept = {row: label for row, label in labelled.labels.items() if row[1] in structures}
    others = Counter(structure.value for _, structure in labelled.labels if structure and structure not in structures)
    if not kept:
        raise DatasetError(
            "A grader is evaluated on structures that it grades",
            found=f"{', '.join(others)}, where the bundle grades {', '.join(structures)}",
            remedy="Choose the bundle of a study of these labels",
        )
    images = {image for image, _ in kept}
    without = (
        Excluded(image.name, ExclusionReason.NOT_GRADED, split=image.split)
        for image in labelled.data.images
        if image.name not in images
    )
    data = labelled.data.keeping(image for image in labelled.data.images if image.name in images)
    return replace(labelled, labels=kept, data=data, excluded=(*labelled.excluded, *without)), dict(others)


def _check_classes(labelled: LabelledRows, classes: Sequence[str]) -> None:
    if not set(labelled.classes) <= set(classes):
        raise DatasetError(
            "A grader is evaluated on labels that it was trained on",
            found=f"{', '.join(labelled.classes)}, where the bundle knows {', '.join(classes)}",
            remedy="Choose the bundle of a study of these labels",
        )
