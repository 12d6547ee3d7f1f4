"""DICOM files without what identifies a patient, in tags and in pixels."""

from __future__ import annotations

from nonet.deidentify.clean_attributes import Dates
from nonet.deidentify.clean_file import Options
from nonet.deidentify.folder import deidentify
from nonet.deidentify.key import Key

__all__ = ["Dates", "Key", "Options", "deidentify"]
