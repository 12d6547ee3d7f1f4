"""Take a structure out of a frame: tissue from nearby takes its place.

It is for asking whether a program sees what is not there. An erased structure is no finding of any kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve

from nonet.errors import RegionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.reading import Box

__all__ = ["erase", "erased_area"]

_MARGIN = 0.2
_LEAST_MARGIN_PX = 4.0
_RIM_PX = 3
_TRIES = 300
_REACH = 2.0
_LEAST_REACH_PX = 40.0
_TONE_PX = 6.0
"""What varies more slowly than this is tone, what varies faster is speckle."""


def erase(pixels: NDArray[np.uint8], box: Box, seed: int) -> NDArray[np.uint8]:
    """The frame without what is in a box and its margin.

    The tissue of a place nearby, that which fits the hole's rim best of many tried and is evenest itself,
    is laid into the hole; what it differs by along the rim is taken off smoothly across it (Perez,
    Gangnet & Blake 2003, *Poisson image editing*, ACM Trans Graph 22, 313-318), so that there is no seam.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    box
        What to take out; a rounded area a fifth larger on every side, and 4 pixels at least, is drawn anew.
    seed
        Chooses the places that are tried.

    Raises
    ------
    RegionError
        If the frame holds no place as large as the hole beside it.
    """
    hole = erased_area(pixels.shape, box)
    grey = pixels.astype(np.float64)
    lent = _lent(grey, hole, np.random.default_rng(seed))
    drawn = lent + _grown_over(grey - lent, hole)
    return np.where(hole, np.clip(np.rint(drawn), 0, 255), grey).astype(np.uint8)


def erased_area(shape: tuple[int, ...], box: Box) -> NDArray[np.bool_]:
    """``bool[H, W]``: the rounded area that `erase` draws anew."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    x, y = box.centre
    across, down = (side / 2 + max(_MARGIN * side, _LEAST_MARGIN_PX) for side in (box.width, box.height))
    inside: NDArray[np.bool_] = (np.abs(columns + 0.5 - x) / across) ** 4 + (np.abs(rows + 0.5 - y) / down) ** 4 <= 1
    return inside


def _grown_over(values: NDArray[np.float64], hole: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Values with each in the hole the mean of its neighbours, as Laplace's equation has it."""
    places = np.argwhere(hole)
    count = len(places)
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(count)
    system = sparse.csr_array((count, count))
    sums = np.zeros(count)
    for step in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        there = places + step
        own = np.flatnonzero(((there >= 0) & (there < hole.shape)).all(axis=1))
        beside = number[tuple(there[own].T)]
        inner = beside >= 0
        system += sparse.csr_array((np.ones(len(own)), (own, own)), shape=system.shape)
        system -= sparse.csr_array((np.ones(inner.sum()), (own[inner], beside[inner])), shape=system.shape)
        sums[own[~inner]] += values[tuple(there[own[~inner]].T)]
    grown = values.copy()
    grown[hole] = spsolve(system.tocsc(), sums)
    return grown


def _lent(grey: NDArray[np.float64], hole: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float64]:
    """The frame shifted so that what lies on hole and rim fits the rim best and is even in tone."""
    rim = ndimage.binary_dilation(hole, iterations=_RIM_PX) & ~hole
    within, around = np.argwhere(hole), np.argwhere(rim)
    tone = ndimage.gaussian_filter(grey, _TONE_PX)
    best, found = np.inf, None
    for shift in rng.uniform(-1, 1, (_TRIES, 2)) * np.maximum(_REACH * np.ptp(within, axis=0), _LEAST_REACH_PX):
        inner, outer = (places + np.rint(shift).astype(int) for places in (within, around))
        both = np.concatenate((inner, outer))
        if (both < 0).any() or (both >= grey.shape).any() or hole[tuple(inner.T)].any():
            continue
        misfit = np.abs(grey[tuple(outer.T)] - grey[tuple(around.T)]).mean()
        cost = misfit + tone[tuple(inner.T)].std()
        if cost < best:
            best, found = cost, (inner, outer)
    if found is None:
        raise RegionError(
            "What is erased leaves room beside it for tissue to take its place",
            found=f"{len(within)} pixels of a {grey.shape[1]} x {grey.shape[0]} frame",
            remedy="Erase a smaller box",
        )
    lent = np.zeros(grey.shape)
    lent[hole], lent[rim] = (grey[tuple(places.T)] for places in found)
    return lent
