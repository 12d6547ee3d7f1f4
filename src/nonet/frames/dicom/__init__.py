"""A DICOM file becomes frames: walked, then its attributes read, then each frame decoded alone."""

from __future__ import annotations

from nonet.frames.dicom.frames import dicom_frames

__all__ = ["dicom_frames"]
