"""A recipe and a data set become a bundle that reads, and that says what it was made from."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.anatomy import STRUCTURES
from nonet.bundle import Bundle
from nonet.bundle.frames_seen import uses_by_hash
from nonet.cli.train import detector as train_command
from nonet.datasets import load
from nonet.evaluate import Use, run_detector

ROOT = Path(__file__).parents[3]
FRAMES = 24


def data_set(folder: Path) -> Path:
    """Bright patches with nine boxes each, as a COCO data set."""
    rng = np.random.default_rng(5)
    folder.mkdir()
    images, annotations = [], []
    for index in range(FRAMES):
        pixels = rng.integers(0, 40, (80, 120), np.uint8)
        x, y = (int(v) for v in rng.integers(10, 50, 2))
        pixels[y : y + 20, x : x + 30] = 220
        Image.fromarray(pixels).save(folder / f"{index}.png")
        images.append({"id": index, "file_name": f"{index}.png", "width": 120, "height": 80})
        for category in range(9):
            box = {"id": len(annotations), "image_id": index, "category_id": category, "bbox": [x, y, 30, 20]}
            annotations.append(box)
    categories = [{"id": i, "name": structure.value} for i, structure in enumerate(STRUCTURES)]
    (folder / "boxes.json").write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return folder


def learnt_from(bundle: Bundle) -> set[str]:
    """The hashes of the frames that a bundle's detector, or one that it began with, was trained on."""
    return {sha for sha, use in (uses_by_hash(bundle) or {}).items() if use is Use.TRAINED}


def small_recipe(path: Path, split: str) -> Path:
    head = (ROOT / "recipes/detector-1.1.toml").read_text().split("[[stages]]")[0]
    head = head.replace('split = "set1"', f'split = "{split}"').replace("held_out = 0.1", "held_out = 0.3")
    stage = "epochs = 2\nwidth = 96\nheight = 64\nbatch = 2\npeak_rate = 1e-3\nfinal_rate = 1e-4\n"
    sizes = "input = [128, 96]\nfirst_pass = [64, 64]\nsecond_pass = [96, 32]\naverage_passes = true\n"
    path.write_text(f"{sizes}{head}[[stages]]\n{stage}")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("training")
    data = data_set(folder / "data")
    recipe = small_recipe(folder / "recipe.toml", load(data).splits[0])
    train_command(recipe, folder / "run", data, folder / "bundle")
    return data, folder


@pytest.mark.slow
def test_the_bundle_opens_and_runs(made: tuple[Path, Path]) -> None:
    data, folder = made
    bundle = Bundle(folder / "bundle")
    assert (bundle.manifest.detector.input_width, bundle.manifest.detector.input_height) == (128, 96)
    assert bundle.manifest.detector.first_pass == (64, 64)
    assert bundle.manifest.detector.second_pass == (96, 32)
    assert bundle.manifest.detector.average_passes
    card = (folder / "bundle/MODEL_CARD.md").read_text()
    assert "input 128 x 96 grey, 64 x 64 where it looks for the head first, 96 x 32 for the head frame" in card
    predictions = run_detector(load(data), bundle)
    assert predictions.boxes.shape == (FRAMES, 9, 4)
    assert all(0 < point <= 1 for point in bundle.manifest.detector.operating_points.values())


def test_every_frame_is_listed_with_its_use(made: tuple[Path, Path]) -> None:
    data, folder = made
    rows = list(csv.DictReader((folder / "bundle/frames_seen.csv").read_text().splitlines()))
    begun_with = uses_by_hash(Bundle()) or {}
    own = [row["use"] for row in rows if row["pixels_sha256"] not in begun_with]
    assert len(own) == FRAMES
    assert set(own) == {"trained", "chosen_by"}
    assert {row["pixels_sha256"]: row["use"] for row in rows}.items() >= begun_with.items()
    assert Use.UNSEEN not in run_detector(load(data), Bundle(folder / "bundle")).uses


def test_manifest_and_card_tell_the_same_counts(made: tuple[Path, Path]) -> None:
    _, folder = made
    (source,) = Bundle(folder / "bundle").manifest.trained_on
    assert int(source["frames"]) + int(source["frames_held_out"]) == FRAMES
    card = (folder / "bundle/MODEL_CARD.md").read_text()
    assert f"frames: {source['frames']}" in card
    assert f"frames: {source['frames_held_out']}" in card
    assert "flattering" in card


@pytest.mark.slow
def test_a_bundle_that_shares_its_start_says_so_and_lists_what_that_has_seen(
    made: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    """The start has learnt from frames that are held out now: they are warned of, and are listed as learnt from."""
    data, folder = made
    start = Bundle(folder / "bundle")
    recipe = (folder / "recipe.toml").read_text().replace("held_out = 0.3", "held_out = 0.5")
    recipe = recipe.replace('start = "src/nonet/bundles/default"', f'start = "{folder / "bundle"}"\nstart_share = 0.5')
    (folder / "sharing.toml").write_text(recipe)
    train_command(folder / "sharing.toml", folder / "sharing-run", data, folder / "sharing")
    bundle = Bundle(folder / "sharing")
    *_, begun = bundle.manifest.warm_start
    assert begun["sha256"] == start.manifest.files["detector.onnx"]
    assert begun["share_of_weights"] == 0.5
    shipped, before, now = (learnt_from(one) for one in (Bundle(), start, bundle))
    assert before <= now
    (source,) = bundle.manifest.trained_on
    again = len(now - shipped) - int(source["frames"])
    assert again > 0
    assert f"{again} of {source['frames_held_out']} held-out frames were learnt from" in caplog.text


@pytest.mark.slow
def test_a_finished_run_is_bundled_again_to_the_same_bytes(made: tuple[Path, Path]) -> None:
    data, folder = made
    train_command(folder / "recipe.toml", folder / "run", data, folder / "again")
    assert Bundle(folder / "again").sha256 == Bundle(folder / "bundle").sha256
