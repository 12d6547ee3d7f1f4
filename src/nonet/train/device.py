"""Where a network trains: on the processor, or on a GPU where PyTorch finds one."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

from nonet.errors import TrainingError

if TYPE_CHECKING:
    import torch

__all__ = ["DeviceChoice", "batches_ahead", "training_device"]

_MOST_AHEAD = 12


class DeviceChoice(StrEnum):
    """What a command is told."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def training_device(choice: DeviceChoice = DeviceChoice.AUTO) -> torch.device:
    """The device that a choice means here: a GPU where there is one, unless the processor is asked for.

    Raises
    ------
    TrainingError
        If a GPU is asked for, and PyTorch finds none.
    """
    import torch

    found = torch.cuda.is_available()
    if choice is DeviceChoice.CUDA and not found:
        raise TrainingError(
            "--device cuda needs a GPU that PyTorch can use",
            found=f"none; PyTorch {torch.__version__}",
            remedy="Leave out --device, or install PyTorch for your GPU",
        )
    return torch.device("cuda" if found and choice is not DeviceChoice.CPU else "cpu")


def batches_ahead(device: torch.device) -> int:
    """How many batches are prepared beside a step: one where the processor trains, one a core for a GPU."""
    return 1 if device.type == "cpu" else max(1, min(os.cpu_count() or 1, _MOST_AHEAD))
