"""Run a bundle's detector over a data set: the predictions that an evaluation judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nonet.bundle import Bundle
from nonet.datasets import DataSet, ImageRow
from nonet.datasets.inspection import first_frame
from nonet.detect import Detector
from nonet.evaluate.frames_seen import Use, uses_by_hash
from nonet.evaluate.predictions import Predictions
from nonet.frame import pixels_sha256

__all__ = ["run_detector"]


def run_detector(
    data: DataSet, bundle: Bundle, watch: Callable[[Sequence[ImageRow]], Iterable[ImageRow]] = iter
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

    Raises
    ------
    FrameError
        If an image cannot be read.
    """
    detector, seen = Detector(bundle), uses_by_hash(bundle)
    detections, uses = {}, {}
    for image in watch(data.images):
        frame = first_frame(image.path)
        detections[image.name] = detector.detect(frame)
        uses[image.name] = Use.UNKNOWN if seen is None else seen.get(pixels_sha256(frame.pixels), Use.UNSEEN)
    return Predictions.from_detections(detections, bundle.manifest.detector.operating_points, uses, bundle.reference)
