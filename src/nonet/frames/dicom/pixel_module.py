"""The DICOM Image Pixel module (PS3.3, section C.7.6.3): how stored samples make an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonet.errors import DicomError, InputTooLarge
from nonet.frames.dicom.attributes import integer, text
from nonet.frames.guards import Limits, check_geometry

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["PixelModule", "read_pixel_module"]

_SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}


@dataclass(frozen=True, slots=True)
class PixelModule:
    """Geometry and sample format of every frame of a file, checked; names follow DICOM."""

    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    warnings: tuple[str, ...] = ()

    @property
    def frame_bits(self) -> int:
        """Bits of one uncompressed frame; chroma at half width takes a third less."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return self.rows * self.columns * samples * self.bits_allocated

    @property
    def frame_bytes(self) -> int:
        """Bytes of one uncompressed frame, a begun byte counted whole."""
        return -(-self.frame_bits // 8)


def read_pixel_module(attributes: Dataset, limits: Limits) -> PixelModule:
    """Read and check the module.

    Raises
    ------
    DicomError
        If an attribute is missing, or the attributes do not describe an image.
    InputTooLarge
        If frames or pixels are above the limits.
    NotAnImage
        If there are no rows or no columns.
    """
    rows, columns = _required(attributes, "Rows"), _required(attributes, "Columns")
    check_geometry(columns, rows, limits)
    allocated = _required(attributes, "BitsAllocated")
    stored = integer(attributes, "BitsStored") or allocated
    high = integer(attributes, "HighBit")
    stated = text(attributes, "PhotometricInterpretation")
    photometric = stated.upper()
    module = PixelModule(
        rows=rows,
        columns=columns,
        frames=_frames(attributes, limits),
        samples=integer(attributes, "SamplesPerPixel") or 1,
        photometric=photometric,
        planar=integer(attributes, "PlanarConfiguration") or 0,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1 if high is None else high,
        signed=integer(attributes, "PixelRepresentation") == 1,
        warnings=() if stated == photometric else (f"PhotometricInterpretation is read as {photometric}",),
    )
    _check_bits(module)
    _check_samples(module)
    return module


def _required(attributes: Dataset, keyword: str) -> int:
    value = integer(attributes, keyword)
    if value is None:
        raise DicomError(
            "A DICOM image says how its pixels are stored",
            found=f"no {keyword}",
            remedy="Export the image again",
        )
    return value


def _frames(attributes: Dataset, limits: Limits) -> int:
    frames = integer(attributes, "NumberOfFrames")
    if frames is None:
        return 1
    if frames < 1:
        raise DicomError("A DICOM image has at least one frame", found=f"{frames}", remedy="Export the image again")
    if frames > limits.frames:
        raise InputTooLarge(
            f"A file has at most {limits.frames} frames",
            found=f"{frames}",
            remedy="Export fewer frames to a file, or raise Limits",
        )
    return frames


def _check_bits(module: PixelModule) -> None:
    allocated, stored, high = module.bits_allocated, module.bits_stored, module.high_bit
    if allocated not in (1, 8, 16, 32) or not 1 <= stored <= allocated or not stored - 1 <= high < allocated:
        raise DicomError(
            "Samples have 1, 8, 16 or 32 bits, and those stored lie within them",
            found=f"BitsAllocated {allocated}, BitsStored {stored}, HighBit {high}",
            remedy="Export the image again",
        )


def _check_samples(module: PixelModule) -> None:
    expected = _SAMPLES.get(module.photometric)
    if expected is None:
        raise DicomError(
            f"The colour model is one of {', '.join(_SAMPLES)}",
            found="another PhotometricInterpretation, or none",
            remedy="Export the image as RGB or MONOCHROME2",
        )
    if module.samples != expected or module.planar not in (0, 1):
        raise DicomError(
            f"{module.photometric} has {expected} samples a pixel, by pixel or by plane",
            found=f"SamplesPerPixel {module.samples}, PlanarConfiguration {module.planar}",
            remedy="Export the image again",
        )
