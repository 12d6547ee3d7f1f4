"""What is measured of each structure, and by which protocol: data, in the order in which a reading has it.

- Nuchal translucency: the Fetal Medicine Foundation's protocol. Callipers stand on the inner borders of the two lines,
  their crossbars merging with the white line, at the widest part.
- Fourth ventricle (intracranial translucency): its antero-posterior diameter in the mid-sagittal view of the face,
  between brain stem and choroid plexus (Chaoui et al., Ultrasound Obstet Gynecol 34, 249-252 (2009),
  doi 10.1002/uog.7329).
- Cisterna magna: its width in the same view, between the choroid plexus of the fourth ventricle and the occipital bone
  (Garcia-Posada et al., Ultrasound Obstet Gynecol 41, 515-520 (2013), doi 10.1002/uog.12302).
- Nasal bone: the Fetal Medicine Foundation's view: the bright line under the skin of the nose and parallel to it
  (Cicero et al., Ultrasound Obstet Gynecol 23, 218-223 (2004), doi 10.1002/uog.992), from end to end.
- Palate: its bright line, from end to end; and the maxillary gap, the longest interruption of that line: more than
  1.5 mm was seen in none of 86 normal fetuses (Chaoui et al., Ultrasound Obstet Gynecol 46, 665-669 (2015),
  doi 10.1002/uog.15675).
- Midbrain: the height of the echo-poor region across the middle of its box. No protocol is published for it.
- Nasal skin: the shortest distance from the front end of the nasal bone, that towards the tip of the nose, to
  the outer border of the skin. It is not the published prenasal thickness, which starts at the other end, at the
  frontal bone (16 to 24 weeks, doi 10.1002/uog.5404): that bone is none of the nine structures.

Callipers of all gaps between two lines stand where those of the nuchal translucency do, which printed readings could be
held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.measure.gap import GapSearch, measure_gap
from nonet.measure.height import HeightSearch, measure_height
from nonet.measure.line_length import LineSearch, measure_line
from nonet.measure.skin_distance import SkinSearch, measure_skin
from nonet.measure.slanted_line import SlantedSearch, measure_line_gap, measure_slanted_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nonet.measure.patch import HeadPicture
    from nonet.measure.span import Span
    from nonet.reading import Box

__all__ = ["MEASURED", "PROTOCOLS", "Measured", "Protocol"]

Measured = tuple[Structure, str]
"""What names a measurement: the structure, and what the distance is called."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a distance of a structure is measured.

    Attributes
    ----------
    name
        What the distance is called; unique among those of a structure.
    needs
        The structures whose boxes it needs.
    take
        From the head frame and the boxes in it, of all that is visible, to the distance, or None where edges do not
        support one.
    nothing
        The reason that a reading gives then.
    """

    name: str
    needs: tuple[Structure, ...]
    take: Callable[[HeadPicture, Mapping[Structure, Box]], Span | None]
    nothing: str

    def measure(self, picture: HeadPicture, boxes: Mapping[Structure, Box]) -> Span | str:
        """The distance, in pixels of the head frame, or the reason why there is none.

        Parameters
        ----------
        picture
            The head frame.
        boxes
            In the head frame, of all structures that are visible.
        """
        missing = next((each for each in self.needs if each not in boxes), None)
        if missing is not None:
            return f"not measurable: the {missing.label} is not visible"
        return self.take(picture, boxes) or self.nothing


def _of_box(
    name: str, structure: Structure, measure: Callable[[HeadPicture, Box], Span | None], nothing: str
) -> Protocol:
    """A protocol that needs no box but the structure's own."""
    return Protocol(name, (structure,), lambda picture, boxes: measure(picture, boxes[structure]), nothing)


def _gap(name: str, structure: Structure, search: GapSearch) -> tuple[Protocol]:
    reason = f"not measurable: no two borders of the {structure.label} are found"
    return (_of_box(name, structure, partial(measure_gap, search=search), reason),)


_BONE = LineSearch(beside=0.1, above=0.6)
_PALATE = SlantedSearch()
_NO_PALATE = "not measurable: no line of the palate stands out"

PROTOCOLS: dict[Structure, tuple[Protocol, ...]] = {
    Structure.FOURTH_VENTRICLE: _gap(
        "antero_posterior", Structure.FOURTH_VENTRICLE, GapSearch(margin=0.4, ends=0.15, strong=0.55)
    ),
    Structure.CISTERNA_MAGNA: _gap("width", Structure.CISTERNA_MAGNA, GapSearch(margin=0.4, ends=0.15, strong=0.55)),
    Structure.NUCHAL_TRANSLUCENCY: _gap("thickness", Structure.NUCHAL_TRANSLUCENCY, GapSearch(margin=0.7, ends=0.1)),
    Structure.NASAL_BONE: (
        _of_box(
            "length",
            Structure.NASAL_BONE,
            partial(measure_line, search=_BONE),
            "not measurable: no line of the nasal bone stands out",
        ),
    ),
    Structure.PALATE: (
        _of_box("length", Structure.PALATE, partial(measure_slanted_line, search=_PALATE), _NO_PALATE),
        _of_box("gap", Structure.PALATE, partial(measure_line_gap, search=_PALATE), _NO_PALATE),
    ),
    Structure.MIDBRAIN: (
        _of_box(
            "extent",
            Structure.MIDBRAIN,
            partial(measure_height, search=HeightSearch()),
            "not measurable: no borders above and below the midbrain are found",
        ),
    ),
    Structure.NASAL_SKIN: (
        Protocol(
            "skin_thickness",
            (Structure.NASAL_SKIN, Structure.NASAL_BONE),
            partial(measure_skin, search=SkinSearch(_BONE)),
            "not measurable: nasal bone or skin has no line",
        ),
    ),
}
"""Of each structure that is measured. What no edge defines is not: of the thalami and of the tip of the nose."""

MEASURED: tuple[Measured, ...] = tuple(
    (structure, protocol.name) for structure, protocols in PROTOCOLS.items() for protocol in protocols
)
"""All that is measured."""
