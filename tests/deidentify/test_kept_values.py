"""A value stays only where it can be what it is kept as; what else it could say goes, and is reported."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from planted_files import EXAMPLES
from pydicom.dataset import Dataset

from nonet.deidentify import Dates, Key, Options
from nonet.deidentify.attribute_actions import Action, attributes_with, range_of
from nonet.deidentify.clean_file import clean_file
from nonet.deidentify.kept_values import kept_numbers
from nonet.deidentify.report import CleanedFile


def cleaned(dataset: pydicom.FileDataset, folder: Path) -> tuple[CleanedFile, pydicom.FileDataset]:
    dataset.save_as(folder / "in.dcm", enforce_file_format=True)
    (folder / "out").mkdir()
    options = Options(Key(b"k" * 32), Dates.REMOVE)
    report = clean_file(folder / "in.dcm", 1, folder / "out", options, lambda caption, picture: None)
    return report, pydicom.dcmread(folder / "out" / report.output)


PLANTED = {
    "SeriesNumber": 143015, "InstanceNumber": 19870314, "AcquisitionNumber": -87031, "PixelSpacing": [19870314, 1],
    "EffectiveDuration": 870314.0, "MechanicalIndex": "19870314", "FrameTime": "19870314",
}  # fmt: skip


@pytest.mark.parametrize("keyword", PLANTED)
def test_a_number_that_could_be_a_date_a_time_or_an_identifier_is_removed_and_reported(
    keyword: str, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    setattr(dataset, keyword, PLANTED[keyword])
    report, written = cleaned(dataset, tmp_path)
    assert keyword in report.removed
    assert written.get(keyword) is None


def test_a_number_within_a_kept_sequence_is_bound_too(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    region = dataset.SequenceOfUltrasoundRegions[0]
    region.ReferencePixelPhysicalValueX, region.TransducerFrequency = 19870314.0, 19870314
    report, written = cleaned(dataset, tmp_path)
    for keyword in ("ReferencePixelPhysicalValueX", "TransducerFrequency"):
        assert f"SequenceOfUltrasoundRegions/{keyword}" in report.removed
        assert keyword not in written.SequenceOfUltrasoundRegions[0]


def test_what_a_machine_writes_stays(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    wanted = {"SeriesNumber": 9999, "InstanceNumber": 12, "PixelSpacing": [0.0974, 0.0974], "MechanicalIndex": "1.2"}
    for keyword, value in wanted.items():
        setattr(dataset, keyword, value)
    _, written = cleaned(dataset, tmp_path)
    assert {keyword: written[keyword].value for keyword in wanted} == {k: dataset[k].value for k in wanted}


def test_items_past_a_thousand_are_said_to_be_removed(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2.3"
    dataset.SourceImageSequence = [reference] * 1001
    report, written = cleaned(dataset, tmp_path)
    assert len(written.SourceImageSequence) == 1000
    assert "SourceImageSequence" in report.removed
    assert any("SourceImageSequence: items past 1,000" in words for words in report.warnings)


@pytest.mark.parametrize("keyword", attributes_with(Action.NUMBERS))
def test_every_range_ends_below_a_date_and_a_time_of_day(keyword: str) -> None:
    low, high = range_of(keyword)
    assert -100_000 < low <= high < 100_000
    dataset = Dataset()
    for value in (19870314, 143015):
        setattr(dataset, keyword, value)
        assert kept_numbers(dataset, keyword, frames=1) is None


def test_digits_of_a_whole_number_are_at_most_four_where_a_person_chooses_it() -> None:
    assert {range_of(keyword)[1] for keyword in ("SeriesNumber", "InstanceNumber", "AcquisitionNumber")} == {9999}
