"""A report that a person has signed: a verified successor that names the report it follows (PS3.3, section C.17.2)."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from copy import deepcopy
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from pydicom import dcmread
from pydicom.charset import convert_encodings, decode_bytes, default_encoding, encode_string
from pydicom.dataset import Dataset
from pydicom.uid import UID

from nonet.errors import DicomError, SettingsError
from nonet.frames.dicom.own_results import is_own
from nonet.outputs.dicom.identity import derived_uid

if TYPE_CHECKING:
    from collections.abc import MutableSequence
    from datetime import datetime

__all__ = ["verified_successor"]

_LONGEST_NAME = 64
_OFFSET = re.compile(r"([+-])(0\d|1[0-4])([0-5]\d)")
_NO_LETTERS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's categories of what is no letter: control and format characters, ends of lines, and what has no meaning."""


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
        When the person signed. If it has a zone, the content's date and time are in the report's offset from UTC
        where that names one (PS3.3, section C.12.1.1.8); without a zone it counts as local to the report.

    Returns
    -------
    A data set with file meta information. The same arguments give the same bytes.

    Raises
    ------
    DicomError
        If the data set is not a preliminary report of Nonet.
    SettingsError
        If nobody, or no organization, is named, or a name holds what the report's character set does not.
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
    local = _in_offset_of(report, verified_at)
    successor.ContentDate, successor.ContentTime = local.strftime("%Y%m%d"), local.strftime("%H%M%S")
    successor.PreliminaryFlag, successor.VerificationFlag = "FINAL", "VERIFIED"
    successor.VerifyingObserverSequence = [signer]
    successor.PredecessorDocumentsSequence = [_reference(report)]
    encoded = io.BytesIO()
    successor.save_as(encoded, enforce_file_format=True)
    encoded.seek(0)
    return dcmread(encoded)


def _in_offset_of(report: Dataset, at: datetime) -> datetime:
    """A moment in the offset that governs the dates and times of the report."""
    found = _OFFSET.fullmatch(str(report.get("TimezoneOffsetFromUTC", "") or "").strip())
    if found is None or at.tzinfo is None:
        return at
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return at.astimezone(timezone(offset if found[1] == "+" else -offset))


def _person(report: Dataset, name: str, organization: str, at: datetime) -> Dataset:
    if not name.strip(" ^=") or not organization.strip() or max(len(name), len(organization)) > _LONGEST_NAME:
        raise _unnamed("a name that is empty, or longer than that")
    if any(letter == "\\" or unicodedata.category(letter) in _NO_LETTERS for letter in name + organization):
        raise _unnamed("a backslash, or a control character")
    parts = [*re.split("[=^]", name), organization]
    if not all(_is_held(part, report.get("SpecificCharacterSet")) for part in parts):
        raise _unnamed("letters that the report's character set does not hold")
    signer = Dataset()
    signer.VerifyingObserverName = name
    signer.VerifyingOrganization = organization
    signer.VerificationDateTime = at.strftime("%Y%m%d%H%M%S%z")
    signer.VerifyingObserverIdentificationCodeSequence = []
    return signer


def _is_held(text: str, character_sets: MutableSequence[str] | str | None) -> bool:
    """Whether a report's character sets have each letter (PS3.3, section C.12.1.1.2).

    The default one is ASCII, where pydicom writes Latin letters too, without saying so: those count as not held.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            encodings = convert_encodings(character_sets)
            latin = default_encoding in encodings and any("\x80" <= letter <= "\xff" for letter in text)
            return not latin and decode_bytes(encode_string(text, encodings), encodings, set()) == text
        except (LookupError, UnicodeError, Warning):
            return False


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
