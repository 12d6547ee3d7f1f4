"""A crop shows the box in its middle, whole, at one scale, whatever the box's shape and place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from errors_raised import raised
from nonet.deep import Window, crop
from nonet.errors import InputTooLarge, RegionError
from nonet.reading import Box

WINDOW = Window(width=160, height=96, margin=0.2)
NUCHAL = Box(200, 300, 463, 334)
BOXES = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.floats(-50, 600),
    st.floats(-50, 400),
    st.floats(60, 400),
    st.floats(60, 300),
)


def frame(width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    return (100 + 60 * np.sin(x / 17) * np.cos(y / 23)).astype(np.uint8)


@settings(deadline=None)
@given(BOXES)
def test_the_window_has_the_crops_shape_and_holds_the_box_with_its_margin(box: Box) -> None:
    x1, y1, x2, y2 = WINDOW.around(box)
    assert (x2 - x1) / (y2 - y1) == pytest.approx(160 / 96)
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx(((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2))
    slack = 1e-6
    assert box.x1 - x1 >= 0.2 * box.width - slack
    assert box.y1 - y1 >= 0.2 * box.height - slack


def test_a_long_thin_box_fills_the_width_and_is_not_stretched() -> None:
    pixels = np.zeros((480, 640), np.uint8)
    pixels[300:334, 200:463] = 255
    bright = crop(pixels, NUCHAL, WINDOW) > 127
    wide, tall = bright.any(0).sum(), bright.any(1).sum()
    assert wide == pytest.approx(160 / 1.4, abs=1)
    assert wide / tall == pytest.approx(263 / 34, rel=0.08)


@settings(max_examples=25, deadline=None)
@given(BOXES)
def test_a_crop_of_the_mirrored_frame_is_the_mirrored_crop(box: Box) -> None:
    pixels = frame()
    turned = Box(640 - box.x2, box.y1, 640 - box.x1, box.y2)
    one, other = crop(pixels, box, WINDOW), crop(np.ascontiguousarray(pixels[:, ::-1]), turned, WINDOW)
    np.testing.assert_allclose(one.astype(int), other[:, ::-1].astype(int), atol=2)


def test_beyond_the_frame_there_is_black() -> None:
    shown = crop(np.full((480, 640), 200, np.uint8), Box(0, 0, 80, 48), WINDOW)
    assert (shown[:10] == 0).all()
    assert (shown[:, :10] == 0).all()
    assert (shown[40:, 60:] == 200).all()


def test_of_a_box_that_reaches_out_the_part_on_the_frame_counts() -> None:
    np.testing.assert_array_equal(
        crop(frame(), Box(600, 100, 900, 160), WINDOW), crop(frame(), Box(600, 100, 640, 160), WINDOW)
    )


def test_a_tiny_box_is_magnified_no_more_than_eight_times() -> None:
    x1, y1, x2, y2 = WINDOW.around(Box(100, 100, 100.001, 100.001))
    assert (x2 - x1, y2 - y1) == (20, 12)


@pytest.mark.parametrize("box", [Box(640, 0, 700, 50), Box(0, 480, 10, 500), Box(-20, -20, 0, 10)])
def test_a_box_beside_the_frame_is_refused(box: Box) -> None:
    with pytest.raises(RegionError):
        crop(frame(), box, WINDOW)


def test_a_frame_of_absurd_shape_does_not_ask_for_absurd_memory() -> None:
    with raised(InputTooLarge, found="1166667 x 700000 on a frame of 1 x 500000"):
        crop(np.zeros((500_000, 1), np.uint8), Box(0, 0, 1, 500_000), WINDOW)
