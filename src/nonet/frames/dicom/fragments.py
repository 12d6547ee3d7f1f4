"""Find the bytes of each frame in the pixel data of a DICOM file, without reading them.

Compressed frames lie in fragments (PS3.5, annex A.4). Which fragments make a frame is said by the
extended offset table, else by the basic one, else there is one fragment a frame, else a frame
begins where a fragment starts with the marker of a codestream. A table that names other places than
those of fragments is passed over.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from nonet.errors import DicomError, InputTooLarge

if TYPE_CHECKING:
    from nonet.frames.dicom.walk import Span

__all__ = ["Fragment", "frame_fragments", "read_fragments"]

_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_START_MARKERS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")
_FRAGMENT_CAP = 1 << 17


class Fragment(NamedTuple):
    """A piece of compressed pixel data: where its item begins, where its bytes begin, how many."""

    item: int
    start: int
    length: int


def frame_fragments(
    stream: BinaryIO, pixels: Span, frames: int, extended_offsets: tuple[int, ...]
) -> list[list[Fragment]]:
    """The fragments of each frame that is held, in order: more or fewer than ``frames``, where the file says so.

    Raises
    ------
    DicomError
        If the pixel data is cut off before its first frame ends.
    InputTooLarge
        If there are more than 131,072 fragments.
    """
    (table, *fragments), whole = _walk(stream, pixels)
    if not fragments or (frames == 1 and not whole):
        raise _broken_off(len(fragments))
    begins = [_begins_frame(stream, fragment) for fragment in fragments]
    offsets = [offsets for offsets in (extended_offsets, _basic_offsets(stream, table)) if len(offsets) >= frames]
    grouped = next(
        (_split(fragments, starts) for one in offsets if (starts := _starts(one, fragments, begins))), None
    ) or _without_table(fragments, begins, frames)
    return grouped if whole or len(grouped) == len(fragments) else grouped[:-1]


def _starts(offsets: tuple[int, ...], fragments: list[Fragment], begins: list[bool]) -> list[bool]:
    """Which fragments a table says begin a frame; none if it names other places, or passes over a frame's begin."""
    places = {fragments[0].item + offset for offset in offsets}
    starts = [fragment.item in places for fragment in fragments]
    believable = sum(starts) == len(offsets) and all(start for start, new in zip(starts, begins, strict=True) if new)
    return starts if believable else []


def _without_table(fragments: list[Fragment], begins: list[bool], frames: int) -> list[list[Fragment]]:
    if len(fragments) == frames or (frames > 1 and not any(begins)):
        return [[fragment] for fragment in fragments]
    return _split(fragments, begins)


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


def _walk(stream: BinaryIO, pixels: Span) -> tuple[list[Fragment], bool]:
    """The items of the pixel data, the offset table first, and whether they are all there.

    The end of the file may stand for the delimiter.
    """
    found: list[Fragment] = []
    position = pixels.value
    while True:
        stream.seek(position)
        header = stream.read(8)
        if found and (header[:4] == _SEQUENCE_END or not header):
            return found, True
        length = int.from_bytes(header[4:], "little")
        if header[:4] != _ITEM or len(header) < 8 or position + 8 + length > pixels.end:
            if not found:
                raise _broken_off(0)
            return found, False
        if len(found) > _FRAGMENT_CAP:
            raise InputTooLarge(
                f"Pixel data has at most {_FRAGMENT_CAP} fragments", found="more", remedy="Export the image again"
            )
        found.append(Fragment(position, position + 8, length))
        position += 8 + length


def _basic_offsets(stream: BinaryIO, table: Fragment) -> tuple[int, ...]:
    stream.seek(table.start)
    return struct.unpack(f"<{table.length // 4}L", stream.read(table.length // 4 * 4))


def _begins_frame(stream: BinaryIO, fragment: Fragment) -> bool:
    stream.seek(fragment.start)
    return stream.read(8).startswith(_START_MARKERS)


def _split(fragments: list[Fragment], begins: list[bool]) -> list[list[Fragment]]:
    grouped: list[list[Fragment]] = []
    for fragment, new in zip(fragments, begins, strict=True):
        if new or not grouped:
            grouped.append([])
        grouped[-1].append(fragment)
    return grouped


def _broken_off(count: int) -> DicomError:
    return DicomError(
        "Compressed pixel data is a row of whole fragments with an end",
        found=f"it breaks off after {count} of them",
        remedy="Copy the file again from where it came",
    )
