"""An arrangement knows a head whatever its zoom, place and mirror, and which box is where none should be."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.outliers import find_outliers
from nonet.detect.shape_prior import OUTLIER_SHARE, ShapePrior
from nonet.errors import BundleError
from nonet.reading import Box, Face
from nonet.simulate.head.structure_positions import layout_prior

ALL = np.ones(9, np.bool_)
TIP = STRUCTURES.index(Structure.NASAL_TIP)


def shape_prior() -> ShapePrior:
    """That of the boxes which the simulator draws heads by."""
    prior = layout_prior()
    places = (4 * np.arange(9)[:, None] + np.arange(2)).ravel()
    spread = prior.factor[:, places]
    return ShapePrior(prior.mean[places], spread.T @ spread + 1e-3 * np.eye(18), 8.0, 1.0, 0.5, 707)


def head(zoom: float = 80.0, shift: tuple[float, float] = (400.0, 300.0), face: Face = Face.LEFT) -> np.ndarray:
    """Boxes 10 pixels wide where the structures lie on average, ``float[9, 4]``."""
    points = shape_prior().mean.reshape(9, 2) * (zoom if face is Face.LEFT else -zoom, zoom) + shift
    return np.hstack([points - 5, points + 5])


def boxes(edges: np.ndarray) -> dict[Structure, Box]:
    return {structure: Box(*row) for structure, row in zip(STRUCTURES, edges.tolist(), strict=True)}


@pytest.mark.parametrize("face", list(Face))
def test_the_side_of_the_face_is_found(face: Face) -> None:
    assert shape_prior().fit(head(face=face), ALL).face is face


@settings(max_examples=30, deadline=None)
@given(
    zoom=st.floats(0.3, 3.0),
    across=st.floats(-500, 500),
    down=st.floats(-500, 500),
    mirror=st.booleans(),
    seed=st.integers(0, 99),
)
def test_zoom_place_and_mirror_change_no_tail_share(
    zoom: float, across: float, down: float, mirror: bool, seed: int
) -> None:
    edges = head() + np.random.default_rng(seed).normal(0, 8, (9, 2))[:, [0, 1, 0, 1]]
    other = zoom * edges + (across, down, across, down)
    if mirror:
        other = other[:, [2, 1, 0, 3]] * (-1, 1, -1, 1)
    assert shape_prior().fit(other, ALL).tail_share == pytest.approx(shape_prior().fit(edges, ALL).tail_share, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 8)))
def test_any_set_of_structures_can_be_rated(seen: set[int]) -> None:
    known = np.isin(np.arange(9), list(seen))
    tail_share = shape_prior().fit(np.where(known[:, None], head(), np.nan), known).tail_share
    assert np.all((tail_share >= 0) & (tail_share <= 1))
    assert np.all(tail_share[known] > 0.9)


@pytest.mark.parametrize("index", range(9), ids=[structure.value for structure in STRUCTURES])
def test_a_box_far_from_its_place_is_the_one_that_is_rare(index: int) -> None:
    edges = head()
    edges[index] += (250, 0, 250, 0)
    rare = shape_prior().fit(edges, ALL).tail_share[:, 0] < OUTLIER_SHARE
    assert np.flatnonzero(rare).tolist() == [index]


def test_a_box_of_another_size_in_its_place_is_not_rare() -> None:
    edges = head()
    edges[5] += (-200, -60, 200, 60)
    assert shape_prior().fit(edges, ALL).tail_share.min() > 0.5


def test_an_outlier_does_not_make_its_neighbours_outliers() -> None:
    edges = head()
    edges[[0, TIP]] += ((0, 400, 0, 400), (-300, 0, -300, 0))
    assert find_outliers(boxes(edges), shape_prior())[1] == (Structure.THALAMI, Structure.NASAL_TIP)


def test_of_two_structures_nothing_is_said() -> None:
    two = {Structure.THALAMI: Box(0, 0, 9, 9), Structure.PALATE: Box(500, 0, 509, 9)}
    assert find_outliers(two, shape_prior()) == (None, ())


def test_without_an_arrangement_nothing_is_said() -> None:
    assert find_outliers(boxes(head()), None) == (None, ())


def test_boxes_all_in_one_place_are_evaluated_without_a_fall() -> None:
    tail_share = shape_prior().fit(np.tile([5.0, 5.0, 9.0, 9.0], (9, 1)), ALL).tail_share
    assert np.isfinite(tail_share).all()


def test_a_document_is_read_back_as_it_was_written() -> None:
    again = ShapePrior.from_json(shape_prior().to_json())
    assert again.to_json() == shape_prior().to_json()
    assert again.fit(head(), ALL).tail_share == pytest.approx(shape_prior().fit(head(), ALL).tail_share, abs=1e-3)


@pytest.mark.parametrize(
    "change",
    [
        {"mean": [0.0] * 17},
        {"covariance": (-np.eye(18)).tolist()},
        {"covariance": np.tri(18).tolist()},
        {"freedom": 0.0},
        {"exponent": -1.0},
        {"weight": -0.1},
        {"weight": "much"},
    ],
)
def test_a_document_that_is_no_distribution_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BundleError):
        ShapePrior.from_json(json.dumps({**json.loads(shape_prior().to_json()), **change}))


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(BundleError):
        ShapePrior.from_json(replace(shape_prior(), weight=float("nan")).to_json())
