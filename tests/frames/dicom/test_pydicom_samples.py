"""Every sample that pydicom and pydicom-data ship and that is an image is read as a second reader reads it.

The second reader is GDCM, with its own parser and codecs. Where GDCM is known to be wrong or to
end its process, pydicom's own decoding is compared instead; those files are listed with the reason.
Nothing is downloaded: the files are those that the two packages install.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import data_store
import numpy as np
import pydicom
import pytest
from pydicom.data import DATA_ROOT
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, convert_color_space

from nonet.errors import DicomError, FrameError
from nonet.frame import luma
from nonet.frames import open_frames

FOLDERS = [Path(DATA_ROOT), Path(data_store.__path__[0]) / "data"]
FILES = sorted(
    path
    for folder in FOLDERS
    for path in folder.rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc", ".json", ".md") and "palettes" not in path.parts
)
NAMES = [path.name if "dicomdirtests" not in path.parts else "/".join(path.parts[-3:]) for path in FILES]

NOT_READ = {
    "JPEG2000-embedded-sequence-delimiter.dcm": (DicomError, "its codestream was overwritten: 3722445056 columns"),
    "MR_truncated.dcm": (DicomError, "62 bytes of its pixels are missing"),
    "badVR.dcm": (DicomError, "its NumberOfFrames is '1A'"),
}
"""Images that are refused, and why."""

GDCM_FAILS = {
    "J2K_pixelrep_mismatch.dcm": "the codestream's sign differs from the attributes'",
    "SC_rgb_rle_16bit.dcm": "RLE of more than 8 bits in colour",
    "SC_rgb_rle_16bit_2frame.dcm": "RLE of more than 8 bits in colour",
    "SC_rgb_rle_32bit.dcm": "RLE of more than 8 bits in colour",
    "SC_rgb_rle_32bit_2frame.dcm": "RLE of more than 8 bits in colour",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "no end marker after the last frame",
    "rtdose_1frame.dcm": "ends its process",
    "rtdose_expb.dcm": "big endian of 32 bits",
    "rtdose_expb_1frame.dcm": "ends its process",
    "rtdose_rle_1frame.dcm": "ends its process",
}
"""Files that GDCM cannot be compared on, and why."""

PALETTE_OF = {
    "OBXXXX1A_expb.dcm": "OBXXXX1A.dcm",
    "OBXXXX1A_expb_2frame.dcm": "OBXXXX1A_2frame.dcm",
}
"""Big endian files whose palette pydicom takes for little endian, and the same image in little endian."""

TWIN = {"emri_small_jpeg_2k_lossless_too_short.dcm": "emri_small.dcm"}
"""A file that neither second reader reads, and the same image stored otherwise."""


@cache
def parsed(path: Path) -> Dataset:
    """The data set as pydicom reads it; without a transfer syntax, as implicit VR little endian."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in getattr(dataset, "file_meta", {}):
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    return dataset


def is_image(path: Path) -> bool:
    """Whether the file has rows of pixel data, or, if it is cut before its pixel data is parsed, says so by name."""
    dataset = parsed(path)
    return ("Rows" in dataset and "PixelData" in dataset) or path.name in TWIN


IMAGES = [path for path in FILES if is_image(path)]
OTHERS = [path for path in FILES if not is_image(path)]


@pytest.fixture(scope="module")
def by_gdcm(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[np.ndarray, str]]:
    """Every image that GDCM is compared on, as it reads it."""
    folder = tmp_path_factory.mktemp("gdcm")
    wanted = [path for path in IMAGES if path.name not in GDCM_FAILS and path.name not in NOT_READ]
    script = Path(__file__).with_name("gdcm_reader.py")
    subprocess.run([sys.executable, script, folder, *wanted], check=True, stderr=subprocess.DEVNULL)
    read = {}
    for number, path in enumerate(wanted):
        with np.load(folder / f"{number}.npz") as found:
            read[path] = found["values"], str(found["model"])
    return read


def by_pydicom(path: Path) -> tuple[np.ndarray, str]:
    dataset = parsed(path)
    values = dataset.pixel_array
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    return (values if frames > 1 else values[None]), dataset.PhotometricInterpretation


def grey(stored: np.ndarray, model: str, dataset: Dataset) -> np.ndarray:
    """The stated way to grey, by pydicom's functions."""
    bits = int(dataset.BitsStored)
    if model == "PALETTE COLOR":
        rgb = apply_color_lut(stored, dataset)
        return luma((rgb >> 8 if rgb.dtype == np.uint16 else rgb).astype(np.uint8))
    if stored.ndim == 3:
        eight = (stored >> max(bits - 8, 0)).astype(np.uint8)
        return luma(convert_color_space(eight, "YBR_FULL", "RGB") if model.startswith("YBR_FULL") else eight)
    share = np.clip(brightness(stored, bits, dataset), 0, 1)
    share = 1 - share if dataset.PhotometricInterpretation == "MONOCHROME1" else share
    return np.floor(share * 255 + 0.5).astype(np.uint8)


def brightness(stored: np.ndarray, bits: int, dataset: Dataset) -> np.ndarray:
    least = -(2 ** (bits - 1)) if dataset.PixelRepresentation else 0
    most = least + 2**bits - 1
    modality = apply_modality_lut(stored, dataset)
    if "ModalityLUTSequence" in dataset:
        return modality / (2 ** dataset.ModalityLUTSequence[0].LUTDescriptor[2] - 1)
    if "VOILUTSequence" in dataset:
        return apply_voi_lut(stored, dataset) / (2 ** dataset.VOILUTSequence[0].LUTDescriptor[2] - 1)
    if dataset.get("WindowWidth"):
        slope, intercept = float(dataset.get("RescaleSlope", 1)), float(dataset.get("RescaleIntercept", 0))
        return (apply_voi_lut(modality, dataset) - (least * slope + intercept)) / ((most - least) * slope)
    return (stored.astype(np.float64) - least) / (most - least)


def with_functional_groups(dataset: Dataset, frame: int) -> Dataset:
    """The data set with the window and rescale of its functional groups at the top."""
    merged = Dataset()
    merged.file_meta = dataset.file_meta
    merged.update(dataset)
    groups = [*dataset.get("SharedFunctionalGroupsSequence", [])[:1]]
    groups += [*dataset.get("PerFrameFunctionalGroupsSequence", [])][frame : frame + 1]
    for group in groups:
        for name in ("FrameVOILUTSequence", "PixelValueTransformationSequence"):
            if name in group:
                merged.update(group[name][0])
    return merged


@pytest.mark.parametrize("path", IMAGES, ids=[NAMES[FILES.index(path)] for path in IMAGES])
def test_an_image_is_read_as_the_second_reader_reads_it(
    path: Path, by_gdcm: dict[Path, tuple[np.ndarray, str]]
) -> None:
    if path.name in NOT_READ:
        with pytest.raises(NOT_READ[path.name][0]):
            list(open_frames(path))
        return
    reference = path.with_name(TWIN.get(path.name, path.name))
    stored, model = by_gdcm[path] if path in by_gdcm else by_pydicom(reference)
    read = list(open_frames(path))
    assert len(read) == len(stored)
    for index, (frame, values) in enumerate(zip(read, stored, strict=True)):
        attributes = parsed(reference.with_name(PALETTE_OF.get(path.name, reference.name)))
        expected = grey(values, model, with_functional_groups(attributes, index))
        assert np.abs(frame.pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("path", OTHERS, ids=[NAMES[FILES.index(path)] for path in OTHERS])
def test_what_is_no_image_is_refused_in_one_line(path: Path) -> None:
    with pytest.raises(FrameError) as refusal:
        list(open_frames(path))
    assert "\n" not in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_the_samples_cover_what_is_promised() -> None:
    """The lists above stay true: enough files, and each exception is about a file that is there."""
    names = {path.name for path in FILES}
    assert len(IMAGES) >= 170
    assert {*NOT_READ, *GDCM_FAILS, *PALETTE_OF, *TWIN} <= names


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """pydicom and openjpeg log what is odd about the samples."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("stored_otherwise", "uncompressed"),
    [
        ("SC_rgb_jpeg_gdcm.dcm", "SC_rgb.dcm"),
        ("OBXXXX1A_rle_2frame.dcm", "OBXXXX1A_2frame.dcm"),
        ("US1_J2KR.dcm", "US1_UNCR.dcm"),
        ("emri_small_jpeg_ls_lossless.dcm", "emri_small.dcm"),
        ("gdcm-US-ALOKA-16_big.dcm", "gdcm-US-ALOKA-16.dcm"),
    ],
    ids=["JPEG lossless", "RLE", "JPEG 2000", "JPEG-LS", "big endian"],
)
def test_a_lossless_form_gives_the_pixels_of_the_uncompressed_one(stored_otherwise: str, uncompressed: str) -> None:
    by_name = {path.name: path for path in FILES}
    one = [frame.pixels for frame in open_frames(by_name[stored_otherwise])]
    np.testing.assert_array_equal(one, [frame.pixels for frame in open_frames(by_name[uncompressed])])
