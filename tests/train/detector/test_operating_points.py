"""Operating points maximise F1 over held-out frames and frames without structures, in the middle of its plateau."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.anatomy import Structure
from nonet.evaluate.detection.matching import Matching
from nonet.train.detector.operating_points import choose_operating_points

NOTHING = np.zeros((0, 9))


def matching(scores: list[float], right: list[bool], boxed: list[bool], overlap: float = 0.8) -> Matching:
    column = np.array(scores)[:, None].repeat(9, 1)
    return Matching(
        boxed=np.array(boxed)[:, None].repeat(9, 1),
        iou=np.where(np.array(right), overlap, 0.1)[:, None].repeat(9, 1),
        centre_px=np.zeros_like(column),
        mm_per_px=np.full(len(scores), np.nan),
        scores=column,
        seen=column >= 0,
        in_band=np.full_like(column, np.nan),
        visibility=np.full_like(column, np.nan),
        groups=np.arange(len(scores)),
    )


def test_it_parts_right_from_wrong() -> None:
    points = choose_operating_points(
        [matching([0.9, 0.8, 0.7, 0.2, 0.1], [True] * 3 + [False] * 2, [True] * 3 + [False] * 2)], NOTHING
    )
    assert set(points.values()) == {points[Structure.PALATE]}
    assert 0.2 < points[Structure.PALATE] <= 0.7


def test_all_right_means_the_lowest_score_still_counts() -> None:
    points = choose_operating_points([matching([0.9, 0.5], [True, True], [True, True])], NOTHING)
    assert points[Structure.PALATE] == pytest.approx(0.5)


def test_a_box_on_its_structure_counts_as_right_though_readers_drew_another() -> None:
    """Two readers' boxes of one nuchal translucency overlap by less than a half."""
    found = matching([0.9, 0.8, 0.3, 0.25, 0.1], [True] * 4 + [False], [True] * 4 + [False], overlap=0.3)
    points = choose_operating_points([found], NOTHING)
    assert 0.1 < points[Structure.NUCHAL_TRANSLUCENCY] <= 0.25


def test_what_is_called_in_frames_without_structures_raises_the_point() -> None:
    frames = matching([0.9, 0.8, 0.7, 0.3], [True] * 4, [True] * 4)
    empty = np.full((20, 9), 0.4)
    alone = choose_operating_points([frames], NOTHING)
    both = choose_operating_points([frames], empty)
    assert alone[Structure.THALAMI] == pytest.approx(0.3)
    assert both[Structure.THALAMI] > 0.4


def test_a_structure_that_is_never_found_is_never_called(caplog: pytest.LogCaptureFixture) -> None:
    points = choose_operating_points([matching([0.9, 0.5], [False, False], [True, True])], NOTHING)
    assert points[Structure.PALATE] == 1
    assert "palate" in caplog.text
