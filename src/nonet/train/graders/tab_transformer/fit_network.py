"""Fit a network by AdamW and stop when the loss on an inner slice of the rows no longer falls."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor, nn

__all__ = ["Schedule", "fit_network", "inner_slice", "one_thread_seeded"]

_MAX_GRADIENT = 1.0
_LEAST_ROWS = 20
"""With fewer rows none are set aside."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to learn; ``patience`` is in epochs without a better inner slice."""

    rate: float
    weight_decay: float
    batch: int
    epochs: int
    patience: int


def inner_slice(
    labels: NDArray[np.intp], groups: NDArray[np.intp], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which rows are set aside: whole groups in random order until ``share`` of each class is reached.

    A group is set aside only if rows of each of its classes stay behind. Of fewer than 20 rows none is.
    """
    aside = np.zeros(len(labels), np.bool_)
    if len(labels) < _LEAST_ROWS:
        return aside
    kept = np.bincount(labels)
    wanted = np.round(share * kept)
    for group in rng.permutation(np.unique(groups)):
        counts = np.bincount(labels[groups == group], minlength=len(kept))
        if np.all(counts <= wanted) and np.all(kept[counts > 0] > counts[counts > 0]):
            aside |= groups == group
            wanted, kept = wanted - counts, kept - counts
    return aside


def fit_network(
    network: nn.Module,
    rows: tuple[NDArray[np.float32], NDArray[np.intp]],
    weights: NDArray[np.float64],
    aside: NDArray[np.bool_],
    schedule: Schedule,
) -> tuple[int, float | None]:
    """Fit in place; the weights of the best epoch stay.

    Parameters
    ----------
    network
        Logits ``[N, K]`` of rows ``[N, D]``.
    rows
        Rows ``float32[N, D]`` and their classes ``int[N]``.
    weights
        ``float64[K]``, what a row of each class counts in the loss.
    aside
        Rows that are not trained on but say when to stop; without any, all epochs are run.

    Returns
    -------
    Epochs until the best, and its log loss on the inner slice (None if there is no slice).
    """
    inputs, labels = torch.from_numpy(rows[0]), torch.from_numpy(rows[1])
    counts = torch.from_numpy(weights.astype(np.float32))
    train, test = torch.from_numpy(np.flatnonzero(~aside)), torch.from_numpy(np.flatnonzero(aside))
    optimiser = torch.optim.AdamW(network.parameters(), schedule.rate, weight_decay=schedule.weight_decay)
    best, best_epoch, best_state = np.inf, schedule.epochs, None
    for epoch in range(1, schedule.epochs + 1):
        network.train()
        for batch in torch.split(train[torch.randperm(len(train))], schedule.batch):
            _step(network, optimiser, functional.cross_entropy(network(inputs[batch]), labels[batch], counts))
        if not len(test):
            continue
        loss = _stopping_loss(network, inputs[test], labels[test], counts)
        if loss < best:
            best, best_epoch, best_state = loss, epoch, deepcopy(network.state_dict())
        elif epoch - best_epoch >= schedule.patience:
            break
    if best_state is not None:
        network.load_state_dict(best_state)
    network.eval()
    return best_epoch, float(best) if len(test) else None


@contextmanager
def one_thread_seeded(seed: int) -> Iterator[None]:
    """One torch thread and a seed of its own, so that a fit is the same anywhere; both are put back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def _step(network: nn.Module, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), _MAX_GRADIENT)
    optimiser.step()


def _stopping_loss(network: nn.Module, inputs: Tensor, labels: Tensor, counts: Tensor) -> float:
    network.eval()
    with torch.no_grad():
        return float(functional.cross_entropy(network(inputs), labels, counts))
