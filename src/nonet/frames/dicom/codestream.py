"""Read the size that a compressed frame announces for itself, before any decoder allocates it.

A codestream may declare more pixels than the DICOM attributes around it: only one that agrees
with Rows and Columns is handed to a decoder.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from nonet.errors import DicomError

if TYPE_CHECKING:
    from nonet.frames.dicom.pixel_module import PixelModule

__all__ = ["RLE_LOSSLESS", "check_codestream"]

RLE_LOSSLESS = "1.2.840.10008.1.2.5"
_J2K_START = b"\xff\x4f\xff\x51"
_JP2_HEADER_CAP = 4096
_NOT_SOF = (0xC4, 0xC8, 0xCC)
_STANDALONE = (0x01, *range(0xD0, 0xD9))


class _Size(NamedTuple):
    width: int
    height: int
    components: int


def check_codestream(data: bytes, transfer_syntax: str, module: PixelModule) -> None:
    """Compare the geometry in a compressed frame's own header with the DICOM attributes.

    Raises
    ------
    DicomError
        If the header cannot be read, or announces another size than the attributes.
    """
    if transfer_syntax == RLE_LOSSLESS:
        _check_rle(data, module)
        return
    try:
        size = _jpeg2000_size(data) or _jpeg_size(data)
    except (IndexError, struct.error):
        size = None
    if size is None:
        raise DicomError(
            "Compressed pixel data begins with the header of its codec",
            found="none, or one that is cut off",
            remedy="Copy the file again from where it came",
        )
    if size != (module.columns, module.rows, module.samples):
        raise DicomError(
            "Compressed pixel data has the size that the DICOM attributes state",
            found=f"{size.width} x {size.height} x {size.components} in the data, "
            f"{module.columns} x {module.rows} x {module.samples} in the attributes",
            remedy="Export the image again",
        )


def _jpeg2000_size(data: bytes) -> _Size | None:
    """Width, height, components from SIZ (ISO/IEC 15444-1, A.5.1), inside a JP2 file or bare."""
    start = data.find(_J2K_START, 0, _JP2_HEADER_CAP)
    if start < 0:
        return None
    right, lower, left, upper = struct.unpack_from(">4L", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    return _Size(right - left, lower - upper, components)


def _jpeg_size(data: bytes) -> _Size | None:
    """Width, height, components from the first start-of-frame (ISO/IEC 10918-1, B.2.2; JPEG-LS: SOF 55)."""
    position = 2 if data.startswith(b"\xff\xd8") else len(data)
    while position < len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in _NOT_SOF):
            height, width, components = struct.unpack_from(">HHB", data, position + 5)
            return _Size(width, height, components)
        else:
            (length,) = struct.unpack_from(">H", data, position + 2)
            position += 2 + max(length, 2)
    return None


def _check_rle(data: bytes, module: PixelModule) -> None:
    """Refuse an RLE header (PS3.5, annex G.5) whose segments do not fit the image."""
    expected = module.samples * module.bits_allocated // 8
    cap = 2 * module.rows * module.columns + 2
    header = struct.unpack_from("<16L", data) if len(data) >= 64 else (0,) * 16
    count, offsets = header[0], [*header[1 : 1 + expected], len(data)]
    lengths = [end - start for start, end in pairwise(offsets)]
    if count != expected or offsets[0] < 64 or any(not 0 < length <= cap for length in lengths):
        raise DicomError(
            f"RLE data of this image has {expected} segments of 1 to {cap} bytes",
            found=f"{count} segments, or some that do not fit",
            remedy="Export the image again",
        )
