"""Pixels and files that the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset


@pytest.fixture
def write_dicom(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a data set to a file in the form of its transfer syntax."""

    def write(dataset: Dataset, name: str = "image.dcm") -> Path:
        path = tmp_path / name
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write


@pytest.fixture
def ramp() -> np.ndarray:
    """``uint8[48, 64]``, every pixel with a level of its own as far as there are levels."""
    return (np.arange(48 * 64) % 251).astype(np.uint8).reshape(48, 64)


@pytest.fixture
def colours() -> np.ndarray:
    """``uint8[48, 64, 3]``, random."""
    return np.random.default_rng(7).integers(0, 256, (48, 64, 3), np.uint8)
