"""The head frame: the same part of a head, at the same scale, whatever the zoom, the place and the side it looks to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import STRUCTURES
from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.detect.head_frame import HEAD_SCALE, HEIGHT, MOST_ROLL, WIDTH, HeadFrame, HeadPose
from nonet.detect.shape_prior import ShapePrior
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.reading import Box, Face
from nonet.simulate import simulate

SOURCE = Source("PNG", "0" * 64)
ALL = np.ones(len(STRUCTURES), bool)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Bundle())


@pytest.fixture(scope="module")
def prior(detector: Detector) -> ShapePrior:
    assert detector.shape_prior is not None
    return detector.shape_prior


def head(prior: ShapePrior, px_per_unit: float, origin: tuple[float, float], face: Face) -> np.ndarray:
    """Boxes of ten pixels where a mean head has its structures."""
    turn = np.array([1.0 if face is Face.LEFT else -1.0, 1.0])
    middles = np.array(origin) + turn * prior.mean.reshape(-1, 2) * px_per_unit
    return np.hstack([middles - 5, middles + 5])


@pytest.mark.parametrize("face", list(Face))
@pytest.mark.parametrize("px_per_unit", [40.0, 84.0, 130.0])
def test_the_pose_of_a_head_is_found(prior: ShapePrior, face: Face, px_per_unit: float) -> None:
    pose = prior.pose(head(prior, px_per_unit, (400.0, 250.0), face), ALL)
    assert pose is not None
    assert pose.face is face
    assert pose.px_per_unit == pytest.approx(px_per_unit, rel=1e-3)
    assert pose.origin == pytest.approx((400, 250), abs=0.5)
    assert pose.zoom_spread < 0.1


@pytest.mark.parametrize("face", list(Face))
@pytest.mark.parametrize("degrees", [-25.0, -4.0, 0.0, 12.0])
def test_the_roll_of_a_head_is_found(prior: ShapePrior, face: Face, degrees: float) -> None:
    middles = prior.mean.reshape(-1, 2) * 84
    turn = np.radians(degrees)
    rolled = middles @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = rolled * (1.0 if face is Face.LEFT else -1.0, 1.0) + (400, 250)
    pose = prior.pose(np.hstack([points - 5, points + 5]), ALL)
    assert pose is not None
    assert np.degrees(pose.roll) == pytest.approx(degrees, abs=0.5)


def test_one_box_in_a_wrong_place_does_not_move_the_head(prior: ShapePrior) -> None:
    edges = head(prior, 84.0, (400.0, 250.0), Face.LEFT)
    edges[3] += 300
    pose = prior.pose(edges, ALL)
    assert pose is not None
    assert pose.px_per_unit == pytest.approx(84, rel=0.02)


def test_fewer_boxes_say_less_and_two_say_nothing(prior: ShapePrior) -> None:
    edges = head(prior, 84.0, (400.0, 250.0), Face.LEFT)
    some = np.arange(9) < 3
    nine, three = prior.pose(edges, ALL), prior.pose(edges, some)
    assert nine is not None
    assert three is not None
    assert three.zoom_spread > nine.zoom_spread
    assert prior.pose(edges, np.arange(9) < 2) is None


@pytest.mark.parametrize("roll", [0.0, -0.3, 0.2])
@pytest.mark.parametrize("mirrored", [False, True])
def test_boxes_go_to_the_head_frame_and_back(mirrored: bool, roll: float) -> None:
    place = HeadFrame(-20.0, 35.5, 1.3, mirrored, roll)
    edges = np.array([[10.0, 60.0, 30.5, 90.0], [100.0, 200.0, 180.0, 240.0]])
    there = place.to_head(edges)
    assert (there[:, :2] < there[:, 2:]).all()
    np.testing.assert_allclose(place.to_frame(there), edges)


@pytest.mark.parametrize("roll", [0.0, -0.2, 0.4])
@pytest.mark.parametrize("face", list(Face))
def test_a_round_mark_on_the_frame_lies_where_its_box_says(face: Face, roll: float) -> None:
    rows, columns = np.ogrid[:600, :800]
    pixels = np.where((rows - 309.5) ** 2 + (columns - 369.5) ** 2 <= 20**2, 200, 0).astype(np.uint8)
    place = HeadFrame.around(HeadPose(face, (400.0, 300.0), 60.0, 0.05))
    assert place is not None
    place = replace(place, roll=roll)
    shown = place.apply(pixels)
    assert shown.shape == (HEIGHT, WIDTH)
    (box,) = place.boxes([Box(350, 290, 390, 330)])
    rows, columns = np.nonzero(shown > 100)
    assert (columns.min(), rows.min()) == pytest.approx((box.x1, box.y1), abs=1.5)
    assert (columns.max() + 1, rows.max() + 1) == pytest.approx((box.x2, box.y2), abs=1.5)
    assert place.scale == pytest.approx(HEAD_SCALE / 60)


@pytest.mark.parametrize("scale", [1 / 8, 8.0])
@pytest.mark.parametrize("roll", [-MOST_ROLL, MOST_ROLL])
def test_the_farthest_turn_of_the_largest_head_is_shown(scale: float, roll: float) -> None:
    assert HeadFrame(0.0, 0.0, scale, roll=roll).apply(np.full((40, 60), 9, np.uint8)).shape == (HEIGHT, WIDTH)


def test_a_head_that_seems_turned_too_far_is_left_as_it_is(detector: Detector, prior: ShapePrior) -> None:
    turned = []
    for roll in (0.9 * MOST_ROLL, 1.1 * MOST_ROLL):
        cosine, sine = np.cos(roll), np.sin(roll)
        middles = prior.mean.reshape(-1, 2) * 84 @ np.array([[cosine, sine], [-sine, cosine]]) + (400, 250)
        boxes = {one: Box(x - 5, y - 5, x + 5, y + 5) for one, (x, y) in zip(STRUCTURES, middles.tolist(), strict=True)}
        place = detector.head_frame_of(boxes)
        turned.append(place and place.roll)
    assert turned[0] == pytest.approx(0.9 * MOST_ROLL, abs=0.05)
    assert turned[1] == 0


def test_a_head_that_would_be_magnified_too_far_has_none() -> None:
    assert HeadFrame.around(HeadPose(Face.LEFT, (0.0, 0.0), HEAD_SCALE * 9, 0.0)) is None
    assert HeadFrame.around(HeadPose(Face.LEFT, (0.0, 0.0), HEAD_SCALE / 9, 0.0)) is None


def test_without_a_head_the_whole_frame_is_shown() -> None:
    place = HeadFrame.whole(300, 100)
    np.testing.assert_allclose(place.to_head(np.array([[0.0, 0, 300, 100]]))[0, [0, 2]], [0, WIDTH])


def test_a_box_beside_the_head_frame_keeps_a_place_in_it() -> None:
    (box,) = HeadFrame(0, 0, 1.0).boxes([Box(-50, -40, -10, -5)])
    assert 0 <= box.x1 < box.x2 <= WIDTH
    assert 0 <= box.y1 < box.y2 <= HEIGHT


@pytest.mark.parametrize("roll", [0.0, 0.2])
@pytest.mark.parametrize("zoom", [0.68, 1.5])
def test_a_zoom_twin_shows_the_same_head_frame(zoom: float, roll: float) -> None:
    pixels = simulate(5).pixels
    size = (round(pixels.shape[1] * zoom), round(pixels.shape[0] * zoom))
    twin = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
    place = HeadFrame(60.0, 40.0, 0.9, mirrored=True, roll=roll)
    one, other = place.apply(pixels).astype(float), place.resized(zoom).apply(twin).astype(float)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("roll", [0.0, -0.1])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("part", [(4, 4, WIDTH - 4, HEIGHT - 4), (100, 60, 163, 95), (600, 400, WIDTH, HEIGHT)])
def test_a_part_is_that_part_of_the_whole(part: tuple[int, int, int, int], *, mirrored: bool, roll: float) -> None:
    pixels = simulate(5).pixels
    place = HeadFrame(-30.5, 12.25, 0.87, mirrored=mirrored, roll=roll)
    left, top, right, bottom = part
    whole = place.apply(pixels)[top:bottom, left:right].astype(int)
    assert np.abs(place.apply_part(pixels, part).astype(int) - whole).max() <= 1


def test_a_head_is_found_where_it_stands_small_on_a_black_canvas(detector: Detector) -> None:
    drawn = simulate(9000050)
    scale = 420 / drawn.pixels.shape[1]
    height = round(scale * drawn.pixels.shape[0])
    canvas = np.zeros((600, 840), np.uint8)
    canvas[140 : 140 + height, 200:620] = Image.fromarray(drawn.pixels).resize((420, height), Image.Resampling.BICUBIC)
    one = detector.locate(hide_overlay(Frame(drawn.pixels, SOURCE)))
    other = detector.locate(hide_overlay(Frame(canvas, SOURCE)))
    assert one.found
    assert other.found
    assert other.place.scale * scale == pytest.approx(one.place.scale, rel=0.08)
    for first, second in zip(one.detections, other.detections, strict=True):
        if first.score > 0.5:
            back = Box(*((np.array(second.box.xyxy) - (200, 140, 200, 140)) / scale).tolist())
            assert first.box.iou(back) > 0.5, first.structure


def test_an_empty_frame_has_no_head(detector: Detector) -> None:
    located = detector.locate(Frame(np.zeros((480, 640), np.uint8), SOURCE))
    assert not located.found
    assert located.pixels.shape == (HEIGHT, WIDTH)
    assert all(found.score < detector.manifest.operating_points[found.structure] for found in located.detections)


def test_a_head_frame_is_near_one_that_shows_the_head_nearly_alike() -> None:
    frame = HeadFrame(40.0, 30.0, 1.2)
    assert frame.is_near(HeadFrame(42.0, 27.0, 1.21))
    assert not frame.is_near(HeadFrame(50.0, 30.0, 1.2))
    assert not frame.is_near(HeadFrame(40.0, 30.0, 1.3))
    assert not frame.is_near(replace(frame, mirrored=True))
