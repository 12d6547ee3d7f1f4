"""``nonet read`` as its user runs it: a command, its exit code, and what it leaves behind."""

from __future__ import annotations

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from command_here import nonet
from nonet.reading import Reading
from nonet.simulate import EXAMPLE_SEEDS, simulate

PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "deeper").mkdir(parents=True)
    Image.fromarray(PIXELS).save(folder / "a.png")
    Image.fromarray(PIXELS[:, ::-1]).save(folder / "deeper" / "a.png")
    (folder / "notes.txt").write_text("not an image")
    return folder


def documents_in(out: Path) -> list[Path]:
    return sorted(path for path in out.rglob("*.json") if ".nonet" not in path.parts)


def stamps(out: Path) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in documents_in(out)}


def test_a_folder_becomes_readings_pictures_a_csv_and_a_page(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = nonet("read", images, "-o", out)
    assert run.returncode == 0, run.stderr
    documents = documents_in(out)
    assert [path.relative_to(out).as_posix() for path in documents] == ["images/a.png.json", "images/deeper/a.png.json"]
    for document in documents:
        Reading.from_json(document.read_bytes())
        Image.open(document.with_suffix(".picture.png")).verify()
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
    written = [json.loads((out / name).read_text()) for name in ("images/a.png.json", "images/deeper/a.png.json")]
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_changed_file_or_setting_is_read_again(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nonet("read", images, "-o", out)
    Image.fromarray(PIXELS[::2, ::2]).save(images / "a.png")
    nonet("read", images, "-o", out)
    assert Reading.from_json((out / "images/a.png.json").read_text()).image.width == (PIXELS.shape[1] + 1) // 2
    nonet("read", images, "-o", out, "--spacing", "0.1")
    assert Reading.from_json((out / "images/deeper/a.png.json").read_text()).settings.spacing_mm == (0.1, 0.1)


@pytest.mark.slow
def test_a_missing_picture_is_drawn_again(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nonet("read", images, "-o", out)
    (out / "images/a.png.picture.png").unlink()
    nonet("read", images, "-o", out)
    assert (out / "images/a.png.picture.png").is_file()


def once_read(pipe: str, process: subprocess.Popen[str]) -> int:
    """A pipe opened for writing as soon as a process reads it; the process must not end before."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as problem:  # nobody reads it yet
            assert problem.errno == errno.ENXIO
            time.sleep(0.05)
    raise AssertionError(f"the process has ended: {process.communicate()}")


@pytest.mark.slow
def test_an_interrupt_leaves_a_consistent_folder(images: Path, tmp_path: Path) -> None:
    """The interrupt comes when the third reading is there; the file that is read next waits until it has come."""
    out = tmp_path / "out"
    for index in range(6):
        Image.fromarray(PIXELS).save(images / f"many-{index}.png", compress_level=1)
    os.mkfifo(images / "wait.fifo")
    script = (
        "import sys, pathlib, nonet.reader as r\n"
        "own, count = r.Reader.open_source, []\n"
        "def read(self, source):\n"
        "    count.append(source)\n"
        "    if len(count) == 4: pathlib.Path(sys.argv[-1]).read_bytes()\n"
        "    return own(self, source)\n"
        "r.Reader.open_source = read\n"
        "sys.argv = ['nonet', 'read', sys.argv[1], '-o', sys.argv[2]]\n"
        "from nonet.cli import main; main()\n"
    )
    pipe = str(images / "wait.fifo")
    command = [sys.executable, "-c", script.replace("sys.argv[-1]", repr(pipe)), str(images), str(out)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # it is ignored in a job in the background
    )  # fmt: skip
    writer = once_read(pipe, process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    os.close(writer)
    assert process.returncode == 130, stderr
    assert "goes on from there" in stderr
    documents = documents_in(out)
    assert len(documents) == 3
    for document in documents:
        Reading.from_json(document.read_bytes())
        assert document.with_suffix(".picture.png").is_file()
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


def test_a_missing_path_gets_a_line_and_the_others_are_read(images: Path, tmp_path: Path) -> None:
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


def test_a_foreign_json_in_the_results_is_left_alone(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "boxes.json").write_text("{}")
    assert nonet("read", images, "-o", out).returncode == 0
    assert (out / "boxes.json").read_text() == "{}"


def test_no_arguments_is_wrong_usage() -> None:
    assert nonet("read").returncode == 2


def test_version() -> None:
    run = nonet("--version")
    assert (run.returncode, run.stdout.split()[0]) == (0, "nonet")


def test_failures_follow_the_readings_in_the_json(images: Path, tmp_path: Path) -> None:
    (images / "empty.png").write_bytes(b"")
    run = nonet("read", images, "-o", tmp_path / "out", "--json")
    *readings, last = json.loads(run.stdout)
    assert [Reading.from_json(json.dumps(one)).image.width for one in readings] == [PIXELS.shape[1]] * 2
    assert set(last) == {"failure"}
    assert set(last["failure"]) == {"name", "rule", "found", "remedy"}


@pytest.mark.slow
def test_files_of_one_name_in_two_folders_keep_results_of_their_own(images: Path, tmp_path: Path) -> None:
    out, first, second = tmp_path / "out", tmp_path / "pA", tmp_path / "pB"
    for folder, pixels in ((first, PIXELS), (second, PIXELS[:, ::-1])):
        folder.mkdir()
        Image.fromarray(pixels).save(folder / "IM1.png")
    nonet("read", first, "-o", out)
    before = (out / "pA/IM1.png.json").read_bytes()
    nonet("read", second, "-o", out)
    assert [path.relative_to(out).as_posix() for path in documents_in(out)] == ["pA/IM1.png.json", "pB/IM1.png.json"]
    assert (out / "pA/IM1.png.json").read_bytes() == before
    with (out / "findings.csv").open() as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"pA/IM1.png", "pB/IM1.png"}


@pytest.mark.slow
def test_another_source_of_the_same_name_never_takes_a_results_place(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for parent, pixels in (("x", PIXELS), ("y", PIXELS[:, ::-1])):
        (tmp_path / parent / "p").mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / parent / "p" / "a.png")
        nonet("read", tmp_path / parent / "p", "-o", out)
    kept = [path.relative_to(out).as_posix() for path in documents_in(out)]
    assert kept[0] == "p/a.png.json" and len(kept) == 2
    assert kept[1].startswith("p~")
    nonet("read", tmp_path / "x", "-o", out)
    assert [path.relative_to(out).as_posix() for path in documents_in(out)] == kept


@pytest.mark.slow
def test_results_are_never_read_as_input(images: Path) -> None:
    run = nonet("read", images, "-o", images / "one")
    assert "2 of 2 files read" in run.stderr
    run = nonet("read", images, "-o", images.parent / "two")
    assert "2 of 2 files read" in run.stderr


@pytest.mark.slow
def test_results_whose_source_is_gone_are_marked_and_removed_on_request(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    nonet("read", images, "-o", out)
    (images / "deeper/a.png").unlink()
    nonet("read", images, "-o", out)
    with (out / "findings.csv").open() as file:
        sources = {row["name"]: row["source"] for row in csv.DictReader(file)}
    assert sources == {"images/a.png": "present", "images/deeper/a.png": "gone"}
    assert "no longer there" in (out / "index.html").read_text()
    run = nonet("read", images, "-o", out, "--prune")
    assert "1 results removed" in run.stderr
    assert list(stamps(out)) == ["images/a.png.json"]
    assert not (out / "images/deeper/a.png.picture.png").exists()


def test_only_what_is_asked_for_is_saved(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert nonet("read", images, "-o", out, "--save", "").returncode == 0
    assert len(documents_in(out)) == 2
    assert not list(out.rglob("*.png")) and not (out / "index.html").exists()
    run = nonet("read", images, "-o", out, "--save", "csv,hl7")
    assert run.returncode == 1
    assert "'hl7'" in run.stderr and len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("width", ["80", "40"])
def test_nothing_is_cut_in_a_pipe(images: Path, tmp_path: Path, width: str) -> None:
    command = [sys.executable, "-m", "nonet", "read", str(images / "a.png"), "-o", str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": width})
    reading = Reading.from_json((tmp_path / "out/images/a.png.json").read_bytes())
    for finding in reading.findings:
        if finding.box:
            x1, y1, x2, y2 = (f"{edge:.0f}" for edge in finding.box.xyxy)
            assert f"{x1},{y1}-{x2},{y2}" in run.stdout
    assert "…" not in run.stdout


def test_the_table_of_a_reading_fits_eighty_columns(images: Path, tmp_path: Path) -> None:
    run = nonet("read", images / "a.png", "-o", tmp_path / "out")
    rows = [line.rstrip() for line in run.stdout.splitlines() if line[:3] in {f"{letter}  " for letter in "TMPVCNtsb"}]
    assert len(rows) == 9
    assert max(map(len, rows)) <= 80


def test_a_forced_spacing_without_a_spacing_is_wrong_usage(images: Path, tmp_path: Path) -> None:
    assert nonet("read", images, "-o", tmp_path / "out", "--force-spacing").returncode == 2


@pytest.mark.slow
def test_masking_changes_no_reading_and_a_run_with_the_other_choice_draws_again(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    choices: list[list[str]] = [[], ["--mask-overlay"], ["--mask-overlay"], []]
    readings, pictures, times = [], [], []
    for more in choices:
        run = nonet("read", images / "a.png", "-o", out, "--save", "picture,page,coco", *more)
        assert run.returncode == 0, run.stderr
        readings.append((out / "images/a.png.json").read_bytes())
        pictures.append((out / "images/a.png.picture.png").read_bytes())
        times.append((out / "images/a.png.picture.png").stat().st_mtime_ns)
    assert len(set(readings)) == 1
    assert pictures[0] == pictures[3] != pictures[1] == pictures[2]
    assert times[1] == times[2] != times[3]
