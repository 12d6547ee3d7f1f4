"""A reading as DICOM: a structured report, a presentation state, a secondary capture; and the way back from a report.

Each name is loaded when it is first asked for, pydicom and highdicom with it: a read without DICOM results needs
neither.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nonet.outputs.dicom.capture import secondary_capture
    from nonet.outputs.dicom.from_report import readings_from_report
    from nonet.outputs.dicom.identity import is_own
    from nonet.outputs.dicom.report import structured_report
    from nonet.outputs.dicom.results import KINDS, results_of
    from nonet.outputs.dicom.softcopy import presentation_state
    from nonet.outputs.dicom.verify import verified_successor

__all__ = [
    "KINDS",
    "is_own",
    "presentation_state",
    "readings_from_report",
    "results_of",
    "secondary_capture",
    "structured_report",
    "verified_successor",
]

_HOME = {
    "KINDS": "results",
    "is_own": "identity",
    "presentation_state": "softcopy",
    "readings_from_report": "from_report",
    "results_of": "results",
    "secondary_capture": "capture",
    "structured_report": "report",
    "verified_successor": "verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
