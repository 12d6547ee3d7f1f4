"""Candidates for every structure from the rows of a dense detector."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.detect.decode_dense import decode_dense


def outputs(boxes: list[tuple[float, ...]], scores: list[list[float]]) -> np.ndarray:
    """Columns of centre, size and scores; ``scores`` has a row per structure."""
    return np.concatenate((np.array(boxes, np.float32).T, np.array(scores, np.float32)))


def test_a_lone_box_gives_its_own_edges_and_spreads() -> None:
    one = outputs([(20, 30, 8, 4), (90, 90, 10, 10)], [[0.8, 0.0]])
    spreads = np.array([[1, 9], [2, 9], [3, 9], [4, 9]], np.float32)
    found = decode_dense(one, spreads)
    assert found.scores[0] == pytest.approx([0.8])
    assert found.edges[0, 0] == pytest.approx([16, 28, 24, 32])
    assert found.spreads[0, 0] == pytest.approx([1, 2, 3, 4])


def test_boxes_on_the_same_place_vote_by_the_square_of_their_score() -> None:
    found = decode_dense(outputs([(50, 50, 40, 40), (55, 50, 40, 40)], [[0.8, 0.4]]))
    assert found.edges[0, 0] == pytest.approx([31, 30, 71, 70])


def test_boxes_elsewhere_have_no_say_but_are_candidates() -> None:
    found = decode_dense(outputs([(50, 50, 40, 40), (52, 50, 40, 40), (80, 50, 40, 40)], [[0.8, 0.7, 0.79]]), count=3)
    assert found.scores[0] == pytest.approx([0.8, 0.79, 0])
    assert found.edges[0, 1] == pytest.approx([60, 30, 100, 70])
    assert (found.edges[0, 2] == found.edges[0, 0]).all()


def test_structures_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(0)
    many = np.concatenate((rng.uniform(20, 60, (4, 200)), rng.random((9, 200)))).astype(np.float32)
    found = decode_dense(many, count=4)
    for index in range(9):
        alone = decode_dense(np.concatenate((many[:4], many[4 + index : 5 + index])), count=4)
        assert (alone.scores[0] == found.scores[index]).all()
        assert (alone.edges[0] == found.edges[index]).all()


def test_scores_fall_and_the_first_candidate_does_not_depend_on_their_number() -> None:
    rng = np.random.default_rng(1)
    many = np.concatenate((rng.uniform(20, 60, (4, 200)), rng.random((9, 200)))).astype(np.float32)
    few, more = decode_dense(many), decode_dense(many, count=5)
    assert (np.diff(more.scores, axis=1) <= 0).all()
    assert (few.edges[:, 0] == more.edges[:, 0]).all()
    assert (few.scores[:, 0] == many[4:].max(axis=1)).all()


def test_a_detector_that_gives_no_spreads_has_none() -> None:
    assert np.isnan(decode_dense(outputs([(5, 5, 2, 2)], [[0.5]])).spreads).all()


def test_boxes_without_score_or_area_still_give_a_place() -> None:
    found = decode_dense(outputs([(5, 5, 0, 0), (9, 9, 2, 2)], [[0, 0], [0.5, 0]]), count=2)
    assert found.scores.tolist() == [[0, 0], [0.5, 0]]
    assert np.isfinite(found.edges).all()
