"""``nonet evaluate detectors`` holds several detectors to the same frames."""

import json
from pathlib import Path

import numpy as np
import pytest
from test_detection_command import PLACES, write_bundle
from typer.testing import CliRunner, Result

from nonet.anatomy import STRUCTURES
from nonet.cli.evaluate import app
from nonet.errors import DatasetError, FrameError

AHEAD = np.array([6, 0, 6, 0], np.float32)
"""Boxes of 24 pixels' width that are moved by six overlap by 18 of 30 pixels: .6."""


@pytest.fixture
def bundles(tmp_path: Path) -> list[str | Path]:
    """One that answers with the boxes' places, and one whose boxes lie six pixels to the right."""
    made = [write_bundle(tmp_path / "right"), write_bundle(tmp_path / "aside", places=PLACES + AHEAD)]
    return [word for folder in made for word in ("--bundle", folder)]


def test_each_has_its_figures_and_the_second_what_it_differs_by(
    published_folder: Path, bundles: list[str | Path]
) -> None:
    document = json.loads(run(published_folder, "--split", "set2", *bundles, "--json").stdout)
    first, second = document["detectors"]
    assert "less_the_first" not in first
    assert first["mean"]["ap50_95"]["value"] == 1
    assert second["mean"]["ap50_95"]["value"] == pytest.approx(0.3), "overlaps of .6 count at .50, .55 and .60"
    assert second["less_the_first"]["mean"]["ap50_95"]["value"] == pytest.approx(-0.7)
    assert second["less_the_first"]["mean"]["ap50"] == {"value": 0, "low": 0, "high": 0}
    assert second["less_the_first"]["structures"].keys() == set(STRUCTURES)
    assert min(first["milliseconds"], second["milliseconds"]) > 0
    assert document["frames"] == 2


def test_figures_are_those_of_each_alone(published_folder: Path, bundles: list[str | Path]) -> None:
    document = json.loads(run(published_folder, "--split", "set2", *bundles, "--json").stdout)
    for place, compared in enumerate(document["detectors"]):
        alone = ["detection", published_folder, "--split", "set2", *bundles[2 * place : 2 * place + 2], "--json"]
        own = json.loads(CliRunner().invoke(app, list(map(str, alone))).stdout)
        shared = ("mean", "structures", "unboxed_ignored", "by_device", "bundle", "frames_seen_in_training")
        assert {key: compared[key] for key in shared} == {key: own[key] for key in shared}


def test_a_table_is_printed(published_folder: Path, bundles: list[str | Path]) -> None:
    result = run(published_folder, *bundles)
    assert "6 frames with boxes" in result.stdout
    assert "less the first" in result.stdout
    assert "-0.700" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_one_detector_is_no_comparison(published_folder: Path, bundles: list[str | Path]) -> None:
    assert run(published_folder, *bundles[:2]).exit_code == 2


def test_a_split_without_boxes_is_refused(published_folder: Path, bundles: list[str | Path]) -> None:
    assert isinstance(run(published_folder, "--split", "external-test", *bundles).exception, DatasetError)


def test_a_frame_that_cannot_be_read_is_named(published_folder: Path, bundles: list[str | Path]) -> None:
    [image] = published_folder.glob("Set2*/Standard/812.png")
    image.write_bytes(image.read_bytes()[:2000])
    result = run(published_folder, "--split", "set2", *bundles)
    assert isinstance(result.exception, FrameError)
    assert "812.png" in str(result.exception)


def run(data: Path, *options: object) -> Result:
    return CliRunner().invoke(app, ["detectors", str(data), *map(str, options)], env={"COLUMNS": "80"})
