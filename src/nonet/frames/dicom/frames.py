"""From an opened DICOM file to its frames, step by step."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from nonet.errors import DicomError, NotAnImage
from nonet.frame import Frame, Source, Spacing
from nonet.frames.bands import luma_by_bands
from nonet.frames.dicom.attributes import Attributes, octets, uid
from nonet.frames.dicom.grey import colour_to_rgb, monochrome_to_grey
from nonet.frames.dicom.part10 import Part10, open_part10
from nonet.frames.dicom.pixel_calibration import calibrate
from nonet.frames.dicom.pixel_module import PixelModule, read_pixel_module
from nonet.frames.dicom.stored_samples import COMPRESSED, NATIVE, CompressedSamples, NativeSamples, SampleSource
from nonet.frames.dicom.walk import FLOAT_PIXELS, DataSetMap, map_data_set
from nonet.frames.overlay.colour import coloured_pixels
from nonet.frames.sandbox import borrow

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from nonet.frames.guards import Limits

__all__ = ["dicom_frames"]


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
        If the file is damaged, holds no image, asks for too much or cannot be decoded.
    """
    part10 = open_part10(stream, size, limits)
    elements = map_data_set(part10.stream, part10.start, part10.end, part10.encoding, limits)
    _check_readable(part10, elements)
    attributes = Attributes(part10, elements)
    module = read_pixel_module(attributes.file, limits)
    with _sample_source(part10, elements, attributes, module, limits) as source:
        for index in range(module.frames):
            yield _frame(source, index, attributes, module, part10, sha256, user, force)


def _check_readable(part10: Part10, elements: DataSetMap) -> None:
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
            found="another transfer syntax, such as video",
            remedy="Export the image uncompressed",
        )
    if elements.encapsulated is not (part10.transfer_syntax in COMPRESSED):
        raise DicomError(
            "Pixel data lies in fragments if, and only if, it is compressed",
            found="the other form",
            remedy="Export the image again",
        )


@contextmanager
def _sample_source(
    part10: Part10, elements: DataSetMap, attributes: Attributes, module: PixelModule, limits: Limits
) -> Iterator[SampleSource]:
    if not elements.encapsulated:
        yield NativeSamples(part10, elements.pixel_span, module)
        return
    table = octets(attributes.file, "ExtendedOffsetTable")
    offsets = tuple(int.from_bytes(table[at : at + 8], "little") for at in range(0, len(table), 8))
    with borrow(limits) as sandbox:
        yield CompressedSamples(part10, elements.pixel_span, module, offsets, sandbox)


def _frame(
    source: SampleSource,
    index: int,
    attributes: Attributes,
    module: PixelModule,
    part10: Part10,
    sha256: str,
    user: Spacing | None,
    force: bool,
) -> Frame:
    own = attributes.of_frame(index)
    samples, photometric = source.frame(index)
    little_endian = part10.encoding.little_endian
    overlay: NDArray[np.bool_] | None = None
    if photometric.startswith("MONOCHROME"):
        pixels = monochrome_to_grey(samples, module, own, little_endian=little_endian)
    else:
        rgb = colour_to_rgb(samples, photometric, module, own, little_endian=little_endian)
        pixels, overlay = luma_by_bands(rgb), coloured_pixels(rgb)
    calibration = calibrate(own, module.columns, module.rows, user, force=force)
    return Frame(
        pixels=pixels,
        source=Source(
            format="DICOM",
            file_sha256=sha256,
            frame=index,
            frames=module.frames,
            sop_class_uid=uid(own, "SOPClassUID"),
            sop_instance_uid=uid(own, "SOPInstanceUID"),
            study_instance_uid=uid(own, "StudyInstanceUID"),
            series_instance_uid=uid(own, "SeriesInstanceUID"),
        ),
        spacing=calibration.spacing,
        regions=calibration.regions,
        overlay=overlay,
        warnings=calibration.warnings,
    )
