"""What a detector offers for a data set, kept so that ways to choose among the offers can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.datasets.inspection import first_frame
from nonet.detect.detector import CANDIDATES, Detector
from nonet.evaluate.detection.predictions import Predictions
from nonet.frame import pixels_sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet, ImageRow
    from nonet.detect.candidates import Candidates
    from nonet.detect.shape_prior import ShapePrior

__all__ = ["CandidatesOfSet"]


@dataclass(frozen=True)
class CandidatesOfSet:
    """Five candidates of each structure for every frame.

    Attributes
    ----------
    images, candidates, uses
        One of each for every frame, in the same order.
    bundle
        Where the detector came from.
    """

    images: tuple[ImageRow, ...]
    candidates: tuple[Candidates, ...]
    uses: tuple[Use, ...]
    bundle: Bundle

    @classmethod
    def gather(
        cls,
        data: DataSet,
        bundle: Bundle,
        *,
        prepare: Callable[[ImageRow, NDArray[np.uint8]], NDArray[np.uint8]] = lambda _, pixels: pixels,
    ) -> CandidatesOfSet:
        """Run the detector on every frame, changed by ``prepare`` first.

        Raises
        ------
        FrameError
            If an image cannot be read.
        """
        detector, seen = Detector(bundle), uses_by_hash(bundle)
        candidates, uses = [], []
        for image in data.images:
            pixels = first_frame(image.path).pixels
            candidates.append(detector.network.candidates(prepare(image, pixels), CANDIDATES))
            uses.append(Use.UNKNOWN if seen is None else seen.get(pixels_sha256(pixels), Use.UNSEEN))
        return cls(data.images, tuple(candidates), tuple(uses), bundle)

    def taken(self, shape_prior: ShapePrior | None) -> Predictions:
        """The predictions as an arrangement chooses them; without one, the strongest candidates."""
        detector = Detector(self.bundle)
        detector.shape_prior = shape_prior
        detections = {
            image.name: detector.detections(detector.best(candidate_count), image.width, image.height)
            for image, candidate_count in zip(self.images, self.candidates, strict=True)
        }
        uses = dict(zip(detections, self.uses, strict=True))
        points = self.bundle.manifest.detector.operating_points
        return Predictions.from_detections(detections, points, uses, self.bundle.reference)
