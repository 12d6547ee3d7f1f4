"""The stages of a study that look at frames: hashes, labels, residuals of reviewers, features."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES
from nonet.datasets.data_set import Plane
from nonet.datasets.tasks import LabelledRows, label_rows
from nonet.errors import SettingsError
from nonet.study.cache import digest, stage_key
from nonet.study.eligibility import eligible_rows, hash_images, refuse_frames_seen
from nonet.study.external_data import as_tested, called_external, renamed
from nonet.study.feature_tables import with_tables
from nonet.study.plan import Boxes, parts_of, sizes_of
from nonet.study.rated_frames import candidate_frames
from nonet.study.residuals import Reviewers, pools_of, residuals_files
from nonet.study.study_features import FrameItem, HeadItem, StudyFeatures, extract_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.datasets import DataSet, ImageRow
    from nonet.datasets.folds import FoldRow
    from nonet.study.study_features import Edges
    from nonet.study.study_inputs import StudyInputs

__all__ = [
    "external_stage",
    "features_key",
    "features_stage",
    "hash_stage",
    "label_stage",
    "rated_stage",
    "residuals_stage",
]

_RATINGS, _ELIGIBILITY, _RESIDUALS = "nonet.study.study_features", "nonet.study.eligibility", "nonet.study.residuals"


def hash_stage(inputs: StudyInputs) -> tuple[dict[str, str], dict[str, str]]:
    """Pixel hashes and difference hashes by image name, of all images of the study's splits that can be read."""
    plan, data = inputs.plan, inputs.external_data
    own = [plan.split, None if data else plan.external]
    named = [image for image in inputs.data.images if _is_named(image.split, own)]
    if data:
        named += [image for image in renamed(data).images if _is_named(image.split, [plan.external])]
    key = stage_key(_ELIGIBILITY, [(image.name, *_stamp(image.path)) for image in named])
    both: dict[str, list[str]] = inputs.cache.json("hashes", key, lambda: hash_images(inputs.watch(named, "opening")))
    return {name: one[0] for name, one in both.items()}, {name: one[1] for name, one in both.items()}


def label_stage(inputs: StudyInputs, hashes: dict[str, str], difference_hashes: dict[str, str]) -> LabelledRows:
    """The eligible rows of the study's split, or of the whole data set."""
    data = _part(inputs.data, inputs.plan.split)
    table = _beside(inputs.plan_file.parent, inputs.data_folder, inputs.plan.labels)
    labelled = _labelled(inputs, data, table, inputs.data_folder)
    if unknown := sorted(set(inputs.plan.levels) - set(labelled.classes)):
        raise SettingsError(
            "Levels are of the classes of a study",
            found=f"a level of {unknown[0]!r}, where the classes are {', '.join(labelled.classes)}",
            remedy="Name the class as the labels do",
        )
    return _eligible(inputs, labelled, hashes, difference_hashes)


def external_stage(
    inputs: StudyInputs, labelled: LabelledRows, hashes: dict[str, str], difference_hashes: dict[str, str]
) -> LabelledRows | None:
    """The eligible rows that are only tested, of the external data or split; None if there are none."""
    plan, folder = inputs.plan, inputs.external_folder
    if inputs.external_data and folder:
        table = _beside(folder, folder, plan.labels)
        found = called_external(_labelled(inputs, _part(inputs.external_data, plan.external), table, folder))
    elif plan.external:
        table = _beside(inputs.plan_file.parent, inputs.data_folder, plan.labels)
        found = _labelled(inputs, inputs.data.split(plan.external), table, inputs.data_folder)
    else:
        return None
    return as_tested(_eligible(inputs, found, hashes, difference_hashes), labelled)


def _labelled(inputs: StudyInputs, data: DataSet, table: Path | None, folder: Path) -> LabelledRows:
    plan = inputs.plan
    bands = (plan.bands, folder) if plan.bands else None
    return label_rows(plan.task, data, labels=table, bands=bands, classes=plan.classes, positive=plan.positive)


def _eligible(
    inputs: StudyInputs, labelled: LabelledRows, hashes: dict[str, str], difference_hashes: dict[str, str]
) -> LabelledRows:
    eligible = eligible_rows(labelled, hashes)
    refuse_frames_seen(eligible.data.images, hashes, difference_hashes, inputs.bundle)
    return eligible


def rated_stage(
    inputs: StudyInputs, labelled: LabelledRows, hashes: dict[str, str], difference_hashes: dict[str, str]
) -> DataSet:
    """The frames that may be rated; see `nonet.study.rated_frames`."""
    candidates = candidate_frames(_part(inputs.data, inputs.plan.split), labelled.data, hashes)
    refuse_frames_seen(candidates.images, hashes, difference_hashes, inputs.bundle)
    return candidates


def residuals_stage(
    inputs: StudyInputs, rated: DataSet, hashes: dict[str, str], repeats: Sequence[Sequence[FoldRow]]
) -> Reviewers:
    """The files that reviewers of the rated frames are drawn from; every one of these has a fold in every repeat."""
    name = inputs.plan.raters.residuals
    named = inputs.plan_file.parent / name if name else None
    boxed = rated.boxed()
    of_image = pools_of(rated.images, repeats, inputs.plan.folds.leave_out)
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
    files = (reviewers.pools, reviewers.whole) if reviewers else ()
    drawn = [digest(file.read_text(encoding="utf-8")) for file in files]
    parts = [*sorted(parts_of(inputs.plan)), *sorted(sizes_of(inputs.plan))]
    return stage_key(_RATINGS, parts, inputs.plan.boxes, _feature_models(inputs.bundle), drawn)


def features_stage(
    inputs: StudyInputs,
    labelled: LabelledRows,
    external: LabelledRows | None,
    rated_data: DataSet,
    hashes: dict[str, str],
    reviewers: Reviewers | None,
    key: str,
) -> StudyFeatures:
    """The features of every labelled frame, of every frame that is rated, and of every rating of it."""
    plan, raters = inputs.plan, inputs.plan.raters
    own = [image.name for image in rated_data.images if image.plane is not Plane.NON_STANDARD]
    drawn = sorted(own, key=lambda name: digest(plan.seed, hashes[name]))
    reviewed, shown_again = set(drawn[: raters.reviewed]), set(drawn[: raters.shown_again])
    trained_on = {image.name for image in labelled.data.images}
    only_rated = (reviewed | shown_again) - trained_on
    images: list[ImageRow] = [
        *labelled.data.images,
        *(image for image in rated_data.images if image.name in only_rated),
        *(external.data.images if external else ()),
    ]
    boxes = _reference_boxes(inputs, external)
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
            image.mm_per_px,
            boxes.get(image.name),
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
        sizes=sizes_of(plan),
        residuals=reviewers.whole if reviewers else None,
    )
    return with_tables(computed, [inputs.plan_file.parent / name for name in plan.features], inputs.bundle.folder)


def _reference_boxes(inputs: StudyInputs, external: LabelledRows | None) -> dict[str, dict[Structure, Edges]]:
    """The boxes of every image where the study measures those of the data set; nothing where it does not."""
    if inputs.plan.boxes is not Boxes.REFERENCE:
        return {}
    return {
        image.name: {structure: box.xyxy for structure, box in data.boxes_of(image).items()}
        for data in (inputs.data, *([external.data] if external else []))
        for image in data.images
    }


def _feature_models(bundle: Bundle) -> str:
    """SHA-256 of all that features depend on: the models, and how the detector is run."""
    return digest(bundle.manifest.feature_models, asdict(bundle.manifest.detector))


def _edges(data: DataSet, image: ImageRow) -> dict[str, tuple[float, ...]]:
    return {structure.value: box.xyxy for structure, box in data.boxes_of(image).items()}


def _part(data: DataSet, split: str | None) -> DataSet:
    return data.split(split) if split else data


def _beside(first: Path, folder: Path, name: str | None) -> Path | None:
    """A file of a name in the first folder, or else in that of the data."""
    if name is None:
        return None
    inside = (folder if folder.is_dir() else folder.parent) / name
    return inside if inside.is_file() and not (first / name).is_file() else first / name


def _is_named(split: str, wanted: Sequence[str | None]) -> bool:
    """Whether an image's split is one of some, the first of which stands for all where it is not given."""
    return not wanted[0] or split in "+".join(name for name in wanted if name).split("+")


def _stamp(path: Path) -> tuple[int, int]:
    file = path.stat()
    return file.st_size, file.st_mtime_ns
