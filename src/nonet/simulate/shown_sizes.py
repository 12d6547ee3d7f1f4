"""What callipers find on a machine's picture of a head, where it shows no speckle and no noise.

A machine draws a line wider than it is, by its pulse and its speckle filter. Callipers stand on the inner borders of
the lines as they are shown, so that they find less than the fluid's own thickness: about half a millimetre less where
the middles of both lines lie on the fluid's edges, as those of the nuchal translucency do. The outer border of a line
is farther from a point below it, by half of what the machine adds to its width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nonet.simulate.devices import Device
    from nonet.simulate.head.sketch import LineGap, LineReach, Sketch

__all__ = ["shown_gap_mm", "shown_line_mm", "shown_reach_mm", "shown_sizes"]

_FULL_WIDTH = 2.0 * np.sqrt(2.0 * np.log(2.0))
"""Full width at half maximum of a Gaussian, in standard deviations."""


def shown_sizes(head: Sketch, device: Device) -> dict[str, float]:
    """What callipers find on a machine's picture of a head, mm, by the names that ``head.truth`` has for the sizes."""
    gaps = {name: shown_gap_mm(gap, device) for name, gap in head.gaps.items()}
    return gaps | {name: shown_reach_mm(reach, device) for name, reach in head.reaches.items()}


def shown_line_mm(width_mm: float, device: Device) -> float:
    """How wide a machine shows a line that lies across the beam: its full width at half maximum, mm.

    Widths of line, pulse and speckle filter are taken as Gaussian, so that their squares add up.
    """
    return float(np.sqrt(width_mm**2 + device.pulse_mm**2 + (_FULL_WIDTH * device.smooth_mm[1]) ** 2))


def shown_gap_mm(gap: LineGap, device: Device) -> float:
    """The distance between the inner borders of two lines as a machine shows them, mm."""
    return gap.distance_mm - sum(shown_line_mm(width, device) for width in gap.widths_mm) / 2


def shown_reach_mm(reach: LineReach, device: Device) -> float:
    """The distance from a point to the outer border of a line as a machine shows it, mm."""
    return reach.distance_mm + shown_line_mm(reach.width_mm, device) / 2
