"""Sums are the same whatever the machine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nonet.radiomics.arithmetic import dot


@pytest.mark.parametrize("shape", [(5,), (90, 91), (300, 400)])
def test_a_sum_of_products_does_not_depend_on_the_number_of_threads(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    one, other = rng.standard_normal((2, *shape))
    found = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            found.append(dot(one, other))
    assert len(set(found)) == 1
    assert found[0] == pytest.approx(math.fsum((one * other).ravel()), abs=1e-9)
