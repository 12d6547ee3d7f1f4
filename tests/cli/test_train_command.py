"""``nonet train``: a pack of frames goes where the data are not, and what is trained there goes on at home."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from command_here import nonet
from nonet.bundle import Bundle
from nonet.simulate import EXAMPLE_SEEDS, simulate

SHIPPED = Path(__file__).parents[2] / "recipes"


def data_set(folder: Path, frames: int) -> Path:
    """Simulated heads as a COCO data set."""
    folder.mkdir()
    nine: dict[str, int] = {}
    images, boxes = [], []
    for number, seed in enumerate(EXAMPLE_SEEDS[:frames]):
        head = simulate(seed)
        Image.fromarray(head.pixels).save(folder / f"{number}.png")
        height, width = head.pixels.shape
        images.append({"id": number, "file_name": f"{number}.png", "width": width, "height": height})
        for structure, box in head.boxes.items():
            category = nine.setdefault(structure.value, len(nine) + 1)
            place = [box.x1, box.y1, box.width, box.height]
            boxes.append({"id": len(boxes), "image_id": number, "category_id": category, "bbox": place})
    categories = [{"id": category, "name": name} for name, category in nine.items()]
    document = {"images": images, "annotations": boxes, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(document))
    return folder


def recipe(folder: Path, split: str) -> Path:
    """Two steps of a small input."""
    for name in (
        "detector-1.0.toml",
        "detector-1.1.toml",
        "detector-1.8.toml",
        "detector-1.10.toml",
        "detector-default.toml",
    ):
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    path = folder / "tiny.toml"
    path.write_text(
        f"""base = "detector-default.toml"
split = "{split}"
held_out = 0.5
start = ""
start_share = 0.0
input = [128, 96]
first_pass = [96, 64]
second_pass = [96, 64]

[[stages]]
epochs = 1
width = 128
height = 96
batch = 2
peak_rate = 1e-4
final_rate = 1e-5
simulated = 0.1
"""
    )
    return path


@pytest.mark.slow
def test_a_run_on_a_pack_goes_on_at_home_and_becomes_a_bundle(tmp_path: Path) -> None:
    data = data_set(tmp_path / "data", 12)
    tiny = recipe(tmp_path, "all")
    pack, run = tmp_path / "frames.pack", tmp_path / "run"
    packed = nonet("train", "pack", tiny, "--data", data, "--out", pack)
    assert packed.returncode == 0, packed.stderr
    assert "12 frames with boxes" in packed.stdout
    away = nonet("train", "detector", tiny, "--pack", pack, "--run", run, "--device", "cpu")
    assert away.returncode == 0, away.stderr
    before = (run / "losses.jsonl").read_text()
    home = nonet("train", "detector", tiny, "--data", data, "--run", run, "--out", tmp_path / "bundle")
    assert home.returncode == 0, home.stderr
    assert (run / "losses.jsonl").read_text() == before
    assert Bundle(tmp_path / "bundle").manifest.detector.input_width == 128


@pytest.mark.parametrize(
    "options",
    [[], ["--data", "here"], ["--data", "here", "--out", "there", "--pack", "pyproject.toml"], ["--out", "there"]],
    ids=" ".join,
)
def test_training_takes_a_data_set_or_a_pack(tmp_path: Path, options: list[str]) -> None:
    run = nonet("train", "detector", SHIPPED / "detector-default.toml", "--run", tmp_path / "run", *options)
    assert run.returncode == 2
    assert "--pack alone" in run.stderr
    assert not (tmp_path / "run").exists()


def test_another_file_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "frames.pack").write_bytes(b"not a zip")
    options = ("--run", tmp_path / "run", "--pack", tmp_path / "frames.pack")
    run = nonet("train", "detector", SHIPPED / "detector-default.toml", *options)
    assert run.returncode == 1
    assert "frames.pack" in run.stderr and "Traceback" not in run.stderr


def test_an_empty_data_set_makes_no_pack(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    Image.fromarray(np.zeros((60, 80), np.uint8)).save(tmp_path / "data" / "0.png")
    run = nonet(
        "train", "pack", SHIPPED / "detector-default.toml", "--data", tmp_path / "data", "--out", tmp_path / "a.pack"
    )
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "a.pack").exists()


@pytest.mark.parametrize("network", ["detector", "embedder"])
def test_a_gpu_that_is_not_there_is_one_line(tmp_path: Path, network: str) -> None:
    """Before any data is opened: here the folder of the data is empty."""
    if torch.cuda.is_available():
        pytest.skip("PyTorch finds a GPU here")
    options = ("--data", tmp_path, "--run", tmp_path / "run", "--out", tmp_path / "out", "--device", "cuda")
    run = nonet("train", network, SHIPPED / f"{network}-default.toml", *options)
    assert run.returncode == 1
    assert "--device cuda needs a GPU" in run.stderr and "Traceback" not in run.stderr
    assert not (tmp_path / "run").exists()
