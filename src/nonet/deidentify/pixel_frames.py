"""The frames of a source as an output stores them, beside the grey picture in which marks are sought.

The two show the same: no stored value can be told from another that is not told from it in the grey picture, so that
nothing is written that was not searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydicom.tag import Tag

from nonet.frames.bands import luma_by_bands
from nonet.frames.dicom.brightness import stored_range
from nonet.frames.dicom.grey import colour_to_rgb, monochrome_to_grey
from nonet.frames.dicom.pixel_calibration import calibrate
from nonet.frames.overlay.colour import coloured_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from nonet.deidentify.source_file import SourceFile
    from nonet.frame import Region

__all__ = ["OpenedFrame", "SampleForm", "SourceFrames"]

_CHANGE_GREY = (
    "ModalityLUTSequence",
    "RescaleIntercept",
    "RescaleSlope",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
"""Attributes that say how stored values become grey. With one of them, or more than 8 bits, two stored values can be
one grey, so that text hides under it: then the grey itself is stored, and no output holds the attributes."""
_MOST_BITS = 8


@dataclass(frozen=True, slots=True)
class SampleForm:
    """How the samples of an output are stored; ``black`` is the value of a blanked pixel."""

    dtype: np.dtype[np.integer]
    bits_stored: int
    samples: int
    photometric: str
    signed: bool
    black: int

    def describe(self, dataset: Dataset) -> None:
        """Write the Image Pixel module (PS3.3, section C.7.6.3), less the size."""
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = self.samples, self.photometric
        if self.samples == 3:
            dataset.PlanarConfiguration = 0
        dataset.BitsAllocated, dataset.BitsStored = 8 * self.dtype.itemsize, self.bits_stored
        dataset.HighBit, dataset.PixelRepresentation = self.bits_stored - 1, int(self.signed)


_GREY = SampleForm(np.dtype(np.uint8), 8, 1, "MONOCHROME2", signed=False, black=0)
_COLOUR = SampleForm(np.dtype(np.uint8), 8, 3, "RGB", signed=False, black=0)


class OpenedFrame(NamedTuple):
    """A frame: samples to store, grey ``uint8[H, W]``, what is in colour, calibrated regions, a warning or nothing."""

    samples: NDArray[np.integer]
    grey: NDArray[np.uint8]
    coloured: NDArray[np.bool_] | None
    regions: tuple[Region, ...]
    warnings: tuple[str, ...]


class SourceFrames:
    """The frames of a source, decoded one by one each time they are asked for; the last is kept.

    Parameters
    ----------
    source
        The opened file.
    """

    def __init__(self, source: SourceFile) -> None:
        self._source, self.module = source, source.module
        self._last: tuple[int, OpenedFrame] | None = None
        self.form = self._form()

    def __len__(self) -> int:
        return self._source.module.frames

    @property
    def is_redrawn(self) -> bool:
        """Whether the grey picture is stored in place of monochrome values, some of which it may not show."""
        return self.form is _GREY

    def __getitem__(self, index: int) -> OpenedFrame:
        """A frame, counted from 0.

        Raises
        ------
        FrameError
            If it cannot be decoded within the limits.
        """
        if self._last is None or self._last[0] != index:
            self._last = (index, self._opened(index))
        return self._last[1]

    def _form(self) -> SampleForm:
        module = self._source.module
        if module.samples == 3 or module.photometric == "PALETTE COLOR":
            return _COLOUR
        if module.bits_stored > _MOST_BITS or any(
            Tag(keyword) in self._source.layout.elements for keyword in _CHANGE_GREY
        ):
            return _GREY
        low, high = stored_range(module)
        black = high if module.photometric == "MONOCHROME1" else low
        dtype = np.dtype(np.int8 if module.signed else np.uint8)
        return SampleForm(dtype, module.bits_stored, 1, module.photometric, module.signed, black)

    def _opened(self, index: int) -> OpenedFrame:
        source, module = self._source, self._source.module
        own = source.attributes.of_frame(index)
        stored = source.samples.frame(index)
        little_endian = source.part10.encoding.little_endian
        regions = calibrate(own, module.columns, module.rows, None).regions
        warnings = (f"Frame {index + 1} is not whole: {stored.warning}",) if stored.warning else ()
        if stored.photometric.startswith("MONOCHROME"):
            grey, _ = monochrome_to_grey(stored.values, module, own, little_endian=little_endian)
            samples = grey if self.form is _GREY else _clipped(stored.values, self.form)
            return OpenedFrame(samples, grey, None, regions, warnings)
        rgb = colour_to_rgb(stored.values, stored.photometric, module, own, little_endian=little_endian)
        return OpenedFrame(rgb, luma_by_bands(rgb), coloured_pixels(rgb), regions, warnings)


def _clipped(values: NDArray[np.integer], form: SampleForm) -> NDArray[np.integer]:
    """Stored values within their bits: what lies beside them in a word does not travel."""
    levels = 1 << form.bits_stored
    low, high = (-levels // 2, levels // 2 - 1) if form.signed else (0, levels - 1)
    return np.clip(values.astype(np.int64), low, high).astype(form.dtype)
