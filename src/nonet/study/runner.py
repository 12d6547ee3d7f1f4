"""From a plan to a run folder: folds, features, choices, models, predictions, tables, figures, report, bundle."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import nonet
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.datasets import DataSet, ImageRow, assign_folds, load, write_folds
from nonet.datasets.tasks import Excluded, LabelledRows, ask
from nonet.errors import DatasetError, SettingsError
from nonet.evaluate import run_detector
from nonet.evaluate.grading import GradedRows, write_rows
from nonet.features.parts import FeaturePart
from nonet.simulate.reviewers import measure_residuals, read_residuals, write_residuals
from nonet.study.cache import Cache, code_version, digest, replace_text
from nonet.study.eligibility import eligible_images, hash_images, refuse_frames_seen
from nonet.study.experiments import Context, FittedExperiment
from nonet.study.figures import KEYS
from nonet.study.jobs import choose, learn, work
from nonet.study.plan import PARTS, Input, load_plan
from nonet.study.ratings import FrameItem, HeadItem, StudyFeatures, measure_all
from nonet.study.rows import StudyRows, make_ratings, make_rows
from nonet.study.splits import ALL, EXTERNAL, Split, divide, refuse_shared_external
from nonet.train.graders import GraderKind

__all__ = ["RESIDUALS", "Run", "graded_rows", "run_study"]

_MEASURING = (
    "nonet.anatomy", "nonet.deep", "nonet.features.frame_features", "nonet.detect", "nonet.frames", "nonet.radiomics",
    "nonet.simulate", "nonet.study.ratings",
)  # fmt: skip
_CHOOSING = ("nonet.select", "nonet.study.selection", "nonet.study.rows")
_LEARNING = (
    *_CHOOSING, "nonet.grade", "nonet.train.graders", "nonet.train.graders.tab_transformer", "nonet.study.experiments",
)  # fmt: skip

RESIDUALS = "residuals.json"
"""The file of a bundle that tells how its detector is off on frames that it has not seen."""

Watch = Callable[[Sequence[Any], str], Iterable[Any]]


def _unwatched(items: Sequence[Any], _: str) -> Iterable[Any]:
    return items


def run_study(
    plan: Path,
    run: Path,
    *,
    data: Path | None = None,
    bundle: Path = DEFAULT_BUNDLE,
    workers: int = 1,
    watch: Watch = _unwatched,
) -> Run:
    """Do whatever of a study is not done yet, and write its results.

    Parameters
    ----------
    plan
        The TOML file.
    run
        The run folder; a study that was killed goes on from what it holds.
    data
        The data set, where the plan does not name it or names another.
    bundle
        Folder of the bundle that describes frames; none of its networks may have seen one.
    workers
        Number of processes.
    watch
        Takes a sequence and what is being done, gives it back one by one, and may show how far it is.

    Raises
    ------
    LeakError
        If the bundle has seen a frame, or a frame or patient would be on both sides of a division.
    NonetError
        If plan, data or bundle do not fit.
    """
    from nonet.study.publish.run_folder import publish

    run.mkdir(parents=True, exist_ok=True)
    begun = Run(plan, run, data, bundle, workers, watch)
    begun.note_start()
    write_rows(begun.told(), run / "predictions.csv", KEYS)
    publish(begun)
    return begun


@dataclass
class Run:
    """A study in its folder; each stage is made when it is first asked for."""

    plan_file: Path
    folder: Path
    data_folder: Path | None
    bundle_folder: Path
    workers: int
    watch: Watch

    def __post_init__(self) -> None:
        self.plan, self.plan_sha256 = load_plan(self.plan_file)
        self.stages = Cache(self.folder / "stages")
        self.bundle = Bundle(self.bundle_folder)

    def note_start(self) -> None:
        """Count this run among those of the folder, and keep the plan beside what comes of it."""
        started = {"started": int(time.time()), "plan_sha256": self.plan_sha256, "nonet": nonet.__version__}
        with (self.folder / "runs.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(started) + "\n")
        shutil.copyfile(self.plan_file, self.folder / "study.toml")

    @cached_property
    def data(self) -> DataSet:
        """The whole data set."""
        folder = self.data_folder or (self.plan_file.parent / self.plan.data if self.plan.data else None)
        if folder is None:
            raise SettingsError("A study has data", found="none named", remedy="Give --data, or data in the plan")
        return load(folder)

    @cached_property
    def labelled(self) -> LabelledRows:
        """The rows of the split, without frames that repeat another's pixels or cannot be read."""
        split = self.data.split(self.plan.split) if self.plan.split else self.data
        return self._admitted(split)

    @property
    def _images(self) -> tuple[ImageRow, ...]:
        return self.labelled.data.images

    @cached_property
    def external(self) -> LabelledRows | None:
        """The rows of the external split, if the plan names one."""
        if self.plan.external is None:
            return None
        return self._admitted(self.data.split(self.plan.external))

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Pixel hashes by image name, of all images that can be read."""
        named = [image for image in self.data.images if self._asked(image.split)]
        key = digest([(image.name, *_stamp(image.path)) for image in named], code_version(["nonet.frames"]))
        kept: dict[str, str] = self.stages.json("hashes", key, lambda: hash_images(self.watch(named, "opening")))
        return kept

    @cached_property
    def measured(self) -> StudyFeatures:
        """Every number of every frame and rating."""
        images = [*self._images, *(self.external.data.images if self.external else ())]
        own = {image.name for image in self._images}
        drawn = sorted(own, key=lambda name: digest(self.plan.seed, self.hashes[name]))
        reviewed, restyled = set(drawn[: self.plan.raters.reviewed]), set(drawn[: self.plan.raters.restyled])
        frames = [
            FrameItem(
                image.name,
                image.path,
                self.hashes[image.name],
                self.plan.raters.reviewers if image.name in reviewed else 0,
                image.name in restyled,
            )
            for image in images
        ]
        heads = [HeadItem(self.plan.seed + number) for number in range(self.plan.raters.heads)]
        residuals = self.residuals() if self.plan.raters.reviewers else None
        key = self._measuring_key(residuals)
        return measure_all(
            [*frames, *heads],
            self.bundle_folder,
            self._parts(),
            residuals,
            self.stages.path("measured", key, ""),
            seed=self.plan.seed,
            workers=self.workers,
            watch=lambda files: self.watch(files, "measuring, by eight frames"),
        )

    @cached_property
    def material(self) -> StudyRows:
        """The rows of the study, without the external ones."""
        return make_rows(self.labelled, self.measured, self.hashes, self.plan.scaling)

    @cached_property
    def left_out(self) -> tuple[Excluded, ...]:
        """Every image of the split that is not among the rows, and why."""
        unmeasured = [Excluded(*pair) for pair in self.measured.defects.items()]
        noted = [Excluded(one.file, one.found) for one in self.data.problems]
        known = {one.image for one in self.labelled.left_out} | {image.name for image in self._images}
        excluded = [one for one in noted if one.image not in known and "left out" in one.reason]
        return (*self.labelled.left_out, *unmeasured, *excluded)

    @cached_property
    def divisions(self) -> tuple[Split, ...]:
        """How the rows are divided: by patient where known, else by frame; centres are left out in turn."""
        images = [replace(image, centre=None if image.patient is None else image.centre) for image in self._images]
        folds = assign_folds(images, self.hashes, self.plan.folds.count, self.plan.folds.salt)
        write_folds(folds, self.folder / "folds.csv")
        return divide(self.material, folds, self.plan.folds)

    @cached_property
    def context(self) -> Context:
        """What every cell shares."""
        return Context(self.plan, self.material, make_ratings(self.measured, self.plan.selection.sources))

    @cached_property
    def choices(self) -> dict[tuple[str, str], Path]:
        """The file of each arm's choices on each division, by arm and division."""
        arms = [*self.plan.arms, *self.plan.baselines]
        jobs = [(arm, division) for division in self.divisions for arm in arms]
        files = {(arm, one.name): self.stages.path("choices", self._choice_key(arm, one), ".json") for arm, one in jobs}
        waiting = [
            (choose, arm, division, files[arm, division.name], self._resamples(division))
            for arm, division in jobs
            if not files[arm, division.name].exists()
        ]
        self._work(waiting, "choosing features")
        return files

    @cached_property
    def models(self) -> dict[tuple[str, GraderKind, str], Path]:
        """The file of each cell on each division, by arm, kind and division."""
        jobs = [(arm, kind, division) for division in self.divisions for arm, kind in self.plan.cells]
        files = {
            (arm, kind, one.name): self.stages.path("cells", self._cell_key(arm, kind, one), ".json")
            for arm, kind, one in jobs
        }
        waiting = [
            (learn, arm, division, files[arm, kind, division.name], kind, self.choices[arm, division.name])
            for arm, kind, division in jobs
            if not files[arm, kind, division.name].exists()
        ]
        self._work(sorted(waiting, key=lambda job: job[4] is not GraderKind.TAB_TRANSFORMER), "training")
        return files

    def trained(self, arm: str, kind: GraderKind, division: str) -> FittedExperiment:
        """A cell's grader on a division."""
        return FittedExperiment.from_json(json.loads(self.models[arm, kind, division].read_text(encoding="utf-8")))

    def chosen(self, arm: str, division: str) -> dict[str, Any]:
        """An arm's choices on a division; see `Learner.choose`."""
        kept: dict[str, Any] = json.loads(self.choices[arm, division].read_text(encoding="utf-8"))
        return kept

    def told(self) -> Iterable[tuple[tuple[str, ...], GradedRows]]:
        """What every cell says of every row that it is asked about."""
        outside = None
        if self.external:
            outside = make_rows(self.external, self.measured, self.hashes, self.plan.scaling)
            refuse_shared_external(self.material, outside)
        for division in self.divisions:
            for arm, kind in self.plan.cells:
                trained = self.trained(arm, kind, division.name)
                inputs = self.plan.inputs(arm)
                judged = self.material.take(division.judged)
                yield (division.scheme, division.name, arm, kind), graded_rows(judged, inputs, trained)
                if outside is not None and division.scheme == ALL:
                    yield (EXTERNAL, ALL, arm, kind), graded_rows(outside, inputs, trained)

    def _work(self, waiting: Sequence[tuple[Any, ...]], doing: str) -> None:
        if waiting:
            work(self.context, waiting, self.workers, lambda running: self.watch(running, doing))

    def _resamples(self, division: Split) -> int:
        return self.plan.selection.resamples if division.scheme == ALL else 0

    def _parts(self) -> frozenset[FeaturePart]:
        used = {each for arm, _ in self.plan.cells for each in self.plan.inputs(arm)}
        return frozenset({FeaturePart.DETECTOR, *(part for each, part in PARTS.items() if each in used)})

    def _admitted(self, data: DataSet) -> LabelledRows:
        labels = self.plan_file.parent / self.plan.labels if self.plan.labels else None
        asked = ask(self.plan.task, data, labels=labels, classes=self.plan.classes, positive=self.plan.positive)
        labelled = eligible_images(asked, self.hashes)
        refuse_frames_seen(labelled, self.hashes, self.bundle)
        return labelled

    def _asked(self, split: str) -> bool:
        wanted = [name for name in (self.plan.split, self.plan.external) if name]
        return not self.plan.split or split in "+".join(wanted).split("+")

    def residuals(self) -> Path:
        """The file that reviewers are drawn from."""
        if self.plan.raters.residuals:
            return self.plan_file.parent / self.plan.raters.residuals
        boxed = self.labelled.data.boxed()
        if not boxed.images:
            return self._residuals_of_bundle()
        frames = [self.hashes[image.name] for image in boxed.images]
        key = digest(frames, describing(self.bundle), code_version(_MEASURING))
        path = self.stages.path("residuals", key, ".json")
        if not path.exists():
            predictions = run_detector(boxed, self.bundle, lambda images: self.watch(images, "detecting"))
            unfinished = path.with_suffix(".tmp")
            write_residuals(measure_residuals(boxed, predictions), unfinished)
            unfinished.replace(path)
        return path

    def _residuals_of_bundle(self) -> Path:
        """Those that the bundle was shipped with, for data without boxes."""
        if RESIDUALS not in self.bundle.manifest.files:
            raise DatasetError(
                "Reviewers are drawn from how a detector is off the boxes of frames that it has not seen",
                found=f"no boxes in this data, and no {RESIDUALS} in the bundle",
                remedy="Name a file of residuals of another study as raters.residuals, or set raters.reviewers = 0",
            )
        path = self.stages.path("residuals", self.bundle.sha256, ".json")
        replace_text(path, self.bundle.file(RESIDUALS).decode())
        return path

    def _measuring_key(self, residuals: Path | None) -> str:
        drawn = (
            {structure: rows.tolist() for structure, rows in read_residuals(residuals).rows.items()}
            if residuals
            else {}
        )
        return digest(sorted(self._parts()), describing(self.bundle), drawn, code_version(_MEASURING))

    def _choice_key(self, arm: str, division: Split) -> str:
        words = ("answers", "images", "structures", "groups")
        learnt = [getattr(self.material, name)[division.learnt].tolist() for name in words]
        shared = [
            asdict(self.plan.selection),
            self.plan.inner_folds,
            self.plan.seed,
            asdict(self.plan.raters),
            self.plan.scaling,
        ]
        folder = self._measured_name
        return digest(self.plan.inputs(arm), learnt, shared, folder, self._resamples(division), code_version(_CHOOSING))

    def _cell_key(self, arm: str, kind: GraderKind, division: Split) -> str:
        chosen = self._choice_key(arm, division)
        return digest(chosen, kind, self.plan.budget, code_version(_LEARNING))

    @cached_property
    def _measured_name(self) -> str:
        return self._measuring_key(self.residuals() if self.plan.raters.reviewers else None)


def graded_rows(material: StudyRows, inputs: tuple[Input, ...], trained: FittedExperiment) -> GradedRows:
    """What a trained cell says of rows, the classes in the order of the question."""
    probabilities, sets = trained.ask(material.of(inputs))
    order = [trained.spec.classes.index(name) for name in material.classes]
    return GradedRows(
        material.classes, material.positive, material.words, probabilities[:, order], np.asarray(sets)[:, order]
    )


def describing(bundle: Bundle) -> str:
    """SHA-256 of all that describes a frame: detector, arrangement and embedder, but no grader."""
    manifest = bundle.manifest
    named = (manifest.detector.file, manifest.arrangement, manifest.embedder.file if manifest.embedder else None)
    return digest([manifest.files[name] for name in named if name], asdict(manifest.detector))


def _stamp(path: Path) -> tuple[int, int]:
    file = path.stat()
    return file.st_size, file.st_mtime_ns
