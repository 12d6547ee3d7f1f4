"""Which structures a posed picture shows, and their boxes in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES, Structure
from nonet.reading import Box
from nonet.simulate.head.curves import resample
from nonet.simulate.head.pose import Pose
from nonet.simulate.head.scene import FloatArray
from nonet.simulate.head.sketch import Sketch
from nonet.simulate.scanner.grid import PolarGrid

__all__ = ["boxes_in_view"]

_STEP_MM = 0.02
_ENOUGH = 0.5


def boxes_in_view(head: Sketch, pose: Pose, grid: PolarGrid, least: float = _ENOUGH) -> dict[Structure, Box]:
    """The box of each structure that was drawn and of whose outline a least share lies in image and fan.

    The box is the extent of the outline, cut where image or fan end.
    """
    boxes = {}
    for structure in STRUCTURES:
        if structure not in head.absent:
            outline = head.outlines[structure]
            closed = resample(np.vstack((outline, outline[:1])), _STEP_MM)
            seen = _in_view(pose.millimetres(closed), pose, grid)
            if seen.mean() >= least:
                boxes[structure] = _extent(pose.pixels(closed[seen]))
    return boxes


def _in_view(points: FloatArray, pose: Pose, grid: PolarGrid) -> NDArray[np.bool_]:
    """Whether points in mm lie in the image and in the fan, ``bool[n]``."""
    width, height = pose.width * pose.mm_per_px, pose.height * pose.mm_per_px
    line, depth = grid.indices(points)
    inside = (points >= 0).all(axis=1) & (points[:, 0] <= width) & (points[:, 1] <= height)
    return np.asarray(inside & (line >= 0) & (line <= grid.shape[1] - 1) & (depth >= 0))


def _extent(points: FloatArray) -> Box:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
