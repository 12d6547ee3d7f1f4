"""Reference boxes beside predicted ones: how well each pair overlaps, and how far apart they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.datasets import DataSet
from nonet.errors import DatasetError
from nonet.evaluate.detection.predictions import Predictions
from nonet.overlap import iou

__all__ = ["MATCH_IOU", "Matching", "match"]

MATCH_IOU = 0.5
"""Overlap from which a predicted box counts as the reference box found."""


@dataclass(frozen=True)
class Matching:
    """What is known of each structure in each frame; ``N`` frames, nine structures.

    A structure has at most one reference and one predicted box in a frame, so COCO's matching is
    a comparison of the two.

    Parameters
    ----------
    boxed
        ``bool[N, 9]``: there is a reference box.
    iou
        ``float64[N, 9]``, intersection over union, 0 where there is no reference box.
    centre_px
        ``float64[N, 9]``, distance of the centres in pixels, NaN where there is no reference box.
    mm_per_px
        ``float64[N]``, NaN where it is not known.
    scores
        ``float64[N, 9]``, the detector's.
    seen
        ``bool[N, 9]``: the score reaches the structure's operating point.
    in_band
        ``float64[N, 9]``: share of the four reference edges inside their 90 % band, NaN where there
        is no reference box or no band.
    visibility
        ``float64[N, 9]``: probability of being visible, NaN where the detector gives none.
    groups
        ``int64[N]``: frames of one patient share a number; without patients each has its own.
    """

    boxed: NDArray[np.bool_]
    iou: NDArray[np.float64]
    centre_px: NDArray[np.float64]
    mm_per_px: NDArray[np.float64]
    scores: NDArray[np.float64]
    seen: NDArray[np.bool_]
    in_band: NDArray[np.float64]
    visibility: NDArray[np.float64]
    groups: NDArray[np.int64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """``bool[N, 9]``: seen, and overlapping its reference box by at least 0.5."""
        return self.seen & (self.iou >= MATCH_IOU)


def match(data: DataSet, predictions: Predictions) -> Matching:
    """Compare predictions with the reference boxes of the frames that have at least one.

    Raises
    ------
    DatasetError
        If no frame has a box, or predictions are lacking for one that has.
    """
    boxed_frames = data.boxed()
    if not boxed_frames.images:
        raise DatasetError(
            "A detector is evaluated on frames with reference boxes",
            found=f"no box on any of {len(data.images)} images",
            remedy="Choose a split that has boxes",
        )
    predictions = predictions.of(image.name for image in boxed_frames.images)
    reference = _reference_boxes(boxed_frames)
    return Matching(
        boxed=~np.isnan(reference[..., 0]),
        iou=np.nan_to_num(iou(reference, predictions.boxes)),
        centre_px=_centre_distance(reference, predictions.boxes),
        mm_per_px=np.array([image.mm_per_px or np.nan for image in boxed_frames.images]),
        scores=predictions.scores,
        seen=predictions.scores >= predictions.operating_points,
        in_band=_in_band(reference, predictions),
        visibility=predictions.visibility,
        groups=_groups(boxed_frames),
    )


def _reference_boxes(data: DataSet) -> NDArray[np.float64]:
    nowhere = (np.nan,) * 4
    edges = [
        [found[structure].xyxy if structure in found else nowhere for structure in STRUCTURES]
        for found in map(data.boxes_of, data.images)
    ]
    return np.array(edges, dtype=np.float64)


def _centre_distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = (one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) / 2
    distance: NDArray[np.float64] = np.hypot(apart[..., 0], apart[..., 1])
    return distance


def _in_band(reference: NDArray[np.float64], predictions: Predictions) -> NDArray[np.float64]:
    off = np.abs(reference - predictions.boxes)
    known = ~np.isnan(off[..., 0]) & ~np.isnan(predictions.edge_bands[..., 0])
    return np.where(known, (off <= predictions.edge_bands).mean(axis=-1), np.nan)


def _groups(data: DataSet) -> NDArray[np.int64]:
    keys = [(image.centre or "", image.patient) if image.patient else ("", image.name) for image in data.images]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)
