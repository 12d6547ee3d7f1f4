"""A run learns from the frames that its recipe asks for, and from no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.datasets import fold_of
from nonet.datasets.halves import is_development
from nonet.detect.head_frame import HEAD_SCALE
from nonet.simulate import TRAINING_SEEDS, simulate
from nonet.train.detector.batches import Epoch
from nonet.train.detector.fit_shape_prior import fit_shape_prior
from nonet.train.detector.pack import Pack
from nonet.train.detector.recipe import FrameSelection, Recipe, load_recipe
from nonet.train.detector.samples import Sample, edges_of, empty_sample, selected
from nonet.train.detector.training_frames import TrainingFrames

SHIPPED = Path(__file__).parents[3] / "recipes/detector-default.toml"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe(SHIPPED)[0]


def samples(count: int) -> list[Sample]:
    pixels = np.zeros((40, 60), np.uint8)
    edges = np.tile(np.array([5, 5, 25, 20], np.float32), (9, 1))
    devices = ("GE", "Philips", None)
    return [Sample(f"{n}.png", pixels, edges, f"{n:064x}", device=devices[n % 3]) for n in range(count)]


def test_a_fold_is_left_out_and_the_folds_cover_everything() -> None:
    every = samples(300)
    kept = [selected(every, FrameSelection(folds=3, fold=fold)) for fold in range(3)]
    for fold, trained in enumerate(kept):
        assert all(fold_of(sample.pixels_sha256, 3) != fold for sample in trained)
    assert sum(len(trained) for trained in kept) == 2 * len(every)


def test_one_device_family_is_kept() -> None:
    assert {sample.device for sample in selected(samples(30), FrameSelection(device="GE"))} == {"GE"}


def test_smaller_shares_are_part_of_larger_ones() -> None:
    every = samples(400)
    names = [{s.name for s in selected(every, FrameSelection(share=share))} for share in (0.25, 0.5, 1.0)]
    assert names[0] < names[1] < names[2]
    assert len(names[0]) == pytest.approx(100, abs=25)


def test_only_the_development_half_of_other_anatomy_is_trained_on(tmp_path: Path, recipe: Recipe) -> None:
    paths = [tmp_path / f"{n:03}_HC.png" for n in range(8)]
    for path in paths:
        Image.fromarray(np.full((40, 60), 90, np.uint8)).save(path)
    trained = [empty_sample(path, recipe) for path in paths if is_development(path.name)]
    assert 0 < len(trained) < 8
    assert all(sample.complete and np.isnan(sample.edges).all() for sample in trained)


def test_an_epoch_mixes_its_shares_and_says_what_is_complete(recipe: Recipe) -> None:
    stage = replace(recipe.stages[0], width=96, height=64, batch=6, simulated=0.25, empty=0.25)
    nothing = np.full((9, 4), np.nan, np.float32)
    whole = [replace(sample, complete=True) for sample in samples(20)]
    material = TrainingFrames(samples(24), [], whole, [replace(sample, edges=nothing) for sample in whole])
    batches = list(Epoch(replace(recipe, stages=(stage,)), 0, 0, material).batches())
    assert sum(len(batch.images) for batch in batches) == 24 + 6 + 6
    assert sum(int(batch.complete.sum()) for batch in batches) == 12


def in_head_frames(recipe: Recipe) -> Recipe:
    """Half of the frames in head frames; every frame is trained on, with its overlay, and no other anatomy."""
    return replace(
        recipe,
        held_out=0.0,
        stages=(replace(recipe.stages[0], empty=0.0),),
        augmentation=replace(recipe.augmentation, head_probability=0.5, hidden_probability=0.0),
    )


def test_frames_get_the_head_frame_of_their_own_boxes(recipe: Recipe) -> None:
    pixels = np.zeros((480, 640), np.uint8)
    edges, rng = edges_of(simulate(TRAINING_SEEDS[0]).boxes), np.random.default_rng(0)
    moved = (edges * rng.uniform(0.7, 1.3) + rng.normal(0, 4, (9, 1)) for _ in range(40))
    real = tuple(Sample(f"{n}.png", pixels, one.astype(np.float32), f"{n:064x}") for n, one in enumerate(moved))
    few = replace(real[0], edges=np.where(np.arange(9)[:, None] < 2, real[0].edges, np.nan).astype(np.float32))
    asked = in_head_frames(recipe)
    material = TrainingFrames.of_pack(asked, Pack((*real, few), ()))
    prior = fit_shape_prior(np.stack([sample.edges for sample in real]))
    for sample in material.trained[:-1]:
        assert sample.head
        pose = prior.pose(np.nan_to_num(sample.edges), ~np.isnan(sample.edges[:, 0]))
        assert pose
        assert sample.head.scale * pose.px_per_unit == pytest.approx(HEAD_SCALE, rel=0.02)
    assert material.trained[-1].head is None, "two boxes do not say where a head lies"
    without = replace(asked, augmentation=replace(asked.augmentation, head_probability=0.0))
    assert all(sample.head is None for sample in TrainingFrames.of_pack(without, Pack(real, ())).trained)


def test_too_few_frames_for_a_shape_prior_are_shown_without_head_frames(
    recipe: Recipe, caplog: pytest.LogCaptureFixture
) -> None:
    """As their bundle gets none either, and no second pass."""
    asked = in_head_frames(recipe)
    material = TrainingFrames.of_pack(asked, Pack(tuple(samples(20)), ()))
    assert all(sample.head is None for sample in material.trained)
    assert "no frame is shown as the second pass sees it" in caplog.text
    assert "20 frames" in caplog.text
