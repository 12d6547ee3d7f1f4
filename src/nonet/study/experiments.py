"""One cell of a study: an arm and a kind, learnt on the rows of a division and asked about the others."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nonet.grade import FeatureRows, Grader, GraderSpec
from nonet.select import FeatureRecord
from nonet.study.cache import digest
from nonet.study.selection import choose_features
from nonet.train.graders import GraderKind, finish_grader, inner_folds, search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.anatomy import Structure
    from nonet.select import Ratings
    from nonet.study.plan import Arm, Plan
    from nonet.study.rows import StudyRows
    from nonet.study.splits import Split

__all__ = ["Context", "ExperimentRunner", "FittedExperiment"]

_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Context:
    """What every cell of a study shares."""

    plan: Plan
    material: StudyRows
    ratings: Mapping[str, Mapping[Structure, Ratings]]


@dataclass(frozen=True, slots=True)
class FittedExperiment:
    """A cell's grader on a division, as it is kept between runs.

    ``trials`` is every setting that was tried, with its inner log loss; ``columns`` what it was graded by.
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
        """From what `to_json` gave."""
        spec = GraderSpec.from_json(kept["description"].encode())
        return cls(base64.b64decode(kept["model"]), spec, kept["trials"], tuple(kept["columns"]))

    def ask(self, features: FeatureRows) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Calibrated probabilities and conformal sets, before the most probable class is added, of some rows."""
        told = Grader(self.model, self.spec).probabilities(features)
        return told, self.spec.conformal.sets(told)


@dataclass(frozen=True, slots=True)
class ExperimentRunner:
    """Learns the cells of one arm on one division; choices of features are made once for all kinds."""

    context: Context
    arm: str
    division: Split

    @property
    def inputs(self) -> Arm:
        """What the arm is given."""
        return self.context.plan.inputs(self.arm)

    def choose(self, *, resamples: int) -> dict[str, Any]:
        """Choices of features for the division and each of its inner folds, as JSON values.

        ``columns`` maps a hash of the rows that were learnt from to the columns; ``records`` tells what
        became of each feature on all of them.
        """
        every = self.division.learnt
        chosen = choose_features(*self._choice(every), resamples=resamples)
        columns = {_key(every): list(chosen.columns)}
        for learnt, _ in self._inner():
            columns[_key(every[learnt])] = list(choose_features(*self._choice(every[learnt])).columns)
        records = {structure.value: [asdict(one) for one in record] for structure, record in chosen.records.items()}
        return {"columns": columns, "records": records}

    def learn(
        self, kind: GraderKind, chosen: Mapping[str, Any], fixed: Mapping[str, int | float] | None = None
    ) -> FittedExperiment:
        """Search, fit, calibrate; the choices are those of `choose`, and ``fixed`` parameters are not searched."""
        material, plan, rows = self.context.material, self.context.plan, self.division.learnt
        answers, groups = material.answers[rows].tolist(), material.groups[rows]
        features = material.take(rows).of(self.inputs)
        found = search(
            kind,
            features,
            answers,
            groups,
            budget=plan.budget,
            folds=plan.inner_folds,
            seed=plan.seed,
            fixed=fixed,
            choose=lambda some: chosen["columns"][_key(rows[some])],
        )
        made = finish_grader(found, answers, groups, seed=plan.seed)
        trials = [{**trial.setting, "log_loss": round(trial.log_loss, _DIGITS)} for trial in found.trials]
        return FittedExperiment(made.model, made.spec, trials, made.spec.preprocessing.columns)

    def _inner(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        material, plan, rows = self.context.material, self.context.plan, self.division.learnt
        return inner_folds(
            material.answers[rows].tolist(), material.groups[rows], folds=plan.inner_folds, seed=plan.seed
        )

    def _choice(self, rows: NDArray[np.intp]) -> tuple[StudyRows, Arm, NDArray[np.intp], Any, Plan]:
        return self.context.material, self.inputs, rows, self.context.ratings, self.context.plan


def columns_of(record: Mapping[str, Any]) -> dict[str, tuple[FeatureRecord, ...]]:
    """The records of `ExperimentRunner.choose` as what they were."""
    return {structure: tuple(FeatureRecord(**one) for one in columns) for structure, columns in record.items()}


def _key(rows: NDArray[np.intp]) -> str:
    return digest(np.sort(rows).tolist())
