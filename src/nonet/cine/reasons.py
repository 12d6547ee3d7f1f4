"""Why a frame is among the best of its loop, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.reading import Reading

__all__ = ["reasons"]


def reasons(place: int, reading: Reading, curve: float | None, frames: int) -> tuple[str, ...]:
    """The reasons in the order of their weight.

    Parameters
    ----------
    place
        Its place among the best, from 0.
    reading
        Of the frame.
    curve
        Plane probability with the frames around it; None where the plane is not graded.
    frames
        How many the loop has.
    """
    return tuple(_words(place, reading, curve, frames))


def _words(place: int, reading: Reading, curve: float | None, frames: int) -> Iterator[str]:
    rank = "best" if place == 0 else f"{_ordinal(place + 1)} best"
    if curve is None:
        yield f"{rank} of {frames} frames by the structures that are seen; the plane is not graded"
    else:
        yield f"{rank} of {frames} frames; plane probability {curve:.2f} with the frames around it"
    seen = sum(found.visible for found in reading.findings)
    yield f"{seen} of {len(reading.findings)} structures seen"
    unmet = [one for one in reading.plane_quality.criteria if one.met is False]
    known = [one for one in reading.plane_quality.criteria if one.met is not None]
    if known and not unmet:
        yield f"every criterion is met that can be told ({len(known)})"
    for one in unmet:
        yield f"not met: {one.criterion.value.replace('_', ' ')}, {one.words}"


def _ordinal(number: int) -> str:
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"
