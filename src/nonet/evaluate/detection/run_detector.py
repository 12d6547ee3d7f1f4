"""Run a bundle's detector over a data set: the predictions that an evaluation needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nonet.bundle import Bundle
from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.datasets import DataSet, ImageRow
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.errors import DatasetError
from nonet.evaluate.detection.predictions import Predictions
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay

__all__ = ["run_detector", "run_unseen"]


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
    detector, seen = Detector(bundle), uses_by_hash(bundle)
    detections, uses = {}, {}
    for image in watch(data.images):
        frame = first_frame(image.path)
        detections[image.name] = detector.detect(hide_overlay(frame) if mask else frame)
        uses[image.name] = Use.UNKNOWN if seen is None else seen.get(pixels_sha256(frame.pixels), Use.UNSEEN)
    return Predictions.from_detections(detections, bundle.manifest.detector.operating_points, uses, bundle.reference)


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
