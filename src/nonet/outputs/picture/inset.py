"""The nose enlarged: a second view where its small structures would be hard to tell apart in the first."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.outputs.picture.enlarged_view import View
from nonet.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.reading import Finding, ImageSize

__all__ = ["INSET_HEIGHT", "NOSE", "nose_view"]

NOSE = (Structure.NASAL_TIP, Structure.NASAL_SKIN, Structure.NASAL_BONE)
"""The three that crowd together: about 30 x 10 pixels each, touching or overlapping."""

INSET_HEIGHT = 210
"""The most that the second view takes, sheet pixels."""

_READABLE_HEIGHT = 28
_WIDTH, _HEIGHT = 480, INSET_HEIGHT
_LARGEST_SCALE = 8.0


def nose_view(findings: Sequence[Finding], image: ImageSize, scale: float, left: int, top: int) -> View | None:
    """A view of the nose at ``left``, ``top`` of the sheet, or None where the main view shows it well.

    It is wanted where a visible structure of the nose is lower than 28 pixels in the main view, or
    two of them overlap.

    Parameters
    ----------
    findings
        Of the whole reading.
    image
        Size of the frame.
    scale
        Sheet pixels per frame pixel in the main view.
    left, top
        Sheet pixels.
    """
    boxes = [finding.box for finding in findings if finding.structure in NOSE and finding.box is not None]
    if not _crowded(boxes, scale):
        return None
    part = _part(boxes, image)
    larger = min(_WIDTH / part.width, _HEIGHT / part.height, max(_LARGEST_SCALE, scale))
    return View(part, larger, left, top)


def _crowded(boxes: Sequence[Box], scale: float) -> bool:
    low = any(box.height * scale < _READABLE_HEIGHT for box in boxes)
    return low or any(one.iou(other) > 0 for one, other in combinations(boxes, 2))


def _part(boxes: Sequence[Box], image: ImageSize) -> Box:
    """The boxes with half their extent around them, in the shape of the inset, within the frame."""
    x1, y1 = min(box.x1 for box in boxes), min(box.y1 for box in boxes)
    x2, y2 = max(box.x2 for box in boxes), max(box.y2 for box in boxes)
    width = max(2 * (x2 - x1), 2 * (y2 - y1) * _WIDTH / _HEIGHT)
    left, right = _within((x1 + x2) / 2, width, image.width)
    upper, lower = _within((y1 + y2) / 2, width * _HEIGHT / _WIDTH, image.height)
    return Box(left, upper, right, lower)


def _within(middle: float, extent: float, limit: int) -> tuple[float, float]:
    extent = min(extent, limit)
    start = min(max(middle - extent / 2, 0.0), limit - extent)
    return start, start + extent
