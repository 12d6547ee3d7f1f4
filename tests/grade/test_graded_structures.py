"""A grader of labels grades the structures that it was made for, says what that rests on, and why it leaves others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from errors_raised import raised
from label_bundles import graded_head, head_frame, labels_bundle
from nonet.anatomy import Grade, GradeBasis, PlaneLabel, Structure
from nonet.errors import BundleError, NonetError
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.grade import NotAssessed, NotAssessedReason
from nonet.grade.disagreement import disagreement_words, with_disagreement
from nonet.grade.frame_grader import FrameGrader
from nonet.measure.norms_in_use import chosen_norms
from nonet.reader import Reader
from nonet.reading import Grading, Measurement, NormComparison, Settings

GRADED = (Structure.NUCHAL_TRANSLUCENCY, Structure.NASAL_BONE)
SEEN = tuple(Structure)[:6]


def words(reason: NotAssessedReason) -> str:
    return NotAssessed(reason).words


def test_only_its_own_structures_are_graded_and_each_other_has_its_reason(tmp_path: Path) -> None:
    bundle = labels_bundle(tmp_path / "b", GRADED, at_chance=(Structure.PALATE,))
    grader = FrameGrader(bundle)
    features = FrameFeatureExtractor(bundle, grader.parts).of_frame(head_frame())
    by = dict(zip(Structure, grader.grade(features, tuple(Structure), ()).gradings, strict=True))
    for structure in GRADED:
        assert (by[structure].grade, by[structure].basis) == (Grade.NORMAL, GradeBasis.EDITS)
        assert by[structure].conformal_set == (Grade.NORMAL,)
        assert list(by[structure].probabilities or {}) == [Grade.NORMAL, Grade.BORDERLINE, Grade.ABNORMAL]
    others = {structure: one.reason for structure, one in by.items() if structure not in GRADED}
    assert others == {
        Structure.THALAMI: "not assessed: no published norm",
        Structure.NASAL_TIP: "not assessed: no published norm",
        Structure.NASAL_SKIN: "not assessed: no published norm with a spread",
        Structure.PALATE: words(NotAssessedReason.CHANCE),
        Structure.MIDBRAIN: words(NotAssessedReason.NO_LABELS),
        Structure.FOURTH_VENTRICLE: words(NotAssessedReason.NO_LABELS),
        Structure.CISTERNA_MAGNA: words(NotAssessedReason.NO_LABELS),
    }
    assert {by[structure].basis for structure in others} == {None}


def test_a_sites_labels_need_no_published_norm(tmp_path: Path) -> None:
    bundle = labels_bundle(tmp_path / "b", (Structure.THALAMI,), GradeBasis.SITE)
    grader = FrameGrader(bundle)
    features = FrameFeatureExtractor(bundle, grader.parts).of_frame(head_frame())
    thalami, *_, tip, skin, bone = grader.grade(features, tuple(Structure), ()).gradings
    assert (thalami.grade, thalami.basis) == (Grade.NORMAL, GradeBasis.SITE)
    assert {tip.reason, skin.reason, bone.reason} == {"not assessed: no labels of this structure"}


def test_the_plane_and_what_is_visible_come_before_the_grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = labels_bundle(tmp_path / "b", GRADED)
    grader = FrameGrader(bundle)
    features = FrameFeatureExtractor(bundle, grader.parts).of_frame(head_frame())
    seen = grader.grade(features, (Structure.NASAL_BONE,), ())
    assert seen.plane.label is PlaneLabel.STANDARD
    assert seen.gradings[-1].grade is Grade.NORMAL
    assert {one.reason for one in seen.gradings[:-1]} == {words(NotAssessedReason.NOT_VISIBLE)}
    for label, reason in (
        (PlaneLabel.NON_STANDARD, NotAssessedReason.NON_STANDARD_PLANE),
        (PlaneLabel.UNDECIDED, NotAssessedReason.UNDECIDED_PLANE),
    ):
        plane = replace(seen.plane, label=label)
        monkeypatch.setattr(grader, "_grade_plane", lambda *_, plane=plane: plane)
        gradings = grader.grade(features, tuple(Structure), ()).gradings
        assert {one.reason for one in gradings} == {words(reason)}
        assert {(one.basis, one.probabilities) for one in gradings} == {(None, None)}


@pytest.mark.parametrize(("structures", "basis"), [(None, GradeBasis.SITE), (GRADED, None)])
def test_a_grader_that_does_not_say_what_it_rests_on_is_refused(
    tmp_path: Path, structures: tuple[Structure, ...] | None, basis: GradeBasis | None
) -> None:
    with raised(BundleError, found="says neither") as caught:
        FrameGrader(labels_bundle(tmp_path / "b", structures, basis))
    assert "nonet study run" in caught.value.remedy


def test_no_grade_is_made_without_its_basis() -> None:
    with raised(NonetError, found="abnormal without a basis"):
        Grading(Grade.ABNORMAL)
    with raised(NonetError, found="without a basis"):
        Grading(Grade.NOT_ASSESSED, {Grade.NORMAL: 0.1}, (), "not assessed: no grade fits")


def test_a_reading_warns_where_the_ruler_and_the_grader_contradict_each_other(tmp_path: Path) -> None:
    crl = graded_head().truth["crl_mm"]
    settings = Settings(crl_mm=crl, norms=chosen_norms(crl, None, None))
    agreed, opposed = (
        Reader(labels_bundle(tmp_path / grade, GRADED, grade=grade), settings).read_frame(head_frame())
        for grade in ("normal", "abnormal")
    )
    thickness = next(one for one in opposed["nuchal_translucency"].measurements if one.name == "thickness")
    assert thickness.norms[0].grade is Grade.NORMAL, "the head's translucency is thin"
    assert opposed["nuchal_translucency"].grading.disagrees_with == (thickness.norms[0].norm,)
    assert opposed.warnings == (
        f"nuchal translucency: abnormal (trained on controlled edits), but its thickness {thickness.value:g} mm is "
        f"normal (norm {thickness.norms[0].norm})",
    )
    assert agreed.warnings == ()
    assert agreed["nuchal_translucency"].grading.disagrees_with == ()


def measured(name: str, *grades: Grade) -> Measurement:
    norms = tuple(NormComparison(f"{name}-{place}", "p", "s", grade=grade) for place, grade in enumerate(grades))
    return Measurement(name, 1.5, "mm", norms=norms)


@pytest.mark.parametrize(
    ("grade", "measurements", "opposed"),
    [
        (Grade.ABNORMAL, [measured("a", Grade.NORMAL)], ("a-0",)),
        (Grade.NORMAL, [measured("a", Grade.ABNORMAL)], ("a-0",)),
        (Grade.ABNORMAL, [measured("a", Grade.ABNORMAL)], ()),
        (Grade.ABNORMAL, [measured("a", Grade.BORDERLINE)], ()),
        (Grade.BORDERLINE, [measured("a", Grade.NORMAL)], ()),
        (Grade.UNDECIDED, [measured("a", Grade.NORMAL)], ()),
        (Grade.ABNORMAL, [measured("a", Grade.UNDECIDED, Grade.NORMAL)], ()),
        (Grade.ABNORMAL, [measured("a", Grade.NORMAL), measured("b", Grade.ABNORMAL)], ()),
        (Grade.NORMAL, [measured("a", Grade.NORMAL), measured("b", Grade.ABNORMAL)], ("b-0",)),
        (Grade.ABNORMAL, [measured("a"), measured("b", Grade.NORMAL)], ("b-0",)),
    ],
)
def test_only_normal_against_abnormal_by_the_first_norm_is_a_contradiction(
    grade: Grade, measurements: list[Measurement], opposed: tuple[str, ...]
) -> None:
    grading = Grading(grade, basis=GradeBasis.SITE)
    assert with_disagreement(grading, measurements).disagrees_with == opposed
    said = disagreement_words(Structure.PALATE, grading, measurements)
    assert all(norm in said for norm in opposed)
    assert bool(said) == bool(opposed)


def test_nothing_that_is_not_graded_contradicts_a_ruler() -> None:
    ungraded = Grading(Grade.NOT_ASSESSED, reason=words(NotAssessedReason.NO_LABELS))
    assert with_disagreement(ungraded, [measured("a", Grade.ABNORMAL)]) == ungraded
