"""A twin shows the same structure in the box that it is carried along in, and is a picture of grey pixels."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.evaluate.robustness.twins import TWINS, Twin, TwinFamily
from nonet.reading import Box

BOX = Box(90.0, 60.0, 150.0, 92.0)
SIZE = (240, 320)


def ellipse() -> np.ndarray:
    """A bright ellipse that fills the box, on dark tissue."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    inside = ((columns - BOX.centre[0]) / (BOX.width / 2)) ** 2 + ((rows - BOX.centre[1]) / (BOX.height / 2)) ** 2 <= 1
    return np.where(inside, 200, 90).astype(np.uint8)


def bounds(pixels: np.ndarray) -> tuple[float, float, float, float]:
    """The edges of what is brighter than the middle between the two greys."""
    rows, columns = np.nonzero(pixels > (float(pixels.max()) + float(np.median(pixels[pixels > 0]))) / 2)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_the_box_goes_with_the_structure(twin: Twin) -> None:
    changed = twin.pixels(ellipse(), np.random.default_rng(0))
    assert changed.dtype == np.uint8
    assert changed.ndim == 2
    carried = twin.box(BOX, SIZE)
    assert bounds(changed) == pytest.approx(carried.xyxy, abs=2.0)


def test_every_twin_has_its_own_name_and_changes_the_picture() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(1, 255, SIZE, dtype=np.uint8)
    assert len({twin.name for twin in TWINS}) == len(TWINS) == 23
    for twin in TWINS:
        changed = twin.pixels(pixels, np.random.default_rng(0))
        assert changed.shape != pixels.shape or not np.array_equal(changed, pixels), twin.name


@pytest.mark.parametrize("twin", [twin for twin in TWINS if twin.family is TwinFamily.GREY], ids=lambda twin: twin.name)
def test_what_is_black_stays_black(twin: Twin) -> None:
    pixels = np.zeros(SIZE, np.uint8)
    assert not twin.pixels(pixels, np.random.default_rng(0)).any()


def test_zooms_keep_the_size_on_black_and_change_it_otherwise() -> None:
    sizes = {twin.name: twin.pixels(ellipse(), np.random.default_rng(0)).shape for twin in TWINS}
    assert sizes["zoom 0.6"] == (144, 192)
    assert sizes["zoom 1.5"] == (360, 480)
    assert sizes["zoom 0.6 on black"] == SIZE
    assert sizes["rotation +10 degrees"] > SIZE
