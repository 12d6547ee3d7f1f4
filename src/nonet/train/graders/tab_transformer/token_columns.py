"""What the columns of a table are: continuous or categorical, and where the continuous ones are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.train.graders.tab_transformer.tab_transformer_network import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["describe_columns"]


def describe_columns(
    rows: NDArray[np.float32], labels: NDArray[np.intp], categorical: Sequence[int], binned: int, bins: int
) -> Columns:
    """Levels of the categorical columns, and quantiles of the ``binned`` most telling continuous ones.

    Parameters
    ----------
    rows
        ``float32[N, D]``, training rows.
    labels
        ``int[N]``, their classes.
    categorical
        Places of the columns that hold codes.
    binned
        How many continuous columns are cut; those that part the classes best (F of a one-way analysis
        of variance), constant ones never.
    bins
        Into how many bins of about as many rows.
    """
    continuous = tuple(place for place in range(rows.shape[1]) if place not in set(categorical))
    ratios = _f_ratios(rows.astype(np.float64), labels)
    telling = sorted(continuous, key=lambda place: (-ratios[place], place))[:binned]
    shares = np.arange(1, bins) / bins
    return Columns(
        continuous,
        {place: tuple(np.unique(rows[:, place]).tolist()) for place in categorical},
        {place: _quantiles(rows[:, place], shares) for place in sorted(telling) if ratios[place] >= 0},
    )


def _quantiles(column: NDArray[np.float32], shares: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.quantile(column, shares).astype(np.float32).tolist())


def _f_ratios(rows: NDArray[np.float64], labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Variance between the classes over that within them, a column each; -1 for constant columns."""
    truth = np.eye(labels.max() + 1)[labels]
    counts = truth.sum(axis=0)
    centred = rows - rows.mean(axis=0)
    means = truth.T @ centred / counts[:, None].clip(1)
    between = counts @ means**2
    total = (centred**2).sum(axis=0)
    within = (total - between).clip(1e-12 * total)
    ratios: NDArray[np.float64] = np.divide(between, within, out=np.full(len(total), -1.0), where=total > 0)
    return ratios
