"""One experiment of a study: an arm and a kind of grader, fitted on the training rows of a split."""

from __future__ import annotations

import base64
import logging
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.evaluate.grading import GradedRows
from nonet.grade import FeatureRows, Grader, GraderSpec
from nonet.select import FeatureRecord
from nonet.study.cache import digest
from nonet.study.rows import block_of
from nonet.study.selection import select_features
from nonet.study.splits import ALL
from nonet.train.graders import finish_grader, inner_folds, search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.bundle.grader_kind import GraderKind
    from nonet.select import Ratings
    from nonet.study.plan import Arm, Plan
    from nonet.study.rows import StudyRows
    from nonet.study.splits import Split

__all__ = ["ExperimentContext", "FittedExperiment", "fit_experiment", "graded_rows", "records_of", "select_for_split"]

_DIGITS = 7
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExperimentContext:
    """The plan, rows and ratings, these by repeat of the folds, that every experiment of a study shares."""

    plan: Plan
    rows: StudyRows
    ratings: tuple[Mapping[str, Mapping[Structure, Ratings]], ...]


@dataclass(frozen=True, slots=True)
class FittedExperiment:
    """The grader of an experiment on a split.

    ``trials`` lists every setting that was tried, with its inner log loss; ``columns`` are the grader's features.
    """

    model: bytes
    spec: GraderSpec
    trials: list[dict[str, Any]]
    columns: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "model": base64.b64encode(self.model).decode(),
            "description": self.spec.to_json(),
            "trials": self.trials,
            "columns": list(self.columns),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> FittedExperiment:
        """From the values of `to_json`."""
        spec = GraderSpec.from_json(kept["description"].encode())
        return cls(base64.b64decode(kept["model"]), spec, kept["trials"], tuple(kept["columns"]))

    def at_levels(self, levels: Mapping[str, float]) -> FittedExperiment:
        """The same with other levels of some classes; what was fitted does not depend on them."""
        return replace(self, spec=self.spec.at_levels(levels)) if levels else self

    def predict(self, features: FeatureRows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Calibrated probabilities ``float64[N, K]`` and conformal sets ``bool[N, K]`` of rows."""
        return Grader(self.model, self.spec).graded(features)


def select_for_split(context: ExperimentContext, arm: str, split: Split, *, resamples: int) -> dict[str, Any]:
    """Select features on the training rows of each inner fold of a split, as JSON values.

    ``columns`` maps a hash of the training rows to the selected columns. Of the split of all rows, ``records`` holds
    the record of each feature on all of them, and ``dropped`` the sources that have too few subjects of a structure.
    """
    dropped: dict[str, list[str]] = {}
    records: dict[str, list[dict[str, Any]]] = {}
    columns: dict[str, list[str]] = {}
    if split.scheme == ALL:
        selected = select_features(*_selection_on(context, arm, split, split.train), resamples=resamples)
        records = {structure.value: [asdict(one) for one in record] for structure, record in selected.records.items()}
        dropped = {structure.value: list(sources) for structure, sources in selected.dropped.items()}
        for structure, sources in dropped.items():
            named = " and ".join(sources)
            _LOG.warning("%s, %s: too few subjects rated by %s, no filter there", arm, structure, named)
    for inner in _inner_training_rows(context, split):
        rows = split.train[inner]
        selected = select_features(*_selection_on(context, arm, split, rows, recorded=False))
        columns[_key(rows)] = list(selected.columns)
    return {"columns": columns, "records": records, "dropped": dropped}


def fit_experiment(
    context: ExperimentContext,
    arm: str,
    kind: GraderKind,
    split: Split,
    selected: Mapping[str, Any],
) -> FittedExperiment:
    """Search settings and cross-fit and calibrate a grader on the training rows of a split.

    Parameters
    ----------
    context, arm, kind, split
        The experiment.
    selected
        As `select_for_split` gives it.
    """
    plan, rows = _plan_of(context, split), split.train
    free = context.rows.free(plan.inputs(arm))
    training = context.rows.take(rows)
    labels, groups = training.labels.tolist(), training.groups
    found = search(
        kind,
        training.of(plan.inputs(arm)),
        labels,
        groups,
        budget=plan.budget,
        folds=plan.inner_folds,
        draws=plan.inner_draws,
        seed=plan.seed,
        fixed=plan.fixed(arm),
        choose=lambda inner: [*free, *selected["columns"][_key(rows[inner])]],
        copies=training.copies(plan.inputs(arm)),
        block_of=block_of if plan.block_scaling else None,
    )
    made = finish_grader(found, labels, groups, seed=plan.seed, level=plan.level)
    trials = [{**trial.setting, "log_loss": round(trial.log_loss, _DIGITS)} for trial in found.trials]
    return FittedExperiment(made.model, made.spec, trials, made.spec.columns)


def graded_rows(rows: StudyRows, inputs: Arm, fitted: FittedExperiment) -> GradedRows:
    """The predictions of a fitted experiment for rows, the classes in the order of the task."""
    probabilities, sets = fitted.predict(rows.of(inputs))
    order = [fitted.spec.classes.index(name) for name in rows.classes]
    return GradedRows(rows.classes, rows.positive, rows.words, probabilities[:, order], np.asarray(sets)[:, order])


def records_of(selected: Mapping[str, Any]) -> dict[str, tuple[FeatureRecord, ...]]:
    """The records of `select_for_split` by structure."""
    records = selected["records"].items()
    return {structure: tuple(FeatureRecord(**one) for one in columns) for structure, columns in records}


def _inner_training_rows(context: ExperimentContext, split: Split) -> list[NDArray[np.intp]]:
    """Those of each inner fold of each draw, as the search will have them."""
    plan, rows = _plan_of(context, split), split.train
    drawn = inner_folds(
        context.rows.labels[rows].tolist(),
        context.rows.groups[rows],
        folds=plan.inner_folds,
        draws=plan.inner_draws,
        seed=plan.seed,
    )
    return [train for divided in drawn for train, _ in divided]


def _selection_on(
    context: ExperimentContext, arm: str, split: Split, rows: NDArray[np.intp], *, recorded: bool = True
) -> tuple[StudyRows, Arm, NDArray[np.intp], Any, Plan]:
    """What `select_features` takes; sources that are only reported are measured where a record is kept."""
    selection = context.plan.selection_of(arm)
    plan = replace(_plan_of(context, split), selection=selection if recorded else replace(selection, reported=()))
    return context.rows, context.plan.inputs(arm), rows, context.ratings[split.repeat], plan


def _plan_of(context: ExperimentContext, split: Split) -> Plan:
    """The plan with the seed of a repeat."""
    return replace(context.plan, seed=context.plan.seed + split.repeat)


def _key(rows: NDArray[np.intp]) -> str:
    return digest(np.sort(rows).tolist())
