"""The trace tests see a trace that is there, none that is not, and look at the same place at every grade."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from edit_cross_effects import head_frame, measured_mm, pairs_of
from edit_traces import ENDS, PLANTED, Job, blurred, kept, measured, outcome
from trace_features import NAMES, detrended, flat_mosaic, region_features
from trace_model import MODELS, Rows, figures_of, folds_of
from trace_regions import BORDER_PX, OUTSIDE_PX, STILL_PX, Patches, patches_in, ring_around, tissue_in

from nonet.anatomy import Structure
from nonet.errors import SettingsError
from nonet.simulate import STUDY_DEVICES, Simulated, same_head
from nonet.simulate.edits.bands import GRADES
from nonet.simulate.edits.graded import GradedEdit, edit_to_grade

EDITS = (
    (Structure.FOURTH_VENTRICLE, "antero_posterior"),
    (Structure.CISTERNA_MAGNA, "width"),
    (Structure.NASAL_BONE, "length"),
    (Structure.NASAL_BONE, "echo"),
    (Structure.NUCHAL_TRANSLUCENCY, "thickness"),
)
FRAMES = 24
TARGETS = {Structure.NUCHAL_TRANSLUCENCY: (2.1, 3.0, 4.2)}
"""Millimetres, wide enough for a patch at every grade."""


@cache
def head(number: int = 0) -> Simulated:
    return same_head(100 + number, (STUDY_DEVICES[number % len(STUDY_DEVICES)],))[0]


@cache
def graded(structure: Structure, variable: str) -> tuple[Simulated, tuple[GradedEdit, ...]]:
    """The first head that takes an edit, and its edits to every grade."""
    for number in range(20):
        made = head(number)
        try:
            return made, tuple(
                edit_to_grade(
                    made.pixels, made.boxes, structure, variable, grade, 0, mm_per_px=made.mm_per_px, target=target
                )
                for grade, target in zip(GRADES, TARGETS.get(structure, (None,) * 3), strict=True)
            )
        except SettingsError:
            continue
    raise AssertionError(f"no head takes an edit of the {structure.label}")


@pytest.mark.parametrize(("structure", "variable"), EDITS)
def test_the_ring_holds_no_pixel_of_the_structure_at_any_grade(structure: Structure, variable: str) -> None:
    frame, made = graded(structure, variable)
    ring = ring_around(made, structure)
    whole = np.zeros(frame.pixels.shape, np.bool_)
    whole[ring.rows, ring.columns] = ring.mask
    assert whole.sum() > 300
    assert not (ring.ends & ring.mask).any()
    assert ring.ends.any() == (structure is not Structure.NASAL_BONE)
    assert not whole[ndimage.distance_transform_edt(~made[0].edited.support) > OUTSIDE_PX + 3].any()
    for one in made:
        x1, y1, x2, y2 = (round(edge) for edge in one.edited.boxes[structure].xyxy)
        assert not whole[y1 - 2 : y2 + 2, x1 - 2 : x2 + 2].any()
        warp = one.edited.warp
        part = whole[warp.top : warp.top + warp.came.shape[1], warp.left : warp.left + warp.came.shape[2]]
        assert np.hypot(*warp.came)[part].max(initial=0) <= STILL_PX


@pytest.mark.parametrize(("structure", "variable"), EDITS)
def test_points_of_tissue_are_the_same_tissue_at_every_grade(structure: Structure, variable: str) -> None:
    frame, made = graded(structure, variable)
    found = tissue_in(frame.pixels, frame.boxes, made, structure)
    assert found is not None and len({len(own) for own in found.corners}) == 1 and len(found.corners[0]) >= 8
    lay = []
    for one, own in zip(made, found.corners, strict=True):
        warp, middles = one.edited.warp, np.array(own) + np.array(found.size) // 2
        inside = (middles - (warp.top, warp.left)).T
        lay.append(middles + np.stack([ndimage.map_coordinates(way, inside, order=1) for way in warp.came], axis=-1))
        x1, y1, x2, y2 = one.edited.boxes[structure].xyxy
        for row, column in own:
            assert row + found.size[0] <= y1 or row >= y2 or column + found.size[1] <= x1 or column >= x2
    assert np.median(np.abs(lay[0] - lay[1])) < 1 and np.median(np.abs(lay[0] - lay[2])) < 1
    moved = np.abs(np.array(found.corners[0]) - np.array(found.corners[2])).max()
    assert (moved > 3) == (variable != "echo")


@pytest.mark.parametrize(("structure", "variable"), [one for one in EDITS if one[1] != "echo"])
def test_every_grade_has_as_many_patches_of_one_size_where_something_moved(structure: Structure, variable: str) -> None:
    frame, made = graded(structure, variable)
    found = patches_in(frame.pixels, frame.boxes[structure], made, structure, made[0].start / frame.mm_per_px)
    assert found is not None
    assert len({len(own) for own in found.corners}) == 1 and len(found.corners[0]) >= 2
    for one, own in zip(made, found.corners, strict=True):
        for row, column in own:
            part = slice(row, row + found.size[0]), slice(column, column + found.size[1])
            assert one.edited.pixels[part].shape == found.size
            assert one.edited.support[part].mean() > 0.9


def test_patches_of_a_nuchal_translucency_lie_between_its_lines() -> None:
    structure = Structure.NUCHAL_TRANSLUCENCY
    frame, made = graded(*EDITS[-1])
    found = patches_in(frame.pixels, frame.boxes[structure], made, structure, made[0].start / frame.mm_per_px)
    assert found is not None
    for one, own in zip(made, found.corners, strict=True):
        rows = [row for row, _ in own]
        box = one.edited.boxes[structure]
        assert min(rows) > box.y1 - BORDER_PX and max(rows) + found.size[0] < box.y2 + BORDER_PX


def test_tone_and_slope_are_no_texture() -> None:
    rng = np.random.default_rng(0)
    texture = rng.normal(size=(10, 16))
    rows, columns = np.indices(texture.shape)
    shaded = texture + 40 + 3 * rows - 2 * columns + 0.5 * rows**2
    assert detrended(shaded) == pytest.approx(detrended(texture), abs=1e-9)
    assert detrended(texture).std() == pytest.approx(texture.std(), rel=0.2)


def test_features_see_a_stretch_along_the_axis_that_it_took() -> None:
    white = np.random.default_rng(1).normal(100, 10, (60, 90))
    stretched = ndimage.zoom(white, (2, 1), order=3)[:60]
    mask = np.ones(white.shape, np.bool_)
    one, other = (dict(zip(NAMES, region_features(grey, mask), strict=True)) for grey in (white, stretched))
    down, right = (other[f"autocovariance_{lag}"] - one[f"autocovariance_{lag}"] for lag in ("1_0", "0_1"))
    assert down > 0.2 > right


def test_a_mosaic_keeps_patches_apart() -> None:
    grey = np.random.default_rng(2).normal(100, 10, (40, 40))
    patches = Patches((((0, 0), (20, 20)),), (10, 16))
    joined, mask = flat_mosaic(grey, patches, 0)
    assert mask.sum() == 2 * 160
    assert joined[mask].reshape(10, 2, 16)[:, 1] == pytest.approx(detrended(grey[20:30, 20:36]))
    assert not joined[~mask].any()


def rows_of(step_px: float) -> Rows:
    """Parts of heads with a blur of so many pixels for each step of grade."""
    values, numbers = [], np.repeat(np.arange(FRAMES), len(GRADES))
    for number in range(FRAMES):
        box = head(number).boxes[Structure.MIDBRAIN]
        part = slice(int(box.y1), int(box.y2)), slice(int(box.x1), int(box.x2))
        for grade in range(len(GRADES)):
            grey = blurred(head(number).pixels, grade * step_px)[part]
            grey = grey + np.random.default_rng([number, grade]).normal(0, 0.5, grey.shape)
            values.append(region_features(grey, np.ones(grey.shape, np.bool_)))
    return Rows(np.array(values), np.tile(np.arange(3), FRAMES), numbers, np.array(["midbrain"] * len(numbers)))


@pytest.mark.slow
def test_a_planted_blur_is_found_and_labels_drawn_by_lot_are_not() -> None:
    rows = rows_of(1.2)
    planted = figures_of(rows)
    assert set(planted) == set(MODELS)
    assert max(one["auc"] for one in planted.values()) >= 0.8
    rng = np.random.default_rng(3)
    lots = np.concatenate([rng.permutation(3) for _ in range(FRAMES)])
    drawn = figures_of(Rows(rows.values, lots, rows.frames, rows.kinds))
    nothing = figures_of(rows_of(0.0))
    for found in (drawn, nothing):
        for one in found.values():
            assert one["auc"] == pytest.approx(0.5, abs=4 * one["standard_error"])
            assert one["low"] < 0.58


def test_a_frame_is_of_one_fold() -> None:
    frames = np.repeat(np.arange(17), 3)
    rows = Rows(np.zeros((51, 1)), np.tile(np.arange(3), 17), frames, np.array(["one"] * 51))
    folds = folds_of(rows, 0).reshape(17, 3)
    assert (folds == folds[:, :1]).all() and len(np.unique(folds)) == 5


@pytest.mark.slow
def test_a_frame_gives_rows_of_every_test_and_the_same_from_its_folder(tmp_path: Path) -> None:
    made = head()
    picture = tmp_path / "head.png"
    Image.fromarray(made.pixels).save(picture)
    boxes = {one: box for one, box in made.boxes.items() if one is Structure.FOURTH_VENTRICLE}
    job = Job(0, picture, boxes, made.mm_per_px)
    found = measured(made.pixels, job, Structure.FOURTH_VENTRICLE, "antero_posterior")
    assert not found.refused
    assert {name + end for name in ("ring", "residual", "energy") for end in ("", PLANTED)} | {ENDS} <= set(
        found.values
    )
    assert found.values["ring"].shape == (3, len(NAMES))
    energy = found.values["energy"]
    assert np.ptp(energy[:, 0]) < 0.02 < np.ptp(found.values["energy" + PLANTED][:, 0])
    first, again = (kept(tmp_path, job) for _ in range(2))
    assert (tmp_path / "head.pickle").exists()
    assert sum(not one.refused for one in first) == 1
    assert [one.kind for one in first] == [one.kind for one in again]
    assert all(np.array_equal(one.values[name], other.values[name], equal_nan=True)
               for one, other in zip(first, again, strict=True) for name in one.values)  # fmt: skip


@pytest.mark.slow
def test_an_edit_leaves_what_is_far_from_it_as_it_measures() -> None:
    made, edits = graded(Structure.NASAL_BONE, "length")
    before = measured_mm(made.pixels, made.boxes, made.mm_per_px)
    ventricle = Structure.FOURTH_VENTRICLE, "antero_posterior"
    assert before[ventricle] == pytest.approx(made.shown["fourth_ventricle_mm"], abs=0.6)
    tip, thalami = (made.boxes[one].centre[0] for one in (Structure.NASAL_TIP, Structure.THALAMI))
    assert head_frame(made.boxes).mirrored == (tip > thalami)
    bone = edits[-1].edited
    after = measured_mm(bone.pixels, bone.boxes, made.mm_per_px, made.boxes)
    for each in (ventricle, (Structure.CISTERNA_MAGNA, "width")):
        assert after[each] == before[each]


@pytest.mark.parametrize(("high", "control", "passed"), [(0.57, 0.9, True), (0.59, 0.9, False), (0.57, 0.7, False)])
def test_a_test_is_passed_where_nothing_is_found_and_what_is_planted_is(
    high: float, control: float, passed: bool
) -> None:
    models = {name: {"auc": auc, "low": 0.48, "high": high} for name, auc in (("a", 0.5), ("b", 0.53))}
    planted = {name: {"auc": control, "low": 0.6, "high": 0.95} for name in models}
    found = outcome(models, planted)
    assert (found["passed"], found["strongest"]) == (passed, "b")


def test_what_a_ruler_does_not_read_is_counted() -> None:
    (row,) = pairs_of([("a", "b", 0.2), ("a", "b", -0.4), ("a", "b", None)])
    assert (row["n"], row["unread"], row["median_mm"]) == (2, 1, pytest.approx(0.3))
