"""The nine boxes of a frame become one row of named numbers: from the detector, from radiomics, from the embedder.

They are computed in the upright head frame, where every head has one size and looks to the left, smoothed to one
resolution, with text, callipers and ruler hidden and the screen around the sector black, so that no model of whole
frames can lean on a zoom or a turn, on how fine a machine's speckle is, or on what it draws. Every structure has a box,
visible or not: where it is not visible, the place where the detector and the shape prior put it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy import ndimage

from nonet.anatomy import STRUCTURES
from nonet.deep import Embedder
from nonet.detect import Detector
from nonet.detect.head_frame import HeadFrame
from nonet.features.parts import ALL_PARTS, FeaturePart
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.frames import hide_overlay

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.detect.located import Located
    from nonet.frame import Frame
    from nonet.reading import Box, Detection

__all__ = ["DETECTOR_FEATURES", "FrameFeatureExtractor", "FrameFeatures", "box_feature_names", "frame_columns"]

T = TypeVar("T")

_LEAST = 1e-4
_SMOOTHING_PX = 1.5
"""Standard deviation, pixels of the head frame, of the Gaussian that brings every machine's picture to one resolution:
what one pixel's speckle adds is smoothed away, while AUC stays."""
DETECTOR_FEATURES = ("score", "visibility", "rarity", "edge_band")
"""Features from the detector: the logits of its score and of the probability that the structure is visible; the log of
the share of boxed frames in which the structure lies at least as far out, given the others; the log of the edges' 90 %
band as a share of the box's sides."""


@dataclass(frozen=True, slots=True)
class FrameFeatures:
    """The features of the nine boxes of one frame.

    Attributes
    ----------
    located
        What the detector made of the frame.
    place
        The head frame in which the boxes were measured: that of ``located``, turned upright.
    pixels
        ``uint8[HEIGHT, WIDTH]``, those of this head frame.
    names
        ``F`` names of features, the same for every structure.
    values
        ``float64[9, F]``, NaN where a feature has no value.
    """

    located: Located
    place: HeadFrame
    pixels: NDArray[np.uint8]
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


@lru_cache(maxsize=8)
def frame_columns(names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a frame's row from the names of a structure's features."""
    return tuple(f"{structure.value}.{name}" for structure in STRUCTURES for name in names)


def box_feature_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the features that are computed from the pixels of a box, those of the detector left out."""
    return tuple(name for name in names if name not in DETECTOR_FEATURES)


class FrameFeatureExtractor:
    """Computes the features of a frame's boxes with a bundle's embedder.

    Parameters
    ----------
    bundle
        An opened bundle; it holds an embedder if deep features are asked for.
    parts
        What to compute.
    mask
        Whether `of_frame` hides overlays; False is for tests of what they give away.
    detector
        The bundle's detector, where it is open already.
    """

    def __init__(
        self,
        bundle: Bundle,
        parts: Collection[FeaturePart] = ALL_PARTS,
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
        detector = DETECTOR_FEATURES if FeaturePart.DETECTOR in self.parts else ()
        radiomics = self._radiomics.names if FeaturePart.RADIOMICS in self.parts else ()
        return (*detector, *radiomics, *(self._embedder.names if self._embedder else ()))

    @property
    def operating_points(self) -> Mapping[Structure, float]:
        """The score from which each structure counts as seen."""
        return self._detector.manifest.operating_points

    def head_frame_of(self, boxes: Mapping[Structure, Box], frame: Frame) -> HeadFrame:
        """The upright head frame by boxes that are known; the whole frame where these are too few."""
        return self._detector.head_frame_of(boxes) or HeadFrame.whole(frame.width, frame.height)

    def of_frame(self, frame: Frame) -> FrameFeatures:
        """Locate the nine structures of a frame, and compute the features of their boxes."""
        return self.extract(self._detector.locate(hide_overlay(frame) if self.mask else frame))

    def of_boxes(self, frame: Frame, boxes: Mapping[Structure, Box]) -> FrameFeatures:
        """As `of_frame`, with known boxes in the place of those found; the head frame lies by them where they say."""
        found = self._detector.locate(hide_overlay(frame) if self.mask else frame)
        upright = self._detector.head_frame_of(boxes) or self._detector.upright(found)
        place = replace(upright, roll=0.0)
        detections = tuple(replace(one, box=boxes.get(one.structure, one.box)) for one in found.detections)
        pixels = place.apply(found.frame.pixels)
        located = replace(found, place=place, pixels=pixels, detections=detections)
        return self._extract_while(located, upright, lambda: None)[0]

    def extract(self, located: Located) -> FrameFeatures:
        """The features of the nine boxes of a frame that the detector has located."""
        return self.extract_while(located, lambda: None)[0]

    def extract_while(self, located: Located, other: Callable[[], T]) -> tuple[FrameFeatures, T]:
        """The features, and what another function gives that is called while the embedder runs.

        The network leaves a core idle for a part of its time.
        """
        return self._extract_while(located, self._detector.upright(located), other)

    def _extract_while(self, located: Located, place: HeadFrame, other: Callable[[], T]) -> tuple[FrameFeatures, T]:
        detections = located.detections
        pixels = located.pixels if place == located.place else place.apply(located.frame.pixels)
        of_boxes, given = self._box_features_while(pixels, place.boxes([one.box for one in detections]), other)
        columns = [of_boxes]
        if FeaturePart.DETECTOR in self.parts:
            columns.insert(0, _detector_features(detections, self._detector.tail_shares(detections)))
        return FrameFeatures(located, place, pixels, self.names, np.hstack(columns)), given

    def box_features(self, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.float64]:
        """Radiomic and deep features ``float64[n, F]`` of boxes of a head frame ``uint8[HEIGHT, WIDTH]``, smoothed."""
        return self._box_features_while(pixels, boxes, lambda: None)[0]

    def _box_features_while(
        self, pixels: NDArray[np.uint8], boxes: Sequence[Box], other: Callable[[], T]
    ) -> tuple[NDArray[np.float64], T]:
        pixels = np.asarray(ndimage.gaussian_filter(pixels, _SMOOTHING_PX))
        columns = [np.empty((len(boxes), 0))]
        with ThreadPoolExecutor(1) as beside:
            deep = beside.submit(self._embedder.embed, pixels, boxes) if self._embedder else None
            given = other()
            if FeaturePart.RADIOMICS in self.parts:
                columns.append(np.array([row.values for row in self._radiomics.rows(pixels, boxes)], np.float64))
            if deep:
                columns.append(deep.result().astype(np.float64))
        return np.hstack(columns), given


def _detector_features(detections: Sequence[Detection], tail_shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """``float64[9, 4]``, in the order of `DETECTOR_FEATURES`."""
    return np.column_stack(
        [
            _logit(np.array([detection.score for detection in detections])),
            _logit(np.array([_or_nan(detection.visibility) for detection in detections])),
            np.log(np.clip(tail_shares, _LEAST, None)),
            [_log_band(detection) for detection in detections],
        ]
    )


def _logit(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _log_band(detection: Detection) -> float:
    if detection.edge_bands_px is None:
        return np.nan
    sides = (detection.box.width, detection.box.height) * 2
    return float(np.log(np.mean([band / side for band, side in zip(detection.edge_bands_px, sides, strict=True)])))
