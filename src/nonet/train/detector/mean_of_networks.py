"""The mean of two exported detectors of one form: of what training made, and of what it began with.

A network that was trained on from another lies near it, and on the way between the two what was learnt and what was
known before both hold (Wortsman et al. 2022, arXiv 2109.01903). An export has folded its normalisations into
convolutions, so that weights are averaged as they run.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from nonet.errors import TrainingError

__all__ = ["mean_of_networks"]


def mean_of_networks(trained: bytes, start: bytes, share: float) -> bytes:
    """A network whose weights lie between those of two.

    Parameters
    ----------
    trained
        ONNX, as `nonet.train.detector.export.export_detector` writes it: the graph that is kept.
    start
        Likewise, of the same trunk, head and input.
    share
        How much of each weight is that of ``start``, 0 to 1.

    Raises
    ------
    TrainingError
        If the two have not the same weights by name and shape.
    """
    mean = onnx.load_from_string(trained)
    begun = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load_from_string(start).graph.initializer}
    for tensor in mean.graph.initializer:
        own, other = numpy_helper.to_array(tensor), begun.pop(tensor.name, None)
        if other is None or other.shape != own.shape or other.dtype != own.dtype:
            raise _unlike(tensor.name)
        if own.dtype.kind == "f":
            between = (1 - share) * own.astype(np.float64) + share * other.astype(np.float64)
            tensor.CopyFrom(numpy_helper.from_array(between.astype(own.dtype), tensor.name))
    if begun:
        raise _unlike(next(iter(begun)))
    model: bytes = mean.SerializeToString()
    return model


def _unlike(name: str) -> TrainingError:
    return TrainingError(
        "Weights are shared with a start of the same trunk, head and input",
        found=f"{name} in one network alone, or of another shape",
        remedy="Leave start_share out of the recipe, or name a start of the same form",
    )
