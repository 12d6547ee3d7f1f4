"""What the node takes and sends: SOP classes, transfer syntaxes and statuses, as the standard names them."""

from __future__ import annotations

from enum import IntEnum

from nonet.frames.dicom.part10 import DEFLATED, EXPLICIT_BIG_ENDIAN, EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN
from nonet.frames.dicom.stored_samples import COMPRESSED
from nonet.serve.node.config import ResultKind

__all__ = ["IMAGES", "IMAGE_SYNTAXES", "RESULTS", "RESULT_SYNTAXES", "STATUS_MEANINGS", "VERIFICATION", "Status"]

VERIFICATION = "1.2.840.10008.1.1"
"""C-ECHO (PS3.4, annex A)."""

IMAGES = {
    "1.2.840.10008.5.1.4.1.1.6.1": "Ultrasound Image Storage",
    "1.2.840.10008.5.1.4.1.1.3.1": "Ultrasound Multi-frame Image Storage",
}
"""What is read, with its name (PS3.4, table B.5-1)."""

RESULTS = {
    "1.2.840.10008.5.1.4.1.1.88.33": (ResultKind.SR, "Comprehensive SR Storage"),
    "1.2.840.10008.5.1.4.1.1.11.1": (ResultKind.GSPS, "Grayscale Softcopy Presentation State Storage"),
    "1.2.840.10008.5.1.4.1.1.11.2": (ResultKind.GSPS, "Color Softcopy Presentation State Storage"),
    "1.2.840.10008.5.1.4.1.1.7": (ResultKind.SC, "Secondary Capture Image Storage"),
}
"""What is sent. A result that comes back is taken and dropped, so that a study which is sent whole does not fail."""

RESULT_SYNTAXES = (EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN)
"""Transfer syntaxes of results."""

IMAGE_SYNTAXES = (
    EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN, *COMPRESSED,
)  # fmt: skip
"""Transfer syntaxes of images: those that `nonet.frames` decodes."""


class Status(IntEnum):
    """Statuses that a C-STORE is answered with (PS3.4, table B.2-1; PS3.7, annex C)."""

    SUCCESS = 0x0000
    DUPLICATE_SOP_INSTANCE = 0x0111
    INVALID_SOP_INSTANCE = 0x0117
    OUT_OF_RESOURCES = 0xA700


STATUS_MEANINGS = {
    Status.SUCCESS: "the instance is on disk and in the queue, or has been before with the same bytes",
    Status.DUPLICATE_SOP_INSTANCE: "other bytes have come under this SOP Instance UID before; the first count",
    Status.INVALID_SOP_INSTANCE: "the SOP Instance UID is no UID",
    Status.OUT_OF_RESOURCES: "no room (storage_bytes, free_bytes), or the disk refuses; send again later",
}
"""When each status is given."""
