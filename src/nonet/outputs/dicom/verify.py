"""A report that a person has signed: a verified successor that names the report it follows (PS3.3, section C.17.2)."""

from __future__ import annotations

import io
from copy import deepcopy
from typing import TYPE_CHECKING

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from nonet.errors import DicomError, SettingsError
from nonet.outputs.dicom.identity import derived_uid, is_own

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["verified_successor"]

_LONGEST_NAME = 64


def verified_successor(report: Dataset, reader_name: str, organization: str, verified_at: datetime) -> Dataset:
    """The report as a new instance, final and verified by a named person; the report itself stays as it is.

    Parameters
    ----------
    report
        A preliminary report of Nonet.
    reader_name
        The person who signs, as DICOM writes names: ``Family^Given``.
    organization
        For which the person signs.
    verified_at
        When the person signed; its zone is kept if it has one.

    Returns
    -------
    A data set with file meta information. The same arguments give the same bytes.

    Raises
    ------
    DicomError
        If the data set is not a preliminary report of Nonet.
    SettingsError
        If nobody, or no organization, is named.
    """
    if not is_own(report) or report.get("Modality") != "SR" or report.get("VerificationFlag") != "UNVERIFIED":
        raise DicomError(
            "Verified is a preliminary report of Nonet",
            found="another document, or one that is verified already",
            remedy="Take the report that Nonet wrote",
        )
    signer = _person(report, reader_name, organization, verified_at)
    successor = deepcopy(report)
    uid = derived_uid("verified", str(report.SOPInstanceUID), reader_name, organization, verified_at.isoformat())
    successor.SOPInstanceUID = successor.file_meta.MediaStorageSOPInstanceUID = UID(uid)
    successor.ContentDate, successor.ContentTime = verified_at.strftime("%Y%m%d"), verified_at.strftime("%H%M%S")
    successor.PreliminaryFlag, successor.VerificationFlag = "FINAL", "VERIFIED"
    successor.VerifyingObserverSequence = [signer]
    successor.PredecessorDocumentsSequence = [_reference(report)]
    encoded = io.BytesIO()
    successor.save_as(encoded, enforce_file_format=True)
    encoded.seek(0)
    return dcmread(encoded)


def _person(report: Dataset, name: str, organization: str, at: datetime) -> Dataset:
    try:
        (name + organization).encode("ascii" if not report.get("SpecificCharacterSet") else "utf-8")
    except UnicodeEncodeError as problem:
        raise _unnamed("letters that the report's character set does not hold") from problem
    if not name.strip(" ^=") or not organization.strip() or max(len(name), len(organization)) > _LONGEST_NAME:
        raise _unnamed("a name that is empty, or longer than that")
    signer = Dataset()
    signer.VerifyingObserverName = name
    signer.VerifyingOrganization = organization
    signer.VerificationDateTime = at.strftime("%Y%m%d%H%M%S%z")
    signer.VerifyingObserverIdentificationCodeSequence = []
    return signer


def _unnamed(found: str) -> SettingsError:
    return SettingsError(
        f"A report is verified by a named person for a named organization, each of 1 to {_LONGEST_NAME} letters",
        found=found,
        remedy="Give the name as Family^Given",
    )


def _reference(report: Dataset) -> Dataset:
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = report.SOPClassUID, report.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedSOPSequence = report.SeriesInstanceUID, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = report.StudyInstanceUID, [series]
    return study
