"""``nonet read --save sr,gsps,sc``: which files there are, what is said, and that nothing is written twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
from source_instances import EXAMPLES

from nonet.errors import SettingsError
from nonet.outputs.dicom import readings_from_report
from nonet.outputs.registry import make_outputs

pytestmark = pytest.mark.slow


def read(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nonet", "read", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def study(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(EXAMPLES / "fir-still.dcm", folder)
    shutil.copy(EXAMPLES / "birch-cine.dcm", folder)
    shutil.copy(EXAMPLES.parent / "alder-right.png", folder)
    return folder


def stamps(out: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in out.rglob("*.dcm")}


def test_results_lie_beside_the_json_and_stay(tmp_path: Path) -> None:
    files, out = study(tmp_path / "study"), tmp_path / "out"
    run = read(files, "-o", out, "--save", "sr,gsps,sc")
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in out.rglob("*.dcm")) == [
        *(f"birch-cine.dcm.frame-000{frame}.sc.dcm" for frame in range(5)),
        "birch-cine.dcm.gsps.dcm",
        "birch-cine.dcm.sr.dcm",
        "fir-still.dcm.gsps.dcm",
        "fir-still.dcm.sc.dcm",
        "fir-still.dcm.sr.dcm",
    ]
    assert len(list(out.rglob("*.json"))) == 9
    assert run.stderr.count("alder-right.png: no sr, gsps, sc: not a DICOM instance") == 1
    report = pydicom.dcmread(out / "study" / "birch-cine.dcm.sr.dcm")
    documents = [json.loads(path.read_text()) for path in sorted((out / "study").glob("birch-cine.dcm.frame-*.json"))]
    back = readings_from_report(report)
    assert [one.to_dict()["findings"] for one in back] == [one["findings"] for one in documents]

    before = stamps(out)
    again = read(files, "-o", out, "--save", "sr,gsps,sc")
    assert (again.returncode, again.stdout) == (0, run.stdout)
    assert stamps(out) == before, "finished files are not written again"
    assert "no sr, gsps, sc" in again.stderr

    (out / "study" / "fir-still.dcm.sr.dcm").unlink()
    assert read(files, "-o", out, "--save", "sr").returncode == 0
    after = stamps(out)
    assert after.keys() == before.keys()
    assert after["birch-cine.dcm.sr.dcm"] == before["birch-cine.dcm.sr.dcm"]


def test_workers_write_the_same_and_a_damaged_file_does_not_stop_the_others(tmp_path: Path) -> None:
    files, out = tmp_path / "study", tmp_path / "out"
    files.mkdir()
    shutil.copy(EXAMPLES / "fir-still.dcm", files)
    whole = (files / "fir-still.dcm").read_bytes()
    (files / "broken.dcm").write_bytes(whole[:2000])
    nameless = pydicom.dcmread(files / "fir-still.dcm")
    nameless.SOPInstanceUID = ""
    nameless.save_as(files / "nameless.dcm", enforce_file_format=False)
    large = pydicom.dcmread(files / "fir-still.dcm")
    large.add_new("PatientComments", "UT", "x" * 70_000)
    large.save_as(files / "large.dcm")
    run = read(files, "-o", out, "--save", "sr", "--workers", "2")
    assert run.returncode == 1
    assert "broken.dcm" in run.stderr
    assert "fewer than 65536 bytes. Found: 70012" in run.stderr
    assert (out / "study" / "large.dcm.json").is_file(), "the reading is kept"
    assert "nameless.dcm: no sr: not a DICOM instance" in run.stderr
    assert sorted(stamps(out)) == ["fir-still.dcm.sr.dcm"]
    assert "Simulated" not in run.stderr + run.stdout, "no patient's name"


def test_an_unknown_form_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        make_outputs("sr,pdf", tmp_path)
    assert "sr, gsps, sc" in refused.value.rule
