"""The losses ask for what they say: structures named, views alike, crops of one structure unlike."""

import torch
from torch import Tensor, nn

from nonet.train.embedder.held_out_figures import participation
from nonet.train.embedder.network import WIDTH
from nonet.train.embedder.objective import EmbedderObjective, losses_of, within


class Fixed(nn.Module):
    """Features that are given beforehand."""

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.features = features

    def forward(self, _: Tensor) -> Tensor:
        return self.features


def losses(features: Tensor, labels: Tensor) -> dict[str, float]:
    torch.manual_seed(0)
    learner = EmbedderObjective(Fixed(torch.cat([features, features])))  # type: ignore[arg-type]
    return {k: float(v) for k, v in losses_of(learner, torch.zeros(2, len(labels), 1, 1, 1), labels)._asdict().items()}


def test_equal_views_are_the_same() -> None:
    features, labels = torch.rand(12, WIDTH), torch.arange(12) % 3
    assert losses(features, labels)["same"] == 0


def test_crops_that_differ_by_structure_alone_have_no_spread() -> None:
    labels = torch.arange(30) % 3
    collapsed = torch.eye(3, WIDTH)[labels] * 20
    alive = collapsed + torch.randn(30, WIDTH, generator=torch.Generator().manual_seed(1))
    assert losses(collapsed, labels)["spread"] > 0.98
    assert losses(alive, labels)["spread"] < 0.9


def test_within_takes_out_the_mean_of_each_structure_and_no_more() -> None:
    values, labels = torch.randn(40, 5, generator=torch.Generator().manual_seed(2)), torch.arange(40) % 4
    centred = within(values, labels)
    for label in range(4):
        torch.testing.assert_close(centred[labels == label].mean(0), torch.zeros(5), atol=1e-6, rtol=0)
        torch.testing.assert_close(centred[labels == label].var(0), values[labels == label].var(0))


def test_participation_counts_directions() -> None:
    generator = torch.Generator().manual_seed(3)
    line = torch.randn(500, 1, generator=generator) @ torch.ones(1, 8)
    ball = torch.randn(500, 8, generator=generator)
    assert abs(participation(line) - 1) < 1e-3
    assert 7.5 < participation(ball) <= 8
