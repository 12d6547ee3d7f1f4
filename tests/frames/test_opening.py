"""A file is what its content says; what cannot be read is reported in one line that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import us_dataset
from PIL import Image

from errors_raised import raised
from nonet.errors import FrameError, InputTooLarge, NotAnImage
from nonet.frames import Limits, open_frames

Write = Callable[..., Path]


def refused(path: Path, kind: type[FrameError] = FrameError, limits: Limits = Limits()) -> str:
    with pytest.raises(kind) as refusal:
        list(open_frames(path, limits=limits))
    message = str(refusal.value)
    assert "\n" not in message
    assert refusal.value.rule in message
    assert refusal.value.remedy in message
    return message


def test_a_png_under_the_name_of_a_dicom_file_is_a_png(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.dcm", "PNG")
    frame = next(open_frames(tmp_path / "a.dcm"))
    assert frame.source.format == "PNG"
    np.testing.assert_array_equal(frame.pixels, ramp)


def test_a_dicom_file_under_the_name_of_a_jpeg_is_dicom(write_dicom: Write, ramp: np.ndarray) -> None:
    frame = next(open_frames(write_dicom(us_dataset(ramp), "a.jpg")))
    assert frame.source.format == "DICOM"


@pytest.mark.parametrize("content", [b"no image at all", b"GIF89a" + bytes(90), b"%PDF-1.7", bytes(200)], ids=repr)
def test_another_content_is_refused_whatever_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    message = refused(tmp_path / "a.png", NotAnImage)
    assert str(tmp_path / "a.png") in message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert "0 bytes" in refused(tmp_path / "a.png", NotAnImage)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "a.png")


def test_a_file_that_vanishes_before_its_frames_are_asked_for_is_refused(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.png")
    frames = open_frames(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    with raised(FrameError, found="no such file"):
        next(frames)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "a folder" in refused(tmp_path)


def test_a_name_with_a_null_is_refused(tmp_path: Path) -> None:
    assert "a name that cannot be opened" in refused(tmp_path / "a\0b.png")


def test_a_line_break_in_a_name_stays_out_of_the_message(tmp_path: Path) -> None:
    (tmp_path / "a\nb.png").write_bytes(b"no image")
    assert "a?b.png" in refused(tmp_path / "a\nb.png")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, ramp: np.ndarray) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(ramp).save(path)
    path.chmod(0)
    if os.geteuid() != 0:
        assert "permission denied" in refused(path)
        return
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    script = (
        "import os, sys; sys.path[:] = sys.argv[2:]; from pathlib import Path; from nonet.frames import open_frames\n"
        "os.setuid(65534)\n"
        "try: list(open_frames(Path(sys.argv[1])))\n"
        "except Exception as problem: print(type(problem).__name__, problem)"
    )
    run = subprocess.run([sys.executable, "-c", script, path, *sys.path], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("FrameError")
    assert "permission denied" in run.stdout


def test_a_dicomdir_is_refused_as_an_index(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    index = get_testdata_file("DICOMDIR", download=False)
    assert "an index" in refused(Path(str(index)), NotAnImage)


@pytest.mark.parametrize(("limit", "name"), [("still_bytes", "a.png"), ("file_bytes", "a.dcm")])
def test_a_file_above_the_limit_is_refused_by_its_size(
    write_dicom: Write, tmp_path: Path, ramp: np.ndarray, limit: str, name: str
) -> None:
    if name == "a.dcm":
        write_dicom(us_dataset(ramp), name)
    else:
        Image.fromarray(ramp).save(tmp_path / name)
    assert "at most 100 bytes" in refused(tmp_path / name, InputTooLarge, Limits(**{limit: 100}))


def test_pixels_above_the_limit_are_refused(write_dicom: Write, tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.png")
    for path in (tmp_path / "a.png", write_dicom(us_dataset(ramp))):
        assert "64 columns x 48 rows" in refused(path, InputTooLarge, Limits(pixels=64 * 48 - 1))
        assert "64 columns x 48 rows" in refused(path, InputTooLarge, Limits(side=63))
        assert next(open_frames(path, limits=Limits(pixels=64 * 48, side=64))).width == 64


def test_a_still_needs_neither_pydicom_nor_scipy(tmp_path: Path, ramp: np.ndarray) -> None:
    Image.fromarray(ramp).save(tmp_path / "a.png")
    script = (
        "import sys; from pathlib import Path; from nonet.frames import open_frames\n"
        "list(open_frames(Path(sys.argv[1])))\n"
        "print(sorted({'pydicom', 'scipy', 'gdcm', 'torch', 'PIL'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
