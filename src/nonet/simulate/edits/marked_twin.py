"""Twins of a real frame with the text, ruler and inset of another machine burnt in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nonet.evaluate.robustness.twins import Twin, TwinFamily
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.screen.draw_screen import draw_overlay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nonet.reading import Box
    from nonet.simulate.devices import Device

__all__ = ["marked_twins"]

_MM_PER_PX = 0.1
"""The pixel size that the ruler is drawn for; its marks stand 5 mm apart."""


def marked_twins(devices: tuple[Device, ...] = STUDY_DEVICES[-2:]) -> list[Twin]:
    """A twin for each machine: its screen drawn over the frame's own."""
    return [Twin(f"marks of {one.name}", TwinFamily.TEXTURE, partial(_marked, one), _same) for one in devices]


def _marked(device: Device, pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    return draw_overlay(pixels, device, _MM_PER_PX, rng)


def _same(box: Box, _: tuple[int, int]) -> Box:
    return box
