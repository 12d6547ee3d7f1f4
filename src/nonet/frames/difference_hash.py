"""A short hash of a picture that hardly changes when the picture hardly does.

It compares each of 16 x 17 grey means with its right neighbour, 256 bits (N. Krawetz 2013, *Kind of like that*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COPY_BITS", "bits_apart", "difference_hash"]

COPY_BITS = 10
"""Two images that differ in so many bits or fewer are one image."""

_ROWS, _COLUMNS = 16, 17


def difference_hash(pixels: NDArray[np.uint8]) -> str:
    """The hash of grey pixels ``uint8[H, W]`` as 64 hexadecimal digits."""
    small = Image.fromarray(pixels).resize((_COLUMNS, _ROWS), Image.Resampling.LANCZOS)
    grey = np.asarray(small, np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes().hex()


def bits_apart(one: str, other: str) -> int:
    """In how many of their 256 bits two hashes differ.

    >>> bits_apart("00" * 32, "03" + "00" * 31)
    2
    """
    return (int(one, 16) ^ int(other, 16)).bit_count()
