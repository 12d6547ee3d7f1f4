"""The loss is small where the network is right, and does not punish what is unknown."""

from __future__ import annotations

import pytest
import torch

from nonet.train.losses import detection_loss, gaussian_targets

NAN = float("nan")


def references() -> torch.Tensor:
    edges = torch.full((1, 9, 4), NAN)
    edges[0, 0] = torch.tensor([20.0, 30.0, 60.0, 54.0])
    return edges


def perfect_maps(edges: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    target = gaussian_targets(edges, 32, 40)
    logits = torch.where(target == 1, 12.0, -12.0)
    mapped = edges.nan_to_num(0)[..., None, None].expand(-1, -1, -1, 32, 40)
    return logits, mapped


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
    score_loss, edge_loss = detection_loss(*perfect_maps(edges), edges, missing_weight=1.0)
    assert float(score_loss) < 1e-3
    assert float(edge_loss) == pytest.approx(0, abs=1e-5)


def test_edges_further_off_cost_more() -> None:
    edges = references()
    logits, mapped = perfect_maps(edges)
    losses = [float(detection_loss(logits, mapped + shift, edges, 1.0)[1]) for shift in (0, 2, 5, 20, 80)]
    assert losses == sorted(losses)
    assert len(set(losses)) == len(losses)


def test_seeing_an_unboxed_structure_costs_by_its_weight() -> None:
    edges = references()
    logits, mapped = perfect_maps(edges)
    logits[0, 4, 5, 5] = 8.0
    half, full = (float(detection_loss(logits, mapped, edges, weight)[0]) for weight in (0.5, 1.0))
    none = float(detection_loss(logits, mapped, edges, 0.0)[0])
    assert none < 1e-3 < half
    assert full == pytest.approx(2 * half, rel=1e-3)


def test_a_batch_without_boxes_gives_a_gradient_of_zero_for_edges() -> None:
    edges = torch.full((1, 9, 4), NAN)
    mapped = torch.rand(1, 9, 4, 8, 8, requires_grad=True)
    detection_loss(torch.zeros(1, 9, 8, 8), mapped, edges, 0.3)[1].backward()
    assert mapped.grad is not None
    assert mapped.grad.abs().max() == 0
