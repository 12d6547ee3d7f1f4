"""Average precision follows COCO: pycocotools, a brute force, and what must hold of any ranking."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nonet.anatomy import STRUCTURES
from nonet.datasets import BoxRow, DataSet, ImageRow
from nonet.evaluate import Measure, Predictions, Use, evaluate_detection
from nonet.evaluate.detection.average_precision import average_precision
from nonet.reading import Box, BundleReference, Detection

REFERENCE = json.loads((Path(__file__).parent / "data/pycocotools.json").read_text())


@pytest.fixture(scope="module")
def reference_case() -> tuple[DataSet, Predictions]:
    """The frames of the reference file as a data set and predictions."""
    images, boxes, detections = [], [], {}
    for number, frame in enumerate(REFERENCE["frames"]):
        name = f"{number}.png"
        images.append(ImageRow(name, Path(name), 512, 512, "all"))
        boxes += [BoxRow(name, STRUCTURES[int(key)], Box(*edges)) for key, edges in frame["truth"].items()]
        found = zip(STRUCTURES, frame["detections"], strict=True)
        detections[name] = [Detection(structure, Box(*row[:4]), row[4]) for structure, row in found]
    points = dict.fromkeys(STRUCTURES, 0.5)
    bundle = BundleReference("reference", "1", "0" * 64)
    return DataSet("test", tuple(images), tuple(boxes)), Predictions.from_detections(
        detections, points, dict.fromkeys(detections, Use.UNKNOWN), bundle
    )


@pytest.mark.parametrize("protocol", ["strict", "unboxed_ignored"])
@pytest.mark.parametrize("name", [Measure.AP50, Measure.AP50_95])
def test_every_structure_has_the_figure_of_pycocotools(
    reference_case: tuple[DataSet, Predictions], protocol: str, name: Measure
) -> None:
    scores = getattr(evaluate_detection(*reference_case, resamples=2), protocol)
    ours = [scores.structures[structure][name].value for structure in STRUCTURES]
    assert ours == pytest.approx(REFERENCE[protocol][name], abs=1e-12)
    assert scores.mean[name].value == pytest.approx(np.mean(REFERENCE[protocol][name]), abs=1e-12)


def brute_force(scores: NDArray[np.float64], hits: NDArray[np.bool_], positives: int) -> float:
    """COCO's rule in words: at each recall, the best precision at that recall or beyond."""
    ranked = sorted(range(len(scores)), key=lambda i: -scores[i])
    points, true = [], 0
    for rank, i in enumerate(ranked, start=1):
        true += bool(hits[i])
        points.append((true / positives, true / rank))
    best = [max((p for r, p in points if r >= level), default=0.0) for level in np.linspace(0, 1, 101)]
    return float(np.mean(best))


frames = st.integers(1, 25).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 6), min_size=n, max_size=n),
        st.lists(st.sampled_from(["hit", "miss", "unboxed"]), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)


@settings(max_examples=200, deadline=None)
@given(frames)
def test_weights_are_copies_in_place_by_brute_force(case: tuple[list[int], list[str], list[int]]) -> None:
    scores, kinds, weights = (np.array(column) for column in case)
    scores = scores / 6
    positives = int(weights[kinds != "unboxed"].sum())
    found = ap(scores, kinds == "hit", weights, positives)
    if positives == 0:
        assert np.isnan(found)
    else:
        copies = np.repeat(np.arange(len(scores)), weights)
        assert found == pytest.approx(brute_force(scores[copies], (kinds == "hit")[copies], positives), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(frames, st.floats(0.2, 3))
def test_only_the_order_of_the_scores_matters(case: tuple[list[int], list[str], list[int]], power: float) -> None:
    scores, kinds, _ = (np.array(column) for column in case)
    positives, ones = int((kinds != "unboxed").sum()), np.ones(len(scores), int)
    same = ap(scores / 6, kinds == "hit", ones, positives), ap((scores / 6) ** power, kinds == "hit", ones, positives)
    assert same[0] == pytest.approx(same[1], nan_ok=True)


def test_resamples_are_computed_together_as_they_would_be_one_by_one() -> None:
    rng = np.random.default_rng(5)
    scores, hits = rng.random(60), rng.random((3, 60)) < 0.7
    weights = rng.integers(0, 4, (20, 60)).astype(np.int32)
    positives = weights.sum(axis=1, dtype=np.int32)
    together = average_precision(scores, hits, weights, positives)
    single = [[ap(scores, level, row, int(row.sum())) for row in weights] for level in hits]
    np.testing.assert_array_equal(together, single)


def ap(scores: NDArray[np.float64], hits: NDArray[np.bool_], weights: NDArray[np.int64], positives: int) -> float:
    counts = np.array([positives], np.int32)
    return float(average_precision(scores, hits[None], weights[None].astype(np.int32), counts)[0, 0])
