"""``nonet features radiomics`` turns the boxes of a data set into a Parquet file, and says what went wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from typer.testing import CliRunner

from nonet.bundle import Bundle
from nonet.cli.features import app
from nonet.features.frame_features import FrameFeatureExtractor
from nonet.features.parts import FeaturePart
from nonet.features.radiomic_features import RadiomicFeatures
from nonet.frames import open_frames
from nonet.simulate import EXAMPLE_SEEDS, simulate

runner = CliRunner()


@pytest.fixture
def published(published_folder: Path) -> Path:
    return published_folder


def test_every_box_of_a_split_is_a_row(published: Path, tmp_path: Path) -> None:
    output = tmp_path / "f.parquet"
    run = runner.invoke(
        app, ["radiomics", str(published), "-o", str(output), "--split", "set1", "--workers", "1", "--json"]
    )
    assert run.exit_code == 0, run.output
    report = json.loads(run.stdout)
    table = pq.read_table(output)
    assert report["rows"] == table.num_rows > 0
    assert report["defective"] == 0
    assert set(table["structure"].to_pylist()) >= {"thalami", "nasal_bone"}


def test_a_finished_file_is_not_overwritten_unless_asked(published: Path, tmp_path: Path) -> None:
    output = tmp_path / "f.parquet"
    output.write_text("mine")
    command = ["radiomics", str(published), "-o", str(output), "--split", "set2", "--workers", "1"]
    assert runner.invoke(app, command).exit_code == 2
    assert output.read_text() == "mine"
    assert runner.invoke(app, [*command, "--again"]).exit_code == 0
    assert pq.read_table(output).num_rows > 0


def test_an_image_that_cannot_be_read_is_named_and_the_rest_measured(published: Path, tmp_path: Path) -> None:
    damaged = next(published.glob("Set1*/Standard/0.png"))
    damaged.write_bytes(damaged.read_bytes()[:2000])
    output = tmp_path / "f.parquet"
    run = runner.invoke(app, ["radiomics", str(published), "-o", str(output), "--split", "set1", "--workers", "1"])
    assert run.exit_code == 1
    assert "0.png could not be read" in run.stderr
    defects = set(pq.read_table(output)["defect"].to_pylist())
    assert defects == {None, "unreadable"}


def test_detected_boxes_are_those_of_a_reading_and_their_features_of_its_frame(tmp_path: Path) -> None:
    """The boxes and names of `FrameFeatureExtractor`, which studies and readings use; values are in frame pixels."""
    images = tmp_path / "images"
    images.mkdir()
    Image.fromarray(simulate(EXAMPLE_SEEDS[50]).pixels).save(images / "a.png")
    Image.fromarray(simulate(EXAMPLE_SEEDS[51]).pixels).save(images / "b.png")
    arguments = ["features", "radiomics", images, "--boxes", "detected", "-o", tmp_path / "f.parquet"]
    run = subprocess.run(
        [sys.executable, "-m", "nonet", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    table = pq.read_table(tmp_path / "f.parquet")
    extractor = FrameFeatureExtractor(Bundle(), {FeaturePart.RADIOMICS})
    for place, name in enumerate(("a.png", "b.png")):
        features = extractor.of_frame(next(open_frames(images / name)))
        rows = table.slice(9 * place, 9)
        assert rows["image"].to_pylist() == [name] * 9
        written = np.column_stack([rows[column].to_numpy() for column in features.names])
        found = [detection.box for detection in features.located.detections]
        assert rows["box"].to_pylist() == [pytest.approx(box.xyxy, abs=1e-3) for box in found]
        measured = [row.values for row in RadiomicFeatures().rows(features.located.frame.pixels, found)]
        np.testing.assert_array_equal(written, np.array(measured))


def test_reference_boxes_that_are_not_there_name_the_other_option(tmp_path: Path) -> None:
    Image.fromarray(simulate(EXAMPLE_SEEDS[50]).pixels).save(tmp_path / "a.png")
    arguments = ["features", "radiomics", str(tmp_path), "-o", str(tmp_path / "f.parquet")]
    run = subprocess.run([sys.executable, "-m", "nonet", *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "--boxes detected" in run.stderr
    assert len(run.stderr.splitlines()) == 1
