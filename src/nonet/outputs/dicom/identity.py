"""What makes a DICOM result known: its derived UIDs, and whose work it is.

A UID is a UUID (PS3.5, section B.2) made from a SHA-256 of the source's UID and of how it was read, so that a repeated
read is the same object. The source's pixels are not in it: two images that wrongly share a UID share their results'.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING

from nonet import __version__
from nonet.frames.dicom.own_results import is_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from nonet.reading import Reading

__all__ = [
    "CONTENT_LABEL",
    "algorithm_parameters",
    "derived_uid",
    "instance_uid",
    "is_own",
    "series_uid",
    "tracking_uid",
]

CONTENT_LABEL = "NONET"

_FORM = "urn:nonet:dicom:2"
"""What the objects hold and where; raised when that changes, so that one reading in two forms has two UIDs."""


def derived_uid(*parts: str) -> str:
    """A UID that depends on the given texts alone."""
    digest = hashlib.sha256(json.dumps([_FORM, __version__, *parts]).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def instance_uid(kind: str, readings: Sequence[Reading], *form: str) -> str:
    """SOP Instance UID of a result: from the source's, its frames, bundle and settings, and words for another form."""
    frames = ",".join(str(reading.source.frame) for reading in readings)
    own = readings[0].source.sop_instance_uid, frames, *algorithm_parameters(readings[0])
    return derived_uid("instance", kind, *own, *form)


def series_uid(kind: str, source: Dataset, reading: Reading) -> str:
    """Series Instance UID of the results of one kind that belong to the same source series."""
    own = str(source.StudyInstanceUID), str(source.get("SeriesInstanceUID", ""))
    return derived_uid("series", kind, *own, *algorithm_parameters(reading))


def tracking_uid(reading: Reading, what: str) -> str:
    """Tracking UID of a structure in a frame, as one bundle saw it."""
    image = reading.source.sop_instance_uid, str(reading.source.frame)
    return derived_uid("tracking", *image, what, reading.bundle.sha256)


def algorithm_parameters(reading: Reading) -> tuple[str, ...]:
    """The parameters of the algorithm identification: the bundle, the settings, the program."""
    settings = json.dumps(reading.to_dict()["settings"], sort_keys=True)
    bundle = reading.bundle
    return (
        f"bundle {bundle.name} {bundle.version}",
        f"bundle sha256 {bundle.sha256}",
        f"settings {settings}",
        f"nonet {__version__}",
    )
