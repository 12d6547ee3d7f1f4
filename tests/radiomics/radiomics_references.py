"""References that the radiomics tests read: the names, the digital phantom, the 36 real boxes."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nonet.reading import Box

REFERENCES = Path(__file__).parent / "data"
FRAMES = Path(__file__).parents[2].parent / "shared/data/fetus-framework"
needs_frames = pytest.mark.skipif(not FRAMES.exists(), reason="needs ../shared/data")


@cache
def rows(name: str) -> list[dict[str, str]]:
    """A reference file, one dictionary a row."""
    with (REFERENCES / name).open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def phantom() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Intensities and mask of the digital phantom, ``[4, 4, 5]``."""
    image, mask = np.zeros((4, 4, 5)), np.zeros((4, 4, 5), dtype=bool)
    for row in rows("ibsi/phantom.csv"):
        place = int(row["z"]), int(row["y"]), int(row["x"])
        image[place], mask[place] = float(row["intensity"]), row["mask"] == "1"
    return image, mask


@dataclass(frozen=True)
class RealBox:
    """One of the 36 boxes: its place, and its values by feature name from two sources."""

    image: str
    structure: str
    box: Box
    true: dict[str, float]
    pysera: dict[str, float]

    def pixels(self) -> NDArray[np.uint8]:
        (path,) = FRAMES.glob(f"*/*/{self.image}")
        return np.asarray(Image.open(path))


@cache
def real_boxes() -> list[RealBox]:
    """The 36 boxes in their order."""
    places, true, pysera = (rows(f"oracle/{name}.csv") for name in ("rois", "ibsi_true_215", "pysera_215"))
    return [
        RealBox(
            image=place["fname"],
            structure=place["structure"],
            box=Box(*(float(place[edge]) for edge in ("x1", "y1", "x2", "y2"))),
            true=_by_name(exact),
            pysera=_by_name(peer),
        )
        for place, exact, peer in zip(places, true, pysera, strict=True)
    ]


def _by_name(row: dict[str, str]) -> dict[str, float]:
    return {
        feature["clean_name"]: float(row[feature["pysera_column"]] or "nan") for feature in rows("radiomics_215.csv")
    }
