"""Frames whose truth is known: a parametric head in millimetres, scanned by machines that differ."""

from nonet.simulate.devices import EXAMPLE_DEVICE, STUDY_DEVICES, TRAINING_DEVICES, Device
from nonet.simulate.edits.disguise import disguise
from nonet.simulate.graded_heads import GRADED_SEEDS, GradedHead, HeadSize, graded_head
from nonet.simulate.same_head import same_head
from nonet.simulate.simulated import EXAMPLE_SEEDS, TRAINING_SEEDS, Facing, Simulated, simulate, simulate_cine
from nonet.simulate.sweep import SWEEP_SEEDS, Sweep, SweepFrame, simulate_sweep

__all__ = [
    "EXAMPLE_DEVICE",
    "EXAMPLE_SEEDS",
    "GRADED_SEEDS",
    "STUDY_DEVICES",
    "SWEEP_SEEDS",
    "TRAINING_DEVICES",
    "TRAINING_SEEDS",
    "Device",
    "Facing",
    "GradedHead",
    "HeadSize",
    "Simulated",
    "Sweep",
    "SweepFrame",
    "disguise",
    "graded_head",
    "same_head",
    "simulate",
    "simulate_cine",
    "simulate_sweep",
]
