"""Whether an ONNX model keeps weights in another file, found in its bytes before anything loads it.

The model is walked as the protocol buffer that it is (onnx.proto3): graphs, subgraphs in attributes and
functions, down to every tensor.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from nonet.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_self_contained"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 64
_MOST_FIELDS = 1 << 20


class _Field(NamedTuple):
    number: int
    number_value: int
    content: memoryview


_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Messages inside a message, by field number."""

_EXTERNAL_DATA, _DATA_LOCATION, _EXTERNAL = 13, 14, 1


def check_self_contained(model: bytes, name: str) -> None:
    """Refuse a model that is not all in its own bytes.

    Raises
    ------
    BundleError
        If a tensor names data outside the model, or the bytes are no model.
    """
    try:
        outside = _has_external(memoryview(model), "model", 0, count(1))
    except (IndexError, ValueError) as problem:
        raise BundleError(
            "A bundle's networks are ONNX models that onnxruntime loads",
            found=f"{name}: bytes that are no ONNX model",
            remedy="Export the model again, to one ONNX file",
        ) from problem
    if outside:
        raise BundleError(
            "A bundle runs only what its manifest hashed: a network holds its own weights",
            found=f"{name}: weights that lie in another file",
            remedy="Export the model to one file, without external data",
        )


def _has_external(message: memoryview, kind: str, depth: int, counter: Iterator[int]) -> bool:
    if depth > _DEEPEST:
        raise ValueError("nested deeper than any model")
    children = _CHILDREN[kind]
    for field in _fields(message):
        if next(counter) > _MOST_FIELDS:
            raise ValueError("more fields than any model has")
        if kind == "tensor" and (
            field.number == _EXTERNAL_DATA or (field.number == _DATA_LOCATION and field.number_value == _EXTERNAL)
        ):
            return True
        if field.number in children and _has_external(field.content, children[field.number], depth + 1, counter):
            return True
    return False


def _fields(message: memoryview) -> Iterator[_Field]:
    """The fields of a message: their number, and their value where it is a number or else their bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        value, wire = 0, key & 7
        start = end = position
        if wire == _VARINT:
            value, end = _varint(message, position)
        elif wire == _BYTES:
            length, start = _varint(message, position)
            end = start + length
        elif wire in (_FIXED64, _FIXED32):
            end = position + (8 if wire == _FIXED64 else 4)
        else:
            raise ValueError("a wire type that there is not")
        if end > len(message):
            raise ValueError("a field that is cut off")
        yield _Field(key >> 3, value, message[start:end])
        position = end


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
        if shift > 63:
            raise ValueError("a number longer than 64 bits")
