"""A rectangle's closed forms equal what is measured on it as a mask, and shapes do not change when turned."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nonet.radiomics.mesh import volume_and_area
from nonet.radiomics.region_shape import RegionShape


def assert_alike(a: RegionShape, b: RegionShape, *, turned: bool = False) -> None:
    for field in fields(RegionShape):
        left, right = np.atleast_1d(getattr(a, field.name)), np.atleast_1d(getattr(b, field.name))
        if field.name == "oriented_bounds" or (turned and field.name == "bounds"):
            left, right = np.sort(left), np.sort(right)
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9, err_msg=field.name)


@given(st.integers(1, 60), st.integers(1, 60))
@example(1, 2)
@settings(deadline=None, max_examples=40)
def test_closed_forms_equal_the_measured_rectangle(height: int, width: int) -> None:
    assert_alike(RegionShape.of_rectangle(height, width), RegionShape.of_mask(np.ones((height, width), dtype=bool)))


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.2, 0.5, 0.9]))
@settings(deadline=None, max_examples=25)
def test_turning_and_mirroring_change_nothing(seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((9, 13)) < share
    mask[4, 6] = True
    for other in (mask.T, mask[::-1], mask[:, ::-1]):
        assert_alike(RegionShape.of_mask(mask), RegionShape.of_mask(other), turned=True)


def test_a_mesh_encloses_what_marching_cubes_encloses() -> None:
    """Values of skimage 0.26 ``marching_cubes`` (Lewiner) at level 0.5."""
    corner = np.array([[[True, True], [True, False]]])
    diagonal = np.array([[[True, False], [False, True]]])
    assert volume_and_area(corner) == pytest.approx((17 / 12, 7.2925286))
    assert volume_and_area(diagonal) == pytest.approx((2 / 3, 5.1961527))


def test_an_oriented_box_is_smaller_than_an_upright_one_around_a_slanted_bar() -> None:
    bar: NDArray[np.bool_] = np.abs(np.subtract.outer(np.arange(40), np.arange(40))) <= 2
    shape = RegionShape.of_mask(bar)
    assert shape.oriented_bounds.prod() < 0.25 * shape.bounds.prod()
    assert shape.oriented_bounds[1:].max() == pytest.approx(shape.diameter, rel=0.02)


def test_a_disc_has_round_axes_and_no_hollow() -> None:
    y, x = np.ogrid[-20:21, -20:21]
    shape = RegionShape.of_mask(x**2 + y**2 <= 400)
    assert shape.axes[0] == pytest.approx(shape.axes[1])
    assert 4 * np.sqrt(shape.axes[0]) == pytest.approx(40, rel=0.03)
    assert shape.volume / shape.hull_volume > 0.97
