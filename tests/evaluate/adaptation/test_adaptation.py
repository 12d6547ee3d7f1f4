"""A site's frames set threshold, calibration and sets; figures are of frames that the adaptation had not seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from errors_raised import raised
from nonet.anatomy import STRUCTURES
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.cli.main import app
from nonet.datasets import load
from nonet.datasets.inspection import first_frame
from nonet.datasets.tasks import Task, label_rows
from nonet.errors import BundleError, DatasetError, LeakError
from nonet.evaluate.adaptation import adapt
from nonet.evaluate.grading import GradedRows, GradingRun, run_grader
from nonet.evaluate.grading.graded_rows import WORDS
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.grade.frame_grader import FrameGrader
from nonet.grade.site_calibration import SiteCalibration, site_folds
from nonet.grade.task_grader import TaskGrader
from nonet.reader import Reader
from nonet.reading import BundleReference

CLASSES = ("no", "yes")


def shifted(count: int, seed: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that order well and are too low by a shift of the log odds, and the classes."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 2)
    odds = np.where(labels == 1, 2.5, -2.5) + rng.normal(0, 1.2, count) - shift
    yes = 1 / (1 + np.exp(-odds))
    return np.column_stack([1 - yes, yes]), labels


def run_of(probabilities: np.ndarray, labels: np.ndarray, *, seen: int = 0) -> GradingRun:
    words = {name: np.array([f"{n}" for n in range(len(labels))]) for name in WORDS}
    words["answer"] = np.array(CLASSES)[labels]
    rows = GradedRows(CLASSES, "yes", words, probabilities, np.ones(probabilities.shape, np.bool_))
    return GradingRun(rows, "test", 0.95, BundleReference("test", "1", "0" * 64), len(labels), seen, (), (), {})


def sensitivity(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == 1)[labels == 1].mean())


def test_a_threshold_that_is_off_is_set_right_by_forty_frames() -> None:
    given, labels = shifted(40, 0, 3.0)
    fresh, truth = shifted(4_000, 1, 3.0)
    site = SiteCalibration.fit(given, labels, level=0.9)
    adapted, sets = site.apply(fresh)
    assert sensitivity(fresh, truth) < 0.5
    assert sensitivity(adapted, truth) > 0.9
    for place in (0, 1):
        assert sets[truth == place, place].mean() > 0.85


def test_figures_after_are_of_frames_that_the_adaptation_had_not_seen() -> None:
    """Labels by lot: what an adaptation learns on them cannot help on others."""
    rng = np.random.default_rng(3)
    yes = rng.random(400)
    labels = rng.permutation(np.arange(400) % 2)
    made = adapt(run_of(np.column_stack([1 - yes, yes]), labels), CLASSES, level=0.9)
    right = (made.after.probabilities.argmax(axis=1) == labels).mean()
    assert right < 0.56
    assert made.site.frames == 400


def test_patients_are_kept_together_and_classes_are_dealt_out_evenly() -> None:
    labels, groups = np.arange(60) % 2, np.arange(60) // 3
    fold = site_folds(labels, groups, 5, 0)
    assert all(len(set(fold[groups == group])) == 1 for group in range(20))
    alone = site_folds(np.arange(40) % 2, None, 5, 0)
    assert all(np.bincount(alone[np.arange(40) % 2 == one], minlength=5).tolist() == [4] * 5 for one in (0, 1))


def test_classes_in_another_order_than_the_graders_mean_the_same() -> None:
    given, labels = shifted(60, 4, 1.0)
    run = run_of(given, labels)
    turned = replace(run.rows, classes=CLASSES[::-1], probabilities=given[:, ::-1])
    one, other = adapt(run, CLASSES, level=0.9), adapt(replace(run, rows=turned), CLASSES, level=0.9)
    assert one.site == other.site
    np.testing.assert_allclose(one.after.probabilities, other.after.probabilities[:, ::-1])


def test_frames_that_were_seen_and_too_few_frames_are_refused() -> None:
    with raised(LeakError, found="1 of 40"):
        adapt(run_of(*shifted(40, 0, 0.0), seen=1), CLASSES, level=0.9)
    with raised(DatasetError, found="6 no, 6 yes"):
        adapt(run_of(*shifted(12, 0, 0.0)), CLASSES, level=0.9)


def command(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["adapt", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Twenty frames of noise whose planes a table states; what they show does not matter here."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "site"
    folder.mkdir()
    lines = ["fname,plane"]
    for number in range(20):
        Image.fromarray(rng.integers(0, 256, (96, 128), dtype=np.uint8)).save(folder / f"{number:02d}.png")
        lines.append(f"{number:02d}.png,{'Standard' if number % 2 else 'non standard'}")
    (folder / "frames.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.slow
def test_the_command_makes_a_bundle_that_reads_by_the_sites_threshold(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "adapted"
    reported = json.loads(command(DEFAULT_BUNDLE, site, "--output", out, "--name", "our site", "--json"))
    assert reported["frames"] == 20
    assert set(reported["before"]["sensitivity"]) == {"value", "low", "high"}
    bundle = Bundle(out)
    assert bundle.manifest.name.endswith("adapted to our site")
    assert "adapted to our site" in bundle.file("MODEL_CARD.md").decode()
    seen = uses_by_hash(bundle, bundle.manifest.graders["plane"].frames_seen)
    labelled = label_rows(Task.PLANE, load(site))
    again = run_grader(Task.PLANE, labelled, bundle)
    assert again.seen == 20
    assert {seen[sha] for sha, _ in again.hashes.values()} == {Use.CHOSEN_BY}
    before = run_grader(Task.PLANE, labelled, Bundle(DEFAULT_BUNDLE))
    expected, _ = TaskGrader(bundle, "plane").spec.site.apply(before.rows.probabilities)
    np.testing.assert_allclose(again.rows.probabilities, expected, atol=1e-6)
    frame = first_frame(site / "00.png")
    assert Reader(bundle).read_frame(frame).plane_quality.label
    features = FrameFeatureExtractor(bundle, FrameGrader(bundle).parts).of_frame(frame)
    graded = FrameGrader(bundle).grade(features, STRUCTURES, ()).plane
    novelty = TaskGrader(bundle, "plane").spec.novelty
    assert novelty is not None and [len(of_site) for of_site in novelty.held_out] == [20]
    assert graded.as_far_out is not None and graded.as_far_out >= 1 / 21, "a frame of the site"
    with raised(BundleError, found="adapted to a site already"):
        command(out, site, "--output", tmp_path / "twice")
    assert "the bundle is in" in command(DEFAULT_BUNDLE, site, "--output", tmp_path / "words")


def test_an_empty_folder_and_one_that_is_not_are_refused(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DatasetError):
        command(DEFAULT_BUNDLE, tmp_path / "nothing", "--output", tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("kept")
    command(DEFAULT_BUNDLE, tmp_path / "nothing", "--output", tmp_path / "full", code=2)
