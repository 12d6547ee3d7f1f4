"""Why there is no grade: the typed reasons, in the order in which they are met, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NotAssessed", "NotAssessedReason"]


class NotAssessedReason(StrEnum):
    """Why there is no grade, the reasons that concern the whole frame first."""

    NO_GRADER = "no_grader"
    """The bundle has no grader for the task."""

    OTHER_LABELS = "other_labels"
    """The grader gives a site's own labels, which are no grades."""

    NON_STANDARD_PLANE = "non_standard_plane"
    """The frame is probably not a standard mid-sagittal plane of the head."""

    UNDECIDED_PLANE = "undecided_plane"
    """Neither a standard nor a non-standard plane can be recognised."""

    NOT_VISIBLE = "not_visible"
    """The program does not see the structure, which does not mean that it is absent."""

    NO_NORM = "no_norm"
    """The grader was made from changes of known size, and nobody has published a norm of this structure."""

    NO_SPREAD = "no_spread"
    """The same, where a norm is published whose spread is not."""

    NO_LABELS = "no_labels"
    """The grader had no labels of this structure."""

    CHANCE = "chance"
    """The grader was not better than chance on test rows of this structure, or had too few to tell."""

    UNKNOWN_CATEGORY = "unknown_category"
    """The grader was trained without this structure, or without another of its words."""

    MISSING_FEATURES = "missing_features"
    """Too many of the features that the grader uses have no value."""

    NO_GRADE_FITS = "no_grade_fits"
    """The conformal set is empty: the structure looks like none of the classes."""


_WORDS = {
    NotAssessedReason.NO_GRADER: "this bundle holds no grader",
    NotAssessedReason.OTHER_LABELS: "the labels of this bundle are not grades; use nonet evaluate labels",
    NotAssessedReason.NON_STANDARD_PLANE: "probably not a standard mid-sagittal plane",
    NotAssessedReason.UNDECIDED_PLANE: "it is undecided whether the plane is standard",
    NotAssessedReason.NOT_VISIBLE: "not seen by the program",
    NotAssessedReason.NO_NORM: "no published norm",
    NotAssessedReason.NO_SPREAD: "no published norm with a spread",
    NotAssessedReason.NO_LABELS: "no labels of this structure",
    NotAssessedReason.CHANCE: "the grader is not shown to be better than chance for this structure",
    NotAssessedReason.UNKNOWN_CATEGORY: "the grader was trained without this structure",
    NotAssessedReason.MISSING_FEATURES: "too many features have no value",
    NotAssessedReason.NO_GRADE_FITS: "no grade fits",
}


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A reason in place of a grade, with the figure behind it if there is one."""

    reason: NotAssessedReason
    detail: str = ""

    @property
    def words(self) -> str:
        """The reason as a reading gives it."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"not assessed: {_WORDS[self.reason]}{detail}"
