"""The plane is graded first and gates the structures; what influences a probability can be listed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES, Grade, GradeBasis, PlaneLabel, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.errors import BundleError
from nonet.features.frame_features import FrameFeatureExtractor, FrameFeatures
from nonet.frame import Frame, Source
from nonet.grade import NotAssessed, NotAssessedReason, Prediction
from nonet.grade.frame_grader import FAR_OUT, FrameGrader, _grading, plane_label
from nonet.grade.task_grader import TaskGrader
from nonet.simulate import EXAMPLE_SEEDS, simulate


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle()


@pytest.fixture(scope="module")
def head(bundle: Bundle) -> FrameFeatures:
    pixels = simulate(EXAMPLE_SEEDS[50]).pixels
    return FrameFeatureExtractor(bundle, FrameGrader(bundle).parts).of_frame(Frame(pixels, Source("PNG", "0" * 64)))


@pytest.fixture(scope="module")
def noise(bundle: Bundle) -> FrameFeatures:
    pixels = np.random.default_rng(0).integers(0, 90, (480, 640), dtype=np.uint8)
    return FrameFeatureExtractor(bundle, FrameGrader(bundle).parts).of_frame(Frame(pixels, Source("PNG", "0" * 64)))


def without_graders(folder: Path) -> Bundle:
    shutil.copytree(DEFAULT_BUNDLE, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"graders": {}}))
    return Bundle(folder)


def words(reason: NotAssessedReason) -> str:
    return NotAssessed(reason).words


def test_the_shipped_bundle_knows_a_head_from_noise(bundle: Bundle, head: FrameFeatures, noise: FrameFeatures) -> None:
    seen = FrameGrader(bundle).grade(head, STRUCTURES, ()).plane
    unseen = FrameGrader(bundle).grade(noise, (), ()).plane
    assert seen.probability is not None and seen.probability > 0.5
    assert seen.label is PlaneLabel.STANDARD
    assert (unseen.label, unseen.probability, unseen.missing) == (PlaneLabel.NON_STANDARD, None, STRUCTURES)
    assert unseen.reason is not None and "none of the nine" in unseen.reason


def test_the_plane_lists_structures_that_are_missing_or_out_of_place(bundle: Bundle, head: FrameFeatures) -> None:
    seen = [structure for structure in STRUCTURES if structure is not Structure.PALATE]
    plane = FrameGrader(bundle).grade(head, seen, (Structure.MIDBRAIN,)).plane
    assert plane.missing == (Structure.PALATE,)
    assert plane.misplaced == (Structure.MIDBRAIN,)


def test_on_a_non_standard_plane_nothing_is_graded_and_one_warning_says_so(
    bundle: Bundle, noise: FrameFeatures
) -> None:
    grading = FrameGrader(bundle).grade(noise, STRUCTURES, ())
    assert {one.grade for one in grading.gradings} == {Grade.NOT_ASSESSED}
    assert {one.reason for one in grading.gradings} == {words(NotAssessedReason.NON_STANDARD_PLANE)}
    assert [words.split()[0] for words in grading.warnings] == ["probably", "the"]
    assert grading.plane.as_far_out is not None and grading.plane.as_far_out < FAR_OUT, "noise is unlike any head"


def test_a_standard_plane_has_no_warning(bundle: Bundle, head: FrameFeatures) -> None:
    grading = FrameGrader(bundle).grade(head, STRUCTURES[:5], ())
    assert grading.warnings == ()
    thalami, *graded = grading.gradings[:5]
    assert thalami.reason == words(NotAssessedReason.NO_NORM)
    assert {one.basis for one in graded} == {GradeBasis.EDITS}
    assert all(one.grade is not Grade.NOT_ASSESSED for one in graded)
    assert {one.reason for one in grading.gradings[5:]} == {words(NotAssessedReason.NOT_VISIBLE)}


@pytest.mark.parametrize(
    ("probability", "conformal_set", "label"),
    [
        (0.97, ("standard",), PlaneLabel.STANDARD),
        (0.50, ("standard",), PlaneLabel.STANDARD),
        (0.99, (), PlaneLabel.UNDECIDED),
        (0.49, (), PlaneLabel.UNDECIDED),
        (0.60, ("non-standard",), PlaneLabel.UNDECIDED),
        (0.03, ("non-standard",), PlaneLabel.NON_STANDARD),
        (0.60, ("non-standard", "standard"), PlaneLabel.UNDECIDED),
        (0.40, ("non-standard", "standard"), PlaneLabel.UNDECIDED),
    ],
)
def test_one_threshold_and_the_conformal_set_give_one_word(
    probability: float, conformal_set: tuple[str, ...], label: PlaneLabel
) -> None:
    assert plane_label(probability, conformal_set) is label


@pytest.mark.parametrize(
    ("conformal_set", "grade"),
    [
        (("abnormal",), Grade.ABNORMAL),
        (("borderline", "abnormal"), Grade.UNDECIDED),
        ((), Grade.NOT_ASSESSED),
    ],
)
def test_the_conformal_set_decides_the_grade(conformal_set: tuple[str, ...], grade: Grade) -> None:
    grading = _grading(Prediction({"normal": 0.2, "borderline": 0.3, "abnormal": 0.5}, conformal_set), GradeBasis.EDITS)
    assert grading.grade is grade
    assert grading.basis is GradeBasis.EDITS
    assert grading.probabilities == {Grade.NORMAL: 0.2, Grade.BORDERLINE: 0.3, Grade.ABNORMAL: 0.5}
    assert (grading.reason == words(NotAssessedReason.NO_GRADE_FITS)) is (grade is Grade.NOT_ASSESSED)


def test_a_bundle_without_graders_says_so(tmp_path: Path) -> None:
    grader = FrameGrader(without_graders(tmp_path / "bundle"))
    assert grader.parts == frozenset()
    grading = grader.grade(None, STRUCTURES, ())
    assert grading.plane.probability is None
    assert grading.plane.reason == words(NotAssessedReason.NO_GRADER)
    assert {one.reason for one in grading.gradings} == {words(NotAssessedReason.NO_GRADER)}


def test_a_task_without_a_grader_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        TaskGrader(without_graders(tmp_path / "bundle"), "plane")
    assert "'plane'" in caught.value.found


def test_influences_are_there_only_if_asked_for(bundle: Bundle, head: FrameFeatures) -> None:
    assert FrameGrader(bundle).grade(head, STRUCTURES, ()).plane.influences is None
    influences = FrameGrader(bundle, explain=True).grade(head, STRUCTURES, ()).plane.influences
    assert influences is not None and len(influences) == 5
    changes = [abs(one.change) for one in influences]
    assert changes == sorted(changes, reverse=True)


def test_an_influence_is_the_change_of_the_log_odds_with_the_feature_at_its_median(
    bundle: Bundle, head: FrameFeatures
) -> None:
    """A value that is not there is filled with the median of each member's training rows."""
    grader = TaskGrader(bundle, "plane")
    strongest = grader.influences(head)[0]
    structure, _, name = strongest.feature.partition(".")
    place = (STRUCTURES.index(Structure(structure)), head.names.index(name))
    moved = head.values.copy()
    moved[place] = np.nan

    def odds(values: np.ndarray) -> float:
        features = replace(head, values=values)
        standard = grader.probabilities(features)[0][grader.spec.classes.index("standard")]
        return float(np.log(standard / (1 - standard)))

    assert strongest.change == pytest.approx(odds(head.values) - odds(moved), abs=1e-3)
    assert strongest.value == pytest.approx(head.values[place], abs=1e-3)
