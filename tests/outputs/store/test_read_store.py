"""The promise of a store of readings: nothing finished is lost, nothing finished is repeated, and JSON as ever."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pads
import pytest

from nonet.bundle import Bundle
from nonet.errors import SettingsError
from nonet.outputs.folder import FoundFile, OutputFolder
from nonet.outputs.parquet.reading_table import parquet_schema
from nonet.outputs.registry import make_outputs
from nonet.outputs.store.part import Part, PartDone
from nonet.outputs.store.places import FolderStore, Store, open_store
from nonet.outputs.store.read_store import StoreRun, named_jobs, outputs_of_frames
from nonet.reading import Settings
from nonet.work import LocalEngine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle()


def found(folder: Path, *names: str) -> list[FoundFile]:
    return [FoundFile(folder / name, folder) for name in names or sorted(path.name for path in folder.iterdir())]


def read(
    bundle: Bundle, files: list[FoundFile], store: Store, save: str = "", workers: int = 1, **options: object
) -> list[PartDone]:
    run = StoreRun(bundle, Settings(), store, outputs_of_frames(save), **options)  # type: ignore[arg-type]
    return list(run.read_all(named_jobs(files), LocalEngine(workers), workers))


def rows(store: FolderStore) -> pa.Table:
    return pads.dataset(store.root / "readings").to_table().sort_by([("name", "ascending"), ("frame", "ascending")])


def test_rows_and_documents_are_those_of_an_output_folder(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    files = found(images, "0.png", "1.png", "2.png", "poisoned.png")
    store = FolderStore(tmp_path / "store")
    done = read(bundle, files, store, "json,picture")
    local = tmp_path / "local"
    folder = OutputFolder(bundle, Settings(), files, local, make_outputs("picture,parquet", local))
    names = [named.name for named in folder.read_all()]
    folder.close()
    table = rows(store)
    assert table.schema.equals(parquet_schema())
    assert sum(one.read for one in done) == 4 and sum(one.frames for one in done) == 3
    assert [failure.name for one in done for failure in one.failures] == ["images/poisoned.png"]
    by_name = {row["name"]: row for row in table.to_pylist()}
    for name in names:
        document = (local / f"{name}.json").read_bytes()
        assert (store.root / f"{name}.json").read_bytes() == document
        assert by_name[name]["reading"].encode() == document
        assert (store.root / f"{name}.picture.png").read_bytes() == (local / f"{name}.picture.png").read_bytes()
    failed = by_name["images/poisoned.png"]
    assert (
        failed["failure_rule"] and failed["failure_found"].startswith("images/poisoned.png") and not failed["reading"]
    )
    assert not [row for row in by_name.values() if str(images.parent) in repr(row)]
    own = pads.dataset(local / "readings.parquet").to_table().drop_columns(["source"])
    assert own.to_pylist() == [by_name[name] for name in names]


def test_a_second_run_reads_what_is_new_and_nothing_else(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    read(bundle, found(images, "0.png", "poisoned.png"), store)
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.*")}
    done = read(bundle, found(images, "0.png", "1.png", "poisoned.png"), store)
    assert sum(one.read for one in done) == 1
    assert sum(one.kept for one in done) == 2 and sum(one.failed_before for one in done) == 1
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert rows(store)["name"].to_pylist() == ["images/0.png", "images/1.png", "images/poisoned.png"]


def test_a_part_that_is_there_is_left_by_a_worker_that_is_asked_again(
    bundle: Bundle, images: Path, tmp_path: Path
) -> None:
    from nonet.outputs.store.part import Finished, open_tools, read_part

    store = FolderStore(tmp_path / "store")
    run = StoreRun(bundle, Settings(), store)
    nothing = Finished(pa.array([], pa.binary()).to_numpy(False), pa.array([], pa.binary()).to_numpy(False))
    tools = open_tools(run._run, nothing)
    part = Part(tuple(named_jobs(found(images, "0.png"))))
    assert read_part(tools, part).read == 1
    assert read_part(tools, part) == PartDone(kept=1)


def test_a_file_that_kills_its_workers_is_a_row_and_the_others_are_read(
    bundle: Bundle, images: Path, tmp_path: Path
) -> None:
    """The engine stands for any: it loses each part that holds one file, as if its worker had been killed."""

    class Losing(LocalEngine):
        def run(self, function: Any, items: Any, opener: Any, *, in_order: bool, lost: Any) -> Iterator[Any]:
            tools = opener()
            for part in items:
                yield lost(part) if any(job.path.name == "1.png" for job in part.jobs) else function(tools, part)

    store = FolderStore(tmp_path / "store")
    run = StoreRun(bundle, Settings(), store)
    jobs = named_jobs(found(images, "0.png", "1.png"))
    done = list(run.read_all(jobs, Losing(), 0))
    assert sum(one.read for one in done) == 2
    assert [failure.name for one in done for failure in one.failures] == ["images/1.png"]
    table = rows(store).to_pylist()
    assert [(row["name"], bool(row["reading"])) for row in table] == [("images/0.png", True), ("images/1.png", False)]
    assert "killed" in table[1]["failure_rule"]


def test_another_set_of_outputs_is_refused(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    StoreRun(bundle, Settings(), store, ("json",))
    StoreRun(bundle, Settings(spacing_mm=(0.1, 0.1)), store, ("picture",))
    with pytest.raises(SettingsError, match="outputs"):
        StoreRun(bundle, Settings(), store, ("json", "picture"))
    with pytest.raises(SettingsError, match="outputs"):
        StoreRun(bundle, Settings(), store, ("json",), mask=True)


@pytest.mark.parametrize("save", ["csv", "page,picture", "coco", "no-such"])
def test_outputs_of_all_frames_together_are_refused(save: str) -> None:
    with pytest.raises(SettingsError, match="json, picture, sr, gsps, sc"):
        outputs_of_frames(save)


def test_a_store_is_never_read_as_input(bundle: Bundle, images: Path, tmp_path: Path) -> None:
    from nonet.frames import find_files

    read(bundle, found(images, "0.png"), FolderStore(tmp_path / "store"), "json,picture")
    assert find_files([tmp_path / "store"]) == []


def test_folders_of_one_name_give_other_names(tmp_path: Path) -> None:
    for parent in ("p", "q"):
        (tmp_path / parent / "images").mkdir(parents=True)
        (tmp_path / parent / "images/a.png").touch()
    files = [FoundFile(tmp_path / parent / "images/a.png", tmp_path / parent / "images") for parent in ("p", "q")]
    first, second = (job.name for job in named_jobs(files))
    assert first == "images/a.png"
    assert second.startswith("images~") and second.endswith("/a.png")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", place]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_stops_and_keeps_what_was_finished(bundle: Bundle, images: Path, small_disk: Path) -> None:
    store = FolderStore(small_disk / "store")
    with pytest.raises(OSError, match="No space"):
        run = StoreRun(bundle, Settings(), store, outputs_of_frames("json,picture"))
        list(run.read_all(named_jobs(found(images)), LocalEngine(1), 8))  # parts of one file
    finished = rows(store)["name"].to_pylist()
    assert 1 <= len(finished) < 9
    assert not list(store.root.rglob("*.part"))
    more = [FoundFile(images / Path(name).name, images) for name in finished]
    assert sum(one.kept for one in read(bundle, more, store, "json,picture")) == len(finished)


def test_an_object_store_gets_the_same_bytes(bundle: Bundle, images: Path, tmp_path: Path, s3: str) -> None:
    files = found(images, "0.png", "1.png")
    folder, objects = FolderStore(tmp_path / "store"), open_store(f"s3://readings/{tmp_path.name}")
    read(bundle, files, folder, "json")
    read(bundle, files, objects, "json")
    paths = [path for path in folder.paths_in("") if path.endswith((".json", ".parquet"))]
    assert list(objects.paths_in("")) == paths
    assert all(objects.read(path) == folder.read(path) for path in paths)
    assert sum(one.kept for one in read(bundle, files, objects, "json")) == 2
