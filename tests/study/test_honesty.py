"""What a study must not be fooled by: shuffled labels, a frame on both sides, a network that has seen it, a machine."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from errors_raised import raised
from nonet.anatomy import Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle, Unit
from nonet.datasets import ImageRow, assign_folds
from nonet.datasets.folds import FoldRow
from nonet.errors import LeakError
from nonet.evaluate.grading.class_metrics import ClassMetric, samples
from nonet.frame import pixels_sha256
from nonet.frames.difference_hash import difference_hash
from nonet.grade import FeatureRows
from nonet.grade.task_grader import STRUCTURE
from nonet.select import Ratings
from nonet.study import load_plan, run_study
from nonet.study.experiments import ExperimentContext, fit_experiment, graded_rows, select_for_split
from nonet.study.figures import pooled
from nonet.study.plan import Folds, Plan
from nonet.study.rows import StudyRows
from nonet.study.selection import refuse_overlap
from nonet.study.splits import ALL, INTERNAL, Split, make_splits, refuse_overlap_with_external
from nonet.train.graders import GraderKind

NAMES = ("stat_anatomy", "stat_machine", *(f"stat_noise_{place}" for place in range(6)))
PLAN = """
name = "honesty"
task = "labels"
labels = "labels.csv"
kinds = ["logistic_regression"]
budget = 6
inner_folds = 3

[arms]
radiomics = ["radiomics"]

[folds]
count = 3
leave_out = "centre"
least = 10

[selection]
sources = [{sources}]
folds = 3
resamples = 0
"""


def plan_with(folder: Path, sources: str = "") -> Plan:
    (folder / "plan.toml").write_text(PLAN.format(sources=sources))
    return load_plan(folder / "plan.toml")[0]


def material_of(labels: np.ndarray, values: np.ndarray, centres: np.ndarray) -> StudyRows:
    """Thalami, one a frame, of two centres."""
    rows = len(labels)
    thalami = (Structure.THALAMI.value,) * rows
    frames = np.array([f"{number}.png" for number in range(rows)])
    nothing = np.full(rows, "unknown")
    return StudyRows(
        Unit.STRUCTURE,
        ("normal", "abnormal"),
        "abnormal",
        NAMES,
        FeatureRows(NAMES, values, {STRUCTURE: thalami, "layout": tuple(nothing)}),
        labels=np.where(labels, "abnormal", "normal"),
        images=frames,
        structures=np.array(thalami),
        groups=frames.astype("<U16"),
        centres=centres,
        devices=nothing,
        layouts=nothing,
    )


def auc(study_rows: StudyRows, plan: Plan, ratings: dict[str, dict[Structure, Ratings]]) -> dict[str, float]:
    """By scheme, of logistic regression on what is chosen."""
    images = [ImageRow(image, Path(image), 4, 4, "all") for image in study_rows.images.tolist()]
    hashes = {image.name: hashlib.sha256(image.name.encode()).hexdigest() for image in images}
    classes = dict(zip(study_rows.images.tolist(), ([word] for word in study_rows.labels.tolist()), strict=True))
    folds = assign_folds(images, hashes, plan.folds.count, classes=classes)
    reported = []
    for split in make_splits(study_rows, folds, plan.folds):
        context = ExperimentContext(plan, study_rows, (ratings,))
        selected = select_for_split(context, "radiomics", split, resamples=0)
        trained = fit_experiment(context, "radiomics", GraderKind.LOGISTIC_REGRESSION, split, selected)
        rows = graded_rows(study_rows.take(split.test), plan.arms["radiomics"], trained)
        reported.append(((split.scheme, split.name, "radiomics", "logistic_regression"), rows))
    return {
        scheme: float(samples(rows.scored, np.ones((1, len(rows)), np.int32))[ClassMetric.AUC][0])
        for (scheme, _, _), rows in pooled(reported).items()
    }


def frames_of_two_centres(rows: int = 180) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of which one follows the anatomy and one the machine; the anatomy; the centre."""
    rng = np.random.default_rng(7)
    south = np.arange(rows) % 2 == 1
    anatomy = rng.normal(size=rows)
    values = rng.normal(size=(rows, len(NAMES)))
    values[:, 0] = anatomy + rng.normal(0, 0.2, rows)
    values[:, 1] = 3 * south + rng.normal(0, 0.3, rows)
    return values, anatomy, np.where(south, "south", "north")


def ratings_on_nine_devices() -> dict[str, dict[Structure, Ratings]]:
    """Forty heads: the anatomy comes out alike, the second feature is the device's, noise belongs to the head."""
    rng = np.random.default_rng(8)
    heads = rng.normal(size=(40, 1, len(NAMES)))
    spread = np.full(len(NAMES), 0.1)
    spread[1] = 3
    shown = heads + rng.normal(size=(40, 9, len(NAMES))) * spread
    return {"devices": {Structure.THALAMI: Ratings(np.concatenate([heads, shown], axis=1), against_first=True)}}


@pytest.mark.slow
def test_a_true_signal_holds_in_every_scheme_and_shuffled_labels_in_none(tmp_path: Path) -> None:
    values, anatomy, centres = frames_of_two_centres()
    plan, labels = plan_with(tmp_path), anatomy > 0
    assert min(auc(material_of(labels, values, centres), plan, {}).values()) > 0.85
    lots = np.random.default_rng(9).permutation(labels)
    shuffled = auc(material_of(lots, values, centres), plan, {})
    assert shuffled[INTERNAL] == pytest.approx(0.5, abs=0.12)


def test_a_machine_that_gives_the_label_away_helps_inside_and_fails_at_the_other_centre(tmp_path: Path) -> None:
    """Nine in ten of the south are called abnormal, one in ten of the north, whatever the anatomy."""
    values, _, centres = frames_of_two_centres()
    rare = np.arange(len(values)) // 2 % 8 == 0
    reported = auc(material_of((centres == "south") != rare, values, centres), plan_with(tmp_path), {})
    assert reported[INTERNAL] > 0.8
    assert max(reported["without north"], reported["without south"]) < 0.7


def test_features_that_nine_devices_disagree_on_are_not_there_to_be_leant_on(tmp_path: Path) -> None:
    values, _, centres = frames_of_two_centres()
    rare = np.arange(len(values)) // 2 % 8 == 0
    study_rows = material_of((centres == "south") != rare, values, centres)
    reported = auc(study_rows, plan_with(tmp_path, '"devices"'), ratings_on_nine_devices())
    assert reported[INTERNAL] < 0.7


def test_a_source_that_rated_too_few_is_dropped_by_name_and_empties_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    values, anatomy, centres = frames_of_two_centres()
    study_rows, plan = material_of(anatomy > 0, values, centres), plan_with(tmp_path, '"devices"')
    (few,) = (one.values[:6] for one in ratings_on_nine_devices()["devices"].values())
    ratings = {"devices": {Structure.THALAMI: Ratings(few, against_first=True)}}
    context = ExperimentContext(plan, study_rows, (ratings,))
    every = np.arange(len(study_rows))
    selected = select_for_split(context, "radiomics", Split(ALL, ALL, every, every), resamples=0)
    assert selected["dropped"] == {"thalami": ["devices"]}
    assert "radiomics, thalami: too few subjects rated by devices" in caplog.text
    assert all("stat_anatomy" in columns for columns in selected["columns"].values())


@pytest.mark.slow
def test_at_seven_percent_shuffled_labels_are_at_chance_within_folds(tmp_path: Path) -> None:
    """Mean of ten draws, whose standard error is about .03; pooled probabilities would be far below."""
    plan, found = plan_with(tmp_path), []
    for seed in range(10):
        values, _, centres = frames_of_two_centres(200)
        lots = np.random.default_rng(seed).permutation(np.arange(200) < 14)
        found.append(auc(material_of(lots, values, centres), replace(plan, folds=Folds(3)), {})[INTERNAL])
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)


def test_a_frame_or_a_patient_on_both_sides_is_a_leak() -> None:
    values, anatomy, centres = frames_of_two_centres(12)
    study_rows = material_of(anatomy > 0, values, centres)
    refuse_overlap(study_rows, np.arange(6), np.arange(6, 12))
    with raised(LeakError, found=r"1, such as 5\.png"):
        refuse_overlap(study_rows, np.arange(6), np.arange(5, 12))
    study_rows.groups[0] = study_rows.groups[11] = "patient 1"
    with raised(LeakError, found="such as patient 1"):
        make_splits(study_rows, [FoldRow(image, image, n % 2) for n, image in enumerate(study_rows.images)], Folds(2))


def test_an_external_split_with_a_frame_of_the_study_is_a_leak() -> None:
    values, anatomy, centres = frames_of_two_centres(12)
    study_rows = material_of(anatomy > 0, values, centres)
    refuse_overlap_with_external(study_rows.take(np.arange(6)), study_rows.take(np.arange(6, 12)))
    with raised(LeakError, found=r"5\.png"):
        refuse_overlap_with_external(study_rows.take(np.arange(6)), study_rows.take(np.arange(5, 12)))


@pytest.mark.parametrize("listed", ["frames_seen.csv", "embedder_frames_seen.csv"])
def test_a_study_refuses_a_bundle_that_has_seen_one_of_its_frames(
    tmp_path: Path, published_folder: Path, listed: str
) -> None:
    seen = published_folder / "Set2-Training&Validation Sets ANN Scoring system" / "Non-standard" / "1104.png"
    luma = np.asarray(Image.open(seen).convert("RGB")).astype(np.int64) @ [19595, 38470, 7471]
    bundle = planted(tmp_path / "bundle", listed, pixels_sha256(((luma + 32768) >> 16).astype(np.uint8)))
    plan = tmp_path / "plan.toml"
    plan.write_text('name = "planted"\ntask = "plane"\nsplit = "set2"\n[arms]\ndeep = ["deep"]\n')
    with raised(LeakError, found=r"1 of 3 frames were seen, 1104\.png among them"):
        run_study(plan, tmp_path / "run", data=published_folder, bundle=bundle)
    assert not (tmp_path / "run" / "predictions.csv").exists()


def test_a_study_refuses_a_bundle_that_has_seen_a_near_copy_of_one_of_its_frames(
    tmp_path: Path, published_folder: Path
) -> None:
    seen = published_folder / "Set2-Training&Validation Sets ANN Scoring system" / "Non-standard" / "1104.png"
    pixels = np.asarray(Image.open(seen).convert("L")).copy()
    pixels[3, 3] ^= 255
    bundle = planted(tmp_path / "bundle", "frames_seen.csv", "ab" * 32, difference_hash(pixels))
    plan = tmp_path / "plan.toml"
    plan.write_text('name = "planted"\ntask = "plane"\nsplit = "set2"\n[arms]\ndeep = ["deep"]\n')
    with raised(LeakError, found=r"1 of 3 frames are near copies, 1104\.png among them by [01] of 256 bits"):
        run_study(plan, tmp_path / "run", data=published_folder, bundle=bundle)


def planted(folder: Path, listed: str, sha: str, near: str = "") -> Path:
    """The default bundle, one of its lists of seen frames longer by one."""
    shutil.copytree(DEFAULT_BUNDLE, folder)
    rows = [f"{sha},trained,{near}" if near else f"{sha},trained"]
    lines = (folder / listed).read_text().splitlines()
    heading = "pixels_sha256,use,difference_hash" if near else lines[0]
    (folder / listed).write_text("\n".join([heading, *lines[1:], *rows]) + "\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][listed] = hashlib.sha256((folder / listed).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert Bundle(folder)
    return folder
