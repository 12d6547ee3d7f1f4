"""Which radiomic features say how large a box is, whatever lies in it: measured in speckle without any structure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.stats import spearmanr

from nonet.features.radiomic_features import RadiomicFeatures
from nonet.reading import Box
from nonet.study.size_features import MORPHOLOGY, WITH_AREA, follows_area

BOXES = 40


@pytest.mark.slow
def test_those_and_no_others_follow_the_area_of_boxes_in_one_speckle() -> None:
    rng, radiomics = np.random.default_rng(0), RadiomicFeatures()
    values, areas = [], []
    for _ in range(BOXES):
        pixels = np.clip(ndimage.gaussian_filter(rng.normal(0, 80, (200, 260)), 1.5) + 100, 0, 255).astype(np.uint8)
        width, height = rng.uniform(20, 110), rng.uniform(20, 60)
        values.append(radiomics.rows(pixels, [Box(20, 20, 20 + width, 20 + height)])[0].values)
        areas.append(width * height)
    follows = set()
    for name, column in zip(radiomics.names, np.array(values).T, strict=True):
        if not name.startswith(MORPHOLOGY) and np.isfinite(column).all() and np.ptp(column) > 0:
            follows |= {name} if abs(spearmanr(column, areas)[0]) > 0.9 else set()
    assert follows == WITH_AREA


def test_morphology_and_what_follows_the_area_are_left_out_together() -> None:
    names = RadiomicFeatures().names
    assert set(names) > WITH_AREA
    assert sum(follows_area(name) for name in names) == 29 + len(WITH_AREA)
