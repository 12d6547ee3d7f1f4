"""An onnxruntime session whose answers do not depend on the machine's load: fixed threads, one input at a time."""

from __future__ import annotations

import onnxruntime

from nonet.errors import BundleError

__all__ = ["open_session"]

THREADS = 2
"""Threads of one inference, whatever the number of cores."""


def open_session(model: bytes, name: str) -> onnxruntime.InferenceSession:
    """A CPU session for an ONNX model in memory.

    Raises
    ------
    BundleError
        If onnxruntime cannot load the model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as problem:
        raise BundleError(
            "A bundle's networks are ONNX models that onnxruntime loads",
            found=f"{name}: {str(problem).splitlines()[0]}",
            remedy="Export the bundle again, or update onnxruntime",
        ) from problem
