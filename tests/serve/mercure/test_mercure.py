"""``nonet node mercure``: the real command, in folders laid out as mercure lays them out."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
import typer

from nonet.bundle import Bundle
from nonet.cli.node_mercure import mercure
from nonet.errors import SettingsError
from nonet.frame import Frame
from nonet.reader import Reader
from nonet.reading import Reading
from nonet.serve.mercure.module import run_module
from nonet.serve.mercure.task import ModuleSettings, load_settings

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples/dicom"
REPORT, STATE = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.11.1"


def task(**settings: object) -> dict[str, object]:
    """A task as mercure writes it, with a patient's name in it."""
    info = {"action": "process", "uid": "1.2", "uid_type": "series", "patient_name": "CANARY^NAME", "mrn": "CANARYID"}
    return {"id": "b2", "info": info, "dispatch": {}, "process": {"module_name": "nonet", "settings": settings}}


class Folders:
    def __init__(self, place: Path) -> None:
        self.source, self.target = place / "in", place / "out"
        self.source.mkdir()
        self.target.mkdir()

    def put(self, path: Path) -> Path:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        return Path(shutil.copy(path, self.source / f"{header.SeriesInstanceUID}#{header.SOPInstanceUID}.dcm"))

    def run(self, content: object = None) -> subprocess.CompletedProcess[str]:
        if content is not None:
            (self.source / "task.json").write_text(content if isinstance(content, str) else json.dumps(content))
        environment = {**os.environ, "MERCURE_IN_DIR": str(self.source), "MERCURE_OUT_DIR": str(self.target)}
        command = [sys.executable, "-m", "nonet", "node", "mercure"]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert "CANARY" not in run.stdout + run.stderr
        assert "Traceback" not in run.stderr
        return run

    def results(self) -> list[pydicom.Dataset]:
        return [pydicom.dcmread(path) for path in sorted(self.target.glob("*.dcm"))]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@pytest.mark.slow
def test_results_go_out_as_dicom_and_own_ones_that_come_back_are_passed_over(
    folders: Folders, short_cine: Path
) -> None:
    sources = [folders.put(EXAMPLES / "fir-still.dcm"), folders.put(short_cine)]
    assert folders.run(task()).returncode == 0
    results = folders.results()
    assert sorted(result.SOPClassUID for result in results) == [STATE, STATE, REPORT, REPORT]
    studies = {pydicom.dcmread(path).StudyInstanceUID for path in sources}
    assert {result.StudyInstanceUID for result in results} == studies
    for path, result in zip(sorted(folders.target.glob("*.dcm")), results, strict=True):
        assert path.name == f"{result.SeriesInstanceUID}#{result.SOPInstanceUID}.dcm"
    document = json.loads((folders.target / "result.json").read_bytes())
    assert len({reading["source"]["sop_instance_uid"] for reading in document["readings"]}) == len(sources)
    assert document["failures"] == []

    before = {path.name: path.read_bytes() for path in folders.target.glob("*.dcm")}
    for path in folders.target.glob("*.dcm"):
        path.rename(folders.source / path.name)
    assert "4 of Nonet's own passed over" in folders.run().stderr
    assert {path.name: path.read_bytes() for path in folders.target.glob("*.dcm")} == before


@pytest.mark.slow
def test_a_bad_file_among_good_ones_is_a_failure_by_name(folders: Folders) -> None:
    good = folders.put(EXAMPLES / "fir-still.dcm")
    (folders.source / "1.2#1.3.dcm").write_bytes(good.read_bytes()[:3000])
    assert folders.run(task(accept_failures=False, save=["sr"])).returncode == 1
    assert [result.SOPClassUID for result in folders.results()] == [REPORT]
    (failure,) = json.loads((folders.target / "result.json").read_bytes())["failures"]
    assert failure["name"] == "1.2#1.3.dcm"


@pytest.mark.slow
def test_failures_are_accepted_where_the_task_says_so_but_never_of_all_images(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERCURE_IN_DIR", str(folders.source))
    monkeypatch.setenv("MERCURE_OUT_DIR", str(folders.target))
    (folders.source / "1.2#1.3.dcm").write_bytes(b"nothing")
    (folders.source / "task.json").write_text(json.dumps(task(accept_failures=True, save=["sr"])))
    with pytest.raises(typer.Exit) as ended:
        mercure()
    assert (ended.value.exit_code, folders.results()) == (1, [])
    folders.put(EXAMPLES / "fir-still.dcm")
    mercure()
    assert [result.SOPClassUID for result in folders.results()] == [REPORT]


class FaultyReader(Reader):
    """A reader with a fault that nobody foresaw, whose words hold what an image says."""

    fault: Exception = ZeroDivisionError("CANARY^NAME")

    def read_source(self, source: object) -> Iterator[tuple[Frame, Reading]]:  # type: ignore[override]
        if str(source).endswith("1.2#1.3.dcm"):
            raise self.fault
        return super().read_source(source)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_fault_of_the_program_is_a_failure_of_its_image(
    folders: Folders, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.put(EXAMPLES / "fir-still.dcm")
    shutil.copy(EXAMPLES / "fir-still.dcm", folders.source / "1.2#1.3.dcm")
    reader = FaultyReader(Bundle())
    run = run_module(reader, folders.source, folders.target, ["sr"])
    assert (run.read, [failure.name for failure in run.failures]) == (1, ["1.2#1.3.dcm"])
    assert "ZeroDivisionError" in run.failures[0].error.found
    assert "CANARY" not in capsys.readouterr().err + (folders.target / "result.json").read_text()
    monkeypatch.setattr(FaultyReader, "fault", OSError(errno.ENOSPC, "no space"))
    with pytest.raises(OSError, match="no space"):
        run_module(reader, folders.source, folders.target, ["sr"])


def test_the_image_is_built_with_the_versions_that_were_tested() -> None:
    built = (ROOT / "deploy/mercure/Containerfile").read_text()
    installs = [line for line in built.splitlines() if "pip install" in line]
    assert installs and all("-r requirements.lock" in line or "--no-deps ." in line for line in installs)


@pytest.mark.slow
def test_an_empty_folder_fails_and_says_so(folders: Folders) -> None:
    run = folders.run(task())
    assert run.returncode == 1
    assert "no .dcm file" in run.stderr


@pytest.mark.slow
def test_without_its_variables_the_command_is_one_line() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MERCURE")}
    command = [sys.executable, "-m", "nonet", "node", "mercure"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1 and "MERCURE_IN_DIR" in run.stderr


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        json.dumps(task(save=[])),
        json.dumps(task(save="sr")),
        json.dumps(task(save=["pdf"])),
        json.dumps(task(spacing_mm=[0.1])),
        json.dumps(task(spacing_mm=[0, 0.1])),
        json.dumps(task(accept_failures="yes")),
        json.dumps(task(treshold=0.5)),
        "[" * 100_000,
    ],
)
def test_settings_that_are_none_are_refused_without_a_value_of_the_task(tmp_path: Path, content: str) -> None:
    (tmp_path / "task.json").write_text(content)
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path)
    assert "CANARY" not in str(refused.value)


def test_settings_come_from_the_task_and_are_the_defaults_without_one(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == ModuleSettings()
    (tmp_path / "task.json").write_text(json.dumps(task(save=["sc"], spacing_mm=[0.1, 0.2], force_spacing=True)))
    expected = ModuleSettings(save=["sc"], spacing_mm=[0.1, 0.2], force_spacing=True)
    assert load_settings(tmp_path) == expected


def test_the_settings_that_are_shipped_are_settings(tmp_path: Path) -> None:
    shipped = json.loads((ROOT / "deploy/mercure/module.json").read_bytes())["settings"]
    (tmp_path / "task.json").write_text(json.dumps(task(**shipped)))
    assert set(shipped) == set(ModuleSettings.model_fields)
    assert load_settings(tmp_path).save == shipped["save"]
