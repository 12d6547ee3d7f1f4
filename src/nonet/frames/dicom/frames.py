"""From an opened DICOM file to its frames, step by step."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pydicom.uid import UID, SecondaryCaptureImageStorage

from nonet.errors import DicomError, FrameError, InputTooLarge, NotAnImage
from nonet.frame import Frame, Source, Spacing
from nonet.frames.bands import luma_by_bands
from nonet.frames.dicom.attributes import Attributes, octets, uid
from nonet.frames.dicom.grey import colour_to_rgb, monochrome_to_grey
from nonet.frames.dicom.own_results import OWN_TAGS, is_own
from nonet.frames.dicom.part10 import Part10, open_part10
from nonet.frames.dicom.pixel_calibration import calibrate
from nonet.frames.dicom.pixel_module import PixelModule, read_pixel_module
from nonet.frames.dicom.stored_samples import COMPRESSED, NATIVE, CompressedSamples, NativeSamples, SampleSource
from nonet.frames.dicom.walk import FLOAT_PIXELS, DataSetMap, map_data_set
from nonet.frames.grey_levels import few_grey_levels
from nonet.frames.overlay.colour import coloured_pixels
from nonet.frames.sandbox import borrow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from nonet.frames.bands import Bytes
    from nonet.frames.guards import Limits

__all__ = ["check_readable", "dicom_frames", "sample_source"]

_MOST_DAMAGED = 8
"""So many frames of a file may be damaged before the rest of it is no longer tried."""


def dicom_frames(
    stream: BinaryIO, size: int, sha256: str, user: Spacing | None, limits: Limits, *, force: bool = False
) -> Iterator[Frame]:
    """The frames of a DICOM file, each decoded when it is asked for.

    Parameters
    ----------
    stream, size, sha256
        The file, its bytes and its hash.
    user
        The pixel size that the user gave.
    limits
        What the file may ask for.
    force
        Whether that pixel size replaces what the file says.

    Raises
    ------
    FrameError
        If the file is damaged, holds no image, asks for too much or cannot be decoded. Where only some frames
        cannot be, it is raised after the others.
    """
    part10 = open_part10(stream, size, limits)
    elements = map_data_set(part10.stream, part10.start, part10.end, part10.encoding, limits)
    check_readable(part10, elements)
    attributes = Attributes(part10, elements)
    if uid(attributes.file, "SOPClassUID") == SecondaryCaptureImageStorage and is_own(attributes.parsed(OWN_TAGS)):
        raise NotAnImage(
            "A frame is a machine's picture", found="a result that Nonet made", remedy="Leave out Nonet's own series"
        )
    module = read_pixel_module(attributes.file, limits)
    warnings = (*part10.warnings, *module.warnings)
    with sample_source(part10, elements, attributes, module, limits) as source:
        if source.held > module.frames:
            warnings += (
                f"The file announces {module.frames} frames and holds {source.held}: "
                f"those after number {module.frames} are not read",
            )
        make = _FrameMaker(source, attributes, module, part10, sha256, user, force, warnings)
        yield from _readable(make, module.frames, source.held)


def _readable(make: Callable[[int], Frame], announced: int, held: int) -> Iterator[Frame]:
    """The frames that can be decoded, in order; after them one error that names those that cannot, or are not there."""
    damaged: list[tuple[int, FrameError]] = []
    for index in range(min(announced, held)):
        try:
            yield make(index)
        except InputTooLarge:
            raise
        except FrameError as problem:
            damaged.append((index, problem))
            if announced == 1 or len(damaged) == _MOST_DAMAGED:
                break
    if damaged and announced == 1:
        raise damaged[0][1]
    if damaged:
        raise _damaged_frames(damaged, announced)
    if held < announced:
        raise DicomError(
            "Pixel data holds the frames that the file announces",
            found=f"{held} whole ones of {announced}",
            remedy="Copy the file again from where it came",
        )


def _damaged_frames(damaged: list[tuple[int, FrameError]], announced: int) -> DicomError:
    numbers = ", ".join(str(index + 1) for index, _ in damaged)
    more = ", after which no more were tried" if len(damaged) == _MOST_DAMAGED else ""
    return DicomError(
        "Every frame of a file decodes without a fault",
        found=f"of {announced} frames, number {numbers} cannot be read{more} ({damaged[0][1].found})",
        remedy="Use the others, and copy the file again from where it came",
    )


def check_readable(part10: Part10, elements: DataSetMap) -> None:
    """Raise unless the file holds pixel data of a form that is read.

    Raises
    ------
    NotAnImage
        If there is no pixel data, or it is floating point.
    DicomError
        If its transfer syntax is not read, or contradicts its form.
    """
    if elements.pixel_tag is None:
        raise NotAnImage(
            "An image has pixel data",
            found="a DICOM file without any",
            remedy="Leave out structured reports, waveforms and indexes",
        )
    if elements.pixel_tag in FLOAT_PIXELS:
        raise NotAnImage(
            "The pixels of an ultrasound image are integers",
            found="floating point pixel data",
            remedy="Export the image itself, not a parametric map",
        )
    if part10.transfer_syntax not in NATIVE and part10.transfer_syntax not in COMPRESSED:
        raise DicomError(
            f"Pixel data is uncompressed, deflated or one of {', '.join(COMPRESSED.values())}",
            found=_syntax_name(part10.transfer_syntax),
            remedy="Export the image uncompressed",
        )
    if elements.encapsulated is not (part10.transfer_syntax in COMPRESSED):
        raise DicomError(
            "Pixel data lies in fragments if, and only if, it is compressed",
            found="the other form",
            remedy="Export the image again",
        )


@contextmanager
def sample_source(
    part10: Part10, elements: DataSetMap, attributes: Attributes, module: PixelModule, limits: Limits
) -> Iterator[SampleSource]:
    """Open the samples of a file's frames, with a decoder process where they are compressed."""
    if not elements.encapsulated:
        yield NativeSamples(part10, elements.pixel_span, module)
        return
    table = octets(attributes.file, "ExtendedOffsetTable")
    offsets = tuple(int.from_bytes(table[at : at + 8], "little") for at in range(0, len(table), 8))
    with borrow(limits) as sandbox:
        yield CompressedSamples(part10, elements.pixel_span, module, offsets, sandbox)


def _syntax_name(syntax: str) -> str:
    """A transfer syntax by its UID and, where the standard lists it, its name."""
    if not re.fullmatch(r"[0-9.]{1,64}", syntax):
        return "a transfer syntax that is no UID"
    name = UID(syntax).name
    return syntax if name == syntax else f"{name} ({syntax})"


@dataclass(frozen=True, slots=True)
class _FrameMaker:
    """Makes the frames of a file, by their number from 0."""

    source: SampleSource
    attributes: Attributes
    module: PixelModule
    part10: Part10
    sha256: str
    user: Spacing | None
    force: bool
    warnings: tuple[str, ...]

    def __call__(self, index: int) -> Frame:
        own = self.attributes.of_frame(index)
        pixels, overlay, warnings = self._pixels(index, own)
        calibration = calibrate(own, self.module.columns, self.module.rows, self.user, force=self.force)
        return Frame(
            pixels=pixels,
            source=self._source(index, own),
            spacing=calibration.spacing,
            regions=calibration.regions,
            overlay=overlay,
            warnings=(*self.warnings, *warnings, *calibration.warnings),
        )

    def _pixels(self, index: int, own: Dataset) -> tuple[Bytes, NDArray[np.bool_] | None, tuple[str, ...]]:
        """Grey pixels of a frame, those that are coloured, and warnings."""
        stored = self.source.frame(index)
        little_endian = self.part10.encoding.little_endian
        faults = (f"The frame is not whole: {stored.warning}",) if stored.warning else ()
        if stored.photometric.startswith("MONOCHROME"):
            pixels, warnings = monochrome_to_grey(stored.values, self.module, own, little_endian=little_endian)
            few = few_grey_levels(pixels, self.module.bits_stored)
            return pixels, None, (*faults, *warnings, *few)
        rgb = colour_to_rgb(stored.values, stored.photometric, self.module, own, little_endian=little_endian)
        grey = luma_by_bands(rgb)
        return grey, coloured_pixels(rgb), (*faults, *few_grey_levels(grey, self.module.bits_stored))

    def _source(self, index: int, own: Dataset) -> Source:
        return Source(
            format="DICOM",
            file_sha256=self.sha256,
            frame=index,
            frames=self.module.frames,
            sop_class_uid=uid(own, "SOPClassUID"),
            sop_instance_uid=uid(own, "SOPInstanceUID"),
            study_instance_uid=uid(own, "StudyInstanceUID"),
            series_instance_uid=uid(own, "SeriesInstanceUID"),
        )
