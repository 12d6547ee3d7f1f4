"""One box per structure from the candidates of a dense detector."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.detect.dense import decode_dense


def candidates(boxes: list[tuple[float, ...]], scores: list[list[float]]) -> np.ndarray:
    """Columns of centre, size and scores; ``scores`` has a row per structure."""
    return np.concatenate((np.array(boxes, np.float32).T, np.array(scores, np.float32)))


def test_a_lone_candidate_gives_its_own_box_and_spread() -> None:
    one = candidates([(20, 30, 8, 4), (90, 90, 10, 10)], [[0.8, 0.0]])
    spreads = np.array([[1, 9], [2, 9], [3, 9], [4, 9]], np.float32)
    scores, edges, spread = decode_dense(one, spreads)
    assert scores == pytest.approx([0.8])
    assert edges[0] == pytest.approx([16, 28, 24, 32])
    assert spread[0] == pytest.approx([1, 2, 3, 4])


def test_candidates_on_the_same_place_vote_by_the_square_of_their_score() -> None:
    two = candidates([(50, 50, 40, 40), (55, 50, 40, 40)], [[0.8, 0.4]])
    _, edges, _ = decode_dense(two)
    assert edges[0] == pytest.approx([31, 30, 71, 70])


def test_candidates_elsewhere_have_no_say() -> None:
    two = candidates([(50, 50, 40, 40), (80, 50, 40, 40)], [[0.8, 0.79]])
    assert decode_dense(two)[1][0] == pytest.approx([30, 30, 70, 70])


def test_structures_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(0)
    many = np.concatenate((rng.uniform(20, 60, (4, 200)), rng.random((9, 200)))).astype(np.float32)
    scores, edges, _ = decode_dense(many)
    for index in range(9):
        alone = decode_dense(np.concatenate((many[:4], many[4 + index : 5 + index])))
        assert alone[0][0] == scores[index]
        assert (alone[1][0] == edges[index]).all()


def test_a_detector_that_tells_no_spreads_has_none() -> None:
    assert np.isnan(decode_dense(candidates([(5, 5, 2, 2)], [[0.5]]))[2]).all()


def test_candidates_without_score_or_area_still_give_a_box() -> None:
    scores, edges, _ = decode_dense(candidates([(5, 5, 0, 0), (9, 9, 2, 2)], [[0, 0], [0.5, 0]]))
    assert scores.tolist() == [0, 0.5]
    assert np.isfinite(edges).all()
