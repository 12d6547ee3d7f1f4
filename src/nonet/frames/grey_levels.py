"""Warn of a frame that uses few grey levels: values of 8 bits in samples of 16 come out black."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["few_grey_levels"]

_FEW = 16


def few_grey_levels(pixels: NDArray[np.uint8], stored_bits: int) -> tuple[str, ...]:
    """A warning if a frame of samples of more than 8 bits uses at most 16 grey levels.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    stored_bits
        Bits of a sample in the file.
    """
    if stored_bits <= 8:
        return ()
    levels = int(np.count_nonzero(np.bincount(pixels.ravel(), minlength=256)))
    if levels > _FEW:
        return ()
    return (
        f"The frame uses {levels} of 256 grey levels: its values may fill only the low end of its "
        f"{stored_bits}-bit samples",
    )
