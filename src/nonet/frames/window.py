"""Windows on a frame: a part of it at another size, black where the window reaches beyond the frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nonet.errors import InputTooLarge

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["resampled_window"]

_MAX_PIXELS = 64 << 20


def resampled_window(
    pixels: NDArray[np.uint8],
    edges: tuple[float, float, float, float],
    size: tuple[int, int],
    filter: Image.Resampling = Image.Resampling.BILINEAR,  # noqa: A002
) -> NDArray[np.uint8]:
    """A window of a frame, resampled.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    edges
        x1, y1, x2, y2 of the window, frame pixels; it may reach beyond the frame.
    size
        Width and height of what is returned.
    filter
        Of Pillow; its support widens with the reduction, so that nothing is aliased.

    Returns
    -------
    ``uint8[height, width]``.

    Raises
    ------
    InputTooLarge
        If the window has more than 64 Mi pixels.
    """
    x1, y1, x2, y2 = edges
    left, top, right, bottom = math.floor(x1), math.floor(y1), math.ceil(x2), math.ceil(y2)
    height, width = pixels.shape
    if (bottom - top) * (right - left) > _MAX_PIXELS:
        raise InputTooLarge(
            f"A window on a frame has at most {_MAX_PIXELS} pixels",
            found=f"{right - left} x {bottom - top} on a frame of {width} x {height}",
            remedy="Cut the frame to its image",
        )
    cut = np.zeros((bottom - top, right - left), np.uint8)
    inner = pixels[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    y, x = max(-top, 0), max(-left, 0)
    cut[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    place = (x1 - left, y1 - top, x2 - left, y2 - top)
    return np.asarray(Image.fromarray(cut).resize(size, filter, box=place))
