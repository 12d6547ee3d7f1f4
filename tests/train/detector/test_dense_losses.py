"""Distances as distributions, complete IoU, and a loss that does not punish what is unknown."""

from __future__ import annotations

import math

import pytest
import torch

from nonet.train.detector.dense import Proposals, dense_loss
from nonet.train.detector.dense.dense_losses import distribution_focal_loss
from nonet.train.detector.overlap import complete_iou, iou

NAN = float("nan")
SURE = 30.0
KNOWN = torch.tensor([False])


def one_cell(*distances: dict[int, float]) -> Proposals:
    """A cell of stride 8 about (40, 40); each edge's distribution as chances of its bins."""
    chances = torch.zeros(1, 4, 16, 1)
    for edge, bins in enumerate(distances):
        for number, chance in bins.items():
            chances[0, edge, number, 0] = chance
    logits = chances.clamp_min(1e-12).log()
    return Proposals(torch.zeros(1, 9, 1), logits, torch.tensor([[40.0, 40.0]]), torch.tensor([8.0]))


def grid(reference: torch.Tensor, cells: int = 8, stride: int = 8) -> Proposals:
    """Cells that all see the reference exactly; those of the first structure that lie in it say so."""
    ticks = (torch.arange(float(cells)) + 0.5) * stride
    points = torch.stack((ticks.repeat(cells), ticks.repeat_interleave(cells)), 1)
    box = reference[0, 0]
    away = torch.cat((points - box[:2], box[2:] - points), 1).T / stride
    bins = torch.arange(16.0)[:, None]
    chances = (1 - (away[:, None] - bins).abs()).clamp_min(1e-12)
    logits = torch.full((1, 9, len(points)), -SURE)
    logits[0, 0, (away > 0).all(0)] = SURE
    return Proposals(logits, chances.log()[None], points, torch.full((len(points),), float(stride)))


def reference() -> torch.Tensor:
    edges = torch.full((1, 9, 4), NAN)
    edges[0, 0] = torch.tensor([20.0, 26.0, 44.0, 42.0])
    return edges


def test_an_edge_lies_at_the_expectation_of_its_distribution() -> None:
    proposals = one_cell({2: 1.0}, {1: 0.5, 2: 0.5}, {0: 0.25, 4: 0.75}, {15: 1.0})
    assert proposals.edges()[0, :, 0].tolist() == pytest.approx([24, 28, 64, 160], rel=1e-5)


def test_a_spread_is_the_standard_deviation_of_its_distribution() -> None:
    proposals = one_cell({2: 1.0}, {1: 0.5, 2: 0.5}, {0: 0.25, 4: 0.75}, {15: 1.0})
    expected = [0, 8 * 0.5, 8 * math.sqrt(3), 0]
    assert proposals.spreads()[0, :, 0].tolist() == pytest.approx(expected, abs=1e-3)


def test_the_loss_of_a_distribution_by_hand() -> None:
    """A distance of 2.25 strides: bin 2 counts three quarters, bin 3 one quarter."""
    logits = torch.zeros(16)
    logits[2], logits[3] = math.log(8), math.log(2)
    total = 8 + 2 + 14
    expected = -0.75 * math.log(8 / total) - 0.25 * math.log(2 / total)
    assert float(distribution_focal_loss(logits, torch.tensor(2.25))) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_a_distribution_is_least_where_its_expectation_is_the_distance() -> None:
    logits = torch.zeros(16, requires_grad=True)
    optimiser = torch.optim.Adam([logits], lr=0.5)
    for _ in range(200):
        optimiser.zero_grad()
        distribution_focal_loss(logits, torch.tensor(6.3)).backward()
        optimiser.step()
    assert float((logits.detach().softmax(0) * torch.arange(16)).sum()) == pytest.approx(6.3, abs=0.02)


@pytest.mark.parametrize("distance", [-3.0, 0.0, 15.0, 99.0])
def test_distances_beyond_the_bins_count_as_the_outermost(distance: float) -> None:
    logits = torch.zeros(16)
    assert float(distribution_focal_loss(logits, torch.tensor(distance))) == pytest.approx(math.log(16))


def test_complete_iou_by_hand() -> None:
    """Boxes 4 x 2 and 2 x 2 side by side: no overlap, centres 3 apart in a hull of 6 x 2, shapes that differ."""
    a, b = torch.tensor([0.0, 0, 4, 2]), torch.tensor([4.0, 0, 6, 2])
    shape = 4 / math.pi**2 * (math.atan(1) - math.atan(2)) ** 2
    expected = 0 - 9 / 40 - shape / (1 + shape) * shape
    assert float(complete_iou(a, b)) == pytest.approx(expected, rel=1e-5)


def test_complete_iou_is_iou_for_boxes_of_one_centre_and_shape() -> None:
    a, b = torch.tensor([0.0, 0, 8, 4]), torch.tensor([2.0, 1, 6, 3])
    assert float(complete_iou(a, b)) == pytest.approx(float(iou(a, b)), abs=1e-6)
    assert float(complete_iou(a, a)) == pytest.approx(1, abs=1e-6)


def test_being_right_costs_next_to_nothing_but_the_doubt_between_bins() -> None:
    edges = reference()
    proposals = grid(edges)
    score_loss, edge_loss = dense_loss(proposals, edges, KNOWN, 1.0)
    assert float(score_loss) == pytest.approx(0, abs=1e-3)
    assert float(edge_loss) < 0.125 * math.log(2)


def test_edges_further_off_cost_more() -> None:
    edges = reference()
    losses = []
    for shift in (0, 2, 4, 8, 12):
        proposals = grid(edges + shift)
        losses.append(float(dense_loss(proposals, edges, KNOWN, 1.0)[1]))
    assert losses == sorted(losses)
    assert len(set(losses)) == len(losses)


def test_seeing_an_unboxed_structure_costs_by_its_weight_and_in_full_where_it_is_known_to_be_absent() -> None:
    edges = reference()
    proposals = grid(edges)
    proposals.logits[0, 4, 10] = 8.0
    none, half, full = (float(dense_loss(proposals, edges, KNOWN, weight)[0]) for weight in (0.0, 0.5, 1.0))
    absent = float(dense_loss(proposals, edges, ~KNOWN, 0.0)[0])
    assert none < 1e-3 < half
    assert full == pytest.approx(2 * half, rel=1e-3)
    assert absent == pytest.approx(full, rel=1e-6)


def test_a_batch_without_boxes_gives_a_gradient_of_zero_for_edges() -> None:
    edges = torch.full((1, 9, 4), NAN)
    distances = torch.rand(1, 4, 16, 64, requires_grad=True)
    proposals = grid(reference())._replace(distances=distances)
    dense_loss(proposals, edges, KNOWN, 0.3)[1].backward()
    assert distances.grad is not None
    assert distances.grad.abs().max() == 0
