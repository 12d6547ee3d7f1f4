"""``nonet simulate`` as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

NONET = [sys.executable, "-c", "from nonet.cli import main; main()"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*NONET, "simulate", *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated")
    done = run("--n", 2, "--seed", 7, "-o", out, "--dicom")
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_it_writes_frames_boxes_sizes_and_dicom(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    stems = ("simulated-0000007", "simulated-0000008")
    images = {f"{stem}{end}" for stem in stems for end in (".png", ".dcm", "-cine.dcm")}
    assert names == images | {"boxes.json", "truth.csv"}


@pytest.mark.slow
def test_running_it_again_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    run("--n", 1, "--seed", 7, "-o", tmp_path, "--dicom")
    for path in folder.glob("simulated-0000007*"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.slow
def test_json_prints_the_boxes(tmp_path: Path) -> None:
    done = run("--seed", 7, "-o", tmp_path, "--json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "boxes.json").read_text())


@pytest.mark.slow
def test_a_negative_seed_is_wrong_usage(tmp_path: Path) -> None:
    assert run("--seed", -1, "-o", tmp_path).returncode == 2
