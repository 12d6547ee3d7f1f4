"""Real instances with their readings, each read once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from source_instances import EXAMPLES, Instance, read_instance

from nonet.bundle import DEFAULT_BUNDLE, Bundle
from nonet.outputs.dicom import presentation_state, secondary_capture, structured_report
from nonet.reader import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(Bundle(DEFAULT_BUNDLE))


@pytest.fixture(scope="session")
def still(reader: Reader) -> Instance:
    return read_instance(reader, EXAMPLES / "fir-still.dcm")


@pytest.fixture(scope="session")
def cine(reader: Reader) -> Instance:
    return read_instance(reader, EXAMPLES / "birch-cine.dcm")


@pytest.fixture(scope="session")
def colour(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The still in colour, of a patient whose attributes test every rule: letters, blanks at the end, other IDs."""
    source = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    rgb = np.repeat(source.pixel_array[..., None], 3, axis=2)
    source.SamplesPerPixel, source.PhotometricInterpretation, source.PlanarConfiguration = 3, "RGB", 0
    source.UltrasoundColorDataPresent = 1
    source.PixelData = rgb.tobytes()
    source.SpecificCharacterSet = "ISO_IR 100"
    source.PatientName, source.PatientBirthDate, source.PatientSex = "Müller^Änne", "", ""
    other = Dataset()
    other.PatientID, other.IssuerOfPatientID, other.TypeOfPatientID = "OTHER-7", "Städtische Klinik", "TEXT"
    source.OtherPatientIDsSequence = [other]
    source.PatientComments = "twins"
    source.AccessionNumber = "A-1"
    path = tmp_path_factory.mktemp("colour") / "colour.dcm"
    source.save_as(path)
    return read_instance(reader, path)


@pytest.fixture(scope="session", params=["still", "cine", "colour"])
def any_instance(request: pytest.FixtureRequest) -> Instance:
    found: Instance = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def objects(any_instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """One file of each kind of result."""
    folder = tmp_path_factory.mktemp("objects")
    frame, reading = any_instance.pairs[-1]
    made = {
        "sr": structured_report(any_instance.readings, any_instance.header),
        "gsps": presentation_state(any_instance.readings, any_instance.header),
        "sc": secondary_capture(reading, frame, any_instance.header),
    }
    for kind, dataset in made.items():
        dataset.save_as(folder / f"{kind}.dcm")
    yield {kind: folder / f"{kind}.dcm" for kind in made}
