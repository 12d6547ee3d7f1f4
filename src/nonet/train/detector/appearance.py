"""A training picture as another machine might show it: one change of grey or texture, its kind and strength drawn.

One random change a picture, after TrivialAugment (Mueller and Hutter, ICCV 2021), which did better on ultrasound than
policies made for it (arXiv 2501.13193). Black, which surrounds the sector, stays black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nonet.frames import picture_changes as change

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

__all__ = ["other_appearance", "other_sector"]

_KNOTS = 6
"""Of the random grey curve."""
_CUT, _LEAN = 0.22, 0.35
"""The most of a side that a sector leaves out, and the most that its sides lean by, as a share of the height."""


def other_appearance(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The picture with one change of a random kind and strength.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    rng
        Draws kind and strength.
    """
    kind = _KINDS[int(rng.integers(len(_KINDS)))]
    return kind(pixels, rng)


def other_sector(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """``bool[H, W]``: what another machine's sector, or a tighter crop, would leave of a picture."""
    height, width = shape
    left, right, top, bottom = rng.uniform(0, _CUT, 4) * (width, width, height, height)
    to_left, to_right = rng.uniform(0, _LEAN, 2) * height
    down = np.linspace(1, 0, height)[:, None]
    x, y = np.arange(width), np.arange(height)[:, None]
    across = (x >= left + to_left * down) & (x < width - right - to_right * down)
    inside: NDArray[np.bool_] = across & (y >= top) & (y < height - bottom)
    return inside


def _curve(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Grey by a random rising curve."""
    rises = np.cumsum(rng.uniform(0.1, 1, _KNOTS))
    table = np.interp(np.arange(256), np.linspace(0, 255, _KNOTS + 1), np.concatenate([[0], rises / rises[-1] * 255]))
    table[0] = 0
    greys: Pixels = np.rint(table).astype(np.uint8)[pixels]
    return greys


def _uneven(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Gain that changes slowly over the picture, as depth gain is set."""
    gains = Image.fromarray(rng.uniform(0.6, 1.4, (3, 3)).astype(np.float32))
    field = np.asarray(gains.resize(pixels.shape[::-1], Image.Resampling.BILINEAR))
    greys: Pixels = np.rint(pixels * field).clip(0, 255).astype(np.uint8)
    return greys


def _coarse(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Fewer lines than the picture has rows and columns: made smaller, then as large as before."""
    height, width = pixels.shape
    share = rng.uniform(0.35, 0.8)
    return change.resized(change.zoomed(pixels, share), (width, height))


_KINDS: tuple[Callable[[Pixels, np.random.Generator], Pixels], ...] = (
    _curve,
    _uneven,
    _coarse,
    lambda pixels, rng: change.with_dynamic_range(pixels, float(np.exp(rng.uniform(np.log(0.65), np.log(1.5))))),
    lambda pixels, rng: change.sharpened(pixels, rng.uniform(0.2, 1.5)),
    lambda pixels, rng: change.blurred(pixels, rng.uniform(0.3, 2.0)),
    lambda pixels, rng: change.speckled(pixels, rng.uniform(1, 12), rng, grain=rng.uniform(0.4, 1.8)),
    lambda pixels, rng: change.compressed(pixels, int(rng.integers(20, 90))),
)
