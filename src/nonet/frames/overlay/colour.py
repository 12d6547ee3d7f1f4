"""Find what a machine drew in colour on an image that is grey, or tinted as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["coloured_pixels"]

_LEVELS = 32
_LEAST_DIFFERENCE = 40
_MOST_OF_IMAGE = 0.5
_FAR_OFF = 8


def coloured_pixels(rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Pixels whose colour differs from the tint of the image, or None if there are none.

    Many machines tint the whole image, dark greys otherwise than light ones. So the differences
    red - green and blue - green are compared with a smooth curve over brightness, fitted to their
    medians. Colour flow inside the image counts as colour: it is no echo. Where most of what is
    not black differs, the colours are a map of grey levels and nothing is drawn in colour.

    Parameters
    ----------
    rgb
        ``uint8[H, W, 3]``.

    Returns
    -------
    ``bool[H, W]``, or None.
    """
    red, green, blue = (rgb[..., channel].astype(np.int16) for channel in range(3))
    differences = [red - green, blue - green]
    if all(np.abs(difference).max() < _LEAST_DIFFERENCE for difference in differences):
        return None
    level = np.maximum(np.maximum(red, green), blue) >> 3
    found = np.zeros(green.shape, np.bool_)
    for difference in differences:
        found |= np.abs(difference - _tint(difference[::3, ::3], level[::3, ::3])[level]) >= _LEAST_DIFFERENCE
    share = float(found.sum()) / max(1.0, float((level > 1).sum()))
    return found if 0 < share < _MOST_OF_IMAGE else None


def _tint(difference: NDArray[np.int16], level: NDArray[np.int16]) -> NDArray[np.int16]:
    """The usual difference at each of 32 levels: ``a x + b x^2`` through the median of each level.

    Fitted by least squares, then thrice more with less weight on levels far off, because a level
    at which little is echo may have the drawn colour for its median.
    """
    counts = np.bincount((level.ravel() * 511 + difference.ravel() + 255).astype(np.intp), minlength=_LEVELS * 511)
    totals = counts.reshape(_LEVELS, 511).cumsum(axis=1)
    medians = (totals * 2 >= totals[:, -1:]).argmax(axis=1) - 255.0
    x = np.arange(_LEVELS) / _LEVELS
    terms = np.stack([x, x**2], axis=1)
    weights = population = np.sqrt(totals[:, -1])
    curve = np.zeros(_LEVELS)
    for _ in range(4):
        coefficients, *_ = np.linalg.lstsq(terms * weights[:, None], medians * weights, rcond=None)
        curve = terms @ coefficients
        weights = population / (1 + ((medians - curve) / _FAR_OFF) ** 2)
    return np.rint(curve).astype(np.int16)
