"""What a detector said of a set of images, as arrays: the only thing an evaluation needs of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle.frames_seen import Use
from nonet.errors import DatasetError
from nonet.reading import BundleReference, Detection

__all__ = ["Predictions"]

_NO_BANDS = (np.nan,) * 4


@dataclass(frozen=True)
class Predictions:
    """One box and score for each structure of each image.

    Parameters
    ----------
    images
        Names of the ``N`` images.
    boxes
        ``float64[N, 9, 4]``, half-open pixel edges x1, y1, x2, y2, structures in their order.
    scores
        ``float64[N, 9]``, 0 to 1.
    operating_points
        ``float64[N, 9]``: the score from which a structure counts as visible.
    uses
        What the training of the detector used each image for.
    bundle
        The bundle that the detector came from; see `join` for several.
    visibility
        ``float64[N, 9]``, probability of being visible, NaN where the detector is not calibrated.
    edge_bands
        ``float64[N, 9, 4]``, half-widths of the 90 % band about each edge, pixels, NaN likewise.
    """

    images: tuple[str, ...]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    operating_points: NDArray[np.float64]
    uses: tuple[Use, ...]
    bundle: BundleReference
    visibility: NDArray[np.float64]
    edge_bands: NDArray[np.float64]

    @classmethod
    def from_detections(
        cls,
        detections: Mapping[str, Sequence[Detection]],
        operating_points: Mapping[Structure, float],
        uses: Mapping[str, Use],
        bundle: BundleReference,
    ) -> Predictions:
        """Predictions from the detections of each image.

        Raises
        ------
        DatasetError
            If an image has not exactly one detection for each of the nine structures.
        """
        ordered = [_in_order(name, found) for name, found in detections.items()]
        boxes = [[detection.box.xyxy for detection in found] for found in ordered]
        scores = [[detection.score for detection in found] for found in ordered]
        visibility = [[_or_nan(detection.visibility) for detection in found] for found in ordered]
        bands = [[detection.edge_bands_px or _NO_BANDS for detection in found] for found in ordered]
        points = np.array([operating_points[structure] for structure in STRUCTURES], dtype=np.float64)
        return cls(
            tuple(detections),
            np.array(boxes, dtype=np.float64).reshape(-1, len(STRUCTURES), 4),
            np.array(scores, dtype=np.float64).reshape(-1, len(STRUCTURES)),
            np.tile(points, (len(detections), 1)),
            tuple(uses[name] for name in detections),
            bundle,
            np.array(visibility, dtype=np.float64).reshape(-1, len(STRUCTURES)),
            np.array(bands, dtype=np.float64).reshape(-1, len(STRUCTURES), 4),
        )

    @classmethod
    def join(cls, parts: Sequence[Predictions]) -> Predictions:
        """Predictions of several bundles, each on its own images, as one.

        The bundle's name lists theirs, and its hash is the SHA-256 of their hashes.
        """
        if len(parts) == 1:
            return parts[0]
        bundles = [part.bundle for part in parts]
        together = hashlib.sha256("".join(bundle.sha256 for bundle in bundles).encode()).hexdigest()
        return cls(
            tuple(name for part in parts for name in part.images),
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.operating_points for part in parts]),
            tuple(use for part in parts for use in part.uses),
            BundleReference(" + ".join(bundle.name for bundle in bundles), bundles[0].version, together),
            np.concatenate([part.visibility for part in parts]),
            np.concatenate([part.edge_bands for part in parts]),
        )

    def of(self, images: Iterable[str]) -> Predictions:
        """The predictions of these images, in this order.

        Raises
        ------
        DatasetError
            If there are none for one of them.
        """
        names = tuple(images)
        position = {name: index for index, name in enumerate(self.images)}
        lacking = [name for name in names if name not in position]
        if lacking:
            raise DatasetError(
                "Predictions cover every frame that is evaluated",
                found=f"none for {len(lacking)} of {len(names)}, the first {lacking[0]}",
                remedy="Run the detector on this split of this data set",
            )
        chosen = [position[name] for name in names]
        uses = tuple(self.uses[index] for index in chosen)
        return replace(
            self,
            images=names,
            boxes=self.boxes[chosen],
            scores=self.scores[chosen],
            operating_points=self.operating_points[chosen],
            uses=uses,
            visibility=self.visibility[chosen],
            edge_bands=self.edge_bands[chosen],
        )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _in_order(name: str, found: Sequence[Detection]) -> list[Detection]:
    by_structure = {detection.structure: detection for detection in found}
    if len(found) != len(STRUCTURES) or len(by_structure) != len(STRUCTURES):
        raise DatasetError(
            "A detector gives one detection for each of the nine structures",
            found=f"{len(found)} for {name}, of {len(by_structure)} structures",
            remedy="Export the detector, or the predictions, again",
        )
    return [by_structure[structure] for structure in STRUCTURES]
