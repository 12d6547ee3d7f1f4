"""One file in, one cleaned file out: attributes, pixels, and what is said of both."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

import nonet
from nonet.deidentify.clean_attributes import clean_attributes, state_pixels
from nonet.deidentify.pixel_frames import SourceFrames
from nonet.deidentify.pixel_mask import blanked_pixels
from nonet.deidentify.report import CleanedFile
from nonet.deidentify.source_file import open_source
from nonet.deidentify.text_check import text_like_marks
from nonet.errors import DicomError, InputTooLarge, NonetError
from nonet.files import replacing_bytes
from nonet.frames.dicom.stored_samples import COMPRESSED
from nonet.frames.guards import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from nonet.deidentify.clean_attributes import CleanAttributes, Dates
    from nonet.deidentify.key import Key
    from nonet.deidentify.pixel_mask import BlankedPixels
    from nonet.deidentify.source_file import SourceFile

    Show = Callable[[str, NDArray[np.uint8]], None]

__all__ = ["Options", "clean_file"]

_CHECKED = 10
"""Frames of a file, evenly spread, that the check for text looks at."""
_LOSSY = frozenset({"JPEG baseline", "JPEG extended", "JPEG-LS near-lossless"})
_WHOLE_PICTURE = (
    "Calibrated regions are nearly the whole picture: they do not say where text cannot be. Look at every frame"
)
_NO_SECTOR = "No sector was found in some frame, so that what lies outside it is not blanked. Look at every frame"
_REDRAWN = (
    "A window, or more than 8 bits, can hide text: the grey picture of 8 bits is written in place of stored values"
)
_NO_REGIONS = "There are no calibrated regions: a person confirmed it. Look at every frame"


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for all files of a run; ``confirm_no_regions`` lets files without calibrated regions through."""

    key: Key
    dates: Dates
    confirm_no_regions: bool = False
    limits: Limits = field(default_factory=Limits)


def clean_file(path: Path, number: int, folder: Path, options: Options, show: Show) -> CleanedFile:
    """Write the de-identified image of a file.

    Parameters
    ----------
    path, number
        The file, and its place from 1 among the inputs.
    folder
        The output folder; the output lies in a folder of its patient's pseudonym.
    options
        Key, dates, limits.
    show
        Called with a caption and a cleaned picture ``uint8[H, W]``, in colour ``uint8[H, W, 3]``: once for a still; for
        a cine with the first frame, and with the brightest value of each pixel over all frames, in which every mark of
        every frame shows.

    Raises
    ------
    FrameError
        If the file is no ultrasound image, cannot be decoded whole, or has no calibrated regions and nobody confirmed
        that; then nothing is written.
    """
    with open_source(path, options.limits) as source:
        frames = SourceFrames(source)
        _check_size(frames, options.limits)
        clean = clean_attributes(source, options.key, options.dates)
        _check_class_kept(clean)
        name = f"{clean.dataset.PatientID}/{options.key.file_name(clean.dataset.SOPInstanceUID.encode())}.dcm"
        _check_free(folder / name)
        blanked = blanked_pixels(frames)
        _check_regions(blanked, options)
        with tempfile.TemporaryFile(dir=folder) as pixels:
            written = _write_pixels(pixels, frames, blanked)
            marks = sum(written.marks)
            _note_warnings(clean, source, frames, blanked, written)
            state_pixels(clean.dataset, clean=blanked.is_bounded and not marks)
            _describe_pixels(clean, source, frames)
            _save(folder / name, clean, pixels)
        for caption, picture in written.pictures:
            show(f"{name} {caption}".strip(), picture)
    return CleanedFile(
        number, name, len(frames), blanked.regions, not blanked.regions, sorted(set(clean.removed)),
        sorted(set(clean.replaced)), round(blanked.outside, 4), round(blanked.overlay, 4), len(written.marks), marks,
        str(clean.dataset.BurnedInAnnotation), list(dict.fromkeys(clean.warnings)),
    )  # fmt: skip


@dataclass(slots=True)
class _Written:
    """What the pixels showed while they were written: marks of each frame checked, pictures, warnings."""

    marks: list[int]
    pictures: list[tuple[str, NDArray[np.uint8]]]
    warnings: list[str]


def _write_pixels(file: BinaryIO, frames: SourceFrames, blanked: BlankedPixels) -> _Written:
    """Write the cleaned samples of all frames; nothing that is not cleaned touches the disk."""
    checked = set(np.linspace(0, len(frames) - 1, min(len(frames), _CHECKED)).round().astype(int).tolist())
    written, length = _Written([], [], []), 0
    brightest: NDArray[np.uint8] | None = None
    for index in range(len(frames)):
        frame, mask = frames[index], blanked.mask(index)
        samples = frame.samples.copy()
        samples[mask] = frames.form.black
        length += file.write(samples.astype(frames.form.dtype, copy=False).tobytes())
        grey = np.where(mask, np.uint8(0), frame.grey)
        shown = samples.astype(np.uint8, copy=False) if samples.ndim == 3 else grey
        if index in checked:
            written.marks.append(text_like_marks(grey, mask))
        if index == 0:
            written.pictures.append(("frame 1" if len(frames) > 1 else "", shown))
        brightest = shown if brightest is None else np.maximum(brightest, shown)
        written.warnings.extend(frame.warnings)
    if len(frames) > 1 and brightest is not None:
        written.pictures.append((f"brightest of {len(frames)} frames", brightest))
    file.write(b"\0" * (length % 2))
    file.seek(0)
    return written


def _note_warnings(
    clean: CleanAttributes,
    source: SourceFile,
    frames: SourceFrames,
    blanked: BlankedPixels,
    written: _Written,
) -> None:
    notes = {
        _NO_REGIONS: not blanked.regions,
        _NO_SECTOR: blanked.sector_unknown,
        _WHOLE_PICTURE: blanked.regions_are_whole,
        f"{sum(written.marks)} marks that look like text are left: look at the picture": sum(written.marks) > 0,
        _REDRAWN: frames.is_redrawn,
        "What follows the pixel data is removed": source.has_trailing_data,
        "Frames past the number that the file announces are removed": source.samples.held > len(frames),
    }
    clean.warnings += [*(words for words, holds in notes.items() if holds), *written.warnings]


def _describe_pixels(clean: CleanAttributes, source: SourceFile, frames: SourceFrames) -> None:
    dataset, module = clean.dataset, source.module
    frames.form.describe(dataset)
    dataset.Rows, dataset.Columns = module.rows, module.columns
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    if "NumberOfFrames" in source.attributes.file or module.frames > 1:
        dataset.NumberOfFrames = module.frames
    if COMPRESSED.get(source.part10.transfer_syntax) in _LOSSY:
        dataset.LossyImageCompression = "01"


def _save(target: Path, clean: CleanAttributes, pixels: BinaryIO) -> None:
    """Write Explicit VR Little Endian with an empty preamble."""
    dataset = FileDataset("", clean.dataset, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationVersionName = f"NONET_{nonet.__version__}"[:16]
    dataset.add_new(0x7FE00010, "OB" if clean.dataset.BitsAllocated == 8 else "OW", pixels)
    target.parent.mkdir(exist_ok=True)
    with replacing_bytes(target) as file:
        dataset.save_as(file, enforce_file_format=True)


def _check_free(target: Path) -> None:
    if target.exists():
        raise DicomError(
            "Each image is written once",
            found="another input with the same SOP Instance UID",
            remedy="Leave out the copy, or write it to another folder",
        )


def _check_size(frames: SourceFrames, limits: Limits) -> None:
    module = frames.module
    size = module.rows * module.columns * frames.form.samples * frames.form.dtype.itemsize * len(frames)
    if size > limits.file_bytes:
        raise InputTooLarge(
            f"An output has at most {limits.file_bytes} bytes of pixels",
            found=f"{size}",
            remedy="Export fewer frames to a file",
        )


def _check_regions(blanked: BlankedPixels, options: Options) -> None:
    if not blanked.regions and not options.confirm_no_regions:
        raise NonetError(
            "An image has calibrated regions that say where patient data cannot be",
            found="none that counts, in at least one frame",
            remedy="Look at the image; if nothing in it names the patient, pass --confirm-no-regions",
        )


def _check_class_kept(clean: CleanAttributes) -> None:
    if "SOPClassUID" not in clean.dataset:
        raise DicomError("An image names its SOP class", found="none of the standard", remedy="Export the image again")
