"""A verified successor names its predecessor and the person who signs."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from source_instances import Instance, saved

from nonet.errors import DicomError, SettingsError
from nonet.outputs.dicom import is_own, readings_from_report, structured_report, verified_successor

AT = datetime(2026, 11, 3, 14, 30, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def report(still: Instance) -> Dataset:
    return structured_report(still.readings, still.header)


@pytest.fixture(scope="module")
def successor(report: Dataset) -> Dataset:
    return verified_successor(report, "Meier^Anna", "Women's Clinic", AT)


def test_it_is_final_verified_and_signed(successor: Dataset) -> None:
    assert (successor.PreliminaryFlag, successor.VerificationFlag) == ("FINAL", "VERIFIED")
    (signer,) = successor.VerifyingObserverSequence
    assert (signer.VerifyingObserverName, signer.VerifyingOrganization) == ("Meier^Anna", "Women's Clinic")
    assert signer.VerificationDateTime == "20261103143005+0000"
    assert (successor.ContentDate, successor.ContentTime) == ("20261103", "143005")


def test_it_names_its_predecessor_and_is_another_instance(successor: Dataset, report: Dataset) -> None:
    (study,) = successor.PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == (report.StudyInstanceUID, report.SeriesInstanceUID)
    assert instance.ReferencedSOPInstanceUID == report.SOPInstanceUID
    assert successor.SOPInstanceUID not in ("", report.SOPInstanceUID)
    assert successor.file_meta.MediaStorageSOPInstanceUID == successor.SOPInstanceUID


def test_the_findings_and_the_patient_are_the_same(successor: Dataset, report: Dataset) -> None:
    assert readings_from_report(successor) == readings_from_report(report)
    assert successor.PatientName == report.PatientName
    assert is_own(successor)


def test_the_predecessor_stays_as_it_was(report: Dataset, still: Instance, tmp_path: Path) -> None:
    verified_successor(report, "Meier^Anna", "Women's Clinic", AT)
    assert report.VerificationFlag == "UNVERIFIED"
    fresh = structured_report(still.readings, still.header)
    assert saved(report, tmp_path / "a.dcm") == saved(fresh, tmp_path / "b.dcm")


def test_the_same_signature_is_the_same_object(report: Dataset, successor: Dataset, tmp_path: Path) -> None:
    again = verified_successor(report, "Meier^Anna", "Women's Clinic", AT)
    assert saved(again, tmp_path / "a.dcm") == saved(successor, tmp_path / "b.dcm")
    other = verified_successor(report, "Meier^Berta", "Women's Clinic", AT)
    assert other.SOPInstanceUID != successor.SOPInstanceUID


@pytest.mark.parametrize(
    ("name", "organization"),
    [
        *[("", "x"), ("^^", "x"), ("Meier", " "), ("M" * 65, "x"), ("Ä", "x"), ("x", "Ä")],
        *[("Meier\\Berta", "x"), ("Meier\n", "x"), ("Meier", "x\ry"), ("Meier", "x\x1b(B"), ("Meier\0", "x")],
    ],
)
def test_nobody_cannot_sign(report: Dataset, name: str, organization: str) -> None:
    with pytest.raises(SettingsError):
        verified_successor(report, name, organization, AT)


def in_character_set(report: Dataset, *sets: str) -> Dataset:
    other = deepcopy(report)
    other.SpecificCharacterSet = list(sets) if len(sets) > 1 else sets[0]
    other.PatientName = "Simulated"
    return other


@pytest.mark.parametrize(
    ("sets", "name"),
    [
        (["ISO_IR 100"], "Müller^Änne"),
        (["ISO_IR 101"], "Łuczak^Anna"),
        (["ISO_IR 192"], "Łuczak^Anna=山田^花子"),
        (["", "ISO 2022 IR 87"], "Yamada^Hanako=山田^花子"),
        (["ISO 2022 IR 100", "ISO 2022 IR 144"], "Иванова^Anna"),
    ],
)
def test_a_signer_is_named_in_the_character_set_of_the_report(report: Dataset, sets: list[str], name: str) -> None:
    successor = verified_successor(in_character_set(report, *sets), name, "Clinic", AT)
    assert successor.VerifyingObserverSequence[0].VerifyingObserverName == name


@pytest.mark.parametrize(
    ("sets", "name"),
    [
        (["ISO_IR 100"], "Łuczak^Anna"),
        (["ISO_IR 101"], "Иванова^Anna"),
        (["", "ISO 2022 IR 87"], "Müller^Änne"),
        (["no such set"], "Müller^Änne"),
    ],
)
def test_letters_that_the_report_cannot_hold_are_refused(report: Dataset, sets: list[str], name: str) -> None:
    with pytest.raises(SettingsError, match="character set"):
        verified_successor(in_character_set(report, *sets), name, "Clinic", AT)
    with pytest.raises(SettingsError, match="character set"):
        verified_successor(in_character_set(report, *sets), "Meier^Anna", name, AT)


@pytest.mark.parametrize(
    ("offset", "content"),
    [
        ("+0100", ("20261103", "153005")),
        ("-0500", ("20261103", "093005")),
        ("+1000", ("20261104", "003005")),
        ("noon", ("20261103", "143005")),
    ],
)
def test_the_content_is_dated_in_the_offset_of_the_report(
    report: Dataset, offset: str, content: tuple[str, str]
) -> None:
    other = deepcopy(report)
    other.TimezoneOffsetFromUTC = offset
    successor = verified_successor(other, "Meier^Anna", "Clinic", AT)
    assert (successor.ContentDate, successor.ContentTime) == content
    assert successor.VerifyingObserverSequence[0].VerificationDateTime == "20261103143005+0000"


def test_only_a_preliminary_report_of_nonet_can_be_verified(successor: Dataset, still: Instance) -> None:
    for document in (successor, still.header, Dataset()):
        with pytest.raises(DicomError):
            verified_successor(document, "Meier^Anna", "Women's Clinic", AT)
