"""What an edit of size moves: a structure that can be shown at any size, and what moves with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from nonet.simulate.edits.window import FloatArray, Window

__all__ = ["Shape", "between_knots", "smooth_step"]


class Shape(Protocol):
    """A structure in a window of its frame.

    Attributes
    ----------
    window
        Where it lies.
    zone
        ``float64[H, W]``, 0 to 1: where its speckle is drawn anew; nothing moves where it is 0.
    sharp
        ``float64[H, W]``, 0 to 1: where its lines lie, whose borders stay sharp.
    power
        Exponent of the outline that fills its box: 2 for an oval, far more for what reaches into the corners.
    """

    window: Window
    zone: FloatArray
    sharp: FloatArray
    power: float

    def displaced(self, now: float, before: float) -> FloatArray:
        """Where what is shown at size ``now`` lay at size ``before``.

        Returns
        -------
        ``float64[2, H, W]``: how far down and to the right of where it is shown, pixels.
        """
        ...


def smooth_step(values: FloatArray) -> FloatArray:
    """0 up to 0 and 1 from 1 on, smooth between."""
    share = np.clip(values, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def between_knots(places: FloatArray, knots: list[FloatArray], values: list[FloatArray]) -> FloatArray:
    """Straight between knots, and the outermost value beyond them; knots and values may differ from place to place."""
    found = values[0] + np.zeros_like(places)
    for low, high, one, other in zip(knots, knots[1:], values, values[1:], strict=False):
        share = np.clip((places - low) / np.maximum(high - low, 1e-6), 0.0, 1.0)
        found = found + share * (other - one)
    return found
