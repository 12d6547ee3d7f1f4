"""An evaluation says what the detector did: perfect, moved, silent, wrong about what was left unboxed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors_raised import raised
from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import DataSet, load
from nonet.errors import DatasetError
from nonet.evaluate import Figure, Measure, Predictions, Use, Visibility, evaluate_detection
from nonet.reading import BundleReference

DATA = Path(__file__).parents[3].parent / "shared/data/fetus-framework"
SHARES = (Measure.AP50, Measure.AP50_95, Measure.IOU, Measure.F1, Measure.PRECISION, Measure.RECALL)


def test_perfect_detections_score_one_with_an_interval_of_no_width(data: DataSet, perfect: Predictions) -> None:
    evaluation = evaluate_detection(data, perfect, resamples=200)
    for name in SHARES:
        assert evaluation.strict.mean[name] == Figure(1.0, 1.0, 1.0)
    assert evaluation.strict.mean[Measure.CENTRE_ERROR_PX] == Figure(0.0, 0.0, 0.0)
    assert evaluation.boxes == dict.fromkeys(STRUCTURES, 27)
    assert evaluation.frames == 30


def test_a_detector_below_its_operating_points_ranks_well_and_sees_nothing(data: DataSet, perfect: Predictions) -> None:
    silent = replace(perfect, scores=perfect.scores * 0.4)
    strict = evaluate_detection(data, silent, resamples=20).strict
    assert strict.mean[Measure.AP50].value == 1.0
    assert strict.mean[Measure.RECALL].value == strict.mean[Measure.F1].value == 0.0
    assert strict.mean[Measure.PRECISION] == strict.mean[Measure.IOU] == Figure(None, None, None)


def test_moved_boxes_have_the_overlap_and_the_centre_error_of_the_move(data: DataSet, perfect: Predictions) -> None:
    edges = np.array(perfect.boxes)
    widths = edges[..., 2] - edges[..., 0]
    edges[..., [0, 2]] += widths[..., None] / 4
    strict = evaluate_detection(data, replace(perfect, boxes=edges), resamples=20).strict
    assert strict.mean[Measure.AP50].value == 1.0
    assert strict.mean[Measure.AP50_95].value == pytest.approx(0.3)
    assert strict.mean[Measure.IOU].value == pytest.approx(0.6)
    boxed = perfect.scores > 0.5
    thalami = strict.structures[Structure.THALAMI]
    assert thalami[Measure.CENTRE_ERROR_PX].value == pytest.approx(widths[boxed[:, 0], 0].mean() / 4)
    assert thalami[Measure.CENTRE_ERROR_MM].value == pytest.approx(widths[boxed[:, 0], 0].mean() / 40)


def test_a_detection_of_what_was_left_unboxed_is_false_strictly_and_ignored_beside(
    data: DataSet, perfect: Predictions
) -> None:
    eager = replace(perfect, scores=np.where(perfect.scores < 0.5, 0.95, perfect.scores))
    evaluation = evaluate_detection(data, eager, resamples=20)
    assert evaluation.strict.mean[Measure.PRECISION].value == pytest.approx(27 / 30)
    assert evaluation.strict.mean[Measure.AP50].value == pytest.approx(27 / 30)
    assert evaluation.unboxed_ignored.mean[Measure.PRECISION].value == 1.0
    assert evaluation.unboxed_ignored.mean[Measure.AP50].value == 1.0
    assert set(evaluation.visibility.values()) == {Visibility(27, 0, 3, 0)}


def test_visibility_counts_every_frame_once(data: DataSet, perfect: Predictions) -> None:
    rng = np.random.default_rng(2)
    evaluation = evaluate_detection(data, replace(perfect, scores=rng.random((30, 9))), resamples=20)
    for table in evaluation.visibility.values():
        assert table.boxed_seen + table.boxed_not_seen == 27
        assert table.unboxed_seen + table.unboxed_not_seen == 3


def test_shuffled_scores_lower_ap_and_leave_overlap_alone(data: DataSet, perfect: Predictions) -> None:
    rng = np.random.default_rng(2)
    edges = np.array(perfect.boxes)
    edges[::2] += 500
    scores = np.where(np.arange(30)[:, None] % 2 == 0, 0.6, 0.9) * np.ones((30, 9))
    ranked = evaluate_detection(data, replace(perfect, boxes=edges, scores=scores), resamples=20).strict
    shuffled = evaluate_detection(
        data, replace(perfect, boxes=edges, scores=rng.permuted(scores, axis=0)), resamples=20
    ).strict
    assert ranked.mean[Measure.AP50].value > shuffled.mean[Measure.AP50].value + 0.05
    assert ranked.mean[Measure.IOU].value == shuffled.mean[Measure.IOU].value == 1.0
    assert ranked.mean[Measure.RECALL].value == shuffled.mean[Measure.RECALL].value


def test_frames_without_any_box_are_not_evaluated(data: DataSet, perfect: Predictions) -> None:
    unboxed = {image.name for image in data.images[:5]}
    fewer = replace(data, boxes=tuple(row for row in data.boxes if row.image not in unboxed))
    assert evaluate_detection(fewer, perfect, resamples=20).frames == 25


def test_a_structure_that_is_never_boxed_has_no_figure_and_does_not_enter_the_mean(
    data: DataSet, perfect: Predictions
) -> None:
    without = replace(data, boxes=tuple(row for row in data.boxes if row.structure is not Structure.PALATE))
    strict = evaluate_detection(without, perfect, resamples=20).strict
    assert strict.structures[Structure.PALATE][Measure.AP50] == Figure(None, None, None)
    assert strict.structures[Structure.PALATE][Measure.F1].value is None
    assert strict.mean[Measure.AP50].value == 1.0


def test_predictions_in_another_order_and_for_more_frames_give_the_same(data: DataSet, perfect: Predictions) -> None:
    part = data.keeping(data.images[:20])
    backwards = perfect.of(reversed(perfect.images))
    assert evaluate_detection(part, backwards, resamples=50) == evaluate_detection(part, perfect, resamples=50)


def test_predictions_that_lack_a_frame_are_refused(data: DataSet, perfect: Predictions) -> None:
    with raised(DatasetError, found=r"none for 1 of 30, the first 7\.png"):
        evaluate_detection(data, perfect.of(name for name in perfect.images if name != "7.png"))


def test_a_set_without_boxes_is_refused(data: DataSet, perfect: Predictions) -> None:
    with raised(DatasetError, found="no box on any of 30 images"):
        evaluate_detection(replace(data, boxes=()), perfect)


def test_frames_of_one_patient_are_drawn_together(data: DataSet, perfect: Predictions) -> None:
    worse = replace(perfect, boxes=np.where(np.arange(30)[:, None, None] < 15, perfect.boxes, perfect.boxes + 500))
    one_each = evaluate_detection(data, worse, resamples=500)
    patients = tuple(replace(image, patient=f"P{n // 5}") for n, image in enumerate(data.images))
    grouped = evaluate_detection(replace(data, images=patients), worse, resamples=500)
    assert (one_each.resampled, grouped.resampled) == ("frames", "patients")
    assert width(grouped.strict.mean[Measure.RECALL]) > 1.5 * width(one_each.strict.mean[Measure.RECALL])


def test_frames_that_training_saw_are_counted_among_those_evaluated(data: DataSet, perfect: Predictions) -> None:
    uses = (Use.TRAINED, Use.CHOSEN_BY, Use.TRAINED, *(Use.UNSEEN,) * 27)
    assert evaluate_detection(data, replace(perfect, uses=uses), resamples=2).frames_seen == 3
    part = data.keeping(data.images[2:])
    assert evaluate_detection(part, replace(perfect, uses=uses), resamples=2).frames_seen == 1


def test_what_training_saw_is_unknown_where_the_bundle_does_not_say(data: DataSet, perfect: Predictions) -> None:
    unknown = replace(perfect, uses=(Use.UNKNOWN,) * 30)
    assert evaluate_detection(data, unknown, resamples=2).frames_seen is None


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_intervals_on_the_real_boxes_hold_their_figures_and_repeat(tmp_path: Path) -> None:
    data = load(DATA).split("set2").boxed()
    noisy = jittered(data)
    evaluation = evaluate_detection(data, noisy, resamples=300)
    for scores in (evaluation.strict, evaluation.unboxed_ignored):
        for figures in (scores.mean, *scores.structures.values()):
            assert all(figure.low <= figure.value <= figure.high for figure in figures.values())
    assert evaluation == evaluate_detection(data, noisy, resamples=300)
    assert evaluation.boxes[Structure.NASAL_SKIN] < evaluation.frames == 249


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


def jittered(data: DataSet) -> Predictions:
    """The reference boxes with edges moved by a twelfth of the size, and scores that know a little."""
    rng = np.random.default_rng(4)
    edges = np.tile(np.array([100.0, 100.0, 160.0, 140.0]), (len(data.images), 9, 1))
    scores = rng.random((len(data.images), 9)) * 0.6
    for n, image in enumerate(data.images):
        for structure, box in data.boxes_of(image).items():
            k = STRUCTURES.index(structure)
            size = np.array([box.width, box.height] * 2)
            edges[n, k] = np.array(box.xyxy) + rng.normal(0, 1 / 12, 4) * size
            scores[n, k] += 0.35
    names = tuple(image.name for image in data.images)
    return Predictions(
        names,
        edges,
        scores,
        np.full(scores.shape, 0.4),
        (Use.UNSEEN,) * len(names),
        BundleReference("noise", "1", "0" * 64),
        rng.random(scores.shape),
        np.full(edges.shape, 8.0),
    )


def test_edges_inside_and_outside_their_bands_are_counted(data: DataSet, perfect: Predictions) -> None:
    moved = np.array(perfect.boxes)
    moved[..., 0] += 5
    wide, tight = np.full(moved.shape, 6.0), np.full(moved.shape, 4.0)
    for bands, share in ((wide, 1.0), (tight, 0.75)):
        strict = evaluate_detection(data, replace(perfect, boxes=moved, edge_bands=bands), resamples=20).strict
        assert strict.mean[Measure.EDGES_IN_BAND].value == pytest.approx(share)


def test_probabilities_of_being_visible_are_scored_by_brier(data: DataSet, perfect: Predictions) -> None:
    certain = replace(perfect, visibility=(perfect.scores > 0.5).astype(float))
    unsure = replace(perfect, visibility=np.full(perfect.scores.shape, 0.5))
    assert evaluate_detection(data, certain, resamples=20).strict.mean[Measure.VISIBILITY_BRIER].value == 0
    assert evaluate_detection(data, unsure, resamples=20).strict.mean[Measure.VISIBILITY_BRIER].value == 0.25


def test_a_detector_without_calibration_has_no_such_figures(data: DataSet, perfect: Predictions) -> None:
    mean = evaluate_detection(data, perfect, resamples=20).strict.mean
    assert mean[Measure.EDGES_IN_BAND] == mean[Measure.VISIBILITY_BRIER] == Figure(None, None, None)


def test_each_device_family_has_figures_of_its_own(data: DataSet, perfect: Predictions) -> None:
    devices = ["GE" if n < 10 else "Philips" for n in range(len(data.images))]
    labelled = replace(data, images=tuple(replace(i, device=d) for i, d in zip(data.images, devices, strict=True)))
    blind = np.array(perfect.scores)
    blind[10:] = 0.2
    by_device = evaluate_detection(labelled, replace(perfect, scores=blind), resamples=200).by_device
    assert {device: each.frames for device, each in by_device.items()} == {"GE": 10, "Philips": 20}
    assert by_device["GE"].scores.mean[Measure.RECALL] == Figure(1.0, 1.0, 1.0)
    assert by_device["Philips"].scores.mean[Measure.RECALL].value == 0


def test_joined_parts_are_evaluated_as_one(data: DataSet, perfect: Predictions) -> None:
    names = list(perfect.images)
    joined = Predictions.join([perfect.of(names[20:]), perfect.of(names[:20])])
    assert (
        evaluate_detection(data, joined, resamples=20).strict == evaluate_detection(data, perfect, resamples=20).strict
    )
    assert joined.bundle.name == f"{perfect.bundle.name} + {perfect.bundle.name}"
