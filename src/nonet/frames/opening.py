"""Open any file that Nonet reads, and give its frames."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from nonet.errors import FrameError, NotAnImage
from nonet.frames.guards import Limits, check_file_size, open_regular
from nonet.frames.pixel_size import user_spacing
from nonet.frames.sniff import HEAD_BYTES, FileKind, sniff
from nonet.frames.stills import still_frames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from nonet.frame import Frame, Spacing

__all__ = ["open_frames"]

_DEFAULT = Limits()


def open_frames(
    path: Path, *, spacing_mm: tuple[float, float] | None = None, limits: Limits = _DEFAULT
) -> Iterator[Frame]:
    """The frames of an image file, each decoded when it is asked for.

    What the file is, is told from its content and not from its name. A still has one frame, a
    TIFF one for each page, a DICOM file one for each of its frames. A frame of a file in colour
    comes with an overlay that marks what is drawn in colour; `mark` completes it.

    Parameters
    ----------
    path
        The file.
    spacing_mm
        Millimetres per pixel to the right and down, used where the file has no calibration.
    limits
        What a file may ask for.

    Returns
    -------
    An iterator over `Frame`, in the order of the file.

    Raises
    ------
    FrameError
        If the file cannot be read; the message names it. It is raised when the first frame is
        asked for, or the frame that cannot be decoded.
    NotCalibrated
        If ``spacing_mm`` is no pixel size.
    """
    return _named_errors(path, user_spacing(spacing_mm), limits)


def _named_errors(path: Path, user: Spacing | None, limits: Limits) -> Iterator[Frame]:
    """The frames; an error says which file it is about, in one line."""
    try:
        yield from _frames(path, user, limits)
    except FrameError as problem:
        found = f"{_printable(str(path))}: {problem.found}"
        raise type(problem)(problem.rule, found=found, remedy=problem.remedy) from problem
    except OSError as problem:
        raise FrameError(
            "A file can be read to its end",
            found=f"{_printable(str(path))}: {(problem.strerror or 'an error without a name').lower()}",
            remedy="Check the disk or the network, and copy the file again",
        ) from problem


def _frames(path: Path, user: Spacing | None, limits: Limits) -> Iterator[Frame]:
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        kind = _kind(stream, size, limits)
        sha256 = _sha256(stream)
        if kind is FileKind.STILL:
            stream.seek(0)
            yield from still_frames(stream.read(), sha256, user, limits)
        else:
            from nonet.frames.dicom import dicom_frames

            yield from dicom_frames(stream, size, sha256, user, limits)


def _kind(stream: BufferedReader, size: int, limits: Limits) -> FileKind:
    kind = sniff(stream.read(HEAD_BYTES))
    check_file_size(size, limits.still_bytes if kind is FileKind.STILL else limits.file_bytes)
    if kind in (FileKind.DICOM, FileKind.STILL):
        return kind
    raise NotAnImage(
        "An input is a PNG, JPEG, TIFF, BMP, WebP or DICOM image",
        found="a DICOMDIR, which is an index" if kind is FileKind.DICOMDIR else "another content, whatever its name",
        remedy="Export the image in one of these forms",
    )


def _sha256(stream: BufferedReader) -> str:
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _printable(name: str) -> str:
    """A file name without line breaks or control characters, so that a message stays one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
