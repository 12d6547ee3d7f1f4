"""The losses of the embedder, with the heads that only training needs: a classifier and an expander.

Variance, invariance and covariance as in VICReg (Bardes, Ponce & LeCun 2022, arXiv 2105.04906), but
for one thing: variance and covariance are those within a structure, because a network that is given
the structures otherwise spreads the nine apart and lets the crops of each fall together (Papyan, Han
& Donoho 2020, arXiv 2008.08186), and it is by their differences that a structure is graded.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from nonet.anatomy import STRUCTURES
from nonet.train.embedder.network import WIDTH, EmbedderNetwork

__all__ = ["CLASSES", "EmbedderObjective", "Losses", "losses_of", "within"]

CLASSES = len(STRUCTURES) + 1
"""The nine structures and, last, none of them."""

_EXPANDED = 512
_TINY = 1e-4


class EmbedderObjective(nn.Module):
    """The network and what stands on it while it learns."""

    def __init__(self, network: EmbedderNetwork) -> None:
        super().__init__()
        self.network = network
        self.classifier = nn.Linear(WIDTH, CLASSES)
        self.expander = nn.Sequential(
            nn.Linear(WIDTH, _EXPANDED, bias=False),
            nn.BatchNorm1d(_EXPANDED),
            nn.ReLU(),
            nn.Linear(_EXPANDED, _EXPANDED),
        )


class Losses(NamedTuple):
    """Which structure it is; two views are the same; crops of a structure differ, each number in its own way."""

    structure: Tensor
    same: Tensor
    spread: Tensor
    apart: Tensor


def losses_of(learner: EmbedderObjective, views: Tensor, labels: Tensor) -> Losses:
    """The four losses of a batch.

    Parameters
    ----------
    learner
        Learns.
    views
        ``float32[2, N, 1, H, W]`` in 0 to 1, two views of each crop.
    labels
        ``int64[N]``, index of the structure, or 9 for none.
    """
    features = learner.network(views.flatten(0, 1))
    logits = learner.classifier(features)
    first, second = learner.expander(features).chunk(2)
    spreads = [_spread_and_covariance(within(side, labels), labels) for side in (first, second)]
    return Losses(
        functional.cross_entropy(logits, labels.repeat(2)),
        functional.mse_loss(first, second),
        torch.stack([spread for spread, _ in spreads]).mean(),
        torch.stack([covariance for _, covariance in spreads]).mean(),
    )


def within(values: Tensor, labels: Tensor) -> Tensor:
    """``float32[N, D]`` less the mean of those with the same label."""
    member = functional.one_hot(labels, CLASSES).to(values.dtype)
    means = (member.T @ values) / member.sum(0).clamp_min(1)[:, None]
    return values - member @ means


def _spread_and_covariance(centred: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """By how much numbers spread less than 1, and the mean square sum of what each shares with the others."""
    freedom = max(len(labels) - len(set(labels.tolist())), 1)
    covariance = centred.T @ centred / freedom
    variances = covariance.diagonal()
    shared = covariance.square().sum() - variances.square().sum()
    return functional.relu(1 - (variances + _TINY).sqrt()).mean(), shared / len(variances)
