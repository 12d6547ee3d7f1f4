"""The size that a structure has before an edit, by two methods that are no ruler of a reading: its box, and its edges.

Neither shares code with ``nonet.measure``. How far they differ over many frames is the standard error of a start, which
the margins of `nonet.simulate.edits.bands` are made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import Structure
from nonet.errors import SettingsError
from nonet.simulate.edits.edges import find_bar, strongest_gap
from nonet.simulate.edits.window import Window
from nonet.simulate.head.structure_positions import INNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nonet.reading import Box

__all__ = ["Start", "agreed", "head_unit_px", "starting_size"]

_OF_BOX = {
    (Structure.FOURTH_VENTRICLE, "antero_posterior"): 0.72,
    (Structure.CISTERNA_MAGNA, "width"): 0.70,
    (Structure.NASAL_BONE, "length"): 0.74,
}
"""The size as a share of the box's height, or of the bone's width: medians of Set1 of the Fetus Framework data. The
height of the nuchal box says nothing of the thickness."""
_AGREE = (0.7, 1.4)
"""From and to how many times the size by the box the size by the edges is of its order."""
_SEARCHED = {
    Structure.NUCHAL_TRANSLUCENCY: (0.25, 1.0),
    Structure.FOURTH_VENTRICLE: (0.5, 0.95),
    Structure.CISTERNA_MAGNA: (0.5, 0.95),
}
"""Sizes that a gap is looked for at, in heights of the box; that of the slanting nuchal lines is far higher."""
_LEAST_PX = 4.0


@dataclass(frozen=True, slots=True)
class Start:
    """The size that a structure has.

    Attributes
    ----------
    edges
        By its edges, pixels; a ratio for the echo of the nasal bone.
    box
        By its box; None where no box says it.
    """

    edges: float
    box: float | None


def head_unit_px(boxes: Mapping[Structure, Box]) -> float | None:
    """The head unit of a frame: the root mean square distance of its five inner structures from their mean, pixels."""
    if not all(one in boxes for one in INNER):
        return None
    centres = np.array([boxes[one].centre for one in INNER])
    return float(np.sqrt(((centres - centres.mean(axis=0)) ** 2).sum(axis=1).mean()))


def agreed(start: Start) -> float:
    """The size by the edges, if that by the box is of its order.

    Raises
    ------
    SettingsError
        If it is not: another line was taken for the structure's.
    """
    if start.box is None or _AGREE[0] * start.box <= start.edges <= _AGREE[1] * start.box:
        return start.edges
    raise SettingsError(
        f"The size by the edges is from {_AGREE[0]:g} to {_AGREE[1]:g} times that by the box",
        found=f"{start.edges:.1f} and {start.box:.1f} pixels",
        remedy="Leave this frame out, at every grade",
    )


def starting_size(
    pixels: NDArray[np.uint8], boxes: Mapping[Structure, Box], structure: Structure, variable: str
) -> Start:
    """The size of a structure, by its edges and by its box.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``.
    boxes
        Of the frame's structures, pixels.
    structure, variable
        One of `nonet.simulate.edits.edit.EDITED`. A palate has no gap to start with.

    Raises
    ------
    SettingsError
        If it cannot be edited, or has no box; the echo needs that of the nasal skin, too.
    """
    needed = (structure, Structure.NASAL_SKIN) if variable == "echo" else (structure,)
    if not all(one in boxes for one in needed):
        missing = ", ".join(one.label for one in needed if one not in boxes)
        raise SettingsError("What is edited has a box", found=f"none of the {missing}", remedy="Leave this frame out")
    box, side = boxes[structure], _OF_BOX.get((structure, variable))
    if variable == "gap":
        return Start(0.0, None)
    if variable == "extent":
        return Start(box.height, None)
    if variable == "echo":
        return Start(_grey(pixels, box) / max(_grey(pixels, boxes[Structure.NASAL_SKIN]), 1.0), None)
    if variable == "length" and side is not None:
        return Start(_bar(pixels, box)[0], side * box.width)
    if structure not in _SEARCHED:
        raise SettingsError(
            "A size is one that can be edited", found=f"{structure.label} {variable}", remedy="Choose another"
        )
    low, high = (share * box.height for share in _SEARCHED[structure])
    window = Window.around(box, 8, 0.5 * box.height + 6, 0.5 * box.height + 6, pixels.shape)
    part = pixels[window.slices].astype(np.float64)
    gap = strongest_gap(part, window.inside(box), (max(low, _LEAST_PX), max(high, 2 * _LEAST_PX)))
    return Start(gap.size, None if side is None else side * box.height)


def _bar(pixels: NDArray[np.uint8], box: Box) -> tuple[float, float]:
    window = Window.around(box, 0.5 * box.width + 4, box.height, box.height, pixels.shape)
    bar = find_bar(pixels[window.slices].astype(np.float64), window.inside(box))
    return bar.length, bar.grey


def _grey(pixels: NDArray[np.uint8], box: Box) -> float:
    return _bar(pixels, box)[1]
