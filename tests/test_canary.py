"""No command prints or writes what a file says of its patient.

The rule: readings, tables, pages, pictures, logs and errors hold nothing of a file's header but its SOP Instance UID,
by which a reading names its image. Paths are the user's own
words: standard error names files by them, results are named after them, and the list of sources in ``.nonet`` keeps
them; the text of a reading never does. What ``nonet deidentify`` writes holds neither.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

EXAMPLES = Path(__file__).parents[1] / "examples"
STILL = EXAMPLES / "dicom" / "fir-still.dcm"
CANARIES = ("CANARYNAME", "CANARYID", "19870314", "CANARYCLINIC", "471198765", "Kanarienvögel")
IN_PATH = "PATHCANARY"

HEADER = {
    "PatientName": "CANARYNAME^Kanarienvögel",
    "PatientID": "CANARYID",
    "PatientBirthDate": "19870314",
    "InstitutionName": "CANARYCLINIC",
    "StationName": "CANARYCLINIC",
    "OperatorsName": "CANARYNAME",
    "StudyDescription": "CANARYNAME 19870314",
    "AccessionNumber": "CANARYID",
    "StudyID": "CANARYID",
    "ImageComments": "CANARYNAME",
    "ManufacturerModelName": "CANARYCLINIC",
}
FAULTS = {
    "value of no date": ("StudyDate", "DA", "CANARYNAME"),
    "value of no uid": ("SOPInstanceUID", "UI", "CANARYID"),
    "value of no number": ("PixelSpacing", "DS", ["CANARYID", "CANARYID"]),
    "value of no count": ("NumberOfFrames", "IS", "CANARYID"),
    "unknown colour model": ("PhotometricInterpretation", "CS", "CANARYNAME"),
    "unknown character set": ("SpecificCharacterSet", "CS", "CANARYCLINIC"),
    "window of words": ("WindowCenter", "DS", "CANARYNAME"),
    "voi function of words": ("VOILUTFunction", "CS", "CANARYNAME"),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good, cut and damaged files of one patient, in a folder and files that are named after another."""
    folder = tmp_path_factory.mktemp("study") / IN_PATH
    folder.mkdir()
    good = with_patient()
    good.save_as(folder / f"{IN_PATH}.dcm")
    data = (folder / f"{IN_PATH}.dcm").read_bytes()
    (folder / "cut.dcm").write_bytes(data[: len(data) // 2])
    (folder / "cut-header.dcm").write_bytes(data[: data.index(b"CANARYCLINIC") + 6])
    (folder / "text.dcm").write_bytes(b"CANARYNAME CANARYID 19870314")
    (folder / "text.png").write_bytes(b"CANARYNAME CANARYID 19870314")
    at = data.index(b"CANARYID") - 2
    (folder / "length.dcm").write_bytes(data[:at] + b"\xff\xff" + data[at + 2 :])
    for number, (name, (keyword, vr, value)) in enumerate(FAULTS.items()):
        broken = with_patient()
        broken.SOPInstanceUID = broken.file_meta.MediaStorageSOPInstanceUID = f"1.2.840.113619.9.{number}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pydicom.config.settings, "_writing_validation_mode", pydicom.config.IGNORE)
            patch.setattr(pydicom.config.settings, "reading_validation_mode", pydicom.config.IGNORE)
            element = pydicom.DataElement(keyword, vr if vr in ("DA", "UI", "CS") else "LO", value)
            broken[keyword] = element
            broken.save_as(folder / f"{name}.dcm")
        raw = (folder / f"{name}.dcm").read_bytes()
        if element.VR == "LO":
            tag = element.tag
            head = tag.group.to_bytes(2, "little") + tag.element.to_bytes(2, "little")
            (folder / f"{name}.dcm").write_bytes(raw.replace(head + b"LO", head + vr.encode()))
    return folder


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with boxes whose pictures name the patient in their own comments."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "boxes.json").write_bytes((EXAMPLES / "boxes.json").read_bytes())
    comments = PngInfo()
    for number, words in enumerate(CANARIES):
        comments.add_text(f"Comment{number}", words)
    for path in EXAMPLES.glob("*.png"):
        with Image.open(path) as image:
            image.save(folder / path.name, pnginfo=comments, exif=b"Exif\0\0" + b"CANARYNAME CANARYID")
    return folder


def with_patient() -> pydicom.FileDataset:
    dataset = pydicom.dcmread(STILL)
    dataset.SpecificCharacterSet = "ISO_IR 100"
    for keyword, value in HEADER.items():
        setattr(dataset, keyword, value)
    dataset.private_block(0x0009, "CANARYCLINIC", create=True).add_new(1, "LO", "CANARYNAME")
    dataset.StudyInstanceUID = "1.2.840.471198765.1"
    dataset.SeriesInstanceUID = "1.2.840.471198765.2"
    return dataset


def nonet(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "nonet", *map(str, arguments)],
        cwd=cwd, capture_output=True, check=False, timeout=280, env={**os.environ, "PYTHONWARNINGS": "always"},
    )  # fmt: skip


def spoken(data: bytes, words: tuple[str, ...] = CANARIES) -> set[str]:
    """The canaries that stand in some bytes."""
    return {word for word in words for code in ("utf-8", "latin-1", "utf-16-le") if word.encode(code) in data}


def in_files(folder: Path, words: tuple[str, ...] = CANARIES) -> dict[str, set[str]]:
    """The files under a folder that hold a canary, in content or name, and which."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    held = {str(path): spoken(path.read_bytes(), words) for path in files}
    return {name: words for name, words in held.items() if words}


def test_the_canaries_stand_in_the_files(study: Path, data_set: Path) -> None:
    assert spoken((study / f"{IN_PATH}.dcm").read_bytes()) == set(CANARIES)
    assert all(spoken(path.read_bytes()) >= {"CANARYNAME", "19870314"} for path in data_set.glob("*.png"))
    for name in FAULTS:
        assert len(spoken((study / f"{name}.dcm").read_bytes())) >= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["read", "STUDY", "-o", "OUT", "--save", "csv,picture,page,coco,yolo"],
        [
            "read",
            "STUDY/value of no date.dcm",
            "STUDY/cut.dcm",
            "STUDY/length.dcm",
            "-o",
            "OUT",
            "--json",
            "--mask-overlay",
        ],
        ["check", "STUDY", "--json"],
        ["check", "DATA"],
        ["check", f"STUDY/{IN_PATH}.dcm"],
        ["features", "radiomics", "DATA", "-o", "OUT/radiomics.csv"],
        ["features", "deep", "DATA", "-o", "OUT/deep.csv"],
        ["evaluate", "detection", "DATA", "--json"],
        ["read", "DATA/alder-right.png", "-o", "OUT", "--save", "csv,picture,coco"],
        ["deidentify", "STUDY", "OUT", "--json", "--dates", "shift"],
    ],
    ids=" ".join,
)
def test_no_command_says_what_a_file_says_of_its_patient(
    command: list[str], study: Path, data_set: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    places = {"STUDY": study, "DATA": data_set, "OUT": out}
    arguments = []
    for word in command:
        first, *rest = word.split("/", 1)
        arguments.append("/".join([str(places.get(first, first)), *rest]))
    run = nonet(*arguments, cwd=tmp_path)
    assert b"Traceback" not in run.stderr, run.stderr.decode()[-2000:]
    assert run.stdout or run.stderr
    assert spoken(run.stdout) == set()
    assert spoken(run.stderr) == set()
    assert in_files(tmp_path) == {}


@pytest.mark.slow
def test_a_reading_never_holds_a_path_and_deidentified_images_hold_none_in_any_place(
    study: Path, tmp_path: Path
) -> None:
    assert nonet("read", study / f"{IN_PATH}.dcm", "-o", tmp_path / "read", "--save", "", cwd=tmp_path).returncode == 0
    (reading,) = (path for path in (tmp_path / "read").rglob("*.json") if ".nonet" not in path.parts)
    assert IN_PATH not in reading.read_text()
    assert json.loads(reading.read_text())["source"]["sop_instance_uid"]
    run = nonet("deidentify", study, tmp_path / "clean", cwd=tmp_path)
    assert list((tmp_path / "clean").rglob("*.dcm"))
    assert in_files(tmp_path / "clean", (*CANARIES, IN_PATH)) == {}
    assert not [path for path in (tmp_path / "clean").rglob("*") if IN_PATH in path.name]
    assert spoken(run.stdout, (*CANARIES, IN_PATH)) == set()
    assert spoken(run.stderr) == set()
