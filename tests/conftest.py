"""Inputs that more than one room's tests read."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

if "PYTEST_XDIST_WORKER" in os.environ:
    # Tests that share the cores spin while they wait for one: boosted trees took forty times as long.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that at the end of a run on several cores none of them is waited for."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


PUBLISHED = {
    "Set1-Training&Validation Sets CNN/Standard": (0, 71, 134, 458),
    "Set2-Training&Validation Sets ANN Scoring system/Standard": (812, 1060),
    "Set2-Training&Validation Sets ANN Scoring system/Non-standard": (1104, 1105, 1290),
    "Internal Test Set/Standard": (1372, 1373),
    "Internal Test Set/Non-standard": (1400,),
    "External Test Set/Standard": (1528,),
    "External Test Set/Non-standard": (1600,),
}
UNBOXED = {71, 1528}
LABELS = ("thalami", "midbrain", "palate", "IT", "CM", "NT", "nasal tip", "nasal skin", "nasal bone")
HEADER = ("fname", "structure", "h_min", "w_min", "h_max", "w_max")


@pytest.fixture
def published_folder(tmp_path: Path) -> Path:
    """The Fetus Framework folder as downloaded: its seven image folders in RGB, and the spreadsheet."""
    folder = tmp_path / "Dataset for Fetus Framework"
    for name, numbers in PUBLISHED.items():
        (folder / name).mkdir(parents=True)
        for number in numbers:
            save_noise(folder / name / f"{number}.png", seed=number)
    boxed = [n for name, ns in PUBLISHED.items() for n in ns if "Non" not in name and n not in UNBOXED]
    rows = [
        (f"{n}.png", label, 20 * i + 5, 30 * i + 4, 20 * i + 17, 30 * i + 28)
        for n in boxed
        for i, label in enumerate(LABELS)
    ]
    save_sheet(folder / "ObjectDetection.xlsx", [HEADER, *rows])
    return folder


def save_noise(path: Path, *, seed: int, width: int = 320, height: int = 240) -> None:
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)).save(
        path, compress_level=1
    )


def save_sheet(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
