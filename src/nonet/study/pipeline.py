"""A study from its plan to its result: eligible rows, features, splits, selections, graders, predictions.

Each stage is a function of values; what takes long is kept in the cache of the run folder and read when its
inputs, settings, code and libraries are the same.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import nonet
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import assign_folds, load
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.groups import groups_of
from nonet.datasets.near_copies import near_copies
from nonet.datasets.tasks import LabelledRows, Task
from nonet.errors import SettingsError
from nonet.study.cache import Cache, digest
from nonet.study.experiments import ExperimentContext, FittedExperiment, graded_rows
from nonet.study.external_data import PREFIX
from nonet.study.fit_stages import experiment_stage, selection_stage
from nonet.study.frame_stages import (
    external_stage,
    features_key,
    features_stage,
    hash_stage,
    label_stage,
    rated_stage,
    residuals_stage,
)
from nonet.study.graded_truth import TrueSizes, read_truth
from nonet.study.plan import Patients, Plan
from nonet.study.plan_file import load_plan
from nonet.study.publish.run_folder import publish
from nonet.study.rated_frames import folds_of_groups, rated_frames
from nonet.study.repeats import repeated
from nonet.study.result import StudyResult
from nonet.study.rows import StudyRows, make_rows, ratings_of_repeats
from nonet.study.splits import ALL, EXTERNAL, Split, make_splits, refuse_overlap_with_external
from nonet.study.study_features import StudyFeatures
from nonet.study.study_inputs import StudyInputs, Watch, unwatched

if TYPE_CHECKING:
    from nonet.bundle.grader_kind import GraderKind
    from nonet.datasets import DataSet, ImageRow
    from nonet.evaluate.grading import GradedRows

__all__ = ["compute_study", "run_study"]

_LOG = logging.getLogger(__name__)


def run_study(
    plan: Path,
    run: Path,
    *,
    data: Path | None = None,
    external_data: Path | None = None,
    bundle: Path = DEFAULT_BUNDLE,
    workers: int = 1,
    watch: Watch = unwatched,
    report: Callable[[DataSet], None] = lambda data: None,
) -> StudyResult:
    """Do whatever of a study is not done yet, and publish its results in the run folder.

    Parameters
    ----------
    plan
        The TOML file.
    run
        The run folder; a study that was killed goes on from what it holds.
    data
        The data set, where the plan does not name it or names another.
    external_data
        Where the external data set that the plan names lies, if elsewhere.
    bundle
        Folder of the bundle that gives the features; none of its networks may have seen a frame.
    workers
        Number of processes.
    watch
        Takes a sequence and a word for what is done, yields the items one by one, and may show progress.
    report
        Is given each data set before anything is made of it, and may say what is wrong with it.

    Raises
    ------
    LeakError
        If the bundle has seen a frame, or a frame or patient would be on both sides of a split.
    NonetError
        If plan, data or bundle do not fit.
    """
    run.mkdir(parents=True, exist_ok=True)
    loaded, sha256 = load_plan(plan)
    folder = _data_folder(plan, loaded, data)
    whole = load(folder)
    report(whole)
    outside = _external_folder(plan, loaded, external_data)
    inputs = StudyInputs(
        loaded,
        sha256,
        plan,
        folder,
        whole,
        Bundle(bundle),
        Cache(run / "stages"),
        workers,
        watch,
        outside,
        _load_external(outside, report) if outside else None,
    )
    _note_start(run, plan, sha256)
    result = compute_study(inputs)
    publish(result, run, lambda cells: watch(cells, "figures"))
    return result


def compute_study(inputs: StudyInputs) -> StudyResult:
    """The result of a study, stage by stage."""
    plan = inputs.plan
    hashes, difference_hashes = hash_stage(inputs)
    labelled = label_stage(inputs, hashes, difference_hashes)
    external = external_stage(inputs, labelled, hashes, difference_hashes)
    candidates = rated_stage(inputs, labelled, hashes, difference_hashes)
    outside_images = external.data.images if external else ()
    images = {image.name: image for image in (*candidates.images, *labelled.data.images, *outside_images)}
    groups = _groups(plan, list(images.values()), hashes, difference_hashes)
    rated = rated_frames(candidates, labelled.data.images, groups)
    classes = _classes(labelled)
    folds, *more = (
        assign_folds(
            labelled.data.images,
            hashes,
            plan.folds.count,
            repeated(plan.folds.salt, repeat),
            groups=groups,
            classes=classes,
        )
        for repeat in range(plan.repeats)
    )
    of_rated = [folds_of_groups(rated.images, each, groups) for each in (folds, *more)]
    reviewers = residuals_stage(inputs, rated, hashes, of_rated) if plan.raters.reviewers else None
    key = features_key(inputs, reviewers)
    features = features_stage(inputs, labelled, external, rated, hashes, reviewers, key)
    rows = make_rows(labelled, features, groups, plan.scaling)
    splits = make_splits(rows, folds, plan.folds, more)
    context = ExperimentContext(plan, rows, ratings_of_repeats(features, plan, groups))
    rated_key = sorted((hashes[image.name], groups[image.name]) for image in rated.images)
    selected = selection_stage(inputs, context, splits, digest(key, sorted(hashes.values()), rated_key))
    fitted = experiment_stage(inputs, context, splits, selected)
    outside = make_rows(external, features, groups, plan.scaling) if external else None
    return StudyResult(
        plan=plan,
        plan_sha256=inputs.plan_sha256,
        bundle=inputs.bundle,
        form=inputs.data.form,
        rows=rows,
        features=features,
        hashes=hashes,
        difference_hashes=difference_hashes,
        sources={image.name: image.source for image in labelled.data.images if image.source in hashes},
        excluded=(*labelled.excluded, *_without_features(labelled, features)),
        folds=folds,
        splits=splits,
        selected={key: json.loads(file.read_text(encoding="utf-8")) for key, file in selected.items()},
        fitted=fitted,
        predictions=tuple(_predictions(plan, rows, outside, splits, fitted)),
        residuals=reviewers.whole.read_bytes() if reviewers else None,
        truth=_truth(inputs),
    )


def _data_folder(plan_file: Path, plan: Plan, data: Path | None) -> Path:
    folder = data or (plan_file.parent / plan.data if plan.data else None)
    if folder is None:
        raise SettingsError("A study has data", found="none named", remedy="Give --data, or data in the plan")
    return folder


def _external_folder(plan_file: Path, plan: Plan, external_data: Path | None) -> Path | None:
    if plan.external_data is None and external_data:
        raise SettingsError(
            "A plan says whether its graders are tested on a second data set",
            found=f"{external_data}, and no external_data in the plan",
            remedy="Add external_data to the plan",
        )
    return external_data or (plan_file.parent / plan.external_data if plan.external_data else None)


def _load_external(folder: Path, report: Callable[[DataSet], None]) -> DataSet:
    data = load(folder)
    report(data)
    return data


def _note_start(run: Path, plan_file: Path, sha256: str) -> None:
    """Count this run among those of the folder, and keep the plan beside its results."""
    started = {"started": int(time.time()), "plan_sha256": sha256, "nonet": nonet.__version__}
    with (run / "runs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(started) + "\n")
    shutil.copyfile(plan_file, run / "study.toml")


def _truth(inputs: StudyInputs) -> TrueSizes:
    """The true sizes of both data sets, where they know any."""
    if inputs.plan.task is not Task.LABELS:
        return {}
    others = read_truth(inputs.external_folder) if inputs.external_folder else {}
    renamed = {(PREFIX + image, structure): one for (image, structure), one in others.items()}
    return {**read_truth(inputs.data_folder), **renamed}


def _groups(
    plan: Plan, images: Sequence[ImageRow], hashes: dict[str, str], difference_hashes: dict[str, str]
) -> dict[str, str]:
    """The group of every image; near copies are logged, but for those of one source."""
    copies = near_copies({image.name: difference_hashes[image.name] for image in images})
    source = {image.name: image.source or image.name for image in images}
    for pair in copies:
        if source[pair.one] == source[pair.other]:
            continue
        meaning = "they are kept together" if pair.certain else "look whether they are one image"
        _LOG.warning("%s and %s differ in %d of 256 bits: %s", pair.one, pair.other, pair.bits, meaning)
    return groups_of(images, hashes, copies, by_centre=plan.folds.patients is Patients.BY_CENTRE)


def _classes(labelled: LabelledRows) -> dict[str, list[str]]:
    """What folds are balanced by: the labels of each image, those of structures with their names."""
    classes: dict[str, list[str]] = {}
    for (image, structure), label in labelled.labels.items():
        classes.setdefault(image, []).append(f"{structure.value} {label}" if structure else label)
    return classes


def _predictions(
    plan: Plan,
    rows: StudyRows,
    outside: StudyRows | None,
    splits: Sequence[Split],
    fitted: dict[tuple[str, GraderKind, str], FittedExperiment],
) -> Iterable[tuple[tuple[str, ...], GradedRows]]:
    """The predictions of every experiment for the test rows of its split, and for the external rows."""
    if outside is not None:
        refuse_overlap_with_external(rows, outside)
    for split in splits:
        for arm, kind in plan.experiments:
            grader, inputs = fitted[arm, kind, split.name], plan.inputs(arm)
            yield (split.scheme, split.name, arm, kind.value), graded_rows(rows.take(split.test), inputs, grader)
            if outside is not None and split.scheme == ALL:
                yield (EXTERNAL, ALL, arm, kind.value), graded_rows(outside, inputs, grader)


def _without_features(labelled: LabelledRows, features: StudyFeatures) -> list[Excluded]:
    own = {image.name: image.split for image in labelled.data.images}
    return [
        Excluded(name, ExclusionReason.NO_FEATURES, defect, own[name])
        for name, defect in features.defects.items()
        if name in own
    ]
