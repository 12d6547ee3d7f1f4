"""A frame becomes one row of named numbers, its overlay masked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import STRUCTURES
from nonet.bundle import Bundle
from nonet.detect.head_frame import HeadFrame
from nonet.features.frame_features import DETECTOR_FEATURES, FrameFeatureExtractor, box_feature_names
from nonet.features.parts import ALL_PARTS, FeaturePart
from nonet.frame import Frame, Source
from nonet.simulate import simulate


@pytest.fixture(scope="module")
def frame() -> Frame:
    return Frame(simulate(3).pixels, Source("simulated", "0" * 64))


def test_a_frame_has_every_feature_of_nine_boxes(frame: Frame) -> None:
    described = FrameFeatureExtractor(Bundle()).of_frame(frame)
    assert described.values.shape == (9, len(DETECTOR_FEATURES) + 215 + 1792)
    assert described.columns[0] == "thalami.score"
    assert described.columns[-1].startswith("nasal_bone.deep_")
    assert np.isfinite(described.values[:, : len(DETECTOR_FEATURES)]).all()
    np.testing.assert_array_equal(described.row.reshape(9, -1), described.values)


def test_what_is_not_asked_for_is_not_measured(frame: Frame) -> None:
    extractor = FrameFeatureExtractor(Bundle(), {FeaturePart.DETECTOR})
    assert extractor.names == DETECTOR_FEATURES
    assert extractor.of_frame(frame).values.shape == (9, len(DETECTOR_FEATURES))


def test_parts_are_the_same_alone_and_together(frame: Frame) -> None:
    whole = FrameFeatureExtractor(Bundle(), ALL_PARTS).of_frame(frame)
    alone = FrameFeatureExtractor(Bundle(), {FeaturePart.RADIOMICS}).of_frame(frame)
    places = [whole.names.index(name) for name in alone.names]
    np.testing.assert_array_equal(whole.values[:, places], alone.values)
    assert box_feature_names(whole.names) == whole.names[len(DETECTOR_FEATURES) :]


def test_what_is_drawn_does_not_matter(frame: Frame) -> None:
    drawn = frame.pixels.copy()
    drawn[2:8, 2:60] = 255
    described = [
        FrameFeatureExtractor(Bundle(), {FeaturePart.DETECTOR}).of_frame(Frame(pixels, Source("simulated", "0" * 64)))
        for pixels in (frame.pixels, drawn)
    ]
    np.testing.assert_allclose(described[0].values, described[1].values)


@pytest.mark.parametrize("degrees", [-12.0, 12.0])
def test_a_turned_frame_is_measured_upright(frame: Frame, degrees: float) -> None:
    extractor = FrameFeatureExtractor(Bundle(), {FeaturePart.DEEP})
    turned = np.asarray(Image.fromarray(frame.pixels).rotate(degrees, Image.Resampling.BICUBIC))
    one, other = extractor.of_frame(frame), extractor.of_frame(replace(frame, pixels=turned))
    assert np.degrees(one.place.roll - other.place.roll) == pytest.approx(degrees, abs=3)
    as_it_stands = HeadFrame(other.place.x, other.place.y, other.place.scale, other.place.mirrored)
    rows = [
        extractor.box_features(
            each.apply(other.located.frame.pixels), each.boxes([found.box for found in other.located.detections])
        )
        for each in (other.place, as_it_stands)
    ]
    off = [np.linalg.norm(each - one.values, axis=1).mean() for each in rows]
    assert off[0] < 0.8 * off[1]


def test_boxes_are_those_of_the_nine_structures(frame: Frame) -> None:
    described = FrameFeatureExtractor(Bundle(), {FeaturePart.DETECTOR}).of_frame(frame)
    assert tuple(found.structure for found in described.located.detections) == STRUCTURES
