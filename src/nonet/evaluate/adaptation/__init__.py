"""A grader's threshold, calibration and conformal sets, set on a few labelled frames of another hospital."""

from __future__ import annotations

from nonet.evaluate.adaptation.adapted_bundle import write_adapted_bundle
from nonet.evaluate.adaptation.site_adaptation import Adaptation, adapt

__all__ = ["Adaptation", "adapt", "write_adapted_bundle"]
