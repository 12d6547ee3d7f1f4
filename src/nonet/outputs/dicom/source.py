"""The attributes of a source instance that its results take over, copied byte for byte, and the date they stand under.

Patient and study attributes are never made up: what the source lacks or leaves empty stays so.
"""

from __future__ import annotations

import io
import os
import re
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag

from nonet.errors import DicomError, InputTooLarge
from nonet.frames.dicom.part10 import open_part10
from nonet.frames.dicom.walk import map_data_set
from nonet.frames.guards import Limits, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from pydicom.tag import BaseTag

__all__ = ["NO_DATE", "content_date", "copy_patient_and_study", "header_of"]

_LIMITS = Limits()
NO_DATE = ("19000101", "000000")
"""Content date and time where the source has no date at all: an object needs one, and the clock is not asked."""

_CAP = 1 << 16
"""Bytes of an attribute that is copied; a name, a comment or a list of other IDs takes far less."""

_PATIENT_GROUP, _TRIAL_GROUP, _FIRST_ELEMENT = 0x0010, 0x0012, 0x10
_OF_THE_SERIES = frozenset(
    map(
        Tag,
        (
            "ClinicalTrialCoordinatingCenterName",
            "ClinicalTrialSeriesID",
            "ClinicalTrialSeriesDescription",
            "IssuerOfClinicalTrialSeriesID",
        ),
    )
)
_STUDY = frozenset(
    map(
        Tag,
        (
            "SpecificCharacterSet",
            "TimezoneOffsetFromUTC",
            "StudyDate",
            "StudyTime",
            "AccessionNumber",
            "IssuerOfAccessionNumberSequence",
            "ReferringPhysicianName",
            "ReferringPhysicianIdentificationSequence",
            "ConsultingPhysicianName",
            "ConsultingPhysicianIdentificationSequence",
            "StudyDescription",
            "ProcedureCodeSequence",
            "PhysiciansOfRecord",
            "PhysiciansOfRecordIdentificationSequence",
            "NameOfPhysiciansReadingStudy",
            "PhysiciansReadingStudyIdentificationSequence",
            "ReferencedStudySequence",
            "StudyInstanceUID",
            "StudyID",
            "RequestingService",
            "RequestingServiceCodeSequence",
            "ReasonForPerformedProcedureCodeSequence",
            "ReferencedPatientSequence",
            "AdmittingDiagnosesDescription",
            "AdmittingDiagnosesCodeSequence",
            "ReasonForVisit",
            "ReasonForVisitCodeSequence",
            "AdmissionID",
            "IssuerOfAdmissionIDSequence",
            "ServiceEpisodeID",
            "ServiceEpisodeDescription",
            "IssuerOfServiceEpisodeIDSequence",
            "PatientState",
        ),
    )
)
"""PS3.3, sections C.7.1.1, C.7.2.1 and C.7.2.2, as far as they lie outside the groups of the patient and the trial."""

_OF_THE_IMAGE = frozenset(
    map(
        Tag,
        (
            "SOPClassUID",
            "SOPInstanceUID",
            "SeriesInstanceUID",
            "SeriesNumber",
            "InstanceNumber",
            "ContentDate",
            "ContentTime",
            "AcquisitionDate",
            "AcquisitionTime",
            "AcquisitionDateTime",
            "SeriesDate",
            "SeriesTime",
            "SamplesPerPixel",
            "PhotometricInterpretation",
            "NumberOfFrames",
            "Rows",
            "Columns",
            "Manufacturer",
            "ManufacturerModelName",
            "SeriesDescription",
            "BurnedInAnnotation",
            "PatientOrientation",
            "LossyImageCompression",
            "LossyImageCompressionRatio",
            "LossyImageCompressionMethod",
            "RescaleIntercept",
            "RescaleSlope",
            "RescaleType",
            "ICCProfile",
        ),
    )
)
_TEXT_VRS = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UT"))
_DATED_BY = (
    ("ContentDate", "ContentTime"),
    ("AcquisitionDateTime", ""),
    ("AcquisitionDate", "AcquisitionTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)


def header_of(source: Path | bytes | Dataset, limits: Limits = _LIMITS) -> Dataset:
    """The attributes of a source that its results need; the pixels of a file stay where they are.

    Parameters
    ----------
    source
        A DICOM file, its bytes, or a data set, which is returned as it is.
    limits
        What a file may ask for.

    Raises
    ------
    FrameError
        If the file is damaged, or an attribute is larger than any sound one.
    """
    if isinstance(source, Dataset):
        return source
    if isinstance(source, bytes):
        return _parsed(io.BytesIO(source), len(source), limits)
    with open_regular(source) as stream:
        return _parsed(stream, os.fstat(stream.fileno()).st_size, limits)


def _parsed(stream: BinaryIO, size: int, limits: Limits) -> Dataset:
    part10 = open_part10(stream, size, limits)
    found = map_data_set(part10.stream, part10.start, part10.end, part10.encoding, limits).elements
    wanted = [(tag, span) for tag, span in sorted(found.items()) if _is_copied(Tag(tag)) or tag in _OF_THE_IMAGE]
    raw = io.BytesIO()
    for tag, span in wanted:
        if span.end - span.start > _CAP:
            if tag in _OF_THE_IMAGE:
                continue
            raise _too_large(span.end - span.start)
        part10.stream.seek(span.start)
        raw.write(part10.stream.read(span.end - span.start))
    raw.seek(0)
    try:
        return read_dataset(raw, *part10.encoding)
    except Exception as problem:
        raise DicomError(
            "The attributes of an image follow the DICOM standard",
            found="elements that cannot be parsed",
            remedy="Export the image again",
        ) from problem


def copy_patient_and_study(source: Dataset, target: Dataset) -> None:
    """Give a result the patient and study attributes of its source, each value byte for byte.

    Raises
    ------
    InputTooLarge
        If an attribute is larger than any sound one.
    """
    for tag in _copied_tags(source):
        element = source.get_item(tag)
        if isinstance(element, RawDataElement) and (vr := _text_vr(element)):
            value = element.value or b""
            if len(value) >= _CAP:
                raise _too_large(len(value))
            target[tag] = element._replace(VR=vr, length=len(value), is_implicit_VR=False, is_little_endian=True)
        else:
            target[tag] = deepcopy(source[tag])


def content_date(source: Dataset) -> tuple[str, str]:
    """Date and time of a result's content: those of the source's content, else of its acquisition, series or study."""
    for date, time in _DATED_BY:
        said = str(source.get(date, "") or "").strip()
        day, moment = (said[:8], said[8:].split("+")[0].split("-")[0]) if not time else (said, "")
        if time:
            moment = str(source.get(time, "") or "").strip()
        if _is_date(day):
            return day, moment if _is_time(moment) else NO_DATE[1]
    return NO_DATE


def _copied_tags(source: Dataset) -> Iterable[BaseTag]:
    return [tag for tag in source.keys() if _is_copied(tag)]  # noqa: SIM118 - iterating a data set parses it


def _is_copied(tag: BaseTag) -> bool:
    in_group = tag.group in (_PATIENT_GROUP, _TRIAL_GROUP) and tag.element >= _FIRST_ELEMENT
    return (in_group and tag not in _OF_THE_SERIES) or tag in _STUDY


def _text_vr(element: RawDataElement) -> str | None:
    """The VR of an element whose bytes are the same in every encoding; None if they are not."""
    vr = element.VR
    if vr in (None, "UN"):
        try:
            vr = dictionary_VR(element.tag)
        except KeyError:
            return None
    return vr if vr in _TEXT_VRS else None


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return False
    return re.fullmatch(r"\d{8}", text) is not None


def _is_time(text: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", text) is not None


def _too_large(size: int) -> InputTooLarge:
    return InputTooLarge(
        f"A patient or study attribute takes fewer than {_CAP} bytes",
        found=f"{size}",
        remedy="Export the image again: this file is damaged, or made to do harm",
    )
