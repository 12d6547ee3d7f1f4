"""Deep features as a measurement that a feature table is written with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nonet.bundle import Bundle
from nonet.deep.crop import touches
from nonet.deep.embedder import Embedder
from nonet.features.table import Row
from nonet.reading import Box

__all__ = ["DeepFeatures"]

_OUTSIDE = "outside_image"


@dataclass(frozen=True, slots=True)
class DeepFeatures:
    """Measures every box with the embedder of a bundle, which each process opens once.

    Parameters
    ----------
    folder
        The bundle's folder.
    """

    folder: Path

    @property
    def kind(self) -> str:
        """The word ``deep``."""
        return "deep"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return _opened(self.folder)[1].names

    @property
    def dtype(self) -> type[np.float32]:
        """Values are ``float32``."""
        return np.float32

    @property
    def document(self) -> str:
        """Network and crop as one line of JSON."""
        bundle, embedder = _opened(self.folder)
        window = embedder.window
        shape = {"width": window.width, "height": window.height, "margin": window.margin}
        model = bundle.manifest.files[embedder.manifest.file]
        return json.dumps({"family": embedder.manifest.family, "model_sha256": model, "window": shape}, sort_keys=True)

    def rows(self, pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> list[Row]:
        """The features of each box; NaN for one that does not touch the frame."""
        embedder = _opened(self.folder)[1]
        inside = np.array([touches(box, pixels) for box in boxes], bool)
        values = np.full((len(boxes), embedder.manifest.features), np.nan, np.float32)
        values[inside] = embedder.embed(pixels, [box for box, on in zip(boxes, inside, strict=True) if on])
        return [Row(row, None if on else _OUTSIDE) for row, on in zip(values, inside, strict=True)]


@lru_cache(maxsize=1)
def _opened(folder: Path) -> tuple[Bundle, Embedder]:
    bundle = Bundle(folder)
    return bundle, Embedder(bundle)
