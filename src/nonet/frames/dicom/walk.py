"""Walk the structure of a DICOM data set without reading its values, and say where each element lies.

The walk is a loop over a stack, so that nesting costs a few bytes a level and ends at a limit. It
goes into sequences of defined and undefined length, explicit and implicit VR, private ones and
those that hide in UN (DICOM PS3.5, sections 6.2.2 and 7.5), and it ends at the pixel data.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from nonet.errors import DicomError, InputTooLarge

if TYPE_CHECKING:
    from nonet.frames.guards import Limits

__all__ = ["FLOAT_PIXELS", "PIXEL_DATA", "DataSetMap", "Encoding", "Span", "map_data_set"]

PIXEL_DATA = 0x7FE00010
FLOAT_PIXELS = frozenset({0x7FE00008, 0x7FE00009})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})


class Encoding(NamedTuple):
    """How the elements of a data set are written."""

    implicit: bool
    little_endian: bool


class Span(NamedTuple):
    """Where a piece of a stream lies: ``[start, end)``, its value from ``value`` on."""

    start: int
    value: int
    end: int


@dataclass(slots=True)
class DataSetMap:
    """Where the elements of a data set lie.

    Parameters
    ----------
    elements
        The outermost elements, by tag.
    items
        The items of the outermost sequences, by the tag of the sequence.
    pixel_tag
        The pixel data element that ended the walk, or None.
    pixel_span
        Where it lies, at most to the end of the stream.
    encapsulated
        Whether the pixel data is a row of fragments.
    """

    elements: dict[int, Span] = field(default_factory=dict)
    items: dict[int, list[Span]] = field(default_factory=dict)
    pixel_tag: int | None = None
    pixel_span: Span = field(default_factory=lambda: Span(0, 0, 0))
    encapsulated: bool = False


def map_data_set(stream: BinaryIO, start: int, end: int, encoding: Encoding, limits: Limits) -> DataSetMap:
    """Walk the data set that lies at ``[start, end)`` of a stream.

    Raises
    ------
    InputTooLarge
        If sequences are nested deeper, or elements are more, than the limits.
    DicomError
        If an element reaches past what holds it: the file is cut off or damaged.
    """
    stream.seek(start)
    return _Walk(stream, start, end, encoding, limits).run()


class _Header(NamedTuple):
    tag: int
    vr: bytes
    length: int

    @property
    def undefined(self) -> bool:
        return self.length == _UNDEFINED


@dataclass(slots=True)
class _Level:
    """An open item or sequence.

    ``end`` is None where a delimiter ends it, ``room`` is the nearest end around it. ``guessed``
    says that only its first bytes make it a sequence, ``fragments`` that its items hold raw bytes.
    """

    is_item: bool
    start: int
    value: int
    end: int | None
    room: int
    implicit: bool
    guessed: bool = False
    fragments: bool = False


class _Walk:
    def __init__(self, stream: BinaryIO, start: int, end: int, encoding: Encoding, limits: Limits) -> None:
        self.stream, self.position, self.end = stream, start, end
        self.encoding, self.limits = encoding, limits
        self.order = "<" if encoding.little_endian else ">"
        self.tag_and_length = struct.Struct(self.order + "HHL")
        self.stack: list[_Level] = []
        self.found = DataSetMap()
        self.outer_tag = 0
        self.count = 0

    def run(self) -> DataSetMap:
        while self.found.pixel_tag is None:
            while self.stack and self.position == self.stack[-1].end:
                self._close(self.position)
            if not self.stack and self.position >= self.end:
                break
            try:
                self._step()
            except DicomError:
                if not self._leave_guess():
                    raise
        return self.found

    def _step(self) -> None:
        inside = self.stack[-1] if self.stack else None
        if inside and not inside.is_item:
            self._item(inside)
        else:
            self._element(inside)

    def _item(self, sequence: _Level) -> None:
        at = self.position
        header = self._header(implicit=True)
        if header.tag == _SEQUENCE_END and sequence.end is None:
            self._close(at)
        elif header.tag == _ITEM and sequence.fragments:
            self._skip(header.length)
        elif header.tag == _ITEM:
            self._open(at, header, is_item=True, implicit=sequence.implicit)
        else:
            raise _damaged("a sequence holds something that is not an item")

    def _element(self, inside: _Level | None) -> None:
        at = self.position
        implicit = inside.implicit if inside else self.encoding.implicit
        header = self._header(implicit=implicit)
        if header.tag == _ITEM_END and inside and inside.end is None:
            self._close(at)
            return
        self._count()
        if inside is None:
            self.outer_tag = header.tag
            if header.tag == PIXEL_DATA or header.tag in FLOAT_PIXELS:
                self._end_at_pixels(at, header)
                return
        if header.undefined or header.vr == b"SQ" or self._looks_like_sequence(header):
            self._open(at, header, is_item=False, implicit=implicit or header.vr == b"UN")
            return
        value = self.position
        self._skip(header.length)
        if inside is None:
            self.found.elements[header.tag] = Span(at, value, self.position)

    def _end_at_pixels(self, at: int, header: _Header) -> None:
        end = self.end if header.undefined else min(self.end, self.position + header.length)
        self.found.pixel_tag = header.tag
        self.found.pixel_span = Span(at, self.position, end)
        self.found.encapsulated = header.undefined

    def _looks_like_sequence(self, header: _Header) -> bool:
        """Whether a value of unknown representation begins with an item that fits into it."""
        if header.vr not in (b"UN", b"") or header.length < 8:
            return False
        peek = self.stream.read(8)
        self.stream.seek(self.position)
        if len(peek) < 8:
            return False
        group, element, length = self.tag_and_length.unpack(peek)
        return bool((group << 16 | element) == _ITEM and (length == _UNDEFINED or length <= header.length - 8))

    def _open(self, at: int, header: _Header, *, is_item: bool, implicit: bool) -> None:
        room = self._room()
        end = None if header.undefined else self.position + header.length
        if end is not None and end > room:
            raise _damaged("an element reaches past the end of what holds it")
        level = _Level(is_item, at, self.position, end, room if end is None else end, implicit)
        level.guessed = not is_item and header.vr != b"SQ" and end is not None
        level.fragments = header.tag == PIXEL_DATA
        self.stack.append(level)
        if sum(not level.is_item for level in self.stack) > self.limits.nesting:
            raise InputTooLarge(
                f"Sequences are nested at most {self.limits.nesting} deep",
                found="deeper nesting",
                remedy="Export the image again: this file is damaged, or made to do harm",
            )

    def _close(self, end: int) -> None:
        level = self.stack.pop()
        if len(self.stack) == 1:
            self.found.items.setdefault(self.outer_tag, []).append(Span(level.start, level.value, end))
        elif not self.stack:
            self.found.elements[self.outer_tag] = Span(level.start, level.value, self.position)

    def _leave_guess(self) -> bool:
        """Take the innermost guessed sequence as the plain value that it is, if there is one."""
        while self.stack and not self.stack[-1].guessed:
            self.stack.pop()
        if not self.stack:
            return False
        self.position = self.stack[-1].room
        self.stream.seek(self.position)
        return True

    def _skip(self, length: int) -> None:
        if self.position + length > self._room():
            raise _damaged("an element reaches past the end of what holds it")
        self.position += length
        self.stream.seek(self.position)

    def _header(self, *, implicit: bool) -> _Header:
        group, element, length = self.tag_and_length.unpack(self._read(8))
        tag = group << 16 | element
        if implicit or group == 0xFFFE:
            return _Header(tag, b"", length)
        tail: bytes = struct.pack(self.order + "L", length)
        vr = tail[:2]
        if not (vr.isalpha() and vr.isupper()):
            return _Header(tag, b"", length)
        if vr in _LONG_VRS:
            return _Header(tag, vr, *struct.unpack(self.order + "L", self._read(4)))
        return _Header(tag, vr, *struct.unpack(self.order + "H", tail[2:]))

    def _read(self, size: int) -> bytes:
        data = self.stream.read(size) if self.position + size <= self._room() else b""
        if len(data) < size:
            raise _damaged("it ends inside an element")
        self.position += size
        return data

    def _room(self) -> int:
        return self.stack[-1].room if self.stack else self.end

    def _count(self) -> None:
        self.count += 1
        if self.count > self.limits.elements:
            raise InputTooLarge(
                f"A DICOM header has at most {self.limits.elements} elements",
                found="more",
                remedy="Export fewer frames to a file, or raise Limits",
            )


def _damaged(found: str) -> DicomError:
    return DicomError("A DICOM file is whole", found=found, remedy="Copy the file again from where it came")
