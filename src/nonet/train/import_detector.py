"""An exported ONNX detector, in the layout that YOLO exports have, becomes a bundle that ``nonet read`` runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonet.anatomy import STRUCTURES, Structure
from nonet.bundle import DetectorManifest, ImportedDetector, Layout, Manifest
from nonet.bundle.session import open_session
from nonet.bundle.write import write_files
from nonet.datasets.forms.yolo_names import class_names, names_in
from nonet.datasets.structure_names import structure_of
from nonet.errors import BundleError

if TYPE_CHECKING:
    from pathlib import Path

    import onnxruntime

__all__ = ["import_detector"]

_MODEL_FILE = "detector.onnx"
_MAX_BYTES = 512 << 20
_MAX_SIDE = 4096
_MAX_NAMES = 1 << 16
_CHANNELS = (1, 3)
_BOX_ROWS = 4
_TYPES = {"tensor(float)": False, "tensor(float16)": True}
_EXPORT = "Export one detection model with a fixed input size, without non-maximum suppression, to one ONNX file"


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
        ONNX file: input ``[1, 1 or 3, H, W]`` in 0 to 1, output ``[1, 4 + classes, cells]`` or its
        transpose, with centre, width and height in input pixels and scores in 0 to 1.
    out
        Folder for the bundle.
    names
        YAML file with ``names``, or text file with one class a line; by default the model's own
        metadata tells the names.
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
    session = open_session(raw, model.name)
    height, width, channels, half = _input(session, model.name)
    output, classes, transposed = _output(session, model.name)
    known = _classes(_names(session, names), classes, model.name)
    outputs, fed = session.get_outputs()[output].name, session.get_inputs()[0].name
    foreign = ImportedDetector(fed, outputs, channels, padding, half, transposed, known)
    points = dict.fromkeys(STRUCTURES, operating_point)
    detector = DetectorManifest("imported", _MODEL_FILE, width, height, points, None, Layout.DENSE, foreign)
    source = {"name": f"imported from {model.name}", "classes": len(known)}
    manifest = Manifest(1, name, version, licence, STRUCTURES, detector, (), (source,), {}, {})
    write_files(out, {_MODEL_FILE: raw}, manifest)
    return manifest


def _read(model: Path) -> bytes:
    size = model.stat().st_size
    if size > _MAX_BYTES:
        raise BundleError(f"A model has at most {_MAX_BYTES} bytes", found=f"{model.name}: {size}", remedy=_EXPORT)
    return model.read_bytes()


def _input(session: onnxruntime.InferenceSession, name: str) -> tuple[int, int, int, bool]:
    """Height, width, channels, and whether numbers are halves."""
    inputs = session.get_inputs()
    shape = inputs[0].shape if inputs else []
    sides = [size for size in shape if isinstance(size, int)]
    fits = len(inputs) == 1 and len(shape) == len(sides) == 4 and sides[0] == 1 and sides[1] in _CHANNELS
    if not fits or not all(1 <= side <= _MAX_SIDE for side in sides[2:]) or inputs[0].type not in _TYPES:
        raise BundleError(
            f"A detector has one input of [1, 1 or 3, H, W] floats, sides of at most {_MAX_SIDE}",
            found=f"{name}: {', '.join(f'{each.name} {each.shape} {each.type}' for each in inputs)}",
            remedy=_EXPORT,
        )
    return sides[2], sides[3], sides[1], _TYPES[inputs[0].type]


def _output(session: onnxruntime.InferenceSession, name: str) -> tuple[int, int, bool]:
    """Which output holds the boxes, the number of classes, and whether a row is a cell."""
    for index, output in enumerate(session.get_outputs()):
        shape = output.shape
        if len(shape) == 3 and all(isinstance(size, int) for size in shape) and min(shape[1:]) > _BOX_ROWS:
            return index, min(shape[1:]) - _BOX_ROWS, shape[2] < shape[1]
    raise BundleError(
        "A detector's output is [1, 4 + classes, cells] or its transpose",
        found=f"{name}: {', '.join(f'{each.name} {each.shape}' for each in session.get_outputs())}",
        remedy=_EXPORT,
    )


def _names(session: onnxruntime.InferenceSession, names: Path | None) -> dict[int, str]:
    if names is not None:
        return class_names(names)
    return names_in(session.get_modelmeta().custom_metadata_map.get("names", "")[:_MAX_NAMES])


def _classes(names: dict[int, str], classes: int, model: str) -> dict[Structure, int]:
    """The class of each structure that has one; the first, where two have the same meaning."""
    known: dict[Structure, int] = {}
    for number, label in sorted(names.items()):
        structure = structure_of(label)
        if structure is not None and number < classes:
            known.setdefault(structure, number)
    if not known:
        raise BundleError(
            "At least one class of a detector is one of the nine structures",
            found=f"{model}: {classes} classes, named {list(names.values())[:12] or 'nothing'}",
            remedy="Name them with --names: one name a line, such as 'nasal bone', in their order",
        )
    return known
