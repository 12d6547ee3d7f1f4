"""Read DICOM files with GDCM, the second reader: run as a program, because GDCM ends its process on some files.

``python gdcm_reader.py OUT FILE...`` writes ``OUT/<number>.npz`` (stored values, colour model) for each file it reads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gdcm
import numpy as np

TYPES = {"UINT8": "u1", "INT8": "i1", "UINT12": "u2", "INT12": "i2", "UINT16": "u2", "INT16": "i2", "UINT32": "u4"}


def read(path: str) -> tuple[np.ndarray, str] | None:
    """Stored values ``[frames, H, W]`` or ``[frames, H, W, 3]`` and the colour model, or None."""
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        return None
    image = reader.GetImage()
    kind, samples = image.GetPixelFormat().GetScalarTypeAsString(), image.GetPixelFormat().GetSamplesPerPixel()
    buffer = image.GetBuffer().encode("utf-8", "surrogateescape")
    size = image.GetDimensions()
    columns, rows, frames = size[0], size[1], size[2] if len(size) > 2 else 1
    if kind == "SINGLEBIT":
        values = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    else:
        values = np.frombuffer(buffer, TYPES[kind])
    values = values[: frames * rows * columns * samples]
    if samples == 1:
        values = values.reshape(frames, rows, columns)
    elif image.GetPlanarConfiguration():
        values = values.reshape(frames, samples, rows, columns).transpose(0, 2, 3, 1)
    else:
        values = values.reshape(frames, rows, columns, samples)
    return values, image.GetPhotometricInterpretation().GetString().strip()


if __name__ == "__main__":
    for number, path in enumerate(sys.argv[2:]):
        found = read(path)
        if found is not None:
            np.savez(Path(sys.argv[1]) / f"{number}.npz", values=found[0], model=found[1])
