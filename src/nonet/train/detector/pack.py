"""Training frames as one small file, for a machine that has a GPU and no data set.

A ZIP archive: an index with what is known of each frame, and its pixels as lossy WebP. No file names go into it.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from PIL import Image
from pydantic import ConfigDict, TypeAdapter, ValidationError

from nonet.anatomy import STRUCTURES
from nonet.errors import TrainingError
from nonet.files import replacing_path
from nonet.train.detector.samples import Sample

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Pack", "read_pack", "write_pack"]

_FORMAT = 1
_INDEX = "pack.json"
_MOST_FRAMES = 20_000
_MOST_SIDE = 4096
_MOST_INDEX, _MOST_PICTURE = 64 << 20, 16 << 20
"""Bytes that are read of a member."""
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Pack:
    """The samples of a pack, in the order in which they were written: with boxes, and of other anatomy."""

    real: tuple[Sample, ...]
    empty: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    __pydantic_config__: ClassVar = _STRICT

    kind: Literal["real", "empty"]
    pixels_sha256: str
    device: str | None
    edges: list[list[float] | None]
    hidden: bool


@dataclass(frozen=True, slots=True)
class _Index:
    __pydantic_config__: ClassVar = _STRICT

    format: Literal[1]
    frames: list[_Row]


def write_pack(path: Path, pack: Pack, quality: int) -> int:
    """Write a pack; gives its size in bytes.

    Parameters
    ----------
    path
        The file, which appears whole or not at all.
    pack
        The samples.
    quality
        Of WebP, 1 to 100.
    """
    kinds = (("real", pack.real), ("empty", pack.empty))
    samples = [(kind, sample) for kind, those in kinds for sample in those]
    rows = [
        {
            "kind": kind,
            "pixels_sha256": sample.pixels_sha256,
            "device": sample.device,
            "edges": [None if np.isnan(row).any() else row.tolist() for row in sample.edges],
            "hidden": sample.hidden is not None,
        }
        for kind, sample in samples
    ]
    with replacing_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(_INDEX, json.dumps({"format": _FORMAT, "frames": rows}), zipfile.ZIP_DEFLATED)
        for number, (_, sample) in enumerate(samples):
            archive.writestr(_name(number), _webp(sample.pixels, quality))
            if sample.hidden is not None:
                archive.writestr(_name(number, hidden=True), _webp(sample.hidden, quality))
    return path.stat().st_size


def read_pack(path: Path) -> Pack:
    """The samples of a pack, their pixels as near to the frames' as its quality left them.

    Raises
    ------
    TrainingError
        If the file is no pack, or one of its pictures is lacking, broken or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            index = TypeAdapter(_Index).validate_json(_member(archive, _INDEX, _MOST_INDEX))
            if len(index.frames) > _MOST_FRAMES:
                raise ValueError(f"{len(index.frames)} frames, of at most {_MOST_FRAMES}")
            samples = [(row.kind, _sample(archive, number, row)) for number, row in enumerate(index.frames)]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, Image.DecompressionBombError) as problem:
        reason = "no index of frames" if isinstance(problem, ValidationError) else str(problem).strip("'\"")
        raise TrainingError(
            "A pack is a file that nonet train pack has written",
            found=f"{path.name}: {reason.splitlines()[0] if reason else type(problem).__name__}",
            remedy="Write it again with this version of Nonet",
        ) from problem
    real, empty = (tuple(sample for own, sample in samples if own == kind) for kind in ("real", "empty"))
    return Pack(real, empty)


def _sample(archive: zipfile.ZipFile, number: int, row: _Row) -> Sample:
    if len(row.edges) != len(STRUCTURES):
        raise ValueError(f"frame {number} with {len(row.edges)} boxes, where nine structures have a place each")
    edges = np.full((len(STRUCTURES), 4), np.nan, np.float32)
    for place, known in enumerate(row.edges):
        if known is not None:
            edges[place] = known
    pixels = _opened(archive, _name(number))
    sample = Sample(f"{number:05d}", pixels, edges, row.pixels_sha256, row.kind == "empty", device=row.device)
    return replace(sample, hidden=_opened(archive, _name(number, hidden=True))) if row.hidden else sample


def _name(number: int, *, hidden: bool = False) -> str:
    return f"{number:05d}{'-hidden' if hidden else ''}.webp"


def _webp(pixels: NDArray[np.uint8], quality: int) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "WEBP", quality=quality, method=4)
    return written.getvalue()


def _opened(archive: zipfile.ZipFile, name: str) -> NDArray[np.uint8]:
    picture = Image.open(io.BytesIO(_member(archive, name, _MOST_PICTURE)), formats=("WEBP",))
    if max(picture.size) > _MOST_SIDE:
        raise ValueError(f"{name} of {picture.width} x {picture.height}, of at most {_MOST_SIDE} a side")
    return np.asarray(picture.convert("L"))


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if archive.getinfo(name).file_size > most:
        raise ValueError(f"{name} of {archive.getinfo(name).file_size} bytes, of at most {most}")
    return archive.read(name)
