"""Extractors of several bundles: those that give the same features are opened once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.features.frame_features import FrameFeatureExtractor

if TYPE_CHECKING:
    from collections.abc import Collection

    from nonet.bundle import Bundle
    from nonet.features.parts import FeaturePart

__all__ = ["SharedExtractors"]


class SharedExtractors:
    """Opens an extractor for each bundle whose networks, or way of running them, are not open yet."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], FrameFeatureExtractor] = {}

    def of(self, bundle: Bundle, parts: Collection[FeaturePart]) -> FrameFeatureExtractor:
        """The extractor of some parts of the features by a bundle's networks."""
        key = (*bundle.manifest.feature_models, repr(bundle.manifest.detector), *sorted(part.value for part in parts))
        if key not in self._open:
            self._open[key] = FrameFeatureExtractor(bundle, parts)
        return self._open[key]
