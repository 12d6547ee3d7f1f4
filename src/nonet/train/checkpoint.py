"""What every training run does between steps: follow the weights with an average, and write itself to disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

__all__ = ["move_average", "write_whole"]


def move_average(average: nn.Module, network: nn.Module, decay: float, updates: int) -> None:
    """Move an average of weights towards a network's; early on it follows faster.

    Parameters
    ----------
    average, network
        Two modules of the same form; the first is changed.
    decay
        The share of the average that stays.
    updates
        How many times it was moved, this time included.
    """
    decay = min(decay, updates / (updates + 10))
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def write_whole(content: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values, so that a kill at any moment leaves the old or the new file."""
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    os.replace(partial, path)  # noqa: PTH105
