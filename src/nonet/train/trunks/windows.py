"""Windows of a map of tokens, whole, padded and shifted (Liu et al. 2021, arXiv 2103.14030, section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WINDOW", "Windows", "relative_positions"]

WINDOW = 7
"""Tokens along a side of a window."""
_FAR = -100.0
"""Added to a logit, it leaves no weight: exp(-100) is nothing beside 1."""


@dataclass(frozen=True)
class Windows:
    """How a map of one size is cut.

    Parameters
    ----------
    height, width
        Tokens of the map.
    shifted
        Whether the windows lie half a window further, so that they straddle the borders of those that do not.
        A side of a single window has no borders to straddle and stays where it is.
    """

    height: int
    width: int
    shifted: bool

    def cut(self, tokens: Tensor) -> Tensor:
        """``[N, H, W, C]`` to ``[N, windows, 49, C]``, zeros where the map ends before its last window."""
        down, across = self._sides
        padded = functional.pad(tokens, (0, 0, 0, across.padding, 0, down.padding))
        if down.shift or across.shift:
            padded = torch.roll(padded, (-down.shift, -across.shift), (1, 2))
        batch, channels = int(tokens.shape[0]), int(tokens.shape[3])
        grid = padded.reshape(batch, down.windows, WINDOW, across.windows, WINDOW, channels)
        return grid.transpose(2, 3).reshape(batch, down.windows * across.windows, WINDOW**2, channels)

    def join(self, windows: Tensor) -> Tensor:
        """``[N, windows, 49, C]`` back to ``[N, H, W, C]``."""
        down, across = self._sides
        batch, channels = int(windows.shape[0]), int(windows.shape[3])
        grid = windows.reshape(batch, down.windows, across.windows, WINDOW, WINDOW, channels).transpose(2, 3)
        padded = grid.reshape(batch, down.windows * WINDOW, across.windows * WINDOW, channels)
        if down.shift or across.shift:
            padded = torch.roll(padded, (down.shift, across.shift), (1, 2))
        return padded[:, : self.height, : self.width]

    def apart(self) -> Tensor | None:
        """``float32[windows, 1, 49, 49]``: -100 between tokens that only the shift or the padding brought together.

        None where every window holds neighbours alone.
        """
        down, across = self._sides
        if not any((down.padding, across.padding, down.shift, across.shift)):
            return None
        image = (down.zones()[:, None] * 4 + across.zones()).reshape(down.windows, WINDOW, across.windows, WINDOW)
        zone = image.swapaxes(1, 2).reshape(-1, 1, WINDOW**2)
        far = zone[..., :, None] != zone[..., None, :]
        return torch.from_numpy(np.where(far, np.float32(_FAR), np.float32(0)))

    @property
    def _sides(self) -> tuple[_Side, _Side]:
        return _Side(self.height, self.shifted), _Side(self.width, self.shifted)


@dataclass(frozen=True)
class _Side:
    """One side of the map."""

    size: int
    shifted: bool

    @property
    def windows(self) -> int:
        return -(-self.size // WINDOW)

    @property
    def padding(self) -> int:
        return self.windows * WINDOW - self.size

    @property
    def shift(self) -> int:
        return WINDOW // 2 if self.shifted and self.windows > 1 else 0

    def zones(self) -> NDArray[np.int64]:
        """0 for tokens in place, 1 for padding, 2 for those that the shift carried round from the other end."""
        zone = (np.arange(self.windows * WINDOW) >= self.size).astype(np.int64)
        zone[: self.shift] = 2
        carried: NDArray[np.int64] = np.roll(zone, -self.shift)
        return carried


def relative_positions() -> Tensor:
    """``int64[49, 49]``: which of the 13 x 13 displacements lies between two tokens of a window."""
    place = torch.stack(torch.meshgrid(torch.arange(WINDOW), torch.arange(WINDOW), indexing="ij")).flatten(1)
    row, column = (place[:, :, None] - place[:, None, :]) + WINDOW - 1
    position: Tensor = row * (2 * WINDOW - 1) + column
    return position
