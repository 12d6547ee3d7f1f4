"""Places of a frame that show none of the nine structures, near enough to them to be hard to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.reading import Box

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np

__all__ = ["backgrounds"]

_FARTHEST = 1.5
_MOST_SHARED = 0.1
_TRIES = 30


def backgrounds(boxes: Collection[Box], width: int, height: int, count: int, rng: np.random.Generator) -> list[Box]:
    """Boxes of a frame moved to where they hold none of the structures.

    Parameters
    ----------
    boxes
        The boxes of the frame.
    width, height
        The frame's size, pixels.
    count
        How many to find; a crowded frame may have fewer.
    rng
        Draws the box, and by how much of its sides it moves, at most one and a half.

    Returns
    -------
    Boxes that lie on the frame and overlap no box by more than an IoU of 0.1.
    """
    found: list[Box] = []
    given = list(boxes)
    for _ in range(_TRIES):
        if len(found) == count:
            break
        start = given[rng.integers(len(given))]
        x, y = rng.uniform(-_FARTHEST, _FARTHEST, 2) * (start.width, start.height)
        moved = Box(start.x1 + x, start.y1 + y, start.x2 + x, start.y2 + y)
        on_frame = moved.x1 >= 0 and moved.y1 >= 0 and moved.x2 <= width and moved.y2 <= height
        if on_frame and all(moved.iou(box) <= _MOST_SHARED for box in given):
            found.append(moved)
    return found
