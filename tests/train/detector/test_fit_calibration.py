"""What a detector's numbers are worth is fitted on frames that it was not trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nonet.anatomy import STRUCTURES
from nonet.datasets import BoxRow, DataSet, ImageRow
from nonet.detect.score_calibration import bands, ranked, visibility
from nonet.evaluate import Measure, Predictions, Use, evaluate_detection
from nonet.reading import Box, BundleReference
from nonet.train.detector.fit_calibration import calibrate
from nonet.train.detector.held_out_looks import UNCALIBRATED, HeldOutLooks

FRAMES = 120


@pytest.fixture(scope="module")
def held_out() -> DataSet:
    """Frames with nine boxes each, but for the last structure, which every third frame lacks."""
    images = tuple(ImageRow(f"{n}.png", Path(f"{n}.png"), 400, 400, "set1") for n in range(FRAMES))
    boxes = tuple(
        BoxRow(image.name, structure, Box(100, 100, 160, 140))
        for n, image in enumerate(images)
        for structure in STRUCTURES
        if structure is not STRUCTURES[-1] or n % 3
    )
    return DataSet("test", images, boxes)


def raw(seed: int = 0) -> Predictions:
    """Edges that are off by a Laplace error of the spread that the detector tells; scores that know who is there."""
    rng = np.random.default_rng(seed)
    spreads = rng.uniform(0.5, 12, (FRAMES, 9, 1)) * np.ones(4)
    boxes = np.array([100.0, 100, 160, 140]) + rng.laplace(0, spreads)
    boxes[..., 2:] = np.maximum(boxes[..., 2:], boxes[..., :2] + 5)
    there = np.ones((FRAMES, 9), bool)
    there[::3, -1] = False
    scores = np.where(there, rng.uniform(0.3, 0.9, there.shape), rng.uniform(0.05, 0.5, there.shape))
    names = tuple(f"{n}.png" for n in range(FRAMES))
    reference = BundleReference("raw", "1", "0" * 64)
    zero = np.zeros((FRAMES, 9))
    return Predictions(names, boxes, scores, zero, (Use.CHOSEN_BY,) * FRAMES, reference, zero, spreads)


def looks(*boxed: Predictions) -> HeldOutLooks:
    """The frames as they are and in other appearances, and no frame without structures."""
    return HeldOutLooks(boxed, boxed[0].of(()))


def test_bands_hold_nine_in_ten_edges_of_other_frames(held_out: DataSet) -> None:
    calibration, _, _ = calibrate(held_out, looks(raw(0)))
    fresh = raw(1)
    wide = np.stack([bands(row.astype(np.float32), calibration) for row in fresh.edge_bands])
    figures = evaluate_detection(held_out, replace(fresh, edge_bands=wide.astype(float)), resamples=1).strict.mean
    assert figures[Measure.EDGES_IN_BAND].value == pytest.approx(0.9, abs=0.03)


def test_boxes_are_ranked_by_how_well_they_are_likely_to_fit(held_out: DataSet) -> None:
    calibration, _, evaluated = calibrate(held_out, looks(raw()))
    assert calibration.spread_weight > 0
    before = evaluate_detection(held_out, raw(), resamples=1).strict.mean[Measure.AP50_95].value
    after = evaluate_detection(held_out, evaluated, resamples=1).strict.mean[Measure.AP50_95].value
    assert before is not None and after is not None
    assert after > before + 0.05


def test_visibility_is_a_probability_that_fits(held_out: DataSet) -> None:
    calibration, _, evaluated = calibrate(held_out, looks(raw()))
    reported = np.stack([visibility(row.astype(np.float32), calibration) for row in evaluated.scores])
    assert reported[:, -1].mean() == pytest.approx(2 / 3, abs=0.05)
    assert reported[:, :-1].mean() > 0.95


def test_points_rest_on_other_appearances_and_on_empty_frames_too(held_out: DataSet) -> None:
    """Scores that are lower in other appearances lower the points; calls in frames without structures raise them."""
    exact = np.tile([100.0, 100, 160, 140], (FRAMES, 9, 1))
    seen = replace(raw(), boxes=exact, edge_bands=np.full((FRAMES, 9, 4), 1e-6))
    fainter = replace(seen, scores=seen.scores * 0.6)
    _, alone, _ = calibrate(held_out, looks(seen))
    _, with_copies, _ = calibrate(held_out, looks(seen, fainter, fainter))
    _, with_empty, _ = calibrate(held_out, HeldOutLooks((seen,), replace(seen, scores=np.full((FRAMES, 9), 0.4))))
    structure = STRUCTURES[0]
    assert with_copies[structure] < alone[structure] < with_empty[structure]


def test_uncalibrated_means_untouched() -> None:
    reported = raw()
    assert (
        ranked(reported.scores, reported.boxes, reported.edge_bands, UNCALIBRATED.spread_weight)
        == reported.scores.astype(np.float32)
    ).all()
    spreads = np.full((9, 4), 3, np.float32)
    assert (bands(spreads, UNCALIBRATED) == spreads).all()
    scores = np.full(9, 0.3, np.float32)
    assert visibility(scores, UNCALIBRATED) == pytest.approx([0.3] * 9)


def test_spreads_that_are_not_given_cost_nothing() -> None:
    scores, edges = np.full((2,), 0.5), np.tile(np.array([0.0, 0, 10, 10]), (2, 1))
    assert ranked(scores, edges, np.full((2, 4), np.nan), 2.0) == pytest.approx([0.5, 0.5])
