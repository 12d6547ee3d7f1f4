"""Images that a data set or a study does not use, and why: an enum with data, never a sentence to parse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Excluded", "ExclusionReason"]


class ExclusionReason(StrEnum):
    """Why an image is not used."""

    REPEATED = "it repeats another"
    """Its pixels are those of an image that is used."""
    PUBLISHED_TWICE = "it is also in another published set"
    UNREADABLE = "it cannot be read"
    NO_PLANE = "no folder says which plane it is"
    NO_BOXES = "no boxes, or not a standard plane"
    NO_LABEL = "no label"
    NOT_GRADED = "the bundle grades none of its labelled structures"
    NO_FEATURES = "its features could not be computed"


@dataclass(frozen=True, slots=True)
class Excluded:
    """An image that is not used.

    Parameters
    ----------
    image
        Its name.
    reason
        Why.
    detail
        What was found, such as the image that it repeats; empty if the reason says it all.
    split
        The part of the data set that it is in; empty where that is not known.
    """

    image: str
    reason: ExclusionReason
    detail: str = ""
    split: str = ""

    def to_json(self) -> dict[str, str]:
        """The image, and the reason with its detail as text."""
        return {
            "image": self.image,
            "reason": f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value,
        }
