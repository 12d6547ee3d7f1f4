"""Sums over square cells of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cell_sums"]


def cell_sums(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Sums over cells of ``side`` x ``side``, exact for whole numbers; beyond the lower and right border nothing is.

    Parameters
    ----------
    values
        ``float32[H, W]``.
    side
        Of a cell.

    Returns
    -------
    ``float32[ceil(H / side), ceil(W / side)]``.
    """
    height, width = values.shape
    padded = np.pad(values, ((0, -height % side), (0, -width % side)))
    rows = padded.reshape(-1, side, padded.shape[1]).sum(axis=1)
    return np.asarray(sum(rows[:, offset::side] for offset in range(side)), np.float32)
