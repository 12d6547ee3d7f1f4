"""The same input is the same object byte for byte; what differs has another UID; own objects are known."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from source_instances import Instance, saved

from nonet.errors import DicomError, FrameError, NotAnImage, SettingsError
from nonet.frames import open_frames
from nonet.outputs.dicom import KINDS, is_own, presentation_state, results_of, secondary_capture, structured_report
from nonet.outputs.dicom.source import copy_patient_and_study, header_of
from nonet.reading import Reading, Settings


def all_bytes(instance: Instance, folder: Path) -> list[bytes]:
    return [
        saved(one, folder / f"{number}.dcm")
        for number, one in enumerate(results_of(instance.path, instance.pairs, KINDS))
    ]


def test_a_repeated_read_is_the_same_object(any_instance: Instance, tmp_path: Path) -> None:
    first = all_bytes(any_instance, tmp_path)
    assert len(first) == 2 + len(any_instance.pairs)
    assert all_bytes(any_instance, tmp_path) == first


@pytest.mark.slow
def test_another_process_at_another_time_makes_the_same_bytes(colour: Instance, tmp_path: Path) -> None:
    script = f"""
import datetime, sys
from pathlib import Path
from nonet.outputs.dicom import results_of, KINDS
from nonet.reading import Reading
from nonet.frames import open_frames
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return cls(2031, 2, 3, 4, 5, 6)
datetime.datetime = Later
path = Path({str(colour.path)!r})
readings = [Reading.from_json(Path({str(tmp_path)!r}, "reading.json").read_text())]
for number, one in enumerate(results_of(path, list(zip(open_frames(path), readings)), KINDS)):
    one.save_as(Path({str(tmp_path)!r}, f"other-{{number}}.dcm"), enforce_file_format=True)
"""
    (tmp_path / "reading.json").write_text(colour.readings[0].to_json())
    subprocess.run([sys.executable, "-c", script], check=True)
    own = all_bytes(colour, tmp_path)
    assert [(tmp_path / f"other-{number}.dcm").read_bytes() for number in range(3)] == own


def uids(readings: list[Reading], source: Dataset) -> set[str]:
    made = structured_report(readings, source), presentation_state(readings, source)
    assert all(one.SOPInstanceUID == one.file_meta.MediaStorageSOPInstanceUID for one in made)
    return {str(one[keyword].value) for one in made for keyword in ("SOPInstanceUID", "SeriesInstanceUID")}


def test_uids_come_from_source_frames_bundle_and_settings(cine: Instance) -> None:
    readings = cine.readings
    own = uids(readings, cine.header)
    assert len(own) == 4
    assert all(uid.startswith("2.25.") and pydicom.uid.UID(uid).is_valid for uid in own)
    fewer = uids(readings[:2], cine.header)
    assert len(own & fewer) == 2, "the same series, other instances"
    other_bundle = [replace(one, bundle=replace(one.bundle, sha256="0" * 64)) for one in readings]
    other_settings = [replace(one, settings=Settings(explain=True)) for one in readings]
    assert not own & uids(other_bundle, cine.header)
    assert not own & uids(other_settings, cine.header)


def test_results_lie_in_the_sources_study_and_in_series_of_their_own(any_instance: Instance) -> None:
    made = results_of(any_instance.header, any_instance.pairs, ("sr", "gsps"))
    source = any_instance.header
    assert {one.StudyInstanceUID for one in made} == {source.StudyInstanceUID}
    series = {one.SeriesInstanceUID for one in made}
    assert len(series) == 2
    assert source.SeriesInstanceUID not in series
    assert len({one.SeriesNumber for one in made}) == 2


def test_patient_and_study_are_copied_and_never_made_up(colour: Instance) -> None:
    source = header_of(colour.path)
    for made in results_of(colour.path, colour.pairs, KINDS):
        copied = [tag for tag in source.keys() if tag.group == 0x0010]  # noqa: SIM118
        assert [tag for tag in made.keys() if tag.group == 0x0010] == copied  # noqa: SIM118
        for tag in copied:
            if tag != pydicom.tag.Tag("OtherPatientIDsSequence"):
                assert made.get_item(tag).value == source.get_item(tag).value
        assert made.SpecificCharacterSet == "ISO_IR 100"
        assert made.OtherPatientIDsSequence == source.OtherPatientIDsSequence
        assert (made.PatientBirthDate, made.PatientSex, made.PatientComments) == ("", "", "twins")
        assert made.StudyDescription == source.StudyDescription
        assert made.ReferringPhysicianName == ""


def test_a_value_with_blanks_at_its_end_stays_as_it_is(still: Instance, tmp_path: Path) -> None:
    raw = still.path.read_bytes()
    name = b"Simulated^Nonet "
    assert raw.count(name) == 1
    path = tmp_path / "blanks.dcm"
    path.write_bytes(raw.replace(name, b"Simulated^No    "))
    source = header_of(path)
    made = structured_report(still.readings, source)
    assert made.get_item(0x00100010).value == b"Simulated^No    "
    assert b"Simulated^No    " in saved(made, tmp_path / "sr.dcm")


def test_an_implicit_big_or_compressed_source_gives_the_same_patient(still: Instance, tmp_path: Path) -> None:
    source = pydicom.dcmread(still.path)
    source.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    source.save_as(tmp_path / "implicit.dcm", implicit_vr=True)
    first = saved(structured_report(still.readings, header_of(tmp_path / "implicit.dcm")), tmp_path / "a.dcm")
    assert first == saved(structured_report(still.readings, still.header), tmp_path / "b.dcm")


def test_what_the_source_lacks_is_empty_or_missing(still: Instance) -> None:
    bare = Dataset()
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "Rows", "Columns"):
        setattr(bare, keyword, still.header[keyword].value)
    bare.PhotometricInterpretation = "MONOCHROME2"
    for made in (structured_report(still.readings, bare), presentation_state(still.readings, bare)):
        assert {str(made[tag].value or "") for tag in (0x00100010, 0x00100020, 0x00100030, 0x00080050)} == {""}
        assert "PatientComments" not in made
        assert "SpecificCharacterSet" not in made


def test_a_patient_attribute_that_is_no_such_thing_is_refused(still: Instance, tmp_path: Path) -> None:
    source = pydicom.dcmread(still.path)
    source.PatientComments = "x" * 65_000
    source.add_new("AdditionalPatientHistory", "LT", "y" * 65_000)
    source.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    source.PatientComments = "x" * 70_000
    source.save_as(tmp_path / "large.dcm", implicit_vr=True)
    with pytest.raises(FrameError):
        header_of(tmp_path / "large.dcm")
    with pytest.raises(FrameError):
        header_of(still.path.read_bytes()[:200])


def test_private_patient_elements_of_a_damaged_file_do_not_pass(still: Instance) -> None:
    target = Dataset()
    source = deepcopy(still.header)
    source.add_new(0x00110010, "LO", "PRIVATE")
    copy_patient_and_study(source, target)
    assert 0x00110010 not in target


def test_results_of_a_file_that_changed_are_refused(still: Instance, tmp_path: Path) -> None:
    changed = tmp_path / "changed.dcm"
    changed.write_bytes(still.path.read_bytes() + b"\0\0")
    for source in (changed, changed.read_bytes()):
        with pytest.raises(DicomError):
            results_of(source, still.pairs, ("sr",))
    assert results_of(still.path.read_bytes(), still.pairs, ("sr",))


def test_kinds_come_in_order_and_unknown_ones_are_refused(cine: Instance) -> None:
    made = results_of(cine.header, cine.pairs[:2], ("gsps", "sr"))
    assert [one.Modality for one in made] == ["SR", "PR"]
    assert results_of(cine.header, cine.pairs, ()) == []
    with pytest.raises(SettingsError):
        results_of(cine.header, cine.pairs, ("pdf",))


def test_own_objects_are_known(any_instance: Instance, still: Instance) -> None:
    made = results_of(any_instance.header, any_instance.pairs[:1], KINDS)
    assert all(map(is_own, made))
    assert not is_own(any_instance.header)
    assert not is_own(Dataset())
    for one in made:
        one.Manufacturer, one.ManufacturerModelName = "The archive", "1.0"
        assert is_own(one), "the series still says so"
        one.SeriesDescription = "Findings"
        assert not is_own(one)
    source = deepcopy(still.header)
    source.Manufacturer = "Nonet simulator"
    assert not is_own(source)


def test_a_capture_that_lies_among_the_images_is_not_read_as_one(still: Instance, tmp_path: Path) -> None:
    (capture,) = results_of(still.header, still.pairs, ("sc",))
    path = saved(capture, tmp_path / "capture.dcm")
    with pytest.raises(NotAnImage, match="a result that Nonet made"):
        next(open_frames(path))
    capture.Manufacturer, capture.SeriesDescription = "A scanner", "Views"
    assert next(open_frames(saved(capture, tmp_path / "other.dcm"))).pixels.any()


def test_a_capture_is_the_picture_with_its_words(still: Instance) -> None:
    from nonet.outputs.picture.draw import draw

    frame, reading = still.pairs[0]
    made = secondary_capture(reading, frame, still.header)
    assert (made.SOPClassUID, made.Modality) == ("1.2.840.10008.5.1.4.1.1.7", "OT")
    assert (made.PhotometricInterpretation, made.SamplesPerPixel) == ("RGB", 3)
    assert np.array_equal(made.pixel_array, np.asarray(draw(frame.pixels, reading)))
    assert list(made.ImageType) == ["DERIVED", "SECONDARY"]
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == still.header.SOPInstanceUID
    assert "PixelSpacing" not in made


def test_captures_of_a_cine_name_their_frames(cine: Instance) -> None:
    made = [secondary_capture(reading, frame, cine.header) for frame, reading in cine.pairs[:2]]
    assert [one.SourceImageSequence[0].ReferencedFrameNumber for one in made] == [1, 2]
    assert [one.InstanceNumber for one in made] == [1, 2]
    assert len({one.SOPInstanceUID for one in made}) == 2
    assert len({one.SeriesInstanceUID for one in made}) == 1


def test_loading_the_package_loads_no_highdicom() -> None:
    script = "import sys, nonet.outputs.registry; print('highdicom' in sys.modules, 'pynetdicom' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    "changes",
    [
        {"InstanceNumber": "2147483647", "SeriesNumber": "-5"},
        {"PatientSex": "UNKNOWN SEX", "PatientBirthDate": "1980.02.30"},
        {"NumberOfFrames": "1", "StudyDate": "yesterday"},
    ],
)
def test_odd_attributes_are_copied_as_they_are(still: Instance, changes: dict[str, str], tmp_path: Path) -> None:
    source = pydicom.dcmread(still.path)
    for keyword, text in changes.items():
        tag = pydicom.tag.Tag(keyword)
        vr = pydicom.datadict.dictionary_VR(tag)
        value = text.encode() + b" " * (len(text) % 2)
        source[tag] = pydicom.dataelem.RawDataElement(tag, vr, len(value), value, 0, False, True)
    source.save_as(tmp_path / "odd.dcm")
    header = header_of(tmp_path / "odd.dcm")
    for made in results_of(header, still.pairs, KINDS):
        for keyword in {"PatientSex", "PatientBirthDate", "StudyDate"} & changes.keys():
            assert made.get_item(keyword).value.strip() == changes[keyword].encode()
        assert saved(made, tmp_path / "made.dcm")


def test_a_sop_class_that_nobody_knows_is_an_error_of_the_file(still: Instance) -> None:
    source = deepcopy(still.header)
    source.SOPClassUID = "1.2.3.4"
    readings = [replace(one, source=replace(one.source, sop_class_uid="1.2.3.4")) for one in still.readings]
    for make in (structured_report, presentation_state):
        with pytest.raises(DicomError):
            make(readings, source)
