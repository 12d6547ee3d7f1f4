"""Find the bytes of each frame in the pixel data of a DICOM file, without reading them.

Compressed frames lie in fragments (PS3.5, annex A.4). Which fragments make a frame is said by the
extended offset table, else by the basic one, else there is one fragment a frame, else a frame
begins where a fragment starts with the marker of a codestream.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from nonet.errors import DicomError, InputTooLarge

if TYPE_CHECKING:
    from nonet.frames.dicom.walk import Span

__all__ = ["Fragment", "frame_fragments", "read_fragments"]

_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_START_MARKERS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
_FRAGMENT_CAP = 1 << 17


class Fragment(NamedTuple):
    """A piece of compressed pixel data: where its item begins, where its bytes begin, how many."""

    item: int
    start: int
    length: int


def frame_fragments(
    stream: BinaryIO, pixels: Span, frames: int, extended_offsets: tuple[int, ...]
) -> list[list[Fragment]]:
    """The fragments of each frame, in order.

    Raises
    ------
    DicomError
        If the pixel data is cut off, or its fragments do not make the frames that the file announces.
    InputTooLarge
        If there are more than 131,072 fragments.
    """
    table, *fragments = _walk(stream, pixels)
    if not fragments:
        raise _mismatch(0, frames)
    offsets = extended_offsets or _basic_offsets(stream, table, frames)
    if frames == 1:
        return [fragments]
    if len(offsets) == frames:
        starts = {fragments[0].item + offset for offset in offsets}
        grouped = _split(fragments, [fragment.item in starts for fragment in fragments])
    elif len(fragments) == frames:
        grouped = [[fragment] for fragment in fragments]
    else:
        grouped = _split(fragments, [_begins_frame(stream, fragment) for fragment in fragments])
    if len(grouped) != frames:
        raise _mismatch(len(grouped), frames)
    return grouped


def read_fragments(stream: BinaryIO, fragments: list[Fragment], cap: int) -> bytes:
    """The compressed bytes of one frame.

    Raises
    ------
    InputTooLarge
        If they are more than ``cap``.
    """
    total = sum(fragment.length for fragment in fragments)
    if total > cap:
        raise InputTooLarge(
            f"A compressed frame of this size has at most {cap} bytes",
            found=f"{total}",
            remedy="Export the image again: this file is damaged, or made to do harm",
        )
    pieces = []
    for fragment in fragments:
        stream.seek(fragment.start)
        pieces.append(stream.read(fragment.length))
    return b"".join(pieces)


def _walk(stream: BinaryIO, pixels: Span) -> list[Fragment]:
    """The items of the pixel data, the offset table first; the end of the file may stand for the delimiter."""
    found: list[Fragment] = []
    position = pixels.value
    while True:
        stream.seek(position)
        header = stream.read(8)
        if found and (header[:4] == _SEQUENCE_END or not header):
            return found
        length = int.from_bytes(header[4:], "little")
        if header[:4] != _ITEM or len(header) < 8 or position + 8 + length > pixels.end:
            raise DicomError(
                "Compressed pixel data is a row of whole fragments with an end",
                found=f"it breaks off after {max(len(found) - 1, 0)} of them",
                remedy="Copy the file again from where it came",
            )
        if len(found) > _FRAGMENT_CAP:
            raise InputTooLarge(
                f"Pixel data has at most {_FRAGMENT_CAP} fragments", found="more", remedy="Export the image again"
            )
        found.append(Fragment(position, position + 8, length))
        position += 8 + length


def _basic_offsets(stream: BinaryIO, table: Fragment, frames: int) -> tuple[int, ...]:
    if table.length != 4 * frames:
        return ()
    stream.seek(table.start)
    return struct.unpack(f"<{frames}L", stream.read(table.length))


def _begins_frame(stream: BinaryIO, fragment: Fragment) -> bool:
    stream.seek(fragment.start)
    return stream.read(4).startswith(_START_MARKERS)


def _split(fragments: list[Fragment], begins: list[bool]) -> list[list[Fragment]]:
    grouped: list[list[Fragment]] = []
    for fragment, new in zip(fragments, begins, strict=True):
        if new or not grouped:
            grouped.append([])
        grouped[-1].append(fragment)
    return grouped


def _mismatch(found: int, expected: int) -> DicomError:
    return DicomError(
        "Pixel data holds the frames that the file announces",
        found=f"{found} of {expected}",
        remedy="Copy the file again from where it came",
    )
