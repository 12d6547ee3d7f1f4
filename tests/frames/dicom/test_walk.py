"""The walk over a data set finds what pydicom finds, in any encoding, and never goes too deep or too far."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Literal

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from errors_raised import raised
from nonet.errors import DicomError, InputTooLarge
from nonet.frames import Limits
from nonet.frames.dicom.part10 import open_part10
from nonet.frames.dicom.walk import PIXEL_DATA, DataSetMap, Encoding, map_data_set

SAMPLES = Path(pydicom.data.DATA_ROOT) / "test_files"
ENCODINGS = [Encoding(True, True), Encoding(False, True), Encoding(False, False)]
IDS = ["implicit little", "explicit little", "explicit big"]


def written(dataset: Dataset, encoding: Encoding) -> bytes:
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = encoding
    write_dataset(stream, dataset)
    return stream.getvalue()


def walk(data: bytes, encoding: Encoding, limits: Limits = Limits()) -> DataSetMap:
    return map_data_set(BytesIO(data), 0, len(data), encoding, limits)


def piece(encoding: Encoding, group: int, element: int, value: bytes, *, vr: bytes = b"", undefined: bool) -> bytes:
    """An element, item or delimiter, written by hand: pydicom cannot write what it cannot read."""
    order: Literal["little", "big"] = "little" if encoding.little_endian else "big"
    tag = group.to_bytes(2, order) + element.to_bytes(2, order)
    length = b"\xff\xff\xff\xff" if undefined else len(value).to_bytes(4, order)
    return tag + (vr + b"\0\0" if vr and not encoding.implicit else b"") + length + value


def nested(depth: int, encoding: Encoding, *, undefined: bool) -> bytes:
    """``depth`` sequences, each with one item, inside one another."""
    end_of_item = piece(encoding, 0xFFFE, 0xE00D, b"", undefined=False) if undefined else b""
    end_of_sequence = piece(encoding, 0xFFFE, 0xE0DD, b"", undefined=False) if undefined else b""
    value = b""
    for _ in range(depth):
        item = piece(encoding, 0xFFFE, 0xE000, value + end_of_item, undefined=undefined)
        value = piece(encoding, 0x0008, 0x1115, item + end_of_sequence, vr=b"SQ", undefined=undefined)
    return value


@pytest.mark.parametrize("encoding", ENCODINGS, ids=IDS)
@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("depth", [33, 300])
def test_deep_nesting_ends_at_the_limit(encoding: Encoding, undefined: bool, depth: int) -> None:
    with raised(InputTooLarge, found="deeper nesting"):
        walk(nested(depth, encoding, undefined=undefined), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=IDS)
@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
def test_nesting_up_to_the_limit_is_walked(encoding: Encoding, undefined: bool) -> None:
    after = Dataset()
    after.Columns = 7
    found = walk(nested(32, encoding, undefined=undefined) + written(after, encoding), encoding)
    assert list(found.elements) == [0x00081115, 0x00280011]
    assert len(found.items[0x00081115]) == 1


def hidden_in_un(depth: int) -> bytes:
    """Sequences in one another, each the value of a private element of VR UN or none."""
    value = b""
    for _ in range(depth):
        item = b"\xfe\xff\x00\xe0" + len(value).to_bytes(4, "little") + value
        value = b"\x09\x00\x01\x10" + len(item).to_bytes(4, "little") + item
    return b"\x09\x00\x01\x10UN\0\0" + value[4:]


def test_nesting_hidden_in_private_un_elements_is_found() -> None:
    with raised(InputTooLarge, found="deeper nesting"):
        walk(hidden_in_un(300), Encoding(False, True))


def test_a_million_levels_take_no_memory_of_their_own() -> None:
    level = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    with raised(InputTooLarge, found="deeper nesting"):
        walk(level * 1_000_000, Encoding(False, True))


def test_a_private_value_that_only_begins_like_a_sequence_is_a_value() -> None:
    private = b"\x09\x00\x01\x10UN\0\0\x10\0\0\0\xfe\xff\x00\xe0\x08\0\0\0" + b"\xff" * 8
    rows = b"\x28\x00\x10\x00US\x02\x00\x04\x00"
    found = walk(private + rows, Encoding(False, True))
    assert list(found.elements) == [0x00091001, 0x00280010]


def test_elements_are_counted() -> None:
    element = b"\x09\x00\x10\x00LO\x00\x00"
    with raised(InputTooLarge, found="more"):
        walk(element * 100, Encoding(False, True), Limits(elements=99))


def test_the_walk_ends_at_the_pixel_data() -> None:
    pixels = b"\xe0\x7f\x10\x00OW\0\0\x04\0\0\0abcd"
    found = walk(pixels + b"rubbish", Encoding(False, True))
    assert (found.pixel_tag, found.encapsulated) == (PIXEL_DATA, False)
    assert found.pixel_span == (0, 12, 16)


def test_a_compressed_icon_inside_a_sequence_is_passed_over() -> None:
    icon = Dataset()
    icon.Rows = 4
    fragment = b"\xfe\xff\x00\xe0\x00\0\0\0\xfe\xff\x00\xe0\x06\0\0\0\xff\xd8\xff\xe0ab\xfe\xff\xdd\xe0\0\0\0\0"
    item = written(icon, Encoding(False, True)) + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + fragment
    sequence = b"\x88\x00\x00\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    found = walk(sequence + b"\xfe\xff\xdd\xe0\0\0\0\0" + b"\x28\x01\x10\x00US\x02\x00\x04\x00", Encoding(False, True))
    assert list(found.elements) == [0x00880200, 0x01280010]
    assert found.pixel_tag is None


@pytest.mark.parametrize("name", ["nested_priv_SQ.dcm", "priv_SQ.dcm", "UN_sequence.dcm", "rtplan.dcm", "test-SR.dcm"])
def test_the_outermost_elements_are_those_that_pydicom_finds(name: str) -> None:
    path = SAMPLES / name
    with path.open("rb") as stream:
        source = open_part10(stream, path.stat().st_size, Limits())
        found = map_data_set(source.stream, source.start, source.end, source.encoding, Limits())
    expected = {int(tag) for tag in sorted(pydicom.dcmread(path, force=True).keys())}
    assert {*found.elements, *filter(None, [found.pixel_tag])} == expected


@given(data=st.binary(max_size=300), encoding=st.sampled_from(ENCODINGS))
@settings(max_examples=300, deadline=1000)
def test_any_bytes_are_walked_or_refused(data: bytes, encoding: Encoding) -> None:
    try:
        found = walk(data, encoding, Limits(nesting=4, elements=50))
    except (DicomError, InputTooLarge):
        return
    assert all(0 <= span.start <= span.value <= span.end <= len(data) for span in found.elements.values())
