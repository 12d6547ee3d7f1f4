"""A file becomes frames: stills and DICOM, guarded, with what is known of their pixel size."""

from __future__ import annotations

from nonet.frames.discovery import find_files
from nonet.frames.guards import Limits
from nonet.frames.opening import open_frames
from nonet.frames.overlay import hide_overlay, mark

__all__ = ["Limits", "find_files", "hide_overlay", "mark", "open_frames"]
