"""The frames of a loop come in one by one; what is needed of all is kept small, pixels only of frames that may be best.

A frame's worth is known once the frames after it are there that count in it (`nonet.cine.plane_curve`); then it is
kept among the best, or its pixels and its reading are let go.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any

from nonet.cine.loop import RepeatedMeasurement, Taken
from nonet.cine.plane_curve import WORTH_SD, merit, smoothed
from nonet.cine.repeats import repeated
from nonet.cine.tracks import BoxRow
from nonet.errors import LoopError

if TYPE_CHECKING:
    from nonet.anatomy import PlaneLabel, Structure
    from nonet.frame import Frame, Source
    from nonet.reading import Criterion, Reading

__all__ = ["APART", "NEIGHBOURS", "REACH", "Candidate", "Gathered", "Row", "said_of"]

APART = 4
"""The best frames are more than so many frames from each other."""
NEIGHBOURS = 4
"""Measurements are held against those of frames no farther away than this."""
REACH = round(2 * WORTH_SD)
"""Frames on either side that count in what a frame is worth."""


@dataclass(slots=True)
class Row:
    """What is kept of every frame."""

    source: Source
    pixels_sha256: str
    taken: Taken
    taken_from: int
    probability: float | None
    label: PlaneLabel | None
    visible: tuple[Structure, ...]
    unmet: tuple[Criterion, ...]
    merit: float
    boxes: BoxRow
    step: int = 1


@dataclass(order=True, slots=True)
class Candidate:
    """A frame that may be among the best; of equal ones the earlier is better."""

    worth: float
    place: int
    reading: Reading = field(compare=False)
    frame: Frame | None = field(compare=False)
    repeats: tuple[RepeatedMeasurement, ...] = field(compare=False)

    @property
    def number(self) -> int:
        """Of the frame, from 0."""
        return -self.place


class Gathered:
    """What has come in.

    Parameters
    ----------
    best
        How many of the best frames are wanted.

    Attributes
    ----------
    rows
        One a frame.
    first
        The reading of the first frame.
    """

    def __init__(self, best: int) -> None:
        self.rows: list[Row] = []
        self.first: Reading | None = None
        self._best = best
        self._most = best * (2 * APART + 1)
        self._kept: list[Candidate] = []
        self._recent: deque[tuple[int, Reading | None, Frame | None]] = deque()

    def add(
        self,
        source: Source,
        sha256: str,
        reading: Reading | None,
        *,
        taken: Taken = Taken.READ,
        back: int = 0,
        frame: Frame | None = None,
        step: int = 1,
    ) -> None:
        """Take in the next frame.

        Parameters
        ----------
        source, sha256
            Its own.
        reading
            None where it is a copy of the frame ``back`` places before it.
        taken
            How its values came about.
        back
            See ``reading``.
        frame
            Its pixels, where they are at hand.
        step
            Frames from the one before; more than one where frames were lost.

        Raises
        ------
        LoopError
            If it is of another size than the first.
        """
        number = len(self.rows)
        if reading is None:
            own = self.rows[number - back]
            row = Row(source, sha256, taken, number - back, own.probability, own.label, own.visible, own.unmet,
                      own.merit, own.boxes, step)  # fmt: skip
        else:
            row = _row(source, sha256, reading, taken, number, step)
            self._check_size(reading, number)
        self.rows.append(row)
        self._recent.append((number, reading, frame))
        if number >= REACH:
            self._settle(number - REACH)
        while self._recent[0][0] < number - 2 * REACH:
            self._recent.popleft()

    def best(self) -> list[Candidate]:
        """The best frames, each more than `APART` frames from better ones; none where nothing is seen on any."""
        for number in range(max(len(self.rows) - REACH, 0), len(self.rows)):
            self._settle(number)
        found: list[Candidate] = []
        for one in sorted(self._kept, reverse=True):
            if len(found) < self._best and all(abs(one.number - other.number) > APART for other in found):
                found.append(one)
        return found

    def _settle(self, number: int) -> None:
        """Keep or let go a frame whose neighbours are there; one not graded, or with nothing seen, never counts."""
        reading, frame = next(((r, f) for n, r, f in self._recent if n == number), (None, None))
        row = self.rows[number]
        if reading is None or self._most == 0 or row.taken is Taken.BOXED or not row.visible:
            return
        first, last = max(number - REACH, 0), number + REACH + 1
        ungraded = (Taken.BOXED, Taken.COPIED)
        merits = [None if row.taken in ungraded else row.merit for row in self.rows[first:last]]
        worth = smoothed(merits, number - first, WORTH_SD)
        assert worth is not None
        if len(self._kept) >= self._most and worth < self._kept[0].worth:
            return
        around = [(n, r) for n, r, _ in self._recent if r is not None and n != number and abs(n - number) <= NEIGHBOURS]
        one = Candidate(worth, -number, reading, frame, repeated(reading, around))
        if len(self._kept) < self._most:
            heappush(self._kept, one)
        else:
            heappushpop(self._kept, one)

    def _check_size(self, reading: Reading, number: int) -> None:
        self.first = self.first or reading
        own, first = reading.image, self.first.image
        if (own.width, own.height) != (first.width, first.height):
            raise LoopError(
                "The frames of a loop have one size",
                found=f"frame {number + 1} of {own.width} x {own.height} pixels after {first.width} x {first.height}",
                remedy="Read them as stills, without --loop",
            )


def _row(source: Source, sha256: str, reading: Reading, taken: Taken, number: int, step: int) -> Row:
    return Row(
        source, sha256, taken, number, merit=merit(reading), boxes=BoxRow(reading), step=step, **said_of(reading)
    )


def said_of(reading: Reading) -> dict[str, Any]:
    """What a row has of a reading's plane and structures."""
    plane = reading.plane_quality
    return {
        "probability": plane.probability,
        "label": plane.label,
        "visible": tuple(found.structure for found in reading.findings if found.visible),
        "unmet": tuple(one.criterion for one in plane.criteria if one.met is False),
    }
