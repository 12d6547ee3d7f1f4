"""A frame's plane is judged and gates what comes after; what a probability owes to a feature can be asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.errors import BundleError
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.frame import Frame, Source
from nonet.grade import FeatureRows
from nonet.grade.frame_grader import FrameGrader
from nonet.grade.task_grader import TaskGrader
from nonet.simulate import EXAMPLE_SEEDS, simulate


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle()


@pytest.fixture(scope="module")
def head() -> Frame:
    return Frame(simulate(EXAMPLE_SEEDS[50]).pixels, Source("PNG", "0" * 64))


@pytest.fixture(scope="module")
def noise() -> Frame:
    pixels = np.random.default_rng(0).integers(0, 90, (480, 640), dtype=np.uint8)
    return Frame(pixels, Source("PNG", "0" * 64))


def without_graders(folder: Path) -> Bundle:
    shutil.copytree(DEFAULT_BUNDLE, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"graders": {}}))
    return Bundle(folder)


def test_the_shipped_bundle_tells_a_head_from_noise(bundle: Bundle, head: Frame, noise: Frame) -> None:
    assessor = FrameGrader(bundle)
    seen = assessor.assess(head, STRUCTURES, ()).plane
    unseen = assessor.assess(noise, (), ()).plane
    assert seen.probability is not None and unseen.probability is not None
    assert seen.probability > 0.5 > unseen.probability
    assert (seen.label, unseen.label) == ("standard", "non-standard")
    assert unseen.conformal_set == ("non-standard",)


def test_the_plane_says_which_structures_are_missing_or_out_of_place(bundle: Bundle, head: Frame) -> None:
    seen = [structure for structure in STRUCTURES if structure is not Structure.PALATE]
    plane = FrameGrader(bundle).assess(head, seen, (Structure.MIDBRAIN,)).plane
    assert plane.missing == (Structure.PALATE,)
    assert plane.misplaced == (Structure.MIDBRAIN,)


def test_a_wrong_plane_is_warned_of_and_nothing_is_graded(bundle: Bundle, noise: Frame) -> None:
    assessment = FrameGrader(bundle).assess(noise, STRUCTURES, ())
    assert {grading.grade for grading in assessment.gradings} == {Grade.NOT_ASSESSED}
    for grading in assessment.gradings:
        assert grading.reason and "hardly a standard mid-sagittal plane (plane quality" in grading.reason
    (warning,) = assessment.warnings
    assert warning.startswith("the frame is hardly a standard mid-sagittal plane: boxes")


def test_a_good_plane_is_not_warned_of(bundle: Bundle, head: Frame) -> None:
    assessment = FrameGrader(bundle).assess(head, STRUCTURES[:5], ())
    assert assessment.warnings == ()
    reasons = [grading.reason for grading in assessment.gradings]
    assert set(reasons[:5]) == {"not assessed: this bundle holds no grader"}
    assert set(reasons[5:]) == {"not assessed: not seen by the program"}


def test_a_bundle_without_graders_says_so(tmp_path: Path, head: Frame) -> None:
    assessment = FrameGrader(without_graders(tmp_path / "bundle")).assess(head, STRUCTURES, ())
    assert assessment.plane.probability is None
    assert assessment.plane.reason == "not assessed: this bundle holds no plane-quality model"
    assert {grading.reason for grading in assessment.gradings} == {"not assessed: this bundle holds no grader"}


def test_a_task_without_a_grader_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="has none for 'plane', only none"):
        TaskGrader(without_graders(tmp_path / "bundle"), "plane")


def test_influences_are_there_only_if_asked_for(bundle: Bundle, head: Frame) -> None:
    assert FrameGrader(bundle).assess(head, STRUCTURES, ()).plane.influences is None
    told = FrameGrader(bundle, explain=True).assess(head, STRUCTURES, ()).plane.influences
    assert told is not None and len(told) == 5
    changes = [abs(one.change) for one in told]
    assert changes == sorted(changes, reverse=True)


def test_an_influence_is_the_change_of_the_log_odds_with_the_feature_at_its_median(bundle: Bundle, head: Frame) -> None:
    judge = TaskGrader(bundle, "plane")
    described = FrameFeatureExtractor(bundle, judge.parts).describe(head)
    strongest = judge.influences(described)[0]
    features = judge.features(described)
    place = features.names.index(strongest.feature)
    preprocessing = judge.grader.description.preprocessing
    median = preprocessing.medians[preprocessing.columns.index(strongest.feature)]
    moved = features.values.copy()
    moved[0, place] = median

    def odds(values: np.ndarray) -> float:
        told = judge.grader.probabilities(FeatureRows(features.names, values))[0]
        share = told[judge.grader.description.classes.index("standard")]
        return float(np.log(share / (1 - share)))

    assert strongest.change == pytest.approx(odds(features.values) - odds(moved), abs=1e-3)
    assert strongest.value == pytest.approx(features.values[0, place], abs=1e-3)
