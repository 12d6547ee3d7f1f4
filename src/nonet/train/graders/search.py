"""Choose the settings of a grader by inner cross-validation, by the same rule for every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nonet.bundle.grader_kind import GraderKind
from nonet.errors import TrainingError
from nonet.grade.held_out import HeldOutCopies, copy_counts
from nonet.grade.novelty import distances
from nonet.grade.preprocessing import Preprocessing
from nonet.train.graders.kinds import Setting, build, candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from nonet.grade import FeatureRows

    _Member = tuple[Preprocessing, Any]
    Shares = NDArray[np.float64]
    Places = NDArray[np.intp]
    Choose = Callable[[Places], Sequence[str]]
    BlockOf = Callable[[str], str]

__all__ = ["Copies", "Found", "Trial", "inner_folds", "search"]

_FLOOR = 1e-6
_APART = 10_007
"""Between the seeds of draws, so that none is that of another repeat of a study."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows of the same items seen otherwise, which only fits and calibration use: no setting is chosen by one.

    All copies of a row together count as much as the row, in logistic regression, boosting and calibration; the
    TabTransformer learns from each once.

    Attributes
    ----------
    features
        ``M`` rows.
    of
        ``int[M]``, the row that each is a copy of: its answer and its group are that row's.
    """

    features: FeatureRows
    of: Places

    def take(self, rows: Places) -> Copies:
        """The copies of some rows, which are numbered anew in the order given."""
        number = {row: place for place, row in enumerate(rows.tolist())}
        kept = np.flatnonzero(np.isin(self.of, rows))
        return Copies(self.features.take(kept), np.array([number[row] for row in self.of[kept].tolist()], np.intp))

    def keep(self, names: Sequence[str]) -> Copies:
        """Some of the columns."""
        return Copies(self.features.keep(names), self.of)


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting and its out-of-fold log loss, nats a row."""

    setting: Setting
    log_loss: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes
    ----------
    kind
        Of the grader.
    classes
        The classes, sorted.
    trials
        Everything that was tried, in order.
    best
        The trial of least log loss, the first of them if several.
    out_of_fold
        ``float64[R * N, K]``: its probabilities of each row, by a classifier that did not see the row; all ``N`` rows
        in the first of ``R`` draws of the inner folds, then in the next.
    distances
        ``float64[R * N]``: how far out each row lies (`nonet.grade.novelty`), by the member that did not see it.
    members
        Preprocessing and classifier of each inner fold of each draw, with its setting.
    member_of_row
        ``int[R * N]``: the member that did not see the row.
    copies
        Probabilities of the copies of rows by the member that saw neither, ``of`` being their places among the
        ``R * N``; None without copies.
    draws
        How often inner folds were drawn, ``R``.
    """

    kind: GraderKind
    classes: tuple[str, ...]
    trials: tuple[Trial, ...]
    best: Trial
    out_of_fold: NDArray[np.float64]
    distances: NDArray[np.float64]
    members: tuple[_Member, ...]
    member_of_row: NDArray[np.intp]
    copies: HeldOutCopies | None = None
    draws: int = 1


def search(
    kind: GraderKind,
    features: FeatureRows,
    answers: Sequence[str],
    groups: ArrayLike | None = None,
    *,
    budget: int = 8,
    folds: int = 3,
    draws: int = 1,
    seed: int = 0,
    fixed: Mapping[str, int | float] | None = None,
    class_weight: Mapping[int, float] | str | None = None,
    choose: Choose | None = None,
    copies: Copies | None = None,
    block_of: BlockOf | None = None,
) -> Found:
    """Try ``budget`` settings in the same inner folds; the classifiers of the best are the grader, those of all draws.

    No classifier is fitted to all rows: what is calibrated on the rows that a member did not see is what ships.
    Preprocessing is fitted inside each fold. Folds depend on answers, groups and seed alone, so
    every kind meets the same ones.

    Parameters
    ----------
    kind
        Of the grader.
    features
        ``N`` rows.
    answers
        ``N`` classes, as words.
    groups
        ``[N]``; rows of one group (a patient, a frame) are never on both sides of a fold.
    budget
        How many settings are tried.
    folds
        How many inner folds.
    draws
        How often the rows are divided into inner folds. With a hundred rows one division decides much of what a grader
        makes of another maker's frames; the mean over several does not.
    seed
        Of folds, settings and classifiers.
    fixed
        Parameters that are not searched, such as ``{"binned": 0}`` for an ablation.
    class_weight
        What a row of each class (its place among the sorted classes) counts in the fit; the log loss that
        chooses counts every row once.
    choose
        Gives the names of the columns to learn from, from the rows to learn on, ascending; asked in each inner
        fold, so that neither the search nor what is calibrated on its out-of-fold probabilities has met a choice that
        saw them. By default all columns are used.
    copies
        Rows of the same columns that each fit takes besides those that they are copies of, and calibration after it; by
        default none.
    block_of
        The block of a column by its name, where blocks count alike (`nonet.train.graders.baselines.BlockScaling`).

    Raises
    ------
    TrainingError
        If there are fewer than two classes, or groups for the folds.
    """
    classes, labels = np.unique(np.asarray(answers, dtype=str), return_inverse=True)
    task = _Task(kind, features, labels, _numbers(groups, len(labels)), class_weight, seed, choose, copies, block_of)
    parts = inner_folds(answers, groups, folds=folds, draws=draws, seed=seed)
    settings = [{**setting, **(fixed or {})} for setting in candidates(kind, budget, seed)]
    with threadpool_limits(1):
        tried = [task.cross_fitted(parts, setting) for setting in settings]
    rows = np.tile(np.arange(len(labels)), draws)
    trials = tuple(
        Trial(setting, _log_loss(one, labels[rows])) for setting, (one, _) in zip(settings, tried, strict=True)
    )
    best = int(np.argmin([trial.log_loss for trial in trials]))
    out_of_fold, members = tried[best]
    member_of_row = np.empty(len(rows), np.intp)
    far = np.empty(len(rows))
    tests = [draw * len(labels) + test for draw, divided in enumerate(parts) for _, test in divided]
    for member, places in enumerate(tests):
        member_of_row[places] = member
        preprocessing = members[member][0]
        far[places] = distances(preprocessing.apply(features.take(rows[places])), len(preprocessing.columns))
    seen = _copies_out_of_fold(copies, members, member_of_row.reshape(draws, -1), len(classes)) if copies else None
    chosen = trials[best]
    return Found(kind, tuple(classes.tolist()), trials, chosen, out_of_fold, far, members, member_of_row, seen, draws)


@dataclass(frozen=True, slots=True)
class _Task:
    """Rows and how to learn from some of them."""

    kind: GraderKind
    features: FeatureRows
    labels: Places
    groups: Places
    class_weight: Mapping[int, float] | str | None
    seed: int
    choose: Choose | None
    copies: Copies | None
    block_of: BlockOf | None

    def cross_fitted(
        self, parts: Sequence[Sequence[tuple[Places, Places]]], setting: Setting
    ) -> tuple[Shares, tuple[_Member, ...]]:
        """Probabilities of each row in each draw by a classifier that did not see it, and the classifiers."""
        rows, classes = len(self.labels), int(self.labels.max()) + 1
        out_of_fold = np.zeros((len(parts) * rows, classes))
        members = []
        for draw, folds in enumerate(parts):
            for train, test in folds:
                members.append(self.fit(train, setting))
                out_of_fold[draw * rows + test] = _shares(members[-1], self.features.take(test), classes)
        return out_of_fold, tuple(members)

    def fit(self, rows: Places, setting: Setting) -> _Member:
        """Preprocessing, fitted on ``rows`` alone, and a classifier, fitted on them and their copies."""
        names = self.features.names if self.choose is None else self.choose(rows)
        used = self.features.keep(names).take(rows)
        preprocessing = Preprocessing.fit(used)
        answers, counts = rows, np.ones(len(rows))
        if self.copies:
            copies = self.copies.keep(names).take(rows)
            used, answers = used.joined(copies.features), np.concatenate([rows, rows[copies.of]])
            counts = np.concatenate([counts, copy_counts(copies.of)])
        classifier = build(
            self.kind,
            setting,
            categorical=preprocessing.categorical,
            width=preprocessing.width,
            class_weight=self.class_weight,
            seed=self.seed,
            blocks=tuple(map(self.block_of, preprocessing.columns)) if self.block_of else (),
        )
        inputs = preprocessing.apply(used).astype(np.float64)
        of_rows = (
            {"groups": self.groups[answers]}
            if self.kind is GraderKind.TAB_TRANSFORMER
            else {"model__sample_weight": counts}
        )
        return preprocessing, classifier.fit(inputs, self.labels[answers], **of_rows)


def _shares(member: _Member, features: FeatureRows, classes: int) -> Shares:
    """What a member says of rows, a column for each class: 0 of those that it has not met."""
    preprocessing, classifier = member
    inputs = preprocessing.apply(features).astype(np.float64)
    shares = np.zeros((len(inputs), classes))
    shares[:, classifier.classes_] = classifier.predict_proba(inputs)
    return shares


def _copies_out_of_fold(
    copies: Copies, members: Sequence[_Member], member_of_row: Places, classes: int
) -> HeldOutCopies:
    """The probabilities of copies in each draw, by the member that saw neither it nor its row, ``int[R, N]`` says."""
    draws, rows = member_of_row.shape
    probabilities = np.zeros((draws, len(copies.of), classes))
    for number, member in enumerate(members):
        draw, places = np.nonzero(member_of_row[:, copies.of] == number)
        if places.size:
            probabilities[draw, places] = _shares(member, copies.features.take(places), classes)
    of = np.concatenate([draw * rows + copies.of for draw in range(draws)])
    return HeldOutCopies(probabilities.reshape(-1, classes), of)


def inner_folds(
    answers: Sequence[str], groups: ArrayLike | None = None, *, folds: int = 3, draws: int = 1, seed: int = 0
) -> list[list[tuple[Places, Places]]]:
    """Of each draw the training rows and test rows, ascending, of each inner fold of a search.

    Raises
    ------
    TrainingError
        As in `search`.
    """
    labels = np.unique(np.asarray(answers, dtype=str), return_inverse=True)[1]
    numbers = _numbers(groups, len(labels))
    least = min((len(np.unique(numbers[labels == label])) for label in np.unique(labels)), default=0)
    if labels.max(initial=0) < 1 or least < folds:
        raise TrainingError(
            "A search needs two classes, and rows of each in as many groups as there are folds",
            found=f"{labels.max(initial=-1) + 1} classes, the rarest in {least} groups, for {folds} folds",
            remedy="Join rare classes, or ask for fewer folds",
        )
    splitters = [StratifiedGroupKFold(folds, shuffle=True, random_state=seed + draw * _APART) for draw in range(draws)]
    return [list(splitter.split(np.zeros((len(labels), 1)), labels, numbers)) for splitter in splitters]


def _numbers(groups: ArrayLike | None, rows: int) -> Places:
    return np.arange(rows) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]


def _log_loss(probabilities: NDArray[np.float64], labels: NDArray[np.intp]) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels].clip(_FLOOR)).mean())
