"""Open the file form of DICOM: preamble, meta information, transfer syntax, deflated data sets.

A deflated data set is inflated twice, first only to count what comes out, so that a small file
that would inflate to a gigabyte is refused with a few kilobytes in use.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pydicom.valuerep import VR

from nonet.errors import DicomError, InputTooLarge
from nonet.frames.dicom.walk import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nonet.frames.guards import Limits

__all__ = [
    "DEFLATED",
    "EXPLICIT_BIG_ENDIAN",
    "EXPLICIT_LITTLE_ENDIAN",
    "IMPLICIT_LITTLE_ENDIAN",
    "Part10",
    "open_part10",
]

IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2"

_CHUNK = 1 << 16
_META_CAP = 1 << 16
_INFLATION_COUNTS_FROM = 32 << 20
_LONG_VRS = (b"OB", b"OW", b"SQ", b"UN", b"UT")
_VRS = frozenset(vr.value.encode() for vr in VR)


@dataclass(frozen=True, slots=True)
class Part10:
    """A DICOM data set, ready to be walked.

    Parameters
    ----------
    stream
        Holds the data set at ``[start, end)``: the file itself, or its inflated content.
    transfer_syntax
        The UID from the meta information; where that is missing, what the first bytes look like.
    encoding
        How the elements are written. Every syntax but two is explicit and little endian; what the first element
        looks like counts before what the meta information says.
    warnings
        A sentence if the two contradict each other.
    """

    stream: BinaryIO
    start: int
    end: int
    transfer_syntax: str
    encoding: Encoding
    warnings: tuple[str, ...] = ()


def open_part10(stream: BinaryIO, size: int, limits: Limits) -> Part10:
    """Read the meta information and find the data set.

    Raises
    ------
    DicomError
        If the meta information or the deflated data is cut off or damaged.
    InputTooLarge
        If a deflated data set inflates to more than the limit.
    """
    start, syntax = _read_meta(stream)
    if not syntax:
        syntax = _guess_syntax(stream, start)
    if syntax != DEFLATED:
        return _part10(stream, start, size, syntax)
    inflated = _inflate(stream, start, limits)
    return _part10(inflated, 0, inflated.tell(), syntax)


def _part10(stream: BinaryIO, start: int, end: int, syntax: str) -> Part10:
    stated = Encoding(implicit=syntax == IMPLICIT_LITTLE_ENDIAN, little_endian=syntax != EXPLICIT_BIG_ENDIAN)
    stream.seek(start)
    head = stream.read(6)
    implicit = head[4:6] not in _VRS
    if len(head) < 6 or not stated.little_endian or implicit is stated.implicit:
        return Part10(stream, start, end, syntax, stated)
    said, seen = ("implicit", "explicit") if stated.implicit else ("explicit", "implicit")
    warning = f"The meta information says {said} VR, the data set is written in {seen} VR and read so"
    return Part10(stream, start, end, syntax, stated._replace(implicit=implicit), (warning,))


def _read_meta(stream: BinaryIO) -> tuple[int, str]:
    """Where the data set starts, and the transfer syntax that the meta information names."""
    stream.seek(0)
    position = 132 if stream.read(132)[128:] == b"DICM" else 0
    syntax = ""
    stream.seek(position)
    meta = stream.read(_META_CAP)
    offset = 0
    while meta[offset : offset + 2] == b"\x02\x00":
        is_long = meta[offset + 4 : offset + 6] in _LONG_VRS
        value = offset + (12 if is_long else 8)
        length = int.from_bytes(meta[value - (4 if is_long else 2) : value], "little")
        if value + length > len(meta):
            raise DicomError(
                f"DICOM meta information is whole and has at most {_META_CAP} bytes",
                found="an element that reaches past that",
                remedy="Copy the file again from where it came",
            )
        if meta[offset + 2 : offset + 4] == b"\x10\x00":
            syntax = meta[value : value + length].rstrip(b"\0 ").decode("ascii", "replace")
        offset = value + length
    return position + offset, syntax


def _guess_syntax(stream: BinaryIO, start: int) -> str:
    """The syntax that the first element of a data set looks like (PS3.5, section 10: implicit by default)."""
    stream.seek(start)
    head = stream.read(6)
    if not (head[4:6].isalpha() and head[4:6].isupper()):
        return IMPLICIT_LITTLE_ENDIAN
    return EXPLICIT_BIG_ENDIAN if head[:1] == b"\0" else EXPLICIT_LITTLE_ENDIAN


def _inflate(stream: BinaryIO, start: int, limits: Limits) -> io.BytesIO:
    total = 0
    for piece in _inflated_pieces(stream, start):
        total += len(piece)
        _check_inflated(total, stream.tell() - start, limits)
    inflated = io.BytesIO()
    inflated.writelines(_inflated_pieces(stream, start))
    return inflated


def _check_inflated(total: int, deflated: int, limits: Limits) -> None:
    """Refuse once too much has come out, or too much of too little."""
    if total > limits.inflated_bytes or total > max(_INFLATION_COUNTS_FROM, limits.inflation * deflated):
        raise InputTooLarge(
            f"A deflated DICOM file inflates to at most {limits.inflated_bytes} bytes, and to {limits.inflation} "
            f"times its size once past {_INFLATION_COUNTS_FROM}",
            found=f"{total} bytes from the first {deflated}, and more to come",
            remedy="Export the image again without deflate, or raise Limits",
        )


def _inflated_pieces(stream: BinaryIO, start: int) -> Iterator[bytes]:
    """The inflated data in pieces of bounded size (raw deflate, PS3.5 annex A.5)."""
    stream.seek(start)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        data = inflater.unconsumed_tail or stream.read(_CHUNK)
        try:
            piece = inflater.decompress(data, _CHUNK)
        except zlib.error as problem:
            raise _bad_deflate("data that cannot be inflated") from problem
        if not data and not piece:
            raise _bad_deflate("deflated data that is cut off")
        yield piece


def _bad_deflate(found: str) -> DicomError:
    return DicomError("A DICOM file is whole", found=found, remedy="Copy the file again from where it came")
