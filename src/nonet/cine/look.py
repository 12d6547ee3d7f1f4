"""A piece of a loop is looked at, frame by frame: what a worker does.

A piece begins anew, as a still does; the head is then followed, and frames that are near-identical to one that was
looked at are not computed. What comes out depends on the piece alone, not on who does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.cine.loop import Taken
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.frames.difference_hash import COPY_BITS, bits_apart, difference_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nonet.detect.detector import Located
    from nonet.frame import Frame
    from nonet.reader import Reader
    from nonet.reading import Reading

__all__ = ["PIECE", "Looked", "look", "pieces"]

PIECE = 16
"""Frames of a piece: the head is sought from the start once in so many."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen on a frame: its reading, or None where it is a copy of the frame ``back`` places before it."""

    taken: Taken
    pixels_sha256: str
    reading: Reading | None
    back: int = 0


def pieces(frames: Iterable[Frame]) -> Iterator[tuple[Frame, ...]]:
    """The frames in pieces of `PIECE`, the last one shorter."""
    piece: list[Frame] = []
    for frame in frames:
        piece.append(frame)
        if len(piece) == PIECE:
            yield tuple(piece)
            piece = []
    if piece:
        yield tuple(piece)


def look(reader: Reader, piece: Sequence[Frame]) -> tuple[Looked, ...]:
    """What is seen on each frame of a piece."""
    found: list[Looked] = []
    before: Located | None = None
    known, place = "", 0
    for index, frame in enumerate(piece):
        own = difference_hash(frame.pixels)
        if before is not None and bits_apart(own, known) <= COPY_BITS:
            found.append(Looked(Taken.COPIED, pixels_sha256(frame.pixels), None, index - place))
            continue
        hidden = hide_overlay(frame)
        taken = Taken.READ if before is None else Taken.FOLLOWED
        before = reader.detector.locate(hidden) if before is None else reader.detector.follow(hidden, before)
        known, place = own, index
        reading = reader.read_located(frame, before)
        found.append(Looked(taken, reading.image.pixels_sha256, reading))
    return tuple(found)
