"""The stages of a study that fit: selections on each split, then graders, each result in a file of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from nonet.study.cache import replace_text, stage_key
from nonet.study.experiments import ExperimentContext, FittedExperiment, fit_experiment, select_for_split
from nonet.study.plan import PARTS, Plan
from nonet.study.splits import ALL, Split
from nonet.work import run_items

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nonet.bundle.grader_kind import GraderKind
    from nonet.study.study_inputs import StudyInputs

__all__ = ["experiment_stage", "selection_stage"]

_SELECTION, _EXPERIMENTS = "nonet.study.selection", "nonet.study.experiments"


@dataclass(frozen=True, slots=True)
class _Experiment:
    """An experiment to do: its split, and the file that keeps its result."""

    arm: str
    split: Split
    file: Path
    resamples: int = 0
    kind: GraderKind | None = None
    selected: Path | None = None


def selection_stage(
    inputs: StudyInputs, context: ExperimentContext, splits: Sequence[Split], features_key: str
) -> dict[tuple[str, str], Path]:
    """The file of each arm's selections on each split; arms that differ in what is not selected share theirs."""
    plan = inputs.plan
    files = {
        (arm, split.name): inputs.cache.path("selections", _selection_key(context, arm, split, features_key), ".json")
        for split in splits
        for arm in (*plan.arms, *plan.baselines, *plan.variants)
    }
    waiting = {
        files[arm, split.name]: _Experiment(arm, split, files[arm, split.name], _resamples(plan, split))
        for split in splits
        for arm in (*plan.arms, *plan.baselines, *plan.variants)
        if not files[arm, split.name].exists()
    }
    _do_all(inputs, _select, list(waiting.values()), context, "selecting features")
    return files


def experiment_stage(
    inputs: StudyInputs, context: ExperimentContext, splits: Sequence[Split], selected: dict[tuple[str, str], Path]
) -> dict[tuple[str, GraderKind, str], FittedExperiment]:
    """The grader of each experiment on each split."""
    plan = inputs.plan
    jobs = [(arm, kind, split) for split in splits for arm, kind in plan.experiments]
    files = {
        (arm, kind, split.name): inputs.cache.path(
            "experiments",
            stage_key(
                _EXPERIMENTS,
                selected[arm, split.name].name,
                plan.inputs(arm),
                kind,
                plan.budget,
                plan.inner_draws,
                plan.level,
                plan.twins,
                plan.block_scaling,
                plan.fixed(arm),
            ),
            ".json",
        )
        for arm, kind, split in jobs
    }
    waiting = [
        _Experiment(arm, split, files[arm, kind, split.name], kind=kind, selected=selected[arm, split.name])
        for arm, kind, split in jobs
        if not files[arm, kind, split.name].exists()
    ]
    longest_first = sorted(waiting, key=lambda job: job.kind != "tab_transformer")
    _do_all(inputs, _fit, longest_first, context, "training")
    kept = {key: json.loads(file.read_text("utf-8")) for key, file in files.items()}
    return {key: FittedExperiment.from_json(values).at_levels(plan.levels) for key, values in kept.items()}


def _do_all(
    inputs: StudyInputs,
    function: Callable[[ExperimentContext, _Experiment], None],
    waiting: Sequence[_Experiment],
    context: ExperimentContext,
    doing: str,
) -> None:
    opener = partial(_unchanged, context)
    for _ in run_items(
        function, waiting, opener, workers=inputs.workers, watch=lambda items: inputs.watch(items, doing)
    ):
        pass


def _unchanged(context: ExperimentContext) -> ExperimentContext:
    return context


def _select(context: ExperimentContext, job: _Experiment) -> None:
    replace_text(job.file, json.dumps(select_for_split(context, job.arm, job.split, resamples=job.resamples)))


def _fit(context: ExperimentContext, job: _Experiment) -> None:
    assert job.kind is not None and job.selected is not None
    selected = json.loads(job.selected.read_text(encoding="utf-8"))
    fitted = fit_experiment(context, job.arm, job.kind, job.split, selected)
    replace_text(job.file, json.dumps(fitted.to_json()))


def _selection_key(context: ExperimentContext, arm: str, split: Split, features_key: str) -> str:
    plan, rows = context.plan, context.rows
    train = [getattr(rows, name)[split.train].tolist() for name in ("labels", "images", "structures", "groups")]
    train.append(hashlib.sha256(rows.features.values[split.train].tobytes()).hexdigest())
    settings = [
        asdict(plan.selection_of(arm)),
        plan.inner_folds,
        plan.inner_draws,
        plan.seed + split.repeat,
        asdict(plan.raters),
        plan.scaling,
    ]
    selectable = [one for one in plan.inputs(arm) if one in PARTS]
    return stage_key(_SELECTION, selectable, train, settings, features_key, _resamples(plan, split))


def _resamples(plan: Plan, split: Split) -> int:
    return plan.selection.resamples if split.scheme == ALL else 0
