"""The promise of an output folder: nothing is read twice, nothing stale passes for new, nothing is half there."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.bundle import Bundle
from nonet.errors import EnvironmentFailure, SettingsError
from nonet.outputs.folder import FoundFile, OutputFolder
from nonet.outputs.read_file import Job
from nonet.outputs.records import Records
from nonet.outputs.registry import make_outputs
from nonet.reading import Settings
from nonet.simulate import EXAMPLE_SEEDS, simulate

pytestmark = pytest.mark.slow

STILL = Path(__file__).parents[2] / "examples/dicom/fir-still.dcm"
PIXELS = simulate(EXAMPLE_SEEDS[51]).pixels[::2, ::2]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(PIXELS).save(folder / "a.png")
    pages = [Image.fromarray(np.roll(PIXELS, 9 * number, 1)) for number in range(3)]
    pages[0].save(folder / "b.tif", save_all=True, append_images=pages[1:])
    return folder


OUTSIDE = (
    '{"format": 2, "sources": {"a": {"path": "/a", "stamp": null, "frames": [{"name": "a", "files": {"../../x": 1}}]}}}'
)


class Run:
    """A run over a folder: which files were read, what came, and what failed."""

    def __init__(
        self, bundle: Bundle, images: Path, out: Path, *, save: str = "csv,picture,page", workers: int = 1
    ) -> None:
        files = [FoundFile(path, images) for path in sorted(images.iterdir())]
        folder = OutputFolder(bundle, Settings(), files, out, make_outputs(save, out))
        self.read: list[str] = []

        def watch(jobs: Sequence[Job]) -> Iterator[Job]:
            self.read.extend(job.name for job in jobs)
            return iter(jobs)

        self.names = [named.name for named in folder.read_all(watch, workers=workers)]
        folder.close()
        self.failed = [failure.name for failure in folder.failures]


FRAMES = ["images/a.png", "images/b.tif.frame-0000", "images/b.tif.frame-0001", "images/b.tif.frame-0002"]


def contents(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file() and ".nonet" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def changes(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file() and path.name != "sources.json"}


def sources(out: Path) -> dict[str, str]:
    with (out / "findings.csv").open() as file:
        return {row["name"]: row["source"] for row in csv.DictReader(file)}


def test_nothing_is_read_or_written_twice(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    first = Run(bundle, images, tmp_path / "out")
    assert (first.names, first.read) == (FRAMES, ["images/a.png", "images/b.tif"])
    before = changes(tmp_path / "out")
    again = Run(bundle, images, tmp_path / "out")
    assert (again.names, again.read) == (FRAMES, [])
    assert changes(tmp_path / "out") == before


def test_a_file_that_was_only_touched_is_known_by_its_bytes(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    Run(bundle, images, tmp_path / "out")
    os.utime(images / "a.png", (1, 1))
    assert Run(bundle, images, tmp_path / "out").read == []


def test_results_do_not_depend_on_the_number_of_workers(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    one = Run(bundle, images, tmp_path / "one")
    two = Run(bundle, images, tmp_path / "two", workers=2)
    assert one.names == two.names
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_frames_of_an_earlier_version_of_a_file_are_removed(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    Run(bundle, images, out)
    Image.fromarray(PIXELS).save(images / "b.tif", save_all=True, append_images=[Image.fromarray(PIXELS)])
    assert Run(bundle, images, out).names == FRAMES[:3]
    assert not list(out.rglob("*frame-0002*"))
    assert list(sources(out)) == FRAMES[:3]


def test_results_of_a_file_that_cannot_be_read_any_more_are_marked(
    bundle: Bundle, images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    Run(bundle, images, out)
    (images / "a.png").write_bytes(b"no image")
    for _ in range(2):
        run = Run(bundle, images, out)
        assert run.failed == ["images/a.png"]
        assert sources(out) == {FRAMES[0]: "unreadable", **dict.fromkeys(FRAMES[1:], "present")}
        assert "cannot be read" in (out / "index.html").read_text()
    Image.fromarray(PIXELS).save(images / "a.png")
    assert Run(bundle, images, out).failed == []
    assert set(sources(out).values()) == {"present"}


@pytest.mark.parametrize("name", ["a.png.picture.png", "a.png.json"])
def test_a_result_cut_short_is_made_again(bundle: Bundle, images: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    Run(bundle, images, out)
    whole = (out / "images" / name).read_bytes()
    (out / "images" / name).write_bytes(whole[: len(whole) // 2])
    assert Run(bundle, images, out).read == ["images/a.png"]
    assert (out / "images" / name).read_bytes() == whole


def test_another_output_is_added_without_losing_the_first(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    Run(bundle, images, out, save="csv")
    assert Run(bundle, images, out, save="picture").read == ["images/a.png", "images/b.tif"]
    assert Run(bundle, images, out, save="csv").read == []
    assert Run(bundle, images, out, save="yolo").read == ["images/a.png", "images/b.tif"]
    assert Run(bundle, images, out, save="picture,yolo").read == []


@pytest.mark.parametrize("form", ["none", "of an earlier version"])
def test_results_without_a_record_are_taken_over(bundle: Bundle, images: Path, tmp_path: Path, form: str) -> None:
    """A run that was killed before it could take them down leaves such, as do folders of earlier versions."""
    out = tmp_path / "out"
    Run(bundle, images, out)
    listed = {name: str(images / name.split("/")[1]) for name in ("images/a.png", "images/b.tif")}
    (out / ".nonet/sources.json").write_text(json.dumps(listed if form != "none" else {}))
    assert Run(bundle, images, out).read == []


def forget(out: Path) -> None:
    """Lose the list of sources, as a run does that is killed before it can write it."""
    (out / ".nonet/sources.json").write_text("{}")


def test_frames_of_several_versions_of_a_file_are_not_taken_over(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    Run(bundle, images, out, save="")
    older = {path.name: path.read_bytes() for path in (out / "images").glob("b.tif*")}
    pages = [Image.fromarray(np.roll(PIXELS, 5 * number, 1)) for number in range(3)]
    pages[0].save(images / "b.tif", save_all=True, append_images=pages[1:])
    Run(bundle, images, out, save="")
    newer = {path.name: path.read_bytes() for path in (out / "images").glob("b.tif*")}
    for name in list(older)[1:]:
        (out / "images" / name).write_bytes(older[name])
    forget(out)
    assert Run(bundle, images, out, save="").read == ["images/b.tif"]
    assert {name: (out / "images" / name).read_bytes() for name in newer} == newer


def test_a_report_without_a_record_is_written_again(bundle: Bundle, tmp_path: Path) -> None:
    """It is written after the readings of its frames, and a run that is killed between leaves an older one."""
    out, inbox = tmp_path / "out", tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "still.dcm").write_bytes(STILL.read_bytes())
    Run(bundle, inbox, out, save="sr")
    report = out / "inbox/still.dcm.sr.dcm"
    whole = report.read_bytes()
    report.write_bytes(whole[:-1] + b"\1")
    forget(out)
    assert Run(bundle, inbox, out, save="sr").read == ["inbox/still.dcm"]
    assert report.read_bytes() == whole
    assert Run(bundle, inbox, out, save="sr").read == []


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"format": 2}',
        OUTSIDE,
        '{"a": 3}',
        "[" * 5000,
    ],
    ids=["a list", "cut off", "no sources", "a result outside", "a number", "nested"],
)
def test_a_record_that_is_none_is_refused(bundle: Bundle, images: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "out/.nonet").mkdir(parents=True)
    (tmp_path / "out/.nonet/sources.json").write_text(text)
    with pytest.raises(SettingsError):
        Run(bundle, images, tmp_path / "out")


def test_two_runs_never_write_at_once(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    held = OutputFolder(bundle, Settings(), [], tmp_path / "out")
    with pytest.raises(EnvironmentFailure):
        Run(bundle, images, tmp_path / "out")
    held.release()
    assert Run(bundle, images, tmp_path / "out").names == FRAMES


def test_a_name_leaves_room_for_the_endings_of_results(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    names = {"ü" * 123 + ".png", "u" * 251 + ".png", "u" * 250 + "v.png", "short.png"}
    records = Records(tmp_path / "out")
    given = {records.name_of(tmp_path / "images" / name, tmp_path / "images") for name in names}
    assert len(given) == len(names)
    assert all(len(os.fsencode(part)) <= 200 for name in given for part in Path(name).parts)
    assert "images/short.png" in given


def test_files_that_are_found_later_are_read_and_finished_ones_are_known(
    bundle: Bundle, images: Path, tmp_path: Path
) -> None:
    folder = OutputFolder(bundle, Settings(), [], tmp_path / "out")
    paths = sorted(images.iterdir())
    assert folder.add([FoundFile(paths[0], images)]) == ["images/a.png"]
    assert folder.unfinished(paths[:1]) == paths[:1]
    assert [named.name for named in folder.read_files(paths[:1])] == FRAMES[:1]
    folder.add([FoundFile(path, images) for path in paths])
    assert folder.unfinished(paths) == paths[1:]
    assert [named.name for named in folder.read_files(folder.unfinished(paths))] == FRAMES[1:]
    folder.release()


def test_a_copy_of_what_a_server_holds_is_known_by_its_address_and_never_gone(
    bundle: Bundle, images: Path, tmp_path: Path
) -> None:
    for place in ("first", "second"):
        copy = tmp_path / place / "1.2/1.3"
        copy.parent.mkdir(parents=True)
        copy.write_bytes((images / "a.png").read_bytes())
        folder = OutputFolder(bundle, Settings(), [], tmp_path / "out", make_outputs("csv", tmp_path / "out"))
        found = FoundFile(copy, tmp_path / place, "http://pacs/1.2/1.3")
        assert folder.add([found]) == ["1.2/1.3"]
        assert folder.unfinished([copy]) == ([copy] if place == "first" else [])
        assert [named.name for named in folder.read_files([copy])] == ["1.2/1.3"]
        copy.unlink()
        folder.close()
        assert folder.prune() == []
    assert {row["source"] for row in rows(tmp_path / "out/findings.csv")} == {"present"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
