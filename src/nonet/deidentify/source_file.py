"""A DICOM file that is to be de-identified: guarded, mapped, and only as much of it read as an output may hold."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.datadict import keyword_for_tag
from pydicom.tag import Tag
from pydicom.uid import UID

from nonet.errors import DicomError, FrameError, NotAnImage
from nonet.frames.dicom.attributes import Attributes, uid
from nonet.frames.dicom.frames import check_readable, sample_source
from nonet.frames.dicom.part10 import open_part10
from nonet.frames.dicom.pixel_module import read_pixel_module
from nonet.frames.dicom.walk import map_data_set
from nonet.frames.guards import check_file_size, open_regular
from nonet.frames.sniff import HEAD_BYTES, FileKind, sniff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nonet.frames.dicom.part10 import Part10
    from nonet.frames.dicom.pixel_module import PixelModule
    from nonet.frames.dicom.stored_samples import SampleSource
    from nonet.frames.dicom.walk import DataSetMap
    from nonet.frames.guards import Limits

__all__ = ["SourceFile", "open_source"]

_IDENTITY_CAP = 1 << 12
_ULTRASOUND = {
    "1.2.840.10008.5.1.4.1.1.6": "Ultrasound Image Storage (retired)",
    "1.2.840.10008.5.1.4.1.1.6.1": "Ultrasound Image Storage",
    "1.2.840.10008.5.1.4.1.1.3": "Ultrasound Multi-frame Image Storage (retired)",
    "1.2.840.10008.5.1.4.1.1.3.1": "Ultrasound Multi-frame Image Storage",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image Storage",
    "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture Image Storage",
    "1.2.840.10008.5.1.4.1.1.7.4": "Multi-frame True Color Secondary Capture Image Storage",
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An opened file.

    ``identity`` are the bytes that tell its patient from others; empty where the file names none. ``sha256`` is of
    the whole file.
    """

    part10: Part10
    layout: DataSetMap
    attributes: Attributes
    module: PixelModule
    samples: SampleSource
    identity: bytes
    sha256: str

    @property
    def keywords(self) -> list[str]:
        """The attributes of the outermost data set by keyword, or by tag where there is none; never a value."""
        return [_name(tag) for tag in self.layout.elements]

    @property
    def has_trailing_data(self) -> bool:
        """Whether anything follows the pixel data of a file that is not compressed."""
        return not self.layout.encapsulated and self.layout.pixel_span.end < self.part10.end


@contextmanager
def open_source(path: Path, limits: Limits) -> Iterator[SourceFile]:
    """Open an ultrasound image.

    Raises
    ------
    FrameError
        If it is not DICOM, no ultrasound image, damaged, or asks for too much. No message holds a value of the file.
    """
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        check_file_size(size, limits.file_bytes)
        _check_form(sniff(stream.read(HEAD_BYTES)))
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        part10 = open_part10(stream, size, limits)
        layout = map_data_set(part10.stream, part10.start, part10.end, part10.encoding, limits)
        attributes = Attributes(part10, layout)
        _check_class(uid(attributes.file, "SOPClassUID"))
        check_readable(part10, layout)
        module = read_pixel_module(attributes.file, limits)
        with sample_source(part10, layout, attributes, module, limits) as samples:
            _check_frames(samples, module)
            yield SourceFile(part10, layout, attributes, module, samples, _identity(part10, layout), sha256)


def _check_form(kind: FileKind) -> None:
    if kind is FileKind.STILL:
        raise NotAnImage(
            "Only DICOM is de-identified: a still has no calibrated regions that say where its image is",
            found="a PNG, JPEG, TIFF, BMP or WebP picture",
            remedy="Export the image as DICOM, or crop the picture to its sector and look at every one",
        )
    if kind is not FileKind.DICOM:
        raise NotAnImage(
            "Only DICOM images are de-identified",
            found="a DICOMDIR, which is an index"
            if kind is FileKind.DICOMDIR
            else "another content, whatever its name",
            remedy="Leave it out, and do not pass it on",
        )


def _check_class(sop_class: str) -> None:
    if sop_class not in _ULTRASOUND:
        known = UID(sop_class).name if UID(sop_class).is_valid and UID(sop_class).name != sop_class else ""
        raise FrameError(
            "Ultrasound images and secondary captures are de-identified",
            found=known or "an object of another class",
            remedy="Leave it out: reports, documents and other modalities need a tool of their own",
        )


def _check_frames(samples: SampleSource, module: PixelModule) -> None:
    if samples.held < module.frames:
        raise DicomError(
            "Pixel data holds the frames that the file announces",
            found=f"{samples.held} whole ones of {module.frames}",
            remedy="Copy the file again from where it came",
        )


def _identity(part10: Part10, layout: DataSetMap) -> bytes:
    """PatientID with its issuer as written, else name and birth date, else the study: never decoded, only hashed."""
    for keywords in (("PatientID", "IssuerOfPatientID"), ("PatientName", "PatientBirthDate"), ("StudyInstanceUID",)):
        values = [_raw(part10, layout, keyword) for keyword in keywords]
        if values[0]:
            return b"\0".join((keywords[0].encode(), *values))
    return b""


def _raw(part10: Part10, layout: DataSetMap, keyword: str) -> bytes:
    span = layout.elements.get(Tag(keyword))
    if span is None:
        return b""
    part10.stream.seek(span.value)
    return part10.stream.read(min(span.end - span.value, _IDENTITY_CAP)).strip(b" \0")


def _name(tag: int) -> str:
    return keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
