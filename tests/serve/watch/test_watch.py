"""``nonet watch``: each file that is put into the folder ends as one result or one failure, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nonet.reading import Reading
from nonet.serve.watch.settled_files import SettledFiles

STILL = Path(__file__).parents[3] / "examples/dicom/fir-still.dcm"
PICTURE = Path(__file__).parents[3] / "examples/alder-right.png"
LONG = 60


class Watching:
    """The program, watching ``inbox``, and what it left in ``out``."""

    def __init__(self, folder: Path) -> None:
        self.inbox, self.out = folder / "inbox", folder / "out"
        self.inbox.mkdir()
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "nonet",
            "watch",
            self.inbox,
            self.out,
            "--settle",
            "1",
            "--save",
            "",
            *options,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log)
        return self.process

    def put(self, name: str, content: bytes) -> Path:
        """Put a file into the folder in one move."""
        part = self.inbox / f".{name}"
        part.write_bytes(content)
        return part.rename(self.inbox / name)

    def result(self, name: str) -> Path:
        return self.out / f"inbox/{name}.json"

    def failures(self) -> dict[str, str]:
        path = self.out / "failures.json"
        return {row["name"]: row["found"] for row in json.loads(path.read_bytes())} if path.exists() else {}

    def wait(self, came: Callable[[], object]) -> None:
        end = time.monotonic() + LONG
        while not came():
            assert time.monotonic() < end, self.log.read_text()
            assert self.process is not None and self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path)
    yield running
    if running.process and running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def settled(folder: Path, seconds: float, times: list[float]) -> SettledFiles:
    return SettledFiles(folder, folder / "out", seconds, clock=lambda: times[-1])


def test_a_file_is_given_once_it_has_stayed_as_it_is(tmp_path: Path) -> None:
    times = [0.0]
    files = settled(tmp_path, 2, times)
    growing = tmp_path / "a.dcm"
    growing.write_bytes(b"1")
    assert (files.poll(), files.unsettled) == ([], 1)
    times.append(1.9)
    growing.write_bytes(b"12")
    assert files.poll() == []
    times.append(3.8)
    assert files.poll() == []
    times.append(3.9)
    assert (files.poll(), files.unsettled) == ([growing], 0)
    times.append(99)
    assert files.poll() == []


def test_a_file_of_the_same_size_that_was_written_again_is_given_again(tmp_path: Path) -> None:
    times = [0.0]
    files = settled(tmp_path, 0, times)
    path = tmp_path / "a.dcm"
    path.write_bytes(b"1")
    assert files.poll() == [path]
    os.utime(path, ns=(1, 1))
    assert files.poll() == [path]


def test_hidden_files_output_folders_and_what_is_gone_are_not_given(tmp_path: Path) -> None:
    for name in (".hidden.dcm", "out/a.dcm", "other/.nonet/x", "other/b.dcm", "deep/er/c.dcm"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    times = [0.0]
    files = settled(tmp_path, 1, times)
    assert (files.poll(), files.unsettled) == ([], 1)
    (tmp_path / "deep/er/c.dcm").unlink()
    assert (files.poll(), files.unsettled) == ([], 0)


def test_looking_at_ten_thousand_files_takes_less_than_a_second(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.dcm").touch()
    files = SettledFiles(tmp_path, tmp_path / "out", 0)
    assert len(files.poll()) == 10_000
    begun = time.process_time()
    assert files.poll() == []
    assert time.process_time() - begun < 1


@pytest.mark.slow
def test_each_file_is_read_when_it_is_whole_and_the_program_ends_when_asked(watching: Watching) -> None:
    process = watching.start()
    whole = STILL.read_bytes()
    watching.put("bad.dcm", b"\0" * 128 + b"DICM" + b"\xff" * 100)
    (watching.inbox / "notes.txt").write_text("no image")
    with (watching.inbox / "slow.dcm").open("wb") as slow:
        for start in range(0, len(whole), len(whole) // 4):
            slow.write(whole[start : start + len(whole) // 4])
            slow.flush()
            time.sleep(0.4)
            assert not watching.result("slow.dcm").exists()
    watching.wait(lambda: watching.result("slow.dcm").exists() and watching.failures())
    assert list(watching.failures()) == ["inbox/bad.dcm"]
    watching.put("bad.dcm", PICTURE.read_bytes())
    watching.wait(lambda: watching.result("bad.dcm").exists() and not watching.failures())
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONG) == 0
    assert not list(watching.out.rglob("*.part"))
    assert "Traceback" not in watching.log.read_text()
    assert {path.name for path in watching.inbox.iterdir()} == {"bad.dcm", "notes.txt", "slow.dcm"}


@pytest.mark.slow
def test_a_file_that_stays_cut_is_a_failure_until_the_rest_comes(watching: Watching) -> None:
    whole = STILL.read_bytes()
    path = watching.put("cut.dcm", whole[: len(whole) // 2])
    watching.start()
    watching.wait(watching.failures)
    assert not watching.result("cut.dcm").exists()
    with path.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    watching.wait(lambda: watching.result("cut.dcm").exists() and not watching.failures())


@pytest.mark.slow
def test_killed_at_any_moment_each_file_ends_as_one_result_or_one_failure(watching: Watching) -> None:
    names = [f"{number}.png" for number in range(4)]
    for name in names:
        watching.put(name, PICTURE.read_bytes())
    watching.put("broken.png", PICTURE.read_bytes()[:2000])
    for count in (1, 2):
        process = watching.start()
        watching.wait(lambda count=count: sum(watching.result(name).exists() for name in names) >= count)  # type: ignore[misc]
        process.kill()
        process.wait()
    first = {name: watching.result(name).stat().st_mtime_ns for name in names if watching.result(name).exists()}
    assert watching.start("--once").wait(LONG) == 1
    assert all(Reading.from_json(watching.result(name).read_bytes()) for name in names)
    assert list(watching.failures()) == ["inbox/broken.png"]
    assert {name: watching.result(name).stat().st_mtime_ns for name in first} == first
    assert not list(watching.out.rglob("*.part"))


@pytest.mark.slow
def test_results_in_the_watched_folder_and_those_that_come_back_are_not_read(watching: Watching) -> None:
    watching.out = watching.inbox / "results"
    watching.put("a.png", PICTURE.read_bytes())
    watching.put("still.dcm", STILL.read_bytes())
    kinds = ("--save", "picture,sr,gsps,sc")
    assert watching.start("--once", *kinds).wait(LONG) == 0

    def found() -> list[str]:
        paths = [path.relative_to(watching.out).as_posix() for path in watching.out.rglob("*") if path.is_file()]
        return sorted(path for path in paths if ".nonet" not in path)

    before = found()
    endings = ("gsps.dcm", "json", "picture.png", "sc.dcm", "sr.dcm")
    still = [f"inbox/still.dcm.{ending}" for ending in endings]
    assert before == ["failures.json", "inbox/a.png.json", "inbox/a.png.picture.png", *still]
    for path in watching.out.rglob("*.dcm"):
        watching.put(f"back.{path.name}", path.read_bytes())
    assert watching.start("--once", *kinds).wait(LONG) == 0
    assert found() == before
    assert watching.failures() == {}


@pytest.mark.slow
@pytest.mark.parametrize("inbox", ["missing", "same", "file"])
def test_a_folder_that_cannot_be_watched_is_refused(inbox: str, tmp_path: Path) -> None:
    (tmp_path / "same").mkdir()
    shutil.copy(PICTURE, tmp_path / "file")
    command = [sys.executable, "-m", "nonet", "watch", tmp_path / inbox, tmp_path / "same"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_an_empty_folder_is_read_once_without_a_result(watching: Watching) -> None:
    assert watching.start("--once").wait(LONG) == 0
    assert [path.name for path in watching.out.iterdir()] == [".nonet"]
