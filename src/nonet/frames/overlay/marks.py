"""Find the fine marks that a machine draws on an image: text, callipers, ruler dots and ticks, thin lines.

Drawn strokes change within one pixel. Echoes cannot: scan conversion and the lateral width of the
beam spread them over several pixels of a row. So a mark is where the second difference along the
row is far above what the image itself shows, and the pixel stands out from both its sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames.sliding import closing, maximum, minimum, opening

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fine_marks"]

_STROKE = 7
"""Pixels: the widest stroke that counts as one, plus its surround."""
_LEAST_SHARPNESS = 16
_LEAST_SHARPNESS_DOWN = 96
_SHARPNESS_OVER_IMAGE = 3.0
_IMAGE_LEVEL = 25
_LEAST_CONTRAST = 14
_LETTER_GAP = 9
_LINE_GAP = 3


def fine_marks(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Text, callipers, ruler and thin lines, letters of a word joined and one pixel around them.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.

    Returns
    -------
    ``bool[H, W]``.
    """
    return _joined(_strokes(pixels))


def _strokes(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels of strokes: across rows with the usual sharpness, across columns with that of a drawn line."""
    turned = np.ascontiguousarray(grey.T)
    return _sharp(grey, _LEAST_SHARPNESS) | _sharp(turned, _LEAST_SHARPNESS_DOWN).T


def _sharp(grey: NDArray[np.uint8], least: int) -> NDArray[np.bool_]:
    """Pixels that change sharply along their row, and stand out from both sides."""
    sharpness = _second_difference(grey.astype(np.int16))
    background = closing(grey, _STROKE, axis=1)
    stands_out = _contrasts(grey - opening(grey, _STROKE, axis=1), grey)
    stands_out |= _contrasts(background - grey, background)
    return stands_out & (sharpness >= _threshold(sharpness, grey, least))


def _contrasts(difference: NDArray[np.uint8], brighter: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a difference is at least 14 levels and at least a quarter of the brighter level."""
    return (difference >= _LEAST_CONTRAST) & (difference >= brighter >> 2)


def _second_difference(grey: NDArray[np.int16]) -> NDArray[np.int16]:
    """``|2 x - left - right|`` of each pixel of a row; at the border the last pixel repeats."""
    padded = np.pad(grey, ((0, 0), (1, 1)), mode="edge")
    difference: NDArray[np.int16] = np.abs(2 * grey - padded[:, :-2] - padded[:, 2:])
    return difference


def _threshold(sharpness: NDArray[np.int16], grey: NDArray[np.uint8], least: int) -> int:
    """How sharp a mark must be: three times the 90th percentile of what is not black, most of it image."""
    image = sharpness[::2][grey[::2] > _IMAGE_LEVEL]
    usual = float(np.percentile(image, 90)) if image.size else 0.0
    return round(max(least, _SHARPNESS_OVER_IMAGE * usual))


def _joined(strokes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Strokes with the gaps between letters closed, and a pixel around."""
    grown = maximum(maximum(strokes, _LETTER_GAP, axis=1), _LINE_GAP, axis=0)
    return minimum(grown, _LETTER_GAP - 2, axis=1)
