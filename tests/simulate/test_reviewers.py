"""Reviewers made of a detector's differences from the reference: whole rows, unseen frames, mirrored with the face."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors_raised import raised
from nonet.anatomy import STRUCTURES, Structure
from nonet.datasets import BoxRow, DataSet, ImageRow
from nonet.errors import DatasetError, LeakError
from nonet.evaluate import Predictions, Use
from nonet.reading import Box, BundleReference
from nonet.simulate import simulate
from nonet.simulate.reviewers import (
    LEAST_ROWS,
    Residuals,
    jitter,
    measure_residuals,
    read_pools,
    read_residuals,
    residuals_by_image,
    write_pools,
    write_residuals,
)

BUNDLE = BundleReference("test", "1.0", "ab" * 32)
ROW = np.array([0.1, -0.2, 0.3, 0.05])
SIZE = (400, 600)
LOOKS_LEFT = {structure: Box(60.0 + 40 * k, 200.0, 90.0 + 40 * k, 220.0) for k, structure in enumerate(
    (Structure.NASAL_TIP, Structure.NASAL_SKIN, Structure.NASAL_BONE, Structure.PALATE, Structure.THALAMI,
     Structure.MIDBRAIN, Structure.FOURTH_VENTRICLE, Structure.CISTERNA_MAGNA, Structure.NUCHAL_TRANSLUCENCY)
)}  # fmt: skip


def mirrored(boxes: dict[Structure, Box]) -> dict[Structure, Box]:
    return {key: Box(SIZE[1] - box.x2, box.y1, SIZE[1] - box.x1, box.y2) for key, box in boxes.items()}


def moved(box: Box, row: np.ndarray) -> Box:
    return Box(*(np.array(box.xyxy) + row * np.array([box.width, box.height] * 2)))


def data_of(frames: list[dict[Structure, Box]]) -> DataSet:
    images = tuple(ImageRow(f"{n}.png", Path(f"{n}.png"), SIZE[1], SIZE[0], "all") for n in range(len(frames)))
    rows = [BoxRow(f"{n}.png", *item) for n, boxes in enumerate(frames) for item in boxes.items()]
    return DataSet("test", images, tuple(rows))


def predicted(frames: list[dict[Structure, Box]], use: Use = Use.UNSEEN) -> Predictions:
    edges = np.array([[boxes[structure].xyxy for structure in STRUCTURES] for boxes in frames])
    known, unknown = np.full(edges.shape[:2], 0.5), np.full(edges.shape, np.nan)
    names = tuple(f"{n}.png" for n in range(len(frames)))
    return Predictions(names, edges, known, known, (use,) * len(frames), BUNDLE, unknown[..., 0], unknown)


@pytest.fixture
def residuals() -> Residuals:
    rng = np.random.default_rng(0)
    return Residuals({structure: rng.normal(0, 0.1, (40, 4)) for structure in STRUCTURES}, BUNDLE)


def test_a_row_is_how_the_four_edges_are_off_as_shares_of_the_boxs_sides() -> None:
    found = {key: moved(box, ROW) for key, box in LOOKS_LEFT.items()}
    measured = measure_residuals(data_of([LOOKS_LEFT]), predicted([found]))
    for structure in STRUCTURES:
        assert measured.rows[structure][0] == pytest.approx(ROW)
    assert measured.bundle == BUNDLE


def test_a_mirrored_frame_gives_the_same_row() -> None:
    found = {key: moved(box, ROW) for key, box in LOOKS_LEFT.items()}
    measured = measure_residuals(data_of([mirrored(LOOKS_LEFT)]), predicted([mirrored(found)]))
    assert measured.rows[Structure.PALATE][0] == pytest.approx(ROW)


def test_a_box_drawn_again_differs_by_a_row_mirrored_with_the_face() -> None:
    only = Residuals(dict.fromkeys(STRUCTURES, ROW[None]), BUNDLE)
    rng = np.random.default_rng(1)
    again = jitter(LOOKS_LEFT, only, rng, size=SIZE)
    turned = jitter(mirrored(LOOKS_LEFT), only, rng, size=SIZE)
    for structure, box in LOOKS_LEFT.items():
        assert again[structure].xyxy == pytest.approx(moved(box, ROW).xyxy)
        assert turned[structure].xyxy == pytest.approx(mirrored(again)[structure].xyxy)


def test_boxes_drawn_again_spread_as_the_rows_do(residuals: Residuals) -> None:
    rng = np.random.default_rng(2)
    rows = residuals.rows[Structure.PALATE]
    box = LOOKS_LEFT[Structure.PALATE]
    sides = np.array([box.width, box.height] * 2)
    draws = np.array([jitter(LOOKS_LEFT, residuals, rng, size=SIZE)[Structure.PALATE].xyxy for _ in range(800)])
    shares = (draws - box.xyxy) / sides
    assert shares.mean(axis=0) == pytest.approx(rows.mean(axis=0), abs=0.02)
    assert np.corrcoef(shares.T) == pytest.approx(np.corrcoef(rows.T), abs=0.12)
    nearest = np.abs(shares[:, None] - rows[None]).max(axis=2).min(axis=1)
    assert nearest.max() < 1e-9


def test_a_structures_draw_does_not_depend_on_which_others_are_boxed(residuals: Residuals) -> None:
    fewer = {key: box for key, box in LOOKS_LEFT.items() if key is not Structure.THALAMI}
    all_nine, eight = (jitter(boxes, residuals, np.random.default_rng(3), size=SIZE) for boxes in (LOOKS_LEFT, fewer))
    assert eight == {key: box for key, box in all_nine.items() if key is not Structure.THALAMI}


@given(
    seed=st.integers(0, 2**31),
    corner=st.tuples(st.floats(0, 580), st.floats(0, 390)),
    sides=st.tuples(st.floats(2, 300), st.floats(2, 200)),
)
def test_a_box_drawn_again_overlaps_the_first_and_stays_in_the_frame(
    seed: int, corner: tuple[float, float], sides: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    first = rng.uniform(-0.99, 0.99, (20, 4))
    wild = Residuals(dict.fromkeys(STRUCTURES, first[first[:, 2] - first[:, 0] > -0.99][:, [0, 0, 2, 2]]), BUNDLE)
    box = Box(*corner, min(corner[0] + sides[0], SIZE[1]), min(corner[1] + sides[1], SIZE[0]))
    again = jitter({Structure.PALATE: box}, wild, rng, size=SIZE)[Structure.PALATE]
    assert again.iou(box) > 0
    assert min(again.xyxy) >= 0
    assert again.x2 <= SIZE[1]
    assert again.y2 <= SIZE[0]


def test_boxes_that_were_not_seen_or_do_not_overlap_are_no_second_opinion() -> None:
    elsewhere = LOOKS_LEFT | {Structure.PALATE: Box(500, 10, 520, 30)}
    good = {key: moved(box, ROW) for key, box in LOOKS_LEFT.items()}
    predictions = predicted([elsewhere, good, LOOKS_LEFT])
    unsure = predictions.scores.copy()
    unsure[2] = 0.1
    measured = measure_residuals(data_of([LOOKS_LEFT] * 3), replace(predictions, scores=unsure))
    assert len(measured.rows[Structure.PALATE]) == 1
    assert len(measured.rows[Structure.THALAMI]) == 2


def test_a_detector_that_was_trained_on_the_frame_is_no_reviewer() -> None:
    with raised(LeakError, found=r"1 of 1 frames were seen, 0\.png among them"):
        measure_residuals(data_of([LOOKS_LEFT]), predicted([LOOKS_LEFT], Use.TRAINED))


def test_a_structure_without_any_pair_is_an_error() -> None:
    without = {key: box for key, box in LOOKS_LEFT.items() if key is not Structure.NASAL_BONE}
    with raised(DatasetError, found="none for nasal_bone"):
        measure_residuals(data_of([without]), predicted([LOOKS_LEFT]))


def test_json_brings_back_what_was_written(residuals: Residuals, tmp_path: Path) -> None:
    write_residuals(residuals, tmp_path / "residuals.json")
    read = read_residuals(tmp_path / "residuals.json")
    assert read.bundle == residuals.bundle
    for structure in STRUCTURES:
        assert read.rows[structure] == pytest.approx(residuals.rows[structure], abs=0)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"bundle": {"name": "a", "version": "1", "sha256": "b"}, "rows": {"palate": [[0, 0, 0, 0]]}}'],
)
def test_another_document_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(DatasetError):
        read_residuals(tmp_path / "other.json")


def test_a_row_of_boxes_that_do_not_overlap_is_refused(residuals: Residuals, tmp_path: Path) -> None:
    apart = np.array([[1.5, 0.0, 1.6, 0.0]])
    write_residuals(replace(residuals, rows={**residuals.rows, Structure.PALATE: apart}), tmp_path / "apart.json")
    with raised(DatasetError, found="palate"):
        read_residuals(tmp_path / "apart.json")


def test_simulated_boxes_can_be_drawn_again(residuals: Residuals) -> None:
    frame = simulate(3)
    again = jitter(frame.boxes, residuals, np.random.default_rng(0), size=frame.pixels.shape)
    assert again.keys() == frame.boxes.keys()


def test_a_pool_holds_the_rows_of_its_own_images_and_no_structure_with_too_few(tmp_path: Path) -> None:
    off = [{key: moved(box, ROW * (n + 1) / 10) for key, box in LOOKS_LEFT.items()} for n in range(10)]
    without = {key: box for key, box in LOOKS_LEFT.items() if key is not Structure.NASAL_BONE}
    data, predictions = data_of([LOOKS_LEFT] * 6 + [without] * 4), predicted(off)
    of_image = residuals_by_image(data, predictions)
    halves = {"a": [f"{n}.png" for n in range(5)], "b": [f"{n}.png" for n in range(5, 10)]}
    write_pools(of_image, halves, BUNDLE, tmp_path / "pools.json")
    pools = read_pools(tmp_path / "pools.json")
    assert len(halves["a"]) == LEAST_ROWS
    for number, half in enumerate(("a", "b")):
        expected = np.array([ROW * (n + 1) / 10 for n in range(5 * number, 5 * number + 5)])
        assert pools[half].rows[Structure.PALATE] == pytest.approx(expected)
    assert Structure.NASAL_BONE not in pools["b"].rows
    again = jitter(LOOKS_LEFT, pools["b"], np.random.default_rng(0), size=SIZE)
    assert set(again) == set(LOOKS_LEFT) - {Structure.NASAL_BONE}
    (tmp_path / "other.json").write_text('{"a": 1}')
    with raised(DatasetError, found="other.json"):
        read_pools(tmp_path / "other.json")
