"""Nonet: 215 features of every box, all boxes of a frame in one call."""

import numpy as np
from serving import serve

from nonet.radiomics import extract_many
from nonet.reading import Box


def measure(pixels: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[dict[str, float]]:
    """Features of each box by name."""
    measured = extract_many(pixels, [Box(*box) for box in boxes])
    return [dict(zip(features.names, features.values.tolist(), strict=True)) for features in measured]


serve(measure)
