"""All measurements of a frame: the extent of every box, and of each structure what its protocol measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import Structure
from nonet.measure.echo import measure_echo
from nonet.measure.extent import EXTENTS, measure_extent
from nonet.measure.interval import intervals
from nonet.measure.length import length_of, unit_of
from nonet.measure.patch import HeadPicture
from nonet.measure.protocols import PROTOCOLS
from nonet.reading import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nonet.detect.located import Located
    from nonet.frame import Frame, Spacing
    from nonet.measure.protocols import Measured, Protocol
    from nonet.measure.span import Span
    from nonet.reading import Box

__all__ = ["measure_spans", "measure_structures", "withheld"]

_WRONG_PLANE = "withheld: the plane is not standard"


def measure_structures(
    located: Located, frame: Frame, boxes: Mapping[Structure, Box]
) -> dict[Structure, tuple[Measurement, ...]]:
    """What is measured of each visible structure.

    Parameters
    ----------
    located
        What the detector made of the frame. It was given the frame with its overlay hidden, or else what was drawn
        counts as picture.
    frame
        Says how large a pixel is at each box.
    boxes
        Of the visible structures, frame pixels.
    """
    picture, inside = _in_head_frame(located, boxes)
    measurements = {}
    for structure, box in boxes.items():
        spacing = frame.spacing_at(*box.xyxy)
        found = [*measure_extent(box, spacing)]
        for protocol in PROTOCOLS.get(structure, ()):
            span = protocol.measure(picture, inside)
            found.append(_length(located, structure, protocol, span, spacing))
        if structure is Structure.NASAL_BONE:
            found.append(measure_echo(picture, inside[structure], inside.get(Structure.NASAL_SKIN)))
        measurements[structure] = tuple(found)
    return measurements


def measure_spans(located: Located, boxes: Mapping[Structure, Box]) -> dict[Measured, Span | None]:
    """The distances of the protocols in the head frame, by structure and name, of the structures among ``boxes``.

    Parameters
    ----------
    located
        What the detector made of the frame.
    boxes
        Of all structures that are visible, frame pixels.
    """
    picture, inside = _in_head_frame(located, boxes)
    found = {
        (structure, protocol.name): protocol.measure(picture, inside)
        for structure in boxes
        for protocol in PROTOCOLS.get(structure, ())
    }
    return {measured: None if isinstance(span, str) else span for measured, span in found.items()}


def _in_head_frame(located: Located, boxes: Mapping[Structure, Box]) -> tuple[HeadPicture, dict[Structure, Box]]:
    return HeadPicture.of(located), dict(zip(boxes, located.place.boxes(list(boxes.values())), strict=True))


def withheld(measurements: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """The measurements of a structure on a plane that is not standard: only the extent of its box is left."""
    return tuple(
        one if one.name in EXTENTS else Measurement(one.name, None, one.unit, reason=_WRONG_PLANE)
        for one in measurements
    )


def _length(
    located: Located, structure: Structure, protocol: Protocol, span: Span | str, spacing: Spacing | None
) -> Measurement:
    if isinstance(span, str):
        return Measurement(protocol.name, None, unit_of(spacing), reason=span)
    interval = intervals().get((structure, protocol.name))
    return length_of(protocol.name, span, located.place, spacing, interval)
