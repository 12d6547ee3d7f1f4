"""Two passes that see a structure in one place give the mean of their edges, the surer one counting more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES
from nonet.detect.average_passes import average_passes
from nonet.detect.candidates import Candidates

N = len(STRUCTURES)
POINTS = np.full(N, 0.5)


def seen(shift: float, spread: float, score: float = 0.9) -> Candidates:
    edges = np.tile(np.array([10.0, 20.0, 50.0, 40.0], np.float32) + np.float32(shift), (N, 1, 1))
    return Candidates(np.full((N, 1), score, np.float32), edges, np.full((N, 1, 4), spread, np.float32))


def test_as_sure_as_each_other_they_meet_in_the_middle() -> None:
    first, second = seen(4.0, 2.0), seen(0.0, 2.0)
    found = average_passes(first, second, POINTS)
    assert found.edges == pytest.approx((first.edges + second.edges) / 2)
    assert (found.scores == second.scores).all()
    assert (found.spreads == second.spreads).all()


def test_the_surer_one_counts_by_its_inverse_variance() -> None:
    found = average_passes(seen(5.0, 2.0), seen(0.0, 1.0), POINTS)
    assert found.edges == pytest.approx(seen(1.0, 1.0).edges)


@pytest.mark.parametrize(
    ("first", "second"),
    [(seen(4.0, 1.0, 0.4), seen(0.0, 1.0)), (seen(4.0, 1.0), seen(0.0, 1.0, 0.4)), (seen(30.0, 1.0), seen(0.0, 1.0))],
    ids=["the first does not see it", "the second does not see it", "elsewhere"],
)
def test_else_the_second_pass_stands(first: Candidates, second: Candidates) -> None:
    assert (average_passes(first, second, POINTS).edges == second.edges).all()


def test_without_spreads_both_count_alike() -> None:
    first, second = (
        replace(one, spreads=np.full((N, 1, 4), np.nan, np.float32)) for one in (seen(4.0, 1), seen(0.0, 1))
    )
    assert average_passes(first, second, POINTS).edges == pytest.approx(seen(2.0, 1.0).edges)
