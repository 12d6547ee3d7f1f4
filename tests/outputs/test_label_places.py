"""Labels keep their distance and their order, and their leaders do not cross."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from example_readings import BOXES
from hypothesis import assume, given
from hypothesis import strategies as st

from nonet.anatomy import STRUCTURES, Structure
from nonet.outputs.picture.label_places import LabelColumn, place, spread, untangle
from nonet.reading import Box

COORDINATE = st.floats(0, 1000)
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=9, unique_by=lambda point: point[1])
LEFT, RIGHT = LabelColumn(-14, 23, 467), LabelColumn(694, 23, 467)
NOSE = (Structure.NASAL_TIP, Structure.NASAL_SKIN, Structure.NASAL_BONE)


@given(st.lists(COORDINATE, min_size=1, max_size=9))
def test_spread_keeps_order_distance_and_bounds(wanted: list[float]) -> None:
    placed = spread(sorted(wanted), 40, 0, 1000)
    assert all(later - earlier >= 40 - 1e-6 for earlier, later in pairwise(placed))
    assert placed[0] >= -1e-6
    assert placed[-1] <= 1000 + 1e-6


def test_spread_leaves_alone_what_has_room() -> None:
    assert spread([100, 200, 300], 40, 0, 1000) == [100, 200, 300]


def test_spread_shares_the_displacement() -> None:
    assert spread([100, 100], 40, 0, 1000) == [80, 120]


def test_spread_is_even_where_there_is_too_little_room() -> None:
    assert spread([5, 5, 5], 40, 0, 20) == [0, 10, 20]


@given(POINTS)
def test_untangled_leaders_do_not_cross(anchors: list[tuple[float, float]]) -> None:
    assume(all(x < 1000 for x, _ in anchors))
    slots = [(1010.0, 40.0 * index) for index in range(len(anchors))]
    ends = untangle(anchors, slots)
    assert sorted(ends) == slots
    for i, j in combinations(range(len(anchors)), 2):
        assert not crossing(anchors[i], ends[i], anchors[j], ends[j])


def test_untangle_swaps_what_would_cross() -> None:
    assert untangle([(0, 0), (5, 10)], [(10, 10), (10, 0)]) == [(10, 0), (10, 10)]


def test_each_structure_has_one_label_at_its_own_box() -> None:
    labels = place(BOXES, [LEFT, RIGHT], 46, NOSE)
    assert sorted(label.structure for label in labels) == sorted(STRUCTURES)
    for label in labels:
        box = BOXES[label.structure]
        assert label.anchor == (box.x1 if label.column is LEFT else box.x2, box.centre[1])


def test_face_and_brain_are_labelled_on_their_own_sides() -> None:
    columns = {label.structure: label.column for label in place(BOXES, [LEFT, RIGHT], 46, NOSE)}
    assert all(columns[name] is RIGHT for name in (*NOSE, Structure.PALATE))
    assert all(columns[name] is LEFT for name in (Structure.THALAMI, Structure.MIDBRAIN))


@pytest.mark.parametrize("offset", [-150, -40, 0, 40, 150])
def test_the_nose_is_never_divided_between_the_sides(offset: int) -> None:
    moved = {name: Box(box.x1 + offset, box.y1, box.x2 + offset, box.y2) for name, box in BOXES.items()}
    columns = {label.structure: label.column for label in place(moved, [LEFT, RIGHT], 46, NOSE)}
    assert len({id(columns[name]) for name in NOSE}) == 1


def test_no_side_takes_more_than_six_of_nine() -> None:
    crowd = {name: Box(10 + i, 20 * i, 20 + i, 20 * i + 10) for i, name in enumerate(STRUCTURES)}
    columns = [label.column for label in place(crowd, [LEFT, RIGHT], 46)]
    assert columns.count(LEFT) == 6


def test_nothing_to_label_gives_no_labels() -> None:
    assert place({}, [LEFT, RIGHT], 46) == []


def crossing(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6
