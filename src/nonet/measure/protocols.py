"""What is measured of each structure, and by which protocol: data, one entry a structure.

- Nuchal translucency: the Fetal Medicine Foundation's protocol. Callipers stand on the inner borders of the two lines,
  their crossbars merging with the white line, at the widest part.
- Fourth ventricle (intracranial translucency): its antero-posterior diameter in the mid-sagittal view of the face,
  between brain stem and choroid plexus (Chaoui et al., Ultrasound Obstet Gynecol 34, 249-252 (2009),
  doi 10.1002/uog.7329).
- Cisterna magna: its width in the same view, between the choroid plexus of the fourth ventricle and the occipital bone
  (Garcia-Posada et al., Ultrasound Obstet Gynecol 41, 515-520 (2013), doi 10.1002/uog.12302).
- Nasal bone: the Fetal Medicine Foundation's view: the bright line under the skin of the nose and parallel to it
  (Cicero et al., Ultrasound Obstet Gynecol 23, 218-223 (2004), doi 10.1002/uog.992), from end to end.

Callipers of all gaps stand where those of the nuchal translucency do, which printed readings could be held against.
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
