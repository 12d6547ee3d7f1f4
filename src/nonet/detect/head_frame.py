"""The head frame: the part of a frame that shows the head, at one scale whatever the zoom, the face to the left.

What is measured there is measured alike at any zoom; boxes go to and fro. For features it is turned upright, too: the
head's roll is undone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nonet.frames.window import resampled_window
from nonet.reading import Box, Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.detect.head_alignment import Alignment

__all__ = ["HEAD_SCALE", "HEIGHT", "MOST_ROLL", "WIDTH", "HeadFrame", "HeadPose"]

HEAD_SCALE = 84.0
"""Pixels of the head frame to a head unit: the median of Set1 of the Fetus Framework data, so that what was measured
at home stays nearly as it was."""

WIDTH, HEIGHT = 680, 476
"""Of the head frame, pixels: 8.1 x 5.7 head units, in the shape of the shipped detector's input."""

_CENTRE = np.array([-1.40, -0.12])
"""Its middle in head units from the head's origin: the median of the middles of Set1's frames."""
_LEAST_SCALE, _MOST_SCALE = 1 / 8, 8.0
MOST_ROLL = math.radians(50)
"""Boxes that say that a head is turned farther are wrong sooner than the head is so turned."""
_LEAST_SIDE = 1e-3
_NEAR_PX, _NEAR_ZOOM = 8.0, 0.05
"""A head frame is near another whose middle is so many of its pixels away, a tenth of a head unit, and whose scale
differs by so much, logarithm."""
_SUPPORT = 16
"""How far beyond a part the filter looks, pixels of the head frame: two pixels of the frame at most magnification."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """How a head is set in its frame.

    Attributes
    ----------
    face
        The side to which it looks, the likelier one.
    origin
        The head's origin, frame pixels.
    px_per_unit
        Frame pixels to a head unit.
    zoom_spread
        Standard deviation of the logarithm of ``px_per_unit``.
    roll
        How far the head is turned in the plane of the frame from how heads usually lie, radians, clockwise with the
        face to the left.
    """

    face: Face
    origin: tuple[float, float]
    px_per_unit: float
    zoom_spread: float
    roll: float = 0.0

    @classmethod
    def of(cls, alignment: Alignment, face: Face, zoom_spread: float, roll: float) -> HeadPose:
        """The pose that an alignment of points, turned as for a face to the left, says."""
        x, y = (alignment.shift * alignment.zoom).tolist()
        return cls(face, (x if face is Face.LEFT else -x, y), alignment.zoom, zoom_spread, roll)


@dataclass(frozen=True, slots=True)
class HeadFrame:
    """Where the head frame lies in its frame.

    Parameters
    ----------
    x, y
        The left upper corner of what it shows, frame pixels; it may lie beyond the frame.
    scale
        Its pixels to a pixel of the frame.
    mirrored
        Whether left and right change places.
    roll
        By how much what it shows is turned back about its middle, radians, anticlockwise, after the change of sides.
    """

    x: float
    y: float
    scale: float
    mirrored: bool = False
    roll: float = 0.0

    @classmethod
    def around(cls, pose: HeadPose) -> HeadFrame | None:
        """That of a head, or None where it would magnify or reduce more than eight times."""
        scale = HEAD_SCALE / pose.px_per_unit
        if not _LEAST_SCALE <= scale <= _MOST_SCALE:
            return None
        mirrored = pose.face is Face.RIGHT
        turn = np.array([-1.0 if mirrored else 1.0, 1.0])
        middle = np.array(pose.origin) + turn * _CENTRE * pose.px_per_unit
        x, y = (middle - np.array([WIDTH, HEIGHT]) / (2 * scale)).tolist()
        return cls(x, y, scale, mirrored)

    @classmethod
    def whole(cls, width: int, height: int) -> HeadFrame:
        """That of a frame in which no head was found: the frame as a whole stands in the head's place."""
        scale = min(WIDTH / width, HEIGHT / height)
        return cls((width - WIDTH / scale) / 2, (height - HEIGHT / scale) / 2, scale)

    @property
    def middle(self) -> tuple[float, float]:
        """Of what it shows, frame pixels."""
        return self.x + WIDTH / (2 * self.scale), self.y + HEIGHT / (2 * self.scale)

    def is_near(self, other: HeadFrame) -> bool:
        """Whether another shows the head nearly as this one does."""
        apart = max(abs(there - here) for here, there in zip(self.middle, other.middle, strict=True)) * self.scale
        zoom = abs(math.log(self.scale / other.scale))
        return self.mirrored is other.mirrored and apart <= _NEAR_PX and zoom <= _NEAR_ZOOM

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What it shows of a frame ``uint8[H, W]``: ``uint8[HEIGHT, WIDTH]``, black beyond the frame."""
        across, down = (math.ceil(abs(math.sin(self.roll)) * side / 2) for side in (HEIGHT, WIDTH))
        size = (WIDTH + 2 * across, HEIGHT + 2 * down)
        corner = (self.x - across / self.scale, self.y - down / self.scale)
        edges = (*corner, corner[0] + size[0] / self.scale, corner[1] + size[1] / self.scale)
        shown = resampled_window(pixels, edges, size, Image.Resampling.BICUBIC)
        shown = np.ascontiguousarray(shown[:, ::-1]) if self.mirrored else shown
        return _turned_back(shown, self.roll) if self.roll else shown

    def apply_part(self, pixels: NDArray[np.uint8], part: tuple[int, int, int, int]) -> NDArray[np.uint8]:
        """A part of what `apply` gives, at a fraction of its cost.

        Parameters
        ----------
        pixels
            ``uint8[H, W]``, of the frame.
        part
            Left, top, right, bottom in pixels of the head frame.
        """
        left, top, right, bottom = part
        if self.roll:
            return self.apply(pixels)[top:bottom, left:right]
        first, last = (WIDTH - right, WIDTH - left) if self.mirrored else (left, right)
        wide = np.array([first - _SUPPORT, top - _SUPPORT, last + _SUPPORT, bottom + _SUPPORT], np.float64)
        x1, y1, x2, y2 = (wide / self.scale + (self.x, self.y, self.x, self.y)).tolist()
        size = (last - first + 2 * _SUPPORT, bottom - top + 2 * _SUPPORT)
        shown = resampled_window(pixels, (x1, y1, x2, y2), size, Image.Resampling.BICUBIC)
        shown = shown[_SUPPORT:-_SUPPORT, _SUPPORT:-_SUPPORT]
        return np.ascontiguousarray(shown[:, ::-1]) if self.mirrored else shown

    def to_head(self, edges: NDArray[np.floating]) -> NDArray[np.float64]:
        """Edges ``[..., 4]`` (x1, y1, x2, y2) in frame pixels as head-frame pixels.

        Where the head frame is turned, the middle of a box turns and its sides stay: how an outline fills its box is
        not known.
        """
        placed = (np.asarray(edges, np.float64) - (self.x, self.y, self.x, self.y)) * self.scale
        return _moved_round(self._sides_changed(placed), -self.roll)

    def to_frame(self, edges: NDArray[np.floating]) -> NDArray[np.float64]:
        """Edges ``[..., 4]`` in head-frame pixels as frame pixels."""
        upright = _moved_round(np.asarray(edges, np.float64), self.roll)
        placed: NDArray[np.float64] = self._sides_changed(upright) / self.scale
        placed += np.array([self.x, self.y, self.x, self.y])
        return placed

    def of_units(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points ``[..., 2]`` in head units from the head's origin, the face to the left, as head-frame pixels."""
        placed: NDArray[np.float64] = (np.asarray(points, np.float64) - _CENTRE) * HEAD_SCALE
        return placed + np.array([WIDTH, HEIGHT]) / 2

    def boxes(self, boxes: Sequence[Box]) -> tuple[Box, ...]:
        """Boxes of the frame in the head frame, cut at its edges; a thousandth of a pixel at least is left."""
        edges = self.to_head(np.array([box.xyxy for box in boxes], np.float64).reshape(-1, 4))
        low = np.clip(edges[:, :2], 0, np.array([WIDTH, HEIGHT]) - _LEAST_SIDE)
        high = np.clip(edges[:, 2:], low + _LEAST_SIDE, (WIDTH, HEIGHT))
        return tuple(Box(*row) for row in np.hstack([low, high]).tolist())

    def resized(self, factor: float) -> HeadFrame:
        """The same head frame of the frame made ``factor`` times as large."""
        return HeadFrame(self.x * factor, self.y * factor, self.scale / factor, self.mirrored, self.roll)

    def _sides_changed(self, edges: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.mirrored:
            return edges
        turned: NDArray[np.float64] = np.array([WIDTH, 0, WIDTH, 0]) - edges * (1, -1, 1, -1)
        return turned[..., [2, 1, 0, 3]]


def _moved_round(edges: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Boxes ``[..., 4]`` of head-frame pixels, their middles moved clockwise about its middle, their sides kept."""
    if not angle:
        return edges
    cosine, sine = math.cos(angle), math.sin(angle)
    middle = np.array([WIDTH, HEIGHT]) / 2
    out = (edges[..., :2] + edges[..., 2:]) / 2 - middle
    half = (edges[..., 2:] - edges[..., :2]) / 2
    moved = (
        np.stack([out[..., 0] * cosine - out[..., 1] * sine, out[..., 0] * sine + out[..., 1] * cosine], -1) + middle
    )
    return np.concatenate([moved - half, moved + half], axis=-1)


def _turned_back(pixels: NDArray[np.uint8], angle: float) -> NDArray[np.uint8]:
    """The middle ``uint8[HEIGHT, WIDTH]`` of a larger picture, turned anticlockwise about its middle."""
    cosine, sine = math.cos(angle), math.sin(angle)
    across, down = pixels.shape[1] / 2, pixels.shape[0] / 2
    x, y = WIDTH / 2, HEIGHT / 2
    back = (cosine, -sine, across - x * cosine + y * sine, sine, cosine, down - x * sine - y * cosine)
    picture = Image.fromarray(pixels)
    return np.asarray(picture.transform((WIDTH, HEIGHT), Image.Transform.AFFINE, back, Image.Resampling.BICUBIC))
