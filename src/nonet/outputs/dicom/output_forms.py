"""The outputs ``sr``, ``gsps`` and ``sc``: results of an instance as DICOM files beside the JSON of its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.files import replacing_bytes
from nonet.outputs.output import Output
from nonet.outputs.pixel_output import PixelOutput
from nonet.outputs.records import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

    from nonet.frame import Source
    from nonet.outputs.frame_result import FrameResult
    from nonet.outputs.records import Stamp
    from nonet.reading import Reading

__all__ = ["CaptureOutput", "PresentationStateOutput", "ReportOutput"]

_NO_INSTANCE = "not a DICOM instance with a SOP Instance UID, in a study"


class _DicomOutput(Output):
    def declines(self, source: Source) -> str | None:
        """Say that a source has no instance, or no study, for a result to belong to."""
        named = source.sop_instance_uid and source.sop_class_uid and source.study_instance_uid
        return None if named else _NO_INSTANCE


class ReportOutput(_DicomOutput):
    """Writes ``NAME.sr.dcm``, a structured report, for each instance."""

    name = "sr"

    def source_files_of(self, name: str) -> Sequence[Path]:
        """The report."""
        return (self.folder / f"{name}.sr.dcm",)

    def write_source(self, name: str, path: Path, readings: Sequence[Reading]) -> None:
        """Write the report of all frames."""
        from nonet.outputs.dicom.report import structured_report

        _save(structured_report(readings, _header(path, readings)), *self.source_files_of(name))


class PresentationStateOutput(_DicomOutput):
    """Writes ``NAME.gsps.dcm``, a softcopy presentation state, for each instance."""

    name = "gsps"

    def source_files_of(self, name: str) -> Sequence[Path]:
        """The presentation state."""
        return (self.folder / f"{name}.gsps.dcm",)

    def write_source(self, name: str, path: Path, readings: Sequence[Reading]) -> None:
        """Write the graphics of all frames."""
        from nonet.outputs.dicom.softcopy import presentation_state

        _save(presentation_state(readings, _header(path, readings)), *self.source_files_of(name))


class CaptureOutput(_DicomOutput, PixelOutput):
    """Writes ``NAME.sc.dcm``, a secondary capture, for each frame."""

    name = "sc"
    _checked: tuple[tuple[Path, Stamp | None, str], Dataset] | None = None

    def files_of(self, name: str) -> Sequence[Path]:
        """The capture."""
        return (self.folder / f"{name}.sc.dcm",)

    def write_pixels(self, name: str, result: FrameResult) -> None:
        """Write the picture of a frame."""
        from nonet.outputs.dicom.capture import capture_of

        path = result.frame.source.path
        assert path is not None
        _save(capture_of(result, self._header_of(path, result.reading), self.burnt_in), *self.files_of(name))

    def _header_of(self, path: Path, reading: Reading) -> Dataset:
        """The header, checked once for all frames of a file that stays as it is."""
        key = path, stamp_of(path), reading.source.file_sha256
        if self._checked is None or self._checked[0] != key:
            self._checked = key, _header(path, [reading])
        return self._checked[1]


def _header(path: Path, readings: Sequence[Reading]) -> Dataset:
    """The header of a source whose bytes are those that were read."""
    from nonet.outputs.dicom.checked import check_bytes
    from nonet.outputs.dicom.source import header_of

    header = header_of(path)
    check_bytes(readings, path)
    return header


def _save(dataset: Dataset, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing_bytes(target) as file:
        dataset.save_as(file, enforce_file_format=True)
