"""How a frame was taken, beside its anatomy: how large the head stands in it, what it cuts off, how sharp it is.

All follow from where the detector places the head; none goes into the grade of the plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.head_frame import HEAD_SCALE, HEIGHT, WIDTH
from nonet.frames.mask_bounds import mask_bounds
from nonet.frames.sliding import grown, shrunk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.detect.located import Located
    from nonet.detect.shape_prior import ShapePrior

__all__ = ["edge_margins", "magnification", "sharpness"]

_DARK, _BRIGHT = 8, 250
"""Grey levels between which differences say how sharp the picture is: fluid is nothing but noise, white is clipped."""
_LEAST_PIXELS = 500
_AROUND_OVERLAY = 5
_FROM_SECTOR_EDGE = 6


def magnification(located: Located, prior: ShapePrior) -> float:
    """How much of the frame the nine structures span, as a share of its side (the root of the share of its area)."""
    across, down = np.ptp(prior.mean.reshape(-1, 2), axis=0).tolist()
    px_per_unit = HEAD_SCALE / located.place.scale
    return float(px_per_unit * np.sqrt(across * down / located.frame.pixels.size))


def edge_margins(located: Located, prior: ShapePrior) -> dict[Structure, float]:
    """How far inside the image the place of each structure lies, in head units; negative outside of it.

    The place is where the head's pose expects the middle of the structure, seen or not; the image is the sector, or
    the whole frame where no sector was found.
    """
    rows, columns = mask_bounds(_image(located))
    low, high = np.array([[columns.start, rows.start], [columns.stop, rows.stop]], np.float64)
    places = _expected_places(located, prior)
    inside = np.minimum(places - low, high - places).min(axis=1) * located.place.scale / HEAD_SCALE
    return dict(zip(STRUCTURES, inside.tolist(), strict=True))


def sharpness(located: Located) -> float | None:
    """How fast grey changes along the beam against how fast the change changes, a logarithm; less is smoother.

    The ratio of the second difference down the frame to the first, root mean square over the head's tissue, in the
    pixels of the file. None where too little tissue is in view.
    """
    frame, place = located.frame, located.place
    height, width = frame.pixels.shape
    left, top = max(int(place.x), 0), max(int(place.y), 0)
    right = min(int(place.x + WIDTH / place.scale), width)
    bottom = min(int(place.y + HEIGHT / place.scale), height)
    if right <= left or bottom - top < 3:
        return None
    window = (slice(top, bottom), slice(left, right))
    grey = frame.pixels[window].astype(np.float32)
    tissue = _inner_tissue(located)[window]
    counted = tissue[:-2] & tissue[1:-1] & tissue[2:]
    if counted.sum() < _LEAST_PIXELS:
        return None
    first = grey[1:] - grey[:-1]
    second = first[1:] - first[:-1]
    strength = [float(np.mean(each[counted] ** 2)) for each in (first[:-1], second)]
    return float(np.log(strength[1] / strength[0]) / 2) if min(strength) > 0 else None


def _expected_places(located: Located, prior: ShapePrior) -> NDArray[np.float64]:
    """Middles ``float64[9, 2]`` of the structures by the head's pose, frame pixels."""
    middles = located.place.of_units(prior.mean.reshape(-1, 2))
    placed = located.place.to_frame(np.hstack([middles, middles]))
    return placed[:, :2]


def _image(located: Located) -> NDArray[np.bool_]:
    sector = located.frame.sector
    return sector if sector is not None and sector.any() else np.ones(located.frame.pixels.shape, np.bool_)


def _inner_tissue(located: Located) -> NDArray[np.bool_]:
    """The image but for its rim, what was drawn on it, fluid, and white."""
    frame = located.frame
    tissue = shrunk(_image(located), _FROM_SECTOR_EDGE)
    if frame.overlay is not None:
        tissue &= ~grown(frame.overlay, _AROUND_OVERLAY)
    inner: NDArray[np.bool_] = tissue & (frame.pixels > _DARK) & (frame.pixels < _BRIGHT)
    return inner
