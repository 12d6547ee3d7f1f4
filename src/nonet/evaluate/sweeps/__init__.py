"""How well frames near the midline are told from others, and the best one found, on sweeps whose planes are known."""

from __future__ import annotations

from nonet.evaluate.sweeps.read_sweep import MIDLINE_DEG, NEAREST, OUTSIDE_DEG, ReadSweep
from nonet.evaluate.sweeps.sweep_figures import sweep_figures
from nonet.evaluate.sweeps.sweep_json import sweeps_json, sweeps_table

__all__ = ["MIDLINE_DEG", "NEAREST", "OUTSIDE_DEG", "ReadSweep", "sweep_figures", "sweeps_json", "sweeps_table"]
