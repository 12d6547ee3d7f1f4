"""An exported ONNX detector of one of the usual forms becomes a bundle that ``nonet read`` runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DetectorManifest, ImportedDetector, Layout, Manifest
from nonet.bundle.check_manifest import FORMAT
from nonet.bundle.session import Session
from nonet.bundle.write import write_files
from nonet.datasets.forms.yolo_names import class_names, names_in
from nonet.datasets.structure_names import structure_of
from nonet.errors import BundleError
from nonet.train.box_form import find_box_output

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["import_detector"]

_MODEL_FILE = "detector.onnx"
_MAX_BYTES = 512 << 20
_MAX_SIDE = 4096
_MAX_NAMES = 1 << 16
_CHANNELS = (1, 3)
_TYPES = {"tensor(float)": False, "tensor(float16)": True}
_EXPORT = "Export one detection model with a fixed input size to one ONNX file"


def import_detector(
    model: Path,
    out: Path,
    *,
    names: Path | None = None,
    name: str,
    version: str,
    licence: str,
    operating_point: float,
    padding: float,
) -> Manifest:
    """Write a bundle around an exported detector.

    Parameters
    ----------
    model
        ONNX file: input ``[1, 1 or 3, H, W]`` in 0 to 1, an output of one of the forms of `BoxForm`. The number
        of classes says which it is, and what the model gives for two images confirms it.
    out
        Folder for the bundle.
    names
        YAML file with ``names``, or text file with one class a line, for all classes; by default the names in
        the model's own metadata.
    name, version, licence
        What the bundle says of itself.
    operating_point
        Score from which every structure counts as visible.
    padding
        Grey, 0 to 1, that the model expects around a frame of another shape.

    Raises
    ------
    BundleError
        If the file is no such model, or none of its classes is one of the nine.
    """
    raw = _read(model)
    session = Session(raw, model.name)
    height, width, channels, half = _input(session)
    labels = class_names(names) if names else names_in(session.metadata.get("names", "")[:_MAX_NAMES])
    known = _classes(labels, model.name)
    found = find_box_output(session, max(labels) + 1, half=half)
    foreign = ImportedDetector(
        next(iter(session.inputs)), found.name, channels, padding, half, found.transposed, known, found.form
    )
    points = dict.fromkeys(STRUCTURES, operating_point)
    detector = DetectorManifest("imported", _MODEL_FILE, width, height, points, None, Layout.DENSE, foreign)
    source = {"name": f"imported from {model.name}", "classes": len(known)}
    manifest = Manifest(FORMAT, name, version, licence, STRUCTURES, detector, (), (source,), {}, {})
    write_files(out, {_MODEL_FILE: raw}, manifest)
    return manifest


def _read(model: Path) -> bytes:
    size = model.stat().st_size
    if size > _MAX_BYTES:
        raise BundleError(f"A model has at most {_MAX_BYTES} bytes", found=f"{model.name}: {size}", remedy=_EXPORT)
    return model.read_bytes()


def _input(session: Session) -> tuple[int, int, int, bool]:
    """Height, width, channels, and whether numbers are halves."""
    shape, kind = next(iter(session.inputs.values()), []), next(iter(session.types.values()), "")
    sides = [size for size in shape if isinstance(size, int)]
    fits = len(session.inputs) == 1 and len(shape) == len(sides) == 4 and sides[0] == 1 and sides[1] in _CHANNELS
    if not fits or not all(1 <= side <= _MAX_SIDE for side in sides[2:]) or kind not in _TYPES:
        raise BundleError(
            f"A detector has one input of [1, 1 or 3, H, W] floats, sides of at most {_MAX_SIDE}",
            found=f"{session.name}: {session.inputs} of {kind or 'nothing'}",
            remedy=_EXPORT,
        )
    return sides[2], sides[3], sides[1], _TYPES[kind]


def _classes(names: dict[int, str], model: str) -> dict[Structure, int]:
    """The class of each structure that has one; the first, where two have the same meaning."""
    known: dict[Structure, int] = {}
    for number, label in sorted(names.items()):
        structure = structure_of(label)
        if structure is not None:
            known.setdefault(structure, number)
    if not known:
        raise BundleError(
            "At least one class of a detector is one of the nine structures",
            found=f"{model}: classes named {list(names.values())[:12] or 'nothing'}",
            remedy="Name all of them with --names: one name a line, such as 'nasal bone', in their order",
        )
    return known
