"""Ratings: a real frame by reviewers and devices, a simulated head by nine machines that no training has drawn from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.features.frame_features import DETECTOR_FEATURES, box_feature_names
from nonet.features.parts import FeaturePart
from nonet.reading import Box
from nonet.simulate import simulate
from nonet.simulate.devices import STUDY_DEVICES
from nonet.simulate.edits.restyle import MACHINE_STYLES
from nonet.simulate.png_export import write_png
from nonet.study.repeats import repeated
from nonet.study.rows import make_ratings
from nonet.study.study_features import (
    DEVICES,
    MACHINES,
    OWN,
    REVIEWERS,
    TWINS,
    ZOOMS,
    FrameItem,
    HeadItem,
    extract_all,
)


@pytest.mark.slow
def test_a_head_is_rated_on_nine_machines_and_its_ratings_are_of_no_frame(tmp_path: Path) -> None:
    features = extract_all(
        [HeadItem(7)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, seed=0, workers=1, watch=list
    )
    assert set(features.source.tolist()) == {MACHINES}
    assert set(features.rater.tolist()) == {device.name for device in STUDY_DEVICES}
    assert np.isnan(features.values[:, : len(DETECTOR_FEATURES)]).all()
    ratings = make_ratings(features, [MACHINES], {})[MACHINES]
    seen = [structure for structure in STRUCTURES if structure.value in features.structure.tolist()]
    assert len(seen) >= 5
    for structure in seen:
        assert ratings[structure].values.shape == (1, 9, len(box_feature_names(features.names)))
        assert ratings[structure].frames is None
        assert np.isfinite(ratings[structure].values).mean() > 0.9


@pytest.mark.slow
def test_features_that_are_there_are_read_and_not_computed_again(tmp_path: Path) -> None:
    settings = {"seed": 0, "workers": 1, "watch": list}
    first = extract_all([HeadItem(8)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, **settings)
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = extract_all([HeadItem(8)], DEFAULT_BUNDLE, frozenset({FeaturePart.RADIOMICS}), None, tmp_path, **settings)
    assert file.stat().st_mtime_ns == written
    np.testing.assert_array_equal(first.values, again.values)


@pytest.mark.slow
def test_a_frame_is_rated_by_devices_and_what_is_seen_comes_out_alike_at_every_zoom(tmp_path: Path) -> None:
    drawn = simulate(9000050)
    write_png(tmp_path / "head.png", drawn)
    item = FrameItem("head.png", tmp_path / "head.png", "0" * 64, 2, shown_again=True, pools=("fold 1", "fold 0"))
    shipped = json.loads(Bundle(DEFAULT_BUNDLE).file("residuals.json"))
    pools = tmp_path / "pools.json"
    pools.write_text(json.dumps(dict.fromkeys(item.pools, shipped)))
    parts = frozenset({FeaturePart.RADIOMICS})
    features = extract_all([item], DEFAULT_BUNDLE, parts, pools, tmp_path / "a", seed=0, workers=1, watch=list)
    raters = {
        source: list(dict.fromkeys(features.rater[features.source == source].tolist()))
        for source in (OWN, REVIEWERS, repeated(REVIEWERS, 1), DEVICES)
    }
    zooms = [f"zoom {zoom:g}" for zoom in ZOOMS]
    assert raters[REVIEWERS] == raters[repeated(REVIEWERS, 1)] == [OWN, "reviewer 1", "reviewer 2"]
    drawn_boxes = [features.boxes[features.source == repeated(REVIEWERS, number)] for number in (0, 1)]
    assert not np.array_equal(*drawn_boxes), "every repeat draws its own reviewers"
    assert raters[DEVICES] == [OWN, *(style.name for style in MACHINE_STYLES), *zooms]
    score = features.names.index("score")
    points = Bundle(DEFAULT_BUNDLE).manifest.detector.operating_points
    own = {str(features.structure[row]): row for row in np.flatnonzero(features.source == OWN).tolist()}
    seen = {name for name, row in own.items() if features.values[row, score] > logit(points[Structure(name)])}
    assert set(features.structure[features.source == DEVICES].tolist()) == seen
    assert len(seen) >= 5
    sizes = [features.names.index(name) for name in ("morph_major_axis_length", "morph_surface_area_mesh", "stat_mean")]
    for zoom in zooms:
        for row in np.flatnonzero((features.source == DEVICES) & (features.rater == zoom)).tolist():
            first = features.values[own[str(features.structure[row])]]
            np.testing.assert_allclose(features.values[row, sizes], first[sizes], rtol=0.15)


@pytest.mark.slow
def test_twins_of_a_frame_are_read_as_it_is_and_leave_its_own_rows_alone(tmp_path: Path) -> None:
    write_png(tmp_path / "head.png", simulate(9000050))
    parts = frozenset({FeaturePart.RADIOMICS})
    both = []
    for twins in (0, 2):
        item = FrameItem("head.png", tmp_path / "head.png", "0" * 64, 0, shown_again=False, twins=twins)
        folder = tmp_path / str(twins)
        both.append(extract_all([item], DEFAULT_BUNDLE, parts, None, folder, seed=0, workers=1, watch=list))
    without, with_two = both
    own = with_two.source == OWN
    np.testing.assert_array_equal(with_two.values[own], without.values)
    assert with_two.source[~own].tolist() == [TWINS] * 18
    assert with_two.rater[~own].tolist() == ["twin 1"] * 9 + ["twin 2"] * 9
    assert with_two.structure[~own].tolist() == [structure.value for structure in STRUCTURES] * 2
    scores = with_two.values[~own, with_two.names.index("score")]
    assert np.isfinite(scores).all(), "a twin is located, as a frame is"
    assert not np.array_equal(scores[:9], scores[9:])


@pytest.mark.slow
def test_reference_boxes_are_measured_moved_as_a_reader_is_off(tmp_path: Path) -> None:
    drawn = simulate(9000050)
    write_png(tmp_path / "head.png", drawn)
    residuals = tmp_path / "residuals.json"
    residuals.write_bytes(Bundle(DEFAULT_BUNDLE).file("residuals.json"))
    boxed = {structure: box.xyxy for structure, box in drawn.boxes.items() if structure is not Structure.PALATE}
    item = FrameItem("head.png", tmp_path / "head.png", "1" * 64, 0, shown_again=False, boxes=boxed)
    settings = {"seed": 0, "workers": 1, "watch": list, "residuals": residuals}
    parts = frozenset({FeaturePart.RADIOMICS})
    features = extract_all([item], DEFAULT_BUNDLE, parts, None, tmp_path / "a", **settings)
    detected = extract_all([replace(item, boxes=None)], DEFAULT_BUNDLE, parts, None, tmp_path / "b", **settings)
    assert features.structure.tolist() == detected.structure.tolist() == [each.value for each in STRUCTURES]
    for row, structure in enumerate(STRUCTURES):
        measured = Box(*features.boxes[row].tolist())
        if structure in boxed:
            assert 0.3 < measured.iou(drawn.boxes[structure]) < 1
        else:
            np.testing.assert_array_equal(features.boxes[row], detected.boxes[row])
    same = [replace(item, name="other.png"), item]
    again = extract_all(same, DEFAULT_BUNDLE, parts, None, tmp_path / "c", **settings)
    np.testing.assert_array_equal(again.values[len(STRUCTURES) :], features.values)
