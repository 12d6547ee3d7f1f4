"""Sweeps of the probe through the midline of a head: frames whose distance from the midline is known."""

from nonet.simulate.sweep.simulated_sweep import SWEEP_SEEDS, Sweep, SweepFrame, simulate_sweep, sweep_seeds

__all__ = ["SWEEP_SEEDS", "Sweep", "SweepFrame", "simulate_sweep", "sweep_seeds"]
