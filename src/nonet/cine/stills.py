"""A folder of numbered stills as the frames of a loop."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from nonet.errors import LoopError
from nonet.files import sha256_of
from nonet.frames import find_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nonet.frame import Frame
    from nonet.reader import Reader

__all__ = ["NumberedStills"]

_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")
"""The last number of a name without its ending."""


@dataclass(frozen=True, slots=True)
class NumberedStills:
    """The stills of a folder, in the order of the last number of their names.

    Attributes
    ----------
    paths
        Of the files.
    steps
        How many numbers each is after the one before; more than one where a frame was lost.
    """

    paths: tuple[Path, ...]
    steps: tuple[int, ...]

    @classmethod
    def of(cls, folder: Path) -> NumberedStills:
        """Those of a folder, whose folders are not searched.

        Raises
        ------
        LoopError
            If there are fewer than two, one has no number in its name, or two have the same.
        """
        paths = [path for path in find_files([folder]) if path.parent == folder]
        numbered = sorted(((_number(path), path) for path in paths), key=lambda one: one[0])
        if len(numbered) < 2:
            raise LoopError(
                "A loop has two frames or more",
                found=f"{len(numbered)} images in {folder.name}",
                remedy="Give a folder of numbered stills, or leave out --loop",
            )
        steps = [1, *(later[0] - earlier[0] for earlier, later in pairwise(numbered))]
        if 0 in steps:
            same = numbered[steps.index(0)][0]
            raise LoopError(
                "The stills of a loop have a number each",
                found=f"two images of number {same} in {folder.name}",
                remedy="Put each loop into a folder of its own",
            )
        return cls(tuple(path for _, path in numbered), tuple(steps))

    def open(self, reader: Reader) -> Iterator[Frame]:
        """The frames, each as a frame of one source.

        Raises
        ------
        FrameError
            If a file cannot be read.
        LoopError
            If a file holds several frames.
        """
        for place, path in enumerate(self.paths):
            for frame in reader.open_source(path):
                if frame.source.frames > 1:
                    raise LoopError(
                        "A still of a loop has one frame",
                        found=f"{frame.source.frames} frames in {path.name}",
                        remedy="Read that file by itself, without --loop",
                    )
                yield replace(frame, source=replace(frame.source, frame=place, frames=len(self.paths)))

    def sha256(self) -> str:
        """Of the names and bytes of all files."""
        digest = hashlib.sha256()
        for path in self.paths:
            digest.update(f"{path.name}\0{sha256_of(path)}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()


def _number(path: Path) -> int:
    found = _NUMBER.search(path.stem)
    if found is None:
        raise LoopError(
            "The stills of a loop have a number each",
            found=f"none in the name {path.name}",
            remedy="Number the files in the order of time, or leave out --loop",
        )
    return int(found[0])
