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
    green = rgb[..., 1].astype(np.int16)
    differences = [rgb[..., 0] - green, rgb[..., 2] - green]
    if all(int(np.abs(difference).max()) < _LEAST_DIFFERENCE for difference in differences):
        return None
    level = rgb.max(axis=2) >> 3
    found = np.zeros(green.shape, np.bool_)
    for difference in differences:
        found |= np.abs(difference - _tint(difference, level)[level]) >= _LEAST_DIFFERENCE
    share = found.sum() / max(1, int((level > 1).sum()))
    return found if 0 < share < _MOST_OF_IMAGE else None


def _tint(difference: NDArray[np.int16], level: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The usual difference at each of 32 levels of brightness: ``a x + b x^2`` through weighted medians."""
    histogram, _, _ = np.histogram2d(
        level[::2].ravel(), difference[::2].ravel(), bins=(np.arange(_LEVELS + 1), np.arange(-255.5, 256))
    )
    totals = histogram.cumsum(axis=1)
    weights = np.sqrt(totals[:, -1])
    medians = (totals * 2 >= totals[:, -1:]).argmax(axis=1) - 255.0
    x = np.arange(_LEVELS) / _LEVELS
    terms = np.stack([x, x**2], axis=1)
    coefficients, *_ = np.linalg.lstsq(terms * weights[:, None], medians * weights, rcond=None)
    curve: NDArray[np.int16] = np.rint(terms @ coefficients).astype(np.int16)
    return curve
