"""The one rule by which images are grouped: those of a patient belong together, and else those of the same pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonet.datasets.data_set import ImageRow

__all__ = ["group_of", "patient_of"]


def patient_of(image: ImageRow) -> str | None:
    """The patient of an image, or None where the data set does not say."""
    return None if image.patient is None else f"patient {image.centre or ''} {image.patient}"


def group_of(image: ImageRow, pixels_sha256: str) -> str:
    """What is never split over folds, and is resampled together: the patient where known, or else the frame."""
    return patient_of(image) or pixels_sha256
