"""Measure frames of known pixel size again: boxes moved, marks drawn anew, zoom and gain changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nonet.bundle import Bundle
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.errors import DatasetError, NonetError
from nonet.evaluate.measurements.repeats import FrameRepeats
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.measure import measure_spans
from nonet.reading import Box
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nonet.anatomy import Structure
    from nonet.datasets.data_set import ImageRow
    from nonet.detect.located import Located
    from nonet.evaluate.robustness import Twin
    from nonet.measure.protocols import Measured
    from nonet.reading import Detection

    Item = tuple[ImageRow, float]

__all__ = ["JITTERED", "run_repeats"]

JITTERED = "jittered boxes"
_JITTERS = 4
_NORMAL_90 = 1.6449
"""Half-width of the band that holds 90 % of a normal distribution, in standard deviations."""


def run_repeats(
    images: Sequence[Item],
    bundle: Path,
    kinds: Mapping[str, Sequence[Twin]],
    *,
    workers: int = 1,
    watch: Callable[[Sequence[Item]], Iterable[Item]] = iter,
) -> tuple[list[FrameRepeats], list[Excluded]]:
    """Measure each image, the same with its boxes moved, and changed pictures of it.

    Boxes are moved by what the bundle says of its own errors: normal, nine in ten within the band of each edge.

    Parameters
    ----------
    images
        Each with its millimetres per pixel.
    bundle
        Folder.
    kinds
        Changed pictures by kind of change.
    workers, watch
        Number of processes; yields items one by one, and may show progress.

    Returns
    -------
    The frames, and those that could not be read.

    Raises
    ------
    DatasetError
        If no image could be read.
    """
    opener = partial(_Repeats, bundle, {kind: tuple(twins) for kind, twins in kinds.items()})
    results = list(run_items(_measure, images, opener, workers=workers, watch=watch))
    frames = [one for one in results if isinstance(one, FrameRepeats)]
    if not frames:
        raise DatasetError(
            "An evaluation has frames of known pixel size that can be read",
            found=f"none of {len(images)}",
            remedy="Give the table that belongs to these images by --readings",
        )
    return frames, [one for one in results if isinstance(one, Excluded)]


class _Repeats:
    """A detector and the changes that it is shown."""

    def __init__(self, bundle: Path, kinds: Mapping[str, Sequence[Twin]]) -> None:
        self.detector = Detector(Bundle(bundle))
        self.kinds = kinds

    def measure(self, image: ImageRow, mm_per_px: float) -> FrameRepeats:
        frame = first_frame(image.path)
        rng = np.random.default_rng(int(pixels_sha256(frame.pixels)[:15], 16))
        located = self.detector.locate(hide_overlay(frame))
        seen = self._seen(located.detections)
        own = _millimetres(located, {one.structure: one.box for one in seen}, mm_per_px)
        repeats: dict[str, dict[Measured, list[float]]] = {JITTERED: {}}
        for _ in range(_JITTERS):
            _add(repeats[JITTERED], _millimetres(located, {one.structure: _moved(one, rng) for one in seen}, mm_per_px))
        for kind, twins in self.kinds.items():
            repeats[kind] = {}
            for twin in twins:
                pixels = np.ascontiguousarray(twin.pixels(frame.pixels, rng))
                again = self.detector.locate(hide_overlay(replace(frame, pixels=pixels, overlay=None, sector=None)))
                boxes = {one.structure: one.box for one in self._seen(again.detections)}
                _add(repeats[kind], _millimetres(again, boxes, mm_per_px / twin.scale))
        pictures = {JITTERED: _JITTERS, **{kind: len(twins) for kind, twins in self.kinds.items()}}
        return FrameRepeats(image.name, own, repeats, pictures)

    def _seen(self, detections: Iterable[Detection]) -> list[Detection]:
        points = self.detector.manifest.operating_points
        return [one for one in detections if one.score >= points[one.structure]]


def _measure(repeats: _Repeats, item: Item) -> FrameRepeats | Excluded:
    image, mm_per_px = item
    try:
        return repeats.measure(image, mm_per_px)
    except (NonetError, OSError) as problem:
        return Excluded(image.name, ExclusionReason.UNREADABLE, str(problem))


def _millimetres(located: Located, boxes: Mapping[Structure, Box], mm_per_px: float) -> dict[Measured, float]:
    scale = mm_per_px / located.place.scale
    return {
        measured: span.length * scale for measured, span in measure_spans(located, boxes).items() if span is not None
    }


def _add(values: dict[Measured, list[float]], found: Mapping[Measured, float]) -> None:
    for measured, mm in found.items():
        values.setdefault(measured, []).append(mm)


def _moved(one: Detection, rng: np.random.Generator) -> Box:
    """The box with its edges moved as far as the detector is off; as it is where it does not say how far."""
    if one.edge_bands_px is None:
        return one.box
    edges = np.array(one.box.xyxy) + rng.standard_normal(4) * np.array(one.edge_bands_px) / _NORMAL_90
    x1, y1, x2, y2 = edges.tolist()
    return Box(x1, y1, x2, y2) if x1 < x2 and y1 < y2 else one.box
