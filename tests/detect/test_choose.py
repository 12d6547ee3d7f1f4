"""Among candidates the one in its place is taken, and nothing is seen that the network did not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.detect.candidates import Candidates
from nonet.detect.choose import choose
from nonet.detect.shape_prior import ShapePrior
from nonet.simulate.head.structure_positions import layout_prior

POINTS = np.full(9, 0.2)


@pytest.fixture(scope="module")
def shape_prior() -> ShapePrior:
    prior = layout_prior()
    places = (4 * np.arange(9)[:, None] + np.arange(2)).ravel()
    spread = prior.factor[:, places]
    return ShapePrior(prior.mean[places], spread.T @ spread + 1e-3 * np.eye(18), 8.0, 1.0, 0.5, 707)


def candidate_count(shape_prior: ShapePrior, seed: int | None = None) -> Candidates:
    """Three places a structure: where it lies on average, and two at the frame's border, or all at random."""
    points = shape_prior.mean.reshape(9, 1, 2) * 80 + 400 + np.array([[0, 0], [-390, 0], [500, 200]])[None]
    scores = np.tile([0.9, 0.5, 0.3], (9, 1))
    if seed is not None:
        rng = np.random.default_rng(seed)
        points, scores = rng.uniform(0, 800, points.shape), rng.random(scores.shape)
    edges = np.concatenate([points - 5, points + 5], axis=-1)
    return Candidates(scores.astype(np.float32), edges.astype(np.float32), np.full(edges.shape, np.nan, np.float32))


def with_order(candidates: Candidates, index: int, order: list[int]) -> Candidates:
    edges = candidates.edges.copy()
    edges[index] = edges[index, order]
    return replace(candidates, edges=edges)


def test_strong_places_that_fit_stay_as_they_are(shape_prior: ShapePrior) -> None:
    candidates = candidate_count(shape_prior)
    best = choose(candidates, shape_prior, POINTS)
    assert best.scores[:, 0] == pytest.approx(candidates.scores[:, 0])
    assert best.edges[:, 0] == pytest.approx(candidates.edges[:, 0])


@pytest.mark.parametrize("index", range(9))
def test_a_weaker_place_that_fits_is_taken_before_a_stronger_one_that_does_not(
    shape_prior: ShapePrior, index: int
) -> None:
    candidates = with_order(candidate_count(shape_prior), index, [1, 0, 2])
    best = choose(candidates, shape_prior, POINTS)
    assert best.edges[index, 0] == pytest.approx(candidates.edges[index, 1])
    assert best.scores[index, 0] == pytest.approx(candidates.scores[index, 1])


def test_without_weight_the_strongest_are_taken(shape_prior: ShapePrior) -> None:
    candidates = with_order(candidate_count(shape_prior), 4, [1, 0, 2])
    best = choose(candidates, replace(shape_prior, weight=0.0), POINTS)
    assert best.edges[:, 0] == pytest.approx(candidates.edges[:, 0])


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_score_is_raised(shape_prior: ShapePrior, seed: int) -> None:
    candidates = candidate_count(shape_prior, seed)
    best = choose(candidates, shape_prior, POINTS)
    assert np.all(best.scores[:, 0] <= candidates.scores[:, 0])


def test_a_structure_that_is_not_seen_stays_unseen_where_it_is_expected(shape_prior: ShapePrior) -> None:
    candidates = candidate_count(shape_prior)
    scores = candidates.scores.copy()
    scores[6] = (0.1, 0.05, 0.01)
    best = choose(replace(candidates, scores=scores), shape_prior, POINTS)
    assert best.scores[6, 0] < POINTS[6]


def test_of_a_frame_without_structures_nothing_is_changed(shape_prior: ShapePrior) -> None:
    candidates = candidate_count(shape_prior, 1)
    weak = replace(candidates, scores=candidates.scores / 10)
    assert choose(weak, shape_prior, POINTS).scores[:, 0] == pytest.approx(weak.scores[:, 0])
