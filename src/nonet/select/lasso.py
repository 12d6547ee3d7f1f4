"""Keep the features that an L1 logistic regression needs to tell one class from the others."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.special import expit
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from nonet.select.icc import same
from nonet.select.penalty_rule import PenaltyRule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    _Fold = tuple[Values, Values, NDArray[np.intp], NDArray[np.intp]]
    """Standardised training and test rows, and which rows they are."""

__all__ = ["LassoSelector", "PenaltyPath"]

_MOST_STEPS = 1_000
_TINY = 1e-12
_SAGA = {"solver": "saga", "tol": 1e-3, "max_iter": 300}
"""Of an elastic net; the weakest penalties of a path, which are seldom taken, may stop short of the optimum."""
_SLACK = 1e-3
"""By which a slope may be over the penalty, as a share of it: solvers stop near their optimum."""
_INTERCEPT_SCALING = 1000.0
"""liblinear charges the intercept as it does a weight; so much larger, it costs next to nothing."""


@dataclass(frozen=True, slots=True)
class PenaltyPath:
    """The loss of each penalty on test rows, the largest penalty first.

    Attributes
    ----------
    penalties
        ``float64[P]``, per row: what a unit of weight costs against the mean log loss.
    losses, errors
        ``float64[P]``: log loss in nats, both classes counted alike, and the standard error over folds.
    """

    penalties: Values
    losses: Values
    errors: Values

    def chosen(self, rule: PenaltyRule = PenaltyRule.ONE_STANDARD_ERROR) -> float:
        """The penalty that a rule takes."""
        best = int(self.losses.argmin())
        if rule is PenaltyRule.MINIMUM:
            return float(self.penalties[best])
        return float(self.penalties[np.argmax(self.losses <= self.losses[best] + self.errors[best])])


class LassoSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps what any one-versus-rest L1 logistic regression gives a weight (liblinear).

    Columns are standardised, inside each inner fold anew, and the classes count alike. Each class has a
    penalty of its own, by default the largest whose out-of-fold log loss is within one standard error of the best.
    Intercepts are not penalised, so that a rare class keeps its support.
    A class that nothing tells from the others gets no feature, so nothing may be left.

    Parameters
    ----------
    folds
        Inner folds, at most as many as the rarest class has groups.
    penalties
        One a problem, to skip the inner folds; as `penalties_` of another fit.
    l1_ratio
        Share of the penalty that is L1; the rest is L2, which makes it an elastic net (Zou and Hastie 2005; saga).
    rule
        One of `PenaltyRule`.
    points, reach
        A path has so many penalties, evenly on a logarithmic scale, from the least that leaves nothing down
        to ``reach`` times it.
    patience
        A path stops after so many penalties in a row without a lower loss.
    random_state
        Seed of folds and of liblinear.

    Attributes
    ----------
    classes_
        The classes, sorted.
    penalties_
        ``float64[K]``, or ``[1]`` of two classes.
    paths_
        What the penalties were chosen from; empty if they were given.
    coef_
        ``float64[K, F]`` or ``[1, F]``: weights of the standardised columns.
    n_features_in_
        Number of columns.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(200, 5))
    >>> LassoSelector(penalties=(0.05,)).fit(rows, rows[:, 2] > 0).get_support().tolist()
    [False, False, True, False, False]
    """

    n_features_in_: int

    def __init__(
        self,
        *,
        folds: int = 5,
        penalties: Sequence[float] | None = None,
        l1_ratio: float = 1.0,
        rule: str = PenaltyRule.ONE_STANDARD_ERROR.value,
        points: int = 30,
        reach: float = 0.01,
        patience: int = 4,
        random_state: int = 0,
    ) -> None:
        self.folds = folds
        self.penalties = penalties
        self.l1_ratio = l1_ratio
        self.rule = rule
        self.points = points
        self.reach = reach
        self.patience = patience
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:  # noqa: N803
        """Choose the penalties and fit with them.

        Parameters
        ----------
        X
            ``[N, F]``, training rows without gaps.
        y
            ``[N]``, classes of any sortable kind, at least two of them.
        groups
            ``[N]``; rows of one group (a patient, a frame) are never on both sides of an inner fold.

        Raises
        ------
        ValueError
            If a value is not finite, or there are too few classes, groups or penalties.
        """
        rows, answers = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(answers)
        self.classes_, labels = np.unique(answers, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("LassoSelector needs two classes or more. Found: one class.")
        numbers = np.arange(len(labels)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
        check_consistent_length(rows, numbers)
        problems = [labels == place for place in range(len(self.classes_))]
        problems = problems if len(problems) > 2 else problems[1:]
        with config_context(assume_finite=True, skip_parameter_validation=True):
            return self._fitted(rows, labels, numbers, problems)

    def _fitted(self, rows: Values, labels: NDArray[np.intp], numbers: NDArray[np.intp], problems: list[Mask]) -> Self:
        """Choose the penalties and fit with them; rows and classes have been checked."""
        self.paths_ = () if self.penalties is not None else self._paths(rows, labels, numbers, problems)
        rule = PenaltyRule(self.rule)
        chosen = [path.chosen(rule) for path in self.paths_] if self.paths_ else self.penalties
        self.penalties_ = np.array(chosen, np.float64)
        if self.penalties_.shape != (len(problems),) or not (self.penalties_ > 0).all():
            raise ValueError(f"LassoSelector needs a positive penalty for each of {len(problems)} problems.")
        scaled = _Scale(rows).of(rows)
        self.coef_ = np.array(
            [self._weights(scaled, one, penalty)[0] for one, penalty in zip(problems, self.penalties_, strict=True)]
        )
        return self

    def _paths(
        self, rows: Values, labels: NDArray[np.intp], groups: NDArray[np.intp], problems: list[Mask]
    ) -> tuple[PenaltyPath, ...]:
        folds = [
            (
                _Scale(rows[train_rows]).of(rows[train_rows]),
                _Scale(rows[train_rows]).of(rows[test_rows]),
                train_rows,
                test_rows,
            )
            for train_rows, test_rows in _inner_folds(labels, groups, self.folds, self.random_state)
        ]
        scaled = _Scale(rows).of(rows)
        return tuple(self._path(scaled, positive, folds) for positive in problems)

    def _path(self, scaled: Values, positive: Mask, folds: list[_Fold]) -> PenaltyPath:
        """Walk down the penalties until the loss has not fallen for a while."""
        usable = [fold for fold in folds if 0 < positive[fold[2]].mean() < 1]
        if len(usable) < 2:
            raise ValueError("LassoSelector needs groups of each class in two inner folds or more.")
        balance = _balance(positive)
        penalties = _largest_penalty(scaled, positive) / self.l1_ratio * np.geomspace(1, self.reach, self.points)
        set_aside = [(test, test_rows) for _, test, _, test_rows in usable]
        descents = [_Descent(fold[0], positive[fold[2]], self._weights, self.l1_ratio) for fold in usable]
        losses: list[Values] = []
        for penalty in penalties:
            fitted = [descent.weights(penalty) for descent in descents]
            losses.append(
                np.array([_loss(*one, *fold, positive, balance) for one, fold in zip(fitted, set_aside, strict=True)])
            )
            means = [float(loss.mean()) for loss in losses]
            if len(means) - 1 - int(np.argmin(means)) >= self.patience:
                break
        table = np.array(losses)
        errors = table.std(axis=1, ddof=1) / np.sqrt(len(usable))
        return PenaltyPath(penalties[: len(table)], table.mean(axis=1), errors)

    def _weights(self, scaled: Values, positive: Mask, penalty: float) -> tuple[Values, float]:
        liblinear = {"solver": "liblinear", "intercept_scaling": _INTERCEPT_SCALING, "max_iter": _MOST_STEPS}
        model = LogisticRegression(
            l1_ratio=self.l1_ratio,
            C=1 / (penalty * len(scaled)),
            class_weight={True: 0.5 / positive.mean(), False: 0.5 / (1 - positive.mean())},
            random_state=self.random_state,
            **(liblinear if self.l1_ratio == 1 else _SAGA),
        )
        with warnings.catch_warnings():
            if self.l1_ratio < 1:
                warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(scaled, positive)
        return model.coef_[0], float(model.intercept_[0])

    def _get_support_mask(self) -> Mask:
        check_is_fitted(self)
        chosen: Mask = (self.coef_ != 0).any(axis=0)
        return chosen

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


class _Scale:
    """Mean and standard deviation of each column; a constant one becomes 0."""

    def __init__(self, rows: Values) -> None:
        self.mean, spread = rows.mean(axis=0), rows.std(axis=0)
        self.spread = np.where(same(rows, np.ones(rows.shape, np.bool_)) | (spread == 0), np.inf, spread)

    def of(self, rows: Values) -> Values:
        scaled: Values = (rows - self.mean) / self.spread
        return scaled


class _Descent:
    """Weights of one problem at lower and lower penalties, each fitted on the columns that can have one.

    Which these are is told by the slopes at the penalty before (the sequential strong rule: Tibshirani et al. 2012,
    J. R. Stat. Soc. B 74, 245); a column left out whose slope is over the penalty after all joins, and the fit is made
    again, so that the weights are those of all columns.
    """

    def __init__(
        self,
        scaled: Values,
        positive: Mask,
        solve: Callable[[Values, Mask, float], tuple[Values, float]],
        l1_ratio: float,
    ) -> None:
        self._scaled = np.asfortranarray(scaled)
        self._positive, self._solve, self._l1_ratio = positive, solve, l1_ratio
        self._slopes = np.abs(_slopes(scaled, positive, np.zeros(len(scaled))))
        self._before = float(self._slopes.max(initial=0.0))

    def weights(self, penalty: float) -> tuple[Values, float]:
        """Weights ``float64[F]`` and offset at a penalty below that of the call before."""
        l1 = penalty * self._l1_ratio
        candidates = self._slopes >= 2 * l1 - self._before
        while True:
            weights, offset, margin = np.zeros(self._scaled.shape[1]), 0.0, np.zeros(len(self._scaled))
            if candidates.any():
                columns = self._scaled[:, candidates]
                weights[candidates], offset = self._solve(columns, self._positive, penalty)
                margin = columns @ weights[candidates] + offset
            slopes = np.abs(_slopes(self._scaled, self._positive, margin))
            missed = ~candidates & (slopes > l1 * (1 + _SLACK))
            if not missed.any():
                self._slopes, self._before = slopes, l1
                return weights, offset
            candidates |= missed


def _loss(
    weights: Values, offset: float, test: Values, test_rows: NDArray[np.intp], positive: Mask, balance: Values
) -> float:
    """Log loss of the rows set aside, by weights fitted on the others."""
    margin = np.where(positive[test_rows], 1, -1) * (test @ weights + offset)
    return float(np.average(np.logaddexp(0, -margin), weights=balance[test_rows]))


def _slopes(scaled: Values, positive: Mask, margin: Values) -> Values:
    """Derivatives of the mean balanced log loss by each weight, where rows have that margin: ``float64[F]``."""
    pull = _balance(positive) * (expit(margin) - positive)
    slopes: Values = pull @ scaled / len(scaled)
    return slopes


def _balance(positive: Mask) -> Values:
    """What each row counts, so that both classes count alike and the mean is 1."""
    share = positive.mean()
    counts: Values = np.where(positive, 0.5 / share, 0.5 / (1 - share))
    return counts


def _largest_penalty(scaled: Values, positive: Mask) -> float:
    """The least penalty that leaves no weight: the slope of the loss where all weights are 0."""
    return max(float(np.abs(_slopes(scaled, positive, np.zeros(len(scaled)))).max()), _TINY)


def _inner_folds(
    labels: NDArray[np.intp], groups: NDArray[np.intp], folds: int, seed: int
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """Training and test rows of each inner fold; the structures of a frame have the same, which are found once."""
    return _same_folds(labels.tobytes(), groups.tobytes(), folds, seed)


@lru_cache(maxsize=4)
def _same_folds(
    labels_bytes: bytes, groups_bytes: bytes, folds: int, seed: int
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    labels, groups = (np.frombuffer(each, np.intp) for each in (labels_bytes, groups_bytes))
    rarest = min(len(np.unique(groups[labels == label])) for label in np.unique(labels))
    count = min(folds, rarest)
    if count < 2:
        raise ValueError("LassoSelector needs two groups or more of each class for its inner folds.")
    divider = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return tuple(divider.split(labels, labels, groups))
