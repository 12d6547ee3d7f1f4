"""The parts of a frame's features, so that only what a grader needs is computed."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ALL_PARTS", "FeaturePart"]


class FeaturePart(StrEnum):
    """Where a feature comes from."""

    DETECTOR = "detector"
    RADIOMICS = "radiomics"
    DEEP = "deep"


ALL_PARTS = frozenset(FeaturePart)
