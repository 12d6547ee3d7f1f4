"""Whether all scans of a progressive JPEG are there: a decoder shows what it has, and says nothing of the rest."""

from __future__ import annotations

import re
import struct

__all__ = ["JPEG_START", "lacks_scans"]

JPEG_START = b"\xff\xd8\xff"
_PROGRESSIVE, _SCAN = (0xC2, 0xC6, 0xCA, 0xCE), 0xDA
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_COEFFICIENTS = 64


def lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG lacks a scan that its picture needs; False for all other JPEG.

    Each scan gives a band of coefficients of some components down to one bit position (ISO/IEC 10918-1, G.1.1);
    a picture is whole once each coefficient of each component came down to the lowest bit.

    Parameters
    ----------
    data
        The file.
    """
    lowest: dict[int, list[int]] = {}
    position, progressive = 2, False
    try:
        while (found := _MARKER.search(data, position)) is not None:
            marker = found[1][0]
            if marker == 0xD9:
                break
            (length,) = struct.unpack_from(">H", data, found.start() + 2)
            segment = data[found.start() + 4 : found.start() + 2 + length]
            if marker in _PROGRESSIVE:
                progressive = True
                lowest = {segment[6 + 3 * one]: [_COEFFICIENTS] * _COEFFICIENTS for one in range(segment[5])}
            elif marker == _SCAN and progressive:
                _note_scan(segment, lowest)
            position = found.start() + 2 + max(length, 2)
    except (struct.error, IndexError, KeyError):
        return progressive
    return any(any(bits) for bits in lowest.values())


def _note_scan(segment: bytes, lowest: dict[int, list[int]]) -> None:
    """Note to which bit position a scan brings the coefficients of its components."""
    components = [segment[1 + 2 * one] for one in range(segment[0])]
    first, last, bits = segment[1 + 2 * segment[0] : 4 + 2 * segment[0]]
    for component in components:
        for coefficient in range(first, min(last, _COEFFICIENTS - 1) + 1):
            lowest[component][coefficient] = bits & 15
