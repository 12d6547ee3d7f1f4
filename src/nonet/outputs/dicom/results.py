"""All results of one instance at once: what the node, a watch folder and a router ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import SettingsError
from nonet.outputs.dicom.capture import secondary_capture
from nonet.outputs.dicom.checked import check_bytes, check_readings
from nonet.outputs.dicom.report import structured_report
from nonet.outputs.dicom.softcopy import presentation_state
from nonet.outputs.dicom.source import header_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

    from nonet.frame import Frame
    from nonet.reading import Reading

__all__ = ["KINDS", "results_of"]

KINDS = ("sr", "gsps", "sc")


def results_of(
    source: Path | bytes | Dataset, pairs: Sequence[tuple[Frame, Reading]], kinds: Sequence[str] = ("sr", "gsps")
) -> list[Dataset]:
    """The results of one instance: a report, a presentation state, and a capture for each frame.

    Parameters
    ----------
    source
        The instance: its file, its bytes, or a data set (whose pixels are not needed).
    pairs
        Its frames with their readings, as `Reader.read_source` gives them.
    kinds
        Among ``"sr"``, ``"gsps"`` and ``"sc"``; the results come in this order.

    Returns
    -------
    Data sets with file meta information, ready to be saved or sent. The same input gives the same bytes.

    Raises
    ------
    DicomError
        If the readings are not of this source.
    FrameError
        If the source cannot be read.
    SettingsError
        If a kind is unknown.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise SettingsError(
            f"DICOM results are among {', '.join(KINDS)}",
            found=", ".join(map(repr, unknown)),
            remedy="Leave it out",
        )
    readings = [reading for _, reading in pairs]
    own = header_of(source)
    check_readings(readings, own)
    check_bytes(readings, source)
    results = [structured_report(readings, own)] if "sr" in kinds else []
    results += [presentation_state(readings, own)] if "gsps" in kinds else []
    return results + [secondary_capture(reading, frame, own) for frame, reading in pairs if "sc" in kinds]
