"""pyradiomics 3.0.1: its 2-D features of every class, 32 bins, the box cut out by its mask."""

import logging

import numpy as np
import SimpleITK
from serving import serve

from radiomics import featureextractor

logging.disable(logging.CRITICAL)

EXTRACTOR = featureextractor.RadiomicsFeatureExtractor(binCount=32, force2D=True, force2Ddimension=0)
EXTRACTOR.disableAllFeatures()
for family in ("shape2D", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"):
    EXTRACTOR.enableFeatureClassByName(family)


def measure(pixels: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[dict[str, float]]:
    """Features of each box by name."""
    return [one(pixels, box) for box in boxes]


def one(pixels: np.ndarray, box: tuple[int, int, int, int]) -> dict[str, float]:
    """Features of one box by name."""
    x1, y1, x2, y2 = box
    mask = np.zeros((1, *pixels.shape), dtype=np.uint8)
    mask[0, y1:y2, x1:x2] = 1
    image = SimpleITK.GetImageFromArray(pixels[None].astype(np.int16))
    found = EXTRACTOR.execute(image, SimpleITK.GetImageFromArray(mask))
    return {name: float(value) for name, value in found.items() if name.startswith("original_")}


serve(measure)
