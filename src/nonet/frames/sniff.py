"""Recognise what a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

__all__ = ["HEAD_BYTES", "FileKind", "sniff", "unread_form"]

HEAD_BYTES = 4096
"""How much of a file `sniff` wants to see."""

_DICOMDIR_CLASS = b"1.2.840.10008.1.3.10"
_SOP_CLASS_ELEMENT = b"\x02\x00\x02\x00UI"
_FIRST_VRS = (b"UL", b"CS", b"UI", b"DA", b"SH", b"LO", b"OB")
_BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)


_UNREAD = (
    (0, b"GIF8", "a GIF picture"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 codestream"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIF picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "an MP4 or QuickTime video"),
    (8, b"AVI ", "an AVI video"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a Windows Media video"),
    (0, b"\0\0\x01\xba", "an MPEG video"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"NRRD000", "an NRRD volume"),
    (344, b"n+1\0", "a NIfTI volume"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
)
"""Images that are not read: where their mark stands, the mark, what they are."""
_PIECE_OF_DICOM = re.compile(rb"[\x08\x10\x18\x20\x28]\0..(?:CS|UI|US|DA|TM|LO|SH|PN|IS|DS)", re.DOTALL)
_PIECES = 3


class FileKind(StrEnum):
    """What a file is; ``UNREAD`` is an image in a form that Nonet does not read."""

    DICOM = "DICOM"
    DICOMDIR = "DICOMDIR"
    STILL = "still"
    UNREAD = "unread"
    UNKNOWN = "unknown"


def sniff(head: bytes) -> FileKind:
    """What the file is that begins with these bytes: `HEAD_BYTES` of them, or all that it has."""
    if head[128:132] == b"DICM":
        return FileKind.DICOMDIR if _sop_class(head) == _DICOMDIR_CLASS else FileKind.DICOM
    if _is_still(head):
        return FileKind.STILL
    if _is_bare_dicom(head):
        return FileKind.DICOM
    return FileKind.UNREAD if unread_form(head) else FileKind.UNKNOWN


def unread_form(head: bytes) -> str:
    """What an image is that Nonet does not read, by its first bytes; nothing if it is none that is known."""
    for place, mark, name in _UNREAD:
        if head.startswith(mark, place):
            return name
    pieces = len(_PIECE_OF_DICOM.findall(head))
    return "DICOM that does not begin with a preamble or an element of group 2 or 8" if pieces >= _PIECES else ""


def _sop_class(head: bytes) -> bytes:
    at = head.find(_SOP_CLASS_ELEMENT, 132)
    length = int.from_bytes(head[at + 6 : at + 8], "little")
    return head[at + 8 : at + 8 + length].rstrip(b"\0 ") if at >= 0 else b""


def _is_still(head: bytes) -> bool:
    bmp = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    return bmp or webp or head.startswith(starts)


def _is_bare_dicom(head: bytes) -> bool:
    """Whether it looks like a data set without preamble: its first element is of group 2 or 8."""
    big = head[:1] == b"\0"
    order: Literal["big", "little"] = "big" if big else "little"
    group, element = (int.from_bytes(head[at : at + 2], order) for at in (0, 2))
    if group not in (0x0002, 0x0008) or element > 0x0080 or len(head) < 8:
        return False
    return head[4:6] in _FIRST_VRS or (not big and 0 < int.from_bytes(head[4:8], "little") <= 128)
