"""The stored samples of one frame of a DICOM file: cut out of native pixel data, or decoded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from nonet.errors import DicomError
from nonet.frames.dicom.codestream import RLE_LOSSLESS, check_codestream
from nonet.frames.dicom.fragments import frame_fragments, read_fragments
from nonet.frames.dicom.part10 import DEFLATED, EXPLICIT_BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN
from nonet.frames.guards import check_density
from nonet.frames.jpeg_scans import JPEG_START, lacks_scans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nonet.frames.dicom.part10 import Part10
    from nonet.frames.dicom.pixel_module import PixelModule
    from nonet.frames.dicom.walk import Span
    from nonet.frames.sandbox import Sandbox

__all__ = ["COMPRESSED", "NATIVE", "CompressedSamples", "NativeSamples", "SampleSource", "StoredSamples"]

NATIVE = frozenset({IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN, DEFLATED})
"""Transfer syntaxes whose pixel data is not compressed."""

COMPRESSED = {
    "1.2.840.10008.1.2.4.50": "JPEG baseline",
    "1.2.840.10008.1.2.4.51": "JPEG extended",
    "1.2.840.10008.1.2.4.57": "JPEG lossless",
    "1.2.840.10008.1.2.4.70": "JPEG lossless, first-order prediction",
    "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    RLE_LOSSLESS: "RLE lossless",
}
"""Transfer syntaxes that are decoded, with their names."""

_CODESTREAM_OVERHEAD = 1 << 20


class StoredSamples(NamedTuple):
    """Stored values ``[H, W]`` or ``[H, W, 3]`` of a frame, their colour model, and a warning or nothing."""

    values: NDArray[np.integer]
    photometric: str
    warning: str = ""


class SampleSource(Protocol):
    """Gives the samples of each frame of a file.

    ``held`` is the number of frames that the pixel data holds, whatever the file announces.
    """

    held: int

    def frame(self, index: int) -> StoredSamples:
        """The samples of a frame counted from 0.

        Raises
        ------
        FrameError
            If they cannot be decoded within the limits.
        """


class NativeSamples:
    """Samples of pixel data that is not compressed, read from the file frame by frame.

    Parameters
    ----------
    part10
        The data set.
    span
        Where the pixel data lies.
    module
        How its samples are stored.
    """

    def __init__(self, part10: Part10, span: Span, module: PixelModule) -> None:
        self._part10, self._span = part10, span
        self._module = _padded_to_pairs(_with_true_chroma(module, span.end - span.value), span.end - span.value)
        self._columns = module.columns
        self.held = (span.end - span.value) * 8 // self._module.frame_bits

    def frame(self, index: int) -> StoredSamples:
        """Stored values of a frame; see `SampleSource`."""
        stream = self._part10.stream
        stream.seek(self._span.start + 4)
        vr = "OB" if stream.read(2) == b"OB" else "OW"
        stream.seek(self._span.value)
        options: dict[str, Any] = {
            **_options(self._module),
            "pixel_keyword": "PixelData",
            "pixel_vr": vr,
            "correct_unused_bits": False,
            "allow_excess_frames": False,
        }
        decoder = get_decoder(UID(self._part10.transfer_syntax))
        samples, properties = decoder.as_array(
            stream,
            index=index,
            raw=True,
            **options,
        )
        values = _aligned(samples, self._module)[:, : self._columns]
        return StoredSamples(values, str(properties["photometric_interpretation"]))


class CompressedSamples:
    """Samples of compressed pixel data, decoded in a sandbox frame by frame.

    Parameters
    ----------
    part10
        The data set.
    span
        Where the pixel data lies.
    module
        How its samples are stored.
    extended_offsets
        The extended offset table, empty if there is none.
    sandbox
        The process that decodes.

    Raises
    ------
    DicomError
        If the pixel data is no row of fragments.
    """

    def __init__(
        self, part10: Part10, span: Span, module: PixelModule, extended_offsets: tuple[int, ...], sandbox: Sandbox
    ) -> None:
        self._part10, self._module, self._sandbox = part10, module, sandbox
        self._fragments = frame_fragments(part10.stream, span, module.frames, extended_offsets)
        self.held = len(self._fragments)
        self._cap = 2 * module.frame_bytes + _CODESTREAM_OVERHEAD

    def frame(self, index: int) -> StoredSamples:
        """Stored values of a frame; see `SampleSource`."""
        data = read_fragments(self._part10.stream, self._fragments[index], self._cap)
        syntax = self._part10.transfer_syntax
        check_codestream(data, syntax, self._module)
        check_density(self._module.rows * self._module.columns, len(data), self._sandbox.limits)
        # PlanarConfiguration has no meaning where a codec orders the samples (PS3.5, section 8.2).
        options = _options(replace(self._module, frames=1, planar=0))
        samples, photometric, warning = self._sandbox.dicom_frame(data, syntax, options)
        if samples.shape[:2] != (self._module.rows, self._module.columns):
            raise DicomError(
                "A frame decodes to its rows and columns", found="another size", remedy="Export the image again"
            )
        values = _aligned(samples, self._module) if syntax == RLE_LOSSLESS else samples
        return StoredSamples(values, photometric, _warning(data, warning))


def _warning(data: bytes, warning: str) -> str:
    if data.startswith(JPEG_START) and lacks_scans(data):
        return "scans of the progressive JPEG are missing, so that the picture is blurred"
    return warning


def _padded_to_pairs(module: PixelModule, length: int) -> PixelModule:
    """A row of an odd number of pixels ends in a whole pair where chroma has half width: the length tells."""
    if module.photometric != "YBR_FULL_422" or module.columns % 2 == 0:
        return module
    padded = replace(module, columns=module.columns + 1)
    return padded if length * 8 >= padded.frame_bits * module.frames else module


def _with_true_chroma(module: PixelModule, length: int) -> PixelModule:
    """Some writers say YBR_FULL_422 where the chroma has full width: the length of the data tells."""
    if module.photometric != "YBR_FULL_422":
        return module
    full = replace(module, photometric="YBR_FULL")
    return full if length * 8 >= full.frame_bits * module.frames else module


def _options(module: PixelModule) -> dict[str, int | str]:
    return {
        "rows": module.rows,
        "columns": module.columns,
        "number_of_frames": module.frames,
        "samples_per_pixel": module.samples,
        "photometric_interpretation": module.photometric,
        "planar_configuration": module.planar,
        "bits_allocated": module.bits_allocated,
        "bits_stored": module.bits_stored,
        "pixel_representation": int(module.signed),
    }


def _aligned(samples: NDArray[np.integer], module: PixelModule) -> NDArray[np.integer]:
    """Samples moved from their place in the word (HighBit) to its low end, what lies beside them dropped."""
    spare = module.bits_allocated - module.bits_stored
    if spare == 0 or module.bits_allocated == 1:
        return samples
    above = module.bits_allocated - 1 - module.high_bit
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    return (native << above) >> spare
