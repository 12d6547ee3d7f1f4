"""The detector of a bundle at run time: a frame in, nine Detections out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.bundle import Layout
from nonet.bundle.session import Session
from nonet.detect.choose import choose
from nonet.detect.decode_dense import decode_dense
from nonet.detect.decode_maps import decode_maps
from nonet.detect.imported import ask
from nonet.detect.letterbox import Letterbox
from nonet.detect.score_calibration import bands, ranked, visibility
from nonet.detect.shape_prior import ShapePrior
from nonet.reading import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nonet.bundle import Bundle
    from nonet.detect.candidates import Candidates
    from nonet.frame import Frame

__all__ = ["CANDIDATES", "Detector"]

CANDIDATES = 5
"""How many candidates of each structure an arrangement chooses among."""

_MIN_SIDE_PX = 1.0
_DECODERS: dict[Layout, Callable[..., Candidates]] = {Layout.MAPS: decode_maps, Layout.DENSE: decode_dense}


class Detector:
    """Runs a bundle's detector; one instance serves any number of frames.

    Parameters
    ----------
    bundle
        An opened bundle.

    Raises
    ------
    BundleError
        If the network cannot be loaded, or takes another input than the manifest states.

    Attributes
    ----------
    shape_prior
        Where structures may lie, to choose among candidate boxes by; None where the bundle has none.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.manifest = bundle.manifest.detector
        outputs = bundle.manifest.arrangement
        self.shape_prior = ShapePrior.from_json(bundle.file(outputs)) if outputs else None
        self._session = Session(bundle.file(self.manifest.file), self.manifest.file)
        foreign = self.manifest.foreign
        name, channels = (foreign.input, foreign.channels) if foreign else ("grey", 1)
        self._session.check_input(name, (1, channels, self.manifest.input_height, self.manifest.input_width))

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """Where each structure would be placed, in the order of ``STRUCTURES``.

        Every structure gets a box and a score, seen or not: whether it counts as visible is for the
        operating points to say. Boxes are in frame pixels and lie on the frame.
        """
        return self.detections(
            self.best(self.candidates(frame.pixels, self.candidate_count)), frame.width, frame.height
        )

    def tail_shares(self, detections: Sequence[Detection]) -> NDArray[np.float64]:
        """How far out each of nine detections lies: ``float64[9]``, the share of boxed frames that are as far out.

        The boxes are aligned by the structures that reach their operating points; all are 1 without a shape prior.
        """
        if self.shape_prior is None or not detections:
            return np.ones(len(detections))
        edges = np.array([detection.box.xyxy for detection in detections])
        known = np.array([found.score >= self.manifest.operating_points[found.structure] for found in detections])
        return self.shape_prior.fit(edges, known).tail_share[:, 0]

    @property
    def candidate_count(self) -> int:
        """How many candidates of each structure there is a use for."""
        return CANDIDATES if self.shape_prior else 1

    def best(self, candidates: Candidates) -> Candidates:
        """The place of each structure that is taken: the strongest, or what the arrangement makes of them."""
        if self.shape_prior is None:
            return candidates.chosen(np.zeros(len(candidates.scores), np.intp))
        points = np.array([self.manifest.operating_points[structure] for structure in STRUCTURES])
        return choose(candidates, self.shape_prior, points)

    def detections(self, best: Candidates, width: int, height: int) -> tuple[Detection, ...]:
        """What one place for each structure says of a frame of so many pixels."""
        scores, spreads = best.scores[:, 0], best.spreads[:, 0]
        boxes = [_box_on_frame(row, width, height) for row in best.edges[:, 0].tolist()]
        calibration = self.manifest.calibration
        if calibration is None:
            return tuple(map(Detection, STRUCTURES, boxes, scores.tolist()))
        probabilities, half_widths = visibility(scores, calibration), bands(spreads, calibration)
        return tuple(
            map(Detection, STRUCTURES, boxes, scores.tolist(), probabilities.tolist(), map(tuple, half_widths.tolist()))
        )

    def candidates(self, pixels: NDArray[np.uint8], count: int = 1) -> Candidates:
        """The strongest ``count`` places of each structure, in frame pixels, on ``uint8[H, W]``."""
        height, width = pixels.shape
        letterbox = Letterbox.fit(width, height, self.manifest.input_width, self.manifest.input_height)
        foreign = self.manifest.foreign
        found = self._decoded(letterbox.apply(pixels, foreign.padding if foreign else 0.0), count)
        if self.manifest.calibration:
            weight = self.manifest.calibration.spread_weight
            found = replace(found, scores=ranked(found.scores, found.edges, found.spreads, weight))
        return replace(
            found, edges=letterbox.to_frame(found.edges), spreads=found.spreads / np.float32(letterbox.scale)
        )

    def _decoded(self, canvas: NDArray[np.float32], count: int) -> Candidates:
        if self.manifest.foreign:
            return decode_dense(ask(self._session, self.manifest.foreign, canvas), count=count)
        outputs = [each[0] for each in self._session.run({"grey": canvas[None, None]})]
        return _DECODERS[self.manifest.layout](*outputs, count=count)


def _box_on_frame(edges: list[float], width: int, height: int) -> Box:
    """The box cut to the frame, at least a pixel on a side."""
    x1, x2 = _cut(edges[0], edges[2], width)
    y1, y2 = _cut(edges[1], edges[3], height)
    return Box(x1, y1, x2, y2)


def _cut(low: float, high: float, size: int) -> tuple[float, float]:
    low = min(max(low, 0.0), size - _MIN_SIDE_PX)
    return low, min(max(high, low + _MIN_SIDE_PX), float(size))
