"""Cells answer for the structure they see best, and are given how well they should."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.train.detector.dense.assignment import align
from nonet.train.detector.overlap import iou

NAN = float("nan")
POINTS = torch.tensor([[4.0, 4.0], [12.0, 4.0], [20.0, 4.0], [28.0, 4.0]])
STRIDES = torch.full((4,), 8.0)


def edges(*boxes: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor([boxes])


def seen(*boxes: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(boxes).T[None]


def test_a_worked_example() -> None:
    """One structure over three cells: IoU 1, 0.5 and 0.25, scores 0.1, 0.2 and 0.4; the fourth cell is outside."""
    predicted = seen((0, 0, 24, 8), (0, 0, 12, 8), (0, 0, 6, 8), (0, 0, 24, 8))
    scores = torch.tensor([[[0.1, 0.2, 0.4, 0.9]]])
    quality = align(scores, predicted, edges((0, 0, 24, 8)), POINTS, STRIDES)
    assert quality[0, 0].tolist() == pytest.approx([1, 2 * 0.5**6, 4 * 0.25**6, 0])


def test_the_best_quality_is_the_greatest_overlap_not_the_score() -> None:
    predicted = seen((0, 0, 12, 8), (0, 0, 12, 8), (0, 0, 6, 8), (0, 0, 6, 8))
    quality = align(torch.full((1, 1, 4), 0.01), predicted, edges((0, 0, 24, 8)), POINTS, STRIDES)
    assert float(quality.max()) == pytest.approx(0.5)


def test_a_cell_that_two_structures_want_answers_for_the_one_it_overlaps_more() -> None:
    reference = edges((0, 0, 24, 8), (0, 0, 12, 8))
    predicted = seen((0, 0, 24, 8), (0, 0, 12, 8), (0, 0, 24, 8), (0, 0, 24, 8))
    quality = align(torch.full((1, 2, 4), 0.5), predicted, reference, POINTS, STRIDES)[0]
    assert (quality > 0).tolist() == [[True, False, True, False], [False, True, False, False]]


def test_a_box_between_the_middles_of_cells_still_has_a_cell() -> None:
    reference = edges((7, 3, 9, 6))
    predicted = seen(*[(4, 2, 12, 8)] * 4)
    assert int((align(torch.full((1, 1, 4), 0.5), predicted, reference, POINTS, STRIDES) > 0).sum()) >= 1


def test_at_most_thirteen_cells_answer() -> None:
    points = torch.cartesian_prod(torch.arange(8.0), torch.arange(8.0)) * 8 + 4
    predicted = torch.tensor([0.0, 0.0, 64.0, 64.0])[None, :, None].expand(1, 4, 64)
    quality = align(torch.rand(1, 1, 64), predicted, edges((0, 0, 64, 64)), points, torch.full((64,), 8.0))
    assert int((quality > 0).sum()) == 13


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 9))
def test_qualities_are_shares_of_one_and_an_unboxed_structure_has_none(seed: int, boxed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    points = torch.cartesian_prod(torch.arange(8.0), torch.arange(8.0)) * 8 + 4
    low = torch.rand(1, 9, 2, generator=generator) * 40
    reference = torch.cat((low, low + 1 + torch.rand(1, 9, 2, generator=generator) * 22), 2)
    reference[:, boxed:] = NAN
    away = torch.rand(1, 4, 64, generator=generator) * 20 * torch.tensor([-1.0, -1.0, 1.0, 1.0])[:, None]
    predicted = points.T.repeat(2, 1) + away
    scores = torch.rand(1, 9, 64, generator=generator)
    quality = align(scores, predicted, reference, points, torch.full((64,), 8.0))
    assert float(quality.min()) >= 0
    assert float(quality.max()) <= 1
    assert not quality[:, boxed:].any()
    assert int((quality > 0).sum(1).max()) <= 1
    best = iou(predicted.transpose(1, 2)[:, None], reference[:, :boxed, None])
    assert bool((quality[:, :boxed] <= best.amax(2, keepdim=True) + 1e-6).all())
