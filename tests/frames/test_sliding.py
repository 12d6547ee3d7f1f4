"""Sliding minimum and maximum are those of SciPy, on any width, axis and kind of value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from nonet.frames.sliding import closing, grown, maximum, minimum, opening, shrunk

ARRAYS = st.builds(
    lambda seed, height, width, kind: np.random.default_rng(seed).integers(0, 200, (height, width)).astype(kind),
    st.integers(0, 99),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from(["u1", "i2", "?"]),
)


@given(values=ARRAYS, width=st.integers(0, 12).map(lambda half: 2 * half + 1), axis=st.sampled_from([0, 1]))
def test_minimum_and_maximum_are_scipys(values: np.ndarray, width: int, axis: int) -> None:
    as_bytes = values.astype("i2")
    for ours, theirs in ((minimum, ndimage.minimum_filter1d), (maximum, ndimage.maximum_filter1d)):
        expected = theirs(as_bytes, width, axis=axis, mode="nearest")
        np.testing.assert_array_equal(ours(values, width, axis).astype("i2"), expected)


@pytest.mark.parametrize(("operation", "before", "after"), [(opening, 5, 0), (closing, 0, 5)])
def test_a_thing_shorter_than_the_line_vanishes(operation: object, before: int, after: int) -> None:
    row = np.full((1, 20), 5 - before, np.uint8)
    row[0, 8:11] = before
    assert callable(operation)
    assert (operation(row, 5, 1) == 5 - before).all()
    np.testing.assert_array_equal(operation(row, 3, 1), row)
    assert after != before


@given(values=ARRAYS, share=st.integers(5, 195), pixels=st.integers(1, 7))
def test_masks_grow_and_shrink_as_scipys(values: np.ndarray, share: int, pixels: int) -> None:
    mask = values.astype("i2") < share
    np.testing.assert_array_equal(shrunk(mask, pixels), ndimage.binary_erosion(mask, iterations=pixels))
    np.testing.assert_array_equal(grown(mask, pixels), ndimage.binary_dilation(mask, iterations=pixels))
