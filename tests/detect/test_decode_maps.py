"""One box per structure from score and edge maps."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.detect.decode_maps import decode_maps


def decode(scores: np.ndarray, edges: np.ndarray, spreads: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    found = decode_maps(scores, edges, spreads)
    return found.scores[:, 0], found.edges[:, 0]


def test_a_lone_peak_gives_its_own_edges() -> None:
    scores = np.zeros((1, 10, 12), np.float32)
    edges = np.zeros((1, 4, 10, 12), np.float32)
    scores[0, 4, 7] = 0.8
    edges[0, :, 4, 7] = (10, 20, 30, 40)
    best, placed = decode(scores, edges)
    assert best == pytest.approx([0.8])
    assert placed[0] == pytest.approx([10, 20, 30, 40])


def test_neighbours_vote_by_the_square_of_their_score() -> None:
    scores = np.zeros((1, 10, 12), np.float32)
    edges = np.zeros((1, 4, 10, 12), np.float32)
    scores[0, 4, 7], scores[0, 4, 8] = 0.8, 0.4
    edges[0, :, 4, 7], edges[0, :, 4, 8] = 10, 20
    _, placed = decode(scores, edges)
    assert placed[0] == pytest.approx([12] * 4)


def test_cells_far_from_the_peak_have_no_say() -> None:
    scores = np.full((1, 30, 30), 1e-6, np.float32)
    edges = np.full((1, 4, 30, 30), 999, np.float32)
    scores[0, 2, 2], scores[0, 25, 25] = 0.9, 0.89
    edges[0, :, 2, 2] = 5
    _, placed = decode(scores, edges)
    assert placed[0] == pytest.approx([5] * 4, abs=1e-3)


def test_structures_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((9, 8, 8), np.float32)
    edges = rng.random((9, 4, 8, 8), np.float32)
    best, placed = decode(scores, edges)
    for index in range(9):
        one_best, one_placed = decode(scores[index : index + 1], edges[index : index + 1])
        assert one_best[0] == best[index]
        assert (one_placed[0] == placed[index]).all()


def test_a_peak_in_the_corner_stays_on_the_map() -> None:
    scores = np.full((1, 6, 6), 1e-6, np.float32)
    scores[0, 5, 5] = 1
    edges = np.full((1, 4, 6, 6), 3, np.float32)
    assert decode(scores, edges)[1][0] == pytest.approx([3] * 4)


def test_further_candidates_are_lower_peaks() -> None:
    scores = np.zeros((1, 30, 30), np.float32)
    edges = np.broadcast_to(np.arange(900, dtype=np.float32).reshape(30, 30), (1, 4, 30, 30))
    scores[0, 5, 5], scores[0, 5, 6], scores[0, 20, 20] = 0.9, 0.8, 0.4
    found = decode_maps(scores, edges, count=3)
    assert found.scores[0] == pytest.approx([0.9, 0.4, 0.0])
    assert found.edges[0, 1] == pytest.approx([620] * 4)


def test_the_first_candidate_is_the_same_however_many_are_asked_for() -> None:
    rng = np.random.default_rng(0)
    scores, edges = rng.random((9, 20, 24), np.float32), rng.random((9, 4, 20, 24), np.float32)
    one, many = decode_maps(scores, edges, edges, 1), decode_maps(scores, edges, edges, 5)
    assert (one.scores[:, 0] == many.scores[:, 0]).all()
    assert (one.edges[:, 0] == many.edges[:, 0]).all()
    assert (one.spreads[:, 0] == many.spreads[:, 0]).all()


def test_spreads_are_placed_as_edges_are() -> None:
    rng = np.random.default_rng(0)
    scores, edges = rng.random((9, 20, 24), np.float32), rng.random((9, 4, 20, 24), np.float32)
    found = decode_maps(scores, edges, edges)
    assert (found.edges == found.spreads).all()


def test_a_network_that_gives_no_spread_has_none() -> None:
    scores, edges = np.ones((9, 4, 4), np.float32), np.ones((9, 4, 4, 4), np.float32)
    assert np.isnan(decode_maps(scores, edges).spreads).all()
