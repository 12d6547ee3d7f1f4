"""A picture made small enough to travel inside a page."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

__all__ = ["MEDIA_TYPE", "shrunk", "shrunk_image"]

MEDIA_TYPE = "image/webp"
"""Form of what :func:`shrunk` returns."""

_WIDTH = 1200
_QUALITY = 65
_EFFORT = 0


def shrunk(picture: Path | bytes) -> bytes | None:
    """A picture as WebP of at most 1,200 pixels in width, or None where it cannot be read.

    About 55 kB for a picture drawn from a real frame.

    Parameters
    ----------
    picture
        An image file, or its bytes, in any form that Pillow reads.
    """
    try:
        with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as image:
            small = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return shrunk_image(small)


def shrunk_image(image: Image.Image) -> bytes:
    """As `shrunk`, of an RGB image in memory."""
    if image.width > _WIDTH:
        image = image.resize((_WIDTH, max(round(image.height * _WIDTH / image.width), 1)), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=_EFFORT)
    return buffer.getvalue()
