"""The 215 features as a measurement that a feature table is written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nonet.features.table import Row
from nonet.radiomics.extract import Features, columns, extract_many
from nonet.radiomics.radiomics_settings import RadiomicsSettings
from nonet.radiomics.region import Pixels
from nonet.reading import Box

__all__ = ["RadiomicFeatures"]


@dataclass(frozen=True, slots=True)
class RadiomicFeatures:
    """Measures every box with the same settings.

    Parameters
    ----------
    settings
        How to measure.
    """

    settings: RadiomicsSettings = field(default_factory=RadiomicsSettings)

    @property
    def kind(self) -> str:
        """The word ``radiomics``."""
        return "radiomics"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, 215 with default settings."""
        return tuple(column.name for column in columns(self.settings))

    @property
    def dtype(self) -> type[np.float64]:
        """Values are ``float64``."""
        return np.float64

    @property
    def document(self) -> str:
        """The settings as one line of JSON."""
        return self.settings.document

    def rows(self, pixels: Pixels, boxes: Sequence[Box]) -> list[Row]:
        """The features of each box, and why some have no value."""
        return [_row(features) for features in extract_many(pixels, boxes, self.settings)]


def _row(features: Features) -> Row:
    return Row(features.values, features.defect, {} if features.defect else features.undefined())
