"""DICOM ultrasound of simulated frames: read back by the program's own reader, millimetres and all."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from nonet.frame import SpacingSource
from nonet.frames import open_frames
from nonet.simulate import TRAINING_DEVICES, Simulated, simulate, simulate_cine
from nonet.simulate.devices import Screen
from nonet.simulate.dicom_export import write_cine, write_still

SEED = 6


@pytest.fixture(scope="module")
def still() -> Simulated:
    return simulate(SEED)


@pytest.fixture(scope="module")
def cine() -> tuple[Simulated, ...]:
    return simulate_cine(SEED, 3)


def test_a_still_is_an_ultrasound_image_with_the_same_pixels(tmp_path: Path, still: Simulated) -> None:
    write_still(tmp_path / "still.dcm", still, SEED)
    dataset = pydicom.dcmread(tmp_path / "still.dcm")
    assert dataset.SOPClassUID.name == "Ultrasound Image Storage"
    assert np.array_equal(dataset.pixel_array, still.pixels)


def test_a_cine_is_lossless(tmp_path: Path, cine: tuple[Simulated, ...]) -> None:
    write_cine(tmp_path / "cine.dcm", cine, SEED)
    dataset = pydicom.dcmread(tmp_path / "cine.dcm")
    assert dataset.SOPClassUID.name == "Ultrasound Multi-frame Image Storage"
    assert dataset.NumberOfFrames == 3
    assert np.array_equal(dataset.pixel_array, np.stack([frame.pixels for frame in cine]))


def test_the_reader_finds_the_pixel_size_in_the_calibrated_region(tmp_path: Path, cine: tuple[Simulated, ...]) -> None:
    write_cine(tmp_path / "cine.dcm", cine, SEED)
    frames = list(open_frames(tmp_path / "cine.dcm"))
    assert len(frames) == 3
    for frame, simulated in zip(frames, cine, strict=True):
        for box in simulated.boxes.values():
            spacing = frame.spacing_at(*box.xyxy)
            assert spacing is not None
            assert spacing.source is SpacingSource.US_REGION
            assert (spacing.x_mm, spacing.y_mm) == pytest.approx((simulated.mm_per_px, simulated.mm_per_px))


def test_a_band_of_text_is_outside_the_region(tmp_path: Path) -> None:
    machine = next(device for device in TRAINING_DEVICES if device.screen is Screen.HEADER)
    write_still(tmp_path / "still.dcm", simulate(SEED, device=machine), SEED)
    (region,) = next(iter(open_frames(tmp_path / "still.dcm"))).regions
    assert region.y1 > 30
    assert not region.holds(100, 5, 200, 30)


def test_the_same_seed_gives_the_same_file_and_another_seed_other_uids(tmp_path: Path, still: Simulated) -> None:
    for name, seed in (("a.dcm", SEED), ("b.dcm", SEED), ("c.dcm", SEED + 1)):
        write_still(tmp_path / name, still, seed)
    assert (tmp_path / "a.dcm").read_bytes() == (tmp_path / "b.dcm").read_bytes()
    a, c = (pydicom.dcmread(tmp_path / name) for name in ("a.dcm", "c.dcm"))
    for uid in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert a[uid].value != c[uid].value


def test_the_patient_is_said_to_be_simulated(tmp_path: Path, still: Simulated) -> None:
    write_still(tmp_path / "still.dcm", still, SEED)
    dataset = pydicom.dcmread(tmp_path / "still.dcm")
    assert dataset.PatientName == "Simulated^Nonet"
    assert "no patient" in dataset.StudyDescription
