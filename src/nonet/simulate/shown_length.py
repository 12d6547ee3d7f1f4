"""How long a machine shows a line of a head that lies there alone: without tissue, speckle, noise and other lines.

A line's echo is uneven along it, fades to its ends, and is drawn out by the beam. What lies beyond half of its height
stands out from nothing, so that callipers cannot stand on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.simulate.head.pose import draw_pose
from nonet.simulate.head.subject import draw_subject
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.scanner.scan import ScanSeeds
from nonet.simulate.shown_line import line_alone, strokes_of

if TYPE_CHECKING:
    from nonet.simulate.devices import Device
    from nonet.simulate.head.scene import FloatArray

__all__ = ["shown_length_mm"]

_HALF = 0.5


def shown_length_mm(seed: int, device: Device, name: str) -> float:
    """The distance between the ends of a line at half of its greatest echo, mm.

    Parameters
    ----------
    seed
        Of the head, as `nonet.simulate.same_head` and `nonet.simulate.simulate` take it.
    device
        The machine.
    name
        Which line: what ``Simulated.truth`` calls its length.

    Raises
    ------
    KeyError
        If the head has no such line.
    """
    subject = draw_subject(seed)
    line = subject.head.lines[name]
    which = next(number for number, each in enumerate(subject.head.scene.interfaces) if each is line)
    pose = draw_pose(np.random.default_rng(subject.posing), device, subject.head.crl_mm)
    grid, scene = PolarGrid.covering(pose, device), pose.scene(subject.head.scene)
    strokes = strokes_of(scene, grid, ScanSeeds.of(subject.scanning))
    echo = line_alone(strokes.of(which), device, grid)
    peak = int(np.argmax(echo.max(axis=0)))
    return float(np.hypot(*(_end(echo, peak, 1, grid) - _end(echo, peak, -1, grid))))


def _end(echo: FloatArray, peak: int, step: int, grid: PolarGrid) -> FloatArray:
    """Where the echo first falls to half of its peak to one side, (x, y) in mm from the centre of the fan."""
    profile = echo.max(axis=0)[peak::step]
    half = _HALF * profile[0]
    fallen = np.flatnonzero(profile < half)
    at = int(fallen[0]) if fallen.size else len(profile) - 1
    share = (profile[at - 1] - half) / max(profile[at - 1] - profile[at], 1e-12) if fallen.size else 1.0
    line = peak + step * (at - 1 + share)
    angle = grid.angles[0] + line * grid.line_angle
    radius = grid.radii[int(np.argmax(echo[:, peak + step * (at - 1)]))]
    return np.array([radius * np.sin(angle), radius * np.cos(angle)])
