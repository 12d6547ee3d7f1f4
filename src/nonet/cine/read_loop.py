"""Frames in, a loop out."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nonet.bundle import Bundle
from nonet.bundle.session import set_threads
from nonet.cine.gather import Candidate, Gathered, Row, said_of
from nonet.cine.look import Looked, look, pieces
from nonet.cine.loop import SCHEMA, BestFrame, Loop, LoopFrame, Taken
from nonet.cine.plane_curve import CURVE_SD, log_odds, smoothed
from nonet.cine.reasons import reasons
from nonet.cine.tracks import tracks_of
from nonet.errors import LoopError
from nonet.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nonet.detect.shape_prior import ShapePrior
    from nonet.frame import Frame
    from nonet.reading import Reading, Settings

__all__ = ["gathered_loop", "loop_of", "read_loop"]

_DECIMALS = 4


def read_loop(
    frames: Iterable[Frame], reader: Reader, *, best: int = 5, steps: Sequence[int] = (), workers: int = 1
) -> Loop:
    """Read the frames of a loop as one: plane quality over time, tracks of the nine structures, the best frames.

    The head is sought from the start on every 16th frame and followed from there; on every third frame the
    plane is graded; a frame that is near-identical to one that was computed is not computed again; the best frames are
    read once more as stills are, so that their readings are those of `Reader.read_frame`. Each frame of the document
    says which it is. A few pieces of 16 frames are in memory at a time, and the frames that may be best.

    Parameters
    ----------
    frames
        At least two of one size, in the order of time; they are taken as they are needed.
    reader
        What reads them.
    best
        How many of the best frames to give, each more than four frames from a better one.
    steps
        Frames from the one before, for each frame, where some were lost; by default one.
    workers
        Number of processes; the result does not depend on it.

    Raises
    ------
    LoopError
        If there are fewer than two frames, or frames of different sizes.
    FrameError
        If a frame cannot be read.

    Examples
    --------
    >>> from nonet.frames import open_frames
    >>> loop = read_loop(open_frames("cine.dcm"), nonet.Reader(bundle))  # doctest: +SKIP
    >>> loop.best[0].number, loop.best[0].plane_quality.probability  # doctest: +SKIP
    (12, 0.97)
    """
    gathered = Gathered(_checked(best))
    for frame, seen in _looked(frames, reader, workers):
        number = len(gathered.rows)
        step = steps[number] if number < len(steps) else 1
        gathered.add(frame.source, seen.pixels_sha256, seen.reading, taken=seen.taken, back=seen.back, frame=frame,
                     step=step)  # fmt: skip
    chosen = [_read_again(one, reader, gathered) for one in _enough(gathered).best()]
    return _loop(gathered, chosen, reader.detector.shape_prior)


def loop_of(readings: Iterable[Reading], prior: ShapePrior | None, *, best: int = 5, steps: Sequence[int] = ()) -> Loop:
    """The loop of frames that have each been read as a still.

    Parameters
    ----------
    readings
        One a frame, in the order of time.
    prior
        The shape prior of the bundle that they were read with.
    best, steps
        As for `read_loop`.

    Raises
    ------
    LoopError
        If there are fewer than two frames, or frames of different sizes.
    """
    gathered = Gathered(_checked(best))
    for number, reading in enumerate(readings):
        step = steps[number] if number < len(steps) else 1
        gathered.add(reading.source, reading.image.pixels_sha256, reading, step=step)
    return gathered_loop(gathered, prior)


def gathered_loop(gathered: Gathered, prior: ShapePrior | None) -> Loop:
    """As `loop_of`, of frames that have come in one by one."""
    return _loop(gathered, _enough(gathered).best(), prior)


def _looked(frames: Iterable[Frame], reader: Reader, workers: int) -> Iterator[tuple[Frame, Looked]]:
    from nonet.work import stream_items

    opener = partial(_same, reader) if workers == 1 else partial(_open, reader.bundle.folder, reader.settings)
    for piece, seen in stream_items(look, pieces(frames), opener, workers=workers):
        yield from zip(piece, seen, strict=True)


def _same(reader: Reader) -> Reader:
    return reader


def _open(bundle: Path, settings: Settings) -> Reader:
    set_threads(1)
    return Reader(Bundle(bundle), settings)


def _checked(best: int) -> int:
    if best < 0:
        raise LoopError(
            "The best frames of a loop are none or more", found=str(best), remedy="Ask for a number from 0 on"
        )
    return best


def _enough(gathered: Gathered) -> Gathered:
    if len(gathered.rows) < 2:
        raise LoopError(
            "A loop has two frames or more",
            found="one frame" if gathered.rows else "no frame",
            remedy="Read a single frame as a still: nonet read FILE",
        )
    return gathered


def _read_again(one: Candidate, reader: Reader, gathered: Gathered) -> Candidate:
    """A best frame as a still has it; its row says so."""
    row = gathered.rows[one.number]
    if row.taken is Taken.READ or one.frame is None:
        return one
    reading = reader.read_frame(one.frame)
    gathered.rows[one.number] = replace(row, taken=Taken.READ, **said_of(reading))
    return replace(one, reading=reading)


def _loop(gathered: Gathered, chosen: Sequence[Candidate], prior: ShapePrior | None) -> Loop:
    first, rows = gathered.first, gathered.rows
    assert first is not None
    odds = [None if row.probability is None else log_odds(row.probability) for row in rows]
    curve = [
        _probability(smoothed(odds, number, CURVE_SD) if _has_plane(rows, number) else None)
        for number in range(len(rows))
    ]
    tracks = tracks_of(
        [row.boxes for row in rows],
        [row.taken is not Taken.COPIED for row in rows],
        [row.step for row in rows],
        prior,
        (first.image.width, first.image.height),
    )
    return Loop(
        SCHEMA,
        first.image.width,
        first.image.height,
        first.spacing,
        tuple(_frame(number, row, curve[number]) for number, row in enumerate(rows)),
        tracks,
        tuple(_best(place, one, rows, curve) for place, one in enumerate(chosen)),
        first.bundle,
        first.settings,
        tuple(_warnings(rows)),
    )


def _has_plane(rows: Sequence[Row], number: int) -> bool:
    """Whether the frames around one may speak of its plane: it has one, or was looked at for its boxes alone."""
    return rows[number].probability is not None or rows[rows[number].taken_from].taken is Taken.BOXED


def _probability(odds: float | None) -> float | None:
    return None if odds is None else round(1 / (1 + math.exp(-odds)), _DECIMALS)


def _frame(number: int, row: Row, curve: float | None) -> LoopFrame:
    return LoopFrame(number, row.source, row.pixels_sha256, row.taken, row.taken_from, row.probability, row.label,
                     curve, row.visible, row.unmet)  # fmt: skip


def _best(place: int, one: Candidate, rows: Sequence[Row], curve: Sequence[float | None]) -> BestFrame:
    words = reasons(place, one.reading, curve[one.number], len(rows))
    return BestFrame(one.number, one.reading.plane_quality, words, one.repeats, one.reading, one.frame)


def _warnings(rows: Sequence[Row]) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number and row.step > 1:
            lost = row.step - 1
            yield f"{lost} {'frame is' if lost == 1 else 'frames are'} missing before frame {number + 1}"
    if (frames := rows[0].source.frames) > len(rows):
        yield f"only the first {len(rows)} of {frames} frames could be read"
    if not any(row.visible for row in rows):
        yield "none of the nine structures is seen on any frame"
