"""Open anything that Nonet reads, a file, bytes, an array, an image or a DICOM data set, and give its frames."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from nonet.errors import FrameError, NotAnImage
from nonet.frame import Frame, Source, luma
from nonet.frames.guards import Limits, check_file_size, open_regular
from nonet.frames.pixel_size import user_spacing
from nonet.frames.sniff import HEAD_BYTES, FileKind, sniff, unread_form
from nonet.frames.stills import still_frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.Image import Image
    from pydicom.dataset import Dataset

    from nonet.frame import Spacing

    Readable = str | Path | bytes | NDArray[np.uint8] | Image | Dataset

__all__ = ["open_frames"]

_DEFAULT = Limits()
_PLAIN_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}


def open_frames(
    source: Readable,
    *,
    spacing_mm: tuple[float, float] | None = None,
    force_spacing: bool = False,
    limits: Limits = _DEFAULT,
) -> Iterator[Frame]:
    """The frames of an image, each decoded when it is asked for.

    What a file is, is decided by its content and not by its name. A still has one frame, a TIFF one for each page, a
    DICOM file one for each of its frames. A frame of a file in colour comes with an overlay that marks what is drawn
    in colour; `mark` completes it.

    Parameters
    ----------
    source
        A path, the bytes of a file, an array ``uint8[H, W]`` (grey) or ``uint8[H, W, 3]`` (RGB), a PIL image, or a
        pydicom data set.
    spacing_mm
        Millimetres per pixel to the right and down, used where the source has no calibration of its own.
    force_spacing
        Whether ``spacing_mm`` replaces the source's own calibration.
    limits
        What a source may ask for.

    Returns
    -------
    An iterator over `Frame`, in the order of the file.

    Raises
    ------
    FrameError
        If the source cannot be read; the message names it. It is raised when the first frame is
        asked for, or the frame that cannot be decoded.
    NotCalibrated
        If ``spacing_mm`` is no pixel size.
    """
    return _named_errors(source, user_spacing(spacing_mm), force_spacing, limits)


def _named_errors(source: Readable, user: Spacing | None, force: bool, limits: Limits) -> Iterator[Frame]:
    """The frames; an error names the source it is about, in one line."""
    name = _printable(str(source)) if isinstance(source, str | Path) else type(source).__name__
    try:
        yield from _frames(source, user, force, limits)
    except FrameError as problem:
        raise type(problem)(problem.rule, found=f"{name}: {problem.found}", remedy=problem.remedy) from problem
    except OSError as problem:
        raise FrameError(
            "A file can be read to its end",
            found=f"{name}: {(problem.strerror or 'an error without a name').lower()}",
            remedy="Check the disk or the network, and copy the file again",
        ) from problem


def _frames(source: Readable, user: Spacing | None, force: bool, limits: Limits) -> Iterator[Frame]:
    if isinstance(source, np.ndarray):
        yield _frame_of_array(source, user, limits)
    elif isinstance(source, str | Path):
        with open_regular(Path(source)) as stream:
            size = os.fstat(stream.fileno()).st_size
            for frame in _frames_of_stream(stream, size, user, force, limits):
                yield replace(frame, source=replace(frame.source, path=Path(source)))
    else:
        data = source if isinstance(source, bytes) else _encoded(source)
        yield from _frames_of_stream(io.BytesIO(data), len(data), user, force, limits)


def _frames_of_stream(
    stream: BinaryIO, size: int, user: Spacing | None, force: bool, limits: Limits
) -> Iterator[Frame]:
    kind = _kind(stream, size, limits)
    stream.seek(0)
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    if kind is FileKind.STILL:
        stream.seek(0)
        yield from still_frames(stream.read(), sha256, user, limits)
    else:
        from nonet.frames.dicom import dicom_frames

        yield from dicom_frames(stream, size, sha256, user, limits, force=force)


def _frame_of_array(pixels: NDArray[Any], user: Spacing | None, limits: Limits) -> Frame:
    grey = pixels.ndim == 2
    if pixels.dtype != np.uint8 or not (grey or (pixels.ndim == 3 and pixels.shape[2] == 3)) or not pixels.size:
        raise NotAnImage(
            "An array of pixels is uint8[H, W] or uint8[H, W, 3]",
            found=f"{pixels.dtype}{list(pixels.shape)}",
            remedy="Scale the pixels to 0-255 and convert them to uint8",
        )
    check_file_size(pixels.nbytes, limits.file_bytes)
    contiguous = np.ascontiguousarray(pixels)
    sha256 = hashlib.sha256(contiguous.tobytes()).hexdigest()
    return Frame(contiguous if grey else luma(contiguous), Source("array", sha256), spacing=user)


def _encoded(source: Image | Dataset) -> bytes:
    """An image or a data set as the bytes of a file, so that it passes the same guards as a file."""
    from pydicom.dataset import Dataset

    buffer = io.BytesIO()
    if isinstance(source, Dataset):
        source.save_as(buffer, enforce_file_format=True)
    elif hasattr(source, "convert") and hasattr(source, "mode"):
        (source if source.mode in _PLAIN_MODES else source.convert("RGB")).save(buffer, "PNG")
    else:
        raise NotAnImage(
            "A source is a path, bytes, an array, a PIL image or a pydicom data set",
            found=f"a {type(source).__name__}",
            remedy="Convert it to one of these",
        )
    return buffer.getvalue()


def _kind(stream: BinaryIO, size: int, limits: Limits) -> FileKind:
    head = stream.read(HEAD_BYTES)
    kind = sniff(head)
    check_file_size(size, limits.still_bytes if kind is FileKind.STILL else limits.file_bytes)
    if kind in (FileKind.DICOM, FileKind.STILL):
        return kind
    raise NotAnImage(
        "An input is a PNG, JPEG, TIFF, BMP, WebP or DICOM image",
        found=_other_content(kind, head),
        remedy="Export the image in one of these forms",
    )


def _other_content(kind: FileKind, head: bytes) -> str:
    if kind is FileKind.DICOMDIR:
        return "a DICOMDIR, which is an index"
    return unread_form(head) or "another content, whatever its name"


def _printable(name: str) -> str:
    """A file name without line breaks or control characters, so that a message stays one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
