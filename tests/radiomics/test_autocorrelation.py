"""Moran's I and Geary's C by transforms equal the sums over all pairs of pixels that define them."""

import numpy as np
import pytest
from hypothesis import given, settings
from regions import Grey, Mask, masked_images, region_of

from nonet.radiomics import extract
from nonet.radiomics.autocorrelation import Autocorrelation
from nonet.reading import Box


@given(masked_images())
@settings(deadline=None, max_examples=80)
def test_sums_equal_those_over_all_pairs(masked: tuple[Grey, Mask]) -> None:
    image, mask = masked
    places = np.argwhere(mask).astype(float)
    x = image[mask].astype(float)
    distance = np.linalg.norm(places[:, None] - places, axis=2)
    weights = np.divide(1, distance, out=np.zeros_like(distance), where=distance > 0)
    deviations = x - x.mean()
    sums = Autocorrelation.of(region_of(image, mask))
    scale = weights.sum() * max(deviations.max(initial=0) ** 2, 1)
    assert sums.weights == pytest.approx(weights.sum(), rel=1e-12)
    assert sums.products == pytest.approx(deviations @ weights @ deviations, abs=1e-12 * scale + 1e-12)
    assert sums.differences == pytest.approx((weights * np.subtract.outer(x, x) ** 2).sum(), abs=1e-11 * scale + 1e-12)


def test_like_neighbours_give_a_high_moran_and_a_low_geary() -> None:
    smooth = np.add.outer(np.arange(40), np.arange(50)).astype(np.uint8)
    noisy = np.random.default_rng(0).permutation(smooth.ravel()).reshape(smooth.shape)
    names = extract(smooth, Box(0, 0, 50, 40)).names
    pair = [names.index("morph_morans_i_index"), names.index("morph_gearys_c_measure")]
    of_smooth, of_noisy = (extract(image, Box(0, 0, 50, 40)).values[pair] for image in (smooth, noisy))
    assert of_smooth[0] > 0.2
    assert of_smooth[1] < 0.8
    np.testing.assert_allclose(of_noisy, [0, 1], atol=0.02)
