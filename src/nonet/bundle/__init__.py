"""A model on disk: a folder with a manifest, its files and their hashes. No pickle anywhere."""

from nonet.bundle.manifest import (
    BoxForm,
    DetectorCalibration,
    DetectorManifest,
    EmbedderManifest,
    GraderManifest,
    ImportedDetector,
    Layout,
    Manifest,
    Unit,
)
from nonet.bundle.open_bundle import DEFAULT_BUNDLE, Bundle

__all__ = [
    "DEFAULT_BUNDLE",
    "BoxForm",
    "Bundle",
    "DetectorCalibration",
    "DetectorManifest",
    "EmbedderManifest",
    "GraderManifest",
    "ImportedDetector",
    "Layout",
    "Manifest",
    "Unit",
]
