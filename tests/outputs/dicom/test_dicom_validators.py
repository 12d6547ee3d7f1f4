"""What others say of the objects: dicom3tools, dcmtk."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from source_instances import Instance, needs

from nonet.outputs.dicom import presentation_state, readings_from_report, verified_successor

KINDS = ["sr", "gsps", "sc"]


def said(*command: str | Path) -> str:
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, errors="replace")
    return run.stdout + run.stderr


@needs("dciodvfy")
@pytest.mark.parametrize("kind", KINDS)
def test_dciodvfy_finds_no_error(objects: dict[str, Path], kind: str) -> None:
    lines = said("dciodvfy", objects[kind]).splitlines()
    assert lines
    assert [line for line in lines if line.startswith("Error")] == []


@needs("dciodvfy")
def test_dciodvfy_finds_no_error_in_a_verified_report(objects: dict[str, Path], tmp_path: Path) -> None:
    report = pydicom.dcmread(objects["sr"])
    verified_successor(report, "Meier^Anna", "Clinic", datetime(2026, 1, 2, tzinfo=UTC)).save_as(tmp_path / "v.dcm")
    assert "Error" not in said("dciodvfy", tmp_path / "v.dcm")


@needs("dciodvfy")
def test_dciodvfy_can_fail(objects: dict[str, Path], tmp_path: Path) -> None:
    report = pydicom.dcmread(objects["sr"])
    del report.VerificationFlag
    report.save_as(tmp_path / "broken.dcm")
    assert "Error" in said("dciodvfy", tmp_path / "broken.dcm")


@needs("dsrdump")
def test_dsrdump_reads_every_finding(objects: dict[str, Path], any_instance: Instance) -> None:
    run = subprocess.run(["dsrdump", "+Pl", objects["sr"]], capture_output=True, check=False)
    text = run.stdout.decode(errors="replace")
    assert run.returncode == 0
    assert "Verification Flag   : UNVERIFIED" in text
    visible = sum(finding.visible for one in any_instance.readings for finding in one.findings)
    assert text.count('SCOORD:(,,"Image Region")=(POLYLINE') == visible
    assert text.count('(75958009,SCT,"Bounded by")') == visible


@needs("dcmp2pgm")
def test_dcmp2pgm_draws_the_boxes_and_leaves_the_pixels(still: Instance, cine: Instance, tmp_path: Path) -> None:
    """dcmtk's own renderer, with and without the state: what changes lies on the lines and texts, nothing else."""
    for instance, frame in ((still, 1), (cine, 3)):
        state = tmp_path / "state.dcm"
        presentation_state(instance.readings, instance.header).save_as(state)
        plain = tmp_path / "plain.dcm"
        source = pydicom.dcmread(instance.path)
        source.decompress(generate_instance_uid=False) if source.file_meta.TransferSyntaxUID.is_compressed else None
        source.save_as(plain)
        output = said("dcmp2pgm", "-p", state, "-f", str(frame), plain, tmp_path / "shown.pgm")
        assert (tmp_path / "shown.pgm").is_file(), output
        shown = np.asarray(Image.open(tmp_path / "shown.pgm")).astype(int)
        assert shown.shape == (instance.header.Rows, instance.header.Columns)
        stored = instance.pairs[frame - 1][0].pixels.astype(int)
        assert abs(shown - stored).max() <= 1, "no window, no inversion, no crop"


def test_dcmp2pgm_could_fail(still: Instance) -> None:
    stored = still.pairs[0][0].pixels.astype(int)
    assert abs(np.clip(stored * 2, 0, 255) - stored).max() > 1, "a window would show"


@needs("dcmpschk")
def test_dcmpschk_accepts_the_state(still: Instance, tmp_path: Path) -> None:
    presentation_state(still.readings, still.header).save_as(tmp_path / "state.dcm")
    output = said("dcmpschk", tmp_path / "state.dcm")
    assert "Test passed" in output
    assert "Test failed" not in output


def test_a_saved_report_reads_back(objects: dict[str, Path], any_instance: Instance) -> None:
    back = readings_from_report(pydicom.dcmread(objects["sr"]))
    assert [one.findings for one in back] == [one.findings for one in any_instance.readings]
