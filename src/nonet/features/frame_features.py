"""A frame becomes one row of named numbers: what the detector says, and what its nine boxes hold.

All of it is measured with text, callipers and ruler hidden and the screen around the sector black, so
that no model of whole frames can lean on what a machine draws. Every structure has a box, seen or
not: where it is not seen, the place where the detector and the arrangement would soonest have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.deep import Embedder
from nonet.detect import Detector
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.frames import hide_overlay

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.frame import Frame
    from nonet.reading import Box, Detection

__all__ = [
    "ALL",
    "SIGNS",
    "FeaturePart",
    "FrameFeatureExtractor",
    "FrameFeatures",
    "box_feature_names",
    "frame_columns",
]

_LEAST = 1e-4
SIGNS = ("score", "visibility", "rarity", "edge_band")
"""What the detector says of a structure: logits of score and of the probability that it is visible, log of the share
of boxed frames in which it lies at least as oddly given the others, log of the edges' 90 % band as a share of the
box's sides."""


class FeaturePart(StrEnum):
    """A part of a description."""

    DETECTOR = "detector"
    RADIOMICS = "radiomics"
    DEEP = "deep"


ALL = frozenset(FeaturePart)


@dataclass(frozen=True, slots=True)
class FrameFeatures:
    """The nine detections on the masked frame, and what was measured of each.

    Attributes
    ----------
    pixels
        ``uint8[H, W]``, as they were measured.
    detections
        In the order of ``STRUCTURES``.
    names
        ``F`` names of features, the same for every structure.
    values
        ``float64[9, F]``, NaN where a feature has no value.
    """

    pixels: NDArray[np.uint8]
    detections: tuple[Detection, ...]
    names: tuple[str, ...]
    values: NDArray[np.float64]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the ``9 F`` columns of the frame's one row: structure, a full stop, feature."""
        return frame_columns(self.names)

    @property
    def row(self) -> NDArray[np.float64]:
        """``float64[9 F]``, one structure after the other."""
        return self.values.ravel()


def frame_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The columns of a frame's row from the names of a structure's features."""
    return tuple(f"{structure.value}.{name}" for structure in STRUCTURES for name in names)


class FrameFeatureExtractor:
    """Describes frames with a bundle's detector and embedder.

    Parameters
    ----------
    bundle
        An opened bundle; it holds an embedder if deep features are asked for.
    parts
        What to measure. What is not asked for is not computed.
    mask
        Whether overlays are hidden; False is for tests of what they give away.
    detector
        The bundle's detector, where it is open already.
    """

    def __init__(
        self,
        bundle: Bundle,
        parts: Collection[FeaturePart] = ALL,
        *,
        mask: bool = True,
        detector: Detector | None = None,
    ) -> None:
        self.parts = frozenset(parts)
        self.mask = mask
        self._detector = detector or Detector(bundle)
        self._radiomics = RadiomicFeatures()
        self._embedder = Embedder(bundle) if FeaturePart.DEEP in self.parts else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features of a structure, part after part."""
        signs = SIGNS if FeaturePart.DETECTOR in self.parts else ()
        radiomics = self._radiomics.names if FeaturePart.RADIOMICS in self.parts else ()
        return (*signs, *radiomics, *(self._embedder.names if self._embedder else ()))

    def describe(self, frame: Frame) -> FrameFeatures:
        """The detections on a frame, its overlay masked, and every feature of their boxes."""
        masked = hide_overlay(frame) if self.mask else frame
        detections = self._detector.detect(masked)
        signs = self._signs(detections) if FeaturePart.DETECTOR in self.parts else np.empty((len(detections), 0))
        measured = self.measure(masked.pixels, [detection.box for detection in detections])
        return FrameFeatures(masked.pixels, detections, self.names, np.hstack([signs, measured]))

    def measure(self, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.float64]:
        """Radiomic and deep features of boxes as ``float64[n, F]``, on pixels ``uint8[H, W]`` as they are."""
        columns = [np.empty((len(boxes), 0))]
        if FeaturePart.RADIOMICS in self.parts:
            columns.append(np.array([row.values for row in self._radiomics.rows(pixels, boxes)], np.float64))
        if self._embedder:
            columns.append(self._embedder.embed(pixels, boxes).astype(np.float64))
        return np.hstack(columns)

    def _signs(self, detections: Sequence[Detection]) -> NDArray[np.float64]:
        edges = np.array([detection.box.xyxy for detection in detections])
        seen = np.array([detection.score >= self._threshold(detection) for detection in detections])
        arrangement = self._detector.arrangement
        rarity = arrangement.judge(edges, seen).rarity[:, 0] if arrangement else np.ones(len(detections))
        return np.column_stack(
            [
                _logit(np.array([detection.score for detection in detections])),
                _logit(np.array([_or_nan(detection.visibility) for detection in detections])),
                np.log(np.clip(rarity, _LEAST, None)),
                [_log_band(detection) for detection in detections],
            ]
        )

    def _threshold(self, detection: Detection) -> float:
        return self._detector.manifest.operating_points[detection.structure]


def box_feature_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of what is measured in boxes, those of the detector's signs left out."""
    return tuple(name for name in names if name not in SIGNS)


def _logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.clip(share, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(held / (1 - held)))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _log_band(detection: Detection) -> float:
    if detection.edge_bands_px is None:
        return np.nan
    sides = (detection.box.width, detection.box.height) * 2
    return float(np.log(np.mean([band / side for band, side in zip(detection.edge_bands_px, sides, strict=True)])))
