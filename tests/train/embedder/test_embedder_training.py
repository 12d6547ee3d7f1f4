"""The embedder learns, a stopped run ends as one that was not, and the bundle says what it was made from."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from errors_raised import raised
from nonet.anatomy import STRUCTURES
from nonet.bundle import Bundle
from nonet.cli.train import embedder as train_command
from nonet.datasets import load
from nonet.deep import Embedder
from nonet.errors import TrainingError
from nonet.reading import Box
from nonet.train.embedder import training
from nonet.train.embedder.objective import EmbedderObjective
from nonet.train.embedder.recipe import EmbedderRecipe, load_embedder_recipe
from nonet.train.embedder.training_crops import TrainingCrops

ROOT = Path(__file__).parents[3]
RECIPES = sorted((ROOT / "recipes").glob("embedder*.toml"))
FRAMES = 12


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames with a patch of its own brightness at each structure's place, as a COCO data set."""
    folder, rng = tmp_path_factory.mktemp("frames"), np.random.default_rng(5)
    images, annotations = [], []
    for index in range(FRAMES):
        pixels = rng.integers(0, 40, (160, 240), np.uint8)
        images.append({"id": index, "file_name": f"{index}.png", "width": 240, "height": 160})
        for category in range(9):
            x, y = 10 + 75 * (category % 3), 10 + 50 * (category // 3)
            pixels[y : y + 4 + category, x : x + 30] = 60 + 20 * category
            box = {"id": len(annotations), "image_id": index, "category_id": category, "bbox": [x, y, 30, 12]}
            annotations.append(box)
        Image.fromarray(pixels).save(folder / f"{index}.png")
    categories = [{"id": i, "name": structure.value} for i, structure in enumerate(STRUCTURES)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "boxes.json").write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="module")
def recipe() -> EmbedderRecipe:
    shipped, _ = load_embedder_recipe(ROOT / "recipes/embedder-default.toml")
    return replace(shipped, width=64, height=32, batch=16, epochs=1, held_out=0.2)


@pytest.fixture(scope="module")
def material(data: Path, recipe: EmbedderRecipe) -> TrainingCrops:
    return TrainingCrops.gather(recipe, load(data))


def small_recipe(path: Path, split: str) -> Path:
    shutil.copy(ROOT / "recipes/embedder-default.toml", path.parent / "base.toml")
    lines = [f'split = "{split}"', "width = 64", "height = 32", "batch = 16", "epochs = 1", "held_out = 0.2"]
    path.write_text("\n".join(['base = "base.toml"', *lines]) + "\n")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_in_the_repository_loads(path: Path) -> None:
    recipe, _ = load_embedder_recipe(path)
    assert recipe.width % 32 == recipe.height % 32 == 0
    assert recipe.split == "set1"


@pytest.mark.slow
def test_crops_come_from_every_frame_and_no_frame_is_on_both_sides(material: TrainingCrops) -> None:
    assert len(material.trained_frames) + len(material.held_out_frames) == FRAMES
    assert not set(material.trained_frames) & set(material.held_out_frames)
    labels = np.concatenate([material.trained.labels, material.held_out.labels])
    assert np.bincount(labels)[:9].tolist() == [FRAMES] * 9
    assert 0 < np.bincount(labels)[9] <= 2 * FRAMES


@pytest.mark.slow
def test_a_stopped_run_ends_with_the_same_weights(
    recipe: EmbedderRecipe, material: TrainingCrops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY_STEPS", 1)
    straight = training.train_embedder(recipe, "sha", material.trained, tmp_path / "straight")

    steps, untouched = iter(range(2)), training._step

    def stopped(*arguments: object) -> list[float]:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return untouched(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "_step", stopped)
    with pytest.raises(KeyboardInterrupt):
        training.train_embedder(recipe, "sha", material.trained, tmp_path / "stopped")
    monkeypatch.setattr(training, "_step", untouched)
    resumed = training.train_embedder(recipe, "sha", material.trained, tmp_path / "stopped")
    assert equal(straight, resumed)


def equal(one: EmbedderObjective, other: EmbedderObjective) -> bool:
    mine, yours = one.state_dict(), other.state_dict()
    return all(torch.equal(mine[key], yours[key]) for key in mine)


@pytest.mark.slow
def test_a_checkpoint_of_another_recipe_is_not_taken_up(
    recipe: EmbedderRecipe, material: TrainingCrops, tmp_path: Path
) -> None:
    training.EmbedderRun.begin(recipe, "one").save(tmp_path)
    with raised(TrainingError, found="another recipe"):
        training.train_embedder(recipe, "two", material.trained, tmp_path)


@pytest.mark.slow
def test_fewer_crops_than_a_batch_are_refused(recipe: EmbedderRecipe, material: TrainingCrops, tmp_path: Path) -> None:
    with raised(TrainingError, found="88 crops, batches of 1000"):
        training.train_embedder(replace(recipe, batch=1000), "sha", material.trained, tmp_path)


@pytest.mark.slow
def test_structures_are_learned(recipe: EmbedderRecipe, material: TrainingCrops, tmp_path: Path) -> None:
    longer = replace(recipe, epochs=5)
    training.train_embedder(longer, "sha", material.trained, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "losses.jsonl").read_text().splitlines()]
    assert rows[-1]["structure"] < 0.8 * rows[0]["structure"]


@pytest.mark.slow
def test_the_command_adds_an_embedder_to_a_bundle_and_says_what_it_has_seen(data: Path, tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path / "recipe.toml", load(data).splits[0])
    train_command(recipe, data, tmp_path / "run", tmp_path / "bundle")
    bundle, shipped = Bundle(tmp_path / "bundle"), Bundle()
    assert bundle.file("detector.onnx") == shipped.file("detector.onnx")
    listed = list(csv.DictReader(bundle.file("embedder_frames_seen.csv").decode().splitlines()))
    assert len(listed) == FRAMES
    assert {row["use"] for row in listed} == {"trained", "chosen_by"}
    card = bundle.file("MODEL_CARD.md").decode()
    assert card.count("## Deep features") == 1
    assert card.startswith("# nonet-default 1.2.0")
    pixels = np.random.default_rng(0).integers(0, 255, (160, 240), np.uint8)
    assert Embedder(bundle).embed(pixels, [Box(10, 10, 40, 22)]).shape == (1, 1792)

    train_command(recipe, data, tmp_path / "run", tmp_path / "bundle", tmp_path / "bundle")
    assert Bundle(tmp_path / "bundle").sha256 == bundle.sha256
