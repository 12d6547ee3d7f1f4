"""A source instance with its readings, and what the tests of this room do with files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from nonet.frame import Frame
from nonet.outputs.dicom.source import header_of
from nonet.reader import Reader
from nonet.reading import Reading

EXAMPLES = Path(__file__).parents[3] / "examples" / "dicom"


@dataclass(frozen=True)
class Instance:
    """A source instance, its header, and its frames with their readings."""

    path: Path
    header: Dataset
    pairs: list[tuple[Frame, Reading]]

    @property
    def readings(self) -> list[Reading]:
        return [reading for _, reading in self.pairs]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def read_instance(reader: Reader, path: Path) -> Instance:
    return Instance(path, header_of(path), list(reader.read_source(path)))


def saved(dataset: Dataset, path: Path) -> bytes:
    """The bytes of a data set as a file, which is left at the path."""
    dataset.save_as(path, enforce_file_format=True)
    return path.read_bytes()
