"""A DICOM image in which a patient is planted wherever a file can hold one, and the search for what is left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

EXAMPLES = Path(__file__).parents[2] / "examples" / "dicom"
NAME, PATIENT_ID, BIRTH, HOSPITAL = "PLANTEDNAME", "PLANTEDID4711", "19870314", "PLANTEDHOSPITAL"
DIGITS = "471198765"
LATIN, JAPANESE = "Plantée-Müller", "山田花子"
ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "utf-32-le", "iso2022_jp", "shift_jis", "euc_jp")


def needles() -> set[bytes]:
    """The planted words in every encoding and case in which a file could hold them."""
    words = [NAME, PATIENT_ID, BIRTH, HOSPITAL, DIGITS, LATIN, JAPANESE, "1987-03-14", "14.03.1987"]
    spelt = {form for word in words for form in (word, word.lower(), word.title())}
    found = set()
    for word in spelt:
        for encoding in ENCODINGS:
            try:
                found.add(word.encode(encoding).removeprefix(b"\x1b$B").removesuffix(b"\x1b(B"))
            except UnicodeEncodeError:
                continue
    return found


def planted_in(data: bytes) -> set[bytes]:
    return {needle for needle in needles() if needle in data}


def planted_still() -> pydicom.FileDataset:
    """The example still with a patient in tags, private tags, nested items, UIDs, overlays, curves and an icon."""
    dataset = pydicom.dcmread(EXAMPLES / "fir-still.dcm")
    dataset.SpecificCharacterSet = ["ISO_IR 100", "ISO 2022 IR 87"]
    dataset.PatientName = f"{NAME}^{LATIN}"
    dataset.PatientID, dataset.IssuerOfPatientID = PATIENT_ID, HOSPITAL
    dataset.PatientBirthDate = dataset.StudyDate = dataset.SeriesDate = BIRTH
    dataset.AcquisitionDateTime = f"{BIRTH}120000"
    dataset.InstitutionName = dataset.StationName = dataset.InstitutionAddress = HOSPITAL
    dataset.OperatorsName = dataset.ReferringPhysicianName = f"Dr^{NAME}"
    dataset.ImageComments = dataset.StudyDescription = dataset.SeriesDescription = f"{NAME} {BIRTH} {LATIN}"
    dataset.StudyID = dataset.AccessionNumber = dataset.DeviceSerialNumber = PATIENT_ID
    dataset.Manufacturer, dataset.ManufacturerModelName = HOSPITAL, f"Voluson {NAME}"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", NAME]
    dataset.SOPInstanceUID = f"1.2.840.{DIGITS}.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.2.840.{DIGITS}.2", f"1.2.840.{DIGITS}.3"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.SourceApplicationEntityTitle = NAME
    dataset.file_meta.PrivateInformationCreatorUID = f"1.2.840.{DIGITS}.4"
    dataset.file_meta.PrivateInformation = NAME.encode()
    dataset.add_new(0x00321032, "PN", f"{NAME}={JAPANESE}")
    dataset.add_new(0x00080082, "LO", JAPANESE)
    dataset.ContentSequence = Sequence([nested(4)])
    plant_in_regions(dataset)
    plant_references(dataset)
    plant_private(dataset)
    plant_planes(dataset)
    dataset.preamble = (NAME.encode() + b" " + HOSPITAL.encode()).ljust(128, b"\0")
    return dataset


def nested(depth: int) -> Dataset:
    """Items within items, the patient in each."""
    item = Dataset()
    item.PersonName, item.TextValue = NAME, f"{HOSPITAL} {BIRTH}"
    if depth:
        item.ContentSequence = Sequence([nested(depth - 1)])
    return item


def plant_in_regions(dataset: Dataset) -> None:
    """Within a sequence that is kept: a name, a private block, a sequence."""
    region = dataset.SequenceOfUltrasoundRegions[0]
    region.ImageComments = NAME
    region.private_block(0x0019, f"{HOSPITAL} block", create=True).add_new(1, "LO", NAME)
    region.ReferencedImageSequence = Sequence([nested(1)])


def plant_references(dataset: Dataset) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = dataset.SOPClassUID
    reference.ReferencedSOPInstanceUID = f"1.2.840.{DIGITS}.9"
    reference.PurposeOfReferenceCodeSequence = Sequence([nested(0)])
    dataset.SourceImageSequence = Sequence([reference])


def plant_private(dataset: Dataset) -> None:
    block = dataset.private_block(0x0009, f"{HOSPITAL} 1.0", create=True)
    block.add_new(1, "LO", NAME)
    block.add_new(2, "UN", f"{NAME} {BIRTH}".encode())
    block.add_new(3, "SQ", Sequence([nested(2)]))
    dataset.private_block(0x7FE1, NAME, create=True).add_new(1, "OB", NAME.encode().ljust(12))


def plant_planes(dataset: Dataset) -> None:
    """An overlay plane, an embedded curve and an icon, each with the patient in its bytes."""
    for tag, vr, value in (
        (0x60000010, "US", 8), (0x60000011, "US", 8 * len(NAME)), (0x60000022, "LO", NAME), (0x60000040, "CS", "G"),
        (0x60000050, "SS", [1, 1]), (0x60000100, "US", 1), (0x60000102, "US", 0), (0x60001500, "LO", HOSPITAL),
        (0x60003000, "OB", NAME.encode().ljust(12)), (0x60004000, "LT", NAME),
        (0x50000005, "US", 1), (0x50003000, "OB", NAME.encode().ljust(12)),
    ):  # fmt: skip
        dataset.add_new(tag, vr, value)
    icon = Dataset()
    icon.Rows = icon.Columns = 4
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.BitsAllocated = icon.BitsStored = 8
    icon.HighBit, icon.PixelRepresentation = 7, 0
    icon.PixelData = NAME.encode().ljust(16, b"\0")
    dataset.IconImageSequence = Sequence([icon])


def save_planted(dataset: pydicom.FileDataset, path: Path, trailing: bytes = b"") -> None:
    """Write it, and after its pixel data a padding element and more with the patient in them."""
    dataset.add_new(0xFFFCFFFC, "OB", f"{NAME} {HOSPITAL} ".encode().ljust(40))
    dataset.save_as(path, enforce_file_format=True)
    with path.open("ab") as file:
        file.write(trailing)


def with_text(pixels: np.ndarray, places: list[tuple[int, int]], level: int, size: int, text: str) -> np.ndarray:
    """The picture ``uint8[H, W]`` with a text drawn into it."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for place in places:
        pen.text(place, text, fill=level, font=ImageFont.load_default(size))
    return np.asarray(image)
