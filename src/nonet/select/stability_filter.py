"""Keep the features that come out alike when the same anatomy is measured again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from nonet.errors import SettingsError
from nonet.select.icc import Agreement, agreement, same
from nonet.select.removal_reasons import RemovalReason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from nonet.select.ratings import Ratings

__all__ = ["SOURCES", "StabilityFilter"]

SOURCES = ("reviewers", "machines")
"""The two sources of ratings of the published pipeline."""


class StabilityFilter(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps a feature if its ICC(A,1) reaches a threshold in every source of repeated ratings.

    Of a source whose raters are held against the first (`Ratings.against_first`), the median over its pairs must reach
    the threshold and the least pair another one.

    Columns that lack too many values, or have one value only, leave as well. What is kept may still have
    gaps. Ratings are given to ``fit``, not at construction, so that each fold brings its own.

    Parameters
    ----------
    sources
        The sources that ``fit`` must be given. With none, only missing and constant columns leave.
    threshold
        Least ICC(A,1), of the point estimate.
    least_pair
        Least ICC(A,1) of any pair, in sources whose raters are held against the first.
    most_missing
        Largest share of rows, and of rated subjects, that may have no value.
    min_subjects
        Least number of subjects that every rater gave a value.

    Attributes
    ----------
    icc_, low_, high_
        ``float64[sources, F]``: ICC(A,1) and its 95 % interval, medians over pairs where there are; NaN where there is
        none.
    least_pair_
        ``float64[sources, F]``: that of the pair that agrees least; NaN where all raters are held against each other.
    agreement_
        By source: the same, with the number of subjects, and why there is no coefficient.
    reason_
        ``F`` reasons to leave, None for what stays; if several hold, the first in the order of `RemovalReason`.
    n_features_in_
        Number of columns.

    Examples
    --------
    >>> from nonet.select import Ratings
    >>> rng = np.random.default_rng(0)
    >>> heads = rng.normal(size=(40, 1, 2))
    >>> noise = rng.normal(size=(40, 3, 2)) * [0.1, 2.0]
    >>> stable = StabilityFilter(sources=("machines",))
    >>> stable.fit(heads[:, 0], ratings={"machines": Ratings(heads + noise)}).get_support().tolist()
    [True, False]
    """

    n_features_in_: int

    def __init__(
        self,
        *,
        sources: Sequence[str] = SOURCES,
        threshold: float = 0.75,
        least_pair: float = 0.5,
        most_missing: float = 0.1,
        min_subjects: int = 10,
    ) -> None:
        self.sources = sources
        self.threshold = threshold
        self.least_pair = least_pair
        self.most_missing = most_missing
        self.min_subjects = min_subjects

    def fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,
        *,
        ratings: Mapping[str, Ratings] | None = None,
        frames: Collection[str] | None = None,
    ) -> Self:
        """Measure the agreement of each column.

        Parameters
        ----------
        X
            ``[N, F]``, training rows; NaN where there is no value.
        y
            Ignored.
        ratings
            By source, with ``F`` features each.
        frames
            Names of the training frames; needed if ratings were made on real frames.

        Raises
        ------
        LeakError
            If a rated frame is not a training frame.
        SettingsError
            If a source is missing or not expected, or has another number of features.
        """
        rows = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        given = self._checked(dict(ratings or {}), frames)
        measured = {source: _measured(given[source], self.min_subjects) for source in self.sources}
        self.agreement_: dict[str, Agreement] = {source: one for source, (one, _) in measured.items()}
        self.least_pair_ = np.array([least for _, least in measured.values()]).reshape(len(measured), rows.shape[1])
        for name in ("icc", "low", "high"):
            of_source = [getattr(one, name) for one in self.agreement_.values()]
            setattr(self, f"{name}_", np.array(of_source).reshape(len(of_source), rows.shape[1]))
        self.reason_ = self._reasons(rows, {source: len(one.values) for source, one in given.items()})
        return self

    def _checked(self, ratings: dict[str, Ratings], frames: Collection[str] | None) -> dict[str, Ratings]:
        if set(ratings) != set(self.sources):
            raise SettingsError(
                f"Stability is measured on {', '.join(self.sources) or 'no ratings'}",
                found=", ".join(ratings) or "no ratings",
                remedy="Give fit the ratings of each source, or name other sources",
            )
        for source, one in ratings.items():
            one.refuse_beyond(frames)
            if one.values.shape[2] != self.n_features_in_:
                raise SettingsError(
                    "Ratings are of the features that are to be selected",
                    found=f"{one.values.shape[2]} from {source}, {self.n_features_in_} columns",
                    remedy="Measure the same features in both",
                )
        return ratings

    def _reasons(self, rows: NDArray[np.float64], subjects: Mapping[str, int]) -> tuple[RemovalReason | None, ...]:
        known = np.isfinite(rows)
        missing = (~known).mean(axis=0) > self.most_missing
        constant = same(rows, known)
        few, unstable = np.zeros((2, rows.shape[1]), np.bool_)
        for source, one in self.agreement_.items():
            missing |= (subjects[source] - one.subjects) / max(subjects[source], 1) > self.most_missing
            constant |= np.array([reason is RemovalReason.CONSTANT for reason in one.reasons], np.bool_)
            few |= np.array([reason is RemovalReason.FEW_SUBJECTS for reason in one.reasons], np.bool_)
            unstable |= one.icc < self.threshold
        unstable |= (self.least_pair_ < self.least_pair).any(axis=0)
        first = np.select([missing, constant, few, unstable], [0, 1, 2, 3], -1)
        words = (
            RemovalReason.MISSING,
            RemovalReason.CONSTANT,
            RemovalReason.FEW_SUBJECTS,
            RemovalReason.UNSTABLE,
            None,
        )
        return tuple(words[place] for place in first)

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        return np.array([reason is None for reason in self.reason_], np.bool_)

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _measured(ratings: Ratings, least: int) -> tuple[Agreement, NDArray[np.float64]]:
    """The agreement of a source, and that of the pair that agrees least (NaN where there are no pairs)."""
    if not ratings.against_first:
        return agreement(ratings.values, least=least), np.full(ratings.values.shape[2], np.nan)
    pairs = [agreement(ratings.values[:, [0, other]], least=least) for other in range(1, ratings.values.shape[1])]
    icc = np.array([pair.icc for pair in pairs])
    known = np.isfinite(icc).all(axis=0)

    def middle(name: str) -> NDArray[np.float64]:
        return np.where(known, np.median([getattr(pair, name) for pair in pairs], axis=0), np.nan)

    reasons = tuple(next((why for why in each if why), None) for each in zip(*(p.reasons for p in pairs), strict=True))
    subjects = np.min([pair.subjects for pair in pairs], axis=0)
    whole = Agreement(middle("icc"), middle("low"), middle("high"), subjects, reasons)
    return whole, np.where(known, icc.min(axis=0), np.nan)
