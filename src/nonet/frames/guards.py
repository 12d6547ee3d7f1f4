"""What a file may ask for, and the checks that are made before anything is allocated for it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import FrameError, InputTooLarge, NotAnImage

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

__all__ = ["PIXELS_A_BYTE", "Limits", "check_density", "check_file_size", "check_geometry", "open_regular"]

PIXELS_A_BYTE = 1000
"""Pixels that a compressed byte holds at most; flat black, as PNG holds it, comes to about this."""

_MEBI = 1 << 20
_SMALL_FRAME = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one file may ask for; ultrasound stays far below each default.

    Parameters
    ----------
    file_bytes
        Size of a DICOM file.
    still_bytes
        Size of a PNG, JPEG, TIFF, BMP or WebP file, which is held in memory while it is read.
    pixels
        Rows times columns of one frame.
    side
        Rows, and columns, of one frame.
    frames
        Frames of one file.
    inflated_bytes
        What a deflated DICOM data set may grow to.
    inflation
        How many times its size a deflated data set may grow to, once it is past 32 MiB.
    nesting
        How deep sequences may lie in one another.
    elements
        Data elements before the pixel data, those inside sequences included.
    decode_seconds
        Wall-clock time for decoding one frame.
    decode_bytes
        Memory for decoding one frame.
    """

    file_bytes: int = 2048 * _MEBI
    still_bytes: int = 256 * _MEBI
    pixels: int = 16 * _MEBI
    side: int = 32_768
    frames: int = 10_000
    inflated_bytes: int = 256 * _MEBI
    inflation: int = 200
    nesting: int = 32
    elements: int = 200_000
    decode_seconds: float = 20.0
    decode_bytes: int = 1024 * _MEBI

    def pixels_in(self, compressed_bytes: int) -> int:
        """Pixels that so many compressed bytes may become: a small file does not become a large frame."""
        return min(self.pixels, max(_SMALL_FRAME, PIXELS_A_BYTE * compressed_bytes))


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading without ever waiting on it: pipes and devices are refused.

    Raises
    ------
    FrameError
        If the file is not there, may not be read, or is not a regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "a name that cannot be opened"
        raise FrameError(
            "An input is a file that may be read",
            found=reason.lower(),
            remedy="Check the name and the permissions",
        ) from problem
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise FrameError(
            "An input is a regular file",
            found="a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device",
            remedy="Name a file",
        )
    return os.fdopen(descriptor, "rb")


def check_file_size(size: int, limit: int) -> None:
    """Refuse an empty file, and one above the limit.

    Raises
    ------
    NotAnImage
        If the file is empty.
    InputTooLarge
        If it is larger than ``limit`` bytes.
    """
    if size == 0:
        raise NotAnImage(
            "An image file holds data",
            found="0 bytes",
            remedy="Copy the file again from where it came",
        )
    if size > limit:
        raise InputTooLarge(
            f"A file of this kind has at most {limit} bytes",
            found=f"{size} bytes",
            remedy="Export fewer frames to a file, or raise Limits",
        )


def check_geometry(width: int, height: int, limits: Limits) -> None:
    """Refuse an image without pixels or with more than a reader should hold.

    Raises
    ------
    NotAnImage
        If a side is below one pixel.
    InputTooLarge
        If a side, or the number of pixels, is above the limits.
    """
    if width < 1 or height < 1:
        raise NotAnImage(
            "An image has at least one row and one column",
            found=f"{width} columns x {height} rows",
            remedy="Export the image again",
        )
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise InputTooLarge(
            f"A frame has at most {limits.pixels} pixels and {limits.side} to a side",
            found=f"{width} columns x {height} rows",
            remedy="Export the image at its own size, or raise Limits",
        )


def check_density(pixels: int, compressed_bytes: int, limits: Limits) -> None:
    """Refuse a frame of more pixels than its compressed bytes can hold.

    Raises
    ------
    InputTooLarge
        If there are more than 1,000 pixels a byte, and more than 1 Mi.
    """
    if pixels > limits.pixels_in(compressed_bytes):
        raise InputTooLarge(
            f"A compressed byte becomes at most {PIXELS_A_BYTE} pixels of a large frame",
            found=f"{pixels} pixels from {compressed_bytes} bytes",
            remedy="Export the image again: this file is damaged, or made to do harm",
        )
