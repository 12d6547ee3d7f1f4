"""How often each feature is chosen when half of the frames had been there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.intp]

__all__ = ["complementary_halves", "selection_frequency"]

_TRIES = 100


def selection_frequency(
    choose: Callable[[Rows], NDArray[np.bool_]],
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    resamples: int = 100,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Share of resamples in which each feature is chosen.

    Parameters
    ----------
    choose
        Takes rows of the training set and returns which features it chooses on them, ``bool[F]``.
    y
        ``[N]``, the classes; every half has all of them.
    groups
        ``[N]``; rows of one group (a patient, a frame) stay together.
    resamples
        An even number of halves: each draw gives two that have no group in common.
    seed
        The same seed gives the same halves.

    Raises
    ------
    TrainingError
        If no half with every class is found, or the number of resamples is not even and above 0.

    Notes
    -----
    Complementary pairs of halves: Shah and Samworth 2013, J. R. Stat. Soc. B 75, 55, after the stability
    selection of Meinshausen and Bühlmann 2010.
    """
    if resamples < 2 or resamples % 2:
        raise TrainingError(
            "Resamples come in pairs of halves", found=f"{resamples}", remedy="Ask for an even number above 0"
        )
    chosen = [choose(rows) for rows in complementary_halves(y, groups, resamples // 2, seed)]
    shares: NDArray[np.float64] = np.mean(chosen, axis=0)
    return shares


def complementary_halves(y: ArrayLike, groups: ArrayLike | None, pairs: int, seed: int) -> Iterator[Rows]:
    """Twice as many halves as pairs, each pair without a group in common, and each half with every class."""
    labels = np.unique(np.asarray(y), return_inverse=True)[1]
    members = np.arange(len(labels)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    for _ in range(pairs):
        first = _half(labels, members, rng)
        yield np.flatnonzero(first)
        yield np.flatnonzero(~first)


def _half(labels: Rows, members: Rows, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Rows of a random half; groups are dealt in turn, class by class, so that both halves are alike."""
    tail_share = np.bincount(labels)[labels]
    rarest = np.full(members.max(initial=-1) + 1, np.iinfo(np.intp).max)
    np.minimum.at(rarest, members, tail_share * (labels.max(initial=0) + 1) + labels)
    every = labels.max(initial=0) + 1
    for _ in range(_TRIES):
        shuffled = rng.permutation(len(rarest))
        order = shuffled[np.argsort(rarest[shuffled], kind="stable")]
        side = np.zeros(len(rarest), np.bool_)
        side[order[rng.integers(2) :: 2]] = True
        first = side[members]
        if len(np.unique(labels[first])) == len(np.unique(labels[~first])) == every:
            return first
    raise TrainingError(
        "Every half of the frames has frames of every class",
        found="a class that cannot be divided",
        remedy="Leave out classes of fewer than two patients or frames",
    )
