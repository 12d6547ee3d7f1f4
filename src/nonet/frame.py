"""One ultrasound image and what is known of it: grey pixels, millimetres per pixel, provenance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Frame", "Region", "Source", "Spacing", "SpacingSource", "luma", "pixels_sha256"]


class SpacingSource(StrEnum):
    """Where a pixel size came from, most trusted first."""

    US_REGION = "us_region"
    PIXEL_SPACING = "pixel_spacing"
    USER = "user"
    RULER = "ruler"


@dataclass(frozen=True, slots=True)
class Spacing:
    """Millimetres per pixel to the right (``x_mm``) and down (``y_mm``), and who said so.

    ``relative_error`` is the standard error of a pixel size that was read from a ruler, as a share; None of any other.
    """

    x_mm: float
    y_mm: float
    source: SpacingSource
    relative_error: float | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A calibrated part of the image, ``[x1, x2) x [y1, y2)`` in pixels (DICOM PS3.3 C.8.5.5)."""

    x1: float
    y1: float
    x2: float
    y2: float
    spacing: Spacing

    def holds(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Whether a half-open pixel box lies wholly inside."""
        return self.x1 <= x1 and self.y1 <= y1 and x2 <= self.x2 and y2 <= self.y2


@dataclass(frozen=True, slots=True)
class Source:
    """Which file and frame the pixels came from.

    ``frame`` counts from 0. The UIDs are empty for files that are not DICOM. Path, study and series are
    kept for outputs that need them; they are neither printed, nor compared, nor part of a document.
    """

    format: str
    file_sha256: str
    frame: int = 0
    frames: int = 1
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    path: Annotated[Path | None, Field(exclude=True)] = field(default=None, repr=False, compare=False)
    study_instance_uid: Annotated[str, Field(exclude=True)] = field(default="", repr=False, compare=False)
    series_instance_uid: Annotated[str, Field(exclude=True)] = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """Grey pixels ``uint8[H, W]`` with everything that the file or the user said about them.

    Parameters
    ----------
    pixels
        ``uint8[H, W]``, ITU-R 601 luma where the file was in colour.
    source
        Provenance.
    spacing
        The pixel size of the whole image (PixelSpacing or the user's); None where it is not known or there are regions.
    regions
        Calibrated regions of this frame; inside one, its own spacing counts.
    overlay
        ``bool[H, W]``, True on burnt-in text, callipers, ruler and insets, or None if not sought. A
        frame of a file in colour opens with its coloured pixels marked; `nonet.frames.mark` adds the rest.
    sector
        ``bool[H, W]``, True on the part that is ultrasound image, or None if not sought.
    warnings
        Sentences about what a reader of this frame should know.
    """

    pixels: NDArray[np.uint8]
    source: Source
    spacing: Spacing | None = None
    regions: tuple[Region, ...] = ()
    overlay: NDArray[np.bool_] | None = None
    sector: NDArray[np.bool_] | None = None
    warnings: tuple[str, ...] = field(default=())

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.pixels.shape[1])

    def spacing_at(self, x1: float, y1: float, x2: float, y2: float) -> Spacing | None:
        """Millimetres per pixel for a pixel box, or None where they are not known.

        A calibrated region counts only if it holds the whole box. A frame with regions has no
        millimetres outside them.
        """
        for region in self.regions:
            if region.holds(x1, y1, x2, y2):
                return region.spacing
        return None if self.regions else self.spacing


def luma(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey of a colour image by ITU-R 601 in integers, so that a grey copy has the same bytes.

    Parameters
    ----------
    rgb
        ``uint8[..., 3]``, red, green, blue.

    Returns
    -------
    ``uint8[...]``, ``(19595 R + 38470 G + 7471 B + 32768) >> 16``.
    """
    red, green, blue = (rgb[..., i].astype(np.uint32) for i in range(3))
    grey = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    return grey.astype(np.uint8)


def pixels_sha256(pixels: NDArray[np.uint8]) -> str:
    """SHA-256 of shape and grey bytes: the identity of an image whatever its file form."""
    digest = hashlib.sha256(f"{pixels.shape[0]}x{pixels.shape[1]}:".encode())
    digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()
