"""How far each part of the head reaches across the midline, and how much of it a slice of the beam's thickness holds.

Lengths are for a fetus of 65 mm, whose head is about 21 mm wide, and grow with the head. Those of the bones of the
nose, the palate and the fluid spaces are anatomists' orders of magnitude at 12 to 13 weeks, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from nonet.anatomy import Structure
from nonet.simulate.head.scene import FloatArray, Part, Region

__all__ = ["ACROSS", "HALF_HEAD_MM", "Reach", "thinned"]

HALF_HEAD_MM = 10.6
"""Half of the width of the head."""

_FULLNESS = 2.4
_SLOWER = 1.25
_THINNEST = 0.35


@dataclass(frozen=True, slots=True)
class Reach:
    """From where to where a part goes across.

    Parameters
    ----------
    half_mm
        Half of its width.
    middle_mm
        Signed distance of its middle from the midline.
    """

    half_mm: float
    middle_mm: float = 0.0

    def held(self, across_mm: float | FloatArray, slice_mm: float, scale: float) -> FloatArray:
        """The share of the echo that a slice holds of it, 1 where it is centred on the part.

        Parameters
        ----------
        across_mm
            Where the slice lies.
        slice_mm
            Its thickness: full width at half maximum of a Gaussian.
        scale
            Size of the head relative to one of a fetus of 65 mm.
        """
        width = slice_mm / 2.3548 * np.sqrt(2.0)
        half, away = self.half_mm * scale, across_mm - self.middle_mm * scale
        within = special.erf((half - away) / width) + special.erf((half + away) / width)
        return np.asarray(within / (2 * special.erf(half / width)))

    def thickness(self, across_mm: float, scale: float) -> float:
        """How thick the part is there, as a share of its thickness in its middle: that of a flattened ball."""
        share = abs(across_mm - self.middle_mm * scale) / (_SLOWER * self.half_mm * scale)
        return max(float(np.sqrt(max(1 - share**2, 0.0))), _THINNEST)


ACROSS: dict[Part, Reach] = {
    Structure.NASAL_BONE: Reach(1.3),
    Structure.NASAL_TIP: Reach(1.5),
    Structure.NASAL_SKIN: Reach(1.6),
    Structure.PALATE: Reach(2.4),
    Structure.THALAMI: Reach(2.8),
    Structure.MIDBRAIN: Reach(2.4),
    Structure.FOURTH_VENTRICLE: Reach(1.9),
    Structure.CISTERNA_MAGNA: Reach(2.4),
    Structure.NUCHAL_TRANSLUCENCY: Reach(3.4),
    Region.BRAIN: Reach(3.0),
    Region.BRAIN_STEM: Reach(2.4),
    Region.SPINAL_CANAL: Reach(1.2),
    Region.JAW: Reach(2.0),
    Region.FACE: Reach(3.5),
    Region.OCCIPUT: Reach(5.0),
}
"""The parts that a plane leaves; what is not here goes from one side of the head to the other."""


def thinned(points: FloatArray, across_mm: FloatArray, centre: FloatArray, scale: float) -> FloatArray:
    """Points of the head drawn in towards a centre, as the outline of a ball is in a plane beside its middle.

    Parameters
    ----------
    points, across_mm
        ``float[n, 2]`` in mm, and the distance of each from the midline, ``float[n]``.
    centre
        Of the skull, mm.
    scale
        Size of the head relative to one of a fetus of 65 mm.
    """
    share = np.clip(np.abs(across_mm) / (HALF_HEAD_MM * scale), 0.0, 0.97)
    radius = (1 - share**_FULLNESS) ** (1 / _FULLNESS)
    return np.asarray(centre + (points - centre) * radius[:, None])
