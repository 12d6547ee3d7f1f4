"""A frame as some other hospital might show it, drawn at random: what a grader is trained on besides the frame.

The amounts that `nonet.evaluate.robustness.TWINS` evaluates are never drawn, nor what lies close to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.frames import picture_changes as change

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

__all__ = ["random_twin"]

_NEAR = 0.03
"""How far from an evaluated amount, as a share of it, an amount is at least."""

_SHARE, _SHARE_RANGE, _SHARE_RESOLUTION = 0.4, 0.6, 0.8
"""How often a change is made, dynamic range and resolution more often: a grader leans on how sharp a picture is, and on
its contrast, where frames that were filed as good ones are sharper than others."""

_SHARE_BLURRED = 0.7
"""How many of the pictures of another resolution are blurred; the others are sharpened."""


def random_twin(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The frame at another size, turned, in other grey, and sharper or less so.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    rng
        Draws which changes are made, and their amounts.

    Returns
    -------
    ``uint8[H', W']``.
    """
    changes: tuple[tuple[float, Callable[[Pixels], Pixels]], ...] = (
        (_SHARE, change.mirrored),
        (_SHARE, lambda picture: change.rotated(picture, _sign(rng) * _amount(rng, 1, 15, (5, 10)))),
        (_SHARE, lambda picture: _zoom(picture, rng)),
        (_SHARE, lambda picture: change.with_gain(picture, _ratio(rng, 0.65, 1.4, (0.8, 1.2)))),
        (_SHARE, lambda picture: change.with_gamma(picture, _ratio(rng, 0.65, 1.5, (0.8, 1.25)))),
        (_SHARE_RANGE, lambda picture: change.with_dynamic_range(picture, _ratio(rng, 0.7, 1.4, (0.8, 1.2)))),
        (_SHARE_RESOLUTION, lambda picture: _resolution(picture, rng)),
        (_SHARE, lambda picture: change.speckled(picture, _amount(rng, 1, 10, (6,)), rng, grain=rng.uniform(0.4, 1.5))),
        (_SHARE, lambda picture: change.compressed(picture, round(_amount(rng, 30, 90, (50,))))),
    )
    wanted = rng.random(len(changes))
    for (share, one), drawn in zip(changes, wanted, strict=True):
        if drawn < share:
            pixels = one(pixels)
    return np.ascontiguousarray(pixels)


def _zoom(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    factor = _ratio(rng, 0.5, 1.6, (0.6, 0.68, 0.8, 1.25, 1.5))
    if factor < 1 and rng.random() < 0.5:
        return change.on_black(pixels, factor)
    return change.zoomed(pixels, factor)


def _resolution(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    if rng.random() < _SHARE_BLURRED:
        return change.blurred(pixels, _amount(rng, 0.4, 2.2, (1.0, 1.5)))
    return change.sharpened(pixels, rng.uniform(0.2, 1.2))


def _sign(rng: np.random.Generator) -> float:
    return float(rng.choice((-1.0, 1.0)))


def _ratio(rng: np.random.Generator, low: float, high: float, left_out: tuple[float, ...]) -> float:
    """A factor, even on a logarithmic scale."""
    return _drawn(lambda: float(np.exp(rng.uniform(np.log(low), np.log(high)))), left_out)


def _amount(rng: np.random.Generator, low: float, high: float, left_out: tuple[float, ...]) -> float:
    return _drawn(lambda: float(rng.uniform(low, high)), left_out)


def _drawn(draw: Callable[[], float], left_out: tuple[float, ...]) -> float:
    """The first draw that lies close to none of the amounts that are left out."""
    while True:
        value = draw()
        if all(abs(value - one) > _NEAR * one for one in left_out):
            return value
