"""Run a bundle's detector over a data set: the predictions that an evaluation needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nonet.bundle import Bundle
from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.datasets import DataSet, ImageRow
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.errors import DatasetError
from nonet.evaluate.detection.predictions import Predictions
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.reading import Detection

__all__ = ["SideBySide", "run_detector", "run_side_by_side", "run_unseen"]


@dataclass(frozen=True)
class SideBySide:
    """What one of several detectors found, and the median seconds that it took to locate the structures of a frame."""

    predictions: Predictions
    seconds: float


def run_detector(
    data: DataSet,
    bundle: Bundle,
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
    *,
    mask: bool = True,
) -> Predictions:
    """Detections on every image of a data set, and whether training saw the image.

    Parameters
    ----------
    data
        The images.
    bundle
        Holds the detector.
    watch
        Gives the images one by one, showing progress if it likes.
    mask
        Whether overlays are hidden, as in a reading; False is for tests of what they give away.

    Raises
    ------
    FrameError
        If an image cannot be read.
    """
    [run] = run_side_by_side(data, [bundle], watch, mask=mask)
    return run.predictions


def run_side_by_side(
    data: DataSet,
    bundles: Sequence[Bundle],
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
    *,
    mask: bool = True,
) -> list[SideBySide]:
    """Each of several detectors on every image, one after the other, so that times compare; see `run_detector`."""
    detectors, seen = [Detector(bundle) for bundle in bundles], [uses_by_hash(bundle) for bundle in bundles]
    found: list[dict[str, Sequence[Detection]]] = [{} for _ in bundles]
    uses: list[dict[str, Use]] = [{} for _ in bundles]
    seconds: list[list[float]] = [[] for _ in bundles]
    for image in watch(data.images):
        frame = first_frame(image.path)
        sha, shown = pixels_sha256(frame.pixels), hide_overlay(frame) if mask else frame
        for place, detector in enumerate(detectors):
            begun = time.perf_counter()
            found[place][image.name] = detector.detect(shown)
            seconds[place].append(time.perf_counter() - begun)
            listed = seen[place]
            uses[place][image.name] = Use.UNKNOWN if listed is None else listed.get(sha, Use.UNSEEN)
    return [
        SideBySide(
            Predictions.from_detections(
                found[place], bundle.manifest.detector.operating_points, uses[place], bundle.reference
            ),
            float(np.median(seconds[place])) if seconds[place] else float("nan"),
        )
        for place, bundle in enumerate(bundles)
    ]


def run_unseen(
    data: DataSet,
    bundles: Sequence[Bundle],
    watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter,
    *,
    mask: bool = True,
) -> Predictions:
    """Detections on every image by the first of several bundles whose training has not seen it.

    So the detectors of outer folds are evaluated together, each on the fold that was left out.

    Raises
    ------
    DatasetError
        If every bundle has seen an image, or does not say.
    """
    if len(bundles) == 1:
        return run_detector(data, bundles[0], watch, mask=mask)
    listed = [uses_by_hash(bundle) for bundle in bundles]
    shares: list[list[ImageRow]] = [[] for _ in bundles]
    for image in data.images:
        sha = pixels_sha256(first_frame(image.path).pixels)
        unseen = [number for number, seen in enumerate(listed) if seen is not None and sha not in seen]
        if not unseen:
            raise DatasetError(
                "Several bundles are evaluated on frames that one of them has not seen",
                found=f"{image.name} was seen by all {len(bundles)}, or they do not say",
                remedy="Give the bundles of all folds, or evaluate one bundle at a time",
            )
        shares[unseen[0]].append(image)
    return Predictions.join(
        [
            run_detector(data.keeping(share), bundle, watch, mask=mask)
            for bundle, share in zip(bundles, shares, strict=True)
            if share
        ]
    )
