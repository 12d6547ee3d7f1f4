"""The kinds of grader that a bundle may hold."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["GraderKind"]


class GraderKind(StrEnum):
    """A kind of grader; it is the ``family`` of a grader's manifest."""

    TAB_TRANSFORMER = "tab_transformer"
    LOGISTIC_REGRESSION = "logistic_regression"
    BOOSTING = "boosting"
