"""The loss is small where the network is right, and does not punish what is unknown."""

from __future__ import annotations

import pytest
import torch

from nonet.train.detector.map_losses import detection_loss, gaussian_targets
from nonet.train.detector.network import Maps

NAN = float("nan")
NOT_COMPLETE = torch.zeros(1, dtype=torch.bool)
COMPLETE = torch.ones(1, dtype=torch.bool)


def references() -> torch.Tensor:
    edges = torch.full((1, 9, 4), NAN)
    edges[0, 0] = torch.tensor([20.0, 30.0, 60.0, 54.0])
    return edges


def perfect_maps(edges: torch.Tensor) -> Maps:
    target = gaussian_targets(edges, 32, 40)
    logits = torch.where(target == 1, 12.0, -12.0)
    mapped = edges.nan_to_num(0)[..., None, None].expand(-1, -1, -1, 32, 40)
    return Maps(logits, mapped, torch.ones_like(mapped))


def test_the_target_is_one_in_the_cell_that_holds_the_centre() -> None:
    target = gaussian_targets(references(), 32, 40)[0, 0]
    assert (target == 1).nonzero().tolist() == [[10, 10]]


def test_the_target_is_wider_where_the_box_is_wider() -> None:
    target = gaussian_targets(references(), 32, 40)[0, 0]
    assert target[10, 12] > target[12, 10]


def test_unboxed_structures_have_no_target() -> None:
    assert gaussian_targets(references(), 32, 40)[0, 1:].max() == 0


def test_being_right_costs_next_to_nothing() -> None:
    edges = references()
    score_loss, _ = detection_loss(perfect_maps(edges), edges, NOT_COMPLETE, missing_weight=1.0)
    assert float(score_loss) < 1e-3


def test_edges_further_off_cost_more() -> None:
    edges = references()
    maps = perfect_maps(edges)
    shifted = [maps._replace(edges=maps.edges + shift) for shift in (0, 2, 5, 20, 80)]
    losses = [float(detection_loss(each, edges, NOT_COMPLETE, 1.0)[1]) for each in shifted]
    assert losses == sorted(losses)
    assert len(set(losses)) == len(losses)


def test_seeing_an_unboxed_structure_costs_by_its_weight() -> None:
    edges = references()
    maps = perfect_maps(edges)
    maps.logits[0, 4, 5, 5] = 8.0
    none, half, full = (float(detection_loss(maps, edges, NOT_COMPLETE, weight)[0]) for weight in (0, 0.5, 1))
    assert none < 1e-3 < half
    assert full == pytest.approx(2 * half, rel=1e-3)
    assert float(detection_loss(maps, edges, COMPLETE, 0.0)[0]) == pytest.approx(full)


def test_the_cheapest_spread_is_the_error_itself() -> None:
    edges = references()
    maps = perfect_maps(edges)
    off = maps._replace(edges=maps.edges + 4)
    spreads = [1.0, 2.0, 4.0, 8.0, 16.0]
    losses = [
        float(detection_loss(off._replace(spreads=off.spreads * spread), edges, NOT_COMPLETE, 1.0)[1])
        for spread in spreads
    ]
    assert spreads[losses.index(min(losses))] == 4.0


def test_the_spread_does_not_move_the_edge() -> None:
    edges = references()
    maps = perfect_maps(edges)
    pulls = []
    for spread in (1.0, 50.0):
        moved = (maps.edges + 3).requires_grad_()
        detection_loss(Maps(maps.logits, moved, maps.spreads * spread), edges, NOT_COMPLETE, 1.0)[1].backward()
        pulls.append(moved.grad)
    assert torch.equal(*pulls)


def test_a_batch_without_boxes_gives_a_gradient_of_zero_for_edges() -> None:
    edges = torch.full((1, 9, 4), NAN)
    mapped = torch.rand(1, 9, 4, 8, 8, requires_grad=True)
    maps = Maps(torch.zeros(1, 9, 8, 8), mapped, torch.ones(1, 9, 4, 8, 8))
    detection_loss(maps, edges, NOT_COMPLETE, 0.3)[1].backward()
    assert mapped.grad is not None
    assert mapped.grad.abs().max() == 0
