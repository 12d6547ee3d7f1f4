"""What was done to each file, without a value of it and without its name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import nonet
from nonet.deidentify.attribute_actions import EDITION
from nonet.files import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from nonet.errors import NonetError

__all__ = ["REPORT_NAME", "CleanedFile", "FailedFile", "Report"]

REPORT_NAME = "report.json"


@dataclass(frozen=True, slots=True)
class CleanedFile:
    """A file that was written.

    ``input`` is its place from 1 among the inputs in natural order; ``output`` its path under the output folder.
    ``removed`` and ``replaced`` are attributes by keyword, or by tag where they have none. Shares are of all pixels of
    all frames: blanked since they lie outside what is image, and blanked as overlay inside it. ``burned_in_annotation``
    is what the output says; ``text_like_marks`` is what the check of ``checked_frames`` frames found after blanking.
    """

    input: int
    output: str
    frames: int
    calibrated_regions: int
    confirmed_without_regions: bool
    removed: list[str]
    replaced: list[str]
    blanked_outside: float
    blanked_overlay: float
    checked_frames: int
    text_like_marks: int
    burned_in_annotation: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file of which nothing was written, and why."""

    input: int
    rule: str
    found: str
    remedy: str

    @classmethod
    def of(cls, number: int, error: NonetError) -> FailedFile:
        """The failure of an input."""
        return cls(number, error.rule, error.found, error.remedy)


@dataclass(slots=True)
class Report:
    """The report of a run; ``left_alone`` counts files of other kinds, of which nothing was read."""

    dates: str
    key: str
    left_alone: int = 0
    cleaned: list[CleanedFile] = field(default_factory=list)
    failed: list[FailedFile] = field(default_factory=list)
    contact_sheets: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "nonet": nonet.__version__,
            "profile": f"DICOM PS3.15 {EDITION}, Basic Application Level Confidentiality Profile",
            "options": self._options(),
            "look_at_every_picture": "A text detector is no proof: look at every picture before it leaves the hospital",
            **asdict(self),
        }

    def _options(self) -> list[str]:
        """The options of the profile that hold for every output: clean pixels only where no text can be left."""
        clean = bool(self.cleaned) and all(one.burned_in_annotation == "NO" for one in self.cleaned)
        shifted = self.dates == "shift"
        return ["Clean Pixel Data"] * clean + ["Retain Longitudinal, Modified Dates"] * shifted

    def to_json(self) -> str:
        """The document of ``report.json``."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def write(self, folder: Path) -> None:
        """Write it into the output folder."""
        with replacing(folder / REPORT_NAME) as file:
            file.write(self.to_json())
