"""What is measured of each structure, and by which protocol: data, one entry a structure.

- Nuchal translucency: the Fetal Medicine Foundation's protocol. Callipers stand on the inner borders of the two lines,
  their crossbars merging with the white line, at the widest part.
- Fourth ventricle (intracranial translucency): Chaoui, Benoit, Mitkowska-Wozniak et al., Ultrasound Obstet Gynecol 34,
  249-252 (2009), doi 10.1002/uog.7329. Its antero-posterior diameter in the mid-sagittal plane of the face, between
  the two echogenic borders: the posterior border of the brain stem and the choroid plexus of the ventricle.
- Cisterna magna: the distance between the choroid plexus of the fourth ventricle, its upper border, and the occipital
  bone, in the same plane, at its widest (Lachmann et al., Prenat Diagn 31, 103-106 (2011), doi 10.1002/pd.2632, for the
  occipital bone as the border).
- Nasal bone: the Fetal Medicine Foundation's protocol (Cicero et al., Ultrasound Obstet Gynecol 18, 2001 and later):
  the length of the bright line that lies under the skin of the nose, parallel to it, from end to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.measure.gap import GapSearch, measure_gap
from nonet.measure.line_length import LineSearch, measure_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from nonet.measure.patch import HeadPicture
    from nonet.measure.span import Span
    from nonet.reading import Box

__all__ = ["PROTOCOLS", "Protocol"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a structure is measured.

    Attributes
    ----------
    name
        What the distance is called.
    measure
        From the head frame and the structure's box in it to the distance, or None where edges do not support one.
    nothing
        The reason that a reading gives then.
    """

    name: str
    measure: Callable[[HeadPicture, Box], Span | None]
    nothing: str


def _gap(name: str, structure: Structure, search: GapSearch) -> Protocol:
    reason = f"not measurable: no two borders of the {structure.label} are found"
    return Protocol(name, partial(measure_gap, search=search), reason)


PROTOCOLS: dict[Structure, Protocol] = {
    Structure.FOURTH_VENTRICLE: _gap(
        "antero_posterior", Structure.FOURTH_VENTRICLE, GapSearch(margin=0.4, ends=0.15, strong=0.55)
    ),
    Structure.CISTERNA_MAGNA: _gap("width", Structure.CISTERNA_MAGNA, GapSearch(margin=0.4, ends=0.15, strong=0.55)),
    Structure.NUCHAL_TRANSLUCENCY: _gap("thickness", Structure.NUCHAL_TRANSLUCENCY, GapSearch(margin=0.7, ends=0.1)),
    Structure.NASAL_BONE: Protocol(
        "length",
        partial(measure_line, search=LineSearch(beside=0.1, above=0.6)),
        "not measurable: no line of the nasal bone stands out",
    ),
}
"""Of each structure that is measured. What no edge defines is not: of the thalami, the tip and the skin of the nose."""
