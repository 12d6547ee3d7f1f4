"""The detector of a bundle at run time: a frame in, nine Detections out."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.detect.average_passes import average_passes
from nonet.detect.choose import choose
from nonet.detect.head_frame import HEIGHT, MOST_ROLL, WIDTH, HeadFrame, HeadPose
from nonet.detect.letterbox import Letterbox
from nonet.detect.located import Located
from nonet.detect.network import Network
from nonet.detect.score_calibration import bands, visibility
from nonet.detect.shape_prior import ShapePrior
from nonet.frames.mask_bounds import mask_bounds
from nonet.reading import Box, Detection, Face

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.detect.candidates import Candidates
    from nonet.frame import Frame

__all__ = ["CANDIDATES", "Detector"]

CANDIDATES = 5
"""How many candidates of each structure an arrangement chooses among."""

_FAINT = 0.5
"""A head is found by boxes of this share of their operating points and more: small heads are seen faintly."""
_LITTLE = 0.64
"""The first pass looks at the image alone, where no head was found and it fills less than this share of its frame."""
_UNCERTAIN = 0.25
"""A head whose size may be off by more than this share was not found."""
_MUCH_LESS = 0.8
"""The first pass counts where the second sees less than this share of its scores: the head was not where it seemed."""
_MIN_SIDE_PX = 1.0


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
    network
        What looks once at some pixels.
    shape_prior
        Where structures may lie, to choose among candidate boxes by; None where the bundle has none.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.manifest = bundle.manifest.detector
        outputs = bundle.manifest.arrangement
        self.shape_prior = ShapePrior.from_json(bundle.file(outputs)) if outputs else None
        self.network = Network(bundle)

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """Where each structure would be placed on a frame with its overlay hidden; see `locate`."""
        return self.locate(frame).detections

    def locate(self, frame: Frame) -> Located:
        """Find the head, then the nine structures in the head frame.

        A first pass over the whole frame, or over its image where this fills little of it, says where the head lies and
        how large it is; a second one looks at the head frame, where every head has one size. The second pass counts,
        unless it sees much less than the first. Without a head, or without a shape prior, the first pass counts. Where
        the bundle has a smaller input for the first pass, this looks at the image alone, and the whole input is used
        only if no head is found so, or the second pass does not count.

        Every structure gets a box and a score, seen or not: whether it counts as visible is for the
        operating points to say. Boxes are in frame pixels and lie on the frame.

        Parameters
        ----------
        frame
            With its overlay hidden, as in a reading; as it was opened, in tests of what overlays give away.
        """
        small = self.manifest.first_pass
        if small and self.shape_prior and (located := self._by_small_pass(frame, small)):
            return located
        first = self._seen(frame.pixels)
        head = self._find_head(first)
        if head is None and (image := _image(frame))[1].size < _LITTLE * frame.pixels.size:
            first = self._on_part(*image)
            head = self._find_head(first)
        place = head or HeadFrame.whole(frame.width, frame.height)
        pixels = place.apply(frame.pixels)
        second = self._second_pass(pixels, head, first) if head else None
        if second and self.manifest.average_passes:
            second = average_passes(first, second, self._points)
        return self._located(frame, head is not None, place, pixels, second or first)

    def follow(self, frame: Frame, before: Located) -> Located:
        """Locate the structures of a loop's next frame, in one pass where the frame before it has its head.

        The head frame stays where it is while the head does, so that boxes on a still do not wander with it. From the
        start, as `locate` does, where the frame before had no head, or where much less is seen than there.

        Parameters
        ----------
        frame
            With its overlay hidden, of the size of the one before.
        before
            What was made of a frame shortly before.
        """
        edges, scores = _edges_and_scores(before)
        place = _head_frame(self._pose(edges, scores >= self._points * _FAINT)) if before.found else None
        if place is None:
            return self.locate(frame)
        place = before.place if place.is_near(before.place) else place
        pixels = place.apply(frame.pixels)
        best = self._in_head_frame(pixels, place)
        if best.scores.sum() < _MUCH_LESS * scores.sum():
            return self.locate(frame)
        return self._located(frame, True, place, pixels, best)

    def visible_boxes(self, located: Located) -> dict[Structure, Box]:
        """The boxes of the structures whose scores reach their operating points, frame pixels."""
        points = self.manifest.operating_points
        return {found.structure: found.box for found in located.detections if found.score >= points[found.structure]}

    def head_frame_of(self, boxes: Mapping[Structure, Box]) -> HeadFrame | None:
        """Where the head frame lies by boxes that are known, turned upright, or None where these do not say."""
        edges = np.array([boxes[each].xyxy if each in boxes else (0.0,) * 4 for each in STRUCTURES])
        known = np.array([each in boxes for each in STRUCTURES])
        pose = self._pose(edges, known)
        place = _head_frame(pose)
        return place and _upright(place, pose)

    def upright(self, located: Located) -> HeadFrame:
        """The head frame of a frame whose structures are located, turned upright by the boxes that are seen."""
        if not located.found:
            return located.place
        edges, scores = _edges_and_scores(located)
        return _upright(located.place, self._pose(edges, scores >= self._points * _FAINT))

    def _by_small_pass(self, frame: Frame, size: tuple[int, int]) -> Located | None:
        """What a first pass at a smaller input leads to; None without a head, or where the second sees much less."""
        first = self._on_part(*_image(frame), size)
        head = self._find_head(first)
        if head is None:
            return None
        pixels = head.apply(frame.pixels)
        best = self._second_pass(pixels, head, first)
        return self._located(frame, True, head, pixels, best) if best else None

    def _located(
        self, frame: Frame, found: bool, place: HeadFrame, pixels: NDArray[np.uint8], best: Candidates
    ) -> Located:
        return Located(frame, found, place, pixels, self.detections(best, frame.width, frame.height))

    def _seen(self, pixels: NDArray[np.uint8], size: tuple[int, int] | None = None) -> Candidates:
        """The place of each structure on some pixels, in their own."""
        return self.best(self.network.candidates(pixels, self.candidate_count, size))

    def _find_head(self, first: Candidates) -> HeadFrame | None:
        return _head_frame(self._pose(first.edges[:, 0], first.scores[:, 0] >= self._points * _FAINT))

    def _pose(self, edges: NDArray[np.floating], known: NDArray[np.bool_]) -> HeadPose | None:
        return self.shape_prior.pose(edges, known) if self.shape_prior else None

    def _on_part(
        self, corner: tuple[int, int], pixels: NDArray[np.uint8], size: tuple[int, int] | None = None
    ) -> Candidates:
        """A pass over a part of a picture whose left upper corner lies there, in pixels of the whole."""
        found = self._seen(pixels, size)
        return replace(found, edges=found.edges + np.array(corner * 2, np.float32))

    def _second_pass(self, pixels: NDArray[np.uint8], head: HeadFrame, first: Candidates) -> Candidates | None:
        """The pass over a head frame, None where it sees much less than the first."""
        found = self._in_head_frame(pixels, head)
        return None if found.scores.sum() < _MUCH_LESS * first.scores.sum() else found

    def _in_head_frame(self, pixels: NDArray[np.uint8], head: HeadFrame) -> Candidates:
        """The pass over a head frame, in frame pixels."""
        found = self._on_part(*self._middle(pixels), self.manifest.second_pass)
        edges, spreads = head.to_frame(found.edges).astype(np.float32), found.spreads / np.float32(head.scale)
        return replace(found, edges=edges, spreads=spreads[..., [2, 1, 0, 3]] if head.mirrored else spreads)

    def _middle(self, pixels: NDArray[np.uint8]) -> tuple[tuple[int, int], NDArray[np.uint8]]:
        """The left upper corner and the pixels of what the second pass is shown of the head frame."""
        if self.manifest.second_pass is None:
            return (0, 0), pixels
        scale = Letterbox.fit(WIDTH, HEIGHT, *self.network.size).scale
        width, height = (round(side / scale) for side in self.manifest.second_pass)
        left, top = max((WIDTH - width) // 2, 0), max((HEIGHT - height) // 2, 0)
        return (left, top), pixels[top : top + height, left : left + width]

    @cached_property
    def _points(self) -> NDArray[np.float64]:
        return np.array([self.manifest.operating_points[structure] for structure in STRUCTURES])

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
        return choose(candidates, self.shape_prior, self._points)

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


def _head_frame(pose: HeadPose | None) -> HeadFrame | None:
    return HeadFrame.around(pose) if pose and pose.zoom_spread <= _UNCERTAIN else None


def _upright(place: HeadFrame, pose: HeadPose | None) -> HeadFrame:
    if pose is None or (pose.face is Face.RIGHT) is not place.mirrored or abs(pose.roll) > MOST_ROLL:
        return place
    return replace(place, roll=pose.roll)


def _edges_and_scores(located: Located) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the nine detections: ``float64[9, 4]`` in frame pixels, and ``float64[9]``."""
    detections = located.detections
    return np.array([found.box.xyxy for found in detections]), np.array([found.score for found in detections])


def _image(frame: Frame) -> tuple[tuple[int, int], NDArray[np.uint8]]:
    """The left upper corner and the pixels of the ultrasound image, where it is known; else of the whole frame."""
    if frame.sector is None or not frame.sector.any():
        return (0, 0), frame.pixels
    rows, columns = mask_bounds(frame.sector)
    return (columns.start, rows.start), frame.pixels[rows, columns]


def _box_on_frame(edges: list[float], width: int, height: int) -> Box:
    """The box cut to the frame, at least a pixel on a side."""
    x1, x2 = _cut(edges[0], edges[2], width)
    y1, y2 = _cut(edges[1], edges[3], height)
    return Box(x1, y1, x2, y2)


def _cut(low: float, high: float, size: int) -> tuple[float, float]:
    low = min(max(low, 0.0), size - _MIN_SIDE_PX)
    return low, min(max(high, low + _MIN_SIDE_PX), float(size))
