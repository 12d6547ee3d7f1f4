"""Whether a file is one of Nonet's own DICOM results, come back by another way: such a file is never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.errors import FrameError
from nonet.frames.sniff import HEAD_BYTES, FileKind, sniff

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["is_own_file"]


def is_own_file(path: Path) -> bool:
    """Whether Nonet wrote a file; one that cannot be opened or parsed is left to the reader, who says why."""
    from nonet.frames.dicom.own_results import is_own
    from nonet.outputs.dicom.source import header_of

    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        return sniff(head) is FileKind.DICOM and is_own(header_of(path))
    except (FrameError, OSError):
        return False
