"""Chance that follows the tissue: it stays with it in the plane and gives way across."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nonet.simulate.scanner.moving import DriftingDraws, MovingSpeckle, ScattererPlaces

SEED = np.random.SeedSequence(3)
SHAPE = (120, 140)


def look(right_mm: float = 0.0, across_mm: float = 0.0, times: int = 1) -> NDArray[np.complex64]:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] * 0.16 + 0.04
    speckle = MovingSpeckle(SEED, ScattererPlaces(x + right_mm, y, np.full(SHAPE, across_mm)))
    return [speckle.look(SHAPE) for _ in range(times)][-1]


def likeness(one: NDArray[np.complex64], other: NDArray[np.complex64]) -> float:
    return float(np.abs(np.vdot(one, other)) / np.sqrt(np.vdot(one, one).real * np.vdot(other, other).real))


@pytest.mark.parametrize("across", [0.0, 0.4, -3.1])
def test_scatterers_have_unit_variance_in_each_part(across: float) -> None:
    field = look(across_mm=across)
    assert field.real.std() == pytest.approx(1, abs=0.03)
    assert field.imag.std() == pytest.approx(1, abs=0.03)


def test_they_stay_with_tissue_that_moves_in_the_plane() -> None:
    still, moved = look(), look(right_mm=5 * 0.16)
    assert np.array_equal(still[:, 5:], moved[:, :-5])


def test_they_give_way_as_the_plane_moves_across() -> None:
    still = look()
    near, far = likeness(still, look(across_mm=0.2)), likeness(still, look(across_mm=4.0))
    assert near > 0.9
    assert far < 0.05


def test_the_looks_of_a_machine_differ() -> None:
    assert likeness(look(times=1), look(times=2)) < 0.05


def test_noise_of_another_length_begins_alike_and_every_call_is_its_own() -> None:
    short, long = (DriftingDraws(SEED, 0.7) for _ in range(2))
    assert np.array_equal(short.standard_normal(50), long.standard_normal(80)[:50])
    assert np.array_equal(short.standard_normal(50), long.standard_normal(50))
    again = DriftingDraws(SEED, 0.7)
    assert not np.array_equal(again.standard_normal(50), again.standard_normal(50))


def test_noise_changes_little_by_little_with_the_distance() -> None:
    draws = [DriftingDraws(SEED, across).standard_normal(4000) for across in (0.0, 0.2, 6.0)]
    assert [each.std() for each in draws] == pytest.approx([1, 1, 1], abs=0.05)
    assert np.corrcoef(draws[0], draws[1])[0, 1] > 0.95
    assert abs(np.corrcoef(draws[0], draws[2])[0, 1]) < 0.1


def test_uniform_numbers_are_the_same_in_every_plane() -> None:
    one, other = (DriftingDraws(SEED, across).uniform(0.0, 2.0, 30) for across in (0.0, 9.0))
    assert np.array_equal(one, other)
    assert 0 <= one.min() <= one.max() <= 2
