"""A piece of a loop is looked at, frame by frame: what a worker does.

A piece begins anew, as a still does; the head is then followed, the plane graded on every third frame, and frames that
are near-identical to one that was looked at are not computed. What the machine drew is looked for anew where it has
changed. What comes out depends on the piece alone, not on who does it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.cine.loop import Taken
from nonet.frame import pixels_sha256
from nonet.frames import hide_overlay
from nonet.frames.difference_hash import COPY_BITS, bits_apart, difference_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nonet.detect.located import Located
    from nonet.frame import Frame
    from nonet.reader import Reader
    from nonet.reading import Reading

__all__ = ["GRADED_EVERY", "PIECE", "Looked", "look", "pieces"]

PIECE = 16
"""Frames of a piece: the head is sought from the start once in so many."""
GRADED_EVERY = 3
"""A frame closer than this to one whose plane was graded is looked at for its boxes alone."""
_SAME_SCREEN = 4.0
"""Mean difference in grey levels up to which what is drawn is the same: loops are stored with loss."""


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
    marked: tuple[Frame, Frame] | None = None
    known, place, graded = "", 0, 0
    for index, frame in enumerate(piece):
        own = difference_hash(frame.pixels)
        if before is not None and bits_apart(own, known) <= COPY_BITS:
            found.append(Looked(Taken.COPIED, pixels_sha256(frame.pixels), None, index - place))
            continue
        hidden = _hidden(frame, marked)
        marked = marked if marked and hidden.overlay is marked[1].overlay else (frame, hidden)
        if before is None:
            taken, before = Taken.READ, reader.detector.locate(hidden)
        else:
            taken = Taken.BOXED if index - graded < GRADED_EVERY else Taken.FOLLOWED
            before = reader.detector.follow(hidden, before)
        known, place = own, index
        graded = graded if taken is Taken.BOXED else index
        reading = reader.read_located(frame, before, boxes_alone=taken is Taken.BOXED)
        found.append(Looked(taken, reading.image.pixels_sha256, reading))
    return tuple(found)


def _hidden(frame: Frame, marked: tuple[Frame, Frame] | None) -> Frame:
    """The frame with its overlay hidden, by the masks of an earlier one where the same is drawn on both.

    ``marked`` is that frame as it is and with its overlay hidden.
    """
    if marked is None or not _is_drawn_on_alike(frame, *marked):
        return hide_overlay(frame)
    return hide_overlay(replace(frame, overlay=marked[1].overlay, sector=marked[1].sector))


def _is_drawn_on_alike(frame: Frame, earlier: Frame, hidden: Frame) -> bool:
    if frame.pixels.shape != earlier.pixels.shape or frame.overlay is not None or earlier.overlay is not None:
        return False
    own, other = frame.pixels[hidden.overlay], earlier.pixels[hidden.overlay]
    return own.size == 0 or float(np.abs(own.astype(np.int16) - other).mean()) <= _SAME_SCREEN
