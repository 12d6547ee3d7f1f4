"""A PNG, JPEG, TIFF, BMP or WebP file becomes Frames; only a TIFF has more than one.

Samples of more than 8 bits keep their high 8, transparency shows black, EXIF orientation is
applied, colour becomes ITU-R 601 luma. A resolution in dots per inch is no pixel size in a body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import InputTooLarge
from nonet.frame import Frame, Source, Spacing
from nonet.frames.bands import luma_by_bands
from nonet.frames.grey_levels import few_grey_levels
from nonet.frames.jpeg_scans import JPEG_START, lacks_scans
from nonet.frames.overlay.colour import coloured_pixels
from nonet.frames.sandbox import borrow

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from nonet.frames.decoder import Reply
    from nonet.frames.guards import Limits

__all__ = ["still_frames"]

_NAMES = {"MPO": "JPEG", "WEBP": "WebP"}


def still_frames(data: bytes, sha256: str, user: Spacing | None, limits: Limits) -> Iterator[Frame]:
    """The frames of a still image file, each decoded when it is asked for.

    Parameters
    ----------
    data, sha256
        The file and its hash.
    user
        The pixel size that the user gave.
    limits
        What the file may ask for.

    Raises
    ------
    FrameError
        If the file is damaged, is larger than the limits, or has samples that state no range of grey.
    """
    with borrow(limits) as sandbox:
        opened = sandbox.open_still(data)
        name = _NAMES.get(opened["format"], opened["format"])
        pages = opened["pages"] if name == "TIFF" else 1
        _check_pages(pages, limits)
        warnings = tuple(_warnings(opened, pages, data))
        for index in range(pages):
            source = Source(format=name, file_sha256=sha256, frame=index, frames=pages)
            pixels, overlay = _grey(sandbox.page(index))
            few = few_grey_levels(pixels, opened["bits"])
            yield Frame(pixels=pixels, source=source, spacing=user, overlay=overlay, warnings=warnings + few)


def _warnings(opened: Reply, pages: int, data: bytes) -> Iterator[str]:
    if opened["pages"] != pages:
        yield f"The file holds {opened['pages']} pictures; the first is read"
    if opened["warning"]:
        yield f"The file is not whole: {opened['warning']}"
    if data.startswith(JPEG_START) and lacks_scans(data):
        yield "The file is not whole: scans of the progressive JPEG are missing, so that the picture is blurred"


def _grey(page: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    if page.ndim == 2:
        return page, None
    return luma_by_bands(page), coloured_pixels(page)


def _check_pages(pages: int, limits: Limits) -> None:
    if pages > limits.frames:
        raise InputTooLarge(
            f"A file has at most {limits.frames} frames",
            found=f"{pages} pages",
            remedy="Export fewer pages to a file, or raise Limits",
        )
