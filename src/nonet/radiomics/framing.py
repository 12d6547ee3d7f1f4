"""A frame of one value around an array: the neighbours of pixels at its edge."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["framed"]

T = TypeVar("T", bound=np.generic)


def framed(array: NDArray[T], *margins: tuple[int, int], value: int = 0) -> NDArray[T]:
    """Put ``(before, after)`` cells of a value around each axis, as ``numpy.pad`` does at ten times the cost."""
    shape = [length + before + after for length, (before, after) in zip(array.shape, margins, strict=True)]
    result = np.full(shape, value, dtype=array.dtype)
    result[tuple(slice(before, before + n) for n, (before, _) in zip(array.shape, margins, strict=True))] = array
    return result
