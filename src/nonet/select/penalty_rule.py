"""The rules by which the LASSO takes its penalty."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["PenaltyRule"]


class PenaltyRule(StrEnum):
    """Which penalty of a path is taken."""

    ONE_STANDARD_ERROR = "one_standard_error"
    """The largest within one standard error of the best (Breiman et al. 1984, section 3.4.3)."""
    MINIMUM = "minimum"
    """The best."""
    NONE = "none"
    """No LASSO: every stable feature that is not redundant is chosen."""
