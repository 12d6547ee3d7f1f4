"""Groups into folds so that every fold has about the same share of every class: iterative stratification.

The rarest class is dealt out first, each group to the fold that lacks most of it (Sechidis, Tsoumakas & Vlahavas 2011,
*On the stratification of multi-label data*, doi 10.1007/978-3-642-23808-6_10), for groups of several rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["stratified_folds"]


def stratified_folds(counts: NDArray[np.integer], folds: int) -> NDArray[np.intp]:
    """The fold of each group, ``int[G]``, from 0.

    Parameters
    ----------
    counts
        ``int[G, L]``: how many rows of each class a group holds. Groups are dealt in their order, the largest first;
        ties between folds fall to each in turn.
    folds
        How many folds there are.
    """
    held = np.asarray(counts, np.float64)
    sizes = held.sum(axis=1)
    wanted = np.tile(held.sum(axis=0) / folds, (folds, 1))
    room = np.full(folds, sizes.sum() / folds)
    found = np.full(len(held), -1, np.intp)
    turn = 0
    while (found < 0).any():
        waiting = np.flatnonzero(found < 0)
        left = held[waiting].sum(axis=0)
        some = waiting
        rarest = None
        if (left > 0).any():
            rarest = int(np.where(left > 0, left, np.inf).argmin())
            some = waiting[held[waiting, rarest] > 0]
            some = some[np.argsort(-held[some, rarest], kind="stable")]
        for group in some.tolist():
            lacking = wanted[:, rarest] if rarest is not None else room
            keys = [(lacking[fold], room[fold], -((fold - turn) % folds)) for fold in range(folds)]
            best = max(range(folds), key=keys.__getitem__)
            found[group], turn = best, (best + 1) % folds
            wanted[best] -= held[group]
            room[best] -= max(sizes[group], 1)
    return found
