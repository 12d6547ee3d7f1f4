"""Read every frame of a data set and its twins with a bundle: detections, plane probabilities, plane labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle import Bundle
from nonet.bundle.frames_seen import first_unseen, hashes_seen
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.robustness.twins import TWINS, Twin
from nonet.evaluate.shared_extractors import SharedExtractors
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.grade.task_grader import TaskGrader
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.datasets.data_set import ImageRow
    from nonet.frame import Frame
    from nonet.reading import Detection

__all__ = ["OWN", "FrameTwins", "PictureReading", "TwinRun", "run_twins"]

OWN = "as it is"
"""The name of the frame itself beside its twins."""

_PLANE = "plane"


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What a bundle says of one picture of a frame.

    Attributes
    ----------
    detections
        Of the nine structures, in pixels of the picture.
    probabilities, conformal
        Of the classes of the plane grader, ``float64[K]`` and ``bool[K]``; empty without one.
    """

    detections: tuple[Detection, ...]
    probabilities: NDArray[np.float64]
    conformal: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FrameTwins:
    """The readings of a frame and of its twins by their names.

    Attributes
    ----------
    image
        Name of the image.
    size
        Height and width of the frame.
    sha256, difference_hash
        `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` of the frame.
    bundle
        The number of the bundle that read it.
    seen
        Whether that bundle was made from the frame.
    readings
        By name of the picture, `OWN` among them.
    """

    image: str
    size: tuple[int, int]
    sha256: str
    difference_hash: str
    bundle: int
    seen: bool
    readings: dict[str, PictureReading]


@dataclass(frozen=True, slots=True)
class TwinRun:
    """All frames, those that could not be read, and the classes of the plane grader (empty without one)."""

    frames: tuple[FrameTwins, ...]
    unreadable: tuple[Excluded, ...]
    classes: tuple[str, ...]
    positive: str


def run_twins(
    images: Sequence[ImageRow],
    bundles: Sequence[Path],
    twins: Sequence[Twin] = TWINS,
    *,
    seed: int = 0,
    workers: int = 1,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
) -> TwinRun:
    """Read every image and its twins, each by the first bundle that was not made from it.

    Parameters
    ----------
    images
        The images.
    bundles
        Folders; where every bundle was made from a frame, the first reads it, and it counts as seen.
    twins
        What is shown besides the frame itself.
    seed
        Of the speckle.
    workers
        Number of processes.
    watch
        Yields the images one by one, and may show progress.

    Raises
    ------
    DatasetError
        If no image can be read, or the plane graders of the bundles differ in their classes.
    """
    opener = partial(_Readers, tuple(bundles), tuple(twins), seed)
    classes, positive = _classes(bundles)
    frames, unreadable = [], []
    for result in run_items(_read, images, opener, workers=workers, watch=watch):
        if isinstance(result, Excluded):
            unreadable.append(result)
        else:
            frames.append(result)
    if not frames:
        raise DatasetError("An evaluation has images that can be read", found="none", remedy="See nonet check")
    return TwinRun(tuple(frames), tuple(unreadable), classes, positive)


class _Readers:
    """The bundles of a process, opened; what several have in common is opened once."""

    def __init__(self, bundles: tuple[Path, ...], twins: tuple[Twin, ...], seed: int) -> None:
        self.twins = twins
        self.seed = seed
        opened = [Bundle(folder) for folder in bundles]
        shared = SharedExtractors()
        self._readers = [_Reader(bundle, shared) for bundle in opened]

    def read(self, image: ImageRow) -> FrameTwins:
        frame = first_frame(image.path)
        sha = pixels_sha256(frame.pixels)
        number, seen = first_unseen(sha, [reader.seen for reader in self._readers])
        rng = np.random.default_rng([self.seed, int(sha[:15], 16)])
        readings = {OWN: self._readers[number].read(frame)}
        for twin in self.twins:
            picture = replace(frame, pixels=np.ascontiguousarray(twin.pixels(frame.pixels, rng)))
            readings[twin.name] = self._readers[number].read(picture)
        near = difference_hash(frame.pixels)
        return FrameTwins(image.name, frame.pixels.shape, sha, near, number, seen, readings)


class _Reader:
    """Detector and plane grader of a bundle."""

    def __init__(self, bundle: Bundle, shared: SharedExtractors) -> None:
        self._plane = TaskGrader(bundle, _PLANE) if _PLANE in bundle.manifest.graders else None
        parts = self._plane.parts if self._plane else frozenset()
        self._extractor = shared.of(bundle, parts)
        self.seen = hashes_seen(bundle, *((self._plane.manifest.frames_seen,) if self._plane else ()))

    def read(self, frame: Frame) -> PictureReading:
        features = self._extractor.of_frame(frame)
        detections = tuple(features.located.detections)
        if self._plane is None:
            return PictureReading(detections, np.empty(0), np.empty(0, np.bool_))
        probabilities, sets = self._plane.graded(features)
        return PictureReading(detections, probabilities[0], sets[0])


def _read(readers: _Readers, image: ImageRow) -> FrameTwins | Excluded:
    try:
        return readers.read(image)
    except (NonetError, OSError) as problem:
        return Excluded(image.name, ExclusionReason.UNREADABLE, str(problem))


def _classes(folders: Sequence[Path]) -> tuple[tuple[str, ...], str]:
    """The classes of the bundles' plane graders in their order, and the positive one; nothing if none has any."""
    found = []
    for folder in folders:
        bundle = Bundle(folder)
        if _PLANE in bundle.manifest.graders:
            grader = TaskGrader(bundle, _PLANE)
            found.append((grader.spec.classes, grader.manifest.positive))
    if not found:
        return (), ""
    if len(found) != len(folders) or len(set(found)) > 1:
        raise DatasetError(
            "Bundles that are evaluated together grade planes by the same classes",
            found=f"{len(found)} of {len(folders)} with a plane grader, {len(set(found))} kinds of classes",
            remedy="Give the bundles of the folds of one study",
        )
    return found[0]
