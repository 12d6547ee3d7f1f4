"""Augmentation moves the boxes with the pixels, and never turns the head upside down."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nonet.detect.head_frame import HeadFrame, HeadPose
from nonet.detect.letterbox import Letterbox
from nonet.reading import Face
from nonet.train.detector.augment import augment
from nonet.train.detector.recipe import Augmentation

STILL = Augmentation(
    scale=(1.0, 1.0),
    shift=0.0,
    rotation_degrees=0.0,
    rotation_probability=0.0,
    gamma=(1.0, 1.0),
    gain=(1.0, 1.0),
    noise=0.0,
    blur_probability=0.0,
    shadow_probability=0.0,
    marks_probability=0.0,
    cutout_probability=0.0,
)
MOVING = Augmentation(**{**{name: getattr(STILL, name) for name in STILL.__slots__}, "scale": (0.8, 1.3), "shift": 0.1})


def patch(x1: int, y1: int, x2: int, y2: int) -> tuple[np.ndarray, np.ndarray]:
    pixels = np.zeros((480, 640), np.uint8)
    pixels[y1:y2, x1:x2] = 255
    edges = np.full((9, 4), np.nan, np.float32)
    edges[3] = x1, y1, x2, y2
    return pixels, edges


def bright_bounds(canvas: np.ndarray) -> tuple[float, ...]:
    rows, columns = np.nonzero(canvas > 0.5)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("seed", range(12))
def test_boxes_stay_on_what_they_enclose(seed: int) -> None:
    pixels, edges = patch(200, 150, 330, 260)
    canvas, moved = augment(pixels, edges, 448, 320, MOVING, np.random.default_rng(seed))
    assert bright_bounds(canvas) == pytest.approx(moved[3], abs=1.5)


@pytest.mark.parametrize("seed", range(6))
def test_a_turned_box_encloses_the_turned_ellipse(seed: int) -> None:
    y, x = np.mgrid[:480, :640]
    pixels = ((((x + 0.5 - 320) / 120) ** 2 + ((y + 0.5 - 240) / 30) ** 2 <= 1) * 255).astype(np.uint8)
    edges = np.full((9, 4), np.nan, np.float32)
    edges[5] = 200, 210, 440, 270
    turning = Augmentation(
        **{
            **{name: getattr(STILL, name) for name in STILL.__slots__},
            "rotation_degrees": 15.0,
            "rotation_probability": 1.0,
        }
    )
    canvas, moved = augment(pixels, edges, 640, 480, turning, np.random.default_rng(seed))
    assert bright_bounds(canvas) == pytest.approx(moved[5], abs=2)


def test_some_frames_are_shown_at_another_zoom() -> None:
    pixels, edges = patch(280, 210, 360, 270)
    ranges = Augmentation(
        **{**{name: getattr(STILL, name) for name in STILL.__slots__}, "zoom": (0.5, 0.5), "zoom_probability": 0.5}
    )
    shown = [augment(pixels, edges, 640, 480, ranges, np.random.default_rng(seed)) for seed in range(40)]
    assert {round(float(moved[3, 2] - moved[3, 0])) for _, moved in shown} == {40, 80}
    for canvas, moved in shown:
        assert bright_bounds(canvas) == pytest.approx(moved[3], abs=1.5)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("face", [Face.LEFT, Face.RIGHT])
def test_some_frames_are_shown_as_the_second_pass_sees_them(face: Face, seed: int) -> None:
    pixels, edges = patch(200, 150, 330, 260)
    pose = HeadPose(face, (300.0, 240.0), px_per_unit=60.0, zoom_spread=0.01)
    head = HeadFrame.around(pose)
    assert head
    ranges = with_changes(head_probability=1.0)
    canvas, moved = augment(pixels, edges, 340, 238, ranges, np.random.default_rng(seed), head, head_scale=0.5)
    assert bright_bounds(canvas) == pytest.approx(moved[3], abs=1.5)
    assert moved[3] == pytest.approx(head.to_head(edges[3]) / 2, abs=0.01), "at its scale, the face to the left"


def test_the_head_is_not_always_in_the_middle_and_at_its_scale() -> None:
    pixels, edges = patch(200, 150, 330, 260)
    head = HeadFrame.around(HeadPose(Face.LEFT, (300.0, 240.0), px_per_unit=84.0, zoom_spread=0.01))
    ranges = with_changes(head_probability=0.5, head_scale=(0.8, 1.2), head_shift=0.05)
    shown = [augment(pixels, edges, 680, 476, ranges, np.random.default_rng(seed), head)[1][3] for seed in range(60)]
    widths = np.array([row[2] - row[0] for row in shown])
    whole = np.isclose(widths, 130 * min(680 / 640, 476 / 480), atol=0.1)
    assert 15 < whole.sum() < 45
    assert 130 * 0.8 <= widths[~whole].min() < 130 * 0.9 < 130 * 1.1 < widths[~whole].max() <= 130 * 1.2
    offsets = (
        np.array([(row[0] + row[2]) / 2 for row in np.array(shown)[~whole]]) - head.to_head(edges[3])[[0, 2]].mean()
    )
    assert 20 < np.abs(offsets).max() < 0.05 * 680 + 100 * 0.2


@pytest.mark.parametrize("seed", range(8))
def test_up_stays_up(seed: int) -> None:
    pixels, edges = patch(300, 20, 340, 60)
    _, moved = augment(pixels, edges, 448, 320, MOVING, np.random.default_rng(seed))
    assert np.isnan(moved[3]).all() or moved[3, 3] < 160


def test_what_leaves_the_canvas_is_unboxed() -> None:
    pixels, edges = patch(0, 0, 60, 60)
    far = Augmentation(**{**{name: getattr(STILL, name) for name in STILL.__slots__}, "scale": (3.0, 3.0)})
    _, moved = augment(pixels, edges, 448, 320, far, np.random.default_rng(0))
    assert np.isnan(moved[3]).all()


def test_unboxed_structures_stay_unboxed() -> None:
    pixels, edges = patch(200, 150, 330, 260)
    _, moved = augment(pixels, edges, 448, 320, MOVING, np.random.default_rng(0))
    assert np.isnan(np.delete(moved, 3, axis=0)).all()


def test_without_change_it_is_the_run_time_placement_or_its_mirror() -> None:
    x = np.arange(640)
    pixels = np.tile(x * 255 // 640, (480, 1)).astype(np.uint8)
    edges = patch(200, 150, 330, 260)[1]
    expected = Letterbox.fit(640, 480, 448, 320).apply(pixels)
    canvas, _ = augment(pixels, edges, 448, 320, STILL, np.random.default_rng(0))
    inside = slice(20, -20)
    same = np.abs(canvas - expected)[:, inside].mean()
    mirrored = np.abs(canvas[:, ::-1] - expected)[:, inside].mean()
    assert min(same, mirrored) < 0.02 < max(same, mirrored)


def with_changes(**changes: object) -> Augmentation:
    return Augmentation(**{**{name: getattr(STILL, name) for name in STILL.__slots__}, **changes})


@pytest.mark.parametrize("seed", range(12))
def test_another_sector_leaves_a_box_whole_or_takes_it(seed: int) -> None:
    pixels, edges = patch(20, 150, 130, 260)
    canvas, kept = augment(pixels, edges, 640, 480, with_changes(crop_probability=1.0), np.random.default_rng(seed))
    whole = (canvas > 0.5).sum() / (110 * 110)
    assert np.isnan(kept[3]).all() == (whole < 0.9)


@pytest.mark.parametrize("seed", range(24))
def test_another_appearance_moves_nothing_and_keeps_black_black(seed: int) -> None:
    pixels, edges = patch(200, 150, 330, 260)
    seen = np.where(pixels, np.uint8(160), np.uint8(0))
    still, unmoved = augment(seen, edges, 640, 480, STILL, np.random.default_rng(seed))
    canvas, same = augment(seen, edges, 640, 480, with_changes(appearance_probability=1.0), np.random.default_rng(seed))
    np.testing.assert_array_equal(same, unmoved)
    far = ndimage.distance_transform_edt(still == 0) > 16
    assert canvas[far].max() < 0.01, "a compressed black may be one level up"
    assert canvas[still > 0].mean() > 0.1
