"""Plane quality over time: what a frame is worth as a standard plane, with the frames around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nonet.reading import Criterion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.reading import Reading

__all__ = ["CURVE_SD", "WORTH_SD", "log_odds", "merit", "smoothed"]

CURVE_SD = 2.0
"""Of the weights of the curve that is shown, frames."""
WORTH_SD = 4.0
"""Of the weights by which the best frame is chosen: a probe passes the midline in about so many frames."""
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


def smoothed(values: Sequence[float | None], place: int, sd: float) -> float | None:
    """The mean of values about a place with Gaussian weights, two standard deviations on either side.

    Parameters
    ----------
    values
        One a frame; None has no say.
    place
        Index into them.
    sd
        Of the weights, frames.

    Returns
    -------
    None where there is no value so near.
    """
    reach = round(2 * sd)
    weights, total = 0.0, 0.0
    for index in range(max(place - reach, 0), min(place + reach + 1, len(values))):
        if (value := values[index]) is not None:
            weight = math.exp(-0.5 * ((index - place) / sd) ** 2)
            weights += weight
            total += weight * value
    return total / weights if weights else None
