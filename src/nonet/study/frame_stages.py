"""The stages of a study that look at frames: hashes, labels, residuals of reviewers, features."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES
from nonet.datasets.data_set import Plane
from nonet.datasets.tasks import LabelledRows, label_rows
from nonet.study.cache import digest, stage_key
from nonet.study.eligibility import eligible_rows, hash_images, refuse_frames_seen
from nonet.study.feature_tables import with_tables
from nonet.study.plan import parts_of
from nonet.study.residuals import Reviewers, pools_of, residuals_files
from nonet.study.study_features import FrameItem, HeadItem, StudyFeatures, extract_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.bundle import Bundle
    from nonet.datasets import DataSet, ImageRow
    from nonet.datasets.folds import FoldRow
    from nonet.study.plan import Plan
    from nonet.study.study_inputs import StudyInputs

__all__ = ["features_key", "features_stage", "hash_stage", "label_stage", "residuals_stage"]

_RATINGS, _ELIGIBILITY, _RESIDUALS = "nonet.study.study_features", "nonet.study.eligibility", "nonet.study.residuals"


def hash_stage(inputs: StudyInputs) -> tuple[dict[str, str], dict[str, str]]:
    """Pixel hashes and difference hashes by image name, of all images of the study's splits that can be read."""
    named = [image for image in inputs.data.images if _is_named(image.split, inputs.plan)]
    key = stage_key(_ELIGIBILITY, [(image.name, *_stamp(image.path)) for image in named])
    both: dict[str, list[str]] = inputs.cache.json("hashes", key, lambda: hash_images(inputs.watch(named, "opening")))
    return {name: one[0] for name, one in both.items()}, {name: one[1] for name, one in both.items()}


def label_stage(
    inputs: StudyInputs, split: str | None, hashes: dict[str, str], difference_hashes: dict[str, str]
) -> LabelledRows:
    """The eligible rows of a split, or of the whole data set."""
    plan, data = inputs.plan, inputs.data.split(split) if split else inputs.data
    table = inputs.plan_file.parent / plan.labels if plan.labels else None
    bands = (plan.bands, inputs.data_folder) if plan.bands else None
    labelled = label_rows(plan.task, data, labels=table, bands=bands, classes=plan.classes, positive=plan.positive)
    eligible = eligible_rows(labelled, hashes)
    refuse_frames_seen(eligible, hashes, difference_hashes, inputs.bundle)
    return eligible


def residuals_stage(
    inputs: StudyInputs, labelled: LabelledRows, hashes: dict[str, str], repeats: Sequence[Sequence[FoldRow]]
) -> Reviewers:
    """The files that reviewers are drawn from."""
    name = inputs.plan.raters.residuals
    named = inputs.plan_file.parent / name if name else None
    boxed = labelled.data.boxed()
    of_image = pools_of(labelled.data.images, repeats, inputs.plan.folds.leave_out)
    frames = [(hashes[image.name], _edges(boxed, image)) for image in boxed.images]
    key = stage_key(
        _RESIDUALS,
        frames,
        of_image,
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


def features_key(inputs: StudyInputs, reviewers: Reviewers | None) -> str:
    """What the features depend on besides the frames: parts, models, and what reviewers are drawn from."""
    drawn = digest(reviewers.pools.read_text(encoding="utf-8")) if reviewers else ""
    return stage_key(_RATINGS, sorted(parts_of(inputs.plan)), _feature_models(inputs.bundle), drawn)


def features_stage(
    inputs: StudyInputs,
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
    trained_on = {image.name for image in labelled.data.images}
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
            plan.twins if image.name in trained_on else 0,
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
    return with_tables(computed, [inputs.plan_file.parent / name for name in plan.features], inputs.bundle.folder)


def _feature_models(bundle: Bundle) -> str:
    """SHA-256 of all that features depend on: the models, and how the detector is run."""
    return digest(bundle.manifest.feature_models, asdict(bundle.manifest.detector))


def _edges(data: DataSet, image: ImageRow) -> dict[str, tuple[float, ...]]:
    return {structure.value: box.xyxy for structure, box in data.boxes_of(image).items()}


def _is_named(split: str, plan: Plan) -> bool:
    wanted = [name for name in (plan.split, plan.external) if name]
    return not plan.split or split in "+".join(wanted).split("+")


def _stamp(path: Path) -> tuple[int, int]:
    file = path.stat()
    return file.st_size, file.st_mtime_ns
