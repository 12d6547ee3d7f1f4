"""How Nonet's own DICOM results are known, so that none is read as a frame again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["DESCRIPTIONS", "MANUFACTURER", "MODEL", "OWN_TAGS", "is_own"]

MANUFACTURER = "Nonet"
MODEL = "Nonet"
DESCRIPTIONS = {
    "sr": "Nonet findings, AI, research use",
    "gsps": "Nonet boxes, AI, research use",
    "sc": "Nonet pictures, AI, research use",
}
"""Series description of each kind of result."""

OWN_TAGS = (0x00080070, 0x0008103E, 0x00081090)
"""What a result is known by: Manufacturer, Series Description, Manufacturer's Model Name."""


def is_own(dataset: Dataset) -> bool:
    """Whether Nonet wrote an object, so that it is not read again.

    The equipment (manufacturer and model) says so; where an archive has changed that, the description of the series.
    """
    equipment = str(dataset.get("Manufacturer", "")).strip(), str(dataset.get("ManufacturerModelName", "")).strip()
    return equipment == (MANUFACTURER, MODEL) or str(dataset.get("SeriesDescription", "")) in DESCRIPTIONS.values()
