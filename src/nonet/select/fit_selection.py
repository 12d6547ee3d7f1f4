"""Stability, redundancy and LASSO in their order, on the rows of one structure in one training fold."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import SettingsError
from nonet.select.frequency import selection_frequency
from nonet.select.icc import transferred_agreement
from nonet.select.lasso import LassoSelector
from nonet.select.penalty_rule import PenaltyRule
from nonet.select.redundancy import RedundancyFilter
from nonet.select.removal_reasons import RemovalReason
from nonet.select.selection_record import FeatureRecord
from nonet.select.stability_filter import SOURCES, StabilityFilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from nonet.select.ratings import Ratings
    from nonet.select.selection_record import Interval

    Values = NDArray[np.float64]
    Places = NDArray[np.intp]

__all__ = ["Selection", "SelectionSettings", "fit_selection"]

_DIGITS = 4
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class Selection:
    """The names of the selected features in the order of the columns, and the record of every feature."""

    names: tuple[str, ...]
    record: tuple[FeatureRecord, ...]


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """Settings of the three filters; see `StabilityFilter`, `RedundancyFilter` and `LassoSelector`.

    Attributes
    ----------
    sources, least_icc, least_pair, most_missing, min_subjects
        Of stability.
    reported
        Sources that are measured and remove nothing; how much subjects differ is taken from the rows.
    most_correlation
        Of redundancy.
    folds, rule, l1_ratio
        Inner folds of the LASSO, which penalty of its path is taken, and how much of it is L1 (less than 1: an elastic
        net).
    resamples
        Halves of the rows for the frequencies, an even number; 0 for none.
    seed
        Of folds and halves.
    """

    sources: tuple[str, ...] = SOURCES
    reported: tuple[str, ...] = ()
    least_icc: float = 0.75
    least_pair: float = 0.5
    most_missing: float = 0.1
    min_subjects: int = 10
    most_correlation: float = 0.9
    folds: int = 5
    rule: PenaltyRule = PenaltyRule.ONE_STANDARD_ERROR
    l1_ratio: float = 1.0
    resamples: int = 100
    seed: int = 0


def fit_selection(
    X: ArrayLike,  # noqa: N803
    y: ArrayLike,
    names: Sequence[str],
    ratings: Mapping[str, Ratings],
    *,
    frames: Sequence[str] | None = None,
    groups: ArrayLike | None = None,
    settings: SelectionSettings | None = None,
) -> Selection:
    """Select features for one structure.

    Gaps of the columns that are stable are filled with their medians before the two filters that need
    whole columns. Frequencies are those of these two, with the penalties found on all rows.

    Parameters
    ----------
    X
        ``[N, F]``, training rows of the structure; NaN where there is no value.
    y
        ``[N]``, their classes.
    names
        ``F`` names.
    ratings
        By source, of the same ``F`` features; those made on real frames only of training frames.
    frames
        ``[N]``, the frame of each row; needed if ratings were made on real frames.
    groups
        ``[N]``, a patient or frame, kept on one side of inner folds and halves; by default the frames.
    settings
        By default those of the published pipeline.

    Raises
    ------
    LeakError
        If a rated frame is not among the frames.
    SettingsError
        If names or sources do not fit.
    ValueError
        If there are too few rows or classes.
    """
    chosen_by = settings or SelectionSettings()
    values = _known(np.asarray(X, np.float64))
    _check_names(names, values)
    stability = StabilityFilter(
        sources=chosen_by.sources,
        threshold=chosen_by.least_icc,
        least_pair=chosen_by.least_pair,
        most_missing=chosen_by.most_missing,
        min_subjects=chosen_by.min_subjects,
    ).fit(
        values,
        ratings={source: one for source, one in ratings.items() if source not in chosen_by.reported},
        frames=frames,
    )
    stable = np.flatnonzero(stability.get_support())
    rows = _Rows(
        _filled(values[:, stable]),
        np.asarray(y),
        frames if groups is None else groups,
        stability.icc_[:, stable].min(axis=0, initial=1),
        chosen_by,
    )
    record = _stability_record(names, stability, _reported(values, ratings, chosen_by))
    if not len(stable):
        return Selection((), tuple(record))
    columns = _choose(rows, [record[place] for place in stable])
    for place, column in zip(stable, columns, strict=True):
        record[place] = column
    return Selection(tuple(column.name for column in record if column.reason is None), tuple(record))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Stable columns without gaps, their classes and groups, and the ICC that orders them."""

    filled: Values
    y: NDArray[np.generic]
    groups: ArrayLike | None
    icc: Values
    settings: SelectionSettings

    def redundancy(self, some: Places | slice = slice(None)) -> RedundancyFilter:
        return RedundancyFilter(threshold=self.settings.most_correlation).fit(self.filled[some], icc=self.icc)

    @property
    def has_lasso(self) -> bool:
        return self.settings.rule is not PenaltyRule.NONE

    def lasso(self, kept: NDArray[np.bool_]) -> LassoSelector:
        selector = LassoSelector(
            folds=self.settings.folds,
            rule=self.settings.rule.value,
            l1_ratio=self.settings.l1_ratio,
            random_state=self.settings.seed,
        )
        return selector.fit(self.filled[:, kept], self.y, self.groups)

    def frequencies(self, lasso: LassoSelector) -> Values:
        """How often redundancy filter and LASSO choose each column on half of the rows, at the same penalties."""
        again = LassoSelector(
            penalties=tuple(lasso.penalties_), l1_ratio=self.settings.l1_ratio, random_state=self.settings.seed
        )

        def choose(some: Places) -> NDArray[np.bool_]:
            chosen: NDArray[np.bool_] = self.redundancy(some).get_support()
            if chosen.any():
                chosen[chosen] = again.fit(self.filled[some][:, chosen], self.y[some]).get_support()
            return chosen

        count, seed = self.settings.resamples, self.settings.seed
        return selection_frequency(choose, self.y, self.groups, resamples=count, seed=seed)


def _choose(rows: _Rows, columns: Sequence[FeatureRecord]) -> list[FeatureRecord]:
    """The record of each stable column after redundancy filter and LASSO."""
    redundancy = rows.redundancy()
    kept = redundancy.get_support()
    chosen = kept.copy()
    lasso = rows.lasso(kept) if rows.has_lasso else None
    if lasso:
        chosen[kept] = lasso.get_support()
    decided = [
        replace(column, reason=None if use else RemovalReason.NOT_CHOSEN)
        if keep
        else replace(column, reason=RemovalReason.REDUNDANT, rival=columns[rival].name, correlation=round(r, _DIGITS))
        for column, use, keep, rival, r in zip(
            columns, chosen, kept, redundancy.rival_, redundancy.correlation_.tolist(), strict=True
        )
    ]
    if lasso and rows.settings.resamples:
        often = rows.frequencies(lasso).tolist()
        decided = [replace(column, frequency=share) for column, share in zip(decided, often, strict=True)]
    return decided


def _stability_record(
    names: Sequence[str], stability: StabilityFilter, reported: Mapping[str, Values]
) -> list[FeatureRecord]:
    """A line for each feature with its agreements, and why it left if it was not stable."""
    of_source = [
        (source, np.column_stack([one.icc, one.low, one.high]).round(_DIGITS).tolist())
        for source, one in stability.agreement_.items()
    ]
    pairs = dict(zip(stability.agreement_, stability.least_pair_.round(_DIGITS).tolist(), strict=True))
    return [
        FeatureRecord(
            name,
            reason,
            {source: _interval(rows[place]) for source, rows in of_source},
            least_pair={source: row[place] for source, row in pairs.items() if not np.isnan(row[place])},
            reported={source: _or_none(row[place]) for source, row in reported.items()},
        )
        for place, (name, reason) in enumerate(zip(names, stability.reason_, strict=True))
    ]


def _reported(values: Values, ratings: Mapping[str, Ratings], settings: SelectionSettings) -> dict[str, Values]:
    """ICC(A,1) of the sources that are reported, with the variance between the rows."""
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        spread = np.nanvar(values, axis=0, ddof=1)
    return {
        source: transferred_agreement(ratings[source].values, spread, least=settings.min_subjects).icc.round(_DIGITS)
        for source in settings.reported
        if source in ratings
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _interval(row: list[float]) -> Interval | None:
    icc, low, high = row
    return None if np.isnan(icc) else (icc, low, high)


def _known(values: Values) -> Values:
    """Values, NaN where they are not finite or so large that their squares overflow."""
    return np.where(np.abs(values) <= _LARGEST, values, np.nan)


def _filled(values: Values) -> Values:
    """Columns with their medians in the gaps; each has a value."""
    return np.where(np.isnan(values), np.nanmedian(values, axis=0), values)


def _check_names(names: Sequence[str], values: Values) -> None:
    if values.ndim != 2 or len(names) != values.shape[1] or len(set(names)) < len(names):
        raise SettingsError(
            "A table of features has a name for each column, and each name once",
            found=f"{len(names)} names, {len(set(names))} of them different, for shape {values.shape}",
            remedy="Give the names of the table's columns",
        )
