"""DICOMweb against a real Orthanc: a study stored by STOW-RS, read, its results stored, found and fetched again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from dicomweb_client import DICOMwebClient
from orthanc_peer import HTTP_PORT, PASSWORD, USER, Orthanc, needs_orthanc
from requests import Session

from nonet.reading import Reading

pytestmark = [needs_orthanc, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[3] / "examples/dicom"
ROOT = f"http://127.0.0.1:{HTTP_PORT}/dicom-web"
STUDY, SERIES = "1.2.826.0.1.3680043.8.498.777", "1.2.826.0.1.3680043.8.498.778"
REPORT, STATE = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.11.1"


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    server = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield server
    server.stop()


def client() -> DICOMwebClient:
    session = Session()
    session.auth = (USER, PASSWORD)
    session.trust_env = False
    return DICOMwebClient(ROOT, session=session)


@pytest.fixture(scope="module")
def stored(orthanc: Orthanc, short_cine: Path) -> list[pydicom.Dataset]:
    """A study of a still and a cine, and a CT-like object that is no ultrasound, stored by STOW-RS."""
    datasets = [pydicom.dcmread(path) for path in (EXAMPLES / "fir-still.dcm", short_cine)]
    for dataset in datasets:
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, SERIES
        dataset.PatientName, dataset.PatientID = "CANARY^NAME", "CANARYID"
    other = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    other.StudyInstanceUID, other.SeriesInstanceUID, other.SOPInstanceUID = STUDY, f"{SERIES}.1", f"{SERIES}.1.1"
    other.SOPClassUID = other.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
    other.PatientName, other.PatientID = "CANARY^NAME", "CANARYID"
    answer = orthanc.inside(lambda: client().store_instances([*datasets, other]))
    assert not answer.get("FailedSOPSequence")
    return datasets


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "credentials"
    path.touch(mode=0o600)
    path.write_text(f"{USER}:{PASSWORD}\n")
    return path


def read(
    orthanc: Orthanc, out: Path, *options: object, address: str = f"studies/{STUDY}"
) -> subprocess.CompletedProcess[str]:
    source = f"dicomweb://127.0.0.1:{HTTP_PORT}/dicom-web/{address}"
    run = orthanc.run([sys.executable, "-m", "nonet", "read", source, "-o", out, *options], env=dict(os.environ))
    said = run.stdout + run.stderr
    assert "CANARY" not in said and PASSWORD not in said and "Traceback" not in said, said
    return run


def pixels_of(orthanc: Orthanc, dataset: pydicom.Dataset) -> bytes:
    found = orthanc.inside(lambda: client().retrieve_instance(STUDY, SERIES, dataset.SOPInstanceUID))
    return bytes(found.PixelData)


def test_a_study_is_read_and_its_results_are_stored_found_and_fetched(
    orthanc: Orthanc, stored: list[pydicom.Dataset], credentials: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = read(orthanc, out, "--credentials", credentials, "--save", "sr,gsps", "--stow")
    assert run.returncode == 0, run.stderr
    documents = [path for path in out.rglob("*.json") if ".nonet" not in path.parts]
    readings = [Reading.from_json(path.read_bytes()) for path in documents if not path.match("*.loop.json")]
    assert {reading.source.sop_instance_uid for reading in readings} == {one.SOPInstanceUID for one in stored}
    assert not list((out / ".nonet").rglob("fetched*"))

    rows = orthanc.inside(lambda: client().search_for_instances(STUDY, fields=["SOPClassUID"]))
    found = [(row["00080016"]["Value"][0], row["0020000E"]["Value"][0], row["00080018"]["Value"][0]) for row in rows]
    results = [one for one in found if one[0] in (REPORT, STATE)]
    assert sorted(one[0] for one in results) == sorted([REPORT, STATE] * len(stored))
    for _, series, instance in results:
        fetched = orthanc.inside(lambda s=series, i=instance: client().retrieve_instance(STUDY, s, i))
        assert (fetched.PatientName, fetched.PatientID) == ("CANARY^NAME", "CANARYID")
        assert str(next(out.rglob("*.sr.dcm")))
    for one in stored:
        assert pixels_of(orthanc, one) == bytes(one.PixelData)

    again = read(orthanc, out, "--credentials", credentials, "--save", "sr,gsps", "--stow")
    assert again.returncode == 0
    assert "2 of 2 files read" in again.stderr
    assert len(orthanc.inside(lambda: client().search_for_instances(STUDY))) == len(found)


def test_one_instance_is_read_by_its_address_with_a_variable(
    orthanc: Orthanc, stored: list[pydicom.Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACS_LOGIN", f"{USER}:{PASSWORD}")
    address = f"studies/{STUDY}/series/{SERIES}/instances/{stored[0].SOPInstanceUID}"
    run = read(orthanc, tmp_path / "out", "--credentials", "env:PACS_LOGIN", "--json", "--save", "", address=address)
    assert run.returncode == 0, run.stderr
    (reading,) = json.loads(run.stdout)
    assert reading["source"]["sop_instance_uid"] == stored[0].SOPInstanceUID


def test_an_instance_that_is_not_there_is_a_failure_of_its_own(
    orthanc: Orthanc, stored: list[pydicom.Dataset], credentials: Path, tmp_path: Path
) -> None:
    del stored
    address = f"studies/{STUDY}/series/{SERIES}/instances/1.2.3.4"
    run = read(orthanc, tmp_path / "out", "--credentials", credentials, "--save", "", address=address)
    assert run.returncode == 1
    assert "1.2.3.4: status 404" in run.stderr


def test_a_study_that_is_not_there_is_said(orthanc: Orthanc, credentials: Path, tmp_path: Path) -> None:
    run = read(orthanc, tmp_path / "out", "--credentials", credentials, "--save", "", address="studies/1.2.3")
    assert run.returncode == 1
    assert "no image to read" in run.stderr


def test_a_server_that_asks_for_credentials_is_named(orthanc: Orthanc, tmp_path: Path) -> None:
    run = read(orthanc, tmp_path / "out", "--save", "")
    assert run.returncode == 3
    assert "127.0.0.1:8042: status 401" in run.stderr and "--credentials" in run.stderr


def test_the_objects_that_were_stored_are_whole(orthanc: Orthanc, stored: list[pydicom.Dataset]) -> None:
    """What the server keeps of a source is what was sent, byte for byte."""
    for one in stored:
        _, body = orthanc.ask("POST", "/tools/lookup", one.SOPInstanceUID.encode())
        place = next(row["Path"] for row in json.loads(body) if row["Type"] == "Instance")
        kept = pydicom.dcmread(BytesIO(orthanc.ask("GET", f"{place}/file")[1]))
        assert bytes(kept.PixelData) == bytes(one.PixelData)
