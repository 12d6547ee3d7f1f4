"""``nonet read`` where the machine refuses: one line, an exit code, and nothing lost of the rest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from nonet.outputs.folder_lock import FolderLock
from nonet.reading import Reading
from nonet.simulate import EXAMPLE_SEEDS, simulate

pytestmark = pytest.mark.slow

PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels
NONET = [sys.executable, "-m", "nonet"]
REFUSED = 3


def nonet(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [*NONET, *map(os.fsencode, map(str, arguments))]
    return subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=120, **options)  # type: ignore[call-overload]


def lines(run: subprocess.CompletedProcess[bytes]) -> list[str]:
    return run.stderr.decode(errors="backslashreplace").splitlines()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(PIXELS).save(folder / name, compress_level=1)
    return folder


def readings_in(out: Path) -> list[str]:
    found = [path for path in out.rglob("*.json") if path.is_file() and ".nonet" not in path.parts]
    for path in found:
        Reading.from_json(path.read_bytes())
    return sorted(path.relative_to(out).as_posix() for path in found)


def test_an_output_that_is_a_file_is_one_line(images: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    run = nonet("read", images, "-o", tmp_path / "out")
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1 and str(tmp_path / "out") in lines(run)[0]
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="needs /sys, where nobody may make a folder")
def test_a_folder_that_may_not_be_written_is_one_line(images: Path) -> None:
    run = nonet("read", images, "-o", "/sys/out")
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1 and "/sys/out" in lines(run)[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_one_line_and_keeps_what_was_finished(images: Path, small_disk: Path, workers: int) -> None:
    for number in range(4):
        Image.fromarray(PIXELS).save(images / f"c{number}.png", compress_level=1)
    run = nonet("read", images, "-o", small_disk / "out", "--workers", workers)
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1 and "no space" in lines(run)[0]
    assert 1 <= len(readings_in(small_disk / "out")) < 6
    assert not list(small_disk.rglob("*.part"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "JSON"])
def test_a_full_standard_output_is_one_line_and_all_files_are_read(
    images: Path, tmp_path: Path, options: list[str]
) -> None:
    with Path("/dev/full").open("wb") as full:
        run = nonet("read", images, "-o", tmp_path / "out", *options, stdout=full)
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1 and "standard output" in lines(run)[0]
    assert len(readings_in(tmp_path / "out")) == 2
    assert (tmp_path / "out/index.html").is_file()


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "JSON"])
def test_a_standard_output_that_nobody_reads_does_not_stop_the_batch(
    images: Path, tmp_path: Path, options: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = nonet("read", images, "-o", tmp_path / "out", *options, stdout=writing)
    os.close(writing)
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1
    assert len(readings_in(tmp_path / "out")) == 2
    assert (tmp_path / "out/findings.csv").is_file()


def test_closed_streams_do_not_stop_the_batch(images: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m nonet read {images} -o {tmp_path / 'out'} >&- 2>&-"
    run = subprocess.run(["sh", "-c", command], check=False, timeout=120)
    assert run.returncode == REFUSED
    assert len(readings_in(tmp_path / "out")) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_name_is_read_and_shown_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    names = [
        b"\xff\xfe.png",
        "ü — 頭.png".encode(),
        b"x" * 246 + b".png",
        b"two\nlines.png",
        "é".encode() * 120 + b".png",
    ]
    for name in names:
        with (folder / os.fsdecode(name)).open("wb") as file:
            Image.fromarray(PIXELS[::2, ::2]).save(file, "PNG", compress_level=1)
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    out = tmp_path / "out"
    run = nonet("read", tmp_path / "images", "-o", out, env=environment, stdout=subprocess.PIPE)
    assert run.returncode == 0, run.stderr
    assert len(readings_in(out)) == len(names)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    again = nonet("read", tmp_path / "images", "-o", out, "--json", env=environment, stdout=subprocess.PIPE)
    assert len(json.loads(again.stdout)) == len(names)
    assert {path: path.stat().st_mtime_ns for path in before if ".nonet" not in path.parts} == {
        path: time_ns for path, time_ns in before.items() if ".nonet" not in path.parts
    }


def test_a_folder_that_has_the_name_of_a_result_is_in_nobodys_way(tmp_path: Path) -> None:
    images = tmp_path / "images"
    (images / "x.json").mkdir(parents=True)
    Image.fromarray(PIXELS).save(images / "x.json/a.png")
    Image.fromarray(PIXELS).save(images / "x", "PNG")
    out = tmp_path / "out"
    run = nonet("read", images, "-o", out, stdout=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    assert len(readings_in(out)) == 2


def test_a_result_that_cannot_be_written_costs_no_other(images: Path, tmp_path: Path) -> None:
    (tmp_path / "out/images/a.png.json").mkdir(parents=True)
    run = nonet("read", images, "-o", tmp_path / "out", stdout=subprocess.DEVNULL)
    assert run.returncode == 1
    assert "a.png.json" in lines(run)[0]
    assert readings_in(tmp_path / "out") == ["images/b.png.json"]


def test_a_second_run_into_the_same_folder_says_so(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    lock = FolderLock(out)
    run = nonet("read", images, "-o", out)
    lock.release()
    assert run.returncode == REFUSED
    assert len(lines(run)) == 1 and str(out) in lines(run)[0]
    assert nonet("read", images, "-o", out, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_request_to_end_is_an_interrupt(images: Path, tmp_path: Path, workers: int) -> None:
    for number in range(40):
        shutil.copy(images / "a.png", images / f"c{number}.png")
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*NONET, "read", images, "-o", out, "--workers", str(workers)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None and len(list(out.glob("images/*.json"))) < 3:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "goes on from there" in stderr
    kept = readings_in(out)
    assert 3 <= len(kept) < 42
    assert (out / "index.html").is_file()


@pytest.mark.slow
def test_a_run_that_is_killed_anywhere_loses_nothing_that_was_finished(images: Path, tmp_path: Path) -> None:
    for number in range(12):
        shutil.copy(images / "a.png", images / f"c{number}.png")
    out = tmp_path / "out"
    for wait in (0.7, 1.3, 1.9):
        process = subprocess.Popen([*NONET, "read", images, "-o", out], stdout=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        process.wait()
        kept = {name: (out / name).stat().st_mtime_ns for name in readings_in(out)}
    run = nonet("read", images, "-o", out, stdout=subprocess.DEVNULL)
    assert "14 of 14 files read" in run.stderr.decode()
    assert {name: (out / name).stat().st_mtime_ns for name in kept} == kept
    assert not list(out.rglob("*.part"))
