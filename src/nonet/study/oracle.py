"""The oracle: a classifier that is given nothing but the true size, and what even that cannot get right.

Grades follow from true sizes, so that the oracle errs only where the size itself is known with an error: that of the
start of an edit. Its figures are means over draws of that error, normal with the standard error of the variable's bands
(`nonet.simulate.edits.bands`) as its deviation. Simulated sizes are exact, and so is their oracle; where a variable has
no standard error (the echo), it is taken as none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Grade
from nonet.evaluate.grading.ordinal_figures import ordered_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nonet.simulate.edits.bands import EditBand
    from nonet.study.graded_truth import TrueSize

    Values = NDArray[np.float64]

__all__ = ["DRAWS", "beyond", "mean_ordered", "oracle_scores", "severity"]

DRAWS = 200
"""How often the error of the start is drawn."""

_SEED = 20261


def beyond(band: EditBand, value: float) -> float:
    """How far a size lies beyond the edge of abnormal, in the band's unit; less than 0 on its near side."""
    return max(_sign(one.side) * (value - one.borderline_to) for one in band.beyond)


def severity(band: EditBand, values: Values) -> Values:
    """Sizes on one scale that rises with the grade: 0 at the edge of normal, 1 at that of abnormal."""
    sides = []
    for one in band.beyond:
        edge = band.normal[one.side == "high"]
        sides.append((values - edge) / (one.borderline_to - edge))
    found: Values = np.max(sides, axis=0)
    return found


def oracle_scores(sizes: Sequence[TrueSize]) -> tuple[Values, NDArray[np.bool_]]:
    """What the oracle says of rows of one variable in each draw: scores ``float64[D, N]``, and whether abnormal."""
    band = sizes[0].band
    targets = np.array([one.target for one in sizes])
    spread = np.array([(band.standard_error or 0.0) * one.edited for one in sizes])
    rng = np.random.default_rng([_SEED, len(sizes)])
    drawn = np.maximum(targets + spread * rng.standard_normal((DRAWS, len(sizes))), 0.0)
    abnormal = np.array([[band.grade(value) is Grade.ABNORMAL for value in row] for row in drawn.tolist()])
    return severity(band, drawn), abnormal


def mean_ordered(scores: Values, labels: NDArray[np.intp]) -> float | None:
    """The mean over draws of the share of pairs in order; None where there are no pairs."""
    if len(set(labels.tolist())) < 2:
        return None
    one, ones = np.zeros(len(labels), np.intp), np.ones((1, len(labels)), np.int32)
    return float(np.mean([ordered_share(row, labels, one, ones)[0] for row in scores]))


def _sign(side: str) -> int:
    return -1 if side == "low" else 1
