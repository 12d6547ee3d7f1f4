"""``nonet read`` on loops: one document beside the frames' results, the best frames alone, folders of stills."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_here import nonet
from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.cine import Loop, Taken
from nonet.frame import Frame
from nonet.outputs.folder import FoundFile, OutputFolder
from nonet.reading import Reading, Settings
from nonet.simulate import EXAMPLE_SEEDS, Simulated, simulate_cine
from nonet.simulate.dicom_export import write_cine
from nonet.simulate.png_export import write_png

FRAMES = 4
SEED = EXAMPLE_SEEDS[51]


@pytest.fixture(scope="module")
def frames() -> tuple[Simulated, ...]:
    return simulate_cine(SEED, FRAMES)


@pytest.fixture(scope="module")
def cine(frames: tuple[Simulated, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exam") / "cine.dcm"
    write_cine(path, frames, SEED)
    return path


def loop_in(out: Path, name: str) -> Loop:
    return Loop.from_json((out / f"{name}.loop.json").read_bytes())


def written(out: Path) -> set[str]:
    return {
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and ".nonet" not in path.parts
    }


@pytest.mark.slow
def test_the_frames_of_a_loop_can_be_watched(cine: Path, tmp_path: Path) -> None:
    told: list[int] = []

    def watch(frames: Iterator[Frame], count: int) -> Iterator[Frame]:
        for frame in frames:
            told.append(count)
            yield frame

    folder = OutputFolder(Bundle(DEFAULT_BUNDLE), Settings(), [FoundFile(cine, cine)], tmp_path / "out", best=1)
    assert len(list(folder.read_all(watch_frames=watch))) == 1
    folder.close()
    assert told == [FRAMES] * FRAMES


@pytest.mark.slow
def test_a_loop_has_a_document_beside_its_frames(cine: Path, tmp_path: Path) -> None:
    run = nonet("read", cine, "-o", tmp_path / "out", "--save", "csv")
    assert run.returncode == 0, run.stderr
    name = f"{cine.parent.name}/cine.dcm"
    assert written(tmp_path / "out") == {
        "findings.csv",
        f"{name}.loop.json",
        *(f"{name}.frame-{number:04d}.json" for number in range(FRAMES)),
    }
    loop = loop_in(tmp_path / "out", name)
    assert [one.taken for one in loop.frames] == [Taken.READ] * FRAMES
    for number, one in enumerate(loop.frames):
        reading = Reading.from_json((tmp_path / "out" / f"{name}.frame-{number:04d}.json").read_bytes())
        assert one.plane_probability == reading.plane_quality.probability
        assert one.source == reading.source
        assert one.pixels_sha256 == reading.image.pixels_sha256


@pytest.mark.slow
def test_best_writes_the_best_frames_alone_and_once(cine: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("read", cine, "-o", out, "--best", 1, "--save", "picture,page,cvat,sr,gsps")
    run = nonet(*arguments)
    assert run.returncode == 0, run.stderr
    name = f"{cine.parent.name}/cine.dcm"
    loop = loop_in(out, name)
    best = loop.best[0].number
    assert written(out) == {
        "index.html",
        *(f"{name}{ending}" for ending in (".loop.json", ".loop.html", ".loop.picture.png", ".tracks.xml")),
        *(f"{name}{ending}" for ending in (".sr.dcm", ".gsps.dcm")),
        *(f"{name}.frame-{best:04d}{ending}" for ending in (".json", ".picture.png")),
    }
    reading = Reading.from_json((out / f"{name}.frame-{best:04d}.json").read_bytes())
    assert reading.plane_quality == loop.best[0].plane_quality
    assert f'<a href="{name}.loop.html">' in (out / "index.html").read_text()
    before = {path: (out / path).stat().st_mtime_ns for path in written(out)}
    assert nonet(*arguments).returncode == 0
    assert {path: (out / path).stat().st_mtime_ns for path in written(out)} == before
    (out / f"{name}.tracks.xml").unlink()
    assert nonet(*arguments).returncode == 0
    assert (out / f"{name}.tracks.xml").is_file()


@pytest.mark.slow
def test_a_folder_of_numbered_stills_is_a_loop_where_that_is_asked_for(
    frames: tuple[Simulated, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "loop"
    folder.mkdir()
    for number, frame in zip((9, 10, 13, 14), frames, strict=True):
        write_png(folder / f"im_{number}.png", frame)
    out = tmp_path / "out"
    run = nonet("read", folder, "-o", out, "--loop", "--best", 1, "--save", "csv,sr")
    assert run.returncode == 0, run.stderr
    loop = loop_in(out, "loop")
    assert [one.source.frame for one in loop.frames] == [0, 1, 2, 3]
    assert loop.warnings == ("2 frames are missing before frame 3",)
    assert "loop: no sr: a loop of stills" in run.stderr
    before = (out / "loop.loop.json").stat().st_mtime_ns
    assert nonet("read", folder, "-o", out, "--loop", "--best", 1, "--save", "csv,sr").returncode == 0
    assert (out / "loop.loop.json").stat().st_mtime_ns == before
    shutil.copy(folder / "im_9.png", folder / "im_10.png")
    assert nonet("read", folder, "-o", out, "--loop", "--best", 1, "--save", "csv,sr").returncode == 0
    assert loop_in(out, "loop").frames[1].pixels_sha256 == loop.frames[0].pixels_sha256


def test_a_folder_that_is_no_loop_gets_one_line(frames: tuple[Simulated, ...], tmp_path: Path) -> None:
    folder = tmp_path / "loop"
    folder.mkdir()
    write_png(folder / "im_1.png", frames[0])
    run = nonet("read", folder, "-o", tmp_path / "out", "--loop", "--save", "")
    assert run.returncode == 1
    assert "A loop has two frames or more. Found: 1 images in loop." in run.stderr
