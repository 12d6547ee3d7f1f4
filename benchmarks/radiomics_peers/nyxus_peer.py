"""nyxus: its set nearest to IBSI's, intensity and texture families and the shapes that IBSI has, one thread."""

import numpy as np
import nyxus
from serving import serve

FAMILIES = ["INTENSITY", "GLCM", "GLRLM", "GLSZM", "GLDZM", "NGTDM", "NGLDM"]
SHAPES = ["AREA_PIXELS_COUNT", "PERIMETER", "DIAMETER_EQUAL_AREA", "COMPACTNESS", "ROUNDNESS", "MASS_DISPLACEMENT"]
SHAPES += ["MAJOR_AXIS_LENGTH", "MINOR_AXIS_LENGTH", "ECCENTRICITY", "ELONGATION", "STAT_FERET_DIAM_MAX"]
SHAPES += ["CONVEX_HULL_AREA", "SOLIDITY", "EXTENT"]
WANTED = [*(f"*ALL_{family}*" for family in FAMILIES), *SHAPES]
CALCULATOR = nyxus.Nyxus(WANTED, n_feature_calc_threads=1, coarse_gray_depth=32)
NOT_FEATURES = 4  # image, mask, region and time stand before the features


def measure(pixels: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[dict[str, float]]:
    """Features of each box by name."""
    return [one(pixels, box) for box in boxes]


def one(pixels: np.ndarray, box: tuple[int, int, int, int]) -> dict[str, float]:
    """Features of one box by name."""
    x1, y1, x2, y2 = box
    crop = np.ascontiguousarray(pixels[y1:y2, x1:x2]).astype(np.uint32)
    found = CALCULATOR.featurize(crop, np.ones_like(crop))
    return {name: float(value) for name, value in found.iloc[0, NOT_FEATURES:].items()}


serve(measure)
