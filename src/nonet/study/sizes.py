"""The sizes of structures as columns of a study: what the ruler of a reading measures, and how large the box is.

They are baselines: a claim about texture, echo or shape is what features add to them. No reading gives them to a
grader, so that no bundle ships one that needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nonet.anatomy import STRUCTURES, Structure
from nonet.detect.head_frame import HEAD_SCALE
from nonet.features.frame_features import box_feature_names
from nonet.measure.echo import measure_echo
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.study.size_parts import SizePart

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from nonet.detect.located import Located
    from nonet.reading import Box

    Values = NDArray[np.float64]

__all__ = ["BOX_COLUMNS", "RULER_COLUMNS", "selectable_names", "size_names", "size_values"]

RULER_COLUMNS = ("ruler.size", "ruler.mm", "ruler.echo")
"""The logarithm of the measured size in head units; the size in millimetres; the nasal bone's echo against the skin."""

BOX_COLUMNS = ("box_size.log_width", "box_size.log_height")
"""Logarithms of the sides of the detected box in head units."""

_GRADED = {
    Structure.NUCHAL_TRANSLUCENCY: "thickness",
    Structure.NASAL_BONE: "length",
    Structure.FOURTH_VENTRICLE: "antero_posterior",
    Structure.CISTERNA_MAGNA: "width",
    Structure.PALATE: "gap",
    Structure.MIDBRAIN: "extent",
    Structure.NASAL_SKIN: "skin_thickness",
}
"""The protocol of each structure whose size a grade speaks of."""

_LEAST_PX = 1.0
"""A gap that is shorter than a pixel of the head frame has the logarithm of one."""


_COLUMNS = {SizePart.RULER: RULER_COLUMNS, SizePart.BOX: BOX_COLUMNS}


def size_names(parts: Collection[SizePart]) -> tuple[str, ...]:
    """Names of the columns of some parts, in their order."""
    return tuple(name for part in SizePart if part in parts for name in _COLUMNS[part])


def selectable_names(names: Sequence[str]) -> tuple[str, ...]:
    """The features that are computed from the pixels of a box: those that raters rate and a selection filters."""
    sizes = set(size_names(tuple(SizePart)))
    return tuple(name for name in box_feature_names(names) if name not in sizes)


def size_values(
    located: Located,
    operating_points: Mapping[Structure, float],
    mm_per_head_unit: float | None,
    parts: Collection[SizePart],
) -> Values:
    """The sizes of the nine structures of a frame, ``float64[9, S]``, columns as in `size_names`.

    The ruler is that of a reading (`nonet.measure`), on what the detector sees. What it does not read is NaN: a
    structure that is not seen, one whose edges no protocol finds, thalami and nasal tip.

    Parameters
    ----------
    located
        What the detector made of the frame, its overlay hidden.
    operating_points
        The score from which each structure counts as seen.
    mm_per_head_unit
        Millimetres to a head unit of this frame; None where its pixel size is not known.
    parts
        What to measure.
    """
    found = [np.empty((len(STRUCTURES), 0))]
    if SizePart.RULER in parts:
        found.append(_by_ruler(located, operating_points, mm_per_head_unit))
    if SizePart.BOX in parts:
        boxes = located.place.boxes([detection.box for detection in located.detections])
        sides = np.array([(box.width, box.height) for box in boxes], np.float64)
        found.append(np.log(np.maximum(sides, _LEAST_PX) / HEAD_SCALE))
    return np.hstack(found)


def _by_ruler(located: Located, operating_points: Mapping[Structure, float], mm_per_head_unit: float | None) -> Values:
    values = np.full((len(STRUCTURES), len(RULER_COLUMNS)), np.nan)
    seen = {one.structure: one.box for one in located.detections if one.score >= operating_points[one.structure]}
    inside = dict(zip(seen, located.place.boxes(list(seen.values())), strict=True))
    picture = HeadPicture.of(located)
    for structure in inside:
        length = _length(picture, inside, structure)
        if length is not None:
            place = STRUCTURES.index(structure)
            values[place, 0] = np.log(max(length, _LEAST_PX) / HEAD_SCALE)
            values[place, 1] = length / HEAD_SCALE * (mm_per_head_unit or np.nan)
    if Structure.NASAL_BONE in inside:
        echo = measure_echo(picture, inside[Structure.NASAL_BONE], inside.get(Structure.NASAL_SKIN))
        values[STRUCTURES.index(Structure.NASAL_BONE), 2] = np.nan if echo.value is None else echo.value
    return values


def _length(picture: HeadPicture, inside: Mapping[Structure, Box], structure: Structure) -> float | None:
    """The graded size of a structure, pixels of the head frame."""
    for protocol in PROTOCOLS.get(structure, ()):
        if protocol.name == _GRADED.get(structure):
            span = protocol.measure(picture, inside)
            return None if isinstance(span, str) else span.length
    return None
