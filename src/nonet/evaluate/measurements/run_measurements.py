"""Measure the nuchal translucency of every frame that has a printed reading, in the box that a detector finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import Bundle
from nonet.bundle.frames_seen import first_unseen, hashes_seen
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.measurements.printed_readings import Scale
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.frames.difference_hash import difference_hash
from nonet.measure import measure_spans
from nonet.measure.interval import half_width
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nonet.datasets.data_set import ImageRow
    from nonet.evaluate.measurements.printed_readings import PrintedReading

    Item = tuple[ImageRow, PrintedReading]

__all__ = ["Compared", "MeasurementRun", "run_measurements"]

_MEASURED = (Structure.NUCHAL_TRANSLUCENCY, "thickness")
_PLACE = STRUCTURES.index(Structure.NUCHAL_TRANSLUCENCY)
NOT_VISIBLE = "the nuchal translucency is not visible"
NOT_MEASURABLE = "no two borders were found"


@dataclass(frozen=True, slots=True)
class Compared:
    """A frame's measurement beside what is printed on it.

    Attributes
    ----------
    image
        The frame.
    hashes
        `nonet.frame.pixels_sha256` and `nonet.frames.difference_hash.difference_hash` of it.
    scale
        What its pixel size may be used for.
    printed, measured
        Millimetres.
    spread
        How far the thickness changes with what is called a line's border, millimetres: what its interval is made of.
    seen
        Whether the bundle that found the box was made from the frame.
    """

    image: ImageRow
    hashes: tuple[str, str]
    scale: Scale
    printed: float
    measured: float
    spread: float
    seen: bool


@dataclass(frozen=True, slots=True)
class MeasurementRun:
    """All frames that were measured, how many were left out by reason, and files that could not be read."""

    compared: tuple[Compared, ...]
    left_out: dict[str, int]
    unreadable: tuple[Excluded, ...]


def run_measurements(
    images: Sequence[ImageRow],
    readings: tuple[Mapping[str, PrintedReading], Mapping[str, str]],
    bundles: Sequence[Path],
    *,
    keep_overlays: bool = False,
    workers: int = 1,
    watch: Callable[[Sequence[Item]], Iterable[Item]] = iter,
) -> MeasurementRun:
    """Measure every image with a printed reading, each by the first bundle that was not made from it.

    Parameters
    ----------
    images
        The images.
    readings
        As `read_printed` gives them.
    bundles
        Folders; where every bundle was made from a frame, the first finds its box, and it counts as seen.
    keep_overlays
        Whether callipers and text stay in the picture that is measured: a test of what they give away.
    workers, watch
        Number of processes; yields items one by one, and may show progress.

    Raises
    ------
    DatasetError
        If no image has a reading that can be used, or none of those can be measured.
    """
    printed, unusable = readings
    items = [(image, printed[image.name]) for image in images if image.name in printed]
    left_out = Counter(unusable[image.name] for image in images if image.name in unusable)
    compared, unreadable = [], []
    opener = partial(_Detectors, tuple(bundles), keep_overlays)
    for result in run_items(_compare, items, opener, workers=workers, watch=watch):
        if isinstance(result, Compared):
            compared.append(result)
        elif isinstance(result, Excluded):
            unreadable.append(result)
        else:
            left_out[result] += 1
    if not compared:
        raise DatasetError(
            "An evaluation has frames with a printed reading that can be measured",
            found=f"none; {dict(left_out)}" if left_out else "none",
            remedy="Give the table that belongs to these images by --readings",
        )
    return MeasurementRun(tuple(compared), dict(left_out), tuple(unreadable))


class _Detectors:
    """The detectors of a process."""

    def __init__(self, bundles: tuple[Path, ...], keep_overlays: bool) -> None:
        self._keep_overlays = keep_overlays
        opened = [Bundle(folder) for folder in bundles]
        self._detectors = [Detector(bundle) for bundle in opened]
        self._seen = [hashes_seen(bundle) for bundle in opened]

    def compare(self, image: ImageRow, printed: PrintedReading) -> Compared | str:
        frame = first_frame(image.path)
        sha = pixels_sha256(frame.pixels)
        number, seen = first_unseen(sha, self._seen)
        detector = self._detectors[number]
        located = detector.locate(frame if self._keep_overlays else hide_overlay(frame))
        found = located.detections[_PLACE]
        if found.score < detector.manifest.operating_points[found.structure]:
            return NOT_VISIBLE
        gap = measure_spans(located, {found.structure: found.box})[_MEASURED]
        if gap is None:
            return NOT_MEASURABLE
        mm = printed.mm_per_px / located.place.scale
        hashes = (sha, difference_hash(frame.pixels))
        return Compared(image, hashes, printed.scale, printed.mm, gap.length * mm, half_width(gap, 1) * mm, seen)


def _compare(detectors: _Detectors, item: Item) -> Compared | Excluded | str:
    image, printed = item
    try:
        return detectors.compare(image, printed)
    except (NonetError, OSError) as problem:
        return Excluded(image.name, ExclusionReason.UNREADABLE, str(problem))
