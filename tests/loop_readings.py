"""Readings of a made-up loop: a head that drifts, is best in the middle, and loses structures towards both ends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nonet.anatomy import STRUCTURES, Grade, PlaneLabel, Structure
from nonet.frame import Frame, Source, Spacing, SpacingSource
from nonet.reading import (
    SCHEMA,
    Box,
    BundleReference,
    Finding,
    Grading,
    ImageSize,
    Measurement,
    PlaneQuality,
    Reading,
    Settings,
)

WIDTH, HEIGHT = 320, 240
PLACES = {name: (60 + 22 * row, 50 + 16 * (row % 5)) for row, name in enumerate(STRUCTURES)}
"""Left upper corners of the boxes on the first frame, pixels; each box is 30 x 18."""
UNGRADED = Grading(Grade.NOT_ASSESSED, reason="not assessed: this bundle holds no grader")


def loop_reading(
    number: int,
    frames: int,
    *,
    visible: Sequence[Structure] = STRUCTURES,
    probability: float | None = 0.5,
    noise: np.random.Generator | None = None,
    drift: float = 0.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Reading:
    """One frame; edges are off by normal noise of one pixel where a generator is given."""
    findings = tuple(_finding(name, number, visible, noise, drift) for name in STRUCTURES)
    label = None
    if probability is not None:
        label = PlaneLabel.STANDARD if probability >= 0.5 else PlaneLabel.NON_STANDARD
    return Reading(
        SCHEMA,
        Source("DICOM", "ab" * 32, number, frames, "1.2.840.10008.5.1.4.1.1.3.1", "1.2.3"),
        ImageSize(*size, f"{number:064x}"),
        Spacing(0.1, 0.1, SpacingSource.US_REGION),
        PlaneQuality(probability, None if probability else "not assessed", label),
        findings,
        BundleReference("made", "1.0.0", "f" * 64),
        Settings(),
        (),
    )


def _finding(
    name: Structure, number: int, visible: Sequence[Structure], noise: np.random.Generator | None, drift: float
) -> Finding:
    if name not in visible:
        return Finding(name, False, 0.1, 0.4, None, (), UNGRADED, 0.05)
    off = np.zeros(4) if noise is None else noise.normal(0, 1, 4)
    x, y = PLACES[name]
    edges = np.array([x, y, x + 30, y + 18]) + off + drift * number * np.array([1, 0, 1, 0])
    box = Box(*np.round(edges, 2).tolist())
    width = Measurement("box_width", round(box.width * 0.1, 3), "mm")
    return Finding(name, True, 0.9, 0.4, box, (width,), UNGRADED, 0.95, (1.645,) * 4)


def sweep(frames: int = 40, **more: object) -> list[Reading]:
    """Best at two fifths; the probability falls to both sides, and structures go one by one."""
    made = []
    for number in range(frames):
        off = (number - 0.4 * frames) / (frames / 12)
        seen = [name for row, name in enumerate(STRUCTURES) if abs(off) < 2 + row * 0.5]
        probability = round(1 / (1 + math.exp(off * off - 4)), 4)
        made.append(loop_reading(number, frames, visible=seen, probability=probability, **more))  # type: ignore[arg-type]
    return made


def frames_of(readings: Sequence[Reading]) -> list[Frame]:
    """A grey frame for each, darker from one to the next."""
    return [
        Frame(np.full((HEIGHT, WIDTH), 200 - number % 100, np.uint8), one.source) for number, one in enumerate(readings)
    ]
