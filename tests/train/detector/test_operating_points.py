"""Operating points maximise F1 on held-out frames and sit in the middle of its plateau."""

from __future__ import annotations

import numpy as np
import pytest

from nonet.anatomy import Structure
from nonet.evaluate.detection.matching import Matching
from nonet.train.detector.operating_points import choose_operating_points


def matching(scores: list[float], right: list[bool], boxed: list[bool]) -> Matching:
    column = np.array(scores)[:, None].repeat(9, 1)
    return Matching(
        boxed=np.array(boxed)[:, None].repeat(9, 1),
        iou=np.where(np.array(right), 0.8, 0.1)[:, None].repeat(9, 1),
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
        matching([0.9, 0.8, 0.7, 0.2, 0.1], [True] * 3 + [False] * 2, [True] * 3 + [False] * 2)
    )
    assert set(points.values()) == {points[Structure.PALATE]}
    assert 0.2 < points[Structure.PALATE] <= 0.7


def test_all_right_means_the_lowest_score_still_counts() -> None:
    points = choose_operating_points(matching([0.9, 0.5], [True, True], [True, True]))
    assert points[Structure.PALATE] == pytest.approx(0.5)
