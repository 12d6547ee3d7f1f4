"""Find the larger things that a machine draws beside or over an image: header, grey scale bar, inset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.sliding import closing, opening

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["grey_bar", "header", "insets"]

_HEADER_ROWS = 90
_HEADER_START = 25
_HEADER_LEAST = 8
_HEADER_LEVELS = (10, 70)
_HEADER_SPREAD = 9

_BAR_STEP = 14
_BAR_WIDTHS = range(6, 17)
_BAR_RUN = 45
_BAR_RIPPLE = 0.3
_BAR_UNEVEN_ROWS = 0.25
_BAR_END_FLAT = 6

_FRAME_LEVEL = 50
_FRAME_INSIDE = 14
_FRAME_TOP_RUN = 25
_FRAME_SIDE_RUN = 41
_FRAME_TO_BORDER = 40


def header(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A dark grey panel along the top, whole rows: the darker half of each has nearly one level, not black.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``; so for the other functions of this file.

    Returns
    -------
    ``bool[H, W]``; so for the other functions of this file.
    """
    found = np.zeros(pixels.shape, np.bool_)
    top = pixels[:_HEADER_ROWS].astype(np.int16) - int(np.percentile(pixels[::4, ::4], 1))
    low, middle = np.percentile(top, (10, 50), axis=1)
    is_panel = (low >= _HEADER_LEVELS[0]) & (middle <= _HEADER_LEVELS[1]) & (middle - low <= _HEADER_SPREAD)
    rows = np.flatnonzero(is_panel[:_HEADER_START])
    if rows.size:
        last = int(rows[0])
        while is_panel[last + 1 : last + 5].any():
            last += 1
        if last - rows[0] >= _HEADER_LEAST and last < _HEADER_ROWS - 10:
            found[: last + 1] = True
    return found


def grey_bar(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The grey scale bar: 6 to 16 pixels wide, straight sides over 45 rows or more, flat across."""
    grey = pixels.astype(np.int16)
    step = np.diff(np.pad(grey, ((0, 0), (1, 2))), axis=1)
    step = step[:, :-1] + step[:, 1:]
    found = np.zeros(grey.shape, np.bool_)
    rises = opening(closing(step >= _BAR_STEP, 3, axis=0), _BAR_RUN, axis=0)
    if not rises.any():
        return found
    falls = opening(closing(step <= -_BAR_STEP, 3, axis=0), _BAR_RUN, axis=0)
    for width in _BAR_WIDTHS:
        both = rises[:, :-width] & falls[:, width:]
        for left in np.flatnonzero(both.any(axis=0)):
            rows = np.flatnonzero(both[:, left])
            _fill_bar(found, grey, slice(int(rows[0]), int(rows[-1]) + 1), int(left), width)
    return found


def _fill_bar(found: NDArray[np.bool_], grey: NDArray[np.int16], rows: slice, left: int, width: int) -> None:
    """Mark a bar if its rows are flat inside, and on down to its end, which may be as dark as the ground."""
    inside = grey[rows.start : 2 * rows.stop - rows.start, left + 2 : left + width - 1]
    spread, height = np.ptp(inside, axis=1), rows.stop - rows.start
    if np.mean(spread[:height] > _BAR_RIPPLE * inside[:height].max(axis=1)) > _BAR_UNEVEN_ROWS:
        return
    beyond = np.append(spread[height:] > _BAR_END_FLAT, True)
    found[rows.start : rows.stop + int(beyond.argmax()), left : left + width + 1] = True


def insets(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Small pictures in a lower corner, set off by a thin bright line with black behind it."""
    found = np.zeros(pixels.shape, np.bool_)
    above_black = pixels.astype(np.int16) - int(np.percentile(pixels[::4, ::4], 2))
    _mark_inset_right(above_black, found)
    _mark_inset_right(above_black[:, ::-1], found[:, ::-1])
    return found


def _mark_inset_right(above_black: NDArray[np.int16], found: NDArray[np.bool_]) -> None:
    """Mark an inset in the lower right corner: all that lies right of and below its upper left corner."""
    height, width = above_black.shape
    corner = np.ascontiguousarray(above_black[height // 2 :, width // 2 :])
    top = opening(closing(_edges(corner), 5, axis=1), _FRAME_TOP_RUN, axis=1)
    if not top.any():
        return
    side = opening(closing(_edges(corner.T).T, 5, axis=0), _FRAME_SIDE_RUN, axis=0)
    starts = side & ~np.pad(side[:-1], ((1, 0), (0, 0)))
    for row, column in np.argwhere(starts):
        line = _top_line(top, side, int(row), int(column))
        if line is not None:
            found[height // 2 + line :, width // 2 + column :] = True


def _edges(above_black: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where a pixel is bright and those two and three below it are black."""
    found = np.zeros(above_black.shape, np.bool_)
    inside = np.maximum(above_black[2:-1], above_black[3:])
    found[:-3] = (above_black[:-3] >= _FRAME_LEVEL) & (inside <= _FRAME_INSIDE)
    return found


def _top_line(top: NDArray[np.bool_], side: NDArray[np.bool_], row: int, column: int) -> int | None:
    """The row of a top line that starts at the head of a side line, if both run on to near the border."""
    height, width = side.shape
    if height - int(np.flatnonzero(side[:, column])[-1]) > _FRAME_TO_BORDER:
        return None
    for line in range(max(0, row - 3), min(height, row + 4)):
        starts_here = top[line, max(0, column - 1) : column + 8].any()
        if starts_here and width - int(np.flatnonzero(top[line])[-1]) <= _FRAME_TO_BORDER:
            return line
    return None
