"""A study from its plan to its result: eligible rows, features, splits, selections, graders, predictions.

Each stage is a function of values; what takes long is kept in the cache of the run folder and read when its
inputs, settings, code and libraries are the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nonet
from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import assign_folds, load
from nonet.datasets.data_set import Plane
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.groups import groups_of
from nonet.datasets.near_copies import near_copies
from nonet.datasets.tasks import LabelledRows, label_rows
from nonet.errors import SettingsError
from nonet.study.cache import Cache, digest, replace_text, stage_key
from nonet.study.eligibility import eligible_rows, hash_images, refuse_frames_seen
from nonet.study.experiments import ExperimentContext, FittedExperiment, fit_experiment, graded_rows, select_for_split
from nonet.study.feature_tables import with_tables
from nonet.study.plan import PARTS, Patients, Plan, load_plan, parts_of
from nonet.study.publish.run_folder import publish
from nonet.study.repeats import repeated
from nonet.study.residuals import Reviewers, pools_of, residuals_files
from nonet.study.result import StudyResult
from nonet.study.rows import StudyRows, make_rows, ratings_of_repeats
from nonet.study.splits import ALL, EXTERNAL, Split, make_splits, refuse_overlap_with_external
from nonet.study.study_features import FrameItem, HeadItem, StudyFeatures, extract_all
from nonet.work import run_items

if TYPE_CHECKING:
    from nonet.bundle.grader_kind import GraderKind
    from nonet.datasets import DataSet, ImageRow
    from nonet.datasets.folds import FoldRow
    from nonet.evaluate.grading import GradedRows

__all__ = ["compute_study", "run_study"]

_SELECTION, _EXPERIMENTS = "nonet.study.selection", "nonet.study.experiments"
_RATINGS, _ELIGIBILITY = "nonet.study.study_features", "nonet.study.eligibility"

Watch = Callable[[Sequence[Any], str], Iterable[Any]]

_LOG = logging.getLogger(__name__)


def _unwatched(items: Sequence[Any], _: str) -> Iterable[Any]:
    return items


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The files of a study, opened."""

    plan: Plan
    plan_sha256: str
    plan_file: Path
    data_folder: Path
    data: DataSet
    bundle: Bundle
    cache: Cache
    workers: int
    watch: Watch


@dataclass(frozen=True, slots=True)
class _Experiment:
    """An experiment to do: its split, and the file that keeps its result."""

    arm: str
    split: Split
    file: Path
    resamples: int = 0
    kind: GraderKind | None = None
    selected: Path | None = None


def run_study(
    plan: Path,
    run: Path,
    *,
    data: Path | None = None,
    bundle: Path = DEFAULT_BUNDLE,
    workers: int = 1,
    watch: Watch = _unwatched,
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
    bundle
        Folder of the bundle that gives the features; none of its networks may have seen a frame.
    workers
        Number of processes.
    watch
        Takes a sequence and a word for what is done, yields the items one by one, and may show progress.
    report
        Is given the data set before anything is made of it, and may say what is wrong with it.

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
    inputs = _Inputs(
        loaded,
        sha256,
        plan,
        folder,
        whole,
        Bundle(bundle),
        Cache(run / "stages"),
        workers,
        watch,
    )
    _note_start(run, plan, sha256)
    result = compute_study(inputs)
    publish(result, run, lambda cells: watch(cells, "figures"))
    return result


def compute_study(inputs: _Inputs) -> StudyResult:
    """The result of a study, stage by stage."""
    plan = inputs.plan
    hashes, difference_hashes = _hash_stage(inputs)
    labelled = _label_stage(inputs, plan.split, hashes, difference_hashes)
    external = _label_stage(inputs, plan.external, hashes, difference_hashes) if plan.external else None
    groups = _groups(plan, labelled, external, hashes, difference_hashes)
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
    reviewers = _residuals_stage(inputs, labelled, hashes, (folds, *more)) if plan.raters.reviewers else None
    features_key = _features_key(inputs, reviewers)
    features = _features_stage(inputs, labelled, external, hashes, reviewers, features_key)
    rows = make_rows(labelled, features, groups, plan.scaling)
    splits = make_splits(rows, folds, plan.folds, more)
    context = ExperimentContext(plan, rows, ratings_of_repeats(features, plan))
    selected = _selection_stage(inputs, context, splits, digest(features_key, sorted(hashes.values())))
    fitted = _experiment_stage(inputs, context, splits, selected)
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
        excluded=(*labelled.excluded, *_without_features(labelled, features)),
        folds=folds,
        splits=splits,
        selected={key: json.loads(file.read_text(encoding="utf-8")) for key, file in selected.items()},
        fitted=fitted,
        predictions=tuple(_predictions(plan, rows, outside, splits, fitted)),
        residuals=reviewers.whole.read_bytes() if reviewers else None,
    )


def _data_folder(plan_file: Path, plan: Plan, data: Path | None) -> Path:
    folder = data or (plan_file.parent / plan.data if plan.data else None)
    if folder is None:
        raise SettingsError("A study has data", found="none named", remedy="Give --data, or data in the plan")
    return folder


def _note_start(run: Path, plan_file: Path, sha256: str) -> None:
    """Count this run among those of the folder, and keep the plan beside its results."""
    started = {"started": int(time.time()), "plan_sha256": sha256, "nonet": nonet.__version__}
    with (run / "runs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(started) + "\n")
    shutil.copyfile(plan_file, run / "study.toml")


def _groups(
    plan: Plan,
    labelled: LabelledRows,
    external: LabelledRows | None,
    hashes: dict[str, str],
    difference_hashes: dict[str, str],
) -> dict[str, str]:
    """The group of every image, those of the external split among them; near copies are logged."""
    images = [*labelled.data.images, *(external.data.images if external else ())]
    copies = near_copies({image.name: difference_hashes[image.name] for image in images})
    for pair in copies:
        meaning = "they are kept together" if pair.certain else "look whether they are one image"
        _LOG.warning("%s and %s differ in %d of 256 bits: %s", pair.one, pair.other, pair.bits, meaning)
    return groups_of(images, hashes, copies, by_centre=plan.folds.patients is Patients.BY_CENTRE)


def _classes(labelled: LabelledRows) -> dict[str, list[str]]:
    """What folds are balanced by: the labels of each image, those of structures with their names."""
    classes: dict[str, list[str]] = {}
    for (image, structure), label in labelled.labels.items():
        classes.setdefault(image, []).append(f"{structure.value} {label}" if structure else label)
    return classes


def _hash_stage(inputs: _Inputs) -> tuple[dict[str, str], dict[str, str]]:
    """Pixel hashes and difference hashes by image name, of all images of the study's splits that can be read."""
    named = [image for image in inputs.data.images if _is_named(image.split, inputs.plan)]
    key = stage_key(_ELIGIBILITY, [(image.name, *_stamp(image.path)) for image in named])
    both: dict[str, list[str]] = inputs.cache.json("hashes", key, lambda: hash_images(inputs.watch(named, "opening")))
    return {name: one[0] for name, one in both.items()}, {name: one[1] for name, one in both.items()}


def _label_stage(
    inputs: _Inputs, split: str | None, hashes: dict[str, str], difference_hashes: dict[str, str]
) -> LabelledRows:
    """The eligible rows of a split, or of the whole data set."""
    plan, data = inputs.plan, inputs.data.split(split) if split else inputs.data
    table = inputs.plan_file.parent / plan.labels if plan.labels else None
    bands = (plan.bands, inputs.data_folder) if plan.bands else None
    labelled = label_rows(plan.task, data, labels=table, bands=bands, classes=plan.classes, positive=plan.positive)
    eligible = eligible_rows(labelled, hashes)
    refuse_frames_seen(eligible, hashes, difference_hashes, inputs.bundle)
    return eligible


def _residuals_stage(
    inputs: _Inputs, labelled: LabelledRows, hashes: dict[str, str], repeats: Sequence[Sequence[FoldRow]]
) -> Reviewers:
    """The files that reviewers are drawn from."""
    name = inputs.plan.raters.residuals
    named = inputs.plan_file.parent / name if name else None
    boxed = labelled.data.boxed()
    of_image = pools_of(boxed.images, repeats, inputs.plan.folds.leave_out)
    frames = [(hashes[image.name], _edges(boxed, image), of_image[image.name]) for image in boxed.images]
    key = stage_key(
        "nonet.study.residuals",
        frames,
        _feature_models(inputs.bundle),
        inputs.bundle.sha256 if not frames else "",
        digest(named.read_text(encoding="utf-8", errors="replace")) if named and named.is_file() else name,
    )
    return residuals_files(
        inputs.cache.path("residuals", key, ".json"),
        inputs.cache.path("pools", key, ".json"),
        boxed,
        of_image,
        inputs.bundle,
        lambda images: inputs.watch(images, "detecting"),
        named=named,
    )


def _features_key(inputs: _Inputs, reviewers: Reviewers | None) -> str:
    drawn = digest(reviewers.pools.read_text(encoding="utf-8")) if reviewers else ""
    return stage_key(_RATINGS, sorted(parts_of(inputs.plan)), _feature_models(inputs.bundle), drawn)


def _tables(inputs: _Inputs) -> list[Path]:
    return [inputs.plan_file.parent / name for name in inputs.plan.features]


def _features_stage(
    inputs: _Inputs,
    labelled: LabelledRows,
    external: LabelledRows | None,
    hashes: dict[str, str],
    reviewers: Reviewers | None,
    key: str,
) -> StudyFeatures:
    """The features of every frame and of every rating of it."""
    plan, raters = inputs.plan, inputs.plan.raters
    own = [image.name for image in labelled.data.images if image.plane is not Plane.NON_STANDARD]
    drawn = sorted(own, key=lambda name: digest(plan.seed, hashes[name]))
    reviewed, shown_again = set(drawn[: raters.reviewed]), set(drawn[: raters.shown_again])
    images: list[ImageRow] = [*labelled.data.images, *(external.data.images if external else ())]
    graded = {structure for _, structure in labelled.labels}
    rated = STRUCTURES if None in graded else tuple(each for each in STRUCTURES if each in graded)
    frames = [
        FrameItem(
            image.name,
            image.path,
            hashes[image.name],
            raters.reviewers if image.name in reviewed else 0,
            image.name in shown_again,
            reviewers.pools_of(image.name) if reviewers and image.name in reviewed else (),
            rated,
        )
        for image in images
    ]
    heads = [HeadItem(plan.seed + number, rated) for number in range(raters.heads)]
    computed = extract_all(
        [*frames, *heads],
        inputs.bundle.folder,
        parts_of(plan),
        reviewers.pools if reviewers else None,
        inputs.cache.path("features", key, ""),
        seed=plan.seed,
        workers=inputs.workers,
        watch=lambda files: inputs.watch(files, "features, by eight frames"),
    )
    return with_tables(computed, _tables(inputs), inputs.bundle.folder)


def _selection_stage(
    inputs: _Inputs, context: ExperimentContext, splits: Sequence[Split], features_key: str
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


def _experiment_stage(
    inputs: _Inputs, context: ExperimentContext, splits: Sequence[Split], selected: dict[tuple[str, str], Path]
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
                plan.level,
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
    return {key: FittedExperiment.from_json(json.loads(file.read_text("utf-8"))) for key, file in files.items()}


def _do_all(
    inputs: _Inputs,
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


def _selection_key(context: ExperimentContext, arm: str, split: Split, features_key: str) -> str:
    plan, rows = context.plan, context.rows
    train = [getattr(rows, name)[split.train].tolist() for name in ("labels", "images", "structures", "groups")]
    train.append(hashlib.sha256(rows.features.values[split.train].tobytes()).hexdigest())
    settings = [
        asdict(plan.selection_of(arm)),
        plan.inner_folds,
        plan.seed + split.repeat,
        asdict(plan.raters),
        plan.scaling,
    ]
    selectable = [one for one in plan.inputs(arm) if one in PARTS]
    return stage_key(_SELECTION, selectable, train, settings, features_key, _resamples(plan, split))


def _resamples(plan: Plan, split: Split) -> int:
    return plan.selection.resamples if split.scheme == ALL else 0


def _feature_models(bundle: Bundle) -> str:
    """SHA-256 of all that features depend on: detector, shape prior and embedder, but no grader."""
    manifest = bundle.manifest
    named = (manifest.detector.file, manifest.arrangement, manifest.embedder.file if manifest.embedder else None)
    return digest([manifest.files[name] for name in named if name], asdict(manifest.detector))


def _edges(data: DataSet, image: ImageRow) -> dict[str, tuple[float, ...]]:
    return {structure.value: box.xyxy for structure, box in data.boxes_of(image).items()}


def _is_named(split: str, plan: Plan) -> bool:
    wanted = [name for name in (plan.split, plan.external) if name]
    return not plan.split or split in "+".join(wanted).split("+")


def _stamp(path: Path) -> tuple[int, int]:
    file = path.stat()
    return file.st_size, file.st_mtime_ns
