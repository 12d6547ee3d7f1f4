"""A head of known grades: its sizes are those that were drawn, its boxes follow them, and a ruler finds them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import spearmanr

from nonet.anatomy import STRUCTURES, Grade, Structure
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.errors import SettingsError
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.frames import hide_overlay
from nonet.measure import measure_structures
from nonet.simulate import (
    EXAMPLE_SEEDS,
    GRADED_SEEDS,
    STUDY_DEVICES,
    TRAINING_SEEDS,
    GradedHead,
    graded_head,
    simulate,
)
from nonet.simulate.bone_echo import bone_echo, set_bone_echo
from nonet.simulate.edits.bands import GRADES, edit_bands
from nonet.simulate.graded_heads import GRADED_TRUTH, draw_sizes
from nonet.simulate.head.curves import bezier, resample
from nonet.simulate.head.fetal_head import draw_head
from nonet.simulate.head.palate import MOST_GAP_MM, gap_along
from nonet.simulate.head.pose import draw_pose
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.measured_heads import TEST_SEEDS
from nonet.simulate.scanner.scan import ScanSeeds

HEADS = GRADED_SEEDS[-24:]
RULED = {
    (Structure.NUCHAL_TRANSLUCENCY, "thickness"): 0.9,
    (Structure.FOURTH_VENTRICLE, "antero_posterior"): 0.8,
    (Structure.CISTERNA_MAGNA, "width"): 0.8,
    (Structure.NASAL_BONE, "length"): 0.7,
}
"""The least rank correlation of what a ruler finds with what was drawn."""


@pytest.fixture(scope="module")
def heads() -> list[GradedHead]:
    return [graded_head(seed) for seed in HEADS]


def value(head: GradedHead, name: str) -> float:
    return head.made.shown.get(name, head.made.truth[name])


def test_the_same_seed_gives_the_same_bytes_and_another_another_head() -> None:
    first, again, other = graded_head(HEADS[0]), graded_head(HEADS[0]), graded_head(HEADS[1])
    assert first.made.pixels.tobytes() == again.made.pixels.tobytes()
    assert (first.sizes, first.made.boxes, first.made.truth) == (again.sizes, again.made.boxes, again.made.truth)
    assert first.sizes != other.sizes


def test_seeds_of_graded_heads_are_no_others() -> None:
    for others in (TRAINING_SEEDS, EXAMPLE_SEEDS, TEST_SEEDS):
        assert not range(max(GRADED_SEEDS.start, others.start), min(GRADED_SEEDS.stop, others.stop))


def test_a_head_has_the_sizes_that_were_drawn_each_of_its_grade(heads: list[GradedHead]) -> None:
    for head in heads:
        assert [size.structure for size in head.sizes] == list(dict.fromkeys(one for one, _ in GRADED_TRUTH))
        for size in head.sizes:
            band = edit_bands().of(size.structure, size.variable)
            assert band.grade(size.value) is size.grade
            assert size.unit == band.unit
            assert value(head, GRADED_TRUTH[size.structure, size.variable]) == pytest.approx(size.value, abs=1e-6)


def test_the_other_variable_of_the_nasal_bone_is_normal(heads: list[GradedHead]) -> None:
    for head in heads:
        graded = {size.variable for size in head.sizes}
        (other,) = {"length", "echo"} - graded
        band = edit_bands().of(Structure.NASAL_BONE, other)
        assert band.grade(value(head, GRADED_TRUTH[Structure.NASAL_BONE, other])) is Grade.NORMAL


def test_grades_and_machines_are_drawn_evenly_and_apart() -> None:
    drawn = [draw_sizes(np.random.default_rng(seed))[0] for seed in range(900)]
    for place in range(len(drawn[0])):
        assert all(250 < count < 350 for count in Counter(sizes[place].grade for sizes in drawn).values())
    codes = np.array([[GRADES.index(size.grade) for size in sizes] for sizes in drawn])
    assert np.abs(np.corrcoef(codes.T) - np.eye(codes.shape[1])).max() < 0.12
    variables = Counter(sizes[1].variable for sizes in drawn)
    assert set(variables) == {"length", "echo"} and min(variables.values()) > 400


def test_the_seed_chooses_among_all_nine_machines(heads: list[GradedHead]) -> None:
    assert len({head.made.device.name for head in heads}) >= 6
    other = graded_head(HEADS[0], device=STUDY_DEVICES[8])
    assert other.made.device is STUDY_DEVICES[8]
    assert other.sizes == heads[0].sizes


def test_all_nine_structures_are_in_view_and_boxes_hold_what_is_measured(heads: list[GradedHead]) -> None:
    for head in heads:
        made = head.made
        assert set(made.boxes) == set(STRUCTURES)
        for structure, name in (
            (Structure.NUCHAL_TRANSLUCENCY, "nt_mm"),
            (Structure.FOURTH_VENTRICLE, "fourth_ventricle_mm"),
            (Structure.CISTERNA_MAGNA, "cisterna_magna_mm"),
        ):
            assert made.boxes[structure].height * made.mm_per_px > made.truth[name]
        extent = made.boxes[Structure.MIDBRAIN].height * made.mm_per_px
        assert extent == pytest.approx(made.truth["midbrain_extent_mm"], abs=1e-3)
        assert made.boxes[Structure.NASAL_BONE].width * made.mm_per_px > 0.9 * made.truth["nasal_bone_mm"]


def test_what_no_size_changes_is_the_head_of_the_seed(heads: list[GradedHead]) -> None:
    for seed, head in zip(HEADS[:2], heads, strict=False):
        own = simulate(seed, device=head.made.device)
        assert (own.facing, own.truth["crl_mm"]) == (head.made.facing, head.made.truth["crl_mm"])
        assert own.truth["bs_mm"] == head.made.truth["bs_mm"]
        width = own.boxes[Structure.THALAMI].width * own.mm_per_px
        assert head.made.boxes[Structure.THALAMI].width * head.made.mm_per_px == pytest.approx(width, rel=1e-2)


@pytest.mark.parametrize("wanted", [0.0, 4.5])
def test_a_cisterna_magna_of_any_width_lies_clear_of_what_is_beside_it(wanted: float) -> None:
    for seed in range(12):
        head = draw_head(np.random.default_rng(seed), 65.0, frozenset(), {"cisterna_magna_mm": wanted})
        cisterna, nuchal, fourth = (
            head.outlines[one][:, 1]
            for one in (Structure.CISTERNA_MAGNA, Structure.NUCHAL_TRANSLUCENCY, Structure.FOURTH_VENTRICLE)
        )
        assert head.truth["cisterna_magna_mm"] == max(wanted, 0.05)
        assert nuchal.min() > cisterna.max()
        assert fourth.min() < cisterna.min()
        assert head.landmarks["occiput"][:, 1].mean() > np.median(cisterna)


def test_a_thick_nuchal_translucency_has_the_course_of_the_thin_one() -> None:
    for seed in range(8):
        thin, thick = (
            draw_head(np.random.default_rng(seed), 65.0, frozenset(), {"nt_mm": size}) for size in (1.0, 4.5)
        )
        upper, lower = thick.landmarks["callipers"]
        assert np.hypot(*(lower - upper)) == pytest.approx(4.5)
        assert np.ptp(thick.outlines[Structure.NUCHAL_TRANSLUCENCY][:, 1]) > 4.5
        lift = thick.landmarks["nape"] - thin.landmarks["nape"]
        inside = np.abs(thin.landmarks["nape"][:, 0] - thin.landmarks["callipers"][0, 0]) < 2
        assert lift[inside, 1].min() > 1.5


def test_a_gap_is_as_wide_as_wanted_and_the_line_is_there_beside_it() -> None:
    for seed in range(12):
        head = draw_head(np.random.default_rng(seed), 45.0, frozenset(), {"palate_gap_mm": MOST_GAP_MM})
        line = head.lines["palate_mm"]
        assert line.missing_mm is not None
        start, end = line.missing_mm
        fine = resample(line.path, 1e-3)
        first, last = fine[round(start / 1e-3)], fine[round(end / 1e-3)]
        assert np.hypot(*(last - first)) == pytest.approx(MOST_GAP_MM, abs=5e-3)
        assert start > 0.5 and len(fine) * 1e-3 - end > 0.5
        assert head.truth["palate_gap_mm"] == MOST_GAP_MM


def test_a_gap_wider_than_its_line_is_refused() -> None:
    line = bezier(np.array([0.0, 0.0]), np.array([1.0, 0.5]), np.array([2.0, 0.0]))
    assert gap_along(line, 0.0) is None
    with pytest.raises(SettingsError):
        gap_along(line, 2.1)


@pytest.mark.parametrize("ratio", [0.25, 0.9, 1.8])
def test_the_echo_is_the_ratio_of_both_lines_alone(ratio: float) -> None:
    device = STUDY_DEVICES[6]
    subject = draw_subject(HEADS[3])
    pose = draw_pose(np.random.default_rng(subject.posing), device, subject.head.crl_mm)
    seeds = ScanSeeds.of(subject.scanning)
    assert bone_echo(subject.head, pose, device, seeds) != pytest.approx(ratio, abs=1e-3)
    set_bone_echo(ratio, subject.head, pose, device, seeds)
    assert bone_echo(subject.head, pose, device, seeds) == pytest.approx(ratio, rel=1e-6)


def test_a_bone_too_faint_for_a_machine_is_refused() -> None:
    device = STUDY_DEVICES[6]
    subject = draw_subject(HEADS[3])
    pose = draw_pose(np.random.default_rng(subject.posing), device, subject.head.crl_mm)
    with pytest.raises(SettingsError):
        set_bone_echo(0.01, subject.head, pose, device, ScanSeeds.of(subject.scanning))


@pytest.mark.slow
def test_a_ruler_follows_the_sizes(heads: list[GradedHead]) -> None:
    """`nonet.measure` shares no code with the simulator; it is given the true boxes."""
    detector, pairs = Detector(Bundle()), {each: [] for each in RULED}
    for head in heads:
        made = head.made
        spacing = Spacing(made.mm_per_px, made.mm_per_px, SpacingSource.USER)
        frame = Frame(made.pixels, Source("PNG", "0" * 64), spacing=spacing)
        found = measure_structures(detector.locate(hide_overlay(frame)), frame, made.boxes)
        for structure, name in RULED:
            size = next(one.value for one in found[structure] if one.name == name)
            if size is not None:
                pairs[structure, name].append((value(head, GRADED_TRUTH[structure, name]), size))
    for each, least in RULED.items():
        table = np.array(pairs[each])
        rank = float(spearmanr(*table.T)[0])
        assert len(table) >= 18, each
        assert rank > least, each
        assert abs(np.median(table[:, 1] - table[:, 0])) < 0.3, each
