"""A loop is read as a loop: plane quality over time, tracks of the nine structures, and the best frames."""

from __future__ import annotations

from nonet.cine.loop import BestFrame, Loop, LoopFrame, RepeatedMeasurement, Taken, Track, TrackBox
from nonet.cine.read_loop import loop_of, read_loop

__all__ = [
    "BestFrame",
    "Loop",
    "LoopFrame",
    "RepeatedMeasurement",
    "Taken",
    "Track",
    "TrackBox",
    "loop_of",
    "read_loop",
]
