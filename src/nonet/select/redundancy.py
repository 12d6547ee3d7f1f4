"""Keep one of the features that say the same: the one whose repeated ratings agree best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from nonet.select.icc import same

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

__all__ = ["RedundancyFilter"]

_BLOCK = 256
"""Columns of one matrix product."""


class RedundancyFilter(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps a feature if its absolute Pearson correlation with all kept before it is at most a threshold.

    Features are taken in order of falling ICC, those of equal ICC in the order of their columns. A constant
    column, which has no correlation, is left out.

    Parameters
    ----------
    threshold
        Largest absolute correlation of two kept features.

    Attributes
    ----------
    rival_
        ``int[F]``: of a feature that left, the kept one it goes with most of those kept before it; else -1.
    correlation_
        ``float64[F]``: the correlation with that one; NaN where there is none.
    n_features_in_
        Number of columns.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.1, 5.0], [2.0, 3.9, 1.0], [3.0, 6.0, 4.0]])
    >>> RedundancyFilter().fit(rows, icc=[0.8, 0.9, 0.8]).get_support().tolist()
    [False, True, True]
    """

    n_features_in_: int

    def __init__(self, *, threshold: float = 0.9) -> None:
        self.threshold = threshold

    def fit(self, X: ArrayLike, y: object = None, *, icc: ArrayLike | None = None) -> Self:  # noqa: N803
        """Find what goes together.

        Parameters
        ----------
        X
            ``[N, F]``, training rows without gaps.
        y
            Ignored.
        icc
            ``[F]``, by which features are ordered; without it the order is that of the columns.

        Raises
        ------
        ValueError
            If a value is not finite, or there is not one ICC a column.
        """
        rows = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        rank = np.zeros(rows.shape[1]) if icc is None else np.asarray(icc, np.float64)
        if rank.shape != (rows.shape[1],):
            raise ValueError(f"One ICC a column. Found: shape {rank.shape} for {rows.shape[1]} columns.")
        order = np.argsort(-rank, kind="stable")
        varied = ~same(rows, np.ones(rows.shape, np.bool_))
        self._sift(_of_length_one(rows), order[varied[order]])
        return self

    def _sift(self, columns: Values, order: NDArray[np.intp]) -> None:
        """Take the columns in their order, a block at a time: products with all kept before, then among themselves."""
        self.rival_, self.correlation_ = np.full(len(columns), -1), np.full(len(columns), np.nan)
        kept = np.empty(len(order), np.intp)
        directions, count = np.empty((len(order), columns.shape[1])), 0
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            products = columns[block] @ np.vstack([directions[:count], columns[block]]).T
            before, places = count, np.arange(count)
            for place, column in enumerate(block):
                correlations = products[place, places]
                nearest = int(np.abs(correlations).argmax()) if len(places) else -1
                if nearest >= 0 and abs(correlations[nearest]) > self.threshold:
                    self.rival_[column] = kept[nearest]
                    self.correlation_[column] = correlations[nearest].clip(-1, 1)
                else:
                    kept[count], directions[count] = column, columns[column]
                    places = np.append(places, before + place)
                    count += 1
        self._kept = np.isin(np.arange(len(columns)), kept[:count])

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self, "rival_")
        return self._kept


def _of_length_one(rows: Values) -> Values:
    """``float64[F, N]``: each column less its mean and of length 1, so that products are correlations."""
    largest = np.abs(rows).max(axis=0)
    scaled = rows / np.where(largest > 0, largest, 1)
    centred = scaled - scaled.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return np.ascontiguousarray((centred / np.where(length > 0, length, 1)).T)
