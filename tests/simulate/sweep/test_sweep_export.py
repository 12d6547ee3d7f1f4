"""Sweeps on disk: what the DICOM holds is what was drawn, and the table says where each frame lies."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nonet.anatomy import STRUCTURES
from nonet.cli.main import app
from nonet.errors import SettingsError
from nonet.frames import open_frames
from nonet.simulate import SWEEP_SEEDS, TRAINING_DEVICES, simulate_sweep
from nonet.simulate.sweep.sweep_export import SWEEP_COLUMNS, write_sweeps

SMALL = replace(TRAINING_DEVICES[1], width=300, height=220)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sweeps") / "new"
    assert write_sweeps(out, 1, seed=5, frames=4, device=SMALL) == (f"sweep-{SWEEP_SEEDS[5]}.dcm",)
    return out


def test_a_sweep_is_one_file_of_all_its_frames(folder: Path) -> None:
    frames = list(open_frames(folder / f"sweep-{SWEEP_SEEDS[5]}.dcm"))
    drawn = simulate_sweep(SWEEP_SEEDS[5], frames=4, device=SMALL)
    assert len(frames) == 4
    for frame, one in zip(frames, drawn, strict=True):
        assert np.array_equal(frame.pixels, one.made.pixels)


def test_the_table_says_where_each_frame_lies_and_what_it_still_shows(folder: Path) -> None:
    with (folder / "truth.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    drawn = simulate_sweep(SWEEP_SEEDS[5], frames=4, device=SMALL)
    assert tuple(rows[0]) == SWEEP_COLUMNS
    assert [row["frame"] for row in rows] == ["0", "1", "2", "3"]
    for row, plane, distance in zip(rows, drawn.planes, drawn.distance_mm, strict=True):
        assert float(row["angle_deg"]) == pytest.approx(plane.angle_deg, abs=1e-4)
        assert float(row["distance_mm"]) == pytest.approx(distance, abs=1e-4)
    frame = drawn.frame(drawn.nearest()[0])
    own = rows[frame.number]
    for structure in STRUCTURES:
        assert float(own[f"{structure.value}_visibility"]) == pytest.approx(frame.visibility[structure], abs=1e-4)
        box = frame.made.boxes.get(structure)
        edges = [own[f"{structure.value}_{edge}"] for edge in ("x1", "y1", "x2", "y2")]
        assert edges == ["", "", "", ""] if box is None else np.allclose([float(e) for e in edges], box.xyxy, atol=1e-3)


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (1, -1), (2, len(SWEEP_SEEDS) - 1)])
def test_seeds_that_are_not_there_are_refused(tmp_path: Path, count: int, seed: int) -> None:
    with pytest.raises(SettingsError):
        write_sweeps(tmp_path, count, seed=seed)


@pytest.mark.slow
def test_the_command_writes_sweeps_and_says_so_as_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["simulate", "--sweep", "--frames", "2", "--seed", "3", "-o", str(tmp_path), "--json"]
    )
    assert done.exit_code == 0, done.output
    name = f"sweep-{SWEEP_SEEDS[3]}.dcm"
    assert json.loads(done.stdout) == {"sweeps": [name], "frames": 2, "truth": "truth.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {name, "truth.csv"}


@pytest.mark.parametrize(
    "wrong", [["--frames", "1"], ["--graded"], ["--seed", str(len(SWEEP_SEEDS))], ["--n", "0"]], ids=str
)
def test_wrong_usage_writes_nothing(tmp_path: Path, wrong: list[str]) -> None:
    done = CliRunner().invoke(app, ["simulate", "--sweep", "-o", str(tmp_path / "out"), *wrong])
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "out").exists()
