"""What ``nonet read`` says on stderr when all is read, wherever the results are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nonet.errors import Failure

__all__ = ["NO_IMAGE", "report_drift", "report_failures"]

NO_IMAGE = "nonet: no image to read. Expected images or DICOM; try nonet check on the folder.\n"


def report_drift(far: Sequence[float]) -> None:
    """Say that the frames lie too far from those that the grader was made from, if they do."""
    from nonet.grade.drift import drift_of

    drift = drift_of(far)
    if drift and drift.drifted:
        sys.stderr.write(f"nonet: {drift.words}\n")


def report_failures(failures: Sequence[Failure]) -> None:
    """Say of each file that could not be read why."""
    from nonet.outputs.phrases import printable

    for failure in failures:
        sys.stderr.write(f"nonet: {printable(str(failure.error))}\n")
