"""A patient who is planted in every corner of a file is in no byte of what comes out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from planted_files import EXAMPLES, NAME, PATIENT_ID, planted_in, planted_still, save_planted
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from command_here import nonet
from nonet.deidentify import Dates, Key, Options, deidentify


def all_bytes(folder: Path) -> bytes:
    """Names and contents of all files."""
    return b"\0".join(os.fsencode(path) + b"\0" + path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files in three encodings, one of them named after the patient, one with bytes after its pixel data."""
    folder = tmp_path_factory.mktemp("in") / NAME
    folder.mkdir()
    save_planted(planted_still(), folder / f"{NAME}.dcm", trailing=NAME.encode())
    implicit = planted_still()
    implicit.SOPInstanceUID = implicit.file_meta.MediaStorageSOPInstanceUID = "1.2.840.471198765.11"
    implicit.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    save_planted(implicit, folder / "implicit.dcm")
    return folder


@pytest.fixture(scope="module")
def cleaned(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = tmp_path_factory.mktemp("cleaned") / "out"
    return out, nonet("deidentify", planted, out)


def images(out: Path) -> list[Path]:
    return sorted(out.rglob("*.dcm"))


def test_the_patient_was_really_planted(planted: Path) -> None:
    for path in planted.iterdir():
        assert len(planted_in(path.read_bytes())) >= 7


def test_no_byte_of_any_output_holds_the_patient(
    cleaned: tuple[Path, subprocess.CompletedProcess[str]], planted: Path
) -> None:
    out, run = cleaned
    assert run.returncode == 0, run.stderr
    assert len(images(out)) == len(list(planted.iterdir()))
    assert planted_in(all_bytes(out)) == set()


def test_what_is_printed_names_no_patient_but_in_paths_that_the_user_gave(
    cleaned: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, run = cleaned
    assert planted_in(run.stdout.encode()) == set()
    assert planted_in(run.stderr.encode()) == set()


def test_the_output_says_that_and_how_it_was_cleaned(cleaned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    for path in images(cleaned[0]):
        dataset = pydicom.dcmread(path)
        assert dataset.PatientIdentityRemoved == "YES"
        codes = [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]
        assert codes == ["113100"]
        assert dataset.BurnedInAnnotation == "YES"
        assert dataset.LongitudinalTemporalInformationModified == "REMOVED"
        assert dataset.preamble == b"\0" * 128
        assert not any(element.tag.is_private for element in dataset.iterall())


def test_clean_pixels_are_claimed_only_where_regions_and_sector_bound_the_image(tmp_path: Path) -> None:
    options = Options(Key(b"k" * 32), Dates.REMOVE)
    bounded = deidentify(EXAMPLES / "birch-cine.dcm", tmp_path / "bounded", options, key="")
    (path,) = images(tmp_path / "bounded")
    dataset = pydicom.dcmread(path)
    assert [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    assert dataset.BurnedInAnnotation == "NO"
    assert bounded.to_dict()["options"] == ["Clean Pixel Data"]
    both = deidentify(EXAMPLES, tmp_path / "both", options, key="")
    assert {one.burned_in_annotation for one in both.cleaned} == {"NO", "YES"}
    assert both.to_dict()["options"] == []


def test_millimetres_stay(cleaned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    wanted = pydicom.dcmread(EXAMPLES / "fir-still.dcm").SequenceOfUltrasoundRegions[0]
    for path in images(cleaned[0]):
        region = pydicom.dcmread(path).SequenceOfUltrasoundRegions[0]
        assert region == wanted


def test_the_report_names_what_was_removed_and_no_value(cleaned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    report = json.loads((cleaned[0] / "report.json").read_text())
    for one in report["cleaned"]:
        assert {"InstitutionName", "ImageComments", "OverlayData", "IconImageSequence", "(0009,1001)"} <= set(
            one["removed"]
        )
        assert "SequenceOfUltrasoundRegions/ImageComments" in one["removed"]
        assert {"PatientID", "PatientName", "SOPInstanceUID"} <= set(one["replaced"])
        assert "What follows the pixel data is removed" in one["warnings"]


def test_pixels_inside_the_region_that_are_no_overlay_stay_as_they_were(
    cleaned: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    before = pydicom.dcmread(EXAMPLES / "fir-still.dcm").pixel_array
    after = pydicom.dcmread(images(cleaned[0])[0]).pixel_array
    changed = before != after
    assert 0.02 < changed.mean() < 0.12
    assert not after[changed].any()


def test_a_shift_of_dates_keeps_intervals_of_one_patient(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, day in enumerate(("20240301", "20240311")):
        dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
        dataset.StudyDate = day
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        dataset.save_as(folder / f"{number}.dcm")
    run = nonet("deidentify", folder, tmp_path / "out", "--dates", "shift")
    assert run.returncode == 0, run.stderr
    written = [pydicom.dcmread(path) for path in images(tmp_path / "out")]
    dates = sorted(np.datetime64(f"{d.StudyDate[:4]}-{d.StudyDate[4:6]}-{d.StudyDate[6:]}") for d in written)
    assert dates[1] - dates[0] == np.timedelta64(10, "D")
    assert dates[1] < np.datetime64("2023-03-12")
    assert {d.LongitudinalTemporalInformationModified for d in written} == {"MODIFIED"}
    assert {d.DeidentificationMethodCodeSequence[-1].CodeValue for d in written} == {"113107"}


def test_the_same_key_gives_the_same_pseudonym_and_uids_and_another_key_others(planted: Path, tmp_path: Path) -> None:
    key = tmp_path / "site.key"
    outs = [tmp_path / name for name in ("one", "two", "three")]
    one = planted / "implicit.dcm"
    runs = [nonet("deidentify", one, outs[0], "--key", key), nonet("deidentify", one, outs[1], "--key", key)]
    runs.append(nonet("deidentify", one, outs[2], "--key", tmp_path / "other.key"))
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert "made the key file" in runs[0].stderr and "made the key file" not in runs[1].stderr
    assert key.stat().st_mode & 0o077 == 0
    names = [{path.relative_to(out).as_posix() for path in images(out)} for out in outs]
    assert names[0] == names[1]
    assert not names[0] & names[2]
    for name in names[0]:
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()


def test_references_between_the_outputs_of_a_run_still_agree(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = planted_still()
    source.SOPInstanceUID = source.file_meta.MediaStorageSOPInstanceUID = source.SourceImageSequence[
        0
    ].ReferencedSOPInstanceUID
    save_planted(source, folder / "source.dcm")
    save_planted(planted_still(), folder / "derived.dcm")
    assert nonet("deidentify", folder, tmp_path / "out").returncode == 0
    written = [pydicom.dcmread(path) for path in images(tmp_path / "out")]
    referenced = {d.SourceImageSequence[0].ReferencedSOPInstanceUID for d in written}
    assert len(referenced) == 1
    assert referenced < {d.SOPInstanceUID for d in written}
    assert len({d.StudyInstanceUID for d in written}) == 1
    assert len({d.PatientID for d in written}) == 1


def test_a_bad_file_a_still_a_copy_and_an_image_without_regions_fail_by_name_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    good = (EXAMPLES / "fir-still.dcm").read_bytes()
    (folder / "1-good.dcm").write_bytes(good)
    (folder / "2-copy.dcm").write_bytes(good)
    (folder / "3-cut.dcm").write_bytes(good[: len(good) // 2])
    (folder / "4-still.png").write_bytes((EXAMPLES.parent / "alder-right.png").read_bytes())
    bare = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    del bare.SequenceOfUltrasoundRegions
    bare.SOPInstanceUID = bare.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    bare.save_as(folder / "5-bare.dcm")
    report_class = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    report_class.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    report_class.save_as(folder / "6-report.dcm")
    (folder / "notes.txt").write_text(PATIENT_ID)
    run = nonet("deidentify", folder, tmp_path / "out", "--json")
    assert run.returncode == 1
    report = json.loads(run.stdout)
    assert report == json.loads((tmp_path / "out" / "report.json").read_text())
    assert [one["input"] for one in report["cleaned"]] == [1]
    assert [one["input"] for one in report["failed"]] == [2, 3, 4, 5, 6]
    assert report["left_alone"] == 1
    for name in ("2-copy.dcm", "3-cut.dcm", "4-still.png", "5-bare.dcm", "6-report.dcm"):
        assert sum(name in line for line in run.stderr.splitlines()) == 1
    assert len(images(tmp_path / "out")) == 1
    confirmed = nonet("deidentify", folder / "5-bare.dcm", tmp_path / "confirmed", "--confirm-no-regions", "--json")
    assert confirmed.returncode == 0, confirmed.stderr
    (one,) = json.loads(confirmed.stdout)["cleaned"]
    assert one["confirmed_without_regions"] is True
    assert pydicom.dcmread(images(tmp_path / "confirmed")[0]).BurnedInAnnotation == "YES"


def test_nothing_is_overwritten_and_nothing_to_do_is_no_success(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    run = nonet("deidentify", EXAMPLES, out)
    assert run.returncode == 1
    assert "holds files" in run.stderr
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = nonet("deidentify", empty, tmp_path / "nothing")
    assert nothing.returncode == 1
    assert "No image" in nothing.stdout
    assert nonet("deidentify", tmp_path / "not-there", tmp_path / "x").returncode == 2
    assert nonet("deidentify", EXAMPLES, tmp_path / "x", "--key", tmp_path / "x" / "key").returncode == 2
    (tmp_path / "bad.key").write_text("no key")
    bad = nonet("deidentify", EXAMPLES, tmp_path / "y", "--key", tmp_path / "bad.key")
    assert bad.returncode == 1
    assert "key file" in bad.stderr


def test_big_endian_comes_out_little_endian(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    before = dataset.pixel_array.astype(np.uint16)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 8, 7
    dataset.PixelData = before.astype(">u2").tobytes()
    dataset["PixelData"].VR = "OW"
    big = Dataset()
    big.update(dataset)
    big.file_meta = dataset.file_meta
    big.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    big.save_as(tmp_path / "big.dcm", enforce_file_format=True)
    assert nonet("deidentify", tmp_path / "big.dcm", tmp_path / "out").returncode == 0
    after = pydicom.dcmread(images(tmp_path / "out")[0]).pixel_array
    assert ((after == before) | (after == 0)).all()
    assert (after == before).mean() > 0.88
