"""Speckle of a frame drawn anew: as strong as it was at each place, as coarse as it is around.

Grey is taken apart into what stays (lines, tone) and speckle. Only what stays is stretched by an edit; speckle is drawn
anew in the pixels of the frame, so that no texture shows by how much it was stretched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft, ndimage

if TYPE_CHECKING:
    from nonet.simulate.edits.window import FloatArray

__all__ = ["drawn_speckle", "fine_strength", "limited", "sharpened_to", "strength_of", "taken_apart"]

_TONE = (2.2, 4.5)
_LINES = (0.5, 2.5)
_STRENGTH_PX = 5.0
_LAGS = 20
_LEAST_AROUND = 1500
_LEAST_STRENGTH = 2.0
_FINE_PX = 1.2
_SHARE_OF_GREY = 0.15
_GAIN = (0.7, 1.5)
_ROUNDS = 3
_OUTLYING = 1.6
"""What stands out by more than about this many strengths of the speckle around it is no speckle, but an edge."""


def taken_apart(grey: FloatArray, sharp: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What stays of a window, lines, edges and tone, and its speckle; they add up to its grey.

    Parameters
    ----------
    grey
        ``float64[H, W]``.
    sharp
        ``float64[H, W]``: 1 where lines run, along which alone grey is smoothed.
    """
    tone, lines = ndimage.gaussian_filter(grey, _TONE), ndimage.gaussian_filter(grey, _LINES)
    rest = grey - (tone + sharp * (lines - tone))
    most = _OUTLYING * strength_of(rest, sharp)
    speckle = most * np.tanh(rest / most)
    return np.asarray(grey - speckle), np.asarray(speckle)


def strength_of(speckle: FloatArray, sharp: FloatArray) -> FloatArray:
    """The local standard deviation of speckle, edges and lines left out."""
    known = ndimage.gaussian_filter(1.001 - sharp, _STRENGTH_PX)
    size = np.abs(speckle)
    found = np.full_like(size, np.inf)
    for _ in range(_ROUNDS):
        kept = np.minimum(size, _OUTLYING * found) * (1.001 - sharp)
        found = ndimage.gaussian_filter(kept, _STRENGTH_PX) / known
    return np.asarray(1.25 * found + 1e-3)


def drawn_speckle(speckle: FloatArray, strength: FloatArray, zone: FloatArray, rng: np.random.Generator) -> FloatArray:
    """New speckle of unit strength with the autocovariance of what lies outside a zone (inside it, if that is little).

    Parameters
    ----------
    speckle, strength
        ``float64[H, W]``: the window's, and how strong it is at each place. Where it is hardly stronger than the steps
        of grey, it says nothing of how coarse speckle is.
    zone
        ``float64[H, W]``, 0 to 1: where speckle is drawn anew.
    rng
        Draws it.
    """
    even = speckle / strength
    seen = strength > min(_LEAST_STRENGTH, float(np.percentile(strength, 75)))
    around = seen & (zone < 0.05)
    mask = (around if around.sum() >= _LEAST_AROUND else seen).astype(np.float64)
    shape = tuple(fft.next_fast_len(side + 2 * _LAGS, real=True) for side in even.shape)
    spectrum = _spectrum(even * mask, mask, shape)
    white = rng.standard_normal(shape)
    drawn = fft.irfft2(fft.rfft2(white) * np.sqrt(spectrum), shape)[: even.shape[0], : even.shape[1]]
    return np.asarray(drawn / drawn.std())


def limited(strength: FloatArray, lasting: FloatArray) -> FloatArray:
    """The strength of speckle where it is drawn: there is little of it on black, as a machine shows none there."""
    return np.asarray(np.minimum(strength, _SHARE_OF_GREY * np.maximum(lasting, 0) + 1.0))


def sharpened_to(grey: FloatArray, fine: FloatArray, zone: FloatArray) -> FloatArray:
    """Grey whose finest detail is as strong as ``fine`` says at each place of a zone."""
    gain = np.clip(fine / fine_strength(grey), *_GAIN)
    return np.asarray(grey + zone * (gain - 1) * _detail(grey))


def fine_strength(grey: FloatArray) -> FloatArray:
    """How strong the finest detail of grey is at each place, edges and all."""
    return np.asarray(np.sqrt(np.maximum(ndimage.gaussian_filter(_detail(grey) ** 2, _STRENGTH_PX), 1e-4)))


def _detail(grey: FloatArray) -> FloatArray:
    return np.asarray(grey - ndimage.gaussian_filter(grey, _FINE_PX))


def _spectrum(values: FloatArray, mask: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Power spectrum of masked values, from their autocovariance up to a few lags."""
    pairs = fft.irfft2(np.abs(fft.rfft2(mask, shape)) ** 2, shape)
    covariance = fft.irfft2(np.abs(fft.rfft2(values, shape)) ** 2, shape) / np.maximum(pairs, 1.0)
    far = [np.minimum(np.arange(side), side - np.arange(side)) for side in shape]
    taper = np.outer(*(np.cos(np.pi / 2 * np.minimum(one / _LAGS, 1.0)) ** 2 for one in far))
    return np.asarray(np.maximum(fft.rfft2(covariance * taper).real, 0.0))
