"""The few DICOM attributes that a frame needs, read by pydicom from a data set that was walked first.

Only these elements are ever parsed: what else a file holds, patient data above all, stays on disk.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from nonet.errors import DicomError, InputTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nonet.frames.dicom.part10 import Part10
    from nonet.frames.dicom.walk import DataSetMap, Span

__all__ = ["Attributes", "integer", "items", "numbers", "octets", "text", "uid", "words"]

_VALUE_CAP = 4 << 20
"""More than any palette, lookup table or list of regions takes."""

_WANTED = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SequenceOfUltrasoundRegions",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "RescaleIntercept",
    "RescaleSlope",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "RedPaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    "SharedFunctionalGroupsSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)
_PER_FRAME = Tag("PerFrameFunctionalGroupsSequence")
_FUNCTIONAL_GROUPS = (
    "PixelMeasuresSequence",
    "FrameVOILUTSequence",
    "PixelValueTransformationSequence",
)


class Attributes:
    """The attributes of a file, and of each of its frames.

    Parameters
    ----------
    source
        The data set's stream and encoding.
    layout
        Where its elements lie.

    Raises
    ------
    DicomError
        If an element cannot be parsed.
    InputTooLarge
        If an element that should be small is not.
    """

    def __init__(self, source: Part10, layout: DataSetMap) -> None:
        self._source, self._layout = source, layout
        self._frame_items = layout.items.get(_PER_FRAME, [])
        tags = sorted(Tag(keyword) for keyword in _WANTED)
        self.file = self._parse([layout.elements[tag] for tag in tags if tag in layout.elements])
        self._shared = _flattened(items(self.file, "SharedFunctionalGroupsSequence")[:1])

    def parsed(self, tags: Iterable[int]) -> Dataset:
        """Other elements of the outermost data set, parsed for a caller that needs them."""
        elements = self._layout.elements
        return self._parse([elements[tag] for tag in sorted(tags) if tag in elements])

    def of_frame(self, index: int) -> Dataset:
        """The attributes that hold for one frame, counted from 0: its own before the shared before the file's."""
        merged = Dataset()
        merged.update(self.file)
        merged.update(self._shared)
        if index < len(self._frame_items):
            item = self._frame_items[index]
            merged.update(_flattened([self._parse([item._replace(start=item.value)])]))
        return merged

    def _parse(self, spans: list[Span]) -> Dataset:
        if any(span.end - span.start > _VALUE_CAP for span in spans):
            raise InputTooLarge(
                f"An attribute of an image takes at most {_VALUE_CAP} bytes",
                found="more",
                remedy="Export the image again: this file is damaged, or made to do harm",
            )
        raw = io.BytesIO()
        for span in spans:
            self._source.stream.seek(span.start)
            raw.write(self._source.stream.read(span.end - span.start))
        raw.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return read_dataset(raw, *self._source.encoding)
            except Exception as problem:
                raise _unparsable("elements") from problem


def text(dataset: Dataset, keyword: str) -> str:
    """The first value of an attribute as text, empty if it is absent.

    Raises
    ------
    DicomError
        If the value cannot be parsed; so do the other functions of this file.
    """
    found = _values(dataset, keyword)
    return str(found[0]).strip() if found else ""


def uid(dataset: Dataset, keyword: str) -> str:
    """A UID, or nothing if the value is not one (PS3.5, section 9.1)."""
    value = text(dataset, keyword)
    return value if re.fullmatch(r"[0-9.]{1,64}", value) else ""


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of an attribute as finite numbers; an empty tuple if it is absent."""
    try:
        found = tuple(float(str(value)) for value in _values(dataset, keyword))
    except ValueError as problem:
        raise _unparsable(keyword) from problem
    if not all(map(math.isfinite, found)):
        raise _unparsable(keyword)
    return found


def integer(dataset: Dataset, keyword: str) -> int | None:
    """The first value of an attribute as an integer, or None if it is absent."""
    found = numbers(dataset, keyword)
    if not found:
        return None
    if found[0] != int(found[0]):
        raise _unparsable(keyword)
    return int(found[0])


def octets(dataset: Dataset, keyword: str) -> bytes:
    """The bytes of a binary attribute, empty if it is absent."""
    found = _values(dataset, keyword)
    if not found:
        return b""
    if not isinstance(found[0], bytes):
        raise _unparsable(keyword)
    return found[0]


def words(dataset: Dataset, keyword: str, *, little_endian: bool) -> NDArray[np.uint16]:
    """16-bit words, whether the file wrote them as numbers or as bytes."""
    found = _values(dataset, keyword)
    if found and isinstance(found[0], bytes):
        return np.frombuffer(found[0][: len(found[0]) & ~1], "<u2" if little_endian else ">u2").astype(np.uint16)
    return np.array([int(value) & 0xFFFF for value in numbers(dataset, keyword)], np.uint16)


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none if it is absent."""
    found = _values(dataset, keyword)
    if not all(isinstance(item, Dataset) for item in found):
        raise _unparsable(keyword)
    return found


def _values(dataset: Dataset, keyword: str) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = dataset.get(keyword)
        except Exception as problem:
            raise _unparsable(keyword) from problem
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, MultiValue, Sequence)) else [value]


def _flattened(groups: list[Dataset]) -> Dataset:
    """The attributes inside the functional groups of the given items (PS3.3, section C.7.6.16)."""
    flat = Dataset()
    for group in groups:
        for keyword in _FUNCTIONAL_GROUPS:
            for item in items(group, keyword)[:1]:
                flat.update(item)
    return flat


def _unparsable(what: str) -> DicomError:
    return DicomError(
        "The attributes of an image follow the DICOM standard",
        found=f"{what} that cannot be parsed",
        remedy="Export the image again",
    )
