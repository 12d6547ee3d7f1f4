"""Inputs that the tests of more than one server read."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

CINE = Path(__file__).parents[2] / "examples/dicom/birch-cine.dcm"
FRAMES = 2


@pytest.fixture(scope="session")
def short_cine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first frames of the example cine, as a cine."""
    dataset = pydicom.dcmread(CINE)
    pixels = dataset.pixel_array[:FRAMES]
    dataset.PixelData, dataset.NumberOfFrames = pixels.tobytes(), FRAMES
    dataset["PixelData"].is_undefined_length = False
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path_factory.mktemp("cine") / "short-cine.dcm"
    dataset.save_as(path, implicit_vr=False, little_endian=True)
    return path
