"""Grade every untouched standard frame of a data set, its zoom twins, and its edited copies where the set has them.

A frame is graded by the first bundle whose graders were not made from it or from copies of it, and so are its copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.bundle.frames_seen import first_unseen, hashes_seen, uses_by_hash
from nonet.datasets.data_set import Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.robustness.twins import TWINS, Twin, TwinFamily
from nonet.evaluate.shared_extractors import SharedExtractors
from nonet.evaluate.untouched.edited_copies import NO_COPIES, EditedCopies
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.grade.task_grader import TaskGrader
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.datasets.data_set import DataSet, ImageRow
    from nonet.frame import Frame

__all__ = ["OWN", "Call", "FrameCalls", "UntouchedRun", "run_untouched"]

OWN = "as it is"
"""The name of the frame itself beside its twins."""

_LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Call:
    """What is said of a structure in one picture.

    Attributes
    ----------
    grade
        As a reading has it: the one class in the conformal set, ``undecided`` or ``not_assessed``.
    most_probable
        The class of the highest probability, whatever else the set holds.
    abnormal
        The probability of the positive class.
    height_px
        Height of its box, pixels of the picture.
    """

    grade: str
    most_probable: str
    abnormal: float
    height_px: float


Calls = Mapping[Structure, Call]
"""Of the structures that are visible."""


@dataclass(frozen=True, slots=True)
class FrameCalls:
    """What is said of a frame and of other pictures of it.

    Attributes
    ----------
    image
        Of the data set.
    hashes
        `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` of it.
    bundle
        The number of the bundle that graded it.
    seen
        Whether that bundle's grader was made from the frame, and whether its networks were.
    pictures
        By the name of the picture: `OWN` and the zoom twins.
    shams
        By structure, what is said of it in the copy that was edited without a change.
    elsewhere
        What is said of the structures that nobody edited in each copy where another was edited to abnormal.
    """

    image: ImageRow
    hashes: tuple[str, str]
    bundle: int
    seen: tuple[bool, bool]
    pictures: Mapping[str, Calls]
    shams: Calls
    elsewhere: tuple[Calls, ...] = ()


@dataclass(frozen=True, slots=True)
class UntouchedRun:
    """All frames, files that could not be read, and the structures that the bundles grade."""

    frames: tuple[FrameCalls, ...]
    unreadable: tuple[Excluded, ...]
    structures: tuple[Structure, ...]


_Copy = tuple["ImageRow", tuple[Structure, ...]]
"""A copy, and the structures that were edited in it."""


@dataclass(frozen=True, slots=True)
class _Item:
    image: ImageRow
    shams: tuple[_Copy, ...]
    abnormal: tuple[_Copy, ...]


def run_untouched(
    data: DataSet,
    bundles: Sequence[Path],
    copies: EditedCopies = NO_COPIES,
    *,
    zooms: bool = True,
    workers: int = 1,
    watch: Callable[[Sequence[_Item]], Iterable[_Item]] = iter,
) -> UntouchedRun:
    """Grade the untouched frames of a data set.

    Parameters
    ----------
    data
        Its standard frames that are no copies are graded, boxed or not.
    bundles
        Folders; where every bundle was made from a frame, the first grades it, and it counts as seen.
    copies
        The edited copies among the data set's images.
    zooms
        Whether each frame is shown at other sizes as well.
    workers, watch
        Number of processes; yields items one by one, and may show progress.

    Raises
    ------
    DatasetError
        If there is no untouched standard frame that can be read, or the bundles grade by different classes.
    """
    shams, abnormal = (_by_source(data, one) for one in (copies.shams, copies.abnormal))
    items = [
        _Item(image, shams.get(image.name, ()), abnormal.get(image.name, ()))
        for image in data.images
        if image.source is None and image.plane is not Plane.NON_STANDARD
    ]
    graded = _graded(bundles)
    opener = partial(_Graders, tuple(bundles), zooms)
    frames: list[FrameCalls] = []
    unreadable: list[Excluded] = []
    for result in run_items(_grade, items, opener, workers=workers, watch=watch):
        if isinstance(result, Excluded):
            unreadable.append(result)
        else:
            frames.append(result)
    if not frames:
        raise DatasetError(
            "An evaluation has standard frames that are no copies and can be read",
            found="none",
            remedy="See nonet check",
        )
    return UntouchedRun(tuple(frames), tuple(unreadable), graded)


class _Graders:
    """The bundles of a process, opened; what several have in common is opened once."""

    def __init__(self, bundles: tuple[Path, ...], zooms: bool) -> None:
        self._twins: tuple[Twin, ...] = tuple(one for one in TWINS if zooms and one.family is TwinFamily.ZOOM)
        shared = SharedExtractors()
        self._graders = [_Grader(Bundle(folder), shared) for folder in bundles]

    def grade(self, item: _Item) -> FrameCalls:
        frame = first_frame(item.image.path)
        sha = pixels_sha256(frame.pixels)
        number, known = first_unseen(sha, [one.seen for one in self._graders])
        grader = self._graders[number]
        rng = np.random.default_rng(int(sha[:15], 16))
        pictures = {OWN: grader.calls(frame)}
        for twin in self._twins:
            pictures[twin.name] = grader.calls(
                replace(frame, pixels=np.ascontiguousarray(twin.pixels(frame.pixels, rng)))
            )
        shams: dict[Structure, Call] = {}
        for image, edited in item.shams:
            calls = grader.calls(first_frame(image.path))
            shams |= {structure: calls[structure] for structure in edited if structure in calls}
        beside = [(edited, grader.calls(first_frame(image.path))) for image, edited in item.abnormal]
        elsewhere = tuple({one: calls[one] for one in calls if one not in edited} for edited, calls in beside)
        hashes = (sha, difference_hash(frame.pixels))
        seen = (known, sha in grader.networks_saw)
        return FrameCalls(item.image, hashes, number, seen, pictures, shams, elsewhere)


def _by_source(data: DataSet, copies: Mapping[str, tuple[Structure, ...]]) -> dict[str, tuple[_Copy, ...]]:
    """The copies of each frame."""
    found: dict[str, tuple[_Copy, ...]] = {}
    for image in data.images:
        if image.source and image.name in copies:
            found[image.source] = (*found.get(image.source, ()), (image, copies[image.name]))
    return found


class _Grader:
    """Detector, embedder and grader of a bundle."""

    def __init__(self, bundle: Bundle, shared: SharedExtractors) -> None:
        self._grader = TaskGrader(bundle, _LABELS)
        self._extractor = shared.of(bundle, self._grader.parts)
        self.seen = frozenset(uses_by_hash(bundle, self._grader.manifest.frames_seen) or {})
        self.networks_saw = hashes_seen(bundle)
        self._positive = self._grader.spec.classes.index(self._grader.manifest.positive)

    def calls(self, frame: Frame) -> Calls:
        """Of each visible structure."""
        features = self._extractor.of_frame(frame)
        probabilities, sets = self._grader.graded(features)
        points = self._extractor.operating_points
        return {
            found.structure: self._call(sets[row], probabilities[row], found.box.height)
            for row, found in enumerate(features.located.detections)
            if found.score >= points[found.structure]
        }

    def _call(self, inside: NDArray[np.bool_], probabilities: NDArray[np.float64], height_px: float) -> Call:
        classes = self._grader.spec.classes
        kept = [name for name, one in zip(classes, inside, strict=True) if one]
        grade = kept[0] if len(kept) == 1 else ("undecided" if kept else "not_assessed")
        return Call(grade, classes[int(probabilities.argmax())], float(probabilities[self._positive]), height_px)


def _grade(graders: _Graders, item: _Item) -> FrameCalls | Excluded:
    try:
        return graders.grade(item)
    except (NonetError, OSError) as problem:
        return Excluded(item.image.name, ExclusionReason.UNREADABLE, str(problem))


def _graded(bundles: Sequence[Path]) -> tuple[Structure, ...]:
    """The structures that all bundles grade, if they do so by the same classes."""
    graders = [TaskGrader(Bundle(folder), _LABELS) for folder in bundles]
    classes = {(one.spec.classes, one.manifest.positive) for one in graders}
    if len(classes) > 1:
        raise DatasetError(
            "Bundles that are evaluated together grade by the same classes",
            found=f"{len(classes)} kinds of classes",
            remedy="Give the bundles of the folds of one study",
        )
    graded = [set(one.manifest.structures or STRUCTURES) for one in graders]
    return tuple(structure for structure in STRUCTURES if all(structure in one for one in graded))
