"""Nonet, one family at a time: the share of each in the time of a box, by the CPU time of its own reading."""

import time

import numpy as np
from serving import serve

from nonet.radiomics import FAMILIES, RadiomicsSettings
from nonet.radiomics.region import RegionOfInterest, locate
from nonet.reading import Box


def measure(pixels: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[dict[str, float]]:
    """CPU seconds of each family over all boxes."""
    spent = dict.fromkeys(["levels, order, zones", *(family.title for family in FAMILIES)], 0.0)
    for box in boxes:
        region = RegionOfInterest(pixels, *locate(pixels.shape, Box(*box)), RadiomicsSettings())
        start = time.process_time()
        region.defect(), region.levels, region.level_count, region.zones
        spent["levels, order, zones"] += time.process_time() - start
        for family in FAMILIES:
            start = time.process_time()
            family.values([region])
            spent[family.title] += time.process_time() - start
    return [spent]


np.seterr(all="ignore")
serve(measure)
