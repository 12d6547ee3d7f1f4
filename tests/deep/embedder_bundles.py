"""A bundle with an embedder for small crops that was trained on nothing beyond ImageNet."""

from dataclasses import replace
from pathlib import Path

from nonet.bundle import DEFAULT_BUNDLE, Bundle, EmbedderManifest
from nonet.bundle.write import write_files
from nonet.train.embedder.network import WIDTH

EMBEDDER = EmbedderManifest(
    family="efficientnet-lite0",
    file="embedder.onnx",
    input_width=64,
    input_height=32,
    margin=0.2,
    features=WIDTH,
    prefix="deep_",
    frames_seen="embedder_frames_seen.csv",
    trained_on=(),
    warm_start=(),
    metrics={},
)


def write_with(model: bytes, folder: Path, seen: tuple[str, ...]) -> Path:
    """The shipped bundle with an embedder in it."""
    shipped = Bundle(DEFAULT_BUNDLE)
    files = {name: shipped.file(name) for name in shipped.manifest.files}
    listed = "pixels_sha256,use\n" + "".join(f"{sha},trained\n" for sha in seen)
    files |= {EMBEDDER.file: model, EMBEDDER.frames_seen: listed.encode()}
    write_files(folder, files, replace(shipped.manifest, embedder=EMBEDDER))
    return folder
