"""The nine structures through a loop: what was measured on each frame, and the tracks that come of it.

The smoother runs over parts of a loop that overlap, so that its cost and memory grow no faster than the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES
from nonet.cine.loop import Track, TrackBox
from nonet.cine.smoother import Movement, smooth
from nonet.reading import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.detect.shape_prior import ShapePrior
    from nonet.reading import Finding, Reading

__all__ = ["BoxRow", "tracks_of"]

_PART, _OVERLAP = 256, 32
_TO_SD = 1 / 1.6449
"""From the half-width of a 90 % band to a standard deviation."""
_UNKNOWN_SHARE = 0.05
"""How far off an edge is likely to be, as a share of its box's side, where the detector does not say."""
_DECIMALS = 2
_PX_PER_UNIT = 84.0


class BoxRow:
    """The boxes of one frame: ``float32[9, 4]`` edges and standard deviations, NaN where a structure is not seen.

    Parameters
    ----------
    reading
        Of the frame, or of the one that it is a copy of.
    """

    __slots__ = ("edges", "face", "sd")

    def __init__(self, reading: Reading) -> None:
        self.face = reading.face
        self.edges = np.full((len(STRUCTURES), 4), np.nan, np.float32)
        self.sd = np.full((len(STRUCTURES), 4), np.nan, np.float32)
        for row, found in enumerate(reading.findings):
            if found.box:
                self.edges[row] = found.box.xyxy
                self.sd[row] = _sd_of(found)


def _sd_of(found: Finding) -> NDArray[np.float64]:
    assert found.box is not None
    if found.edge_bands_px is not None:
        return np.array(found.edge_bands_px) * _TO_SD
    return _UNKNOWN_SHARE * np.array([found.box.width, found.box.height] * 2)


def tracks_of(
    rows: Sequence[BoxRow],
    measured: Sequence[bool],
    steps: Sequence[int],
    prior: ShapePrior | None,
    size: tuple[int, int],
) -> tuple[Track, ...]:
    """A track for each structure.

    Parameters
    ----------
    rows
        One a frame.
    measured
        Whether a frame's row is its own; a copied one says that a structure is there, not where.
    steps
        Frames from the frame before; more than one where frames were lost.
    prior
        The bundle's shape prior.
    size
        Width and height of the frames, pixels: no box leaves them.
    """
    boxes: list[list[TrackBox]] = [[] for _ in STRUCTURES]
    for start in range(0, len(rows), _PART):
        first, last = max(start - _OVERLAP, 0), min(start + _PART + _OVERLAP, len(rows))
        edges, sd = _smoothed(rows[first:last], measured[first:last], steps[first:last], prior)
        for number in range(start, min(start + _PART, len(rows))):
            for structure in np.flatnonzero(~np.isnan(rows[number].edges[:, 0])):
                own = edges[number - first, structure]
                if not np.isnan(own).any():
                    spread = sd[number - first, structure]
                    boxes[structure].append(_box(number, own, spread, measured[number], size))
    return tuple(map(Track, STRUCTURES, map(tuple, boxes)))


def _smoothed(
    rows: Sequence[BoxRow], measured: Sequence[bool], steps: Sequence[int], prior: ShapePrior | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges and standard deviations ``float64[T, 9, 4]``."""
    edges = np.array(
        [row.edges if own else np.full_like(row.edges, np.nan) for row, own in zip(rows, measured, strict=True)],
        np.float64,
    )
    if np.isnan(edges).all():
        return edges, edges
    sd = np.array([row.sd for row in rows], np.float64)
    found = smooth(edges, sd, np.array(steps, np.float64), _movement(rows, edges, prior))
    return found.edges, found.sd


def _movement(rows: Sequence[BoxRow], edges: NDArray[np.float64], prior: ShapePrior | None) -> Movement:
    known = ~np.isnan(edges[:, :, 0])
    middle = np.array(
        [
            np.median(edges[seen, place], axis=0) if seen.any() else np.full(4, np.nan)
            for place, seen in enumerate(known.T)
        ]
    )
    seen = ~np.isnan(middle[:, 0])
    middle[~seen] = np.median(middle[seen], axis=0)
    pose = prior.pose(middle, seen) if prior else None
    faces = [row.face for row in rows if row.face]
    face = pose.face if pose else Face.RIGHT if faces.count(Face.RIGHT) * 2 > len(faces) else Face.LEFT
    return Movement.of(middle, prior, pose.px_per_unit if pose else _PX_PER_UNIT, face)


def _box(
    number: int, edges: NDArray[np.float64], sd: NDArray[np.float64], measured: bool, size: tuple[int, int]
) -> TrackBox:
    limits = np.array(size * 2, np.float64)
    low = np.clip(edges[:2], 0, limits[:2] - 1)
    high = np.clip(edges[2:], low + 1, limits[2:])
    x1, y1, x2, y2 = np.round(np.concatenate([low, high]), _DECIMALS).tolist()
    a, b, c, d = np.round(sd, _DECIMALS).tolist()
    return TrackBox(number, (x1, y1, x2, y2), (a, b, c, d), measured)
