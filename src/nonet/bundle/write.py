"""Write a bundle: the network, the list of frames it has seen, a model card, and a manifest that hashes them all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from nonet.anatomy import STRUCTURES
from nonet.bundle import DetectorManifest, Manifest
from nonet.bundle.check_manifest import FORMAT
from nonet.bundle.frames_seen import FRAMES_SEEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Contents", "Entry", "write_bundle", "write_files"]

Entry = dict[str, str | int | float]
"""One source of training, as name and value pairs."""


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle beside its manifest's own words.

    ``frames_seen`` is a CSV of pixel hashes and their use; ``model_card`` is Markdown.
    """

    detector_onnx: bytes
    frames_seen: str
    model_card: str


def write_bundle(
    folder: Path,
    contents: Contents,
    detector: DetectorManifest,
    *,
    name: str,
    version: str,
    trained_on: tuple[Entry, ...],
    warm_start: tuple[Entry, ...],
    metrics: dict[str, Any],
) -> None:
    """Write every file of a bundle and its manifest, replacing what the folder held of them."""
    files = {
        detector.file: contents.detector_onnx,
        FRAMES_SEEN: contents.frames_seen.encode(),
        "MODEL_CARD.md": contents.model_card.encode(),
    }
    manifest = Manifest(
        format=FORMAT,
        name=name,
        version=version,
        licence="Apache-2.0",
        structures=STRUCTURES,
        detector=detector,
        trained_on=trained_on,
        warm_start=warm_start,
        metrics=metrics,
        files={},
    )
    write_files(folder, files, manifest)


def write_files(folder: Path, files: Mapping[str, bytes], manifest: Manifest) -> None:
    """Write files into a folder, and the manifest with the hash of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    hashed = replace(manifest, files={name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()})
    (folder / "manifest.json").write_text(json.dumps(asdict(hashed), indent=2) + "\n", encoding="utf-8")
