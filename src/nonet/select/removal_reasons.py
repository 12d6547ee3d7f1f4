"""Why a feature left: the typed reasons of the three filters, in the order in which they are met."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RemovalReason"]


class RemovalReason(StrEnum):
    """A reason to leave a feature out."""

    MISSING = "missing"
    """Too many rows, or too many of the repeatedly rated subjects, have no value of it."""

    CONSTANT = "constant"
    """It has one value, up to rounding."""

    FEW_SUBJECTS = "few_subjects"
    """Too few subjects were rated by every rater for an agreement to mean anything."""

    UNSTABLE = "unstable"
    """Repeated ratings agree less than the threshold."""

    REDUNDANT = "redundant"
    """It goes with a feature that was kept before it."""

    NOT_CHOSEN = "not_chosen"
    """The LASSO gives it no weight for any class."""
