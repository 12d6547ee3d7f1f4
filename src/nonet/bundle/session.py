"""An onnxruntime session whose answers do not depend on the machine's load: fixed threads, one input at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from nonet.bundle.external_data import check_self_contained
from nonet.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["THREADS", "Session", "set_threads"]

THREADS = 2
"""Threads of one inference, whatever the number of cores, unless `set_threads` says otherwise."""

_threads = THREADS


def set_threads(count: int) -> None:
    """Let each session that is opened from now on use so many threads."""
    global _threads  # noqa: PLW0603 - a setting of the process, like onnxruntime's own
    _threads = count


class Session:
    """A network ready to run on the CPU.

    Parameters
    ----------
    model
        The ONNX model in memory; it holds its own weights.
    name
        What errors call it.
    sides
        Lengths of sides that the model leaves open, by name: onnxruntime plans ahead for them, and runs at no other.

    Attributes
    ----------
    inputs, outputs
        Their shapes, by name, in order; a side that is not fixed is a word or None.
    types
        The element type of each input, as onnxruntime writes it.

    Raises
    ------
    BundleError
        If the weights lie elsewhere, or onnxruntime cannot load the model.
    """

    def __init__(self, model: bytes, name: str, sides: Mapping[str, int] | None = None) -> None:
        check_self_contained(model, name)
        self.name = name
        self._session = _opened(model, name, sides or {})
        self.inputs: dict[str, list[Any]] = {one.name: one.shape for one in self._session.get_inputs()}
        self.outputs: dict[str, list[Any]] = {one.name: one.shape for one in self._session.get_outputs()}
        self.types: dict[str, str] = {one.name: one.type for one in self._session.get_inputs()}

    @property
    def metadata(self) -> dict[str, str]:
        """What the exporter wrote into the model."""
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    def run(self, feeds: dict[str, NDArray[Any]], outputs: Sequence[str] | None = None) -> list[NDArray[Any]]:
        """The outputs for some inputs: all of them, or those named.

        Raises
        ------
        BundleError
            If the network cannot be run on them, or what it gives is not finite.
        """
        try:
            found: list[NDArray[Any]] = self._session.run(outputs, feeds)
        except Exception as problem:
            raise BundleError(
                "A bundle's networks run on what they are given",
                found=f"{self.name}: {_first_line(problem)}",
                remedy="Export the bundle again",
            ) from problem
        if not all(np.isfinite(one).all() for one in found if one.dtype.kind == "f"):
            raise BundleError(
                "A bundle's networks give finite numbers",
                found=f"{self.name}: NaN or infinity",
                remedy="Train or export the network again",
            )
        return found

    def check_input(self, name: str, shape: Sequence[int]) -> None:
        """Compare an input with the shape that the manifest states.

        Raises
        ------
        BundleError
            If there is none of that name and shape.
        """
        found = self.inputs.get(name, [])
        fixed = [isinstance(side, int) for side in found]
        if len(found) != len(shape) or any(
            side != wanted for side, wanted, is_fixed in zip(found, shape, fixed, strict=True) if is_fixed
        ):
            raise BundleError(
                "A network takes the input that its manifest states",
                found=f"{self.name}: {self.inputs}, where the manifest states {name} {list(shape)}",
                remedy="Export network and manifest together",
            )


def _opened(model: bytes, name: str, sides: Mapping[str, int]) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a core that waits is left to others
    for side, length in sides.items():
        options.add_free_dimension_override_by_name(side, length)
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as problem:
        raise BundleError(
            "A bundle's networks are ONNX models that onnxruntime loads",
            found=f"{name}: {_first_line(problem)}",
            remedy="Export the bundle again, or update onnxruntime",
        ) from problem


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]
