"""Frames that show none of the nine: what is seen in them is false, and half of them is never developed on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from nonet.bundle import Bundle
from nonet.cli.evaluate import app
from nonet.datasets.halves import exam_of, is_development
from nonet.evaluate import evaluate_scope
from nonet.frame import Frame, Source
from nonet.simulate import simulate

HC18 = Path(__file__).parents[3].parent / "shared/data/hc18-early"
DATA = pytest.mark.skipif(not HC18.is_dir(), reason="needs ../shared/data/hc18-early")


def frame(pixels: np.ndarray) -> Frame:
    return Frame(pixels, Source("PNG", "0"))


def test_nothing_is_seen_in_noise_or_in_the_dark() -> None:
    rng = np.random.default_rng(0)
    frames = [("dark", frame(np.zeros((480, 640), np.uint8)))]
    frames += [(f"noise {n}", frame(rng.integers(0, 256, (480, 640), np.uint8))) for n in range(4)]
    evaluation = evaluate_scope(frames, Bundle())
    assert evaluation.frames == 5
    assert evaluation.per_frame.value == 0
    assert set(evaluation.structures.values()) == {0}
    assert evaluation.called_standard is not None
    assert evaluation.called_standard.value == 0


def test_structures_that_are_there_are_counted() -> None:
    evaluation = evaluate_scope([("a head", frame(simulate(9_000_001).pixels))], Bundle())
    assert evaluation.any_seen.value == 1
    assert evaluation.called_standard is not None
    assert evaluation.called_standard.value == 1
    assert evaluation.per_frame.value == sum(evaluation.structures.values())


def test_without_frames_there_are_no_figures() -> None:
    assert evaluate_scope([], Bundle()).per_frame.value is None


def test_images_of_one_exam_are_in_the_same_half() -> None:
    assert exam_of("010_HC.png") == exam_of("010_2HC.png") == "010"
    assert is_development("010_HC.png") == is_development("010_2HC.png")
    assert exam_of("scan.png") == "scan.png"


def test_the_halves_are_halves() -> None:
    development = sum(is_development(f"{number:03}_HC.png") for number in range(1000))
    assert 430 < development < 570


@DATA
def test_the_command_evaluates_the_half_that_is_asked_for() -> None:
    sizes = {
        half: len([p for p in HC18.glob("*.png") if is_development(p.name) is (half == "development")])
        for half in ("development", "reported")
    }
    assert sum(sizes.values()) == 205
    assert min(sizes.values()) > 80


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_evaluated(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((300, 400), np.uint8)).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    run = CliRunner().invoke(app, ["scope", str(tmp_path), "--json"])
    assert run.exit_code == 1, run.output
    assert json.loads(run.stdout)["frames"] == 1
    assert "2.png" in run.stderr
