"""A reading as DICOM: a structured report, a presentation state, a secondary capture; and the way back from a report.

highdicom is imported when the first object is made, not before.
"""

from __future__ import annotations

from nonet.outputs.dicom.identity import is_own
from nonet.outputs.dicom.presentation_state import presentation_state
from nonet.outputs.dicom.report import structured_report
from nonet.outputs.dicom.results import KINDS, results_of
from nonet.outputs.dicom.secondary_capture import secondary_capture

__all__ = [
    "KINDS",
    "is_own",
    "presentation_state",
    "results_of",
    "secondary_capture",
    "structured_report",
]
