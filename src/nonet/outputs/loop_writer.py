"""The loop of a file or a folder of stills, read frame by frame or for its best frames alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.cine import read_loop
from nonet.cine.gather import Gathered
from nonet.cine.read_loop import gathered_loop
from nonet.cine.stills import NumberedStills
from nonet.outputs.loop_result import LoopResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nonet.cine import Loop
    from nonet.frame import Frame
    from nonet.reader import Reader
    from nonet.reading import Reading

    WatchFrames = Callable[[Iterator[Frame], int], Iterator[Frame]]
    """Yields the frames of a loop one by one, given how many there are, and may show progress."""

__all__ = ["LoopWriter"]

_BEST = 5
"""Best frames that a document names where all frames get results."""


class LoopWriter:
    """Reads a loop; `result` is what has come of it.

    Parameters
    ----------
    path
        A multi-frame file, or a folder of numbered stills.
    reader
        What reads it.
    frames
        Its frames, opened, if it is a file.
    sha256
        Of the bytes of the source.
    stills
        Those of the folder, if it is one.
    """

    def __init__(
        self,
        path: Path,
        reader: Reader,
        frames: Iterator[Frame],
        sha256: str,
        stills: NumberedStills | None = None,
    ) -> None:
        self.sha256 = sha256
        self._path, self._reader, self._stills = path, reader, stills
        self._opened = frames
        self._loop: Loop | None = None
        self._gathered = Gathered(_BEST)

    @classmethod
    def of_stills(cls, folder: Path, reader: Reader, watch: WatchFrames | None = None) -> LoopWriter:
        """That of a folder of numbered stills, which ``watch`` yields one by one.

        Raises
        ------
        LoopError
            If it holds none.
        """
        stills = NumberedStills.of(folder)
        frames = stills.open(reader)
        frames = watch(frames, len(stills.steps)) if watch else frames
        return cls(folder, reader, frames, stills.sha256(), stills)

    def frames(self) -> Iterator[Frame]:
        """The frames, in order, opened anew."""
        return self._stills.open(self._reader) if self._stills else self._reader.open_source(self._path)

    def read_all(self) -> Iterator[tuple[Frame, Reading]]:
        """Every frame with its reading."""
        steps = self._stills.steps if self._stills else ()
        for number, frame in enumerate(self._opened):
            reading = self._reader.read_frame(frame)
            step = steps[number] if steps else 1
            self._gathered.add(reading.source, reading.image.pixels_sha256, reading, step=step)
            yield frame, reading

    def read_best(self, best: int, workers: int) -> Iterator[tuple[Frame, Reading]]:
        """The best frames with their readings, in the order of time."""
        steps = self._stills.steps if self._stills else ()
        self._loop = read_loop(self._opened, self._reader, best=best, steps=steps, workers=workers)
        for one in sorted(self._loop.best, key=lambda best: best.number):
            frame = one.pixels_of()
            assert frame is not None
            assert one.reading is not None
            yield frame, one.reading

    def result(self) -> LoopResult:
        """The loop of the frames that were read.

        Raises
        ------
        LoopError
            If these are fewer than two.
        """
        loop = self._loop or gathered_loop(self._gathered, self._reader.detector.shape_prior)
        return LoopResult(loop, self.frames)
