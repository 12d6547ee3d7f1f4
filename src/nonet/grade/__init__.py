"""Features become grades: a network's probabilities, calibrated, with the classes that cannot be ruled out."""

from __future__ import annotations

from nonet.grade.feature_rows import FeatureRows
from nonet.grade.grader import Grader, Prediction
from nonet.grade.grader_spec import GraderSpec
from nonet.grade.not_assessed import NotAssessed, NotAssessedReason

__all__ = ["FeatureRows", "Grader", "GraderSpec", "NotAssessed", "NotAssessedReason", "Prediction"]
