"""``nonet train``: a pack of frames goes where the data are not, and what is trained there goes on at home."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from command_here import nonet
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.bundle.frames_seen import Use, uses_by_hash
from nonet.bundle.write import write_files
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


@pytest.fixture(scope="module")
def with_points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped detector with points of six simulated heads and of noise in which nothing is."""
    folder = tmp_path_factory.mktemp("points")
    data = data_set(folder / "heads", 6)
    (folder / "empty").mkdir()
    for number in range(8):
        noise = np.random.default_rng(number).integers(0, 255, (300, 400), np.uint8)
        Image.fromarray(noise).save(folder / "empty" / f"{number}.png")
    arguments = ("--data", data, "--empty", folder / "empty", "--version", "9", "--out", folder / "bundle")
    done = nonet("train", "points", DEFAULT_BUNDLE, *arguments)
    assert done.returncode == 0, done.stderr
    assert "6 frames are few" in done.stderr
    assert done.stdout.startswith("6 boxed frames, ")
    return folder / "bundle"


def test_points_are_set_again_on_frames_that_the_detector_has_not_learnt_from(with_points: Path) -> None:
    made, shipped = Bundle(with_points), Bundle()
    assert made.manifest.version == "9"
    assert made.manifest.detector.operating_points != shipped.manifest.detector.operating_points
    assert made.manifest.files["detector.onnx"] == shipped.manifest.files["detector.onnx"], "the network stays"
    assert made.manifest.embedder == shipped.manifest.embedder
    assert made.manifest.graders == {}, "graders learnt what other points called"
    assert made.manifest.metrics["held_out_slice"]["frames"] == 6
    chosen_by = {sha for sha, use in (uses_by_hash(made) or {}).items() if use is Use.CHOSEN_BY}
    assert len(chosen_by - set(uses_by_hash(shipped) or {})) == 6


def test_the_card_says_the_new_points_and_no_grader(with_points: Path) -> None:
    made = Bundle(with_points)
    card = (with_points / "MODEL_CARD.md").read_text()
    assert card.startswith("# nonet-default 9\n")
    for structure, point in made.manifest.detector.operating_points.items():
        assert card.count(f"- {structure.label}: {point}\n") == 1
    assert "Grader of" not in card
    assert "## Limits" in card
    assert "- frames: 6\n" in card


def test_a_bundle_with_new_points_reads(with_points: Path, tmp_path: Path) -> None:
    Image.fromarray(simulate(EXAMPLE_SEEDS[8]).pixels).save(tmp_path / "head.png")
    done = nonet("read", tmp_path / "head.png", "--bundle", with_points, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (reading,) = (tmp_path / "out").rglob("head*.json")
    assert json.loads(reading.read_text())["bundle"]["version"] == "9"


def test_points_rest_on_boxes_that_are_new_to_the_detector(with_points: Path, tmp_path: Path) -> None:
    """A data set without boxes, one that the detector has learnt from, and a folder that is not empty."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.fromarray(simulate(EXAMPLE_SEEDS[0]).pixels).save(pictures / "0.png")
    arguments = ("--version", "9", "--out", tmp_path / "bundle")
    done = nonet("train", "points", DEFAULT_BUNDLE, "--data", pictures, *arguments)
    assert done.returncode == 1
    assert "no box" in done.stderr
    learnt = tmp_path / "learnt"
    shutil.copytree(with_points, learnt)
    listed = (learnt / "frames_seen.csv").read_text().replace("chosen_by", "trained").encode()
    bundle = Bundle(with_points)
    files = {name: bundle.file(name) for name in bundle.manifest.files} | {"frames_seen.csv": listed}
    write_files(learnt, files, bundle.manifest)
    done = nonet("train", "points", learnt, "--data", with_points.parent / "heads", *arguments)
    assert done.returncode == 1
    assert "6 boxed frames, all of which it has learnt from" in done.stderr
    again = ("--data", with_points.parent / "heads", "--version", "9", "--out", with_points)
    done = nonet("train", "points", DEFAULT_BUNDLE, *again)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
