"""What has no value is NaN with a typed reason; what cannot be an input at all is an error with a remedy."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from regions import Grey, Mask, masked_images

from nonet.errors import RegionError
from nonet.radiomics import Features, FixedBinSize, RadiomicsSettings, Undefined, extract
from nonet.radiomics.region import MAX_PIXELS
from nonet.reading import Box

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
ELLIPSOIDS = {f"morph_{of}_density_{which}" for of in ("volume", "area") for which in ("aee", "mvee")}


def reason(features: Features, name: str) -> Undefined | None:
    return features.reasons[features.names.index(name)]


def assert_consistent(features: Features) -> None:
    """NaN where and only where there is a reason, and no infinity."""
    assert not np.isinf(features.values).any()
    assert [bool(nan) for nan in np.isnan(features.values)] == [why is not None for why in features.reasons]


@given(masked_images(), st.integers(1, 40))
@settings(deadline=None, max_examples=30)
def test_nan_and_reasons_go_together(masked: tuple[Grey, Mask], width: int) -> None:
    assert_consistent(extract(*masked))
    assert_consistent(extract(*masked, RadiomicsSettings(FixedBinSize(width))))


@given(
    arrays.arrays(np.float64, (5, 6), elements=st.floats(width=64)),
    st.sampled_from(
        [RadiomicsSettings(), RadiomicsSettings(FixedBinSize(0.5)), RadiomicsSettings(intensity_range=(0, 1))]
    ),
)
@settings(deadline=None, max_examples=50)
def test_no_float_image_raises_or_warns(image: np.ndarray, chosen: RadiomicsSettings) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_consistent(extract(image, Box(1, 1, 5, 4), chosen))


def test_an_ordinary_box_lacks_only_the_ellipsoids() -> None:
    assert extract(IMAGE, Box(5, 5, 40, 30)).undefined() == dict.fromkeys(ELLIPSOIDS, Undefined.SINGLE_SLICE)


@pytest.mark.parametrize(
    ("region", "why"),
    [
        (Box(60, 0, 80, 20), Undefined.OUTSIDE_IMAGE),
        (Box(-9, -9, 0, 50), Undefined.OUTSIDE_IMAGE),
        (Box(10.6, 5, 11.4, 20), Undefined.EMPTY),
        (np.zeros(IMAGE.shape, dtype=bool), Undefined.EMPTY),
    ],
)
def test_a_region_without_pixels(region: Box | Mask, why: Undefined) -> None:
    features = extract(IMAGE, region)
    assert features.defect is why
    assert np.isnan(features.values).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_not_finite_spoil_what_needs_them(bad: float) -> None:
    image = IMAGE.astype(float)
    image[10, 10] = bad
    assert extract(image, Box(5, 5, 20, 20)).defect is Undefined.NOT_FINITE
    beside = extract(image, Box(12, 5, 30, 20))
    assert reason(beside, "loc_global_intensity_peak") is Undefined.NOT_FINITE
    assert set(beside.undefined()) == ELLIPSOIDS | {"loc_global_intensity_peak", "loc_local_intensity_peak"}
    assert set(extract(image, Box(20, 20, 40, 40)).undefined()) == ELLIPSOIDS


def test_intensities_beyond_a_float() -> None:
    assert extract(IMAGE * 1e300, Box(5, 5, 20, 20)).defect is Undefined.OVERFLOW


def test_an_empty_intensity_range() -> None:
    assert extract(IMAGE, Box(5, 5, 20, 20), RadiomicsSettings(intensity_range=(300, 400))).defect is Undefined.EMPTY


def test_a_huge_region_is_refused_before_it_is_measured() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    image = np.broadcast_to(np.uint8(1), (side, side))
    assert extract(image, Box(0, 0, side, side)).defect is Undefined.TOO_LARGE


def test_one_pixel() -> None:
    features = extract(IMAGE, Box(7, 7, 8, 8))
    assert reason(features, "stat_skewness") is Undefined.ONE_PIXEL
    assert reason(features, "morph_major_axis_length") is Undefined.ONE_PIXEL
    assert reason(features, "glcm_contrast_2d_averaged") is Undefined.ONE_PIXEL
    assert features.values[features.names.index("stat_mean")] == IMAGE[7, 7]
    assert features.values[features.names.index("glszm_zone_percentage_2d")] == 1


def test_one_grey_level() -> None:
    features = extract(np.full((30, 30), 9, dtype=np.uint8), Box(3, 3, 20, 20))
    flat = {name for name, why in features.undefined().items() if why is Undefined.ONE_GREY_LEVEL}
    assert set(features.undefined()) == flat | ELLIPSOIDS
    assert flat >= {"stat_skewness", "ih_kurtosis", "morph_morans_i_index", "glcm_correlation_2d_averaged"}
    assert flat >= {"ngtdm_coarseness_2d", "ngtdm_strength_2d", "ivh_area_under_curve", "ih_maximum_histogram_gradient"}
    assert features.values[features.names.index("stat_variance")] == 0


def test_pixels_that_touch_no_other() -> None:
    lonely = np.zeros(IMAGE.shape, dtype=bool)
    lonely[::3, ::3] = True
    features = extract(IMAGE, lonely)
    assert reason(features, "glcm_contrast_2d_averaged") is Undefined.NO_NEIGHBOURS
    assert reason(features, "ngtdm_complexity_2d") is Undefined.NO_NEIGHBOURS
    assert reason(features, "glrlm_run_entropy_2d_averaged") is None


def test_a_row_of_pixels_has_one_direction_and_still_a_texture() -> None:
    features = extract(IMAGE, Box(0, 3, 60, 4))
    assert set(features.undefined()) == ELLIPSOIDS
    averaged, merged = (
        features.values[features.names.index(f"glcm_contrast_{how}")] for how in ("2d_averaged", "2d_slice_merged")
    )
    assert averaged == merged


def test_intensities_that_sum_to_zero_have_no_relative_spread() -> None:
    image = np.tile(np.array([-1.0, 1.0]), (6, 6))
    features = extract(image, Box(0, 0, 12, 6))
    assert reason(features, "stat_coefficient_of_variation") is Undefined.ZERO_MEAN
    assert reason(features, "morph_centre_of_mass_shift") is Undefined.ZERO_MEAN


def test_a_plateau_at_the_maximum() -> None:
    image = np.where(IMAGE > 100, 255, IMAGE).astype(np.uint8)
    features = extract(image, Box(0, 0, 60, 40))
    assert reason(features, "ivh_intensity_at_10_percent_volume") is Undefined.PLATEAU


def test_bins_so_small_that_a_matrix_would_not_fit() -> None:
    features = extract(IMAGE, Box(0, 0, 30, 30), RadiomicsSettings(FixedBinSize(0.001)))
    assert reason(features, "glcm_contrast_2d_averaged") is Undefined.TOO_MANY_LEVELS
    assert reason(features, "stat_mean") is None


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4, 3), np.uint8), np.zeros((0, 5)), np.zeros((4, 4), complex), np.array([["a"]]), 3]
)
def test_what_is_no_grey_image_is_an_error(pixels: np.ndarray) -> None:
    with pytest.raises(RegionError):
        extract(pixels, Box(0, 0, 2, 2))


@pytest.mark.parametrize("mask", [np.ones((3, 3), bool), np.ones(IMAGE.shape, np.uint8), np.ones(IMAGE.size, bool)])
def test_a_mask_that_does_not_fit_is_an_error(mask: np.ndarray) -> None:
    with pytest.raises(RegionError):
        extract(IMAGE, mask)
