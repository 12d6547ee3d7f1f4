"""Results go with the instance that was read: readings and source are held against each other first."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.errors import DicomError
from nonet.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from nonet.reading import Reading

__all__ = ["check_bytes", "check_readings", "has_instance"]

_UID = re.compile(r"(?=[0-9.]{1,64}(?![0-9.]))[0-9]+(\.[0-9]+)*")
_READ_AGAIN = "Read this instance again, and write its results from that"


def has_instance(reading: Reading) -> bool:
    """Whether a reading is of a DICOM instance that a result can refer to."""
    return bool(reading.source.sop_instance_uid and reading.source.sop_class_uid)


def check_readings(readings: Sequence[Reading], source: Dataset) -> None:
    """Raise unless the readings are of frames of this source, each once, by one bundle with one set of settings.

    Raises
    ------
    DicomError
        What was found instead.
    """
    if not readings:
        raise _mismatch("no reading")
    if not all(map(has_instance, readings)):
        raise _mismatch("a reading of a file without a SOP Instance UID")
    if {(one.source.sop_class_uid, one.source.sop_instance_uid) for one in readings} != {_instance(source)}:
        raise _mismatch("a reading of another instance")
    size = int(source.get("Columns", 0) or 0), int(source.get("Rows", 0) or 0)
    if {(one.image.width, one.image.height) for one in readings} != {size}:
        raise _mismatch(f"a reading of an image of another size than {size[0]} x {size[1]}")
    frames = [one.source.frame for one in readings]
    if len(set(frames)) != len(frames) or max(frames) >= max(int(source.get("NumberOfFrames", 1) or 1), 1):
        raise _mismatch("frames that the instance does not have, or one frame twice")
    if len({(one.bundle, one.settings) for one in readings}) > 1:
        raise _mismatch("readings by several bundles or with several settings")
    if not _UID.fullmatch(str(source.get("StudyInstanceUID", ""))):
        raise DicomError(
            "A result lies in the study of its source",
            found="a source without a Study Instance UID",
            remedy="Export the image again with its study",
        )


def check_bytes(readings: Sequence[Reading], source: Path | bytes | Dataset) -> None:
    """Raise if a file, or its bytes, are no longer those that were read; a data set has none.

    Raises
    ------
    DicomError
        If they have changed, or the readings are of several versions.
    """
    if isinstance(source, Path):
        found = sha256_of(source)
    elif isinstance(source, bytes):
        found = hashlib.sha256(source).hexdigest()
    else:
        return
    if {reading.source.file_sha256 for reading in readings} != {found}:
        raise DicomError(
            "A result is of the bytes that were read", found="a file that has changed since", remedy=_READ_AGAIN
        )


def _instance(source: Dataset) -> tuple[str, str]:
    return str(source.get("SOPClassUID", "")), str(source.get("SOPInstanceUID", ""))


def _mismatch(found: str) -> DicomError:
    return DicomError("The readings of a result are those of its source's frames", found=found, remedy=_READ_AGAIN)
