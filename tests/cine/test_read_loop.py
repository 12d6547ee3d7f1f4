"""Frames are read as a loop: copies are not computed, the head is followed, best frames are read as stills are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.cine import Loop, Taken, read_loop
from nonet.cine.look import PIECE, look, pieces
from nonet.cine.stills import NumberedStills
from nonet.errors import LoopError
from nonet.frame import Frame, Source, pixels_sha256
from nonet.frames.difference_hash import COPY_BITS, bits_apart, difference_hash
from nonet.frames.overlay.masks import mark
from nonet.reader import Reader
from nonet.simulate import EXAMPLE_SEEDS, simulate_cine

FRAMES = 6


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Bundle(DEFAULT_BUNDLE))


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return [
        Frame(one.pixels, Source("array", pixels_sha256(one.pixels), number, FRAMES))
        for number, one in enumerate(simulate_cine(EXAMPLE_SEEDS[51], FRAMES))
    ]


@pytest.fixture(scope="module")
def loop(reader: Reader, frames: list[Frame]) -> Loop:
    return read_loop(frames, reader, best=1)


def test_a_frame_says_how_it_was_taken(loop: Loop, frames: list[Frame]) -> None:
    hashes = [difference_hash(frame.pixels) for frame in frames]
    assert loop.frames[0].taken is Taken.READ
    for number, one in enumerate(loop.frames):
        assert one.taken_from <= number
        if one.taken is Taken.COPIED:
            assert bits_apart(hashes[number], hashes[one.taken_from]) <= COPY_BITS
            assert loop.frames[one.taken_from].taken is not Taken.COPIED
        else:
            assert one.taken_from == number
    assert {one.taken for one in loop.frames} == set(Taken)


def test_a_frame_whose_boxes_alone_were_looked_for_has_its_plane_from_those_around(loop: Loop) -> None:
    boxed = [one for one in loop.frames if one.taken is Taken.BOXED]
    assert boxed
    for one in boxed:
        before = loop.frames[max(one.number - 2, 0) : one.number]
        assert any(other.taken in (Taken.READ, Taken.FOLLOWED) for other in before)
        assert one.plane_probability is None
        assert one.plane_label is None
        assert one.plane_smoothed is not None
        assert one.visible
    assert not {one.number for one in loop.best} & {one.number for one in boxed}


def test_the_best_frames_reading_is_that_of_the_still(loop: Loop, frames: list[Frame], reader: Reader) -> None:
    best = loop.best[0]
    reading = reader.read_frame(frames[best.number])
    assert best.reading == reading
    assert best.plane_quality == reading.plane_quality
    assert loop.frames[best.number].plane_probability == reading.plane_quality.probability
    assert best.pixels_of() is frames[best.number]


def test_tracks_lie_on_the_frames_boxes(loop: Loop, frames: list[Frame], reader: Reader) -> None:
    reading = reader.read_frame(frames[0])
    for found in reading.findings:
        track = loop.track(found.structure)
        if found.box and track.boxes and track.boxes[0].number == 0:
            assert found.box.iou(track.boxes[0].to_box()) > 0.6


def test_a_still_that_is_repeated_is_computed_once_a_piece(reader: Reader, frames: list[Frame]) -> None:
    loop = read_loop([frames[0]] * (PIECE + 2), reader, best=0)
    computed = [one.number for one in loop.frames if one.taken is not Taken.COPIED]
    assert computed == [0, PIECE]
    for track in loop.tracks:
        for one in track.boxes:
            assert one.box == pytest.approx(track.boxes[0].box, abs=0.05)


@pytest.mark.slow
def test_the_document_does_not_depend_on_the_workers(reader: Reader, frames: list[Frame], loop: Loop) -> None:
    longer = [*frames, *frames[::-1], *frames[:5]]
    alone, beside = (read_loop(longer, reader, best=2, workers=workers) for workers in (1, 2))
    assert alone.to_json() == beside.to_json()


@pytest.mark.parametrize("changed", [False, True])
def test_what_is_drawn_is_looked_for_again_where_it_has_changed(
    reader: Reader, frames: list[Frame], monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    found: list[Frame] = []

    def counted(frame: Frame) -> Frame:
        found.append(mark(frame))
        return found[-1]

    monkeypatch.setattr("nonet.frames.overlay.hide.mark", counted)
    later = frames[-1].pixels.copy()
    if changed:
        overlay = mark(frames[0]).overlay
        assert overlay is not None
        later[overlay] = 255 - later[overlay]
    seen = look(reader, [frames[0], replace(frames[-1], pixels=later)])
    assert seen[1].taken is not Taken.COPIED
    assert len(found) == 1 + changed


def test_frames_are_taken_as_they_are_needed(reader: Reader, frames: list[Frame]) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Frame]:
        for number in range(10_000):
            taken.append(number)
            yield frames[0]

    first = next(iter(pieces(endless())))
    assert len(first) == len(taken) == PIECE
    assert [one.taken for one in look(reader, first[:2])] == [Taken.READ, Taken.COPIED]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_frames_are_no_loop(reader: Reader, frames: list[Frame], count: int) -> None:
    with pytest.raises(LoopError) as raised:
        read_loop(frames[:count], reader)
    assert raised.value.rule == "A loop has two frames or more"


def test_the_best_frames_are_none_or_more(reader: Reader, frames: list[Frame]) -> None:
    with pytest.raises(LoopError):
        read_loop(frames, reader, best=-1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "loop"
    made.mkdir()
    for number in (9, 10, 12):
        Image.fromarray(np.full((40, 60), number, np.uint8)).save(made / f"im_{number}.png")
    return made


def test_stills_are_put_in_the_order_of_their_numbers(folder: Path, reader: Reader) -> None:
    stills = NumberedStills.of(folder)
    assert [path.name for path in stills.paths] == ["im_9.png", "im_10.png", "im_12.png"]
    assert stills.steps == (1, 1, 2)
    opened = list(stills.open(reader))
    assert [(one.source.frame, one.source.frames, int(one.pixels[0, 0])) for one in opened] == [
        (0, 3, 9),
        (1, 3, 10),
        (2, 3, 12),
    ]


def test_the_identity_of_a_folder_changes_with_a_file(folder: Path) -> None:
    before = NumberedStills.of(folder).sha256()
    Image.fromarray(np.zeros((40, 60), np.uint8)).save(folder / "im_10.png")
    assert NumberedStills.of(folder).sha256() != before


@pytest.mark.parametrize(
    ("name", "rule", "found"),
    [
        ("other.png", "have a number each", "none in the name other.png"),
        ("x_9.png", "have a number each", "two images of number 9 in loop"),
    ],
)
def test_a_folder_that_is_no_loop_is_refused(folder: Path, name: str, rule: str, found: str) -> None:
    Image.fromarray(np.zeros((40, 60), np.uint8)).save(folder / name)
    with pytest.raises(LoopError) as raised:
        NumberedStills.of(folder)
    assert rule in raised.value.rule
    assert raised.value.found == found


def test_a_folder_of_one_still_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "im_1.png")
    with pytest.raises(LoopError) as raised:
        NumberedStills.of(tmp_path)
    assert raised.value.found.startswith("1 images in")
