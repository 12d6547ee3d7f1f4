"""``nonet read`` as its user runs it: a command, its exit code, and what it leaves behind."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from nonet.reading import Reading
from nonet.simulate import EXAMPLE_SEEDS, simulate

PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels


def nonet(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from nonet.cli import main; main()", *map(str, arguments)]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=wide)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "deeper").mkdir(parents=True)
    Image.fromarray(PIXELS).save(folder / "a.png")
    Image.fromarray(PIXELS[:, ::-1]).save(folder / "deeper" / "a.png")
    (folder / "notes.txt").write_text("not an image")
    return folder


def stamps(out: Path) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("*.json")}


def test_a_folder_becomes_readings_pictures_a_csv_and_a_page(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = nonet("read", images, "-o", out)
    assert run.returncode == 0, run.stderr
    documents = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.json"))
    assert documents == ["a.png.json", "deeper/a.png.json"]
    for document in documents:
        Reading.from_json((out / document).read_bytes())
        Image.open((out / document).with_suffix(".png")).verify()
    with (out / "findings.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 18
    assert "2 of 2 files read" in run.stderr
    assert (out / "index.html").stat().st_size > 10_000


def test_one_file_gets_the_full_table(images: Path, tmp_path: Path) -> None:
    run = nonet("read", images / "a.png", "-o", tmp_path / "out")
    assert "nasal bone" in run.stdout
    assert "nuchal translucency" in run.stdout


def test_json_on_stdout_is_the_files_content(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = nonet("read", images, "-o", out, "--json")
    written = [json.loads((out / name).read_text()) for name in ("a.png.json", "deeper/a.png.json")]
    assert json.loads(run.stdout) == written


def test_bad_files_get_a_line_each_and_the_others_are_read(images: Path, tmp_path: Path) -> None:
    (images / "truncated.png").write_bytes((images / "a.png").read_bytes()[:5000])
    (images / "empty.dcm").write_bytes(b"")
    (images / "text.png").write_text("not an image at all")
    run = nonet("read", images, "-o", tmp_path / "out")
    assert run.returncode == 1
    lines = run.stderr.splitlines()
    for name in ("truncated.png", "empty.dcm", "text.png"):
        (line,) = [line for line in lines if name in line]
        assert "Found:" in line
    assert "2 of 5 files read" in run.stderr
    assert "Traceback" not in run.stderr
    assert len(stamps(tmp_path / "out")) == 2
    assert "truncated.png" in (tmp_path / "out" / "index.html").read_text()


def test_a_finished_file_is_not_read_again_unless_asked(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = nonet("read", images, "-o", out, "--json")
    before = stamps(out)
    second = nonet("read", images, "-o", out, "--json")
    assert stamps(out) == before
    assert second.stdout == first.stdout
    nonet("read", images, "-o", out, "--again")
    after = stamps(out)
    assert all(after[name] > before[name] for name in before)


def test_a_changed_file_or_setting_is_read_again(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nonet("read", images, "-o", out)
    Image.fromarray(PIXELS[::2, ::2]).save(images / "a.png")
    nonet("read", images, "-o", out)
    assert Reading.from_json((out / "a.png.json").read_text()).image.width == (PIXELS.shape[1] + 1) // 2
    nonet("read", images, "-o", out, "--spacing", "0.1")
    assert Reading.from_json((out / "deeper/a.png.json").read_text()).settings.spacing_mm == (0.1, 0.1)


def test_a_missing_picture_is_drawn_again(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nonet("read", images, "-o", out)
    (out / "a.png.png").unlink()
    nonet("read", images, "-o", out)
    assert (out / "a.png.png").is_file()


def test_an_interrupt_leaves_a_consistent_folder(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for index in range(60):
        Image.fromarray(PIXELS).save(images / f"many-{index}.png", compress_level=1)
    command = [sys.executable, "-c", "from nonet.cli import main; main()", "read", str(images), "-o", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(list(out.glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "goes on from there" in stderr
    documents = list(out.rglob("*.json"))
    assert 3 <= len(documents) < 62
    for document in documents:
        Reading.from_json(document.read_bytes())
        assert document.with_suffix(".png").is_file()
    assert not list(out.rglob("*.part"))
    with (out / "findings.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 9 * len(documents)


@pytest.mark.parametrize("spacing", ["abc", "0", "-1", "0.1,0.2,0.3", "nan", "1e9", ""])
def test_a_senseless_spacing_is_wrong_usage(images: Path, tmp_path: Path, spacing: str) -> None:
    run = nonet("read", images, "-o", tmp_path / "out", f"--spacing={spacing}")
    assert run.returncode == 2
    assert "mm per pixel" in run.stderr


def test_reading_into_the_folder_that_is_read_is_wrong_usage(images: Path) -> None:
    assert nonet("read", images, "-o", images).returncode == 2


def test_a_folder_that_is_no_bundle_is_one_clear_line(images: Path, tmp_path: Path) -> None:
    run = nonet("read", images, "-o", tmp_path / "out", "--bundle", images)
    assert run.returncode == 1
    assert run.stderr.startswith("nonet: A bundle is a folder with manifest.json")
    assert len(run.stderr.splitlines()) == 1


def test_a_missing_path_is_told_and_the_others_are_read(images: Path, tmp_path: Path) -> None:
    run = nonet("read", images / "a.png", tmp_path / "nowhere.png", "-o", tmp_path / "out")
    assert run.returncode == 1
    assert "nowhere.png" in run.stderr
    assert len(stamps(tmp_path / "out")) == 1


def test_a_folder_without_images_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = nonet("read", tmp_path / "empty", "-o", tmp_path / "out", "--json")
    assert run.returncode == 1
    assert "0 of 0" in run.stderr
    assert json.loads(run.stdout) == []


def test_a_foreign_json_in_the_results_is_left_alone_and_told(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "boxes.json").write_text("{}")
    run = nonet("read", images, "-o", out)
    assert run.returncode == 1
    assert "boxes.json" in run.stderr
    assert "2 of 2 files read" in run.stderr
    assert (out / "boxes.json").read_text() == "{}"
    assert (out / "index.html").is_file()


def test_no_arguments_is_wrong_usage() -> None:
    assert nonet("read").returncode == 2


def test_version() -> None:
    run = nonet("--version")
    assert (run.returncode, run.stdout.split()[0]) == (0, "nonet")
