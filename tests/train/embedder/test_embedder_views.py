"""Two views of a crop show the same crop, never another box or other greys, and can be drawn again."""

import numpy as np
import pytest

from nonet.reading import Box
from nonet.train.embedder.backgrounds import backgrounds
from nonet.train.embedder.recipe import Views
from nonet.train.embedder.training_crops import Crops
from nonet.train.embedder.views import view

UNTOUCHED = Views(hidden_probability=0.0, erasures=0, erased=(0.0, 0.0))
ERASED = Views(hidden_probability=0.0, erasures=1, erased=(0.1, 0.2))


def crops() -> Crops:
    rng = np.random.default_rng(1)
    grey = rng.integers(1, 200, (4, 96, 160), np.uint8)
    return Crops(grey, grey + np.uint8(1), np.zeros(4, np.int64))


def test_an_untouched_view_is_the_crop_or_its_mirror() -> None:
    made, rng = crops(), np.random.default_rng(2)
    mirrored = [not np.array_equal(view(made, 1, UNTOUCHED, rng), made.grey[1]) for _ in range(40)]
    assert 8 < sum(mirrored) < 32
    rng = np.random.default_rng(2)
    for is_mirrored in mirrored:
        expected = made.grey[1][:, ::-1] if is_mirrored else made.grey[1]
        np.testing.assert_array_equal(view(made, 1, UNTOUCHED, rng), expected)


def test_an_erasure_is_a_rectangle_of_mean_grey_of_the_share_asked_for() -> None:
    made, rng = crops(), np.random.default_rng(3)
    for _ in range(30):
        seen = view(made, 0, ERASED, rng)
        changed = (seen != made.grey[0]) & (seen != made.grey[0][:, ::-1])
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        place = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert 0.09 < place.size / seen.size < 0.21
        assert np.unique(place).size == 1


def test_a_view_may_come_from_the_frame_without_marks() -> None:
    made = crops()
    views = Views(hidden_probability=1.0, erasures=0, erased=(0.0, 0.0))
    seen = view(made, 2, views, np.random.default_rng(0))
    assert np.array_equal(seen, made.hidden[2]) or np.array_equal(seen, made.hidden[2][:, ::-1])


def test_no_view_changes_the_crops_themselves() -> None:
    made, before = crops(), crops()
    view(made, 0, ERASED, np.random.default_rng(0))
    np.testing.assert_array_equal(made.grey, before.grey)


@pytest.mark.parametrize("seed", range(10))
def test_a_background_lies_on_the_frame_and_holds_no_structure(seed: int) -> None:
    boxes = [Box(100, 100, 190, 170), Box(200, 120, 463, 154), Box(60, 200, 88, 209)]
    found = backgrounds(boxes, 640, 480, 2, np.random.default_rng(seed))
    assert len(found) == 2
    for place in found:
        assert 0 <= place.x1 < place.x2 <= 640
        assert 0 <= place.y1 < place.y2 <= 480
        assert all(place.iou(box) <= 0.1 for box in boxes)


def test_where_there_is_no_room_there_is_no_background() -> None:
    assert backgrounds([Box(0, 0, 640, 480)], 640, 480, 2, np.random.default_rng(0)) == []
