"""DICOM data sets that the tests of this room are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"


def us_dataset(pixels: np.ndarray, *, syntax: UID | str = ExplicitVRLittleEndian, **attributes: Any) -> Dataset:
    """A US image of ``[H, W]``, ``[H, W, 3]`` or, with NumberOfFrames, one more axis in front."""
    frames = attributes.get("NumberOfFrames")
    shape = pixels.shape[1:] if frames else pixels.shape
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(str(syntax))
    dataset.file_meta.MediaStorageSOPClassUID = UID(attributes.get("SOPClassUID", US_IMAGE))
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.3680043.10.1")
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.PatientName = "Secret^Name"
    dataset.PatientID = "SECRET-ID"
    dataset.SamplesPerPixel = 3 if len(shape) == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if len(shape) == 3 else "MONOCHROME2"
    if len(shape) == 3:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    return dataset


def us_region(**changes: Any) -> Dataset:
    """A region that counts: two-dimensional tissue, 0.01 cm a pixel to the right, 0.02 cm down."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 10, 5
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 59, 44
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.01, 0.02
    for keyword, value in changes.items():
        setattr(region, keyword, value)
    return region


def compressed(dataset: Dataset, frames: list[bytes], syntax: UID) -> Dataset:
    """The data set with these codestreams as its pixel data."""
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].is_undefined_length = True
    return dataset


def nested(depth: int) -> Sequence:
    """A sequence with ``depth`` sequences inside one another."""
    inner = Dataset()
    inner.PatientID = "SECRET-ID"
    for _ in range(depth):
        outer = Dataset()
        outer.ReferencedSeriesSequence = Sequence([inner])
        inner = outer
    return inner.ReferencedSeriesSequence
