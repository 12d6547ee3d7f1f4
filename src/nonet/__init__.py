"""Nonet reads first-trimester ultrasound of the fetal head: nine structures in a mid-sagittal frame.

>>> import nonet
>>> for reading in nonet.read(paths):  # doctest: +SKIP
...     print(reading.name, reading["nasal_bone"].visible)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from nonet.telemetry import pydicom_without_requests, switch_off

__version__ = "0.1.0"
switch_off()
pydicom_without_requests()

if TYPE_CHECKING:
    from nonet.anatomy import Structure
    from nonet.bundle import Bundle
    from nonet.errors import Failure, NonetError
    from nonet.frames import open_frames
    from nonet.outputs.data_frame import to_dataframe
    from nonet.reader import Reader, read
    from nonet.reading import Box, Reading

__all__ = [
    "Box",
    "Bundle",
    "Failure",
    "NonetError",
    "Reader",
    "Reading",
    "Structure",
    "open_frames",
    "read",
    "to_dataframe",
]

_HOME = {
    "Box": "nonet.reading",
    "Bundle": "nonet.bundle",
    "Failure": "nonet.errors",
    "NonetError": "nonet.errors",
    "Reader": "nonet.reader",
    "Reading": "nonet.reading",
    "Structure": "nonet.anatomy",
    "open_frames": "nonet.frames",
    "read": "nonet.reader",
    "to_dataframe": "nonet.outputs.data_frame",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for, so that ``import nonet`` stays light."""
    if name not in _HOME:
        raise AttributeError(f"module 'nonet' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*__all__, "__version__"})
