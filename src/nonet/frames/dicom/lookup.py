"""DICOM lookup tables: palettes (PS3.3, sections C.7.6.3.1.5 and C.7.9.2) and value tables (C.11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nonet.errors import DicomError
from nonet.frames.dicom.attributes import numbers, octets, words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from nonet.frames.dicom.pixel_module import PixelModule

__all__ = ["LookupTable", "palette", "value_table"]

_FULL = 1 << 16
_COLOURS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A lookup table: the first stored value that it maps, and its entries ``[n]`` or ``[n, 3]``.

    ``top`` is the largest value that an entry may take.
    """

    first: int
    entries: NDArray[np.unsignedinteger]
    top: int

    def __call__(self, values: NDArray[np.generic]) -> NDArray[np.unsignedinteger]:
        """The entries for stored values; values outside the table take its nearest end."""
        index = np.clip(values.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[index]


def value_table(item: Dataset, module: PixelModule, *, little_endian: bool) -> LookupTable:
    """The table of a Modality LUT or VOI LUT item.

    Raises
    ------
    DicomError
        If the descriptor or the data is not that of a table.
    """
    count, first, bits = _descriptor(item, "LUTDescriptor", module)
    entries = words(item, "LUTData", little_endian=little_endian)
    if not 8 <= bits <= 16 or len(entries) < count:
        raise _bad_table()
    return LookupTable(first, entries[:count], (1 << bits) - 1)


def palette(attributes: Dataset, module: PixelModule, *, little_endian: bool) -> LookupTable:
    """The palette of a PALETTE COLOR image, entries ``uint8[n, 3]`` in red, green, blue.

    Raises
    ------
    DicomError
        If there is none, or it is not one.
    """
    count, first, bits = _descriptor(attributes, "RedPaletteColorLookupTableDescriptor", module)
    channels = [_channel(attributes, colour, count, bits, little_endian=little_endian) for colour in _COLOURS]
    if min(map(len, channels)) < count:
        raise _bad_table()
    entries = np.stack([channel[:count] for channel in channels], axis=1)
    if bits == 16 and entries.max() > 255:
        entries = entries >> 8
    return LookupTable(first, entries.astype(np.uint8), 255)


def _descriptor(item: Dataset, keyword: str, module: PixelModule) -> tuple[int, int, int]:
    """Number of entries, first value mapped, bits of an entry; the words' sign is settled here."""
    found = [int(value) for value in numbers(item, keyword)]
    if len(found) != 3:
        raise _bad_table()
    count, first, bits = found
    first %= _FULL
    if module.signed and first >= _FULL // 2:
        first -= _FULL
    return count % _FULL or _FULL, first, bits


def _channel(
    attributes: Dataset, colour: str, count: int, bits: int, *, little_endian: bool
) -> NDArray[np.unsignedinteger]:
    segmented = f"Segmented{colour}PaletteColorLookupTableData"
    if octets(attributes, segmented):
        return _expand(_entries(octets(attributes, segmented), bits == 16, little_endian=little_endian), count)
    data = octets(attributes, f"{colour}PaletteColorLookupTableData")
    return _entries(data, len(data) >= 2 * count, little_endian=little_endian)


def _entries(data: bytes, are_words: bool, *, little_endian: bool) -> NDArray[np.unsignedinteger]:
    """Entries of 16 bits, or of 8 packed two to a word, which big endian stores swapped."""
    stored = np.frombuffer(data[: len(data) & ~1], "<u2" if little_endian else ">u2")
    return stored.astype(np.uint16) if are_words else stored.astype("<u2").view(np.uint8)


def _expand(codes: NDArray[np.unsignedinteger], count: int) -> NDArray[np.unsignedinteger]:
    """A segmented palette written out, never beyond ``count`` entries (PS3.3, section C.7.9.2)."""
    entries: list[int] = []
    position = 0
    try:
        while len(entries) < count:
            if codes[position] == _INDIRECT:
                offset = int(codes[position + 2]) | int(codes[position + 3]) << 16
                _copy_segments(codes, offset // codes.itemsize, int(codes[position + 1]), entries, count)
                position += 4
            else:
                position = _add_segment(codes, position, entries, count)
    except IndexError as problem:
        raise _bad_table() from problem
    return np.array(entries[:count], np.uint16)


def _copy_segments(
    codes: NDArray[np.unsignedinteger], position: int, segments: int, entries: list[int], count: int
) -> None:
    for _ in range(segments):
        if len(entries) < count:
            position = _add_segment(codes, position, entries, count)


def _add_segment(codes: NDArray[np.unsignedinteger], position: int, entries: list[int], count: int) -> int:
    """Write out one discrete or linear segment; returns where the next begins."""
    opcode, length = int(codes[position]), int(codes[position + 1])
    if opcode == _DISCRETE:
        entries.extend(int(code) for code in codes[position + 2 : position + 2 + min(length, count)])
        return position + 2 + length
    if opcode != _LINEAR or not entries:
        raise _bad_table()
    last, target = entries[-1], int(codes[position + 2])
    entries.extend(last + round((target - last) * step / length) for step in range(1, length + 1))
    return position + 3


def _bad_table() -> DicomError:
    return DicomError(
        "A lookup table has as many entries as its descriptor says",
        found="another number, or no table",
        remedy="Export the image as RGB or MONOCHROME2",
    )
