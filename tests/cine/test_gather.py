"""Which frames are best, with what reasons; and that pixels are let go, however long the loop is."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from loop_readings import loop_reading, sweep
from nonet.anatomy import STRUCTURES
from nonet.cine import Taken, loop_of
from nonet.cine.gather import APART, NEIGHBOURS, REACH, Gathered
from nonet.errors import LoopError
from nonet.frame import Frame


def test_the_best_frame_is_where_the_plane_is_best() -> None:
    loop = loop_of(sweep(40), None, best=3)
    assert abs(loop.best[0].number - 16) <= 1
    assert loop.best[0].reasons[0].startswith("best of 40 frames; plane probability 0.9")
    assert "9 of 9 structures seen" in loop.best[0].reasons


def test_the_best_frames_lie_apart() -> None:
    numbers = sorted(one.number for one in loop_of(sweep(60), None, best=6).best)
    assert len(numbers) == 6
    assert min(np.diff(numbers)) > APART


def test_one_frame_that_shines_does_not_beat_a_good_stretch() -> None:
    odds = [0.3] * 5 + [0.95] + [0.3] * 14 + [0.9] * 9 + [0.3] * 5
    loop = loop_of([loop_reading(n, len(odds), probability=p) for n, p in enumerate(odds)], None, best=1)
    assert 20 <= loop.best[0].number <= 28


def test_no_best_frames_may_be_asked_for() -> None:
    assert loop_of(sweep(10), None, best=0).best == ()


def test_a_frame_on_which_nothing_is_seen_is_never_among_the_best() -> None:
    readings = [loop_reading(n, 30, visible=STRUCTURES if n < 10 else ()) for n in range(30)]
    assert [one.number < 10 for one in loop_of(readings, None, best=5).best] == [True, True]
    assert loop_of([loop_reading(n, 12, visible=()) for n in range(12)], None, best=5).best == ()


def test_without_a_grader_the_structures_say_which_is_best() -> None:
    readings = [
        loop_reading(n, 13, probability=None, visible=STRUCTURES if 4 <= n <= 8 else STRUCTURES[:3]) for n in range(13)
    ]
    loop = loop_of(readings, None, best=1)
    assert loop.best[0].number == 6
    assert loop.frames[6].plane_smoothed is None
    assert "the plane is not graded" in loop.best[0].reasons[0]


def test_measurements_are_held_against_the_frames_around() -> None:
    loop = loop_of(sweep(40, noise=np.random.default_rng(1)), None, best=1)
    best = loop.best[0]
    repeated = next(one for one in best.measurements if one.structure is STRUCTURES[8])
    assert len(repeated.values) == 2 * NEIGHBOURS
    assert all(0 < abs(number - best.number) <= NEIGHBOURS for number in repeated.numbers)
    assert repeated.sd == pytest.approx(np.std([repeated.value, *repeated.values], ddof=1), abs=1e-3)


def test_a_copy_has_the_values_of_its_frame_and_is_never_best() -> None:
    gathered = Gathered(5)
    first, second = (loop_reading(n, 3, probability=0.9) for n in (0, 2))
    gathered.add(first.source, "a", first)
    gathered.add(first.source, "b", None, taken=Taken.COPIED, back=1)
    gathered.add(second.source, "c", second)
    assert gathered.rows[1].taken_from == 0
    assert gathered.rows[1].probability == 0.9
    assert gathered.rows[1].pixels_sha256 == "b"
    assert 1 not in {one.number for one in gathered.best()}


@pytest.mark.parametrize(("readings", "found"), [([], "no frame"), ([loop_reading(0, 1)], "one frame")])
def test_fewer_than_two_frames_are_no_loop(readings: list, found: str) -> None:
    with pytest.raises(LoopError) as raised:
        loop_of(readings, None)
    assert raised.value.found == found


def test_frames_of_another_size_are_no_loop() -> None:
    readings = [loop_reading(0, 2), loop_reading(1, 2, size=(640, 480))]
    with pytest.raises(LoopError) as raised:
        loop_of(readings, None)
    assert "frame 2 of 640 x 480 pixels after 320 x 240" in raised.value.found


def test_lost_frames_are_warned_of() -> None:
    loop = loop_of([loop_reading(n, 4) for n in range(4)], None, steps=(1, 1, 3, 1))
    assert loop.warnings == ("2 frames are missing before frame 3",)


def test_pixels_are_let_go_however_long_the_loop_is() -> None:
    gathered, alive = Gathered(2), []
    for number in range(400):
        reading = loop_reading(number, 400, probability=0.2 + 0.001 * number)
        pixels = np.zeros((4, 4), np.uint8)
        alive.append(weakref.ref(pixels))
        gathered.add(reading.source, "", reading, frame=Frame(pixels, reading.source))
        del pixels, reading
    gc.collect()
    assert sum(one() is not None for one in alive) <= 2 * (2 * APART + 1) + 2 * REACH + 1
    assert [one.frame is not None for one in gathered.best()] == [True, True]
