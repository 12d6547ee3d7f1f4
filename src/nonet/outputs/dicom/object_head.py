"""What all results have in common: highdicom's object, the source's patient and study, no clock, own encoding.

highdicom fills the modules of the object for a patient without a name; then the source's own attributes take their
place, byte for byte. Dates of today are removed: a repeated read is the same object.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from nonet import __version__
from nonet.errors import DicomError
from nonet.frames.dicom.own_results import DESCRIPTIONS, MANUFACTURER, MODEL
from nonet.outputs.dicom.identity import instance_uid, series_uid
from nonet.outputs.dicom.source import content_date, copy_patient_and_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nonet.reading import Reading

__all__ = ["finished", "head", "keep_raw", "raw_sequence", "refusals", "stand_in"]

_SERIES_NUMBERS = {"sr": 801, "gsps": 802, "sc": 803}
_MOST_NUMBER = 1_000_000
_OF_TODAY = (
    "InstanceCreationDate",
    "InstanceCreationTime",
    "DateOfSecondaryCapture",
    "TimeOfSecondaryCapture",
    "ContributionDateTime",
)
_TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)


def stand_in(source: Dataset) -> Dataset:
    """The source as highdicom needs it to refer to it, without a patient, a window or pixels."""
    own = Dataset()
    for keyword in _TYPE_2:
        setattr(own, keyword, "")
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"):
        setattr(own, keyword, str(source[keyword].value))
    own.SeriesInstanceUID = str(source.get("SeriesInstanceUID", "") or "")
    own.Rows, own.Columns = int(source.Rows), int(source.Columns)
    if frames := int(source.get("NumberOfFrames", 0) or 0):
        own.NumberOfFrames = frames
    own.SharedFunctionalGroupsSequence, own.PerFrameFunctionalGroupsSequence = [Dataset()], []
    return own


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what highdicom or pydicom refuse about a source into an error of that source."""
    try:
        yield
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as problem:
        raise DicomError(
            "A result refers to a sound instance of a SOP class that can be referred to",
            found=f"attributes that are refused ({type(problem).__name__})",
            remedy="Export the image again",
        ) from problem


def head(kind: str, readings: Sequence[Reading], source: Dataset) -> dict[str, Any]:
    """The arguments that every class of highdicom takes for a new object."""
    date, time = content_date(source)
    return {
        "series_instance_uid": series_uid(kind, source, readings[0]),
        "series_number": _series_number(kind, source),
        "sop_instance_uid": instance_uid(kind, readings),
        "instance_number": _number(source, "InstanceNumber"),
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": MODEL,
        "software_versions": __version__,
        "device_serial_number": readings[0].bundle.sha256[:16],
        "series_description": DESCRIPTIONS[kind],
        "content_date": date,
        "content_time": time,
    }


def finished(dataset: Dataset, source: Dataset) -> Dataset:
    """The object with the source's patient and study, as it is on disk: encoded once, and read back when asked for."""
    for part in (dataset, *dataset.get("ContributingEquipmentSequence", ())):
        for keyword in _OF_TODAY:
            part.pop(keyword, None)
    if dataset.Modality != "SR":
        dataset.Laterality = ""
    copy_patient_and_study(source, dataset)
    keep_raw(dataset)
    encoded = io.BytesIO()
    dataset.save_as(encoded, enforce_file_format=True)
    encoded.seek(0)
    return dcmread(encoded)


def raw_sequence(keyword: str, items: bytes) -> RawDataElement:
    """A sequence whose items are explicit little endian bytes already, to be put into a data set that is kept raw."""
    tag = Tag(keyword)
    return RawDataElement(tag, "SQ", len(items), items, 0, is_implicit_VR=False, is_little_endian=True)


def keep_raw(dataset: Dataset) -> None:
    """Let pydicom write raw elements as they are: they are explicit little endian already."""
    dataset.set_original_encoding(False, True, dataset._character_set)


def _series_number(kind: str, source: Dataset) -> int:
    return _number(source, "SeriesNumber") % _MOST_NUMBER * 1000 + _SERIES_NUMBERS[kind]


def _number(source: Dataset, keyword: str) -> int:
    """A number of the source from 1 on; 1 where it has none."""
    try:
        found = int(source.get(keyword) or 1)
    except (TypeError, ValueError):
        return 1
    return found if 1 <= found < 1 << 31 else 1
