"""Simulated frames as DICOM ultrasound: a still or a cine, with one calibrated region in centimetres.

Everything in the file follows from the frames and the seed, so the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

from nonet.simulate.screen.draw_screen import picture_rows
from nonet.simulate.simulated import Simulated

__all__ = ["write_cine", "write_still"]

_DATE, _TIME = "20200101", "120000"
_FRAME_TIME_MS = 40.0
_IMPLEMENTATION = "NONET_SIMULATOR"
_CENTIMETRES = 3


def write_still(path: Path, frame: Simulated, seed: int) -> None:
    """Write one frame as an Ultrasound Image, uncompressed.

    Parameters
    ----------
    path
        Where to.
    frame
        Pixels, pixel size and machine.
    seed
        From which the synthetic patient and all UIDs follow.
    """
    dataset = _dataset([frame], seed, UltrasoundImageStorage)
    dataset.PixelData = frame.pixels.tobytes() + b"\0" * (frame.pixels.size % 2)
    dataset["PixelData"].VR = "OB"
    dataset.save_as(path, enforce_file_format=True)


def write_cine(path: Path, frames: Sequence[Simulated], seed: int) -> None:
    """Write frames as an Ultrasound Multi-frame Image, JPEG 2000 lossless; parameters as `write_still`."""
    dataset = _dataset(frames, seed, UltrasoundMultiFrameImageStorage)
    dataset.NumberOfFrames = len(frames)
    dataset.FrameIncrementPointer = 0x00181063
    dataset.FrameTime = _FRAME_TIME_MS
    stack = np.stack([frame.pixels for frame in frames])
    dataset.compress(JPEG2000Lossless, stack, generate_instance_uid=False)
    dataset.save_as(path, enforce_file_format=True)


def _dataset(frames: Sequence[Simulated], seed: int, sop_class: UID) -> FileDataset:
    """Everything but the pixels."""
    first = frames[0]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = _uid(seed, "instance", str(len(frames)), first.device.name)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationVersionName = _IMPLEMENTATION
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    _describe_patient_and_study(dataset, seed)
    _describe_equipment(dataset, first)
    _describe_image(dataset, first)
    dataset.SequenceOfUltrasoundRegions = [_region(first)]
    return dataset


def _uid(seed: int, *words: str) -> UID:
    return generate_uid(entropy_srcs=["nonet.simulate", str(seed), *words])


def _describe_patient_and_study(dataset: FileDataset, seed: int) -> None:
    dataset.PatientName = "Simulated^Nonet"
    dataset.PatientID = f"SIM-{seed}"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "F"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = _uid(seed, "study"), _uid(seed, "series")
    dataset.StudyDate = dataset.ContentDate = _DATE
    dataset.StudyTime = dataset.ContentTime = _TIME
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = "1", 1, 1
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Simulated first-trimester scan: no patient"


def _describe_equipment(dataset: FileDataset, frame: Simulated) -> None:
    dataset.Modality = "US"
    dataset.Manufacturer = "Nonet simulator"
    dataset.ManufacturerModelName = frame.device.name
    dataset.PatientOrientation = ""


def _describe_image(dataset: FileDataset, frame: Simulated) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = frame.pixels.shape
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "YES", "00"
    dataset.UltrasoundColorDataPresent = 0


def _region(frame: Simulated) -> Dataset:
    """The picture without the bands of text above and below it (PS3.3 C.8.5.5); the corners are pixels inside."""
    height, width = frame.pixels.shape
    top, bottom = picture_rows(frame.device.screen, height)
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, top
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = width - 1, bottom - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = _CENTIMETRES
    region.PhysicalDeltaX = region.PhysicalDeltaY = frame.mm_per_px / 10
    return region
