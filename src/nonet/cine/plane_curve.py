"""Plane quality over time: what a frame is worth as a standard plane, with the frames around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nonet.reading import Criterion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.reading import Reading

__all__ = ["REACH", "merit", "smoothed"]

REACH = 4
"""Frames on either side that count."""
_SD_FRAMES = 2.0
_WEIGHTS = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / _SD_FRAMES) ** 2)
_MOST = 5.0
"""Log odds beyond this count as this: a probability of .999 is no better than one of .993."""
_NOTHING = -2 * _MOST
_ANATOMY = {Criterion.STRUCTURES_SEEN: 1.0, Criterion.IN_PLACE: 1.0}
_PICTURE = 0.25


def merit(reading: Reading) -> float:
    """What a frame is worth by itself: log odds of a standard plane and of its structures, less what is not met.

    The log odds of the plane, 0 where it is not graded, and the mean of those of the nine structures' visibility, each
    no farther from 0 than 5; less 1 for each criterion of the anatomy that is not met, and a quarter for each of the
    picture (`nonet.grade.plane_criteria`). A frame on which nothing is seen has -10.
    """
    seen = [found for found in reading.findings if found.visible]
    if not seen:
        return _NOTHING
    plane = reading.plane_quality
    odds = 0.0 if plane.probability is None else log_odds(plane.probability)
    structures = [log_odds(found.score if found.visibility is None else found.visibility) for found in reading.findings]
    unmet = sum(_ANATOMY.get(one.criterion, _PICTURE) for one in plane.criteria if one.met is False)
    return odds + sum(structures) / len(structures) - unmet


def log_odds(probability: float) -> float:
    """Log odds, no farther from 0 than 5."""
    if not 0 < probability < 1:
        return _MOST if probability >= 1 else -_MOST
    return min(max(math.log(probability / (1 - probability)), -_MOST), _MOST)


def smoothed(values: Sequence[float | None], place: int) -> float:
    """The mean of values about a place with Gaussian weights, sd 2 frames, 4 on either side; None has no say.

    Parameters
    ----------
    values
        One a frame; the one at ``place`` is a number.
    place
        Index into them.
    """
    weights, total = 0.0, 0.0
    for offset in range(-REACH, REACH + 1):
        if 0 <= place + offset < len(values) and (value := values[place + offset]) is not None:
            weights += float(_WEIGHTS[offset + REACH])
            total += float(_WEIGHTS[offset + REACH]) * value
    return total / weights
