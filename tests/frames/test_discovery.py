"""Which files a list of files and folders means."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_files import us_dataset
from PIL import Image

from nonet.frames import find_files


@pytest.fixture
def folder(tmp_path: Path, ramp: np.ndarray) -> Path:
    """A folder with images, and with what lies beside images."""
    picture = Image.fromarray(ramp)
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("10.png", "2.png", "deep/er/B.JPG", "deep/a.bmp", ".c.png", ".hidden/d.png", "deep/saved as.dat"):
        picture.save(tmp_path / name, "PNG" if name.endswith("dat") else None)
    us_dataset(ramp).save_as(tmp_path / "deep/IM0001", enforce_file_format=True)
    (tmp_path / "broken.dcm").write_bytes(b"cut")
    (tmp_path / "text.png").write_bytes(b"no image")
    for name, content in {"notes.txt": b"BMI 21", "README": b"read", "DICOMDIR": b"", "table.csv": b"1,2"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def names(files: list[Path], folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


IMAGES = [
    "2.png",
    "10.png",
    "broken.dcm",
    "deep/a.bmp",
    "deep/er/B.JPG",
    "deep/IM0001",
    "deep/saved as.dat",
    "text.png",
]


def test_a_folder_gives_its_images_and_what_should_be_some_in_natural_order(folder: Path) -> None:
    assert names(find_files([folder]), folder) == IMAGES


def test_each_file_is_given_once(folder: Path) -> None:
    again = [folder, folder / "2.png", folder / "deep", folder / "deep/../2.png"]
    assert len(find_files(again)) == len(IMAGES)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_link_to_a_file_is_that_file_and_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    (folder / "link.png").symlink_to(folder / "2.png")
    (folder / "circle").symlink_to(folder)
    assert len(find_files([folder])) == len(IMAGES)


def test_a_folder_of_results_is_skipped(folder: Path) -> None:
    assert names(find_files([folder], skip=folder / "deep"), folder) == ["2.png", "10.png", "broken.dcm", "text.png"]


def test_a_named_file_is_kept_whatever_it_is(folder: Path) -> None:
    wanted = [folder / "notes.txt", folder / "not there.png", folder / ".c.png"]
    assert find_files(wanted) == sorted(wanted)


def test_a_dicomdir_is_left_out_by_content_too(folder: Path) -> None:
    meta = b"\0" * 128 + b"DICM" + b"\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10"
    (folder / "index.dcm").write_bytes(meta)
    assert names(find_files([folder]), folder) == IMAGES


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_passed_over(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    assert names(find_files([folder]), folder) == IMAGES


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs POSIX permissions that bind")
def test_a_folder_that_may_not_be_listed_is_kept_to_be_reported(folder: Path) -> None:
    (folder / "deep").chmod(0)
    try:
        assert folder / "deep" in find_files([folder])
    finally:
        (folder / "deep").chmod(0o755)


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert find_files([tmp_path]) == []
