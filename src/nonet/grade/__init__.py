"""Numbers become grades: a network's probabilities, calibrated, with the classes that cannot be ruled out."""

from __future__ import annotations

from nonet.grade.feature_rows import FeatureRows
from nonet.grade.grader import Graded, Grader
from nonet.grade.grader_spec import GraderSpec
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason, Scope

__all__ = ["FeatureRows", "Graded", "Grader", "GraderSpec", "NotAssessed", "NotAssessedReason", "Scope"]
