"""Passes at smaller inputs: the first finds the head in the image, the second looks at the middle of the head frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nonet.bundle import Bundle
from nonet.detect import Detector
from nonet.frame import Frame, Source
from nonet.frames import hide_overlay
from nonet.simulate import simulate

SMALL, MIDDLE, WHOLE = (256, 384), (384, 544), (448, 640)
SEEDS = (9000050, 9000051, 9000052)


@pytest.fixture
def detector() -> Detector:
    bundle = Bundle()
    small = replace(bundle.manifest.detector, first_pass=SMALL[::-1], second_pass=None)
    bundle.manifest = replace(bundle.manifest, detector=small)
    return Detector(bundle)


@pytest.fixture
def looked(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Height and width of every input that the network looks at."""
    sizes: list[tuple[int, ...]] = []
    run = detector.network._session.run

    def watched(feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        sizes.append(feeds["grey"].shape[2:])
        return run(feeds)

    monkeypatch.setattr(detector.network._session, "run", watched)
    return sizes


def frame_of(pixels: NDArray[np.uint8]) -> Frame:
    return hide_overlay(Frame(pixels, Source("PNG", "0" * 64)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_head_that_is_found_so_is_looked_at_twice(
    seed: int, detector: Detector, looked: list[tuple[int, ...]]
) -> None:
    frame = frame_of(simulate(seed).pixels)
    located = detector.locate(frame)
    assert located.found
    assert looked == [SMALL, WHOLE]
    detector.manifest = replace(detector.manifest, first_pass=None)
    whole = detector.locate(frame)
    assert looked[2:] == [WHOLE, WHOLE]
    assert located.place.scale == pytest.approx(whole.place.scale, rel=0.08)
    points = detector.manifest.operating_points
    for one, other in zip(located.detections, whole.detections, strict=True):
        if min(one.score, other.score) >= points[one.structure]:
            assert one.box.iou(other.box) > 0.6, one.structure


def test_boxes_of_two_whole_passes_are_their_mean(detector: Detector) -> None:
    frame = frame_of(simulate(SEEDS[0]).pixels)
    found = {}
    for averaged in (False, True):
        detector.manifest = replace(detector.manifest, first_pass=None, average_passes=averaged)
        found[averaged] = detector.locate(frame)
    first = detector.best(detector.network.candidates(frame.pixels, 5)).edges[:, 0]
    second, mean = (np.array([one.box.xyxy for one in found[averaged].detections]) for averaged in (False, True))
    low, high = np.minimum(first, second), np.maximum(first, second)
    assert found[True].place == found[False].place
    assert ((mean >= low - 0.01) & (mean <= high + 0.01)).all()
    assert (np.abs(mean - second).max(axis=1) > 0.1).sum() >= 5


def test_where_none_is_found_the_whole_input_is_looked_at(detector: Detector, looked: list[tuple[int, ...]]) -> None:
    assert not detector.locate(Frame(np.zeros((480, 640), np.uint8), Source("PNG", "0" * 64))).found
    assert looked == [SMALL, WHOLE]


def test_a_small_head_on_black_is_looked_for_in_the_image_alone(
    detector: Detector, looked: list[tuple[int, ...]]
) -> None:
    drawn = Image.fromarray(simulate(SEEDS[0]).pixels)
    small = drawn.resize((drawn.width * 2 // 5, drawn.height * 2 // 5), Image.Resampling.BICUBIC)
    canvas = np.zeros((drawn.height, drawn.width), np.uint8)
    canvas[100 : 100 + small.height, 150 : 150 + small.width] = np.asarray(small)
    located, own = detector.locate(frame_of(canvas)), detector.locate(frame_of(np.asarray(drawn)))
    assert located.found
    assert looked == [SMALL, WHOLE] * 2
    assert own.place.scale / located.place.scale == pytest.approx(0.4, rel=0.08)


def test_the_second_pass_may_look_at_the_middle_of_the_head_frame(
    detector: Detector, looked: list[tuple[int, ...]]
) -> None:
    frame = frame_of(simulate(SEEDS[0]).pixels)
    whole = detector.locate(frame)
    detector.manifest = replace(detector.manifest, second_pass=MIDDLE[::-1])
    middle = detector.locate(frame)
    assert looked == [SMALL, WHOLE, SMALL, MIDDLE]
    assert middle.place == whole.place and middle.pixels.shape == whole.pixels.shape
    points = detector.manifest.operating_points
    both = [
        (one.box, other.box)
        for one, other in zip(middle.detections, whole.detections, strict=True)
        if min(one.score, other.score) >= points[one.structure]
    ]
    assert len(both) >= 6
    assert np.median([one.iou(other) for one, other in both]) > 0.85


def test_boxes_are_as_large_at_the_smaller_input(detector: Detector) -> None:
    frame = frame_of(simulate(SEEDS[1]).pixels)
    whole, small = (detector.best(detector.network.candidates(frame.pixels, 5, size)) for size in (None, (384, 256)))
    points = np.array(list(detector.manifest.operating_points.values()))
    both = (whole.scores[:, 0] >= points) & (small.scores[:, 0] >= points)
    sides = [one.edges[both, 0, 2:] - one.edges[both, 0, :2] for one in (whole, small)]
    assert both.sum() >= 5
    assert np.median(sides[1] / sides[0]) == pytest.approx(1, abs=0.1)
