"""The echo of a nasal bone of a head on a machine: the ratio of its grey to that of the skin above it.

Grey is the machine's grey map of the echo of either line alone, at the upper quartile along it: without tissue, noise,
haze, uneven gain and edge enhancement, which the picture adds. A ratio of grey belongs to a machine and its grey map:
the same two lines have another on another machine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Structure
from nonet.errors import SettingsError
from nonet.simulate.scanner.envelope_to_grey import from_grey, grey_of
from nonet.simulate.scanner.grid import PolarGrid
from nonet.simulate.shown_line import line_alone, strokes_of

if TYPE_CHECKING:
    from nonet.simulate.devices import Device
    from nonet.simulate.head.pose import Pose
    from nonet.simulate.head.sketch import Sketch
    from nonet.simulate.scanner.interfaces import Strokes
    from nonet.simulate.scanner.scan import ScanSeeds

__all__ = ["bone_echo", "set_bone_echo"]

_UPPER_QUARTILE = 75
_BRIGHT = 0.85
"""The brightest grey that a bone is given, 1 being white."""
_LEAST = 0.02
"""How far above a machine's black a line's grey is at least."""
_LINES = (Structure.NASAL_BONE, Structure.NASAL_SKIN)


def bone_echo(head: Sketch, pose: Pose, device: Device, seeds: ScanSeeds) -> float:
    """The ratio that a posed head has on a machine."""
    bone, skin = (float(grey_of(np.array(level), device)) for level in _levels(head, pose, device, seeds))
    return bone / skin


def set_bone_echo(ratio: float, head: Sketch, pose: Pose, device: Device, seeds: ScanSeeds) -> None:
    """Give a posed head a ratio on a machine: by the bone's echo, and by the skin's where the bone would be too bright.

    Raises
    ------
    SettingsError
        If the machine shows no grey that is so faint.
    """
    bone, skin = _levels(head, pose, device, seeds)
    own = float(grey_of(np.array(skin), device))
    wanted = min(ratio * own, _BRIGHT)
    _change(head, Structure.NASAL_BONE, _level(wanted, device) - bone)
    _change(head, Structure.NASAL_SKIN, _level(wanted / ratio, device) - skin)


def _level(grey: float, device: Device) -> float:
    if device.lift + _LEAST < grey < 1:
        return from_grey(grey, device)
    raise SettingsError(
        f"A line's grey is at least {_LEAST:g} above a machine's black",
        found=f"{grey:.3f} on {device.name}, whose black is {device.lift:g}",
        remedy="Ask for a greater ratio, or take another machine",
    )


def _levels(head: Sketch, pose: Pose, device: Device, seeds: ScanSeeds) -> tuple[float, float]:
    """Echo of bone and skin in dB against brain, each alone."""
    grid, scene = PolarGrid.covering(pose, device), pose.scene(head.scene)
    strokes = strokes_of(scene, grid, seeds)
    bone, skin = (_reached(strokes.of(_number(head, one)), device, grid) for one in _LINES)
    return bone, skin


def _number(head: Sketch, structure: Structure) -> int:
    """Which of the head's interfaces is the line of a structure."""
    path = head.landmarks[structure.value]
    return next(number for number, each in enumerate(head.scene.interfaces) if each.path is path)


def _reached(strokes: Strokes, device: Device, grid: PolarGrid) -> float:
    """What a line alone reaches: the upper quartile of its crest, dB."""
    crest = line_alone(strokes, device, grid).max(axis=0)
    first, last = int(np.floor(strokes.line.min())), int(np.ceil(strokes.line.max()))
    return float(20 * np.log10(np.percentile(crest[first : last + 1], _UPPER_QUARTILE)))


def _change(head: Sketch, structure: Structure, by_db: float) -> None:
    number = _number(head, structure)
    line = head.scene.interfaces[number]
    louder = replace(line, level_db=line.level_db + by_db)
    head.scene.interfaces[number] = louder
    head.lines = {name: louder if each is line else each for name, each in head.lines.items()}
