"""``nonet evaluate detection`` runs a bundle over the whole published folder, from its files to its figures."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from typer.testing import CliRunner, Result

from nonet.anatomy import STRUCTURES
from nonet.bundle import DetectorManifest, Manifest
from nonet.cli.evaluate import app
from nonet.errors import DatasetError, FrameError
from nonet.frame import luma, pixels_sha256

WIDTH, HEIGHT = 320, 240
PLACES = np.array([(30 * i + 4, 20 * i + 5, 30 * i + 28, 20 * i + 17) for i in range(9)], np.float32)
"""Where the published folder of these tests has its nine boxes, in every boxed image."""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle whose network answers every frame with the places of the boxes, scored 0.9."""
    return write_bundle(tmp_path / "bundle")


@pytest.mark.parametrize(("split", "frames"), [("set1", 2), ("set2", 2), ("internal-test", 2)])
def test_each_boxed_split_of_the_published_folder_is_evaluated(
    published_folder: Path, bundle: Path, split: str, frames: int
) -> None:
    document = json.loads(run(published_folder, "--split", split, "--bundle", bundle, "--json").stdout)
    assert document["frames"] == frames
    assert document["mean"]["ap50"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert document["data"] == {"form": "Fetus Framework", "split": split}


def test_the_document_has_the_promised_form(published_folder: Path, bundle: Path) -> None:
    document = json.loads(run(published_folder, "--split", "set2", "--bundle", bundle, "--json").stdout)
    assert list(document["structures"]) == [structure.value for structure in STRUCTURES]
    assert {"ap50", "ap50_95", "iou", "f1"} <= document["mean"].keys()
    for figures in (document["mean"], *document["structures"].values()):
        for name in ("ap50", "ap50_95", "iou", "f1", "precision", "recall"):
            assert figures[name].keys() == {"value", "low", "high"}
    assert all(figures["n"] == 2 for figures in document["structures"].values())
    assert document["structures"]["thalami"]["centre_error_mm"]["value"] is None
    assert document["unboxed_ignored"]["mean"]["ap50"]["value"] == 1.0
    assert document["bundle"]["sha256"] == hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()


def test_without_a_split_every_boxed_frame_is_evaluated_and_a_table_is_printed(
    published_folder: Path, bundle: Path
) -> None:
    result = run(published_folder, "--bundle", bundle)
    assert "constant 1.0 on all: 6 frames with boxes" in result.stdout
    assert "nuchal translucency" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_figures_come_again_from_the_predictions_file(published_folder: Path, bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "set2.csv"
    first = run(published_folder, "--split", "set2", "--bundle", bundle, "--predictions", file, "--json").stdout
    (bundle / "detector.onnx").unlink()
    assert run(published_folder, "--split", "set2", "--from-predictions", file, "--json").stdout == first


def test_a_folder_that_is_not_there_is_reported_before_the_detector_runs(
    published_folder: Path, tmp_path: Path
) -> None:
    assert run(published_folder, "--predictions", tmp_path / "nowhere/p.csv").exit_code == 2


def test_frames_that_training_saw_are_named_in_the_figures(published_folder: Path, tmp_path: Path) -> None:
    [image] = published_folder.glob("Set2*/Standard/812.png")
    sha = pixels_sha256(luma(np.asarray(Image.open(image))))
    bundle = write_bundle(tmp_path / "other", frames_seen=f"pixels_sha256,use\n{sha},trained\n")
    result = run(published_folder, "--split", "set2", "--bundle", bundle)
    assert "1 of these frames were seen in training" in result.stdout


def test_a_split_without_boxes_is_refused(published_folder: Path, bundle: Path) -> None:
    result = run(published_folder, "--split", "external-test", "--bundle", bundle)
    assert isinstance(result.exception, DatasetError)
    assert "no box on any of 2 images" in str(result.exception)


def test_an_unknown_split_is_refused_with_those_there_are(published_folder: Path, bundle: Path) -> None:
    result = run(published_folder, "--split", "test", "--bundle", bundle)
    assert isinstance(result.exception, DatasetError)
    assert "set1, set2, internal-test, external-test" in str(result.exception)


def test_a_frame_that_cannot_be_read_is_named(published_folder: Path, bundle: Path) -> None:
    [image] = published_folder.glob("Set2*/Standard/812.png")
    image.write_bytes(image.read_bytes()[:2000])
    result = run(published_folder, "--split", "set2", "--bundle", bundle)
    assert isinstance(result.exception, FrameError)
    assert "812.png" in str(result.exception)


def test_of_several_bundles_each_evaluates_what_it_has_not_seen(published_folder: Path, tmp_path: Path) -> None:
    images = sorted(published_folder.glob("Set2*/Standard/*.png"))
    lists = [pixels_sha256(luma(np.asarray(Image.open(image)))) for image in images]
    assert len(lists) == 2
    folds = [write_bundle(tmp_path / sha[:8], frames_seen=f"pixels_sha256,use\n{sha},trained\n") for sha in lists]
    chosen = ["--bundle", folds[0], "--bundle", folds[1]]
    document = json.loads(run(published_folder, "--split", "set2", *chosen, "--json").stdout)
    assert document["frames"] == 2
    assert document["frames_seen_in_training"] == 0
    assert document["mean"]["ap50"]["value"] == 1.0


def test_a_frame_that_every_bundle_has_seen_is_refused(published_folder: Path, tmp_path: Path) -> None:
    [image] = published_folder.glob("Set2*/Standard/812.png")
    seen = f"pixels_sha256,use\n{pixels_sha256(luma(np.asarray(Image.open(image))))},trained\n"
    folds = [write_bundle(tmp_path / name, frames_seen=seen) for name in ("one", "two")]
    result = run(published_folder, "--split", "set2", "--bundle", folds[0], "--bundle", folds[1])
    assert isinstance(result.exception, DatasetError)
    assert "812.png" in str(result.exception)


def test_overlays_can_be_masked_and_the_document_says_so(published_folder: Path, bundle: Path) -> None:
    document = json.loads(
        run(published_folder, "--split", "set2", "--bundle", bundle, "--overlays", "mask", "--json").stdout
    )
    assert document["overlays"] == "mask"


def test_splits_can_be_joined(published_folder: Path, bundle: Path) -> None:
    document = json.loads(run(published_folder, "--split", "set1+set2", "--bundle", bundle, "--json").stdout)
    assert document["frames"] == 4


def run(data: Path, *options: object) -> Result:
    arguments = ["detection", str(data), *map(str, options)]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})


def write_bundle(folder: Path, frames_seen: str = "pixels_sha256,use\n", places: np.ndarray = PLACES) -> Path:
    folder.mkdir()
    files = {"detector.onnx": constant_network(places), "frames_seen.csv": frames_seen.encode()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = Manifest(
        format=1,
        name="constant",
        version="1.0",
        licence="Apache-2.0",
        structures=STRUCTURES,
        detector=DetectorManifest("constant", "detector.onnx", WIDTH, HEIGHT, dict.fromkeys(STRUCTURES, 0.5)),
        trained_on=(),
        warm_start=(),
        metrics={},
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)))
    return folder


def constant_network(places: np.ndarray) -> bytes:
    """Scores ``[1, 9, 1, 1]`` of 0.9 and edges ``[1, 9, 4, 1, 1]`` of the places, whatever the frame."""
    answers = {"scores": np.full((1, 9, 1, 1), 0.9, np.float32), "edges": places.reshape(1, 9, 4, 1, 1)}
    graph = helper.make_graph(
        list(constants(answers)),
        "constant",
        [helper.make_tensor_value_info("grey", TensorProto.FLOAT, [1, 1, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in answers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def constants(values: dict[str, np.ndarray]) -> Iterator[onnx.NodeProto]:
    for name, value in values.items():
        yield helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))
