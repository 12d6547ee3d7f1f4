"""What a feature may depend on: not on where the region lies, nor on what surrounds it, nor on the type of pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from regions import Grey, Mask, images, masked_images

from nonet.radiomics import Features, FixedBinSize, RadiomicsSettings, extract, extract_many
from nonet.reading import Box

AROUND = ("loc_",)  # local intensity looks past the region's edge
SHIFTED_WITH_INTENSITY = frozenset(
    {"stat_mean", "stat_median", "stat_minimum", "stat_10th_percentile", "stat_90th_percentile", "stat_maximum"}
    | {"ivh_intensity_at_10_percent_volume", "ivh_intensity_at_90_percent_volume"}
    | {"loc_local_intensity_peak", "loc_global_intensity_peak"}
)
RELATIVE_TO_INTENSITY = frozenset(
    {"stat_coefficient_of_variation", "stat_quartile_coefficient_of_dispersion", "stat_energy"}
    | {"stat_root_mean_square", "morph_integrated_intensity", "morph_centre_of_mass_shift"}
)
FULL_BOX = st.sampled_from([(0, 0), (3, 5), (17, 2)])

quick = settings(deadline=None, max_examples=25)


def whole(image: Grey) -> Box:
    return Box(0, 0, image.shape[1], image.shape[0])


def assert_same(a: Features, b: Features, *, but: frozenset[str] | tuple[str, ...] = ()) -> None:
    """Equal values, to rounding, and equal reasons, but for features of these names or prefixes."""
    kept = [i for i, name in enumerate(a.names) if not name.startswith(tuple(but) or ("-",))]
    left, right = a.values[kept], b.values[kept]
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9, err_msg=str(np.array(a.names)[kept]))
    assert [a.reasons[i] for i in kept] == [b.reasons[i] for i in kept]


@given(images(), FULL_BOX)
@quick
def test_a_region_may_lie_anywhere(image: Grey, corner: tuple[int, int]) -> None:
    top, left = corner
    height, width = image.shape
    canvas = np.full((60, 60), 7, dtype=np.uint8)
    canvas[top : top + height, left : left + width] = image
    moved = extract(canvas, Box(left, top, left + width, top + height))
    assert_same(extract(image, whole(image)), moved, but=AROUND)


@given(masked_images(), st.integers(0, 4), st.integers(0, 4))
@quick
def test_padding_outside_a_mask_changes_nothing(masked: tuple[Grey, Mask], before: int, after: int) -> None:
    image, mask = masked
    margin = (before, after)
    padded = extract(np.pad(image, margin, constant_values=200), np.pad(mask, margin))
    assert_same(extract(image, mask), padded, but=AROUND)


@given(images(brightest=150), st.integers(1, 100))
@quick
def test_a_shift_of_intensities_moves_only_what_speaks_of_intensity(image: Grey, shift: int) -> None:
    before, after = (extract(pixels, whole(image)) for pixels in (image, image + np.uint8(shift)))
    assert_same(before, after, but=SHIFTED_WITH_INTENSITY | RELATIVE_TO_INTENSITY)
    for name in SHIFTED_WITH_INTENSITY:
        index = before.names.index(name)
        np.testing.assert_allclose(before.values[index] + shift, after.values[index], rtol=1e-12)


@given(masked_images())
@quick
def test_transposing_and_mirroring_change_nothing(masked: tuple[Grey, Mask]) -> None:
    image, mask = masked
    upright = extract(image, mask)
    for turned, turned_mask in ((image.T, mask.T), (image[::-1], mask[::-1]), (image[:, ::-1], mask[:, ::-1])):
        assert_same(upright, extract(turned, turned_mask))


@given(images())
@quick
def test_a_box_is_its_full_mask(image: Grey) -> None:
    assert_same(extract(image, whole(image)), extract(image, np.ones(image.shape, dtype=bool)))


@given(masked_images(), st.sampled_from([np.int16, np.uint16, np.int64, np.float32, np.float64]))
@quick
def test_the_type_of_pixels_does_not_matter(masked: tuple[Grey, Mask], kind: type[np.generic]) -> None:
    image, mask = masked
    np.testing.assert_array_equal(extract(image, mask).values, extract(image.astype(kind), mask).values)


@given(images(largest=30), st.lists(st.tuples(*[st.floats(-5, 35)] * 4), min_size=1, max_size=4))
@quick
def test_many_regions_equal_single_ones_bit_for_bit(image: Grey, edges: list[tuple[float, ...]]) -> None:
    boxes = [Box(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in edges]
    for together, box in zip(extract_many(image, boxes), boxes, strict=True):
        alone = extract(image, box)
        assert together.values.tobytes() == alone.values.tobytes()
        assert together.reasons == alone.reasons


def test_nine_boxes_of_a_frame_equal_single_ones_bit_for_bit() -> None:
    rng = np.random.default_rng(5)
    frame = rng.rayleigh(40, (200, 300)).clip(0, 255).astype(np.uint8)
    boxes = [Box(x, y, x + w, y + h) for x, y, w, h in rng.integers(4, 99, (9, 4))]
    for together, box in zip(extract_many(frame, boxes), boxes, strict=True):
        assert together.values.tobytes() == extract(frame, box).values.tobytes()


@given(images(), st.integers(2, 9))
@quick
def test_levels_of_a_fixed_size_follow_the_scale_of_intensities(image: Grey, scale: int) -> None:
    """The textures of an image, and of the same brighter by a factor in bins wider by that factor."""
    fine = extract(image, whole(image), RadiomicsSettings(FixedBinSize(4)))
    coarse = extract(image.astype(np.int32) * scale, whole(image), RadiomicsSettings(FixedBinSize(4.0 * scale)))
    assert_same(fine, coarse, but=("morph_integrated", "loc_", "stat_", "ivh_"))


@pytest.mark.parametrize(
    ("box", "same"),
    [
        (Box(2.5, 3.49, 8.5, 9.4), Box(3, 3, 9, 9)),
        (Box(-100, -1e300, 8, 1e300), Box(0, 0, 8, 20)),
        (Box(11.4, 0, 40, 20.2), Box(11, 0, 20, 20)),
    ],
)
def test_a_box_is_rounded_to_pixel_edges_and_clipped(box: Box, same: Box) -> None:
    image: NDArray[np.uint8] = np.random.default_rng(3).integers(0, 256, (20, 20), dtype=np.uint8)
    assert extract(image, box).values.tobytes() == extract(image, same).values.tobytes()


def test_an_intensity_range_leaves_shape_alone_and_bounds_the_rest() -> None:
    image = np.random.default_rng(4).integers(0, 256, (30, 30), dtype=np.uint8)
    image[0, :2] = 50, 200
    free = extract(image, whole(image))
    bound = extract(image, whole(image), RadiomicsSettings(intensity_range=(50, 200)))
    values = dict(zip(bound.names, bound.values, strict=True))
    assert values["morph_volume_mesh"] == free.values[free.names.index("morph_volume_mesh")]
    assert (values["stat_minimum"], values["stat_maximum"]) == (50, 200)
    masked = extract(image, (image >= 50) & (image <= 200))
    assert values["glcm_joint_entropy_2d_averaged"] == pytest.approx(
        masked.values[masked.names.index("glcm_joint_entropy_2d_averaged")]
    )
