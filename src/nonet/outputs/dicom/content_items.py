"""Content items of a structured report (PS3.3, section C.17.3), written as explicit VR little endian bytes.

A cine has thousands of items, and data sets of them cost a hundred times their bytes: so each item is bytes at once.
Tests hold them against pydicom's writer and highdicom's reader.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING

from pydicom.datadict import tag_for_keyword
from pydicom.valuerep import format_number_as_ds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nonet.anatomy import Code

__all__ = [
    "CONTAINS",
    "HAS_CONCEPT_MOD",
    "HAS_OBS_CONTEXT",
    "HAS_PROPERTIES",
    "INFERRED_FROM",
    "SELECTED_FROM",
    "code_item",
    "container_item",
    "image_item",
    "number_item",
    "polyline_item",
    "text_item",
    "uid_item",
]

CONTAINS = "CONTAINS"
HAS_CONCEPT_MOD = "HAS CONCEPT MOD"
HAS_OBS_CONTEXT = "HAS OBS CONTEXT"
HAS_PROPERTIES = "HAS PROPERTIES"
INFERRED_FROM = "INFERRED FROM"
SELECTED_FROM = "SELECTED FROM"

_LONG_VRS = frozenset(("SQ", "UT"))
_ITEM = b"\xfe\xff\x00\xe0"


def text_item(relation: str, name: Code, text: str, children: Iterable[bytes] = ()) -> bytes:
    """A TEXT item; what ASCII has no letter for is spelt as a backslash escape, so that any character set holds it."""
    return _content_item("TEXT", relation, name, _text("TextValue", "UT", text), children=children)


def code_item(relation: str, name: Code, value: Code, children: Iterable[bytes] = ()) -> bytes:
    """A CODE item."""
    return _content_item("CODE", relation, name, _coded("ConceptCodeSequence", value), children=children)


def uid_item(relation: str, name: Code, uid: str) -> bytes:
    """A UIDREF item."""
    return _content_item("UIDREF", relation, name, _text("UID", "UI", uid))


def number_item(relation: str, name: Code, value: float, unit: Code, children: Iterable[bytes] = ()) -> bytes:
    """A NUM item; where the 16 letters of a decimal string cut the value, the exact one stands beside it."""
    decimal = format_number_as_ds(float(value))
    measured = [_coded("MeasurementUnitsCodeSequence", unit), _text("NumericValue", "DS", decimal)]
    if float(decimal) != value:
        measured.append(_element("FloatingPointValue", "FD", struct.pack("<d", value)))
    return _content_item("NUM", relation, name, _sequence("MeasuredValueSequence", [measured]), children=children)


def image_item(relation: str, name: Code, sop_class: str, instance: str, frame: int | None) -> bytes:
    """An IMAGE item; ``frame`` counts from 1, and is None for a single-frame image."""
    reference = [_text("ReferencedSOPClassUID", "UI", sop_class), _text("ReferencedSOPInstanceUID", "UI", instance)]
    if frame is not None:
        reference.append(_text("ReferencedFrameNumber", "IS", str(frame)))
    return _content_item("IMAGE", relation, name, _sequence("ReferencedSOPSequence", [reference]))


def polyline_item(relation: str, name: Code, points: Sequence[tuple[float, float]], image: bytes) -> bytes:
    """A SCOORD item of points (column, row) with 0, 0 at the upper left edge of the image (PS3.3, C.18.6.1.1)."""
    flat = [coordinate for point in points for coordinate in point]
    data = _element("GraphicData", "FL", struct.pack(f"<{len(flat)}f", *flat))
    return _content_item("SCOORD", relation, name, data, _text("GraphicType", "CS", "POLYLINE"), children=[image])


def container_item(relation: str, name: Code, children: Iterable[bytes], template: str | None = None) -> bytes:
    """A CONTAINER item, with the number of its template in PS3.16 if it has one."""
    own = [_text("ContinuityOfContent", "CS", "SEPARATE")]
    if template:
        own.append(_template(template))
    return _content_item("CONTAINER", relation, name, *own, children=children)


def _content_item(value_type: str, relation: str, name: Code, *value: bytes, children: Iterable[bytes] = ()) -> bytes:
    elements = [
        _text("RelationshipType", "CS", relation),
        _text("ValueType", "CS", value_type),
        _coded("ConceptNameCodeSequence", name),
        *value,
    ]
    nested = b"".join(children)
    if nested:
        elements.append(_element("ContentSequence", "SQ", nested))
    return _item(elements)


@cache
def _coded(keyword: str, code: Code) -> bytes:
    values = [
        _text("CodeValue", "SH", code.value),
        _text("CodingSchemeDesignator", "SH", code.scheme),
        _text("CodeMeaning", "LO", code.meaning),
    ]
    return _sequence(keyword, [values])


@cache
def _template(number: str) -> bytes:
    values = [
        _text("MappingResource", "CS", "DCMR"),
        _text("MappingResourceUID", "UI", "1.2.840.10008.8.1.1"),
        _text("TemplateIdentifier", "CS", number),
    ]
    return _sequence("ContentTemplateSequence", [values])


def _sequence(keyword: str, items: Iterable[Iterable[bytes]]) -> bytes:
    return _element(keyword, "SQ", b"".join(map(_item, items)))


def _item(elements: Iterable[bytes]) -> bytes:
    ordered: list[bytes] = sorted(elements, key=_tag_of)
    body = b"".join(ordered)
    return _ITEM + struct.pack("<L", len(body)) + body


def _tag_of(element: bytes) -> tuple[int, ...]:
    return struct.unpack_from("<HH", element)


def _text(keyword: str, vr: str, text: str) -> bytes:
    return _element(keyword, vr, text.encode("ascii", "backslashreplace"), pad=b"\0" if vr == "UI" else b" ")


def _element(keyword: str, vr: str, value: bytes, pad: bytes = b"\0") -> bytes:
    value += pad * (len(value) % 2)
    length = struct.pack("<HL", 0, len(value)) if vr in _LONG_VRS else struct.pack("<H", len(value))
    return _tag(keyword) + vr.encode() + length + value


@cache
def _tag(keyword: str) -> bytes:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)
