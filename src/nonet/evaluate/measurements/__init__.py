"""Measurements against what sonographers measured on the same frames, as the machine printed it."""

from __future__ import annotations

from nonet.evaluate.measurements.measurement_figures import measurement_figures
from nonet.evaluate.measurements.printed_readings import PrintedReading, read_printed
from nonet.evaluate.measurements.run_measurements import Compared, MeasurementRun, run_measurements

__all__ = ["Compared", "MeasurementRun", "PrintedReading", "measurement_figures", "read_printed", "run_measurements"]
