"""A plain folder of images, for labels that come in a table of their own: no boxes, no planes.

The folders at its top name the splits; images that lie at the top itself are ``all``.
"""

from __future__ import annotations

from pathlib import Path

from nonet.datasets.data_set import DataSet, ImageRow
from nonet.datasets.exclusions import Excluded, ExclusionReason
from nonet.datasets.frame_columns import with_frame_columns
from nonet.datasets.image_files import image_files, image_size
from nonet.datasets.problems import Problem

__all__ = ["ImageFolder"]


class ImageFolder:
    """Reader of a folder that is of no published form."""

    name = "folder of images"

    def recognises(self, path: Path) -> bool:
        """Whether the folder, or one inside it, holds an image."""
        return path.is_dir() and bool(image_files(path))

    def read(self, path: Path) -> DataSet:
        """Every image under the folder, by its path from there; sizes from the headers."""
        rows: list[ImageRow] = []
        problems: list[Problem] = []
        unreadable: list[Excluded] = []
        for file in image_files(path):
            relative = file.relative_to(path)
            size = image_size(file, relative.as_posix())
            split = relative.parts[0] if len(relative.parts) > 1 else "all"
            if isinstance(size, Problem):
                problems.append(size)
                unreadable.append(Excluded(relative.as_posix(), ExclusionReason.UNREADABLE, size.found, split))
            else:
                rows.append(ImageRow(relative.as_posix(), file, *size, split))
        images, column_problems = with_frame_columns(rows, path)
        return DataSet(self.name, images, (), (*problems, *column_problems), tuple(unreadable))
