"""The outputs that write DICOM take no header but that of the bytes that were read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from source_instances import Instance

from nonet.errors import DicomError
from nonet.outputs.frame_result import FrameResult
from nonet.outputs.output import Output
from nonet.outputs.registry import make_outputs


def write(output: Output, path: Path, instance: Instance) -> None:
    for number, (frame, reading) in enumerate(instance.pairs):
        source = replace(frame.source, path=path)
        output.write_frame(f"x.frame-{number:04d}", FrameResult(replace(frame, source=source), reading))
    output.write_source("x", path, instance.readings)


@pytest.mark.parametrize("kind", ["sr", "gsps", "sc"])
def test_a_file_that_was_replaced_while_it_was_read_gets_no_result(kind: str, still: Instance, tmp_path: Path) -> None:
    (output,) = make_outputs(kind, tmp_path / "out")
    path = tmp_path / "x.dcm"
    path.write_bytes(still.path.read_bytes())
    write(output, path, still)
    (written,) = (tmp_path / "out").iterdir()
    written.unlink()
    other = pydicom.dcmread(still.path)
    other.PatientName = "Somebody^Else"
    other.save_as(path)
    with pytest.raises(DicomError, match="changed since"):
        write(output, path, still)
    assert not list((tmp_path / "out").iterdir())
