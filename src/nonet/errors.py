"""Every error that Nonet raises on purpose: one tree, one sentence each.

A message says the rule, then what was found, then what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

__all__ = [
    "BundleError",
    "DatasetError",
    "DicomError",
    "EnvironmentFailure",
    "Failure",
    "FrameError",
    "InputTooLarge",
    "LeakError",
    "LoopError",
    "NonetError",
    "NotAnImage",
    "NotCalibrated",
    "RegionError",
    "SettingsError",
    "TrainingError",
]


class NonetError(Exception):
    """A rule of Nonet was broken: the rule, what was found, and the remedy.

    Parameters
    ----------
    rule
        What must hold, as a sentence without its full stop.
    found
        What was there instead.
    remedy
        What the person can do.
    """

    def __init__(self, rule: str, *, found: str, remedy: str) -> None:
        self.rule = rule
        self.found = found
        self.remedy = remedy
        super().__init__(f"{rule}. Found: {found}. {remedy}.")

    def __reduce__(self) -> tuple[partial[NonetError], tuple[str]]:
        """So that an error reaches the process that asked."""
        return partial(type(self), found=self.found, remedy=self.remedy), (self.rule,)


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, as a value: its name, and the error that says why."""

    name: str
    error: NonetError

    def to_dict(self) -> dict[str, str]:
        """As JSON values: name, rule, found, remedy."""
        return {"name": self.name, "rule": self.error.rule, "found": self.error.found, "remedy": self.error.remedy}


class FrameError(NonetError):
    """A file cannot become a frame."""


class NotAnImage(FrameError):
    """The file is not an image in a form that Nonet reads."""


class InputTooLarge(FrameError):
    """The file asks for more memory, pixels, frames or nesting than a reader should grant."""


class DicomError(FrameError):
    """The file is DICOM but its pixel data cannot be decoded."""


class LoopError(FrameError):
    """Frames cannot be read as one loop."""


class NotCalibrated(NonetError):
    """Millimetres were asked for where no pixel size is known."""


class RegionError(NonetError):
    """A box or mask does not lie on the pixels it is meant for."""


class SettingsError(NonetError):
    """A setting is out of the range in which it has a meaning."""


class EnvironmentFailure(NonetError):
    """The machine does not let Nonet work: no disk space, a folder that is read-only, no process that starts."""


class BundleError(NonetError):
    """A model bundle is incomplete, altered, or of a version that this program cannot run."""


class DatasetError(NonetError):
    """A data set is not in the form that its reader expects."""


class LeakError(NonetError):
    """A model would be evaluated on, or applied to, a frame that its training has seen."""


class TrainingError(NonetError):
    """A recipe or a checkpoint cannot be trained from."""
